//! The program: what all rules of a run ask, compiled once and never changed.
//!
//! # Invariants
//!
//! - Equal expressions are one node; a node's children have lower numbers.
//! - The layout finds exactly what the nodes, the event's identity and the head of
//!   an alert read.

use crate::node::{Node, NodeId, Reads};
use event::Layout;
use lang::ast::Level;

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
    /// `where`.
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
    /// Conditions whose events are counted.
    pub counts: Vec<NodeId>,
    /// Tuples whose different values are counted.
    pub sets: Vec<Vec<NodeId>>,
    /// Values that are summed.
    pub sums: Vec<NodeId>,
    /// `new(…)`.
    pub first_seen: Option<FirstSeen>,
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

/// A piece of a title.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text as it stands.
    Text(Box<str>),
    /// A path.
    Path(Named),
    /// An aggregate, by number.
    Aggregate(usize),
    /// The window as written.
    Window,
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

impl Rule {
    /// The group part of a rule with memory.
    #[must_use]
    pub fn group(&self) -> Option<&GroupRule> {
        match &self.kind {
            Kind::Event => None,
            Kind::Group(group) => Some(group),
        }
    }

    /// Where a node's value stands among what the firing event gives.
    #[must_use]
    pub fn witness_of(&self, node: NodeId) -> Option<usize> {
        self.witness.iter().position(|known| *known == node)
    }
}
