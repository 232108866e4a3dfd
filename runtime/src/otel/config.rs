use std::{str::FromStr, time::Duration};

use http::Uri;
use omnifn_core::Settings;
use opentelemetry_sdk::metrics::Temporality;

use crate::log;

/// What the environment says, by [the names that all languages share](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
#[derive(Debug)]
pub(super) struct Config {
    /// Where traces are sent, where they are exported.
    pub(super) traces: Option<String>,
    /// Where metrics are sent, where they are exported.
    pub(super) metrics: Option<String>,
    /// How long one export may take, where it is said.
    pub(super) timeout: Option<Duration>,
    /// How long spans wait for others to be exported with.
    pub(super) delay: Duration,
    /// How often metrics are exported.
    pub(super) interval: Duration,
    /// How many spans are kept at most.
    pub(super) queue: usize,
    /// How many spans are exported at once at most.
    pub(super) batch: usize,
    pub(super) temporality: Temporality,
}

/// Nothing is exported more often.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

impl Config {
    /// `None` where nothing is to be exported. What cannot be is told in a line, for a program does its work without.
    pub(super) fn read(settings: &dyn Settings) -> Option<Self> {
        if settings.get("OTEL_SDK_DISABLED").is_some_and(|off| off.trim().eq_ignore_ascii_case("true")) {
            return None;
        }
        let traces = endpoint("TRACES", "/v1/traces", settings);
        let (traces, metrics) = exported(traces, endpoint("METRICS", "/v1/metrics", settings));
        if traces.is_none() && metrics.is_none() {
            return None;
        }
        let millis = |name: &str| number(settings, name).map(Duration::from_millis);
        let wait = |name: &str, seconds| millis(name).unwrap_or(Duration::from_secs(seconds)).max(SHORTEST_WAIT);
        let count = |name: &str| number(settings, name).and_then(|n: usize| (n > 0).then_some(n));
        let queue = count("OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2048);
        let temporality = settings.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
        Some(Config {
            traces,
            metrics,
            timeout: millis("OTEL_EXPORTER_OTLP_TIMEOUT").filter(|time| !time.is_zero()),
            delay: wait("OTEL_BSP_SCHEDULE_DELAY", 5),
            interval: wait("OTEL_METRIC_EXPORT_INTERVAL", 60),
            queue,
            batch: count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE").unwrap_or(512).min(queue),
            temporality: temporality.and_then(|name| Temporality::from_str(name.trim()).ok()).unwrap_or_default(),
        })
    }
}

/// Of both signals, what can be exported. Why one cannot is told in a line; in one line, where it is the same for both.
pub(super) fn exported<T, M>(
    traces: Result<Option<T>, String>,
    metrics: Result<Option<M>, String>,
) -> (Option<T>, Option<M>) {
    let reasons = [("traces", traces.as_ref().err()), ("metrics", metrics.as_ref().err())];
    match reasons {
        [(_, Some(why)), (_, Some(same))] if why == same => log::error(format_args!("nothing is exported: {why}")),
        reasons => {
            for (what, why) in reasons.into_iter().filter_map(|(what, why)| Some((what, why?))) {
                log::error(format_args!("no {what} are exported: {why}"));
            }
        }
    }
    (traces.ok().flatten(), metrics.ok().flatten())
}

fn number<N: FromStr>(settings: &dyn Settings, name: &str) -> Option<N> {
    let text = settings.get(name)?;
    let number = text.trim().parse().ok();
    if number.is_none() {
        log::warn(format_args!("{name}={text:?} is no whole number: it is as if it were not set"));
    }
    number
}

/// Where a signal is sent, where it is: an endpoint is named, or OTLP is asked for by name, and it can be reached by plain HTTP.
fn endpoint(signal: &str, path: &str, settings: &dyn Settings) -> Result<Option<String>, String> {
    let (exporter, own) = (format!("OTEL_{signal}_EXPORTER"), format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
    let is_asked_for = match settings.get(&exporter).as_deref().map(str::trim) {
        None => false,
        Some("otlp") => true,
        Some("none") => return Ok(None),
        Some(other) => return Err(format!("{exporter}={other:?}, but only `otlp` and `none` are known")),
    };
    // That of one signal is the whole address.
    let (name, address) = match settings.get(&own) {
        Some(address) => (own, address.trim().to_owned()),
        None => {
            let common = "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned();
            match settings.get(&common) {
                Some(base) => (common, format!("{}{path}", base.trim().trim_end_matches('/'))),
                // That of this machine, where it is asked for by name alone.
                None if is_asked_for => (common, format!("http://localhost:4318{path}")),
                None => return Ok(None),
            }
        }
    };
    if let Some(protocol) = protocol(signal, settings) {
        return Err(format!(
            "the OTLP protocol {protocol:?} is asked for, but only `http/protobuf` is spoken (its port is 4318 most often)"
        ));
    }
    match unfit(&address) {
        None => Ok(Some(address)),
        // The address itself may hold a password.
        Some(why) => Err(format!("{name} {why}")),
    }
}

/// Why nothing can be sent to an address.
fn unfit(address: &str) -> Option<&'static str> {
    let (scheme, rest) = address.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some(
            "has a name or a password in its address, which would not be sent: give it as a header, in \
             OTEL_EXPORTER_OTLP_HEADERS",
        );
    }
    match scheme.to_ascii_lowercase().as_str() {
        "http" if address.parse().is_ok_and(|address| names_host(&address)) => None,
        "https" => Some(
            "is of https, and this program speaks no TLS: send to a collector beside the program (http://localhost:4318), \
             which passes it on",
        ),
        _ => Some("is no address of http, as http://localhost:4318 is one"),
    }
}

/// Whether there is a host in it, and behind that a port, or nothing.
fn names_host(address: &Uri) -> bool {
    let is_whole = |host: &str| address.authority().is_some_and(|authority| authority.as_str() == host);
    address.host().is_some_and(|host| !host.is_empty() && (is_whole(host) || address.port_u16().is_some()))
}

/// The protocol that is asked for, where it is not the one that is spoken.
fn protocol(signal: &str, settings: &dyn Settings) -> Option<String> {
    let own = settings.get(&format!("OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"));
    let asked = own.or_else(|| settings.get("OTEL_EXPORTER_OTLP_PROTOCOL"))?;
    (asked.trim() != "http/protobuf").then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &[(&str, &str)]) -> Option<(bool, bool)> {
        let get = |name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Config::read(&get).map(|config| (config.traces.is_some(), config.metrics.is_some()))
    }

    #[test]
    fn what_is_exported() {
        let here = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[here]), Some((true, true)));
        assert_eq!(read(&[here, ("OTEL_SDK_DISABLED", "TRUE")]), None);
        assert_eq!(read(&[here, ("OTEL_TRACES_EXPORTER", "none")]), Some((false, true)));
        assert_eq!(read(&[here, ("OTEL_METRICS_EXPORTER", "prometheus")]), Some((true, false)));
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "otlp")]), Some((true, false)));
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://a/m")]), Some((false, true)));
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://a")]), None);
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318")]), None);
        assert_eq!(read(&[here, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]), None);
        assert_eq!(read(&[here, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json")]), Some((false, true)));
    }

    #[test]
    fn where_it_is_sent() {
        let traces = |table: &[(&str, &str)]| {
            let get = |name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            endpoint("TRACES", "/v1/traces", &get)
        };
        let base = |address: &str| traces(&[("OTEL_EXPORTER_OTLP_ENDPOINT", address)]);
        assert_eq!(traces(&[("OTEL_TRACES_EXPORTER", "otlp")]), Ok(Some("http://localhost:4318/v1/traces".to_owned())));
        assert_eq!(base(" http://a:4318/otel/ "), Ok(Some("http://a:4318/otel/v1/traces".to_owned())));
        assert_eq!(traces(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a/b")]), Ok(Some("http://a/b".to_owned())));
        for (address, words) in [
            ("http://user:hunter2@a:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("https://user:hunter2@a", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("http://user:hunter2/x@a", "no address of http"),
            ("http://hunter2…", "no address of http"),
            ("http://:4318", "no address of http"),
            ("hunter2", "no address of http"),
            ("https://a", "no TLS"),
        ] {
            let why = base(address).expect_err(address);
            assert!(why.starts_with("OTEL_EXPORTER_OTLP_ENDPOINT ") && why.contains(words), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn nothing_is_sent_without_a_pause() {
        let get = |name: &str| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://localhost:4318".to_owned()),
            "OTEL_BSP_SCHEDULE_DELAY" | "OTEL_METRIC_EXPORT_INTERVAL" => Some("0".to_owned()),
            _ => None,
        };
        let config = Config::read(&get).expect("a configuration");
        assert_eq!([config.delay, config.interval], [SHORTEST_WAIT; 2]);
    }
}
