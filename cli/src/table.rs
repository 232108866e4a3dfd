//! Tables for eyes: columns as wide as their widest cell, and words that go on in the next line.

/// Rows of cells; the first of them are the heads, where there are any.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    has_heads: bool,
    /// Which columns end at their right side: numbers.
    right: Vec<usize>,
}

impl Table {
    pub(crate) fn new(heads: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Table { rows: vec![heads.into_iter().map(Into::into).collect()], has_heads: true, right: Vec::new() }
    }

    /// The columns of numbers.
    pub(crate) fn right(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.right = columns.into_iter().collect();
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The lines, the heads in bold.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<_> = (0..columns)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let gap = " ".repeat(widths[column] - width(cell));
                let cell = if number == 0 && self.has_heads { format!("\x1b[1m{cell}\x1b[0m") } else { cell.clone() };
                let (before, after) =
                    if self.right.contains(&column) { (gap, String::new()) } else { (String::new(), gap) };
                line.push_str(&format!("{before}{cell}{after}  "));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// How many places a cell takes: its characters, without those that colour it.
fn width(cell: &str) -> usize {
    anstream::adapter::strip_str(cell).to_string().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_their_colours() {
        let mut table = Table::new(["name", "costs"]).right([1]);
        table.row(["a", "\x1b[32m10\x1b[0m"]);
        table.row(["long-name", "1"]);
        let plain = anstream::adapter::strip_str(&table.text()).to_string();
        assert_eq!(plain, "name       costs\na             10\nlong-name      1\n");
    }
}
