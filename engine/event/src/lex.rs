//! Where a JSON value ends: strings, nesting and white space, over plain bytes.
//!
//! The smallest moves of the scan. It never recurses, so depth costs nothing, and
//! it never looks past the value it was asked about. It does not check what it
//! skips: brackets are counted, not matched by kind.

use memchr::memchr2;

/// Why a value has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The bytes end first.
    Short,
    /// What stands here is not JSON; the place where it was noticed.
    Damaged(usize),
}

/// The first place at or after `at` that is no white space.
#[inline]
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The place of the quote that closes the string whose first character is at `at`.
#[inline]
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Result<usize, Cut> {
    loop {
        let rest = bytes.get(at..).ok_or(Cut::Short)?;
        let found = quote_or_escape(rest).ok_or(Cut::Short)?;
        if rest[found] == b'"' {
            return Ok(at + found);
        }
        at += found + 2;
    }
}

/// The first quote or backslash; most texts are short.
#[inline]
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const SHORT: usize = 24;
    const ONES: u64 = u64::MAX / 0xFF;
    let Some((words, _)) = bytes.get(..SHORT).map(<[u8]>::as_chunks::<8>) else {
        return memchr2(b'"', b'\\', bytes);
    };
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The high bit of each byte that is the one looked for; above the first, of others too.
        let is = |byte: u8| {
            let differs = word ^ (ONES * u64::from(byte));
            differs.wrapping_sub(ONES) & !differs & (ONES * 0x80)
        };
        let found = is(b'"') | is(b'\\');
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    memchr2(b'"', b'\\', &bytes[SHORT..]).map(|found| found + SHORT)
}

/// The place after the value that begins at `at`.
///
/// A value that is no string, object or list ends before white space, `,`, `]`,
/// `}` or the end of the bytes; at the end it is [`Cut::Short`], since more of it
/// may follow.
#[inline]
pub(crate) fn value_end(bytes: &[u8], at: usize) -> Result<usize, Cut> {
    match bytes.get(at) {
        None => Err(Cut::Short),
        Some(b'"') => Ok(string_end(bytes, at + 1)? + 1),
        Some(b'{' | b'[') => nested_end(bytes, at),
        Some(b',' | b':' | b']' | b'}') => Err(Cut::Damaged(at)),
        Some(_) => scalar_end(bytes, at).ok_or(Cut::Short),
    }
}

/// The place after a number or a word, or nothing when it touches the end.
fn scalar_end(bytes: &[u8], at: usize) -> Option<usize> {
    let ends = |byte: &u8| {
        matches!(
            byte,
            b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'{' | b'[' | b':'
        )
    };
    bytes.get(at..)?.iter().position(ends).map(|length| at + length)
}

/// The place after the object or list that begins at `at`.
///
/// Inside a value an object follows `[`, `,` or `:`, the last on its line. One that does
/// not is another record: the one at hand was cut, and is damaged there.
fn nested_end(bytes: &[u8], mut at: usize) -> Result<usize, Cut> {
    let mut depth = 0_usize;
    let mut before = b':';
    loop {
        let Some(byte) = bytes.get(at) else { return Err(Cut::Short) };
        match byte {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' if !matches!(before, b'[' | b',' | b':') => return Err(Cut::Damaged(at)),
            b'{' if before == b':' && opens_line(bytes, at) => return Err(Cut::Damaged(at)),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            _ => {}
        }
        before = *byte;
        at += 1;
    }
}

/// Whether `at` is the first column of a line that is not the first.
pub(crate) fn opens_line(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] == b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, end: Result<usize, Cut>) {
        assert_eq!(value_end(text.as_bytes(), 0), end, "{text}");
    }

    #[test]
    fn values_end_where_they_end() {
        check(r#""ab" "#, Ok(4));
        check(r#""a\"b","#, Ok(6));
        check(r#""a\\","#, Ok(5));
        check(r#"{"a":"}"} "#, Ok(9));
        check("[[1,{}],2],", Ok(10));
        check("12,", Ok(2));
        check("true}", Ok(4));
        check("12", Err(Cut::Short));
        check(r#""ab"#, Err(Cut::Short));
        check(r#""ab\"#, Err(Cut::Short));
        check(r#"{"a":1"#, Err(Cut::Short));
        check(",", Err(Cut::Damaged(0)));
        check("{\"a\":{\n{\"b\":1}", Err(Cut::Damaged(7)));
        check("{\"a\":[2\n{\"b\":1}", Err(Cut::Damaged(8)));
        check("{\"a\":\n{\"b\":1}", Err(Cut::Damaged(6)));
        check("{\"a\":{\"b\":[\n{\n}\n,\n{}]}}", Ok(23));
    }
}
