//! Lines of the user's own, by the crate `tracing`: written as ours are, with the invocation that they were said in.
//!
//! Around each function there is a span, `invocation` of the target `omnifn`, which holds the invocation's [`Context`]. What is said
//! in it, or in a task that was spawned in it (`.in_current_span()`), is said of that invocation.

use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use omnifn_core::{
    Context,
    log::{Entry, Level, Value},
};
use tracing::{
    Event, Metadata, Span, Subscriber,
    dispatcher::{self, Dispatch},
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::NoSubscriber,
};
use tracing_subscriber::{
    Registry,
    layer::{self, Layer, SubscriberExt},
    registry::LookupSpan,
};

const TARGET: &str = "omnifn";
const NAME: &str = "invocation";

/// A subscriber that writes lines.
pub(crate) fn subscriber() -> Dispatch {
    let registry = Registry::default().with(Lines);
    #[cfg(feature = "otel")]
    let registry = registry.with(crate::otel::layer());
    Dispatch::new(registry)
}

/// Takes the lines of the whole program, unless the user has a subscriber already.
pub(crate) fn install() {
    // The user's own was there before.
    let _ = dispatcher::set_global_default(subscriber());
}

/// Puts the invocation into its span, where the lines within it find it.
pub(crate) fn attach(span: &Span, context: &Context) {
    span.with_subscriber(|(id, subscriber)| {
        let span = subscriber.downcast_ref::<Registry>().and_then(|registry| registry.span(id));
        if let Some(span) = span {
            span.extensions_mut().replace(context.clone());
        }
    });
}

/// Gives a line of the runtime's own to the user's subscriber, where there is one.
pub(super) fn gave_away(entry: &Entry<'_>) -> bool {
    if dispatcher::get_default(|there| there.is::<Lines>() || there.is::<NoSubscriber>()) {
        return false;
    }
    let fields: Vec<_> = entry.all_fields().collect();
    let (error, message) = (entry.error_name, entry.message);
    let (id, function) = entry.context.map_or((None, None), |c| (Some(c.invocation_id()), Some(c.function_name())));
    macro_rules! say {
        ($level:ident) => {
            tracing::event!(
                target: "omnifn",
                tracing::Level::$level,
                error,
                invocation_id = id,
                function,
                ?fields,
                "{message}"
            )
        };
    }
    match entry.level {
        Level::Error => say!(ERROR),
        Level::Warn => say!(WARN),
        Level::Info => say!(INFO),
        Level::Debug => say!(DEBUG),
        Level::Trace => say!(TRACE),
    }
    true
}

struct Lines;

/// What a span of the user's own says: it stands in each line within it.
#[derive(Default)]
struct Said(Vec<(&'static str, Owned)>);

#[derive(Clone)]
enum Owned {
    Text(String),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Truth(bool),
}

impl Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Owned::Text(text) => Value::Text(text),
            Owned::Unsigned(number) => Value::Unsigned(*number),
            Owned::Signed(number) => Value::Signed(*number),
            // JSON has no number for the others.
            Owned::Float(number) if number.is_finite() => Value::Number(number),
            Owned::Float(number) => Value::Shown(number),
            Owned::Truth(truth) => Value::Truth(*truth),
        }
    }
}

impl Said {
    fn set(&mut self, field: &Field, value: Owned) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, there)) => *there = value,
            None => self.0.push((field.name(), value)),
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // What cannot be shown is as long as it came.
        let _ = write!(text, "{value:?}");
        self.set(field, Owned::Text(text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, Owned::Text(value.to_owned()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, Owned::Unsigned(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, Owned::Signed(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, Owned::Float(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, Owned::Truth(value));
    }
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::TRACE => Level::Trace,
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: layer::Context<'_, S>) -> bool {
        // A span is worth keeping for the lines within it.
        metadata.is_span() || super::writes(level(metadata))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Spans of the user's own are often of the level info.
        let lines = [(Level::Trace, LevelFilter::TRACE), (Level::Debug, LevelFilter::DEBUG)];
        lines.into_iter().find(|(level, _)| super::writes(*level)).map(|(_, filter)| filter).or(Some(LevelFilter::INFO))
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, cx: layer::Context<'_, S>) {
        let Some(span) = cx.span(id) else { return };
        let metadata = attributes.metadata();
        if metadata.target() == TARGET && metadata.name() == NAME {
            return;
        }
        let mut said = Said::default();
        attributes.record(&mut said);
        if !said.0.is_empty() {
            span.extensions_mut().insert(said);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, cx: layer::Context<'_, S>) {
        let Some(span) = cx.span(id).filter(|span| span.metadata().target() != TARGET) else { return };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Said>() {
            Some(said) => values.record(said),
            None => {
                let mut said = Said::default();
                values.record(&mut said);
                extensions.insert(said);
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: layer::Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let mut context = None;
        let mut around = Vec::new();
        for span in cx.event_scope(event).into_iter().flatten() {
            let mut extensions = span.extensions_mut();
            context = context.or_else(|| extensions.get_mut::<Context>().cloned());
            if let Some(outer) = extensions.get_mut::<Said>() {
                // What is nearer to the line goes before what is further.
                for (name, value) in &outer.0 {
                    let is_new = |(there, _): &(&str, Owned)| there != name;
                    if said.0.iter().all(is_new) && around.iter().all(is_new) {
                        around.push((*name, value.clone()));
                    }
                }
            }
        }
        let message = said.0.iter().position(|(name, _)| *name == "message").map(|at| said.0.remove(at).1);
        let message = match &message {
            Some(Owned::Text(text)) => text.as_str(),
            _ => "",
        };
        let fields: Vec<_> = said.0.iter().chain(&around).map(|(name, value)| (*name, value.value())).collect();
        let mut entry = Entry::new(SystemTime::now(), level(event.metadata()), &message);
        (entry.target, entry.fields, entry.context) = (event.metadata().target(), &fields, context.as_ref());
        super::write_line(&entry, super::put);
    }
}
