//! The golden vectors of `fixtures/http`.

#[path = "../../../tests/support/vectors.rs"]
mod vectors;

use omnifn_azure::Azure;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 40, |settings| Azure::new(settings));
}
