//! When two values are equal, when one is less, and what a list holds.
//!
//! Two-valued: with a missing side everything is false. Source: language
//! reference, "Two-valued logic", "Numbers".

use bumpalo::Bump;
use event::{Json, Kind, Number, Value};
use std::cmp::Ordering;

/// Whether the values are equal.
pub(crate) fn equal<'a>(a: Value<'a>, b: Value<'a>, arena: &'a Bump) -> bool {
    match (a.scalar(), b.scalar()) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Ip(a), Value::Ip(b)) => a == b,
        (Value::Cidr(a), Value::Cidr(b)) => a == b,
        (Value::Json(a), Value::Json(b)) => equal_json(a, b, arena),
        (Value::Json(json), other) | (other, Value::Json(json)) => equal_mixed(json, other, arena),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(*a, *b, arena))
        }
        _ => false,
    }
}

fn equal_json<'a>(a: Json<'a>, b: Json<'a>, arena: &'a Bump) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::List, Kind::List) | (Kind::Object, Kind::Object) => {
            a.compact(arena) == b.compact(arena)
        }
        (Kind::Text, Kind::Text) => a.text(arena) == b.text(arena),
        (Kind::Number, Kind::Number) => a.number().zip(b.number()).is_some_and(|(a, b)| a == b),
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Bool(truth), Kind::Text) => b.is_text(word(truth)),
        (Kind::Text, Kind::Bool(truth)) => a.is_text(word(truth)),
        _ => false,
    }
}

fn equal_mixed<'a>(json: Json<'a>, other: Value<'a>, arena: &'a Bump) -> bool {
    match (json.kind(), other) {
        (Kind::Text, Value::Text(text)) => json.is_text(text),
        (Kind::Text, Value::Bool(truth)) => json.is_text(word(truth)),
        (Kind::Bool(truth), Value::Text(text)) => text == word(truth),
        (Kind::Bool(a), Value::Bool(b)) => a == b,
        (Kind::Number, Value::Number(b)) => json.number().is_some_and(|a| a == b),
        (Kind::List, Value::List(list)) => {
            json.elements().count() == list.len()
                && json.elements().zip(list).all(|(a, b)| equal(Value::Json(a), *b, arena))
        }
        _ => false,
    }
}

fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

/// How two values of an ordered kind compare; nothing where they have no order.
pub(crate) fn order<'a>(a: Value<'a>, b: Value<'a>, arena: &'a Bump) -> Option<Ordering> {
    match (a.scalar(), b.scalar()) {
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(&b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(&b)),
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.compare(b),
            (None, None) => Some(a.as_text(arena)?.cmp(b.as_text(arena)?)),
            _ => None,
        },
    }
}

/// The number a value is, of a typed field or of JSON.
pub(crate) fn number(value: Value<'_>) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number),
        Value::Json(json) => json.number(),
        _ => None,
    }
}

/// What `any`, `all`, `has` and `len` run over: a JSON value that is no list is a list
/// of one, one that is too deep is missing.
pub(crate) fn elements<'a>(value: Value<'a>, arena: &'a Bump) -> Option<&'a [Value<'a>]> {
    match value {
        Value::List(list) => Some(list),
        Value::Json(json) if json.kind() == Kind::List => {
            if json.depth() > Json::DEEPEST {
                return None;
            }
            let mut list = bumpalo::collections::Vec::new_in(arena);
            list.extend(json.elements().map(|element| match element.kind() {
                Kind::Null => Value::Missing,
                _ => Value::Json(element),
            }));
            Some(list.into_bump_slice())
        }
        Value::Json(_) => Some(arena.alloc_slice_copy(&[value])),
        _ => None,
    }
}

/// Whether a list holds a value, or any of a list of values.
pub(crate) fn holds<'a>(list: Value<'a>, wanted: Value<'a>, arena: &'a Bump) -> bool {
    let Some(list) = elements(list, arena) else { return false };
    let one = |wanted: Value<'a>| list.iter().any(|element| equal(*element, wanted, arena));
    match wanted {
        Value::List(all) => all.iter().any(|wanted| one(*wanted)),
        Value::Json(json) if json.kind() == Kind::List => {
            json.elements().any(|wanted| one(Value::Json(wanted)))
        }
        wanted => one(wanted),
    }
}
