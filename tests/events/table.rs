//! EVENTS.md: what each shape carries of each field of the common types, read off what a function saw.

use std::fmt::Write as _;

use omnifn_core::{Event, event::Class};

use crate::{functions::normal, harness::providers, sample};

const HEAD: &str = "# Which trigger is what, on each cloud\n\n\
    Every cell was found by `tests/events.rs`: an event that has every field is written as the provider sends it, delivered, and \
    compared with what the function saw. This file is written by that suite (`OMNIFN_BLESS=1 cargo test --test events`), and the \
    suite fails where it is out of date.\n\n\
    **yes**: as it was. **own**: the provider has its own word for it (a source's name, a key's form). **–**: the provider does not \
    say it, and the field is `None` or empty.\n";

pub(crate) fn text() -> String {
    let mut text = HEAD.to_owned();
    for class in Class::EVENTS {
        let mut columns: Vec<(String, Vec<(&'static str, &'static str)>)> = Vec::new();
        for provider in providers() {
            for shape in provider.shapes(class) {
                let sent = sample::acting(class, "ok");
                let fields = fields(&sent.event);
                let run = provider
                    .run(class, shape, vec![sent])
                    .unwrap_or_else(|e| panic!("{}, {shape}: {e}", provider.name()));
                let [seen] = run.seen.as_slice() else {
                    panic!("{}, {shape}: {} events", provider.name(), run.seen.len())
                };
                let cells = fields.iter().zip(self::fields(seen)).map(|((name, sent), (_, seen))| {
                    let cell = match (sent == &seen, seen.as_str()) {
                        (true, _) => "yes",
                        (false, "None" | "{}" | "b\"\"" | "") => "–",
                        (false, _) => "own",
                    };
                    (*name, cell)
                });
                columns.push((format!("{}<br>{shape}", provider.name()), cells.collect()));
            }
        }
        let heads: Vec<_> = columns.iter().map(|(head, _)| head.as_str()).collect();
        let marks = vec![":-:"; columns.len()].join("|");
        write!(text, "\n## `{class} = \"…\"`: {}\n\n| | {} |\n|---|{marks}|\n", class.takes(), heads.join(" | "))
            .expect("a string");
        let rows = columns.first().map_or(0, |(_, cells)| cells.len());
        for row in 0..rows {
            let cells: Vec<_> = columns.iter().map(|(_, cells)| cells[row].1).collect();
            writeln!(text, "| {} | {} |", columns[0].1[row].0, cells.join(" | ")).expect("a string");
        }
    }
    text
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
