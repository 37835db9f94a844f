//! Texts put together from values of an event, and what of them a scene tells.
//!
//! A [`Phrase`] is a text with gaps, one for each value. In a scene most gaps are filled once
//! and for all; what is left to fill is what the events of the scene differ in. Where two
//! events that follow each other do not differ even there, what was made of the first is
//! taken for the second ([`Spoken`]). What the texts mean is told by who asks for them.
//!
//! # Invariants
//!
//! - What fills a gap for good was read from the scene alone.

use crate::canonical::{self, BETWEEN};
use crate::eval::Eval;
use event::Reach;
use plan::NodeId;

/// Canonical texts of values, and what stands between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phrase {
    text: String,
    gaps: Vec<Gap>,
    /// Whether secrets are written as they are: of texts that tell values apart and go no further.
    open: bool,
}

/// Where a value belongs.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// Its place in the text without it.
    at: usize,
    node: NodeId,
}

impl Phrase {
    /// The values of nodes as alerts tell them.
    pub(crate) fn told(nodes: impl Iterator<Item = NodeId>) -> Self {
        let mut phrase = Self::default();
        phrase.join(nodes, |phrase, node| phrase.value(node));
        phrase
    }

    /// The values of nodes as they are.
    pub(crate) fn open(nodes: impl Iterator<Item = NodeId>) -> Self {
        Self { open: true, ..Self::told(nodes) }
    }

    /// Append what `add` appends for each item, apart from each other.
    pub(crate) fn join<I>(&mut self, items: impl Iterator<Item = I>, add: impl Fn(&mut Self, I)) {
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.letter(BETWEEN);
            }
            add(self, item);
        }
    }

    /// Append a letter.
    pub(crate) fn letter(&mut self, letter: char) {
        self.text.push(letter);
    }

    /// Append a value.
    pub(crate) fn value(&mut self, node: NodeId) {
        self.gaps.push(Gap { at: self.text.len(), node });
    }

    /// The phrase as it is in the scene of the event at hand, with the gaps filled that the
    /// scene fills; and how far the event is read for those that are left.
    pub(crate) fn in_scene(&self, eval: &mut Eval<'_, '_>) -> (Self, Reach) {
        // Most values take no more room.
        let room = self.text.len() + 32 * self.gaps.len();
        let text = String::with_capacity(room);
        let (mut rest, mut from) = (Self { text, gaps: Vec::new(), open: self.open }, 0);
        let mut reach = Reach::Scene;
        let event = eval.event;
        for gap in &self.gaps {
            rest.text.push_str(&self.text[from..gap.at]);
            from = gap.at;
            let at = rest.text.len();
            let write = || self.write(eval, gap.node, &mut rest.text);
            let read = event.map_or(Reach::Event, |event| event.watch(write).1);
            if read != Reach::Scene {
                rest.text.truncate(at);
                rest.gaps.push(Gap { at, node: gap.node });
                reach = reach.max(read);
            }
        }
        rest.text.push_str(&self.text[from..]);
        (rest, reach)
    }

    /// The same, where it is kept; made where it is not there yet.
    pub(crate) fn known<'p>(
        &self,
        kept: &'p mut Option<Self>,
        eval: &mut Eval<'_, '_>,
    ) -> &'p Self {
        kept.get_or_insert_with(|| self.in_scene(eval).0)
    }

    /// Whether no gap is left.
    pub(crate) fn is_whole(&self) -> bool {
        self.gaps.is_empty()
    }

    /// The text between the gaps.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Append the text that it is of the event at hand.
    pub(crate) fn say(&self, eval: &mut Eval<'_, '_>, out: &mut String) {
        let mut from = 0;
        for gap in &self.gaps {
            out.push_str(&self.text[from..gap.at]);
            from = gap.at;
            self.write(eval, gap.node, out);
        }
        out.push_str(&self.text[from..]);
    }

    fn write(&self, eval: &mut Eval<'_, '_>, node: NodeId, out: &mut String) {
        if self.open {
            canonical::write(eval.value(node), out);
        } else {
            eval.tell(node, out);
        }
    }
}

/// What is made of a phrase in a scene.
#[derive(Clone, Debug, Default)]
pub(crate) enum Spoken<T> {
    /// Nothing was made yet.
    #[default]
    Unknown,
    /// It is the same for every event.
    Same(T),
    /// What is left of the phrase, and what was made last, of which text.
    Last(Box<(Phrase, String, T)>),
}

impl<T: Clone> Spoken<T> {
    /// What is made of a phrase for the event at hand; `make` is asked where that is not known.
    pub(crate) fn say<'a, 'm>(
        &mut self,
        bare: &Phrase,
        (eval, scratch): (&mut Eval<'a, 'm>, &mut String),
        make: impl FnOnce(&mut Eval<'a, 'm>, &str) -> T,
    ) -> T {
        scratch.clear();
        match self {
            Self::Same(made) => made.clone(),
            Self::Last(last) => {
                let (phrase, text, made) = &mut **last;
                phrase.say(eval, scratch);
                if text != scratch {
                    *made = make(eval, scratch);
                    text.clone_from(scratch);
                }
                made.clone()
            }
            Self::Unknown => {
                let (phrase, reach) = bare.in_scene(eval);
                phrase.say(eval, scratch);
                let made = make(eval, scratch);
                *self = match reach {
                    Reach::Scene => Self::Same(made.clone()),
                    _ => Self::Last(Box::new((phrase, scratch.clone(), made.clone()))),
                };
                made
            }
        }
    }
}
