//! Every program behaves the same locally and through every front door that is emitted for it. A model of each gateway, driven by the
//! emitted text, stands in front of the program, which has the environment, the timeout, and the functions that the text gives it.

#[path = "../support/azure.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod azure_host;
mod bookshop;
mod doors;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use std::{collections::BTreeMap, time::Duration};

use cargo_omnifn::{
    cloud::Cloud,
    emit::Format,
    model::{App as Model, Cors, Function, FunctionNote, HttpTrigger, Trigger, Visibility},
    overlay::Overlay,
};
use doors::{Door, Kind, Passage, doors};
use omnifn::{
    axum::http::{HeaderName, HeaderValue, Request, Response, header},
    prelude::{App, Bytes, Env},
};
use omnifn_aws::Aws;
use omnifn_azure::Azure;
use omnifn_core::{Functions, Inverse, Payload};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

const FORMATS: [(Format, Cloud); 8] = [
    (Format::Sam, Cloud::Aws),
    (Format::Cloudformation, Cloud::Aws),
    (Format::Serverless, Cloud::Aws),
    (Format::Terraform, Cloud::Aws),
    (Format::Terraform, Cloud::Gcp),
    (Format::Knative, Cloud::Gcp),
    (Format::Bicep, Cloud::Azure),
    (Format::Terraform, Cloud::Azure),
];

const PROGRAMS: [&str; 7] = ["api", "bookshop", "chatbot", "checkout", "ingest", "thumbnail", "triggers"];

/// A program, as its `main.rs` has it.
fn program(name: &str) -> App {
    match name {
        "api" => {
            use api::{attachments, connect, export, notes, session};
            omnifn::app!(
                notes::create, notes::list, notes::read, notes::update, notes::delete,
                attachments::attach, attachments::download, export::export,
                session::home, session::login, session::whoami;
                state = connect
            )
        }
        "bookshop" => bookshop::app(),
        "chatbot" => omnifn::app!(chatbot::slack::command, chatbot::github::webhook; state = chatbot::connect),
        "checkout" => omnifn::app!(checkout::price::price, checkout::members::sign_up),
        "ingest" => {
            omnifn::app!(ingest::readings::take, ingest::devices::read, ingest::devices::forget; state = ingest::connect)
        }
        "thumbnail" => omnifn::app!(thumbnail::uploads::thumbnail; state = thumbnail::connect),
        _ => {
            use triggers::*;
            omnifn::app!(welcome, settle, announce, measure, index, nightly, placed, balance)
        }
    }
}

/// What its notes say.
fn model(name: &str, settings: Value) -> Model {
    let app = program(name);
    let function = |json: String| Function::from(serde_json::from_str::<FunctionNote>(&json).unwrap());
    let functions: Vec<_> = app.specs().map(|spec| function(spec.to_json())).collect();
    let mut settings = settings;
    if name == "triggers" {
        // Timers of Azure's plan run by UTC: without this, `emit` and `check` refuse Azure, and say so.
        settings["azure"] = json!({"functions": {"nightly": {"schedule": "0 3 * * *", "time_zone": "UTC"}}});
    }
    let overlay = Overlay::read(&json!({ "omnifn": settings })).unwrap();
    let mut model = overlay.app(name, functions, None).unwrap();
    if name == "bookshop" {
        let router = app.router().unwrap();
        let declared = serde_json::to_value(router.cors().unwrap()).unwrap();
        model.cors = Some(serde_json::from_value::<Cors>(declared).unwrap());
    }
    model
}

/// Settings under which a program is deployed in other ways.
fn settings() -> [Value; 4] {
    [
        json!({}),
        json!({"aws": {"http": "function-url"}}),
        json!({"aws": {"http": "function-url", "streaming": true}}),
        json!({"units": {"http": "per-function"}}),
    ]
}

/// A program behind a door.
struct Deployed {
    door: Door,
    units: BTreeMap<String, Program>,
}

enum Program {
    Aws(Dispatch<Aws>),
    Gcp(Dispatch<Gcp>),
    Azure(Dispatch<Azure>),
}

/// Starts the program as a unit: with its variables, its functions, and its timeout.
async fn start(name: &str, unit: &doors::Unit, door: &Door) -> Program {
    let mut app = program(name);
    let variable = if door.kind == Kind::CloudRun { "FUNCTION_TARGET" } else { "OMNIFN_FUNCTION" };
    if let Some(names) = unit.environment.get(variable) {
        app = app.only(names.clone());
    }
    let specs: Vec<_> = app.specs().collect();
    let router = app.start(&environment(&unit.environment)).await.unwrap();
    let get = |name: &str| unit.environment.get(name).cloned();
    let timeout = Duration::from_secs(unit.timeout.expect("every text sets a timeout"));
    match door.kind {
        Kind::CloudRun => {
            let adapter = Gcp::new(&get).with_routes(specs.into_iter().flat_map(|spec| spec.routes()));
            Program::Gcp(Dispatch::new(adapter, router).with_timeout(timeout))
        }
        Kind::AzureApp => {
            let of_app = door.app.as_ref().unwrap();
            let adapter = Azure::new(&get).with_host_json(of_app.host_json.as_bytes()).unwrap();
            let mut adapter = adapter.with_environment(unit.environment.clone()).unwrap();
            for (function, json) in &of_app.function_jsons {
                adapter.read_function_json(function, json.as_bytes()).unwrap();
            }
            Program::Azure(Dispatch::new(adapter, router).with_timeout(timeout))
        }
        Kind::HttpApi | Kind::FunctionUrl => Program::Aws(Dispatch::new(Aws::new(&get), router).with_timeout(timeout)),
    }
}

/// The variables of a unit, with the secrets that a test may know.
fn environment(variables: &BTreeMap<String, String>) -> Env {
    let bucket = ("OMNIFN_BUCKET_UPLOADS".to_owned(), "memory:///".to_owned());
    let secrets = ["SLACK_SIGNING_SECRET", "GITHUB_WEBHOOK_SECRET"].map(|name| (name.to_owned(), "secret".to_owned()));
    let mut all = variables.clone();
    all.extend(secrets.into_iter().chain([bucket]));
    Env::of(all)
}

async fn deployed(name: &str, model: &Model, format: Format, cloud: Cloud) -> Vec<Deployed> {
    let mut all = Vec::new();
    for door in doors(model, format, cloud) {
        let mut units = BTreeMap::new();
        for (id, unit) in &door.units {
            units.insert(id.clone(), start(name, unit, &door).await);
        }
        all.push(Deployed { door, units });
    }
    all
}

impl Deployed {
    /// Sends a request as a client with an identity of the cloud's own, or without one.
    async fn send(&self, request: Request<Bytes>, has_identity: bool) -> Result<Response<Bytes>, u16> {
        // Azure's host answers preflights before it asks for a key.
        let cors = self.door.app.as_ref().and_then(|app| app.cors.as_ref());
        let host = self.units.values().find_map(|program| match program {
            Program::Azure(dispatch) => Some(dispatch.adapter()),
            _ => None,
        });
        if let Some(answer) = host.and_then(|host| host.answer_of_gateway(&request, cors)) {
            return Ok(answer);
        }
        let unit = match self.door.passage(&request, has_identity) {
            Passage::To(unit) => unit,
            Passage::Refused(status) => return Err(status),
        };
        let shape = match self.door.kind {
            Kind::HttpApi => "http-api-v2",
            Kind::FunctionUrl => "function-url",
            Kind::CloudRun => "http/1.1",
            Kind::AzureApp => "proxying",
        };
        Ok(match &self.units[unit] {
            Program::Aws(dispatch) => answered(dispatch, shape, request).await,
            Program::Gcp(dispatch) => answered(dispatch, shape, request).await,
            Program::Azure(dispatch) => {
                let asked = request.headers().clone();
                let mut response =
                    dispatch.adapter().pass_gateway(&asked, cors, answered(dispatch, shape, request).await);
                // The host says once more that the answer varies by origin, which the program has said: to caches, it is the same.
                let vary: Vec<_> = response.headers().get_all(header::VARY).iter().cloned().collect();
                if let [own @ .., last] = &vary[..]
                    && last == "Origin"
                    && own.iter().any(|own| own.to_str().unwrap().split(", ").any(|name| name == "origin"))
                {
                    response.headers_mut().remove(header::VARY);
                    for value in own {
                        response.headers_mut().append(header::VARY, value.clone());
                    }
                }
                response
            }
        })
    }
}

async fn answered<A: Inverse>(dispatch: &Dispatch<A>, shape: &str, request: Request<Bytes>) -> Response<Bytes> {
    let message = dispatch.adapter().write(shape, request).unwrap();
    let (head, payload) = dispatch.answer(message.map(Payload::Whole)).await.into_parts();
    let reply = Response::from_parts(head, payload.collect(usize::MAX).await.unwrap());
    dispatch.adapter().read(shape, reply).unwrap()
}

/// What a client and a browser send to the paths of a program, and to others.
fn requests(model: &Model) -> Vec<Request<Bytes>> {
    let mut paths =
        vec!["/".to_owned(), "/nowhere".to_owned(), "/unknown/page.html".to_owned(), "/a%2Fb//c".to_owned()];
    for function in &model.functions {
        let Trigger::Http(HttpTrigger { routes }) = &function.trigger else { continue };
        for path in routes.iter().filter_map(|route| route.path.as_deref()) {
            // A parameter is a number, a word, or one whose spelling must be kept.
            for value in ["7", "a%2520b"] {
                let segment = |part: &str| match part.starts_with('{') {
                    true if part.starts_with("{*") => format!("{value}/x;y=1"),
                    true => value.to_owned(),
                    false => part.to_owned(),
                };
                paths.push(path.split('/').map(segment).collect::<Vec<_>>().join("/"));
            }
            paths.push(format!("{path}/").replace(['{', '}', '*'], "1"));
        }
    }
    paths.dedup();
    let mut all = Vec::new();
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
            // A layer of the bookshop asks who calls.
            for customer in if model.cors.is_some() { &["ann", "bob"][..] } else { &["ann"] } {
                let request = Request::builder().method(method).uri(format!("{path}?a=1&b=x%20y&a=2"));
                let request = request.header(header::HOST, "shop.example.com").header("x-customer", *customer);
                let request =
                    request.header(header::CONTENT_TYPE, "application/json").header(header::ORIGIN, bookshop::SHOP);
                let body = if ["POST", "PUT", "PATCH"].contains(&method) { "7" } else { "" };
                all.push(request.body(Bytes::from(body)).unwrap());
            }
        }
        all.extend(
            [bookshop::SHOP, "http://localhost:3000", "https://evil.example"].map(|origin| preflight(&path, origin)),
        );
    }
    all
}

/// A browser asks before it sends. It sends no identity, and nothing that a layer of the program asks for.
fn preflight(path: &str, origin: &str) -> Request<Bytes> {
    let request = Request::options(path).header(header::HOST, "shop.example.com").header(header::ORIGIN, origin);
    let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
    request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,x-customer").body(Bytes::new()).unwrap()
}

/// The status, the headers, and the body.
type Seen = (u16, Vec<(HeaderName, HeaderValue)>, Bytes);

/// What a client sees of an answer. A gateway measures and dates what it sends.
fn seen(response: &Response<Bytes>) -> Seen {
    // On Google Cloud, the contract of functions names failures in a header.
    let of_gateway = [header::CONTENT_LENGTH, header::DATE, HeaderName::from_static("x-google-status")];
    let headers = response.headers().iter().filter(|(name, _)| !of_gateway.contains(name));
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
    headers.sort_by(|one, other| (one.0.as_str(), one.1.as_bytes()).cmp(&(other.0.as_str(), other.1.as_bytes())));
    (response.status().as_u16(), headers, response.body().clone())
}

/// What a client sees of a 405 but for the methods that it may use instead.
fn without_allow(response: &Response<Bytes>) -> Option<Seen> {
    let (status, mut headers, body) = seen(response);
    headers.retain(|(name, _)| name != header::ALLOW);
    (status == 405).then_some((status, headers, body))
}

/// What a browser concludes from the answer to a preflight. Without an origin, the rest is of no use to it.
fn concluded(response: &Response<Bytes>) -> Option<[Option<&HeaderValue>; 4]> {
    let names = [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
    ];
    let all = names.map(|name| response.headers().get(name));
    all[0].is_some().then_some(all)
}

async fn locally(name: &str) -> Dispatch<Local> {
    let router = program(name).start(&environment(&BTreeMap::new())).await.unwrap();
    Dispatch::new(Local::new(&|_: &str| None), router)
}

/// The functions of a program with these names, to ask for their routes.
fn functions(name: &str, names: &[&str]) -> Functions {
    if names.is_empty() { Functions::default() } else { program(name).only(names.join(",")).functions() }
}

/// Whether a path is that of one of the functions.
fn have_path(functions: &Functions, path: &str) -> bool {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"];
    methods.iter().any(|method| functions.have_route(&doors::method(method), path))
}

#[tokio::test(start_paused = true)]
async fn every_request_is_answered_as_locally_through_every_door() {
    let (mut sent, mut wrong) = (0, Vec::new());
    for name in PROGRAMS {
        for settings in settings() {
            let model = model(name, settings.clone());
            // What is set for AWS changes nothing elsewhere.
            let formats =
                FORMATS.into_iter().filter(|(_, cloud)| *cloud == Cloud::Aws || settings.get("aws").is_none());
            for (format, cloud) in formats {
                for deployed in deployed(name, &model, format, cloud).await {
                    let place = format!("{name} by {format:?} on {cloud:?} with {settings}: {:?}", deployed.door.kind);
                    let local = locally(name).await;
                    let has_many_units = deployed.units.len() > 1;
                    let own: Vec<&str> =
                        deployed.door.units.values().flat_map(|unit| doors::served(&model, unit)).collect();
                    let all = model.functions.iter();
                    let others = all.clone().map(|function| function.name.as_str()).filter(|name| !own.contains(name));
                    // A program with several addresses has some of its paths at each.
                    let elsewhere = functions(name, &others.collect::<Vec<_>>());
                    let public = all.filter(|function| function.deploy.visibility == Some(Visibility::Public));
                    let public = functions(name, &public.map(|function| function.name.as_str()).collect::<Vec<_>>());
                    for request in requests(&model) {
                        let line = format!("{place}: {} {}", request.method(), request.uri());
                        let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
                        let has_identity = !is_preflight;
                        let path = request.uri().path().to_owned();
                        if have_path(&elsewhere, &path) {
                            continue;
                        }
                        let expected = answered(&local, "http/1.1", request.clone()).await;
                        match deployed.send(request, has_identity).await {
                            Ok(found) if seen(&found) == seen(&expected) => {}
                            // Azure's host answers preflights, also where the program declares no origins: the docs say so.
                            Ok(found)
                                if cloud == Cloud::Azure
                                    && is_preflight
                                    && concluded(&found) == concluded(&expected)
                                    && (model.cors.is_none() || found.status() == expected.status()) => {}
                            // A path whose methods are in several units: the answer names those of one.
                            Ok(found) if has_many_units && without_allow(&found) == without_allow(&expected) => {}
                            Ok(found) => {
                                wrong.push(format!("{line}: {:?}, locally {:?}", seen(&found), seen(&expected)))
                            }
                            // A preflight has no identity: `check` says so.
                            Err(status) => {
                                assert!(
                                    status == 403 && !has_identity && !have_path(&public, &path),
                                    "{line}: {status}"
                                );
                            }
                        }
                        sent += 1;
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {sent} requests, as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(sent > 10_000, "{sent} requests");
}

/// Whoever has no identity of the cloud's own reaches no private function, by no format.
#[test]
fn a_private_function_has_a_closed_door() {
    for settings in [json!({}), json!({"aws": {"http": "function-url"}})] {
        let model = model("ingest", settings);
        for (format, cloud) in FORMATS {
            let all = doors(&model, format, cloud);
            assert_eq!(all.len(), 1, "{format:?} on {cloud:?}");
            for path in ["/devices/7", "/", "/nowhere", "/_omnifn/ingest"] {
                let request = Request::get(path).body(()).unwrap();
                // Azure's host asks for a key.
                let refused = Passage::Refused(if cloud == Cloud::Azure { 401 } else { 403 });
                assert_eq!(all[0].passage(&request, false), refused, "{path}: {format:?} on {cloud:?}");
                assert!(matches!(all[0].passage(&request, true), Passage::To(_)), "{path}: {format:?} on {cloud:?}");
            }
        }
    }
}

/// One address on each cloud, and each function keeps its own time behind it.
#[tokio::test(start_paused = true)]
async fn the_bookshop_has_one_address_and_each_function_its_own_time() {
    let model = model("bookshop", json!({}));
    for (format, cloud) in FORMATS {
        let all = deployed("bookshop", &model, format, cloud).await;
        let [shop] = &all[..] else { panic!("{format:?} on {cloud:?}: {} addresses", all.len()) };
        assert_eq!(shop.units.len(), 1, "{format:?} on {cloud:?}");
        let local = locally("bookshop").await;
        for (path, status) in [("/search/1", 200), ("/search/5", 504), ("/export/5", 200), ("/export/25", 200)] {
            let request = Request::get(path).header(header::HOST, "shop.example.com").header("x-customer", "ann");
            let request = request.header(header::ORIGIN, bookshop::SHOP).body(Bytes::new()).unwrap();
            let found = shop.send(request.clone(), false).await.unwrap();
            assert_eq!(found.status(), status, "{path}: {format:?} on {cloud:?}");
            assert_eq!(
                seen(&found),
                seen(&answered(&local, "http/1.1", request).await),
                "{path}: {format:?} on {cloud:?}"
            );
            assert_eq!(found.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], bookshop::SHOP);
        }
    }
}

/// On Azure, the host answers preflights by the site's settings. A browser draws the same conclusions as locally.
#[tokio::test]
async fn azures_host_allows_the_pages_that_the_program_allows() {
    let model = model("bookshop", json!({}));
    let local = locally("bookshop").await;
    for format in [Format::Bicep, Format::Terraform] {
        let all = doors::azure_cors(&model, format);
        let [(unit, cors)] = &all.into_iter().collect::<Vec<_>>()[..] else { panic!("not one app") };
        assert_eq!(unit, "http");
        let host = Azure::new(&|_: &str| None);
        for path in ["/books/7", "/orders", "/nowhere"] {
            for (origin, is_allowed) in
                [(bookshop::SHOP, true), ("http://localhost:3000", true), ("https://evil.example", false)]
            {
                let request = preflight(path, origin);
                let found = host.answer_of_gateway(&request, Some(cors)).expect("the host's own answer");
                let expected = answered(&local, "http/1.1", request).await;
                for name in [header::ACCESS_CONTROL_ALLOW_ORIGIN, header::ACCESS_CONTROL_ALLOW_CREDENTIALS] {
                    // Without an origin, the rest is of no use to a browser.
                    let value = is_allowed.then(|| expected.headers()[&name].clone());
                    assert_eq!(found.headers().get(&name), value.as_ref(), "{format:?}: {path} from {origin}");
                }
                assert_eq!(expected.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), is_allowed);
                if is_allowed {
                    for name in [header::ACCESS_CONTROL_ALLOW_METHODS, header::ACCESS_CONTROL_ALLOW_HEADERS] {
                        assert_eq!(found.headers()[&name], expected.headers()[&name], "{format:?}: {path}");
                    }
                }
                assert_eq!(found.status(), expected.status());
            }
        }
    }
    let without = Model { cors: None, ..model };
    assert!(
        doors::azure_cors(&without, Format::Bicep).is_empty()
            && doors::azure_cors(&without, Format::Terraform).is_empty()
    );
}
