//! One delivery over one shape of one provider: write → answer → read.

use omnifn_core::{Event, Inverse, Payload, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;

use crate::functions::{Log, app};

/// What came of a delivery.
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let log = Log::acting(events.first().map_or("ok", |event| &event.act));
        let spec = spec(class);
        let mut app = app(log.clone());
        // These say nothing of where they come from: the function is the only one, as its deployment declares.
        if matches!(shape, "iot-rule" | "scheduler-input") {
            app = app.only(spec.name);
        }
        let dispatch = Dispatch::new((self.0)(), app.router().expect("an app"));
        let events = events.into_iter().map(|event| event.event).collect();
        let message =
            dispatch.adapter().write_events(shape, spec, events).map_err(|e| format!("cannot be written: {e}"))?;
        let (head, body) = message.clone().into_parts();
        let reply = runtime.block_on(async {
            let reply = dispatch.answer(http::Request::from_parts(head, Payload::Whole(body))).await;
            let (head, payload) = reply.into_parts();
            let body = payload.collect(usize::MAX).await.expect("a whole reply");
            http::Response::from_parts(head, body)
        });
        let acknowledged =
            dispatch.adapter().read_outcomes(shape, &message, reply).map_err(|e| format!("the reply: {e}"))?;
        let mut noted = log.note();
        Ok(Run {
            acknowledged,
            seen: std::mem::take(&mut noted.seen),
            done: std::mem::take(&mut noted.done),
            has_raw: noted.has_raw,
            has_context: noted.has_context,
        })
    }
}

/// The function of a class.
pub(crate) fn spec(class: Class) -> &'static Spec {
    app(Log::default()).specs().find(|spec| spec.class() == class).expect("a function of each class")
}

pub(crate) fn providers() -> Vec<Box<dyn Provider>> {
    fn nothing(_: &str) -> Option<String> {
        None
    }
    vec![
        Box::new(With(|| omnifn_aws::Aws::new(&nothing))),
        Box::new(With(|| omnifn_gcp::Gcp::new(&nothing))),
        Box::new(With(|| omnifn_azure::Azure::new(&nothing))),
        Box::new(With(|| omnifn_local::Local::new(&nothing))),
    ]
}
