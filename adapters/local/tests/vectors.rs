//! The golden vectors of `fixtures/http`.

#[path = "../../../tests/support/vectors.rs"]
mod vectors;

use omnifn_local::Local;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 10, |settings| Local::new(settings));
}
