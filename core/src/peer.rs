use core::net::SocketAddr;

/// The address of the connection's other end, in the extensions of a request. Behind a proxy, that is the proxy's address.
///
/// ```
/// use omnifn_core::Peer;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Peer(([127, 0, 0, 1], 50000).into()));
/// assert!(request.extensions().get::<Peer>().is_some_and(|peer| peer.0.ip().is_loopback()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
