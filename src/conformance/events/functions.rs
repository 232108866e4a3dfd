//! A function of each class, which records what it received and does what the event requests.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use omnifn::prelude::*;
use omnifn_core::Event;
use serde::Deserialize;
use serde_json::Value;

use super::super::setup::OwnContext;

/// The events that the functions received, and the action for those that do not contain one.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Noted>>);

#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) seen: Vec<Event>,
    /// The numbers of the events that were done.
    pub(crate) done: Vec<usize>,
    pub(crate) act: String,
    pub(crate) has_raw: bool,
    pub(crate) has_context: bool,
    own_context: OwnContext,
}

impl Log {
    pub(crate) fn acting(act: &str, own_context: OwnContext) -> Self {
        let log = Log::default();
        (log.note().act, log.note().own_context) = (act.to_owned(), own_context);
        log
    }

    pub(crate) fn note(&self) -> std::sync::MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn saw(&self, event: Event, says: Option<Work>, ctx: &Context) -> Result<()> {
        let work = says.unwrap_or_default();
        let act = {
            let mut noted = self.note();
            noted.seen.push(event);
            noted.has_raw = ctx.raw().is_some();
            noted.has_context = noted.own_context.is_in(ctx);
            if work.act.is_empty() { noted.act.clone() } else { work.act.clone() }
        };
        // So that those which run side by side do.
        yield_now().await;
        match act.as_str() {
            "retry" => return Err(Error::retry("the shop is closed")),
            "plain error" => drop("seven".parse::<u32>()?),
            "reject" => return Err(Error::reject("there is no such thing")),
            "discard" => return Err(Error::discard("it was seen before")),
            "panic" => panic!("on purpose"),
            _ => {}
        }
        self.note().done.extend(work.number);
        Ok(())
    }
}

/// Lets others run first.
async fn yield_now() {
    let mut has_yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// The action that an event requests.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Work {
    pub(crate) act: String,
    pub(crate) number: Option<usize>,
    pub(crate) text: String,
}

/// The content as bytes again, to compare it by.
pub(crate) fn bytes(work: &Work) -> Bytes {
    format!("{}|{:?}|{}", work.act, work.number, work.text).into()
}

#[function(queue = "orders", concurrency = 3)]
pub(crate) async fn on_queue(message: Message<Work>, State(log): State<Log>, ctx: Context) -> Result<()> {
    let work = message.body.clone();
    let seen = message.with_body(bytes(&work));
    log.saw(Event::from(seen), Some(work), &ctx).await
}

#[function(topic = "news")]
pub(crate) async fn on_topic(ctx: Context, message: Message<Work>, State(log): State<Log>) -> Result<()> {
    let work = message.body.clone();
    let seen = message.with_body(bytes(&work));
    log.saw(Event::from(seen), Some(work), &ctx).await
}

#[function(stream = "telemetry", batch_size = 100, start = "latest")]
pub(crate) async fn on_stream(State(log): State<Log>, ctx: Context, message: Message<Work>) -> Result<()> {
    let work = message.body.clone();
    let seen = message.with_body(bytes(&work));
    log.saw(Event::from(seen), Some(work), &ctx).await
}

/// The messages of an IoT rule, which no other stream receives.
#[function(stream = "devices", service = "iot")]
pub(crate) async fn on_device(State(log): State<Log>, ctx: Context, message: Message<Work>) -> Result<()> {
    let work = message.body.clone();
    let seen = message.with_body(bytes(&work));
    log.saw(Event::from(seen), Some(work), &ctx).await
}

#[function(storage = "uploads", on(created, deleted))]
pub(crate) async fn on_storage(object: Object, State(log): State<Log>, ctx: Context) -> Result<()> {
    let number = object.key.split('-').nth(1).and_then(|number| number.parse().ok());
    let act = object.key.split('-').next().filter(|_| number.is_some()).unwrap_or_default().to_owned();
    log.saw(Event::from(object), Some(Work { act, number, text: String::new() }), &ctx).await
}

#[function(schedule = "0 3 * * *")]
pub(crate) async fn on_schedule(tick: Tick, State(log): State<Log>, ctx: Context) -> Result<()> {
    log.saw(Event::from(tick), None, &ctx).await
}

#[function(event = "order.placed")]
pub(crate) async fn on_event(event: CloudEvent<Work>, State(log): State<Log>, ctx: Context) -> Result<()> {
    let work = event.data.clone();
    let seen = event.with_data(bytes(&work));
    log.saw(Event::from(seen), Some(work), &ctx).await
}

#[function(changes = "accounts")]
pub(crate) async fn on_change(change: Change<Value>, State(log): State<Log>, ctx: Context) -> Result<()> {
    let work = change.new.clone().or_else(|| change.old.clone()).and_then(|record| serde_json::from_value(record).ok());
    log.saw(Event::from(change), work, &ctx).await
}

#[function(get = "/hello")]
pub(crate) async fn hello() -> &'static str {
    "Hello!"
}

/// All of them in one app.
pub(crate) fn app(log: Log) -> App {
    omnifn::app!(on_queue, on_topic, on_stream, on_device, on_storage, on_schedule, on_event, on_change, hello)
        .state(log)
}

/// The action in the bytes of a sent event, if they contain one as [`Work`] does.
pub(crate) fn normal(content: &[u8]) -> Bytes {
    serde_json::from_slice::<Work>(content).map_or_else(|_| Bytes::copy_from_slice(content), |work| bytes(&work))
}
