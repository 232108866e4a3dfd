//! The layer of `tracing_subscriber` that writes log lines.

use std::{fmt, time::SystemTime};

use omnifn_core::{
    Context,
    log::{Entry, Request},
};
use serde_json::Value;
use tracing::{
    Event, Level, Metadata, Subscriber,
    dispatcher::Dispatch,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Registry,
    filter::{FilterFn, Targets},
    layer::{self, Layer, SubscriberExt},
    registry::LookupSpan,
};

use super::{CONFIG, CONTEXT, format, put};

const OMNIFN: &str = "omnifn";

/// Returns a subscriber that writes lines and, if spans are exported, passes them to OpenTelemetry.
pub(super) fn subscriber(exports: bool) -> Dispatch {
    let default = || Targets::new().with_default(Level::INFO);
    let levels = CONFIG.get().map_or_else(default, |config| config.levels.clone());
    let most = levels.iter().map(|(_, level)| level).chain(levels.default_level()).chain([LevelFilter::INFO]).max();
    // Spans down to `info` are enabled at any level, because their fields appear in the lines within them. Those of `lambda_runtime`
    // only repeat what omnifn's lines contain.
    let enabled = FilterFn::new(move |metadata| {
        let (target, level) = (metadata.target(), metadata.level());
        match metadata.is_span() {
            true if target.starts_with("lambda_runtime") => false,
            true if *level <= Level::INFO => true,
            _ => levels.would_enable(target, level),
        }
    });
    let enabled = enabled.with_max_level_hint(most.unwrap_or(LevelFilter::TRACE));
    #[cfg(feature = "otel")]
    if let Some(otel) = exports.then(crate::otel::layer).flatten() {
        return Dispatch::new(Registry::default().with(Lines { beside_otel: true }.with_filter(enabled)).with(otel));
    }
    #[cfg(not(feature = "otel"))]
    let _ = exports;
    Dispatch::new(Registry::default().with(Lines { beside_otel: false }.with_filter(enabled)))
}

pub(super) struct Lines {
    /// Whether OpenTelemetry's layer reads the same spans.
    pub(super) beside_otel: bool,
}

impl Lines {
    fn write(&self, entry: &Entry<'_>) {
        let mut line = Vec::with_capacity(512);
        format().write(entry, &mut line);
        if let Some(journal) = entry.context.as_ref().and_then(Context::journal) {
            let mut in_reply = Vec::new();
            format().write_for_reply(entry, &mut in_reply);
            if journal.keep(entry.level, &String::from_utf8_lossy(in_reply.trim_ascii_end()), &line) {
                return;
            }
            journal.due().iter().for_each(|line| put(line));
        }
        put(&line);
    }
}

/// The fields of an event, or of a span, which has them in its extensions.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(at).1)
    }

    fn take_text(&mut self, name: &str) -> Option<String> {
        Some(match self.take(name)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    /// Adds the fields of an outer span. Those of inner spans and of the event take precedence.
    fn add_outer(&mut self, outer: &Fields) {
        for (name, value) in &outer.0 {
            if self.0.iter().all(|(known, _)| known != name) {
                self.0.push((name, value.clone()));
            }
        }
    }

    fn take_request(&mut self) -> Option<Request> {
        let (method, path) = (self.take_text("http.method")?, self.take_text("http.path")?);
        let status = self.take("http.status")?.as_u64().and_then(|status| status.try_into().ok())?;
        Some(Request { method, path, status })
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        let mut text = String::new();
        // A value whose formatting fails is cut off there.
        let _ = write!(text, "{value:?}");
        self.set(field.name(), text.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has neither infinities nor NaN.
        self.set(field.name(), if value.is_finite() { value.into() } else { value.to_string().into() });
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }
}

/// Whether the fields of a span appear in lines. The fields of omnifn's own spans describe the invocation, which each line names anyway.
fn shows_fields(span: &Metadata<'_>) -> bool {
    span.target() != OMNIFN
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: layer::Context<'_, S>) {
        if let Some(span) = cx.span(id)
            && shows_fields(attributes.metadata())
        {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, cx: layer::Context<'_, S>) {
        let Some(span) = cx.span(id).filter(|span| shows_fields(span.metadata())) else { return };
        // This happens before the extensions are locked, because the formatting of a value may emit an event.
        let mut new = Fields::default();
        values.record(&mut new);
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            new.0.into_iter().for_each(|(name, value)| fields.set(name, value));
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: layer::Context<'_, S>) {
        let (time, metadata) = (SystemTime::now(), event.metadata());
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut context = CONTEXT.try_with(|place| place.borrow().clone()).ok().flatten();
        for span in cx.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            context = context.or_else(|| extensions.get::<Context>().cloned());
            if let Some(outer) = extensions.get::<Fields>() {
                fields.add_outer(outer);
            }
        }
        let mut entry = Entry::new(time, *metadata.level(), fields.take_text("message").unwrap_or_default());
        entry.target = metadata.target();
        if entry.target == OMNIFN {
            entry.error = fields.take_text("error");
            entry.request = fields.take_request();
            if let Some(Request { method, path, status }) = &entry.request {
                entry.message = format!("{method} {path} → {status}");
            }
            if context.is_some() {
                fields.0.retain(|(name, _)| !matches!(*name, "invocation_id" | "function"));
            }
        }
        (entry.fields, entry.context) = (fields.0, context);
        self.write(&entry);
    }
}
