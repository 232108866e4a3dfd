use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry::{Array, Context, KeyValue, Value};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tokio::sync::Notify;

/// Spans that have ended, until they are exported. What does not fit, in number or in bytes, is counted.
#[derive(Debug, Clone)]
pub(super) struct Buffer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    spans: Mutex<Spans>,
    queue: usize,
    batch: usize,
    dropped: AtomicU64,
    full: Notify,
}

#[derive(Debug, Default)]
struct Spans {
    spans: VecDeque<SpanData>,
    /// How large they are, about.
    bytes: usize,
}

/// How large a span is on average at most, in bytes: those of requests and records are smaller.
const AVERAGE: usize = 4 * 1024;

impl Buffer {
    pub(super) fn new(queue: usize, batch: usize) -> Self {
        let (spans, dropped, full) = (Mutex::default(), AtomicU64::new(0), Notify::new());
        Buffer(Arc::new(Inner { spans, queue, batch, dropped, full }))
    }

    /// As many spans as are exported at once.
    pub(super) fn take(&self) -> Vec<SpanData> {
        let mut kept = self.spans();
        let count = kept.spans.len().min(self.0.batch);
        let batch: Vec<_> = kept.spans.drain(..count).collect();
        kept.bytes = kept.bytes.saturating_sub(batch.iter().map(size).sum());
        batch
    }

    /// How many did not fit since it was asked last.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.swap(0, Ordering::Relaxed)
    }

    /// Waits until there are as many as are exported at once.
    pub(super) async fn full(&self) {
        self.0.full.notified().await;
    }

    fn spans(&self) -> MutexGuard<'_, Spans> {
        self.0.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for Buffer {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let mut kept = self.spans();
        let bytes = kept.bytes.saturating_add(size(&span));
        if kept.spans.len() >= self.0.queue || bytes > self.0.queue.saturating_mul(AVERAGE) {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            // What is there is exported now, so that there is room for the next.
            self.0.full.notify_one();
            return;
        }
        kept.bytes = bytes;
        kept.spans.push_back(span);
        if kept.spans.len() >= self.0.batch {
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

/// How large a span is, about: what it says counts, in whatever it is said.
fn size(span: &SpanData) -> usize {
    let events = span.events.iter().map(|event| size_of_val(event) + event.name.len() + attributes(&event.attributes));
    let links = span.links.iter().map(|link| size_of_val(link) + attributes(&link.attributes));
    size_of_val(span) + span.name.len() + attributes(&span.attributes) + events.sum::<usize>() + links.sum::<usize>()
}

fn attributes(attributes: &[KeyValue]) -> usize {
    let sizes = attributes.iter().map(|attribute| {
        let value = match &attribute.value {
            Value::String(text) => text.as_str().len(),
            Value::Array(Array::String(texts)) => {
                texts.iter().map(|text| size_of_val(text) + text.as_str().len()).sum()
            }
            Value::Array(Array::Bool(list)) => size_of_val(&**list),
            Value::Array(Array::I64(list)) => size_of_val(&**list),
            Value::Array(Array::F64(list)) => size_of_val(&**list),
            _ => 0,
        };
        size_of_val(attribute) + attribute.key.as_str().len() + value
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[test]
    fn what_is_kept_has_a_limit_in_bytes() {
        let buffer = Buffer::new(100, 100);
        let provider = SdkTracerProvider::builder().with_span_processor(buffer.clone()).build();
        let tracer = provider.tracer("test");
        let end = |text: &str| {
            let mut span = tracer.start("span");
            span.add_event("event", vec![KeyValue::new("text", text.to_owned())]);
            span.end();
        };
        // Each is a tenth of what fits.
        let long = "x".repeat(10 * AVERAGE);
        (0..50).for_each(|_| end(&long));
        assert_eq!((buffer.take().len(), buffer.dropped()), (9, 41));
        // There is room again, and for small ones the number is the limit.
        (0..150).for_each(|_| end("small"));
        assert_eq!((buffer.take().len(), buffer.dropped()), (100, 50));
    }
}
