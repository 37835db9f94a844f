//! The site's values against the rules: whether what it names exists, and what a
//! rule is told of what it says.

use super::allow::Allow;
use super::beside::Beside;
use super::clauses::Clauses;
use super::literal;
use super::scope::{Checker, LetState};
use super::sink::Sink;
use super::types;
use crate::ast::{self, ClauseKind, Ident, Item, LetValue, Level, Span, Status};
use crate::aws;
use crate::diag::Diag;
use crate::parser::is_damaged;
use crate::site::{Exemption, Given, RuleGiven};
use crate::typed::{Const, ParamValue, Setting, SettingKind, Type};
use std::collections::BTreeMap;

/// The most elements of a list that a setting shows.
const SHOWN: usize = 5;

/// The lets that the site has a value for, by name.
pub(super) type Overrides<'a> = BTreeMap<&'a str, &'a Given>;

/// The rules that count, by name.
pub(super) struct Rules<'a> {
    pub(super) named: BTreeMap<&'a str, &'a ast::Rule>,
    /// Whether an error of form may have taken some away.
    pub(super) lossy: bool,
}

/// What the site names that is not there, and which lets it gives a value.
pub(super) fn hold<'a>(
    sink: &mut Sink<'a>,
    beside: &'a Beside,
    (files, faults): (&'a [ast::File], &[Diag]),
    rules: &Rules<'a>,
) -> Overrides<'a> {
    for given in &beside.site.rules {
        match rules.named.get(given.name.name.as_str()) {
            // What is lost to an error of form may be what the site names.
            Some(rule) if is_damaged(rule.span, faults) => {}
            Some(rule) => members(sink, given, rule),
            None if rules.lossy => {}
            None => {
                absent(sink, beside, ("E0503", "rule"), &given.name, rules.named.keys().copied())
            }
        }
    }
    let mut lets: BTreeMap<&str, Vec<&ast::Let>> = BTreeMap::new();
    for item in files.iter().flat_map(|file| &file.items) {
        if let Item::Let(own) = item {
            lets.entry(&own.name.name).or_default().push(own);
        }
    }
    let mut overrides = Overrides::new();
    for given in &beside.site.lets {
        match lets.get(given.name.name.as_str()) {
            Some(all) if one_type(sink, given, all) => {
                overrides.insert(&given.name.name, given);
            }
            Some(_) => {}
            None if rules.lossy => {}
            None => absent(sink, beside, ("E0504", "let"), &given.name, lets.keys().copied()),
        }
    }
    overrides
}

/// A rule or let that is not among those at hand.
fn absent<'n>(
    sink: &mut Sink<'_>,
    beside: &'n Beside,
    (code, what): (&'static str, &str),
    name: &Ident,
    known: impl Iterator<Item = &'n str>,
) {
    if beside.elsewhere.contains(&name.name) {
        return;
    }
    let elsewhere = beside.elsewhere.iter().map(String::as_str);
    let meant = aws::nearest(&name.name, known.chain(elsewhere)).map(str::to_owned);
    let title = format!("there is no {what} `{}`", name.name);
    let diag = if beside.partial {
        Diag::warning("L0041", title + " among those checked", name.span)
    } else {
        Diag::error(code, title, name.span)
    };
    let diag = diag.label("names nothing");
    let diag = match (meant, what) {
        (Some(meant), _) => diag.help(format!("did you mean `{meant}`?")),
        (None, "rule") => diag.help("`trailhound rules` lists those of a run"),
        (None, _) => diag.help("`trailhound rules --origin` lists those that a site may set"),
    };
    if beside.partial {
        sink.warn(|| diag);
    } else {
        sink.error(diag);
    }
}

/// What the site says of params and allows that the rule does not have.
fn members(sink: &mut Sink<'_>, given: &RuleGiven, rule: &ast::Rule) {
    let (mut params, mut allows) = (Vec::new(), Vec::new());
    for clause in &rule.clauses {
        match &clause.kind {
            ClauseKind::Param(param) => params.push(param.name.name.as_str()),
            ClauseKind::Allow(name, _) => allows.push(name.name.as_str()),
            _ => {}
        }
    }
    let mut lacks = |kind: &str, name: &Ident, known: &[&str]| {
        if known.contains(&name.name.as_str()) {
            return;
        }
        let title = format!("the rule `{}` has no {kind} `{}`", rule.name.name, name.name);
        let diag = Diag::error("E0504", title, name.span)
            .label("names nothing")
            .also(rule.name.span, "the rule");
        let meant = aws::nearest(&name.name, known.iter().copied());
        let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        sink.error(match meant {
            Some(meant) => diag.help(format!("did you mean `{meant}`?")),
            None if known.is_empty() => diag.help(format!("it has no {kind} at all")),
            None => diag.help(format!("it has {}", all.join(", "))),
        });
    };
    for param in &given.params {
        lacks("param", &param.name, &params);
    }
    for (number, entry) in given.exemptions.iter().enumerate() {
        // Entries of one name stand beside each other, and are told of once.
        let again = number.checked_sub(1).and_then(|before| given.exemptions.get(before));
        if again.is_none_or(|before| before.allow.name != entry.allow.name) {
            lacks("allow", &entry.allow, &allows);
        }
    }
}

/// Whether all lets of a name are declared with one type; an error where they are not.
fn one_type(sink: &mut Sink<'_>, given: &Given, lets: &[&ast::Let]) -> bool {
    let name = &given.name.name;
    let mut known: Option<(Type, Span)> = None;
    for own in lets {
        let Some(written) = &own.ty else {
            let title = format!("the let `{name}` has no type, so that no site can set it");
            let diag = Diag::error("E0507", title, given.name.span)
                .label("set here")
                .also(own.name.span, "defined here")
                .help(format!("declare its type where it is defined: `let {name}: [Str] = …`"));
            sink.error(diag);
            return false;
        };
        // A type that does not exist is told of with its let.
        let Ok(ty) = types::written(written) else { return false };
        match &known {
            Some((first, at)) if *first != ty => {
                let title =
                    format!("the lets `{name}` have two types, so that no site can set them");
                let diag = Diag::error("E0507", title, given.name.span)
                    .label("set here")
                    .also(*at, types::name(first))
                    .also(own.name.span, types::name(&ty))
                    .help("declare them with one type, or give one of them another name");
                sink.error(diag);
                return false;
            }
            Some(_) => {}
            None => known = Some((ty, own.name.span)),
        }
    }
    true
}

/// A constant as a rule writes it; of a long list the first elements and their number.
pub(super) fn shown(value: &Const) -> String {
    match value {
        Const::List(items) if items.len() > SHOWN => {
            let first: Vec<String> = items.iter().take(SHOWN).map(literal::show).collect();
            format!("[{}, … {} in all]", first.join(", "), items.len())
        }
        plain => literal::show(plain),
    }
}

/// What is told of a let, if a site may set it.
pub(super) fn let_setting(
    own: &ast::Let,
    states: (&LetState, &LetState),
    given: Option<&Given>,
) -> Option<Setting> {
    let (held, before) = states;
    let LetState::Const(value, ty, false) = held else { return None };
    let from = match &own.value {
        LetValue::From(path) => Some(format!("from \"{}\"", path.value)),
        LetValue::Expr(_) => None,
    };
    let before = match before {
        LetState::Const(value, ..) => Some(shown(value)),
        _ => None,
    };
    Some(Setting {
        kind: SettingKind::Let,
        name: format!("{}: {}", own.name.name, types::name(ty)),
        value: shown(value),
        at: Some(given.map_or(own.name.span, |given| given.value.span)),
        own: given.map(|_| from.or(before).unwrap_or_else(|| "a condition".to_owned())),
    })
}

impl Checker<'_, '_> {
    /// Whether the rule is loaded.
    pub(super) fn enabled(&self, status: Status) -> bool {
        let given = self.given.and_then(|given| given.enabled);
        given.map_or(status != Status::Deprecated, |(flag, _)| flag)
    }

    /// The severity of the rule.
    pub(super) fn severity(&self, own: Option<Level>) -> Level {
        let given = self.given.and_then(|given| given.severity);
        given.map(|(level, _)| level).or(own).unwrap_or(Level::Medium)
    }

    /// What a site may set in the rule, and who set it, where that is asked for.
    pub(super) fn settings(
        &self,
        rule: &ast::Rule,
        clauses: &Clauses<'_>,
        params: &[ParamValue],
    ) -> Vec<Setting> {
        if self.sink.sources.are_only_run() {
            return Vec::new();
        }
        let given = self.given;
        let status = clauses.status.unwrap_or(Status::Stable);
        let stands = |wanted: fn(&ClauseKind) -> bool| {
            rule.clauses.iter().find(|clause| wanted(&clause.kind)).map(|clause| clause.span)
        };
        let enabled = given.and_then(|given| given.enabled);
        let severity = given.and_then(|given| given.severity);
        let mut all = vec![
            Setting {
                kind: SettingKind::Enabled,
                name: "enabled".to_owned(),
                value: self.enabled(status).to_string(),
                at: enabled
                    .map(|(_, at)| at)
                    .or_else(|| stands(|kind| matches!(kind, ClauseKind::Status(_)))),
                own: enabled.map(|_| (status != Status::Deprecated).to_string()),
            },
            Setting {
                kind: SettingKind::Severity,
                name: "severity".to_owned(),
                value: self.severity(clauses.severity).word().to_owned(),
                at: severity
                    .map(|(_, at)| at)
                    .or_else(|| stands(|kind| matches!(kind, ClauseKind::Severity(_)))),
                own: severity.map(|_| clauses.severity.unwrap_or(Level::Medium).word().to_owned()),
            },
        ];
        for (param, entry) in params.iter().zip(&self.params) {
            let set = self.given_param(&param.name);
            all.push(Setting {
                kind: SettingKind::Param,
                name: format!("{}: {}", param.name, types::name(&param.ty)),
                value: literal::show(&param.value),
                at: Some(set.map_or(entry.ast.value.span, |given| given.value.span)),
                own: entry.own.as_ref().filter(|_| set.is_some()).map(literal::show),
            });
        }
        for allow in &clauses.allows {
            all.extend(self.allow_settings(allow));
        }
        all
    }

    fn allow_settings(&self, allow: &Allow<'_>) -> Vec<Setting> {
        let given = self.given.map_or(&[][..], |given| &given.exemptions);
        let entries = given.iter().filter(|entry| entry.allow.name == allow.name.name);
        let setting = |value: String, at: Span, own: Option<&str>| Setting {
            kind: SettingKind::Allow,
            name: allow.text(),
            value,
            at: Some(at),
            own: own.map(str::to_owned),
        };
        let nothing = "nothing";
        let mut all: Vec<Setting> = entries
            .map(|entry| setting(self.exempt_words(entry), entry.span, Some(nothing)))
            .collect();
        if all.is_empty() {
            all.push(setting(nothing.to_owned(), allow.name.span, None));
        }
        all
    }

    /// An entry in words: its fields, its last day, its reason.
    fn exempt_words(&self, entry: &Exemption) -> String {
        let field =
            |given: &Given| format!("{} = {}", given.name.name, self.sink.quote(given.value.span));
        let fields: Vec<String> = entry.fields.iter().map(field).collect();
        let until = entry.expires.as_ref().map(|day| day.text.as_str()).unwrap_or_default();
        let reason = entry.reason.as_deref().unwrap_or_default();
        format!("{} until {until}: {reason}", fields.join(", "))
    }

    /// Whether an expression reads a let that a site may set: what it comes to here may
    /// be something else elsewhere.
    pub(super) fn is_settable(&self, expr: &ast::Expr) -> bool {
        use ast::ExprKind as K;
        match &expr.kind {
            K::Name(name) => self.lets.get(name.as_str()).is_some_and(|own| own.ast.ty.is_some()),
            K::Call(_, parts) | K::List(parts) => parts.iter().any(|part| self.is_settable(part)),
            K::Neg(inner) => self.is_settable(inner),
            K::Arith(_, left, right) => self.is_settable(left) || self.is_settable(right),
            _ => false,
        }
    }

    /// The value that the site gives a param.
    pub(super) fn given_param(&self, name: &str) -> Option<&'_ Given> {
        self.given?.params.iter().find(|given| given.name.name == name)
    }
}
