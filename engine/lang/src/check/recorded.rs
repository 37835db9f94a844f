//! The events of tests: keys that no record has, where it can be told what was meant.
//!
//! A key of a test's event is one of a CloudTrail record, not a name of rules, and one that is
//! misspelt changes nothing: the test then passes, or fails, for another reason. What resembles
//! nothing is let be, since AWS adds fields.

use super::scope::Checker;
use super::suggest;
use crate::ast::{Json, Object, ObjectKey, Span};
use crate::diag::Diag;
use crate::schema::{self, FIELDS, Lookup};
use event::Derived;

/// Names of rules, and where a record has what they are read from.
const READ_FROM: [(&str, &str); 9] = [
    ("account", "recipientAccountId"),
    ("api", "eventName"),
    ("ip", "sourceIPAddress"),
    ("key", "userIdentity.accessKeyId"),
    ("principal", "userIdentity.arn"),
    ("region", "awsRegion"),
    ("service", "eventSource"),
    ("ua", "userAgent"),
    ("user", "userIdentity.userName"),
];

/// Warns of keys of an event that no record has.
pub(super) fn check(checker: &mut Checker<'_, '_>, object: &Object, at: Span) {
    walk(checker, &mut Vec::new(), object, at);
}

fn walk<'o>(checker: &mut Checker<'_, '_>, path: &mut Vec<&'o str>, object: &'o Object, at: Span) {
    for (key, value) in object {
        let above = path.len();
        match key {
            ObjectKey::Quoted(name) => path.push(name),
            ObjectKey::Dotted(names) => path.extend(names.iter().map(String::as_str)),
        }
        if let Some(meant) = meant(path) {
            let text = path.join(".");
            checker.sink.warn(|| {
                Diag::warning("L0028", format!("no record has a key `{text}`"), at)
                    .label("an event of this step has it")
                    .help(meant)
            });
        } else if let Json::Object(inner) = value {
            walk(checker, path, inner, at);
        }
        path.truncate(above);
    }
}

/// What to write in place of a path that no record has; nothing where that cannot be told.
fn meant(path: &[&str]) -> Option<String> {
    let (head, rest) = path.split_first()?;
    let full = schema::expand(head);
    if full != *head {
        let whole: Vec<&str> = std::iter::once(full).chain(rest.iter().copied()).collect();
        return Some(format!("write `{}`", whole.join(".")));
    }
    let text = path.join(".");
    if Derived::named(&text).is_some() {
        let from = READ_FROM.iter().find(|(name, _)| *name == text);
        return Some(match from {
            Some((_, from)) => format!("`{text}` is a name of rules: a record has `{from}`"),
            None => format!("`{text}` is a name of rules: give the fields it is read from"),
        });
    }
    if !matches!(schema::raw(path), Lookup::Unknown(_)) {
        return None;
    }
    let groups = FIELDS.iter().filter_map(|(path, _)| Some(path.rsplit_once('.')?.0));
    let near = suggest::nearest(&text, FIELDS.iter().map(|(path, _)| *path).chain(groups));
    near.map(|near| format!("did you mean `{near}`?"))
}
