//! Lints on whole rules. They read the checked form, through lets.

use super::sink::Sink;
use crate::ast::{self, Ident, Span, Test, TestStepKind};
use crate::aws;
use crate::diag::Diag;
use crate::typed::{AggregateKind, Const, Expr, ExprKind, Named, Rule, Step};
use event::Derived;
use std::iter;

/// A rule with the lets it uses.
struct View<'r> {
    rule: &'r Rule,
    bodies: &'r [Expr],
}

/// Warns of what a rule says and its author may not want.
pub(super) fn rule(sink: &mut Sink<'_>, rule: &Rule, bodies: &[Expr], ast: &ast::Rule) {
    let view = View { rule, bodies };
    view.first_seen(sink);
    view.window(sink, ast);
    view.keys(sink);
    view.denials(sink);
    view.several_services(sink);
    view.one_step(sink);
    for scene in view.scenes() {
        view.together(sink, &scene);
    }
}

/// Warns of a rule without a test that fires, or without one that does not.
///
/// One that sleeps until a list of the site is filled cannot fire with its own values.
pub(super) fn tests(sink: &mut Sink<'_>, name: &Ident, tests: &[&Test], sleeps: bool) {
    let expects = || {
        tests.iter().flat_map(|test| &test.steps).filter_map(|step| match &step.kind {
            TestStepKind::Expect(number, _) => Some(*number),
            _ => None,
        })
    };
    let (fires, silent) = (expects().any(|number| number > 0), expects().any(|number| number == 0));
    let (lacking, help) = match (fires, silent) {
        (true, true) => return,
        (false, true) if sleeps => return,
        (false, _) => ("no test in which it fires", "add `test \"…\" { event { … } expect 1 }`"),
        (true, false) => {
            ("no test in which it stays silent", "add `test \"…\" { event { … } expect 0 }`")
        }
    };
    sink.warn(|| {
        Diag::warning("L0006", format!("the rule `{}` has {lacking}", name.name), name.span)
            .label(lacking)
            .help(help)
    });
}

/// Whether a part of `where` is false for every event, as `len(list) > 0` of a list that
/// only the site fills.
pub(super) fn sleeps(filter: &Expr, bodies: &[Expr]) -> bool {
    let number = |expr: &Expr| match expr.kind {
        ExprKind::Const(Const::Int(number)) => Some(number),
        _ => None,
    };
    conjuncts(filter, bodies).into_iter().any(|part| match &part.kind {
        ExprKind::Const(Const::Bool(truth)) => !truth,
        ExprKind::Lt(low, high) => {
            number(low).zip(number(high)).is_some_and(|(low, high)| low >= high)
        }
        _ => false,
    })
}

/// The parts that the outermost `and`s join, through lets.
fn conjuncts<'r>(expr: &'r Expr, bodies: &'r [Expr]) -> Vec<&'r Expr> {
    let mut out = Vec::new();
    let mut waiting = vec![expr];
    while let Some(next) = waiting.pop() {
        match &next.kind {
            ExprKind::And(parts) => waiting.extend(parts.iter().rev()),
            ExprKind::Let(number) => waiting.extend(bodies.get(*number)),
            _ => out.push(next),
        }
    }
    out
}

impl<'r> View<'r> {
    /// The parts that the outermost `and`s join, through lets.
    fn conjuncts(&self, expr: &'r Expr) -> Vec<&'r Expr> {
        conjuncts(expr, self.bodies)
    }

    /// Whether some part of an expression is as wanted, through lets.
    fn any(&self, expr: &'r Expr, wanted: &impl Fn(&Expr) -> bool) -> bool {
        let mut waiting = vec![expr];
        while let Some(next) = waiting.pop() {
            if wanted(next) {
                return true;
            }
            match &next.kind {
                ExprKind::Let(number) => waiting.extend(self.bodies.get(*number)),
                ExprKind::Aggregate(number) => {
                    if let Some(aggregate) = self.rule.aggregates.get(*number) {
                        waiting.extend(arguments(&aggregate.kind));
                    }
                }
                _ => waiting.extend(next.children()),
            }
        }
        false
    }

    /// Whether the events of the rule are only those where `name` is false.
    fn never(&self, name: Derived) -> bool {
        let not = |part: &&Expr| matches!(&part.kind, ExprKind::Not(inner) if inner.kind == ExprKind::Derived(name));
        self.conjuncts(&self.rule.filter.expr).iter().any(not)
            || self.others().flat_map(|part| self.conjuncts(part)).any(|part| not(&part))
    }

    fn others(&self) -> impl Iterator<Item = &'r Expr> {
        let first_seen = self.rule.first_seen.iter().flat_map(|seen| &seen.others);
        first_seen.chain(self.rule.rare.iter().flat_map(|rare| &rare.others))
    }

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

    /// What `new` or `rare` asks for.
    fn tuple(&self) -> impl Iterator<Item = &'r Named> {
        let first_seen = self.rule.first_seen.iter().flat_map(|seen| &seen.tuple);
        first_seen.chain(self.rule.rare.iter().flat_map(|rare| &rare.tuple))
    }

    fn one_step(&self, sink: &mut Sink<'_>) {
        let steps = self.rule.sequence.as_ref().map(|sequence| sequence.steps.as_slice());
        let Some([step]) = steps else { return };
        if step.count.is_none() {
            sink.warn(|| {
                Diag::warning(
                    "L0017",
                    "a sequence of one step is a rule about one event",
                    self.rule.span,
                )
                .label(format!("only `{}`", step.name))
                .help("write its condition as `where`, or add `then` and a step")
            });
        }
    }

    fn first_seen(&self, sink: &mut Sink<'_>) {
        for part in self.tuple() {
            let at = part.expr.span;
            if is(&part.expr, Derived::Region, &["awsRegion"])
                && !self.never(Derived::GlobalService)
            {
                sink.warn(|| {
                    Diag::warning(
                        "L0007",
                        "global services are recorded in a region of their own",
                        at,
                    )
                    .label("new as soon as someone uses IAM or the console")
                    .help("add `and not global_service` to `where`")
                });
            }
            if is(&part.expr, Derived::Ip, &["sourceIPAddress"])
                && let Some(key) = self
                    .rule
                    .by
                    .iter()
                    .find(|key| key.expr.kind == ExprKind::Derived(Derived::Principal))
            {
                sink.warn(|| {
                    Diag::warning("L0022", "many people may share one principal", key.expr.span)
                        .label("one for all users of an Identity Center role")
                        .also(at, "each comes from an address of their own")
                        .help("write `by actor.id`")
                });
            }
        }
    }

    fn window(&self, sink: &mut Sink<'_>, ast: &ast::Rule) {
        let when = ast.clauses.iter().find_map(|clause| match &clause.kind {
            ast::ClauseKind::When(expr) => Some(expr.span),
            _ => None,
        });
        let Some(at) = when else { return };
        let rare = self.rule.rare.is_some();
        let learns = rare || self.rule.first_seen.is_some();
        if learns && self.rule.by.is_empty() {
            let word = if rare { "rare" } else { "new" };
            sink.warn(|| {
                Diag::warning("L0004", format!("`{word}` without `by`"), at)
                    .label(format!("{word} to all accounts together"))
                    .help("add, say, `by account`")
            });
        }
        if self.rule.within.is_some() && !learns && self.rule.suppress.is_none() {
            sink.warn(|| {
                Diag::warning("L0009", "a window without `suppress`", at)
                    .label("fires again each time the threshold is crossed")
                    .help("add, say, `suppress 1h`")
            });
        }
    }

    fn keys(&self, sink: &mut Sink<'_>) {
        for key in &self.rule.by {
            if matches!(&key.expr.kind, ExprKind::Path(path) if path.iter().eq(["userIdentity", "userName"]))
            {
                sink.warn(|| {
                    Diag::warning(
                        "L0023",
                        "root and roles have no `userIdentity.userName`",
                        key.expr.span,
                    )
                    .label("events without it are left out of the rule")
                    .help("write `by user`")
                });
            }
        }
        for aggregate in &self.rule.aggregates {
            let AggregateKind::Distinct(parts) = &aggregate.kind else { continue };
            for part in parts {
                if let Some(key) = self.rule.by.iter().find(|key| key.expr.kind == part.kind) {
                    sink.warn(|| {
                        Diag::warning(
                            "L0005",
                            format!("`{}` is a key of the group", key.text),
                            part.span,
                        )
                        .label("has one value in each group")
                        .also(key.expr.span, "the group")
                        .help("leave it out of one of the two")
                    });
                }
            }
        }
    }

    fn denials(&self, sink: &mut Sink<'_>) {
        let counted = |step: &&Step| step.count.is_some();
        let mut steps = self.rule.sequence.iter().flat_map(|sequence| &sequence.steps);
        if self.rule.when.is_none() && !steps.clone().any(|step| counted(&step)) {
            return;
        }
        let is_denied = |expr: &Expr| expr.kind == ExprKind::Derived(Derived::Denied);
        let aware = |expr: &Expr| expr.kind == ExprKind::Derived(Derived::ByService);
        let mut at: Option<Span> = None;
        for aggregate in &self.rule.aggregates {
            for argument in arguments(&aggregate.kind) {
                if self.any(argument, &is_denied) {
                    at = at.or(Some(argument.span));
                }
            }
        }
        let filter = &self.rule.filter.expr;
        let in_steps = steps.clone().filter(counted).flat_map(|step| &step.own);
        let asked = iter::once(filter).chain(in_steps);
        let plain = asked.flat_map(|part| self.conjuncts(part)).find(|part| is_denied(part));
        let Some(at) = at.or_else(|| plain.map(|part| part.span)) else { return };
        let when = self.rule.when.iter().map(|when| &when.expr);
        if iter::once(filter).chain(when).any(|part| self.any(part, &aware))
            || steps.any(|step| step.own.iter().any(|part| self.any(part, &aware)))
        {
            return;
        }
        sink.warn(|| {
            Diag::warning("L0020", "most denials are AWS's own", at)
                .label("96 % of them in real logs")
                .help("add `and not by_service` to `where`")
        });
    }

    /// Warns of an API of several services in a rule that never names the service.
    fn several_services(&self, sink: &mut Sink<'_>) {
        let named = |expr: &Expr| is(expr, Derived::Service, &["eventSource"]);
        for scene in self.scenes() {
            if !scene.iter().any(|part| self.any(part, &named)) {
                self.several_in(sink, scene);
            }
        }
    }

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

fn is(expr: &Expr, name: Derived, raw: &[&str]) -> bool {
    match &expr.kind {
        ExprKind::Derived(derived) => *derived == name,
        ExprKind::Path(path) => path.iter().eq(raw),
        _ => false,
    }
}

fn arguments(kind: &AggregateKind) -> Vec<&Expr> {
    match kind {
        AggregateKind::Count => Vec::new(),
        AggregateKind::CountIf(expr) | AggregateKind::Ratio(expr) | AggregateKind::Sum(expr) => {
            vec![expr]
        }
        AggregateKind::Distinct(parts) => parts.iter().collect(),
    }
}
