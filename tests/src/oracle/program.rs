//! A rule as the reference engine takes it: its clauses picked from the tree.
//!
//! Nothing is checked: the rules given are taken to be well-formed.

use super::eval::Params;
use super::value::Value;
use lang::ast::{
    ClauseKind, Duration, Expr, ExprKind, File, Ident, Item, Key, LearnValue, Let, Path, Rule,
    Status,
};

/// A path or expression and its text, as the printer writes it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) text: String,
    pub(crate) expr: Expr,
}

/// What `learn` says, with its defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Learn {
    pub(crate) warmup: i64,
    pub(crate) memory: i64,
    pub(crate) keep_out: bool,
    pub(crate) cold_alert: bool,
}

/// A window: its length in seconds, and as written.
#[derive(Clone, Debug)]
pub(crate) struct Within {
    pub(crate) seconds: i64,
    pub(crate) text: String,
}

/// A rule, its clauses by name.
#[derive(Clone, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) severity: &'static str,
    pub(crate) attack: Vec<String>,
    pub(crate) title: String,
    pub(crate) params: Params,
    pub(crate) filter: Expr,
    pub(crate) excepts: Vec<Expr>,
    pub(crate) by: Vec<Named>,
    pub(crate) within: Option<Within>,
    pub(crate) when: Option<Expr>,
    pub(crate) learn: Learn,
    pub(crate) show: Vec<Named>,
    pub(crate) suppress: Option<(i64, Option<Vec<Named>>)>,
    pub(crate) lets: Vec<&'a Let>,
}

/// The text of an expression on one line, as the printer writes it.
pub(crate) fn text_of(expr: &Expr) -> String {
    lang::print::expr_line(expr)
}

/// All rules of the files but the deprecated ones, in order.
pub(crate) fn programs(files: &[File]) -> Vec<Program<'_>> {
    let mut found = Vec::new();
    for file in files {
        let lets: Vec<&Let> = file
            .items
            .iter()
            .filter_map(|item| if let Item::Let(item) = item { Some(item) } else { None })
            .collect();
        for item in &file.items {
            if let Item::Rule(rule) = item {
                found.extend(program(rule, &lets));
            }
        }
    }
    found
}

fn program<'a>(rule: &'a Rule, lets: &[&'a Let]) -> Option<Program<'a>> {
    let always = expr(ExprKind::Lit(lang::ast::Lit::Bool(true)));
    let mut made = Program {
        name: rule.name.name.clone(),
        version: 1,
        severity: "medium",
        attack: Vec::new(),
        title: rule.name.name.clone(),
        params: Vec::new(),
        filter: always,
        excepts: Vec::new(),
        by: Vec::new(),
        within: None,
        when: None,
        learn: Learn {
            warmup: 14 * 86_400,
            memory: 90 * 86_400,
            keep_out: false,
            cold_alert: false,
        },
        show: Vec::new(),
        suppress: None,
        lets: lets.to_vec(),
    };
    for clause in &rule.clauses {
        match &clause.kind {
            ClauseKind::Title(text) => made.title.clone_from(&text.value),
            ClauseKind::Severity(level) => made.severity = level.word(),
            ClauseKind::Status(Status::Deprecated) => return None,
            ClauseKind::Version(version) => made.version = *version,
            ClauseKind::Attack(ids) => made.attack = ids.iter().map(|id| id.name.clone()).collect(),
            ClauseKind::Param(param) => {
                let value = super::eval::constant(&param.value);
                made.params.push((param.name.name.clone(), value));
            }
            ClauseKind::Where(expr) => made.filter = expr.clone(),
            ClauseKind::By(paths) => made.by = paths.iter().map(named).collect(),
            ClauseKind::Within(duration) => {
                made.within =
                    Some(Within { seconds: seconds(*duration), text: duration_text(*duration) });
            }
            ClauseKind::When(expr) => made.when = Some(expr.clone()),
            ClauseKind::Learn(items) => items.iter().for_each(|item| learn(&mut made.learn, item)),
            ClauseKind::Show(calls) => {
                made.show = calls
                    .iter()
                    .map(|call| Named { text: text_of(call), expr: call.clone() })
                    .collect();
            }
            ClauseKind::Except(_, expr) => made.excepts.push(expr.clone()),
            ClauseKind::Suppress(duration, by) => {
                made.suppress = Some((
                    seconds(*duration),
                    by.as_ref().map(|paths| paths.iter().map(named).collect()),
                ));
            }
            _ => {}
        }
    }
    Some(made)
}

fn learn(learn: &mut Learn, item: &lang::ast::LearnItem) {
    match (item.name.name.as_str(), &item.value) {
        ("warmup", LearnValue::Duration(duration)) => learn.warmup = seconds(*duration),
        ("memory", LearnValue::Duration(duration)) => learn.memory = seconds(*duration),
        ("poison", LearnValue::Word(word)) => learn.keep_out = word.name == "keep_out",
        ("cold", LearnValue::Word(word)) => learn.cold_alert = word.name == "alert",
        _ => {}
    }
}

pub(crate) fn seconds(duration: Duration) -> i64 {
    duration.seconds().unwrap_or(i64::MAX)
}

pub(crate) fn duration_text(duration: Duration) -> String {
    format!("{}{}", duration.count, duration.unit.letter())
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: lang::ast::Span::default(), grouped: false }
}

fn named(path: &Path) -> Named {
    let head = expr(ExprKind::Name(path.head.name.clone()));
    let whole = path
        .keys
        .iter()
        .fold(head, |base, key| expr(ExprKind::Member(Box::new(base), key.clone())));
    Named { text: text_of(&whole), expr: whole }
}

/// The path a title names between its braces.
pub(crate) fn path_of_title(text: &str) -> Named {
    let mut steps: Vec<(String, bool)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (step, quoted, after) = match rest.strip_prefix('"') {
            Some(inner) => {
                let end = inner.find('"').unwrap_or(inner.len());
                (&inner[..end], true, inner.get(end + 1..).unwrap_or(""))
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (&rest[..end], false, &rest[end..])
            }
        };
        steps.push((step.to_owned(), quoted));
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    let span = lang::ast::Span::default();
    let mut steps = steps.into_iter();
    let head = Ident { name: steps.next().map(|(name, _)| name).unwrap_or_default(), span };
    named(&Path {
        head,
        keys: steps.map(|(name, quoted)| Key { name, quoted, span }).collect(),
        span,
    })
}

impl Program<'_> {
    /// The parts of `when` that its outermost `and`s join.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        fn split<'e>(expr: &'e Expr, out: &mut Vec<&'e Expr>) {
            if let ExprKind::And(a, b) = &expr.kind {
                split(a, out);
                split(b, out);
            } else {
                out.push(expr);
            }
        }
        let mut out = Vec::new();
        if let Some(when) = &self.when {
            split(when, &mut out);
        }
        out
    }

    /// The arguments of `new(…)`, for a rule that has it.
    pub(crate) fn tuple(&self) -> Option<Vec<Named>> {
        self.parts().into_iter().find_map(|part| match &part.kind {
            ExprKind::Call(name, args) if name.name == "new" => Some(
                args.iter().map(|arg| Named { text: text_of(arg), expr: arg.clone() }).collect(),
            ),
            _ => None,
        })
    }

    /// The value of a param.
    pub(crate) fn param(&self, name: &str) -> Option<&Value> {
        self.params.iter().find(|(param, _)| param == name).map(|(_, value)| value)
    }
}
