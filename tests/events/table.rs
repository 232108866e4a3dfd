//! EVENTS.md and its form for programs: what each shape carries of each field of the common types, read off what a function saw.

use std::fmt::Write as _;

use omnifn::conformance::{Carried, Failures, Kept};
use omnifn_core::event::Class;
use serde_json::json;

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

/// The row that says whether any bytes arrive as they were sent.
const BINARY_BODY: &str = "binary body";

/// The rows of a shape: fields, and what it carries of them.
fn rows(shape: &Carried) -> Vec<(&'static str, &'static str)> {
    let cell = |kept: &Kept| match kept {
        Kept::Same => "yes",
        Kept::Own => "own",
        Kept::None => "–",
    };
    let mut rows: Vec<_> = shape.fields.iter().map(|(name, kept)| (*name, cell(kept))).collect();
    if let Some(is_intact) = shape.carries_binary {
        rows.insert(1, (BINARY_BODY, if is_intact { "yes" } else { "–" }));
    }
    rows
}

fn failures(shape: &Carried) -> &'static str {
    match shape.failures {
        Failures::Each => "each",
        Failures::All => "all",
        Failures::One => "one",
    }
}

/// The shapes of a class, in the providers' order.
fn of_class(found: &[Carried], class: Class) -> Vec<&Carried> {
    found.iter().filter(|shape| shape.class == class).collect()
}

/// Returns EVENTS.md.
pub(crate) fn text(found: &[Carried]) -> String {
    let mut text = HEAD.to_owned();
    for class in Class::EVENTS {
        let shapes = of_class(found, class);
        let fields = shapes.first().map_or(&[][..], |shape| &shape.fields).iter().map(|(name, _)| format!("`{name}`"));
        let fields = fields.collect::<Vec<_>>().join(", ");
        write!(text, "\n## `{class} = \"…\"`: {}\n\nFields: {fields}.\n\n", class.takes()).expect("a string");
        text.push_str("| provider | form | own form | not carried | failures |\n|---|---|---|---|---|\n");
        for shape in shapes {
            let rows = rows(shape);
            let fields = |wanted| {
                let fields = rows.iter().filter(|(_, cell)| *cell == wanted).map(|(name, _)| *name).collect::<Vec<_>>();
                if fields.is_empty() { "–".to_owned() } else { fields.join(", ") }
            };
            let (provider, name, failures) = (shape.provider, shape.shape, failures(shape));
            writeln!(text, "| {provider} | {name} | {} | {} | {failures} |", fields("own"), fields("–"))
                .expect("a string");
        }
    }
    text
}

/// The same for programs: what `cargo omnifn check` reads.
pub(crate) fn json(found: &[Carried]) -> String {
    let shape = |shape: &Carried| {
        let fields: serde_json::Map<_, _> = rows(shape)
            .into_iter()
            // It is a property of the shape, and no field that a function could see.
            .filter(|(name, _)| *name != BINARY_BODY)
            .map(|(name, cell)| (name.to_owned(), json!(if cell == "–" { "none" } else { cell })))
            .collect();
        json!({ "class": shape.class.to_string(), "provider": shape.provider, "shape": shape.shape, "failures": failures(shape), "fields": fields })
    };
    let shapes: Vec<_> = Class::EVENTS.iter().flat_map(|class| of_class(found, *class)).map(shape).collect();
    let all = json!({ "written_by": "OMNIFN_BLESS=1 cargo test --test events", "shapes": shapes });
    format!("{all:#}\n")
}
