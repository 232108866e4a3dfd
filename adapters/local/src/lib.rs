//! This machine's side of [omnifn](https://docs.rs/omnifn): plain HTTP, nothing else.
//!
//! The request itself is the event. The client's address is that of the connection; behind proxies, set
//! `OMNIFN_TRUSTED_HOPS` to their number. The trace is `traceparent`.

mod context;
mod detect;
mod http;
mod inverse;

use ::http::{Request, Response};
use omnifn_core::{Adapter, Decoded, Payload, Reply, Settings, forwarded};

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
}

impl Local {
    /// Reads `OMNIFN_TRUSTED_HOPS`.
    pub fn new(settings: &dyn Settings) -> Self {
        Local { trusted_hops: forwarded::trusted_hops(settings) }
    }
}

impl Adapter for Local {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "local"
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        ((), http::decode(self, request))
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        reply.into_http()
    }
}
