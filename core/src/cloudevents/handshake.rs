//! The [handshake of webhooks](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection): a sender
//! asks whether it may post its events to an endpoint.

use http::{HeaderMap, HeaderValue, Method, Response, header, request::Parts};

use crate::{Error, ErrorKind, Payload, Settings};

/// The setting with the origins whose senders may register.
const ORIGINS: &str = "OMNIFN_WEBHOOK_ORIGINS";
/// The setting with the largest rate that is granted.
const RATE: &str = "OMNIFN_WEBHOOK_RATE";
/// The default of [`RATE`], in requests per minute.
const DEFAULT_RATE: u32 = 6_000;

const REQUEST_ORIGIN: &str = "webhook-request-origin";
const REQUEST_RATE: &str = "webhook-request-rate";

/// The origins that may register an endpoint as the target of their events, and the rate at which they may send.
///
/// The answer is in the response alone. The address in `WebHook-Request-Callback` is never called, because the sender has chosen it.
///
/// ```
/// use omnifn_core::cloudevents::Handshakes;
///
/// let handshakes = Handshakes::read(&|_: &str| None, &["events.example.com"]);
/// let request = |origin| http::Request::options("/").header("webhook-request-origin", origin).body(()).unwrap().into_parts().0;
///
/// let allowed = handshakes.answer(&request("events.example.com")).unwrap().unwrap();
/// assert_eq!(allowed.headers()["webhook-allowed-origin"], "events.example.com");
/// let refused = handshakes.answer(&request("evil.example")).unwrap().unwrap_err();
/// assert!(refused.to_string().contains("OMNIFN_WEBHOOK_ORIGINS"));
/// ```
#[derive(Debug, Clone)]
pub struct Handshakes {
    origins: Vec<String>,
    rate: u32,
    /// The first setting that is not valid.
    invalid: Option<Error>,
}

impl Handshakes {
    /// Reads `OMNIFN_WEBHOOK_ORIGINS`, a list of DNS names separated by commas, and `OMNIFN_WEBHOOK_RATE`, in requests per minute. Without
    /// the first, `default` has the origins that are allowed.
    pub fn read(settings: &dyn Settings, default: &[&str]) -> Self {
        let origins = settings.get(ORIGINS).unwrap_or_else(|| default.join(","));
        let origins: Vec<String> = crate::names(&origins).into_iter().map(str::to_ascii_lowercase).collect();
        let rate = settings.get(RATE).map_or(Some(DEFAULT_RATE), |text| positive(&text));
        let invalid = |setting: &str, expected: &str| {
            Error::new(ErrorKind::Config, format!("invalid value for {setting}: expected {expected}"))
        };
        let invalid = if origins.iter().any(|origin| !is_name(origin)) {
            Some(invalid(ORIGINS, "DNS names separated by commas, such as events.example.com, without a scheme or `*`"))
        } else if rate.is_none() {
            Some(invalid(RATE, "a number of requests per minute, at least 1"))
        } else {
            None
        };
        Handshakes { origins, rate: rate.unwrap_or(DEFAULT_RATE), invalid }
    }

    /// Checks the settings that were read.
    ///
    /// # Errors
    /// A setting is not valid. The error names it.
    pub fn check(&self) -> Result<(), Error> {
        self.invalid.clone().map_or(Ok(()), Err)
    }

    /// Answers a registration request. Returns `None` for any other request.
    ///
    /// # Errors
    /// 403 if the origin is not allowed, and 400 if the request is not valid.
    pub fn answer(&self, head: &Parts) -> Option<Result<Response<Payload>, Error>> {
        let is_handshake = head.method == Method::OPTIONS && head.headers.contains_key(REQUEST_ORIGIN);
        is_handshake.then(|| self.consent(&head.headers))
    }

    fn consent(&self, headers: &HeaderMap) -> Result<Response<Payload>, Error> {
        let origin = only(headers, REQUEST_ORIGIN)?.unwrap_or_default();
        self.allow(origin)?;
        let rate = match only(headers, REQUEST_RATE)? {
            None => self.rate,
            Some(rate) => positive(rate).map(|rate| rate.min(self.rate)).ok_or_else(|| {
                let words = "invalid WebHook-Request-Rate: expected a number of requests per minute, at least 1";
                Error::status(400, words)
            })?,
        };
        let mut response = Response::new(Payload::default());
        let headers = response.headers_mut();
        headers.insert("webhook-allowed-origin", HeaderValue::try_from(origin)?);
        headers.insert("webhook-allowed-rate", HeaderValue::from(rate));
        headers.insert(header::ALLOW, HeaderValue::from_static("OPTIONS, POST"));
        Ok(response)
    }

    /// Checks whether an origin may register.
    ///
    /// # Errors
    /// 403 if it may not. The error names the setting, and the origin if that is a DNS name.
    pub fn allow(&self, origin: &str) -> Result<(), Error> {
        if self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            return Ok(());
        }
        let sender = if is_name(origin) { origin } else { "a sender whose origin is not a DNS name" };
        let allowed = match &*self.origins {
            [] => "no origin is allowed".to_owned(),
            origins => format!("allowed: {}", origins.join(", ")),
        };
        let words = format!("{sender} may not register for events: add the origin to {ORIGINS} if it may ({allowed})");
        Err(Error::status(403, words))
    }
}

/// The value of a header that must not be repeated.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Error> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    match (value.map(HeaderValue::to_str).transpose(), values.next()) {
        (Ok(value), None) => Ok(value.map(str::trim_ascii)),
        _ => Err(Error::status(400, format!("invalid header {name}: expected one value of ASCII characters"))),
    }
}

/// A number of at least 1. A larger one than a `u32` is the largest.
fn positive(text: &str) -> Option<u32> {
    let digits = text.trim_ascii();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX)).filter(|number| *number > 0)
}

/// Whether a text is a DNS name.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
