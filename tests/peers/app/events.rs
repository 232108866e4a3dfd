//! A function for each class of events, which tells on standard error what it saw.

use std::sync::atomic::{AtomicBool, Ordering};

use omnifn::prelude::*;
use serde_json::Value;

#[function(queue = "orders")]
async fn on_queue(message: Message<Value>) {
    eprintln!("saw a message: {} {:?} {:?} {:?}", message.body["item"], message.attributes, message.attempt, message.time.is_some());
}

#[function(topic = "news")]
async fn on_topic(message: Message<String>) -> Result<()> {
    static FAILED: AtomicBool = AtomicBool::new(false);
    eprintln!("saw news: {:?} {:?} {:?}", message.body, message.subject, message.attributes);
    match message.body.as_str() {
        "fail once" if !FAILED.swap(true, Ordering::Relaxed) => Err(Error::retry("the first time it fails")),
        _ => Ok(()),
    }
}

#[function(stream = "telemetry", service = "kinesis")]
async fn on_stream(message: Message<Value>) {
    eprintln!("saw a reading: {} {:?} {:?}", message.body["t"], message.key, message.partition);
}

#[function(storage = "uploads", on(created))]
async fn on_storage(object: Object) -> Result<()> {
    eprintln!("saw an upload: {:?} {:?}", object.key, object.size);
    Err(Error::retry("the first time it fails"))
}

#[function(event = "order.placed")]
async fn on_event(event: CloudEvent<Value>) {
    eprintln!("saw an event: {} {} {}", event.source, event.r#type, event.data["item"]);
}

#[function(changes = "accounts")]
async fn on_change(change: Change<Value>) {
    eprintln!("saw a change: {:?} {:?} → {:?} {:?}", change.kind, change.old, change.new, change.key);
}

omnifn::main!(on_queue, on_topic, on_stream, on_storage, on_event, on_change);
