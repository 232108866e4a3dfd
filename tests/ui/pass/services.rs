//! A fn that returns a whole service: async or not, with the state and the environment, and fallible.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::convert::Infallible;

use omnifn::{axum::routing::get, prelude::*};

#[derive(Clone)]
struct Pool(&'static str);

#[function(any = "/a/{*rest}")]
async fn of_a_pool(State(Pool(name)): State<Pool>) -> axum::Router {
    axum::Router::new().route("/a/name", get(async move || name))
}

#[function(any = "/b/{*rest}")]
async fn fallible(State(Pool(name)): State<Pool>, env: Env, Config(()): Config<()>) -> Result<axum::Router> {
    let suffix = env.get("SUFFIX")?.unwrap_or_default();
    tokio::task::yield_now().await;
    Ok(axum::Router::new().route("/b/name", get(async move || format!("{name}{suffix}"))))
}

#[function(any = "/c/{*rest}")]
fn not_async(State(Pool(name)): State<Pool>) -> std::result::Result<axum::Router, String> {
    match name {
        "" => Err("there is no name".to_owned()),
        name => Ok(axum::Router::new().route("/c/name", get(async move || name))),
    }
}

#[function(any = "/d/{*rest}")]
fn any_service()
-> impl tower::Service<Request, Response = &'static str, Error = Infallible, Future: Send> + Clone + Send + Sync {
    tower::service_fn(async |_: Request| Ok("any"))
}

async fn connect() -> Result<Pool> {
    Ok(Pool("pool"))
}

async fn body(app: App, path: &str) -> String {
    let router = app.start(&Env::of([("SUFFIX", "!")])).await.unwrap();
    let dispatch = omnifn_runtime::dispatch::Dispatch::new(omnifn::local::Local::new(&|_: &str| None), router);
    let request = omnifn::http::Request::get(path).body(omnifn_core::Payload::default()).unwrap();
    let body = dispatch.answer(request).await.into_body().collect(1000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = || omnifn::app!(of_a_pool, fallible, not_async, any_service; state = connect);
        for (path, expected) in [("/a/name", "pool"), ("/b/name", "pool!"), ("/c/name", "pool"), ("/d/x", "any")] {
            assert_eq!(body(app(), path).await, expected);
        }
        let missing = omnifn::app!(of_a_pool).start(&Env::of::<String, String>([])).await.unwrap_err().to_string();
        assert!(missing.contains("`of_a_pool`") && missing.contains("Pool"), "{missing}");
        let failing = omnifn::app!(not_async).state(Pool("")).start(&Env::of::<String, String>([])).await.unwrap_err();
        assert_eq!(failing.to_string(), "there is no name");
    });
}
