//! EVENTS.md and its form for programs: what each shape carries of each field of the common types, read off what a function saw.

use std::fmt::Write as _;

use omnifn_core::{Event, event::Class};
use serde_json::json;

use crate::{
    functions::normal,
    harness::{Provider, providers},
    sample,
};

const HEAD: &str = "# What each cloud carries of an event\n\n\
    There is one table for each trigger, with a row for each form in which a provider delivers such events. The tests in \
    `tests/events.rs` found every cell: an event that has every field is written as the provider sends it, delivered, and compared \
    with what the function received. `OMNIFN_BLESS=1 cargo test --test events` writes this file.\n\n\
    - A field that is not listed in a row arrives as it was sent.\n\
    - **own form**: the provider has a value of its own for the field, such as the name of a source or the form of a key.\n\
    - **not carried**: the provider does not send the field, so it is `None` or empty. *binary body* stands for a body that is not \
    UTF-8: where it is listed, such a body does not arrive as it was sent.\n\
    - **failures**: what happens to a delivery of several events if one of them fails. *each*: the reply names the failed events, and \
    only these are delivered again. *all*: the whole delivery is repeated. *one*: events are always delivered one at a time.\n";

/// What was found of a class: its shapes, in the providers' order.
pub(crate) struct Found {
    class: Class,
    shapes: Vec<Shape>,
}

struct Shape {
    provider: &'static str,
    shape: &'static str,
    failures: &'static str,
    cells: Vec<(&'static str, &'static str)>,
}

/// The row that shows whether any bytes arrive as they were sent.
const BINARY_BODY: &str = "binary body";

/// The bytes of a message that no text has.
const BINARY: &[u8] = b"\xff\x00\xfe\x21";

/// The shapes in which a message of any bytes arrives as it was sent, each with its provider.
fn binary_shapes(class: Class) -> Vec<(&'static str, &'static str)> {
    use omnifn::{prelude::*, testing::Testing};

    #[function(queue = "orders")]
    async fn on_queue(message: Message<Bytes>) -> Result<()> {
        intact(&message)
    }

    #[function(topic = "news")]
    async fn on_topic(message: Message<Bytes>) -> Result<()> {
        intact(&message)
    }

    #[function(stream = "telemetry")]
    async fn on_stream(message: Message<Bytes>) -> Result<()> {
        intact(&message)
    }

    fn intact(message: &Message<Bytes>) -> Result<()> {
        if message.body == BINARY { Ok(()) } else { Err(Error::reject("other bytes")) }
    }

    let function = format!("on_{class}");
    let testing = Testing::new(|| omnifn::app!(on_queue, on_topic, on_stream));
    let event = || vec![Message::new(Bytes::from_static(BINARY)).into()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let delivered = runtime.block_on(testing.deliver_everywhere(&function, event));
    let is_intact = |acknowledged: &omnifn::Result<Vec<bool>>| acknowledged.as_ref().is_ok_and(|all| all == &[true]);
    let intact = delivered.into_iter().filter(|delivered| is_intact(&delivered.acknowledged));
    intact.map(|delivered| (delivered.provider, delivered.shape)).collect()
}

/// Delivers an event of each class over every shape, and records what arrives.
pub(crate) fn found() -> Vec<Found> {
    let shapes = |class| {
        let is_message = matches!(class, Class::Queue | Class::Topic | Class::Stream);
        let binary = is_message.then(|| binary_shapes(class));
        let of = |provider: Box<dyn Provider>| {
            let shapes = provider.shapes(class);
            shapes.iter().map(|shape| found_of(&*provider, class, shape, binary.as_deref())).collect::<Vec<_>>()
        };
        providers().into_iter().flat_map(of).collect()
    };
    Class::EVENTS.map(|class| Found { class, shapes: shapes(class) }).into()
}

fn found_of(
    provider: &dyn Provider,
    class: Class,
    shape: &'static str,
    binary: Option<&[(&'static str, &'static str)]>,
) -> Shape {
    let sent = sample::acting(class, "ok");
    let fields = fields(&sent.event);
    let run = provider.run(class, shape, vec![sent]).unwrap_or_else(|e| panic!("{}, {shape}: {e}", provider.name()));
    let [seen] = run.seen.as_slice() else { panic!("{}, {shape}: {} events", provider.name(), run.seen.len()) };
    let cells = fields.iter().zip(self::fields(seen)).map(|((name, sent), (_, seen))| {
        let cell = match (sent == &seen, seen.as_str()) {
            (true, _) => "yes",
            (false, "None" | "{}" | "b\"\"" | "") => "–",
            (false, _) => "own",
        };
        (*name, cell)
    });
    let mut cells: Vec<_> = cells.collect();
    if let Some(binary) = binary {
        let is_intact = binary.contains(&(provider.name(), shape));
        cells.insert(1, (BINARY_BODY, if is_intact { "yes" } else { "–" }));
    }
    Shape { provider: provider.name(), shape, failures: failures(provider, class, shape), cells }
}

/// What becomes of the others where one of several events fails.
fn failures(provider: &dyn Provider, class: Class, shape: &str) -> &'static str {
    let events = ["ok", "ok", "retry", "ok"].into_iter().enumerate();
    let events = events.map(|(number, act)| sample::numbered(class, number, act)).collect();
    match provider.run(class, shape, events) {
        Err(_) => "one",
        Ok(run) if run.acknowledged.contains(&true) => "each",
        Ok(_) => "all",
    }
}

/// Returns EVENTS.md.
pub(crate) fn text(found: &[Found]) -> String {
    let mut text = HEAD.to_owned();
    for Found { class, shapes } in found {
        let fields = shapes.first().map_or(&[][..], |shape| &shape.cells).iter().map(|(name, _)| format!("`{name}`"));
        let fields = fields.filter(|name| *name != format!("`{BINARY_BODY}`")).collect::<Vec<_>>().join(", ");
        write!(text, "\n## `{class} = \"…\"`: {}\n\nFields: {fields}.\n\n", class.takes()).expect("a string");
        text.push_str("| provider | form | own form | not carried | failures |\n|---|---|---|---|---|\n");
        for Shape { provider, shape, failures, cells } in shapes {
            let fields = |wanted| {
                let fields =
                    cells.iter().filter(|(_, cell)| *cell == wanted).map(|(name, _)| *name).collect::<Vec<_>>();
                if fields.is_empty() { "–".to_owned() } else { fields.join(", ") }
            };
            writeln!(text, "| {provider} | {shape} | {} | {} | {failures} |", fields("own"), fields("–"))
                .expect("a string");
        }
    }
    text
}

/// The same for programs: what `cargo omnifn check` reads.
pub(crate) fn json(found: &[Found]) -> String {
    let shape = |class: Class, shape: &Shape| {
        let fields: serde_json::Map<_, _> = shape
            .cells
            .iter()
            // It is a property of the shape, and no field that a function could see.
            .filter(|(name, _)| *name != BINARY_BODY)
            .map(|(name, cell)| ((*name).to_owned(), json!(if *cell == "–" { "none" } else { cell })))
            .collect();
        json!({ "class": class.to_string(), "provider": shape.provider, "shape": shape.shape, "failures": shape.failures, "fields": fields })
    };
    let shapes: Vec<_> = found.iter().flat_map(|found| found.shapes.iter().map(|of| shape(found.class, of))).collect();
    let all = json!({ "written_by": "OMNIFN_BLESS=1 cargo test --test events", "shapes": shapes });
    format!("{all:#}\n")
}

/// Each field by its name, as text.
fn fields(event: &Event) -> Vec<(&'static str, String)> {
    macro_rules! shown {
        ($of:expr, $($field:ident),+) => { vec![$((stringify!($field).trim_start_matches("r#"), format!("{:?}", $of.$field))),+] };
    }
    match event {
        Event::Message(message) => {
            let mut message = message.clone();
            message.body = normal(&message.body);
            shown!(
                message,
                body,
                id,
                source,
                time,
                attributes,
                attempt,
                key,
                sequence,
                partition,
                content_type,
                subject
            )
        }
        Event::Object(object) => shown!(
            object,
            bucket,
            key,
            change,
            id,
            source,
            time,
            size,
            etag,
            version,
            sequence,
            content_type,
            metadata,
            content
        ),
        Event::Tick(tick) => shown!(tick, id, source, scheduled, late, attempt, input),
        Event::Cloud(event) => {
            let mut event = event.clone();
            event.data = normal(&event.data);
            shown!(event, id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, data)
        }
        Event::Change(change) => shown!(change, kind, key, old, new, id, source, time, sequence),
        _ => Vec::new(),
    }
}
