//! Text out of JSON strings, leniently: an odd byte never loses an event (I4).
//!
//! Escapes are resolved; a lone surrogate, a broken escape and invalid UTF-8 are
//! read as U+FFFD. Text that needs none of this is borrowed from the record;
//! the rest goes to the caller's arena.

use bumpalo::Bump;
use memchr::memchr;

/// The text between the quotes of a JSON string.
///
/// # Cost
///
/// Nothing is copied unless there is an escape or invalid UTF-8.
#[must_use]
pub fn decode<'a>(inside: &'a [u8], arena: &'a Bump) -> &'a str {
    if memchr(b'\\', inside).is_none() {
        if let Ok(text) = std::str::from_utf8(inside) {
            return text;
        }
        return arena.alloc_str(&String::from_utf8_lossy(inside));
    }
    let bytes = unescape(inside);
    arena.alloc_str(&String::from_utf8_lossy(&bytes))
}

/// The bytes between the quotes of a JSON string with its escapes resolved.
#[must_use]
pub fn unescape(inside: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(found) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..found]);
        let (written, used) = escape(&rest[found + 1..]);
        let mut buffer = [0; 4];
        out.extend_from_slice(written.encode_utf8(&mut buffer).as_bytes());
        rest = &rest[found + 1 + used..];
    }
    out.extend_from_slice(rest);
    out
}

/// The character of the escape whose backslash stands before `rest`, and the bytes it takes.
fn escape(rest: &[u8]) -> (char, usize) {
    match rest.first() {
        Some(b'"') => ('"', 1),
        Some(b'\\') => ('\\', 1),
        Some(b'/') => ('/', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'u') => unicode(rest),
        _ => (char::REPLACEMENT_CHARACTER, 0),
    }
}

/// The character of `uXXXX` or of a pair `uXXXX\uXXXX`.
fn unicode(rest: &[u8]) -> (char, usize) {
    let Some(first) = hex(rest, 1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if let Some(plain) = char::from_u32(first) {
        return (plain, 5);
    }
    if first < 0xDC00
        && rest.get(5..7) == Some(b"\\u")
        && let Some(second @ 0xDC00..=0xDFFF) = hex(rest, 7)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::REPLACEMENT_CHARACTER, 5)
}

fn hex(rest: &[u8], at: usize) -> Option<u32> {
    let digits = rest.get(at..at + 4)?;
    digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
}

/// Whether an escape in a record is no character: half of a pair, or no escape of JSON.
pub(crate) fn has_broken_escape(record: &[u8]) -> bool {
    let mut rest = record;
    while let Some(found) = memchr(b'\\', rest) {
        rest = &rest[found + 1..];
        let (letter, used) = escape(rest);
        let meant = rest.get(..5).is_some_and(|code| code.eq_ignore_ascii_case(b"ufffd"));
        if letter == char::REPLACEMENT_CHARACTER && !meant {
            return true;
        }
        rest = &rest[used..];
    }
    false
}

/// Whether the text of a JSON string, between its quotes, is `plain`.
#[must_use]
pub fn is_text(inside: &[u8], plain: &str) -> bool {
    // Most texts differ in their first byte.
    let differs = inside.first() != plain.as_bytes().first() && inside.first() != Some(&b'\\');
    if differs || memchr(b'\\', inside).is_none() {
        return inside == plain.as_bytes();
    }
    unescape(inside) == plain.as_bytes()
}

/// Whether a character would move, turn or hide what stands beside it: controls, marks of
/// direction, characters without width (I7).
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(inside: &[u8], text: &str) {
        assert_eq!(decode(inside, &Bump::new()), text);
    }

    #[test]
    fn broken_escapes_are_known() {
        for (record, broken) in [
            (r#"{"a":"x\ny \\ud800 \ufffd \ud83d\ude00"}"#, false),
            (r#"{"a":"\ud800"}"#, true),
            (r#"{"a":"\n\udfffx"}"#, true),
            (r#"{"a":"\ud83d\u0041"}"#, true),
            (r#"{"a":"\q"}"#, true),
        ] {
            assert_eq!(has_broken_escape(record.as_bytes()), broken, "{record}");
        }
    }

    #[test]
    fn escapes_and_odd_bytes() {
        check(b"plain", "plain");
        check(br#"a\"b\\c\/\n\t"#, "a\"b\\c/\n\t");
        check(br"\u0041\u00e9", "A\u{e9}");
        check(br"\ud83d\ude00!", "\u{1F600}!");
        check(br"\ud83d!", "\u{FFFD}!");
        check(br"\ude00", "\u{FFFD}");
        check(br"\ud83d\u0041", "\u{FFFD}A");
        check(br"\q", "\u{FFFD}q");
        check(br"\u12", "\u{FFFD}12");
        check(b"a\xffb", "a\u{FFFD}b");
        check(b"a\xff\\n", "a\u{FFFD}\n");
        assert!(is_text(br"\u0065ventName", "eventName"));
    }
}
