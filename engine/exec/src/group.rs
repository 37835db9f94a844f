//! One group of one rule: what it heard, its window, what it has learned, and the walk
//! over its seconds that finds where it fires.
//!
//! The walk is the algorithm of the language reference, "Edge" and "Learning". In a
//! replay each second is walked once, behind the watermark. In a live stream a
//! second is walked again when an event enters it or one before it: what later
//! seconds did is taken back first, and what was alerted stays alerted.
//!
//! # Invariants
//!
//! - Seconds up to `walked` are judged, and what was heard in them is below `next`; the window
//!   holds what is from `low` up to `next`, which is `(walked − within, walked]`, unless it is
//!   `stale`.
//! - What is sorted and not yet walked is a row alone in its second wherever a tuple of it is
//!   told in full, and at most [`Group::FEW`] in any second.
//! - A run of seconds in which `when` stays true gives at most one alert.

use crate::fact::{GroupKey, Heard, Said};
use crate::fresh::News;
use crate::memory::Memory;
use crate::past::Past;
use crate::pending::Mail;
use crate::runs::Runs;
use crate::window::Window;
use bumpalo::Bump;
use hashbrown::HashMap;
use plan::{GroupRule, Program, Rule};
use state::{Idle, Line, Undo};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<GroupKey>,
    pub(crate) line: Line<Heard>,
    pub(crate) walked: i64,
    /// The first second not yet walked, if there is one.
    pub(crate) due: i64,
    /// The index of what was heard first in the window.
    pub(crate) low: usize,
    /// The index of what was heard first and not yet walked.
    pub(crate) next: usize,
    pub(crate) window: Window,
    /// The window was not kept up, since nothing could be true of it.
    pub(crate) is_stale: bool,
    /// What was heard in some second was combined.
    pub(crate) is_crowded: bool,
    pub(crate) runs: Runs,
    pub(crate) memory: Memory,
    /// What seconds changed in the memory; kept in a live stream only.
    pub(crate) undone: VecDeque<(i64, Undo)>,
    pub(crate) past: Past,
    /// When each tuple gave alerts; kept in a live stream only.
    pub(crate) alerted: HashMap<u128, BTreeSet<i64>>,
    /// How many tuples there may be before old ones are looked for.
    expire_at: usize,
    first: i64,
    last: i64,
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

/// A second, and what was heard up to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'l> {
    pub(crate) second: i64,
    /// In order of time.
    pub(crate) heard: &'l [(i64, Heard)],
    /// Where the second begins in it.
    pub(crate) from: usize,
}

/// No second at all.
pub(crate) const BEFORE_ALL: i64 = i64::MIN;
const NEVER: i64 = i64::MAX;

impl Group {
    /// What a second may have heard event by event: it takes no more room than what all say
    /// together.
    const FEW: usize = 64;

    /// What may be heard before it is sorted, where that is more than was sorted.
    const MOST_UNSORTED: usize = 4_096;

    pub(crate) fn new(key: Arc<GroupKey>, rule: &GroupRule) -> Self {
        Self {
            key,
            line: Line::default(),
            walked: BEFORE_ALL,
            due: NEVER,
            low: 0,
            next: 0,
            window: Window::new(rule),
            is_stale: false,
            is_crowded: false,
            runs: Runs::default(),
            expire_at: 64,
            memory: Memory::default(),
            undone: VecDeque::new(),
            past: Past::new(rule),
            alerted: HashMap::new(),
            first: NEVER,
            last: BEFORE_ALL,
        }
    }

    /// Whether nothing comes at the watermark, or after it, of all that a group is told: too few
    /// events for `when`, and too old to meet others.
    pub(crate) fn is_idle(mail: Mail<'_>, watermark: i64, rule: &GroupRule) -> bool {
        let (Some((within, _)), None) = (&rule.within, rule.warmup()) else { return false };
        Window::least_events(rule).is_some_and(|least| {
            let (events, latest) = mail.extent();
            events < least && latest <= watermark.saturating_sub(*within)
        })
    }

    /// Hear what events say. Up to a second, if there is one, all was told by now.
    pub(crate) fn hear(&mut self, (mail, fresh): News<'_, '_>, until: Option<i64>, walk: Walk<'_>) {
        let forgets_twins = walk.group.within.is_none();
        let calm = until.and_then(|until| self.calm(mail, until, walk));
        fresh.gather(mail, |said, seconds| match (said, calm) {
            (Said::Known(_, tuple), Some((until, memory))) => {
                let latest = seconds.latest(until);
                let is_known =
                    latest.is_none_or(|latest| self.memory.remind(*tuple, latest, memory));
                self.last = self.last.max(latest.unwrap_or(BEFORE_ALL));
                if is_known { until.saturating_add(1) } else { BEFORE_ALL }
            }
            _ => BEFORE_ALL,
        });
        let news = fresh.in_order();
        self.line.reserve(news.len());
        let mut before = None;
        for (second, said, id) in news {
            // A tuple that is known is no better known when it is told twice.
            let is_twin = before == Some((second, Arc::as_ptr(said)));
            if forgets_twins && is_twin && matches!(&**said, Said::Known(..)) {
                continue;
            }
            before = Some((second, Arc::as_ptr(said)));
            self.first = self.first.min(second);
            self.last = self.last.max(second);
            self.due = self.due.min(second);
            if second <= self.walked {
                self.take_back(second, walk);
            }
            self.line.put(second, Heard { said: Arc::clone(said), id });
        }
        if self.line.unsorted() > self.line.len().max(Self::MOST_UNSORTED) {
            self.arrange(walk.group);
        }
    }

    /// Until when all that is told, or was told and not yet judged, is known; and for how long.
    ///
    /// Nothing fires there, so that of each tuple no more matters than when it was there last.
    fn calm(&self, mail: Mail<'_>, until: i64, walk: Walk<'_>) -> Option<(i64, i64)> {
        let first = walk.group.first_seen.as_ref()?;
        if walk.live || walk.group.within.is_some() {
            return None;
        }
        let told = mail.said().filter(|(said, ..)| said.is_full());
        let told = told.flat_map(|(.., events)| events.map(|(second, _)| second));
        let kept = self.line.iter().filter(|(_, heard)| heard.said.is_full());
        let full = told.chain(kept.map(|(second, _)| *second)).min();
        Some((until.min(full.map_or(NEVER, |second| second.saturating_sub(1))), first.memory))
    }

    /// Sort what was heard since, and combine where a second has too much of it.
    pub(crate) fn arrange(&mut self, rule: &GroupRule) {
        if self.line.unsorted() == 0 {
            return;
        }
        let from = self.line.sort();
        let learns = rule.tuple().is_some();
        let has_full = |all: &[(i64, Heard)]| all.iter().any(|(_, heard)| heard.said.is_full());
        self.is_crowded |= self.line.combine(from, |all| {
            let is_crowded = all.len() > Self::FEW || all.len() > 1 && learns && has_full(all);
            is_crowded.then(|| Heard::together(all))
        });
    }

    /// Forget the seconds that no later one can ask for: those at or before
    /// `watermark − within`. Returns whether the group tells nothing any more.
    pub(crate) fn forget(&mut self, watermark: i64, rule: &GroupRule) -> bool {
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        if watermark > self.walked {
            // Nothing waits before the watermark: the window moves on with it.
            let line = std::mem::take(&mut self.line);
            self.slide(line.all(), watermark, rule);
            self.line = line;
            self.walked = watermark;
        }
        let oldest = watermark.saturating_sub(within);
        let count = self.line.at_or_after(oldest.saturating_add(1));
        if count > 0 {
            self.line.drop_front(count);
            self.low = self.low.saturating_sub(count);
            self.next = self.next.saturating_sub(count);
            self.runs.forget(oldest);
            let old = self.undone.partition_point(|(second, _)| *second <= oldest);
            self.undone.drain(..old);
        }
        let Some(memory) = learning_memory(rule) else { return self.line.is_empty() };
        self.past.forget(watermark, rule);
        self.memory.settle(watermark);
        let many = self.memory.len().max(self.alerted.len()) >= self.expire_at;
        if many && !self.is_cold(watermark, rule) {
            self.memory.expire(watermark, memory);
            self.alerted.retain(|_, told| {
                *told = told.split_off(&watermark.saturating_sub(memory));
                !told.is_empty()
            });
            self.expire_at = self.memory.len().max(self.alerted.len()) * 2 + 64;
        }
        false
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

    /// Take back what the walk did at and after a second.
    fn take_back(&mut self, second: i64, walk: Walk<'_>) {
        let from = self.line.at_or_after(second).min(self.next);
        self.past.leave(self.line.range(from..self.next), walk.group);
        let since = self.undone.partition_point(|(there, _)| *there < second);
        let changes = self.undone.drain(since..).map(|(_, undo)| undo).collect();
        self.memory.undo(changes, second);
        self.memory.put_back(second);
        self.runs.take_back(second);
        let before = from.checked_sub(1).and_then(|before| self.line.second(before));
        self.walked = before.unwrap_or(second.saturating_sub(1));
        self.next = from;
        self.is_stale = true;
    }

    /// Fill a stale window with what is still in it at a second that is not yet walked.
    pub(crate) fn fill(&mut self, all: &[(i64, Heard)], second: i64, rule: &GroupRule) {
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        let last = second.saturating_sub(within);
        self.low = all[..self.next].partition_point(|(there, _)| *there <= last);
        self.window.clear();
        all[self.low..self.next].iter().for_each(|(_, heard)| self.window.enter(&heard.said));
        self.is_stale = false;
    }

    /// Let what was heard at or before `second − within` leave the window.
    pub(crate) fn slide(&mut self, all: &[(i64, Heard)], second: i64, rule: &GroupRule) {
        let Some((within, _)) = rule.within else { return };
        if self.is_stale {
            return;
        }
        let last = second.saturating_sub(within);
        while self.low < self.next
            && let Some((there, heard)) = all.get(self.low)
            && *there <= last
        {
            self.window.leave(&heard.said);
            self.low += 1;
        }
    }

    /// A second is in the window from now on.
    pub(crate) fn enter(&mut self, at: At<'_>) {
        at.said().for_each(|said| self.window.enter(said));
    }
}

impl<'l> At<'l> {
    /// The second of what was heard at an index.
    pub(crate) fn of(all: &'l [(i64, Heard)], from: usize) -> Option<Self> {
        let second = all.get(from)?.0;
        let same = all[from + 1..].iter().take_while(|(there, _)| *there == second).count();
        Some(Self { second, heard: &all[..=from + same], from })
    }

    /// What was heard in the second.
    pub(crate) fn here(self) -> &'l [(i64, Heard)] {
        self.heard.get(self.from..).unwrap_or_default()
    }

    /// What was said in it.
    pub(crate) fn said(self) -> impl Iterator<Item = &'l Said> {
        self.here().iter().map(|(_, heard)| &*heard.said)
    }

    /// What was heard in the window that ends with it.
    pub(crate) fn window(self, rule: &GroupRule) -> &'l [(i64, Heard)] {
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
