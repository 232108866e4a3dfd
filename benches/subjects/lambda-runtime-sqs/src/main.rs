//! A queue's batch on `lambda_runtime` and `SqsEvent`: each message is read, and those that cannot be are named.

use std::convert::Infallible;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(settle)).await
}

async fn settle(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let order = serde_json::from_str::<common::Order>(message.body.as_deref().unwrap_or_default());
        if !order.is_ok_and(|order| order.is_real()) {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    Ok(response)
}
