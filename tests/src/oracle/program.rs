//! A rule as the reference engine takes it: its clauses picked from the tree.
//!
//! Nothing is checked: the rules given are taken to be well-formed.

use super::baseline::{Model, Season};
use super::eval::Params;
use super::names;
use super::value::Value;
use lang::ast::{
    ClauseKind, Duration, Expr, ExprKind, File, Ident, Item, Key, LearnValue, Let, Number, Path,
    Rule, Sequence, Status,
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
    /// The length of a sample, where it is not that of the window.
    pub(crate) bucket: Option<i64>,
    pub(crate) season: Season,
    pub(crate) model: Model,
    pub(crate) min_samples: Option<usize>,
}

/// What holds where a rule has no `learn`.
const UNSAID: Learn = Learn {
    warmup: 14 * 86_400,
    memory: 90 * 86_400,
    keep_out: false,
    cold_alert: false,
    bucket: None,
    season: Season::None,
    model: Model::MedianMad,
    min_samples: None,
};

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
    pub(crate) filter: Option<Expr>,
    pub(crate) excepts: Vec<Expr>,
    pub(crate) by: Vec<Named>,
    pub(crate) within: Option<Within>,
    pub(crate) when: Option<Expr>,
    pub(crate) sequence: Option<&'a Sequence>,
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
    let mut made = Program {
        name: rule.name.name.clone(),
        version: 1,
        severity: "medium",
        attack: Vec::new(),
        title: rule.name.name.clone(),
        params: Vec::new(),
        filter: None,
        excepts: Vec::new(),
        by: Vec::new(),
        within: None,
        when: None,
        sequence: None,
        learn: UNSAID,
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
            ClauseKind::Where(expr) => made.filter = Some(expr.clone()),
            ClauseKind::By(paths) => made.by = paths.iter().map(named).collect(),
            ClauseKind::Within(duration) => made.within = Some(within(*duration)),
            ClauseKind::Sequence(sequence) => {
                made.by = sequence.by.iter().map(named).collect();
                made.within = Some(within(sequence.within));
                made.sequence = Some(sequence);
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

fn within(duration: Duration) -> Within {
    Within { seconds: seconds(duration), text: duration_text(duration) }
}

fn learn(learn: &mut Learn, item: &lang::ast::LearnItem) {
    match (item.name.name.as_str(), &item.value) {
        ("warmup", LearnValue::Duration(duration)) => learn.warmup = seconds(*duration),
        ("memory", LearnValue::Duration(duration)) => learn.memory = seconds(*duration),
        ("poison", LearnValue::Word(word)) => learn.keep_out = word.name == "keep_out",
        ("cold", LearnValue::Word(word)) => learn.cold_alert = word.name == "alert",
        ("bucket", LearnValue::Duration(duration)) => learn.bucket = Some(seconds(*duration)),
        ("season", LearnValue::Word(word)) => learn.season = Season::named(&word.name),
        ("model", LearnValue::Word(word)) => learn.model = Model::named(&word.name),
        ("min_samples", LearnValue::Number(Number::Int(number), _)) => {
            learn.min_samples = usize::try_from(*number).ok();
        }
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
        .fold(head, |base, key| expr(ExprKind::Member(Box::new(base), Box::new(key.clone()))));
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
    /// The arguments of `new(…)` or `rare(…)`, for a rule that has it.
    pub(crate) fn tuple(&self, word: &str) -> Option<Vec<Named>> {
        let when = self.when.as_ref()?;
        let call = names::calls(when, &[word]).into_iter().next()?;
        let ExprKind::Call(_, args) = &call.kind else { return None };
        Some(args.iter().map(|arg| Named { text: text_of(arg), expr: arg.clone() }).collect())
    }

    /// Whether it looks at each event by itself.
    pub(crate) fn is_single(&self) -> bool {
        self.when.is_none() && self.sequence.is_none()
    }

    /// The value of a param.
    pub(crate) fn param(&self, name: &str) -> Option<&Value> {
        self.params.iter().find(|(param, _)| param == name).map(|(_, value)| value)
    }
}
