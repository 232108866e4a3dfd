//! The webhooks, through every provider: who signs is answered, nobody else is.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chatbot::{Secrets, github, signature::sign, slack};
use http::Request;
use omnifn::{App, testing::Testing};

const SLACK: &str = "slack's secret";
const GITHUB: &str = "GitHub's secret";

fn app() -> App {
    omnifn::app!(slack::command, github::webhook).state(Secrets { slack: SLACK.into(), github: GITHUB.into() })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs()
}

fn command(secret: &str, timestamp: &str, text: &str) -> Request<Bytes> {
    let body = format!("token=x&command=%2Froll&text={text}&user_name=ada");
    let signature = sign(secret, &[b"v0:", timestamp.as_bytes(), b":", body.as_bytes()]);
    Request::post("/slack/commands")
        .header("host", "bot.example.com")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-slack-request-timestamp", timestamp)
        .header("x-slack-signature", format!("v0={signature}"))
        .body(body.into())
        .expect("a request")
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
async fn nobody_else_is_answered() {
    let timestamp = now().to_string();
    everywhere(|| command("another secret", &timestamp, "2d6"), 401, "the signature is not right").await;
    for old in [(now() - 301).to_string(), (now() + 400).to_string(), "soon".to_owned()] {
        everywhere(|| command(SLACK, &old, "2d6"), 401, "the request is too old").await;
    }
    let unsigned = || {
        let mut request = command(SLACK, &timestamp, "2d6");
        request.headers_mut().remove("x-slack-signature");
        request
    };
    everywhere(unsigned, 401, "the signature is not right").await;
    let changed = || command(SLACK, &timestamp, "2d6").map(|_| Bytes::from("command=%2Froll&text=1d2&user_name=eve"));
    everywhere(changed, 401, "the signature is not right").await;
}

fn event(kind: &'static str, body: &'static str) -> impl Fn() -> Request<Bytes> {
    move || {
        let signature = sign(GITHUB, &[body.as_bytes()]);
        Request::post("/github/webhook")
            .header("host", "bot.example.com")
            .header("content-type", "application/json")
            .header("x-github-event", kind)
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(Bytes::from(body))
            .expect("a request")
    }
}

#[tokio::test]
async fn events_of_a_repository() {
    everywhere(event("ping", r#"{"zen": "Keep it simple"}"#), 200, "pong").await;
    let opened = r#"{"action": "opened", "issue": {"number": 7, "user": {"login": "grüße"}}}"#;
    everywhere(event("issues", opened), 200, "thank you for #7, @grüße").await;
    everywhere(event("push", "{}"), 202, "nothing to say").await;
    everywhere(event("issues", "{"), 400, "this is no event of GitHub").await;
}

/// The example of Slack's own documentation.
#[test]
fn slacks_own_signature() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = sign("8f742231b10e8888abcd99yyyzzz85a5", &[b"v0:", b"1531420618", b":", body.as_bytes()]);
    assert_eq!(signature, "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
}
