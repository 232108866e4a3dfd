//! The adapter of [omnifn](https://docs.rs/omnifn) for Google Cloud: Cloud Run, the
//! [Functions Framework contract](https://github.com/GoogleCloudPlatform/functions-framework), and every Knative service.
//!
//! The request itself is the event. The contract adds the following:
//!
//! - `/robots.txt` and `/favicon.ico` are answered with 404 and reach no function, except one whose route is that path.
//! - A failure has the header `X-Google-Status`: `crash` after a panic or if the app is not valid, `error` if the function returned an
//!   error with a status of 500 or above.
//! - The invocation has an id of omnifn's own. The header `Function-Execution-Id` is kept apart, in
//!   [`CloudRunContext::claimed_execution_id`] and in the label `claimed_execution_id` of log lines, because every caller can send it.
//! - The trace is `traceparent`, or else `X-Cloud-Trace-Context`.
//! - The version is `K_REVISION`; the timeout is `CLOUD_RUN_TIMEOUT_SECONDS`.
//!
//! A function with `invoke` takes the JSON that is posted to its name (`POST /price`), or to any path if it is alone: the framework's typed
//! signature. Beside HTTP functions it takes nothing, because their callers could post to its name, too.
//!
//! # Events
//!
//! A service that serves HTTP functions can be reached by their clients, so it accepts no events: `/_omnifn/<function>` is a 404. Events
//! are accepted
//!
//! - by a service that serves event functions only. `FUNCTION_TARGET` selects the functions of a service, and the platform authenticates
//!   those who call it (`--no-allow-unauthenticated`, `--ingress=internal`).
//! - with `OMNIFN_PRIVATE=true`, which declares that no client can reach the service.
//! - from a sender whose token the runtime has verified.
//!
//! The platform's own services do not ask before they deliver events. The webhook handshake of another sender (`OPTIONS` with
//! `WebHook-Request-Origin`) is answered where its events would be accepted, if `OMNIFN_WEBHOOK_ORIGINS` names its origin.

mod context;
mod detect;
mod events;
mod http;
mod inverse;
mod log;

use ::http::{Request, Response, request};
use omnifn_core::{
    Adapter, Decoded, Error, EventEndpoints, Functions, Payload, Reply, Route, Settings, cloudevents::Handshakes,
    is_private, log::Format,
};

pub use context::CloudRunContext;
pub use detect::detect;

/// The adapter.
///
/// ```
/// use omnifn_core::{Adapter, Decoded, Payload};
/// use omnifn_gcp::Gcp;
///
/// let gcp = Gcp::new(&|_: &str| None);
/// let request = http::Request::get("/robots.txt").body(Payload::default()).unwrap();
/// assert!(matches!(gcp.decode(request).1, Decoded::Answer(reply) if reply.status() == 404));
/// ```
#[derive(Debug)]
pub struct Gcp {
    platform: context::Platform,
    reserved: http::Reserved,
    log: log::CloudLog,
    functions: Functions,
    /// Whether no client can reach the service.
    is_private: bool,
    handshakes: Handshakes,
}

impl Gcp {
    /// Reads the platform's variables: `K_SERVICE`, `K_REVISION`, `K_CONFIGURATION`,
    /// `CLOUD_RUN_TIMEOUT_SECONDS`, the project for the traces of log lines (`GOOGLE_CLOUD_PROJECT`), `OMNIFN_TRUSTED_HOPS`,
    /// `OMNIFN_PRIVATE`, `OMNIFN_WEBHOOK_ORIGINS` and `OMNIFN_WEBHOOK_RATE`.
    pub fn new(settings: &dyn Settings) -> Self {
        Gcp {
            platform: context::Platform::read(settings),
            reserved: http::Reserved::default(),
            log: log::CloudLog::read(settings),
            functions: Functions::default(),
            is_private: is_private(settings),
            handshakes: Handshakes::read(settings, &[]),
        }
    }

    /// Allows functions whose route is one of the contract's reserved paths to receive its requests.
    ///
    /// ```
    /// use omnifn_core::{Methods, Route};
    /// use omnifn_gcp::Gcp;
    ///
    /// let routes = [Route { methods: Methods::GET, path: Some("/robots.txt") }];
    /// let gcp = Gcp::new(&|_: &str| None).with_routes(&routes);
    /// ```
    pub fn with_routes<'a>(mut self, routes: impl IntoIterator<Item = &'a Route>) -> Self {
        self.reserved.release(routes);
        self
    }
}

impl Adapter for Gcp {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "gcp"
    }

    fn check(&self, _: &Functions) -> Result<(), Error> {
        self.handshakes.check()
    }

    fn log_format(&self) -> Box<dyn Format> {
        Box::new(self.log.clone())
    }

    fn serve(&mut self, functions: Functions) {
        self.functions = functions;
    }

    fn resource(&self) -> Vec<(&'static str, String)> {
        self.platform.resource()
    }

    fn reads_whole(&self, head: &request::Parts) -> bool {
        http::is_event(self, head) && http::accepts_events(self, &head.extensions)
    }

    fn event_endpoints(&self) -> Option<EventEndpoints> {
        http::event_endpoints(self)
    }

    fn is_posted_event(&self, head: &request::Parts) -> bool {
        http::is_event(self, head) || http::is_invocation(self, head)
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        http::decode(self, request)
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        http::encode(reply)
    }
}
