//! Markdown.

use std::fmt::Write as _;

use super::{
    case::Case,
    measure::{Row, Times},
};

/// A table of these columns.
#[derive(Debug)]
pub(super) struct Table {
    text: String,
}

impl Table {
    /// Its head. All columns but the first hold numbers.
    pub(super) fn new(columns: &[&str]) -> Self {
        let rule: Vec<&str> = (0..columns.len()).map(|index| if index == 0 { "---" } else { "---:" }).collect();
        Table { text: format!("| {} |\n|{}|\n", columns.join(" | "), rule.join("|")) }
    }

    /// One more row.
    pub(super) fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    /// All of it.
    pub(super) fn text(self) -> String {
        self.text
    }
}

/// A whole number, its thousands apart.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.as_bytes()[index - 1] != b'-' {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn cell(value: Option<f64>, base: Option<f64>, shown: impl Fn(f64) -> String) -> String {
    match (value, base) {
        (Some(value), Some(base)) if base > 0.0 => format!("{} ({:.2})", shown(value), value / base),
        (Some(value), _) => shown(value),
        (None, _) => "not measured".to_owned(),
    }
}

/// A case's figures; in brackets, how many times the base's.
pub(super) fn of_case(case: &Case, rows: &[Row]) -> String {
    let columns = [
        "subject",
        "instructions",
        "allocations",
        "system calls",
        "CPU, µs",
        "latency, µs",
        "start, µs",
        "start from the disk, µs",
        "memory, kB",
    ];
    let mut table = Table::new(&columns);
    let base = rows.iter().find(|row| row.subject.name == case.base);
    for row in rows {
        let one = |value: f64| format!("{value:.1}");
        let count =
            |of: fn(&Row) -> Option<f64>, shown: &dyn Fn(f64) -> String| cell(of(row), base.and_then(of), shown);
        let time = |of: fn(&Times) -> f64, shown: &dyn Fn(f64) -> String| {
            format!("{} ({:.2})", shown(of(&row.times)), of(&row.ratios))
        };
        table.row(&[
            row.subject.name.to_owned(),
            count(|row| row.cost.instructions, &whole),
            count(|row| row.cost.allocations, &one),
            count(|row| row.cost.calls, &one),
            time(|times| times.cpu, &one),
            time(|times| times.latency, &one),
            time(|times| times.warm_start, &whole),
            time(|times| times.cold_start, &whole),
            time(|times| times.memory, &whole),
        ]);
    }
    format!("### {}\n\nRatios are to `{}`.\n\n{}", case.title, case.base, table.text())
}
