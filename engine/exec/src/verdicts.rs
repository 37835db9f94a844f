//! What patterns said of texts that were met lately.
//!
//! User agents, role names and the like come again and again; a text is compared with the
//! one met last in its place, and searched only where it differs. Nothing is decided here.

use hashbrown::DefaultHashBuilder;
use plan::NodeId;
use std::hash::BuildHasher;

/// The verdicts of one worker.
#[derive(Clone, Debug)]
pub(crate) struct Verdicts {
    hasher: DefaultHashBuilder,
    places: Vec<Option<Verdict>>,
}

#[derive(Clone, Debug)]
struct Verdict {
    pattern: NodeId,
    /// Has room for the longest text, so that another one takes its place without an allocation.
    text: String,
    truth: bool,
}

impl Default for Verdicts {
    fn default() -> Self {
        Self { hasher: DefaultHashBuilder::default(), places: vec![None; Self::PLACES] }
    }
}

impl Verdicts {
    const PLACES: usize = 1_024;
    /// The longest text that is kept, in bytes.
    const LONGEST: usize = 256;

    /// Whether a text is of a pattern; asked only where that is not known.
    pub(crate) fn of(
        &mut self,
        pattern: NodeId,
        text: &str,
        ask: impl FnOnce(&str) -> bool,
    ) -> bool {
        if text.len() > Self::LONGEST {
            return ask(text);
        }
        let hash = self.hasher.hash_one((pattern.0, text));
        let place = &mut self.places[(hash % Self::PLACES as u64) as usize];
        let known = place.get_or_insert_with(|| {
            let text = String::with_capacity(Self::LONGEST);
            Verdict { pattern: NodeId(u32::MAX), text, truth: false }
        });
        if known.pattern == pattern && known.text == text {
            return known.truth;
        }
        let truth = ask(text);
        known.text.clear();
        known.text.push_str(text);
        (known.pattern, known.truth) = (pattern, truth);
        truth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_once_while_it_is_kept() {
        let mut verdicts = Verdicts::default();
        let mut asked = 0;
        for round in 0..3 {
            for (pattern, text) in [(1, "a"), (2, "a"), (1, "b")] {
                let truth = verdicts.of(NodeId(pattern), text, |text| {
                    asked += 1;
                    pattern == 1 && text == "a"
                });
                assert_eq!(truth, pattern == 1 && text == "a", "{round}");
            }
        }
        assert!((3..=9).contains(&asked));
        let long = "x".repeat(Verdicts::LONGEST + 1);
        assert!(verdicts.of(NodeId(1), &long, |_| true));
        assert!(!verdicts.of(NodeId(1), &long, |_| false));
    }
}
