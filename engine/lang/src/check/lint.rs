//! Lints on whole rules. They read the checked form, through lets.

use super::sink::Sink;
use super::together;
use crate::ast::{self, Ident, Span, Test, TestStepKind};
use crate::diag::Diag;
use crate::typed::{AggregateKind, Const, Expr, ExprKind, Named, Rule, Step};
use event::Derived;
use std::iter;

/// A rule with the lets it uses.
pub(super) struct View<'r> {
    pub(super) rule: &'r Rule,
    pub(super) bodies: &'r [Expr],
}

/// Warns of what a rule says and its author may not want.
pub(super) fn rule(sink: &mut Sink<'_>, rule: &Rule, bodies: &[Expr], ast: &ast::Rule) {
    let view = View { rule, bodies };
    view.first_seen(sink);
    view.window(sink, ast);
    view.keys(sink);
    view.denials(sink);
    view.one_step(sink);
    together::rule(sink, &view);
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
    pub(super) fn conjuncts(&self, expr: &'r Expr) -> Vec<&'r Expr> {
        conjuncts(expr, self.bodies)
    }

    /// Whether some part of an expression is as wanted, through lets.
    pub(super) fn any(&self, expr: &'r Expr, wanted: &impl Fn(&Expr) -> bool) -> bool {
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
}

/// Whether an expression is a derived name, or the raw path that stands for it.
pub(super) fn is(expr: &Expr, name: Derived, raw: &[&str]) -> bool {
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
