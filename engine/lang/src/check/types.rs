//! Types in words, types as written, and which values compare with which.

use crate::ast::TypeRef;
use crate::typed::{Nominal, Type};

/// The types that a rule may write, with their names.
pub(super) const NAMES: [(&str, Type); 19] = [
    ("Bool", Type::Bool),
    ("Int", Type::Int),
    ("Float", Type::Float),
    ("Str", Type::Str),
    ("Time", Type::Time),
    ("Duration", Type::Duration),
    ("Ip", Type::Ip),
    ("Cidr", Type::Cidr),
    ("IdentityType", Type::IdentityType),
    ("Region", Type::Nominal(Nominal::Region)),
    ("Service", Type::Nominal(Nominal::Service)),
    ("Api", Type::Nominal(Nominal::Api)),
    ("Arn", Type::Nominal(Nominal::Arn)),
    ("Account", Type::Nominal(Nominal::Account)),
    ("Principal", Type::Nominal(Nominal::Principal)),
    ("UserName", Type::Nominal(Nominal::UserName)),
    ("KeyId", Type::Nominal(Nominal::KeyId)),
    ("UserAgent", Type::Nominal(Nominal::UserAgent)),
    ("ErrorCode", Type::Nominal(Nominal::ErrorCode)),
];

/// The type a rule writes, or the span and name that is none.
pub(super) fn written(written: &TypeRef) -> Result<Type, &crate::ast::Ident> {
    match written {
        TypeRef::Name(ident) if ident.name == "Json" => Ok(Type::Json),
        TypeRef::Name(ident) => NAMES
            .iter()
            .find(|(name, _)| *name == ident.name)
            .map(|(_, ty)| ty.clone())
            .ok_or(ident),
        TypeRef::List(inner, _) => Ok(Type::List(Box::new(self::written(inner)?))),
    }
}

/// The type as a rule writes it: `[Region]`.
pub(super) fn name(ty: &Type) -> String {
    match ty {
        Type::Json => "Json".into(),
        Type::SgRule => "rule of a security group".into(),
        Type::Statement => "policy statement".into(),
        Type::List(inner) => format!("[{}]", name(inner)),
        plain => NAMES
            .iter()
            .find(|(_, known)| known == plain)
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
    }
}

/// The type in words, with its article: `a number`.
pub(super) fn words(ty: &Type) -> String {
    match ty {
        Type::Bool => "a condition".into(),
        Type::Int | Type::Float => "a number".into(),
        Type::Str => "text".into(),
        Type::Time => "a point in time".into(),
        Type::Duration => "a length of time".into(),
        Type::Ip => "an address".into(),
        Type::Cidr => "a network".into(),
        Type::Json => "open JSON".into(),
        Type::IdentityType => "an IdentityType".into(),
        Type::Nominal(nominal) => nominal_words(*nominal).into(),
        Type::List(inner) if **inner == Type::Json => "a list".into(),
        Type::List(inner) => format!("a list of {}", plural(inner)),
        Type::SgRule => "a rule of a security group".into(),
        Type::Statement => "a policy statement".into(),
    }
}

fn plural(ty: &Type) -> String {
    match ty {
        Type::Bool => "conditions".into(),
        Type::Int | Type::Float => "numbers".into(),
        Type::Str => "texts".into(),
        Type::Ip => "addresses".into(),
        Type::Cidr => "networks".into(),
        Type::SgRule => "security-group rules".into(),
        Type::Statement => "policy statements".into(),
        Type::List(_) => "lists".into(),
        other => format!("{} values", name(other)),
    }
}

fn nominal_words(nominal: Nominal) -> &'static str {
    match nominal {
        Nominal::Region => "a Region",
        Nominal::Service => "a Service",
        Nominal::Api => "an Api",
        Nominal::Arn => "an Arn",
        Nominal::Account => "an Account",
        Nominal::Principal => "a Principal",
        Nominal::UserName => "a UserName",
        Nominal::KeyId => "a KeyId",
        Nominal::UserAgent => "a UserAgent",
        Nominal::ErrorCode => "an ErrorCode",
    }
}

/// Whether values of the type are texts.
pub(super) fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Str | Type::IdentityType | Type::Nominal(_))
}

/// Whether values of the type are numbers.
pub(super) fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float)
}

/// Whether `<` and ranges are made for the type.
pub(super) fn is_ordered(ty: &Type) -> bool {
    is_text(ty) || is_number(ty) || matches!(ty, Type::Time | Type::Duration | Type::Json)
}

/// Whether a value can be part of a group key or a tuple.
pub(super) fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::SgRule | Type::Statement)
}

/// How two types go together in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// They compare.
    Yes,
    /// Two nominal types: never equal.
    Nominal,
    /// Values of different kinds.
    No,
}

/// How two scalar types go together: Json with all, `Str` with every text, numbers by value.
pub(super) fn fit(left: &Type, right: &Type) -> Fit {
    match (left, right) {
        (Type::List(_) | Type::SgRule | Type::Statement, _)
        | (_, Type::List(_) | Type::SgRule | Type::Statement) => Fit::No,
        (Type::Json, _) | (_, Type::Json) => Fit::Yes,
        _ if left == right || is_number(left) && is_number(right) => Fit::Yes,
        _ if is_text(left) && is_text(right) => {
            if *left == Type::Str || *right == Type::Str {
                Fit::Yes
            } else {
                Fit::Nominal
            }
        }
        _ => Fit::No,
    }
}

/// The type of a value that is one or the other, such as `if(c, a, b)`.
pub(super) fn join(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        _ if left == right => Some(left.clone()),
        (Type::Json, other) | (other, Type::Json) if is_scalar(other) => Some(Type::Json),
        _ if is_number(left) && is_number(right) => Some(Type::Float),
        _ if fit(left, right) == Fit::Yes => Some(Type::Str),
        _ => None,
    }
}
