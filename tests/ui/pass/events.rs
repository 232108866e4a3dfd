//! Every form of a function that takes events, beside names of the user's own.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use omnifn::prelude::{
    Batch, Bytes, Change, CloudEvent, Context, FunctionError, Message, Object, State, Tick, function,
};

struct Option;
struct Result;
mod std_ {}

#[derive(serde::Deserialize)]
struct Order {
    item: String,
}

#[derive(Debug, FunctionError)]
#[fault(retry)]
enum Mine {
    #[fault(reject, status = 404, name = "NoSuchThing")]
    One,
    #[fault(discard)]
    Two(u8),
    Three {
        _why: u8,
    },
}

impl std::fmt::Display for Mine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mine")
    }
}

impl std::error::Error for Mine {}

#[derive(Debug, FunctionError)]
struct Yours<T: std::fmt::Debug + Send + Sync + 'static>(T);

impl<T: std::fmt::Debug + Send + Sync + 'static> std::fmt::Display for Yours<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("yours")
    }
}

impl<T: std::fmt::Debug + Send + Sync + 'static> std::error::Error for Yours<T> {}

#[function(queue = "orders", batch_size = 10, attempts = 5, dead_letter = "orders-dead")]
async fn typed(
    ctx: Context,
    order: Message<Order>,
    State(shop): State<&'static str>,
) -> core::result::Result<(), Mine> {
    match order.body.item.as_str() {
        "" => Err(Mine::One),
        "two" => Err(Mine::Two(2)),
        "three" => Err(Mine::Three { _why: 3 }),
        _ => {
            let _ = (ctx, shop);
            Ok(())
        }
    }
}

#[function(topic = "news", subscription = "mine")]
async fn text(message: Message<String>) {
    drop(message);
}

#[function(stream = "telemetry", consumer_group = "g", start = "oldest", concurrency = 4)]
async fn bytes(message: Message<Bytes>) -> core::result::Result<(), Yours<u8>> {
    Err(Yours(message.body.len() as u8))
}

#[function(storage = "uploads", on(created, deleted, archived, updated), prefix = "a/", suffix = ".jpg")]
async fn object(object: Object) -> core::result::Result<(), std::io::Error> {
    drop(object);
    Ok(())
}

#[function(schedule = "*/5 9-17 * * MON-FRI", time_zone = "Europe/Berlin")]
async fn tick(tick: Tick) -> omnifn::Result<()> {
    drop(tick);
    Ok(())
}

#[function(event = "order.placed", name = "placed")]
async fn event(
    event: CloudEvent<core::option::Option<Order>>,
) -> core::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    drop(event);
    Ok(())
}

#[function(changes = "accounts", database = "bank")]
async fn change(change: Change<Order>) {
    drop(change);
}

#[function(queue = "bulk", batch_size = 100)]
async fn batch(batch: Batch<Message<Order>>, State(shop): State<&'static str>, ctx: Context) {
    let _ = (batch.len(), shop, ctx);
}

#[function(stream = "telemetry", name = "classified")]
async fn batch_classified(batch: Batch<Message<Bytes>>) -> Vec<core::result::Result<(), Mine>> {
    batch.into_iter().map(|_| Err(Mine::One)).collect()
}

#[function(storage = "uploads", name = "either")]
async fn batch_either(batch: Batch<Object>) -> core::result::Result<Vec<core::result::Result<(), Mine>>, Yours<u8>> {
    drop(batch);
    Err(Yours(1))
}

#[function(changes = "accounts", name = "mixed")]
async fn batch_mixed(batch: Batch<Change<Order>>) -> omnifn::Result<Vec<core::result::Result<(), Mine>>> {
    for change in &batch {
        let _ = change;
    }
    Ok(batch.into_vec().into_iter().map(|_| Ok(())).collect())
}

#[function(topic = "news", name = "whole")]
async fn batch_whole(batch: Batch<Message<String>>) -> core::result::Result<Vec<omnifn::Result<()>>, Mine> {
    drop(batch);
    Err(Mine::One)
}

#[function(event = "order.placed", name = "strings")]
async fn batch_strings(batch: Batch<CloudEvent<Order>>) -> core::result::Result<(), String> {
    Err(batch.len().to_string())
}

/// Nothing of the event matters.
#[function(schedule = "0 3 * * *")]
async fn nothing() {}

fn main() {
    let app = omnifn::app!(
        typed, text, bytes, object, tick, event, change, nothing, batch, batch_classified, batch_either, batch_mixed, batch_whole,
        batch_strings; state = connect
    );
    assert_eq!(app.specs().count(), 14);
}

async fn connect() -> omnifn::Result<&'static str> {
    Ok("the shop")
}
