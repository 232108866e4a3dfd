//! Functions that are invoked directly; `OMNIFN_FUNCTION` selects one.

use omnifn::prelude::*;
use serde_json::Value;

#[derive(Debug, FunctionError)]
struct SoldOut;

impl std::fmt::Display for SoldOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing is left")
    }
}

impl std::error::Error for SoldOut {}

#[function(invoke)]
async fn mirror(payload: Value) -> Value {
    payload
}

#[function(invoke)]
async fn length(Json(text): Json<String>) -> Result<Json<usize>, SoldOut> {
    assert!(text != "panic", "on purpose");
    if text.is_empty() { Err(SoldOut) } else { Ok(Json(text.len())) }
}

#[function(invoke)]
async fn nothing() -> Result<()> {
    Ok(())
}

omnifn::main!(mirror, length, nothing);
