//! Without the feature `otel` nothing is exported.

use std::time::{Duration, SystemTime};

use omnifn_core::{Error, Record, Settings, TraceContext};

use crate::span::Measured;

/// Does nothing.
pub fn install(_: impl FnOnce() -> Vec<(&'static str, String)>, _: &dyn Settings) {}

/// Returns `false`.
pub fn exports() -> bool {
    false
}

/// Does nothing.
pub async fn flush(_: Duration) {}

/// Does nothing.
pub async fn after_invocation(_: Option<SystemTime>) {}

#[derive(Clone)]
pub(crate) struct Trace;

impl Trace {
    pub(crate) fn start(_: &tracing::Span, _: &[Option<TraceContext>], _: &[Record]) -> Self {
        Trace
    }

    pub(crate) fn context(&self) -> Option<TraceContext> {
        None
    }

    pub(crate) fn rename(&self, _: String) {}

    pub(crate) fn end(&self) {}
}

pub(crate) fn count(_: &Measured, _: Option<&Error>, _: bool) {}
