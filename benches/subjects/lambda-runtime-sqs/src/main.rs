//! Equal-work peer: an SQS batch on `lambda_runtime` with typed events, partial failures, and one JSON log line per batch.

use std::{convert::Infallible, time::Instant};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use common::Order;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).init();
    run(service_fn(batch)).await
}

async fn batch(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    let started = Instant::now();
    let records = event.payload.records.len();
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        if let Err(error) = record(&message).await {
            let id = message.message_id.unwrap_or_default();
            tracing::error!(message_id = id, "record failed: {error}");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    tracing::info!(records, failed = response.batch_item_failures.len(), duration_ms, "batch");
    Ok(response)
}

async fn record(message: &SqsMessage) -> Result<(), Error> {
    settle(serde_json::from_str(message.body.as_deref().unwrap_or_default())?).await
}

async fn settle(order: Order) -> Result<(), Error> {
    if order.is_valid() { Ok(()) } else { Err("the order is empty".into()) }
}
