//! The walk over a group's seconds: where it fires.
//!
//! Source: language reference, "Edge" and "Learning".

use crate::alert::Firing;
use crate::eval::{Eval, Given};
use crate::fact::{Full, Lend, Said, Word};
use crate::fire::{self, Known};
use crate::group::{At, BEFORE_ALL, Group, Walk};
use crate::past::{Past, scores, seldom};
use crate::window::Window;
use event::{Number, Value};
use plan::{FirstSeen, GroupRule, NodeId, Rare};
use state::{Fit, Learning, Portion};

/// The alert of a run, held back until it is certain that the run has given none; and its
/// second.
pub(crate) type Waiting = Option<(i64, Firing)>;

impl Group {
    /// Judge the seconds not yet walked, up to and including `until`, of all that was heard.
    pub(crate) fn walk(
        &mut self,
        all: &[(i64, Word<'_>)],
        until: i64,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) {
        let mut waiting: Waiting = None;
        self.walk_on(all, until, (walk, &mut waiting), out);
        self.let_out(waiting, out);
    }

    /// The same, while the alert of a run may wait.
    pub(crate) fn walk_on<W: Lend>(
        &mut self,
        all: &[(i64, W)],
        until: i64,
        (walk, waiting): (Walk<'_>, &mut Waiting),
        out: &mut Vec<Firing>,
    ) {
        let within = walk.group.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        let last = self.walked.saturating_sub(within);
        self.next = all.partition_point(|(second, _)| *second <= self.walked);
        self.low = all[..self.next].partition_point(|(second, _)| *second <= last);
        let end = all.partition_point(|(second, _)| *second <= until).max(self.next);
        let is_early = self.past.may_enter_early(end - self.next);
        if is_early {
            self.past.enter(said(&all[self.next..end]), walk.group);
        }
        loop {
            let before = self.next;
            self.pass_quiet(all, until, walk);
            if !is_early {
                self.past.enter(said(&all[before..self.next]), walk.group);
            }
            let at = At::of(all, self.next).filter(|at| at.second <= until);
            let Some(at) = at else { break };
            self.turn_to(at.heard, at.second, walk.group);
            if at.said().any(|said| said.events() > 0) {
                match (&walk.group.first_seen, &walk.group.rare) {
                    (Some(first), _) => self.judge_tuples(at, first, walk, out),
                    (None, Some(rare)) => self.judge_shares(at, rare, walk, out),
                    (None, None) => self.judge_edge(at, walk, waiting, out),
                }
                if !is_early {
                    self.past.enter(said(at.here()), walk.group);
                }
            }
            self.walked = at.second;
            self.next = at.heard.len();
        }
    }

    /// Pass the seconds up to `until` of which it is plain that nothing is to be judged, as
    /// far as they come first.
    fn pass_quiet<W: Lend>(&mut self, all: &[(i64, W)], until: i64, walk: Walk<'_>) {
        let rule = walk.group;
        match (&rule.first_seen, &rule.within, Window::least_events(rule)) {
            (Some(first), None, _) => self.pass_known(all, until, first),
            (None, Some((within, _)), Some(least)) if rule.rare.is_none() => {
                let is_loud = |last: usize| {
                    let first = (last + 1).checked_sub(least);
                    first.is_some_and(|first| all[last].0 - all[first].0 < *within)
                };
                self.pass_few(all, until, is_loud, rule);
            }
            _ => {}
        }
    }

    /// Learn again what is known.
    fn pass_known<W: Lend>(&mut self, all: &[(i64, W)], until: i64, first: &FirstSeen) {
        let how = learning(first);
        while let Some((second, word)) = all.get(self.next)
            && let Said::Known(_, tuple) = &**word.lend().said
            && *second <= until
        {
            self.memory.begin(*second);
            self.memory.judge(*tuple, *second, how);
            self.walked = *second;
            self.next += 1;
        }
    }

    /// Pass seconds in which the window has fewer events than `when` asks at least: it is false
    /// there, and the window is filled when it is asked for. Where so many events are in a
    /// window, the last of them is loud: the first is as near as that.
    fn pass_few<W: Lend>(
        &mut self,
        all: &[(i64, W)],
        until: i64,
        is_loud: impl Fn(usize) -> bool,
        rule: &GroupRule,
    ) {
        if self.runs.is_open() || self.is_crowded {
            return;
        }
        let (mut end, mut at_hand) = (self.next, BEFORE_ALL);
        for (index, (second, _)) in all.iter().enumerate().skip(self.next) {
            if *second != at_hand {
                (end, at_hand) = (index, *second);
            }
            if *second > until || is_loud(index) {
                break;
            }
            if index + 1 == all.len() {
                end = all.len();
            }
        }
        let quiet = &all[self.next..end];
        let Some((last, _)) = quiet.last() else { return };
        if !rule.baselines.is_empty() {
            let first = quiet.iter().find(|(_, word)| word.lend().said.events() > 0);
            first.into_iter().for_each(|(first, _)| _ = self.memory.begin(*first));
        }
        (self.walked, self.next, self.window) = (*last, end, None);
    }

    fn judge_edge<W: Lend>(
        &mut self,
        at: At<'_, W>,
        walk: Walk<'_>,
        waiting: &mut Waiting,
        out: &mut Vec<Firing>,
    ) {
        let mut fits = None;
        if !walk.group.baselines.is_empty() {
            self.memory.begin(at.second);
        }
        if self.runs.is_open() && (self.is_empty() || !self.holds(at.second, &mut fits, walk)) {
            self.let_out(waiting.take(), out);
            self.runs.close(at.second);
        }
        self.enter(at);
        self.rise(at, fits, walk, waiting);
    }

    /// Let a run begin where `when` has become true, of all events up to the end of the second.
    pub(crate) fn rise<W: Lend>(
        &mut self,
        at: At<'_, W>,
        mut fits: Option<Vec<Option<Fit>>>,
        walk: Walk<'_>,
        waiting: &mut Waiting,
    ) {
        if !self.holds(at.second, &mut fits, walk) {
            return;
        }
        let is_first = !self.runs.is_open();
        if is_first {
            self.runs.open(at.second);
        }
        if self.runs.recalls(at.second) {
            *waiting = None;
        } else if is_first {
            let fits = fits.unwrap_or_default();
            *waiting = self.fire(at, &fits, walk).map(|firing| (at.second, firing));
        }
    }

    /// Give the alert of a run, unless the run has given it.
    pub(crate) fn let_out(&mut self, waiting: Waiting, out: &mut Vec<Firing>) {
        if let Some((second, firing)) = waiting
            && self.runs.owes(second)
        {
            out.push(firing);
        }
    }

    /// The keys of the group, for conditions that read them.
    pub(crate) fn bound<'a>(&'a self, walk: Walk<'a>) -> Vec<(NodeId, Value<'a>)> {
        let paths = &walk.program.groups[walk.group.by];
        paths.iter().map(|path| path.node).zip(self.key.values(walk.arena)).collect()
    }

    /// Whether `when` is true of the window; what is usual is looked up where it is asked for.
    #[inline]
    fn holds(&mut self, second: i64, fits: &mut Option<Vec<Option<Fit>>>, walk: Walk<'_>) -> bool {
        self.window.as_ref().is_some_and(|window| window.reaches(walk.group))
            && self.stands_out(second, walk.group)
            && self.holds_exactly(second, fits, walk)
    }

    /// Whether each score is as great as `when` asks at least.
    fn stands_out(&mut self, second: i64, rule: &GroupRule) -> bool {
        let Self { window, past, .. } = self;
        let start = self.memory.start().unwrap_or(second);
        rule.score_floors.iter().all(|(score, least)| {
            let fit = past.fit(*score, (start, second));
            let column = rule.aggregates[rule.baselines[*score].aggregate].column;
            let value = window.as_ref().map(|window| window.value(column, rule));
            let (Some(fit), Some(Value::Number(value))) = (fit, value) else { return false };
            fit.score(value.float()) >= *least
        })
    }

    /// Whether no event is in the window.
    fn is_empty(&self) -> bool {
        self.window.as_ref().is_none_or(|window| window.events == 0)
    }

    #[cold]
    fn holds_exactly(
        &mut self,
        second: i64,
        fits: &mut Option<Vec<Option<Fit>>>,
        walk: Walk<'_>,
    ) -> bool {
        let start = self.start().unwrap_or(second);
        let fits = fits.get_or_insert_with(|| self.past.fits(start, second));
        let aggregates = self.aggregates(walk);
        let scores = scores(walk.group, fits, aggregates);
        let given = Given { aggregates, scores: &scores, ..Given::default() };
        let when = walk.group.when.node;
        let reads_key = walk.program.reads(when).event;
        let bound = if reads_key { self.bound(walk) } else { Vec::new() };
        Eval::beside(walk.program, walk.arena, &given, &bound).truth(when)
    }

    fn judge_tuples<W: Lend>(
        &mut self,
        at: At<'_, W>,
        first: &FirstSeen,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) {
        let second = at.second;
        if walk.group.within.is_some() {
            self.enter(at);
        }
        let start = self.memory.begin(second);
        let how = learning(first);
        let mut undo = Vec::new();
        let mut fresh = Vec::new();
        for said in at.said() {
            match said {
                Said::Event(..) | Said::Steps(..) => {}
                Said::Known(_, tuple) => {
                    self.memory.judge(*tuple, second, how);
                }
                Said::Tuple(..) | Said::Row(_) => {
                    for tuple in said.tuples() {
                        self.memory.name(tuple.hash, tuple.parts);
                        let (new, change) = self.memory.judge(tuple.hash, second, how);
                        undo.push(change);
                        if new && tuple.may_fire {
                            fresh.push(tuple.hash);
                        }
                    }
                }
            }
        }
        if !fresh.is_empty() {
            let shown = self.memory.shown((second, first.memory), &undo);
            let baseline = fire::baseline(shown, start.saturating_add(first.warmup));
            let known = Known { baseline: Some(baseline), ..Known::default() };
            out.extend(
                fresh.into_iter().filter_map(|hash| self.fire_tuple(at, hash, &known, walk)),
            );
        }
    }

    fn judge_shares<W: Lend>(
        &mut self,
        at: At<'_, W>,
        rare: &Rare,
        walk: Walk<'_>,
        out: &mut Vec<Firing>,
    ) {
        let second = at.second;
        if walk.group.within.is_some() {
            self.enter(at);
        }
        self.memory.begin(second);
        let tuples = at.said().flat_map(Said::tuples).map(|tuple| (tuple, Portion::default()));
        self.judge_share(at, tuples, rare, (walk, out));
    }

    /// Fire for each of some tuples of a second that is rare; what of the second has entered the
    /// past already stands beside it.
    pub(crate) fn judge_share<'t, W: Lend>(
        &mut self,
        at: At<'_, W>,
        tuples: impl Iterator<Item = (Full<'t>, Portion)>,
        rare: &Rare,
        (walk, out): (Walk<'_>, &mut Vec<Firing>),
    ) {
        let second = at.second;
        let start = self.start().unwrap_or(second);
        let Past::Share(share) = &mut self.past else { return };
        share.turn_to(second, rare.memory);
        let tuples = tuples.filter(|(tuple, _)| tuple.may_fire);
        let found: Vec<(u128, Portion)> = tuples
            .filter_map(|(tuple, entered)| {
                let portion = share.of((tuple.hash, entered), (start, second), seldom(rare))?;
                let share = Value::Number(Number::Float(portion.value()));
                let given = Given { share, ..Given::default() };
                let mut eval = Eval::beside(walk.program, walk.arena, &given, &[]);
                eval.truth(rare.seldom).then_some((tuple.hash, portion))
            })
            .collect();
        for (hash, portion) in found {
            let known = Known { share: Some(portion), ..Known::default() };
            self.fire_once((at, hash), second..=second, &known, (walk, out));
        }
    }

    /// Fire for a tuple, unless it had an alert in a range of time; returns whether it had or has
    /// one.
    pub(crate) fn fire_once<W: Lend>(
        &mut self,
        (at, hash): (At<'_, W>, u128),
        again: std::ops::RangeInclusive<i64>,
        known: &Known<'_>,
        (walk, out): (Walk<'_>, &mut Vec<Firing>),
    ) -> bool {
        let told = self.told.as_ref().and_then(|told| told.alerted.get(&hash));
        if told.is_some_and(|told| told.range(again).next().is_some()) {
            return true;
        }
        let Some(firing) = self.fire_tuple(at, hash, known, walk) else { return false };
        if walk.live {
            self.told().alerted.entry(hash).or_default().insert(at.second);
        }
        out.push(firing);
        true
    }
}

/// What was said, and when.
fn said<W: Lend>(words: &[(i64, W)]) -> impl Iterator<Item = (i64, &Said)> + Clone {
    words.iter().map(|(second, word)| (*second, &**word.lend().said))
}

pub(crate) fn learning(first: &FirstSeen) -> Learning {
    Learning {
        warmup: first.warmup,
        memory: first.memory,
        keep_out: first.keep_out,
        cold_alert: first.cold_alert,
    }
}
