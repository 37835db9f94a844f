//! The walk over a group's seconds: where it fires.
//!
//! Source: language reference, "Edge" and "Learning".

use crate::alert::Firing;
use crate::eval::{Eval, Given};
use crate::fire::{self, Known};
use crate::group::{At, Edge, Group, Walk};
use crate::past::{Past, scores, seldom};
use event::{Number, Value};
use plan::{FirstSeen, GroupRule, NodeId, Rare};
use state::{Fit, Learning, Portion};
use std::cmp::Reverse;

impl Group {
    /// Judge the seconds not yet walked, up to and including `until`.
    pub(crate) fn walk(&mut self, until: i64, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let mut waiting: Option<(usize, Firing)> = None;
        while let Some((second, cell)) = self.cells.get(self.next) {
            if second > until {
                break;
            }
            let index = self.next;
            let has_events = cell.row.events > 0;
            self.pass_sights(second.saturating_sub(1), walk.group);
            self.slide(second, walk.group);
            if has_events {
                let at = At { index, second };
                match (&walk.group.first_seen, &walk.group.rare) {
                    (Some(first), _) => self.judge_tuples(at, first, walk, out),
                    (None, Some(rare)) => self.judge_shares(at, rare, walk, out),
                    (None, None) => self.judge_edge(at, walk, &mut waiting, out),
                }
                if let Some((_, cell)) = self.cells.get(index) {
                    self.past.enter(second, &cell.row, walk.group);
                }
            } else {
                self.settle_edge(index);
            }
            self.walked = second;
            self.next = index + 1;
        }
        self.pass_sights(until, walk.group);
        self.let_out(waiting, out);
    }

    /// Learn again what is known, in the seconds up to `until`.
    fn pass_sights(&mut self, until: i64, rule: &GroupRule) {
        let Some(first) = &rule.first_seen else { return };
        let how = learning(first);
        while let Some((second, tuple)) = self.take_sight(until) {
            self.memory.begin(second);
            self.memory.judge(tuple, second, how);
            self.walked = second;
        }
    }

    /// The first sight, if it is not after `until`.
    fn take_sight(&mut self, until: i64) -> Option<(i64, u128)> {
        let Reverse((second, _)) = self.sights.peek()?;
        if *second > until {
            return None;
        }
        self.sights.pop().map(|Reverse(sight)| sight)
    }

    fn judge_edge(
        &mut self,
        at: At,
        walk: Walk<'_>,
        waiting: &mut Option<(usize, Firing)>,
        out: &mut Vec<Firing>,
    ) {
        let index = at.index;
        let mut fits = None;
        if !walk.group.baselines.is_empty() {
            self.begin(at);
        }
        let mut edge = self.edge_before(index);
        if edge == Edge::Run && (self.window.events == 0 || !self.holds(at, &mut fits, walk)) {
            edge = Edge::Armed;
            self.let_out(waiting.take(), out);
            self.told = false;
        }
        self.enter(index);
        let mut opens = false;
        if self.holds(at, &mut fits, walk) {
            if edge == Edge::Armed {
                opens = true;
                self.let_out(waiting.take(), out);
                self.told = false;
                let fits = fits.unwrap_or_default();
                *waiting = self.fire(at, &fits, walk).map(|firing| (index, firing));
            }
            edge = Edge::Run;
        }
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.edge = edge;
            cell.opens = opens;
            if edge == Edge::Run && cell.alerted {
                *waiting = None;
                self.told = true;
            }
        }
    }

    /// Give the alert of a run, unless the run has given it.
    fn let_out(&mut self, waiting: Option<(usize, Firing)>, out: &mut Vec<Firing>) {
        let Some((index, firing)) = waiting else { return };
        if self.told {
            return;
        }
        self.told = true;
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.alerted = true;
        }
        out.push(firing);
    }

    /// The keys of the group, for conditions that read them.
    pub(crate) fn bound<'a>(&'a self, walk: Walk<'a>) -> Vec<(NodeId, Value<'a>)> {
        let paths = &walk.program.groups[walk.group.by];
        let values = self.key.values.iter().map(|value| value.lend(walk.arena));
        paths.iter().map(|path| path.node).zip(values).collect()
    }

    /// Whether `when` is true of the window; what is usual is looked up where it is asked for.
    fn holds(&mut self, at: At, fits: &mut Option<Vec<Option<Fit>>>, walk: Walk<'_>) -> bool {
        if !self.window.reaches(walk.group) {
            return false;
        }
        let start = self.start().unwrap_or(at.second);
        let fits = fits.get_or_insert_with(|| self.past.fits(start, at.second, walk.group));
        let aggregates = self.window.aggregates(walk.group, walk.arena);
        let scores = scores(walk.group, fits, aggregates);
        let given = Given { aggregates, scores: &scores, ..Given::default() };
        let when = walk.group.when.node;
        let reads_key = walk.program.reads(when).event;
        let bound = if reads_key { self.bound(walk) } else { Vec::new() };
        Eval::beside(walk.program, walk.arena, &given, &bound).truth(when)
    }

    fn judge_tuples(&mut self, at: At, first: &FirstSeen, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let At { index, second } = at;
        if walk.group.within.is_some() {
            self.enter(index);
        }
        let start = self.begin(at);
        let how = learning(first);
        let mut undo = Vec::new();
        let mut fresh = Vec::new();
        let sights: Vec<u128> =
            std::iter::from_fn(|| self.take_sight(second)).map(|(_, tuple)| tuple).collect();
        let Some((_, cell)) = self.cells.get(index) else { return };
        for tuple in sights.chunk_by(|a, b| a == b).filter_map(|same| same.first()) {
            // Of one second each tuple is judged once.
            if cell.row.tuples.get(*tuple).is_none() {
                undo.push(self.memory.judge(*tuple, second, how).1);
            }
        }
        for tuple in cell.row.tuples.iter() {
            let hash = &tuple.hash;
            self.memory.name(*hash, tuple.parts.lend());
            let (new, change) = self.memory.judge(*hash, second, how);
            undo.push(change);
            if new && !tuple.candidates.is_empty() {
                fresh.push(*hash);
            }
        }
        let known = if fresh.is_empty() {
            Known::default()
        } else {
            let shown = self.memory.shown((second, first.memory), &undo, walk.live);
            let baseline = fire::baseline(shown, start.saturating_add(first.warmup));
            Known { baseline: Some(baseline), ..Known::default() }
        };
        for hash in fresh {
            let again = second..=second.saturating_add(first.memory);
            self.fire_once((at, hash), again, &known, (walk, out));
        }
        if walk.live
            && let Some((_, cell)) = self.cells.get_mut(index)
        {
            cell.undo = Some(undo.into());
        }
    }

    fn judge_shares(&mut self, at: At, rare: &Rare, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let At { index, second } = at;
        if walk.group.within.is_some() {
            self.enter(index);
        }
        let start = self.begin(at);
        let Past::Share(share) = &mut self.past else { return };
        share.turn_to(second, rare.memory);
        let Some((_, cell)) = self.cells.get(index) else { return };
        let tuples = cell.row.tuples.iter().filter(|tuple| !tuple.candidates.is_empty());
        let found: Vec<(u128, Portion)> = tuples
            .filter_map(|tuple| {
                let portion = share.of(tuple.hash, start, second, seldom(rare))?;
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

    /// Fire for a tuple, unless it had an alert in a range of time.
    fn fire_once(
        &mut self,
        (at, hash): (At, u128),
        again: std::ops::RangeInclusive<i64>,
        known: &Known<'_>,
        (walk, out): (Walk<'_>, &mut Vec<Firing>),
    ) {
        let told = self.alerted.get(&hash);
        if told.is_some_and(|told| told.range(again).next().is_some()) {
            return;
        }
        if let Some(firing) = self.fire_tuple(at, hash, known, walk) {
            if walk.live {
                self.alerted.entry(hash).or_default().insert(at.second);
            }
            out.push(firing);
        }
    }
}

fn learning(first: &FirstSeen) -> Learning {
    Learning {
        warmup: first.warmup,
        memory: first.memory,
        keep_out: first.keep_out,
        cold_alert: first.cold_alert,
    }
}
