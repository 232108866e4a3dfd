//! The local adapter of omnifn.

use http::{Request, Response};
use omnifn_core::{Adapter, Call, Decoded, Event, Invocation, Payload, Reply, Settings, Target};

/// The adapter.
#[derive(Debug)]
pub struct Local;

impl Local {
    /// Reads its settings.
    pub fn new(settings: &dyn Settings) -> Self {
        let _ = settings;
        Local
    }
}

/// Whether this is its environment.
pub fn detect(settings: &dyn Settings) -> bool {
    settings.get("K_SERVICE").is_some()
}

impl Adapter for Local {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "local"
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        let request = request.map(Payload::into_body);
        ((), Decoded::Call(Call { event: Event::Http(request), target: Target::Route, invocation: Invocation::default() }))
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        reply.into_http()
    }
}
