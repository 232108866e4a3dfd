//! EVENTS.md and its form for programs: what each shape carries of each field of the common types, read off what a function saw.

use std::fmt::Write as _;

use omnifn::conformance::{Carried, Failures, Kept};
use omnifn_core::event::Class;
use serde_json::json;

const HEAD: &str = "# Which trigger is what, on each cloud\n\n\
    Every cell was found by `tests/events.rs`: an event that has every field is written as the provider sends it, delivered, and \
    compared with what the function saw. This file is written by that suite (`OMNIFN_BLESS=1 cargo test --test events`), and the \
    suite fails where it is out of date.\n\n\
    **yes**: as it was. **own**: the provider has its own word for it (a source's name, a key's form). **–**: the provider does not \
    say it, and the field is `None` or empty. *binary body*: whether a body that is not UTF-8 arrives as it was sent.\n\n\
    *failures* is what becomes of a delivery of several events where one fails. **each**: the provider hears which, and only what was \
    not done comes again. **all**: the provider hears that something failed, and all come again. **one**: an event always comes \
    alone.\n";

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

/// EVENTS.md.
pub(crate) fn text(found: &[Carried]) -> String {
    let mut text = HEAD.to_owned();
    for class in Class::EVENTS {
        let shapes = of_class(found, class);
        let heads: Vec<_> = shapes.iter().map(|shape| format!("{}<br>{}", shape.provider, shape.shape)).collect();
        let marks = vec![":-:"; shapes.len()].join("|");
        write!(text, "\n## `{class} = \"…\"`: {}\n\n| | {} |\n|---|{marks}|\n", class.takes(), heads.join(" | "))
            .expect("a string");
        let columns: Vec<_> = shapes.iter().map(|shape| rows(shape)).collect();
        for row in 0..columns.first().map_or(0, Vec::len) {
            let cells: Vec<_> = columns.iter().map(|column| column[row].1).collect();
            writeln!(text, "| {} | {} |", columns[0][row].0, cells.join(" | ")).expect("a string");
        }
        let failures: Vec<_> = shapes.iter().map(|shape| failures(shape)).collect();
        writeln!(text, "| *failures* | {} |", failures.join(" | ")).expect("a string");
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
