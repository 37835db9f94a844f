//! Texts, numbers, lengths of time and keys.

use crate::ast::{Duration, Key, Number};
use crate::lexer::{is_hidden, is_name};
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
    let mut out = String::new();
    write_text(&mut out, value, lines);
    out
}

/// Writes a quoted text.
pub(super) fn write_text(out: &mut String, value: &str, lines: Lines) {
    let odd = |b: u8| !matches!(b, b' '..=b'~') | (b == b'"') | (b == b'\\');
    if value.bytes().fold(false, |found, b| found | odd(b)) {
        return out.push_str(&odd_text(value, lines));
    }
    out.push('"');
    out.push_str(value);
    out.push('"');
}

/// A quoted text with something in it that is not written as it stands everywhere.
fn odd_text(value: &str, lines: Lines) -> String {
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

/// Writes a key after a point; in quotes where it was, or must be.
pub(super) fn write_key(out: &mut String, key: &Key) {
    if key.quoted || !is_name(&key.name) {
        write_text(out, &key.name, Lines::One);
    } else {
        out.push_str(&key.name);
    }
}
