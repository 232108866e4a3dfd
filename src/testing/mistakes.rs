//! Mistakes in a test, each of which ends it. `at` is the call of the test.

use std::{fmt, panic::Location};

use bytes::Bytes;
use omnifn_core::{Event, Functions, Spec, event::Class};
use serde::Serialize;

/// Ends the test, because of a mistake in it.
#[track_caller]
pub(super) fn fail(at: &Location<'_>, mistake: fmt::Arguments<'_>) -> ! {
    panic!("{mistake}\n  (the call at {at})")
}

#[track_caller]
fn named(functions: &Functions, name: &str, at: &Location<'_>) -> &'static Spec {
    match functions.named(name) {
        Some(spec) => spec,
        None => fail(at, format_args!("there is no function `{name}` in the app, which has: {}", functions.names())),
    }
}

/// Returns the declaration of a function that takes these events.
#[track_caller]
pub(super) fn takes<'e>(
    functions: &Functions,
    name: &str,
    events: impl IntoIterator<Item = &'e Event>,
    at: &Location<'_>,
) -> &'static Spec {
    let spec = named(functions, name, at);
    let mut events = events.into_iter().peekable();
    if events.peek().is_none() {
        fail(at, format_args!("there is no event for `{name}`: give it at least one"));
    }
    for event in events {
        let is_taken = match event {
            Event::Message(_) => matches!(spec.class(), Class::Queue | Class::Topic | Class::Stream),
            Event::Object(_) => spec.class() == Class::Storage,
            Event::Tick(_) => spec.class() == Class::Schedule,
            Event::Cloud(_) => spec.class() == Class::Event,
            Event::Change(_) => spec.class() == Class::Changes,
            _ => true,
        };
        if !is_taken {
            let (takes, given) = (spec.class().takes(), event.what());
            fail(at, format_args!("`{name}` takes {takes}, and the test gives it {given}"));
        }
    }
    spec
}

/// Returns the declaration of a function that can be invoked directly.
#[track_caller]
pub(super) fn is_invoked(functions: &Functions, name: &str, at: &Location<'_>) -> &'static Spec {
    let spec = named(functions, name, at);
    if spec.class() != Class::Invoke {
        let takes = spec.class().takes();
        fail(at, format_args!("`{name}` takes {takes}: only a function with `invoke` is invoked directly"));
    }
    spec
}

#[track_caller]
pub(super) fn json(payload: &impl Serialize, at: &Location<'_>) -> Bytes {
    match serde_json::to_vec(payload) {
        Ok(payload) => payload.into(),
        Err(error) => fail(at, format_args!("the payload cannot be written as JSON: {error}")),
    }
}
