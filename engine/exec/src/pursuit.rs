//! A group of a sequence: its walk over time, and the conditions that read several events.
//!
//! The walk itself is `sequence`'s; here its entries are held against the rule's steps and
//! its fires become firings. It starts when each step was satisfied by some event: most groups
//! never come so far, and only remember what they heard since a match may have begun.
//!
//! # Invariants
//!
//! - Before the walk starts no deadline is open and nothing can fire.
//! - No event of a match is before its first step, and that wants an event.

use crate::alert::Firing;
use crate::compare::equal;
use crate::eval::{Eval, Given};
use crate::fact::{GroupKey, Heard};
use crate::fresh::News;
use crate::pending::Mail;
use crate::sequence::{Course, Demand, Fire, Join, Judging, Shape, Step, Walker};
use crate::steps::Seen;
use crate::tale;
use bumpalo::Bump;
use plan::{Node, NodeId, Program, Rule, SequenceRule};
use state::{Idle, Line};
use std::sync::Arc;

/// The bit of the first step.
const FIRST: u32 = 1;

/// A group.
#[derive(Debug)]
pub(crate) struct Pursuit {
    pub(crate) key: Arc<GroupKey>,
    progress: Progress,
    /// The deadline for which a live stream will ask.
    pub(crate) asked_for: Option<i64>,
    first: i64,
    last: i64,
}

/// What a group remembers.
#[derive(Debug)]
enum Progress {
    /// What was heard; the steps that were satisfied, a bit each; how far nothing was to judge.
    Waiting(Line<Heard>, u32, i64),
    Walking(Box<Walker<Seen>>),
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
    /// What may be remembered before the walk starts, which combines what is alike.
    const MOST_WAITING: usize = 65_536;

    pub(crate) fn new(key: Arc<GroupKey>) -> Self {
        let progress = Progress::Waiting(Line::default(), 0, i64::MIN);
        Self { key, progress, asked_for: None, first: i64::MAX, last: i64::MIN }
    }

    /// Whether nothing comes at the watermark, or after it, of all that a group is told: it begins
    /// nothing, or some step is satisfied by no event and all are too old to meet others.
    pub(crate) fn is_idle(mail: Mail<'_>, watermark: i64, course: &Course) -> bool {
        let latest = mail.extent().latest;
        let steps = || mail.said().fold(0, |steps, voiced| steps | voiced.said.steps());
        let is_old = latest <= watermark.saturating_sub(course.memory());
        latest <= watermark
            && match steps() {
                steps if steps & FIRST == 0 => true,
                steps => is_old && steps & course.positive != course.positive,
            }
    }

    /// Hear what events say, in order of time; up to the watermark all was told by now.
    pub(crate) fn hear(&mut self, (mail, fresh): News<'_, '_>, watermark: i64, course: &Course) {
        let opening = self.opening(mail).min(watermark.saturating_add(1));
        fresh.gather(mail, |_| opening);
        fresh.sort();
        let extent = mail.extent();
        self.first = self.first.min(extent.earliest);
        self.last = self.last.max(extent.latest);
        for (second, word) in fresh.words() {
            let (second, said) = (*second, word.said);
            let heard = word.keep();
            match &mut self.progress {
                Progress::Waiting(line, steps, _) => {
                    *steps |= said.steps();
                    line.put(second, heard);
                }
                Progress::Walking(walker) => walker.put(second, heard.moment()),
            }
        }
        let Progress::Waiting(line, steps, _) = &mut self.progress else { return };
        if *steps & course.positive == course.positive
            || line.len() + line.unsorted() > Self::MOST_WAITING
        {
            line.sort();
            let mut walker = Box::new(Walker::new(course));
            line.all().iter().for_each(|(second, heard)| walker.put(*second, heard.moment()));
            self.progress = Progress::Walking(walker);
        }
    }

    /// The second in which a match may begin first, of all that was heard and is told now.
    fn opening(&self, mail: Mail<'_>) -> i64 {
        let Progress::Waiting(line, ..) = &self.progress else { return i64::MIN };
        let kept = line.iter().filter(|(_, heard)| heard.said.steps() & FIRST != 0);
        let told = mail.said().filter(|voiced| voiced.said.steps() & FIRST != 0);
        let told = told.map(|voiced| voiced.extent().earliest);
        kept.map(|(second, _)| *second).chain(told).min().unwrap_or(i64::MAX)
    }

    /// Judge the seconds up to `until` and the deadlines up to `clock`.
    pub(crate) fn walk(
        &mut self,
        (until, clock): (i64, i64),
        chase: Chase<'_>,
        out: &mut Vec<Firing>,
    ) {
        let walker = match &mut self.progress {
            Progress::Waiting(_, _, quiet) => {
                *quiet = until.max(*quiet);
                return;
            }
            Progress::Walking(walker) => walker,
        };
        let mut fires: Vec<Fire<Seen>> = Vec::new();
        let mut holds = |step: usize, at_hand: &Seen, chosen: &[Option<&Seen>]| {
            chase.holds(step, at_hand, chosen)
        };
        let mut judging = Judging { course: chase.course, live: chase.live, holds: &mut holds };
        walker.walk(until, clock, &mut judging, &mut fires);
        let short = chase.evicted || walker.exhausted() > 0;
        out.extend(fires.iter().filter_map(|fire| tale::firing(fire, &self.key, chase, short)));
    }

    /// Forget what no second after the watermark asks for, nor a deadline that is still to
    /// be decided. Returns whether the group tells nothing any more.
    pub(crate) fn forget(&mut self, watermark: i64, course: &Course) -> bool {
        match &mut self.progress {
            Progress::Waiting(line, ..) => {
                line.sort();
                let old = watermark.saturating_sub(course.memory());
                line.drop_front(line.at_or_after(old.saturating_add(1)));
                let begins = |(second, heard): &&(i64, Heard)| {
                    *second > watermark || heard.said.steps() & FIRST != 0
                };
                let first = line.all().iter().find(begins).map_or(i64::MAX, |(second, _)| *second);
                line.drop_front(line.at_or_after(first));
                line.is_empty()
            }
            Progress::Walking(walker) => {
                let open = walker.next_deadline().map_or(i64::MAX, |at| at.saturating_sub(1));
                walker.forget(watermark.min(open), course);
                walker.is_empty()
            }
        }
    }

    /// Whether seconds wait to be judged, or deadlines to be decided.
    pub(crate) fn waits(&self) -> bool {
        match &self.progress {
            Progress::Waiting(_, _, quiet) => self.last > *quiet,
            Progress::Walking(walker) => walker.is_waiting(),
        }
    }

    /// The next deadline that is to be decided.
    pub(crate) fn deadline(&self) -> Option<i64> {
        match &self.progress {
            Progress::Waiting(..) => None,
            Progress::Walking(walker) => walker.next_deadline(),
        }
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
