//! Functions that take the whole delivery. What becomes of each record is the same as with a function that takes them one by one.

use omnifn::prelude::*;
use omnifn_core::Event;
use serde_json::Value;

use super::functions::{Log, Work, bytes};

impl Log {
    async fn saw_all(&self, records: Vec<(Event, Option<Work>)>, ctx: &Context) -> Vec<Result<()>> {
        let mut outcomes = Vec::new();
        for (event, work) in records {
            outcomes.push(self.saw(event, work, ctx).await);
        }
        outcomes
    }
}

fn seen(message: Message<Work>) -> (Event, Option<Work>) {
    let work = message.body.clone();
    (Event::from(message.with_body(bytes(&work))), Some(work))
}

#[function(queue = "orders", name = "on_queue")]
async fn queue_batch(batch: Batch<Message<Work>>, State(log): State<Log>, ctx: Context) -> Vec<Result<()>> {
    log.saw_all(batch.into_iter().map(seen).collect(), &ctx).await
}

#[function(topic = "news", name = "on_topic")]
async fn topic_batch(batch: Batch<Message<Work>>, State(log): State<Log>, ctx: Context) -> Result<Vec<Result<()>>> {
    Ok(log.saw_all(batch.into_iter().map(seen).collect(), &ctx).await)
}

#[function(stream = "telemetry", name = "on_stream")]
async fn stream_batch(State(log): State<Log>, ctx: Context, batch: Batch<Message<Work>>) -> Vec<Result<()>> {
    log.saw_all(batch.into_vec().into_iter().map(seen).collect(), &ctx).await
}

#[function(stream = "devices", service = "iot", name = "on_device")]
async fn device_batch(State(log): State<Log>, ctx: Context, batch: Batch<Message<Work>>) -> Vec<Result<()>> {
    log.saw_all(batch.into_iter().map(seen).collect(), &ctx).await
}

#[function(storage = "uploads", on(created, deleted), name = "on_storage")]
async fn storage_batch(batch: Batch<Object>, State(log): State<Log>, ctx: Context) -> Vec<Result<()>> {
    let records = batch.into_iter().map(|object| {
        let number = object.key.split('-').nth(1).and_then(|number| number.parse().ok());
        let act = object.key.split('-').next().filter(|_| number.is_some()).unwrap_or_default().to_owned();
        (Event::from(object), Some(Work { act, number, text: String::new() }))
    });
    log.saw_all(records.collect(), &ctx).await
}

#[function(event = "order.placed", name = "on_event")]
async fn event_batch(batch: Batch<CloudEvent<Work>>, State(log): State<Log>, ctx: Context) -> Vec<Result<()>> {
    let records = batch.into_iter().map(|event| {
        let work = event.data.clone();
        (Event::from(event.with_data(bytes(&work))), Some(work))
    });
    log.saw_all(records.collect(), &ctx).await
}

#[function(changes = "accounts", name = "on_change")]
async fn change_batch(batch: Batch<Change<Value>>, State(log): State<Log>, ctx: Context) -> Vec<Result<()>> {
    let records = batch.into_iter().map(|change| {
        let record = change.new.clone().or_else(|| change.old.clone());
        (Event::from(change), record.and_then(|record| serde_json::from_value(record).ok()))
    });
    log.saw_all(records.collect(), &ctx).await
}

pub(crate) fn batch_app(log: Log) -> App {
    omnifn::app!(queue_batch, topic_batch, stream_batch, device_batch, storage_batch, event_batch, change_batch)
        .state(log)
}
