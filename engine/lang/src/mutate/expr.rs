//! What may be changed in an expression.

use super::{Changed, Part, at_place, durations, map};
use crate::ast::{CompareOp, Expr, ExprKind, Lit, Number};
use crate::print::expr_line;

/// The conditions that differ from one in one thing.
pub(super) fn condition(expr: &Expr) -> Vec<Changed<Expr>> {
    let mut all = negations(expr);
    // `not not a` would be the `a` that there is already.
    let is_negated_name =
        |inner: &Expr| matches!(inner.kind, ExprKind::Name(_) | ExprKind::Member(..));
    if !matches!(&expr.kind, ExprKind::Not(inner) if is_negated_name(inner)) {
        all.extend(inner(expr, condition));
    }
    all
}

/// What is done to a condition itself.
fn negations(expr: &Expr) -> Vec<Changed<Expr>> {
    let text = |expr: &Expr| format!("`{}`", expr_line(expr));
    let dropped = |kept: &Expr, gone: &Expr| {
        let what = format!("{} was left out", text(gone));
        Changed { new: kept.clone(), span: gone.span, what, part: Part::Condition }
    };
    let negated = |kind: ExprKind| {
        let new = at_place(expr, kind);
        let what = format!("{} became {}", text(expr), text(&new));
        vec![Changed { new, span: expr.span, what, part: Part::Condition }]
    };
    match &expr.kind {
        ExprKind::And(left, right) | ExprKind::Or(left, right) => {
            let mut all = vec![dropped(left, right)];
            // What a chain joins is left out one by one, not all but the last.
            let is_chain = std::mem::discriminant(&left.kind) == std::mem::discriminant(&expr.kind);
            if !is_chain || left.grouped {
                all.insert(0, dropped(right, left));
            }
            all
        }
        ExprKind::Not(inner) => negated(inner.kind.clone()),
        ExprKind::Compare(op, left, right) => {
            let with = |op| negated(ExprKind::Compare(op, left.clone(), right.clone()));
            flipped(*op).iter().flat_map(|op| with(*op)).collect()
        }
        ExprKind::In(own) => {
            let mut own = own.clone();
            own.negated = !own.negated;
            negated(ExprKind::In(own))
        }
        ExprKind::Match(own) => {
            let mut own = own.clone();
            own.negated = !own.negated;
            negated(ExprKind::Match(own))
        }
        ExprKind::Exists(inner) => negated(ExprKind::Missing(inner.clone())),
        ExprKind::Missing(inner) => negated(ExprKind::Exists(inner.clone())),
        ExprKind::Quantified(own) => {
            let mut own = own.clone();
            let words = if own.all { ("all", "any") } else { ("any", "all") };
            own.all = !own.all;
            let new = at_place(expr, ExprKind::Quantified(own));
            let what = format!("`{}` became `{}`", words.0, words.1);
            vec![Changed { new, span: expr.span, what, part: Part::Condition }]
        }
        ExprKind::Name(_) | ExprKind::Member(..) => negated(ExprKind::Not(Box::new(expr.clone()))),
        _ => Vec::new(),
    }
}

/// Other comparisons: the opposite, and for an order the one that moves its edge.
fn flipped(op: CompareOp) -> &'static [CompareOp] {
    match op {
        CompareOp::Eq => &[CompareOp::Ne],
        CompareOp::Ne => &[CompareOp::Eq],
        CompareOp::Lt => &[CompareOp::Le, CompareOp::Ge],
        CompareOp::Le => &[CompareOp::Lt, CompareOp::Gt],
        CompareOp::Gt => &[CompareOp::Ge, CompareOp::Le],
        CompareOp::Ge => &[CompareOp::Gt, CompareOp::Lt],
    }
}

/// The values that differ from one in one thing: literals and lists.
pub(super) fn values(expr: &Expr) -> Vec<Changed<Expr>> {
    let changed = |kind: ExprKind| {
        let new = at_place(expr, kind);
        let what = format!("`{}` became `{}`", expr_line(expr), expr_line(&new));
        Changed { new, span: expr.span, what, part: Part::Value }
    };
    match &expr.kind {
        ExprKind::Lit(lit) => match lit {
            // No value has this ending.
            Lit::Str(text) => vec![changed(ExprKind::Lit(Lit::Str(format!("{text}~"))))],
            Lit::Bool(truth) => vec![changed(ExprKind::Lit(Lit::Bool(!truth)))],
            Lit::Number(number) => numbers(*number)
                .into_iter()
                .map(|n| changed(ExprKind::Lit(Lit::Number(n))))
                .collect(),
            Lit::Duration(length) => map(durations(*length), |length| {
                at_place(expr, ExprKind::Lit(Lit::Duration(length)))
            }),
            Lit::Cidr(_) => Vec::new(),
        },
        ExprKind::List(items) if items.len() > 1 => {
            let without = |at: usize| {
                let mut rest = items.clone();
                let gone = rest.remove(at);
                let what = format!("`{}` was left out", expr_line(&gone));
                let new = at_place(expr, ExprKind::List(rest));
                Changed { new, span: gone.span, what, part: Part::Value }
            };
            (0..items.len()).map(without).collect()
        }
        _ => inner(expr, condition),
    }
}

/// One more, one less, twice and half as much.
fn numbers(number: Number) -> Vec<Number> {
    let mut all = match number {
        Number::Int(n) => [n.checked_add(1), n.checked_sub(1), n.checked_mul(2), Some(n / 2)]
            .into_iter()
            .flatten()
            .filter(|new| *new != n && (*new >= 0 || n < 0))
            .map(Number::Int)
            .collect::<Vec<_>>(),
        Number::Float(x) => vec![Number::Float(x * 2.0), Number::Float(x / 2.0)],
    };
    all.dedup();
    let mut seen = Vec::new();
    all.retain(|number| {
        let new = !seen.contains(number) && *number != Number::Float(0.0);
        seen.push(*number);
        new
    });
    all
}

/// The expression with one of the expressions in it changed; conditions by `as_condition`.
fn inner(expr: &Expr, as_condition: impl Fn(&Expr) -> Vec<Changed<Expr>>) -> Vec<Changed<Expr>> {
    let mut all = Vec::new();
    let number = children(&mut expr.clone()).len();
    for at in 0..number {
        let mut copy = expr.clone();
        let Some((is_condition, child)) = children(&mut copy).into_iter().nth(at) else { continue };
        let changes = if is_condition { as_condition(child) } else { values(child) };
        all.append(&mut map(changes, |new| {
            let mut copy = expr.clone();
            if let Some((_, place)) = children(&mut copy).into_iter().nth(at) {
                let grouped = place.grouped;
                *place = new;
                place.grouped |= grouped;
            }
            copy
        }));
    }
    all
}

/// The expressions right inside one, each with whether it stands for a condition.
fn children(expr: &mut Expr) -> Vec<(bool, &mut Expr)> {
    match &mut expr.kind {
        ExprKind::Lit(_) | ExprKind::Name(_) => Vec::new(),
        ExprKind::List(items) => items.iter_mut().map(|item| (false, item)).collect(),
        // Of a function's arguments those that are compared or joined are conditions.
        ExprKind::Call(_, items) => {
            items.iter_mut().map(|item| (is_condition(&item.kind), item)).collect()
        }
        ExprKind::Member(inner, _) | ExprKind::Neg(inner) => vec![(false, inner)],
        ExprKind::Exists(inner) | ExprKind::Missing(inner) => vec![(false, inner)],
        ExprKind::Quantified(own) => vec![(false, &mut own.list), (true, &mut own.cond)],
        ExprKind::Not(inner) => vec![(true, inner)],
        ExprKind::And(left, right) | ExprKind::Or(left, right) => vec![(true, left), (true, right)],
        ExprKind::Compare(_, left, right) | ExprKind::Arith(_, left, right) => {
            vec![(false, left), (false, right)]
        }
        ExprKind::In(own) => [&mut own.value, &mut own.list]
            .into_iter()
            .chain(&mut own.high)
            .map(|inner| (false, inner))
            .collect(),
        ExprKind::Match(own) => vec![(false, &mut own.value), (false, &mut own.operand)],
    }
}

fn is_condition(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::In(_)
            | ExprKind::Match(_)
            | ExprKind::Exists(_)
            | ExprKind::Missing(_)
            | ExprKind::Quantified(_)
    )
}
