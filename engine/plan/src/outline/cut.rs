//! Expressions cut into the parts that a reader sees.

use super::{Counted, Counts, Form, Part, StepPart};
use crate::lower::{Lowering, Params, PlanError};
use crate::node::{Node, NodeId};
use crate::program::Named;
use lang::ast::Span;
use lang::typed::{Aggregate, AggregateKind, Expr, ExprKind, Join, Step};

/// Lowers an expression again for each of its parts: equal expressions are one node.
pub(super) struct Cutter<'a> {
    pub(super) lowering: Lowering,
    pub(super) lets: &'a [Expr],
    pub(super) params: Params<'a>,
}

impl Cutter<'_> {
    pub(super) fn part(&mut self, expr: &Expr) -> Result<Part, PlanError> {
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

    /// A `when`: what of it reads the window or the past is one part.
    pub(super) fn when(&mut self, expr: &Expr) -> Result<Part, PlanError> {
        let node = self.lowering.expr(expr, self.params)?;
        match &expr.kind {
            _ if !self.lowering.reads[node.0 as usize].window => self.part(expr),
            ExprKind::And(all) => {
                let inner = all.iter().map(|part| self.when(part)).collect::<Result<_, _>>()?;
                Ok(Part { span: expr.span, node, form: Form::All, inner, reads: Vec::new() })
            }
            _ => {
                let mut reads = Vec::new();
                self.reads(expr, &mut reads)?;
                Ok(Part { span: expr.span, node, form: Form::Before, inner: Vec::new(), reads })
            }
        }
    }

    /// A step, its parts in the order in which they are written.
    pub(super) fn step(&mut self, number: usize, step: &Step) -> Result<StepPart, PlanError> {
        let mut parts = self.parts(&step.own)?;
        for join in &step.joins {
            parts.push(self.join(number, join)?);
        }
        for expr in &step.rest {
            let node = self.lowering.expr(expr, self.params)?;
            let mut reads = Vec::new();
            self.reads_of_step(expr, number, &mut reads)?;
            let form = Form::Before;
            parts.push(Part { span: expr.span, node, form, inner: Vec::new(), reads });
        }
        parts.sort_by_key(|part| part.span.start);
        let cond = match <[Part; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(inner) => {
                let own = self.lowering.all(&step.own, self.params)?;
                let span = inner.iter().map(|part| part.span).reduce(over).unwrap_or_default();
                let node = self.lowering.conjunction(own);
                Part { span, node, form: Form::All, inner, reads: Vec::new() }
            }
        };
        let name = step.name.as_str().into();
        Ok(StepPart { name, absent: step.absent, count: step.count, cond })
    }

    fn join(&mut self, number: usize, join: &Join) -> Result<Part, PlanError> {
        let node = self.lowering.expr(&join.here, self.params)?;
        let there = self.lowering.expr(&join.there, self.params)?;
        self.lowering.column(number, node);
        self.lowering.column(join.step, there);
        let mut reads = Vec::new();
        self.reads(&join.here, &mut reads)?;
        let span = over(join.here.span, join.there.span);
        Ok(Part { span, node, form: Form::Joined, inner: Vec::new(), reads })
    }

    /// What an aggregate asks of each event.
    pub(super) fn counted(&mut self, aggregate: &Aggregate) -> Result<Counted, PlanError> {
        let counts = match &aggregate.kind {
            AggregateKind::Count => Counts::Each,
            AggregateKind::CountIf(cond) | AggregateKind::Ratio(cond) => {
                Counts::Where(self.part(cond)?)
            }
            AggregateKind::Sum(value) => {
                Counts::Value(value.span, self.lowering.expr(value, self.params)?)
            }
            AggregateKind::Distinct(tuple) => {
                let nodes = self.lowering.all(tuple, self.params)?;
                Counts::Tuple(tuple.iter().map(|part| part.span).zip(nodes).collect())
            }
        };
        Ok(Counted { text: aggregate.text.as_str().into(), counts })
    }

    pub(super) fn named(&mut self, all: &[lang::typed::Named]) -> Result<Vec<Named>, PlanError> {
        let named = all.iter().map(|named| {
            let node = self.lowering.expr(&named.expr, self.params)?;
            Ok(Named { text: named.text.as_str().into(), node })
        });
        named.collect()
    }

    /// The values of the step's own event in an expression over several.
    fn reads_of_step(
        &mut self,
        expr: &Expr,
        number: usize,
        out: &mut Vec<(Span, NodeId)>,
    ) -> Result<(), PlanError> {
        match &expr.kind {
            ExprKind::Step(step, value) if *step == number => self.reads(value, out),
            ExprKind::Step(..) => Ok(()),
            ExprKind::Param(_) => self.reads(expr, out),
            _ => expr.children().into_iter().try_for_each(|e| self.reads_of_step(e, number, out)),
        }
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

/// The place from the one to the other.
fn over(one: Span, other: Span) -> Span {
    Span { start: one.start.min(other.start), end: one.end.max(other.end), ..one }
}
