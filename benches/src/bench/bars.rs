//! What omnifn promises beside its peers, and whether it holds.

use super::{measure::Row, subject::named, table::Table};

/// The figures of all cases, by name.
pub(super) type Results = [(&'static str, Vec<Row>)];

struct Bar {
    what: &'static str,
    limit: f64,
    value: Option<f64>,
    unit: &'static str,
}

fn row<'r>(results: &'r Results, case: &str, subject: &str) -> Option<&'r Row> {
    let (_, rows) = results.iter().find(|(name, _)| *name == case)?;
    rows.iter().find(|row| row.subject.name == subject)
}

fn instructions(results: &Results, case: &str, subject: &str) -> Option<f64> {
    row(results, case, subject)?.cost.instructions
}

/// How many times the base's instructions.
fn ratio(results: &Results, case: &str, subject: &str, base: &str) -> Option<f64> {
    Some(instructions(results, case, subject)? / instructions(results, case, base)?)
}

fn start(results: &Results, subject: &str) -> Option<f64> {
    row(results, "aws-hello", subject).map(|row| row.times.warm_start)
}

fn size(subject: &str, base: &str) -> Option<f64> {
    Some(named(subject).ok()?.size()? as f64 / named(base).ok()?.size()? as f64)
}

/// The table of bars.
pub(super) fn table(results: &Results, frameworks: &[(&'static str, f64)]) -> String {
    let ours = row(results, "aws-hello", "omnifn aws");
    let aws = "omnifn aws";
    let bar = |what, limit, value| Bar { what, limit, value, unit: "×" };
    let mut bars = vec![
        bar("instructions of an invocation, of lambda_http's", 0.45, ratio(results, "aws-hello", aws, "lambda-http")),
        Bar { unit: "", ..bar("allocations of an invocation", 80.0, ours.and_then(|row| row.cost.allocations)) },
        Bar { unit: "", ..bar("system calls of an invocation", 8.0, ours.and_then(|row| row.cost.calls)) },
        bar("CPU of an invocation, of lambda_http's", 0.6, ours.map(|row| row.ratios.cpu)),
        bar(
            "instructions with 100 kB of base64, of lambda_http's",
            0.35,
            ratio(results, "aws-base64", aws, "lambda-http"),
        ),
        bar(
            "instructions with the macro, of those without",
            1.02,
            ratio(results, "aws-hello", aws, "omnifn aws, by hand"),
        ),
        bar(
            "start to first question, of a bare hyper loop's",
            1.15,
            start(results, aws).zip(start(results, "hyper-loop")).map(|(ours, theirs)| ours / theirs),
        ),
        bar("size with AWS alone, of lambda_http's in the same profile", 0.65, size(aws, "lambda-http, unwinding")),
        bar(
            "size with Google alone, of bare hyper's in the same profile",
            1.2,
            size("omnifn gcp", "hyper-server, unwinding"),
        ),
        bar(
            "instructions of HTTP on Google, of bare hyper's",
            1.5,
            ratio(results, "http-hello", "omnifn gcp", "hyper-server"),
        ),
        bar(
            "instructions of HTTP on Google, of axum's",
            1.0,
            ratio(results, "http-hello", "omnifn gcp", "axum-server"),
        ),
        bar(
            "instructions of HTTP locally, of bare hyper's",
            1.5,
            ratio(results, "http-hello", "omnifn local", "hyper-server"),
        ),
        bar(
            "instructions of a CloudEvent, of axum's by hand",
            0.5,
            ratio(results, "gcp-storage", "omnifn gcp storage", "axum-cloudevent"),
        ),
        bar(
            "instructions of Azure's envelope, of axum's",
            0.45,
            ratio(results, "azure-hello", "omnifn azure", "axum-azure"),
        ),
        bar(
            "instructions of SQS's batch of ten, of lambda_runtime's",
            0.5,
            ratio(results, "aws-queue", "omnifn aws queue", "lambda-runtime-sqs"),
        ),
    ];
    bars.extend(frameworks.iter().map(|(what, times)| bar(what, -20.0, Some(*times))));
    let mut table = Table::new(&["bar", "at most", "measured", "holds"]);
    for Bar { what, limit, value, unit } in bars {
        let (said, holds) = match value {
            // A negative one is the least.
            Some(value) if limit < 0.0 => (format!("{value:.1} {unit}"), Some(value >= -limit)),
            Some(value) => (format!("{value:.2} {unit}"), Some(value <= limit + 0.005)),
            None => ("not measured".to_owned(), None),
        };
        let limit = if limit < 0.0 { format!("at least {} {unit}", -limit) } else { format!("{limit} {unit}") };
        let holds = match holds {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "unknown",
        };
        table.row(&[what.to_owned(), limit, said, holds.to_owned()]);
    }
    table.text()
}
