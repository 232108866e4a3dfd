//! The golden vectors of `fixtures/http`.

#[path = "../../../tests/support/vectors.rs"]
mod vectors;

use omnifn_gcp::Gcp;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 20, |settings| Gcp::new(settings));
}
