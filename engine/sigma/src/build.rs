//! Trees of the language made by hand: one function for each form that Sigma needs.
//!
//! It knows the tree and nothing of Sigma. The printer puts parentheses where they are
//! needed, so none is made here.

use lang::ast::{
    CompareOp, Expr, ExprKind, Ident, In, Key, Lit, Match, MatchOp, Number, Quantified, Span,
};

/// An expression at a place.
pub(crate) fn expr(kind: ExprKind, span: Span) -> Expr {
    Expr { kind, span, grouped: false }
}

/// `"…"`.
pub(crate) fn text(value: impl Into<String>, span: Span) -> Expr {
    expr(ExprKind::Lit(Lit::Str(value.into())), span)
}

/// A number, negated where it is below zero, as the grammar has it.
pub(crate) fn number(value: Number, span: Span) -> Expr {
    let (positive, negative) = match value {
        Number::Int(int) if int < 0 => match int.checked_neg() {
            Some(positive) => (Number::Int(positive), true),
            None => (Number::Float(-(int as f64)), true),
        },
        Number::Float(float) if float < 0.0 => (Number::Float(-float), true),
        positive => (positive, false),
    };
    let literal = expr(ExprKind::Lit(Lit::Number(positive)), span);
    if negative { expr(ExprKind::Neg(Box::new(literal)), span) } else { literal }
}

/// A whole number.
pub(crate) fn int(value: i64, span: Span) -> Expr {
    number(Number::Int(value), span)
}

/// `true` or `false`.
pub(crate) fn truth(value: bool, span: Span) -> Expr {
    expr(ExprKind::Lit(Lit::Bool(value)), span)
}

/// A name by itself.
pub(crate) fn name(word: &str, span: Span) -> Expr {
    expr(ExprKind::Name(word.to_owned()), span)
}

/// `base.key`.
pub(crate) fn member(base: Expr, key: &str, span: Span) -> Expr {
    let key = Key { name: key.to_owned(), quoted: false, span };
    expr(ExprKind::Member(Box::new(base), Box::new(key)), span)
}

/// `word(args)`.
pub(crate) fn call(word: &str, args: Vec<Expr>, span: Span) -> Expr {
    expr(ExprKind::Call(Box::new(Ident { name: word.to_owned(), span }), args), span)
}

/// `lower(value)`.
pub(crate) fn lower(value: Expr) -> Expr {
    let span = value.span;
    call("lower", vec![value], span)
}

/// `text(value)`.
pub(crate) fn json_text(value: Expr) -> Expr {
    let span = value.span;
    call("text", vec![value], span)
}

/// `left op right`.
pub(crate) fn compare(op: CompareOp, left: Expr, right: Expr, span: Span) -> Expr {
    expr(ExprKind::Compare(op, Box::new(left), Box::new(right)), span)
}

/// `value == one`, or `value in [one, other]`.
pub(crate) fn equal_any(value: Expr, mut literals: Vec<Expr>, span: Span) -> Expr {
    if literals.len() == 1
        && let Some(literal) = literals.pop()
    {
        return compare(CompareOp::Eq, value, literal, span);
    }
    let list = expr(ExprKind::List(literals), span);
    expr(ExprKind::In(Box::new(In { negated: false, value, list, high: None })), span)
}

/// `value in list`.
pub(crate) fn is_in(value: Expr, list: Expr, span: Span) -> Expr {
    expr(ExprKind::In(Box::new(In { negated: false, value, list, high: None })), span)
}

/// A list.
pub(crate) fn list(items: Vec<Expr>, span: Span) -> Expr {
    expr(ExprKind::List(items), span)
}

/// `value like one`, or `value like [one, other]`.
pub(crate) fn like_any(value: Expr, mut patterns: Vec<Expr>, span: Span) -> Expr {
    let operand = match (patterns.len(), patterns.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            patterns.extend(last);
            list(patterns, span)
        }
    };
    matching(MatchOp::Like, value, operand, span)
}

/// `value op operand`.
pub(crate) fn matching(op: MatchOp, value: Expr, operand: Expr, span: Span) -> Expr {
    expr(ExprKind::Match(Box::new(Match { op, negated: false, value, operand })), span)
}

/// `value exists`.
pub(crate) fn exists(value: Expr, span: Span) -> Expr {
    expr(ExprKind::Exists(Box::new(value)), span)
}

/// `any(var in list: cond)`.
pub(crate) fn any(var: &str, list: Expr, cond: Expr, span: Span) -> Expr {
    let var = Ident { name: var.to_owned(), span };
    expr(ExprKind::Quantified(Box::new(Quantified { all: false, var, list, cond })), span)
}

/// What is true where `cond` is not, in the plainest form.
pub(crate) fn not(cond: Expr) -> Expr {
    let span = cond.span;
    let kind = match cond.kind {
        ExprKind::Exists(value) => ExprKind::Missing(value),
        ExprKind::Missing(value) => ExprKind::Exists(value),
        ExprKind::Compare(CompareOp::Eq, a, b) => ExprKind::Compare(CompareOp::Ne, a, b),
        ExprKind::Not(inner) => return *inner,
        ExprKind::In(inner) => ExprKind::In(Box::new(In { negated: !inner.negated, ..*inner })),
        ExprKind::Match(inner) => {
            ExprKind::Match(Box::new(Match { negated: !inner.negated, ..*inner }))
        }
        other => ExprKind::Not(Box::new(expr(other, span))),
    };
    expr(kind, span)
}

/// The parts joined by `and`; nothing of none.
pub(crate) fn all(parts: Vec<Expr>) -> Option<Expr> {
    join(parts, true)
}

/// The parts joined by `or`; nothing of none.
pub(crate) fn either(parts: Vec<Expr>) -> Option<Expr> {
    join(parts, false)
}

/// The parts joined by `or`; false of none.
pub(crate) fn any_of(parts: Vec<Expr>, at: Span) -> Expr {
    either(parts).unwrap_or_else(|| truth(false, at))
}

fn join(parts: Vec<Expr>, and: bool) -> Option<Expr> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        flatten(part, and, &mut flat);
    }
    let mut flat = flat.into_iter();
    let first = flat.next()?;
    Some(flat.fold(first, |left, right| {
        let (start, end) = (left.span.start.min(right.span.start), right.span.end);
        let span = Span { start, end: end.max(left.span.end), ..left.span };
        let (left, right) = (Box::new(left), Box::new(right));
        expr(if and { ExprKind::And(left, right) } else { ExprKind::Or(left, right) }, span)
    }))
}

/// Adds the parts of a junction of the same kind one by one.
fn flatten(part: Expr, and: bool, flat: &mut Vec<Expr>) {
    let mut behind = Vec::new();
    let mut at = part;
    loop {
        match (at.kind, and) {
            (ExprKind::And(left, right), true) | (ExprKind::Or(left, right), false) => {
                behind.push(*right);
                at = *left;
            }
            (kind, _) => {
                flat.push(expr(kind, at.span));
                break;
            }
        }
    }
    flat.extend(behind.into_iter().rev());
}
