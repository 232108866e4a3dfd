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
//! `OMNIFN_AZURE_HTTP` sets the mode (`proxying`, `forwarding`, `data`), or else `host.json` and the variables that override it
//! (`AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest`), which are read as the host reads them. If the mode is known, a
//! caller cannot make a proxied or forwarded request look like an envelope with a request. If it is unknown, a program
//! does not start, because a client of a forwarding host could send a request that looks like the host's own. Only in tests, which use the
//! adapter directly, is a request treated as the host's that has all the marks of one and whose body is an envelope.
//!
//! # Events
//!
//! The host posts each event to `/{function}`, in an envelope. A request of the host is distinguished from a client's by
//!
//! - **proxying**: the headers `X-Forwarded-*`, which the host adds to every client's request;
//! - **data**: nothing, because a client's request is always inside an envelope;
//! - **forwarding**: the route prefix, with which every client's path begins. Without a prefix, a client's request can look exactly like
//!   the host's. Then an app that serves HTTP functions refuses events: set a prefix, use proxying, or serve the event functions from an
//!   app of their own (`OMNIFN_FUNCTION`).
//!
//! A webhook of Event Grid posts its events to `/_omnifn/<function>`, through an `httpTrigger`, where every client can post, too. Therefore
//! it is a 404 in an app that serves HTTP functions or has an anonymous `httpTrigger`, except from a sender whose token the runtime has
//! verified, or with `OMNIFN_PRIVATE=true`, which declares that no client can reach the app.
//!
//! Before Event Grid posts events, it asks for consent, with the webhook handshake of CloudEvents or a validation event. Where its events
//! would be accepted, the adapter answers with the origin or the code; it never calls the address that is sent with them.
//! `OMNIFN_WEBHOOK_ORIGINS` lists the origins that may ask, instead of `eventgrid.azure.net`.
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

use std::collections::BTreeMap;

use ::http::{Request, Response, request};
use omnifn_core::{
    Adapter, Body, Decoded, Error, EventEndpoints, Functions, Payload, Reply, Settings,
    cloudevents::Handshakes,
    is_private,
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
/// let azure = Azure::new(&|_: &str| None).with_host_json(br#"{"customHandler": {"enableProxyingHttpRequest": true}}"#).unwrap();
/// let request = http::Request::get("/api/hello").header("x-forwarded-host", "example.com");
/// let (_, decoded) = azure.decode(request.body(Payload::default()).unwrap());
/// assert!(matches!(decoded, Decoded::Call(_)));
/// ```
#[derive(Debug)]
pub struct Azure {
    platform: context::Platform,
    host: detect::Host,
    functions: Functions,
    /// The trigger of each event function whose `function.json` is known.
    bindings: BTreeMap<String, detect::Binding>,
    /// The trigger of each function for HTTP requests whose `function.json` is known.
    http_triggers: BTreeMap<String, detect::HttpTrigger>,
    /// Whether no client can reach the app.
    is_private: bool,
    handshakes: Handshakes,
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
    /// Reads the platform's variables, `OMNIFN_AZURE_HTTP`, `OMNIFN_AZURE_ROUTE_PREFIX`, `OMNIFN_TRUSTED_HOPS`,
    /// `OMNIFN_PRIVATE`, `OMNIFN_WEBHOOK_ORIGINS` and `OMNIFN_WEBHOOK_RATE`.
    pub fn new(settings: &dyn Settings) -> Self {
        Azure {
            platform: context::Platform::read(settings),
            host: detect::Host::read(settings),
            functions: Functions::default(),
            bindings: BTreeMap::new(),
            http_triggers: BTreeMap::new(),
            is_private: is_private(settings),
            handshakes: Handshakes::read(settings, &[events::webhook::EVENT_GRID]),
        }
    }

    /// Reads the app's `host.json`, as the host reads it. The environment takes precedence.
    ///
    /// # Errors
    /// The file cannot be read as the host reads it. The error names the place.
    pub fn with_host_json(mut self, host_json: &[u8]) -> Result<Self, Error> {
        self.host.read_file(host_json)?;
        Ok(self)
    }

    /// Reads the variables that override `host.json`: `AzureFunctionsJobHost__extensions__http__routePrefix`, and so on. Other variables
    /// are ignored.
    ///
    /// ```
    /// use omnifn_azure::Azure;
    ///
    /// let variable = ("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest", "maybe");
    /// let error = Azure::new(&|_: &str| None).with_environment([(variable.0.to_owned(), variable.1.to_owned())]).unwrap_err();
    /// assert!(error.to_string().contains("expected true or false"));
    /// ```
    ///
    /// # Errors
    /// A value is not what the host accepts.
    pub fn with_environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        self.host.read_environment(variables)?;
        Ok(self)
    }
}

impl Azure {
    /// Reads the `function.json` in a function's folder.
    ///
    /// For an event function, it names the trigger's value in an envelope, and how the host writes a message: as text, or in base64
    /// (`"dataType": "binary"`), which keeps all bytes. Without it, the value must be the only one, and `"name": "bytes"` stands for
    /// `"dataType": "binary"`, as `cargo omnifn package` writes it.
    ///
    /// An `httpTrigger` with `"authLevel": "anonymous"` is a way in for everyone, even if the program serves no HTTP function.
    ///
    /// # Errors
    /// The file cannot be read as the host reads it, or it has no trigger.
    pub fn with_function_json(mut self, function: &str, function_json: &[u8]) -> Result<Self, Error> {
        self.read_function_json(function, function_json)?;
        Ok(self)
    }

    /// Reads the `function.json` in a function's folder, as [`with_function_json`](Azure::with_function_json) does.
    ///
    /// # Errors
    /// The file cannot be read as the host reads it, or it has no trigger.
    pub fn read_function_json(&mut self, function: &str, function_json: &[u8]) -> Result<(), Error> {
        match detect::Trigger::read(function, function_json)? {
            detect::Trigger::Event(binding) => drop(self.bindings.insert(function.to_owned(), binding)),
            detect::Trigger::Http(trigger) => drop(self.http_triggers.insert(function.to_owned(), trigger)),
        }
        Ok(())
    }
}

impl Adapter for Azure {
    type Origin = Origin;

    fn provider(&self) -> &'static str {
        "azure"
    }

    fn check(&self, _: &Functions) -> Result<(), Error> {
        self.handshakes.check()?;
        self.host.check()
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

    fn event_endpoints(&self) -> Option<EventEndpoints> {
        http::event_endpoints(self)
    }

    fn is_posted_event(&self, head: &request::Parts) -> bool {
        http::is_posted_event(self, head)
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
