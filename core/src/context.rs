use std::{
    any::{Any, TypeId},
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use axum::extract::FromRequestParts;
use bytes::Bytes;
use core::net::IpAddr;
use http::request::Parts;

use crate::{Error, ErrorKind, Spec, StateMap, TraceContext, log::Journal};

/// What a platform says of one invocation, read from its wire form. What it does not say is `None`, never invented.
///
/// Filled by an adapter; a function sees it as [`Context`].
#[derive(Debug, Default, Clone)]
pub struct Invocation {
    /// The platform's id of this invocation. The runtime generates one where the platform sends none.
    pub id: Option<String>,
    /// The version (or revision) of the function that the platform runs.
    pub version: Option<Arc<str>>,
    /// When the platform will end the invocation.
    pub deadline: Option<SystemTime>,
    /// How long the invocation may take from its arrival, where the platform says that instead of a deadline: a runtime makes
    /// one of it.
    pub timeout: Option<Duration>,
    /// The trace that this invocation is part of.
    pub trace: Option<TraceContext>,
    /// The messaging system that its events came through, by OpenTelemetry's name for it (`kafka`, say).
    pub system: Option<&'static str>,
    /// The address of the client, by the rule of [`Context::client_ip`].
    pub client_ip: Option<IpAddr>,
    /// The largest request body that the provider takes, in bytes, where it has a limit.
    pub body_limit: Option<usize>,
    /// The provider's own event, byte for byte, where the request came inside one.
    pub raw: Option<Bytes>,
    /// The provider's own typed context.
    pub provider: Option<Arc<dyn Any + Send + Sync>>,
    /// Where the invocation's log lines are kept, for a provider whose reply carries them.
    pub journal: Option<Journal>,
}

/// Tells the time. A runtime gives the system's; a test may give another.
pub type Clock = fn() -> SystemTime;

/// What there is to know about the invocation that a function runs in.
///
/// An argument of any function, in any position. In an axum `Router` it is an extractor as well.
///
/// ```
/// use omnifn_core::Context;
///
/// async fn whoami(ctx: Context) -> String {
///     format!("{} on {}, invocation {}", ctx.function_name(), ctx.provider(), ctx.invocation_id())
/// }
/// ```
#[derive(Clone)]
pub struct Context {
    whole: Arc<Whole>,
    /// What is another for one record of several that came at once.
    of_record: Option<Arc<OfRecord>>,
}

struct OfRecord {
    trace: Option<TraceContext>,
    raw: Option<Bytes>,
}

struct Whole {
    provider: &'static str,
    invocation: Invocation,
    /// Set once it is known, for everyone who has the context.
    chosen: OnceLock<Chosen>,
    cold_start: bool,
    clock: Clock,
    state: Arc<StateMap>,
}

/// The function that the invocation is for.
struct Chosen {
    spec: &'static Spec,
    /// The pattern of the route that took the request.
    route: Option<&'static str>,
}

impl Context {
    /// Completes what the platform said with what the runtime knows.
    pub fn new(
        provider: &'static str,
        invocation: Invocation,
        cold_start: bool,
        clock: Clock,
        state: Arc<StateMap>,
    ) -> Self {
        let whole = Whole { provider, invocation, chosen: OnceLock::new(), cold_start, clock, state };
        Context { whole: Arc::new(whole), of_record: None }
    }

    /// The same, for this function.
    pub fn with_function(self, spec: &'static Spec) -> Self {
        self.choose(spec, None);
        self
    }

    /// The same, for one record of the invocation that came in a trace of its own, or is no more than a part of the whole event.
    pub fn for_record(&self, trace: Option<TraceContext>, raw: Option<Bytes>) -> Self {
        let is_another = trace.is_some() || raw.is_some();
        let of_record = is_another.then(|| Arc::new(OfRecord { trace, raw }));
        Context { whole: self.whole.clone(), of_record }
    }

    /// The id of this invocation: the platform's, or one that the runtime generated where the platform sends none.
    pub fn invocation_id(&self) -> &str {
        self.whole.invocation.id.as_deref().unwrap_or_default()
    }

    /// The name of the function, as in its `#[function]`. Empty in a layer around the whole app, before a function was
    /// chosen.
    pub fn function_name(&self) -> &'static str {
        self.chosen().map_or("", |chosen| chosen.spec.name)
    }

    /// The pattern of the route that the request was taken by, as `/notes/{id}`; `None` where any path is taken, and for an event.
    pub fn route(&self) -> Option<&'static str> {
        self.chosen()?.route
    }

    /// The version (or revision) of the function that the platform runs.
    pub fn function_version(&self) -> Option<&str> {
        self.whole.invocation.version.as_deref()
    }

    /// The short name of the provider, as in the cargo feature that turns it on.
    pub fn provider(&self) -> &'static str {
        self.whole.provider
    }

    /// When the platform will end this invocation, where it says so.
    pub fn deadline(&self) -> Option<SystemTime> {
        self.whole.invocation.deadline
    }

    /// How long until the [`deadline`](Context::deadline); zero once it has passed.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.duration_since((self.whole.clock)()).unwrap_or_default())
    }

    /// The time now, by the runtime's clock.
    pub fn now(&self) -> SystemTime {
        (self.whole.clock)()
    }

    /// The trace that this invocation is part of. Where the runtime makes spans of its own, its parent is that of the invocation:
    /// what the function calls gets it as its `traceparent`.
    pub fn trace(&self) -> Option<&TraceContext> {
        let own = self.of_record.as_ref().and_then(|own| own.trace.as_ref());
        own.or(self.whole.invocation.trace.as_ref())
    }

    /// Whether this is the first invocation in this process.
    pub fn cold_start(&self) -> bool {
        self.whole.cold_start
    }

    /// The address of the client.
    ///
    /// The trust rule: an address counts only where the platform itself vouches for it. A gateway's own event field
    /// does; the peer of a local connection does; `X-Forwarded-For` does only as far as `OMNIFN_TRUSTED_HOPS` says how
    /// many proxies stand in front and append to it: with `1` the last address in it, with `2` the one before, and so on.
    /// Otherwise it is `None`.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.whole.invocation.client_ip
    }

    /// The provider's own event, byte for byte, where the request came inside one; `None` where the HTTP request itself
    /// is the event.
    pub fn raw(&self) -> Option<&Bytes> {
        let own = self.of_record.as_ref().and_then(|own| own.raw.as_ref());
        own.or(self.whole.invocation.raw.as_ref())
    }

    /// The provider's own typed context, from that provider's module (`omnifn::aws::LambdaContext`, say); `None` on any other provider.
    pub fn provider_context<T: Any>(&self) -> Option<&T> {
        self.whole.invocation.provider.as_deref()?.downcast_ref()
    }

    /// Where the invocation's log lines are kept, where the provider's reply carries them.
    pub fn journal(&self) -> Option<&Journal> {
        self.whole.invocation.journal.as_ref()
    }

    /// The state of type `T` that the app was given.
    pub(crate) fn state<T: Any + Clone>(&self) -> Result<T, Error> {
        self.whole.state.require()
    }

    pub(crate) fn body_limit(&self) -> Option<usize> {
        self.whole.invocation.body_limit
    }

    fn chosen(&self) -> Option<&Chosen> {
        self.whole.chosen.get()
    }

    /// Sets the function, and the route that took the request. The first choice counts: all records of a delivery are for one function, and
    /// a layer may call a service again.
    pub(crate) fn choose(&self, spec: &'static Spec, route: Option<&'static str>) {
        let _ = self.whole.chosen.set(Chosen { spec, route });
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("provider", &self.provider())
            .field("function_name", &self.function_name())
            .field("function_version", &self.function_version())
            .field("invocation_id", &self.invocation_id())
            .field("deadline", &self.deadline())
            .field("trace", &self.trace())
            .field("cold_start", &self.cold_start())
            .field("client_ip", &self.client_ip())
            .field("provider_context", &self.whole.invocation.provider.as_deref().map(|p| -> TypeId { (*p).type_id() }))
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Context::of(&parts.extensions)
    }
}

impl Context {
    pub(crate) fn of(extensions: &http::Extensions) -> Result<Self, Error> {
        extensions.get::<Context>().cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "this request carries no omnifn `Context`: it did not come through an omnifn `App`",
            )
        })
    }
}
