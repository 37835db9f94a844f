//! The calls and the names that stand in an expression, in order of appearance.

use lang::ast::{Expr, ExprKind};

/// The calls that have a value over events: aggregates, scores and shares.
///
/// A score comes before the aggregate it is of.
pub(crate) const OVER_EVENTS: [&str; 6] = ["count", "ratio", "distinct", "sum", "zscore", "rare"];

/// The calls of functions with one of these names.
pub(crate) fn calls<'e>(expr: &'e Expr, words: &[&str]) -> Vec<&'e Expr> {
    let mut found = Vec::new();
    if let ExprKind::Call(name, _) = &expr.kind
        && words.contains(&name.name.as_str())
    {
        found.push(expr);
    }
    found.extend(parts(expr).into_iter().flat_map(|part| calls(part, words)));
    found
}

/// The names that stand in an expression, those hidden by a variable left out.
pub(crate) fn names(expr: &Expr) -> Vec<String> {
    match &expr.kind {
        ExprKind::Name(name) => vec![name.clone()],
        ExprKind::Quantified(quantified) => {
            let inner =
                names(&quantified.cond).into_iter().filter(|name| *name != quantified.var.name);
            names(&quantified.list).into_iter().chain(inner).collect()
        }
        _ => parts(expr).into_iter().flat_map(names).collect(),
    }
}

fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Lit(_) | ExprKind::Name(_) => Vec::new(),
        ExprKind::List(list) | ExprKind::Call(_, list) => list.iter().collect(),
        ExprKind::Member(one, _)
        | ExprKind::Not(one)
        | ExprKind::Neg(one)
        | ExprKind::Exists(one)
        | ExprKind::Missing(one) => vec![one],
        ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arith(_, a, b) => {
            vec![a, b]
        }
        ExprKind::Quantified(quantified) => vec![&quantified.list, &quantified.cond],
        ExprKind::In(within) => {
            let mut all = vec![&within.value, &within.list];
            all.extend(within.high.as_ref());
            all
        }
        ExprKind::Match(matched) => vec![&matched.value, &matched.operand],
    }
}
