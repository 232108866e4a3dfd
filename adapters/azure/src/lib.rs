//! The adapter of [omnifn](https://docs.rs/omnifn) for Azure Functions: the program is a
//! [custom handler](https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers), a server that the
//! Functions host starts and passes requests on to.
//!
//! # The three modes
//!
//! `host.json` configures how the host passes HTTP requests on ([`Mode`]):
//!
//! - **proxying** (`enableProxyingHttpRequest`): unchanged, with streamed bodies. Repeated headers are joined by commas.
//! - **forwarding** (`enableForwardingHttpRequest`): buffered, and the values of a repeated query key are joined by commas, too.
//! - **data** (neither): in a JSON envelope that is posted to `/{function}`. The reply is always a complete envelope, too, because the
//!   host waits for ever on an empty one; the status of the response is inside. The envelope's `Metadata` is not read, because a
//!   caller's body can overwrite it.
//!
//! An envelope cannot carry a reply whose body is not UTF-8, or that sets several cookies: the caller receives a 500, and the reason
//! is among the envelope's `Logs`. Use proxying.
//!
//! # The choice of the mode
//!
//! `OMNIFN_AZURE_HTTP` sets the mode (`proxying`, `forwarding`, `data`), or else `host.json`. If the mode is known, a caller cannot make
//! a proxied or forwarded request look like an envelope. If it is unknown, a request that has all the marks of the host's own and whose
//! body is an envelope is treated as one. That is for trying things out only, because a caller behind a forwarding host could send such
//! marks.
//!
//! # The liveness probe
//!
//! The host sends `GET /` without any header of a client to check whether the program is alive. The adapter answers it, and it reaches no
//! function. A client's `GET /` has headers that the host adds (`X-Forwarded-Host`, or the invocation's id), and does reach one.
//!
//! # Direct invocations
//!
//! A function with `invoke` has an HTTP trigger whose route is its name. An envelope names the function that the host has chosen. A proxied
//! or forwarded request does not, so it is for an HTTP function if the route of one takes it, too: the host may have let it pass without
//! the key of the other.
//!
//! # Paths
//!
//! The route prefix (`extensions.http.routePrefix` in `host.json`, `api` by default) is removed: a function with the route `/notes` answers
//! `/api/notes`. `OMNIFN_AZURE_ROUTE_PREFIX` sets the prefix if there is no `host.json`.

mod context;
mod detect;
mod events;
mod http;
mod inverse;
mod log;

use ::http::{Request, Response, request};
use omnifn_core::{
    Adapter, Body, Decoded, Functions, Payload, Reply, Settings,
    log::{Format, Journal},
};

pub use context::AzureContext;
pub use detect::{Mode, detect};

/// The adapter.
///
/// ```
/// use omnifn_azure::Azure;
/// use omnifn_core::{Adapter, Decoded, Payload};
///
/// let azure = Azure::new(&|_: &str| None).with_host_json(br#"{"customHandler": {"enableProxyingHttpRequest": true}}"#);
/// let request = http::Request::get("/api/hello").header("x-forwarded-host", "example.com");
/// let (_, decoded) = azure.decode(request.body(Payload::default()).unwrap());
/// assert!(matches!(decoded, Decoded::Call(_)));
/// ```
#[derive(Debug)]
pub struct Azure {
    platform: context::Platform,
    host: detect::Host,
    functions: Functions,
}

/// The way in which a request was received, as [`Azure`] records it for the reply.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The request itself.
    Request,
    /// An envelope, whose reply carries these lines.
    Envelope(Journal),
    /// An envelope of events, whose reply carries these lines where nothing failed: of a failure the host reads no reply.
    Events(Journal),
}

impl Azure {
    /// Reads the platform's variables, `OMNIFN_AZURE_HTTP`, `OMNIFN_AZURE_ROUTE_PREFIX` and `OMNIFN_TRUSTED_HOPS`.
    pub fn new(settings: &dyn Settings) -> Self {
        Azure {
            platform: context::Platform::read(settings),
            host: detect::Host::read(settings),
            functions: Functions::default(),
        }
    }

    /// Reads the app's `host.json`. The environment takes precedence.
    pub fn with_host_json(mut self, host_json: &[u8]) -> Self {
        self.host.complete(host_json);
        self
    }
}

impl Adapter for Azure {
    type Origin = Origin;

    fn provider(&self) -> &'static str {
        "azure"
    }

    /// `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`, else what the host takes without it:
    /// <https://learn.microsoft.com/azure/azure-functions/functions-app-settings>.
    fn body_limit(&self) -> usize {
        self.platform.body_limit
    }

    fn log_format(&self) -> Box<dyn Format> {
        Box::new(log::HostLog)
    }

    fn serve(&mut self, functions: Functions) {
        self.functions = functions;
    }

    fn resource(&self) -> Vec<(&'static str, String)> {
        self.platform.resource()
    }

    fn reads_whole(&self, head: &request::Parts) -> bool {
        http::reads_whole(self, head)
    }

    fn decode(&self, request: Request<Payload>) -> (Origin, Decoded) {
        http::decode(self, request)
    }

    fn sends_whole(&self, origin: &Origin, _: &Response<Body>) -> bool {
        matches!(origin, Origin::Envelope(_))
    }

    fn encode(&self, origin: Origin, reply: Reply) -> Response<Payload> {
        match origin {
            Origin::Request => reply.into_http(),
            Origin::Envelope(journal) => http::reply::encode(reply, &journal),
            Origin::Events(journal) => match reply {
                Reply::Delivered(outcomes) => events::encode(outcomes, &journal),
                reply => reply.into_http(),
            },
        }
    }
}
