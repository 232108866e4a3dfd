//! One delivery over one shape of one provider: write → answer → read.

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{App, Error, Event, Inverse, Payload, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;

use super::{
    super::setup::Conformance,
    batch::batch_app,
    functions::{Log, app},
    sample::Acting,
};

/// The result of a delivery.
pub(super) struct Run {
    pub(super) acknowledged: Vec<bool>,
    pub(super) seen: Vec<Event>,
    pub(super) done: Vec<usize>,
    pub(super) has_raw: bool,
    pub(super) has_context: bool,
}

/// The result of a malformed message.
pub(super) struct Poisoned {
    /// The provider's reading of the reply; `None` if it does not understand the reply, and so delivers the events again.
    pub(super) acknowledged: Option<Vec<bool>>,
    /// How many times a function was called.
    pub(super) calls: usize,
}

/// Returns the suite's function that receives events of a class in a shape.
pub(super) fn spec<A: Inverse>(class: Class, shape: &str) -> &'static Spec {
    let app = app(Log::default());
    let found = app.specs().find(|spec| spec.class() == class && A::delivers(shape, spec));
    found.unwrap_or_else(|| panic!("the suite has no function of the class `{class}` for the shape {shape:?}"))
}

impl<A: Inverse> Conformance<A> {
    /// Delivers one event, which every shape can carry.
    pub(super) async fn deliver_one(&self, class: Class, shape: &str, event: Acting) -> Result<Run, String> {
        let log = Log::acting(&event.act, self.own_context);
        let message = self.message(class, shape, vec![event]).map_err(|e| format!("cannot be written: {e}"))?;
        self.run_in(app(log.clone()), log, class, shape, message).await
    }

    /// Delivers events; `None` if the shape cannot carry them.
    pub(super) async fn deliver(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Option<Run>, String> {
        self.deliver_to(app, class, shape, events).await
    }

    /// Delivers events to the function that takes the whole delivery; `None` if the shape cannot carry them.
    pub(super) async fn deliver_batch(
        &self,
        class: Class,
        shape: &str,
        events: Vec<Acting>,
    ) -> Result<Option<Run>, String> {
        self.deliver_to(batch_app, class, shape, events).await
    }

    async fn deliver_to(
        &self,
        app: fn(Log) -> App,
        class: Class,
        shape: &str,
        events: Vec<Acting>,
    ) -> Result<Option<Run>, String> {
        let log = Log::acting(events.first().map_or("ok", |event| &event.act), self.own_context);
        match self.message(class, shape, events) {
            Ok(message) => self.run_in(app(log.clone()), log, class, shape, message).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn run_in(
        &self,
        app: App,
        log: Log,
        class: Class,
        shape: &str,
        message: Request<Bytes>,
    ) -> Result<Run, String> {
        let acknowledged = self.sent(app, class, shape, &message, message.clone()).await;
        let acknowledged = acknowledged.map_err(|e| format!("the reply: {e}"))?;
        let mut noted = log.note();
        Ok(Run {
            acknowledged,
            seen: std::mem::take(&mut noted.seen),
            done: std::mem::take(&mut noted.done),
            has_raw: noted.has_raw,
            has_context: noted.has_context,
        })
    }

    /// The message that delivers events in a shape.
    pub(super) fn message(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Request<Bytes>, Error> {
        let events = events.into_iter().map(|event| event.event).collect();
        (self.new)(shape).write_events(shape, spec::<A>(class, shape), events)
    }

    /// Sends a malformed message in place of a good one.
    pub(super) async fn answer(
        &self,
        class: Class,
        shape: &str,
        good: &Request<Bytes>,
        message: Request<Bytes>,
    ) -> Poisoned {
        let log = Log::default();
        let acknowledged = self.sent(app(log.clone()), class, shape, good, message).await.ok();
        let calls = log.note().seen.len();
        Poisoned { acknowledged, calls }
    }

    /// Sends a message, and reads the reply as the reply to `good`.
    async fn sent(
        &self,
        app: App,
        class: Class,
        shape: &str,
        good: &Request<Bytes>,
        message: Request<Bytes>,
    ) -> Result<Vec<bool>, Error> {
        let router = self.app(app, shape, spec::<A>(class, shape).name).router().map_err(Error::from)?;
        let dispatch = Dispatch::new((self.new)(shape), router);
        let (head, payload) = dispatch.answer(message.map(Payload::Whole)).await.into_parts();
        let reply = Response::from_parts(head, payload.collect(usize::MAX).await?);
        dispatch.adapter().read_outcomes(shape, good, reply)
    }
}
