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

/// The data of one invocation, decoded from the platform's wire form. What the platform does not send is `None`, never invented.
///
/// An adapter fills it in; a function sees it as [`Context`].
#[derive(Debug, Default, Clone)]
pub struct Invocation {
    /// The platform's id of this invocation. The runtime generates one where the platform sends none.
    pub id: Option<String>,
    /// The version (or revision) of the function that the platform runs.
    pub version: Option<Arc<str>>,
    /// The time at which the platform ends the invocation.
    pub deadline: Option<SystemTime>,
    /// The time that the invocation may take from its arrival, if the platform sends that instead of a deadline. The runtime computes the
    /// deadline from it.
    pub timeout: Option<Duration>,
    /// The trace that this invocation is part of.
    pub trace: Option<TraceContext>,
    /// OpenTelemetry's name of the messaging system that delivered the events, such as `kafka`.
    pub system: Option<&'static str>,
    /// The address of the client, by the rule of [`Context::client_ip`].
    pub client_ip: Option<IpAddr>,
    /// The largest request body that the provider accepts, in bytes, if it has a limit.
    pub body_limit: Option<usize>,
    /// The provider's own event, byte for byte, if the request was inside one.
    pub raw: Option<Bytes>,
    /// The provider's own typed context.
    pub provider: Option<Arc<dyn Any + Send + Sync>>,
    /// The log lines of the invocation, for a provider whose reply carries them.
    pub journal: Option<Journal>,
}

/// A clock. The runtime uses the system's; a test may use another.
pub type Clock = fn() -> SystemTime;

/// The invocation that a function runs in.
///
/// It is an argument of any function, in any position, and an extractor in an axum `Router`.
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
    /// The values of a single record, where they differ from those of the whole delivery.
    of_record: Option<Arc<OfRecord>>,
}

struct OfRecord {
    trace: Option<TraceContext>,
    raw: Option<Bytes>,
    /// The time at which the function's own timeout elapses for this record.
    deadline: Option<SystemTime>,
}

struct Whole {
    provider: &'static str,
    invocation: Invocation,
    /// The chosen function, which is set as soon as it is known, for all clones of the context.
    chosen: OnceLock<Chosen>,
    cold_start: bool,
    clock: Clock,
    state: Arc<StateMap>,
}

/// The function that the invocation is for.
struct Chosen {
    spec: &'static Spec,
    /// The pattern of the route that matched.
    route: Option<&'static str>,
    /// The time at which the function's own timeout elapses; `None` for a delivery, each of whose records has the whole time.
    deadline: Option<SystemTime>,
}

impl Context {
    /// Creates the context from the data of the platform and of the runtime.
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

    /// Returns the context of a delivery to this function. The function's own timeout begins with each record.
    pub fn with_function(self, spec: &'static Spec) -> Self {
        let _ = self.whole.chosen.set(Chosen { spec, route: None, deadline: None });
        self
    }

    /// Returns the context of one record, which may have a trace of its own, and may be only a part of the whole event. The function's own
    /// timeout begins now.
    pub fn for_record(&self, trace: Option<TraceContext>, raw: Option<Bytes>) -> Self {
        let deadline = self.chosen().and_then(|chosen| self.own_deadline(chosen.spec));
        let is_another = trace.is_some() || raw.is_some() || deadline.is_some();
        let of_record = is_another.then(|| Arc::new(OfRecord { trace, raw, deadline }));
        Context { whole: self.whole.clone(), of_record }
    }

    /// Returns the id of this invocation: the platform's, or one that the runtime generated if the platform sends none.
    pub fn invocation_id(&self) -> &str {
        self.whole.invocation.id.as_deref().unwrap_or_default()
    }

    /// Returns the name of the function, as in its `#[function]`. It is empty in a layer around the whole app, before a function is
    /// chosen.
    pub fn function_name(&self) -> &'static str {
        self.chosen().map_or("", |chosen| chosen.spec.name)
    }

    /// Returns the pattern of the route that matched, such as `/notes/{id}`; `None` for a function of any path, and for an event.
    pub fn route(&self) -> Option<&'static str> {
        self.chosen()?.route
    }

    /// Returns the version (or revision) of the function that the platform runs.
    pub fn function_version(&self) -> Option<&str> {
        self.whole.invocation.version.as_deref()
    }

    /// Returns the short name of the provider, which is also its cargo feature.
    pub fn provider(&self) -> &'static str {
        self.whole.provider
    }

    /// Returns the deadline of this invocation: the platform's, or that of the function's own `timeout`, whichever is earlier. It is `None`
    /// if the platform sent none and the function declares none.
    pub fn deadline(&self) -> Option<SystemTime> {
        match (self.platform_deadline(), self.function_deadline()) {
            (Some(platform), Some(function)) => Some(platform.min(function)),
            (platform, function) => platform.or(function),
        }
    }

    /// Returns when the platform ends the invocation, if it sent that.
    pub fn platform_deadline(&self) -> Option<SystemTime> {
        self.whole.invocation.deadline
    }

    /// Returns when the function's own `timeout` elapses, if it declares one. In a delivery, it begins anew with each record.
    pub fn function_deadline(&self) -> Option<SystemTime> {
        let of_record = self.of_record.as_ref().and_then(|own| own.deadline);
        of_record.or_else(|| self.chosen()?.deadline)
    }

    /// Returns the `timeout` that the function declares.
    pub fn function_timeout(&self) -> Option<Duration> {
        self.chosen()?.spec.deploy.timeout.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Returns the time until the [`deadline`](Context::deadline), which is zero once it has passed.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.duration_since((self.whole.clock)()).unwrap_or_default())
    }

    /// Returns the current time of the runtime's clock.
    pub fn now(&self) -> SystemTime {
        (self.whole.clock)()
    }

    /// Returns the trace that this invocation is part of, to be sent as `traceparent` with the function's own calls. If the runtime
    /// exports spans, its parent is the span of the invocation.
    pub fn trace(&self) -> Option<&TraceContext> {
        let own = self.of_record.as_ref().and_then(|own| own.trace.as_ref());
        own.or(self.whole.invocation.trace.as_ref())
    }

    /// Returns whether this is the first invocation in this process.
    pub fn cold_start(&self) -> bool {
        self.whole.cold_start
    }

    /// Returns the address of the client, if the platform vouches for it.
    ///
    /// The address is trusted if it is a field of a gateway's own event, or the peer of a local connection. An address in
    /// `X-Forwarded-For` is trusted only as far as `OMNIFN_TRUSTED_HOPS` gives the number of proxies that append to the header: with `1`
    /// the last address counts, with `2` the one before it, and so on. Otherwise the address is `None`.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.whole.invocation.client_ip
    }

    /// Returns the provider's own event, byte for byte, if the request was inside one; `None` if the HTTP request itself is the event.
    pub fn raw(&self) -> Option<&Bytes> {
        let own = self.of_record.as_ref().and_then(|own| own.raw.as_ref());
        own.or(self.whole.invocation.raw.as_ref())
    }

    /// Returns the provider's own typed context, a type of that provider's module; `None` on any other provider.
    pub fn provider_context<T: Any>(&self) -> Option<&T> {
        self.whole.invocation.provider.as_deref()?.downcast_ref()
    }

    /// Returns where the invocation's log lines are kept, if the provider's reply carries them.
    pub fn journal(&self) -> Option<&Journal> {
        self.whole.invocation.journal.as_ref()
    }

    /// Returns the state of type `T` that the app was given.
    pub(crate) fn state<T: Any + Clone>(&self) -> Result<T, Error> {
        self.whole.state.require()
    }

    pub(crate) fn body_limit(&self) -> Option<usize> {
        self.whole.invocation.body_limit
    }

    fn chosen(&self) -> Option<&Chosen> {
        self.whole.chosen.get()
    }

    /// Sets the function and the route that matched. Only the first call has an effect: all records of a delivery are for one function, and
    /// a layer may call a service again.
    pub(crate) fn choose(&self, spec: &'static Spec, route: Option<&'static str>) {
        if self.chosen().is_none() {
            let _ = self.whole.chosen.set(Chosen { spec, route, deadline: self.own_deadline(spec) });
        }
    }

    /// Returns when the function's own timeout elapses if it begins now.
    fn own_deadline(&self, spec: &Spec) -> Option<SystemTime> {
        self.now().checked_add(Duration::from_secs(spec.deploy.timeout?.into()))
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
            Error::new(ErrorKind::Config, "missing omnifn `Context`: the request did not pass through an omnifn `App`")
        })
    }
}
