//! Constant globs made ready for `like`.
//!
//! Where all of them look for something inside a text, one pass over the text tells
//! whether any can match.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use event::Glob;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// The globs of a `like`.
#[derive(Clone)]
pub struct Globs {
    patterns: Vec<Box<str>>,
    globs: Vec<Glob>,
    /// Whether the text is put into lower case first.
    fold: bool,
    dear: bool,
    /// Finds what one of the globs needs; only where that pays. Made when so many texts have
    /// come that it pays to make it: most globs of a great pack meet few in a short run.
    needed: OnceLock<Option<AhoCorasick>>,
    /// How many texts came before it was made.
    met: Met,
}

/// A count of texts.
#[derive(Debug, Default)]
struct Met(AtomicU32);

impl Clone for Met {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Relaxed)))
    }
}

/// Texts that are held against the globs one by one, before it pays to look for all at once.
const FIRST_TEXTS: u32 = 64;

impl std::fmt::Debug for Globs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Globs({:?}, fold: {})", self.patterns, self.fold)
    }
}

impl Globs {
    /// The globs of these patterns; `fold` compares them with the text in lower case.
    #[must_use]
    pub fn new<'a>(patterns: impl Iterator<Item = &'a str>, fold: bool) -> Self {
        let patterns: Vec<Box<str>> = patterns.map(Into::into).collect();
        let globs: Vec<Glob> = patterns.iter().map(|pattern| Glob::new(pattern)).collect();
        let stars = |pattern: &str| pattern.bytes().filter(|byte| *byte == b'*').count();
        let dear = patterns.len() > 4 || patterns.iter().any(|pattern| stars(pattern) > 2);
        Self { patterns, globs, fold, dear, needed: OnceLock::new(), met: Met::default() }
    }

    /// What finds the needed texts, once it is there.
    fn finder(&self) -> Option<&AhoCorasick> {
        if let Some(needed) = self.needed.get() {
            return needed.as_ref();
        }
        if self.met.0.fetch_add(1, Relaxed) < FIRST_TEXTS {
            return None;
        }
        self.needed.get_or_init(|| self.needed()).as_ref()
    }

    fn needed(&self) -> Option<AhoCorasick> {
        let inner: Option<Vec<String>> = self.globs.iter().map(Glob::inner).collect();
        let inner =
            inner.filter(|inner| inner.len() > 1 && inner.iter().all(|text| text.len() > 2));
        inner.and_then(|inner| {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(self.fold).kind(Some(AhoCorasickKind::DFA));
            builder.build(inner).ok()
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.globs.len()).unwrap_or(u32::MAX)
    }

    /// Whether it pays to remember what they said of a text.
    #[must_use]
    pub fn is_dear(&self) -> bool {
        self.dear
    }

    /// Whether so many letters or digits at the beginning of a text decide.
    #[must_use]
    pub fn are_decided_by(&self, letters: usize) -> bool {
        let decided = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => {
                start.len() == letters && start.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            None => false,
        };
        !self.fold && self.patterns.iter().all(|pattern| decided(pattern))
    }

    /// Whether the text is of the form of any of them.
    ///
    /// # Cost
    ///
    /// Nothing is allocated for a text of ASCII of at most 256 bytes.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if let Some(needed) = self.finder()
            && text.is_ascii()
            && !needed.is_match(text)
        {
            return false;
        }
        if !self.fold || !text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            return self.any(text);
        }
        let mut short = [0_u8; 256];
        match short.get_mut(..text.len()) {
            Some(copy) if text.is_ascii() => {
                copy.copy_from_slice(text.as_bytes());
                copy.make_ascii_lowercase();
                self.any(std::str::from_utf8(copy).unwrap_or_default())
            }
            _ => self.any(&text.to_lowercase()),
        }
    }

    fn any(&self, text: &str) -> bool {
        self.globs.iter().any(|glob| glob.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(patterns: &[&str], fold: bool, text: &str, expected: bool) {
        assert_eq!(Globs::new(patterns.iter().copied(), fold).matches(text), expected, "{text}");
    }

    #[test]
    fn beginnings_decide() {
        for (patterns, decided) in [
            (&["AKIA*", "ASIA*"][..], true),
            (&["AKIA*", "AKI*"], false),
            (&["AKIA"], false),
            (&["AKI?*"], false),
            (&["*AKIA*"], false),
        ] {
            let globs = Globs::new(patterns.iter().copied(), false);
            assert_eq!(globs.are_decided_by(4), decided, "{patterns:?}");
        }
    }

    #[test]
    fn the_pass_ahead_loses_nothing() {
        let inside = ["*kali?linux*", "*parrot*"];
        check(&inside, false, "x kali-linux y", true);
        check(&inside, false, "x Kali-linux y", false);
        check(&inside, true, "x KALI-Linux y", true);
        check(&inside, true, "x kali", false);
        // U+212A is a `k` in lower case.
        check(&inside, true, "\u{212A}ali-linux", true);
        check(&["Delete*", "*Trail"], false, "StopTrail", true);
        check(&[], false, "x", false);
    }
}
