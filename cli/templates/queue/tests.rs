use omnifn::{App, testing::Testing};

use super::*;

fn app() -> App {
    omnifn::app!(settle)
}

/// A message in every form in which each provider brings it: what is not done is not acknowledged.
#[tokio::test]
async fn orders_on_every_provider() {
    let testing = Testing::new(app);
    for (body, taken) in [
        (r#"{"number": 1, "count": 2}"#, true),
        (r#"{"number": 2, "count": 0}"#, false),
        (r#"{"number": 3, "count": 100}"#, false),
        (r#"{"number": "three"}"#, false),
    ] {
        for delivered in testing.deliver_everywhere("settle", || vec![Message::new(Bytes::from(body)).into()]).await {
            assert_eq!(delivered.acknowledged(), [taken], "{}, {}: {body}", delivered.provider, delivered.shape);
        }
    }
}

#[tokio::test]
async fn what_becomes_of_it_is_the_errors_class() {
    let order = |count| Message::new(Order { number: 1, count });
    assert_eq!(super::settle(order(0)).await, Err(SettleError::Nothing));
    assert_eq!(super::settle(order(100)).await, Err(SettleError::SoldOut));
}
