//! A Sigma rule as a rule of the language: its name, its clauses.

use crate::build;
use crate::detection::Notes;
use crate::document::Header;
use crate::field::Field;
use lang::ast::{Clause, ClauseKind, Ident, Rule, Span, Text};

/// What the names of rules from Sigma begin with, so that none replaces a built-in one.
const PREFIX: &str = "sigma_";

/// The longest name, in characters.
const NAME_CHARS: usize = 100;

/// The name of the rule that a header describes.
pub(crate) fn name(header: &Header) -> String {
    let own = header.name.as_deref().unwrap_or(&header.title);
    format!("{PREFIX}{}", word(own))
}

/// A text as a name: small letters, digits and `_`.
pub(crate) fn word(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars().take(NAME_CHARS) {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => name.push(letter),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() { "rule".to_owned() } else { name.to_owned() }
}

/// A word that may stand by itself as a name: none of the grammar's, none of a field.
pub(crate) fn free_word(text: &str) -> String {
    let mut name = word(text);
    let taken = |name: &str| {
        RESERVED.contains(&name)
            || lang::schema::is_raw_head(name)
            || event::Derived::ALL.iter().any(|(own, _)| own.split('.').next() == Some(name))
    };
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if taken(&name) {
        name.push_str("_event");
    }
    name
}

/// The words of the grammar that are no names.
const RESERVED: [&str; 11] =
    ["and", "or", "not", "in", "like", "has", "matches", "exists", "missing", "true", "false"];

/// A clause at a place.
pub(crate) fn clause(kind: ClauseKind, span: Span) -> Clause {
    Clause { kind, span }
}

/// A rule of these clauses, with what the header says before them.
pub(crate) fn rule(
    name: &str,
    header: &Header,
    own: Vec<Clause>,
    show: bool,
    notes: &mut Notes,
) -> Rule {
    let at = header.span;
    let text = |value: String| Text { value, span: at };
    let mut clauses = vec![clause(
        ClauseKind::Title(text(header.title.replace('{', "{{").replace('}', "}}"))),
        at,
    )];
    if let Some(about) = about(header) {
        clauses.push(clause(ClauseKind::About(text(about)), at));
    }
    for reference in &header.references {
        clauses.push(clause(ClauseKind::Ref(text(reference.clone())), at));
    }
    clauses.extend(header.level.map(|level| clause(ClauseKind::Severity(level), at)));
    clauses.extend(header.status.map(|status| clause(ClauseKind::Status(status), at)));
    let (techniques, others) = tags(header);
    if !techniques.is_empty() {
        clauses.push(clause(ClauseKind::Attack(techniques), at));
    }
    if !others.is_empty() {
        clauses.push(clause(ClauseKind::Tags(others), at));
    }
    clauses.extend(own);
    if show && !header.fields.is_empty() {
        let shown = header.fields.iter().map(|(name, span)| {
            let field = Field::named(name, *span, &mut notes.diags);
            build::call("first", vec![field.expr()], *span)
        });
        clauses.push(clause(ClauseKind::Show(shown.collect()), at));
    }
    Rule { name: Ident { name: name.to_owned(), span: at }, clauses, span: header.whole }
}

/// The description, and what is no cause for alarm.
fn about(header: &Header) -> Option<String> {
    let known = |text: &&String| !matches!(text.to_lowercase().as_str(), "" | "unknown" | "none");
    let harmless: Vec<String> =
        header.false_positives.iter().filter(known).map(|text| format!("- {text}")).collect();
    let mut parts: Vec<String> = Vec::new();
    if let Some(text) = header.description.as_ref().filter(|text| !text.is_empty()) {
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        parts.push(lines.join("\n"));
    }
    if !harmless.is_empty() {
        parts.push(format!("False positives:\n{}", harmless.join("\n")));
    }
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// The techniques of MITRE ATT&CK, and the other tags as words; each once.
fn tags(header: &Header) -> (Vec<Ident>, Vec<Ident>) {
    let (mut techniques, mut others): (Vec<Ident>, Vec<Ident>) = Default::default();
    for (tag, span) in &header.tags {
        let attack = tag.strip_prefix("attack.");
        let ident = |name: String| Ident { name, span: *span };
        let (into, name) = match attack.filter(|name| is_technique(name)) {
            Some(technique) => (&mut techniques, technique.to_uppercase()),
            None => (&mut others, free_word(attack.unwrap_or(tag))),
        };
        if !into.iter().any(|known| known.name == name) {
            into.push(ident(name));
        }
    }
    (techniques, others)
}

/// `t1136.003`.
fn is_technique(name: &str) -> bool {
    let Some(digits) = name.strip_prefix(['t', 'T']) else { return false };
    let mut parts = digits.splitn(2, '.');
    parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
