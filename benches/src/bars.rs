//! The project's performance bars, and whether they hold in this run. They are information: a missed bar fails no run.

use crate::{
    count::Cost,
    load::{self, Load},
    measure::{Round, Row},
    programs::named,
    report::Table,
};

/// The figures of all cases, by name.
pub(crate) type Results = [(&'static str, Vec<Row>)];

#[derive(Debug, Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

use Limit::{AtLeast, AtMost};

const OMNIFN: usize = 0;
const PEER: usize = 1;
/// In the cases of AWS HTTP.
const PLAIN: usize = 2;

const INSTRUCTIONS: fn(&Cost) -> Option<f64> = |cost| cost.instructions;
const CPU: fn(&Round) -> f64 = |round| round.cpu;
const LATENCY: fn(&Round) -> f64 = |round| round.p50;
const START: fn(&Round) -> f64 = |round| round.start;

/// The programs whose sizes are compared: omnifn's, the other, and the limit.
const SIZES: [(&str, &str, &str, f64); 5] = [
    ("size on AWS, of plain lambda_http's", "omnifn, AWS HTTP", "plain lambda_http", 1.0),
    ("size on Cloud Run, of axum + tower_http's", "omnifn, Cloud Run HTTP", "axum + tower_http, HTTP", 1.3),
    (
        "size for CloudEvents, of axum + tower_http's",
        "omnifn, Cloud Run CloudEvent",
        "axum + tower_http, CloudEvent",
        1.3,
    ),
    ("size on Azure, of axum + tower_http's", "omnifn, Azure HTTP", "axum + tower_http, Azure", 1.3),
    ("size of the local server, of axum + tower_http's", "omnifn, local HTTP", "axum + tower_http, HTTP", 1.3),
];

/// Returns the table of all bars, or of those that this run measured.
pub(crate) fn table(results: &Results, loads: &[Load], all: bool) -> String {
    let pair = |case: &str, other: usize| {
        let (_, rows) = results.iter().find(|(name, _)| *name == case)?;
        Some((rows.get(OMNIFN)?, rows.get(other)?))
    };
    let count = |case: &str, other: usize| pair(case, other).and_then(|(own, peer)| own.cost_ratio(peer, INSTRUCTIONS));
    let time = |case: &str, other: usize, of| pair(case, other).map(|(own, peer)| own.ratio(peer, of));
    let throughput = |other: &str| {
        let (own, other) = (loads.first()?, loads.iter().find(|load| load.label == other)?);
        Some(own.throughput_over(other))
    };
    let size = |own: &str, other: &str| {
        let (own, other) = (named(own).ok()?.size()?, named(other).ok()?.size()?);
        Some(own as f64 / other as f64)
    };
    let bare_axum = named("bare axum").map_or("", |program| program.label);

    let mut table = Table::new(&["bar", "limit", "measured", "result"]);
    let mut bar = |text: &str, limit: Limit, value: Option<f64>| {
        if value.is_none() && !all {
            return;
        }
        let (limit, holds) = match limit {
            // Figures are rounded to two digits, so a limit is too.
            AtMost(limit) => (format!("at most {limit} ×"), value.map(|value| value < limit + 0.005)),
            AtLeast(limit) => (format!("at least {limit} ×"), value.map(|value| value >= limit - 0.005)),
        };
        let result = match holds {
            Some(true) => "holds",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let value = value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.2} ×"));
        table.row(&[text.to_owned(), limit, value, result.to_owned()]);
    };
    bar("AWS HTTP: instructions, of plain lambda_http's", AtMost(0.6), count("aws-http", PLAIN));
    bar("AWS HTTP: CPU time, of plain lambda_http's", AtMost(0.8), time("aws-http", PLAIN, CPU));
    bar("AWS HTTP: latency, of plain lambda_http's", AtMost(0.85), time("aws-http", PLAIN, LATENCY));
    bar("AWS HTTP: instructions, of the equal-work peer's", AtMost(1.0), count("aws-http", PEER));
    bar("AWS HTTP: CPU time, of the equal-work peer's", AtMost(1.0), time("aws-http", PEER, CPU));
    bar("AWS HTTP: latency, of the equal-work peer's", AtMost(1.0), time("aws-http", PEER, LATENCY));
    bar("SQS, ten messages: instructions, of typed lambda_runtime's", AtMost(0.75), count("aws-sqs", PEER));
    bar("Cloud Run HTTP: instructions, of the equal-work axum peer's", AtMost(0.9), count("cloud-run-http", PEER));
    bar("Cloud Run HTTP: throughput of a core, of bare axum's", AtLeast(0.85), throughput(bare_axum));
    for (case, title) in [("cloud-run-cloudevent", "CloudEvent"), ("azure-http", "Azure envelope")] {
        let text = |figure| format!("{title}: {figure}, of the hand-written axum peer's");
        bar(&text("instructions"), AtMost(1.0), count(case, PEER));
        bar(&text("CPU time"), AtMost(1.0), time(case, PEER, CPU));
    }
    for (case, title) in [
        ("aws-http", "AWS HTTP"),
        ("aws-sqs", "SQS"),
        ("cloud-run-http", "Cloud Run HTTP"),
        ("cloud-run-cloudevent", "CloudEvent"),
        ("azure-http", "Azure"),
    ] {
        bar(&format!("{title}: start, of the equal-work peer's"), AtMost(1.0), time(case, PEER, START));
    }
    for (text, own, other, limit) in SIZES {
        bar(&format!("Stripped {text}"), AtMost(limit), size(own, other));
    }
    for framework in [load::NPM, load::PYPI] {
        bar(&format!("Throughput of a core, of {framework}'s"), AtLeast(15.0), throughput(framework));
    }
    table.text()
}
