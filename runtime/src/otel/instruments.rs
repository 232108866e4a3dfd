use std::{sync::OnceLock, time::Duration};

use omnifn_core::{Error, ErrorKind, Outcome};
use opentelemetry::{
    KeyValue,
    global::{self, BoxedTracer},
    metrics::{Counter, Histogram},
};

use super::{SCOPE, is_there};

/// The tracer of our own spans, and what is counted of invocations.
pub(super) struct Instruments {
    pub(super) tracer: BoxedTracer,
    invocations: Counter<u64>,
    errors: Counter<u64>,
    timeouts: Counter<u64>,
    cold_starts: Counter<u64>,
    duration: Histogram<f64>,
    records: Counter<u64>,
    failures: Counter<u64>,
}

/// In seconds, [as the conventions say](https://opentelemetry.io/docs/specs/semconv/faas/faas-metrics/).
const BOUNDARIES: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Those of this program, from its first invocation on; none where nobody takes what they say.
pub(super) fn get() -> Option<&'static Instruments> {
    static INSTRUMENTS: OnceLock<Option<Instruments>> = OnceLock::new();
    INSTRUMENTS.get_or_init(|| (super::exports() || is_there()).then(Instruments::new)).as_ref()
}

impl Instruments {
    fn new() -> Self {
        let meter = global::meter(SCOPE);
        let counter = |name: &'static str, unit: &'static str, what: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(what).build()
        };
        let duration = meter.f64_histogram("faas.invoke_duration").with_unit("s");
        let duration = duration.with_description("How long invocations took").with_boundaries(BOUNDARIES.to_vec());
        Instruments {
            tracer: global::tracer(SCOPE),
            invocations: counter("faas.invocations", "{invocation}", "Invocations that succeeded"),
            errors: counter("faas.errors", "{error}", "Invocations that failed"),
            timeouts: counter("faas.timeouts", "{timeout}", "Invocations that were cancelled, for their time was over"),
            cold_starts: counter("faas.coldstarts", "{coldstart}", "Programs that had their first invocation"),
            duration: duration.build(),
            records: counter("omnifn.records", "{record}", "Records that were delivered"),
            failures: counter("omnifn.record.failures", "{record}", "Records that were not done, and come again"),
        }
    }

    /// Each invocation is one of three: it succeeded, failed, or ran out of time.
    pub(super) fn count(&self, took: Duration, cold_start: bool, failed: Option<Failed<'_>>, about: &[KeyValue]) {
        let counter = match failed {
            None => &self.invocations,
            Some(Failed::Error(error)) if error.kind() == ErrorKind::Timeout => &self.timeouts,
            Some(_) => &self.errors,
        };
        counter.add(1, about);
        if cold_start {
            self.cold_starts.add(1, about);
        }
        self.duration.record(took.as_secs_f64(), about);
    }

    pub(super) fn count_records(&self, outcomes: &[Outcome], about: &[KeyValue]) {
        let failed = outcomes.iter().filter(|outcome| !outcome.is_acknowledged()).count();
        self.records.add(outcomes.len() as u64, about);
        if failed > 0 {
            self.failures.add(failed as u64, about);
        }
    }
}

/// How an invocation failed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Failed<'e> {
    Error(&'e Error),
    /// By a status alone.
    Status(u16),
    /// It was dropped before its end, as when its client goes away.
    Cancelled,
    /// Of its records, some were left for another delivery.
    NotBegun,
}

impl Failed<'_> {
    /// The attribute `error.type`.
    pub(super) fn name(self) -> String {
        match self {
            Failed::Error(error) => error.name().to_owned(),
            Failed::Status(status) => status.to_string(),
            Failed::Cancelled => "Cancelled".to_owned(),
            Failed::NotBegun => "NotBegun".to_owned(),
        }
    }
}
