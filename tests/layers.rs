//! The layers that come with omnifn, around an app and around one function.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use omnifn::{
    Outcome,
    layers::{ConcurrencyLimit, Timeout},
    prelude::*,
    testing::Testing,
};
use omnifn_core::Payload;
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;

#[function(get = "/wait/{millis}")]
async fn wait(Path(millis): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    "done"
}

#[function(get = "/quick")]
async fn quick() -> &'static str {
    "done"
}

#[function(queue = "orders")]
async fn settle(order: Message<u64>) {
    tokio::time::sleep(Duration::from_millis(order.body)).await;
}

async fn get(dispatch: &Dispatch<Local>, path: &str) -> Response<Payload> {
    dispatch.answer(Request::get(path).body(Payload::default()).expect("a request")).await
}

fn dispatch(app: App) -> Dispatch<Local> {
    Dispatch::new(Local::new(&|_: &str| None), app.router().expect("an app"))
}

fn order(millis: u64) -> Message {
    Message::new(Bytes::from(millis.to_string()))
}

fn failed(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed(error) => error.to_string(),
        other => panic!("it was to fail: {other:?}"),
    }
}

const LONG: u64 = 60_000;

#[tokio::test(start_paused = true)]
async fn a_timeout_cancels() {
    let short = Timeout::new(Duration::from_millis(50));
    let own = dispatch(omnifn::app!(wait, quick).function_layer("wait", short));
    assert_eq!(get(&own, "/wait/1").await.status(), StatusCode::OK);
    assert_eq!(get(&own, &format!("/wait/{LONG}")).await.status(), StatusCode::GATEWAY_TIMEOUT);
    let whole = dispatch(omnifn::app!(wait, quick; layer = Timeout::new(Duration::from_millis(50))));
    assert_eq!(get(&whole, &format!("/wait/{LONG}")).await.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(get(&whole, "/quick").await.status(), StatusCode::OK);

    let testing = Testing::new(|| omnifn::app!(settle).event_layer("settle", Timeout::new(Duration::from_millis(50))));
    assert!(testing.deliver("settle", order(1)).await.is_acknowledged());
    assert!(failed(testing.deliver("settle", order(LONG)).await).contains("cancelled after 50 ms"));
}

#[tokio::test(start_paused = true)]
async fn one_more_than_the_limit_is_told_to_come_again() {
    let app = dispatch(omnifn::app!(wait, quick).function_layer("wait", ConcurrencyLimit::new(2)));
    let (first, second, third, other) =
        tokio::join!(get(&app, "/wait/10"), get(&app, "/wait/10"), get(&app, "/wait/10"), get(&app, "/quick"));
    let statuses = [&first, &second, &third, &other].map(|response| response.status().as_u16());
    assert_eq!(statuses, [200, 200, 503, 200]);
    assert_eq!(third.headers()["retry-after"], "1");
    assert_eq!(get(&app, "/wait/10").await.status(), StatusCode::OK, "the places are free again");

    // One value is one limit, whatever it is around.
    let shared = ConcurrencyLimit::new(1);
    let app = omnifn::app!(wait, quick).function_layer("wait", shared.clone()).function_layer("quick", shared);
    let app = dispatch(app);
    let (slow, quick) = tokio::join!(get(&app, "/wait/10"), get(&app, "/quick"));
    assert_eq!((slow.status().as_u16(), quick.status().as_u16()), (200, 503));

    // Who is cut off leaves its place.
    let cut = tokio::time::timeout(Duration::from_millis(5), get(&app, &format!("/wait/{LONG}"))).await;
    assert!(cut.is_err());
    assert_eq!(get(&app, "/quick").await.status(), StatusCode::OK);

    let limit = ConcurrencyLimit::new(1);
    let testing = Testing::new(move || omnifn::app!(settle).event_layer("settle", limit.clone()));
    let (first, second) = tokio::join!(testing.deliver("settle", order(10)), testing.deliver("settle", order(10)));
    assert!(first.is_acknowledged());
    assert!(failed(second).contains("its layer `ConcurrencyLimit`"));
}
