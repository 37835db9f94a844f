//! A JSON value as it stands in a record: bytes, looked into on demand.
//!
//! Nothing is parsed ahead and nothing recurses. What a rule asks for is found by
//! walking the bytes; text is decoded leniently (I4).

use crate::lex::{skip_space, string_end, value_end};
use crate::number::Number;
use crate::text::{decode, is_text, unescape};
use bumpalo::Bump;

/// A JSON value, as its bytes without white space around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Json<'a> {
    raw: &'a [u8],
}

/// What kind of JSON value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
    /// A word that is not JSON.
    Odd,
}

impl std::fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Json({})", String::from_utf8_lossy(self.raw))
    }
}

impl<'a> Json<'a> {
    /// How deep `json()`, `policy()` and `any()` look into a value; one that is deeper
    /// is missing for them.
    pub const DEEPEST: usize = 128;

    /// The value whose bytes these are, which the scan has found whole.
    #[must_use]
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw: raw.trim_ascii() }
    }

    /// The value of a whole JSON text, or nothing when it is not well-formed JSON or
    /// deeper than [`Json::DEEPEST`].
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<serde_json::Value>(text).ok()?;
        Some(Self::new(text.as_bytes()))
    }

    /// Its bytes.
    #[must_use]
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.raw.first() {
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => match self.raw {
                b"true" => Kind::Bool(true),
                b"false" => Kind::Bool(false),
                b"null" => Kind::Null,
                _ => Kind::Odd,
            },
        }
    }

    /// The bytes between the quotes of a text.
    fn inside(self) -> Option<&'a [u8]> {
        self.raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
    }

    /// Its text, if it is one.
    #[must_use]
    pub fn text(self, arena: &'a Bump) -> Option<&'a str> {
        Some(decode(self.inside()?, arena))
    }

    /// Whether it is the text `plain`.
    #[must_use]
    pub fn is_text(self, plain: &str) -> bool {
        self.inside().is_some_and(|inside| is_text(inside, plain))
    }

    /// Its number, if it is one.
    #[must_use]
    pub fn number(self) -> Option<Number> {
        if self.kind() == Kind::Number { Number::parse(self.raw) } else { None }
    }

    /// The value under a key of an object; of several the last. None for `null`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let found = self.entries().filter(|(known, _)| is_text(known, key)).last()?.1;
        (found.kind() != Kind::Null).then_some(found)
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The elements of a list, in order; of anything else none.
    #[must_use]
    pub fn elements(self) -> Elements<'a> {
        Elements { raw: self.raw, at: if self.kind() == Kind::List { 1 } else { self.raw.len() } }
    }

    /// The elements of a list; anything else is a list of itself alone.
    pub fn each(self) -> impl Iterator<Item = Self> {
        let alone = (self.kind() != Kind::List).then_some(self);
        alone.into_iter().chain(self.elements())
    }

    /// The keys, as the bytes between their quotes, and values of an object; of
    /// anything else none.
    #[must_use]
    pub fn entries(self) -> Entries<'a> {
        Entries { raw: self.raw, at: if self.kind() == Kind::Object { 1 } else { self.raw.len() } }
    }

    /// How deep its lists and objects go; a scalar is 0 deep.
    #[must_use]
    pub fn depth(self) -> usize {
        let (mut at, mut depth, mut deepest) = (0, 0_usize, 0);
        while let Some(byte) = self.raw.get(at) {
            match byte {
                b'"' => at = string_end(self.raw, at + 1).unwrap_or(self.raw.len()),
                b'{' | b'[' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        deepest
    }

    /// Its compact JSON text: no white space outside texts, keys in order and numbers
    /// as delivered, texts with the fewest escapes.
    #[must_use]
    pub fn compact(self, arena: &'a Bump) -> &'a str {
        let spaced =
            self.raw.iter().any(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\\'));
        if !spaced && let Ok(text) = std::str::from_utf8(self.raw) {
            return text;
        }
        let mut out = Vec::with_capacity(self.raw.len());
        self.write_compact(&mut out);
        arena.alloc_str(&String::from_utf8_lossy(&out))
    }

    /// Write its compact JSON text.
    pub fn write_compact(self, out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(byte) = self.raw.get(at) {
            match byte {
                b'"' => {
                    let end = string_end(self.raw, at + 1).unwrap_or(self.raw.len());
                    let inside = self.raw.get(at + 1..end).unwrap_or_default();
                    write_text(inside, out);
                    at = end;
                }
                byte if *byte <= b' ' => {}
                byte => out.push(*byte),
            }
            at += 1;
        }
    }
}

/// Write a text, given between its quotes, with the fewest escapes.
fn write_text(inside: &[u8], out: &mut Vec<u8>) {
    let plain = !inside.iter().any(|byte| *byte == b'\\' || *byte < 0x20);
    match std::str::from_utf8(inside) {
        Ok(_) if plain => {
            out.push(b'"');
            out.extend_from_slice(inside);
            out.push(b'"');
        }
        _ => {
            let text = String::from_utf8_lossy(&unescape(inside)).into_owned();
            out.extend_from_slice(serde_json::Value::String(text).to_string().as_bytes());
        }
    }
}

/// The elements of a list.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let start = skip_separator(self.raw, self.at);
        let end = value_end(self.raw, start).ok()?;
        self.at = end;
        Some(Json { raw: &self.raw[start..end] })
    }
}

/// The keys and values of an object.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = skip_separator(self.raw, self.at);
        if self.raw.get(key) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(self.raw, key + 1).ok()?;
        let colon = skip_space(self.raw, key_end + 1);
        if self.raw.get(colon) != Some(&b':') {
            return None;
        }
        let start = skip_space(self.raw, colon + 1);
        let end = value_end(self.raw, start).ok()?;
        self.at = end;
        Some((&self.raw[key + 1..key_end], Json { raw: &self.raw[start..end] }))
    }
}

fn skip_separator(raw: &[u8], at: usize) -> usize {
    let at = skip_space(raw, at);
    if raw.get(at) == Some(&b',') { skip_space(raw, at + 1) } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::new(text.as_bytes())
    }

    #[test]
    fn values_are_looked_into() {
        let value = json(r#" {"a":[1,"x\"]",{"b":null}, true ],"c":2,"c":{"d":"e"},"f":null} "#);
        let elements: Vec<_> = value.get("a").unwrap().elements().map(|e| e.kind()).collect();
        assert_eq!(elements, [Kind::Number, Kind::Text, Kind::Object, Kind::Bool(true)]);
        assert!(value.at(&["c", "d"]).unwrap().is_text("e"));
        assert!(value.get("f").is_none());
        assert!(value.get("a").unwrap().get("b").is_none());
        assert_eq!(value.depth(), 3);
        assert_eq!(json("[]").elements().count(), 0);
        assert_eq!(json("[ ]").elements().count(), 0);
        assert_eq!(json("{}").entries().count(), 0);
    }

    #[test]
    fn compact_text_keeps_keys_and_numbers() {
        let arena = Bump::new();
        assert_eq!(
            json("{ \"b\" : 1.0 , \"a\" : [ 2e0 ,\n \"x y\\u0041\\/\" ] }").compact(&arena),
            r#"{"b":1.0,"a":[2e0,"x yA/"]}"#
        );
        assert!(Json::parse("{\"a\":1").is_none());
        assert!(Json::parse("[1,2]").is_some());
        assert!(Json::parse(&"[".repeat(200)).is_none());
    }
}
