mod function_json;
mod host_json;

use std::time::Duration;

use http::{HeaderMap, Method, header, request::Parts};
use omnifn_core::{Error, ErrorKind, Settings};

pub(crate) use function_json::{Binding, DataType, HttpTrigger, Trigger};
use host_json::{Setting, Values};

/// Returns the variable by which the Functions host is recognized, if it is set: `FUNCTIONS_CUSTOMHANDLER_PORT`.
///
/// ```
/// let host = |name: &str| (name == "FUNCTIONS_CUSTOMHANDLER_PORT").then(|| "40001".to_owned());
/// assert_eq!(omnifn_azure::detect(&host), Some("FUNCTIONS_CUSTOMHANDLER_PORT"));
/// assert_eq!(omnifn_azure::detect(&|_: &str| None), None);
/// ```
pub fn detect(settings: &dyn Settings) -> Option<&'static str> {
    Some("FUNCTIONS_CUSTOMHANDLER_PORT").filter(|name| settings.get(name).is_some())
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
    /// The first segments of every client's path, without slashes at its ends.
    prefix: Option<String>,
    /// How long a function may run.
    timeout: Option<Duration>,
    /// The mode and the route prefix that `OMNIFN_AZURE_HTTP` and `OMNIFN_AZURE_ROUTE_PREFIX` set.
    declared: (Option<Mode>, Option<String>),
    file: Values,
    environment: Values,
}

pub(crate) const INVOCATION_ID: &str = "x-azure-functions-invocationid";
pub(crate) const HOST_VERSION: &str = "x-azure-functions-hostversion";
pub(crate) const FORWARDED_HOST: &str = "x-forwarded-host";

impl Host {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let mode = settings.get("OMNIFN_AZURE_HTTP").as_deref().and_then(Mode::named);
        let prefix = settings.get("OMNIFN_AZURE_ROUTE_PREFIX").map(|prefix| prefix.trim_matches('/').to_owned());
        Host { mode, prefix: prefix.clone(), declared: (mode, prefix), ..Host::default() }
    }

    /// Reads `host.json`.
    pub(crate) fn read_file(&mut self, host_json: &[u8]) -> Result<(), Error> {
        self.file = Values::of_file(host_json)?;
        self.settle()
    }

    /// Reads the variables that override `host.json`.
    pub(crate) fn read_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Error> {
        self.environment = Values::of_environment(variables);
        if self.environment.is_empty() { Ok(()) } else { self.settle() }
    }

    /// Takes each setting from omnifn's own variable, else from the host's variable, else from the file, else the host's default.
    fn settle(&mut self) -> Result<(), Error> {
        let enabled = |name: &str| match self.setting(&format!("customHandler:{name}")) {
            Some(setting) => setting.bool(&format!("customHandler.{name}")),
            None => Ok(false),
        };
        let (proxying, forwarding) = (enabled("enableProxyingHttpRequest")?, enabled("enableForwardingHttpRequest")?);
        let mode = match (proxying, forwarding) {
            (true, _) => Mode::Proxying,
            (false, true) => Mode::Forwarding,
            (false, false) => Mode::Data,
        };
        let prefix = self.setting("extensions:http:routePrefix").map_or("api", |setting| &setting.text);
        let prefix = prefix.trim_matches('/').to_owned();
        let timeout = match self.setting("functionTimeout").filter(|setting| !setting.text.trim().is_empty()) {
            Some(setting) => timeout(setting.text.trim()).map_err(|()| {
                setting.invalid("functionTimeout", &setting.text, "a time such as 00:05:00, or -1 for no limit")
            })?,
            None => None,
        };
        self.timeout = timeout;
        self.mode = self.declared.0.or(Some(mode));
        self.prefix = Some(self.declared.1.clone().unwrap_or(prefix));
        Ok(())
    }

    fn setting(&self, path: &str) -> Option<&Setting> {
        self.environment.get(path).or_else(|| self.file.get(path))
    }

    pub(crate) fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// Checks that the host's mode is known. Without it, a client's request could not be distinguished from the host's.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let words = "cannot determine how the Functions host forwards HTTP requests: there is no host.json in FUNCTIONS_APP_ROOT_PATH or in the \
                     working directory. Start the program in the app's folder, or set OMNIFN_AZURE_HTTP to proxying, forwarding, or data";
        self.mode.map(|_| ()).ok_or_else(|| Error::new(ErrorKind::Config, words))
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

    /// Whether a request has the marks of one that is the host's own: an event's envelope, in every mode. In `Forwarding`, and if the
    /// mode is unknown, a client's request can have them, too.
    pub(crate) fn posts(&self, headers: &HeaderMap) -> bool {
        self.mode == Some(Mode::Data) || has_marks_of_the_host(headers)
    }

    /// Whether a request with the marks of the host cannot be a client's.
    pub(crate) fn is_certain(&self, path: &str) -> bool {
        match self.mode {
            // The host posts every client's request in an envelope, to a path that it chooses.
            Some(Mode::Data) => true,
            // The host adds the client's host and scheme to each request that it proxies, so it does not have the marks.
            Some(Mode::Proxying) => true,
            // The paths of clients begin with the prefix, the host's own do not.
            Some(Mode::Forwarding) => !self.prefix().is_empty() && !self.is_below_prefix(path),
            None => false,
        }
    }

    /// Whether a path begins with the prefix, as the host compares it.
    fn is_below_prefix(&self, path: &str) -> bool {
        let path = path.trim_start_matches('/');
        let (start, rest) = path.split_at_checked(self.prefix().len()).unwrap_or((path, ""));
        start.eq_ignore_ascii_case(self.prefix()) && (rest.is_empty() || rest.starts_with('/'))
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

/// Reads `functionTimeout` as .NET reads a time: `00:05:00`, `1.00:00:00`, `1:00:00:00`, or days alone. A negative one means no limit.
fn timeout(text: &str) -> Result<Option<Duration>, ()> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let number = |part: &str| part.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0).ok_or(());
    let (days, time) = match text.split_once('.').filter(|(days, _)| !days.contains(':')) {
        Some((days, time)) => (days, time),
        None => ("0", text),
    };
    let parts: Vec<&str> = time.split(':').collect();
    let (days, hours, minutes, seconds) = match parts[..] {
        [whole] if days == "0" => (whole, "0", "0", "0"),
        [hours, minutes] => (days, hours, minutes, "0"),
        [hours, minutes, seconds] => (days, hours, minutes, seconds),
        [whole, hours, minutes, seconds] if days == "0" => (whole, hours, minutes, seconds),
        _ => return Err(()),
    };
    let seconds = ((number(days)? * 24.0 + number(hours)?) * 60.0 + number(minutes)?) * 60.0 + number(seconds)?;
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| ())?;
    Ok(Some(time).filter(|time| !is_negative && !time.is_zero()))
}

/// Only the host posts an envelope. To a client's request that it proxies, it adds the client's host, address and scheme.
fn has_marks_of_the_host(headers: &HeaderMap) -> bool {
    let once = |name| headers.get_all(name).iter().count() == 1;
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let is_proxied =
        [FORWARDED_HOST, "x-forwarded-for", "x-forwarded-proto"].iter().any(|name| headers.contains_key(*name));
    once(INVOCATION_ID) && once(HOST_VERSION) && json && !is_proxied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_host_json() {
        for (text, seconds) in [
            ("00:05:00", Ok(Some(300.0))),
            ("01:00", Ok(Some(3600.0))),
            ("1.00:00:00", Ok(Some(86_400.0))),
            ("1:00:00:00", Ok(Some(86_400.0))),
            ("00:05:00:00", Ok(Some(18_000.0))),
            ("2", Ok(Some(172_800.0))),
            ("00:00:01.5", Ok(Some(1.5))),
            ("-1", Ok(None)),
            ("-00:05:00", Ok(None)),
            ("00:00:00", Ok(None)),
            ("", Err(())),
            ("soon", Err(())),
            ("1:2:3:4:5", Err(())),
            ("00:NaN:00", Err(())),
            ("99999999999999999999.00:00:00", Err(())),
        ] {
            assert_eq!(timeout(text), seconds.map(|seconds| seconds.map(Duration::from_secs_f64)), "{text:?}");
        }
    }

    /// A host with a file and variables: its mode, its prefix, and its timeout in seconds.
    fn host(file: &[u8], variables: &[(&str, &str)]) -> Result<(Mode, String, Option<u64>), String> {
        let mut host = Host::read(&|_: &str| None);
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        host.read_file(file).and_then(|()| host.read_environment(variables)).map_err(|error| error.to_string())?;
        Ok((host.mode().unwrap(), host.prefix().to_owned(), host.timeout().map(|time| time.as_secs())))
    }

    #[test]
    fn host_json_is_read_as_the_host_reads_it() {
        use Mode::{Data, Forwarding, Proxying};
        for (file, expected) in [
            ("{}", (Data, "api", None)),
            (
                "{ // how\n \"customHandler\": {\"enableForwardingHttpRequest\": true} /* end */\n}",
                (Forwarding, "api", None),
            ),
            ("{\"customHandler\": {\"enableForwardingHttpRequest\": true,},}", (Forwarding, "api", None)),
            ("{\"CUSTOMHANDLER\": {\"EnableProxyingHttpRequest\": \"True\"}}", (Proxying, "api", None)),
            ("{'customHandler': {enableProxyingHttpRequest: ' true '}}", (Proxying, "api", None)),
            (
                "{\"customHandler\": {\"enableProxyingHttpRequest\": false, \"enableForwardingHttpRequest\": \"true\"}}",
                (Forwarding, "api", None),
            ),
            (
                "{\"customHandler\": {\"enableProxyingHttpRequest\": null}, \"functionTimeout\": null}",
                (Data, "api", None),
            ),
            (
                "{\"customHandler\": null, \"extensions\": {\"http\": null}, \"functionTimeout\": -1}",
                (Data, "api", None),
            ),
            (
                "{\"extensions\": {\"HTTP\": {\"RoutePrefix\": \"/v1/x/\"}}, \"functionTimeout\": \"00:10:00\"}",
                (Data, "v1/x", Some(600)),
            ),
            ("{\"extensions\": {\"http\": {\"routePrefix\": 1}}}", (Data, "1", None)),
            ("{\"extensions\": {\"http\": {\"routePrefix\": \"\"}}}", (Data, "", None)),
            // Newtonsoft writes null as an empty text, which is a prefix.
            ("{\"extensions\": {\"http\": {\"routePrefix\": null}}}", (Data, "", None)),
            ("{\"extensions\": {\"http\": {\"routePrefix\": \"a\", \"routePrefix\": \"b\"}}}", (Data, "b", None)),
            (
                "{\"extensions\": {\"http\": {\"routePrefix\": \"a\"}, \"Http\": {\"routePrefix\": \"b\"}}}",
                (Data, "b", None),
            ),
            (
                "{\"extensions\": {\"http\": {\"routePrefix\": \"a\\u0062\"}}, \"logging\": [1, {\"a\": [[]]}]}",
                (Data, "ab", None),
            ),
        ] {
            let expected = (expected.0, expected.1.to_owned(), expected.2);
            assert_eq!(host(file.as_bytes(), &[]), Ok(expected.clone()), "{file}");
            let marked = format!("\u{feff}{file}");
            assert_eq!(host(marked.as_bytes(), &[]), Ok(expected.clone()), "{file}");
            let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(host(&little, &[]), Ok(expected.clone()), "{file}");
            let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(host(&big, &[]), Ok(expected), "{file}");
        }
    }

    #[test]
    fn variables_override_host_json() {
        let file = br#"{"customHandler": {"enableForwardingHttpRequest": true}, "extensions": {"http": {"routePrefix": "v1"}}}"#;
        for (variables, expected) in [
            (&[][..], (Mode::Forwarding, "v1")),
            (&[("AzureFunctionsJobHost__extensions__http__routePrefix", "v2")], (Mode::Forwarding, "v2")),
            (&[("AzureFunctionsJobHost__extensions__http__routePrefix", "")], (Mode::Forwarding, "")),
            (&[("AZUREFUNCTIONSJOBHOST__Extensions__HTTP__ROUTEPREFIX", "v2")], (Mode::Forwarding, "v2")),
            (&[("AzureFunctionsJobHost:extensions:http:routePrefix", "v2")], (Mode::Forwarding, "v2")),
            (&[("AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest", "FALSE")], (Mode::Data, "v1")),
            (&[("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest", "true")], (Mode::Proxying, "v1")),
            (&[("extensions__http__routePrefix", "v2"), ("PATH", "x")], (Mode::Forwarding, "v1")),
        ] {
            let found = host(file, variables).unwrap();
            assert_eq!((found.0, &*found.1), expected, "{variables:?}");
        }
        let error =
            host(file, &[("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest", "yes")]).unwrap_err();
        assert!(
            error.contains("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest: invalid value \"yes\""),
            "{error}"
        );
        // Without a file, the host has its defaults.
        let mut host = Host::read(&|_: &str| None);
        let variable =
            ("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest".to_owned(), "true".to_owned());
        host.read_environment([variable]).unwrap();
        assert_eq!((host.mode(), host.prefix()), (Some(Mode::Proxying), "api"));
        host.read_environment([]).unwrap();
        // omnifn's own variables take precedence over both.
        let settings = |name: &str| match name {
            "OMNIFN_AZURE_HTTP" => Some("data".to_owned()),
            "OMNIFN_AZURE_ROUTE_PREFIX" => Some("/mine/".to_owned()),
            _ => None,
        };
        let mut host = Host::read(&settings);
        host.read_file(file).unwrap();
        assert_eq!((host.mode(), host.prefix()), (Some(Mode::Data), "mine"));
    }

    #[test]
    fn an_unreadable_host_json_is_an_error_with_its_place() {
        for (file, expected) in [
            ("", "host.json cannot be read: it is empty"),
            ("// nothing\n", "host.json cannot be read: it is empty"),
            ("[]", "host.json: expected an object"),
            ("{\n  \"a\": \n}", "at line 3 column 1"),
            ("{\n  \"a\": 1\n  \"b\": 2\n}", "at line 2 column 9"),
            ("{\"a\": 1", "host.json cannot be read: unterminated object at line 1 column 1"),
            ("{\"a\": 1} {}", "more than one JSON value"),
            (
                "{\"customHandler\": {\n  \"enableProxyingHttpRequest\": \"yes\"\n}}",
                "host.json, line 2 column 32: invalid value \"yes\" for `customHandler.enableProxyingHttpRequest`: expected true or false",
            ),
            ("{\"customHandler\": {\"enableForwardingHttpRequest\": 1}}", "line 1 column 51: invalid value \"1\""),
            (
                "{\"functionTimeout\": \"soon\"}",
                "line 1 column 21: invalid value \"soon\" for `functionTimeout`: expected a time",
            ),
        ] {
            let error = host(file.as_bytes(), &[]).unwrap_err();
            assert!(error.contains(expected), "{file}: {error}");
        }
        let deep = "{\"a\":".repeat(100_000);
        assert!(host(deep.as_bytes(), &[]).unwrap_err().contains("host.json cannot be read"));
    }

    #[test]
    fn whose_request_it_is() {
        let host = |mode: &'static str, prefix: &'static str| {
            Host::read(&move |name: &str| match name {
                "OMNIFN_AZURE_HTTP" => Some(mode.to_owned()),
                "OMNIFN_AZURE_ROUTE_PREFIX" => Some(prefix.to_owned()),
                _ => None,
            })
        };
        for (mode, prefix, path, is_certain) in [
            ("data", "", "/settle", true),
            ("proxying", "", "/settle", true),
            ("forwarding", "", "/settle", false),
            ("forwarding", "api", "/settle", true),
            ("forwarding", "api", "/apis", true),
            ("forwarding", "api", "/api", false),
            ("forwarding", "api", "/API", false),
            ("forwarding", "api", "/api/settle", false),
            ("forwarding", "api", "//api/settle", false),
            ("forwarding", "api/v1", "/Api/V1/settle", false),
            ("", "api", "/settle", false),
        ] {
            assert_eq!(host(mode, prefix).is_certain(path), is_certain, "{mode} {prefix:?} {path}");
        }
    }
}
