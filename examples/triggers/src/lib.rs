//! A function for each kind of trigger, in one source that builds for every cloud.

use omnifn::prelude::*;
use serde::Deserialize;

/// An order.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// The number of the order.
    pub number: u64,
    /// The number of items.
    pub count: u32,
}

/// The reason why an order cannot be settled.
#[derive(Debug, FunctionError)]
pub enum SettleError {
    /// The order can never be settled.
    #[fault(reject, status = 422)]
    Nothing,
    /// The order may be settled later.
    #[fault(retry, status = 503)]
    SoldOut,
}

impl std::fmt::Display for SettleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SettleError::Nothing => "the order is empty",
            SettleError::SoldOut => "too many were ordered",
        })
    }
}

impl std::error::Error for SettleError {}

/// Answers an HTTP request.
#[function(
    get = "/welcome/{name}",
    visibility = "public",
    auth = "function",
    memory = 128,
    timeout = 10,
    instances = 5,
    concurrency = 20
)]
pub async fn welcome(Path(name): Path<String>) -> String {
    format!("Welcome, {name}!")
}

/// Consumes a message of a queue, whose JSON body is an order.
#[function(
    queue = "orders",
    batch_size = 10,
    attempts = 5,
    dead_letter = "orders-dead",
    timeout = 30,
    writes = "table:accounts",
    publishes = "topic:news"
)]
pub async fn settle(order: Message<Order>, ctx: Context) -> Result<(), SettleError> {
    match order.body.count {
        0 => Err(SettleError::Nothing),
        1..=99 => {
            let attempt = order.attempt.unwrap_or(1);
            eprintln!("settle: order {}, attempt {attempt}, on {}", order.body.number, ctx.provider());
            Ok(())
        }
        _ => Err(SettleError::SoldOut),
    }
}

/// Consumes a message of a topic as text.
#[function(topic = "news", subscription = "announce")]
pub async fn announce(news: Message<String>) {
    eprintln!("announce: {}", news.body);
}

/// Consumes a message of a stream, in the order of its partition.
#[function(stream = "telemetry", batch_size = 100, consumer_group = "measure", start = "latest")]
pub async fn measure(reading: Message<Bytes>) {
    let place = reading.sequence.as_deref().unwrap_or("unknown");
    eprintln!("measure: {} bytes at {place}", reading.body.len());
}

/// Handles an object that was created or deleted in a bucket.
#[function(storage = "uploads", on(created, deleted), prefix = "pictures/", suffix = ".jpg", reads = "bucket:uploads")]
pub async fn index(object: Object) {
    eprintln!("index: {:?} {}", object.change, object.key);
}

/// Runs every night at three.
#[function(schedule = "0 3 * * *", time_zone = "Europe/Berlin")]
pub async fn nightly(tick: Tick) {
    eprintln!("nightly: late: {:?}", tick.late);
}

/// Handles an event of a bus.
#[function(event = "order.placed", publishes = "queue:orders", secret = "PAYMENT_KEY")]
pub async fn placed(event: CloudEvent<Order>) {
    eprintln!("placed: order {} by {}", event.data.number, event.source);
}

/// Handles a changed record of a table.
#[function(changes = "accounts")]
pub async fn balance(change: Change<serde_json::Value>) {
    eprintln!("balance: {:?} {:?}", change.kind, change.new);
}
