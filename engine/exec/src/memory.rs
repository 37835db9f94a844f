//! What a group has learned, and which of it its alerts show.
//!
//! `state` says when a tuple is new; here is, beside it, how a tuple is shown, and the tuples
//! in the order of that, so that an alert finds the first few without a look at the others.
//! The order is made when the first alert asks for it: most groups give none.
//!
//! In a live stream a tuple is judged again in any second that is not behind the watermark: what
//! it was before each of them is kept, tuple by tuple.
//!
//! # Invariants
//!
//! - Each tuple with a text that is known after the second for which known ones were shown last is in
//!   the order. What else is in it goes when it is met; when they are shown for a second before
//!   that, it comes back.
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
    /// Of a live stream.
    changes: Option<Box<Changes>>,
}

/// What each tuple was before seconds that may be judged again changed it, in order of time.
#[derive(Debug, Default)]
struct Changes {
    of: HashMap<u128, Vec<(i64, Option<Tuple>)>, AsHashed>,
    /// How many there are, and with how many old ones are looked for.
    held: usize,
    sweep_at: usize,
}

/// A tuple behind its text.
type Entry = (Arc<str>, u128);

/// Tuples in the order of their texts.
#[derive(Debug, Default)]
struct Order {
    entries: BTreeSet<Entry>,
    /// What went when known ones were shown for a second that may be judged again, in order of time.
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

    /// The same in a live stream: seconds may come again once they were taken back.
    pub(crate) fn tell(&mut self, tuple: u128, second: i64, how: Learning) -> bool {
        let (new, (_, before)) = self.judge(tuple, second, how);
        self.list(tuple);
        let changes = self.changes.get_or_insert_default();
        changes.of.entry(tuple).or_default().push((second, before));
        changes.held += 1;
        new
    }

    /// Take back what was told of a tuple at and after a second; returns the seconds.
    pub(crate) fn take_back(&mut self, tuple: u128, second: i64) -> Vec<i64> {
        let Some(changes) = &mut self.changes else { return Vec::new() };
        let Some(list) = changes.of.get_mut(&tuple) else { return Vec::new() };
        let from = list.partition_point(|(at, _)| *at < second);
        if let Some((_, before)) = list.get(from) {
            self.learned.undo((tuple, *before));
        }
        changes.held -= list.len() - from;
        list.drain(from..).map(|(at, _)| at).collect()
    }

    /// The same of all tuples.
    pub(crate) fn take_back_all(&mut self, second: i64) {
        let all: Vec<_> = self.changes.iter().flat_map(|all| all.of.keys()).copied().collect();
        all.into_iter().for_each(|tuple| _ = self.take_back(tuple, second));
    }

    /// The history starts at a second before all that it began with.
    pub(crate) fn begin_before(&mut self, second: i64) {
        self.learned.start = Some(second);
    }

    /// The history does not start at or after a second.
    pub(crate) fn begin_not_from(&mut self, second: i64) {
        self.learned.start = self.learned.start.filter(|start| *start < second);
    }

    /// Learn a tuple again that was told up to a second; false when it may be news there or before.
    pub(crate) fn remind(&mut self, tuple: u128, second: i64, memory: i64) -> bool {
        self.learned.remind(tuple, second, memory)
    }

    /// The first known tuples just before `second`, in the order of their texts; `undo` is
    /// what the second has changed.
    pub(crate) fn shown(&mut self, (second, memory): (i64, i64), undo: &[Undo]) -> Vec<Shown> {
        let changed: HashMap<u128, Option<Tuple>> = undo.iter().copied().collect();
        let order = self.order.get_or_insert_with(|| Box::new(Order::of(&self.texts)));
        let before = |tuple| changed.get(&tuple).copied();
        order.shown((second, memory), &self.learned, before).0
    }

    /// The same in a live stream, of any second that is not behind the watermark.
    pub(crate) fn shown_again(&mut self, (second, memory): (i64, i64)) -> Vec<Shown> {
        self.put_back(second);
        let changes = self.changes.get_or_insert_default();
        let order = self.order.get_or_insert_with(|| Box::new(Order::of(&self.texts)));
        let before = |tuple| {
            let list = changes.of.get(&tuple)?;
            let (_, before) = list.get(list.partition_point(|(at, _)| *at < second))?;
            Some(*before)
        };
        let (shown, gone) = order.shown((second, memory), &self.learned, before);
        order.gone.extend(gone.into_iter().map(|tuple| (second, tuple)));
        shown
    }

    /// Put back into the order what went from it for a second after this one.
    fn put_back(&mut self, second: i64) {
        let Some(order) = &mut self.order else { return };
        let from = order.gone.partition_point(|(at, _)| *at <= second);
        let back: Vec<_> = order.gone.drain(from..).collect();
        back.into_iter().for_each(|(_, tuple)| self.list(tuple));
    }

    /// No second before the watermark is judged any more.
    pub(crate) fn settle(&mut self, watermark: i64) {
        if let Some(order) = &mut self.order {
            let count = order.gone.partition_point(|(at, _)| *at < watermark);
            order.gone.drain(..count);
        }
        if let Some(changes) = self.changes.as_mut().filter(|all| all.held >= all.sweep_at) {
            changes.of.retain(|_, list| {
                list.drain(..list.partition_point(|(at, _)| *at < watermark));
                !list.is_empty()
            });
            changes.held = changes.of.values().map(Vec::len).sum();
            changes.sweep_at = changes.held * 2 + 64;
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

    /// The first that are known just before `second`, and those that go since they are not;
    /// `before` is what a tuple was before something changed it in or after that second.
    fn shown(
        &mut self,
        (second, memory): (i64, i64),
        learned: &Learned<AsHashed>,
        before: impl Fn(u128) -> Option<Option<Tuple>>,
    ) -> (Vec<Shown>, Vec<u128>) {
        let mut shown: Vec<Shown> = Vec::new();
        let mut gone = Vec::new();
        for entry in &self.entries {
            let (text, tuple) = entry;
            // Texts are alike where they stand for secrets: of those the eldest are shown.
            if shown.len() >= MOST_SHOWN && shown.last().is_some_and(|(last, ..)| last != text) {
                break;
            }
            let before = before(*tuple);
            let state = before.unwrap_or_else(|| learned.get(*tuple));
            match state.filter(|state| state.is_known(second, memory)) {
                Some(state) => {
                    let last = state.last.unwrap_or(state.first);
                    shown.push((Arc::clone(text), state.first, last));
                }
                None if before.is_none() => gone.push(entry.clone()),
                None => {}
            }
        }
        gone.iter().for_each(|entry| _ = self.entries.remove(entry));
        shown.sort_unstable();
        shown.truncate(MOST_SHOWN);
        (shown, gone.into_iter().map(|(_, tuple)| tuple).collect())
    }
}

#[cfg(test)]
mod tests;
