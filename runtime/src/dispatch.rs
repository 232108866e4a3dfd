//! The one pass: provider bytes → common event → the user's function → reply → provider bytes.

mod underway;

use std::{
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body as _;
use omnifn_core::{
    Adapter, Body, Call, Clock, Context, Decoded, Delivery, Error, ErrorKind, Event, IntoResponse, Invocation, Outcome,
    Parcel, Payload, Record, Refusal, Reply, Router, Spec, Target,
};

use underway::{Called, Calling, Doing, Responding, Underway};

pub(crate) use underway::Begun;

use crate::{
    deadline,
    deliver::Deliverer,
    id,
    layers::kind_of_body,
    log,
    otel::Span,
    slots::{Slot, Slots},
    watched::{self, Watch},
};

/// An app behind one provider's adapter: takes what the provider sends, gives what it expects back.
#[derive(Debug)]
pub struct Dispatch<A> {
    adapter: A,
    router: Router,
    clock: Clock,
    started: AtomicBool,
    access_log: bool,
    timeout: Option<Duration>,
    slots: Slots,
    /// What delivers events, where functions take them. By a pointer, for the code is not small, and a program whose functions all take
    /// requests is to be without it.
    deliver: Option<Deliver<A>>,
    /// What reads a message whole before it is answered, where one may ask for that. By a pointer, too.
    read: Option<Read<A>>,
}

/// A future in a box. Nothing of it is in a program in which nobody makes it.
type Boxed<'d, T> = Pin<Box<dyn Future<Output = T> + Send + 'd>>;

type Deliver<A> = for<'d> fn(&'d Dispatch<A>, Parcel) -> Boxed<'d, Vec<Outcome>>;

type Read<A> = for<'d> fn(&'d Dispatch<A>, Box<Request<Payload>>) -> Boxed<'d, Response<Payload>>;

/// What an event may be longer than the body in it, in bytes: its head, and a small body's escapes.
const EVENT_MARGIN: usize = 1024 * 1024;

/// The largest reply that is read whole where the wire form asks for it, in bytes. No platform takes more in one piece.
const REPLY_LIMIT: usize = 256 * 1024 * 1024;

impl<A: Adapter> Dispatch<A> {
    /// An app behind an adapter.
    pub fn new(adapter: A, router: Router) -> Self {
        // Boxed, or each request would have the room for it, too.
        let deliver: Deliver<A> = |dispatch, parcel| Box::pin(dispatch.outcomes(parcel));
        Dispatch { deliver: Some(deliver), read: Some(Self::READ), ..Dispatch::of_requests(adapter, router) }
    }

    const READ: Read<A> = |dispatch, request| Box::pin(dispatch.answer_whole(request));

    /// The same, for an adapter that gives out no events.
    pub fn of_requests(mut adapter: A, router: Router) -> Self {
        adapter.serve(router.functions());
        let slots = Slots::new(router.limits().concurrency);
        let (started, clock) = (AtomicBool::new(false), SystemTime::now as Clock);
        let read = adapter.wraps_requests().then_some(Self::READ);
        Dispatch { adapter, router, clock, started, access_log: false, timeout: None, slots, deliver: None, read }
    }

    /// Logs a line for each invocation, not only for those that fail.
    pub fn with_access_log(mut self) -> Self {
        self.access_log = true;
        self
    }

    /// Gives each invocation this much time, whatever the platform says.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Gives functions another clock than the system's.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The adapter.
    pub fn adapter(&self) -> &A {
        &self.adapter
    }

    /// The app.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// Answers one message of the provider. Always: what cannot be read, a function that fails or panics, and a reply
    /// that breaks off are answered as the provider understands it, and logged once.
    pub async fn answer(&self, request: Request<Payload>) -> Response<Payload> {
        let (head, payload) = request.into_parts();
        let begun = self.begin(head, payload);
        self.finish(begun).await
    }

    /// All of an answer that waits for nothing. What is left is small: a server moves it, and keeps the room for it on each connection.
    pub(crate) fn begin(&self, head: Parts, payload: Payload) -> Begun<A> {
        // An event that is here already was limited by its platform.
        let is_coming = matches!(payload, Payload::Stream(_)) && self.adapter.reads_whole(&head);
        let request = Request::from_parts(head, payload);
        match self.read.filter(|_| is_coming) {
            Some(read) => Begun::Reading(Box::new(request), read),
            None => Begun::Underway(self.decode(request)),
        }
    }

    fn decode(&self, request: Request<Payload>) -> Underway<A::Origin> {
        let decoded = self.adapter.decode(request);
        let rest = log::Rest(decoded.1.journal().cloned());
        let slot = match &decoded.1 {
            Decoded::Call(_) | Decoded::Delivery(_) => self.slots.take(),
            Decoded::Answer(_) | Decoded::Refused(_) => Ok(None),
        };
        let slot = match slot {
            Ok(slot) => slot,
            Err(error) => return Underway { origin: decoded.0, _rest: rest, doing: self.overloaded(error).into() },
        };
        // In one step to its parts, and on at once: a request is large, and would be copied for each further step.
        let (origin, doing) = match decoded {
            (origin, Decoded::Call(Call { request, target, invocation })) => {
                (origin, self.call(request, target, invocation, slot))
            }
            (origin, Decoded::Delivery(parcel)) => (origin, Doing::Delivery(parcel, slot)),
            (origin, Decoded::Answer(response)) => (origin, Reply::Http(response).into()),
            (origin, Decoded::Refused(Refusal { error, invocation_id })) => {
                log::refused(self.adapter.provider(), invocation_id.as_deref(), &error);
                (origin, Reply::Failed(error).into())
            }
        };
        Underway { origin, _rest: rest, doing }
    }

    /// The rest of an answer.
    #[allow(clippy::manual_async_fn, reason = "an `async fn` would hold what is underway twice, and copy it for that")]
    pub(crate) fn finish(&self, mut begun: Begun<A>) -> impl Future<Output = Response<Payload>> + Send {
        async move {
            let (origin, reply) = match begun {
                Begun::Reading(request, read) => return read(self, request).await,
                Begun::Underway(Underway { origin, doing: Doing::Call(ref mut calling, called), .. }) => {
                    return self.run(origin, calling, called).await;
                }
                Begun::Underway(Underway { origin, doing: Doing::Delivery(parcel, _slot), .. }) => match self.deliver {
                    Some(deliver) => (origin, Reply::Delivered(deliver(self, parcel).await)),
                    None => (origin, Reply::Failed(Error::new(ErrorKind::Unsupported, "no function takes events"))),
                },
                Begun::Underway(Underway { origin, doing: Doing::Reply(reply), .. }) => (origin, *reply),
            };
            self.encode(origin, reply)
        }
    }

    /// All of an answer to a message that has to be here first.
    async fn answer_whole(&self, request: Box<Request<Payload>>) -> Response<Payload> {
        match self.read(request).await {
            Ok(request) => self.finish(Begun::Underway(self.decode(request))).await,
            Err((request, error)) => self.refuse(request, error),
        }
    }

    fn encode(&self, origin: A::Origin, reply: Reply) -> Response<Payload> {
        let response = self.adapter.encode(origin, reply);
        // An adapter that cannot send the reply puts an error in its place.
        let error = response.extensions().get::<Error>();
        if let Some(error) = error.filter(|error| error.kind() == ErrorKind::ResponseTooLarge) {
            log::refused(self.adapter.provider(), None, error);
        }
        response
    }

    /// The largest body of a request: as the app says, else as the provider has it.
    fn body_limit(&self) -> usize {
        self.router.limits().body.unwrap_or_else(|| self.adapter.body_limit())
    }

    fn overloaded(&self, error: Error) -> Reply {
        if self.slots.tells() {
            log::refused(self.adapter.provider(), None, &error);
        }
        Reply::Failed(error)
    }

    /// Reads the whole body.
    async fn read(&self, mut request: Box<Request<Payload>>) -> Result<Request<Payload>, (Request<Payload>, Error)> {
        // Inside an event a body is base64, or text with escapes; its own limit holds where a function reads it.
        let limit = self.body_limit().saturating_mul(2).saturating_add(EVENT_MARGIN);
        match std::mem::take(request.body_mut()).collect(limit).await {
            Ok(whole) => {
                *request.body_mut() = Payload::Whole(whole);
                Ok(*request)
            }
            Err(error) => Err((*request, error)),
        }
    }

    fn refuse(&self, request: Request<Payload>, error: Error) -> Response<Payload> {
        log::refused(self.adapter.provider(), None, &error);
        let (origin, _) = self.adapter.decode(request);
        self.adapter.encode(origin, Reply::Failed(error))
    }

    /// What the runtime knows of an invocation, and the platform did not say.
    fn complete(&self, invocation: &mut Invocation) {
        if invocation.id.is_none() {
            invocation.made_id = Some(id::generate());
        }
        invocation.body_limit = Some(self.adapter.body_limit());
        let timeout = self.timeout.or(invocation.timeout);
        if invocation.deadline.is_some() || timeout.is_some() {
            let now = (self.clock)();
            // One that has passed says nothing: the platform would not have sent the invocation.
            let deadline = invocation.deadline.filter(|deadline| *deadline > now);
            invocation.deadline = deadline.or_else(|| now.checked_add(timeout?));
        }
    }

    fn context(&self, invocation: Invocation, cold_start: bool) -> Context {
        Context::new(self.adapter.provider(), invocation, cold_start, self.clock, self.router.state())
    }

    async fn outcomes(&self, parcel: Parcel) -> Vec<Outcome> {
        let Delivery { function, records, mut invocation } = parcel.open();
        self.complete(&mut invocation);
        let cold_start = !self.started.swap(true, Ordering::Relaxed);
        let span = Span::delivery(function, &records, &mut invocation, cold_start);
        let system = invocation.system;
        let context = self.context(invocation, cold_start).with_function(function);
        let started = self.access_log.then(Instant::now);
        let deliverer = Deliverer::new(&self.router, function, &context, &span, system);
        let outcomes = deliverer.deliver(records).await;
        if let Some(started) = started {
            let done = outcomes.iter().filter(|outcome| outcome.is_acknowledged()).count();
            log::delivered(&context, function, done, outcomes.len(), started.elapsed());
        }
        span.delivered(&outcomes);
        outcomes
    }

    /// Gives one event to a function, as a delivery of it alone would.
    pub async fn deliver_one(&self, function: &'static Spec, event: Event) -> Outcome {
        let delivery = Delivery { function, records: vec![Record::new(Ok(event))], invocation: Invocation::default() };
        // There is one for each record.
        self.outcomes(delivery.into()).await.pop().unwrap_or(Outcome::NotBegun)
    }

    /// Begins the call of a function.
    // Within its caller, all that it takes would be copied once more.
    #[inline(never)]
    fn call(
        &self,
        mut request: Request<Body>,
        target: Target,
        mut invocation: Invocation,
        slot: Option<Slot>,
    ) -> Doing {
        #[cfg(feature = "serve")]
        if let Some(omnifn_core::Peer(address)) = request.extensions().get().copied() {
            request.extensions_mut().insert(axum::extract::ConnectInfo(address));
        }
        self.complete(&mut invocation);
        let cold_start = !self.started.swap(true, Ordering::Relaxed);
        let span = Span::request(request.method(), request.uri().path(), &mut invocation, cold_start);
        let context = self.context(invocation, cold_start);
        let line = self.access_log.then(|| log::Line::begin(request.method(), request.uri()));
        let called = deadline::begin(deadline::scope(&context), || {
            let _within = span.enter();
            let (router, context) = (self.router.clone(), context.clone());
            let responding: Responding = Box::pin(async move { router.respond(request, target, context).await });
            span.around(responding)
        });
        Doing::Call(Calling { context, span, line, slot }, called)
    }

    /// Runs the function to the end of its answer.
    async fn run(&self, origin: A::Origin, calling: &mut Calling, called: Called) -> Response<Payload> {
        let Calling { context, span, line, slot } = calling;
        let answered = match called {
            Ok(responding) => deadline::run(context, self.router.limits(), responding).await,
            Err(error) => Err(error),
        };
        let response = answered.unwrap_or_else(IntoResponse::into_response);
        let failed = response.extensions().get::<Error>().cloned();
        if let Some(error) = &failed {
            log::failed(context, error);
        }
        let (status, span) = (response.status(), span.take());
        let reply = if self.adapter.sends_whole(&origin, &response) {
            // Boxed, or each connection would have the room for it, too; and so that no program holds it whose provider never asks.
            let whole: Boxed<'_, Reply> = Box::pin(self.whole(context, span, response, failed));
            whole.await
        } else {
            let watch = if response.body().size_hint().exact().is_some() {
                span.answered(context, Some(status), failed.as_ref());
                None
            } else {
                Some(Watch::new(context.clone(), span, status, failed))
            };
            Reply::Http(response.map(|body| Payload::Stream(watched::around(body, slot.take(), watch))))
        };
        if let Some(line) = line {
            line.end(context, reply.status());
        }
        self.encode(origin, reply)
    }

    /// Waits for a whole reply.
    async fn whole(&self, context: &Context, span: Span, response: Response<Body>, failed: Option<Error>) -> Reply {
        let (head, body) = response.into_parts();
        match self.collect(context, &span, body).await {
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

    async fn collect(&self, context: &Context, span: &Span, body: Body) -> Result<Bytes, Error> {
        let collecting = pin!(span.around(Payload::Stream(body).collect(REPLY_LIMIT)));
        deadline::within(context, self.router.limits(), collecting).await?.map_err(|error| {
            let failed = Error::new(kind_of_body(error.source()), "the response's body failed");
            failed.with_source(format!("{error}"))
        })
    }
}
