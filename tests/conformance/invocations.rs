//! What becomes of a direct invocation in every shape of every provider: the second table of SUPPORT.md.

use std::fmt::Write as _;

use omnifn::{
    prelude::*,
    testing::{Invoked, Testing},
};
use serde_json::{Value, json, value::RawValue};

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

/// What a row shows, the function, its payload, and the result, if it is not a failure.
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

/// Writes the table: a column for each provider. The forms of a provider that differ are all in its cell.
pub(crate) fn table() -> Result<String, std::fmt::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut text = String::from(HEAD);
    for (number, (name, function, payload, expected)) in cases().into_iter().enumerate() {
        let all = runtime.block_on(Testing::new(app).invoke_everywhere(function, &payload));
        let mut providers: Vec<(&str, Vec<String>)> = Vec::new();
        for invoked in all {
            let provider = invoked.provider;
            let cell = cell(invoked, expected.as_ref());
            match providers.last_mut() {
                Some((last, cells)) if *last == provider => cells.extend((!cells.contains(&cell)).then_some(cell)),
                _ => providers.push((provider, vec![cell])),
            }
        }
        if number == 0 {
            let names = providers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | ");
            writeln!(text, "| | {names} |\n|---|{}", "---|".repeat(providers.len()))?;
        }
        let cells = providers.iter().map(|(_, cells)| cells.join(", ")).collect::<Vec<_>>();
        writeln!(text, "| {name} | {} |", cells.join(" | "))?;
    }
    Ok(text)
}

/// What the caller receives: the result, or the name or the status of the failure.
fn cell(invoked: Invoked, expected: Option<&Value>) -> String {
    match (invoked.result, expected) {
        (Ok(found), Some(expected)) if found == *expected => "yes".to_owned(),
        (Err(error), None) if invoked.provider == "aws" => {
            let text = error.to_string();
            let name = text.split_once("(\"").and_then(|(_, rest)| rest.split_once("\")"));
            name.map_or_else(|| "**?**".to_owned(), |(name, _)| format!("`{name}`"))
        }
        (Err(error), None) => error.status_code().as_u16().to_string(),
        _ => "**?**".to_owned(),
    }
}

const HEAD: &str = "
## Direct invocations

A function with `invoke`, in every shape in which each provider invokes it. Of a failure, the caller receives the name as `errorType` on
AWS, and a problem document with this status elsewhere.

";
