//! The table of what works where, as Markdown and for programs: an output of the suite.

use std::fmt::Write as _;

use serde_json::json;

use crate::{exceptions::EXCEPTIONS, invocations, suite::Column};

/// Writes the table.
pub(crate) fn table(columns: &[Column<'_>]) -> Result<String, std::fmt::Error> {
    let mut text = String::from(HEAD);
    let names: Vec<_> =
        columns.iter().map(|column| format!("{}<br>{}", column.provider, column.report.shape)).collect();
    writeln!(text, "| | {} |", names.join(" | "))?;
    writeln!(text, "|---|{}", ":-:|".repeat(columns.len()))?;
    for (row, case) in columns.first().map(|column| &column.report.cases).into_iter().flatten().enumerate() {
        let cells = columns.iter().map(|column| match column.report.cases.get(row) {
            Some(case) => match (&case.result, column.exception(&case.name)) {
                (Ok(()), None) => "yes".to_owned(),
                (Err(_), Some(number)) => format!("[^{}]", number + 1),
                _ => "**?**".to_owned(),
            },
            None => String::new(),
        });
        writeln!(text, "| {} | {} |", case.name.replace('|', "\\|"), cells.collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(text)?;
    for (i, row) in EXCEPTIONS.iter().enumerate() {
        writeln!(text, "[^{}]: {}", i + 1, row.exception.reason)?;
    }
    Ok(text + &invocations::table()?)
}

/// The same for programs, what differs alone: what `cargo omnifn check` reads.
pub(crate) fn json(columns: &[Column<'_>]) -> String {
    let shape = |column: &Column<'_>| {
        let numbers = column.report.cases.iter().filter_map(|case| column.exception(&case.name));
        let numbers: std::collections::BTreeSet<_> = numbers.collect();
        // Two exceptions can say the same of a shape.
        let mut reasons: Vec<_> = numbers.iter().map(|number| EXCEPTIONS[*number].exception.reason).collect();
        reasons.dedup();
        json!({ "provider": column.provider, "shape": column.report.shape, "cases": column.report.cases.len(), "differs": reasons })
    };
    let shapes: Vec<_> = columns.iter().map(shape).collect();
    let all = json!({ "written_by": "OMNIFN_BLESS=1 cargo test --test conformance", "shapes": shapes });
    format!("{all:#}\n")
}

const HEAD: &str = "\
# What works where

Every row is a case of `tests/conformance.rs`, run over every shape in which each provider sends HTTP requests. This file
is written by that suite (`OMNIFN_BLESS=1 cargo test --test conformance`), and the suite fails where it is out of date. A
number is a footnote: what the provider's own wire form cannot carry, and what happens instead.

";
