//! The walk over a group's seconds: where it fires.
//!
//! Source: language reference, "Edge" and "Learning".

use crate::alert::Firing;
use crate::eval::{Eval, Given};
use crate::fire::Known;
use crate::group::{At, Edge, Group, Walk};
use crate::past::{Past, scores, seldom};
use event::{Number, Value};
use plan::{FirstSeen, NodeId, Rare};
use state::{Fit, Learning, Portion};

impl Group {
    /// Judge the seconds not yet walked, up to and including `until`.
    pub(crate) fn walk(&mut self, until: i64, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let mut index = self.cells.at_or_after(self.walked.saturating_add(1));
        let mut waiting: Option<(usize, Firing)> = None;
        while let Some((second, cell)) = self.cells.get(index) {
            if second > until {
                break;
            }
            let has_events = cell.row.events > 0;
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
            index += 1;
        }
        self.let_out(waiting, out);
    }

    fn judge_edge(
        &mut self,
        at: At,
        walk: Walk<'_>,
        waiting: &mut Option<(usize, Firing)>,
        out: &mut Vec<Firing>,
    ) {
        let index = at.index;
        let fits = self.fits(at, walk);
        let mut edge = self.edge_before(index);
        if edge == Edge::Run && (self.window.events == 0 || !self.holds(&fits, walk)) {
            edge = Edge::Armed;
            self.let_out(waiting.take(), out);
            self.told = false;
        }
        self.enter(index);
        let mut opens = false;
        if self.holds(&fits, walk) {
            if edge == Edge::Armed {
                opens = true;
                self.let_out(waiting.take(), out);
                self.told = false;
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

    /// What is usual at a second, for each score of the rule.
    fn fits(&mut self, at: At, walk: Walk<'_>) -> Vec<Option<Fit>> {
        if walk.group.baselines.is_empty() {
            return Vec::new();
        }
        let start = self.begin(at);
        self.past.fits(start, at.second, walk.group)
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

    fn holds(&self, fits: &[Option<Fit>], walk: Walk<'_>) -> bool {
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
        let how = Learning {
            warmup: first.warmup,
            memory: first.memory,
            keep_out: first.keep_out,
            cold_alert: first.cold_alert,
        };
        let Some((_, cell)) = self.cells.get(index) else { return };
        let mut undo = Vec::with_capacity(cell.row.tuples.len());
        let mut fresh = Vec::new();
        for tuple in &cell.row.tuples {
            let hash = &tuple.hash;
            let (new, change) = self.learned.judge(*hash, second, how);
            undo.push(change);
            if new && !tuple.candidates.is_empty() {
                fresh.push(*hash);
            }
            if !tuple.parts.is_empty() {
                self.parts.entry(*hash).or_insert_with(|| tuple.parts.clone());
            }
        }
        let known = if fresh.is_empty() {
            Known::default()
        } else {
            let baseline = self.baseline(second, start, first, &undo);
            Known { baseline: Some(baseline), ..Known::default() }
        };
        for hash in fresh {
            let again = second..=second.saturating_add(first.memory);
            self.fire_once((at, hash), again, &known, (walk, out));
        }
        if walk.live
            && let Some((_, cell)) = self.cells.get_mut(index)
        {
            cell.undo = undo;
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
