//! The table of what works where, as Markdown and for programs: an output of the suite.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::json;

use crate::{exceptions::EXCEPTIONS, invocations, suite::Column};

/// Writes the file: a table for each provider, the notes that they refer to, and all cases.
pub(crate) fn table(columns: &[Column<'_>]) -> Result<String, std::fmt::Error> {
    let mut text = String::from(HEAD);
    let mut provider = "";
    for column in columns {
        if column.provider != provider {
            provider = column.provider;
            write!(text, "\n### {provider}\n\n| form | as everywhere | notes |\n|---|---|---|\n")?;
        }
        let cases = &column.report.cases;
        let same = cases.iter().filter(|case| case.result.is_ok()).count();
        let unexplained = cases.iter().any(|case| case.result.is_err() != column.exception(&case.name).is_some());
        let notes: BTreeSet<_> = cases.iter().filter_map(|case| column.exception(&case.name)).collect();
        let mut notes: Vec<_> = notes.iter().map(|number| (number + 1).to_string()).collect();
        if unexplained {
            notes.push("**?**".to_owned());
        }
        let notes = if notes.is_empty() { "–".to_owned() } else { notes.join(", ") };
        writeln!(text, "| {} | {same} of {} cases | {notes} |", column.report.shape, cases.len())?;
    }
    text.push_str("\n## Notes\n\n");
    for (i, row) in EXCEPTIONS.iter().enumerate() {
        let exception = &row.exception;
        writeln!(text, "{}. {}", i + 1, exception.reason)?;
        writeln!(text, "   - concerns: {}", exception.cases.join("; "))?;
        writeln!(text, "   - on: {}", exception.shapes.join(", "))?;
    }
    text.push_str("\n## All cases\n\n");
    for case in columns.first().map(|column| &column.report.cases).into_iter().flatten() {
        writeln!(text, "- {}", case.name)?;
    }
    Ok(text + &invocations::table()?)
}

/// The same for programs, what differs alone: what `cargo omnifn check` reads.
pub(crate) fn json(columns: &[Column<'_>]) -> String {
    let shape = |column: &Column<'_>| {
        let numbers = column.report.cases.iter().filter_map(|case| column.exception(&case.name));
        let numbers: BTreeSet<_> = numbers.collect();
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
# What each cloud carries of a request

One suite of cases runs over every form in which each provider sends HTTP requests. In each case, the function and its client have to see the
same as on every other provider. Where the provider's own form cannot carry something, a note gives the reason and says what happens instead.
`OMNIFN_BLESS=1 cargo test --test conformance` writes this file.

## HTTP requests
";
