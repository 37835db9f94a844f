//! Lets: constants and conditions with a name, from the top of a file down.

use super::beside::Beside;
use super::literal;
use super::scope::{Checker, LetEntry, LetState, Lets, Val, hidden_field, hides};
use super::sink::Sink;
use super::site::{Overrides, let_setting};
use super::suggest;
use super::types::{self, Fit};
use super::values::length;
use crate::ast::{self, Ident, LetValue, Lit, TypeRef};
use crate::diag::Diag;
use crate::parser::is_damaged;
use crate::site::Given;
use crate::typed::{Const, Expr, ExprKind, Ruleset, Type};

/// What the lets of all files are checked with.
#[derive(Clone, Copy)]
pub(super) struct With<'a, 'w> {
    /// Faults of form: a let with one is not looked at.
    pub(super) faults: &'w [Diag],
    pub(super) beside: &'a Beside,
    /// The lets that the site gives a value.
    pub(super) overrides: &'w Overrides<'a>,
}

/// The lets of a file; those that are no constants are added to the rule set, and so is
/// what a site may set.
pub(super) fn check<'a>(
    sink: &mut Sink<'a>,
    file: &'a ast::File,
    with: With<'a, '_>,
    ruleset: &mut Ruleset,
) -> Lets<'a> {
    let mut lets = Lets::new();
    let mut order: Vec<&'a ast::Let> = Vec::new();
    for item in &file.items {
        let ast::Item::Let(own) = item else { continue };
        if let Some(first) = lets.get(own.name.name.as_str()) {
            sink.error(twice("let", &own.name, &first.ast.name));
            continue;
        }
        if sink.lints
            && let Some(hidden) = hidden_field(&own.name.name)
        {
            sink.warn(|| hides(&own.name, &hidden));
        }
        let given = with.overrides.get(own.name.name.as_str()).copied();
        lets.insert(&own.name.name, LetEntry { ast: own, state: LetState::Waiting, given });
        order.push(own);
    }
    for own in order {
        let given = lets.get(own.name.name.as_str()).and_then(|entry| entry.given);
        let mut held = LetState::Bad;
        if !is_damaged(own.span, with.faults) {
            let bodies = ruleset.lets.len();
            let before = state(sink, own, (&lets, with.beside), &mut ruleset.lets);
            held = before.clone();
            if let Some(given) = given {
                ruleset.lets.truncate(bodies);
                held = overridden(sink, own, given, (&lets, &ruleset.lets));
            }
            if !sink.sources.are_only_run() {
                ruleset.settings.extend(let_setting(own, (&held, &before), given));
            }
        }
        let state = held;
        if let Some(entry) = lets.get_mut(own.name.name.as_str()) {
            entry.state = state;
        }
    }
    lets
}

/// Two of one kind with one name.
pub(super) fn twice(kind: &str, again: &Ident, first: &Ident) -> Diag {
    Diag::error("E0101", format!("the {kind} `{}` stands twice", again.name), again.span)
        .label("again")
        .also(first.span, "first here")
        .help("give one of them another name")
}

fn state<'a>(
    sink: &mut Sink<'a>,
    own: &'a ast::Let,
    (lets, beside): (&Lets<'a>, &Beside),
    bodies: &mut Vec<Expr>,
) -> LetState {
    let declared = match own.ty.as_ref().map(|written| declared(sink, written)) {
        Some(None) => return LetState::Bad,
        Some(ty) => ty,
        None => None,
    };
    let is_given = lets.get(own.name.name.as_str()).is_some_and(|entry| entry.given.is_some());
    let mut checker = Checker::new(sink, lets, bodies);
    let expr = match (&own.value, &declared) {
        (LetValue::Expr(expr), _) => expr,
        // What the site gives is not read from the file as well.
        (LetValue::From(path), Some(ty)) if !is_given => {
            return checker.listed_in(path, ty, beside);
        }
        (LetValue::From(_), _) => return LetState::Bad,
    };
    let Some(val) = checker.expr(expr) else {
        return LetState::Bad;
    };
    let val = match &declared {
        Some(ty) => checker.declared(val, expr, ty),
        None => Some(val),
    };
    let Some(val) = val else {
        return LetState::Bad;
    };
    match val.expr.kind {
        ExprKind::Const(value) => LetState::Const(value, val.expr.ty, val.loose),
        _ => {
            let ty = val.expr.ty.clone();
            bodies.push(val.expr);
            LetState::Body(bodies.len() - 1, ty)
        }
    }
}

/// The value that the site gives a let, as one of its declared type.
fn overridden<'a>(
    sink: &mut Sink<'a>,
    own: &ast::Let,
    given: &Given,
    (lets, bodies): (&Lets<'a>, &[Expr]),
) -> LetState {
    let Some(Ok(ty)) = own.ty.as_ref().map(types::written) else { return LetState::Bad };
    let value = lengths(&given.value, &ty);
    let mut checker = Checker::new(sink, lets, bodies);
    let val = checker.expr(&value).and_then(|val| checker.declared(val, &value, &ty));
    match val.map(|val| val.expr.kind) {
        Some(ExprKind::Const(value)) => LetState::Const(value, ty, false),
        _ => LetState::Bad,
    }
}

/// The site's value with its texts as lengths of time, where these are wanted.
pub(super) fn lengths(value: &ast::Expr, ty: &Type) -> ast::Expr {
    let kind = match (&value.kind, ty) {
        (ast::ExprKind::Lit(Lit::Str(text)), Type::Duration) => {
            length(text, value.span).map(|length| ast::ExprKind::Lit(Lit::Duration(length)))
        }
        (ast::ExprKind::List(items), Type::List(inner)) if **inner == Type::Duration => {
            Some(ast::ExprKind::List(items.iter().map(|item| lengths(item, inner)).collect()))
        }
        _ => None,
    };
    ast::Expr { kind: kind.unwrap_or_else(|| value.kind.clone()), ..value.clone() }
}

/// The type that is written, or an error for one that does not exist.
pub(super) fn declared(sink: &mut Sink<'_>, written: &TypeRef) -> Option<Type> {
    match types::written(written) {
        Ok(ty) => Some(ty),
        Err(ident) => {
            let names = || types::NAMES.iter().map(|(name, _)| *name).chain(["Json"]);
            let diag = Diag::error("E0102", format!("unknown type `{}`", ident.name), ident.span)
                .label("no type of the rule language");
            let meant = elsewhere(&ident.name).or_else(|| suggest::nearest(&ident.name, names()));
            sink.error(match meant {
                Some(near) => diag.help(format!("did you mean `{near}`?")),
                None => diag.help(format!("there are {}", names().collect::<Vec<_>>().join(", "))),
            });
            None
        }
    }
}

/// What a type of other languages is called here.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "string" | "text" => "Str",
        "number" | "integer" | "long" => "Int",
        "double" | "decimal" => "Float",
        "boolean" => "Bool",
        "cidrblock" | "network" => "Cidr",
        "ipaddress" | "address" => "Ip",
        "timestamp" | "date" | "datetime" => "Time",
        "object" | "any" => "Json",
        _ => return None,
    })
}

/// Whether a constant is meant for `like`.
fn has_pattern(value: &Const) -> bool {
    match value {
        Const::Text(text) => text.contains(['*', '?']),
        Const::List(items) => items.iter().any(has_pattern),
        _ => false,
    }
}

impl Checker<'_, '_> {
    /// The value as one of the type that its author declared.
    pub(super) fn declared(&mut self, val: Val, ast: &ast::Expr, ty: &Type) -> Option<Val> {
        let Some(value) = val.constant() else {
            return self.declared_body(val, ast, ty);
        };
        let value = match (value, ty) {
            (Const::List(items), Type::List(inner)) => {
                let places = self.element_spans(ast);
                let mut values = Vec::with_capacity(items.len());
                for (number, item) in items.iter().enumerate() {
                    match literal::declare(item, inner) {
                        Ok(value) => values.push(value),
                        Err(refusal) => {
                            let at = places.get(number).copied().unwrap_or(ast.span);
                            self.refused(&refusal, item, inner, at);
                        }
                    }
                }
                if values.len() < items.len() {
                    return None;
                }
                Const::List(values)
            }
            (value, ty) => match literal::declare(value, ty) {
                Ok(value) => value,
                Err(refusal) => {
                    self.refused(&refusal, value, ty, ast.span);
                    return None;
                }
            },
        };
        if !has_pattern(&value) {
            self.known(&value, ty, ast);
        }
        Some(Val::new(ExprKind::Const(value), ty.clone(), val.expr.span))
    }

    fn declared_body(&mut self, mut val: Val, ast: &ast::Expr, ty: &Type) -> Option<Val> {
        let own = &val.expr.ty;
        let fits = own == ty
            || *own != Type::Json && types::fit(own, ty) == Fit::Yes && types::is_text(ty)
            || *own == Type::Int && *ty == Type::Float;
        if fits {
            if types::is_text(ty) {
                val.expr.ty = ty.clone();
            }
            return Some(val);
        }
        let (quote, words) = (self.sink.quote(ast.span), types::words(own));
        let title = format!("`{quote}` is {words}, not {}", types::words(ty));
        let diag = Diag::error("E0215", title, ast.span)
            .label(words)
            .help("leave out the type: it follows from the value");
        self.sink.error(diag);
        None
    }
}
