//! Constant lists made ready for `in` and `has`.

use event::{Cidr, Json, Kind, Number, Value};
use hashbrown::HashSet;
use lang::typed::Const;
use std::net::IpAddr;

/// The values of a constant list.
#[derive(Clone, Debug, Default)]
pub struct Set {
    texts: HashSet<Box<str>>,
    numbers: Vec<Number>,
    cidrs: Vec<Cidr>,
    ips: Vec<IpAddr>,
    times: Vec<i64>,
    durations: Vec<i64>,
    bools: [bool; 2],
}

impl Set {
    /// The set of the values.
    #[must_use]
    pub fn new(values: &[Const]) -> Self {
        let mut set = Self::default();
        if let [Const::Text(_), ..] = values {
            set.texts.reserve(values.len());
        }
        for value in values {
            match value {
                Const::Bool(value) => set.bools[usize::from(*value)] = true,
                Const::Int(value) => set.numbers.push(Number::Int(*value)),
                Const::Float(value) => set.numbers.push(Number::Float(*value)),
                Const::Text(value) => {
                    set.texts.insert(value.as_str().into());
                }
                Const::Duration(value) => set.durations.push(*value),
                Const::Time(value) => set.times.push(*value),
                Const::Ip(value) => set.ips.push(*value),
                Const::Cidr(value) => set.cidrs.push(*value),
                Const::List(_) => {}
            }
        }
        set
    }

    /// Whether the value equals one of the set; an address also when a network of the set contains it.
    #[must_use]
    pub fn contains(&self, value: Value<'_>) -> bool {
        match value.scalar() {
            Value::Missing | Value::List(_) | Value::Object(_) => false,
            Value::Bool(value) => self.bools[usize::from(value)],
            Value::Number(number) => self.has_number(number),
            Value::Text(text) => self.texts.contains(text),
            Value::Time(time) => self.times.contains(&time.0),
            Value::Duration(seconds) => self.durations.contains(&seconds),
            Value::Ip(ip) => {
                self.ips.contains(&ip) || self.cidrs.iter().any(|net| net.contains(ip))
            }
            Value::Cidr(cidr) => self.cidrs.contains(&cidr),
            Value::Json(json) => self.has_json(json),
        }
    }

    fn has_number(&self, number: Number) -> bool {
        self.numbers.contains(&number)
    }

    /// Whether it has the text of a JSON string, which may stand for a Bool.
    fn has_text(&self, text: &str) -> bool {
        self.texts.contains(text)
            || (self.bools[1] && text == "true")
            || (self.bools[0] && text == "false")
    }

    fn has_json(&self, json: Json<'_>) -> bool {
        match json.kind() {
            Kind::Text => {
                let inside = &json.raw()[1..json.raw().len() - 1];
                match std::str::from_utf8(inside) {
                    Ok(text) if !text.contains('\\') => self.has_text(text),
                    _ => self.has_text(&String::from_utf8_lossy(&event::unescape(inside))),
                }
            }
            Kind::Bool(value) => {
                self.bools[usize::from(value)]
                    || self.texts.contains(if value { "true" } else { "false" })
            }
            Kind::Number => json.number().is_some_and(|number| self.has_number(number)),
            Kind::Null | Kind::List | Kind::Object | Kind::Odd => false,
        }
    }
}
