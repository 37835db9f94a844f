//! Values as JSON text: what alerts write, and what tells values apart.
//!
//! Two values are the same in `by`, `distinct`, `new` and `top` when their
//! canonical texts are: numbers in their shortest form, so that 2 and 2.0 are one;
//! texts with the fewest escapes; lists and objects compact, as delivered. Source:
//! language reference, "Two-valued logic".

use event::{Json, Kind, Number, Value};

/// Append the canonical JSON text of a value; `null` where it is missing.
pub(crate) fn write(value: Value<'_>, out: &mut String) {
    match value {
        Value::Missing => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if truth { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::Text(text) => write_text(text, out),
        Value::Time(time) => write_display(&time, out),
        Value::Duration(seconds) => write_text(&plan::duration_text(seconds), out),
        Value::Ip(ip) => write_display(&ip, out),
        Value::Cidr(cidr) => write_display(&cidr, out),
        Value::Json(json) => write_json(json, out),
        Value::List(list) => {
            out.push('[');
            for (at, element) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(*element, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(*value, out);
            }
            out.push('}');
        }
    }
}

/// The canonical JSON text of a value.
pub(crate) fn text(value: Value<'_>) -> Box<str> {
    let mut out = String::new();
    write(value, &mut out);
    out.into()
}

/// Canonical JSON texts, one after another in one piece of memory: owned, or lent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Texts<T = Box<str>>(T);

/// Stands between two texts; no canonical text holds this byte.
pub(crate) const BETWEEN: char = '\u{1}';

impl Texts {
    /// The texts, lent.
    pub(crate) fn lend(&self) -> Texts<&str> {
        Texts(&self.0)
    }
}

impl<'a> Texts<&'a str> {
    /// The texts in what was joined.
    pub(crate) fn of(joined: &'a str) -> Self {
        Self(joined)
    }

    /// The text at a place.
    pub(crate) fn get(self, at: usize) -> Option<&'a str> {
        self.iter().nth(at)
    }

    /// The texts in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> + Clone {
        self.0.split(BETWEEN)
    }

    /// Whether they are the texts that these values are, each between quotes as it is.
    pub(crate) fn are(self, values: &[Value<'_>]) -> bool {
        let mut rest = self.0;
        let mut is_next = |value: &str| {
            let behind = rest.strip_prefix('"')?.strip_prefix(value)?.strip_prefix('"')?;
            rest = behind.strip_prefix(BETWEEN).unwrap_or(behind);
            Some(())
        };
        values.iter().all(|value| matches!(value, Value::Text(text) if is_next(text).is_some()))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The same, owned.
    pub(crate) fn own(self) -> Texts {
        Texts(self.0.into())
    }
}

/// Append a JSON string.
pub(crate) fn write_text(text: &str, out: &mut String) {
    if is_plain(text.as_bytes()) {
        write_quoted(text, out);
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// Append a text that a JSON string holds as it is.
fn write_quoted(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    out.push_str(text);
    out.push('"');
}

/// What a JSON string holds, where that is the text as it is.
fn plain_inside(raw: &[u8]) -> Option<&str> {
    let inside = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if is_plain(inside) { std::str::from_utf8(inside).ok() } else { None }
}

/// Whether a JSON string holds the text as it is: no quote, no backslash, no control.
fn is_plain(text: &[u8]) -> bool {
    const STEP: usize = 16;
    let (blocks, rest) = text.as_chunks::<STEP>();
    // The last bytes, some of them for the second time.
    let last = text.last_chunk().copied().unwrap_or_else(|| {
        let mut last = [b' '; STEP];
        last[..rest.len()].copy_from_slice(rest);
        last
    });
    // All of a block, so that the compiler looks at it in one step.
    let is_odd = |byte: &u8| (*byte < b' ') | (*byte == b'"') | (*byte == b'\\');
    let has_odd = |block: &[u8; STEP]| block.iter().fold(false, |odd, byte| odd | is_odd(byte));
    !blocks.iter().chain([&last]).fold(false, |odd, block| odd | has_odd(block))
}

fn write_display(value: &impl std::fmt::Display, out: &mut String) {
    write_text(&value.to_string(), out);
}

fn write_number(number: Number, out: &mut String) {
    match number.whole() {
        Some(whole) => out.push_str(&whole.to_string()),
        None => out.push_str(&serde_json::Value::from(number.float()).to_string()),
    }
}

fn write_json(json: Json<'_>, out: &mut String) {
    if let Some(text) = plain_inside(json.raw()) {
        return write_quoted(text, out);
    }
    match json.kind() {
        Kind::Number => match json.number() {
            Some(number) => write_number(number, out),
            None => write_text(&String::from_utf8_lossy(json.raw()), out),
        },
        Kind::Odd => write_text(&String::from_utf8_lossy(json.raw()), out),
        _ => {
            let mut bytes = Vec::new();
            json.write_compact(&mut bytes);
            // What the record itself broke is read as U+FFFD.
            out.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_serde_json_writes_them() {
        for byte in 0..=0x7F_u8 {
            for length in 0..36 {
                for at in 0..length {
                    let mut text = "x".repeat(length);
                    text.replace_range(at..=at, &char::from(byte).to_string());
                    let mut out = String::new();
                    write_text(&text, &mut out);
                    assert_eq!(out, serde_json::Value::from(text).to_string());
                }
            }
        }
        let mut out = String::new();
        write_text("\u{e9}\u{1F600}\u{80}", &mut out);
        assert_eq!(out, "\"\u{e9}\u{1F600}\u{80}\"");
    }
}
