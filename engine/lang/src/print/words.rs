//! Texts, numbers, lengths of time and keys.

use crate::ast::{Duration, Key, Number};
use crate::lexer::{is_hidden, is_name, is_plain};
use std::fmt::Write;

/// Whether a text may go over several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// On one line, with escapes for line feeds.
    One,
    /// As many as the text has.
    Many,
}

/// A quoted text: `"…"`, or `"""…"""` where that saves escapes.
pub(super) fn text(value: &str, lines: Lines) -> String {
    if is_plain(value) && !value.bytes().any(|b| matches!(b, b'"' | b'\\' | b'\t' | b'\n')) {
        return ["\"", value, "\""].concat();
    }
    let breaks = value.contains('\n');
    let awkward = value.contains(['\\', '"']) || breaks;
    let possible = !value.contains("\"\"\"") && !value.ends_with('"') && !value.contains(is_hidden);
    if awkward && possible && (lines == Lines::Many || !breaks) {
        return format!("\"\"\"{value}\"\"\"");
    }
    json_text(value)
}

/// A text with JSON escapes.
fn json_text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

pub(super) fn number(number: Number) -> String {
    match number {
        Number::Int(int) => int.to_string(),
        Number::Float(float) => format!("{float:?}"),
    }
}

pub(super) fn duration(length: Duration) -> String {
    format!("{}{}", length.count, length.unit.letter())
}

/// A key after a point; in quotes where it was, or must be.
pub(super) fn key(key: &Key) -> String {
    if key.quoted || !is_name(&key.name) { text(&key.name, Lines::One) } else { key.name.clone() }
}
