//! The trait that a provider implements, and its inverse for tests and the local server.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header, request};

use crate::{
    Call, Cors, Delivery, Error, ErrorKind, Event, EventEndpoints, Functions, Limits, Payload, Reply, Spec,
    event::Class,
    log::{Format, Journal, Plain},
};

/// Translates one provider's wire form into a [`Call`] and a [`Reply`] back into the provider's wire form.
///
/// Both directions are pure: no I/O, no clock, no environment. What an adapter needs from its surroundings is read once
/// through [`Settings`] when the adapter is created. A Lambda invocation is itself an HTTP message, and the other providers
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
    /// The adapter's own record of the shape of a message (an event of API Gateway, for example), passed from [`decode`](Adapter::decode)
    /// to [`encode`](Adapter::encode). Nothing else reads it.
    type Origin: Send + Sync + 'static;

    /// Returns the provider's short name, which is also its cargo feature.
    fn provider(&self) -> &'static str;

    /// Checks whether one program can serve these functions on this provider, before the app starts.
    ///
    /// # Errors
    /// The provider cannot determine which of them a message is for.
    fn check(&self, functions: &Functions) -> Result<(), Error> {
        let _ = functions;
        Ok(())
    }

    /// Sets the app's functions, before the first message. An event is for one of them, and is decoded as that function declares. An
    /// adapter without functions takes HTTP requests only.
    fn serve(&mut self, functions: Functions) {
        let _ = functions;
    }

    /// Returns the format of the provider's log lines. The default is human-readable output.
    fn log_format(&self) -> Box<dyn Format> {
        Box::new(Plain)
    }

    /// Returns the attributes of the running program, by OpenTelemetry's conventions for resources (`service.name`, `cloud.provider`,
    /// `faas.name`, …).
    fn resource(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Returns whether [`decode`](Adapter::decode) needs the whole body, because the event is inside it. Only the head is known.
    /// Otherwise the body reaches the function as a stream.
    fn reads_whole(&self, head: &request::Parts) -> bool {
        let _ = head;
        false
    }

    /// Returns whether events that are posted over HTTP are accepted, and why: a server logs it when it starts, after
    /// [`serve`](Adapter::serve). `None` if the app has no functions that take events, or no client can reach the program.
    fn event_endpoints(&self) -> Option<EventEndpoints> {
        None
    }

    /// Returns whether this is an event that its sender posts over HTTP itself, so that a client could have sent it, too, or a direct
    /// invocation over HTTP that only the platform's own check protects. A runtime that
    /// verifies senders verifies that of such a request, and marks it as [`VerifiedSender`](crate::VerifiedSender). Only the head is known.
    fn is_posted_event(&self, head: &request::Parts) -> bool {
        let _ = head;
        false
    }

    /// Returns the largest request body that the provider accepts, in bytes: the limit of an app that sets no other.
    fn body_limit(&self) -> usize {
        Limits::BODY
    }

    /// Decodes a message of the provider.
    ///
    /// There is always an origin, even for input that cannot be decoded, so that there is always a reply.
    fn decode(&self, request: Request<Payload>) -> (Self::Origin, Decoded);

    /// Returns whether this reply must be collected before [`encode`](Adapter::encode), because the body is a field of a larger
    /// document.
    fn sends_whole(&self, origin: &Self::Origin, response: &Response<Body>) -> bool {
        let _ = (origin, response);
        false
    }

    /// Encodes the reply in the shape that the origin requires. This never fails: there is always a reply.
    fn encode(&self, origin: Self::Origin, reply: Reply) -> Response<Payload>;
}

/// A message, as an [`Adapter`] decoded it.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "moved once for each call; a box would be one allocation more")]
pub enum Decoded {
    /// An HTTP request for a function.
    Call(Call),
    /// Events for a function.
    Delivery(Delivery),
    /// A response without a function: to the platform's own probe, or for a path that its contract reserves.
    Answer(Response<Payload>),
    /// A message that cannot be decoded, with the reason.
    Refused(Refusal),
}

impl Decoded {
    /// Returns where the invocation's log lines are kept, if the provider's reply carries them.
    pub fn journal(&self) -> Option<&Journal> {
        match self {
            Decoded::Call(call) => call.invocation.journal.as_ref(),
            Decoded::Delivery(delivery) => delivery.invocation.journal.as_ref(),
            Decoded::Answer(_) | Decoded::Refused(_) => None,
        }
    }
}

/// A message that cannot be decoded. It is never acknowledged; it always has a reply and a log line.
#[derive(Debug)]
pub struct Refusal {
    /// The error: what was received, what was expected, where, and what to do.
    pub error: Error,
    /// The provider's id of the invocation, if it could be decoded.
    pub invocation_id: Option<String>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal { error, invocation_id: None }
    }
}

/// The settings that an adapter reads when it is created: the environment in production, a table in a test.
///
/// ```
/// use omnifn_core::Settings;
///
/// let table = |name: &str| (name == "PORT").then(|| "8080".to_owned());
/// assert_eq!(Settings::get(&table, "PORT").as_deref(), Some("8080"));
/// assert_eq!(Settings::get(&table, "HOST"), None);
/// ```
pub trait Settings {
    /// Returns the value of a variable; `None` if it is unset or empty.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Settings for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|value| !value.is_empty())
    }
}

/// The inverse of an [`Adapter`]: encodes messages as the provider sends them, and decodes replies as the provider reads them.
///
/// It drives the tests, in which every message makes a round trip through every provider, and the local server.
pub trait Inverse: Adapter {
    /// Returns the short names of the shapes that this provider sends HTTP requests in (`"http-api-v2"`, `"alb"`, …).
    fn shapes() -> &'static [&'static str];

    /// Writes a request in one of the provider's shapes.
    ///
    /// # Errors
    /// This shape cannot carry the request: its body is not text and the shape has no other form, for example.
    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error>;

    /// Returns the response of the provider's gateway to a request that it answers itself, where it is deployed for these origins. Every other
    /// request reaches the program.
    fn answer_of_gateway(&self, request: &Request<Bytes>, cors: Option<&Cors>) -> Option<Response<Bytes>> {
        let _ = (request, cors);
        None
    }

    /// Changes a response of the program as the provider's gateway does, where it is deployed for these origins. `asked` is the headers of the
    /// request.
    fn pass_gateway(&self, asked: &HeaderMap, cors: Option<&Cors>, response: Response<Bytes>) -> Response<Bytes> {
        let _ = (asked, cors);
        response
    }

    /// Returns the short names of the shapes in which this provider invokes a function directly. A server is sent an HTTP request.
    fn invoke_shapes() -> &'static [&'static str] {
        Self::shapes()
    }

    /// Writes an invocation in one of the provider's shapes.
    ///
    /// # Errors
    /// This shape cannot carry the payload.
    fn write_invocation(&self, shape: &str, function: &Spec, payload: Bytes) -> Result<Request<Bytes>, Error> {
        let request = Request::post(format!("/{}", function.name)).header(header::HOST, "example.com");
        self.write(shape, request.header(header::CONTENT_TYPE, "application/json").body(payload)?)
    }

    /// Reads the function's result in one of the provider's shapes, as the caller receives it.
    ///
    /// # Errors
    /// The invocation failed, or the caller would not understand the reply.
    fn read_result(&self, shape: &str, reply: Response<Bytes>) -> Result<Bytes, Error> {
        let response = self.read(shape, reply)?;
        match response.status() {
            status if status.is_success() => Ok(response.into_body()),
            status => Err(Error::status(status, String::from_utf8_lossy(response.body()).into_owned())),
        }
    }

    /// Returns the short names of the shapes that this provider delivers events of a class in (`"sqs"`, `"eventarc"`, …). The list is
    /// empty if the provider has no such trigger.
    fn event_shapes(class: Class) -> &'static [&'static str] {
        let _ = class;
        &[]
    }

    /// Returns whether the service that a function declares delivers events to it in one of the shapes of its class. By default, every
    /// shape is delivered.
    fn delivers(shape: &str, function: &Spec) -> bool {
        let _ = (shape, function);
        true
    }

    /// Writes events in one of the provider's shapes, as one delivery for a function.
    ///
    /// # Errors
    /// This shape cannot carry the events: there are several and it carries one, for example.
    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        let _ = (function, events);
        Err(Error::new(ErrorKind::Unsupported, format!("unknown shape {shape:?}")))
    }

    /// Decodes which events in `message` the provider considers done after this reply: one value for each event, in order.
    ///
    /// # Errors
    /// The provider would not understand the reply.
    fn read_outcomes(&self, shape: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        let _ = (message, reply);
        Err(Error::new(ErrorKind::Unsupported, format!("unknown shape {shape:?}")))
    }

    /// Reads the provider's reply in one of its shapes, as the client behind it would see it.
    ///
    /// # Errors
    /// The provider would not understand the reply, or would treat it as a failed invocation.
    fn read(&self, shape: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error>;
}
