//! Parts of rules that nobody asked for: passed over, at the cost of finding where they end.
//!
//! A replay needs nothing of the tests of the built-in rules, which are most of that text, nor
//! of what its rules say to people. It relies on how `fmt` prints them: the brace that ends a
//! test stands in a line of its own, as far in as the word `test`, and no other line of it
//! does; a text without escapes ends its line. What the pack holds is held to that by the
//! pack's tests.
//!
//! # Invariants
//!
//! - What does not begin or end like that is left to the lexer.

use super::{Lexer, Parts};
use memchr::{memchr, memchr3, memmem};

impl Lexer<'_> {
    /// Passes over the part that begins a line here, if it is one that is not wanted.
    pub(super) fn passed(&mut self) -> bool {
        let Some(passer) = &self.passer else { return false };
        let text = self.rest().as_bytes();
        let Some(length) = passer.test_length(text).or_else(|| prose_length(text)) else {
            return false;
        };
        self.at += length;
        self.first = false;
        true
    }
}

/// The line that ends a test of a rule.
const END: &str = "\n  }\n";

/// The words of clauses that only people read.
const PROSE: [&[u8]; 3] = [b"about ", b"runbook ", b"ref "];

/// Finds where a test ends.
pub(super) struct Passer(memmem::Finder<'static>);

impl Passer {
    /// One, if there is something to pass over.
    pub(super) fn of(parts: Parts) -> Option<Self> {
        (parts == Parts::Run).then(|| Self(memmem::Finder::new(END)))
    }

    /// The bytes of the test that the text begins with.
    fn test_length(&self, text: &[u8]) -> Option<usize> {
        let first = text.strip_prefix(b"test \"")?;
        let line = first.get(..memchr(b'\n', first)?)?;
        if !line.ends_with(b"{") {
            return None;
        }
        Some(self.0.find(text)? + END.len() - 1)
    }
}

/// The bytes of the clause of one plain text that the text begins with, up to its line's end.
fn prose_length(text: &[u8]) -> Option<usize> {
    let said = PROSE.iter().find_map(|word| text.strip_prefix(*word))?;
    let quoted = said.trim_ascii_start().strip_prefix(b"\"")?;
    let behind = quoted.get(memchr3(b'"', b'\\', b'\n', quoted)?..)?;
    behind.starts_with(b"\"\n").then(|| text.len() - behind.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::{TokenKind, lex, lex_with};

    #[track_caller]
    fn passed(part: &str) {
        let text = format!("rule r {{\n  {part}\n  by account\n}}");
        let rest = "rule r {\n  \n  by account\n}";
        let kinds = |lexed: crate::lexer::Lexed| -> Vec<TokenKind> {
            assert!(lexed.diags.is_empty());
            lexed.tokens.into_iter().map(|token| token.kind).collect()
        };
        assert_eq!(kinds(lex_with(&text, 0, Parts::Run)), kinds(lex(rest, 0)), "{part}");
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
    fn what_only_people_read_leaves_no_trace() {
        passed("about    \"What it is about: é, # and {.\"");
        passed("runbook  \"\"");
        passed("ref \"https://example.com/\"\n  ref \"https://example.org/\"");
    }

    #[test]
    fn what_is_not_whole_is_read() {
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
            "about",
            "about \"",
            "about \"a\"",
            "about \"a\" ref \"b\"\n",
            "about \"a\\\"b\"\n",
            "about \"\"\"a\"\"\"\n",
            "about = \"a\"\n",
            "about\n\"a\n\"\n",
            "abouts \"a\"\n",
            "a ref \"b\"\n",
        ] {
            let passed = lex_with(text, 0, Parts::Run);
            let read = lex(text, 0);
            assert_eq!((passed.tokens, passed.diags), (read.tokens, read.diags), "{text}");
        }
    }
}
