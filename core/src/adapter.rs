//! The one trait that a provider implements, and its mirror image for tests, the local server and replay.

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, request};

use crate::{
    Call, Delivery, Error, ErrorKind, Event, Functions, Limits, Payload, Reply, Spec,
    event::Class,
    log::{Format, Journal, Plain},
};

/// Translates one provider's wire form into a [`Call`] and a [`Reply`] back into the provider's wire form.
///
/// Both directions are pure: no I/O, no clock, no environment. What an adapter needs from its surroundings is read once
/// through [`Settings`] when the adapter is made. A Lambda invocation is itself an HTTP message, and the other providers
/// speak HTTP, so one carrier type fits all.
///
/// ```
/// use omnifn_core::{Adapter, Body, Call, Decoded, Event, Invocation, Payload, Reply, Target};
///
/// /// A provider whose wire form is plain HTTP.
/// struct Plain;
///
/// impl Adapter for Plain {
///     type Origin = ();
///
///     fn provider(&self) -> &'static str {
///         "plain"
///     }
///
///     fn decode(&self, request: http::Request<Payload>) -> ((), Decoded) {
///         let request = request.map(Payload::into_body);
///         let call = Call { request, target: Target::Route, invocation: Invocation::default() };
///         ((), Decoded::Call(call))
///     }
///
///     fn encode(&self, _: (), reply: Reply) -> http::Response<Payload> {
///         reply.into_http()
///     }
/// }
/// ```
pub trait Adapter: Send + Sync + 'static {
    /// The adapter's own note of which shape came in (an event of API Gateway or of a load balancer, say), carried from
    /// [`decode`](Adapter::decode) to [`encode`](Adapter::encode). Nobody else looks inside.
    type Origin: Send + Sync + 'static;

    /// The provider's short name, as in the cargo feature that turns it on.
    fn provider(&self) -> &'static str;

    /// Learns which functions there are, before the first message: an event is for one of them, and is read as that one
    /// declares. An adapter that was told of none takes HTTP requests alone.
    fn serve(&mut self, functions: Functions) {
        let _ = functions;
    }

    /// How the provider wants its log lines; without one, lines for eyes.
    fn log_format(&self) -> Box<dyn Format> {
        Box::new(Plain)
    }

    /// What is known of the program that runs here, by the names of OpenTelemetry's conventions for resources (`service.name`,
    /// `cloud.provider`, `faas.name`, …).
    fn resource(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Says from the head alone whether [`decode`](Adapter::decode) needs the whole body, because the event is inside
    /// it. Otherwise the body reaches the function as it arrives.
    fn reads_whole(&self, head: &request::Parts) -> bool {
        let _ = head;
        false
    }

    /// The largest request body that the provider takes, in bytes. An app that says no other has this limit.
    fn body_limit(&self) -> usize {
        Limits::BODY
    }

    /// Reads what the provider sent.
    ///
    /// There is always an origin, also for input that cannot be read, so that there is always an answer.
    fn decode(&self, request: Request<Payload>) -> (Self::Origin, Decoded);

    /// Says whether this reply must be read whole before [`encode`](Adapter::encode), because the wire form holds the
    /// body as a field of something larger.
    fn sends_whole(&self, origin: &Self::Origin, response: &Response<Body>) -> bool {
        let _ = (origin, response);
        false
    }

    /// Writes the answer in the form that the origin asks for. Total: there is always an answer.
    fn encode(&self, origin: Self::Origin, reply: Reply) -> Response<Payload>;
}

/// What an [`Adapter`] made of a message.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "moved once for each call; a box would be one allocation more")]
pub enum Decoded {
    /// An HTTP request for a function.
    Call(Call),
    /// Events for a function.
    Delivery(Delivery),
    /// Answered without a function: the platform's own probe, or a path that its contract keeps from functions.
    Answer(Response<Payload>),
    /// Could not be read, and says why.
    Refused(Refusal),
}

impl Decoded {
    /// Where the invocation's log lines are kept, where the provider's reply carries them.
    pub fn journal(&self) -> Option<&Journal> {
        match self {
            Decoded::Call(call) => call.invocation.journal.as_ref(),
            Decoded::Delivery(delivery) => delivery.invocation.journal.as_ref(),
            Decoded::Answer(_) | Decoded::Refused(_) => None,
        }
    }
}

/// A message that could not be read: never an acknowledgement, always an answer and a log line.
#[derive(Debug)]
pub struct Refusal {
    /// What came, what was expected, where, and what to do.
    pub error: Error,
    /// The provider's id of the invocation, where it could be read.
    pub invocation_id: Option<String>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal { error, invocation_id: None }
    }
}

/// The settings that an adapter reads once, when it is made: the environment in production, a table in a test.
///
/// ```
/// use omnifn_core::Settings;
///
/// let table = |name: &str| (name == "PORT").then(|| "8080".to_owned());
/// assert_eq!(Settings::get(&table, "PORT").as_deref(), Some("8080"));
/// assert_eq!(Settings::get(&table, "HOST"), None);
/// ```
pub trait Settings {
    /// The value of a variable, or `None` where it is unset or empty.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Settings for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|value| !value.is_empty())
    }
}

/// The mirror image of an [`Adapter`]: writes what the provider would have sent, and reads what it would have understood.
///
/// It drives the tests (what goes in comes out again, over every provider), the local server and replay.
pub trait Inverse: Adapter {
    /// The shapes that this provider sends HTTP requests in, each with a short name (`"http-api-v2"`, `"alb"`, …).
    fn shapes() -> &'static [&'static str];

    /// Writes a request in one of the provider's shapes.
    ///
    /// # Errors
    /// Where this shape cannot carry the request (a body that is not text in a shape that has no other, say), with the
    /// reason.
    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error>;

    /// The shapes that this provider delivers events of a class in, each with a short name (`"sqs"`, `"eventarc"`, …). None:
    /// this provider has no such trigger.
    fn event_shapes(class: Class) -> &'static [&'static str] {
        let _ = class;
        &[]
    }

    /// Writes events in one of the provider's shapes, as one delivery for a function.
    ///
    /// # Errors
    /// Where this shape cannot carry them: several where it holds one, say.
    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        let _ = (function, events);
        Err(Error::new(ErrorKind::Unsupported, format!("no shape {shape:?}")))
    }

    /// Reads which of the events in `message` the provider takes as done after this reply: one answer for each that was
    /// written, in order.
    ///
    /// # Errors
    /// Where the provider would not have understood the reply.
    fn read_outcomes(&self, shape: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        let _ = (message, reply);
        Err(Error::new(ErrorKind::Unsupported, format!("no shape {shape:?}")))
    }

    /// Reads the provider's reply in one of its shapes, as the client behind it would see it.
    ///
    /// # Errors
    /// Where the provider would not have understood the reply, or takes it as a failed invocation.
    fn read(&self, shape: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error>;
}
