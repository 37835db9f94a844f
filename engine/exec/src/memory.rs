//! What a group has learned, and which of it its alerts show.
//!
//! `state` says when a tuple is new; here is, beside it, how a tuple is shown, and the tuples
//! in the order of that, so that an alert finds the first few without a look at the others.
//! The order is made when the first alert asks for it: most groups give none.
//!
//! # Invariants
//!
//! - Each tuple with a text that is known after the second that was judged last is in the
//!   order. What else is in it goes when it is met; a second that is taken back brings it
//!   back.
//! - Only tuples that are held have a text.
//!
//! # Cost
//!
//! An alert costs some steps for each tuple it shows and one for each tuple of its second.
//! What is no longer known is met once.

use crate::canonical::Texts;
use hashbrown::HashMap;
use state::{AsHashed, Learned, Learning, Tuple, Undo};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// The most known values that an alert shows.
const MOST_SHOWN: usize = 20;

/// What a group has learned.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    learned: Learned<AsHashed>,
    /// How each tuple is shown.
    texts: HashMap<u128, Arc<str>, AsHashed>,
    order: Option<Box<Order>>,
}

/// A tuple behind its text.
type Entry = (Arc<str>, u128);

/// Tuples in the order of their texts.
#[derive(Debug, Default)]
struct Order {
    entries: BTreeSet<Entry>,
    /// What went when a second was judged that may be taken back, in order of time.
    gone: VecDeque<(i64, u128)>,
}

/// A known tuple as an alert shows it: its text, when it was learned first and last.
pub(crate) type Shown = (Arc<str>, i64, i64);

impl Memory {
    /// When the group's history starts.
    pub(crate) fn start(&self) -> Option<i64> {
        self.learned.start
    }

    /// The start of the history, which is this second where there is none yet.
    pub(crate) fn begin(&mut self, second: i64) -> i64 {
        *self.learned.start.get_or_insert(second)
    }

    /// How many tuples are held.
    pub(crate) fn len(&self) -> usize {
        self.learned.len()
    }

    /// Keep how a tuple is shown.
    pub(crate) fn name(&mut self, tuple: u128, parts: Texts<&str>) {
        if parts.is_empty() || self.texts.contains_key(&tuple) {
            return;
        }
        let mut all = parts.iter();
        let text = match (all.next(), all.next()) {
            (Some(only), None) => only.into(),
            _ => format!("[{}]", parts.iter().collect::<Vec<_>>().join(",")).into(),
        };
        self.texts.insert(tuple, text);
        self.list(tuple);
    }

    /// Whether the tuple is new at `second`; it is learned or noted on the way.
    pub(crate) fn judge(&mut self, tuple: u128, second: i64, how: Learning) -> (bool, Undo) {
        let (new, undo) = self.learned.judge(tuple, second, how);
        if !undo.1.is_some_and(|before| before.is_known(second, how.memory)) {
            self.list(tuple);
        }
        (new, undo)
    }

    /// Learn a tuple again that was told up to a second; false when it may be news there or before.
    pub(crate) fn remind(&mut self, tuple: u128, second: i64, memory: i64) -> bool {
        self.learned.remind(tuple, second, memory)
    }

    /// The first known tuples just before `second`, in the order of their texts; `undo` is
    /// what the second has changed.
    ///
    /// With `live` the second may be taken back.
    pub(crate) fn shown(
        &mut self,
        (second, memory): (i64, i64),
        undo: &[Undo],
        live: bool,
    ) -> Vec<Shown> {
        let changed: HashMap<u128, Option<Tuple>> = undo.iter().copied().collect();
        let order = self.order.get_or_insert_with(|| Box::new(Order::of(&self.texts)));
        let mut shown: Vec<Shown> = Vec::new();
        let mut gone = Vec::new();
        for entry in &order.entries {
            let (text, tuple) = entry;
            // Texts are alike where they stand for secrets: of those the eldest are shown.
            if shown.len() >= MOST_SHOWN && shown.last().is_some_and(|(last, ..)| last != text) {
                break;
            }
            let before = changed.get(tuple);
            let state = before.copied().unwrap_or_else(|| self.learned.get(*tuple));
            match state.filter(|state| state.is_known(second, memory)) {
                Some(state) => {
                    let last = state.last.unwrap_or(state.first);
                    shown.push((Arc::clone(text), state.first, last));
                }
                None if before.is_none() => gone.push(entry.clone()),
                None => {}
            }
        }
        for entry in gone {
            order.entries.remove(&entry);
            if live {
                order.gone.push_back((second, entry.1));
            }
        }
        shown.sort_unstable();
        shown.truncate(MOST_SHOWN);
        shown
    }

    /// Take back what was changed at and after a second, and the start of the history if that
    /// was there.
    pub(crate) fn undo(&mut self, changes: Vec<Undo>, second: i64) {
        for change in changes.into_iter().rev() {
            if change.1.is_none() {
                self.unname(change.0);
            }
            self.learned.undo(change);
        }
        self.learned.start = self.learned.start.filter(|start| *start < second);
    }

    /// Put back into the order what went from it at or after a second.
    pub(crate) fn put_back(&mut self, second: i64) {
        let Some(order) = &mut self.order else { return };
        let from = order.gone.partition_point(|(at, _)| *at < second);
        let back: Vec<_> = order.gone.drain(from..).collect();
        back.into_iter().for_each(|(_, tuple)| self.list(tuple));
    }

    /// No second up to the watermark is taken back any more.
    pub(crate) fn settle(&mut self, watermark: i64) {
        if let Some(order) = &mut self.order {
            let count = order.gone.partition_point(|(at, _)| *at <= watermark);
            order.gone.drain(..count);
        }
    }

    /// Forget tuples that can no longer be told from unknown ones at or after `second`.
    pub(crate) fn expire(&mut self, second: i64, memory: i64) {
        for tuple in self.learned.expire(second, memory) {
            self.unname(tuple);
        }
    }

    /// Forget how a tuple is shown.
    fn unname(&mut self, tuple: u128) {
        if let Some(text) = self.texts.remove(&tuple)
            && let Some(order) = &mut self.order
        {
            order.entries.remove(&(text, tuple));
        }
    }

    /// Put a tuple into the order, where there is one and the tuple has a text.
    fn list(&mut self, tuple: u128) {
        if let Some(order) = &mut self.order
            && let Some(text) = self.texts.get(&tuple)
        {
            order.entries.insert((Arc::clone(text), tuple));
        }
    }
}

impl Order {
    fn of(texts: &HashMap<u128, Arc<str>, AsHashed>) -> Self {
        let entries = texts.iter().map(|(tuple, text)| (Arc::clone(text), *tuple)).collect();
        Self { entries, gone: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// The same by a look at all tuples.
    fn reference(memory: &Memory, (second, keep): (i64, i64), undo: &[Undo]) -> Vec<Shown> {
        let before = |tuple: u128| match undo.iter().find(|(changed, _)| *changed == tuple) {
            Some((_, before)) => *before,
            None => memory.learned.get(tuple),
        };
        let known = memory.texts.iter().filter_map(|(tuple, text)| {
            let state = before(*tuple).filter(|state| state.is_known(second, keep))?;
            Some((Arc::clone(text), state.first, state.last?))
        });
        let mut known: Vec<_> = known.collect();
        known.sort();
        known.truncate(MOST_SHOWN);
        known
    }

    #[test]
    fn the_first_known_tuples_are_those_of_all() {
        let mut lengths = [0; MOST_SHOWN + 1];
        for seed in 0..200 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let keep_out = random.random_bool(0.3);
            let how = Learning { warmup: 9, memory: 40, keep_out, cold_alert: false };
            let tuples = random.random_range(5..150);
            let mut memory = Memory::default();
            let mut walked: Vec<(i64, Vec<Undo>)> = Vec::new();
            let (mut second, mut watermark) = (0, 0);
            for _ in 0..300 {
                second += random.random_range(1..4);
                if random.random_bool(0.1) {
                    second = (second - random.random_range(0..20)).max(watermark + 1);
                    while let Some((at, undo)) = walked.pop_if(|(at, _)| *at >= second) {
                        memory.undo(undo, at);
                    }
                    memory.put_back(second);
                }
                memory.begin(second);
                let mut undo: Vec<Undo> = Vec::new();
                for _ in 0..random.random_range(1..6) {
                    let tuple = random.random_range(0..tuples);
                    if undo.iter().all(|(told, _)| *told != tuple) {
                        // Of three one has a text of its own; in some seconds none is told.
                        let text = if tuple % 3 == 0 { tuple.to_string() } else { "[]".into() };
                        let text = if random.random_bool(0.1) { String::new() } else { text };
                        memory.name(tuple, Texts::of(&text));
                        undo.push(memory.judge(tuple, second, how).1);
                    }
                }
                if random.random_bool(0.3) {
                    let expected = reference(&memory, (second, how.memory), &undo);
                    let shown = memory.shown((second, how.memory), &undo, true);
                    assert_eq!(shown, expected, "seed {seed}, second {second}");
                    lengths[shown.len()] += 1;
                }
                walked.push((second, undo));
                if random.random_bool(0.1) {
                    watermark = watermark.max(second - 20);
                    memory.settle(watermark);
                    memory.expire(watermark, how.memory);
                }
            }
            memory.expire(second + 100 * 86_400, how.memory);
            assert!(memory.texts.is_empty());
            assert!(memory.order.is_none_or(|order| order.entries.is_empty()));
        }
        assert!(lengths[2] > 10 && lengths[MOST_SHOWN] > 10, "{lengths:?}");
    }
}
