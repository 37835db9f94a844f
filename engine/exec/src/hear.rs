//! What a group makes of what it is told: it is judged where it was written, beside what the group
//! kept before, and only what later seconds may ask for is kept.
//!
//! Mostly so little is told that it comes to nothing, whatever its order in time: then it is
//! neither sorted nor walked.
//!
//! # Invariants
//!
//! - What is walked is a row alone in its second wherever a tuple of it is told in full, and at
//!   most [`Group::FEW`] in any second.

use crate::alert::Firing;
use crate::fact::{Heard, Lend, Said, Word};
use crate::facts::Extent;
use crate::fresh::News;
use crate::group::{BEFORE_ALL, Group, NEVER, Until, Walk};
use crate::pending::Mail;
use crate::window::Window;
use plan::GroupRule;
use std::borrow::Cow;

/// What was heard, in order of time.
type Words<'w> = [(i64, Word<'w>)];

impl Group {
    /// What a second may have heard event by event: it takes no more room than what all say
    /// together.
    const FEW: usize = 64;

    /// What may be heard before it is sorted, where that is more than was sorted.
    const MOST_UNSORTED: usize = 4_096;

    /// Whether nothing comes at the watermark, or after it, of all that a group is told: too few
    /// events for `when`, and too old to meet others.
    pub(crate) fn is_idle(mail: Mail<'_>, watermark: i64, rule: &GroupRule) -> bool {
        let (Some((within, _)), None) = (&rule.within, rule.warmup()) else { return false };
        Window::least_events(rule).is_some_and(|least| {
            let extent = mail.extent();
            extent.events() < least && extent.latest <= watermark.saturating_sub(*within)
        })
    }

    /// Hear what events say, to be judged later.
    pub(crate) fn hear(&mut self, (mail, fresh): News<'_, '_>, walk: Walk<'_>) {
        self.meet(mail.extent());
        fresh.gather(mail, |_| BEFORE_ALL);
        fresh.sort();
        if walk.group.within.is_none() {
            fresh.drop_twins();
        }
        self.put(fresh.words(), BEFORE_ALL);
        if self.line.unsorted() > self.line.len().max(Self::MOST_UNSORTED) {
            self.arrange(walk.group);
        }
    }

    /// Hear what events say, if they do, judge what was told up to a second, and forget what no
    /// second after the watermark asks for. Returns whether the group still tells something.
    pub(crate) fn settle(
        &mut self,
        news: Option<News<'_, '_>>,
        until: Until,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) -> bool {
        let rule = walk.group;
        self.arrange(rule);
        let Some((mail, fresh)) = news else {
            self.judge(&[], until, walk, out);
            return self.keep(&[], until.watermark, rule);
        };
        if walk.live {
            return self.follow((mail, fresh), until, walk, out);
        }
        let extent = mail.extent();
        self.meet(extent);
        if self.is_quiet(extent, until.seconds, walk) {
            let learns = rule.warmup().is_some();
            let from = if learns { BEFORE_ALL } else { oldest(until.watermark, rule) };
            fresh.gather(mail, |_| from);
            self.pass_unjudged(fresh.words(), until.seconds, rule);
            self.walked = self.walked.max(until.watermark);
            return self.keep(fresh.words(), until.watermark, rule);
        }
        self.gather((mail, &mut *fresh), until.seconds, walk);
        let mut words = fresh.words();
        if !self.judge(words, until, walk, out) {
            self.put(words, BEFORE_ALL);
            self.arrange(rule);
            words = &[];
            self.judge(words, until, walk, out);
        }
        self.keep(words, until.watermark, rule)
    }

    /// Note that something is told.
    pub(crate) fn meet(&mut self, extent: Extent) {
        self.first = self.first.min(extent.earliest);
        self.last = self.last.max(extent.latest);
        self.due = self.due.min(extent.earliest);
    }

    /// Whether nothing can fire up to a second, in whatever order it comes: there are fewer events
    /// than `when` asks, or there is no share yet.
    fn is_quiet(&self, told: Extent, until: i64, walk: Walk<'_>) -> bool {
        let rule = walk.group;
        if rule.first_seen.is_some() || self.runs.is_open() || self.is_crowded {
            return false;
        }
        let events = told.events() + self.line.len();
        if rule.rare.is_some() {
            let start = self.start().unwrap_or_else(|| told.earliest.min(self.due));
            return self.past.is_mute((start, until.min(self.last)), events, rule);
        }
        Window::least_events(rule).is_some_and(|least| events < least)
    }

    /// Pass what was told up to a second, in any order.
    fn pass_unjudged(&mut self, words: &Words<'_>, until: i64, rule: &GroupRule) {
        self.window = None;
        if rule.warmup().is_none() {
            return;
        }
        let kept =
            self.line.range(self.line.at_or_after(self.walked.saturating_add(1))..self.line.len());
        let kept = kept.iter().map(|(second, heard)| (*second, &*heard.said));
        let all = kept.chain(words.iter().map(|(second, word)| (*second, &**word.said)));
        let all = all.filter(|(second, said)| *second <= until && said.events() > 0);
        if let Some(first) = all.clone().map(|(second, _)| second).min() {
            self.memory.begin(first);
            self.past.enter(all, rule);
        }
    }

    /// Gather what is told, in order of time, but for what is learned at once.
    fn gather(&mut self, (mail, fresh): News<'_, '_>, until: i64, walk: Walk<'_>) {
        match self.calm(mail, until, walk) {
            None => fresh.gather(mail, |_| BEFORE_ALL),
            Some((until, memory)) => fresh.gather(mail, |voiced| {
                let Said::Known(_, tuple) = &**voiced.said else { return BEFORE_ALL };
                let latest = voiced.latest(until);
                let is_known =
                    latest.is_none_or(|latest| self.memory.remind(*tuple, latest, memory));
                if is_known { until.saturating_add(1) } else { BEFORE_ALL }
            }),
        }
        fresh.sort();
        if walk.group.within.is_none() {
            fresh.drop_twins();
        }
    }

    /// Until when all that is told, or was told and not yet judged, is known; and for how long.
    ///
    /// Nothing fires there, so that of each tuple no more matters than when it was there last.
    fn calm(&self, mail: Mail<'_>, until: i64, walk: Walk<'_>) -> Option<(i64, i64)> {
        let first = walk.group.first_seen.as_ref()?;
        if walk.group.within.is_some() {
            return None;
        }
        let told = mail.said().filter(|voiced| voiced.said.is_full());
        let told = told.map(|voiced| voiced.extent().earliest);
        let kept = self.line.all().iter().filter(|(_, heard)| heard.said.is_full());
        let full = told.chain(kept.map(|(second, _)| *second)).min();
        Some((until.min(full.map_or(NEVER, |second| second.saturating_sub(1))), first.memory))
    }

    /// Walk over what was kept before and these words; false, and nothing is done, where a second
    /// has too many of them to be walked one by one.
    fn judge(
        &mut self,
        words: &Words<'_>,
        until: Until,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) -> bool {
        let rule = walk.group;
        let line = std::mem::take(&mut self.line);
        let all = together(line.all(), words);
        let is_crowded = !words.is_empty() && {
            let fresh = all.partition_point(|(second, _)| *second <= self.walked);
            crowds(&all[fresh..], rule)
        };
        if !is_crowded {
            self.walk(&all, until.seconds, walk, out);
            if until.watermark > self.walked {
                // Nothing waits before the watermark: the window moves on with it.
                self.slide(&all, until.watermark, rule);
                self.walked = until.watermark;
            }
        }
        drop(all);
        self.line = line;
        !is_crowded
    }

    /// Put what was heard from a second on.
    fn put(&mut self, words: &Words<'_>, from: i64) {
        let words = words.iter().filter(|(second, _)| *second >= from);
        self.line.reserve(words.clone().count());
        words.for_each(|(second, word)| self.line.put(*second, word.keep()));
    }

    /// Sort what was put since, and combine where a second has too much of it.
    pub(crate) fn arrange(&mut self, rule: &GroupRule) {
        if self.line.unsorted() == 0 {
            return;
        }
        let from = self.line.sort();
        self.is_crowded |= self.line.combine(from, |all| {
            let words = || all.iter().map(|(_, heard): &(i64, Heard)| &*heard.said);
            let is_crowded = all.len() > Self::FEW || all.len() > 1 && is_told_alone(words(), rule);
            is_crowded.then(|| Heard::together(all))
        });
    }

    /// Keep what seconds after the watermark may ask for of these words and of what was kept
    /// before. Returns whether the group still tells something.
    pub(crate) fn keep(&mut self, words: &Words<'_>, watermark: i64, rule: &GroupRule) -> bool {
        let from = oldest(watermark, rule);
        self.put(words, from);
        self.arrange(rule);
        self.line.drop_front(self.line.at_or_after(from));
        self.due =
            self.line.second(self.line.at_or_after(self.walked.saturating_add(1))).unwrap_or(NEVER);
        self.runs.forget(from.saturating_sub(1));
        self.let_learned_go(watermark, rule) || !self.line.is_empty()
    }

    /// Forget what an idle group still holds and no second after the watermark asks for. Returns
    /// whether it still tells something.
    pub(crate) fn forget(&mut self, watermark: i64, rule: &GroupRule) -> bool {
        if watermark > self.walked {
            self.window = None;
            self.walked = watermark;
        }
        self.keep(&[], watermark, rule)
    }
}

/// The first second that may be in a window with one after the watermark.
fn oldest(watermark: i64, rule: &GroupRule) -> i64 {
    let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
    watermark.saturating_sub(within).saturating_add(1)
}

/// What was kept and what was told, in order of time.
fn together<'w>(kept: &'w [(i64, Heard)], told: &'w Words<'w>) -> Cow<'w, Words<'w>> {
    if kept.is_empty() {
        return Cow::Borrowed(told);
    }
    let mut told = told.iter().copied().peekable();
    let mut all = Vec::with_capacity(kept.len() + told.len());
    for (second, heard) in kept {
        while let Some(word) = told.next_if(|(there, _)| there < second) {
            all.push(word);
        }
        all.push((*second, heard.lend()));
    }
    all.extend(told);
    Cow::Owned(all)
}

/// Whether a second has more words than are walked one by one.
fn crowds(all: &Words<'_>, rule: &GroupRule) -> bool {
    let is_crowd =
        all.iter().zip(all.iter().skip(Group::FEW)).any(|((first, _), (last, _))| first == last);
    let mut seconds = all.chunk_by(|(one, _), (other, _)| one == other);
    is_crowd
        || rule.tuple().is_some()
            && seconds.any(|all| {
                all.len() > 1 && is_told_alone(all.iter().map(|(_, word)| &**word.said), rule)
            })
}

/// Whether one of several words of a second tells a tuple in full, so that they must be combined.
fn is_told_alone<'w>(mut words: impl Iterator<Item = &'w Said>, rule: &GroupRule) -> bool {
    rule.tuple().is_some() && words.any(Said::is_full)
}
