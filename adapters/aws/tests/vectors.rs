//! The golden vectors of `fixtures/http`.

#[path = "../../../tests/support/vectors.rs"]
mod vectors;

#[test]
fn vectors_hold() {
    vectors::run(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/http"), 25, |s: &dyn omnifn_core::Settings| -> Stub { Stub });
}
struct Stub;
impl omnifn_core::Adapter for Stub { type Origin=(); fn provider(&self)->&'static str{"x"} fn decode(&self, r: http::Request<omnifn_core::Payload>)->((),omnifn_core::Decoded){unimplemented!()} fn encode(&self,_:(),r:omnifn_core::Reply)->http::Response<omnifn_core::Payload>{r.into_http()} }
