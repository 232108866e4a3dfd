//! Each function through every shape of every provider.

use omnifn::event::Event;
use omnifn::{
    ErrorClass, Outcome,
    event::{Change, ChangeKind, CloudEvent, Message, Object, Tick},
    prelude::Bytes,
    testing::Testing,
};
use serde_json::json;
use triggers::*;

fn app() -> omnifn::App {
    omnifn::app!(welcome, settle, announce, measure, index, nightly, placed, balance)
}

fn order(count: u32) -> Bytes {
    json!({"number": 7, "count": count}).to_string().into()
}

#[tokio::test]
async fn each_function_on_each_cloud() {
    type Case = (&'static str, fn() -> Event);
    let events: [Case; 7] = [
        ("settle", || Message::new(order(2)).into()),
        ("announce", || Message::new(Bytes::from("\"we are open\"")).into()),
        ("measure", || Message::new(Bytes::from_static(b"{\"celsius\": 20}")).into()),
        ("index", || Object::created("uploads", "pictures/cat.jpg").into()),
        ("nightly", || Tick::new().into()),
        ("placed", || CloudEvent::new("1", "/shop", "order.placed", order(2)).into()),
        ("balance", || Change::new(ChangeKind::Inserted, None, Some(json!({"balance": 7}))).into()),
    ];
    let testing = Testing::new(app);
    for (function, event) in events {
        let mut providers = Vec::new();
        for delivered in testing.deliver_everywhere(function, || vec![event()]).await {
            assert_eq!(delivered.acknowledged(), [true], "{function}, {}", delivered.shape);
            providers.push(delivered.provider);
        }
        providers.dedup();
        assert_eq!(providers, ["aws", "gcp", "azure", "local"], "{function}");
    }
}

#[tokio::test]
async fn an_order_has_three_ends() {
    let testing = Testing::new(app);
    for (count, expected) in [(0, Some((ErrorClass::Reject, 422))), (2, None), (100, Some((ErrorClass::Retry, 503)))] {
        let ended = match testing.deliver("settle", Message::new(order(count))).await {
            Outcome::Failed(error) => Some((error.class(), error.status_code().as_u16())),
            _ => None,
        };
        assert_eq!(ended, expected, "an order of {count}");
    }
}

/// The whole way on Lambda: its Runtime API, the loop, a batch of Kinesis.
#[tokio::test]
async fn a_batch_on_lambda() {
    let lambda = Testing::new(|| app().only("measure")).lambda().expect("a port");
    let record = json!({
        "eventSource": "aws:kinesis",
        "eventID": "shardId-000000000000:7",
        "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/telemetry",
        "kinesis": {"data": "dGVh", "partitionKey": "d1", "sequenceNumber": "7"},
    });
    let reply = lambda.invoke(json!({"Records": [record]}).to_string()).await.expect("a reply");
    assert_eq!(reply, r#"{"batchItemFailures":[]}"#);
    let lambda = Testing::new(|| app().only("settle")).lambda().expect("a port");
    let error = lambda.invoke(r#"{"Records": [{"eventSource": "aws:s3", "s3": {}}]}"#).await.expect_err("no order");
    assert!(!error.error_type.is_empty(), "{error}");
}
