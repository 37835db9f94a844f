//! Bytes of unknown origin as text that cannot move a terminal.
//!
//! It escapes and never drops: what was there can be told from what is shown (I7).

use event::is_hidden;
use std::fmt::Write;

/// The bytes as text: controls, marks of direction and characters without width are
/// written `\u{..}`, bytes that are not UTF-8 `\xNN`.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    let is_plain = |text: &&str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if let Some(plain) = str::from_utf8(bytes).ok().filter(is_plain) {
        return plain.to_owned();
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if is_hidden(letter) {
                out.extend(letter.escape_unicode());
            } else {
                out.push(letter);
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_terminal_is_left() {
        assert_eq!(shown("a b \u{e9}".as_bytes()), "a b \u{e9}");
        assert_eq!(shown(b"\x1b[31m\n"), "\\u{1b}[31m\\u{a}");
        assert_eq!(shown("\u{9b}2J\u{202e}x\u{200b}".as_bytes()), "\\u{9b}2J\\u{202e}x\\u{200b}");
        assert_eq!(shown(b"a\xff\xfeb"), "a\\xff\\xfeb");
    }
}
