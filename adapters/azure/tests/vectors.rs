//! The golden vectors of `fixtures/http` and `fixtures/events`.

#[path = "../../../tests/support/event_vectors.rs"]
mod event_vectors;
#[path = "../../../tests/support/vectors.rs"]
mod vectors;

use omnifn_azure::Azure;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 40, |settings| Azure::new(settings));
}

#[test]
fn vectors_of_events_hold() {
    event_vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/events"), 18, |settings| Azure::new(settings));
}
