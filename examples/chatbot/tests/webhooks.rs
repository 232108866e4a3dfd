//! The webhooks, through every provider: signed requests are answered, and all others are rejected.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chatbot::{Callers, connect, github, slack};
use http::Request;
use omnifn::{App, Env, testing::Testing, webhook::Webhook};

const SLACK: &str = "slack's secret";
const GITHUB: &str = "GitHub's secret";

fn app() -> App {
    omnifn::app!(slack::command, github::webhook)
        .state(Callers { slack: Webhook::slack(SLACK), github: Webhook::github(GITHUB) })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs()
}

fn command(secret: &str, timestamp: &str, text: &str) -> Request<Bytes> {
    let body = format!("token=x&command=%2Froll&text={text}&user_name=ada");
    let request = Request::post("/slack/commands")
        .header("host", "bot.example.com")
        .header("content-type", "application/x-www-form-urlencoded");
    let mut request = request.body(Bytes::from(body)).expect("a request");
    let at = timestamp.parse().map_or(UNIX_EPOCH, |seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    let signed = Webhook::slack(secret).sign(request.body(), at);
    request.headers_mut().extend(signed);
    request
}

async fn everywhere(request: impl Fn() -> Request<Bytes>, status: u16, words: &str) {
    let answers = Testing::new(app).request_everywhere(request).await;
    assert!(answers.len() > 10, "{} shapes", answers.len());
    for answered in answers {
        let response = answered.response.unwrap_or_else(|e| panic!("{}, {}: {e}", answered.provider, answered.shape));
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status().as_u16(), status, "{}, {}: {text}", answered.provider, answered.shape);
        assert!(text.contains(words), "{}, {}: {text}", answered.provider, answered.shape);
    }
}

#[tokio::test]
async fn a_slash_command() {
    let timestamp = now().to_string();
    everywhere(|| command(SLACK, &timestamp, "2d6"), 200, "ada rolls 2d6: ").await;
    everywhere(|| command(SLACK, &timestamp, "dice"), 200, "write `/roll 2d6`").await;
    everywhere(|| command(SLACK, &timestamp, "999d6"), 200, "ephemeral").await;
}

#[tokio::test]
async fn unsigned_requests_are_rejected() {
    let timestamp = now().to_string();
    everywhere(|| command("another secret", &timestamp, "2d6"), 401, "invalid signature").await;
    for old in [(now() - 301).to_string(), (now() + 400).to_string(), "soon".to_owned()] {
        everywhere(|| command(SLACK, &old, "2d6"), 401, "the request is too old").await;
    }
    let unsigned = || {
        let mut request = command(SLACK, &timestamp, "2d6");
        request.headers_mut().remove("x-slack-signature");
        request
    };
    everywhere(unsigned, 401, "the header `x-slack-signature` is missing").await;
    let changed = || command(SLACK, &timestamp, "2d6").map(|_| Bytes::from("command=%2Froll&text=1d2&user_name=eve"));
    everywhere(changed, 401, "invalid signature").await;
}

fn event(kind: &'static str, body: &'static str) -> impl Fn() -> Request<Bytes> {
    move || {
        let signed = Webhook::github(GITHUB).sign(body.as_bytes(), UNIX_EPOCH);
        let mut request = Request::post("/github/webhook")
            .header("host", "bot.example.com")
            .header("content-type", "application/json")
            .header("x-github-event", kind)
            .body(Bytes::from(body))
            .expect("a request");
        request.headers_mut().extend(signed);
        request
    }
}

#[tokio::test]
async fn events_of_a_repository() {
    everywhere(event("ping", r#"{"zen": "Keep it simple"}"#), 200, "pong").await;
    let opened = r#"{"action": "opened", "issue": {"number": 7, "user": {"login": "grüße"}}}"#;
    everywhere(event("issues", opened), 200, "thank you for #7, @grüße").await;
    everywhere(event("push", "{}"), 202, "nothing to say").await;
    everywhere(event("issues", "{"), 400, "this is not a GitHub event").await;
}

/// The secrets come from the environment; without a secret, every request is rejected.
#[tokio::test]
async fn a_bot_without_secrets_rejects_every_request() {
    let signed = || command("", &now().to_string(), "2d6");
    for env in [Env::of([("GITHUB_WEBHOOK_SECRET", "x")]), Env::of([("SLACK_SIGNING_SECRET", "another")])] {
        let testing = Testing::new(|| omnifn::app!(slack::command, github::webhook; state = connect)).with_env(env);
        for answered in testing.request_everywhere(signed).await {
            assert_eq!(
                answered.response.expect("an answer").status(),
                401,
                "{}, {}",
                answered.provider,
                answered.shape
            );
        }
    }
}
