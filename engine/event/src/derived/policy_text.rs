//! JSON inside a text, URL-encoded or not, as CloudTrail delivers policies.

use crate::json::Json;
use bumpalo::Bump;
use memchr::{memchr, memmem};

/// The JSON value that a text holds, plain or URL-encoded, with white space around it
/// or not; nothing when it holds none, or one deeper than [`Json::DEEPEST`].
#[must_use]
pub fn json_in_text<'a>(text: &'a str, arena: &'a Bump) -> Option<Json<'a>> {
    let text = text.trim_ascii();
    let json = match Json::parse(text) {
        Some(json) => json,
        None => Json::parse(url_decoded(text, arena)?)?,
    };
    // In a file of records an object in the first column begins the next record, and
    // the walk over a value stops there. In a text it is part of the value.
    if memmem::find(json.raw(), b"\n{").is_some() {
        return Some(Json::new(json.compact(arena).as_bytes()));
    }
    Some(json)
}

/// A text with its `%XX` resolved, if it has any; broken ones stay as they stand.
fn url_decoded<'a>(text: &str, arena: &'a Bump) -> Option<&'a str> {
    let first = memchr(b'%', text.as_bytes())?;
    let mut out = Vec::with_capacity(text.len());
    let (plain, mut rest) = text.as_bytes().split_at(first);
    out.extend_from_slice(plain);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, escaped(after)) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                rest = &after[2..];
            }
            _ => out.push(*byte),
        }
    }
    Some(arena.alloc_str(&String::from_utf8_lossy(&out)))
}

/// The byte that two hexadecimal digits at the front name.
fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let arena = Bump::new();
        assert_eq!(json_in_text(text, &arena).map(|json| json.compact(&arena)), expected);
    }

    #[test]
    fn json_is_found_in_texts() {
        check(r#"{"a":1}"#, Some(r#"{"a":1}"#));
        check(" \r\n\t{\"a\" : 1}\n", Some(r#"{"a":1}"#));
        check("%7B%22a%22%3A1%7d", Some(r#"{"a":1}"#));
        check("%20%7B%22a%22%3A1%7d%0A", Some(r#"{"a":1}"#));
        check("%7B%22a%22%3A%22%C3%A9%22%7D", Some(r#"{"a":"é"}"#));
        check("%7B%22a%22%3A%22%FF%22%7D", Some("{\"a\":\"\u{FFFD}\"}"));
        check("%7B%22a%22%3A%22100%%22%7D", Some(r#"{"a":"100%"}"#));
        check("%7B%22a%22%3A%22%zz%22%7D", Some(r#"{"a":"%zz"}"#));
        check(r#"{"a":"%22"}"#, Some(r#"{"a":"%22"}"#));
        for none in ["", " ", "{", "%7B", "%", "%7", "alice", "{\"a\":1} x"] {
            check(none, None);
        }
        check(&"[".repeat(5_000), None);
        check(&format!("{}{}", "[".repeat(129), "]".repeat(129)), None);
    }

    #[test]
    fn an_object_in_the_first_column_is_part_of_the_text() {
        let arena = Bump::new();
        let json = json_in_text("{\"a\":[\n{\n\"b\":\n{\"c\":1}}]}", &arena).unwrap();
        let inner = json.get("a").unwrap().elements().next().unwrap();
        assert_eq!(inner.at(&["b", "c"]).unwrap().raw(), b"1");
    }
}
