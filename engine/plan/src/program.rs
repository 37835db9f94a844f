//! The program: what all rules of a run ask, compiled once and never changed.
//!
//! # Invariants
//!
//! - Equal expressions are one node; a node's children have lower numbers.
//! - Of the events of a sequence's steps only [`Node::Picked`] reads; a node that reads it
//!   reads no event at hand.
//! - The layout finds exactly what the nodes, the event's identity and the head of
//!   an alert read.

use crate::node::{Node, NodeId, Reads};
use event::Layout;
use lang::ast::Level;
use lang::typed::Baseline;

/// The compiled rules of a run.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the scan finds.
    pub layout: Layout,
    /// The expressions of all rules.
    pub nodes: Vec<Node>,
    /// What each node reads.
    pub reads: Vec<Reads>,
    /// The number of a node's memo, where its truth is one of the event alone.
    pub memo: Vec<Option<u32>>,
    /// How many memos there are.
    pub memos: usize,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The different `by` lists of stateful rules.
    pub groups: Vec<Vec<Named>>,
}

/// A node and its text in the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As the printer writes it.
    pub text: Box<str>,
    /// What it computes.
    pub node: NodeId,
}

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: Box<str>,
    /// Whether it came with the binary.
    pub builtin: bool,
    /// Its version.
    pub version: u64,
    /// Its severity.
    pub severity: Level,
    /// ATT&CK techniques.
    pub attack: Vec<Box<str>>,
    /// The title of its alerts.
    pub title: Vec<Piece>,
    /// `where`; of a sequence, `where` and what some step asks of the event at hand, with
    /// the text of `where` alone, which is empty where there is none.
    pub filter: Clause,
    /// What the author exempts.
    pub excepts: Vec<NodeId>,
    /// What it does with the events that pass.
    pub kind: Kind,
    /// What the firing event must give to the alert: its head, title and suppress paths.
    pub witness: Vec<NodeId>,
    /// What its alerts show.
    pub show: Vec<Show>,
    /// What is held back.
    pub suppress: Option<Suppress>,
}

/// A condition of a rule and how alerts tell it.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The condition.
    pub node: NodeId,
    /// Its text on one line.
    pub text: Box<str>,
    /// The params in it, with their values.
    pub params: Vec<(Box<str>, serde_json::Value)>,
}

/// What a rule does with the events that pass its `where`.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Each is an alert.
    Event,
    /// They are facts of a group.
    Group(Box<GroupRule>),
    /// They are facts of a group whose steps are looked for.
    Sequence(Box<SequenceRule>),
}

/// The memory of a rule.
#[derive(Clone, Debug)]
pub struct GroupRule {
    /// Its `by` list in [`Program::groups`].
    pub by: usize,
    /// The window in seconds, where it has one.
    pub within: Option<(i64, Box<str>)>,
    /// `when`.
    pub when: Clause,
    /// The aggregates of `when`.
    pub aggregates: Vec<Aggregate>,
    /// What `when` asks of aggregates at least: below any of these it is false.
    pub floors: Vec<(Column, i64)>,
    /// What `when` asks of scores at least, by number: below any of these, or without it, it is
    /// false.
    pub score_floors: Vec<(usize, f64)>,
    /// Conditions whose events are counted.
    pub counts: Vec<NodeId>,
    /// Tuples whose different values are counted.
    pub sets: Vec<Vec<NodeId>>,
    /// Values that are summed.
    pub sums: Vec<NodeId>,
    /// `new(…)`.
    pub first_seen: Option<FirstSeen>,
    /// `rare(…)`; then there is no `new(…)`.
    pub rare: Option<Rare>,
    /// The `zscore(…)`s of `when`: how each [`Node::Score`] is computed.
    pub baselines: Vec<Baseline>,
}

/// An aggregate: what it computes from which column of a row.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Its text.
    pub text: Box<str>,
    /// From which column.
    pub column: Column,
}

/// A column of a row, by number in [`GroupRule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The number of events.
    Events,
    /// The number of events where a condition holds.
    Count(usize),
    /// The share of events where a condition holds.
    Ratio(usize),
    /// The number of different tuples.
    Set(usize),
    /// The sum of a value.
    Sum(usize),
}

/// `new(…)`, ready.
#[derive(Clone, Debug)]
pub struct FirstSeen {
    /// The parts of the tuple.
    pub tuple: Vec<Named>,
    /// Seconds of learning in silence.
    pub warmup: i64,
    /// Seconds after which a tuple is forgotten.
    pub memory: i64,
    /// Whether the third day still alerts.
    pub keep_out: bool,
    /// Whether what is first seen while learning alerts as well.
    pub cold_alert: bool,
    /// Parts of `when` that read the event alone: all must hold for an event to fire.
    pub event_parts: Vec<NodeId>,
    /// Parts of `when` that read aggregates.
    pub window_parts: Vec<NodeId>,
    /// What the window parts read of the event.
    pub bound: Vec<NodeId>,
}

/// `rare(…)`, ready.
#[derive(Clone, Debug)]
pub struct Rare {
    /// Its text, such as `rare(api)`.
    pub text: Box<str>,
    /// The parts of the tuple.
    pub tuple: Vec<Named>,
    /// Whether the share is small enough; reads [`Node::Share`] and constants.
    pub seldom: NodeId,
    /// Seconds of history without which there is no share.
    pub warmup: i64,
    /// The seconds that the share is taken over.
    pub memory: i64,
    /// Events without which there is no share.
    pub min_samples: u64,
    /// Parts of `when` that read the event alone: all must hold for an event to fire.
    pub event_parts: Vec<NodeId>,
    /// Parts of `when` that read aggregates.
    pub window_parts: Vec<NodeId>,
    /// What the window parts read of the event.
    pub bound: Vec<NodeId>,
}

/// What `new` or `rare` asks of an event and its window.
#[derive(Clone, Copy, Debug)]
pub struct Tuple<'p> {
    /// The parts of the tuple.
    pub parts: &'p [Named],
    /// Parts of `when` that read the event alone: all must hold for an event to fire.
    pub event_parts: &'p [NodeId],
    /// Parts of `when` that read aggregates.
    pub window_parts: &'p [NodeId],
    /// What the window parts read of the event.
    pub bound: &'p [NodeId],
}

/// The steps of a sequence.
#[derive(Clone, Debug)]
pub struct SequenceRule {
    /// Its `by` list in [`Program::groups`].
    pub by: usize,
    /// The last event is less than so many seconds after the first; as the rule writes it.
    pub within: (i64, Box<str>),
    /// Its text on one line.
    pub text: Box<str>,
    /// The params in the text, with their values.
    pub params: Vec<(Box<str>, serde_json::Value)>,
    /// Its steps in order, at most 16; the first is not absent.
    pub steps: Vec<Step>,
}

/// A step of a sequence.
///
/// An event satisfies it when `own` is true, and, with the events chosen for the steps
/// before it, all of `joins` and `rest` are.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: Box<str>,
    /// Whether it says what must not happen.
    pub absent: bool,
    /// The least number of events, of a counted step.
    pub count: Option<u64>,
    /// What it asks of the event at hand alone.
    pub own: NodeId,
    /// The values of its event that joins, rests, the title, `suppress` and `show` read.
    pub columns: Vec<NodeId>,
    /// Equalities with values of earlier steps.
    pub joins: Vec<Join>,
    /// Conditions over values of this step and earlier ones; of events they read nothing
    /// but [`Node::Picked`].
    pub rest: Vec<NodeId>,
}

/// An equality of a value of a step with one of an earlier step.
///
/// The two are equal when their keys are: the text of a text or a boolean, the exact value
/// of a number, the compact text of a JSON list or object, where a JSON list of one plain
/// value is that value. A missing value equals nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The column of this step.
    pub here: usize,
    /// The number of the earlier step.
    pub step: usize,
    /// The column of the earlier step.
    pub there: usize,
}

/// A piece of a title.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text as it stands.
    Text(Box<str>),
    /// A path; of a step's event where its node is [`Node::Picked`].
    Path(Named),
    /// An aggregate, by number.
    Aggregate(usize),
    /// The window as written.
    Window,
    /// How many events a step had, by its number.
    StepCount(usize),
    /// The score of the first baseline.
    Score,
    /// The center of the first baseline.
    Center,
    /// The scale of the first baseline.
    Scale,
}

/// An item of `show`.
#[derive(Clone, Debug)]
pub struct Show {
    /// Its text.
    pub text: Box<str>,
    /// Which.
    pub func: lang::typed::ShowFunc,
    /// Of what.
    pub node: NodeId,
}

/// What is held back, and by which values.
#[derive(Clone, Debug)]
pub struct Suppress {
    /// For how many seconds.
    pub seconds: i64,
    /// By which paths.
    pub by: Option<Vec<Named>>,
}

impl Program {
    /// A node.
    #[inline]
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// What a node reads.
    #[inline]
    #[must_use]
    pub fn reads(&self, id: NodeId) -> Reads {
        self.reads[id.0 as usize]
    }
}

impl GroupRule {
    /// The tuple of its `new` or `rare`.
    #[must_use]
    pub fn tuple(&self) -> Option<Tuple<'_>> {
        let (parts, event_parts, window_parts, bound) = match (&self.first_seen, &self.rare) {
            (Some(of), _) => (&of.tuple, &of.event_parts, &of.window_parts, &of.bound),
            (None, Some(of)) => (&of.tuple, &of.event_parts, &of.window_parts, &of.bound),
            (None, None) => return None,
        };
        Some(Tuple { parts, event_parts, window_parts, bound })
    }

    /// For how many seconds a group is learned before its rule may fire, where it learns.
    #[must_use]
    pub fn warmup(&self) -> Option<i64> {
        let of_rare = self.rare.as_ref().map(|rare| rare.warmup);
        let of_scores = self.baselines.first().map(|baseline| baseline.warmup);
        self.first_seen.as_ref().map(|first| first.warmup).or(of_rare).or(of_scores)
    }
}

impl Rule {
    /// The group part of a rule with memory.
    #[must_use]
    pub fn group(&self) -> Option<&GroupRule> {
        match &self.kind {
            Kind::Event | Kind::Sequence(_) => None,
            Kind::Group(group) => Some(group),
        }
    }

    /// The sequence of a rule with steps.
    #[must_use]
    pub fn sequence(&self) -> Option<&SequenceRule> {
        match &self.kind {
            Kind::Event | Kind::Group(_) => None,
            Kind::Sequence(sequence) => Some(sequence),
        }
    }

    /// Where a node's value stands among what the firing event gives.
    #[must_use]
    pub fn witness_of(&self, node: NodeId) -> Option<usize> {
        self.witness.iter().position(|known| *known == node)
    }
}
