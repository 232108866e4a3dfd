//! What becomes of a direct invocation in every shape of every provider: the second table of SUPPORT.md.

use std::fmt::Write as _;

use omnifn::conformance::{CaseReport, ShapeReport};

use crate::suite::PROVIDERS;

/// Writes the table: a column for each provider. The forms of a provider that differ are all in its cell.
pub(crate) fn table() -> Result<String, std::fmt::Error> {
    // How a reply is sent makes no difference to an invocation.
    let providers = PROVIDERS.iter().filter(|provider| provider.name != "aws, streamed");
    let providers: Vec<_> = providers.map(|provider| (provider.name, &provider.reports().invocations.shapes)).collect();
    let names: Vec<_> = providers.iter().map(|(name, _)| *name).collect();
    let mut text = String::from(HEAD);
    writeln!(text, "| | {} |\n|---|{}", names.join(" | "), "---|".repeat(providers.len()))?;
    let cases = providers.first().and_then(|(_, shapes)| shapes.first()).map(|shape| &shape.cases);
    for (row, case) in cases.into_iter().flatten().enumerate() {
        let cells = providers.iter().map(|(_, shapes)| {
            let mut cells: Vec<_> = shapes.iter().map(|shape| cell(shape, &shape.cases[row])).collect();
            cells.dedup();
            cells.join(", ")
        });
        writeln!(text, "| {} | {} |", case.name, cells.collect::<Vec<_>>().join(" | "))?;
    }
    Ok(text)
}

/// What the caller receives: the result, or the name or the status of the failure.
fn cell(shape: &ShapeReport, case: &CaseReport) -> String {
    match (&case.result, &case.error) {
        (Ok(()), None) => "yes".to_owned(),
        (Ok(()), Some(error)) if shape.provider == "aws" => {
            let text = error.to_string();
            let name = text.split_once("(\"").and_then(|(_, rest)| rest.split_once("\")"));
            name.map_or_else(|| "**?**".to_owned(), |(name, _)| format!("`{name}`"))
        }
        (Ok(()), Some(error)) => error.status_code().as_u16().to_string(),
        _ => "**?**".to_owned(),
    }
}

const HEAD: &str = "
## Direct invocations

A function with `invoke`, in every shape in which each provider invokes it. Of a failure, the caller receives the name as `errorType` on
AWS, and a problem document with this status elsewhere.

";
