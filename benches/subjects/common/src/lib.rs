//! What the function does, the same in every subject: it needs the whole request.

use http::{HeaderMap, Method, Uri};

/// The type of the reply.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A reply out of every part of a request.
pub fn hello(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    greet(method.as_str(), uri.path(), uri.query().unwrap_or_default(), headers, body)
}

/// The same, where the URI is in pieces.
pub fn greet(method: &str, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> String {
    let name = query.split('&').find_map(|pair| pair.strip_prefix("name=")).unwrap_or("stranger");
    let agent = headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or("nothing known");
    let last = body.last().copied().unwrap_or_default();
    format!("Hello, {name}! {method} {path} came with {} bytes, the last {last}, from {agent}", body.len())
}

/// What a message of the queue holds.
#[derive(Debug, serde::Deserialize)]
pub struct Order {
    /// Its number.
    pub number: u64,
    /// How many are wanted.
    pub count: u32,
}

impl Order {
    /// Whether there is something to do.
    pub fn is_real(&self) -> bool {
        self.number > 0 && self.count > 0
    }
}
