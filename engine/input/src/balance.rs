//! Passing over one JSON value that comes in pieces, in constant memory.
//!
//! It counts brackets outside texts, as the scan does, and keeps its place between
//! the pieces, so that a value of any length is passed once.

use memchr::memchr2;

/// How far a value has been passed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Balance {
    kind: Kind,
    depth: u64,
    in_text: bool,
    escaped: bool,
    /// The last byte outside texts that is no white space.
    before: u8,
    newline: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Nested,
    Text,
    Word,
    Ended,
}

/// What passing a piece came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// The value ends here.
    End(usize),
    /// It goes on after the piece.
    More,
    /// An object opens here where none can be: another record.
    Other(usize),
}

impl Balance {
    /// Pass the bytes from `at` on.
    ///
    /// The next call begins where this one ended: after the piece, or at the place of
    /// [`Passed::Other`], which is then passed like any other.
    pub(crate) fn pass(&mut self, bytes: &[u8], mut at: usize) -> Passed {
        if self.kind == Kind::Unknown {
            self.kind = match bytes.get(at) {
                None => return Passed::More,
                Some(b'{' | b'[') => Kind::Nested,
                Some(b'"') => Kind::Text,
                Some(_) => Kind::Word,
            };
        }
        if self.kind == Kind::Word {
            return word_end(bytes, at);
        }
        if self.kind == Kind::Ended {
            return Passed::End(at);
        }
        while at < bytes.len() {
            if self.in_text {
                match self.text(bytes, at) {
                    Some(after) => at = after,
                    None => return Passed::More,
                }
            } else {
                if bytes[at] == b'{' && self.depth > 0 && !self.may_open() {
                    self.before = b',';
                    return Passed::Other(at);
                }
                self.mark(bytes[at]);
                at += 1;
            }
            if self.depth == 0 && !self.in_text {
                self.kind = Kind::Ended;
                return Passed::End(at);
            }
        }
        Passed::More
    }

    /// Pass the rest of a text; the place after its closing quote, if it is there.
    fn text(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        if self.escaped {
            self.escaped = false;
            at += 1;
        }
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            at += found;
            if bytes[at] == b'"' {
                self.in_text = false;
                return Some(at + 1);
            }
            if at + 1 == bytes.len() {
                self.escaped = true;
                return None;
            }
            at += 2;
        }
        None
    }

    /// Whether an object may open here: after `[`, `,` or, on its line, `:`.
    fn may_open(&self) -> bool {
        b"[,".contains(&self.before) || self.before == b':' && !self.newline
    }

    fn mark(&mut self, byte: u8) {
        self.newline = byte == b'\n';
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b' ' | b'\n' | b'\r' | b'\t' => return,
            _ => {}
        }
        self.before = byte;
    }
}

/// The end of a number or a word.
fn word_end(bytes: &[u8], at: usize) -> Passed {
    let ends = |byte: &u8| b",}] \n\r\t\"{[:".contains(byte);
    match bytes[at..].iter().position(ends) {
        Some(length) => Passed::End(at + length),
        None => Passed::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the value at the start of `text`, passed in pieces of each length.
    #[track_caller]
    fn check(text: &str, expected: Option<usize>) {
        for piece in 1..=text.len() {
            let mut balance = Balance::default();
            let ends =
                text.as_bytes().chunks(piece).enumerate().find_map(|(number, bytes)| match balance
                    .pass(bytes, 0)
                {
                    Passed::End(at) => Some(number * piece + at),
                    Passed::More | Passed::Other(_) => None,
                });
            assert_eq!(ends, expected, "{text} in pieces of {piece}");
        }
    }

    #[test]
    fn values_end_where_they_end_however_they_are_cut() {
        check(r#"{"a":"}\"","b":[{},"\\"]} "#, Some(25));
        check(r#""a\\\"b" "#, Some(8));
        check("[[],[[]]]]", Some(9));
        check("12, ", Some(2));
        check("null}", Some(4));
        check(r#"{"a":"\"#, None);
    }

    #[test]
    fn another_record_is_told_and_can_be_passed() {
        let text = b"{\"a\":[1\n{\"b\":1}]} ";
        let mut balance = Balance::default();
        assert_eq!(balance.pass(text, 0), Passed::Other(8));
        assert_eq!(balance.pass(text, 8), Passed::End(17));
    }
}
