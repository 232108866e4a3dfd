//! The senders whose events a program accepts over HTTP.

use http::Extensions;

use crate::Settings;

/// Returns whether the setting `OMNIFN_PRIVATE` declares that only the platform can reach this service: `true` or `1`. Every other
/// value is `false`.
///
/// ```
/// use omnifn_core::is_private;
///
/// assert!(is_private(&|name: &str| (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())));
/// assert!(!is_private(&|_: &str| None));
/// ```
pub fn is_private(settings: &dyn Settings) -> bool {
    let value = settings.get("OMNIFN_PRIVATE");
    value.is_some_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1"))
}

/// Marks a request whose sender the runtime has authenticated as one that may deliver events. It is an extension of the request, which
/// no client can set.
///
/// ```
/// use omnifn_core::VerifiedSender;
///
/// let mut request = http::Request::new(());
/// assert!(!VerifiedSender::sent(request.extensions()));
/// request.extensions_mut().insert(VerifiedSender);
/// assert!(VerifiedSender::sent(request.extensions()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedSender;

impl VerifiedSender {
    /// Returns whether the sender of a request was authenticated.
    pub fn sent(extensions: &Extensions) -> bool {
        extensions.get::<VerifiedSender>().is_some()
    }
}

/// Whether a program accepts events that are posted to it over HTTP, and why. A server logs it when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEndpoints {
    /// Whether events are accepted.
    pub is_open: bool,
    /// The line of the log: which events are accepted where, and why, or what to do so that they are.
    pub text: String,
}

impl EventEndpoints {
    /// Creates the line of endpoints that accept events.
    pub fn open(text: impl Into<String>) -> Self {
        EventEndpoints { is_open: true, text: text.into() }
    }

    /// Creates the line of endpoints that refuse events.
    pub fn closed(text: impl Into<String>) -> Self {
        EventEndpoints { is_open: false, text: text.into() }
    }
}
