use std::net::SocketAddr;

use http::{Extensions, HeaderMap};
use omnifn_core::{Invocation, Peer, TraceContext, forwarded};

/// The connection that the request was received on.
///
/// ```
/// use omnifn_core::Context;
/// use omnifn_local::LocalContext;
///
/// async fn port(ctx: Context) -> String {
///     let peer = ctx.provider_context::<LocalContext>().and_then(|local| local.peer);
///     peer.map_or("no connection".to_owned(), |peer| peer.port().to_string())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalContext {
    /// The address of the connection's other end.
    pub peer: Option<SocketAddr>,
}

pub(crate) fn invocation(headers: &HeaderMap, extensions: &Extensions, trusted_hops: usize) -> Invocation {
    let peer = extensions.get::<Peer>().map(|peer| peer.0);
    let client_ip = match trusted_hops {
        0 => peer.map(|peer| peer.ip()),
        hops => forwarded::client_ip(headers, hops),
    };
    let traceparent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    Invocation {
        trace: traceparent.and_then(TraceContext::from_traceparent),
        client_ip,
        provider: Some(std::sync::Arc::new(LocalContext { peer })),
        ..Invocation::default()
    }
}
