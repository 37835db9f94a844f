//! Tables as plain text for a terminal, or as Markdown for a page.

use std::fmt::Write as _;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Columns set with spaces.
    Plain,
    /// A Markdown table.
    Markdown,
}

/// Rows under a head. The first column is text, the others are set to the right in
/// plain style, but for the last.
#[derive(Debug, Clone)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|cell| (*cell).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row; it has as many cells as the head.
    pub fn push<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// The table as text, with a line feed at its end.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let all = || std::iter::once(&self.head).chain(&self.rows);
        let width = |at: usize| {
            let cells = all().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut out = String::new();
        for (number, row) in all().enumerate() {
            // Writing to a string cannot fail.
            let _ = match style {
                Style::Markdown => writeln!(out, "| {} |", row.join(" | ")),
                Style::Plain => writeln!(out, "{}", set(row, &widths).trim_end()),
            };
            if number == 0 && style == Style::Markdown {
                out.push_str(&format!("|{}\n", "---|".repeat(self.head.len())));
            }
        }
        out
    }
}

fn set(row: &[String], widths: &[usize]) -> String {
    let last = row.len().saturating_sub(1);
    let cells = row.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
        if at == 0 || at == last { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    cells.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_show_all_cells() {
        let mut table = Table::new(&["what", "n", "word"]);
        table.push(["one".into(), "1.25".into(), "good".into()]);
        assert_eq!(table.render(Style::Plain), "what     n  word\none   1.25  good\n");
        let markdown = "| what | n | word |\n|---|---|---|\n| one | 1.25 | good |\n";
        assert_eq!(table.render(Style::Markdown), markdown);
    }
}
