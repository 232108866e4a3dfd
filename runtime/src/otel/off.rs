//! Without the cargo feature `otel` nothing is said, and nothing is paid.

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use omnifn_core::{Context, Error, Invocation, Outcome, Record, Settings, Spec, TraceContext};

/// Does nothing.
pub fn install(_: impl FnOnce() -> Vec<(&'static str, String)>, _: &dyn Settings) {}

/// Nothing is exported.
pub fn exports() -> bool {
    false
}

/// Does nothing.
pub async fn flush(_: Duration) {}

/// Does nothing.
pub async fn after_invocation(_: Option<SystemTime>) {}

/// Does nothing.
pub fn export_beside() {}

/// No span.
#[derive(Debug)]
pub(crate) struct Span(tracing::Span);

impl Span {
    pub(crate) fn request(_: &Method, _: &str, _: &mut Invocation, _: bool) -> Self {
        Span(invocation())
    }

    pub(crate) fn delivery(_: &Spec, _: &[Record], _: &mut Invocation, _: bool) -> Self {
        Span(invocation())
    }

    /// Returns the span that the function runs in.
    pub(crate) fn tracing(&self) -> &tracing::Span {
        &self.0
    }

    pub(crate) fn record(
        &self,
        _: &Spec,
        record: &Record,
        _: &Context,
        _: Option<&'static str>,
    ) -> (Self, Option<TraceContext>) {
        (Span(invocation()), record.trace)
    }

    pub(crate) fn answered(self, _: &Context, _: Option<StatusCode>, _: Option<&Error>) {}

    pub(crate) fn delivered(self, _: &[Outcome]) {}

    pub(crate) fn done(self, _: Option<&Error>) {}
}

fn invocation() -> tracing::Span {
    tracing::info_span!(target: "omnifn", "invocation")
}
