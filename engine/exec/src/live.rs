//! How a live stream judges a group: anew with each event, as far as that may change something.
//!
//! An event changes nothing before its second. Of that second it adds to what was told; what later
//! seconds did is taken back and done again, and what was alerted stays alerted. So a second may
//! have as many events as it likes: each costs what it says.
//!
//! Tuples of `new` know nothing of each other: an event has only the tuple that it tells judged
//! again, there and wherever it was told since. Which of them fire follows from the window, too.
//!
//! # Invariants
//!
//! - All that was heard is judged, and stands in the line.
//! - The window, where there is one, holds what was heard in `(walked − within, walked]`.

use crate::alert::Firing;
use crate::eval::{Eval, Given};
use crate::fact::{Heard, Said, Word};
use crate::fire::{self, Known};
use crate::fresh::News;
use crate::group::{At, BEFORE_ALL, Group, NEVER, Until, Walk};
use crate::judge::{Waiting, learning};
use crate::window::Window;
use hashbrown::HashMap;
use plan::{FirstSeen, GroupRule};
use state::Portion;
use std::collections::{BTreeMap, BTreeSet};

/// What a live stream keeps of the tuples of a group.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// When each gave alerts.
    pub(crate) alerted: HashMap<u128, BTreeSet<i64>>,
    /// Tuples that were new in a second and have not fired: the window may have them do so yet.
    hopeful: BTreeMap<i64, BTreeSet<u128>>,
    /// What was known at a second, as its alerts tell it.
    known: Option<(i64, serde_json::Value)>,
}

impl Group {
    /// Hear what events say, judge what that may change, and forget what no second after the
    /// watermark asks for. Returns whether the group still tells something.
    pub(crate) fn follow(
        &mut self,
        (mail, fresh): News<'_, '_>,
        until: Until,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) -> bool {
        self.meet(mail.extent());
        fresh.gather(mail, |_| BEFORE_ALL);
        for (second, word) in fresh.words() {
            match &walk.group.first_seen {
                Some(first) => self.tell(*second, *word, first, (walk, out)),
                None => self.add(*second, *word, walk, out),
            }
        }
        if until.watermark > self.walked {
            self.turn_window(until.watermark, walk.group);
        }
        self.keep(&[], until.watermark, walk.group)
    }

    /// Hear an event, and judge its second and those after it again.
    fn add(&mut self, second: i64, word: Word<'_>, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let rule = walk.group;
        // Rare tuples of the second may fire with what a window has now.
        let is_apart = rule.rare.is_none() || rule.within.is_none();
        let grows = is_apart && second <= self.walked && self.was_judged(second);
        if second <= self.walked {
            self.take_back(second.saturating_add(i64::from(grows)), walk);
        }
        self.line.put(second, word.keep());
        self.arrange(rule);
        let line = std::mem::take(&mut self.line);
        let mut waiting: Waiting = None;
        if grows && word.said.events() > 0 {
            self.amend(line.all(), (second, word.said), (walk, &mut waiting), out);
        }
        self.walk_on(line.all(), NEVER, (walk, &mut waiting), out);
        self.let_out(waiting, out);
        self.line = line;
    }

    /// Whether a second had events, which were judged.
    fn was_judged(&self, second: i64) -> bool {
        let here = self.line.at_or_after(second)..self.line.at_or_after(second.saturating_add(1));
        self.line.range(here).iter().any(|(_, heard)| heard.said.events() > 0)
    }

    /// Judge a second again that says one thing more, the last that is walked.
    fn amend(
        &mut self,
        all: &[(i64, Heard)],
        (second, said): (i64, &Said),
        (walk, waiting): (Walk<'_>, &mut Waiting),
        out: &mut Vec<Firing>,
    ) {
        let rule = walk.group;
        let from = all.partition_point(|(there, _)| *there < second);
        let Some(at) = At::of(all, from) else { return };
        match &mut self.window {
            Some(window) => window.enter(said),
            None => self.fill_window(at, rule),
        }
        if let Some(rare) = &rule.rare {
            let whole = at.said().map(Said::events).sum::<u64>() - said.events();
            let tuples = said.tuples().map(|tuple| {
                let part = at.said().map(|said| said.events_of(tuple.hash)).sum::<u64>();
                (tuple, Portion { part: part - tuple.events, whole })
            });
            self.judge_share(at, tuples, rare, (walk, out));
        } else if self.window.is_some() {
            self.runs.take_back_opening(second);
            self.rise(at, None, walk, waiting);
        }
        self.past.enter(std::iter::once((second, said)), rule);
    }

    /// Let the window hold what is in it at the end of a second, where it may matter.
    fn fill_window(&mut self, at: At<'_, Heard>, rule: &GroupRule) {
        if rule.within.is_none() || self.is_plainly_quiet(at, rule) {
            return;
        }
        let window = self.window.insert(Box::new(Window::new(rule)));
        at.window(rule).iter().for_each(|(_, heard)| window.enter(&heard.said));
    }

    /// Whether the window plainly has fewer events than `when` asks, and no run is open.
    fn is_plainly_quiet(&self, at: At<'_, Heard>, rule: &GroupRule) -> bool {
        let least = Window::least_events(rule).filter(|_| rule.rare.is_none());
        let may_pass = !self.runs.is_open() && !self.is_crowded;
        least.is_some_and(|least| may_pass && at.window(rule).len() < least)
    }

    /// Move the window, if there is one, from the second walked last to another.
    pub(crate) fn turn_window(&mut self, second: i64, rule: &GroupRule) {
        let before = std::mem::replace(&mut self.walked, second);
        let (Some((within, _)), Some(window)) = (&rule.within, &mut self.window) else { return };
        let bounds = |last: i64| {
            let first = last.saturating_sub(*within).saturating_add(1);
            (self.line.at_or_after(first), self.line.at_or_after(last.saturating_add(1)))
        };
        let ((low, high), (to_low, to_high)) = (bounds(before), bounds(second));
        let said = |range| self.line.range(range).iter().map(|(_, heard)| &*heard.said);
        said(to_low..low.min(to_high)).for_each(|said| window.enter(said));
        said(high.max(to_low)..to_high).for_each(|said| window.enter(said));
        said(low..to_low.min(high)).for_each(|said| window.leave(said));
        said(to_high.max(low)..high).for_each(|said| window.leave(said));
    }

    /// Hear what an event says to a rule that learns, and judge its tuples again.
    fn tell(
        &mut self,
        second: i64,
        word: Word<'_>,
        first: &FirstSeen,
        (walk, out): (Walk<'_>, &mut Vec<Firing>),
    ) {
        let (rule, last) = (walk.group, self.walked.max(second));
        self.turn_window(second, rule);
        self.line.put(second, word.keep());
        self.arrange(rule);
        if let Some(window) = &mut self.window {
            window.enter(word.said);
        } else if rule.within.is_some() {
            self.window = Some(Box::new(Window::new(rule)));
            self.walked = BEFORE_ALL;
            self.turn_window(second, rule);
        }
        if word.said.events() > 0 {
            self.learn((second, word.said), last, first);
            for second in self.told().hopeful_from(second) {
                self.turn_window(second, rule);
                self.judge_hopeful(second, first, walk, out);
            }
        }
        self.turn_window(last, rule);
    }

    /// Learn the tuples that an event tells, and each again wherever it was told since; where the
    /// history begins with the event, and that decides what was a warm-up, all of them.
    fn learn(&mut self, (second, said): (i64, &Said), last: i64, first: &FirstSeen) {
        let start = self.memory.begin(second);
        let told = self.told();
        if told.known.as_ref().is_some_and(|(at, _)| second < *at) {
            told.known = None;
        }
        said.tuples().for_each(|tuple| self.memory.name(tuple.hash, tuple.parts));
        if second < start {
            self.memory.begin_before(second);
            if last.saturating_sub(second) >= first.warmup {
                self.memory.take_back_all(second);
                let all = self.line.range(self.line.at_or_after(second)..self.line.len());
                let told = |(second, heard): &(i64, Heard)| (*second, heard.said.hashes());
                let all: Vec<_> = all.iter().map(told).collect();
                for (second, hashes) in all {
                    hashes.into_iter().for_each(|hash| self.learn_one(hash, second, first));
                }
                return;
            }
        }
        for hash in said.hashes() {
            let later = self.memory.take_back(hash, second);
            self.learn_one(hash, second, first);
            let later = later.into_iter().filter(|there| *there > second);
            later.for_each(|second| self.learn_one(hash, second, first));
        }
    }

    fn learn_one(&mut self, hash: u128, second: i64, first: &FirstSeen) {
        let is_new = self.memory.tell(hash, second, learning(first));
        let here = self.line.at_or_after(second)..self.line.at_or_after(second.saturating_add(1));
        let mut here = self.line.range(here).iter();
        if is_new && here.any(|(_, heard)| heard.said.may_fire(hash)) {
            self.told().hopeful.entry(second).or_default().insert(hash);
        } else if let Some(hopeful) = self.told().hopeful.get_mut(&second) {
            hopeful.remove(&hash);
        }
    }

    /// Fire for the new tuples of a second, as far as the window lets them.
    fn judge_hopeful(
        &mut self,
        second: i64,
        first: &FirstSeen,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) {
        let rule = walk.group;
        if self.window.as_ref().is_some_and(|window| !window.reaches(rule)) {
            return;
        }
        if first.bound.is_empty() {
            // All alike: one answer serves them.
            let given = Given { aggregates: self.aggregates(walk), ..Given::default() };
            let bound = self.bound(walk);
            let mut eval = Eval::beside(walk.program, walk.arena, &given, &bound);
            if !first.window_parts.iter().all(|part| eval.truth(*part)) {
                return;
            }
        }
        let Some(hopeful) = self.told().hopeful.remove(&second) else { return };
        if self.told().known.as_ref().is_none_or(|(at, _)| *at != second) {
            let start = self.start().unwrap_or(second);
            let shown = self.memory.shown_again((second, first.memory));
            let baseline = fire::baseline(shown, start.saturating_add(first.warmup));
            self.told().known = Some((second, baseline));
        }
        let baseline = self.told().known.take();
        let known = Known { baseline: baseline.map(|(_, known)| known), ..Known::default() };
        let line = std::mem::take(&mut self.line);
        let mut left = hopeful;
        if let Some(at) = At::of(line.all(), line.at_or_after(second)) {
            let again = second..=second.saturating_add(first.memory);
            left.retain(|hash| {
                !self.fire_once((at, *hash), again.clone(), &known, (walk, &mut *out))
            });
        }
        self.line = line;
        let told = self.told();
        told.known = known.baseline.map(|baseline| (second, baseline));
        if rule.within.is_some() && !left.is_empty() {
            told.hopeful.insert(second, left);
        }
    }

    pub(crate) fn told(&mut self) -> &mut Told {
        self.told.get_or_insert_default()
    }
}

impl Told {
    /// The seconds from one on in which some tuple may fire yet.
    fn hopeful_from(&self, second: i64) -> Vec<i64> {
        self.hopeful.range(second..).map(|(second, _)| *second).collect()
    }

    /// Forget what no second at or after the watermark asks for; of alerts those before `oldest`.
    pub(crate) fn forget(&mut self, watermark: i64, oldest: Option<i64>) {
        self.hopeful = self.hopeful.split_off(&watermark);
        if let Some(oldest) = oldest {
            self.alerted.retain(|_, told| {
                *told = told.split_off(&oldest);
                !told.is_empty()
            });
        }
    }
}
