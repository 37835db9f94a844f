//! What a checked condition is made with: names in scope, and where it stands.
//!
//! A [`Checker`] checks the expressions of one let or one rule. Names are looked
//! up from the inside out: variables of `any` and `all`, steps, params, lets, derived
//! names, raw paths. A fault is noted once, where it is found; what holds it comes
//! out as `None` and is not complained of again.

use super::baseline::Score;
use super::sequence::Standing;
use super::sink::Sink;
use super::tuple::Tuple;
use super::{function, suggest, types};
use crate::ast::{self, Key, Span};
use crate::diag::Diag;
use crate::schema::{self, Lookup};
use crate::site::{Given, RuleGiven};
use crate::typed::{Aggregate, Const, Expr, ExprKind, Type};
use event::{Derived, EventTime};
use std::collections::BTreeMap;

/// A checked expression, and whether its type is only a literal's.
#[derive(Clone, Debug)]
pub(super) struct Val {
    pub(super) expr: Expr,
    /// A literal, or an undeclared let of literals: it takes the other side's type.
    pub(super) loose: bool,
}

impl Val {
    pub(super) fn new(kind: ExprKind, ty: Type, span: Span) -> Self {
        Self { expr: Expr { kind, ty, span }, loose: false }
    }

    pub(super) fn literal(value: Const, ty: Type, span: Span) -> Self {
        Self { expr: Expr { kind: ExprKind::Const(value), ty, span }, loose: true }
    }

    pub(super) fn constant(&self) -> Option<&Const> {
        match &self.expr.kind {
            ExprKind::Const(value) => Some(value),
            _ => None,
        }
    }
}

/// What is known of a let.
#[derive(Clone, Debug)]
pub(super) enum LetState {
    /// It stands below the one being checked, or is that one.
    Waiting,
    /// It has an error of its own.
    Bad,
    /// A constant; loose when no type was declared.
    Const(Const, Type, bool),
    /// A number in `Ruleset::lets`.
    Body(usize, Type),
}

/// A let of the file at hand.
#[derive(Debug)]
pub(super) struct LetEntry<'a> {
    pub(super) ast: &'a ast::Let,
    pub(super) state: LetState,
    /// What the site says it is.
    pub(super) given: Option<&'a Given>,
}

/// The lets of a file by name.
pub(super) type Lets<'a> = BTreeMap<&'a str, LetEntry<'a>>;

/// A param of the rule at hand.
#[derive(Debug)]
pub(super) struct ParamEntry<'a> {
    pub(super) ast: &'a ast::Param,
    /// Its type and value, unless it has an error of its own.
    pub(super) value: Option<(Type, Const)>,
    /// Its value in the rule file.
    pub(super) own: Option<Const>,
}

/// The variable of an `any` or `all`.
#[derive(Debug)]
pub(super) struct Var {
    pub(super) name: String,
    /// Its type, unless the list has an error.
    pub(super) ty: Option<Type>,
    /// Its texts are in lower case.
    pub(super) lower: bool,
    /// They were lower-cased from what people write otherwise: so are literals.
    pub(super) lowers: bool,
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a condition on one event: `where`, `except`, a let, `show`.
    Event,
    /// In `when`, outside aggregates.
    When,
    /// In the argument of an aggregate, of `new` or of `rare`.
    Inside,
}

/// What `when` asks for, as it is found.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) aggregates: Vec<(Aggregate, Span)>,
    /// What `new` or `rare` asks for.
    pub(super) tuple: Option<Tuple>,
    pub(super) scores: Vec<Score>,
    /// An aggregate, `new` or `rare` (which is told), or a score stood there, perhaps with
    /// an error.
    pub(super) aggregate_at: Option<Span>,
    pub(super) tuple_at: Option<(Span, &'static str)>,
    pub(super) score_at: Option<Span>,
}

/// Checks the expressions of one let or one rule.
pub(super) struct Checker<'a, 's> {
    pub(super) sink: &'s mut Sink<'a>,
    pub(super) lets: &'s Lets<'a>,
    /// `Ruleset::lets` so far.
    pub(super) bodies: &'s [Expr],
    pub(super) params: Vec<ParamEntry<'a>>,
    pub(super) vars: Vec<Var>,
    /// The steps of the rule's sequence, whose names hold where `standing` says so.
    pub(super) steps: &'a [ast::Step],
    pub(super) standing: Standing,
    pub(super) place: Place,
    /// The params met in the clause at hand, once each.
    pub(super) used: Vec<usize>,
    pub(super) asked: Asked,
    /// What the site says of the rule at hand.
    pub(super) given: Option<&'a RuleGiven>,
    /// The time of day, where it matters.
    pub(super) now: Option<EventTime>,
}

/// The head and the keys of an expression that is a path.
pub(super) fn path_of(expr: &ast::Expr) -> Option<(&str, Span, Vec<&Key>)> {
    let mut keys = Vec::new();
    let mut base = expr;
    loop {
        match &base.kind {
            ast::ExprKind::Name(name) => {
                keys.reverse();
                return Some((name, base.span, keys));
            }
            ast::ExprKind::Member(inner, key) => {
                keys.push(key);
                base = inner;
            }
            _ => return None,
        }
    }
}

/// The derived name that a head, or a head and the key after it, are.
fn derived(head: &str, key: Option<&Key>) -> Option<Derived> {
    let Some(key) = key else { return Derived::named(head) };
    match (head, key.name.as_str()) {
        ("actor", "id") => Some(Derived::ActorId),
        ("actor", "type") => Some(Derived::ActorType),
        ("actor", "account") => Some(Derived::ActorAccount),
        ("sg", "rules") => Some(Derived::SgRules),
        _ => None,
    }
}

impl<'a, 's> Checker<'a, 's> {
    pub(super) fn new(sink: &'s mut Sink<'a>, lets: &'s Lets<'a>, bodies: &'s [Expr]) -> Self {
        Self {
            sink,
            lets,
            bodies,
            params: Vec::new(),
            vars: Vec::new(),
            steps: &[],
            standing: Standing::Outside,
            place: Place::Event,
            used: Vec::new(),
            asked: Asked::default(),
            given: None,
            now: None,
        }
    }

    /// The value that a path names, from the inside out.
    pub(super) fn resolve(
        &mut self,
        head: &str,
        at: Span,
        keys: &[&Key],
        whole: Span,
    ) -> Option<Val> {
        if let Some(number) = self.vars.iter().rposition(|var| var.name == head) {
            let ty = self.vars.get(number)?.ty.clone()?;
            return self.members(Val::new(ExprKind::Var(number), ty, at), keys, whole);
        }
        if let Some(number) = self.step_named(head) {
            return self.step_value(number, at, keys, whole);
        }
        if let Some(number) = self.params.iter().position(|param| param.ast.name.name == head) {
            if !self.used.contains(&number) {
                self.used.push(number);
            }
            let (ty, _) = self.params.get(number)?.value.clone()?;
            return self.members(Val::new(ExprKind::Param(number), ty, at), keys, whole);
        }
        if let Some(entry) = self.lets.get(head) {
            let base = self.let_value(entry, at)?;
            return self.members(base, keys, whole);
        }
        self.field(head, at, keys, whole)
    }

    /// The value of a derived name or a raw path.
    pub(super) fn field(
        &mut self,
        head: &str,
        at: Span,
        keys: &[&Key],
        whole: Span,
    ) -> Option<Val> {
        for taken in (0..=keys.len().min(1)).rev() {
            let key = taken.checked_sub(1).and_then(|n| keys.get(n)).copied();
            if let Some(derived) = derived(head, key) {
                let span = Span { end: key.map_or(at.end, |key| key.span.end), ..at };
                let base = Val::new(ExprKind::Derived(derived), schema::derived(derived), span);
                return self.members(base, keys.get(taken..)?, whole);
            }
        }
        self.raw(head, at, keys, whole)
    }

    fn let_value(&mut self, entry: &'s LetEntry<'a>, at: Span) -> Option<Val> {
        match &entry.state {
            LetState::Bad => {
                self.sink.excused = true;
                None
            }
            LetState::Waiting => {
                let name = &entry.ast.name.name;
                let diag = Diag::error("E0104", format!("`{name}` is not known yet"), at)
                    .label("used here")
                    .also(entry.ast.name.span, "defined here")
                    .help("a `let` uses only those above it: move its definition up");
                self.sink.error(diag);
                None
            }
            LetState::Const(value, ty, loose) => {
                let mut val = Val::literal(value.clone(), ty.clone(), at);
                val.loose = *loose;
                Some(val)
            }
            LetState::Body(number, ty) => Some(Val::new(ExprKind::Let(*number), ty.clone(), at)),
        }
    }

    /// The value below `base` at `keys`.
    pub(super) fn members(&mut self, base: Val, keys: &[&Key], whole: Span) -> Option<Val> {
        let mut val = base;
        for key in keys {
            let span = Span { end: key.span.end, ..val.expr.span };
            let ty = match &val.expr.ty {
                Type::Json => Some(Type::Json),
                ty => schema::member(ty, &key.name),
            };
            let Some(ty) = ty else {
                self.no_member(&val, key, whole);
                return None;
            };
            val = Val::new(ExprKind::Member(Box::new(val.expr), key.name.clone()), ty, span);
        }
        val.expr.span = whole;
        Some(val)
    }

    fn no_member(&mut self, base: &Val, key: &Key, whole: Span) {
        let quote = self.sink.quote(base.expr.span);
        let known: Vec<&str> = match &base.expr.ty {
            Type::SgRule => schema::SG_RULE.iter().map(|(name, _)| *name).collect(),
            Type::Statement => schema::STATEMENT.to_vec(),
            _ => Vec::new(),
        };
        let words = types::words(&base.expr.ty);
        let diag = if known.is_empty() {
            let diag =
                Diag::error("E0106", format!("`{quote}` is {words} and has no keys"), key.span)
                    .label("no such key");
            if matches!(base.expr.ty, Type::List(_)) {
                diag.help(format!("ask its elements: `any(x in {quote}: x.{} …)`", key.name))
            } else {
                let path = self.sink.quote(Span { start: base.expr.span.end, ..whole });
                diag.help(format!("leave out `{path}`"))
            }
        } else {
            let diag = Diag::error("E0103", format!("{words} has no `{}`", key.name), key.span)
                .label(format!("`{quote}` is {words}"));
            match suggest::nearest(&key.name, known.iter().copied()) {
                Some(near) => diag.help(format!("did you mean `{near}`?")),
                None => diag.help(format!("it has {}", known.join(", "))),
            }
        };
        self.sink.error(diag);
    }

    fn raw(&mut self, head: &str, at: Span, keys: &[&Key], whole: Span) -> Option<Val> {
        let names: Vec<&str> =
            std::iter::once(head).chain(keys.iter().map(|key| key.name.as_str())).collect();
        let place = |key: usize| match key.checked_sub(1) {
            None => at,
            Some(number) => keys.get(number).map_or(whole, |key| key.span),
        };
        let diag = match schema::raw(&names) {
            Lookup::Found(path, ty) => return Some(Val::new(ExprKind::Path(path), ty, whole)),
            Lookup::Unknown(key) => {
                let below = format!("{head}.");
                let half = Derived::ALL.iter().any(|(name, _)| name.starts_with(&below));
                let shown = if half || key == 0 { names.len() } else { key + 1 };
                let end = place(shown - 1).end;
                let span = if key == 0 { Span { end, ..at } } else { place(key) };
                self.unknown(&names, shown, span)
            }
            Lookup::ThroughList(key) => {
                let list = names.get(..key)?.join(".");
                let rest = names.get(key..)?.join(".");
                Diag::error("E0106", format!("`{list}` is a list and has no keys"), place(key))
                    .label("a path does not go through a list")
                    .help(format!("ask its elements: `any(x in {list}: x.{rest} …)`"))
            }
            Lookup::ThroughValue(key) => {
                let value = names.get(..key)?.join(".");
                Diag::error(
                    "E0106",
                    format!("`{value}` is a plain value and has no keys"),
                    place(key),
                )
                .label("no such key")
                .help(format!("write `{value}`"))
            }
        };
        self.sink.error(diag);
        None
    }

    fn unknown(&self, names: &[&str], shown: usize, at: Span) -> Diag {
        let wrong = names.get(..shown).unwrap_or(names).join(".");
        let whole = names.join(".");
        if names.first() == Some(&"geo") {
            return Diag::error("E0907", "`geo` is reserved for a later release", at)
                .label("not in this release")
                .help("compare `ip` with networks: `ip in [203.0.113.0/24]`");
        }
        let diag = Diag::error("E0103", format!("unknown field `{wrong}`"), at)
            .label("not in the CloudTrail schema");
        let scope: Vec<&str> = (self.vars.iter().map(|var| var.name.as_str()))
            .chain(self.params.iter().map(|param| param.ast.name.name.as_str()))
            .chain(self.lets.keys().copied())
            .collect();
        let call = (names.len() == 1).then(|| function::named(&wrong)).flatten();
        let found = call
            .map(|name| format!("{name}(…)"))
            .or_else(|| suggest::field(&whole, &scope))
            .or_else(|| suggest::field(&wrong, &scope));
        match found {
            Some(meant) => diag.help(format!("did you mean `{meant}`?")),
            None => diag.help(format!(
                "if CloudTrail has it and the schema does not, write `record.{whole}`"
            )),
        }
    }

    /// What a name in an inner scope would hide, in words, where warnings are wanted.
    pub(super) fn hidden(&self, name: &str) -> Option<String> {
        if !self.sink.lints {
            return None;
        }
        if self.vars.iter().any(|var| var.name == name) {
            return Some(format!("the variable `{name}`"));
        }
        if self.step_named(name).is_some() {
            return Some(format!("the step `{name}`"));
        }
        if self.params.iter().any(|param| param.ast.name.name == name) {
            return Some(format!("the param `{name}`"));
        }
        if self.lets.contains_key(name) {
            return Some(format!("the let `{name}`"));
        }
        hidden_field(name)
    }
}

/// The field that a let, param or variable of this name hides, in words.
pub(super) fn hidden_field(name: &str) -> Option<String> {
    let known = Derived::ALL.iter().any(|(full, _)| schema::is_or_begins(full, name));
    (known || schema::is_raw_head(name)).then(|| format!("the field `{name}`"))
}

/// The lint for a name that hides another.
pub(super) fn hides(name: &ast::Ident, hidden: &str) -> Diag {
    Diag::warning("L0001", format!("`{}` hides {hidden}", name.name), name.span)
        .label("from here on the name means this")
        .help("give it another name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_derived_name_is_found() {
        for (name, is) in Derived::ALL {
            let (head, key) = match name.split_once('.') {
                Some((head, key)) => (head, Some(key)),
                None => (name, None),
            };
            let key =
                key.map(|key| Key { name: key.to_owned(), quoted: false, span: Span::default() });
            assert_eq!(derived(head, key.as_ref()), Some(is), "{name}");
        }
    }
}
