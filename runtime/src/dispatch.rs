//! The path of a message: provider bytes → common event → the user's function → reply → provider bytes.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime},
};

use axum::response::IntoResponse;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use omnifn_core::{
    Adapter, Body, Call, Clock, Context, CrossOrigin, Decoded, Delivery, Error, ErrorKind, Event, Invocation, Outcome,
    Payload, Record, Refusal, Reply, Router, Spec, Target,
};
use tracing::Instrument as _;

#[cfg(feature = "serve")]
use crate::sender::{self, Senders};
use crate::{
    deadline,
    deliver::Deliverer,
    id,
    layers::kind_of_body_error,
    log,
    slots::{self, Slot, Slots},
    span::Span,
    watched,
};
#[cfg(feature = "serve")]
use omnifn_core::{EventEndpoints, VerifiedSender};

/// An app behind one provider's adapter: takes the messages of the provider and returns the replies it expects.
#[derive(Debug)]
pub struct Dispatch<A> {
    adapter: A,
    router: Router,
    clock: Clock,
    started: AtomicBool,
    access_log: bool,
    timeout: Option<Duration>,
    slots: Slots,
    #[cfg(feature = "serve")]
    senders: Option<Senders>,
}

/// The number of bytes by which an event may be longer than the request body inside it: room for the head, and for the escapes of a small body.
const EVENT_MARGIN: usize = 1024 * 1024;

/// The largest reply that is collected where the wire form needs the whole body, in bytes. No platform accepts a larger one in one piece.
const REPLY_LIMIT: usize = 256 * 1024 * 1024;

impl<A: Adapter> Dispatch<A> {
    /// Creates the dispatch of an app behind an adapter.
    pub fn new(mut adapter: A, router: Router) -> Self {
        adapter.serve(router.functions());
        let slots = Slots::new(router.limits().concurrency);
        let (started, clock) = (AtomicBool::new(false), SystemTime::now as Clock);
        Dispatch {
            adapter,
            router,
            clock,
            started,
            access_log: false,
            timeout: None,
            slots,
            #[cfg(feature = "serve")]
            senders: None,
        }
    }

    /// Logs one line for each invocation, not only for those that fail.
    pub fn with_access_log(mut self) -> Self {
        self.access_log = true;
        self
    }

    /// Sets the time for each invocation if the platform sends no deadline.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Replaces the system's clock, for tests.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Declares that other services answer on the same server.
    #[cfg(feature = "serve")]
    pub(crate) fn mounted(mut self) -> Self {
        self.adapter.serve(self.router.functions().mounted());
        self
    }

    /// Verifies the sender of each event that is posted over HTTP.
    #[cfg(feature = "serve")]
    pub(crate) fn with_senders(mut self, senders: Option<Senders>) -> Self {
        self.senders = senders;
        self
    }

    /// Logs whether events that are posted over HTTP are accepted, and why.
    #[cfg(feature = "serve")]
    pub(crate) fn log_event_endpoints(&self) {
        let Some(EventEndpoints { text, is_open }) = self.adapter.event_endpoints() else { return };
        match (self.senders.as_ref().map(Senders::describe), is_open) {
            (Some(senders), true) => log::info(format_args!("{text}; {senders}")),
            (Some(senders), false) => log::info(format_args!("{senders}; without it, {text}")),
            (None, true) => log::info(format_args!("{text}")),
            (None, false) => log::warn(format_args!("{text}")),
        }
    }

    /// Returns the adapter.
    pub fn adapter(&self) -> &A {
        &self.adapter
    }

    /// Returns the started app.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Answers a message of the provider.
    ///
    /// There is always an answer: input that cannot be decoded, a function that fails or panics, and a reply body that fails
    /// are answered in the form that the provider understands, and logged once.
    pub async fn answer(&self, request: Request<Payload>) -> Response<Payload> {
        self.answer_observed(request, |_| {}).await
    }

    /// Answers one message as [`answer`](Dispatch::answer) does, and shows the reply before it is encoded. A test sees the outcome of each
    /// record in it.
    pub async fn answer_observed(&self, request: Request<Payload>, observe: impl FnOnce(&Reply)) -> Response<Payload> {
        #[cfg(feature = "serve")]
        let request = match self.verify_sender(request).await {
            Ok(request) => request,
            Err((request, error)) => return self.refuse(request, error),
        };
        let request = match self.read_event(request).await {
            Ok(request) => request,
            Err((request, error)) => return self.refuse(request, error),
        };
        let (origin, decoded) = self.adapter.decode(request);
        // Writes the log lines that the reply did not carry when it is dropped: after `encode`, or on cancellation.
        let _rest = log::Rest(decoded.journal().cloned());
        let reply = match decoded {
            Decoded::Call(call) => self.call(&origin, call).await,
            Decoded::Delivery(delivery) => self.deliver(delivery).await,
            Decoded::Answer(response) => Reply::Http(response),
            Decoded::Refused(Refusal { error, invocation_id }) => {
                log::refused(self.adapter.provider(), invocation_id.as_deref(), &error);
                Reply::Failed(error)
            }
        };
        observe(&reply);
        self.encode(origin, reply)
    }

    /// Answers a message that is passed to no function.
    fn refuse(&self, request: Request<Payload>, error: Error) -> Response<Payload> {
        log::refused(self.adapter.provider(), None, &error);
        let (origin, _) = self.adapter.decode(request);
        self.adapter.encode(origin, Reply::Failed(error))
    }

    /// Verifies the sender of an event that is posted over HTTP, if verification is configured.
    #[cfg(feature = "serve")]
    async fn verify_sender(&self, request: Request<Payload>) -> Result<Request<Payload>, (Request<Payload>, Error)> {
        let Some(senders) = &self.senders else { return Ok(request) };
        let (mut head, payload) = request.into_parts();
        if !self.adapter.is_posted_event(&head) {
            return Ok(Request::from_parts(head, payload));
        }
        match senders.verify(&head.headers).await {
            Ok(()) => {
                // The function does not need the secret.
                head.headers.remove(&sender::SECRET);
                head.extensions.insert(VerifiedSender);
                Ok(Request::from_parts(head, payload))
            }
            Err(error) => Err((Request::from_parts(head, Payload::default()), error)),
        }
    }

    /// Collects the body where the event is inside it; otherwise the body reaches the function as a stream.
    async fn read_event(&self, request: Request<Payload>) -> Result<Request<Payload>, (Request<Payload>, Error)> {
        let (head, payload) = request.into_parts();
        if matches!(payload, Payload::Whole(_)) || !self.adapter.reads_whole(&head) {
            return Ok(Request::from_parts(head, payload));
        }
        // A body inside an event is base64 or escaped text; its own limit is enforced where the function reads it.
        let limit = self.router.limits().body.unwrap_or_else(|| self.adapter.body_limit());
        match payload.collect(limit.saturating_mul(2).saturating_add(EVENT_MARGIN)).await {
            Ok(whole) => Ok(Request::from_parts(head, Payload::Whole(whole))),
            Err(error) => Err((Request::from_parts(head, Payload::default()), error)),
        }
    }

    /// Calls the function that an HTTP request is for.
    async fn call(&self, origin: &A::Origin, call: Call) -> Reply {
        let cross_origin = self.router.cross_origin(&call.request, &call.target).await;
        let is_preflight = cross_origin.as_ref().is_some_and(CrossOrigin::is_preflight);
        let reply = self.call_or_preflight(origin, call, is_preflight).await;
        match cross_origin {
            Some(cross_origin) => cross_origin.add_to(reply),
            None => reply,
        }
    }

    /// Calls the function, unless the request is a preflight, which no function receives.
    async fn call_or_preflight(&self, origin: &A::Origin, call: Call, is_preflight: bool) -> Reply {
        let mut slot = match is_preflight {
            true => None,
            false => match self.take_slot() {
                Ok(slot) => slot,
                Err(error) => return Reply::Failed(error),
            },
        };
        let Call { request, target, mut invocation } = call;
        #[cfg(feature = "serve")]
        let request = with_connect_info(request);
        let cold_start = self.begin(&mut invocation);
        let span = match &target {
            Target::Invoke(function) => Span::invocation(function, &mut invocation, cold_start),
            _ => Span::request(request.method(), request.uri().path(), &mut invocation, cold_start),
        };
        let context = self.context(invocation, cold_start);
        log::attach(span.tracing(), &context);
        let line = self.access_log.then(|| log::Line::begin(request.method(), request.uri()));
        let is_invoked = matches!(target, Target::Invoke(_));

        let response = if is_preflight {
            Ok(StatusCode::NO_CONTENT.into_response())
        } else {
            let function = self.router.respond(request, target, context.clone());
            let function = pin!(function.instrument(span.tracing().clone()));
            deadline::run(&context, self.router.limits(), function).await
        };
        let response = response.unwrap_or_else(IntoResponse::into_response);
        match response.extensions().get::<Error>() {
            Some(error) => log::failed(&context, error),
            None if response.status().is_server_error() => {
                log::failed(&context, &status_without_error(response.status()))
            }
            None => {}
        }
        let reply = if self.adapter.sends_whole(origin, &response) {
            self.collect_reply(&context, span, response).await
        } else {
            Reply::Http(stream_reply(&context, span, slot.take(), response))
        };
        match line {
            Some(line) if is_invoked => line.end_invocation(&context, reply.status().is_success()),
            Some(line) => line.end(&context, reply.status()),
            None => {}
        }
        reply
    }

    /// Collects the whole body of a response, within the function's deadline.
    async fn collect_reply(&self, context: &Context, span: Span, response: Response<Body>) -> Reply {
        let (head, body) = response.into_parts();
        let failed = head.extensions.get::<Error>().cloned();
        let collecting = pin!(Payload::Stream(body).collect(REPLY_LIMIT).instrument(span.tracing().clone()));
        let collected = deadline::run(context, self.router.limits(), collecting).await.and_then(|collected| {
            collected.map_err(|error| {
                let kind = kind_of_body_error(error.source());
                Error::new(kind, "the response's body failed").with_source(error.to_string())
            })
        });
        match collected {
            Ok(whole) => {
                span.answered(context, Some(head.status), failed.as_ref());
                Reply::Http(Response::from_parts(head, Payload::Whole(whole)))
            }
            Err(error) => {
                log::failed(context, &error);
                span.answered(context, None, Some(&error));
                Reply::Failed(error)
            }
        }
    }

    /// Passes the records of a delivery to the function, within the app's concurrency limit.
    async fn deliver(&self, delivery: Delivery) -> Reply {
        match self.take_slot() {
            Ok(_slot) => Reply::Delivered(self.outcomes(delivery).await),
            Err(error) => Reply::Failed(error),
        }
    }

    async fn outcomes(&self, delivery: Delivery) -> Vec<Outcome> {
        let Delivery { function, records, rest, mut invocation } = delivery;
        let cold_start = self.begin(&mut invocation);
        let is_batch = records.len() != 1 || !rest.is_empty();
        let span = Span::delivery(function, &records, is_batch, &mut invocation, cold_start);
        let system = invocation.system;
        let context = self.context(invocation, cold_start).with_function(function);
        log::attach(span.tracing(), &context);
        let started = Instant::now();
        let deliverer = Deliverer::new(&self.router, function, &context, &span, system);
        let outcomes = deliverer.deliver(records, rest).await;
        // The lines of the records precede that of the delivery.
        drop(deliverer);
        if self.access_log {
            log::delivered(&context, function, &outcomes, started.elapsed());
        }
        span.delivered(&outcomes);
        outcomes
    }

    /// Passes one event to a function, as a delivery of that event alone would.
    pub async fn deliver_one(&self, function: &'static Spec, event: Event) -> Outcome {
        let delivery = Delivery::new(function, [Record::new(Ok(event))], Invocation::default());
        self.outcomes(delivery).await.pop().unwrap_or(Outcome::NotStarted)
    }

    /// Takes a slot for an invocation, or fails if the app's limit is exhausted.
    fn take_slot(&self) -> Result<Option<Slot>, Error> {
        self.slots.take().inspect_err(|error| {
            if self.slots.may_log() {
                log::refused(self.adapter.provider(), None, error);
            }
        })
    }

    /// Adds what the platform did not send but the runtime knows. Returns whether this is the first invocation of this process.
    fn begin(&self, invocation: &mut Invocation) -> bool {
        invocation.id.get_or_insert_with(id::generate);
        invocation.body_limit = Some(self.adapter.body_limit());
        let timeout = self.timeout.or(invocation.timeout);
        if invocation.deadline.is_some() || timeout.is_some() {
            let now = (self.clock)();
            // A deadline in the past is unknown, not expired: the platform would not have sent the invocation.
            let deadline = invocation.deadline.filter(|deadline| *deadline > now);
            invocation.deadline = deadline.or_else(|| now.checked_add(timeout?));
        }
        !self.started.swap(true, Ordering::Relaxed)
    }

    fn context(&self, invocation: Invocation, cold_start: bool) -> Context {
        Context::new(self.adapter.provider(), invocation, cold_start, self.clock, self.router.state())
    }

    fn encode(&self, origin: A::Origin, reply: Reply) -> Response<Payload> {
        let response = self.adapter.encode(origin, reply);
        // An adapter that cannot send a reply answers with an error instead.
        let error = response.extensions().get::<Error>();
        if let Some(error) = error.filter(|error| error.kind() == ErrorKind::ResponseTooLarge) {
            log::refused(self.adapter.provider(), None, error);
        }
        response
    }
}

/// Returns the error to be logged for a response whose function, or a layer, returned a status instead of an error.
fn status_without_error(status: http::StatusCode) -> Error {
    Error::status(status, format!("the function or one of its layers returned {status} without an error"))
}

/// Adds what axum's `ConnectInfo` reads, if the request arrived over a connection.
#[cfg(feature = "serve")]
fn with_connect_info(mut request: Request<Body>) -> Request<Body> {
    if let Some(omnifn_core::Peer(address)) = request.extensions().get().copied() {
        request.extensions_mut().insert(axum::extract::ConnectInfo(address));
    }
    request
}

/// Passes a response on while its body is still produced. Its slot is released, and its span ends, with the body.
fn stream_reply(context: &Context, span: Span, slot: Option<Slot>, response: Response<Body>) -> Response<Payload> {
    let failed = response.extensions().get::<Error>().cloned();
    let status = response.status();
    response.map(|body| {
        let has_length = body.size_hint().exact().is_some();
        let body = slots::hold(slot, body);
        // A body with a length may still be produced while it is sent: it, too, has to be complete in time.
        if has_length && deadline::of_body(context).is_none() {
            span.answered(context, Some(status), failed.as_ref());
            return Payload::Stream(body);
        }
        Payload::Stream(watched::watch(body, context.clone(), span, status, failed))
    })
}
