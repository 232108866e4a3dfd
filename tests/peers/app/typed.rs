//! What the conformance client asks of a typed function: JSON in, JSON out.

use omnifn::prelude::*;
use serde_json::{Value, json};

#[function(invoke)]
async fn typed(request: Value) -> Value {
    json!({ "payload": request })
}

omnifn::main!(typed);
