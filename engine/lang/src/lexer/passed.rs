//! Tests that nobody asked for: passed over, at the cost of finding where they end.
//!
//! A replay needs nothing of the tests of the built-in rules, and they are most of that
//! text. It relies on how `fmt` prints a test: the brace that ends it stands in a line of
//! its own, as far in as the word `test`, and no other line of it does. What the pack holds
//! is held to that by the pack's tests.
//!
//! # Invariants
//!
//! - What does not begin or end like that is left to the lexer.

use super::{Lexer, Tests};
use memchr::{memchr, memmem};

impl Lexer<'_> {
    /// Passes over the test that begins a line here, if tests are not wanted and it is one.
    pub(super) fn passed_test(&mut self) -> bool {
        let Some(passer) = self.tests.as_ref().filter(|_| self.first) else { return false };
        let Some(length) = passer.test_length(&self.text[self.at..]) else { return false };
        self.at += length;
        self.first = false;
        true
    }
}

/// The line that ends a test of a rule.
const END: &str = "\n  }\n";

/// Finds where a test ends.
pub(super) struct Passer(memmem::Finder<'static>);

impl Passer {
    /// One, if tests are to be passed over.
    pub(super) fn of(tests: Tests) -> Option<Self> {
        (tests == Tests::Passed).then(|| Self(memmem::Finder::new(END)))
    }

    /// The bytes of the test that the text begins with.
    fn test_length(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let first = bytes.strip_prefix(b"test \"")?;
        let line = first.get(..memchr(b'\n', first)?)?;
        if !line.ends_with(b"{") {
            return None;
        }
        Some(self.0.find(bytes)? + END.len() - 1)
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
        passed("test \"t\" {\n  }");
        passed("test \"}\\\"{\" {\n    event { a: { b: \"}\" } }\n  }");
        passed(
            "test \"t\" {\n    # a } and a \"\n    event { a: \"\\\\\" } x 3\n    expect 1\n  }",
        );
        passed("test \"é\" {\n    event { a: \"\"\"}\"{\"\"\" }\n  }");
    }

    #[test]
    fn what_is_no_whole_test_is_read() {
        for text in [
            "test",
            "test \"t\"",
            "test \"t\" {",
            "test \"t\" {}",
            "test \"t\" {\n}\n",
            "test \"t\" { } }\n  }\n",
            "test {\n  }\n",
            "tester \"t\" {\n  }\n",
            "a test \"t\" {\n  }\n",
        ] {
            let passed = lex_with(text, 0, Tests::Passed);
            let read = lex(text, 0);
            assert_eq!((passed.tokens, passed.diags), (read.tokens, read.diags), "{text}");
        }
    }
}
