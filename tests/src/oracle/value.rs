//! Values of expressions, and when two of them are equal, in order or the same.
//!
//! Every comparison with a missing side is false. An open JSON value compares
//! with anything and is false where the JSON type differs; a list of one scalar
//! stands for the scalar.

use super::json::Json;
use super::net::{self, Net};
use super::number::Number;
use super::time;
use std::cmp::Ordering;
use std::net::IpAddr;

/// The value of an expression for one event.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing there.
    Missing,
    /// true or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text of any text type.
    Text(String),
    /// An action of a policy: lower case, and so is any literal compared with it.
    Action(String),
    /// Seconds since 1970.
    Time(i64),
    /// Seconds.
    Span(i64),
    /// An address.
    Ip(IpAddr),
    /// A network.
    Net(Net),
    /// Open JSON, never `null`.
    Json(Json),
    /// A list with a known type.
    List(Vec<Value>),
    /// A security-group rule or a policy statement.
    Record(Vec<(&'static str, Value)>),
}

impl Value {
    /// The value of a piece of JSON; `null` and nothing are missing.
    #[must_use]
    pub fn of_json(json: Option<&Json>) -> Self {
        match json {
            None | Some(Json::Null) => Self::Missing,
            Some(json) => Self::Json(json.clone()),
        }
    }

    /// A text, or missing.
    #[must_use]
    pub fn of_text(text: Option<String>) -> Self {
        text.map_or(Self::Missing, Self::Text)
    }

    /// Whether it is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Whether a condition with this value holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The value under a key, or missing.
    #[must_use]
    pub fn member(&self, key: &str) -> Self {
        match self {
            Self::Json(json) => Self::of_json(json.get(key)),
            Self::Record(fields) => fields
                .iter()
                .find(|(name, _)| *name == key)
                .map_or(Self::Missing, |(_, value)| value.clone()),
            _ => Self::Missing,
        }
    }

    /// The same, where a JSON list of one scalar is that scalar.
    #[must_use]
    pub fn scalar(self) -> Self {
        match self {
            Self::Json(Json::List(elements)) if elements.len() == 1 && is_scalar(&elements[0]) => {
                Self::of_json(elements.first())
            }
            other => other,
        }
    }

    /// The number it is, typed or JSON.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Json(Json::Number(digits)) => Number::read(digits),
            _ => None,
        }
    }

    /// The text it is, typed or JSON.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Action(text) | Self::Json(Json::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The elements `any`, `all` and `has` see: JSON that is no list is a list of one.
    #[must_use]
    pub fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::Missing => None,
            Self::List(elements) => Some(elements.clone()),
            Self::Json(Json::List(elements)) => {
                Some(elements.iter().map(|json| Self::of_json(Some(json))).collect())
            }
            other => Some(vec![other.clone()]),
        }
    }

    /// Whether `==` holds.
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        let (a, b) = (self.clone().scalar(), other.clone().scalar());
        match (&a, &b) {
            (Self::Missing, _) | (_, Self::Missing) => false,
            (Self::Json(a), Self::Json(b)) => json_equals(a, b),
            (Self::Json(json), typed) | (typed, Self::Json(json)) => json_equals_typed(json, typed),
            (Self::Action(action), Self::Text(text)) | (Self::Text(text), Self::Action(action)) => {
                *action == text.to_lowercase()
            }
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) | (Self::Action(a), Self::Action(b)) => a == b,
            (Self::Ip(address), Self::Text(text)) | (Self::Text(text), Self::Ip(address)) => {
                net::address(text) == Some(*address)
            }
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Net(a), Self::Net(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (a, b) => a.order(b) == Some(Ordering::Equal),
        }
    }

    /// The order of two numbers, two texts, two times or two lengths of time; nothing for any other pair.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let (a, b) = (self.clone().scalar(), other.clone().scalar());
        match (&a, &b) {
            (Self::Time(a), Self::Time(b)) | (Self::Span(a), Self::Span(b)) => {
                return Some(a.cmp(b));
            }
            (Self::Time(a), Self::Text(b)) => return Some(a.cmp(&time::read(b)?)),
            (Self::Text(a), Self::Time(b)) => return Some(time::read(a)?.cmp(b)),
            _ => {}
        }
        if let (Some(a), Some(b)) = (a.number(), b.number()) {
            return Some(a.order(b));
        }
        Some(a.text()?.cmp(b.text()?))
    }

    /// The JSON of the value, equal for two values that are the same; nothing when it is missing.
    ///
    /// Numbers have their shortest form, other JSON stands as delivered.
    #[must_use]
    pub fn json(&self) -> Option<Json> {
        Some(match self {
            Self::Missing => return None,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => Json::Number(number.shortest()),
            Self::Text(text) | Self::Action(text) => Json::text(text),
            Self::Time(second) => Json::Text(time::write(*second)),
            Self::Span(seconds) => Json::whole(seconds),
            Self::Ip(address) => Json::Text(address.to_string()),
            Self::Net(net) => Json::Text(net.text()),
            Self::Json(Json::Number(digits)) => {
                Json::Number(Number::read(digits).map_or_else(|| digits.clone(), Number::shortest))
            }
            Self::Json(json) => json.clone(),
            Self::List(elements) => Json::List(elements.iter().filter_map(Self::json).collect()),
            Self::Record(fields) => Json::Object(
                fields
                    .iter()
                    .filter_map(|(name, value)| Some(((*name).to_owned(), value.json()?)))
                    .collect(),
            ),
        })
    }
}

fn is_scalar(json: &Json) -> bool {
    matches!(json, Json::Bool(_) | Json::Number(_) | Json::Text(_))
}

fn json_equals(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => match (Number::read(a), Number::read(b)) {
            (Some(a), Some(b)) => a.order(b) == Ordering::Equal,
            _ => a == b,
        },
        (Json::Bool(value), Json::Text(text)) | (Json::Text(text), Json::Bool(value)) => {
            says(text, *value)
        }
        (a, b) => a.compact() == b.compact(),
    }
}

fn json_equals_typed(json: &Json, typed: &Value) -> bool {
    match (json, typed) {
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Bool(value), Value::Text(text)) | (Json::Text(text), Value::Bool(value)) => {
            says(text, *value)
        }
        (Json::Text(a), Value::Text(b)) => a == b,
        (Json::Text(a), Value::Action(b)) => a.to_lowercase() == *b,
        (Json::Number(_), Value::Number(_)) => {
            Value::Json(json.clone()).order(typed) == Some(Ordering::Equal)
        }
        _ => false,
    }
}

fn says(text: &str, value: bool) -> bool {
    text == if value { "true" } else { "false" }
}
