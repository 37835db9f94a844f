//! A group of a sequence: its walk over time, and the conditions that read several events.
//!
//! The walk itself is `sequence`'s; here its entries are held against the rule's steps and
//! its fires become firings.

use crate::alert::Firing;
use crate::compare::equal;
use crate::eval::{Eval, Given};
use crate::fact::GroupKey;
use crate::sequence::{Course, Demand, Fire, Join, Judging, Moment, Shape, Step, Walker};
use crate::steps::Seen;
use crate::tale;
use bumpalo::Bump;
use plan::{Node, NodeId, Program, Rule, SequenceRule};
use state::Idle;
use std::sync::Arc;

/// A group.
#[derive(Debug)]
pub(crate) struct Pursuit {
    pub(crate) key: Arc<GroupKey>,
    walker: Walker<Seen>,
    /// The deadline for which a live stream will ask.
    pub(crate) asked_for: Option<i64>,
    first: i64,
    last: i64,
}

impl Idle for Pursuit {
    fn idle(&self) -> (bool, i64) {
        (self.first == self.last, self.last)
    }
}

/// What a group is walked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chase<'a> {
    pub(crate) program: &'a Program,
    pub(crate) number: u32,
    pub(crate) rule: &'a Rule,
    pub(crate) sequence: &'a SequenceRule,
    pub(crate) course: &'a Course,
    pub(crate) arena: &'a Bump,
    /// Whether seconds may be walked again.
    pub(crate) live: bool,
    /// Whether groups of the rule had to go: what its alerts say may fall short.
    pub(crate) evicted: bool,
}

impl Pursuit {
    pub(crate) fn new(key: Arc<GroupKey>, course: &Course, second: i64) -> Self {
        Self { key, walker: Walker::new(course), asked_for: None, first: second, last: second }
    }

    /// Put what happened into its second.
    pub(crate) fn put(&mut self, second: i64, moment: Moment<Seen>) {
        self.first = self.first.min(second);
        self.last = self.last.max(second);
        self.walker.put(second, moment);
    }

    /// Judge the seconds up to `until` and the deadlines up to `clock`.
    pub(crate) fn walk(
        &mut self,
        (until, clock): (i64, i64),
        chase: Chase<'_>,
        out: &mut Vec<Firing>,
    ) {
        let mut fires: Vec<Fire<Seen>> = Vec::new();
        let mut holds = |step: usize, at_hand: &Seen, chosen: &[Option<&Seen>]| {
            chase.holds(step, at_hand, chosen)
        };
        let mut judging = Judging { course: chase.course, live: chase.live, holds: &mut holds };
        self.walker.walk(until, clock, &mut judging, &mut fires);
        let short = chase.evicted || self.walker.exhausted() > 0;
        out.extend(fires.iter().filter_map(|fire| tale::firing(fire, &self.key, chase, short)));
    }

    /// Forget what no second after the watermark asks for, nor a deadline that is still to
    /// be decided. Returns whether the group tells nothing any more.
    pub(crate) fn forget(&mut self, watermark: i64, course: &Course) -> bool {
        let open = self.walker.next_deadline().map_or(i64::MAX, |at| at.saturating_sub(1));
        self.walker.forget(watermark.min(open), course);
        self.walker.is_empty()
    }

    /// Whether seconds wait to be judged, or deadlines to be decided.
    pub(crate) fn waits(&self) -> bool {
        self.walker.is_waiting()
    }

    /// The next deadline that is to be decided.
    pub(crate) fn deadline(&self) -> Option<i64> {
        self.walker.next_deadline()
    }
}

impl Chase<'_> {
    /// Whether an event satisfies a step with the events chosen for others.
    fn holds(self, number: usize, at_hand: &Seen, chosen: &[Option<&Seen>]) -> bool {
        let Some(step) = self.sequence.steps.get(number) else { return false };
        let arena = self.arena;
        let joined = step.joins.iter().all(|join| {
            let there = chosen.get(join.step).copied().flatten();
            let pair = at_hand
                .value(number, join.here)
                .zip(there.and_then(|there| there.value(join.step, join.there)));
            pair.is_some_and(|(here, there)| equal(here.lend(arena), there.lend(arena), arena))
        });
        if !joined || step.rest.is_empty() {
            return joined;
        }
        let mut picked = chosen.to_vec();
        if let Some(own) = picked.get_mut(number) {
            *own = Some(at_hand);
        }
        let given = Given { picked: &picked, ..Given::default() };
        let mut eval = Eval::beside(self.program, arena, &given, &[]);
        step.rest.iter().all(|part| eval.truth(*part))
    }
}

/// What the walk over a group needs to know of a sequence.
pub(crate) fn course(program: &Program, sequence: &SequenceRule) -> Course {
    let demand = |step: &plan::Step| match (step.absent, step.count) {
        (true, _) => Demand::Absent,
        (false, Some(count)) => Demand::AtLeast(count),
        (false, None) => Demand::One,
    };
    let steps = sequence.steps.iter().enumerate();
    let joins = steps.clone().flat_map(|(late, step)| {
        step.joins.iter().map(move |join| Join { early: join.step, late })
    });
    Course::new(&Shape {
        within: sequence.within.0,
        joins: joins.collect(),
        steps: steps
            .map(|(number, step)| {
                let of_joins = step.joins.iter().fold(0, |mask, join| mask | 1 << join.step);
                let read =
                    step.rest.iter().fold(of_joins, |mask, part| mask | read(program, *part));
                Step { demand: demand(step), reads: read & !(1 << number) }
            })
            .collect(),
    })
}

/// The steps whose events a node reads, a bit each.
fn read(program: &Program, node: NodeId) -> u32 {
    match program.node(node) {
        Node::Picked(step, _) => 1 << step,
        other => other.children().into_iter().fold(0, |mask, child| mask | read(program, child)),
    }
}
