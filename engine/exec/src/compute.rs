//! What operators and functions of the language make of values; nothing where they give none.
//!
//! It knows values alone: no events, no nodes.

use crate::canonical;
use crate::compare::{elements, number, order};
use bumpalo::Bump;
use event::{Kind, Number, Value};
use plan::ArithOp;
use std::cmp::Ordering;

/// `a op b`; nothing where there is no such sum, or no room for it.
pub(crate) fn arith<'a>(op: ArithOp, a: Value<'a>, b: Value<'a>) -> Option<Value<'a>> {
    use ArithOp::{Add, Div, Mul, Sub};
    use Value::{Duration, Time};
    Some(match (op, a, b) {
        (Sub, Time(a), Time(b)) => Duration(a.0.checked_sub(b.0)?),
        (Add, Time(time), Duration(d)) | (Add, Duration(d), Time(time)) => {
            Time(event::EventTime(time.0.checked_add(d)?))
        }
        (Sub, Time(time), Duration(d)) => Time(event::EventTime(time.0.checked_sub(d)?)),
        (Add, Duration(a), Duration(b)) => Duration(a.checked_add(b)?),
        (Sub, Duration(a), Duration(b)) => Duration(a.checked_sub(b)?),
        (Div, Duration(a), Duration(b)) => {
            return numeric(Div, Value::Number(Number::Int(a)), Value::Number(Number::Int(b)));
        }
        (Mul, Duration(d), n) | (Mul, n, Duration(d)) => {
            Duration(d.checked_mul(number(n)?.whole()?)?)
        }
        (Div, Duration(d), n) => Duration(d.checked_div(number(n)?.whole()?)?),
        (op, a, b) => return numeric(op, a, b),
    })
}

/// `a op b` of numbers.
pub(crate) fn numeric<'a>(op: ArithOp, a: Value<'a>, b: Value<'a>) -> Option<Value<'a>> {
    let (a, b) = (number(a)?, number(b)?);
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        let whole = match op {
            ArithOp::Add => Some(a.checked_add(b)?),
            ArithOp::Sub => Some(a.checked_sub(b)?),
            ArithOp::Mul => Some(a.checked_mul(b)?),
            ArithOp::Div => None,
        };
        if let Some(whole) = whole {
            return Some(Value::Number(Number::Int(whole)));
        }
    }
    let (a, b) = (a.float(), b.float());
    let value = match op {
        ArithOp::Add => a + b,
        ArithOp::Sub => a - b,
        ArithOp::Mul => a * b,
        ArithOp::Div if b == 0.0 => return None,
        ArithOp::Div => a / b,
    };
    value.is_finite().then_some(Value::Number(Number::Float(value)))
}

/// The characters of a text, or the elements of a list.
pub(crate) fn length<'a>(value: Value<'a>, arena: &'a Bump) -> Option<i64> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Json(json) if json.kind() == Kind::List => json.elements().count(),
        value => elements(value, arena)?.len(),
    };
    i64::try_from(length).ok()
}

/// The value, or the bound that it is beyond.
pub(crate) fn clamp<'a>(
    value: Value<'a>,
    low: Value<'a>,
    high: Value<'a>,
    arena: &'a Bump,
) -> Option<Value<'a>> {
    let value = number(value).map_or(value, Value::Number);
    if order(value, low, arena)? == Ordering::Less {
        order(low, high, arena)?;
        return Some(low);
    }
    Some(if order(value, high, arena)? == Ordering::Greater { high } else { value })
}

/// The compact JSON text of a value.
pub(crate) fn json_text<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Value<'a>> {
    match value {
        Value::Missing => None,
        Value::Json(json) => Some(Value::Text(json.compact(arena))),
        value => Some(Value::Text(arena.alloc_str(&canonical::text(value)))),
    }
}

/// The JSON that a text holds.
pub(crate) fn json_inside<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Value<'a>> {
    event::derived::json_in_text(value.as_text(arena)?, arena).map(Value::Json)
}
