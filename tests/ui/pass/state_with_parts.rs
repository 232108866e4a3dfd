#![deny(warnings)]
#![forbid(unsafe_code)]

use omnifn::prelude::*;

#[derive(Clone)]
struct Db;

#[derive(Clone, FromRef)]
struct AppState {
    db: Db,
    greeting: &'static str,
    #[from_ref(skip)]
    farewell: &'static str,
}

#[derive(Clone)]
struct Whole;

#[function(get = "/parts")]
async fn parts(State(_db): State<Db>, State(greeting): State<&'static str>, State(app): State<AppState>) -> String {
    format!("{greeting} {}", app.farewell)
}

#[function(get = "/whole")]
async fn whole(State(_whole): State<Whole>) {}

async fn with_parts(_: Env) -> Result<AppState> {
    Ok(AppState { db: Db, greeting: "Hello!", farewell: "Bye!" })
}

async fn without_parts() -> Result<Whole> {
    Ok(Whole)
}

async fn served(app: App, path: &str) -> u16 {
    let router = app.start(&omnifn_core::Env::of::<String, String>([])).await.unwrap();
    let dispatch = omnifn_runtime::dispatch::Dispatch::new(omnifn::local::Local::new(&|_: &str| None), router);
    let request = omnifn::http::Request::get(path).body(omnifn_core::Payload::default()).unwrap();
    dispatch.answer(request).await.status().as_u16()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = || omnifn::app!(parts, whole; state = with_parts, state = without_parts);
        assert_eq!(served(app(), "/parts").await, 200);
        assert_eq!(served(app(), "/whole").await, 200);
        // The parts of a closure's state, too.
        let made = async || Ok::<_, Error>(AppState { db: Db, greeting: "Hi!", farewell: "Bye!" });
        assert_eq!(served(omnifn::app!(parts; state = made), "/parts").await, 200);
        // Without the derive's part, the state is not there, and the app does not start.
        let app = omnifn::app!(parts; state = without_parts);
        let error = app.start(&omnifn_core::Env::of::<String, String>([])).await.unwrap_err().to_string();
        assert!(error.contains("the function `parts` takes `State<") && error.contains("Db>`"), "{error}");
    });
}
