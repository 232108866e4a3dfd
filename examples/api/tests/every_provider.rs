//! One conversation with the API, over every shape in which every provider sends requests.

use api::{attachments, export, notes, session};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use omnifn_core::{Inverse, Payload};
use omnifn_runtime::dispatch::Dispatch;

/// The app of `main.rs`, behind an adapter.
async fn served<A: Inverse>(adapter: A) -> Dispatch<A> {
    let app = omnifn::app!(
        notes::create, notes::list, notes::read, notes::update, notes::delete,
        attachments::attach, attachments::download, export::export,
        session::home, session::login, session::whoami;
        state = api::connect
    );
    Dispatch::new(adapter, app.start(&omnifn_core::Env::of::<String, String>([])).await.expect("the app starts"))
}

async fn send<A: Inverse>(served: &Dispatch<A>, shape: &str, request: Request<Bytes>) -> Response<Bytes> {
    let message = served.adapter().write(shape, request).expect("the provider can send it");
    let (head, payload) = served.answer(message.map(Payload::Whole)).await.into_parts();
    let body = payload.into_body().collect().await.expect("a whole body").to_bytes();
    served.adapter().read(shape, Response::from_parts(head, body)).expect("the provider takes it")
}

fn request(method: &str, uri: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(uri).header("host", "notes.example.com");
    let request = if content_type.is_empty() { request } else { request.header("content-type", content_type) };
    request.body(body.into()).expect("a request")
}

async fn conversation<A: Inverse>(adapter: fn() -> A) {
    for shape in A::shapes() {
        let served = served(adapter()).await;
        let what = format!("{}, {shape}", served.adapter().provider());
        let talk = async |method: &str, uri: &str, content_type: &str, body: &[u8]| {
            send(&served, shape, request(method, uri, content_type, body.to_vec())).await
        };
        const JSON: &str = "application/json";

        let response = talk("POST", "/notes", JSON, br#"{"title":"milk","text":"\u00f6","tags":["shop"]}"#).await;
        assert_eq!(
            (response.status(), response.headers()["location"].as_bytes()),
            (StatusCode::CREATED, &b"/notes/1"[..]),
            "{what}"
        );
        let expected = r#"{"id":1,"title":"milk","text":"ö","tags":["shop"]}"#;
        assert_eq!(response.body(), expected, "{what}");
        assert_eq!(talk("GET", "/notes/1", "", b"").await.body(), expected, "{what}");
        let listed = talk("GET", "/notes?tag=shop&limit=1", "", b"").await;
        assert_eq!(*listed.body(), format!(r#"{{"notes":[{expected}],"next":null}}"#), "{what}");
        let changed = talk("PUT", "/notes/1", JSON, br#"{"title":"oat milk"}"#).await;
        assert_eq!(changed.body(), r#"{"id":1,"title":"oat milk","text":"","tags":[]}"#, "{what}");

        for (method, uri, body, status, words) in [
            ("GET", "/notes/7", &b""[..], 404, "there is no note 7"),
            ("GET", "/notes/seven", b"", 400, "`id`"),
            ("GET", "/notes?limit=many", b"", 400, "`limit`"),
            ("POST", "/notes", br#"{"title":""}"#, 422, "`title` must not be empty"),
            ("POST", "/notes", br#"{"titel":"x"}"#, 422, "titel"),
            ("POST", "/notes", b"milk", 400, "not JSON"),
        ] {
            let response = talk(method, uri, JSON, body).await;
            let text = String::from_utf8_lossy(response.body()).into_owned();
            assert_eq!(response.status().as_u16(), status, "{what}: {method} {uri}: {text}");
            assert!(text.contains(words), "{what}: {method} {uri}: {text}");
        }

        // An envelope of Azure's data mode carries only text, and one cookie.
        let text_alone = *shape == "data";
        let every_byte: Vec<u8> = if text_alone { b"text".to_vec() } else { (0..=255).collect() };
        let attached = talk("PUT", "/notes/1/attachment", "image/png", &every_byte).await;
        assert_eq!(attached.status(), StatusCode::NO_CONTENT, "{what}");
        let exported = talk("GET", "/export", "", b"").await;
        assert_eq!(exported.body(), "{\"id\":1,\"title\":\"oat milk\",\"text\":\"\",\"tags\":[]}\n", "{what}");

        let home = talk("GET", "/", "", b"").await;
        assert_eq!(
            (home.status(), home.headers()["location"].as_bytes()),
            (StatusCode::SEE_OTHER, &b"/notes"[..]),
            "{what}"
        );
        let login = talk("POST", "/login", JSON, br#"{"name":"ada"}"#).await;
        let cookies = login.headers().get_all("set-cookie").iter().count();
        assert_eq!((login.status().as_u16(), cookies), if text_alone { (500, 0) } else { (204, 2) }, "{what}");
        let mut whoami = request("GET", "/whoami", "", "");
        whoami.headers_mut().insert("cookie", "theme=dark; session=ada".parse().expect("a value"));
        assert_eq!(send(&served, shape, whoami).await.body(), "ada", "{what}");

        let downloaded = talk("GET", "/notes/1/attachment", "", b"").await;
        assert_eq!(downloaded.headers()["content-type"], "image/png", "{what}");
        assert_eq!(*downloaded.body(), every_byte, "{what}");
        assert_eq!(talk("DELETE", "/notes/1", "", b"").await.status(), StatusCode::NO_CONTENT, "{what}");
        assert_eq!(talk("DELETE", "/notes/1", "", b"").await.status(), StatusCode::NOT_FOUND, "{what}");
        assert_eq!(talk("PATCH", "/notes/1", "", b"").await.status(), StatusCode::METHOD_NOT_ALLOWED, "{what}");
    }
}

#[tokio::test]
async fn aws() {
    conversation(|| omnifn_aws::Aws::new(&|_: &str| None)).await;
}

#[tokio::test]
async fn azure() {
    conversation(|| omnifn_azure::Azure::new(&|_: &str| None)).await;
}

#[tokio::test]
async fn gcp() {
    conversation(|| omnifn_gcp::Gcp::new(&|_: &str| None)).await;
}

#[tokio::test]
async fn local() {
    conversation(|| omnifn_local::Local::new(&|_: &str| None)).await;
}
