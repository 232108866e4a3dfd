//! An app: its functions by route and by name, its state, its layers.

use std::{
    future::{Ready, ready},
    sync::Arc,
    task::{self, Poll},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use omnifn_core::{
    App, Body, Config, Context, Deploy, Env, Error, EventService, FromRequest, FromRequestParts, Function, HttpService,
    HttpTrigger, IntoResponse, Invocation, Location, Methods, Mount, Options, Payload, Route, Router, Spec, Target,
    Trigger,
    extract::{Json, Path, State},
};
use tower_layer::Layer;
use tower_service::Service;

mod support;

use support::block_on;

/// A function by hand, as the macro writes one.
macro_rules! function {
    ($name:ident $(($methods:expr, $path:expr))+ => $mount:expr) => {
        struct $name;

        impl Function for $name {
            const SPEC: &'static Spec = &Spec {
                name: stringify!($name),
                trigger: Trigger::Http(HttpTrigger { routes: &[$(Route { methods: $methods, path: $path }),+] }),
                options: Options::NONE,
                deploy: Deploy::NONE,
                grants: &[],
                secrets: &[],
                location: Location { module: module_path!(), file: file!(), line: line!() },
            };

            fn mount(self) -> Mount {
                $mount
            }
        }
    };
}

/// Says which function it is, and what the request was.
async fn echo(request: Request<Body>) -> omnifn_core::private::Response {
    let name = request.extensions().get::<Context>().map(Context::function_name).unwrap_or_default();
    format!("{name}: {} {}", request.method(), request.uri()).into_response()
}

function!(Read (Methods::GET, Some("/notes/{id}")) => Mount::handler(echo));
function!(Write (Methods::POST, Some("/notes")) (Methods::PUT, Some("/notes/{id}")) => Mount::handler(echo));
function!(Everything (Methods::ANY, None) => Mount::handler(echo));
function!(Mounted (Methods::ANY, Some("/api/{*path}")) => Mount::service(tower::service_fn(|request| async { Ok::<_, std::convert::Infallible>(echo(request).await) })));
function!(Twin (Methods::GET, Some("/notes/{number}")) => Mount::handler(echo));
function!(Broken (Methods::GET, Some("/{*a}/b")) => Mount::handler(echo));
function!(Greet (Methods::GET, Some("/greet/{name}")) => Mount::handler(|request: Request<Body>| async {
    let (mut head, _) = request.into_parts();
    let Ok(State(greeting)) = State::<&str>::from_request_parts(&mut head, &()).await else {
        return Error::status(500, "no greeting").into_response();
    };
    let Ok(Path(name)) = Path::<String>::from_request_parts(&mut head, &()).await else {
        return Error::status(500, "no name").into_response();
    };
    format!("{greeting}, {name}!").into_response()
}));
function!(Length (Methods::POST, Some("/length")) => Mount::handler(|request: Request<Body>| async {
    match Bytes::from_request(request, &()).await {
        Ok(body) => body.len().to_string().into_response(),
        Err(rejection) => rejection.into_response(),
    }
}));
function!(Document (Methods::POST, Some("/document")) => Mount::handler(|request: Request<Body>| async {
    match Json::<Vec<u8>>::from_request(request, &()).await {
        Ok(Json(document)) => document.len().to_string().into_response(),
        Err(rejection) => rejection,
    }
}));

fn notes() -> App {
    App::new().function(Read).function(Write)
}

/// Status, head and body of the answer.
fn send(router: &Router, target: Target, request: Request<Body>) -> (u16, http::HeaderMap, String) {
    let context = Context::new("test", Invocation::default(), false, SystemTime::now, router.state());
    let (head, body) = block_on(router.respond(request, target, context)).into_parts();
    let body = block_on(Payload::Stream(body).collect(100_000)).unwrap();
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn request(method: &str, uri: &str, body: &'static str) -> Request<Body> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    Request::builder()
        .method(method)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap()
}

#[test]
fn by_route_and_by_name() {
    let named = |name: &str| Target::Function(name.to_owned());
    let table = [
        (Target::Route, "GET", "/notes/7", 200, "Read: GET /notes/7"),
        (Target::Route, "PUT", "/notes/7?a=b", 200, "Write: PUT /notes/7?a=b"),
        (Target::Route, "POST", "/notes", 200, "Write: POST /notes"),
        (Target::Route, "POST", "/api", 200, "Mounted: POST /api"),
        (Target::Route, "GET", "/api/a/b", 200, "Mounted: GET /api/a/b"),
        (Target::Route, "GET", "/nothing", 404, ""),
        (Target::Route, "DELETE", "/notes/7", 405, ""),
        (named("Read"), "GET", "/notes/7", 200, "Read: GET /notes/7"),
        // The platform has chosen the function: another's route does not count.
        (named("Read"), "GET", "/api/a", 404, ""),
        (named("Read"), "PUT", "/notes/7", 405, ""),
        (named("Nobody"), "GET", "/notes/7", 404, ""),
        (named(""), "GET", "/notes/7", 404, ""),
    ];
    let router = notes().function(Mounted).router().unwrap();
    for (target, method, uri, status, body) in table {
        let (answered, headers, text) = send(&router, target.clone(), request(method, uri, ""));
        assert_eq!(answered, status, "{method} {uri} for {target:?}: {text}");
        if status == 200 {
            assert_eq!(text, body, "{method} {uri} for {target:?}");
        } else {
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(headers.contains_key(header::ALLOW), status == 405);
        }
    }
}

#[test]
fn a_405_names_the_methods_of_that_path() {
    let router = notes().router().unwrap();
    let (_, headers, _) = send(&router, Target::Route, request("DELETE", "/notes/7", ""));
    assert_eq!(headers[header::ALLOW], "GET, HEAD, PUT");
    let (_, headers, _) = send(&router, Target::Function("Write".into()), request("DELETE", "/notes/7", ""));
    assert_eq!(headers[header::ALLOW], "PUT");
}

#[test]
fn a_head_is_answered_by_a_get_without_its_body() {
    let router = notes().router().unwrap();
    let (status, headers, body) = send(&router, Target::Route, request("HEAD", "/notes/7", ""));
    assert_eq!((status, body.as_str()), (200, ""));
    assert_eq!(headers[header::CONTENT_LENGTH], "Read: HEAD /notes/7".len().to_string());
}

#[test]
fn one_function_alone() {
    let router = notes().only("Write").router().unwrap();
    assert_eq!(send(&router, Target::Route, request("POST", "/notes", "")).0, 200);
    assert_eq!(send(&router, Target::Route, request("GET", "/notes/7", "")).0, 405);
    let router = notes().only("Write, Read").router().unwrap();
    assert_eq!(send(&router, Target::Route, request("GET", "/notes/7", "")).0, 200);
    let why = notes().only("Write,Wrote").router().unwrap_err().to_string();
    assert_eq!(why, "unknown function `Wrote`; the functions are: `Read`, `Write`");
}

#[test]
fn apps_that_cannot_run() {
    let table = [
        ("two of one name", notes().function(Read), "two functions have the name `Read`: at "),
        (
            "two of one route",
            notes().function(Twin),
            "function `Twin`: two functions have the route GET /notes/{number}",
        ),
        ("twice everything", App::new().function(Everything).function(Everything), "two functions have the name"),
        ("a route that is none", App::new().function(Broken), "function `Broken`: `/{*a}/b` is not a valid route"),
    ];
    for (what, app, words) in table {
        let why = app.router().unwrap_err().to_string();
        assert!(why.contains(words), "{what}: {why}");
    }
}

#[test]
fn a_function_of_everything_takes_all_other_requests() {
    let router = notes().function(Everything).router().unwrap();
    assert_eq!(send(&router, Target::Route, request("GET", "/notes/7", "")).2, "Read: GET /notes/7");
    assert_eq!(send(&router, Target::Route, request("PURGE", "/x", "")).2, "Everything: PURGE /x");
    assert_eq!(
        send(&router, Target::Function("Everything".into()), request("GET", "/notes/7", "")).2,
        "Everything: GET /notes/7"
    );
}

#[test]
fn state() {
    let env = Env::of([("GREETING", "Good day")]);
    let greeting = |app: App| {
        let router = block_on(app.start(&env)).unwrap();
        send(&router, Target::Route, request("GET", "/greet/Ada", "")).2
    };
    let connect = || async { Ok::<_, Error>("Welcome") };
    assert_eq!(greeting(App::new().function(Greet).state("Hello")), "Hello, Ada!");
    assert_eq!(greeting(App::new().function(Greet).state_from(connect)), "Welcome, Ada!");
    assert_eq!(greeting(App::new().function(Greet).state("Hello").state_from(connect)), "Welcome, Ada!");
    assert_eq!(greeting(App::new().function(Greet).state(7_u8).state("Hello").state("Hi")), "Hi, Ada!");

    // From the environment, in whatever form.
    let said = |env: Env| async move { Ok::<&'static str, Error>(env.require("GREETING")?.leak()) };
    assert_eq!(greeting(App::new().function(Greet).state_from(said)), "Good day, Ada!");
    let said =
        |Config(()): Config<()>, env: Env| async move { Ok::<&'static str, Error>(env.require("GREETING")?.leak()) };
    assert_eq!(greeting(App::new().function(Greet).state_from(said)), "Good day, Ada!");
    let unset = App::new().function(Greet).state_from(async |env: Env| env.require("NAME"));
    assert!(block_on(unset.start(&env)).unwrap_err().to_string().contains("the variable `NAME` is not set"));

    // A part of a whole, which has to be there.
    let length = |greeting: &'static str| move |whole: &String| if whole.is_empty() { "" } else { greeting };
    let app = || App::new().function(Greet).part(length("Hi"));
    assert_eq!(greeting(app().state("whole".to_owned())), "Hi, Ada!");
    assert_eq!(greeting(app().state_from(|| async { Ok::<_, Error>("whole".to_owned()) })), "Hi, Ada!");
    assert!(block_on(app().start(&env)).unwrap_err().to_string().contains("was not given"));

    let failing = App::new().function(Greet).state_from(|| async { Err::<u8, _>(Error::status(500, "no database")) });
    assert_eq!(block_on(failing.start(&env)).unwrap_err().to_string(), "no database");
    let router = App::new().function(Greet).router().unwrap();
    let (status, _, body) = send(&router, Target::Route, request("GET", "/greet/Ada", ""));
    assert_eq!((status, body.contains("greeting")), (500, false));
}

/// Each hook runs once, whatever becomes of the others, and sees the state.
#[test]
fn hooks() {
    type Said = Arc<std::sync::Mutex<Vec<&'static str>>>;
    async fn first(said: Said) -> Result<(), Error> {
        said.lock().unwrap().push("first");
        Err(Error::status(500, "the first failed"))
    }
    let said = Said::default();
    let app = App::new().function(Greet).state(said.clone()).on_stop(first);
    let app = app.on_stop(async |said: Said| said.lock().unwrap().push("second")).on_stop(async || {});
    let app = app.on_restore(async |said: Said| said.lock().unwrap().push("restored"));
    let router = app.router().unwrap();
    assert!(router.has_stop());
    block_on(router.restore()).unwrap();
    assert_eq!(block_on(router.stop()).unwrap_err().to_string(), "the first failed");
    assert!(!router.has_stop());
    block_on(router.stop()).unwrap();
    assert_eq!(*said.lock().unwrap(), ["restored", "first", "second"]);

    let missing = App::new().function(Greet).on_stop(async |_: u8| {}).router().unwrap();
    assert!(block_on(missing.stop()).unwrap_err().to_string().contains("no state of type `u8`"));
}

#[test]
fn the_body_has_a_limit() {
    let app = || App::new().function(Length).function(Document);
    let table = [
        (app().body_limit(3), "/length", "123", 200),
        (app().body_limit(3), "/length", "1234", 413),
        (app().body_limit(3), "/document", "[1]", 200),
        (app().body_limit(3), "/document", "[12]", 413),
        (app(), "/length", "1234", 200),
    ];
    for (app, uri, body, status) in table {
        assert_eq!(send(&app.router().unwrap(), Target::Route, request("POST", uri, body)).0, status, "{uri} {body}");
    }
}

/// Adds a name to the header `x-layers` of every answer, and counts.
#[derive(Clone)]
struct Named(&'static str, Arc<()>);

#[derive(Clone)]
struct Wrapped<S>(S, &'static str, #[expect(dead_code, reason = "its count is looked at")] Arc<()>);

impl<S> Layer<S> for Named {
    type Service = Wrapped<S>;

    fn layer(&self, inner: S) -> Wrapped<S> {
        Wrapped(inner, self.0, self.1.clone())
    }
}

impl Service<Request<Body>> for Wrapped<HttpService> {
    type Response = omnifn_core::private::Response;
    type Error = std::convert::Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (response, name) = (self.0.call(request), self.1);
        Box::pin(async move {
            let mut response = response.await?;
            response.headers_mut().append("x-layers", name.parse().unwrap());
            Ok(response)
        })
    }
}

#[test]
fn layers_go_around_everything() {
    let seen = Arc::new(());
    let app = notes().layer(Named("inner", seen.clone())).layer(Named("outer", seen.clone()));
    let router = app.router().unwrap();
    for (method, uri, status) in [("GET", "/notes/7", 200), ("GET", "/nothing", 404), ("DELETE", "/notes/7", 405)] {
        for target in [Target::Route, Target::Function("Read".into())] {
            let (answered, headers, _) = send(&router, target, request(method, uri, ""));
            assert_eq!(answered, status);
            assert_eq!(headers.get_all("x-layers").iter().collect::<Vec<_>>(), ["inner", "outer"], "{method} {uri}");
        }
    }
    drop(router);
    assert_eq!(Arc::strong_count(&seen), 1, "a layer outlived its app");
}

/// A service that always fails.
#[derive(Clone)]
struct Failing;

impl Service<Request<Body>> for Failing {
    type Response = StatusCode;
    type Error = std::io::Error;
    type Future = Ready<Result<StatusCode, std::io::Error>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), std::io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Err(std::io::Error::other("hunter2")))
    }
}

function!(Fails (Methods::ANY, Some("/{*path}")) => Mount::service(Failing));

#[test]
fn a_service_that_fails_is_a_500_that_says_nothing() {
    let router = App::new().function(Fails).router().unwrap();
    let (status, _, body) = send(&router, Target::Route, request("GET", "/x", ""));
    assert_eq!((status, body.contains("hunter2")), (500, false), "{body}");
}

/// A layer around one function is not around the others; one that fits no function is an error of the app.
#[test]
fn a_layer_around_one_function() {
    #[derive(Clone)]
    struct Mark;
    impl Layer<HttpService> for Mark {
        type Service = HttpService;
        fn layer(&self, inner: HttpService) -> HttpService {
            HttpService::new(tower::service_fn(move |request| {
                let answer = inner.clone().call(request);
                async move {
                    let mut answer = answer.await?;
                    answer.headers_mut().insert("x-mark", "1".parse().unwrap());
                    Ok(answer)
                }
            }))
        }
    }
    impl Layer<EventService> for Mark {
        type Service = EventService;
        fn layer(&self, inner: EventService) -> EventService {
            inner
        }
    }
    let router =
        App::new().function(Greet).function(Read).state("Hello").function_layer("Greet", Mark).router().unwrap();
    let marked = |path: &str| send(&router, Target::Route, request("GET", path, "")).1.contains_key("x-mark");
    assert!(marked("/greet/Ada") && !marked("/notes/7"));
    let wrong = |app: App| app.router().unwrap_err().to_string();
    let none = wrong(App::new().function(Greet).function_layer("Great", Mark));
    assert!(none.contains("`Great`") && none.contains("unknown function"), "{none}");
    let other = wrong(App::new().function(Greet).event_layer("Greet", Mark));
    assert!(other.contains("`App::function_layer`"), "{other}");
}

#[derive(Clone)]
struct Whole(&'static str);

impl axum::extract::FromRef<Whole> for &'static str {
    fn from_ref(whole: &Whole) -> Self {
        whole.0
    }
}

impl omnifn_core::StateParts for Whole {
    fn add_parts(&self, parts: &mut omnifn_core::StateMap) {
        omnifn_core::private::add_part::<Whole, &'static str>(self, parts);
    }
}

#[test]
fn a_state_has_parts() {
    let env = omnifn_core::Env::of::<String, String>([]);
    let started = |app: App| block_on(app.start(&env)).map(|router| router.state().get::<&'static str>().copied());
    let whole = || App::new().state_from(async || Ok::<_, omnifn_core::Error>(Whole("a part")));
    assert_eq!(started(whole().parts::<Whole>()).unwrap(), Some("a part"));
    assert_eq!(started(whole()).unwrap(), None);
    // A state that the app was given directly takes precedence.
    assert_eq!(started(whole().parts::<Whole>().state("its own")).unwrap(), Some("its own"));
    let error = started(App::new().parts::<Whole>()).unwrap_err().to_string();
    assert!(error.contains("Whole") && error.contains("was not given"), "{error}");
}

#[derive(Clone)]
struct Other(&'static str);

impl axum::extract::FromRef<Other> for &'static str {
    fn from_ref(other: &Other) -> Self {
        other.0
    }
}

impl omnifn_core::StateParts for Other {
    fn add_parts(&self, parts: &mut omnifn_core::StateMap) {
        omnifn_core::private::add_part::<Other, &'static str>(self, parts);
    }
}

/// Which of the two would a function get?
#[test]
fn no_two_states_have_a_part_of_one_type() {
    let env = omnifn_core::Env::of::<String, String>([]);
    let both = || App::new().state(Whole("one")).state(Other("two")).parts::<Whole>().parts::<Other>();
    let error = block_on(both().start(&env)).unwrap_err().to_string();
    for words in ["::Whole`", "::Other`", "`&str`", "from_ref(skip)"] {
        assert!(error.contains(words), "{error}");
    }
    // A state that is given directly takes precedence over both. Declaring it twice changes nothing.
    assert!(block_on(both().state("three").start(&env)).is_ok());
    assert!(block_on(App::new().state(Whole("one")).parts::<Whole>().parts::<Whole>().start(&env)).is_ok());
}

#[test]
fn a_state_that_is_missing_names_those_that_are_there() {
    let error = |state: omnifn_core::StateMap| state.require::<u8>().unwrap_err().to_string();
    assert!(error(Default::default()).starts_with("no state of type `u8` was provided: write "));
    let mut state = omnifn_core::StateMap::default();
    state.insert(7_u16);
    state.insert("tea");
    assert!(error(state).starts_with("no state of type `u8` was provided, only of `u16`, `&str`: write "));
}

#[test]
fn a_list_of_functions_may_have_a_comma_too_many() {
    let only = |names: &str| App::new().function(Read).function(Write).only(names).router();
    let served = |names: &str| only(names).unwrap().functions().iter().map(|spec| spec.name).collect::<Vec<_>>();
    assert_eq!(served("Read, "), ["Read"]);
    assert_eq!(served(",Write,, Read,"), ["Read", "Write"]);
    for none in [",", " , ,", "", " "] {
        let error = only(none).unwrap_err().to_string();
        assert!(
            error.contains(&format!("expected the name of a function to serve, received {none:?}"))
                && error.contains("`Read`, `Write`"),
            "{error}"
        );
    }
}
