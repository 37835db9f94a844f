//! What is said of wrong rules: codes and places, by a table.

use super::parsed;
use lang::diag::Source;
use lang::render::place;

/// The codes of what is wrong with a text, each with its line and column.
fn codes(text: &str) -> String {
    let source = Source { name: String::new(), text: text.to_owned(), builtin: false };
    let (_, diags) = parsed(text);
    let parts = diags.iter().map(|diag| {
        let (line, column) = place(&source, diag.labels[0].0.start as usize);
        format!("{}@{line}:{column}", diag.code)
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// The clauses of a rule, one case a line with what is wrong with it; line 1 is the rule's.
#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (text, want) in table {
        let text = format!("rule r {{\n{text}\n}}\n");
        assert_eq!(codes(&text), *want, "for {text}");
    }
}
