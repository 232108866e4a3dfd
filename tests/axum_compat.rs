//! What axum, `axum-extra` and `tower-http` document works on every provider, through every shape in which it sends requests.
//!
//! A row is a request, and what the client sees of the answer.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::{
    extract::{
        ConnectInfo, Extension, Form, MatchedPath, Multipart, OriginalUri, RawQuery, WebSocketUpgrade,
        rejection::JsonRejection,
    },
    response::{
        AppendHeaders, NoContent,
        sse::{Event, Sse},
    },
};
use axum_extra::{
    TypedHeader,
    extract::{
        CookieJar, SignedCookieJar,
        cookie::{Cookie, Key},
    },
    headers::{Authorization, UserAgent, authorization::Bearer},
};
use futures_util::stream;
use http::Version;
use omnifn::{prelude::*, testing::Testing};
use omnifn_core::{Payload, Peer, Target};
use serde::{Deserialize, Serialize};
use tower_http::{
    compression::CompressionLayer,
    cors::CorsLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    id: u8,
    text: String,
}

#[function(get = "/path/{id}/{text}")]
async fn path(axum::extract::Path(note): axum::extract::Path<Note>) -> axum::Json<Note> {
    axum::Json(note)
}

#[function(get = "/paths/{a}", post = "/paths/{b}")]
async fn two_names(axum::extract::Path(a): axum::extract::Path<u8>, method: Method, pattern: MatchedPath) -> String {
    format!("{method} {a} {}", pattern.as_str())
}

#[function(put = "/paths/{c}")]
async fn third_name(Path(c): Path<u8>, pattern: MatchedPath, ctx: Context) -> String {
    format!("PUT {c} {} {:?}", pattern.as_str(), ctx.route())
}

#[function(get = "/img/{name}.png")]
async fn suffix(axum::extract::Path(name): axum::extract::Path<String>, uri: Uri, original: OriginalUri) -> String {
    format!("{name} {} {}", uri.path(), original.path())
}

#[function(get = "/img/{name}")]
async fn no_suffix(Path(name): Path<String>) -> String {
    name
}

#[derive(Debug, Deserialize)]
struct Filter {
    limit: u8,
}

#[function(get = "/query")]
async fn query(filter: axum::extract::Query<Filter>, RawQuery(raw): RawQuery) -> String {
    format!("{} {raw:?}", filter.limit)
}

#[function(post = "/form")]
async fn form(Form(note): Form<Note>) -> String {
    format!("{note:?}")
}

#[function(post = "/multipart")]
async fn multipart(mut parts: Multipart) -> Result<String> {
    let mut found = String::new();
    while let Some(part) = parts.next_field().await? {
        found += &format!("{}={};", part.name().unwrap_or_default().to_owned(), part.text().await?);
    }
    Ok(found)
}

#[function(post = "/json")]
async fn json(body: Result<axum::Json<Note>, JsonRejection>) -> Result<String, JsonRejection> {
    body.map(|note| format!("{:?}", note.0))
}

#[function(get = "/matched/{a}/{*rest}")]
async fn matched(pattern: MatchedPath, OriginalUri(uri): OriginalUri) -> String {
    format!("{} {}", pattern.as_str(), uri)
}

#[derive(Clone)]
struct Injected(&'static str);

#[function(get = "/extension")]
async fn extension(Extension(Injected(value)): Extension<Injected>) -> &'static str {
    value
}

#[function(get = "/typed")]
async fn typed(
    TypedHeader(agent): TypedHeader<UserAgent>,
    bearer: Option<TypedHeader<Authorization<Bearer>>>,
) -> String {
    format!("{agent} {}", bearer.map(|bearer| bearer.token().to_owned()).unwrap_or_default())
}

#[function(get = "/cookies")]
async fn cookies(jar: CookieJar) -> (CookieJar, String) {
    let seen = jar.get("seen").map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    (jar.add(Cookie::new("seen", "2")), seen)
}

#[function(get = "/signed")]
async fn signed(State(key): State<Key>, headers: HeaderMap) -> (SignedCookieJar, &'static str) {
    let jar = SignedCookieJar::from_headers(&headers, key);
    let known = if jar.get("id").is_some() { "signed" } else { "forged" };
    (jar, known)
}

#[function(any = "/request/{*rest}")]
async fn request(request: Request) -> String {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    format!("{} {} {}", head.method, head.uri, body.len())
}

#[function(get = "/peer")]
async fn peer(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
    address.to_string()
}

#[function(get = "/socket")]
async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

#[function(get = "/responses/{kind}")]
async fn responses(Path(kind): Path<String>) -> Response {
    match kind.as_str() {
        "html" => Html("<p>").into_response(),
        "redirect" => Redirect::to("/elsewhere").into_response(),
        "tuple" => (StatusCode::CREATED, [("x-one", "1")], "made").into_response(),
        "append" => (AppendHeaders([("x-two", "1"), ("x-two", "2")]), "twice").into_response(),
        "none" => NoContent.into_response(),
        "form" => Form([("a", "b c")]).into_response(),
        "sse" => Sse::new(stream::iter([Ok::<_, Infallible>(Event::default().data("tick"))])).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[function(get = "/large")]
async fn large() -> String {
    "tea ".repeat(1000)
}

#[function(get = "/late")]
async fn late() -> &'static str {
    tokio::time::sleep(Duration::from_secs(600)).await;
    "late"
}

#[function(get = "/request-id")]
async fn request_id(headers: HeaderMap) -> String {
    headers.get("x-request-id").map_or(0, |id| id.len()).to_string()
}

#[function(any = "/shop/{*rest}")]
async fn shop(State(Injected(value)): State<Injected>, _env: Env) -> Result<axum::Router, &'static str> {
    if value.is_empty() {
        return Err("nothing to sell");
    }
    type Pattern = MatchedPath;
    let item =
        async |axum::extract::Path(id): axum::extract::Path<u8>,
               pattern: Pattern,
               state: axum::extract::State<&'static str>| { format!("{id} {} {}", pattern.as_str(), state.0) };
    let router = axum::Router::new().route("/shop", axum::routing::get(async || "the shop"));
    Ok(router.route("/shop/items/{id}", axum::routing::get(item)).with_state(value))
}

fn app() -> App {
    omnifn::app!(
        path, two_names, third_name, suffix, no_suffix, query, form, multipart, json, matched, extension, typed, cookies, signed,
        request, responses, large, late, request_id, shop;
        state = injected,
    )
    .state(Key::from(&[7; 64]))
    .function_layer("extension", axum::Extension(Injected("from a layer")))
    .function_layer("large", CompressionLayer::new())
    .function_layer("late", TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_millis(20)))
    .layer(PropagateRequestIdLayer::x_request_id())
    .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
    .layer(TraceLayer::new_for_http())
    .layer(CorsLayer::permissive())
}

async fn injected() -> Result<Injected> {
    Ok(Injected("state"))
}

/// A request, the status, the body, and headers of the answer.
struct Row(
    &'static str,
    fn(http::request::Builder) -> http::request::Builder,
    &'static str,
    u16,
    &'static str,
    &'static [(&'static str, &'static str)],
);

fn plain(request: http::request::Builder) -> http::request::Builder {
    request
}

const FORM: fn(http::request::Builder) -> http::request::Builder =
    |request| request.header("content-type", "application/x-www-form-urlencoded");
const JSON: fn(http::request::Builder) -> http::request::Builder =
    |request| request.header("content-type", "application/json");
const PARTS: &str = "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\ncontent-disposition: form-data; name=\"b\"\r\n\r\n2\r\n--b--\r\n";

const ROWS: &[Row] = &[
    Row(
        "GET /path/7/gr%C3%BC%C3%9Fe",
        plain,
        "",
        200,
        r#"{"id":7,"text":"grüße"}"#,
        &[("content-type", "application/json")],
    ),
    Row("GET /path/x/y", plain, "", 400, "Invalid URL: Cannot parse `id` with value `x` to a `u8`", &[]),
    Row("GET /paths/1", plain, "", 200, "GET 1 /paths/{a}", &[]),
    Row("POST /paths/2", plain, "", 200, "POST 2 /paths/{b}", &[]),
    Row("PUT /paths/3", plain, "", 200, r#"PUT 3 /paths/{c} Some("/paths/{c}")"#, &[]),
    Row("GET /img/cat.png", plain, "", 200, "cat /img/cat.png /img/cat.png", &[]),
    Row("GET /img/cat.gif", plain, "", 200, "cat.gif", &[]),
    Row("GET /query?limit=7&x=%20", plain, "", 200, r#"7 Some("limit=7&x=%20")"#, &[]),
    Row(
        "GET /query?limit=x",
        plain,
        "",
        400,
        "Failed to deserialize query string: limit: invalid digit found in string",
        &[],
    ),
    Row("POST /form", FORM, "id=7&text=a+b", 200, r#"Note { id: 7, text: "a b" }"#, &[]),
    Row(
        "POST /form",
        plain,
        "id=7",
        415,
        "Form requests must have `Content-Type: application/x-www-form-urlencoded`",
        &[],
    ),
    Row(
        "POST /multipart",
        |request| request.header("content-type", "multipart/form-data; boundary=b"),
        PARTS,
        200,
        "a=1;b=2;",
        &[],
    ),
    Row("POST /json", JSON, r#"{"id":7,"text":"a"}"#, 200, r#"Note { id: 7, text: "a" }"#, &[]),
    Row(
        "POST /json",
        JSON,
        r#"{"id":"x"}"#,
        422,
        "Failed to deserialize the JSON body into the target type: id: invalid type: string \"x\", expected u8 at line 1 column 9",
        &[],
    ),
    Row("GET /matched/1/b%20c?d=1", plain, "", 200, "/matched/{a}/{*rest} /matched/1/b%20c?d=1", &[]),
    Row("GET /extension", plain, "", 200, "from a layer", &[]),
    Row(
        "GET /typed",
        |request| request.header("user-agent", "tea/1").header("authorization", "Bearer token"),
        "",
        200,
        "tea/1 token",
        &[],
    ),
    Row("GET /cookies", |request| request.header("cookie", "seen=1"), "", 200, "1", &[("set-cookie", "seen=2")]),
    Row("GET /signed", |request| request.header("cookie", "id=forged"), "", 200, "forged", &[]),
    Row("POST /request/a//b?c=d", plain, "four", 200, "POST /request/a//b?c=d 4", &[]),
    Row("GET /responses/html", plain, "", 200, "<p>", &[("content-type", "text/html; charset=utf-8")]),
    Row("GET /responses/redirect", plain, "", 303, "", &[("location", "/elsewhere")]),
    Row("GET /responses/tuple", plain, "", 201, "made", &[("x-one", "1")]),
    Row("GET /responses/append", plain, "", 200, "twice", &[("x-two", "1, 2")]),
    Row("GET /responses/none", plain, "", 204, "", &[]),
    Row("GET /responses/form", plain, "", 200, "a=b+c", &[("content-type", "application/x-www-form-urlencoded")]),
    Row("GET /responses/sse", plain, "", 200, "data: tick\n\n", &[("content-type", "text/event-stream")]),
    Row("GET /late", plain, "", 503, "", &[]),
    Row("GET /request-id", plain, "", 200, "36", &[]),
    Row("GET /request-id", |request| request.header("x-request-id", "mine"), "", 200, "4", &[("x-request-id", "mine")]),
    Row(
        "GET /request-id",
        |request| request.header("origin", "http://a.example"),
        "",
        200,
        "36",
        &[("access-control-allow-origin", "*")],
    ),
    Row(
        "OPTIONS /query",
        |request| request.header("origin", "http://a.example").header("access-control-request-method", "GET"),
        "",
        200,
        "",
        &[("access-control-allow-methods", "*")],
    ),
    Row("GET /shop", plain, "", 200, "the shop", &[]),
    Row("GET /shop/items/7", plain, "", 200, "7 /shop/items/{id} state", &[]),
    Row("GET /shop/nothing", plain, "", 404, "", &[]),
];

#[tokio::test]
async fn every_row_on_every_provider() {
    let testing = Testing::new(app);
    for Row(line, head, body, status, expected, headers) in ROWS {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let request = || {
            let request = http::Request::builder()
                .method(method)
                .uri(format!("http://example.com{path}"))
                .header("host", "example.com");
            head(request).body(Bytes::from_static(body.as_bytes())).expect("a request")
        };
        let mut carried = 0;
        for answered in testing.request_everywhere(request).await {
            let place = format!("{line} on {}, {}", answered.provider, answered.shape);
            // What a shape cannot carry is the subject of the suite `conformance`.
            let Ok(response) = answered.response else { continue };
            carried += 1;
            if answered.provider == "azure" && response.status() == 204 && method == "OPTIONS" {
                // The host answers preflights itself, so the program's own layer receives none.
                assert!(!response.headers().contains_key("access-control-allow-origin"), "{place}");
                continue;
            }
            assert_eq!(response.status(), *status, "{place}: {:?}", response.body());
            assert_eq!(String::from_utf8_lossy(response.body()), *expected, "{place}");
            for (name, value) in *headers {
                let values: Vec<_> =
                    response.headers().get_all(*name).iter().map(|value| value.to_str().expect("text")).collect();
                assert_eq!(values.join(", "), *value, "{place}: {name}");
            }
        }
        assert!(carried >= 10, "{line} was carried by {carried} shapes");
    }
}

#[tokio::test]
async fn a_large_answer_is_compressed() {
    let request = || {
        let request = http::Request::get("http://example.com/large")
            .header("host", "example.com")
            .header("accept-encoding", "gzip");
        request.body(Bytes::new()).expect("a request")
    };
    let mut carried = 0;
    for answered in Testing::new(app).request_everywhere(request).await {
        let Ok(response) = answered.response else { continue };
        // Azure's envelope carries only text.
        if response.status() == StatusCode::OK {
            carried += 1;
            assert_eq!(response.headers()["content-encoding"], "gzip", "{}", answered.shape);
            assert!(response.body().len() < 200 && response.body().starts_with(&[0x1f, 0x8b]), "{}", answered.shape);
        }
    }
    assert!(carried >= 10, "{carried}");
}

/// A request inside an event has no connection: the error explains that in the log.
#[tokio::test]
async fn connections() {
    let app = || omnifn::app!(peer, socket);
    let router = app().router().expect("an app");
    let respond = async |request: http::Request<Body>| {
        let context = Context::new("test", Default::default(), false, std::time::SystemTime::now, router.state());
        router.respond(request, Target::Route, context).await
    };
    let response = respond(http::Request::get("/peer").body(Body::empty()).expect("a request")).await;
    let error = response.extensions().get::<Error>().expect("an error").to_string();
    assert!(error.contains("did not arrive over a connection of its own"), "{error}");

    let everywhere = |path: &'static str| async move {
        let request = || {
            let request = http::Request::get(format!("http://example.com{path}")).header("host", "example.com");
            let request = request
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13");
            request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").body(Bytes::new()).expect("a request")
        };
        Testing::new(app).request_everywhere(request).await
    };
    for answered in everywhere("/peer").await {
        assert_eq!(answered.response.expect("carried").status(), 500, "{}", answered.shape);
    }
    for answered in everywhere("/socket").await {
        let status = answered.response.expect("carried").status();
        // Over HTTP/2 a WebSocket begins with `CONNECT`.
        let expected =
            if answered.shape == "http/2" { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::UPGRADE_REQUIRED };
        assert!(status == expected || status == StatusCode::BAD_REQUEST, "{}: {status}", answered.shape);
    }

    // A server knows the address of the client.
    let local = omnifn_local::Local::new(&|_: &str| None);
    let dispatch = omnifn_runtime::dispatch::Dispatch::new(local, app().router().expect("an app"));
    let mut request =
        http::Request::get("/peer").version(Version::HTTP_11).body(Payload::default()).expect("a request");
    request.extensions_mut().insert(Peer(([192, 0, 2, 7], 4711).into()));
    let answer = dispatch.answer(request).await.into_body().collect(100).await.expect("a body");
    assert_eq!(answer, "192.0.2.7:4711");
}

/// An app in an axum server that is there already: under its own paths and nested, with connections and WebSockets.
#[tokio::test]
async fn an_app_in_an_axum_server() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn from_state(State(Injected(value)): State<Injected>, ctx: Context) -> String {
        format!("{value}, {}, {}", ctx.function_name(), !ctx.invocation_id().is_empty())
    }
    #[function(get = "/state")]
    async fn state(injected: State<Injected>, ctx: Context) -> String {
        from_state(injected, ctx).await
    }
    #[function(get = "/panics")]
    async fn panics() {
        panic!("as it happens")
    }

    let functions =
        omnifn::app!(state, panics, peer, socket, matched; state = injected).into_router().await.expect("it starts");
    let server = axum::Router::new()
        .route("/health", axum::routing::get(async || "ok"))
        .nest("/below", functions.clone())
        .merge(functions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = server.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    let get = async |path: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        (head[9..12].to_owned(), body.to_owned())
    };
    assert_eq!(get("/health").await, ("200".to_owned(), "ok".to_owned()));
    assert_eq!(get("/state").await, ("200".to_owned(), "state, state, true".to_owned()));
    assert_eq!(get("/below/state").await, ("200".to_owned(), "state, state, true".to_owned()));
    assert_eq!(get("/matched/1/2").await.1, "/matched/{a}/{*rest} /matched/1/2");
    assert_eq!(get("/panics").await.0, "500");
    assert_eq!(get("/nothing").await.0, "404");
    assert!(get("/peer").await.1.starts_with("127.0.0.1:"));

    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let upgrade = "GET /socket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
    // A masked frame of two letters, and the same without a mask.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.expect("sent");
    let mut frame = [0; 4];
    stream.read_exact(&mut frame).await.expect("a frame");
    assert_eq!(frame, [0x81, 2, b'h', b'i']);
}
