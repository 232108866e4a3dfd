//! Tests of who can reach which function on Azure: a model of the host's routing in front of a program, both driven by the emitted texts.
//!
//! The host picks the first function, in the alphabetical order of names, whose route and methods match a request, even if it is
//! disabled; it checks the key that this function requires, and forwards the request without the name of the function
//! (<https://github.com/Azure/azure-functions-host/issues/3153>, seen on a host 4.1045 with keys enforced). The program then routes again, so in
//! an app with functions of different keys, a function could run whose key was not checked.

#[path = "support/azure.rs"]
mod azure_host;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use azure_host::{Front, KEY, MASTER, kestrel, takes_path};
use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::{App as Model, Function},
    notes,
    overlay::Overlay,
    package::azure,
};
use omnifn::{http::Request, prelude::*};
use omnifn_azure::Azure;
use omnifn_core::{Inverse as _, Payload};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

/// The functions that have run since it was last asked.
#[derive(Clone, Default)]
struct Ran(Arc<Mutex<BTreeSet<&'static str>>>);

impl Ran {
    fn add(&self, name: &'static str) {
        self.0.lock().unwrap().insert(name);
    }

    fn take(&self) -> BTreeSet<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[function(get = "/{_page}", visibility = "public")]
async fn page(State(ran): State<Ran>) {
    ran.add("page");
}

#[function(any = "/files/{*_rest}", visibility = "public")]
async fn files(State(ran): State<Ran>) {
    ran.add("files");
}

#[function(get = "/payroll")]
async fn payroll(State(ran): State<Ran>) {
    ran.add("payroll");
}

#[function(any = "/payroll/{_id}")]
async fn slip(State(ran): State<Ran>) {
    ran.add("slip");
}

#[function(get = "/report", visibility = "public", auth = "function")]
async fn report(State(ran): State<Ran>) {
    ran.add("report");
}

#[function(any = "/vault/{*_rest}", auth = "admin")]
async fn vault(State(ran): State<Ran>) {
    ran.add("vault");
}

#[function(invoke)]
async fn price(_: Value, State(ran): State<Ran>) -> Value {
    ran.add("price");
    json!(1)
}

#[function(queue = "orders")]
async fn settle(_: Message<Value>, State(ran): State<Ran>) {
    ran.add("settle");
}

#[function(event = "order.placed")]
async fn placed(_: CloudEvent<Value>, State(ran): State<Ran>) {
    ran.add("placed");
}

/// The functions that can be called without a key.
const PUBLIC: [&str; 2] = ["files", "page"];

fn program(ran: &Ran) -> App {
    omnifn::app!(page, files, payroll, slip, report, vault, price, settle, placed).state(ran.clone())
}

/// The same program, as its notes in this test say.
fn model() -> Model {
    let notes = notes::read(&std::env::current_exe().unwrap()).unwrap().functions;
    // With the feature `testing`, the functions of the conformance suite are in this executable, too.
    let own = notes.into_iter().map(Function::from).filter(|it| it.location.to_string().contains("azure_host.rs:"));
    let functions: Vec<_> = own.collect();
    assert_eq!(functions.len(), 9);
    Overlay::default().app("shop", functions, None).unwrap()
}

#[test]
fn the_model_routes_as_the_host() {
    for (route, path, takes) in [
        ("{*path}", "/", true),
        ("{*path}", "//a/%2e%2e/b", true),
        ("{page}", "/payroll", true),
        ("{page}", "/PAY%72oll/", true),
        ("{page}", "/a/b", false),
        ("{page}", "/a%2Fb", true),
        ("payroll", "/x/../PayRoll", true),
        ("payroll", "/x/%2E%2e/payroll", true),
        ("payroll", "//payroll", false),
        ("payroll", "/payroll;a=1", false),
    ] {
        let path = kestrel(path);
        assert_eq!(takes_path(route, &path.split('/').skip(1).collect::<Vec<_>>()), takes, "{route} {path}");
    }
}

/// An app: what the host knows of it, and its program with the app's settings.
struct Deployed {
    unit: String,
    front: Front,
    dispatch: Dispatch<Azure>,
    shape: &'static str,
}

/// How an app's own settings make the host pass requests on.
struct Mode {
    shape: &'static str,
    prefix: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

const PROXYING: &str = "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest";
const FORWARDING: &str = "AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest";
const PREFIX: &str = "AzureFunctionsJobHost__extensions__http__routePrefix";

const MODES: [Mode; 5] = [
    Mode { shape: "proxying", prefix: "", settings: &[] },
    Mode { shape: "proxying", prefix: "api", settings: &[(PREFIX, "api")] },
    Mode { shape: "forwarding", prefix: "", settings: &[(PROXYING, "false"), (FORWARDING, "true")] },
    Mode {
        shape: "forwarding",
        prefix: "api",
        settings: &[(PROXYING, "false"), (FORWARDING, "true"), (PREFIX, "api")],
    },
    Mode { shape: "data", prefix: "", settings: &[(PROXYING, "false")] },
];

/// The apps, as `cargo omnifn package` and `cargo omnifn emit bicep` describe them.
fn deployed(ran: &Ran, mode: &Mode) -> Vec<Deployed> {
    let model = model();
    let bicep = emit::render(&model, Format::Bicep, &[Cloud::Azure]).unwrap().remove(0).content;
    let mut apps: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (path, text) in azure::texts(&model).unwrap() {
        let (unit, path) = path.split_once('/').unwrap();
        apps.entry(unit.to_owned()).or_default().push((path.to_owned(), text));
    }
    let mut all = Vec::new();
    for (unit, texts) in apps {
        let own = bicep
            .split("\nresource ")
            .find(|text| text.starts_with(&format!("app_{unit} 'Microsoft.Web/sites")))
            .unwrap();
        let setting = |name: &str| {
            let value = own.split(&format!("name: '{name}'\n          value: '")).nth(1)?;
            Some(value.split('\'').next().unwrap().to_owned())
        };
        let (mut front, mut adapter) = (Front::below(mode.prefix), Azure::new(&|_: &str| None));
        for (path, text) in &texts {
            if let Some(name) = path.strip_suffix("/function.json") {
                let is_disabled = setting(&format!("AzureWebJobs.{name}.Disabled")).is_some();
                front.add(name, &serde_json::from_str(text).unwrap(), is_disabled);
                adapter = adapter.with_function_json(name, text.as_bytes()).unwrap();
            } else {
                adapter = adapter.with_host_json(text.as_bytes()).unwrap();
            }
        }
        let settings = mode.settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let adapter = adapter.with_environment(settings).unwrap();
        let program = program(ran).only(setting("OMNIFN_FUNCTION").expect("each app names its functions"));
        let dispatch = Dispatch::new(adapter, program.router().unwrap());
        all.push(Deployed { unit, front, dispatch, shape: mode.shape });
    }
    all
}

impl Deployed {
    /// Sends a request as a client; whether the host admitted it.
    async fn send(&self, request: Request<Bytes>) -> bool {
        let key = request.headers().get("x-functions-key").map(HeaderValue::as_bytes);
        let Ok(function) = self.front.admit(&request, key) else { return false };
        let Ok(mut message) = self.dispatch.adapter().write(self.shape, request) else { return false };
        if self.shape == "data" {
            *message.uri_mut() = format!("/{function}").parse().unwrap();
        }
        let reply = self.dispatch.answer(message.map(Payload::Whole)).await;
        let _ = reply.into_body().collect(usize::MAX).await;
        true
    }
}

fn request(method: &str, target: &str, headers: &[(&'static str, &'static str)], body: &str) -> Option<Request<Bytes>> {
    // What no HTTP client can send is left out.
    let mut request = Request::builder().method(method).uri(target).header("host", "shop.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).ok()
}

/// The ways to write a path that something between the client and the function may read as this one.
fn spellings(path: &str) -> Vec<String> {
    let bare = &path[1..];
    let (first, rest) = bare.split_at(1);
    let hex = first.as_bytes()[0];
    let wide = |c: char| char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap_or(c);
    let wide: String = bare.chars().map(|c| if c.is_ascii_alphanumeric() { wide(c) } else { c }).collect();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let title = first.to_ascii_uppercase();
    let mut all = vec![
        path.to_owned(),
        path.to_ascii_uppercase(),
        format!("/{title}{rest}"),
        format!("/%{hex:02x}{rest}"),
        format!("/%25{hex:02x}{rest}"),
        format!("/%2525{hex:02x}{rest}"),
        format!("/{}", encoded(bare)),
        format!("/%u00{hex:02x}{rest}"),
        format!("/%c1%{:02x}{rest}", hex | 0x80),
        format!("/{}", encoded(&wide)),
        format!("/{first}%C2%AD{rest}"),
        format!("/{first}%E2%80%8B{rest}"),
    ];
    for before in [
        "/",
        "/.",
        "/./.",
        "/..",
        "/x/..",
        "/x/%2e%2e",
        "/%2e",
        "/.%2e",
        "/files/..",
        "/x/..;",
        "/;",
        "/%2F",
        "/%2f",
        "/%5C",
        "/x/%2F..",
        "/api",
        "/%00",
    ] {
        all.push(format!("{before}/{bare}"));
        all.push(format!("{before}{bare}"));
    }
    for behind in [
        "/", "//", "/.", "/..", "/x/..", ";a=1", "%3Ba", "%20", "%09", "%00", ".", ".json", "%2F", "%2e", "?", "?x=1",
        "%3Fx=1", "#", "%23", "?code=", "?code=x", "/?/", "~", "%0d%0a", "/;/", "*",
    ] {
        all.push(format!("{path}{behind}"));
        all.push(format!("/{title}{rest}{behind}"));
    }
    all.extend([
        format!("http://shop.example{path}"),
        format!("http://shop.example/x/..{path}"),
        format!("/?{path}"),
        format!("/?path={path}"),
        format!("/page?page={bare}"),
        format!("/files{path}"),
        format!("/files/..{path}"),
        format!("/files/%2e%2e{path}"),
        format!("/files/..%2F{bare}"),
        format!("/files/%2e%2e%2F{bare}"),
        format!("/_omnifn{path}"),
        format!("//_omnifn{path}"),
        format!("/%5Fomnifn{path}"),
        format!("/admin/functions{path}"),
        format!("/runtime/webhooks{path}"),
    ]);
    all
}

/// Headers by which some servers take another method or another path, or the client for the host.
const TRICKS: [&[(&str, &str)]; 7] = [
    &[],
    &[("x-http-method-override", "GET"), ("x-http-method", "GET"), ("x-method-override", "GET")],
    &[
        ("x-original-url", "/payroll"),
        ("x-rewrite-url", "/payroll"),
        ("x-original-path", "/payroll"),
        ("x-forwarded-path", "/payroll"),
    ],
    &[
        ("x-forwarded-prefix", "/payroll"),
        ("x-forwarded-host", "127.0.0.1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
    ],
    &[("x-functions-key", "x"), ("authorization", "Bearer e30.e30.e30"), ("x-ms-client-principal", "e30=")],
    &[
        ("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11"),
        ("x-azure-functions-hostversion", "4.1045.200.0"),
        ("content-type", "application/json"),
    ],
    &[("connection", "x-forwarded-host"), ("content-type", "application/cloudevents+json")],
];

/// Returns bodies that imitate the host's requests and events.
fn bodies() -> [String; 3] {
    let request =
        json!({"Url": "http://shop.example/payroll", "Method": "GET", "Query": {}, "Headers": {}, "Params": {}});
    let event = json!({"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.placed", "data": {}});
    let envelope = json!({"Data": {"req": request, "bytes": "e30=", "event": event}, "Metadata": {"sys": {"MethodName": "payroll"}}});
    [String::new(), envelope.to_string(), event.to_string()]
}

/// Whatever a client sends to any of the apps without a key, only what is public runs.
#[tokio::test]
async fn no_spelling_of_a_path_reaches_a_function_whose_key_was_not_checked() {
    // What is refused is not printed.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let (ran, bodies) = (Ran::default(), bodies());
    let paths = ["/payroll", "/payroll/1", "/report", "/vault/x", "/price", "/settle", "/placed"];
    let (mut sent, mut admitted, mut seen) = (0, 0, BTreeSet::new());
    for mode in &MODES {
        for app in deployed(&ran, mode) {
            for (at, target) in paths.iter().flat_map(|path| spellings(path).into_iter().enumerate()) {
                // As the client wrote it, and as a front end may have folded it before.
                let folded = kestrel(target.split('?').next().unwrap_or_default());
                let is_sent = |target: &String| {
                    target.parse::<Uri>().is_ok() && (target.starts_with('/') || mode.prefix.is_empty())
                };
                for target in [target, folded].into_iter().filter(is_sent) {
                    let target = if mode.prefix.is_empty() { target } else { format!("/{}{target}", mode.prefix) };
                    for (method, tricks, body) in attempts(&bodies, at == 0) {
                        let Some(request) = request(method, &target, tricks, body) else { continue };
                        sent += 1;
                        admitted += usize::from(app.send(request).await);
                        let now = ran.take();
                        let unchecked: Vec<_> = now.iter().filter(|name| !PUBLIC.contains(name)).collect();
                        let words = format!("{method} {target} {tricks:?} to {} in {}", app.unit, app.shape);
                        assert!(unchecked.is_empty(), "{unchecked:?} ran: {words}");
                        seen.extend(now);
                    }
                }
            }
        }
    }
    assert!(sent > 50_000 && admitted > 10_000, "{sent} requests, of which {admitted} were admitted");
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), PUBLIC, "what is public answers everyone");
}

type Attempt<'a> = (&'static str, &'static [(&'static str, &'static str)], &'a str);

/// What a client tries with a path: two methods, or each method, each trick, and each body.
fn attempts(bodies: &[String; 3], all: bool) -> Vec<Attempt<'_>> {
    let mut attempts = vec![("GET", TRICKS[0], ""), ("POST", TRICKS[0], "")];
    if all {
        attempts.extend(["HEAD", "OPTIONS", "PUT", "TRACE", "QUERY"].map(|method| (method, TRICKS[0], "")));
        for tricks in &TRICKS[1..] {
            attempts.push(("GET", *tricks, ""));
            attempts.extend(bodies.iter().map(|body| ("POST", *tricks, body.as_str())));
        }
    }
    attempts
}

/// With the key of its own app, and of no other, each function answers.
#[tokio::test]
async fn a_key_opens_the_functions_of_its_app() {
    let ran = Ran::default();
    for mode in &MODES {
        let mut reached = BTreeMap::new();
        for app in deployed(&ran, mode) {
            for key in [KEY, MASTER] {
                for (method, path) in [
                    ("GET", "/payroll"),
                    ("POST", "/payroll/1"),
                    ("GET", "/report"),
                    ("GET", "/vault/x"),
                    ("POST", "/price"),
                    ("GET", "/tea"),
                ] {
                    let target =
                        if mode.prefix.is_empty() { path.to_owned() } else { format!("/{}{path}", mode.prefix) };
                    app.send(
                        request(
                            method,
                            &target,
                            &[("x-functions-key", key), ("content-type", "application/json")],
                            "1",
                        )
                        .unwrap(),
                    )
                    .await;
                    let own: &mut BTreeSet<_> = reached.entry((app.unit.clone(), key == MASTER)).or_default();
                    own.extend(ran.take());
                }
            }
        }
        reached.retain(|_, own| !own.is_empty());
        let expected = [
            (("http", false), vec!["page"]),
            (("http", true), vec!["page"]),
            (("payroll", false), vec!["payroll", "slip"]),
            (("payroll", true), vec!["payroll", "slip"]),
            (("price", false), vec!["price"]),
            (("price", true), vec!["price"]),
            (("report", false), vec!["report"]),
            (("report", true), vec!["report"]),
            (("vault", true), vec!["vault"]),
        ];
        let expected = expected.map(|((unit, master), own)| ((unit.to_owned(), master), own.into_iter().collect()));
        assert_eq!(reached, BTreeMap::from(expected), "{}", mode.shape);
    }
}

/// The app that these texts replaced: all functions with their own routes, those of others turned off. The host checks `page`, and the
/// program runs `payroll`. So the model sees the mistake where it is made.
#[tokio::test]
async fn an_app_of_several_kinds_of_access_would_run_what_nobody_checked() {
    let ran = Ran::default();
    let host_json =
        br#"{"customHandler": {"enableProxyingHttpRequest": true}, "extensions": {"http": {"routePrefix": ""}}}"#;
    let mut front = Front::default();
    let trigger =
        |level: &str, route: &str| json!({"bindings": [{"type": "httpTrigger", "authLevel": level, "route": route}]});
    front.add("page", &trigger("anonymous", "{page}"), false);
    front.add("payroll", &trigger("function", "payroll"), true);
    for (only, runs) in [("page,payroll", "payroll"), ("page", "page")] {
        let adapter = Azure::new(&|_: &str| None).with_host_json(host_json).unwrap();
        let dispatch = Dispatch::new(adapter, program(&ran).only(only).router().unwrap());
        let app = Deployed { unit: "all".to_owned(), front: std::mem::take(&mut front), dispatch, shape: "proxying" };
        assert!(app.send(request("GET", "/payroll", &[], "").unwrap()).await, "without a key");
        assert_eq!(ran.take().into_iter().collect::<Vec<_>>(), [runs]);
        front = app.front;
    }
}
