//! A provider for every sender of [CloudEvents over HTTP](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md):
//! in binary and structured mode, and in batches. HTTP functions are served, and functions invoked, by the same server.
//!
//! It is not one of omnifn's own providers, and uses public items only. Its README explains how a provider is written.

mod inverse;

use bytes::Bytes;
use http::{Extensions, HeaderValue, Method, Request, Response, request};
use omnifn_core::{
    Adapter, Call, Decoded, Delivery, Error, ErrorKind, Event, EventEndpoints, Functions, Invocation, Payload, Record,
    Reply, Settings, Spec, TraceContext, VerifiedSender,
    cloudevents::{self, Received},
    direct,
    event::Class,
    is_private,
};

/// The adapter.
///
/// ```
/// use cloudevents::CloudEvents;
/// use omnifn_core::{Adapter, Decoded, Payload};
///
/// let adapter = CloudEvents::new(&|_: &str| None);
/// let request = http::Request::get("/hello").body(Payload::default()).unwrap();
/// assert!(matches!(adapter.decode(request).1, Decoded::Call(_)));
/// ```
#[derive(Debug)]
pub struct CloudEvents {
    functions: Functions,
    /// Whether no client can reach the program.
    is_private: bool,
}

impl CloudEvents {
    /// Reads `OMNIFN_PRIVATE`.
    pub fn new(settings: &dyn Settings) -> Self {
        CloudEvents { functions: Functions::default(), is_private: is_private(settings) }
    }

    /// Returns whether events are accepted: no client can reach the program, or the runtime has verified the sender.
    fn accepts_events(&self, extensions: &Extensions) -> bool {
        self.is_private || !self.functions.serve_clients() || VerifiedSender::sent(extensions)
    }
}

/// Why events are refused, and what to do.
const CLOSED: &str =
    "clients can reach this program: serve event functions alone, or set OMNIFN_PRIVATE=true if no client can reach it";

impl Adapter for CloudEvents {
    /// A reply has the same form for every message, so nothing has to be remembered of the message.
    type Origin = ();

    fn provider(&self) -> &'static str {
        "cloudevents"
    }

    fn check(&self, functions: &Functions) -> Result<(), Error> {
        let is_known = |spec: &&Spec| matches!(spec.class(), Class::Http | Class::Invoke | Class::Event);
        match functions.iter().find(|spec| !is_known(spec)) {
            None => Ok(()),
            Some(spec) => {
                let words = format!(
                    "`{}` takes {}, and this provider delivers CloudEvents: declare `event = \"…\"` instead",
                    spec.name,
                    spec.class().takes()
                );
                Err(Error::new(ErrorKind::Unsupported, words))
            }
        }
    }

    fn serve(&mut self, functions: Functions) {
        self.functions = functions;
    }

    fn reads_whole(&self, head: &request::Parts) -> bool {
        self.is_posted_event(head) && self.accepts_events(&head.extensions)
    }

    fn is_posted_event(&self, head: &request::Parts) -> bool {
        matches!(self.functions.at(head.uri.path()), Some(Ok(_)))
    }

    fn event_endpoints(&self) -> Option<EventEndpoints> {
        let names = self.functions.names_of_events();
        let first = self.functions.of_events().next()?;
        Some(match self.accepts_events(&Extensions::default()) {
            true => {
                EventEndpoints::open(format!("events for {names} are accepted, such as at /_omnifn/{}", first.name))
            }
            false => EventEndpoints::closed(format!("events for {names} are refused: {CLOSED}")),
        })
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        let decoded = match self.functions.at(request.uri().path()) {
            // An HTTP request, or an invocation.
            None => {
                let invocation = invocation(request.headers());
                let is_authorized = self.accepts_events(request.extensions());
                let request = direct::receive(request);
                let target = self.functions.target(&request, is_authorized);
                Decoded::Call(Call { request, target, invocation })
            }
            Some(Ok(function)) if !self.accepts_events(request.extensions()) => {
                Decoded::Refused(self.functions.closed(function, CLOSED).into())
            }
            Some(Ok(function)) => {
                events(request, function).map_or_else(|error| Decoded::Refused(error.into()), Decoded::Delivery)
            }
            Some(Err(error)) => Decoded::Refused(error.into()),
        };
        ((), decoded)
    }

    /// A sender learns the outcome by the status alone: it posts everything again unless the status is a success.
    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        reply.into_http()
    }
}

fn invocation(headers: &http::HeaderMap) -> Invocation {
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    Invocation { trace: traceparent.and_then(TraceContext::from_traceparent), ..Invocation::default() }
}

/// Reads the events that are posted for a function.
fn events(request: Request<Payload>, function: &'static Spec) -> Result<Delivery, Error> {
    let (head, payload) = request.into_parts();
    if head.method != Method::POST {
        let words = format!("received {} for the function `{}`: events are posted", head.method, function.name);
        return Err(Error::new(ErrorKind::MethodNotAllowed, words).with_allow(HeaderValue::from_static("POST")));
    }
    let body: Bytes = match payload {
        Payload::Whole(body) => body,
        Payload::Stream(_) => return Err(Error::new(ErrorKind::Config, "the event was not read whole")),
    };
    let Some(mode) = cloudevents::mode(&head.headers)? else {
        let words = "received a request that is not a CloudEvent: send `ce-` headers, or application/cloudevents+json";
        return Err(Error::new(ErrorKind::MediaType, words));
    };
    let events = cloudevents::read(mode, &head.headers, &body)?;
    let invocation = Invocation { raw: Some(body), ..invocation(&head.headers) };
    Ok(Delivery::new(function, events.map(move |received| record(received, function)), invocation))
}

/// Makes an event a record. One that cannot be decoded is a record with the reason, and never acknowledged.
fn record(received: Result<Received, Error>, function: &Spec) -> Record {
    let (event, warning) = match received {
        Ok(Received { event, warning, .. }) if function.class() == Class::Event => (Ok(Event::from(event)), warning),
        Ok(_) => {
            let words =
                format!("received a CloudEvent for `{}`, which takes {}", function.name, function.class().takes());
            (Err(Error::new(ErrorKind::Unsupported, words)), None)
        }
        Err(error) => (Err(error), None),
    };
    let mut record = Record::new(event);
    record.warning = warning;
    record
}
