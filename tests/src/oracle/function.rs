//! The functions of an event's values. One with a missing argument is missing.

use super::json::Json;
use super::number::Number;
use super::value::Value;
use super::{security, time};
use std::cmp::Ordering;

/// The value of a function but `if`, `new` and the aggregates.
pub(crate) fn value(name: &str, args: &[Value]) -> Value {
    if args.iter().any(Value::is_missing) {
        return Value::Missing;
    }
    let whole = |number: i64| Value::Number(Number::Whole(number));
    match (name, args) {
        ("len", [one]) => length(one).map_or(Value::Missing, |length| whole(length as i64)),
        ("lower", [one]) => match one.clone().scalar() {
            Value::Action(text) => Value::Action(text),
            other => Value::of_text(other.text().map(str::to_lowercase)),
        },
        ("hour", [Value::Time(second)]) => whole(time::hour(*second)),
        ("weekday", [Value::Time(second)]) => whole(time::weekday(*second)),
        ("clamp", [x, low, high]) => {
            clamp(&x.clone().scalar(), &low.clone().scalar(), &high.clone().scalar())
        }
        ("text", [one]) => Value::of_text(match one {
            Value::Json(json) => Some(json.compact()),
            other => other.json().map(|json| json.compact()),
        }),
        ("json", [one]) => {
            Value::of_json(one.clone().scalar().text().and_then(security::json_inside).as_ref())
        }
        ("policy", [one]) => Value::List(security::policy(one)),
        ("grants", [statement, action]) => {
            Value::Bool(action.text().is_some_and(|action| security::grants(statement, action)))
        }
        _ => Value::Missing,
    }
}

/// Characters of a text, elements of a list; JSON that is no list is a list of one.
fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) | Value::Action(text) => Some(text.chars().count()),
        Value::List(elements) => Some(elements.len()),
        Value::Json(Json::List(elements)) => Some(elements.len()),
        Value::Json(_) => Some(1),
        _ => None,
    }
}

fn clamp(x: &Value, low: &Value, high: &Value) -> Value {
    if x.number().is_none() || low.number().is_none() || high.number().is_none() {
        return Value::Missing;
    }
    if x.order(low) == Some(Ordering::Less) {
        low.clone()
    } else if x.order(high) == Some(Ordering::Greater) {
        high.clone()
    } else {
        x.clone()
    }
}
