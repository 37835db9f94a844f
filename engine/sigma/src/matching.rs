//! What a field must be, as a condition of the language.
//!
//! Texts are compared without regard to case. Of a text field the plain comparison is
//! made; below an open field any element of a list will do, numbers and truths equal
//! their texts, and `contains` looks into the compact JSON text of an object.

use crate::build;
use crate::field::{Field, Shape};
use crate::modifier::{Modifiers, Op};
use crate::text::Pattern;
use crate::yaml;
use event::Cidr;
use lang::ast::{CompareOp, Expr, ExprKind, Lit, MatchOp, Number, Span};

/// One thing that a value is held against.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Nothing is there.
    Null,
    /// Something is there, or not.
    There(bool),
    /// A text with or without wildcards.
    Text {
        /// The text.
        pattern: Pattern,
        /// Case makes a difference.
        cased: bool,
    },
    /// A regular expression.
    Regex(String),
    /// Less or more than a number or text.
    Order(CompareOp, Bound),
    /// A network.
    Network(Cidr),
    /// The value of another field.
    Same(Box<Field>),
    /// One of the site's values of this name.
    Site(String),
}

/// What a value is less or more than.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// As it is written.
    pub(crate) text: String,
    /// The number that is, if it is one.
    pub(crate) number: Option<Number>,
}

/// The condition that a field is as one of the values says, or as all of them do.
///
/// A value may ask for any of several tests: the forms that a coding gives it.
pub(crate) fn condition(
    field: &Field,
    how: &Modifiers,
    values: &[Vec<(Test, Span)>],
) -> Option<Expr> {
    let found = if how.all && values.len() > 1 {
        build::all(values.iter().filter_map(|tests| one_of(field, how, tests)).collect())
    } else {
        one_of(field, how, &values.concat())
    };
    if how.negated { found.map(build::not) } else { found }
}

fn one_of(field: &Field, how: &Modifiers, tests: &[(Test, Span)]) -> Option<Expr> {
    let at = place(tests);
    let mut parts = Vec::new();
    let (mut texts, mut networks) = (Vec::new(), Vec::new());
    for (test, span) in tests {
        match test {
            Test::Null | Test::There(false) => parts.push(build::not(field.is_there(*span))),
            Test::There(true) => parts.push(field.is_there(*span)),
            Test::Text { pattern, .. } if pattern.fits_all() => {
                parts.push(match field.shape {
                    Shape::Open(_) => field.some(*span, |value| build::exists(value, *span)),
                    _ => field.is_there(*span),
                });
            }
            Test::Text { pattern, cased } => {
                texts.push(Wanted { pattern, cased: *cased, at: *span })
            }
            Test::Regex(pattern) => parts.push(regex(field, pattern, *span)),
            Test::Order(op, bound) => parts.push(order(field, *op, bound, *span)),
            Test::Network(network) if field.name == ADDRESS => {
                let literal = ExprKind::Lit(Lit::Cidr(*network));
                networks.push(build::expr(literal, *span));
            }
            Test::Network(network) => parts.push(in_octets(field, *network, *span)),
            Test::Same(other) => parts.push(same(field, other, how.cased, *span)),
            Test::Site(name) => parts.push(site(field, name, *span)),
        }
    }
    if !networks.is_empty() {
        parts.push(build::is_in(build::name("ip", at), build::list(networks, at), at));
    }
    if !texts.is_empty() {
        parts.insert(0, one_text(field, &texts, at));
    }
    build::either(parts)
}

fn place(tests: &[(Test, Span)]) -> Span {
    let first = tests.first().map(|(_, span)| *span).unwrap_or_default();
    let end = tests.iter().map(|(_, span)| span.end).max().unwrap_or(first.end);
    Span { end, ..first }
}

/// A text that is looked for.
#[derive(Clone, Copy)]
struct Wanted<'t> {
    pattern: &'t Pattern,
    cased: bool,
    at: Span,
}

impl Wanted<'_> {
    /// The text without wildcards, as a literal.
    fn literal(&self) -> Expr {
        build::text(self.pattern.literal(!self.cased), self.at)
    }

    fn glob(&self) -> Expr {
        build::text(self.pattern.glob(!self.cased), self.at)
    }

    fn truth(&self) -> Option<bool> {
        match (!self.pattern.is_open()).then(|| self.pattern.literal(true)).as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        }
    }

    fn number(&self) -> Option<Number> {
        if self.pattern.is_open() { None } else { yaml::number(&self.pattern.literal(false)) }
    }
}

fn one_text(field: &Field, texts: &[Wanted<'_>], at: Span) -> Expr {
    let parts = match field.shape {
        Shape::Text => text_parts(&field.expr(), texts, at),
        Shape::Truth => match texts.iter().map(Wanted::truth).collect::<Option<Vec<_>>>() {
            Some(truths) => {
                let is = |truth| {
                    build::compare(CompareOp::Eq, field.expr(), build::truth(truth, at), at)
                };
                truths.into_iter().map(is).collect()
            }
            None => return one_text(&field.raw(), texts, at),
        },
        Shape::Whole => whole_parts(&field.expr(), texts, at),
        Shape::Open(_) => {
            return field.some(at, |value| {
                let parts = open_parts(&value, texts, at);
                build::any_of(parts, at)
            });
        }
    };
    build::any_of(parts, at)
}

/// The texts that are compared as they are, and those that are compared in lower case, where
/// there are any.
fn by_case<'w, 't>(
    texts: impl Iterator<Item = &'w Wanted<'t>>,
) -> impl Iterator<Item = (bool, Vec<&'w Wanted<'t>>)>
where
    't: 'w,
{
    let (mut plain, mut folded): (Vec<&Wanted<'_>>, Vec<&Wanted<'_>>) =
        texts.partition(|wanted| wanted.cased);
    let fold = folded.iter().any(|wanted| wanted.pattern.has_case());
    if !fold {
        plain.append(&mut folded);
    }
    [(false, plain), (true, folded)].into_iter().filter(|(_, group)| !group.is_empty())
}

/// The value itself, or in lower case.
fn folded(value: &Expr, fold: bool) -> Expr {
    if fold { build::lower(value.clone()) } else { value.clone() }
}

/// Of a value that is a text.
fn text_parts(value: &Expr, texts: &[Wanted<'_>], at: Span) -> Vec<Expr> {
    let mut parts = Vec::new();
    for (fold, group) in by_case(texts.iter().filter(|wanted| !wanted.pattern.is_open())) {
        let literals = group.iter().map(|wanted| wanted.literal()).collect();
        parts.push(build::equal_any(folded(value, fold), literals, at));
    }
    for (fold, group) in by_case(texts.iter().filter(|wanted| wanted.pattern.is_open())) {
        let globs = group.iter().map(|wanted| wanted.glob()).collect();
        parts.push(build::like_any(folded(value, fold), globs, at));
    }
    parts
}

/// Of an object: what is looked for inside is looked for in its JSON text.
fn whole_parts(value: &Expr, texts: &[Wanted<'_>], at: Span) -> Vec<Expr> {
    let (inner, others): (Vec<_>, Vec<_>) =
        texts.iter().copied().partition(|wanted| wanted.pattern.is_inner());
    let mut parts = in_json(value, &inner, at);
    parts.extend(text_parts(value, &others, at));
    parts
}

/// Whether the JSON text of a value has one of the texts in it, as it stands or as JSON
/// in a text of JSON writes it.
fn in_json(value: &Expr, texts: &[Wanted<'_>], at: Span) -> Vec<Expr> {
    let mut parts = Vec::new();
    for (fold, group) in by_case(texts.iter()) {
        let mut globs: Vec<Expr> = Vec::new();
        for wanted in &group {
            globs.push(wanted.glob());
            if wanted.pattern.is_escaped_in_json() {
                globs.push(build::text(wanted.pattern.in_json().glob(fold), wanted.at));
            }
        }
        let text = build::json_text(value.clone());
        parts.push(build::like_any(folded(&text, fold), globs, at));
    }
    parts
}

/// Of a value that may be anything.
fn open_parts(value: &Expr, texts: &[Wanted<'_>], at: Span) -> Vec<Expr> {
    let (inner, others): (Vec<_>, Vec<_>) =
        texts.iter().copied().partition(|wanted| wanted.pattern.is_inner());
    let (awkward, plain): (Vec<_>, Vec<_>) =
        inner.into_iter().partition(|wanted| wanted.pattern.is_escaped_in_json());
    let mut parts = text_parts(value, &others, at);
    let numbers: Vec<Expr> = others
        .iter()
        .filter_map(|wanted| Some(build::number(wanted.number()?, wanted.at)))
        .collect();
    if !numbers.is_empty() {
        parts.push(build::equal_any(value.clone(), numbers, at));
    }
    for wanted in &others {
        if let Some(truth) = wanted.truth() {
            let truth = build::truth(truth, wanted.at);
            parts.push(build::compare(CompareOp::Eq, value.clone(), truth, wanted.at));
        }
    }
    let numeric = others.iter().filter(|w| w.pattern.is_open() && w.pattern.is_numeric());
    let globs: Vec<Expr> = numeric.map(Wanted::glob).collect();
    if !globs.is_empty() {
        parts.push(build::like_any(build::json_text(value.clone()), globs, at));
    }
    // Where nothing in the text needs an escape, the JSON text of a text has it too.
    parts.extend(in_json(value, &plain, at));
    if !awkward.is_empty() {
        parts.extend(text_parts(value, &awkward, at));
        let inside = in_json(value, &awkward, at);
        parts.extend(build::either(inside).map(|inside| when_no_text(value, inside, at)));
    }
    parts
}

/// `lower(value) missing and cond`: what is no text has no lower case.
fn when_no_text(value: &Expr, cond: Expr, at: Span) -> Expr {
    let no_text = build::not(build::exists(build::lower(value.clone()), at));
    build::all(vec![no_text, cond]).unwrap_or_else(|| build::truth(false, at))
}

fn regex(field: &Field, pattern: &str, at: Span) -> Expr {
    let found =
        |value: Expr| build::matching(MatchOp::Matches, value, build::text(pattern, at), at);
    match field.shape {
        Shape::Text => found(field.expr()),
        Shape::Truth => regex(&field.raw(), pattern, at),
        Shape::Whole => found(build::json_text(field.expr())),
        Shape::Open(_) => field.some(at, |value| {
            let inside = found(build::json_text(value.clone()));
            let parts = vec![found(value.clone()), when_no_text(&value, inside, at)];
            build::any_of(parts, at)
        }),
    }
}

fn order(field: &Field, op: CompareOp, bound: &Bound, at: Span) -> Expr {
    let text = || build::text(bound.text.as_str(), at);
    match (field.shape, bound.number) {
        // A text is compared with a text: `eventVersion` is never a number.
        (Shape::Text, _) => build::compare(op, field.expr(), text(), at),
        (Shape::Open(_), Some(number)) => {
            field.some(at, |value| build::compare(op, value, build::number(number, at), at))
        }
        (Shape::Open(_), None) => field.some(at, |value| build::compare(op, value, text(), at)),
        (Shape::Truth | Shape::Whole, _) => order(&field.raw(), op, bound, at),
    }
}

/// The field that `ip` reads the address of.
const ADDRESS: &str = "sourceIPAddress";

/// Whether a network can be asked of a field: any of the source's address, of others one
/// whose addresses can be written as patterns of text.
pub(crate) fn can_hold(field: &Field, network: Cidr) -> bool {
    field.name == ADDRESS || octets(network).is_some()
}

/// Whether the text of a field is an address in an IPv4 network.
fn in_octets(field: &Field, network: Cidr, at: Span) -> Expr {
    let globs = octets(network).unwrap_or_default();
    let globs: Vec<Expr> = globs.into_iter().map(|glob| build::text(glob, at)).collect();
    field.some(at, |value| build::like_any(value, globs, at))
}

/// The patterns of the addresses in an IPv4 network, at most 128.
fn octets(network: Cidr) -> Option<Vec<String>> {
    let text = network.to_string();
    let (address, bits) = text.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let bits: usize = bits.parse().ok()?;
    let own = address.octets();
    let (whole, rest) = (bits / 8, bits % 8);
    let start: String = own.iter().take(whole).map(|octet| format!("{octet}.")).collect();
    let close = |text: String, octets: usize| match octets {
        4 => text.trim_end_matches('.').to_owned(),
        _ => format!("{text}*"),
    };
    if rest == 0 {
        return Some(vec![close(start, whole)]);
    }
    let first = own.get(whole).copied()?;
    let count = 1_u16 << (8 - rest);
    Some(
        (0..count).map(|n| close(format!("{start}{}.", u16::from(first) + n), whole + 1)).collect(),
    )
}

/// Whether two fields have the same value.
fn same(field: &Field, other: &Field, cased: bool, at: Span) -> Expr {
    let text = |field: &Field| field.shape == Shape::Text;
    let is_text = text(field) || text(other);
    field.some(at, |left| {
        other.some(at, |right| {
            let fold = |value: &Expr| folded(value, !cased);
            let mut parts = vec![build::compare(CompareOp::Eq, fold(&left), fold(&right), at)];
            if !is_text && !cased {
                parts.push(build::compare(CompareOp::Eq, left.clone(), right, at));
            }
            build::any_of(parts, at)
        })
    })
}

/// Whether the value is one of the site's, which stand in a `let` of this name.
fn site(field: &Field, name: &str, at: Span) -> Expr {
    field.some(at, |value| {
        let one = build::compare(
            CompareOp::Eq,
            build::lower(value),
            build::lower(build::name("known", at)),
            at,
        );
        build::any("known", build::name(name, at), one, at)
    })
}

/// Keywords: in the JSON text of the whole record.
pub(crate) fn keywords(patterns: &[(Pattern, Span)], all: bool) -> Option<Expr> {
    let record = |at: Span| build::name("record", at);
    let wanted: Vec<Wanted<'_>> =
        patterns.iter().map(|(pattern, at)| Wanted { pattern, cased: false, at: *at }).collect();
    if all {
        let each = wanted
            .iter()
            .flat_map(|one| in_json(&record(one.at), std::slice::from_ref(one), one.at));
        return build::all(each.collect());
    }
    let at = wanted.first()?.at;
    build::either(in_json(&record(at), &wanted, at))
}

/// The tests that a text makes under an operator.
pub(crate) fn patterns(op: Op, pattern: Pattern) -> Pattern {
    match op {
        Op::Contains => pattern.open(true, true),
        Op::Starts => pattern.open(false, true),
        Op::Ends => pattern.open(true, false),
        _ => pattern,
    }
}
