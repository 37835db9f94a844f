//! Sequences: matches of ordered steps, found by trying all of them.
//!
//! A choice gives each step but the `not`s its events, as numbers into the events
//! of the group. For a counted step it names as many as the step asks for; the
//! match has with them every other event that satisfies the step between the
//! first and the last of these. (For `1+` a choice names one or two, since its
//! first and its last event may differ.)
//!
//! Of several matches the one is told whose first event is latest, then, step by
//! step, whose last and then whose first event of the step is latest; of a plain
//! step in one second the least id. Choices are tried in this order, so the first
//! that is a match is the one.

use super::eval::{Scope, eval};
use super::firing::{Firing, Group};
use super::names::names;
use super::program::Program;
use super::record::Record;
use lang::ast::{Expr, ExprKind, Sequence, Step};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A match, as an alert tells it.
#[derive(Clone, Debug)]
pub(crate) struct Told<'a> {
    /// When its first event was.
    pub(crate) since: i64,
    /// The name of each step that is no `not`, with the events that are counted for it.
    pub(crate) steps: Vec<(String, Vec<&'a Record>)>,
    /// The plain steps by name, with the event chosen.
    pub(crate) chosen: Vec<(String, &'a Record)>,
    /// The event it is told by.
    pub(crate) last: &'a Record,
}

/// The events chosen for each step that is no `not`, in order of (time, id).
type Choice = Vec<Vec<usize>>;

/// What was asked before: a step, an event, and the events that the step refers to.
type Question = (usize, usize, Vec<usize>);

/// A match that waits for the end of an absence.
struct Wait {
    choice: Choice,
    last: i64,
    deadline: i64,
}

/// The firings of a group, in order of time; `end` is the time of the last event of the input.
pub(crate) fn firings<'a>(
    program: &'a Program<'a>,
    group: &Group<'a>,
    end: i64,
) -> Vec<Firing<'a>> {
    let (Some(sequence), Some(within)) = (program.sequence, &program.within) else {
        return Vec::new();
    };
    let mut run = Run::new(program, group, sequence, within.seconds);
    for second in group.seconds() {
        run.end_waits(second);
        let Some(choice) = run.told_match(second) else { continue };
        if run.nots_before(run.positive.len()).is_empty() {
            run.fire(&choice, second, second);
        } else {
            let deadline = run.first(&choice) + within.seconds;
            run.waits.push(Wait { choice, last: second, deadline });
        }
    }
    run.end_waits(end);
    run.found
}

/// A group on its way through time.
struct Run<'a, 'g> {
    program: &'a Program<'a>,
    group: &'g Group<'a>,
    within: i64,
    steps: &'a [Step],
    /// The numbers of the steps that are no `not`.
    positive: Vec<usize>,
    fired: Option<i64>,
    waits: Vec<Wait>,
    found: Vec<Firing<'a>>,
    known: RefCell<BTreeMap<Question, bool>>,
}

impl<'a, 'g> Run<'a, 'g> {
    fn new(
        program: &'a Program<'a>,
        group: &'g Group<'a>,
        sequence: &'a Sequence,
        within: i64,
    ) -> Self {
        let steps = &sequence.steps[..];
        Self {
            program,
            group,
            within,
            steps,
            positive: (0..steps.len()).filter(|step| !steps[*step].absent).collect(),
            fired: None,
            waits: Vec::new(),
            found: Vec::new(),
            known: RefCell::default(),
        }
    }

    fn time(&self, event: usize) -> i64 {
        self.group.events[event].time.unwrap_or_default()
    }

    /// The time of the first event of a choice.
    fn first(&self, choice: &Choice) -> i64 {
        self.time(choice[0][0])
    }

    /// The events after the last firing with time in `(second − within, second]`.
    fn usable(&self, second: i64) -> Vec<usize> {
        let after = self.fired.map_or(second - self.within, |at| at.max(second - self.within));
        (0..self.group.events.len())
            .filter(|event| after < self.time(*event) && self.time(*event) <= second)
            .collect()
    }

    /// The `not` steps that stand right before a positive step, or after the last.
    fn nots_before(&self, position: usize) -> Vec<usize> {
        let from = if position == 0 { 0 } else { self.positive[position - 1] + 1 };
        let to = self.positive.get(position).copied().unwrap_or(self.steps.len());
        (from..to).collect()
    }

    /// The plain steps among those chosen, by name, with their events.
    fn plain(&self, chosen: &[Vec<usize>]) -> Vec<(String, usize)> {
        let steps = self.positive.iter().map(|step| &self.steps[*step]).zip(chosen);
        steps
            .filter(|(step, _)| step.count.is_none())
            .map(|(step, events)| (step.name.name.clone(), events[0]))
            .collect()
    }

    /// Whether an event satisfies a step, with the events chosen for the steps before it.
    fn satisfies(&self, step: usize, event: usize, chosen: &[Vec<usize>]) -> bool {
        let asked = names(&self.steps[step].cond);
        let before = self.positive.iter().filter(|other| **other < step).count();
        let mut referred = self.plain(&chosen[..before.min(chosen.len())]);
        referred.retain(|(name, _)| asked.contains(name));
        let key = (step, event, referred.iter().map(|(_, event)| *event).collect());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let record = self.group.events[event];
        let mut steps: Vec<(String, &Record)> =
            referred.into_iter().map(|(name, event)| (name, self.group.events[event])).collect();
        steps.push((self.steps[step].name.name.clone(), record));
        let scope = Scope { steps: &steps, ..self.program.scope(record) };
        let holds = eval(&self.steps[step].cond, &scope).holds();
        self.known.borrow_mut().insert(key, holds);
        holds
    }

    /// The match whose last event is at a second and that an alert would tell.
    fn told_match(&self, second: i64) -> Option<Choice> {
        self.completed(Vec::new(), &self.usable(second), second)
    }

    /// The match to be told of those that begin with what is chosen.
    fn completed(&self, chosen: Choice, usable: &[usize], second: i64) -> Option<Choice> {
        let position = chosen.len();
        if position == self.positive.len() {
            let is_match = (1..position).all(|gap| self.is_clear(gap, &chosen));
            return is_match.then_some(chosen);
        }
        let is_last = position + 1 == self.positive.len();
        let mut lists = self.choices(position, &chosen, usable);
        lists.retain(|events| {
            !is_last || events.last().is_some_and(|event| self.time(*event) == second)
        });
        // Lists of a counted step that are as good as each other leave it to the steps after it.
        for equals in lists.chunk_by(|a, b| self.better_step(position, a, b).is_eq()) {
            let matches = equals
                .iter()
                .filter_map(|events| {
                    let chosen = [&chosen[..], std::slice::from_ref(events)].concat();
                    self.completed(chosen, usable, second)
                })
                .reduce(|a, b| if self.better(&b, &a).is_lt() { b } else { a });
            if matches.is_some() {
                return matches;
            }
        }
        None
    }

    /// What a step may choose after the steps before it, the best first.
    fn choices(&self, position: usize, chosen: &Choice, usable: &[usize]) -> Vec<Vec<usize>> {
        let step = self.positive[position];
        let earliest =
            chosen.last().and_then(|events| events.last()).map(|event| self.time(*event));
        let fit: Vec<usize> = usable
            .iter()
            .copied()
            .filter(|event| earliest.is_none_or(|earliest| earliest <= self.time(*event)))
            .filter(|event| !chosen.iter().flatten().any(|other| other == event))
            .filter(|event| self.satisfies(step, *event, chosen))
            .collect();
        let number = self.steps[step].count.unwrap_or(1);
        let mut lists = subsets(&fit, usize::try_from(number).unwrap_or(usize::MAX));
        if self.steps[step].count == Some(1) {
            let pairs = subsets(&fit, 2).into_iter();
            lists.extend(pairs.filter(|pair| self.time(pair[0]) < self.time(pair[1])));
        }
        lists.sort_by(|a, b| self.better_step(position, a, b).then_with(|| a.cmp(b)));
        lists
    }

    /// Which of two choices for a step is told rather; it is less.
    fn better_step(&self, position: usize, a: &[usize], b: &[usize]) -> Ordering {
        let first = self.time(b[0]).cmp(&self.time(a[0]));
        let last = self.time(b[b.len() - 1]).cmp(&self.time(a[a.len() - 1]));
        let times = if position == 0 { first.then(last) } else { last.then(first) };
        let plain = self.steps[self.positive[position]].count.is_none();
        if plain { times.then(a.cmp(b)) } else { times }
    }

    /// Which of two choices is told rather; it is less.
    fn better(&self, a: &Choice, b: &Choice) -> Ordering {
        let steps = a.iter().zip(b).enumerate();
        steps
            .map(|(position, (a, b))| self.better_step(position, a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether an event is one of a match.
    fn is_member(&self, event: usize, choice: &Choice) -> bool {
        choice.iter().zip(&self.positive).any(|(events, step)| {
            let (first, last) = (events[0], events[events.len() - 1]);
            events.contains(&event)
                || (self.steps[*step].count.is_some()
                    && (self.time(first)..=self.time(last)).contains(&self.time(event))
                    && self.satisfies(*step, event, choice))
        })
    }

    /// Whether no other event does what the `not` steps before a positive step forbid.
    fn is_clear(&self, position: usize, choice: &Choice) -> bool {
        let (before, after) = (&choice[position - 1], &choice[position]);
        let gap = self.time(before[before.len() - 1])..=self.time(after[0]);
        let forbidden = |event: &usize| {
            gap.contains(&self.time(*event))
                && self
                    .nots_before(position)
                    .iter()
                    .any(|step| self.satisfies(*step, *event, choice))
                && !self.is_member(*event, choice)
        };
        !(0..self.group.events.len()).any(|event| forbidden(&event))
    }

    /// Whether an absence was broken before its deadline.
    fn is_broken(&self, wait: &Wait) -> bool {
        let nots = self.nots_before(self.positive.len());
        (0..self.group.events.len()).any(|event| {
            (wait.last..wait.deadline).contains(&self.time(event))
                && nots.iter().any(|step| self.satisfies(*step, event, &wait.choice))
                && !self.is_member(event, &wait.choice)
        })
    }

    /// End all waits whose deadline is not after a second, in order of deadlines.
    fn end_waits(&mut self, second: i64) {
        while let Some(deadline) =
            self.waits.iter().map(|wait| wait.deadline).filter(|deadline| *deadline <= second).min()
        {
            let (due, rest) = std::mem::take(&mut self.waits)
                .into_iter()
                .partition(|wait| wait.deadline == deadline);
            self.waits = rest;
            let mut kept: Vec<Wait> = due;
            kept.retain(|wait| !self.is_broken(wait));
            kept.sort_by(|a, b| self.better(&a.choice, &b.choice));
            if let Some(wait) = kept.first() {
                self.fire(&wait.choice, wait.last, deadline);
                self.waits.clear();
            }
        }
    }

    /// Fire at a second for a match whose last event is at `last`.
    fn fire(&mut self, choice: &Choice, last: i64, second: i64) {
        let told = self.told(choice, last);
        let mut evidence: Vec<&Record> =
            told.steps.iter().flat_map(|(_, records)| records.iter().copied()).collect();
        evidence.sort_by_key(|record| (record.time, &record.id));
        evidence.dedup_by(|a, b| std::ptr::eq(*a, *b));
        self.found.push(Firing {
            time: Some(second),
            group: self.group.key.clone(),
            evidence,
            exempted: self.group.exempted_between(told.since - 1, second),
            told: Some(told.clone()),
            ..Firing::of(self.program, told.last)
        });
        self.fired = Some(second);
    }

    /// The event of the last second that the alert is told by: that of the last step where it
    /// is plain, else the least id that satisfies it and is not chosen for a plain step.
    fn ending(&self, choice: &Choice, second: i64) -> Option<usize> {
        let last = choice.len() - 1;
        let step = self.positive[last];
        if self.steps[step].count.is_none() {
            return choice[last].first().copied();
        }
        let chosen: Vec<usize> = self.plain(choice).into_iter().map(|(_, event)| event).collect();
        let mut there = self.usable(second).into_iter();
        there.find(|event| {
            self.time(*event) == second
                && !chosen.contains(event)
                && self.satisfies(step, *event, choice)
        })
    }

    /// A match as an alert tells it: a counted step with all events from the step before it to the next.
    fn told(&self, choice: &Choice, second: i64) -> Told<'a> {
        let record = |event: usize| self.group.events[event];
        let mut steps = Vec::new();
        for (position, events) in choice.iter().enumerate() {
            let step = &self.steps[self.positive[position]];
            let mut shown = events.clone();
            if step.count.is_some() {
                let to = choice.get(position + 1).map_or(second, |next| self.time(next[0]));
                shown = self.usable(second);
                shown.retain(|event| {
                    let time = self.time(*event);
                    let before = position.checked_sub(1).map(|before| &choice[before]);
                    before.is_none_or(|before| self.time(before[before.len() - 1]) <= time)
                        && time <= to
                        && self.satisfies(self.positive[position], *event, choice)
                });
            }
            steps.push((step.name.name.clone(), shown.into_iter().map(record).collect()));
        }
        let plain = self.plain(choice).into_iter();
        let last = choice.len() - 1;
        let ending = self.ending(choice, second).unwrap_or(choice[last][0]);
        Told {
            since: self.first(choice),
            steps,
            chosen: plain.map(|(name, event)| (name, record(event))).collect(),
            last: record(ending),
        }
    }
}

/// Whether an event satisfies all that some step asks of it without a look at other steps.
///
/// Events that no step asks for are neither without a key nor exempted.
pub(crate) fn is_asked_for(program: &Program<'_>, sequence: &Sequence, record: &Record) -> bool {
    let others = |step: &Step| {
        let names = sequence.steps.iter().map(|other| other.name.name.clone());
        names.filter(|name| *name != step.name.name).collect::<Vec<_>>()
    };
    sequence.steps.iter().any(|step| {
        let own = [(step.name.name.clone(), record)];
        let scope = Scope { steps: &own, ..program.scope(record) };
        let others = others(step);
        joined_by_and(&step.cond)
            .into_iter()
            .filter(|part| !names(part).iter().any(|name| others.contains(name)))
            .all(|part| eval(part, &scope).holds())
    })
}

/// The parts that the outermost `and`s of a condition join.
fn joined_by_and(cond: &Expr) -> Vec<&Expr> {
    match &cond.kind {
        ExprKind::And(a, b) => [joined_by_and(a), joined_by_and(b)].concat(),
        _ => vec![cond],
    }
}

/// All ways to pick a number of things, each in the order given.
fn subsets(things: &[usize], number: usize) -> Vec<Vec<usize>> {
    if number == 0 {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    if things.len() < number {
        return found;
    }
    for (at, first) in things.iter().enumerate() {
        for mut rest in subsets(&things[at + 1..], number - 1) {
            rest.insert(0, *first);
            found.push(rest);
        }
    }
    found
}
