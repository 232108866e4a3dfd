//! A function's own `timeout` is enforced by the runtime, the same on every provider: no neighbour is cut short by it, and no provider's
//! deadline is needed for it.

use std::time::{Duration, Instant};

use futures_util::stream;
use http::{Request, Response, StatusCode};
use omnifn::{Outcome, prelude::*, testing::Testing};
use omnifn_aws::Aws;
use omnifn_core::{ErrorKind, Event, Inverse as _, Payload};
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;

async fn sleep(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[function(get = "/limited/{millis}", timeout = 1)]
async fn limited(Path(millis): Path<u64>, ctx: Context) -> String {
    let remaining = ctx.remaining().expect("a deadline");
    assert!(remaining <= Duration::from_secs(1) && ctx.function_timeout() == Some(Duration::from_secs(1)));
    sleep(millis).await;
    "done".to_owned()
}

/// A neighbour in the same program, without a timeout.
#[function(get = "/unlimited/{millis}")]
async fn unlimited(Path(millis): Path<u64>) -> &'static str {
    sleep(millis).await;
    "done"
}

/// A head at once, and a piece after so long.
#[function(get = "/streamed/{millis}", timeout = 1)]
async fn streamed(Path(millis): Path<u64>) -> Body {
    Body::from_stream(stream::unfold(false, move |is_done| async move {
        sleep(millis).await;
        (!is_done).then_some((Ok::<_, std::io::Error>("piece"), true))
    }))
}

#[function(invoke, timeout = 1)]
async fn invoked(Json(millis): Json<u64>) -> Json<u64> {
    sleep(millis).await;
    Json(millis)
}

/// Takes the time in the message.
#[function(queue = "orders", timeout = 1)]
async fn settle(order: Message<u64>, ctx: Context) {
    assert!(ctx.remaining().expect("a deadline") <= Duration::from_secs(1));
    sleep(order.body).await;
}

#[function(queue = "orders", timeout = 1, concurrency = 1)]
async fn one_by_one(order: Message<u64>) {
    sleep(order.body).await;
}

/// Fails where [`settle`] would take too long.
#[function(queue = "others")]
async fn fail(order: Message<u64>) -> Result<()> {
    if order.body > 1_000 { Err(Error::msg("too long")) } else { Ok(()) }
}

#[function(queue = "batches", timeout = 1)]
async fn settle_all(orders: Batch<Message<u64>>) -> Result<()> {
    for order in orders {
        sleep(order.body).await;
    }
    Ok(())
}

fn orders(millis: &[u64]) -> Vec<Event> {
    let message = |(i, millis): (usize, &u64)| {
        let mut message = Message::new(Bytes::from(millis.to_string()));
        message.id = Some(format!("id-{i}"));
        message.into()
    };
    millis.iter().enumerate().map(message).collect()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_answered_by_504_and_its_neighbours_are_not() {
    let testing = Testing::new(|| omnifn::app!(limited, unlimited));
    for (path, status) in [
        ("/limited/500", StatusCode::OK),
        ("/limited/60000", StatusCode::GATEWAY_TIMEOUT),
        ("/unlimited/60000", StatusCode::OK),
    ] {
        let all = testing.request_everywhere(|| Request::get(path).body(Bytes::new()).expect("a request")).await;
        assert!(all.len() > 8, "{} shapes", all.len());
        for answered in all {
            let response = answered.response.expect("an answer");
            assert_eq!(response.status(), status, "{path}: {}, {}", answered.provider, answered.shape);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_invocation_fails() {
    let testing = Testing::new(|| omnifn::app!(invoked));
    assert_eq!(testing.invoke("invoked", &500).await.expect("a result"), 500);
    for invoked in testing.invoke_everywhere("invoked", &60_000).await {
        let error = invoked.result.expect_err("no result").to_string();
        let place = format!("{}, {}: {error}", invoked.provider, invoked.shape);
        assert!(error.contains("504") || error.contains("`invoked` was cancelled after 1 s"), "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_record_is_delivered_again_as_after_any_other_failure() {
    let testing = Testing::new(|| omnifn::app!(settle, fail));
    for millis in [&[500, 60_000, 900][..], &[60_000], &[900, 900, 900]] {
        let slow = testing.deliver_everywhere("settle", || orders(millis)).await;
        let failed = testing.deliver_everywhere("fail", || orders(millis)).await;
        assert!(slow.len() + slow.not_carried().len() > 8, "{} shapes", slow.len());
        for (slow, failed) in slow.into_iter().zip(failed) {
            let place = format!("{millis:?}: {}, {}", slow.provider, slow.shape);
            assert_eq!(slow.acknowledged(), failed.acknowledged(), "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_names_the_function_and_its_timeout() {
    let testing = Testing::new(|| omnifn::app!(settle, settle_all));
    for (function, millis) in [("settle", 60_000), ("settle_all", 60_000)] {
        let Outcome::Failed(error) = testing.deliver(function, Message::new(Bytes::from(millis.to_string()))).await
        else {
            panic!("{function} did not fail");
        };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let words = format!("the function `{function}` was cancelled after 1 s, which is its `timeout`");
        assert!(error.to_string().contains(&words), "{error}");
    }
}

/// Two records that run one after another may together take longer than the timeout.
#[tokio::test]
async fn the_time_begins_anew_with_each_record() {
    let app = omnifn::app!(one_by_one).router().expect("an app");
    let spec = app.specs().next().expect("a function");
    let dispatch = Dispatch::new(Aws::new(&|_: &str| None), app);
    let began = Instant::now();
    let message = dispatch.adapter().write_events("sqs", spec, orders(&[600, 600])).expect("a message");
    let reply = dispatch.answer(message.clone().map(Payload::Whole)).await;
    let (head, payload) = reply.into_parts();
    let reply = Response::from_parts(head, payload.collect(usize::MAX).await.expect("a whole reply"));
    let acknowledged = dispatch.adapter().read_outcomes("sqs", &message, reply).expect("outcomes");
    assert_eq!(acknowledged, [true, true]);
    assert!(began.elapsed() > Duration::from_millis(1_200));
}

async fn get(dispatch: &Dispatch<Local>, path: &str) -> Result<Bytes> {
    let request = Request::get(path).body(Payload::default()).expect("a request");
    let response = dispatch.answer(request).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.into_body().collect(usize::MAX).await
}

/// A body whose head was already sent fails, so that the client knows that it is incomplete.
#[tokio::test(start_paused = true)]
async fn a_body_has_to_be_complete_in_time() {
    let app = omnifn::app!(streamed).router().expect("an app");
    let dispatch = Dispatch::new(Local::new(&|_: &str| None), app);
    assert_eq!(get(&dispatch, "/streamed/400").await.expect("a whole body"), "piece");
    let error = get(&dispatch, "/streamed/60000").await.expect_err("the body fails").to_string();
    assert!(error.contains("`streamed` was cancelled after 1 s"), "{error}");
}

/// The earlier of the two counts: here the platform's, which leaves a margin for the answer.
#[tokio::test(start_paused = true)]
async fn the_platforms_deadline_counts_where_it_is_earlier() {
    let app = omnifn::app!(limited, unlimited).router().expect("an app");
    let dispatch = Dispatch::new(Local::new(&|_: &str| None), app).with_timeout(Duration::from_millis(200));
    for path in ["/limited/900", "/unlimited/900"] {
        let request = Request::get(path).body(Payload::default()).expect("a request");
        let response = dispatch.answer(request).await;
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT, "{path}");
    }
}
