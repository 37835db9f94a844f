//! Values as JSON text: what alerts write, and what tells values apart.
//!
//! Two values are the same in `by`, `distinct`, `new` and `top` when their
//! canonical texts are: numbers in their shortest form, so that 2 and 2.0 are one;
//! texts with the fewest escapes; lists and objects compact, as delivered. Source:
//! language reference, "Two-valued logic".

use event::{Json, Kind, Number, Value};

/// Append the canonical JSON text of a value; `null` where it is missing.
pub(crate) fn write(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Missing => out.extend_from_slice(b"null"),
        Value::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Value::Number(number) => write_number(number, out),
        Value::Text(text) => write_text(text, out),
        Value::Time(time) => write_display(&time, out),
        Value::Duration(seconds) => write_text(&plan::duration_text(seconds), out),
        Value::Ip(ip) => write_display(&ip, out),
        Value::Cidr(cidr) => write_display(&cidr, out),
        Value::Json(json) => write_json(json, out),
        Value::List(list) => {
            out.push(b'[');
            for (at, element) in list.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(*element, out);
            }
            out.push(b']');
        }
        Value::Object(entries) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(*value, out);
            }
            out.push(b'}');
        }
    }
}

/// The canonical JSON text of a value.
pub(crate) fn text(value: Value<'_>) -> Box<str> {
    let mut out = Vec::new();
    write(value, &mut out);
    into_text(out)
}

/// Bytes that are UTF-8 but for what the record itself broke.
pub(crate) fn into_text(bytes: Vec<u8>) -> Box<str> {
    String::from_utf8(bytes)
        .unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
        .into()
}

/// Canonical JSON texts, one after another in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Texts(Box<str>);

impl Texts {
    /// No canonical text holds this byte.
    const BETWEEN: char = '\u{1}';

    /// The texts that `write` appends for each item.
    pub(crate) fn pack<I>(
        items: impl Iterator<Item = I>,
        mut write: impl FnMut(I, &mut Vec<u8>),
    ) -> Self {
        let mut out = Vec::with_capacity(128);
        for (at, item) in items.enumerate() {
            if at > 0 {
                out.push(Self::BETWEEN as u8);
            }
            write(item, &mut out);
        }
        Self(into_text(out))
    }

    /// The text at a place.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        self.iter().nth(at)
    }

    /// The texts in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.split(Self::BETWEEN)
    }
}

/// Append a JSON string.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn write_display(value: &impl std::fmt::Display, out: &mut Vec<u8>) {
    write_text(&value.to_string(), out);
}

fn write_number(number: Number, out: &mut Vec<u8>) {
    let text = match number.whole() {
        Some(whole) => whole.to_string(),
        None => serde_json::Value::from(number.float()).to_string(),
    };
    out.extend_from_slice(text.as_bytes());
}

fn write_json(json: Json<'_>, out: &mut Vec<u8>) {
    match json.kind() {
        Kind::Number => match json.number() {
            Some(number) => write_number(number, out),
            None => write_text(&String::from_utf8_lossy(json.raw()), out),
        },
        Kind::Odd => write_text(&String::from_utf8_lossy(json.raw()), out),
        _ => json.write_compact(out),
    }
}
