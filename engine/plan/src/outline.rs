//! A rule's conditions cut into the parts that a reader sees, for a trace over one event.
//!
//! A program shares nodes between rules and forgets where they stood; an [`Outline`]
//! keeps, for one rule, which part of its text is which node. Its nodes are lowered as
//! those of a program are, so that the same evaluation gives what the engine gives.
//! What it reads of windows and of what was learned is left out: no event has it.

use crate::lower::{Lowering, Params, PlanError};
use crate::node::{Node, NodeId, Over};
use crate::program::{Named, Program};
use lang::ast::Span;
use lang::typed::{AggregateKind, Expr, ExprKind, Rule, Ruleset};
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
    /// The tuple of `new`.
    pub tuple: Vec<Named>,
    /// What aggregates ask of each event.
    pub counted: Vec<NodeId>,
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
    /// What the rule's conditions, group and aggregates read.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        let mut waiting: Vec<NodeId> = vec![self.filter.node];
        waiting.extend(self.excepts.iter().map(|part| part.node));
        waiting.extend(self.by.iter().chain(&self.tuple).map(|named| named.node));
        waiting.extend(&self.counted);
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
    let tuple = rule.first_seen.as_ref().map(|first| cutter.named(&first.tuple));
    let tuple = tuple.transpose()?.unwrap_or_default();
    let mut counted = Vec::new();
    for aggregate in &rule.aggregates {
        match &aggregate.kind {
            AggregateKind::Count => {}
            AggregateKind::CountIf(expr)
            | AggregateKind::Ratio(expr)
            | AggregateKind::Sum(expr) => {
                counted.push(cutter.lowering.expr(expr, cutter.params)?);
            }
            AggregateKind::Distinct(tuple) => {
                counted.extend(cutter.lowering.all(tuple, cutter.params)?);
            }
        }
    }
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
    Ok(Outline { program, filter, excepts, by, tuple, counted })
}

/// Lowers an expression again for each of its parts: equal expressions are one node.
struct Cutter<'a> {
    lowering: Lowering,
    lets: &'a [Expr],
    params: Params<'a>,
}

impl Cutter<'_> {
    fn part(&mut self, expr: &Expr) -> Result<Part, PlanError> {
        let node = self.lowering.expr(expr, self.params)?;
        let (form, inner) = match &expr.kind {
            ExprKind::And(all) => (Form::All, self.parts(all)?),
            ExprKind::Or(all) => (Form::One, self.parts(all)?),
            // `!=`, `not in`, `missing`: one operator, one part.
            ExprKind::Not(inner) if is_same_place(inner.span, expr.span) => {
                (Form::Leaf, Vec::new())
            }
            ExprKind::Not(inner) => (Form::Not, vec![self.part(inner)?]),
            ExprKind::Let(number) => match self.lets.get(*number) {
                Some(body) => (Form::Name, vec![self.part(body)?]),
                None => (Form::Leaf, Vec::new()),
            },
            ExprKind::Any(..) | ExprKind::All(..) => match &self.lowering.nodes[node.0 as usize] {
                Node::Any(over) | Node::All(over) => (Form::Each(*over), Vec::new()),
                _ => (Form::Leaf, Vec::new()),
            },
            _ => (Form::Leaf, Vec::new()),
        };
        let mut reads = Vec::new();
        if inner.is_empty() {
            self.reads(expr, &mut reads)?;
        }
        Ok(Part { span: expr.span, node, form, inner, reads })
    }

    fn parts(&mut self, all: &[Expr]) -> Result<Vec<Part>, PlanError> {
        all.iter().map(|expr| self.part(expr)).collect()
    }

    fn named(&mut self, all: &[lang::typed::Named]) -> Result<Vec<Named>, PlanError> {
        let named = all.iter().map(|named| {
            let node = self.lowering.expr(&named.expr, self.params)?;
            Ok(Named { text: named.text.as_str().into(), node })
        });
        named.collect()
    }

    /// The values that an expression reads: fields, params, and what functions make of them.
    fn reads(&mut self, expr: &Expr, out: &mut Vec<(Span, NodeId)>) -> Result<(), PlanError> {
        use ExprKind as K;
        let inner: Vec<&Expr> = match &expr.kind {
            K::Path(_) | K::Derived(_) | K::Param(_) => {
                let node = self.lowering.expr(expr, self.params)?;
                if !out.iter().any(|(_, known)| *known == node) {
                    out.push((expr.span, node));
                }
                return Ok(());
            }
            K::Call(_, args) => {
                if expr.ty != lang::typed::Type::Bool && !reads_element(expr) {
                    let node = self.lowering.expr(expr, self.params)?;
                    out.push((expr.span, node));
                }
                args.iter().collect()
            }
            // What is asked of each element is told element by element.
            K::Any(list, _) | K::All(list, _) => vec![list],
            _ => expr.children(),
        };
        inner.into_iter().try_for_each(|inner| self.reads(inner, out))
    }
}

/// Whether it reads the element of an `any` or `all` around it.
fn reads_element(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Var(_)) || expr.children().into_iter().any(reads_element)
}

/// Spans compare as equal whatever they are; this looks at their bytes.
fn is_same_place(one: Span, other: Span) -> bool {
    (one.file, one.start, one.end) == (other.file, other.start, other.end)
}
