//! The Runtime API that users' tests have, against an app on its loop: replies, failures, a start that fails, a time that is over.

use std::time::Duration;

use omnifn::{
    prelude::*,
    testing::{RuntimeApi, Testing},
};

#[function(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>, ctx: Context) -> String {
    format!("Hello, {name}, from {}, {}!", ctx.provider(), ctx.remaining().is_some())
}

#[function(get = "/slow")]
async fn slow() {
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

/// It cannot be cancelled.
#[function(get = "/busy")]
async fn busy() {
    std::thread::sleep(Duration::from_secs(2));
}

#[function(queue = "orders")]
async fn settle(order: Message<u32>) -> Result<()> {
    if order.body == 99 {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    assert!(order.body != 13, "on purpose");
    if order.body == 0 { Err(Error::reject("the order is empty")) } else { Ok(()) }
}

#[function(schedule = "0 3 * * *")]
async fn nightly(tick: Tick) -> Result<()> {
    let input: serde_json::Value = tick.input()?;
    if input == "fail" { Err(Error::retry("as the input asks")) } else { Ok(()) }
}

fn app() -> App {
    omnifn::app!(hello, slow, busy, settle)
}

fn request(path: &str) -> String {
    let http = format!(r#"{{"method":"GET","path":"{path}","sourceIp":"203.0.113.7"}}"#);
    format!(
        r#"{{"version":"2.0","rawPath":"{path}","rawQueryString":"","headers":{{}},"isBase64Encoded":false,
            "requestContext":{{"http":{http},"stage":"$default"}}}}"#
    )
}

/// A batch of SQS, whose ids count from one.
fn messages(bodies: &[&str]) -> String {
    let message = |(i, body): (usize, &&str)| {
        format!(
            r#"{{"messageId":"{}","body":"{body}","eventSource":"aws:sqs",
                "eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:orders"}}"#,
            i + 1
        )
    };
    let records = bodies.iter().enumerate().map(message).collect::<Vec<_>>().join(",");
    format!(r#"{{"Records":[{records}]}}"#)
}

#[tokio::test]
async fn replies_and_failures() {
    let lambda = Testing::new(app).lambda().expect("a port");
    let reply: serde_json::Value =
        serde_json::from_slice(&lambda.invoke(request("/hello/world")).await.expect("a reply")).expect("JSON");
    assert_eq!((&reply["statusCode"], &reply["body"]), (&200.into(), &"Hello, world, from aws, true!".into()));

    let reply = lambda.invoke(messages(&["7", "0", "13", "tea"])).await.expect("a reply");
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"3"},{"itemIdentifier":"4"}]}"#;
    assert_eq!(reply, failed);

    // If all fail, so does the invocation, because not every mapping reads the names.
    let error = lambda.invoke(messages(&["0", "13"])).await.expect_err("a failure");
    assert!(error.error_message.starts_with("2 of 2 records failed"), "{error}");

    let error = lambda.invoke("no JSON").await.expect_err("a failure");
    assert_eq!(error.error_type, "Runtime.DecodeError", "{error}");
    assert!(lambda.invoke(request("/hello/again")).await.is_ok(), "it lives");
}

/// Whoever invokes at once is answered one after another, each with its own reply.
#[tokio::test]
async fn many_at_once() {
    let lambda = Testing::new(app).lambda().expect("a port");
    let all: Vec<_> = (0..50).map(|i| lambda.invoke(request(&format!("/hello/{i}")))).collect();
    for (i, reply) in futures_util::future::join_all(all).await.into_iter().enumerate() {
        let reply = String::from_utf8(reply.expect("a reply").to_vec()).expect("text");
        assert!(reply.contains(&format!("Hello, {i}, ")), "{i}: {reply}");
    }
}

#[tokio::test]
async fn a_time_that_is_over() {
    let api = RuntimeApi::start().expect("a port").with_timeout(Duration::from_millis(50));
    // No event is polled, so no function has started.
    let waiting = tokio::time::timeout(Duration::from_millis(100), api.invoke("{}"));
    assert!(waiting.await.is_err(), "the time begins when the function has the event");
    let lambda = api.with_app(omnifn::aws::Aws::new(&|_: &str| None), app()).expect("a thread");
    let error = lambda.invoke(request("/busy")).await.expect_err("a failure");
    assert_eq!(error.error_type, "Sandbox.Timedout");
}

/// A function is cancelled before the platform ends it: the caller is answered, and of a batch that alone comes again which was
/// not done.
#[tokio::test]
async fn a_function_is_cancelled_in_time() {
    let api = RuntimeApi::start().expect("a port").with_timeout(Duration::from_secs(3));
    // As much time as a busy machine may need for the answer.
    let app = app().deadline_margin(Duration::from_secs(1));
    let lambda = api.with_app(omnifn::aws::Aws::new(&|_: &str| None), app).expect("a thread");
    let reply = lambda.invoke(request("/slow")).await.expect("a reply");
    let reply: serde_json::Value = serde_json::from_slice(&reply).expect("JSON");
    assert_eq!(reply["statusCode"], 504);
    let reply = lambda.invoke(messages(&["7", "99", "8"])).await.expect("a reply");
    assert_eq!(reply, r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#);
    assert!(lambda.invoke(request("/hello/again")).await.is_ok(), "it lives");
}

#[tokio::test]
async fn a_start_that_fails() {
    let lambda = Testing::new(|| app().state_from(|| async { Err::<u8, _>(Error::retry("the database is away")) }));
    let lambda = lambda.lambda().expect("a port");
    for _ in 0..2 {
        let error = lambda.invoke(request("/hello/world")).await.expect_err("a failure");
        assert!(error.error_message.contains("the database is away"), "{error}");
    }
}

/// The input of a schedule is any JSON, so a program with other functions refuses to start until one is selected.
#[tokio::test]
async fn an_ambiguous_program_does_not_start() {
    let mixed = || omnifn::app!(hello, nightly);
    let lambda = Testing::new(mixed).lambda().expect("a port");
    let like_a_request = r#"{"httpMethod":"GET","path":"/hello/world","requestContext":{"x":1}}"#;
    let error = lambda.invoke(like_a_request).await.expect_err("a failure");
    assert!(error.error_message.contains("`nightly`") && error.error_message.contains("OMNIFN_FUNCTION"), "{error}");

    let lambda = Testing::new(move || mixed().only("nightly")).lambda().expect("a port");
    assert_eq!(lambda.invoke(like_a_request).await.expect("a reply"), "null");
    assert_eq!(lambda.invoke(r#"{"Records":[]}"#).await.expect("a reply"), "null");
    let error = lambda.invoke("\"fail\"").await.expect_err("a failure");
    assert_eq!(error.error_message, "as the input asks");

    let lambda = Testing::new(move || mixed().only("hello")).lambda().expect("a port");
    assert!(lambda.invoke(request("/hello/world")).await.is_ok());
}
