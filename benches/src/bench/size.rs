//! How large the programs are.

use super::{
    subject::Subject,
    table::{Table, whole},
};

/// The table of sizes and crates.
pub(super) fn table(subjects: &[&Subject]) -> String {
    let mut table = Table::new(&["subject", "bytes, stripped", "crates"]);
    for subject in subjects {
        let Some(size) = subject.size() else { continue };
        let crates = subject.crates().map_or_else(|| "not counted".to_owned(), |count| count.to_string());
        table.row(&[subject.name.to_owned(), whole(size as f64), crates]);
    }
    table.text()
}
