//! Functions that are invoked directly: any JSON in, JSON out, and errors with their names, on every provider.

#[path = "invoke/fixtures.rs"]
mod fixtures;
#[path = "invoke/services.rs"]
mod services;

use std::sync::atomic::{AtomicUsize, Ordering};

use omnifn::{
    aws::{Aws, LambdaContext},
    azure::Azure,
    http::Request,
    local::Local,
    prelude::*,
    testing::Testing,
};
use omnifn_core::{Adapter, Decoded, Payload, Peer};
use omnifn_runtime::dispatch::Dispatch;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

#[derive(Debug, Serialize, Deserialize)]
struct Cart {
    items: Vec<Item>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    name: String,
    count: u32,
}

#[derive(Debug, FunctionError)]
enum PriceError {
    #[fault(status = 409, reject)]
    SoldOut(String),
    Overloaded,
}

impl std::fmt::Display for PriceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PriceError::SoldOut(name) => write!(f, "no {name} is left"),
            PriceError::Overloaded => f.write_str("the cash register is on fire"),
        }
    }
}

impl std::error::Error for PriceError {}

#[function(invoke)]
async fn price(Json(cart): Json<Cart>, State(unit): State<u32>) -> Result<Json<u32>, PriceError> {
    let mut total = 0;
    for item in cart.items {
        match item.name.as_str() {
            "coffee" => return Err(PriceError::SoldOut(item.name)),
            "fire" => return Err(PriceError::Overloaded),
            _ => total += item.count * unit,
        }
    }
    Ok(Json(total))
}

/// Returns its payload, byte for byte.
#[function(invoke)]
async fn mirror(Json(payload): Json<Box<RawValue>>) -> Json<Box<RawValue>> {
    Json(payload)
}

#[function(invoke)]
async fn bytes(payload: Bytes) -> Json<usize> {
    Json(payload.len())
}

#[function(invoke)]
async fn value(payload: Value) -> Result<Value> {
    Ok(json!({"got": payload}))
}

#[function(invoke)]
async fn nothing() {}

#[function(invoke)]
async fn fails(Json(how): Json<String>) -> Result<()> {
    match how.as_str() {
        "panic" => panic!("on purpose"),
        "status" => Err(Error::status(404, "there is no such cart")),
        "named" => Err(Error::of(PriceError::Overloaded)),
        "text" => bail!("the register {} burns", 7),
        _ => Err(std::io::Error::other("the disk is full"))?,
    }
}

#[function(invoke)]
async fn anyhow_fails() -> Result<Json<()>, anyhow::Error> {
    anyhow::bail!("not today")
}

#[function(invoke)]
async fn context(context: Context) -> Json<Value> {
    let lambda = context.provider_context::<LambdaContext>();
    Json(json!({
        "provider": context.provider(),
        "function": context.function_name(),
        "route": context.route(),
        "arn": lambda.and_then(LambdaContext::invoked_function_arn),
    }))
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[function(post = "/{*_rest}", name = "http")]
async fn anything() -> &'static str {
    CALLS.fetch_add(1, Ordering::Relaxed);
    "http"
}

#[function(queue = "orders")]
async fn settle(_order: Message<Value>) {
    CALLS.fetch_add(1, Ordering::Relaxed);
}

fn app() -> App {
    omnifn::app!(price, mirror, bytes, value, nothing, fails, anyhow_fails, context).state(3_u32)
}

fn testing() -> Testing<fn() -> App> {
    Testing::new(app)
}

fn cart(name: &str, count: u32) -> Cart {
    Cart { items: vec![Item { name: name.to_owned(), count }] }
}

fn nothing_set(_: &str) -> Option<String> {
    None
}

#[tokio::test]
async fn json_in_and_json_out() {
    let testing = testing();
    assert_eq!(testing.invoke("price", &cart("tea", 2)).await.expect("a price"), 6);
    let everywhere = [
        ("price", json!(cart("tea", 2)), json!(6)),
        ("mirror", json!([1, {"a": null}]), json!([1, {"a": null}])),
        ("bytes", json!("four"), json!(6)),
        ("value", json!(true), json!({"got": true})),
        ("nothing", json!({}), json!(null)),
    ];
    for (function, payload, expected) in everywhere {
        let all = testing.invoke_everywhere(function, &payload).await;
        let shapes: Vec<_> = all.iter().map(|invoked| (invoked.provider, invoked.shape)).collect();
        let known = [
            ("aws", "invoke"),
            ("gcp", "http/1.1"),
            ("gcp", "http/2"),
            ("azure", "proxying"),
            ("azure", "forwarding"),
            ("azure", "data"),
            ("local", "http/1.1"),
            ("local", "http/2"),
        ];
        assert_eq!(shapes, known);
        for invoked in all {
            let place = format!("{function}, {}, {}", invoked.provider, invoked.shape);
            assert_eq!(invoked.result.map_err(|error| error.to_string()), Ok(expected.clone()), "{place}");
        }
    }
}

#[tokio::test]
async fn what_the_context_contains() {
    for invoked in testing().invoke_everywhere("context", &()).await {
        let context = invoked.result.expect("a context");
        assert_eq!(context["provider"], invoked.provider);
        assert_eq!((&context["function"], &context["route"]), (&json!("context"), &json!(null)));
    }
    let lambda = Testing::new(|| app().only("context")).lambda().expect("a port");
    let context: Value = serde_json::from_slice(&lambda.invoke("{}").await.expect("a result")).expect("JSON");
    assert!(context["arn"].as_str().is_some_and(|arn| arn.starts_with("arn:aws:lambda:")), "{context}");
}

/// The name of an error on AWS, the status and the text elsewhere.
#[tokio::test]
async fn errors_keep_their_names() {
    let cart = |name| json!(cart(name, 1));
    let table = [
        ("price", cart("coffee"), "SoldOut", "no coffee is left", 409, Some("no coffee is left")),
        ("price", cart("fire"), "Overloaded", "the cash register is on fire", 500, None),
        ("fails", json!("named"), "Overloaded", "the cash register is on fire", 500, None),
        ("fails", json!("status"), "Error", "there is no such cart", 404, Some("there is no such cart")),
        ("fails", json!("text"), "Error", "the register 7 burns", 500, None),
        ("fails", json!("io"), "Error", "the disk is full", 500, None),
        ("fails", json!("panic"), "Function.Panicked", "on purpose", 500, None),
        ("anyhow_fails", json!({}), "Error", "not today", 500, None),
        (
            "price",
            json!({"items": [{"name": "tea", "count": "hunter2"}]}),
            "Runtime.DecodeError",
            "the payload cannot be read at `items[0].count`: invalid type: string, expected u32",
            400,
            Some("the payload cannot be read at `items[0].count`"),
        ),
    ];
    for (function, payload, name, message, status, detail) in table {
        let lambda = Testing::new(move || app().only(function)).lambda().expect("a port");
        let error = lambda.invoke(payload.to_string()).await.expect_err("a failure");
        assert_eq!(error.error_type, name, "{function} {payload}");
        assert!(error.error_message.contains(message), "{function} {payload}: {error}");
        assert!(!error.error_message.contains("hunter2"), "{error}");
        for invoked in testing().invoke_everywhere(function, &payload).await {
            let error = invoked.result.expect_err("a failure");
            let place = format!("{function} {payload}, {}, {}: {error}", invoked.provider, invoked.shape);
            if invoked.provider == "aws" {
                continue;
            }
            assert_eq!(error.status_code().as_u16(), status, "{place}");
            let problem: Value = serde_json::from_str(&error.to_string()).expect("a problem document");
            assert_eq!(problem["status"], status, "{place}");
            match detail {
                Some(text) => assert!(problem["detail"].as_str().is_some_and(|found| found.contains(text)), "{place}"),
                None => assert_eq!(problem.get("detail"), None, "{place}"),
            }
        }
    }
}

/// Every JSON value is the payload on AWS, whatever platform's event it looks like, and is never read as such an event.
#[tokio::test]
async fn an_event_of_any_service_is_only_a_payload() {
    let lambda = Testing::new(|| app().only("mirror")).lambda().expect("a port");
    let events = fixtures::all();
    assert!(events.len() >= 170, "{} events", events.len());
    for (name, event) in events {
        let text = String::from_utf8(event).expect("UTF-8");
        let result = lambda.invoke(text.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(result == text.trim(), "{name} has arrived otherwise");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        "[a-z]{1,6}",
        prop::sample::select(vec![
            "Records",
            "requestContext",
            "version",
            "rawPath",
            "httpMethod",
            "eventSource",
            "detail-type",
            "source",
            "awslogs",
            "Type",
            "TopicArn",
            "records",
            "type",
            "methodArn",
            "message",
            "data",
            "specversion",
            "Data",
            "Metadata",
            "id",
            "payload",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["2.0", "1.0", "aws:sqs", "aws:s3", "Notification", "Scheduled Event", "aws.events"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_json_value_arrives_unchanged(payload in json_value()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for invoked in runtime.block_on(testing().invoke_everywhere("mirror", &payload)) {
            let result = invoked.result.map_err(|error| error.to_string());
            prop_assert_eq!(result, Ok(payload.clone()), "{}, {}", invoked.provider, invoked.shape);
        }
    }
}

#[function(post = "/orders", name = "orders")]
async fn order() -> &'static str {
    "http"
}

#[function(any = "/MIRROR", name = "shouted")]
async fn shouted() {}

/// Sends a request to a server in every shape, and checks the status and the body.
async fn requests(app: fn() -> App, table: &[(&str, &str, u16, &str)], providers: &[&str]) {
    for (method, path, status, body) in table {
        let request = || {
            let request = Request::builder().method(*method).uri(*path).header("host", "example.com");
            request.header("user-agent", "test").body(Bytes::from_static(b"[1]")).expect("a request")
        };
        for answered in Testing::new(app).request_everywhere(request).await {
            // The host posts an envelope to a function's name, whatever the path is.
            if !providers.contains(&answered.provider) || answered.shape == "data" {
                continue;
            }
            let place = format!("{method} {path}, {}, {}", answered.provider, answered.shape);
            let response = answered.response.unwrap_or_else(|error| panic!("{place}: {error}"));
            assert_eq!(response.status(), *status, "{place}");
            assert!(body.is_empty() || response.body() == body, "{place}: {response:?}");
        }
    }
}

/// A function has the path of its name on a server, and no other request reaches it.
#[tokio::test]
async fn the_path_on_a_server() {
    let several = || omnifn::app!(mirror, settle, nothing);
    let own = [
        ("POST", "/mirror", 200, "[1]"),
        ("POST", "/mirror?a=b", 200, "[1]"),
        ("POST", "/nothing", 200, "null"),
        ("GET", "/mirror", 404, ""),
        ("POST", "/mirror/", 404, ""),
        ("POST", "/mirror/more", 404, ""),
        ("POST", "/Mirror", 404, ""),
        ("POST", "/", 404, ""),
        ("POST", "/_omnifn/mirror", 404, ""),
    ];
    requests(several, &own, &["gcp", "azure", "local"]).await;
    // Cloud Run has decoded the letter before.
    requests(several, &[("POST", "/%6dirror", 404, "")], &["azure", "local"]).await;
    requests(several, &[("POST", "/%6dirror", 200, "[1]")], &["gcp"]).await;
}

/// A client that can reach HTTP functions cannot invoke the functions beside them.
#[tokio::test]
async fn beside_http_functions() {
    let catch_all = || omnifn::app!(mirror, anything);
    // Only this machine's own clients may reach both on the local server, and these requests have no connection.
    requests(catch_all, &[("POST", "/mirror", 200, "http")], &["aws", "gcp", "azure", "local"]).await;
    for (address, body) in [([127, 0, 0, 1], "[1]"), ([10, 0, 0, 1], "http")] {
        let dispatch = Dispatch::new(Local::new(&nothing_set), catch_all().router().expect("an app"));
        let mut request = Request::post("/mirror").body(Payload::from("[1]")).expect("a request");
        request.extensions_mut().insert(Peer((address, 50000).into()));
        let reply = dispatch.answer(request).await.into_body().collect(1024).await;
        assert_eq!(reply.expect("a body"), body, "{address:?}");
    }
    let others = [("POST", "/other", 200, "http"), ("POST", "/mirror/", 200, "http"), ("GET", "/mirror", 405, "")];
    requests(catch_all, &others, &["aws", "gcp", "azure", "local"]).await;
    // The host of Azure has chosen the function, and checked its key: no other route takes this path.
    let other_paths = || omnifn::app!(mirror, order);
    requests(other_paths, &[("POST", "/mirror", 200, "[1]")], &["azure"]).await;
    requests(other_paths, &[("POST", "/mirror", 404, "")], &["aws", "gcp", "local"]).await;
    requests(other_paths, &[("POST", "/orders", 200, "http")], &["aws", "azure", "gcp", "local"]).await;
    // That host ignores the case of a path, so the other route may be the one that it has chosen.
    let other_case = || omnifn::app!(mirror, shouted);
    requests(other_case, &[("POST", "/mirror", 404, "")], &["azure"]).await;
}

/// The host of Azure checks the key of the first trigger that takes a path, and does not report which one it was.
#[tokio::test]
async fn behind_an_anonymous_trigger_of_azure() {
    let trigger = |level: &str, route: &str| {
        let binding = json!({"type": "httpTrigger", "authLevel": level, "route": route});
        json!({"bindings": [binding]}).to_string()
    };
    let all = || omnifn::app!(mirror, order);
    let alone = || omnifn::app!(mirror);
    for (app, others, status) in [
        (all as fn() -> App, trigger("anonymous", "orders"), 200),
        (all, trigger("function", "{*path}"), 200),
        (all, trigger("anonymous", "{*path}"), 404),
        (all, trigger("anonymous", "{page}"), 404),
        (alone, trigger("anonymous", "orders"), 200),
        (alone, trigger("anonymous", "{*path}"), 404),
    ] {
        let proxying = |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| "proxying".to_owned());
        let azure = Azure::new(&proxying).with_function_json("mirror", trigger("function", "mirror").as_bytes());
        let azure = azure.and_then(|azure| azure.with_function_json("app", others.as_bytes())).expect("triggers");
        let dispatch = Dispatch::new(azure, app().router().expect("an app"));
        let request = Request::post("/mirror").header("x-forwarded-host", "example.com");
        let reply = dispatch.answer(request.body(Payload::from("[1]")).expect("a request")).await;
        assert_eq!(reply.status(), status, "{others}");
    }
}

/// A function that is alone takes every request of a server; the banner shows how to invoke it.
#[tokio::test]
async fn alone_on_a_server() {
    for (method, path, status) in
        [("POST", "/", 200), ("POST", "/mirror", 200), ("POST", "/some/where", 200), ("GET", "/", 405)]
    {
        let request = || {
            let request = Request::builder().method(method).uri(path).header("host", "example.com");
            request.header("user-agent", "test").body(Bytes::from_static(b"{}")).expect("a request")
        };
        for answered in Testing::new(|| omnifn::app!(mirror)).request_everywhere(request).await {
            if answered.provider == "aws" || answered.shape == "data" {
                continue;
            }
            let place = format!("{method} {path}, {}, {}", answered.provider, answered.shape);
            let response = answered.response.expect("a response");
            assert_eq!(response.status(), status, "{place}");
            if status == 405 {
                assert_eq!(response.headers()["allow"], "POST", "{place}");
            }
        }
    }
}

/// Nothing in a payload identifies its function, so a function that is not selected is not invoked on AWS.
#[tokio::test]
async fn a_payload_reaches_no_other_function() {
    let before = CALLS.load(Ordering::Relaxed);
    for (name, event) in fixtures::all() {
        let mut aws = Aws::new(&nothing_set);
        let router = omnifn::app!(price, mirror).state(3_u32).router().expect("an app");
        aws.serve(router.functions());
        let (_, decoded) = aws.decode(Request::new(Payload::from(event.clone())));
        assert!(!matches!(decoded, Decoded::Call(ref call) if call.request.uri() == "/mirror"), "{name}");
        let router = omnifn::app!(mirror, anything, settle).only("mirror").router().expect("an app");
        let dispatch = Dispatch::new(Aws::new(&nothing_set), router);
        let reply = dispatch.answer(Request::new(Payload::from(event))).await;
        assert!(!reply.headers().contains_key("lambda-runtime-function-error-type"), "{name}: {reply:?}");
    }
    assert_eq!(CALLS.load(Ordering::Relaxed), before);
}

/// A failure keeps its name, however long its message is.
#[function(invoke)]
async fn verbose() -> Result<()> {
    Err(Error::new(omnifn::ErrorKind::Function, "x".repeat(7 * 1024 * 1024)).with_name("Verbose"))
}

#[tokio::test]
async fn a_message_that_is_too_large() {
    let lambda = Testing::new(|| omnifn::app!(verbose)).lambda().expect("a port");
    let error = lambda.invoke("{}").await.expect_err("it fails");
    assert_eq!((&*error.error_type, error.error_message.len()), ("Verbose", 256 * 1024));
}

#[tokio::test]
async fn a_result_that_is_too_large() {
    #[function(invoke)]
    async fn large(Json(length): Json<usize>) -> Json<String> {
        Json("x".repeat(length))
    }
    let lambda = Testing::new(|| omnifn::app!(large)).lambda().expect("a port");
    let limit = 6 * 1024 * 1024 + 100;
    assert_eq!(lambda.invoke((limit - 2).to_string()).await.expect("a result").len(), limit);
    let error = lambda.invoke((limit - 1).to_string()).await.expect_err("a failure");
    assert_eq!(error.error_type, "Runtime.ResponseTooLarge");
    assert!(error.error_message.contains(&format!("the result is {} bytes", limit + 1)), "{error}");
}

/// The app's layers are for HTTP requests: they see a request to a server, and no direct invocation. A function's own layer sees both.
#[tokio::test]
async fn layers() {
    let locked = || {
        let refuse = axum::middleware::from_fn(async |_: axum::extract::Request, _: axum::middleware::Next| {
            StatusCode::UNAUTHORIZED
        });
        omnifn::app!(nothing, bytes).layer(refuse)
    };
    for invoked in Testing::new(locked).invoke_everywhere("nothing", &()).await {
        match (invoked.provider, invoked.result) {
            ("aws", result) => assert_eq!(result.expect("a result"), Value::Null),
            (provider, result) => assert_eq!(result.expect_err(provider).status_code(), 401),
        }
    }
    let own = || {
        let refuse = axum::middleware::from_fn(async |_: axum::extract::Request, _: axum::middleware::Next| {
            StatusCode::CONFLICT
        });
        omnifn::app!(nothing, bytes).function_layer("nothing", refuse)
    };
    for invoked in Testing::new(own).invoke_everywhere("nothing", &()).await {
        let error = invoked.result.expect_err("a failure");
        assert!(error.status_code() == 409 || error.to_string().contains("409 Conflict"), "{error}");
    }
}

#[test]
fn a_path_that_an_http_function_has() {
    #[function(post = "/price", name = "checkout")]
    async fn checkout() {}
    #[function(get = "/price", name = "shown")]
    async fn shown() {}
    let app = App::new().function(price {}).function(checkout {}).state(3_u32);
    let error = app.router().expect_err("an error").to_string();
    assert_eq!(
        error,
        "`POST /price` invokes the function `price`, but the function `checkout` has that route: rename one of them"
    );
    assert!(App::new().function(price {}).function(shown {}).state(3_u32).router().is_ok());
    // A function that is not served has no path.
    let app = App::new().function(price {}).function(checkout {}).state(3_u32).only("price");
    assert!(app.router().is_ok());
}

/// A function that is invoked directly is an ordinary fn.
#[tokio::test]
async fn called_directly() {
    assert_eq!(price(Json(cart("tea", 2)), State(5)).await.expect("a price").0, 10);
}

#[tokio::test]
async fn only_such_functions_are_invoked() {
    let testing = Testing::new(|| omnifn::app!(anything, settle));
    let panicked = |function: &str| {
        let invoke = std::panic::AssertUnwindSafe(|| drop(testing.invoke(function, &())));
        *std::panic::catch_unwind(invoke).expect_err("a panic").downcast::<String>().expect("words")
    };
    let words = "`settle` takes messages of a queue: only a function with `invoke` is invoked directly";
    assert!(panicked("settle").starts_with(words), "{}", panicked("settle"));
    let words = "there is no function `absent` in the app, which has: `http`, `settle`";
    assert!(panicked("absent").starts_with(words), "{}", panicked("absent"));
}
