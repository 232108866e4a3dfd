//! Without the cargo feature `otel` nothing is said, and nothing is paid.

use std::{
    future::Future,
    time::{Duration, SystemTime},
};

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
pub(crate) struct Span;

/// A future within no span.
pub(crate) type Around<F> = F;

impl Span {
    pub(crate) fn request(_: &Method, _: &str, _: &mut Invocation, _: bool) -> Self {
        Span
    }

    pub(crate) fn delivery(_: &Spec, _: &[Record], _: &mut Invocation, _: bool) -> Self {
        Span
    }

    pub(crate) fn record(
        &self,
        _: &Spec,
        record: &Record,
        _: &Context,
        _: Option<&'static str>,
    ) -> (Self, Option<TraceContext>) {
        (Span, record.trace)
    }

    pub(crate) fn take(&mut self) -> Self {
        Span
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> Around<F> {
        future
    }

    pub(crate) fn enter(&self) -> Span {
        Span
    }

    pub(crate) fn answered(self, _: &Context, _: Option<StatusCode>, _: Option<&Error>) {}

    pub(crate) fn delivered(self, _: &[Outcome]) {}

    pub(crate) fn done(self, _: Option<&Error>) {}
}
