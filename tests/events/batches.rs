//! Functions that take the whole delivery. What becomes of each record is the same as with a function that takes them one by one.

use omnifn::prelude::*;
use omnifn_core::{Event, event::Class};
use serde_json::Value;

use crate::{
    each,
    functions::{Log, Work, bytes},
    sample,
};

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

#[test]
fn each_record_of_a_batch_has_its_own_outcome() {
    const CASES: [&[&str]; 7] = [
        &["ok", "ok", "retry", "ok"],
        &["retry", "ok", "ok"],
        &["ok", "discard"],
        &["reject", "retry"],
        &["ok", "ok", "ok"],
        &["panic", "ok"],
        &["ok"],
    ];
    each(|provider, class, shape| {
        if class == Class::Schedule {
            return Ok(());
        }
        for acts in CASES {
            let events = || {
                let numbered = acts.iter().enumerate().map(|(number, act)| sample::numbered(class, number, act));
                numbered.collect::<Vec<_>>()
            };
            let Ok(batch) = provider.run_batch(class, shape, events()) else { continue };
            let single = provider.run(class, shape, events())?;
            // A panic is the outcome of the whole batch.
            let wanted = if acts.contains(&"panic") { vec![false; acts.len()] } else { single.acknowledged };
            if batch.acknowledged != wanted {
                return Err(format!("{acts:?}: acknowledged {:?}, and one by one {wanted:?}", batch.acknowledged));
            }
        }
        Ok(())
    });
}

#[test]
fn a_record_that_cannot_be_decoded_is_not_part_of_the_batch() {
    each(|provider, class, shape| {
        let Some(unreadable) = sample::unreadable(class) else { return Ok(()) };
        let run = provider.run_batch(class, shape, vec![unreadable])?;
        if run.acknowledged != [false] || !run.seen.is_empty() {
            return Err(format!("alone: {:?}, {} were seen", run.acknowledged, run.seen.len()));
        }
        let mixed = || {
            let unreadable = sample::unreadable(class).into_iter();
            std::iter::once(sample::numbered(class, 7, "ok")).chain(unreadable).collect::<Vec<_>>()
        };
        let Ok(run) = provider.run_batch(class, shape, mixed()) else { return Ok(()) };
        let wanted = provider.run(class, shape, mixed())?.acknowledged;
        match run.acknowledged == wanted && run.seen.len() == 1 {
            true => Ok(()),
            false => Err(format!("acknowledged {:?}, wanted {wanted:?}; {} seen", run.acknowledged, run.seen.len())),
        }
    });
}

#[function(queue = "discarded")]
async fn discarded(_: Batch<Message<u32>>) -> Result<()> {
    Err(Error::discard("it was seen before"))
}

/// An error for the batch is not one for the records that were never in it.
#[tokio::test]
async fn a_record_that_cannot_be_decoded_is_not_discarded() {
    let events = || {
        let message = |(id, body): (u32, &'static str)| {
            let mut message = Message::new(Bytes::from(body));
            message.id = Some(id.to_string());
            Event::from(message)
        };
        [(1, "7"), (2, "seven")].map(message).into()
    };
    let mut several = 0;
    for delivered in
        omnifn::testing::Testing::new(|| omnifn::app!(discarded)).deliver_everywhere("discarded", events).await
    {
        if let Ok(acknowledged) = delivered.acknowledged {
            assert!(!acknowledged[1], "{}, {}: {acknowledged:?}", delivered.provider, delivered.shape);
            several += 1;
        }
    }
    assert!(several > 0);
}
