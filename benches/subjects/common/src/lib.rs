//! What the functions compute, the same in every program.

use http::{HeaderMap, Method, Uri};

/// The content type of the reply.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// Returns a reply that depends on every part of the request, so that no program can skip decoding one.
pub fn hello(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    let name = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("name="));
    let agent = headers.get("user-agent").and_then(|value| value.to_str().ok());
    format!(
        "Hello, {}! {method} {}: {} bytes, the last is {}, from {}",
        name.unwrap_or("stranger"),
        uri.path(),
        body.len(),
        body.last().copied().unwrap_or_default(),
        agent.unwrap_or("an unknown agent"),
    )
}

/// The body of a queue message.
#[derive(Debug, serde::Deserialize)]
pub struct Order {
    pub number: u64,
    pub count: u32,
}

impl Order {
    /// Returns whether the order can be settled.
    pub fn is_valid(&self) -> bool {
        self.number > 0 && self.count > 0
    }
}
