//! One delivery over one shape of one provider: write → answer → read.

use bytes::Bytes;
use http::Request;
use omnifn_core::{App, Event, Inverse, Payload, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;

use crate::{
    batches::batch_app,
    functions::{Log, app},
};

/// The result of a delivery.
pub(crate) struct Run {
    pub(crate) acknowledged: Vec<bool>,
    pub(crate) seen: Vec<Event>,
    pub(crate) done: Vec<usize>,
    pub(crate) has_raw: bool,
    pub(crate) has_context: bool,
}

/// A provider, whatever its adapter's type.
pub(crate) trait Provider {
    fn name(&self) -> &'static str;
    fn shapes(&self, class: Class) -> &'static [&'static str];
    /// Delivers events in a shape. `Err` where the shape cannot carry them.
    fn run(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Run, String>;
    /// Delivers events to the function that takes the whole delivery.
    fn run_batch(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Run, String>;
    /// The message that delivers events in a shape.
    fn message(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Request<Bytes>, String>;
    /// Sends another message where a good one would have come.
    fn answer(&self, class: Class, shape: &str, good: &Request<Bytes>, message: Request<Bytes>) -> Poisoned;
}

/// The result of a malformed message.
pub(crate) struct Poisoned {
    /// What the provider takes the answer for; `None` where it does not understand it, and so delivers again.
    pub(crate) acknowledged: Option<Vec<bool>>,
    /// How many times a function was called.
    pub(crate) seen: usize,
}

/// An event, and what its function is to do where the shape does not carry that.
pub(crate) struct Acting {
    pub(crate) event: Event,
    pub(crate) act: String,
}

struct With<A>(fn() -> A);

impl<A: Inverse> Provider for With<A> {
    fn name(&self) -> &'static str {
        (self.0)().provider()
    }

    fn shapes(&self, class: Class) -> &'static [&'static str] {
        A::event_shapes(class)
    }

    fn run(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Run, String> {
        self.run_in(app, class, shape, events)
    }

    fn run_batch(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Run, String> {
        self.run_in(batch_app, class, shape, events)
    }

    fn message(&self, class: Class, shape: &str, events: Vec<Acting>) -> Result<Request<Bytes>, String> {
        let events = events.into_iter().map(|event| event.event).collect();
        (self.0)().write_events(shape, spec::<A>(class, shape), events).map_err(|e| format!("cannot be written: {e}"))
    }

    fn answer(&self, class: Class, shape: &str, good: &Request<Bytes>, message: Request<Bytes>) -> Poisoned {
        let log = Log::default();
        let acknowledged = self.sent(app(log.clone()), class, shape, good, message).ok();
        let seen = log.note().seen.len();
        Poisoned { acknowledged, seen }
    }
}

impl<A: Inverse> With<A> {
    fn run_in(&self, app: fn(Log) -> App, class: Class, shape: &str, events: Vec<Acting>) -> Result<Run, String> {
        let log = Log::acting(events.first().map_or("ok", |event| &event.act));
        let message = self.message(class, shape, events)?;
        let acknowledged = self
            .sent(app(log.clone()), class, shape, &message, message.clone())
            .map_err(|e| format!("the reply: {e}"))?;
        let mut noted = log.note();
        Ok(Run {
            acknowledged,
            seen: std::mem::take(&mut noted.seen),
            done: std::mem::take(&mut noted.done),
            has_raw: noted.has_raw,
            has_context: noted.has_context,
        })
    }

    /// Sends a message, and reads the answer as that to the message that it stands for.
    fn sent(
        &self,
        mut app: App,
        class: Class,
        shape: &str,
        good: &Request<Bytes>,
        message: Request<Bytes>,
    ) -> omnifn_core::Result<Vec<bool>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        // These say nothing of where they come from: the function is the only one, as its deployment declares.
        if matches!(shape, "iot-rule" | "scheduler-input") {
            app = app.only(spec::<A>(class, shape).name);
        }
        let dispatch = Dispatch::new((self.0)(), app.router().expect("an app"));
        let reply = runtime.block_on(async {
            let reply = dispatch.answer(message.map(Payload::Whole)).await;
            let (head, payload) = reply.into_parts();
            let body = payload.collect(usize::MAX).await.expect("a whole reply");
            http::Response::from_parts(head, body)
        });
        dispatch.adapter().read_outcomes(shape, good, reply)
    }
}

/// The function of a class that events are delivered to in a shape.
fn spec<A: Inverse>(class: Class, shape: &str) -> &'static Spec {
    let app = app(Log::default());
    let mut of_class = app.specs().filter(|spec| spec.class() == class);
    of_class.find(|spec| A::delivers(shape, spec)).expect("a function of each class")
}

pub(crate) fn providers() -> Vec<Box<dyn Provider>> {
    fn nothing(_: &str) -> Option<String> {
        None
    }
    /// The app serves an HTTP function, too, so its deployment declares that no client can reach it.
    fn private(name: &str) -> Option<String> {
        (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())
    }
    vec![
        Box::new(With(|| omnifn_aws::Aws::new(&nothing))),
        Box::new(With(|| omnifn_gcp::Gcp::new(&private))),
        Box::new(With(|| omnifn_azure::Azure::new(&private))),
        Box::new(With(|| omnifn_local::Local::new(&nothing))),
    ]
}
