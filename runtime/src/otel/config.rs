use std::{str::FromStr, time::Duration};

use omnifn_core::Settings;
use opentelemetry_sdk::metrics::Temporality;

use crate::log;

/// What the environment says, by [the names that all languages share](https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
#[derive(Debug)]
pub(super) struct Config {
    pub(super) traces: bool,
    pub(super) metrics: bool,
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

impl Config {
    /// `None` where nothing is to be exported. What cannot be is told in a line, for a program does its work without.
    pub(super) fn read(settings: &dyn Settings) -> Option<Self> {
        if settings.get("OTEL_SDK_DISABLED").is_some_and(|off| off.trim().eq_ignore_ascii_case("true")) {
            return None;
        }
        let (traces, metrics) = (exported("TRACES", settings), exported("METRICS", settings));
        if !traces && !metrics {
            return None;
        }
        let millis = |name: &str| number(settings, name).map(Duration::from_millis);
        let count = |name: &str| number(settings, name).and_then(|n: usize| (n > 0).then_some(n));
        let queue = count("OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(2048);
        let temporality = settings.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
        Some(Config {
            traces,
            metrics,
            timeout: millis("OTEL_EXPORTER_OTLP_TIMEOUT").filter(|time| !time.is_zero()),
            delay: millis("OTEL_BSP_SCHEDULE_DELAY").unwrap_or(Duration::from_secs(5)).max(Duration::from_millis(10)),
            interval: millis("OTEL_METRIC_EXPORT_INTERVAL").unwrap_or(Duration::from_secs(60)),
            queue,
            batch: count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE").unwrap_or(512).min(queue),
            temporality: temporality.and_then(|name| Temporality::from_str(name.trim()).ok()).unwrap_or_default(),
        })
    }
}

fn number<N: FromStr>(settings: &dyn Settings, name: &str) -> Option<N> {
    let text = settings.get(name)?;
    let number = text.trim().parse().ok();
    if number.is_none() {
        log::warn(format_args!("{name}={text:?} is no whole number: it is as if it were not set"));
    }
    number
}

/// Whether a signal is exported: an endpoint is named, or OTLP is asked for by name, and it can be reached by plain HTTP.
fn exported(signal: &str, settings: &dyn Settings) -> bool {
    let (exporter, own) = (format!("OTEL_{signal}_EXPORTER"), format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
    let is_asked_for = match settings.get(&exporter).as_deref().map(str::trim) {
        None => false,
        Some("otlp") => true,
        Some("none") => return false,
        Some(other) => {
            log::error(format_args!("{exporter}={other:?}, but only `otlp` and `none` are known: nothing is exported"));
            return false;
        }
    };
    let common = "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned();
    let named = [own, common].into_iter().find_map(|name| settings.get(&name).map(|value| (name, value)));
    // That of this machine, where it is asked for by name alone.
    let Some((name, value)) = named else { return is_asked_for };
    if let Some(protocol) = protocol(signal, settings) {
        log::error(format_args!(
            "the OTLP protocol {protocol:?} is asked for, but only `http/protobuf` is spoken (its port is 4318 most often): \
             nothing is exported"
        ));
        return false;
    }
    // The address itself may hold a password.
    let what = match value.trim().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
        Some("http") => return true,
        Some("https") => "is of https, and this program speaks no TLS",
        _ => "is no address of http",
    };
    log::error(format_args!(
        "{name} {what}: send to a collector beside the program (http://localhost:4318), which passes it on; nothing is exported"
    ));
    false
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
        Config::read(&get).map(|config| (config.traces, config.metrics))
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
}
