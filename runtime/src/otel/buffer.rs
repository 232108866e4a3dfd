use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tokio::sync::Notify;

/// Spans that have ended, until they are exported. What does not fit is counted.
#[derive(Debug, Clone)]
pub(super) struct Buffer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    spans: Mutex<VecDeque<SpanData>>,
    queue: usize,
    batch: usize,
    dropped: AtomicU64,
    full: Notify,
}

impl Buffer {
    pub(super) fn new(queue: usize, batch: usize) -> Self {
        let (spans, dropped, full) = (Mutex::default(), AtomicU64::new(0), Notify::new());
        Buffer(Arc::new(Inner { spans, queue, batch, dropped, full }))
    }

    /// As many spans as are exported at once.
    pub(super) fn take(&self) -> Vec<SpanData> {
        let mut spans = self.spans();
        let count = spans.len().min(self.0.batch);
        spans.drain(..count).collect()
    }

    /// How many did not fit since it was asked last.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.swap(0, Ordering::Relaxed)
    }

    /// Waits until there are as many as are exported at once.
    pub(super) async fn full(&self) {
        self.0.full.notified().await;
    }

    fn spans(&self) -> MutexGuard<'_, VecDeque<SpanData>> {
        self.0.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for Buffer {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let mut spans = self.spans();
        if spans.len() >= self.0.queue {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        spans.push_back(span);
        if spans.len() >= self.0.batch {
            self.0.full.notify_one();
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
