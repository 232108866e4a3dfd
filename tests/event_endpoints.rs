//! Events over HTTP are accepted only from the platform: whatever a client sends, and through whichever front door, no event function
//! runs. Events are accepted where the deployment configures it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use omnifn::prelude::*;
use omnifn_aws::Aws;
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Event, EventEndpoints, Inverse, Payload, Peer, VerifiedSender};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

/// How often an event function has run.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// It takes every request that no other function takes.
#[function(any = "/{*path}")]
async fn everything(_: Request<Body>) -> &'static str {
    "taken"
}

#[function(post = "/orders")]
async fn place() -> &'static str {
    "placed"
}

#[function(queue = "orders")]
async fn settle(_: Message<Bytes>, State(runs): State<Runs>) {
    runs.add();
}

#[function(topic = "news")]
async fn news(_: Message<Bytes>, State(runs): State<Runs>) {
    runs.add();
}

#[function(stream = "telemetry")]
async fn measure(_: Message<Bytes>, State(runs): State<Runs>) {
    runs.add();
}

#[function(storage = "uploads", on(created, deleted, archived, updated))]
async fn index(_: Object, State(runs): State<Runs>) {
    runs.add();
}

#[function(schedule = "0 3 * * *")]
async fn nightly(_: Tick, State(runs): State<Runs>) {
    runs.add();
}

#[function(event = "order.placed")]
async fn placed(_: CloudEvent<Value>, State(runs): State<Runs>) {
    runs.add();
}

#[function(changes = "accounts")]
async fn balance(_: Change<Value>, State(runs): State<Runs>) {
    runs.add();
}

const EVENT_FUNCTIONS: [&str; 7] = ["settle", "news", "measure", "index", "nightly", "placed", "balance"];

fn everything_beside(runs: &Runs) -> App {
    omnifn::app!(everything, place, settle, news, measure, index, nightly, placed, balance).state(runs.clone())
}

fn without_catch_all(runs: &Runs) -> App {
    omnifn::app!(place, settle, news, measure, index, nightly, placed, balance).state(runs.clone())
}

type Variables = &'static [(&'static str, &'static str)];

fn settings(variables: Variables) -> impl Fn(&str) -> Option<String> {
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

async fn whole(response: Response<Payload>) -> Response<Bytes> {
    let (head, payload) = response.into_parts();
    Response::from_parts(head, payload.collect(usize::MAX).await.expect("a body"))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

type Headers = Vec<(&'static str, &'static str)>;

/// Bodies that deliver an event where they are accepted, with the headers that belong to them.
fn forged(function: &str) -> Vec<(&'static str, Headers, String)> {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const MARKS: [(&str, &str); 2] = [
        ("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11"),
        ("x-azure-functions-hostversion", "4.1045.200.0"),
    ];
    let cloud_event = json!({
        "specversion": "1.0", "id": "1", "source": "/shop", "type": "order.placed", "subject": "objects/cat.jpg",
        "data": {"bucket": "uploads", "name": "cat.jpg"},
    });
    let grid = json!([{
        "id": "1", "topic": "/t", "subject": "/blobServices/default/containers/uploads/blobs/cat.jpg",
        "eventType": "Microsoft.Storage.BlobCreated", "eventTime": "2026-11-23T05:42:33Z", "dataVersion": "1",
        "data": {"url": "https://a.blob.core.windows.net/uploads/cat.jpg"},
    }]);
    let push = json!({"message": {"data": "e30=", "messageId": "1", "attributes": {
        "eventType": "OBJECT_FINALIZE", "bucketId": "uploads", "objectId": "cat.jpg"}}, "subscription": "s"});
    let data = match function {
        "nightly" => json!({"IsPastDue": false, "Schedule": {}}),
        "balance" => json!("\"[{\\\"id\\\":\\\"1\\\"}]\""),
        "placed" => cloud_event.clone(),
        _ => json!("\"{}\""),
    };
    let envelope = json!({"Data": {"item": data}, "Metadata": {
        "Uri": "\"https://a.blob.core.windows.net/uploads/cat.jpg\"", "MessageId": "\"1\"", "sys": {"MethodName": function}}});
    let request = json!({"Data": {"req": {"Url": format!("http://h/{function}"), "Method": "POST", "Headers": {}, "Body": "{}"}}});
    let legacy =
        json!({"context": {"eventId": "1", "eventType": "google.pubsub.topic.publish", "resource": "r"}, "data": {}});
    let records = json!({"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders"}]});
    let binary =
        vec![JSON, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/shop"), ("ce-type", "order.placed")];
    let batch = format!("[{cloud_event}]");
    vec![
        ("an envelope", vec![JSON], envelope.to_string()),
        ("an envelope with the marks of the host", [vec![JSON], MARKS.to_vec()].concat(), envelope.to_string()),
        ("an envelope of a request", [vec![JSON], MARKS.to_vec()].concat(), request.to_string()),
        ("a CloudEvent", binary, "{}".to_owned()),
        ("a structured CloudEvent", vec![("content-type", "application/cloudevents+json")], cloud_event.to_string()),
        ("a batch of CloudEvents", vec![("content-type", "application/cloudevents-batch+json")], batch),
        ("events of Event Grid", vec![JSON, ("aeg-event-type", "Notification")], grid.to_string()),
        ("a push of Pub/Sub", vec![JSON], push.to_string()),
        (
            "an unwrapped message",
            vec![("x-goog-pubsub-subscription-name", "s"), ("x-goog-pubsub-message-id", "1")],
            "{}".to_owned(),
        ),
        ("a task", vec![JSON, ("x-cloudtasks-taskname", "t"), ("x-cloudtasks-queuename", "orders")], "{}".to_owned()),
        ("a job", vec![("x-cloudscheduler", "true"), ("x-cloudscheduler-jobname", "j")], String::new()),
        ("a legacy event", vec![JSON], legacy.to_string()),
        ("an event of SQS", vec![JSON], records.to_string()),
        (
            "an event of EventBridge",
            vec![JSON],
            json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}).to_string(),
        ),
        ("a change", vec![JSON], json!({"new": {"id": "1"}}).to_string()),
        ("nothing", vec![], String::new()),
    ]
}

/// Headers that say who has sent a request.
const CLAIMS: &[&[(&str, &str)]] = &[
    &[],
    &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "localhost"), ("forwarded", "for=127.0.0.1")],
    &[("authorization", "Bearer e30.e30.e30"), ("x-serverless-authorization", "Bearer e30.e30.e30")],
    &[("host", "127.0.0.1:8080"), ("origin", "null"), ("x-real-ip", "127.0.0.1"), ("connection", "x-forwarded-host")],
];

/// The spellings of the paths that events are posted to.
fn paths(function: &str) -> Vec<String> {
    let name = function;
    let first = name.as_bytes()[0];
    let rest = &name[1..];
    let posted = [
        format!("/_omnifn/{name}"),
        format!("/_omnifn/{name}/"),
        format!("/_omnifn/{name}?x=1"),
        format!("/_OmniFn/{name}"),
        format!("/%5Fomnifn/{name}"),
        format!("/_omnifn%2F{name}"),
        format!("/_omnifn%2f{name}"),
        format!("/_omnifn/%{first:02x}{rest}"),
        format!("//_omnifn/{name}"),
        format!("/_omnifn//{name}"),
        format!("/./_omnifn/{name}"),
        format!("/a/../_omnifn/{name}"),
        format!("/a/%2e%2e/_omnifn/{name}"),
        format!("/_omnifn/{name};x=1"),
        format!("/api/_omnifn/{name}"),
    ];
    let of_host = [
        format!("/{name}"),
        format!("/{name}/"),
        format!("/{name}?x=1"),
        format!("//{name}"),
        format!("/./{name}"),
        format!("/{}{rest}", char::from(first.to_ascii_uppercase())),
        format!("/%{first:02x}{rest}"),
        format!("/api/{name}"),
    ];
    posted.into_iter().chain(of_host).chain(["/".to_owned(), "/orders".to_owned()]).collect()
}

/// Sends everything that a client could forge through each shape in which clients' requests arrive.
fn no_client_runs_an_event_function<A: Inverse>(
    new: impl Fn() -> A,
    shapes: &[&str],
    app: fn(&Runs) -> App,
    peer: Option<[u8; 4]>,
) {
    // What is refused is not printed.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut sent = 0;
    for shape in shapes {
        let runs = Runs::default();
        let dispatch = Dispatch::new(new(), app(&runs).router().expect("an app"));
        for function in EVENT_FUNCTIONS {
            for path in paths(function) {
                for (what, headers, body) in forged(function) {
                    let mut all: Vec<_> = CLAIMS.iter().map(|claims| ("POST", *claims)).collect();
                    all.extend([("GET", CLAIMS[0]), ("OPTIONS", CLAIMS[0])]);
                    // Once for all functions is enough.
                    all.truncate(if function == "settle" { all.len() } else { 1 });
                    for (method, claims) in all {
                        let mut request = Request::builder()
                            .method(method)
                            .uri(&path)
                            .body(Bytes::from(body.clone()))
                            .expect("a request");
                        request.headers_mut().insert("host", HeaderValue::from_static("app.example"));
                        for (name, value) in headers.iter().chain(claims) {
                            request
                                .headers_mut()
                                .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                        }
                        let Ok(mut message) = dispatch.adapter().write(shape, request) else { continue };
                        if let Some(peer) = peer {
                            message.extensions_mut().insert(Peer((peer, 50_000).into()));
                        }
                        let reply =
                            runtime.block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await });
                        assert_eq!(
                            runs.count(),
                            0,
                            "{}, {shape}: {method} {path} with {what}: {reply:?}",
                            dispatch.adapter().provider()
                        );
                        sent += 1;
                    }
                }
            }
        }
    }
    assert!(sent > 3_000, "{sent} requests were sent");
}

#[test]
fn google_cloud_serves_no_events_beside_http_functions() {
    for app in [everything_beside, without_catch_all] {
        no_client_runs_an_event_function(|| Gcp::new(&|_: &str| None), &["http/1.1", "http/2"], app, None);
    }
}

#[test]
fn azure_distinguishes_clients_from_the_host_in_every_mode() {
    const HOSTS: [(Variables, &str); 6] = [
        (&[("OMNIFN_AZURE_HTTP", "proxying"), ("OMNIFN_AZURE_ROUTE_PREFIX", "")], "proxying"),
        (&[("OMNIFN_AZURE_HTTP", "proxying"), ("OMNIFN_AZURE_ROUTE_PREFIX", "api")], "proxying"),
        (&[("OMNIFN_AZURE_HTTP", "forwarding"), ("OMNIFN_AZURE_ROUTE_PREFIX", "")], "forwarding"),
        (&[("OMNIFN_AZURE_HTTP", "data")], "data"),
        (&[], "proxying"),
        (&[], "forwarding"),
    ];
    for (variables, shape) in HOSTS {
        for app in [everything_beside, without_catch_all] {
            no_client_runs_an_event_function(|| Azure::new(&settings(variables)), &[shape], app, None);
        }
    }
}

/// With a prefix, the paths of clients begin with it.
#[test]
fn azure_behind_a_route_prefix() {
    let runs = Runs::default();
    let azure = Azure::new(&settings(&[("OMNIFN_AZURE_HTTP", "forwarding"), ("OMNIFN_AZURE_ROUTE_PREFIX", "settle")]));
    let dispatch = Dispatch::new(azure, everything_beside(&runs).router().expect("an app"));
    for path in ["/settle", "/Settle", "/settle/settle", "/settle/_omnifn/placed", "/settle/news"] {
        for (what, headers, body) in forged("settle") {
            let mut request = Request::post(path).body(Bytes::from(body)).expect("a request");
            for (name, value) in headers {
                request.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            let message = dispatch.adapter().write("forwarding", request).expect("the shape carries it");
            block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await });
            assert_eq!(runs.count(), 0, "{path} with {what}");
        }
    }
}

/// A function's folder with the wrong trigger makes every client a sender of events.
#[test]
fn azure_takes_no_request_for_an_event() {
    for function in EVENT_FUNCTIONS {
        let runs = Runs::default();
        let azure = Azure::new(&settings(&[("OMNIFN_AZURE_HTTP", "data")]));
        let dispatch = Dispatch::new(azure, everything_beside(&runs).router().expect("an app"));
        let request = json!({"Url": "http://h/api/x", "Method": "POST", "Query": {}, "Headers": {}, "Params": {}, "Body": "{}",
            "specversion": "1.0", "id": "1", "source": "s", "type": "order.placed", "IsPastDue": true});
        let envelope = json!({"Data": {"req": request}, "Metadata": {"Uri": "\"https://a.blob.core.windows.net/uploads/cat.jpg\""}});
        let message = Request::post(format!("/{function}")).header("content-type", "application/json");
        let message = message.body(Payload::Whole(envelope.to_string().into())).expect("a request");
        let reply = block_on(async { whole(dispatch.answer(message).await).await });
        assert!(!reply.status().is_success() && runs.count() == 0, "{function}: {reply:?}");
    }
}

#[test]
fn a_local_server_takes_events_from_this_machine_only() {
    let shapes = ["http/1.1", "http/2"];
    for app in [everything_beside, without_catch_all] {
        no_client_runs_an_event_function(|| Local::new(&|_: &str| None), &shapes, app, Some([192, 168, 0, 7]));
        no_client_runs_an_event_function(|| Local::new(&|_: &str| None), &["http/1.1"], app, None);
        let behind_a_proxy = || Local::new(&settings(&[("OMNIFN_TRUSTED_HOPS", "1")]));
        no_client_runs_an_event_function(behind_a_proxy, &["http/1.1"], app, Some([127, 0, 0, 1]));
    }
    let peers = [
        ("127.0.0.1:1", 200),
        ("[::1]:1", 200),
        ("[::ffff:127.0.0.1]:1", 200),
        ("10.0.0.1:1", 404),
        ("[fe80::1]:1", 404),
    ];
    for (peer, status) in peers {
        let runs = Runs::default();
        let dispatch = Dispatch::new(Local::new(&|_: &str| None), everything_beside(&runs).router().expect("an app"));
        let mut request = Request::post("/_omnifn/settle").body(Payload::default()).expect("a request");
        request.extensions_mut().insert(Peer(peer.parse().expect("an address")));
        let reply = block_on(dispatch.answer(request));
        assert_eq!((reply.status().as_u16(), runs.count()), (status, usize::from(status == 200)), "{peer}");
    }
}

#[test]
fn lambda_takes_no_request_for_an_event() {
    for app in [everything_beside, without_catch_all] {
        no_client_runs_an_event_function(|| Aws::new(&|_: &str| None), Aws::shapes(), app, None);
    }
}

/// Delivers an event to each function in each shape, and counts those that ran.
fn delivered<A: Inverse>(
    new: impl Fn() -> A,
    app: impl Fn(&Runs) -> App,
    which: impl Fn(&str) -> bool,
    is_verified: bool,
) -> usize {
    let runs = Runs::default();
    for function in EVENT_FUNCTIONS {
        let dispatch = Dispatch::new(new(), app(&runs).router().expect("an app"));
        let Some(spec) = dispatch.router().functions().named(function) else { continue };
        for shape in A::event_shapes(spec.class()).iter().filter(|shape| which(shape)) {
            let event = sample(function);
            let mut message = dispatch.adapter().write_events(shape, spec, vec![event]).expect("the shape carries it");
            if is_verified {
                message.extensions_mut().insert(VerifiedSender);
            }
            let before = runs.count();
            let answered = message.clone().map(Payload::Whole);
            let reply = block_on(async { whole(dispatch.answer(answered).await).await });
            let acknowledged = dispatch.adapter().read_outcomes(shape, &message, reply);
            let has_run = runs.count() > before;
            assert_eq!(acknowledged.unwrap_or_else(|_| vec![false]), [has_run], "{function}, {shape}");
        }
    }
    runs.count()
}

fn sample(function: &str) -> Event {
    match function {
        "index" => Object::created("uploads", "cat.jpg").into(),
        "nightly" => Tick::new().into(),
        "placed" => {
            let mut event = CloudEvent::new("1", "/shop", "order.placed", Bytes::from_static(b"{}"));
            event.data_content_type = Some("application/json".to_owned());
            event.into()
        }
        "balance" => Change::new(ChangeKind::Updated, None, Some(json!({"id": "1"}))).into(),
        _ => {
            let mut message = Message::new(Bytes::from_static(b"{}"));
            message.id = Some("1".to_owned());
            message.into()
        }
    }
}

#[test]
fn the_platform_delivers_where_the_deployment_lets_it() {
    let any = |_: &str| true;
    let is_webhook = |shape: &str| shape.starts_with("webhook");
    let of_host = |shape: &str| !is_webhook(shape);
    let only_events = |runs: &Runs| everything_beside(runs).only(EVENT_FUNCTIONS.join(","));
    let gcp = |variables: Variables| move || Gcp::new(&settings(variables));
    let azure = |variables: Variables| move || Azure::new(&settings(variables));
    let local = |variables: Variables| move || Local::new(&settings(variables));
    const PRIVATE: Variables = &[("OMNIFN_PRIVATE", "true")];
    // On Google Cloud: separated, private, or verified.
    let all = delivered(gcp(&[]), only_events, any, false);
    assert!(all > 15, "{all}");
    assert_eq!(delivered(gcp(&[]), everything_beside, any, false), 0);
    assert_eq!(delivered(gcp(&[("OMNIFN_PRIVATE", "true")]), everything_beside, any, false), all);
    assert_eq!(delivered(gcp(&[]), everything_beside, any, true), all);
    assert_eq!(delivered(gcp(&[("OMNIFN_PRIVATE", "no")]), everything_beside, any, false), 0);
    // On Azure: where the host's requests are distinguished.
    let all = delivered(azure(&[("OMNIFN_AZURE_HTTP", "proxying")]), everything_beside, of_host, false);
    assert!(all > 10, "{all}");
    for (variables, app_is_separate, expected) in [
        (&[("OMNIFN_AZURE_HTTP", "data")] as Variables, false, all),
        (&[("OMNIFN_AZURE_HTTP", "forwarding"), ("OMNIFN_AZURE_ROUTE_PREFIX", "api")], false, all),
        (&[("OMNIFN_AZURE_HTTP", "forwarding")], false, 0),
        (&[("OMNIFN_AZURE_HTTP", "forwarding")], true, all),
        (&[("OMNIFN_AZURE_HTTP", "forwarding"), ("OMNIFN_PRIVATE", "true")], false, all),
        (&[], false, 0),
        (&[], true, all),
        (PRIVATE, false, all),
    ] {
        let app = |runs: &Runs| if app_is_separate { only_events(runs) } else { everything_beside(runs) };
        let run = delivered(|| Azure::new(&settings(variables)), app, of_host, false);
        assert_eq!(run, expected, "{variables:?}, separate: {app_is_separate}");
    }
    // Webhooks are open to every client, unless their sender is verified or the app is private.
    for mode in ["proxying", "forwarding"] {
        let of_mode = || Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.to_owned()));
        assert_eq!(delivered(of_mode, everything_beside, is_webhook, false), 0);
        assert_eq!(delivered(of_mode, only_events, is_webhook, false), 2, "there are no clients");
        let open_to_all = |of_mode: &dyn Fn() -> Azure| {
            let function_json =
                br#"{"bindings": [{"type": "httpTrigger", "authLevel": "anonymous", "route": "{*path}"}]}"#;
            of_mode().with_function_json("app", function_json).expect("an httpTrigger")
        };
        assert_eq!(delivered(|| open_to_all(&of_mode), only_events, is_webhook, false), 0);
        let run = delivered(|| open_to_all(&of_mode), only_events, of_host, false);
        assert_eq!(run, if mode == "proxying" { all } else { 0 });
        assert_eq!(delivered(of_mode, everything_beside, is_webhook, true), 2);
    }
    assert_eq!(delivered(azure(&[("OMNIFN_PRIVATE", "TRUE")]), everything_beside, is_webhook, false), 2);
    // Locally, from this machine.
    assert_eq!(delivered(local(&[]), everything_beside, any, false), 9);
}

/// A server of the user's has routes that the app does not know of, so its clients could post events, too.
#[test]
fn a_mounted_app_may_have_clients() {
    for (variables, expected) in [(&[] as Variables, 0), (&[("OMNIFN_PRIVATE", "true")], 1)] {
        let runs = Runs::default();
        let app = everything_beside(&runs).only("settle");
        let statuses = block_on(async {
            let mounted = omnifn_runtime::mount::router(Gcp::new(&settings(variables)), app).await.expect("it starts");
            let server = axum::Router::new().route("/health", axum::routing::get(async || "healthy")).merge(mounted);
            let mut statuses = Vec::new();
            for (method, path) in [("GET", "/health"), ("POST", "/_omnifn/settle"), ("POST", "/anything")] {
                let event = r#"{"message": {"data": "dGVh", "messageId": "1"}, "subscription": "s"}"#;
                let request = Request::builder().method(method).uri(path).body(Body::from(event)).expect("a request");
                let response = tower::ServiceExt::oneshot(server.clone(), request).await.expect("a response");
                statuses.push(response.status().as_u16());
            }
            statuses
        });
        assert_eq!(statuses, [200, if expected == 1 { 204 } else { 404 }, 404], "{variables:?}");
        assert_eq!(runs.count(), expected, "{variables:?}");
    }
}

/// A function with `invoke` is called through the platform's own door: not beside HTTP functions, nor beside routes that the app does not
/// know of, unless the deployment declares that no client can reach them.
#[test]
fn clients_invoke_no_function() {
    #[function(invoke)]
    async fn price(State(runs): State<Runs>) {
        runs.add();
    }
    const BESIDE: &str = "beside HTTP functions";
    const MOUNTED: &str = "mounted";
    const ALONE: &str = "in a service of its own";
    for (place, variables, expected) in [
        (BESIDE, &[] as Variables, 0),
        (BESIDE, &[("OMNIFN_PRIVATE", "true")], 1),
        (MOUNTED, &[], 0),
        (MOUNTED, &[("OMNIFN_PRIVATE", "true")], 1),
        (ALONE, &[], 1),
    ] {
        let runs = Runs::default();
        let app = || omnifn::app!(price, everything, settle).state(runs.clone());
        let gcp = || Gcp::new(&settings(variables));
        let request = |path: &str| Request::post(path).header("host", "h").body(Body::from("{}")).expect("a request");
        let paths = ["/price", "/Price", "/%70rice", "/price/", "/./price", "/_omnifn/price", "/settle"];
        block_on(async {
            for path in paths {
                if place == MOUNTED {
                    let app = app().only("price");
                    let mounted = omnifn_runtime::mount::router(gcp(), app).await.expect("it starts");
                    tower::ServiceExt::oneshot(mounted, request(path)).await.expect("a response");
                } else {
                    let app = if place == ALONE { app().only("price, settle") } else { app() };
                    let dispatch = Dispatch::new(gcp(), app.router().expect("an app"));
                    whole(dispatch.answer(request(path).map(Payload::Stream)).await).await;
                }
            }
        });
        assert_eq!(runs.count(), expected, "{place}: {variables:?}");
    }
    // Where senders are verified, the caller of such a service is, too.
    let head = |path: &str| Request::post(path).body(()).expect("a request").into_parts().0;
    for (names, path, expected) in [
        ("price", "/", true),
        ("price", "/robots.txt", false),
        ("price, settle", "/price", true),
        ("price, settle", "/other", false),
        ("price, everything", "/price", false),
    ] {
        let runs = Runs::default();
        let mut gcp = Gcp::new(&settings(&[]));
        let app = omnifn::app!(price, everything, settle).state(runs).only(names);
        gcp.serve(app.router().expect("an app").functions());
        assert_eq!(gcp.is_posted_event(&head(path)), expected, "{names}: {path}");
    }
}

/// A function for HTTP requests does not receive the event of a function that is not served, which it would acknowledge.
#[test]
fn an_event_of_a_function_that_is_not_served_is_refused() {
    for variables in [&[("OMNIFN_AZURE_HTTP", "proxying")] as Variables, &[("OMNIFN_AZURE_HTTP", "data")]] {
        let runs = Runs::default();
        let function_json = br#"{"bindings": [{"type": "queueTrigger", "name": "bytes", "dataType": "binary"}]}"#;
        let azure = Azure::new(&settings(variables)).with_function_json("settle", function_json).expect("a trigger");
        let spec = everything_beside(&runs).specs().find(|spec| spec.name == "settle").expect("a function");
        let message = azure.write_events("storage-queue", spec, vec![sample("settle")]).expect("a message");
        let dispatch = Dispatch::new(azure, everything_beside(&runs).only("everything").router().expect("an app"));
        let reply = block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await });
        assert!(!reply.status().is_success() && runs.count() == 0, "{variables:?}: {reply:?}");
    }
}

/// The line that a server logs when it starts.
#[test]
fn the_endpoints_are_described() {
    fn line<A: Adapter>(mut adapter: A, app: App) -> Option<EventEndpoints> {
        adapter.serve(app.router().expect("an app").functions());
        adapter.event_endpoints()
    }
    let runs = Runs::default();
    let both = || everything_beside(&runs).only("everything,settle");
    let events = || everything_beside(&runs).only("settle,placed");
    let one = || everything_beside(&runs).only("settle");
    let requests = || everything_beside(&runs).only("everything");
    let gcp = |variables: Variables| Gcp::new(&settings(variables));
    let azure = |variables: Variables| Azure::new(&settings(variables));
    let local = |variables: Variables| Local::new(&settings(variables));
    const PRIVATE: Variables = &[("OMNIFN_PRIVATE", "1")];
    for (found, is_open, parts) in [
        (
            line(gcp(&[]), both()),
            false,
            &["events for `settle` are refused", "FUNCTION_TARGET", "OMNIFN_PRIVATE=true"][..],
        ),
        (line(gcp(&[]), events()), true, &["`settle`, `placed`", "/_omnifn/settle", "no HTTP functions"]),
        (line(gcp(&[]), one()), true, &["at every path", "no HTTP functions"]),
        (line(gcp(PRIVATE), both()), true, &["/_omnifn/settle", "OMNIFN_PRIVATE"]),
        (
            line(azure(&[("OMNIFN_AZURE_HTTP", "proxying")]), both()),
            true,
            &["from the host", "X-Forwarded-Host", "webhooks (/_omnifn/<function>) are refused"],
        ),
        (line(azure(&[("OMNIFN_AZURE_HTTP", "data")]), both()), true, &["inside envelopes"]),
        (
            line(azure(&[("OMNIFN_AZURE_HTTP", "forwarding")]), both()),
            false,
            &["are refused", "enableProxyingHttpRequest", "OMNIFN_FUNCTION"],
        ),
        (line(azure(&[("OMNIFN_AZURE_HTTP", "forwarding")]), one()), true, &["no HTTP functions"]),
        (line(azure(PRIVATE), both()), true, &["OMNIFN_PRIVATE", "webhooks are accepted"]),
        (line(local(&[]), both()), true, &["/_omnifn/settle", "this machine only"]),
        (line(local(PRIVATE), both()), true, &["every address", "OMNIFN_PRIVATE"]),
        (line(local(&[("OMNIFN_TRUSTED_HOPS", "1")]), both()), false, &["OMNIFN_TRUSTED_HOPS", "OMNIFN_PRIVATE=true"]),
    ] {
        let found = found.expect("a line");
        assert_eq!(found.is_open, is_open, "{}", found.text);
        for part in parts {
            assert!(found.text.contains(part), "{part:?}: {}", found.text);
        }
    }
    assert_eq!(line(gcp(&[]), requests()), None);
    assert_eq!(line(azure(&[]), requests()), None);
    assert_eq!(line(local(&[]), requests()), None);
    assert_eq!(line(Aws::new(&|_: &str| None), both()), None);
}
