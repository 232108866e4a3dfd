//! The table of what works where, as Markdown and for programs: an output of the suite.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::json;

use crate::{exceptions::EXCEPTIONS, invocations, suite::Column};

/// Writes the file: a table for each provider, the notes that they refer to, and all cases.
pub(crate) fn table(columns: &[&Column]) -> Result<String, std::fmt::Error> {
    let mut text = String::from(HEAD);
    let mut provider = "";
    for column in columns {
        if column.provider != provider {
            provider = column.provider;
            write!(text, "\n### {provider}\n\n| form | as everywhere | notes |\n|---|---|---|\n")?;
        }
        let same = column.cells.iter().filter(|cell| cell.outcome.is_ok()).count();
        let unexplained = column.cells.iter().any(|cell| cell.outcome.is_err() != cell.exception.is_some());
        let notes: BTreeSet<_> = column.cells.iter().filter_map(|cell| cell.exception).collect();
        let mut notes: Vec<_> = notes.iter().map(|number| (number + 1).to_string()).collect();
        if unexplained {
            notes.push("**?**".to_owned());
        }
        let notes = if notes.is_empty() { "–".to_owned() } else { notes.join(", ") };
        writeln!(text, "| {} | {same} of {} cases | {notes} |", column.shape, column.cells.len())?;
    }
    text.push_str("\n## Notes\n\n");
    for (i, exception) in EXCEPTIONS.iter().enumerate() {
        writeln!(text, "{}. {}", i + 1, exception.reason)?;
        writeln!(text, "   - concerns: {}", exception.cases.join("; "))?;
        writeln!(text, "   - on: {}", exception.shapes.join(", "))?;
    }
    text.push_str("\n## All cases\n\n");
    for cell in columns.first().map(|column| &column.cells).into_iter().flatten() {
        writeln!(text, "- {}", cell.name)?;
    }
    Ok(text + &invocations::table()?)
}

/// The same for programs, what differs alone: what `cargo omnifn check` reads.
pub(crate) fn json(columns: &[&Column]) -> String {
    let shape = |column: &&Column| {
        let numbers = column.cells.iter().filter_map(|cell| cell.exception);
        let numbers: BTreeSet<_> = numbers.collect();
        // Two exceptions can say the same of a shape.
        let mut reasons: Vec<_> = numbers.iter().map(|number| EXCEPTIONS[*number].reason).collect();
        reasons.dedup();
        json!({ "provider": column.provider, "shape": column.shape, "cases": column.cells.len(), "differs": reasons })
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
