//! Expressions on one line.

use super::words::{self, Lines};
use crate::ast::{ArithOp, CompareOp, Expr, ExprKind, Lit, MatchOp, Number};

/// How tightly a form binds; a form stands in parentheses where its place wants more.
pub(super) type Level = u8;

/// `or`, and any place that takes a whole expression.
pub(super) const LOWEST: Level = 1;
/// `and`.
pub(super) const AND: Level = 2;
/// `not`.
pub(super) const NOT: Level = 3;
/// A comparison.
pub(super) const COMPARE: Level = 4;
/// `+` and `-`.
pub(super) const SUM: Level = 5;
/// `*` and `/`.
pub(super) const PRODUCT: Level = 6;
/// A sign.
pub(super) const SIGN: Level = 7;
/// What a point can follow.
pub(super) const POSTFIX: Level = 8;

/// The longest line that is made room for before it is written.
const MOST_AHEAD: u32 = 1_024;

/// An expression at a place that wants at least `least`.
pub(super) fn expr(expr: &Expr, least: Level) -> String {
    // It is about as long as in the source, where it was in one.
    let length = expr.span.end.saturating_sub(expr.span.start).min(MOST_AHEAD);
    let mut out = String::with_capacity(length as usize);
    write(&mut out, expr, least);
    out
}

/// Whether an expression stands in parentheses at a place that wants `least`.
pub(super) fn in_parentheses(expr: &Expr, least: Level) -> bool {
    expr.grouped || level(&expr.kind) < least
}

fn level(kind: &ExprKind) -> Level {
    match kind {
        ExprKind::Or(..) => LOWEST,
        ExprKind::And(..) => AND,
        ExprKind::Not(_) => NOT,
        ExprKind::Compare(..)
        | ExprKind::In(_)
        | ExprKind::Match(_)
        | ExprKind::Exists(_)
        | ExprKind::Missing(_) => COMPARE,
        ExprKind::Arith(ArithOp::Add | ArithOp::Sub, ..) => SUM,
        ExprKind::Arith(ArithOp::Mul | ArithOp::Div, ..) => PRODUCT,
        ExprKind::Neg(_) => SIGN,
        // A tree made by hand may hold a negative literal; it reads as a sign.
        ExprKind::Lit(Lit::Number(Number::Int(i64::MIN..0))) => SIGN,
        ExprKind::Lit(Lit::Number(Number::Float(float))) if float.is_sign_negative() => SIGN,
        _ => POSTFIX,
    }
}

fn write(out: &mut String, expr: &Expr, least: Level) {
    let parentheses = in_parentheses(expr, least);
    if parentheses {
        out.push('(');
    }
    write_kind(out, &expr.kind);
    if parentheses {
        out.push(')');
    }
}

fn write_kind(out: &mut String, kind: &ExprKind) {
    match kind {
        ExprKind::Lit(Lit::Str(text)) => words::write_text(out, text, Lines::One),
        ExprKind::Lit(value) => out.push_str(&literal(value)),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::List(items) => {
            out.push('[');
            write_items(out, items);
            out.push(']');
        }
        ExprKind::Member(base, key) => {
            write(out, base, POSTFIX);
            out.push('.');
            words::write_key(out, key);
        }
        ExprKind::Call(name, arguments) => {
            out.push_str(&name.name);
            out.push('(');
            write_items(out, arguments);
            out.push(')');
        }
        ExprKind::Quantified(quantified) => {
            out.push_str(&quantified_head(quantified.all));
            out.push_str(&quantified_range(&quantified.var.name, &quantified.list));
            write(out, &quantified.cond, LOWEST);
            out.push(')');
        }
        ExprKind::Not(inner) => {
            out.push_str("not ");
            write(out, inner, NOT);
        }
        ExprKind::Neg(inner) => {
            out.push('-');
            write(out, inner, POSTFIX);
        }
        ExprKind::Or(left, right) => write_pair(out, (left, LOWEST), "or", (right, AND)),
        ExprKind::And(left, right) => write_pair(out, (left, AND), "and", (right, NOT)),
        ExprKind::Compare(op, left, right) => {
            write_pair(out, (left, SUM), compare_sign(*op), (right, SUM))
        }
        ExprKind::Arith(op, left, right) => {
            let (sign, left_least, right_least) = match op {
                ArithOp::Add => ("+", SUM, PRODUCT),
                ArithOp::Sub => ("-", SUM, PRODUCT),
                ArithOp::Mul => ("*", PRODUCT, SIGN),
                ArithOp::Div => ("/", PRODUCT, SIGN),
            };
            write_pair(out, (left, left_least), sign, (right, right_least));
        }
        ExprKind::In(inner) => {
            write(out, &inner.value, SUM);
            out.push_str(if inner.negated { " not in " } else { " in " });
            match &inner.high {
                Some(high) => out.push_str(&range(&inner.list, high)),
                None => write(out, &inner.list, SUM),
            }
        }
        ExprKind::Match(inner) => {
            write_pair(
                out,
                (&inner.value, SUM),
                match_words(inner.op, inner.negated),
                (&inner.operand, SUM),
            );
        }
        ExprKind::Exists(inner) => {
            write(out, inner, SUM);
            out.push_str(" exists");
        }
        ExprKind::Missing(inner) => {
            write(out, inner, SUM);
            out.push_str(" missing");
        }
    }
}

fn write_pair(out: &mut String, left: (&Expr, Level), sign: &str, right: (&Expr, Level)) {
    write(out, left.0, left.1);
    out.push(' ');
    out.push_str(sign);
    out.push(' ');
    write(out, right.0, right.1);
}

fn write_items(out: &mut String, items: &[Expr]) {
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        write(out, item, LOWEST);
    }
}

/// `2..10000` for numbers and lengths of time, `low .. high` for all else.
pub(super) fn range(low: &Expr, high: &Expr) -> String {
    let plain = |side: &Expr| {
        let value = match &side.kind {
            ExprKind::Neg(inner) => &inner.kind,
            kind => kind,
        };
        matches!(value, ExprKind::Lit(Lit::Number(_) | Lit::Duration(_)))
    };
    let sign = if plain(low) && plain(high) { ".." } else { " .. " };
    format!("{}{sign}{}", expr(low, SUM), expr(high, SUM))
}

/// `any(` or `all(`.
pub(super) fn quantified_head(all: bool) -> String {
    if all { "all(" } else { "any(" }.to_owned()
}

/// `x in list: `.
pub(super) fn quantified_range(var: &str, list: &Expr) -> String {
    format!("{var} in {}: ", expr(list, SUM))
}

pub(super) fn compare_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

pub(super) fn match_words(op: MatchOp, negated: bool) -> &'static str {
    match (op, negated) {
        (MatchOp::Like, false) => "like",
        (MatchOp::Like, true) => "not like",
        (MatchOp::Has, false) => "has",
        (MatchOp::Has, true) => "not has",
        (MatchOp::Matches, false) => "matches",
        (MatchOp::Matches, true) => "not matches",
    }
}

fn literal(value: &Lit) -> String {
    match value {
        Lit::Str(text) => words::text(text, Lines::One),
        Lit::Number(number) => words::number(*number),
        Lit::Bool(value) => value.to_string(),
        Lit::Duration(length) => words::duration(*length),
        Lit::Cidr(network) => network.to_string(),
    }
}
