use std::net::SocketAddr;

use http::{Extensions, HeaderMap, HeaderName};
use omnifn_core::{Invocation, Peer, TraceContext, forwarded, headers};

/// What there is to know of a connection to this machine.
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
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
}

/// What clients and proxies say.
pub(crate) static USUAL_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
];

pub(crate) fn invocation(headers: &HeaderMap, extensions: &Extensions, trusted_hops: usize) -> Invocation {
    let peer = extensions.get::<Peer>().map(|peer| peer.0);
    let client_ip = match trusted_hops {
        0 => peer.map(|peer| peer.ip()),
        hops => forwarded::client_ip(headers, hops),
    };
    let [traceparent] = headers::first(headers, ["traceparent"]);
    Invocation {
        trace: traceparent.and_then(TraceContext::from_header),
        client_ip,
        provider: Some(std::sync::Arc::new(LocalContext { peer })),
        ..Invocation::default()
    }
}
