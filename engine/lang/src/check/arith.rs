//! Arithmetic on numbers, times and lengths of time; constants are worked out.
//!
//! | left | right | gives |
//! |---|---|---|
//! | number | `+ - *` number | Int of two Ints, else Float |
//! | number | `/` number | Float |
//! | Time | `-` Time | Duration |
//! | Time | `+ -` Duration | Time |
//! | Duration | `+ -` Duration | Duration |
//! | Duration | `* /` number, number `*` Duration | Duration |
//! | Duration | `/` Duration | Float |
//!
//! Open JSON stands for a number, and what it gives is open JSON.

use super::compare::Side;
use super::literal;
use super::scope::{Checker, Val};
use super::types;
use crate::ast::{self, ArithOp, Span};
use crate::diag::Diag;
use crate::typed::{Const, ExprKind, Type};

impl Checker<'_, '_> {
    /// `left op right`.
    pub(super) fn arith(
        &mut self,
        op: ArithOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Val> {
        let (lv, rv) = (self.expr(left), self.expr(right));
        let mut left = Side { ast: left, val: lv? };
        let mut right = Side { ast: right, val: rv? };
        meet_time(&mut left, &right);
        meet_time(&mut right, &left);
        let Some(ty) = outcome(op, &left.val.expr.ty, &right.val.expr.ty) else {
            self.no_arith(op, &left, &right);
            return None;
        };
        let (one, other) = (left.val.constant(), right.val.constant());
        if let Some(value) = one.zip(other).and_then(|(one, other)| fold(op, one, other)) {
            let mut val = Val::literal(value, ty, span);
            val.loose = left.val.loose && right.val.loose;
            return Some(val);
        }
        if op == ArithOp::Div && other.and_then(literal::number) == Some(0.0) {
            self.always(span, "a division by zero is missing, and so is what is compared with it");
        }
        let kind = ExprKind::Arith(op, Box::new(left.val.expr), Box::new(right.val.expr));
        Some(Val::new(kind, ty, span))
    }

    /// `-inner`.
    pub(super) fn negative(&mut self, inner: &ast::Expr, span: Span) -> Option<Val> {
        let val = self.expr(inner)?;
        let value = match val.constant() {
            Some(Const::Int(whole)) => whole.checked_neg().map(Const::Int),
            Some(Const::Float(number)) => Some(Const::Float(-number)),
            Some(Const::Duration(seconds)) => seconds.checked_neg().map(Const::Duration),
            _ => None,
        };
        if let Some(value) = value {
            return Some(Val { loose: val.loose, ..Val::literal(value, val.expr.ty, span) });
        }
        let ty = val.expr.ty.clone();
        if types::is_number(&ty) || matches!(ty, Type::Duration | Type::Json) {
            return Some(Val::new(ExprKind::Neg(Box::new(val.expr)), ty, span));
        }
        let words = types::words(&ty);
        let diag = Diag::error("E0205", format!("`-` is not made for {words}"), inner.span)
            .label(words)
            .help("leave out the `-`");
        self.sink.error(diag);
        None
    }

    fn no_arith(&mut self, op: ArithOp, left: &Side<'_>, right: &Side<'_>) {
        let (one, other) = (types::words(&left.val.expr.ty), types::words(&right.val.expr.ty));
        let title = format!("`{}` is not made for {one} and {other}", sign(op));
        let diag =
            Diag::error("E0205", title, right.ast.span).label(other).also(left.ast.span, one);
        let text = types::is_text(&left.val.expr.ty) || types::is_text(&right.val.expr.ty);
        self.sink.error(if text {
            diag.help("texts are not joined; compare each with `==` or `like`")
        } else {
            diag.help("it takes numbers, times and lengths of time: `time - 10m`")
        });
    }
}

fn sign(op: ArithOp) -> char {
    match op {
        ArithOp::Add => '+',
        ArithOp::Sub => '-',
        ArithOp::Mul => '*',
        ArithOp::Div => '/',
    }
}

/// A text beside a time is a time.
fn meet_time(side: &mut Side<'_>, other: &Side<'_>) {
    if side.val.loose
        && other.val.expr.ty == Type::Time
        && let Some(Ok(value)) = side
            .val
            .constant()
            .filter(|value| matches!(value, Const::Text(_)))
            .map(|value| literal::convert(value, &Type::Time))
    {
        side.val = Val::literal(value, Type::Time, side.val.expr.span);
    }
}

/// The type of what comes out, if the operator is made for these.
fn outcome(op: ArithOp, left: &Type, right: &Type) -> Option<Type> {
    use ArithOp::{Add, Div, Mul, Sub};
    let number = |ty: &Type| types::is_number(ty) || *ty == Type::Json;
    Some(match (left, op, right) {
        (Type::Time, Sub, Type::Time) => Type::Duration,
        (Type::Time, Add | Sub, Type::Duration) | (Type::Duration, Add, Type::Time) => Type::Time,
        (Type::Duration, Add | Sub, Type::Duration) => Type::Duration,
        (Type::Duration, Div, Type::Duration) => Type::Float,
        (Type::Duration, Mul | Div, by) if types::is_number(by) => Type::Duration,
        (by, Mul, Type::Duration) if types::is_number(by) => Type::Duration,
        (one, Div, other) if number(one) && number(other) => Type::Float,
        (one, _, other) if number(one) && number(other) => {
            if *one == Type::Json || *other == Type::Json {
                Type::Json
            } else if *one == Type::Int && *other == Type::Int {
                Type::Int
            } else {
                Type::Float
            }
        }
        _ => return None,
    })
}

/// The outcome for two constants, unless it overflows or divides by zero.
fn fold(op: ArithOp, left: &Const, right: &Const) -> Option<Const> {
    use ArithOp::{Add, Div, Mul, Sub};
    let whole = |one: i64, other: i64| match op {
        Add => one.checked_add(other),
        Sub => one.checked_sub(other),
        Mul => one.checked_mul(other),
        Div => None,
    };
    match (left, op, right) {
        (Const::Int(one), Add | Sub | Mul, Const::Int(other)) => {
            whole(*one, *other).map(Const::Int)
        }
        (Const::Time(one), Sub, Const::Time(other)) => whole(*one, *other).map(Const::Duration),
        (Const::Time(one), Add | Sub, Const::Duration(other))
        | (Const::Duration(one), Add, Const::Time(other)) => whole(*one, *other).map(Const::Time),
        (Const::Duration(one), Add | Sub, Const::Duration(other)) => {
            whole(*one, *other).map(Const::Duration)
        }
        (Const::Duration(one), Mul, Const::Int(other))
        | (Const::Int(one), Mul, Const::Duration(other)) => {
            whole(*one, *other).map(Const::Duration)
        }
        (Const::Duration(_) | Const::Time(_), ..) | (.., Const::Duration(_) | Const::Time(_)) => {
            None
        }
        _ => {
            let (one, other) = (literal::number(left)?, literal::number(right)?);
            let value = match op {
                Add => one + other,
                Sub => one - other,
                Mul => one * other,
                Div => one / other,
            };
            value.is_finite().then_some(Const::Float(value))
        }
    }
}
