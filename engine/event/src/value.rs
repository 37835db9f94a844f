//! What a name of a rule stands for while one event is looked at.

use crate::cidr::Cidr;
use crate::json::{Json, Kind};
use crate::number::Number;
use crate::time::EventTime;
use bumpalo::Bump;
use std::net::IpAddr;

/// A value, borrowed from the record or from the arena of the event.
#[derive(Clone, Copy, Debug, Default)]
pub enum Value<'a> {
    /// There is none.
    #[default]
    Missing,
    /// true or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text of any text type.
    Text(&'a str),
    /// A point in time.
    Time(EventTime),
    /// Seconds.
    Duration(i64),
    /// An address.
    Ip(IpAddr),
    /// A network.
    Cidr(Cidr),
    /// Open JSON, never `null`.
    Json(Json<'a>),
    /// A list.
    List(&'a [Value<'a>]),
    /// An element of `sg.rules` or of `policy(x)`; a key that is missing is left out.
    Object(&'a [(&'static str, Value<'a>)]),
}

impl<'a> Value<'a> {
    /// Whether there is one.
    #[must_use]
    pub fn exists(self) -> bool {
        !matches!(self, Value::Missing)
    }

    /// The text of a text or of a JSON text.
    #[must_use]
    pub fn as_text(self, arena: &'a Bump) -> Option<&'a str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Json(json) => json.text(arena),
            _ => None,
        }
    }

    /// The value under a key of an object or of a JSON object.
    #[must_use]
    pub fn get(self, key: &str) -> Self {
        match self {
            Value::Object(entries) => {
                entries.iter().find(|(known, _)| *known == key).map_or(Value::Missing, |e| e.1)
            }
            Value::Json(json) => json.get(key).map_or(Value::Missing, Value::Json),
            _ => Value::Missing,
        }
    }

    /// A one-element JSON list of a scalar as that scalar, which is how older S3 records
    /// write some values; anything else as it is.
    #[must_use]
    pub fn scalar(self) -> Self {
        let Value::Json(json) = self else { return self };
        if json.kind() != Kind::List {
            return self;
        }
        let mut elements = json.elements();
        match (elements.next(), elements.next()) {
            (Some(only), None) => match only.kind() {
                Kind::Text | Kind::Number | Kind::Bool(_) => Value::Json(only),
                _ => self,
            },
            _ => self,
        }
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Value::Missing, Value::Text)
    }
}

impl<'a> From<Option<Json<'a>>> for Value<'a> {
    fn from(json: Option<Json<'a>>) -> Self {
        json.map_or(Value::Missing, Value::Json)
    }
}
