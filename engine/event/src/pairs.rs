//! The keys and values of an object, one after another, each text looked through at many bytes
//! a step.
//!
//! It knows nothing of what is wanted, and puts down whatever stands there, in order. Where an
//! object is damaged it says so, and what came before was put down.

use crate::lex::{Cut, skip_space, string_end, value_end};
use crate::likely::{chunk, plain_text_end};
use crate::nested;
use crate::simd::{Vector, Work};
use crate::text::unescape;
use std::ops::Range;

/// Putting down the pairs of the object whose bracket stands at a place of a record, as work for
/// a vector.
pub(crate) struct Pairs<'r> {
    pub(crate) record: &'r [u8],
    pub(crate) start: usize,
    pub(crate) pairs: &'r mut Vec<Pair>,
}

/// A key, between its quotes, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
    /// Whether the key has an escape.
    pub(crate) key_escapes: bool,
    /// Whether the value is a text that has one.
    pub(crate) value_escapes: bool,
}

impl Pair {
    /// Whether its key is this text.
    #[inline]
    pub(crate) fn has_key(&self, record: &[u8], text: &str) -> bool {
        let key = &record[self.key.clone()];
        key == text.as_bytes() || self.key_escapes && unescape(key) == text.as_bytes()
    }
}

impl Work for Pairs<'_> {
    /// Whether the object is in good order.
    type Out = Result<(), Cut>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Self::Out {
        let bytes = self.record;
        let (mut at, mut mark) = mark(bytes, self.start + 1);
        while mark == b'"' {
            let (key_end, key_escapes) = text_end::<V>(bytes, at + 1)?;
            let (colon, b':') = self::mark(bytes, key_end) else {
                return Err(Cut::Damaged(key_end));
            };
            let (start, first) = self::mark(bytes, colon + 1);
            let (end, value_escapes) = match first {
                b'"' => text_end::<V>(bytes, start + 1)?,
                b'{' | b'[' => (V::apart(nested::Pass(bytes, start + 1))?, false),
                _ => (value_end(bytes, start)?, false),
            };
            let (key, value) = (at + 1..key_end - 1, start..end);
            self.pairs.push(Pair { key, value, key_escapes, value_escapes });
            (at, mark) = self::mark(bytes, end);
            if mark != b',' {
                break;
            }
            (at, mark) = self::mark(bytes, at + 1);
        }
        if mark == b'}' { Ok(()) } else { Err(Cut::Damaged(at)) }
    }
}

/// The first place at or after `at` that is no white space, and what stands there: 0 at the end.
#[inline(always)]
fn mark(bytes: &[u8], mut at: usize) -> (usize, u8) {
    let mut mark = bytes.get(at).copied().unwrap_or_default();
    if mark <= b' ' {
        at = skip_space(bytes, at);
        mark = bytes.get(at).copied().unwrap_or_default();
    }
    (at, mark)
}

/// The place after the text whose first character is at `at`, and whether it has an escape.
#[inline(always)]
fn text_end<V: Vector>(bytes: &[u8], at: usize) -> Result<(usize, bool), Cut> {
    if let Some(end) = chunk(bytes, at).and_then(|block| plain_text_end::<V>(bytes, at, block)) {
        return Ok((end, false));
    }
    let end = string_end(bytes, at)?;
    Ok((end + 1, bytes[at..end].contains(&b'\\')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Width;

    /// What is put down of an object, as `key=value` with `\` for each of the two escapes.
    #[track_caller]
    fn check(object: &str, expected: &[&str], in_order: bool) {
        let record = format!(r#"{{"a":{object},"b":1}}"#);
        for width in Width::all() {
            let mut pairs = Vec::new();
            let found = width.run(Pairs { record: record.as_bytes(), start: 5, pairs: &mut pairs });
            let mark = |escapes: bool| if escapes { "\\" } else { "" };
            let shown = pairs.iter().map(|pair| {
                let (key, value) = (&record[pair.key.clone()], &record[pair.value.clone()]);
                format!("{}{key}={}{value}", mark(pair.key_escapes), mark(pair.value_escapes))
            });
            assert_eq!(shown.collect::<Vec<_>>(), expected, "{object}");
            assert_eq!(found.is_ok(), in_order, "{object}");
        }
    }

    #[test]
    fn pairs_are_put_down_as_they_stand() {
        check("{}", &[], true);
        check(
            r#"{"k":"v","l":[{"k":2}],"k":null}"#,
            &[r#"k="v""#, r#"l=[{"k":2}]"#, "k=null"],
            true,
        );
        check(" { \"k\" :\n1.5 , \"l\": {\"m\": \"}\"} } ", &[], false);
        check("{ \"k\" :\n1.5 , \"l\": {\"m\": \"}\"} } ", &["k=1.5", r#"l={"m": "}"}"#], true);
        let long = "x".repeat(200);
        check(&format!(r#"{{"k":"{long}"}}"#), &[&format!(r#"k="{long}""#)], true);
    }

    #[test]
    fn escapes_are_told_and_damage_ends_it() {
        check(r#"{"\u006b":"v","l":"\"}"}"#, &[r#"\\u006b="v""#, r#"l=\"\"}""#], true);
        for object in [r#"{"k":1 "l":2}"#, r#"{"k":1,7}"#, r#"{"k":1,,"l":2}"#] {
            check(object, &["k=1"], false);
        }
        check(r#"{"k" 1}"#, &[], false);
        check(r#"{,"k":1}"#, &[], false);
    }
}
