//! The walk over a group's seconds: where it fires.
//!
//! Source: language reference, "Edge" and "Learning".

use crate::alert::Firing;
use crate::eval::Eval;
use crate::fire::lend;
use crate::group::{At, Edge, Group, Walk};
use bumpalo::Bump;
use event::Value;
use plan::{FirstSeen, NodeId};
use state::Learning;

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
                match &walk.group.first_seen {
                    Some(first) => self.judge_tuples(At { index, second }, first, walk, out),
                    None => self.judge_edge(At { index, second }, walk, &mut waiting, out),
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
        let mut edge = self.edge_before(index);
        if edge == Edge::Run && (self.window.events == 0 || !self.holds(walk)) {
            edge = Edge::Armed;
            self.let_out(waiting.take(), out);
            self.told = false;
        }
        self.enter(index);
        let mut opens = false;
        if self.holds(walk) {
            if edge == Edge::Armed {
                opens = true;
                self.let_out(waiting.take(), out);
                self.told = false;
                *waiting = self.fire(at, walk).map(|firing| (index, firing));
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

    pub(crate) fn bound<'a>(&self, walk: Walk<'a>, arena: &'a Bump) -> Vec<(NodeId, Value<'a>)> {
        let paths = &walk.program.groups[walk.group.by];
        let key = &self.key;
        paths.iter().zip(&key.values).map(|(path, value)| (path.node, lend(value, arena))).collect()
    }

    fn holds(&self, walk: Walk<'_>) -> bool {
        let aggregates = self.window.aggregates(walk.group, walk.arena);
        let bound = self.bound(walk, walk.arena);
        Eval::window(walk.program, walk.arena, aggregates, &bound).truth(walk.group.when.node)
    }

    fn judge_tuples(&mut self, at: At, first: &FirstSeen, walk: Walk<'_>, out: &mut Vec<Firing>) {
        let At { index, second } = at;
        if walk.group.within.is_some() {
            self.enter(index);
        }
        let starts = self.learned.start.is_none();
        let start = *self.learned.start.get_or_insert(second);
        let how = Learning {
            warmup: first.warmup,
            memory: first.memory,
            keep_out: first.keep_out,
            cold_alert: first.cold_alert,
        };
        let Some((_, cell)) = self.cells.get_mut(index) else { return };
        cell.starts = starts;
        let mut undo = Vec::with_capacity(cell.row.tuples.len());
        let mut fresh = Vec::new();
        for tuple in &cell.row.tuples {
            let hash = &tuple.hash;
            let (new, change) = self.learned.judge(*hash, second, how);
            undo.push(change);
            if new && !tuple.candidates.is_empty() {
                fresh.push(*hash);
            }
            self.parts.entry(*hash).or_insert_with(|| tuple.parts.clone());
        }
        let baseline = if fresh.is_empty() {
            serde_json::Value::Null
        } else {
            self.baseline(second, start, first, &undo)
        };
        for hash in fresh {
            let within_memory = second..=second.saturating_add(first.memory);
            let again = self
                .alerted
                .get(&hash)
                .is_some_and(|told| told.range(within_memory).next().is_some());
            if again {
                continue;
            }
            if let Some(firing) = self.fire_tuple(at, hash, &baseline, walk) {
                if walk.live {
                    self.alerted.entry(hash).or_default().insert(second);
                }
                out.push(firing);
            }
        }
        if walk.live
            && let Some((_, cell)) = self.cells.get_mut(index)
        {
            cell.undo = undo;
        }
    }
}
