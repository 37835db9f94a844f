//! What a policy document says: `policy(x)` and `grants(s, action)`.
//!
//! It reads single statements and never joins them: an Allow that a Deny elsewhere
//! takes back is still an Allow. Source: AWS IAM user guide, "Grammar of the IAM
//! JSON policy language".

use super::arn::{Arn, is_account_id};
use super::policy_text::json_in_text;
use crate::json::{Json, Kind};
use crate::value::Value;
use bumpalo::Bump;
use bumpalo::collections::Vec;

/// Condition keys that keep a statement for everyone from being public, in lower case.
///
/// Source: Amazon S3 user guide, "The meaning of public", and the keys that narrow
/// the caller in the same way.
const RESTRICTING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Keys that end in a name of the customer's.
const RESTRICTING_PREFIX: &str = "aws:principaltag/";

/// The statements of a policy, as a list of objects with the keys effect, actions,
/// not_actions, resources, not_resources, principals, not_principals, accounts,
/// conditions and public.
///
/// `value` is an object, or a text that holds one, URL-encoded or not. Of anything
/// else, and of one deeper than [`Json::DEEPEST`], the list is empty. Keys are read
/// in any case; actions and condition keys are given in lower case.
#[must_use]
pub fn policy<'a>(value: Value<'a>, arena: &'a Bump) -> Value<'a> {
    let document = match value {
        Value::Text(text) => json_in_text(text, arena),
        Value::Json(json) => match json.kind() {
            Kind::Object => (json.depth() <= Json::DEEPEST).then_some(json),
            Kind::Text => json.text(arena).and_then(|text| json_in_text(text, arena)),
            _ => None,
        },
        _ => None,
    };
    let mut statements = Vec::new_in(arena);
    if let Some(found) = document.and_then(|json| get_any_case(json, "statement", arena)) {
        let reader = Reader { arena };
        statements.extend(
            found
                .each()
                .filter(|statement| statement.kind() == Kind::Object)
                .map(|statement| reader.statement(statement)),
        );
    }
    Value::List(statements.into_bump_slice())
}

/// Whether a statement of [`policy`] allows an action, such as `iam:PassRole`.
///
/// Patterns (`*`, `?`) and NotAction are taken into account; resources, conditions
/// and other statements are not.
#[must_use]
pub fn grants(statement: Value<'_>, action: &str) -> bool {
    if !is_allow(statement.get("effect")) {
        return false;
    }
    let not_actions = texts(statement.get("not_actions"));
    texts(statement.get("actions")).any(|pattern| matches_glob(pattern, action))
        || (not_actions.clone().next().is_some()
            && !not_actions.clone().any(|pattern| matches_glob(pattern, action)))
}

/// The texts of a list.
pub(super) fn texts<'a>(list: Value<'a>) -> impl Iterator<Item = &'a str> + Clone {
    let elements = if let Value::List(elements) = list { elements } else { &[] };
    elements.iter().filter_map(|element| match element {
        Value::Text(text) => Some(*text),
        _ => None,
    })
}

/// Whether an effect is Allow.
pub(super) fn is_allow(effect: Value<'_>) -> bool {
    matches!(effect, Value::Text(text) if text.eq_ignore_ascii_case("Allow"))
}

/// Whether a pattern of `*` and `?` covers a whole text, whatever the case.
///
/// # Cost
///
/// Pattern times text at the worst; nothing is allocated.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(&text[t]) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((last, taken)) = star else { return false };
        p = last + 1;
        t = taken + 1;
        star = Some((last, t));
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// The value under a key in any case; of several the last.
fn get_any_case<'a>(object: Json<'a>, key: &str, arena: &'a Bump) -> Option<Json<'a>> {
    let found = object
        .entries()
        .filter(|(known, _)| crate::text::decode(known, arena).eq_ignore_ascii_case(key))
        .last()?
        .1;
    (found.kind() != Kind::Null).then_some(found)
}

/// Reads statements into an arena.
#[derive(Clone, Copy)]
struct Reader<'a> {
    arena: &'a Bump,
}

impl<'a> Reader<'a> {
    fn statement(self, statement: Json<'a>) -> Value<'a> {
        let get = |key: &str| get_any_case(statement, key, self.arena);
        let effect: Value<'a> = get("effect").and_then(|effect| effect.text(self.arena)).into();
        let principals = self.principals(get("principal"));
        let not_principal = get("notprincipal");
        let condition = get("condition");
        let public = is_allow(effect)
            && (not_principal.is_some() || texts(principals).any(|principal| principal == "*"))
            && !condition.is_some_and(|condition| self.restricts(condition));
        let mut fields = Vec::with_capacity_in(10, self.arena);
        if effect.exists() {
            fields.push(("effect", effect));
        }
        fields.extend([
            ("actions", self.list(get("action"), true)),
            ("not_actions", self.list(get("notaction"), true)),
            ("resources", self.list(get("resource"), false)),
            ("not_resources", self.list(get("notresource"), false)),
            ("principals", principals),
            ("not_principals", self.principals(not_principal)),
            ("accounts", self.accounts(principals)),
            ("conditions", self.conditions(condition)),
            ("public", Value::Bool(public)),
        ]);
        Value::Object(fields.into_bump_slice())
    }

    /// The texts of a text or a list, in lower case where asked.
    fn list(self, value: Option<Json<'a>>, lower: bool) -> Value<'a> {
        let mut out = Vec::new_in(self.arena);
        self.add_texts(value, &mut out);
        if lower {
            for text in &mut out {
                *text = self.lower(text);
            }
        }
        self.as_list(&out)
    }

    /// The principals of all kinds: `*`, or the values of an object.
    fn principals(self, value: Option<Json<'a>>) -> Value<'a> {
        let mut out = Vec::new_in(self.arena);
        match value {
            Some(kinds) if kinds.kind() == Kind::Object => {
                for (_, value) in kinds.entries() {
                    self.add_texts(Some(value), &mut out);
                }
            }
            value => self.add_texts(value, &mut out),
        }
        self.as_list(&out)
    }

    /// The account ids among principals: plain, or in ARNs of iam and sts.
    fn accounts(self, principals: Value<'a>) -> Value<'a> {
        let account = |principal: &'a str| match Arn::parse(principal) {
            Some(arn) if matches!(arn.service, "iam" | "sts") => arn.account,
            _ => principal,
        };
        let found = texts(principals).map(account).filter(|account| is_account_id(account));
        self.as_list(&Vec::from_iter_in(found, self.arena))
    }

    /// The condition keys in lower case, sorted, each once.
    fn conditions(self, condition: Option<Json<'a>>) -> Value<'a> {
        let mut keys = Vec::new_in(self.arena);
        for (_, operands) in condition.into_iter().flat_map(Json::entries) {
            keys.extend(operands.entries().map(|(key, _)| self.key(key)));
        }
        keys.sort_unstable();
        keys.dedup();
        self.as_list(&keys)
    }

    /// Whether a condition lets in only some callers.
    fn restricts(self, condition: Json<'a>) -> bool {
        condition.entries().any(|(operator, operands)| {
            is_positive(self.key(operator))
                && operands.entries().any(|(key, values)| {
                    let key = self.key(key);
                    let narrows = key.starts_with(RESTRICTING_PREFIX) || RESTRICTING.contains(&key);
                    narrows && !values.each().any(covers_all)
                })
        })
    }

    fn add_texts(self, value: Option<Json<'a>>, out: &mut Vec<'a, &'a str>) {
        let texts = value.into_iter().flat_map(Json::each);
        out.extend(texts.filter_map(|text| text.text(self.arena)));
    }

    fn as_list(self, texts: &[&'a str]) -> Value<'a> {
        Value::List(self.arena.alloc_slice_fill_iter(texts.iter().map(|text| Value::Text(text))))
    }

    /// A key of an object in lower case.
    fn key(self, inside: &'a [u8]) -> &'a str {
        self.lower(crate::text::decode(inside, self.arena))
    }

    fn lower(self, text: &'a str) -> &'a str {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.arena.alloc_str(&text.to_ascii_lowercase())
        } else {
            text
        }
    }
}

/// Whether a condition operator, in lower case, holds only for the values it names.
fn is_positive(operator: &str) -> bool {
    !operator.contains("not") && operator != "null" && !operator.ends_with("ifexists")
}

/// Whether a condition's value covers every caller.
fn covers_all(value: Json<'_>) -> bool {
    ["*", "0.0.0.0/0", "::/0"].iter().any(|all| value.is_text(all))
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
