//! Browsers call from pages of other origins: the same on every provider, for every answer, whoever makes it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use omnifn::{
    prelude::*,
    testing::{Answered, Testing},
};
use omnifn_azure::Azure;
use omnifn_core::{Cors, Payload};
use omnifn_local::Local;
use omnifn_runtime::{dispatch::Dispatch, mount};
use tower::ServiceExt as _;

const SHOP: &str = "https://shop.example.com";
const OTHER: &str = "https://evil.example";

#[function(any = "/orders/{id}")]
async fn orders(Path(id): Path<u32>) -> Result<([(HeaderName, &'static str); 2], String)> {
    match id {
        0 => Err(Error::status(422, "an order of nothing")),
        1 => panic!("no such order"),
        // A header of its own is replaced, so that there is one; what the response varies by is kept.
        id => Ok((
            [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://own.example"), (header::VARY, "accept")],
            id.to_string(),
        )),
    }
}

#[function(get = "/slow", timeout = 1)]
async fn slow() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

/// Takes the `OPTIONS` that are not preflights.
#[function(options = "/orders/{id}")]
async fn describe(Path(id): Path<u32>) -> String {
    format!("options of {id}")
}

fn app() -> App {
    omnifn::app!(orders, slow, describe; cors(
        origins = ["https://shop.example.com", "http://localhost:3000"],
        methods = ["GET", "POST"],
        headers = ["content-type", "x-tenant"],
        exposed = ["etag"],
        credentials = true,
        max_age = 600,
    ))
}

fn request(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Request<Bytes> {
    let head = Request::builder().method(method).uri(path).header(header::HOST, "api.example.com");
    headers.iter().fold(head, |head, (name, value)| head.header(name, *value)).body(Bytes::new()).expect("a request")
}

fn preflight(path: &str, origin: &str) -> Request<Bytes> {
    let asked = [
        (header::ORIGIN, origin),
        (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
        (header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,x-tenant"),
    ];
    request(Method::OPTIONS, path, &asked)
}

fn values<B>(response: &Response<B>, name: HeaderName) -> Vec<&str> {
    response.headers().get_all(name).iter().map(|value| value.to_str().expect("a text")).collect()
}

async fn everywhere(new: impl Fn() -> App, request: impl Fn() -> Request<Bytes>) -> Vec<(String, Response<Bytes>)> {
    let all = Testing::new(new).request_everywhere(request).await;
    assert!(all.len() > 8, "{} shapes", all.len());
    let named = |Answered { provider, shape, response, .. }: Answered| {
        let place = format!("{provider}, {shape}");
        let response = response.unwrap_or_else(|error| panic!("{place}: {error}"));
        (place, response)
    };
    all.into_iter().map(named).collect()
}

/// What a browser does with the answer to its preflight for a `POST` with these headers.
fn allows<B>(response: &Response<B>, origin: &str) -> bool {
    let lists = |name: HeaderName, needed: &[&str]| {
        let all = values(response, name).join(",").to_ascii_lowercase();
        let listed: Vec<_> = all.split(',').map(str::trim).collect();
        needed.iter().all(|needed| listed.contains(needed))
    };
    response.status().is_success()
        && values(response, header::ACCESS_CONTROL_ALLOW_ORIGIN) == [origin]
        && values(response, header::ACCESS_CONTROL_ALLOW_CREDENTIALS) == ["true"]
        && lists(header::ACCESS_CONTROL_ALLOW_METHODS, &["post"])
        && lists(header::ACCESS_CONTROL_ALLOW_HEADERS, &["content-type", "x-tenant"])
}

#[tokio::test]
async fn a_preflight_is_answered_for_every_path_and_no_function_receives_it() {
    for path in ["/orders/7", "/orders/1", "/nowhere", "/slow"] {
        for (place, response) in everywhere(app, || preflight(path, SHOP)).await {
            assert!(allows(&response, SHOP), "{path}: {place}: {response:?}");
            assert_eq!((response.status(), response.body().len()), (StatusCode::NO_CONTENT, 0), "{path}: {place}");
        }
        for (place, response) in everywhere(app, || preflight(path, OTHER)).await {
            assert!(!allows(&response, OTHER), "{path}: {place}: {response:?}");
            assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [""; 0], "{path}: {place}");
            assert!(response.body().is_empty(), "{path}: {place}");
        }
    }
}

/// On Azure, too, where the host comes first only once the app is deployed with its settings.
#[tokio::test]
async fn the_app_answers_by_its_declaration() {
    async fn answered<A: omnifn_core::Adapter>(adapter: A) -> Response<Payload> {
        let dispatch = Dispatch::new(adapter, app().router().expect("an app"));
        dispatch.answer(preflight("/orders/7", SHOP).map(Payload::Whole)).await
    }
    let nothing = |_: &str| None;
    for response in [answered(Local::new(&nothing)).await, answered(Azure::new(&nothing)).await] {
        assert!(allows(&response, SHOP), "{response:?}");
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_METHODS), ["GET,POST"]);
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_HEADERS), ["content-type,x-tenant"]);
        assert_eq!(values(&response, header::ACCESS_CONTROL_MAX_AGE), ["600"]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_response_can_be_read_by_a_page_whoever_makes_it() {
    for (method, path, status) in [
        (Method::GET, "/orders/7", StatusCode::OK),
        (Method::POST, "/orders/7", StatusCode::OK),
        (Method::POST, "/orders/0", StatusCode::UNPROCESSABLE_ENTITY),
        (Method::POST, "/orders/1", StatusCode::INTERNAL_SERVER_ERROR),
        (Method::GET, "/orders/seven", StatusCode::BAD_REQUEST),
        (Method::GET, "/nowhere", StatusCode::NOT_FOUND),
        (Method::POST, "/slow", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/slow", StatusCode::GATEWAY_TIMEOUT),
    ] {
        for origin in [SHOP, "http://localhost:3000"] {
            let of_page = || request(method.clone(), path, &[(header::ORIGIN, origin)]);
            for (place, response) in everywhere(app, of_page).await {
                let place = format!("{method} {path}: {place}");
                assert_eq!(response.status(), status, "{place}");
                assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [origin], "{place}");
                assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_CREDENTIALS), ["true"], "{place}");
                assert_eq!(values(&response, header::ACCESS_CONTROL_EXPOSE_HEADERS), ["etag"], "{place}");
                let vary = values(&response, header::VARY).join(", ").to_ascii_lowercase();
                assert!(vary.split(", ").any(|name| name == "origin"), "{place}: {vary}");
                assert_eq!(vary.contains("accept"), path == "/orders/7", "{place}: {vary}");
            }
        }
    }
}

/// The origin of a page is the browser's to judge: a request from elsewhere is answered, and its page cannot read the answer.
#[tokio::test]
async fn the_page_of_another_origin_cannot_read_the_answer() {
    for path in ["/orders/0", "/nowhere"] {
        for (place, response) in everywhere(app, || request(Method::GET, path, &[(header::ORIGIN, OTHER)])).await {
            assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [""; 0], "{path}: {place}");
        }
        for (place, response) in everywhere(app, || request(Method::GET, path, &[])).await {
            assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [""; 0], "{path}: {place}");
        }
    }
}

#[tokio::test]
async fn options_that_are_no_preflight_reach_the_function() {
    for (place, response) in everywhere(app, || request(Method::OPTIONS, "/orders/7", &[(header::ORIGIN, SHOP)])).await
    {
        assert_eq!((response.status(), &response.body()[..]), (StatusCode::OK, &b"options of 7"[..]), "{place}");
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [SHOP], "{place}");
    }
}

#[tokio::test]
async fn every_origin() {
    let app = || omnifn::app!(orders; cors = "*");
    for (place, response) in everywhere(app, || request(Method::GET, "/orders/7", &[(header::ORIGIN, OTHER)])).await {
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), ["*"], "{place}");
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_CREDENTIALS), [""; 0], "{place}");
    }
    for (place, response) in everywhere(app, || preflight("/orders/7", OTHER)).await {
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), ["*"], "{place}");
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_METHODS), ["POST"], "{place}");
        assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_HEADERS), ["content-type,x-tenant"], "{place}");
    }
}

/// Without a declaration, a preflight is a request like others; only Azure's host does not let it through.
#[tokio::test]
async fn nothing_is_declared() {
    for (place, response) in everywhere(|| omnifn::app!(describe), || preflight("/orders/7", SHOP)).await {
        let expected = if place.starts_with("azure") { StatusCode::NO_CONTENT } else { StatusCode::OK };
        assert_eq!(response.status(), expected, "{place}");
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control-")), "{place}");
    }
}

/// A preflight needs no slot, and a page can read that there is none for its request.
#[tokio::test]
async fn an_app_at_its_limit() {
    let app = app().concurrency_limit(0);
    let dispatch = Dispatch::new(Local::new(&|_: &str| None), app.router().expect("an app"));
    let response = dispatch.answer(preflight("/orders/7", SHOP).map(Payload::Whole)).await;
    assert!(allows(&response, SHOP), "{response:?}");
    let of_page = request(Method::GET, "/orders/7", &[(header::ORIGIN, SHOP)]);
    let response = dispatch.answer(of_page.map(Payload::Whole)).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [SHOP]);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
}

/// An app that another server mounts answers for itself.
#[tokio::test]
async fn a_mounted_app() {
    let mounted = mount::router(Local::new(&|_: &str| None), app()).await.expect("an app");
    let server = omnifn::axum::Router::new().merge(mounted);
    let response = server.oneshot(preflight("/orders/7", SHOP).map(Body::from)).await.expect("an answer");
    assert!(allows(&response, SHOP), "{response:?}");
}

#[test]
fn a_declaration_that_no_browser_understands_is_refused_at_the_start() {
    for (cors, why) in [
        (Cors::of(&[]), "no origin is given"),
        (Cors::of(&["https://shop.example.com/"]), "an origin has no path"),
        (Cors { credentials: true, ..Cors::of(&["*"]) }, "browsers refuse credentials"),
    ] {
        let error = omnifn::app!(orders).cors(cors).router().expect_err("an invalid app").to_string();
        assert!(error.contains("`App::cors`: ") && error.contains(why), "{error}");
    }
}

/// A value that is no text is the sender's mistake, and never an answer that allows it.
#[tokio::test]
async fn an_origin_of_any_bytes() {
    let dispatch = Dispatch::new(Local::new(&|_: &str| None), app().router().expect("an app"));
    let mut request = preflight("/orders/7", SHOP);
    request.headers_mut().insert(header::ORIGIN, HeaderValue::from_bytes(b"\xff\x80").expect("a value"));
    let response = dispatch.answer(request.map(Payload::Whole)).await;
    assert_eq!(values(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), [""; 0]);
}
