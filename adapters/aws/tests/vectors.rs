//! The golden vectors of `fixtures/http`.

#[path = "../../../tests/support/vectors.rs"]
mod vectors;

use omnifn_aws::Aws;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 40, |settings| Aws::new(settings));
}
