//! `when`: aggregates, and what else may stand beside them, `new` and `rare`.
//!
//! # Invariants
//!
//! - An aggregate stands only in `when`, never inside another.
//! - Without `new` and `rare`, what is outside aggregates reads keys of the group and params.

use super::expr::parts;
use super::scope::{Checker, Place, Val};
use super::sequence::Standing;
use super::tuple;
use super::types;
use crate::ast::{self, Ident, Span};
use crate::diag::Diag;
use crate::print;
use crate::typed::{Aggregate, AggregateKind, Expr, ExprKind, Named, Type};

/// The checked `when`: its condition, and the parts beside `new` or `rare`.
pub(super) struct When {
    pub(super) expr: Expr,
    pub(super) others: Vec<Expr>,
}

impl Checker<'_, '_> {
    /// The condition of `when`.
    pub(super) fn when(&mut self, expr: &ast::Expr, keys: &[Named]) -> Option<When> {
        self.at(Place::When, |checker| checker.when_parts(expr, keys))
    }

    fn when_parts(&mut self, expr: &ast::Expr, keys: &[Named]) -> Option<When> {
        let parts = parts(expr, true);
        let mut all = Vec::with_capacity(parts.len());
        for part in &parts {
            all.push(match tuple::asks(part) {
                Some(asks) => self.tuple_part(part, &asks),
                None => self.condition(part),
            });
        }
        self.tuple_or_score()?;
        let all: Vec<Expr> = all.into_iter().collect::<Option<_>>()?;
        let others: Vec<Expr> = all.iter().filter(|part| !tuple::is_tuple(part)).cloned().collect();
        if others.len() == all.len() {
            let errors = self.sink.errors();
            for part in &all {
                self.only_keys(part, keys);
            }
            if self.sink.errors() > errors {
                return None;
            }
        }
        let expr = match <[Expr; 1]>::try_from(all) {
            Ok([only]) => only,
            Err(all) => Expr { kind: ExprKind::And(all), ty: Type::Bool, span: expr.span },
        };
        Some(When { expr, others })
    }

    /// `count`, `distinct`, `sum` or `ratio`.
    pub(super) fn aggregate(
        &mut self,
        name: &Ident,
        args: &[ast::Expr],
        expr: &ast::Expr,
    ) -> Option<Val> {
        if self.place != Place::When {
            self.misplaced_aggregate(name, args, expr);
            return None;
        }
        self.asked.aggregate_at.get_or_insert(expr.span);
        let (least, most, form) = match name.name.as_str() {
            "count" => (0, 1, "count()"),
            "distinct" => (1, usize::MAX, "distinct(api)"),
            "ratio" => (1, 1, "ratio(not ok)"),
            _ => (1, 1, "sum(len(targets))"),
        };
        self.arity(args, least, most, (expr, form))?;
        let kind = self.at(Place::Inside, |checker| checker.aggregate_kind(name, args))?;
        let ty = match kind {
            AggregateKind::Count | AggregateKind::CountIf(_) | AggregateKind::Distinct(_) => {
                Type::Int
            }
            AggregateKind::Ratio(_) | AggregateKind::Sum(_) => Type::Float,
        };
        let text = print::expr_line(expr);
        let known = self.asked.aggregates.iter().position(|(known, _)| known.text == text);
        let number = known.unwrap_or_else(|| {
            self.asked.aggregates.push((Aggregate { text, kind }, expr.span));
            self.asked.aggregates.len() - 1
        });
        Some(Val::new(ExprKind::Aggregate(number), ty, expr.span))
    }

    fn aggregate_kind(&mut self, name: &Ident, args: &[ast::Expr]) -> Option<AggregateKind> {
        Some(match (name.name.as_str(), args) {
            ("count", []) => AggregateKind::Count,
            ("count", [cond]) => AggregateKind::CountIf(self.condition(cond)?),
            ("ratio", [cond]) => AggregateKind::Ratio(self.condition(cond)?),
            ("distinct", _) => AggregateKind::Distinct(self.tuple("distinct", args)?),
            (_, [value]) => AggregateKind::Sum(self.summand(value)?),
            _ => return None,
        })
    }

    fn summand(&mut self, arg: &ast::Expr) -> Option<Expr> {
        let val = self.expr(arg)?;
        if types::is_number(&val.expr.ty) || val.expr.ty == Type::Json {
            return Some(val.expr);
        }
        let (quote, words) = (self.sink.quote(arg.span), types::words(&val.expr.ty));
        let diag =
            Diag::error("E0204", format!("`sum` takes a number, `{quote}` is {words}"), arg.span)
                .label(words);
        let diag = match &val.expr.ty {
            Type::Bool => diag.help(format!("write `count({quote})`")),
            Type::List(_) => diag.help(format!("write `sum(len({quote}))`")),
            _ => diag.help(format!("write `distinct({quote})` for the number of its values")),
        };
        self.sink.error(diag);
        None
    }

    fn misplaced_aggregate(&mut self, name: &Ident, args: &[ast::Expr], expr: &ast::Expr) {
        let inside = self.place == Place::Inside;
        self.at(Place::Inside, |checker| {
            for arg in args {
                if !matches!(&arg.kind, ast::ExprKind::Call(inner, _) if inner.name == name.name) {
                    let _ = checker.expr(arg);
                }
            }
        });
        let quote = self.sink.quote(expr.span);
        let diag = if inside {
            Diag::error("E0304", format!("`{quote}` stands inside another aggregate"), name.span)
                .label("read from a window, not from an event")
                .help("compare the two side by side: `count(not ok) >= 5 and count() >= 10`")
        } else if matches!(self.standing, Standing::In(_)) {
            Diag::error("E0304", format!("`{quote}` stands only in `when`"), name.span)
                .label("a step is about one event, or a number of them")
                .help("say how many before the condition: `fail: 5+ not ok`")
        } else {
            only_in_when(&quote, name.span)
                .help(format!("write `when {quote} >= 5` and `within 10m`"))
        };
        self.sink.error(diag);
    }

    /// Complains of what reads the event and is no key of the group.
    fn only_keys(&mut self, expr: &Expr, keys: &[Named]) {
        let mut strangers = Vec::new();
        foreign(expr, keys, self.bodies, &mut strangers);
        for at in strangers {
            let quote = self.sink.quote(at);
            let diag = Diag::error("E0306", format!("`{quote}` is no key of the group"), at)
                .label("of which event of the window?")
                .help(format!(
                    "move the condition to `where`, add `{quote}` to `by`, or ask inside an aggregate"
                ));
            self.sink.error(diag);
        }
    }
}

/// The places that read the event and are no key of the group.
fn foreign(expr: &Expr, keys: &[Named], bodies: &[Expr], out: &mut Vec<Span>) {
    if keys.iter().any(|key| key.expr.kind == expr.kind) {
        return;
    }
    match &expr.kind {
        ExprKind::Path(_) | ExprKind::Derived(_) => out.push(expr.span),
        ExprKind::Let(number) => {
            let mut inside = Vec::new();
            if let Some(body) = bodies.get(*number) {
                foreign(body, keys, bodies, &mut inside);
            }
            if !inside.is_empty() {
                out.push(expr.span);
            }
        }
        _ => {
            for part in expr.children() {
                foreign(part, keys, bodies, out);
            }
        }
    }
}

/// The error for what reads a window and stands in the condition on one event.
pub(super) fn only_in_when(quote: &str, at: Span) -> Diag {
    Diag::error("E0304", format!("`{quote}` stands only in `when`"), at)
        .label("not in the condition on one event")
}

/// The error for a list in a key or a tuple.
pub(super) fn list_as_key(quote: &str, ty: &Type, at: Span) -> Diag {
    let words = types::words(ty);
    let diag =
        Diag::error("E0214", format!("`{quote}` is {words}, not a plain value"), at).label(words);
    match quote {
        "targets" => diag.help("write `target`, the first of them"),
        _ => diag.help(format!("write `text({quote})` for the whole of it, or `len({quote})`")),
    }
}
