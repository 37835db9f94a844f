//! The condition of a step, by what each of its parts reads.
//!
//! A worker asks what reads the event at hand alone. What reads earlier steps is asked
//! later, when the events are gone, so it is put over as few and as small values as may be:
//! the largest expressions that read one event become one value of that event.
//!
//! # Invariants
//!
//! - The parts together say what the condition says: functions have no effects, and a
//!   missing value is missing wherever it is computed.
//! - A part of `rest` reads events only through [`ExprKind::Step`], which never holds another.

use crate::typed::{Expr, ExprKind, Join, Type};

/// The parts of a condition; all of them hold when it does.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) own: Vec<Expr>,
    pub(super) joins: Vec<Join>,
    pub(super) rest: Vec<Expr>,
}

/// The parts of the condition of the step of this number.
pub(super) fn parts(cond: Expr, step: usize) -> Parts {
    let mut parts = Parts::default();
    let mut waiting = vec![cond];
    while let Some(part) = waiting.pop() {
        let reads = reads(&part, step);
        match part.kind {
            ExprKind::And(all) => waiting.extend(all.into_iter().rev()),
            _ if reads.events & !bit(step) == 0 => parts.own.push(part),
            ExprKind::Eq(one, other) if let Some(there) = joined(&one, &other, step) => {
                parts.joins.push(Join { here: *one, step: there, there: plain(*other) });
            }
            ExprKind::Eq(one, other) if let Some(there) = joined(&other, &one, step) => {
                parts.joins.push(Join { here: *other, step: there, there: plain(*one) });
            }
            _ => parts.rest.push(gathered(part, step, 0)),
        }
    }
    parts
}

/// What an expression reads.
#[derive(Clone, Copy, Default)]
struct Reads {
    /// The events, a bit for each step; the event at hand has the bit of its step.
    events: u32,
    /// The outermost variable in it.
    var: Option<usize>,
    /// Whether there is an `any` or `all` in it.
    binds: bool,
}

/// The bit of a step; there are at most 16.
fn bit(step: usize) -> u32 {
    1_u32.checked_shl(u32::try_from(step).unwrap_or(u32::MAX)).unwrap_or(0)
}

/// The one step whose event is read.
fn only(events: u32) -> Option<usize> {
    (events.count_ones() == 1).then(|| events.trailing_zeros() as usize)
}

/// The earlier step that `there` alone reads, when `here` reads the event at hand alone and
/// equal values of the two have equal keys.
fn joined(here: &Expr, there: &Expr, step: usize) -> Option<usize> {
    let earlier = only(reads(there, step).events).filter(|number| *number != step)?;
    let fit = reads(here, step).events == bit(step) && have_keys(&here.ty, &there.ty);
    fit.then_some(earlier)
}

fn have_keys(one: &Type, other: &Type) -> bool {
    let odd = |ty: &Type| {
        !matches!(
            ty,
            Type::Json
                | Type::Bool
                | Type::Int
                | Type::Float
                | Type::Str
                | Type::IdentityType
                | Type::Nominal(_)
        )
    };
    match (one, other) {
        (Type::Json, other) | (other, Type::Json) => !odd(other),
        _ => !matches!(one, Type::List(_)) && !matches!(other, Type::List(_)),
    }
}

fn reads(expr: &Expr, step: usize) -> Reads {
    let mut reads = Reads::default();
    let mut waiting = vec![expr];
    while let Some(next) = waiting.pop() {
        match &next.kind {
            ExprKind::Path(_) | ExprKind::Derived(_) | ExprKind::Let(_) => {
                reads.events |= bit(step);
            }
            ExprKind::Step(number, _) => reads.events |= bit(*number),
            ExprKind::Var(number) => {
                reads.var = Some(reads.var.map_or(*number, |known| known.min(*number)));
            }
            ExprKind::Any(..) | ExprKind::All(..) => reads.binds = true,
            _ => {}
        }
        waiting.extend(next.children());
    }
    reads
}

/// The expression over values of steps, `depth` many `any`s and `all`s around it.
///
/// Variables are numbered from the outermost, so what binds one stays where it is unless it
/// is the outermost itself.
fn gathered(expr: Expr, step: usize, depth: usize) -> Expr {
    let reads = reads(&expr, step);
    if reads.events == 0 || matches!(expr.kind, ExprKind::Step(..)) {
        return expr;
    }
    let bound = reads.var.is_none_or(|var| var >= depth);
    match only(reads.events) {
        Some(number) if bound && (depth == 0 || !reads.binds) => {
            let (ty, span) = (expr.ty.clone(), expr.span);
            Expr { kind: ExprKind::Step(number, Box::new(plain(expr))), ty, span }
        }
        _ => below(expr, &|part, inside| gathered(part, step, depth + usize::from(inside))),
    }
}

/// The expression with values of steps read from the event at hand.
fn plain(expr: Expr) -> Expr {
    match expr.kind {
        ExprKind::Step(_, inner) => *inner,
        _ => below(expr, &|part, _| plain(part)),
    }
}

/// The expression with what is right below it changed; the change is told whether the part
/// stands inside an `any` or `all`.
fn below(expr: Expr, change: &dyn Fn(Expr, bool) -> Expr) -> Expr {
    use ExprKind as K;
    let one = |part: Box<Expr>| Box::new(change(*part, false));
    let all = |parts: Vec<Expr>| parts.into_iter().map(|part| change(part, false)).collect();
    let inside = |part: Box<Expr>| Box::new(change(*part, true));
    let kind = match expr.kind {
        K::Member(a, key) => K::Member(one(a), key),
        K::Not(a) => K::Not(one(a)),
        K::Matches(a, pattern) => K::Matches(one(a), pattern),
        K::Exists(a) => K::Exists(one(a)),
        K::Neg(a) => K::Neg(one(a)),
        K::Eq(a, b) => K::Eq(one(a), one(b)),
        K::Lt(a, b) => K::Lt(one(a), one(b)),
        K::Le(a, b) => K::Le(one(a), one(b)),
        K::In(a, b) => K::In(one(a), one(b)),
        K::Like(a, b) => K::Like(one(a), one(b)),
        K::Has(a, b) => K::Has(one(a), one(b)),
        K::Arith(op, a, b) => K::Arith(op, one(a), one(b)),
        K::Any(list, cond) => K::Any(one(list), inside(cond)),
        K::All(list, cond) => K::All(one(list), inside(cond)),
        K::Between(a, b, c) => K::Between(one(a), one(b), one(c)),
        K::List(parts) => K::List(all(parts)),
        K::And(parts) => K::And(all(parts)),
        K::Or(parts) => K::Or(all(parts)),
        K::Call(func, parts) => K::Call(func, all(parts)),
        leaf @ (K::Const(_)
        | K::Path(_)
        | K::Derived(_)
        | K::Let(_)
        | K::Param(_)
        | K::Var(_)
        | K::Aggregate(_)
        | K::New
        | K::Share
        | K::Score(_)
        | K::Step(..)) => leaf,
    };
    Expr { kind, ..expr }
}
