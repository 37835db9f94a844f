//! One rule: from its clauses to the checked form.

use super::aggregate::{When, list_as_key};
use super::baseline::{Window, baselines};
use super::beside::Beside;
use super::clauses::Clauses;
use super::learn::Learner;
use super::scope::{Checker, Lets};
use super::sink::Sink;
use super::{blocks, learn, lint, types};
use crate::ast::{self, Key, Path, Span, Status};
use crate::diag::Diag;
use crate::limits;
use crate::print;
use crate::typed::{
    Baseline, Clause, Const, Expr, ExprKind, FirstSeen, Named, ParamValue, Piece, Rare, Rule,
    Sequence, Show, ShowFunc, Suppress, Type, Within,
};

/// The checked rule, unless it has an error.
pub(super) fn check<'a>(
    sink: &mut Sink<'a>,
    lets: &Lets<'a>,
    bodies: &[Expr],
    beside: &'a Beside,
    rule: &'a ast::Rule,
) -> Option<Box<Rule>> {
    let errors = sink.errors();
    sink.excused = false;
    let clauses = Clauses::of(rule);
    let mut checker = Checker::new(sink, lets, bodies);
    checker.given = beside.site.rules.iter().find(|given| given.name.name == rule.name.name);
    checker.now = beside.now;
    let checked = checker.rule(rule, &clauses);
    let fine = sink.errors() == errors;
    debug_assert!(!fine || checked.is_some() || sink.excused, "a rule is lost without a word");
    let checked = checked.filter(|_| fine)?;
    if sink.lints {
        lint::rule(sink, &checked, bodies, rule);
    }
    Some(checked)
}

/// What only rules with state have.
struct State {
    by: Option<Vec<Named>>,
    within: Option<Within>,
    when: Option<(Clause, When)>,
    sequence: Option<Sequence>,
    suppress: Option<Suppress>,
}

/// What a rule learns.
#[derive(Default)]
struct Learned {
    first_seen: Option<FirstSeen>,
    rare: Option<Rare>,
    baselines: Vec<Baseline>,
}

impl<'a> Checker<'a, '_> {
    fn rule(&mut self, rule: &'a ast::Rule, clauses: &Clauses<'a>) -> Option<Box<Rule>> {
        for param in &clauses.params {
            self.param(param);
        }
        let filter = match clauses.filter {
            None if clauses.sequence.is_some() => Some(Some(nothing_asked(rule))),
            filter => filter.map(|expr| self.clause(expr)),
        };
        let excepts: Vec<Option<Expr>> =
            clauses.excepts.iter().map(|expr| self.condition(expr)).collect();
        let exemptions = self.exemptions(&clauses.allows);
        let state = self.state(rule, clauses);
        let show: Vec<Option<Show>> = clauses.shows.iter().map(|call| self.show(call)).collect();
        let title = match clauses.title {
            Some(text) => {
                let window = clauses.within.is_some() || clauses.sequence.is_some();
                self.title(text, window)
            }
            None => Some(vec![Piece::Text(rule.name.name.clone())]),
        };
        blocks::check(self, &clauses.tests, state.by.as_deref().unwrap_or_default());
        if self.sink.lints {
            let asked = filter.iter().flatten();
            let sleeps = asked.into_iter().any(|clause| lint::sleeps(&clause.expr, self.bodies));
            lint::tests(self.sink, &rule.name, &clauses.tests, sleeps);
        }
        let params = self.values()?;
        let (when, others) = match state.when {
            Some((clause, when)) => (Some(clause), when.others),
            None => (None, Vec::new()),
        };
        let learned = self.learned(clauses, others, state.within.as_ref());
        let Learned { first_seen, rare, baselines } = learned?;
        let aggregates = std::mem::take(&mut self.asked.aggregates);
        Some(Box::new(Rule {
            name: rule.name.name.clone(),
            span: rule.name.span,
            builtin: self.sink.builtin(rule.name.span),
            version: clauses.version.unwrap_or(1),
            enabled: self.enabled(clauses.status.unwrap_or(Status::Stable)),
            severity: self.severity(clauses.severity),
            status: clauses.status.unwrap_or(Status::Stable),
            attack: names(clauses.attack),
            tags: names(clauses.tags),
            about: clauses.about.map(|text| text.value.clone()),
            runbook: clauses.runbook.map(|text| text.value.clone()),
            refs: clauses.refs.iter().map(|text| text.value.clone()).collect(),
            title: title?,
            settings: self.settings(rule, clauses, &params),
            params,
            filter: filter??,
            excepts: excepts
                .into_iter()
                .chain(exemptions?.into_iter().map(Some))
                .collect::<Option<_>>()?,
            by: state.by?,
            within: state.within,
            when,
            aggregates: aggregates.into_iter().map(|(aggregate, _)| aggregate).collect(),
            first_seen,
            rare,
            baselines,
            sequence: state.sequence,
            show: show.into_iter().collect::<Option<_>>()?,
            suppress: state.suppress,
            tests: clauses.tests.iter().map(|test| (*test).clone()).collect(),
        }))
    }

    /// `by`, `within`, `when` and `suppress`, and whether they belong together.
    fn state(&mut self, rule: &ast::Rule, clauses: &Clauses<'a>) -> State {
        if let Some((sequence, at)) = clauses.sequence {
            return self.steps(clauses, sequence, at);
        }
        let by = clauses.by.map_or_else(|| Some(Vec::new()), |(paths, _)| self.paths("by", paths));
        let within = clauses.within.and_then(|(duration, _)| self.window(duration));
        let errors = self.sink.errors();
        let when = match (clauses.when, &by) {
            (Some(expr), Some(keys)) => self.when_clause(expr, keys),
            (Some(expr), None) => {
                let _ = self.when_clause(expr, &[]);
                None
            }
            (None, _) => None,
        };
        let checked = self.sink.errors() == errors;
        if let Some(diag) = clauses.structure(&rule.name, &self.asked, checked) {
            self.sink.error(diag);
        }
        let suppress = self.suppress(clauses);
        State { by, within, when, sequence: None, suppress }
    }

    /// `sequence` and `suppress`, and whether what stands beside them belongs there.
    fn steps(&mut self, clauses: &Clauses<'a>, sequence: &'a ast::Sequence, at: Span) -> State {
        let by = self.paths("by", &sequence.by);
        let within = self.window(sequence.within);
        let misfit = clauses.beside_sequence(at);
        let when = clauses.when.filter(|_| misfit.is_some());
        if let Some(diag) = misfit {
            self.sink.error(diag);
        }
        if let (Some(expr), Some(keys)) = (when, &by) {
            let _ = self.when_clause(expr, keys);
        }
        let steps = self.sequence(sequence);
        let suppress = self.suppress(clauses);
        State { by, within, when: None, sequence: steps, suppress }
    }

    fn window(&mut self, duration: ast::Duration) -> Option<Within> {
        let seconds = self.seconds(duration, limits::WINDOW)?;
        Some(Within { seconds, text: format!("{}{}", duration.count, duration.unit.letter()) })
    }

    fn suppress(&mut self, clauses: &Clauses<'a>) -> Option<Suppress> {
        clauses.suppress.and_then(|(duration, by)| {
            let seconds = self.seconds(duration, limits::MEMORY);
            let by = by.map(|paths| self.paths("suppress", paths));
            Some(Suppress {
                seconds: seconds?,
                by: match by {
                    Some(by) => Some(by?),
                    None => None,
                },
            })
        })
    }

    /// What the rule learns, by `when` and `learn`; `others` are the parts of `when` beside
    /// `new` or `rare`.
    fn learned(
        &mut self,
        clauses: &Clauses<'a>,
        others: Vec<Expr>,
        within: Option<&Within>,
    ) -> Option<Learned> {
        let learner = match (self.asked.tuple_at, self.asked.score_at) {
            (Some((_, "rare")), None) => Some(Learner::Rare),
            (Some(_), None) => Some(Learner::New),
            (None, Some(_)) => Some(Learner::Score),
            _ => None,
        };
        let learn = learn::of(self.sink, clauses.learn.map(|(items, _)| items), learner)?;
        let mut learned = Learned::default();
        if let Some(tuple) = self.asked.tuple.take() {
            match tuple.seldom {
                None => {
                    learned.first_seen = Some(learn.first_seen(tuple.text, tuple.parts, others));
                }
                Some(seldom) => {
                    learned.rare = Some(learn.rare(tuple.text, tuple.parts, seldom, others));
                }
            }
        } else if let (Some(within), Some((_, at))) = (within, clauses.within) {
            let scores = std::mem::take(&mut self.asked.scores);
            let window = Window { within, at };
            let aggregates = &self.asked.aggregates;
            learned.baselines = baselines(self.sink, &learn, scores, aggregates, &window)?;
        }
        Some(learned)
    }

    fn when_clause(&mut self, expr: &ast::Expr, keys: &[Named]) -> Option<(Clause, When)> {
        self.used.clear();
        let when = self.when(expr, keys)?;
        let params = std::mem::take(&mut self.used);
        let clause = Clause { expr: when.expr.clone(), text: print::expr_line(expr), params };
        Some((clause, when))
    }

    /// A condition with its text and the params in it.
    fn clause(&mut self, expr: &ast::Expr) -> Option<Clause> {
        self.used.clear();
        let checked = self.condition(expr)?;
        let params = std::mem::take(&mut self.used);
        Some(Clause { expr: checked, text: print::expr_line(expr), params })
    }

    /// The params with their values.
    fn values(&self) -> Option<Vec<ParamValue>> {
        self.params
            .iter()
            .map(|param| {
                let (ty, value) = param.value.clone()?;
                Some(ParamValue { name: param.ast.name.name.clone(), ty, value })
            })
            .collect()
    }

    /// The paths of `by`, `suppress` or `allow`, each a plain value, none twice.
    pub(super) fn paths(&mut self, word: &str, paths: &[Path]) -> Option<Vec<Named>> {
        let mut all: Vec<Option<Named>> = Vec::with_capacity(paths.len());
        for path in paths {
            let named = self.key(word, path);
            let first = named.as_ref().and_then(|named| {
                all.iter()
                    .flatten()
                    .find(|known| known.text == named.text)
                    .map(|known| known.expr.span)
            });
            if let Some(first) = first {
                let quote = self.sink.quote(path.span);
                let diag =
                    Diag::error("E0307", format!("`{quote}` stands twice in `{word}`"), path.span)
                        .label("again")
                        .also(first, "first here")
                        .help("leave one of them out");
                self.sink.error(diag);
            }
            all.push(named);
        }
        all.into_iter().collect()
    }

    fn key(&mut self, word: &str, path: &Path) -> Option<Named> {
        let keys: Vec<&Key> = path.keys.iter().collect();
        let val = self.resolve(&path.head.name, path.head.span, &keys, path.span)?;
        let text = print::path_line(path);
        let diag = if matches!(val.expr.kind, ExprKind::Const(_) | ExprKind::Param(_)) {
            Diag::error("E0313", format!("`{text}` is the same in every event"), path.span)
                .label(format!("`{word}` wants a field"))
                .help("leave it out, or name a field such as `principal`")
        } else if types::is_scalar(&val.expr.ty) {
            return Some(Named { text, expr: val.expr });
        } else {
            list_as_key(&text, &val.expr.ty, path.span)
        };
        self.sink.error(diag);
        None
    }

    fn show(&mut self, call: &ast::Expr) -> Option<Show> {
        let func = match &call.kind {
            ast::ExprKind::Call(name, args) => match name.name.as_str() {
                "top" => Some((ShowFunc::Top, args)),
                "first" => Some((ShowFunc::First, args)),
                "last" => Some((ShowFunc::Last, args)),
                _ => None,
            },
            _ => None,
        };
        let Some((func, args)) = func else {
            let quote = self.sink.quote(call.span);
            let diag = Diag::error("E0314", format!("`show` cannot show `{quote}`"), call.span)
                .label("neither `top(…)`, `first(…)` nor `last(…)`");
            self.sink.error(match &call.kind {
                ast::ExprKind::Name(_) | ast::ExprKind::Member(..) => {
                    diag.help(format!("write `top({quote})`"))
                }
                _ => diag
                    .help("aggregates of `when` are in the alert anyway; write, say, `top(api)`"),
            });
            return None;
        };
        self.arity(args, 1, 1, (call, "top(api)"))?;
        let arg = args.first()?;
        let val = self.expr(arg)?;
        if func == ShowFunc::Top && !types::is_scalar(&val.expr.ty) {
            let quote = self.sink.quote(arg.span);
            self.sink.error(list_as_key(&quote, &val.expr.ty, arg.span));
            return None;
        }
        Some(Show { text: print::expr_line(call), func, expr: val.expr })
    }
}

fn names(idents: &[ast::Ident]) -> Vec<String> {
    idents.iter().map(|ident| ident.name.clone()).collect()
}

/// The `where` of a sequence that has none.
fn nothing_asked(rule: &ast::Rule) -> Clause {
    let kind = ExprKind::Const(Const::Bool(true));
    let expr = Expr { kind, ty: Type::Bool, span: rule.name.span };
    Clause { expr, text: String::new(), params: Vec::new() }
}
