//! The chapters of the book in `docs/`, whose examples are compiled and run as doctests.

macro_rules! chapters {
    ($($name:ident: $path:literal),* $(,)?) => {
        $(#[doc = include_str!(concat!("../docs/", $path))] mod $name {})*
    };
}

chapters! {
    introduction: "introduction.md",
    start_api: "start/api.md",
    start_images: "start/images.md",
    start_chatbot: "start/chatbot.md",
    start_iot: "start/iot.md",
    concepts: "concepts.md",
    trigger_http: "triggers/http.md",
    trigger_invoke: "triggers/invoke.md",
    trigger_queue: "triggers/queue.md",
    trigger_topic: "triggers/topic.md",
    trigger_stream: "triggers/stream.md",
    trigger_storage: "triggers/storage.md",
    trigger_schedule: "triggers/schedule.md",
    trigger_event: "triggers/event.md",
    trigger_changes: "triggers/changes.md",
    http_cookbook: "http-cookbook.md",
    testing: "testing.md",
    production: "production.md",
    coming_from_axum: "coming-from/axum.md",
    coming_from_lambda_http: "coming-from/lambda-http.md",
    coming_from_powertools: "coming-from/powertools.md",
    coming_from_functions_framework: "coming-from/functions-framework.md",
    coming_from_serverless_framework: "coming-from/serverless-framework.md",
    aws: "aws.md",
}
