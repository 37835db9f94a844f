//! CloudTrail's schema as rules see it: the raw paths, the derived names, and the
//! type of each.
//!
//! It knows names and types. It knows nothing of how a value is read from a
//! record, nor of the scope that a rule adds (variables, params, lets).
//!
//! # Invariants
//!
//! - Below an open field every path exists and is `Json`.
//! - A path through a list is never a value: [`Lookup::ThroughList`].
//!
//! Source: AWS CloudTrail user guide, "CloudTrail record contents" and
//! "CloudTrail userIdentity element".

mod fields;

use crate::typed::{Nominal, Type};
use event::Derived;

pub use fields::FIELDS;

/// What a raw field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Any JSON, with any keys below it.
    Open,
    /// A list of objects.
    List,
    /// A value of one type.
    Value(Plain),
}

/// The types a raw field may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// true or false.
    Bool,
    /// Text of no particular kind.
    Str,
    /// A point in time.
    Time,
    /// userIdentity.type.
    IdentityType,
    /// A nominal text type.
    Nominal(Nominal),
}

impl Plain {
    /// The type of the language.
    #[must_use]
    pub fn ty(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Str => Type::Str,
            Self::Time => Type::Time,
            Self::IdentityType => Type::IdentityType,
            Self::Nominal(nominal) => Type::Nominal(nominal),
        }
    }
}

/// What the schema says of a raw path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A value of this type, under the path's full name.
    Found(Vec<String>, Type),
    /// The key of this number (0 is the first name) is not in the schema.
    Unknown(usize),
    /// The key before this one is a list.
    ThroughList(usize),
    /// The key before this one is a plain value without keys.
    ThroughValue(usize),
}

/// The raw path that `keys` name, with the abbreviations `req resp extra record`.
#[must_use]
pub fn raw(keys: &[&str]) -> Lookup {
    let Some((first, rest)) = keys.split_first() else {
        return Lookup::Unknown(0);
    };
    if *first == "record" {
        return Lookup::Found(rest.iter().map(|key| (*key).to_owned()).collect(), Type::Json);
    }
    let full: Vec<&str> = std::iter::once(expand(first)).chain(rest.iter().copied()).collect();
    walk(&full)
}

/// The field that an abbreviation stands for, else the name itself.
#[must_use]
pub fn expand(name: &str) -> &str {
    match name {
        "req" => "requestParameters",
        "resp" => "responseElements",
        "extra" => "additionalEventData",
        _ => name,
    }
}

fn walk(full: &[&str]) -> Lookup {
    let found = |ty| Lookup::Found(full.iter().map(|key| (*key).to_owned()).collect(), ty);
    for depth in 1..=full.len() {
        let Some(head) = full.get(..depth) else { break };
        let last = depth == full.len();
        // A key in quotes may have a point, which those of the schema do not.
        let known = head.last().is_some_and(|key| !key.contains('.'));
        match field(head).filter(|_| known) {
            Some(Field::Open) => return found(Type::Json),
            Some(Field::List) if last => return found(Type::Json),
            Some(Field::Value(plain)) if last => return found(plain.ty()),
            Some(Field::List) => return Lookup::ThroughList(depth),
            Some(Field::Value(_)) => return Lookup::ThroughValue(depth),
            None if known && is_group(head) && last => return found(Type::Json),
            None if known && is_group(head) => {}
            None => return Lookup::Unknown(depth - 1),
        }
    }
    Lookup::Unknown(0)
}

fn field(keys: &[&str]) -> Option<Field> {
    FIELDS.iter().find(|(path, _)| below(path, keys) == Some("")).map(|(_, kind)| *kind)
}

/// What is left of a path behind these keys, which begin it.
fn below<'p>(path: &'p str, keys: &[&str]) -> Option<&'p str> {
    let (first, rest) = keys.split_first()?;
    let first = path.strip_prefix(first)?;
    rest.iter().try_fold(first, |left, key| left.strip_prefix('.')?.strip_prefix(key))
}

/// Whether the path names an object that the schema knows the keys of.
fn is_group(keys: &[&str]) -> bool {
    FIELDS.iter().any(|(path, _)| below(path, keys).is_some_and(|left| left.starts_with('.')))
}

/// Whether a raw path or an abbreviation begins with this name.
#[must_use]
pub fn is_raw_head(name: &str) -> bool {
    matches!(name, "req" | "resp" | "extra" | "record")
        || FIELDS.iter().any(|(path, _)| is_or_begins(path, name))
}

/// Whether a path is this name, or goes on below it.
pub(crate) fn is_or_begins(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|below| below.is_empty() || below.starts_with('.'))
}

/// The type of a derived name.
#[must_use]
pub fn derived(name: Derived) -> Type {
    let nominal = Type::Nominal;
    match name {
        Derived::Time => Type::Time,
        Derived::Service => nominal(Nominal::Service),
        Derived::Api => nominal(Nominal::Api),
        Derived::Region => nominal(Nominal::Region),
        Derived::Account | Derived::ActorAccount => nominal(Nominal::Account),
        Derived::Principal | Derived::ActorId => nominal(Nominal::Principal),
        Derived::Session | Derived::Target => Type::Str,
        Derived::ActorType => Type::IdentityType,
        Derived::User => nominal(Nominal::UserName),
        Derived::Key => nominal(Nominal::KeyId),
        Derived::Ua => nominal(Nominal::UserAgent),
        Derived::CrossAccount
        | Derived::Ok
        | Derived::Denied
        | Derived::Write
        | Derived::ByService
        | Derived::ViaService
        | Derived::GlobalService
        | Derived::Management
        | Derived::Data
        | Derived::Console
        | Derived::Mfa => Type::Bool,
        Derived::Ip => Type::Ip,
        Derived::Targets | Derived::SharedWith => Type::List(Box::new(Type::Str)),
        Derived::SgRules => Type::List(Box::new(Type::SgRule)),
    }
}

/// The keys of an `sg.rules` element and their types.
pub const SG_RULE: [(&str, Type); 6] = [
    ("cidr", Type::Cidr),
    ("peer", Type::Str),
    ("proto", Type::Str),
    ("from", Type::Int),
    ("to", Type::Int),
    ("egress", Type::Bool),
];

/// The keys of a policy statement.
pub const STATEMENT: [&str; 10] = [
    "effect",
    "actions",
    "not_actions",
    "resources",
    "not_resources",
    "principals",
    "not_principals",
    "accounts",
    "conditions",
    "public",
];

/// The type of a key of an `sg.rules` element or a policy statement.
#[must_use]
pub fn member(base: &Type, key: &str) -> Option<Type> {
    match base {
        Type::SgRule => SG_RULE.iter().find(|(name, _)| *name == key).map(|(_, ty)| ty.clone()),
        Type::Statement if STATEMENT.contains(&key) => Some(match key {
            "effect" => Type::Str,
            "public" => Type::Bool,
            "accounts" => Type::List(Box::new(Type::Nominal(Nominal::Account))),
            _ => Type::List(Box::new(Type::Str)),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, want: &str) {
        let keys: Vec<&str> = path.split('.').collect();
        let got = match raw(&keys) {
            Lookup::Found(full, ty) => format!("{} {ty:?}", full.join(".")),
            other => format!("{other:?}"),
        };
        assert_eq!(got, want, "{path}");
    }

    #[test]
    fn raw_paths_have_types_and_abbreviations_are_written_out() {
        check("awsRegion", "awsRegion Nominal(Region)");
        check("userIdentity", "userIdentity Json");
        check(
            "userIdentity.sessionContext.sessionIssuer.arn",
            "userIdentity.sessionContext.sessionIssuer.arn Nominal(Arn)",
        );
        check("req.a.b", "requestParameters.a.b Json");
        check("resp", "responseElements Json");
        check("extra.MFAUsed", "additionalEventData.MFAUsed Json");
        check("record.newField", "newField Json");
        check("record", " Json");
        check("resources", "resources Json");
    }

    #[test]
    fn what_is_not_there_is_told_by_the_key_that_is_wrong() {
        check("sourceIpAddress", "Unknown(0)");
        check("userIdentity.arm", "Unknown(1)");
        check("resources.ARN", "ThroughList(1)");
        check("awsRegion.name", "ThroughValue(1)");
    }

    #[test]
    fn paths_are_unique_and_none_stands_below_another() {
        for (at, (path, _)) in FIELDS.iter().enumerate() {
            for (other, _) in FIELDS.iter().skip(at + 1) {
                assert_ne!(path, other);
                assert!(!other.starts_with(&format!("{path}.")), "{other} below {path}");
            }
        }
    }
}
