//! The metrics of invocations, by the conventions for [functions](https://opentelemetry.io/docs/specs/semconv/faas/faas-metrics/).

use std::sync::LazyLock;

use omnifn_core::{Error, ErrorKind};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};

use crate::span::Measured;

struct Metrics {
    invocations: Counter<u64>,
    errors: Counter<u64>,
    timeouts: Counter<u64>,
    cold_starts: Counter<u64>,
    duration: Histogram<f64>,
    records: Counter<u64>,
    record_failures: Counter<u64>,
}

/// The instruments, created when the first invocation ends, because the meter provider is set before that.
static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let meter = global::meter(super::SCOPE);
    let counter = |name, unit, what| meter.u64_counter(name).with_unit(unit).with_description(what).build();
    let duration =
        meter.f64_histogram("faas.invoke_duration").with_unit("s").with_description("Duration of invocations");
    let boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
    Metrics {
        invocations: counter("faas.invocations", "{invocation}", "Invocations that succeeded"),
        errors: counter("faas.errors", "{error}", "Invocations that failed"),
        timeouts: counter("faas.timeouts", "{timeout}", "Invocations that were cancelled at their timeout"),
        cold_starts: counter("faas.coldstarts", "{coldstart}", "Cold starts"),
        duration: duration.with_boundaries(boundaries.into()).build(),
        records: counter("omnifn.records", "{record}", "Records that were delivered"),
        record_failures: counter("omnifn.record.failures", "{record}", "Records that failed and are delivered again"),
    }
});

/// Counts an invocation that has ended.
pub(crate) fn count(measured: &Measured, error: Option<&Error>, failed: bool) {
    // There are few attributes, because each combination of their values is a time series.
    let mut labels = vec![KeyValue::new("faas.trigger", measured.trigger)];
    labels.extend(measured.function.map(|function| KeyValue::new("omnifn.function", function)));
    let counter = match error {
        Some(error) if error.kind() == ErrorKind::Timeout => &METRICS.timeouts,
        _ if failed => &METRICS.errors,
        _ => &METRICS.invocations,
    };
    counter.add(1, &labels);
    METRICS.cold_starts.add(measured.cold_start.into(), &labels);
    METRICS.duration.record(measured.started.elapsed().as_secs_f64(), &labels);
    METRICS.records.add(measured.records, &labels);
    METRICS.record_failures.add(measured.record_failures, &labels);
}
