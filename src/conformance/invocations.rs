//! Direct invocations: what a function receives, and what its caller receives.

use bytes::Bytes;
use http::Response;
use omnifn::prelude::*;
use omnifn_core::{Inverse, Payload, Spec};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json, value::RawValue};

use super::{report::CaseReport, setup::Conformance};

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
async fn same(Json(payload): Json<Box<RawValue>>) -> Json<Box<RawValue>> {
    Json(payload)
}

#[function(invoke)]
async fn length(payload: Bytes) -> Json<usize> {
    Json(payload.len())
}

#[function(invoke)]
async fn nothing() {}

#[function(invoke)]
async fn state(State(word): State<&'static str>, context: Context) -> Json<(&'static str, &'static str)> {
    Json((word, context.function_name()))
}

#[function(invoke)]
async fn declared() -> Result<(), SoldOut> {
    Err(SoldOut)
}

#[function(invoke)]
async fn undeclared() -> Result<()> {
    bail!("the disk is full")
}

#[function(invoke)]
async fn panics() {
    panic!("on purpose")
}

#[function(invoke)]
async fn number(Json(_): Json<u32>) {}

fn app() -> App {
    omnifn::app!(same, length, nothing, state, declared, undeclared, panics, number).state("shared")
}

/// A function that is invoked directly.
pub(super) fn spec() -> &'static Spec {
    named("same")
}

fn named(function: &str) -> &'static Spec {
    let found = app().specs().find(|spec| spec.name == function);
    found.unwrap_or_else(|| panic!("the suite has no function `{function}`"))
}

/// The name of a case, the function, its payload, and the result, unless it is a failure.
fn cases() -> Vec<(&'static str, &'static str, Value, Option<Value>)> {
    let values = json!([null, true, -1, 1.5, u64::MAX, "ü\u{0}\u{1f600}", [], {}, {"": {"a": [1]}}]);
    let imitated = json!({
        "version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "GET"}}, "httpMethod": "GET",
        "Records": [{"eventSource": "aws:sqs", "body": "{}"}], "detail-type": "x", "source": "aws.events",
        "message": {"data": "e30=", "messageId": "1"}, "subscription": "s", "specversion": "1.0", "id": "1", "type": "t",
        "Data": {"req": {"Url": "http://localhost/", "Method": "GET"}}, "Metadata": {},
    });
    vec![
        ("any JSON value, in and out", "same", values.clone(), Some(values)),
        ("JSON with the names that the platforms' own events have", "same", imitated.clone(), Some(imitated)),
        ("a payload of a megabyte, as bytes", "length", "x".repeat(1 << 20).into(), Some(json!((1 << 20) + 2))),
        ("a function without a result: `null`", "nothing", json!({}), Some(json!(null))),
        ("`State` and `Context`", "state", json!({}), Some(json!(["shared", "state"]))),
        ("an error with `FunctionError`", "declared", json!({}), None),
        ("any other error", "undeclared", json!({}), None),
        ("a panic", "panics", json!({}), None),
        ("a payload that does not fit", "number", json!("seven"), None),
    ]
}

/// Runs all cases in a shape.
pub(super) async fn run<A: Inverse>(suite: &Conformance<A>, shape: &'static str) -> Vec<CaseReport> {
    let mut all = Vec::new();
    for (name, function, payload, expected) in cases() {
        let found = invoke(suite, shape, function, payload).await;
        let result = match (&found, &expected) {
            (Ok(found), Some(expected)) if found == expected => Ok(()),
            (Err(_), None) => Ok(()),
            (Ok(found), _) => Err(format!("the caller receives {found}")),
            (Err(error), _) => Err(format!("the caller receives an error: {error}")),
        };
        all.push(CaseReport { error: found.err(), ..suite.case(shape, name.to_owned(), result) });
    }
    all
}

async fn invoke<A: Inverse>(
    suite: &Conformance<A>,
    shape: &str,
    function: &str,
    payload: Value,
) -> Result<Value, Error> {
    // Such a function may be deployed alone.
    let router = app().only(function).start(&Env::of::<String, String>([])).await?;
    let dispatch = Dispatch::new((suite.new)(shape), router);
    let payload = Bytes::from(payload.to_string());
    let message = dispatch.adapter().write_invocation(shape, named(function), payload)?;
    let (head, payload) = dispatch.answer(message.map(Payload::Whole)).await.into_parts();
    let reply = Response::from_parts(head, payload.collect(usize::MAX).await?);
    Ok(serde_json::from_slice(&dispatch.adapter().read_result(shape, reply)?)?)
}
