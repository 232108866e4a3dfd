//! The layers that come with omnifn, around an app and around one function.

use std::time::Duration;

use futures_util::stream;
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

/// Two pieces, each after so long.
#[function(get = "/pieces/{millis}")]
async fn pieces(Path(millis): Path<u64>) -> Body {
    Body::from_stream(stream::unfold(0, move |n| async move {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        (n < 2).then_some((Ok::<_, std::io::Error>("piece "), n + 1))
    }))
}

/// A body that does not end.
#[function(get = "/slow")]
async fn slow() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
}

#[function(queue = "orders")]
async fn settle(order: Message<u64>) {
    tokio::time::sleep(Duration::from_millis(order.body)).await;
}

async fn get(dispatch: &Dispatch<Local>, path: &str) -> Response<Payload> {
    dispatch.answer(Request::get(path).body(Payload::default()).expect("a request")).await
}

/// Reads the body to its end.
async fn read(response: Response<Payload>) -> Result<Bytes> {
    response.into_body().collect(usize::MAX).await
}

/// The status of a request whose answer was read.
async fn done(dispatch: &Dispatch<Local>, path: &str) -> u16 {
    let response = get(dispatch, path).await;
    let status = response.status().as_u16();
    read(response).await.expect("a body");
    status
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

/// An answer takes until it has been sent: one that does not end in time breaks off.
#[tokio::test(start_paused = true)]
async fn a_timeout_takes_the_body() {
    let short = Timeout::new(Duration::from_millis(50));
    let app = dispatch(omnifn::app!(pieces, quick; layer = short));
    assert_eq!(read(get(&app, "/pieces/10").await).await.expect("in time"), "piece piece ");
    let error = read(get(&app, "/pieces/40").await).await.expect_err("the second is late").to_string();
    assert!(error.contains("cancelled after 50 ms by its layer `Timeout`"), "{error}");
    assert_eq!(error.matches("cancelled").count(), 1, "once, though it is wrapped twice: {error}");
    // What is done is done, however late it is taken.
    let quick = get(&app, "/quick").await;
    tokio::time::sleep(Duration::from_millis(LONG)).await;
    assert_eq!(read(quick).await.expect("whole"), "done");

    let app = dispatch(omnifn::app!(pieces, wait; layer = short.until_head()));
    assert_eq!(read(get(&app, "/pieces/40").await).await.expect("any time"), "piece piece ");
    assert_eq!(get(&app, &format!("/wait/{LONG}")).await.status(), StatusCode::GATEWAY_TIMEOUT);

    // Where the reply is sent whole, nothing of it is gone yet.
    let testing = Testing::new(move || omnifn::app!(pieces; layer = short));
    let request = || Request::get("http://example.com/pieces/40").body(Bytes::new()).expect("a request");
    let everywhere = testing.request_everywhere(request).await;
    let whole: Vec<_> = everywhere.into_iter().filter_map(|answered| answered.response.ok()).collect();
    assert!(!whole.is_empty() && whole.iter().all(|response| response.status() == StatusCode::GATEWAY_TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn a_request_beyond_the_limit_is_answered_with_retry_after() {
    let app = dispatch(omnifn::app!(wait, quick).function_layer("wait", ConcurrencyLimit::new(2)));
    let (first, second, third, other) =
        tokio::join!(get(&app, "/wait/10"), get(&app, "/wait/10"), get(&app, "/wait/10"), get(&app, "/quick"));
    let statuses = [&first, &second, &third, &other].map(|response| response.status().as_u16());
    assert_eq!(statuses, [200, 200, 503, 200]);
    assert_eq!(third.headers()["retry-after"], "1");
    read(first).await.expect("a body");
    assert_eq!(done(&app, "/wait/10").await, 200, "a place is free again");

    // One value is one limit, whatever it is around.
    let shared = ConcurrencyLimit::new(1);
    let app = omnifn::app!(wait, quick).function_layer("wait", shared.clone()).function_layer("quick", shared);
    let app = dispatch(app);
    let (slow, quick) = tokio::join!(done(&app, "/wait/10"), done(&app, "/quick"));
    assert_eq!((slow, quick), (200, 503));

    // Who is cut off leaves its place.
    let cut = tokio::time::timeout(Duration::from_millis(5), get(&app, &format!("/wait/{LONG}"))).await;
    assert!(cut.is_err());
    assert_eq!(done(&app, "/quick").await, 200);
}

/// A function that answers in pieces runs until the last one was sent, or the client has disconnected.
#[tokio::test(start_paused = true)]
async fn a_body_keeps_its_place() {
    let whole = dispatch(omnifn::app!(pieces, quick).concurrency_limit(1));
    let one = ConcurrencyLimit::new(1);
    let layered = dispatch(omnifn::app!(pieces, quick; layer = one));
    for app in [whole, layered] {
        let streaming = get(&app, "/pieces/10").await;
        assert_eq!(done(&app, "/quick").await, 503);
        assert_eq!(read(streaming).await.expect("a body"), "piece piece ");
        assert_eq!(done(&app, "/quick").await, 200);
        let streaming = get(&app, "/pieces/10").await;
        assert_eq!(done(&app, "/quick").await, 503);
        drop(streaming);
        assert_eq!(done(&app, "/quick").await, 200);
        // A body that is all there leaves with its last piece, though it is held on to.
        let mut quick = get(&app, "/quick").await;
        let Payload::Stream(body) = quick.body_mut() else { panic!("a stream") };
        http_body_util::BodyExt::frame(body).await.expect("a frame").expect("whole");
        assert_eq!(done(&app, "/quick").await, 200);
    }
}

/// A batch is larger than its limit, most often: its events wait for each other, in their order.
#[tokio::test(start_paused = true)]
async fn an_event_waits_for_its_turn() {
    let limit = ConcurrencyLimit::new(4);
    let testing = Testing::new(move || omnifn::app!(settle).event_layer("settle", limit.clone()));
    let batch = || (0..10).map(|_| order(10).into()).collect();
    for delivered in testing.deliver_everywhere("settle", batch).await {
        assert_eq!(delivered.acknowledged(), [true; 10], "{}, {}", delivered.provider, delivered.shape);
    }

    // No longer than there is time: a timeout of the platform's own is real time.
    let one = ConcurrencyLimit::new(1);
    let app = omnifn::app!(settle, slow).event_layer("settle", one.clone()).function_layer("slow", one);
    let app = dispatch(app).with_timeout(Duration::from_millis(600));
    let streaming = get(&app, "/slow").await;
    let spec = app.router().specs().find(|spec| spec.name == "settle").expect("a function");
    let error = failed(app.deliver_one(spec, order(1).into()).await);
    assert!(error.contains("its layer `ConcurrencyLimit`") && error.contains("none ended within"), "{error}");
    drop(streaming);
    assert!(app.deliver_one(spec, order(1).into()).await.is_acknowledged());

    let none = ConcurrencyLimit::new(0);
    let testing = Testing::new(move || omnifn::app!(settle).event_layer("settle", none.clone()));
    assert!(failed(testing.deliver("settle", order(10)).await).contains("0 invocations"));
}
