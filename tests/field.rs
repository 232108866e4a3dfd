//! Inputs from the field: what people, devices, and clients have sent to programs like these, and what has to become of it. Each case has
//! the name that it has in reports; what a command of `cargo omnifn` or the macros have to do with a case is tested where they are.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use omnifn::prelude::*;
use omnifn_aws::Aws;
use omnifn_azure::{Azure, AzureContext, Mode};
use omnifn_core::{Adapter, Payload};
use omnifn_gcp::Gcp;
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

/// What the functions received, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn add(&self, text: impl std::fmt::Display) {
        self.0.lock().expect("no panic while it is held").push(text.to_string());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic while it is held"))
    }
}

#[function(get = "/files/{name}")]
async fn file(Path(name): Path<String>, State(seen): State<Seen>, ctx: Context) {
    let mode = ctx.provider_context::<AzureContext>().and_then(|azure| azure.mode);
    seen.add(mode.map_or(name, |mode: Mode| mode.name().to_owned()));
}

#[function(any = "/{*_path}")]
async fn everything(State(seen): State<Seen>) {
    seen.add("everything");
}

#[function(schedule = "0 3 * * *")]
async fn nightly(tick: Tick, State(seen): State<Seen>) {
    seen.add(String::from_utf8_lossy(&tick.input));
}

#[function(stream = "telemetry", name = "stream")]
async fn records(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(message.body.escape_ascii());
}

#[function(stream = "devices", service = "iot")]
async fn device(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(String::from_utf8_lossy(&message.body));
}

#[function(queue = "orders")]
async fn settle(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(format_args!("{:?} {}", message.id, String::from_utf8_lossy(&message.body)));
}

#[function(topic = "news")]
async fn news(_: Message<Bytes>, State(seen): State<Seen>) {
    seen.add("news");
}

#[function(event = "order.placed")]
async fn placed(event: CloudEvent<Value>, State(seen): State<Seen>) {
    seen.add(format_args!("{} {:?}", event.data, event.extensions));
}

#[function(invoke)]
async fn resolve(Json(batch): Json<Value>, State(seen): State<Seen>) -> Json<Value> {
    seen.add(&batch);
    Json(batch)
}

/// Sends a message to the functions of these names, and returns what they received, and the reply.
fn send<A: Adapter>(adapter: A, names: &str, message: Request<Bytes>) -> (Vec<String>, Response<Bytes>) {
    let seen = Seen::default();
    let app =
        omnifn::app!(file, everything, nightly, records, device, settle, news, placed, resolve).state(seen.clone());
    let dispatch = Dispatch::new(adapter, app.only(names).router().expect("an app"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let reply = runtime.block_on(async {
        let (head, payload) = dispatch.answer(message.map(Payload::Whole)).await.into_parts();
        Response::from_parts(head, payload.collect(usize::MAX).await.expect("a body"))
    });
    (seen.take(), reply)
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn lambda(names: &str, event: &str) -> (Vec<String>, Response<Bytes>) {
    send(Aws::new(&nothing), names, Request::new(Bytes::copy_from_slice(event.as_bytes())))
}

fn has_failed(reply: &Response<Bytes>) -> bool {
    reply.headers().contains_key("lambda-runtime-function-error-type")
}

#[test]
fn a1_v2_decoded() {
    let event = |path: &str| {
        json!({"version": "2.0", "routeKey": "ANY /{proxy+}", "rawPath": path, "rawQueryString": "", "requestContext": {
            "domainName": "a1b2c3.execute-api.eu-west-1.amazonaws.com", "stage": "$default", "http": {"method": "GET", "path": path}}})
        .to_string()
    };
    assert_eq!(lambda("file", &event("/files/a%20b")).0, ["a%20b"], "a1_v2_decoded_percent20literal");
    let (seen, reply) = lambda("file", &event("/files/a/b"));
    assert!(seen.is_empty() && String::from_utf8_lossy(reply.body()).contains("404"), "a1_v2_slash_decoded: {reply:?}");
}

#[test]
fn a6_a14_the_input_of_a_schedule() {
    for (case, input) in [
        ("a6_rule_custom_text", "\"wake up\""),
        ("a6_rule_custom_list", "[1,2]"),
        ("a6_rule_custom_like_records", "{\"Records\": [], \"job\": \"x\"}"),
        ("a6_rule_custom_like_http", "{\"httpMethod\": \"GET\", \"path\": \"/warm\", \"requestContext\": {\"x\": 1}}"),
        ("a14_input_source_object", "{\"source\": {\"bucket\": \"in\"}, \"target\": {\"bucket\": \"out\"}}"),
    ] {
        let (seen, reply) = lambda("nightly", input);
        assert_eq!(seen, [input], "{case}");
        assert!(!has_failed(&reply), "{case}: {reply:?}");
    }
}

#[test]
fn a7_iot_like_v2() {
    let message = r#"{"version": "2.0", "rawPath": "/admin/all", "requestContext": {"http": {"method": "DELETE", "path": "/admin/all"}}}"#;
    assert_eq!(lambda("device", message).0, [message]);
    // A stream that is not declared to be that of devices refuses it, and a program that could give it to an HTTP function does not start.
    let (seen, reply) = lambda("stream", message);
    assert!(seen.is_empty() && has_failed(&reply), "{reply:?}");
    assert!(String::from_utf8_lossy(reply.body()).contains("`service = \\\"iot\\\"`"), "{reply:?}");
    let app = || omnifn::app!(everything, records, device).state(Seen::default());
    for names in ["everything,stream", "everything,device", "stream,device"] {
        let functions = app().only(names).router().expect("an app").functions();
        assert!(Aws::new(&nothing).check(&functions).is_err(), "{names}");
    }
}

#[test]
fn a_service_under_another_name() {
    let record = json!({"topic": "telemetry", "partition": 0, "offset": 7, "value": "aGk="});
    let event = json!({"eventSource": "aws:SelfManagedKafka", "bootstrapServers": "b:9092", "records": {"telemetry-0": [record]}});
    assert_eq!(lambda("stream", &event.to_string()).0, ["hi"]);
    // The batch of AppSync's resolver is for a function that is called directly, and is named where there is none.
    let batch = json!([{"info": {"fieldName": "price", "parentTypeName": "Query"}, "arguments": {}}]).to_string();
    assert_eq!(lambda("resolve", &batch).0.len(), 1);
    let (seen, reply) = lambda("settle", &batch);
    assert!(seen.is_empty() && String::from_utf8_lossy(reply.body()).contains("a batch of AppSync"), "{reply:?}");
}

#[test]
fn z6_host_json() {
    const FORWARDING: &str = r#""version":"2.0","customHandler":{"description":{"defaultExecutablePath":"f"},"enableForwardingHttpRequest":true"#;
    for (case, host_json, variable, path) in [
        (
            "z6_host_comment",
            format!("{{ // how the app is hosted\n{FORWARDING}}} /* end */\n}}"),
            None,
            "/api/files/tea",
        ),
        ("z6_host_trailing", format!("{{{FORWARDING},}},}}"), None, "/api/files/tea"),
        (
            "z6_host_casing",
            r#"{"customHandler":{"EnableForwardingHttpRequest":true},"extensions":{"http":{"RoutePrefix":"v1"}}}"#
                .to_owned(),
            None,
            "/v1/files/tea",
        ),
        (
            "(environment)",
            format!("{{{FORWARDING}}}}}"),
            Some(("AzureFunctionsJobHost__extensions__http__routePrefix", "v2")),
            "/v2/files/tea",
        ),
    ] {
        let variables = variable.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let azure = Azure::new(&nothing).with_host_json(host_json.as_bytes());
        let azure = azure.and_then(|azure| azure.with_environment(variables)).unwrap_or_else(|e| panic!("{case}: {e}"));
        let request = Request::get(path).header("user-agent", "t").body(Bytes::new()).expect("a request");
        assert_eq!(send(azure, "file", request).0, ["forwarding"], "{case}");
    }
}

#[test]
fn z7_stream_ehbin() {
    let envelope = json!({"Data": {"evt": "/wD+"}, "Metadata": {
        "SequenceNumber": "4", "EnqueuedTimeUtc": "\"2026-11-30T10:00:00.5Z\"", "PartitionKey": "null", "Properties": {"p": "v"},
        "SystemProperties": {"x-opt-sequence-number": 4}, "PartitionContext": {"PartitionId": "3", "EventHubPath": "hub"},
        "sys": {"MethodName": "stream"}}});
    let message = || {
        let message = Request::post("/stream").header("content-type", "application/json; charset=utf-8");
        let message = message.header("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11");
        let message = message.header("x-azure-functions-hostversion", "4.1045.200.0");
        message.body(Bytes::from(envelope.to_string())).expect("a message")
    };
    let function_json = br#"{"bindings": [{"type": "eventHubTrigger", "name": "evt", "dataType": "binary"}]}"#;
    let azure = Azure::new(&nothing).with_function_json("stream", function_json).expect("a trigger");
    assert_eq!(send(azure, "stream", message()).0, [r"\xff\x00\xfe"]);
}

#[test]
fn g5_pushlike() {
    let body = r#"{"message":{"messageId":"77","data":"aGk=","attributes":{"x":"y"}},"subscription":"projects/p/subscriptions/other","extra":1}"#;
    let task =
        Request::post("/_omnifn/settle").header("x-cloudtasks-taskname", "t1").header("x-cloudtasks-queuename", "q");
    let (seen, _) = send(Gcp::new(&nothing), "settle", task.body(Bytes::from(body)).expect("a task"));
    assert_eq!(seen, [format!("Some(\"t1\") {body}")]);
}

#[test]
fn careless_cloudevents() {
    let binary = Request::post("/").header("ce-specversion", "1.0").header("ce-id", "1").header("ce-source", "/shop");
    let binary = binary.header("ce-type", "order.placed").header("ce-my-extension", "x").header("ce-color", "red");
    let binary = binary.header("content-type", "application/json").body(Bytes::from("7")).expect("an event");
    assert_eq!(send(Gcp::new(&nothing), "placed", binary).0, [r#"7 {"color": "red"}"#]);
    let structured = json!({"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.placed", "data": 7, "data_base64": null});
    let structured =
        Request::post("/").header("content-type", "application/cloudevents+json").body(structured.to_string().into());
    assert_eq!(send(Gcp::new(&nothing), "placed", structured.expect("an event")).0, ["7 {}"]);
}

/// An anonymous client, through a catch-all front door.
#[test]
fn event_endpoints_without_a_lock() {
    let cloud_event =
        json!({"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.placed", "data": 7}).to_string();
    let grid = json!([{"id": "1", "topic": "/t", "subject": "s", "eventType": "order.placed", "eventTime": "2026-11-23T05:42:33Z",
        "dataVersion": "1", "data": 7}])
    .to_string();
    let envelope = json!({"Data": {"item": "\"{}\""}, "Metadata": {"sys": {"MethodName": "settle"}}}).to_string();
    let marks = [
        ("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11"),
        ("x-azure-functions-hostversion", "4"),
    ];
    for (path, media_type, body, marks) in [
        ("/_omnifn/placed", "application/cloudevents+json", &cloud_event, &[][..]),
        ("/_omnifn/news", "application/json", &grid, &[]),
        ("/settle", "application/json", &envelope, &marks),
    ] {
        let message = || {
            let mut message = Request::post(path).header("content-type", media_type).header("host", "app.example");
            for (name, value) in marks {
                message = message.header(*name, *value);
            }
            message.body(Bytes::from(body.clone())).expect("a request")
        };
        let host = |name: &str| match name {
            "OMNIFN_AZURE_HTTP" => Some("forwarding".to_owned()),
            "OMNIFN_AZURE_ROUTE_PREFIX" => Some(String::new()),
            _ => None,
        };
        const ALL: &str = "everything,placed,news,settle";
        for (door, (seen, reply)) in [
            ("Cloud Run", send(Gcp::new(&nothing), ALL, message())),
            ("Azure", send(Azure::new(&host), ALL, message())),
        ] {
            assert!(seen.iter().all(|seen| seen == "everything"), "{door}, {path}: {seen:?}");
            assert!(seen.len() == 1 || reply.status() == 404, "{door}, {path}: {reply:?}");
        }
    }
}
