//! Alerts as JSON Lines: one object, one line, bytes that are safe on a terminal.
//!
//! # Invariants
//!
//! - A line holds no line feed but its last byte, and no hidden character: each is
//!   written as a JSON escape, so that the value is the same.

use super::terminal::escape;
use engine::exec::Alert;
use std::fmt::Write;

/// The line of an alert, with its line feed.
pub(crate) fn line(alert: &Alert) -> String {
    let mut line = safe(alert.line());
    line.push('\n');
    line
}

/// A JSON text with JSON escapes for what [`escape`] would not let pass.
fn safe(json: String) -> String {
    let plain = |byte: u8| byte.is_ascii() && byte != 0x7f;
    if json.bytes().all(plain) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    let mut own = [0; 4];
    for letter in json.chars() {
        let text = letter.encode_utf8(&mut own);
        if text.bytes().all(plain) || escape(text) == *text {
            out.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_stay_the_same_value() {
        let value = serde_json::json!("a\u{202e}b\u{9b}2J\u{7f}\u{200b}\u{e0041}\n\u{1b}é漢");
        let line = safe(value.to_string());
        assert_eq!(line, r#""a\u202eb\u009b2J\u007f\u200b\udb40\udc41\n\u001bé漢""#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
