//! The adapter of [omnifn](https://docs.rs/omnifn) for this machine: plain HTTP.
//!
//! The request itself is the event. The client's address is that of the connection; behind proxies, set
//! `OMNIFN_TRUSTED_HOPS` to their number. The trace is `traceparent`.
//!
//! A function with `invoke` takes the JSON that is posted to its name (`POST /price`), or to any path if it is alone.
//!
//! # Events by hand
//!
//! `POST /_omnifn/<function>` gives a function an event of its class, and answers with the outcome:
//!
//! | trigger | body | query |
//! |---|---|---|
//! | `queue`, `topic`, `stream` | the message's body | `id`, `key`, `sequence`, `partition`, `attempt`, `subject`, `time`; all others are attributes |
//! | `storage` | the object's contents, or nothing | `key`, `change` (default: `created`), `bucket`, `size`, `etag`, `version`; others are metadata |
//! | `schedule` | its input | `id`, `time` |
//! | `event` | the data | `id`, `type`, `source`, `subject`, `time`; others are extensions |
//! | `changes` | `{"old": …, "new": …, "key": …}`, or only the new record | `id`, `kind`, `sequence`, `time` |
//!
//! The response names each record's outcome: `done`, `filtered` (by the trigger's `prefix`, `suffix` or `on`), `retry`, `reject`,
//! `discard`, `not started`.
//!
//! A CloudEvent in any of its forms, such as with `ce-` headers, is accepted, too.
//!
//! Events are accepted from this machine only (over a loopback address, and not through a proxy that `OMNIFN_TRUSTED_HOPS` counts). With
//! `OMNIFN_PRIVATE=true`, which declares that no client can reach the program, they are accepted from every address.

mod context;
mod detect;
mod events;
mod http;
mod inverse;
mod log;

use ::http::{Request, Response, request};
use omnifn_core::{
    Adapter, Decoded, EventEndpoints, Functions, Payload, Reply, Settings, forwarded, is_private, log::Format,
};

pub use context::LocalContext;
pub use detect::detect;

/// The adapter.
///
/// ```
/// use omnifn_core::{Adapter, Decoded, Payload};
/// use omnifn_local::Local;
///
/// let local = Local::new(&|_: &str| None);
/// let request = http::Request::get("/hello").body(Payload::default()).unwrap();
/// assert!(matches!(local.decode(request).1, Decoded::Call(_)));
/// ```
#[derive(Debug)]
pub struct Local {
    trusted_hops: usize,
    coloured: bool,
    functions: Functions,
    /// Whether no client can reach the program.
    is_private: bool,
}

impl Local {
    /// Reads `OMNIFN_TRUSTED_HOPS` and `OMNIFN_PRIVATE`.
    pub fn new(settings: &dyn Settings) -> Self {
        let trusted_hops = forwarded::trusted_hops(settings);
        Local { trusted_hops, coloured: false, functions: Functions::default(), is_private: is_private(settings) }
    }

    /// Writes log lines in the colours of a terminal.
    pub fn with_colours(mut self, coloured: bool) -> Self {
        self.coloured = coloured;
        self
    }
}

impl Adapter for Local {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "local"
    }

    fn log_format(&self) -> Box<dyn Format> {
        Box::new(log::HumanLog { coloured: self.coloured })
    }

    fn serve(&mut self, functions: Functions) {
        self.functions = functions;
    }

    fn reads_whole(&self, head: &request::Parts) -> bool {
        matches!(http::posted(self, head.uri.path()), Some(Ok(_))) && http::accepts_events(self, &head.extensions)
    }

    fn is_posted_event(&self, head: &request::Parts) -> bool {
        matches!(http::posted(self, head.uri.path()), Some(Ok(_)))
    }

    fn event_endpoints(&self) -> Option<EventEndpoints> {
        http::event_endpoints(self)
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        http::decode(self, request)
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        match reply {
            Reply::Delivered(outcomes) => events::encode(outcomes),
            reply => reply.into_http(),
        }
    }
}
