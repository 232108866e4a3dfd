//! What is secret is in no log line, no span, no reply to an event, no `{:?}`, and no note: headers, query strings, payloads, and the values of
//! settings, whether a request succeeds or fails in any way.

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
};

use axum::Form;
use bytes::Bytes;
use http::{Request, header};
use omnifn::{prelude::*, webhook::Webhook};
use omnifn_core::{Env, Event, Inverse, Payload, Peer, Secret, Settings, event::Class};
use omnifn_runtime::dispatch::Dispatch;
use tracing_subscriber::{fmt::format::FmtSpan, layer::SubscriberExt};

use crate::support::{block_on, private, whole};

/// In every secret text of a client.
const SECRET: &str = "hunter2";

/// A secret of the program's own, which is in its state.
const KEY: &str = "correct-horse";

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Order {
    count: u32,
    kind: Kind,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Book,
}

#[derive(Debug, Clone)]
struct Keys(#[allow(dead_code, reason = "it is shown by `{:?}`")] Secret);

#[function(post = "/order")]
async fn order(Json(_): Json<Order>) {}

#[function(post = "/query")]
async fn query(Query(_): Query<Order>) {}

#[function(post = "/form")]
async fn form(Form(_): Form<Order>) {}

/// Its causes go to the log, and the log shows the `{:?}` of the state, of a context, and of a request's head.
#[function(post = "/fail", secret = "API_KEY")]
async fn fail(context: Context, State(keys): State<Keys>) -> Result<()> {
    Err(Error::msg("the shop is closed").with_source(format!("{keys:?} {context:?}")))
}

#[function(post = "/panic")]
async fn panics(State(keys): State<Keys>) {
    panic!("{keys:?}")
}

#[function(invoke)]
async fn invoke(Json(_): Json<Order>) {}

#[function(queue = "a")]
async fn queue(_: Message<Order>) {}

#[function(topic = "a")]
async fn topic(_: Message<Order>) {}

#[function(stream = "a")]
async fn stream(_: Message<Order>) {}

#[function(storage = "a", on(created), prefix = "in/")]
async fn storage(_: Object) -> Result<()> {
    Err(Error::retry("the shop is closed"))
}

#[function(schedule = "0 3 * * *")]
async fn schedule(tick: Tick) -> Result<()> {
    tick.input::<Order>().map(drop)
}

#[function(event = "a")]
async fn event(_: CloudEvent<Order>) {}

#[function(changes = "a")]
async fn changes(_: Change<Order>) {}

/// Everything that is logged on this thread, with the fields of all spans when they open and close.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn while_running(run: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_span_events(FmtSpan::FULL);
        let subscriber = tracing_subscriber::registry().with(layer.with_writer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, run);
        let bytes = log.0.lock().expect("the log").clone();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Contents that are not an [`Order`], each in another way.
const PAYLOADS: [&str; 12] = [
    r#"{"card": "hunter2"}"#,
    r#"{"hunter2": 1}"#,
    r#"{"count": "hunter2", "kind": "book"}"#,
    r#"{"count": 1, "kind": "hunter2"}"#,
    r#"{"count": 1, "kind": {"hunter2": null}}"#,
    r#"["hunter2"]"#,
    r#""hunter2""#,
    r#"{"count": hunter2}"#,
    r#"{"count": 1, "kind": "book"} hunter2"#,
    r#"{"count": 1, "hunter2"#,
    "hunter2",
    "hunter2\u{0}\n\"",
];

fn events(class: Class, payload: &'static str) -> Event {
    match class {
        Class::Storage => {
            let mut object = Object::created("a", "in/cat.jpg");
            object.metadata.insert("note".to_owned(), payload.to_owned());
            object.into()
        }
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.input = Bytes::from_static(payload.as_bytes());
            tick.into()
        }
        Class::Event => {
            let mut event = CloudEvent::new("1", "/a", "a", Bytes::from_static(payload.as_bytes()));
            event.data_content_type = Some("application/json".to_owned());
            event.extensions.insert("token".to_owned(), SECRET.to_owned());
            event.into()
        }
        Class::Changes => {
            let new = serde_json::from_str(payload).unwrap_or_else(|_| serde_json::json!({"card": payload}));
            let new = if new.is_object() { new } else { serde_json::json!({"card": new}) };
            Change::new(ChangeKind::Updated, None, Some(new)).into()
        }
        _ => {
            let mut message = Message::new(Bytes::from_static(payload.as_bytes()));
            message.id = Some("1".to_owned());
            message.attributes.insert("token".to_owned(), SECRET.to_owned());
            message.into()
        }
    }
}

fn request(path: &str, payload: &'static str, media_type: &str) -> Request<Bytes> {
    Request::post(format!("{path}?token=hunter2&count=hunter2"))
        .header(header::HOST, "app.example")
        .header(header::CONTENT_TYPE, media_type)
        .header(header::AUTHORIZATION, "Bearer hunter2")
        .header(header::COOKIE, "session=hunter2")
        .header("x-api-key", SECRET)
        .header("x-functions-key", SECRET)
        .body(Bytes::from_static(payload.as_bytes()))
        .expect("a request")
}

/// Sends what fails in each way through each shape. Returns all that was logged and answered.
fn told<A: Inverse>(new: impl Fn(&dyn Settings) -> A) -> (String, usize) {
    let (mut replies, mut outcomes) = (String::new(), String::new());
    let mut count = 0;
    let log = Log::while_running(|| {
        let all = || {
            omnifn::app!(
                order, query, form, fail, panics, invoke, queue, topic, stream, storage, schedule, event, changes
            )
            .state(Keys(Secret::from(KEY)))
        };
        let dispatch =
            Dispatch::new(new(&private), all().only("order,query,form,fail,panics").router().expect("an app"));
        let mut answer = |what: String, dispatch: &Dispatch<A>, mut message: Request<Bytes>| {
            message.extensions_mut().insert(Peer(([192, 0, 2, 9], 50_000).into()));
            let reply = block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await });
            count += 1;
            let is_event = !what.contains(", /") && !what.ends_with(" invoke");
            let told = if is_event { &mut outcomes } else { &mut replies };
            writeln!(told, "{what}: {reply:?} {}", String::from_utf8_lossy(reply.body())).expect("a string");
        };
        for shape in A::shapes() {
            for path in ["/order", "/query", "/form", "/fail", "/panic", "/nowhere"] {
                for payload in PAYLOADS {
                    for media_type in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
                        let request = request(path, payload, media_type);
                        if let Ok(message) = dispatch.adapter().write(shape, request) {
                            answer(format!("{shape}, {path}"), &dispatch, message);
                        }
                    }
                }
            }
        }
        for function in ["invoke", "queue", "topic", "stream", "storage", "schedule", "event", "changes"] {
            let dispatch = Dispatch::new(new(&private), all().only(function).router().expect("an app"));
            let spec = dispatch.router().functions().named(function).expect("the function");
            let shapes = if function == "invoke" { A::invoke_shapes() } else { A::event_shapes(spec.class()) };
            for shape in shapes {
                for payload in PAYLOADS {
                    let message = match spec.class() {
                        Class::Invoke => {
                            dispatch.adapter().write_invocation(shape, spec, Bytes::from_static(payload.as_bytes()))
                        }
                        class => dispatch.adapter().write_events(shape, spec, vec![events(class, payload)]),
                    };
                    if let Ok(message) = message {
                        answer(format!("{shape} {function}"), &dispatch, message);
                    }
                }
            }
        }
    });
    assert!(log.contains("the shop is closed") && log.contains("Panicked"), "the log is captured: {log}");
    for secret in [SECRET, KEY] {
        assert!(!log.contains(secret), "in the log: {}", around(&log, secret));
        // Platforms log what is replied to events.
        assert!(!outcomes.contains(secret), "in the reply to an event: {}", around(&outcomes, secret));
    }
    // A caller learns what is wrong with its own payload, and no secret of the program.
    assert!(!replies.contains(KEY), "in a reply: {}", around(&replies, KEY));
    (log, count)
}

fn around(text: &str, secret: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| line.contains(secret)).take(5).collect();
    lines.join("\n")
}

#[test]
fn aws() {
    let (log, count) = told(omnifn_aws::Aws::new);
    assert!(count > 1_000 && log.len() > 100_000, "{count} messages");
}

#[test]
fn google_cloud() {
    assert!(told(omnifn_gcp::Gcp::new).1 > 300);
}

#[test]
fn azure() {
    assert!(told(omnifn_azure::Azure::new).1 > 300);
}

#[test]
fn local() {
    assert!(told(omnifn_local::Local::new).1 > 300);
}

#[test]
fn no_debug_output_shows_a_secret() {
    let env = Env::of([("API_KEY", SECRET), ("COUNT", SECRET)]);
    let secret = env.secret("API_KEY").expect("it is set");
    assert_eq!(secret.expose(), SECRET);
    let mut shown = format!("{secret:?} {secret} {env:?}");
    for webhook in [Webhook::github(SECRET), Webhook::slack(SECRET), Webhook::stripe(SECRET).or_secret("hunter2")] {
        write!(shown, "{webhook:?}").expect("a string");
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Config {
        count: u32,
    }
    let error = env.config::<Config>().expect_err("it is no number");
    write!(shown, "{error} {error:?}").expect("a string");
    let app = omnifn::app!(fail).state(Keys(secret));
    write!(shown, "{app:?}").expect("a string");
    assert!(!shown.contains(SECRET), "{shown}");
}

/// The note in the binary has the name of a secret, by which a template refers to it.
#[test]
fn a_note_has_names_and_no_values() {
    let note = <fail as omnifn::Function>::SPEC.to_json();
    assert!(note.contains("API_KEY") && !note.contains(SECRET), "{note}");
}
