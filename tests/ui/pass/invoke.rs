//! Every form of a function that is invoked directly.

use omnifn::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Deserialize, Serialize)]
struct Cart {
    count: u32,
}

#[derive(Debug, FunctionError)]
#[fault(status = 409)]
struct SoldOut;

impl std::fmt::Display for SoldOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing is left")
    }
}

impl std::error::Error for SoldOut {}

#[function(invoke)]
async fn nothing() {}

#[function(invoke, name = "with-a-name", memory = 128, timeout = 5, instances = 2, concurrency = 8, auth = "function")]
async fn json(Json(cart): Json<Cart>) -> Json<Cart> {
    Json(cart)
}

#[function(visibility = "private", invoke, secret = "KEY", reads = "bucket:carts")]
async fn value(payload: Value) -> Value {
    payload
}

#[function(invoke)]
async fn bytes(ctx: Context, payload: Bytes, State(unit): State<u32>) -> Result<Value> {
    let _ = ctx.remaining();
    Ok((payload.len() as u64 * u64::from(unit)).into())
}

#[function(invoke)]
async fn declared(Json(cart): Json<Option<Vec<Cart>>>) -> Result<Json<usize>, SoldOut> {
    cart.map(|all| Json(all.len())).ok_or(SoldOut)
}

#[function(invoke)]
async fn in_a_box(Json(_): Json<serde_json::Value>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("no")?
}

#[function(invoke)]
async fn with_anyhow(_ctx: Context) -> anyhow::Result<Json<&'static str>> {
    Ok(Json("yes"))
}

#[function(invoke)]
async fn with_text() -> Result<(), String> {
    Err("no".to_owned())
}

/// A request to an HTTP function of another path is another function's.
#[function(get = "/nothing", post = "/value/{_id}", name = "http")]
async fn request(method: Method) -> String {
    method.to_string()
}

fn main() {
    let app = omnifn::app!(nothing, json, value, bytes, declared, in_a_box, with_anyhow, with_text, request);
    let app = app.state(3_u32);
    let triggers: Vec<_> = app.specs().map(|spec| (spec.class().key(), spec.source(), spec.routes().len())).collect();
    assert!(triggers[..8].iter().all(|trigger| *trigger == ("invoke", None, 0)), "{triggers:?}");
    assert!(app.router().is_ok());
}
