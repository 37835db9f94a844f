//! A rule's conditions cut into the parts that a reader sees, for a trace over one event.
//!
//! A program shares nodes between rules and forgets where they stood; an [`Outline`]
//! keeps, for one rule, which part of its text is which node. Its nodes are lowered as
//! those of a program are, so that the same evaluation gives what the engine gives.
//! What depends on other events, of a window, of earlier steps, of what was learned, is
//! kept as it stands, with what one event gives to it.

mod cut;

use crate::lower::{Lowering, PlanError};
use crate::node::{Node, NodeId, Over};
use crate::program::{Named, Program};
use cut::Cutter;
use lang::ast::Span;
use lang::typed::{Rule, Ruleset};
use std::collections::BTreeSet;

/// What one rule asks of one event.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The nodes, and the layout that finds what they read; it has no rules.
    pub program: Program,
    /// `where`.
    pub filter: Part,
    /// What the author exempts.
    pub excepts: Vec<Part>,
    /// The paths of its group.
    pub by: Vec<Named>,
    /// The tuple of `new` or `rare`.
    pub tuple: Vec<Named>,
    /// `when`.
    pub when: Option<Part>,
    /// What aggregates ask of each event.
    pub counted: Vec<Counted>,
    /// The steps of its sequence, in order.
    pub steps: Vec<StepPart>,
    /// What later steps read of an event, all steps together.
    pub kept: Vec<NodeId>,
}

/// An aggregate.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its text.
    pub text: Box<str>,
    /// What it asks of each event.
    pub counts: Counts,
}

/// What an aggregate asks of each event.
#[derive(Clone, Debug)]
pub enum Counts {
    /// Nothing: `count()`.
    Each,
    /// A condition: `count(c)`, `ratio(c)`.
    Where(Part),
    /// A number: `sum(x)`.
    Value(Span, NodeId),
    /// A tuple: `distinct(x, …)`.
    Tuple(Vec<(Span, NodeId)>),
}

/// A step of a sequence.
#[derive(Clone, Debug)]
pub struct StepPart {
    /// Its name.
    pub name: Box<str>,
    /// Whether it says what must not happen.
    pub absent: bool,
    /// The least number of events, of a counted step.
    pub count: Option<u64>,
    /// Its condition.
    pub cond: Part,
}

/// What a rule reads of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Raw paths.
    pub raw: BTreeSet<String>,
    /// Derived names, in their order.
    pub derived: BTreeSet<&'static str>,
    /// Whether it reads the record as a whole.
    pub whole: bool,
}

impl Outline {
    /// What the rule's conditions, group, steps and aggregates read.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        let mut waiting: Vec<NodeId> = vec![self.filter.node];
        waiting.extend(self.excepts.iter().chain(&self.when).map(|part| part.node));
        waiting.extend(self.by.iter().chain(&self.tuple).map(|named| named.node));
        waiting.extend(self.steps.iter().map(|step| step.cond.node));
        waiting.extend(&self.kept);
        for counted in &self.counted {
            match &counted.counts {
                Counts::Each => {}
                Counts::Where(part) => waiting.push(part.node),
                Counts::Value(_, node) => waiting.push(*node),
                Counts::Tuple(nodes) => waiting.extend(nodes.iter().map(|(_, node)| *node)),
            }
        }
        while let Some(node) = waiting.pop() {
            match self.program.node(node) {
                Node::Slot(slot, _) => {
                    fields.raw.insert(self.program.layout.path(*slot).join("."));
                }
                Node::Derived(name) => {
                    fields.derived.insert(name.name());
                }
                Node::Whole => fields.whole = true,
                other => waiting.extend(other.children()),
            }
        }
        fields
    }
}

/// A part of a condition.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it stands.
    pub span: Span,
    /// What it computes.
    pub node: NodeId,
    /// How it follows from the parts in it.
    pub form: Form,
    /// These parts.
    pub inner: Vec<Part>,
    /// The values it reads itself, with their places; not those of `inner`.
    pub reads: Vec<(Span, NodeId)>,
}

/// How a condition follows from its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All hold.
    All,
    /// One holds.
    One,
    /// The part does not hold.
    Not,
    /// It is a name for the part: a `let`.
    Name,
    /// A condition of each element of a list.
    Each(Over),
    /// It depends on other events: no event alone says whether it holds.
    Before,
    /// An equality of the one value that it reads with one of an earlier event: it cannot
    /// hold where that value is missing.
    Joined,
    /// It has no parts.
    Leaf,
}

/// The outline of a rule of the set.
///
/// # Errors
///
/// [`PlanError`] where the rule is too much for one program.
pub fn outline(rules: &Ruleset, rule: &Rule) -> Result<Outline, PlanError> {
    let mut lowering = Lowering::default();
    lowering.lets(&rules.lets)?;
    let mut cutter = Cutter { lowering, lets: &rules.lets, params: &rule.params };
    let filter = cutter.part(&rule.filter.expr)?;
    let excepts = rule.excepts.iter().map(|expr| cutter.part(expr)).collect::<Result<_, _>>()?;
    let by = cutter.named(&rule.by)?;
    let tuple = rule.first_seen.as_ref().map(|first| &first.tuple);
    let tuple = tuple.or(rule.rare.as_ref().map(|rare| &rare.tuple));
    let tuple = cutter.named(tuple.map_or(&[], Vec::as_slice))?;
    let when = rule.when.as_ref().map(|when| cutter.when(&when.expr)).transpose()?;
    let counted = rule.aggregates.iter().map(|aggregate| cutter.counted(aggregate));
    let counted = counted.collect::<Result<_, _>>()?;
    let steps = rule.sequence.iter().flat_map(|sequence| &sequence.steps).enumerate();
    let steps = steps.map(|(number, step)| cutter.step(number, step)).collect::<Result<_, _>>()?;
    let kept = cutter.lowering.take_columns().concat();
    let Lowering { layout, nodes, reads, .. } = cutter.lowering;
    let program = Program {
        layout,
        memo: vec![None; nodes.len()],
        memos: 0,
        nodes,
        reads,
        rules: Vec::new(),
        groups: Vec::new(),
    };
    Ok(Outline { program, filter, excepts, by, tuple, when, counted, steps, kept })
}
