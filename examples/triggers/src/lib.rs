//! One function of each kind of trigger, in one source that builds for every cloud.

use omnifn::prelude::*;
use serde::Deserialize;

/// What is ordered.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// Its number.
    pub number: u64,
    /// How many are wanted.
    pub count: u32,
}

/// Why an order is not settled.
#[derive(Debug, FunctionError)]
pub enum SettleError {
    /// It can never be.
    #[fault(reject, status = 422)]
    Nothing,
    /// Later it may be.
    #[fault(retry, status = 503)]
    SoldOut,
}

impl std::fmt::Display for SettleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SettleError::Nothing => "an order of nothing",
            SettleError::SoldOut => "there are not so many",
        })
    }
}

impl std::error::Error for SettleError {}

/// A request.
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

/// A message of a queue, with a body of a type of its own.
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

/// A message of a topic, as text.
#[function(topic = "news", subscription = "announce")]
pub async fn announce(news: Message<String>) {
    eprintln!("announce: {}", news.body);
}

/// A message of a stream, in its partition's order.
#[function(stream = "telemetry", batch_size = 100, consumer_group = "measure", start = "latest")]
pub async fn measure(reading: Message<Bytes>) {
    let place = reading.sequence.as_deref().unwrap_or("unknown");
    eprintln!("measure: {} bytes at {place}", reading.body.len());
}

/// An object of a bucket that came or went.
#[function(storage = "uploads", on(created, deleted), prefix = "pictures/", suffix = ".jpg", reads = "bucket:uploads")]
pub async fn index(object: Object) {
    eprintln!("index: {:?} {}", object.change, object.key);
}

/// Every night at three.
#[function(schedule = "0 3 * * *", time_zone = "Europe/Berlin")]
pub async fn nightly(tick: Tick) {
    eprintln!("nightly: late: {:?}", tick.late);
}

/// An event of a bus.
#[function(event = "order.placed", publishes = "queue:orders", secret = "PAYMENT_KEY")]
pub async fn placed(event: CloudEvent<Order>) {
    eprintln!("placed: order {} by {}", event.data.number, event.source);
}

/// A record of a table that was written.
#[function(changes = "accounts")]
pub async fn balance(change: Change<serde_json::Value>) {
    eprintln!("balance: {:?} {:?}", change.kind, change.new);
}
