//! Checked rules: every name resolved, every expression typed.
//!
//! The checker makes it from [`crate::ast`], and `plan` turns it into a program.
//! It knows what names mean and where a value is read from; it knows nothing of
//! how a rule is evaluated.
//!
//! # Invariants
//!
//! - A rule here is well-formed: clauses that belong together, params in range,
//!   conditions Bool, aggregates only in `when`.
//! - `!=`, `not in`, `not like`, `not has`, `not matches` and `missing` are gone:
//!   each is `Not` of the positive form, which is their meaning (§4.1).
//! - Literals are folded: a list of literals is one [`Const::List`], a let or a
//!   param used as a value is its constant where it has one, except in the text
//!   of a clause, which keeps the names.

mod expr;
mod kinds;
mod setting;

pub use expr::{Const, Expr, ExprKind, Func, Nominal, Type};
pub use kinds::{Baseline, FirstSeen, Join, Model, Rare, Season, Sequence, Step};
pub use setting::{Setting, SettingKind};

use crate::ast::{Level, Span, Status, Test};

/// An expression and its text, as the printer writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// What it computes.
    pub expr: Expr,
}

/// A condition, its text on one line, and the params that stand in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The condition.
    pub expr: Expr,
    /// Its text.
    pub text: String,
    /// The params that stand in the text, by number, in order of appearance, once each.
    pub params: Vec<usize>,
}

/// All rules of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruleset {
    /// Lets that are no constants; a let only uses those before it.
    pub lets: Vec<Expr>,
    /// The rules, in the order of the files; a run loads those that are enabled. A rule is a
    /// kilobyte, and stays where it was made.
    pub rules: Vec<Box<Rule>>,
    /// The lets that a site may set: those of constants with a declared type; not told of
    /// rules that are only run.
    pub settings: Vec<Setting>,
    /// The built-in rules that a rule of the user's with their name replaces, by name.
    pub replaced: Vec<String>,
}

/// A checked rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Whether it came with the binary.
    pub builtin: bool,
    /// Its version.
    pub version: u64,
    /// Whether a run loads it: a deprecated one only when the site enables it.
    pub enabled: bool,
    /// Its severity.
    pub severity: Level,
    /// Its status.
    pub status: Status,
    /// ATT&CK techniques.
    pub attack: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// What it is about.
    pub about: Option<String>,
    /// What to check and do.
    pub runbook: Option<String>,
    /// References.
    pub refs: Vec<String>,
    /// The title of its alerts.
    pub title: Vec<Piece>,
    /// Its params with their values.
    pub params: Vec<ParamValue>,
    /// `where`; of a sequence without one, `true` with an empty text.
    pub filter: Clause,
    /// What the author exempts, then what the site does.
    pub excepts: Vec<Expr>,
    /// What a site may set in it, and who set it; not told of rules that are only run.
    pub settings: Vec<Setting>,
    /// The paths of its group, those of `sequence` where it is one.
    pub by: Vec<Named>,
    /// The window, that of `sequence` where it is one.
    pub within: Option<Within>,
    /// `when`, for a rule with state that is no sequence.
    pub when: Option<Clause>,
    /// The aggregates of `when`, each text once, in order of appearance.
    pub aggregates: Vec<Aggregate>,
    /// The `new(…)` of `when`.
    pub first_seen: Option<FirstSeen>,
    /// The `rare(…)` of `when`; then there is no `new(…)`.
    pub rare: Option<Rare>,
    /// The `zscore(…)`s of `when`, each text once, in order of appearance.
    pub baselines: Vec<Baseline>,
    /// `sequence`; then there is no `when`.
    pub sequence: Option<Sequence>,
    /// What its alerts show.
    pub show: Vec<Show>,
    /// What is held back.
    pub suppress: Option<Suppress>,
    /// Its tests, as written.
    pub tests: Vec<Test>,
}

/// A param and the value it has in this run.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamValue {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Const,
}

/// `within 10m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// The length in seconds, at least 1.
    pub seconds: i64,
    /// As written.
    pub text: String,
}

/// An aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Its text, such as `count(denied)`.
    pub text: String,
    /// What it computes.
    pub kind: AggregateKind,
}

/// What an aggregate computes over the events of the window.
#[derive(Clone, Debug, PartialEq)]
pub enum AggregateKind {
    /// Their number.
    Count,
    /// The number of those where the condition holds.
    CountIf(Expr),
    /// The share of those where the condition holds.
    Ratio(Expr),
    /// The number of different tuples.
    Distinct(Vec<Expr>),
    /// The sum.
    Sum(Expr),
}

/// An item of `show`.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// Its text, such as `top(api)`.
    pub text: String,
    /// Which.
    pub func: ShowFunc,
    /// Of what.
    pub expr: Expr,
}

/// The functions of `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShowFunc {
    /// The five most frequent values.
    Top,
    /// The value of the first event.
    First,
    /// The value of the last event.
    Last,
}

/// `suppress 24h by account, region`.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppress {
    /// For how many seconds.
    pub seconds: i64,
    /// By which paths; none: see language reference, item 6.
    pub by: Option<Vec<Named>>,
}

/// A piece of a title.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// The value of a path: of the group where `by` has this text, else of the firing event;
    /// of a step's event where it is an [`ExprKind::Step`].
    Path(Named),
    /// An aggregate, by its number in [`Rule::aggregates`].
    Aggregate(usize),
    /// `{window}`.
    Window,
    /// `{step.count}`: how many events a step had, by its number.
    StepCount(usize),
    /// `{score}`: of the first of [`Rule::baselines`].
    Score,
    /// `{baseline.center}`: of the first of [`Rule::baselines`].
    Center,
    /// `{baseline.scale}`: of the first of [`Rule::baselines`].
    Scale,
}
