//! Lints on conditions that hold together of one event: services and APIs that do not belong
//! together, or say less than is meant, and values that exclude each other.

use super::lint::{View, is};
use super::sink::Sink;
use crate::ast::Span;
use crate::aws;
use crate::diag::Diag;
use crate::typed::{Const, Expr, ExprKind, Step};
use event::Derived;
use std::iter;

/// Warns of what the conditions on one event say and their author may not want.
pub(super) fn rule(sink: &mut Sink<'_>, view: &View<'_>) {
    let named = |expr: &Expr| is(expr, Derived::Service, &["eventSource"]);
    for scene in view.scenes() {
        view.together(sink, &scene);
        if !scene.iter().any(|part| view.any(part, &named)) {
            view.several_in(sink, scene);
        }
    }
}

impl<'r> View<'r> {
    /// The conditions that hold together of one event: those of `where`, and, of a sequence,
    /// of a step as well.
    fn scenes(&self) -> Vec<Vec<&'r Expr>> {
        let filter = &self.rule.filter.expr;
        match &self.rule.sequence {
            None => vec![vec![filter]],
            Some(sequence) => {
                let with_filter = |step: &'r Step| iter::once(filter).chain(&step.own).collect();
                sequence.steps.iter().map(with_filter).collect()
            }
        }
    }

    /// Warns of an API of several services, where none is named.
    fn several_in(&self, sink: &mut Sink<'_>, mut waiting: Vec<&'r Expr>) {
        while let Some(next) = waiting.pop() {
            for api in pins(next, Derived::Api) {
                let services: Vec<&str> = aws::services_of(api).collect();
                if services.len() > 1 {
                    sink.warn(|| several(api, &services, next.span));
                }
            }
            match &next.kind {
                ExprKind::Let(number) => waiting.extend(self.bodies.get(*number)),
                ExprKind::Not(_) => {}
                _ => waiting.extend(next.children()),
            }
        }
    }

    /// Lints on conditions that hold together: each `and` of them.
    fn together(&self, sink: &mut Sink<'_>, all: &[&'r Expr]) {
        let parts: Vec<&Expr> = all.iter().flat_map(|part| self.conjuncts(part)).collect();
        let services: Vec<(&str, Span)> = parts
            .iter()
            .flat_map(|part| pins(part, Derived::Service).into_iter().map(|name| (name, part.span)))
            .collect();
        let apis: Vec<(&str, Span)> = parts
            .iter()
            .flat_map(|part| pins(part, Derived::Api).into_iter().map(|name| (name, part.span)))
            .collect();
        foreign_apis(sink, &services, &apis);
        never_both(sink, &parts);
        let write = parts.iter().find(|part| match &part.kind {
            ExprKind::Not(inner) => inner.kind == ExprKind::Derived(Derived::Write),
            kind => *kind == ExprKind::Derived(Derived::Write),
        });
        if let Some(write) = write {
            writes(sink, write.span, &services, &apis);
        }
        for part in parts {
            if let ExprKind::Or(branches) = &part.kind {
                for branch in branches {
                    self.together(sink, &[branch]);
                }
            }
        }
    }
}

/// The services that rules are mostly about, which messages name first.
const WELL_KNOWN: [&str; 10] =
    ["iam", "ec2", "s3", "lambda", "rds", "sts", "kms", "organizations", "cloudtrail", "logs"];

fn several(api: &str, services: &[&str], at: Span) -> Diag {
    let mut services = services.to_vec();
    services.sort_by_key(|name| !WELL_KNOWN.contains(name));
    let shown: Vec<String> = services.iter().take(3).map(|name| format!("`{name}`")).collect();
    let more = services.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let first = services.first().copied().unwrap_or_default();
    Diag::warning("L0021", format!("several services have `{api}`"), at)
        .label(format!("{}{more}", shown.join(", ")))
        .help(format!("say which: `service == \"{first}\" and …`"))
}

/// Warns of one value that must equal two different constants.
fn never_both(sink: &mut Sink<'_>, parts: &[&Expr]) {
    let equal: Vec<(&Expr, &Const, Span)> = parts
        .iter()
        .filter_map(|part| match &part.kind {
            ExprKind::Eq(one, other) => match (&one.kind, &other.kind) {
                (_, ExprKind::Const(value)) => Some((&**one, value, part.span)),
                (ExprKind::Const(value), _) => Some((&**other, value, part.span)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    for (number, (value, constant, at)) in equal.iter().enumerate() {
        let other = equal
            .iter()
            .take(number)
            .find(|(known, own, _)| known.kind == value.kind && own != constant);
        if let Some((.., first)) = other {
            sink.warn(|| {
                Diag::warning("L0008", "these are never true together", *at)
                    .label("another value than")
                    .also(*first, "here")
                    .help("join them with `or`, or write `in […]`")
            });
        }
    }
}

/// Warns of APIs that none of the services beside them has.
fn foreign_apis(sink: &mut Sink<'_>, services: &[(&str, Span)], apis: &[(&str, Span)]) {
    let Some((first, place)) = services.first() else { return };
    if services.iter().any(|(service, _)| aws::apis_of(service).next().is_none()) {
        return;
    }
    for (api, at) in apis {
        if !aws::is_api(api) || services.iter().any(|(service, _)| aws::has_api(service, api)) {
            continue;
        }
        sink.warn(|| {
            let diag = Diag::warning("L0016", format!("`{first}` has no API `{api}`"), *at)
                .label("another service's")
                .also(*place, "the service");
            let others: Vec<&str> = aws::services_of(api).take(3).collect();
            diag.help(format!("services that have it: {}", others.join(", ")))
        });
    }
}

/// Warns of `write` beside calls of which AWS says something that surprises.
fn writes(sink: &mut Sink<'_>, at: Span, services: &[(&str, Span)], apis: &[(&str, Span)]) {
    let service = services.iter().find(|(name, _)| matches!(*name, "kms" | "sts"));
    let login = apis.iter().find(|(name, _)| *name == "ConsoleLogin");
    let (label, place) = match (service, login) {
        (Some((name, place)), _) => {
            (format!("AWS says read-only of most calls of `{name}`"), *place)
        }
        (None, Some((_, place))) => ("AWS says of every sign-in that it writes".to_owned(), *place),
        (None, None) => return,
    };
    sink.warn(|| {
        Diag::warning("L0026", "`write` does not mean here what it says", at)
            .label(label)
            .also(place, "these calls")
            .help("leave `write` out and name the APIs")
    });
}

/// The texts that a condition pins a derived name to: `== "x"`, `in ["x", "y"]`.
fn pins(expr: &Expr, name: Derived) -> Vec<&str> {
    let (value, list) = match &expr.kind {
        ExprKind::Eq(one, other) if one.kind == ExprKind::Derived(name) => (one, other),
        ExprKind::Eq(one, other) | ExprKind::In(other, one) => (other, one),
        _ => return Vec::new(),
    };
    if value.kind != ExprKind::Derived(name) {
        return Vec::new();
    }
    match &list.kind {
        ExprKind::Const(Const::Text(text)) => vec![text],
        ExprKind::Const(Const::List(items)) => items
            .iter()
            .filter_map(
                |item| if let Const::Text(text) = item { Some(text.as_str()) } else { None },
            )
            .collect(),
        _ => Vec::new(),
    }
}
