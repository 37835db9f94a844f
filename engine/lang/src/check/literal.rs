//! Literals: which type they take, and what they come to.
//!
//! A literal takes the type of what it meets. It knows constants and types, and
//! nothing of names.

use super::types;
use crate::typed::{Const, Type};
use event::{Cidr, CidrError, EventTime};
use std::net::IpAddr;

/// Why a constant cannot be of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is of another kind.
    Kind,
    /// A text that does not have the form: what it is not, and what to write.
    Form(&'static str, String),
}

/// The constant as a value of `want`, to be compared with one.
pub(super) fn convert(value: &Const, want: &Type) -> Result<Const, Refusal> {
    if is_one(value, want) { Ok(value.clone()) } else { read(value, want) }
}

/// The same of a constant that is given away; one that is refused comes back.
pub(super) fn converted(value: Const, want: &Type) -> Result<Const, (Refusal, Const)> {
    if is_one(&value, want) { Ok(value) } else { read(&value, want).map_err(|why| (why, value)) }
}

/// Whether the constant can be no value of `want`, whatever its form.
pub(super) fn is_of_another_kind(value: &Const, want: &Type) -> bool {
    !is_one(value, want) && read(value, want) == Err(Refusal::Kind)
}

/// Whether the constant is a value of `want` as it stands.
fn is_one(value: &Const, want: &Type) -> bool {
    match (value, want) {
        (_, Type::Json) => true,
        (Const::Text(_), ty) => types::is_text(ty),
        (Const::Int(_) | Const::Float(_), ty) => types::is_number(ty),
        (Const::Bool(_), Type::Bool)
        | (Const::Duration(_), Type::Duration)
        | (Const::Time(_), Type::Time)
        | (Const::Ip(_), Type::Ip)
        | (Const::Cidr(_), Type::Cidr) => true,
        _ => false,
    }
}

/// The value of `want` that a text is the form of.
fn read(value: &Const, want: &Type) -> Result<Const, Refusal> {
    match (value, want) {
        (Const::Text(text), Type::Ip) => address(text).map(Const::Ip),
        (Const::Text(text), Type::Cidr) => network(text).map(Const::Cidr),
        (Const::Text(text), Type::Time) => time(text).map(Const::Time),
        _ => Err(Refusal::Kind),
    }
}

/// The constant as a value that was declared to be `want`: a whole number becomes a
/// Float, and no Float becomes an Int.
pub(super) fn declare(value: &Const, want: &Type) -> Result<Const, Refusal> {
    match (value, want) {
        (Const::Int(whole), Type::Float) => Ok(Const::Float(*whole as f64)),
        (Const::Float(_), Type::Int) => Err(Refusal::Kind),
        _ => convert(value, want),
    }
}

fn address(text: &str) -> Result<IpAddr, Refusal> {
    text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| {
        Refusal::Form(
            "address",
            "write it as in `\"203.0.113.7\"`; what is no address stands in `sourceIPAddress`"
                .into(),
        )
    })
}

fn network(text: &str) -> Result<Cidr, Refusal> {
    if let Ok(ip) = address(text) {
        let bits = if ip.is_ipv4() { 32 } else { 128 };
        return Cidr::masked(ip, bits).map_err(|_| Refusal::Kind);
    }
    Cidr::parse(text).map_err(|error| {
        let help = match error {
            CidrError::Form => "write it as in `10.0.0.0/8`".to_owned(),
            CidrError::Bits { most } => format!("the address has only {most} bits"),
            CidrError::HostBits { network } => format!("write `{network}`"),
        };
        Refusal::Form("network", help)
    })
}

fn time(text: &str) -> Result<i64, Refusal> {
    EventTime::parse(text)
        .or_else(|| EventTime::parse(&format!("{text}T00:00:00Z")))
        .map(|time| time.0)
        .ok_or_else(|| Refusal::Form("time", "write it as in `\"2027-03-31T18:00:00Z\"`".into()))
}

/// Whether a text names a network rather than an address.
pub(super) fn is_network(value: &Const) -> bool {
    match value {
        Const::Cidr(_) => true,
        Const::Text(text) => text.contains('/'),
        _ => false,
    }
}

/// The type of a constant that nobody declared.
pub(super) fn natural(value: &Const) -> Type {
    match value {
        Const::Bool(_) => Type::Bool,
        Const::Int(_) => Type::Int,
        Const::Float(_) => Type::Float,
        Const::Text(_) => Type::Str,
        Const::Duration(_) => Type::Duration,
        Const::Time(_) => Type::Time,
        Const::Ip(_) => Type::Ip,
        Const::Cidr(_) => Type::Cidr,
        Const::List(items) => {
            let mut kinds = items.iter().map(natural);
            let first = kinds.next();
            let one = first.and_then(|first| {
                kinds.try_fold(first, |so_far, next| {
                    (so_far == next || types::is_number(&so_far) && types::is_number(&next))
                        .then(|| if so_far == next { so_far } else { Type::Float })
                })
            });
            Type::List(Box::new(one.unwrap_or(Type::Json)))
        }
    }
}

/// A constant as a rule writes it, for messages.
pub(super) fn show(value: &Const) -> String {
    match value {
        Const::Bool(flag) => flag.to_string(),
        Const::Int(whole) => whole.to_string(),
        Const::Float(number) => number.to_string(),
        Const::Text(text) => format!("\"{text}\""),
        Const::Duration(seconds) => length(*seconds),
        Const::Time(seconds) => format!("\"{}\"", EventTime(*seconds)),
        Const::Ip(ip) => format!("\"{ip}\""),
        Const::Cidr(cidr) => cidr.to_string(),
        Const::List(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A length of time in its largest whole unit.
fn length(seconds: i64) -> String {
    let (unit, letter) = [(86_400, 'd'), (3_600, 'h'), (60, 'm')]
        .into_iter()
        .find(|(unit, _)| seconds != 0 && seconds % unit == 0)
        .unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}

/// How two constants of an ordered type stand, if they are ones.
pub(super) fn order(left: &Const, right: &Const) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Const::Duration(a), Const::Duration(b))
        | (Const::Time(a), Const::Time(b))
        | (Const::Int(a), Const::Int(b)) => Some(a.cmp(b)),
        (Const::Text(a), Const::Text(b)) => Some(a.cmp(b)),
        (Const::Int(_) | Const::Float(_), Const::Int(_) | Const::Float(_)) => {
            number(left)?.partial_cmp(&number(right)?)
        }
        _ => None,
    }
}

/// A number as a Float.
pub(super) fn number(value: &Const) -> Option<f64> {
    match value {
        Const::Int(whole) => Some(*whole as f64),
        Const::Float(number) => Some(*number),
        _ => None,
    }
}
