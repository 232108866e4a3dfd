//! One suite over every provider, every class of events and every shape in which a provider delivers them: what a function
//! sees, and what becomes of an event whose function fails, are the same everywhere. What a shape does not carry is read off
//! what the function received, and written into EVENTS.md.

#[path = "events/batches.rs"]
mod batches;
#[path = "events/functions.rs"]
mod functions;
#[path = "events/harness.rs"]
mod harness;
#[path = "events/nowhere.rs"]
mod nowhere;
#[path = "events/order.rs"]
mod order;
#[path = "events/poison.rs"]
mod poison;
#[path = "events/sample.rs"]
mod sample;
#[path = "events/table.rs"]
mod table;

use harness::{Provider, providers};
use omnifn_core::event::Class;

/// Runs a check on each shape of each class of each provider, and reports all differences.
fn each(check: impl Fn(&dyn Provider, Class, &'static str) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for provider in providers() {
        for class in Class::EVENTS {
            for shape in provider.shapes(class) {
                if let Err(why) = check(&*provider, class, shape) {
                    wrong.push(format!("{}, {class}, {shape}: {why}", provider.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cell_has_a_shape() {
    let empty: Vec<_> = providers()
        .iter()
        .flat_map(|provider| Class::EVENTS.map(|class| (provider.name(), class, provider.shapes(class).len())))
        .filter(|(_, _, shapes)| *shapes == 0)
        .collect();
    assert!(empty.is_empty(), "{empty:?}");
}

/// A function's word is the platform's: done and discarded events are acknowledged, nothing else is.
#[test]
fn every_event_has_an_outcome() {
    each(|provider, class, shape| {
        for (act, acknowledged) in [
            ("ok", true),
            ("retry", false),
            ("plain error", false),
            ("reject", false),
            ("discard", true),
            ("panic", false),
        ] {
            let run = provider.run(class, shape, vec![sample::acting(class, act)])?;
            let wanted = vec![acknowledged];
            if run.acknowledged != wanted || run.seen.len() != 1 {
                return Err(format!(
                    "{act}: {:?} after {} calls, wanted {wanted:?} after one",
                    run.acknowledged,
                    run.seen.len()
                ));
            }
        }
        Ok(())
    });
}

/// Law 1: what cannot be read is never an acknowledgement, and the function does not see it.
#[test]
fn an_undecodable_event_is_not_acknowledged() {
    each(|provider, class, shape| {
        let Some(event) = sample::unreadable(class) else { return Ok(()) };
        let run = provider.run(class, shape, vec![event])?;
        match (run.acknowledged.as_slice(), run.seen.len()) {
            ([false], 0) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

/// Of several events in one delivery, one fails: it is not acknowledged, and no other that was not done is.
#[test]
fn one_of_several_fails() {
    each(|provider, class, shape| {
        let events = ["ok", "ok", "retry", "ok"].into_iter().enumerate();
        let events: Vec<_> = events.map(|(i, act)| sample::numbered(class, i, act)).collect();
        let Ok(run) = provider.run(class, shape, events) else { return Ok(()) };
        if run.acknowledged.len() != 4 || run.acknowledged[2] {
            return Err(format!("acknowledged {:?}", run.acknowledged));
        }
        for (i, acknowledged) in run.acknowledged.iter().enumerate() {
            if *acknowledged && !run.done.contains(&i) {
                return Err(format!("event {i} was acknowledged, and only {:?} were done", run.done));
            }
        }
        Ok(())
    });
}

/// A delivery without events is a success.
#[test]
fn nothing_is_a_success() {
    for provider in providers() {
        for class in [Class::Queue, Class::Stream, Class::Changes] {
            for shape in provider.shapes(class) {
                if let Ok(run) = provider.run(class, shape, Vec::new()) {
                    assert_eq!((run.acknowledged.len(), run.seen.len()), (0, 0), "{}, {shape}", provider.name());
                }
            }
        }
    }
}

/// Every way out: the provider's own bytes, and its own typed context.
#[test]
fn the_way_out_to_what_came() {
    each(|provider, class, shape| {
        let run = provider.run(class, shape, vec![sample::acting(class, "ok")])?;
        match run.has_raw && run.has_context {
            true => Ok(()),
            false => Err(format!("raw {}, context {}", run.has_raw, run.has_context)),
        }
    });
}

/// EVENTS.md, and the same as JSON for `cargo omnifn check`, say what each shape carries.
#[test]
fn the_tables_are_up_to_date() {
    let found = table::found();
    for (path, found) in [("EVENTS.md", table::text(&found)), ("cli/src/support/events.json", table::json(&found))] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            std::fs::write(&file, &found).expect("the file can be written");
        }
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(there == found, "{path} is not what the suite found: OMNIFN_BLESS=1 cargo test --test events");
    }
}
