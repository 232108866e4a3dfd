//! What the conformance client asks of a typed function: JSON in, JSON out.

use omnifn::prelude::*;
use serde_json::{Value, json};

#[function]
async fn typed(Json(request): Json<Value>) -> Json<Value> {
    Json(json!({ "payload": request }))
}

omnifn::main!(typed);
