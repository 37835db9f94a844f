//! The nodes of a program: expressions as data, each written once.
//!
//! A node knows its children by number; children come before their parents. What
//! a node computes is the business of `exec`.

use crate::globs::Globs;
use crate::set::Set;
use event::{Base, Derived, ReadAs, Slot};
use lang::ast::ArithOp;
use lang::typed::{Const, Func};

/// The number of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// An expression whose children are nodes.
#[derive(Clone, Debug)]
pub enum Node {
    /// A constant.
    Const(Const),
    /// A raw path, read as a type.
    Slot(Slot, ReadAs),
    /// The whole record.
    Whole,
    /// A derived name.
    Derived(Derived),
    /// The variable of the n-th `any` or `all` around.
    Var(usize),
    /// A key of a value.
    Member(NodeId, Box<str>),
    /// A list.
    List(Vec<NodeId>),
    /// Not.
    Not(NodeId),
    /// All.
    And(Vec<NodeId>),
    /// One.
    Or(Vec<NodeId>),
    /// Equal.
    Eq(NodeId, NodeId),
    /// Less.
    Lt(NodeId, NodeId),
    /// Less or equal.
    Le(NodeId, NodeId),
    /// Member of a constant list.
    InSet(NodeId, Box<Set>),
    /// Member of a list.
    In(NodeId, NodeId),
    /// From low to high.
    Between(NodeId, NodeId, NodeId),
    /// Any of constant globs.
    LikeSet(NodeId, Box<Globs>),
    /// A glob or a list of globs that an event gives.
    Like(NodeId, NodeId),
    /// The list holds a value of the constant list.
    HasSet(NodeId, Box<Set>),
    /// The list holds the value, or any of a list of values.
    Has(NodeId, NodeId),
    /// A regular expression found anywhere.
    Matches(NodeId, regex::Regex),
    /// Not missing.
    Exists(NodeId),
    /// Arithmetic.
    Arith(ArithOp, NodeId, NodeId),
    /// Negative.
    Neg(NodeId),
    /// A function.
    Call(Func, Vec<NodeId>),
    /// Any element.
    Any(Over),
    /// All elements.
    All(Over),
    /// An aggregate of the rule, by its number.
    Aggregate(usize),
    /// `new(…)` of the rule.
    New,
    /// The share of the rule's `rare(…)`.
    Share,
    /// A `zscore(…)` of the rule, by its number.
    Score(usize),
    /// A value of the event chosen for a step of the rule: step, column.
    Picked(usize, usize),
}

/// What an `any` or `all` runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// The number of its variable: how many `any`s and `all`s are around it.
    pub var: usize,
    /// The list.
    pub list: NodeId,
    /// What is asked of each element.
    pub cond: NodeId,
}

impl Node {
    /// The children, in order.
    #[must_use]
    pub fn children(&self) -> Vec<NodeId> {
        let mut all = Vec::new();
        self.each_child(|child| all.push(child));
        all
    }

    /// Gives each of the children, in order.
    pub(crate) fn each_child(&self, mut give: impl FnMut(NodeId)) {
        match self {
            Self::Const(_)
            | Self::Slot(..)
            | Self::Whole
            | Self::Derived(_)
            | Self::Var(_)
            | Self::Aggregate(_)
            | Self::New
            | Self::Share
            | Self::Score(_)
            | Self::Picked(..) => {}
            Self::Member(a, _)
            | Self::Not(a)
            | Self::InSet(a, _)
            | Self::LikeSet(a, _)
            | Self::HasSet(a, _)
            | Self::Matches(a, _)
            | Self::Exists(a)
            | Self::Neg(a) => give(*a),
            Self::Eq(a, b)
            | Self::Lt(a, b)
            | Self::Le(a, b)
            | Self::In(a, b)
            | Self::Like(a, b)
            | Self::Has(a, b)
            | Self::Arith(_, a, b) => [a, b].into_iter().for_each(|id| give(*id)),
            Self::Any(over) | Self::All(over) => {
                [over.list, over.cond].into_iter().for_each(give);
            }
            Self::Between(a, b, c) => [a, b, c].into_iter().for_each(|id| give(*id)),
            Self::List(all) | Self::And(all) | Self::Or(all) | Self::Call(_, all) => {
                all.iter().for_each(|id| give(*id));
            }
        }
    }
}

/// What a node reads, with all below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The event.
    pub event: bool,
    /// How much of the event.
    pub needs: Needs,
    /// The event's error, which a head tells where there is none.
    pub error: bool,
    /// Aggregates, `new`, `rare` or `zscore`.
    pub window: bool,
    /// Events of a sequence's steps.
    pub steps: bool,
    /// The variables of `any`s and `all`s further out, a bit each.
    pub free: u64,
}

/// How much of an event tells a value; what tells more tells less, too. All but the last have few
/// values, are cheap to read, and decide most rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// None of it.
    #[default]
    Nothing,
    /// eventSource.
    Source,
    /// The call: eventName, too.
    Call,
    /// The head: the type of the identity and readOnly, too.
    Head,
    /// More than that.
    All,
}

impl Reads {
    /// Whether a value is told by the event at hand and nothing else.
    #[must_use]
    pub fn of_event_alone(self) -> bool {
        !self.window && !self.steps && self.free == 0
    }
}

/// How much of an event tells a derived name.
pub(crate) fn needs_of(name: Derived) -> Needs {
    match name {
        Derived::Service => Needs::Source,
        Derived::Api => Needs::Call,
        Derived::ActorType | Derived::Write | Derived::Denied => Needs::Head,
        _ => Needs::All,
    }
}

/// How much of an event tells a raw path.
pub(crate) fn needs_of_slot(slot: Slot, kind: ReadAs) -> Needs {
    let is = |base: Base| base.slot() == slot;
    match kind {
        ReadAs::Text if is(Base::EventSource) => Needs::Source,
        ReadAs::Text if is(Base::EventName) => Needs::Call,
        ReadAs::Text if is(Base::IdentityType) || is(Base::ErrorCode) => Needs::Head,
        ReadAs::Bool if is(Base::ReadOnly) => Needs::Head,
        _ => Needs::All,
    }
}
