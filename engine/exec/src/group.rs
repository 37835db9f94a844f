//! One group of one rule: what it heard, its window, what it has learned, and the walk
//! over its seconds that finds where it fires.
//!
//! The walk is the algorithm of the language reference, "Edge" and "Learning". In a
//! replay each second is walked once, behind the watermark; how a live stream judges seconds again
//! is told by `live`.
//!
//! # Invariants
//!
//! - Seconds up to `walked` are judged. The window, where there is one, holds what was heard in
//!   `(walked − within, walked]`; while the group is walked that is from `low` up to `next`.
//! - A run of seconds in which `when` stays true gives at most one alert.

use crate::fact::{GroupKey, Heard, Lend, Said};
use crate::live::Told;
use crate::memory::Memory;
use crate::past::Past;
use crate::runs::Runs;
use crate::window::Window;
use bumpalo::Bump;
use plan::{GroupRule, Program, Rule};
use state::{Idle, Line};
use std::sync::Arc;

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<GroupKey>,
    pub(crate) line: Line<Heard>,
    pub(crate) walked: i64,
    /// The first second not yet walked, if there is one.
    pub(crate) due: i64,
    /// Where in what is walked now begins what is in the window.
    pub(crate) low: usize,
    /// Where in what is walked now begins what was not walked before.
    pub(crate) next: usize,
    /// Nothing where it was not kept up, since nothing could be true of it.
    pub(crate) window: Option<Box<Window>>,
    /// What was heard in some second was combined.
    pub(crate) is_crowded: bool,
    pub(crate) runs: Runs,
    pub(crate) memory: Memory,
    pub(crate) past: Past,
    /// What a live stream keeps of its tuples.
    pub(crate) told: Option<Box<Told>>,
    /// How many tuples there may be before old ones are looked for.
    expire_at: usize,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Idle for Group {
    fn idle(&self) -> (bool, i64) {
        (self.first == self.last, self.last)
    }
}

/// What a group is walked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) program: &'a Program,
    pub(crate) number: u32,
    pub(crate) rule: &'a Rule,
    pub(crate) group: &'a GroupRule,
    pub(crate) arena: &'a Bump,
    /// Whether seconds may be walked again.
    pub(crate) live: bool,
    /// Whether groups of the rule had to go: what its alerts say may fall short.
    pub(crate) evicted: bool,
}

/// How far a group may be judged: seconds, deadlines; and what may be forgotten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Until {
    pub(crate) seconds: i64,
    pub(crate) deadlines: i64,
    pub(crate) watermark: i64,
}

/// A second, and what was heard up to its end.
#[derive(Debug)]
pub(crate) struct At<'l, W> {
    pub(crate) second: i64,
    /// In order of time.
    pub(crate) heard: &'l [(i64, W)],
    /// Where the second begins in it.
    pub(crate) from: usize,
}

/// No second at all.
pub(crate) const BEFORE_ALL: i64 = i64::MIN;
pub(crate) const NEVER: i64 = i64::MAX;

impl Group {
    pub(crate) fn new(key: Arc<GroupKey>, rule: &GroupRule) -> Self {
        Self {
            key,
            line: Line::default(),
            walked: BEFORE_ALL,
            due: NEVER,
            low: 0,
            next: 0,
            window: None,
            is_crowded: false,
            runs: Runs::default(),
            expire_at: 64,
            memory: Memory::default(),
            past: Past::new(rule),
            told: None,
            first: NEVER,
            last: BEFORE_ALL,
        }
    }

    /// Forget what was learned and no second after the watermark asks for. Returns whether the
    /// group learns.
    pub(crate) fn let_learned_go(&mut self, watermark: i64, rule: &GroupRule) -> bool {
        let Some(memory) = learning_memory(rule) else { return false };
        self.past.forget(watermark, rule);
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        let settled = watermark.saturating_sub(within);
        self.memory.settle(settled);
        let is_many = self.held() >= self.expire_at && !self.is_cold(watermark, rule);
        if is_many {
            self.memory.expire(watermark, memory);
        }
        if let Some(told) = &mut self.told {
            told.forget(settled, is_many.then(|| watermark.saturating_sub(memory)));
        }
        if is_many {
            self.expire_at = self.held() * 2 + 64;
        }
        true
    }

    /// How many tuples are held.
    fn held(&self) -> usize {
        self.memory.len().max(self.told.as_ref().map_or(0, |told| told.alerted.len()))
    }

    /// Whether it still matters at `second` that a tuple was ever learned: with `cold=alert`,
    /// until the warm-up is over.
    fn is_cold(&self, second: i64, rule: &GroupRule) -> bool {
        let young = |warmup| self.memory.start().is_none_or(|start| second - start < warmup);
        rule.first_seen.as_ref().is_some_and(|first| first.cold_alert && young(first.warmup))
    }

    /// When its history starts.
    pub(crate) fn start(&self) -> Option<i64> {
        self.memory.start()
    }

    /// Whether seconds wait to be judged.
    pub(crate) fn waits(&self) -> bool {
        self.due < NEVER
    }

    /// Take back what the walk did at and after a second, which is walked.
    pub(crate) fn take_back(&mut self, second: i64, walk: Walk<'_>) {
        let from = self.line.at_or_after(second);
        let judged = from..self.line.at_or_after(self.walked.saturating_add(1)).max(from);
        let judged = self.line.range(judged).iter();
        self.past.leave(judged.map(|(second, heard)| (*second, &*heard.said)), walk.group);
        self.memory.begin_not_from(second);
        self.runs.take_back(second);
        let before = from.checked_sub(1).and_then(|before| self.line.second(before));
        self.turn_window(before.unwrap_or(second.saturating_sub(1)), walk.group);
    }

    /// Let the window hold what is still in it at a second that is not yet walked.
    pub(crate) fn turn_to<W: Lend>(&mut self, all: &[(i64, W)], second: i64, rule: &GroupRule) {
        let Some((within, _)) = rule.within else { return };
        if self.window.is_some() {
            return self.slide(all, second, rule);
        }
        let last = second.saturating_sub(within);
        self.low = all[..self.next].partition_point(|(there, _)| *there <= last);
        let window = self.window.insert(Box::new(Window::new(rule)));
        all[self.low..self.next].iter().for_each(|(_, word)| window.enter(word.lend().said));
    }

    /// Let what was heard at or before `second − within` leave the window.
    pub(crate) fn slide<W: Lend>(&mut self, all: &[(i64, W)], second: i64, rule: &GroupRule) {
        let (Some((within, _)), Some(window)) = (&rule.within, &mut self.window) else { return };
        let last = second.saturating_sub(*within);
        while self.low < self.next
            && let Some((there, word)) = all.get(self.low)
            && *there <= last
        {
            window.leave(word.lend().said);
            self.low += 1;
        }
    }

    /// A second is in the window from now on.
    pub(crate) fn enter<W: Lend>(&mut self, at: At<'_, W>) {
        if let Some(window) = &mut self.window {
            at.said().for_each(|said| window.enter(said));
        }
    }
}

impl<W> Clone for At<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for At<'_, W> {}

impl<'l, W: Lend> At<'l, W> {
    /// The second of what was heard at an index.
    pub(crate) fn of(all: &'l [(i64, W)], from: usize) -> Option<Self> {
        let second = all.get(from)?.0;
        let same = all[from + 1..].iter().take_while(|(there, _)| *there == second).count();
        Some(Self { second, heard: &all[..=from + same], from })
    }

    /// What was heard in the second.
    pub(crate) fn here(self) -> &'l [(i64, W)] {
        self.heard.get(self.from..).unwrap_or_default()
    }

    /// What was said in it.
    pub(crate) fn said(self) -> impl Iterator<Item = &'l Said> {
        self.here().iter().map(|(_, word)| &**word.lend().said)
    }

    /// What was heard in the window that ends with it.
    pub(crate) fn window(self, rule: &GroupRule) -> &'l [(i64, W)] {
        let within = rule.within.as_ref().map_or(1, |(seconds, _)| *seconds);
        let before = self.second.saturating_sub(within);
        let low = self.heard.partition_point(|(there, _)| *there <= before);
        &self.heard[low..]
    }
}

/// For how many seconds a group of the rule is remembered at least; nothing where it
/// learns nothing.
fn learning_memory(rule: &GroupRule) -> Option<i64> {
    let of_rare = rule.rare.as_ref().map(|rare| rare.memory);
    let of_scores = rule.baselines.first().map(|baseline| baseline.memory);
    rule.first_seen.as_ref().map(|first| first.memory).or(of_rare).or(of_scores)
}
