//! The aggregates and the names that stand in an expression, in order of appearance.

use lang::ast::{Expr, ExprKind};

/// The calls of aggregates.
pub(crate) fn aggregates(expr: Option<&Expr>) -> Vec<&Expr> {
    let mut found = Vec::new();
    if let Some(expr) = expr {
        collect(expr, &mut found);
    }
    found
}

fn collect<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    if let ExprKind::Call(name, _) = &expr.kind
        && ["count", "ratio", "distinct", "sum"].contains(&name.name.as_str())
    {
        found.push(expr);
    } else {
        parts(expr).into_iter().for_each(|part| collect(part, found));
    }
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
