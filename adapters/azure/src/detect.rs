use std::time::Duration;

use http::{HeaderMap, Method, header, request::Parts};
use omnifn_core::Settings;
use serde::Deserialize;

/// Returns whether the Functions host started this program: `FUNCTIONS_CUSTOMHANDLER_PORT` is set.
///
/// ```
/// let host = |name: &str| (name == "FUNCTIONS_CUSTOMHANDLER_PORT").then(|| "40001".to_owned());
/// assert!(omnifn_azure::detect(&host));
/// assert!(!omnifn_azure::detect(&|_: &str| None));
/// ```
pub fn detect(settings: &dyn Settings) -> bool {
    settings.get("FUNCTIONS_CUSTOMHANDLER_PORT").is_some()
}

/// How the host passes HTTP requests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Unchanged: `"enableProxyingHttpRequest": true` in `host.json`.
    Proxying,
    /// Buffered: `"enableForwardingHttpRequest": true`.
    Forwarding,
    /// In a JSON envelope: neither of them.
    Data,
}

impl Mode {
    /// Returns the name of the mode in `OMNIFN_AZURE_HTTP`.
    ///
    /// ```
    /// assert_eq!(omnifn_azure::Mode::Proxying.name(), "proxying");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Proxying => "proxying",
            Mode::Forwarding => "forwarding",
            Mode::Data => "data",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Mode> {
        [Mode::Proxying, Mode::Forwarding, Mode::Data]
            .into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// The settings of the host.
#[derive(Debug, Default)]
pub(crate) struct Host {
    mode: Option<Mode>,
    /// The first segment of every path, without slashes.
    prefix: Option<String>,
    /// How long a function may run.
    timeout: Option<Duration>,
}

pub(crate) const INVOCATION_ID: &str = "x-azure-functions-invocationid";
pub(crate) const HOST_VERSION: &str = "x-azure-functions-hostversion";
pub(crate) const FORWARDED_HOST: &str = "x-forwarded-host";

impl Host {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let prefix = settings.get("OMNIFN_AZURE_ROUTE_PREFIX");
        Host {
            mode: settings.get("OMNIFN_AZURE_HTTP").as_deref().and_then(Mode::named),
            prefix: prefix.map(|prefix| prefix.trim_matches('/').to_owned()),
            timeout: None,
        }
    }

    /// Reads the settings that are still unknown from `host.json`. A file that is not JSON is ignored.
    pub(crate) fn complete(&mut self, host_json: &[u8]) {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "camelCase", default)]
        struct HostJson {
            custom_handler: CustomHandler,
            extensions: Extensions,
            function_timeout: Option<String>,
        }
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "camelCase", default)]
        struct CustomHandler {
            enable_proxying_http_request: bool,
            enable_forwarding_http_request: bool,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Extensions {
            http: Http,
        }
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "camelCase", default)]
        struct Http {
            route_prefix: Option<String>,
        }
        // The file may begin with a byte order mark.
        let host_json = host_json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(host_json);
        let Ok(said) = serde_json::from_slice::<HostJson>(host_json) else { return };
        self.timeout = said.function_timeout.as_deref().and_then(timeout);
        let handler = said.custom_handler;
        self.mode.get_or_insert(if handler.enable_proxying_http_request {
            Mode::Proxying
        } else if handler.enable_forwarding_http_request {
            Mode::Forwarding
        } else {
            Mode::Data
        });
        let prefix = said.extensions.http.route_prefix;
        self.prefix.get_or_insert_with(|| prefix.as_deref().unwrap_or("api").trim_matches('/').to_owned());
    }

    pub(crate) fn mode(&self) -> Option<Mode> {
        self.mode
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    /// Whether a request is the host's own, with an envelope in it, as far as its head shows.
    pub(crate) fn sends_envelope(&self, head: &Parts) -> bool {
        match self.mode {
            Some(Mode::Data) => head.method == Method::POST,
            Some(_) => false,
            None => head.method == Method::POST && has_marks_of_the_host(&head.headers),
        }
    }

    /// Whether a request has the marks of one that is the host's own: an event's envelope, in every way of passing HTTP on.
    pub(crate) fn posts(&self, headers: &HeaderMap) -> bool {
        has_marks_of_the_host(headers)
    }

    /// Whether a request is the host's liveness probe.
    pub(crate) fn is_probe(&self, head: &Parts) -> bool {
        /// The headers that .NET's HTTP client adds itself.
        const BARE: [&str; 7] =
            ["host", "connection", "traceparent", "tracestate", "request-id", "correlation-context", "baggage"];
        let bare = || head.headers.keys().all(|name| BARE.contains(&name.as_str()));
        head.method == Method::GET && head.uri.path() == "/" && (self.mode == Some(Mode::Data) || bare())
    }
}

/// `functionTimeout`, as .NET writes a time: `00:05:00`, `1.00:00:00`. `-1` is no limit.
fn timeout(text: &str) -> Option<Duration> {
    if text.starts_with('-') {
        return None;
    }
    let (days, time) = text.split_once('.').filter(|(days, _)| !days.contains(':')).unwrap_or(("0", text));
    let mut parts = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0.0))?);
    let seconds = ((days.parse::<f64>().ok()? * 24.0 + hours) * 60.0 + minutes) * 60.0 + seconds;
    Duration::try_from_secs_f64(seconds).ok().filter(|time| parts.next().is_none() && !time.is_zero())
}

/// Only the host posts an envelope; it proxies a client's request with the client's host beside it.
fn has_marks_of_the_host(headers: &HeaderMap) -> bool {
    let once = |name| headers.get_all(name).iter().count() == 1;
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    once(INVOCATION_ID) && once(HOST_VERSION) && json && !headers.contains_key(FORWARDED_HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_host_json() {
        for (text, seconds) in [
            ("00:05:00", Some(300.0)),
            ("01:00", Some(3600.0)),
            ("1.00:00:00", Some(86_400.0)),
            ("00:00:01.5", Some(1.5)),
            ("-1", None),
            ("00:00:00", None),
            ("", None),
            ("00:05:00:00", None),
            ("-00:05:00", None),
            ("99999999999999999999.00:00:00", None),
        ] {
            assert_eq!(timeout(text), seconds.map(Duration::from_secs_f64), "{text:?}");
        }
    }
}
