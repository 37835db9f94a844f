//! Tests that nobody asked for: passed over, at the cost of finding where they end.
//!
//! A replay needs nothing of the tests of the built-in rules, and they are most of that
//! text. It knows the outline of `test "…" { … }`: texts, comments and braces.
//!
//! # Invariants
//!
//! - What is passed over ends with the brace that the grammar would end it with.
//! - What does not have the outline, or does not end, is left to the lexer.

use super::{Lexer, Tests};

impl Lexer<'_> {
    /// Passes over the test that begins a line here, if tests are not wanted and it is one.
    pub(super) fn passed_test(&mut self) -> bool {
        if self.tests == Tests::Read || !self.first {
            return false;
        }
        let Some(length) = test_length(&self.text.as_bytes()[self.at..]) else { return false };
        self.at += length;
        self.first = false;
        true
    }
}

/// The bytes of the test that the text begins with.
fn test_length(text: &[u8]) -> Option<usize> {
    let name = blanks(text, b"test".len() * usize::from(text.starts_with(b"test ")));
    if name == 0 || text.get(name) != Some(&b'"') {
        return None;
    }
    let open = blanks(text, text_end(text, name)?);
    if text.get(open) != Some(&b'{') {
        return None;
    }
    let mut at = open + 1;
    let mut depth = 1_usize;
    while depth > 0 {
        match text.get(at)? {
            b'"' => {
                at = text_end(text, at)?;
                continue;
            }
            b'#' => at += text[at..].iter().position(|&b| b == b'\n')?,
            b'{' => depth += 1,
            b'}' => depth -= 1,
            // Quotes of other languages, which could hold braces.
            b'\'' | b'`' | 0x80.. => return None,
            _ => {}
        }
        at += 1;
    }
    Some(at)
}

/// The first place from `at` on without a space.
fn blanks(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|&&b| b == b' ').count()
}

/// The place after the text that begins at `at` with `"`.
fn text_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with(b"\"\"\"") {
        let end = rest[3..].windows(3).position(|three| three == b"\"\"\"")?;
        return Some(at + 3 + end + 3);
    }
    let mut end = 1;
    loop {
        match rest.get(end)? {
            b'"' => return Some(at + end + 1),
            b'\n' => return None,
            b'\\' if rest.get(end + 1) != Some(&b'\n') => end += 2,
            _ => end += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::{TokenKind, lex, lex_with};

    #[track_caller]
    fn passed(test: &str) {
        let text = format!("rule r {{\n  {test}\n  by account\n}}");
        let rest = "rule r {\n  \n  by account\n}";
        let kinds = |lexed: crate::lexer::Lexed| -> Vec<TokenKind> {
            assert!(lexed.diags.is_empty());
            lexed.tokens.into_iter().map(|token| token.kind).collect()
        };
        assert_eq!(kinds(lex_with(&text, 0, Tests::Passed)), kinds(lex(rest, 0)), "{test}");
    }

    #[test]
    fn a_test_leaves_no_trace() {
        passed("test \"t\" {}");
        passed("test   \"}\\\"{\"   { event { a: { b: \"}\" } } }");
        passed(
            "test \"t\" {\n    # a } and a \"\n    event { a: \"\\\\\" } x 3\n    expect 1\n  }",
        );
        passed("test \"t\" { event { a: \"\"\"}\"{\"\"\" } }");
        passed("test \"é\" { event { a: \"é\" } } # comment");
    }

    #[test]
    fn what_is_no_whole_test_is_read() {
        for text in [
            "test",
            "test \"t\"",
            "test \"t\" {",
            "test \"t\" { \"open\n}",
            "test \"t { }\n",
            "test \"t\\\n\" { }",
            "test \"t\" { '}' }",
            "test \"t\" { “}” }",
            "test {}",
            "tester \"t\" {}",
            "a test \"t\" {}",
        ] {
            let passed = lex_with(text, 0, Tests::Passed);
            let read = lex(text, 0);
            assert_eq!((passed.tokens, passed.diags), (read.tokens, read.diags), "{text}");
        }
    }
}
