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

mod kinds;

pub use kinds::{Baseline, FirstSeen, Join, Model, Rare, Season, Sequence, Step};
mod setting;

pub use setting::{Setting, SettingKind};

use crate::ast::{ArithOp, Level, Span, Status, Test};
use event::Derived;

/// The types of the language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// true or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Text of no particular kind.
    Str,
    /// A point in time.
    Time,
    /// A length of time.
    Duration,
    /// An address.
    Ip,
    /// A network.
    Cidr,
    /// Open JSON.
    Json,
    /// userIdentity.type.
    IdentityType,
    /// A nominal text type.
    Nominal(Nominal),
    /// A list.
    List(Box<Type>),
    /// An element of `sg.rules`.
    SgRule,
    /// An element of `policy(x)`.
    Statement,
}

/// The nominal text types: two different ones never compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nominal {
    /// awsRegion.
    Region,
    /// The short name of a service.
    Service,
    /// The name of an API, without its date.
    Api,
    /// An ARN.
    Arn,
    /// Twelve digits.
    Account,
    /// Who.
    Principal,
    /// The name of a user.
    UserName,
    /// An access key id.
    KeyId,
    /// A user agent.
    UserAgent,
    /// The name of an API error.
    ErrorCode,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// true or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text of any text type.
    Text(String),
    /// Seconds.
    Duration(i64),
    /// Seconds since 1970, UTC.
    Time(i64),
    /// An address.
    Ip(std::net::IpAddr),
    /// A network.
    Cidr(event::Cidr),
    /// A list.
    List(Vec<Const>),
}

/// A typed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Of which type.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

impl Expr {
    /// The expressions right below it that read what it reads: those inside aggregates and
    /// of other steps' events are left out.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        use ExprKind as K;
        match &self.kind {
            K::Const(_)
            | K::Path(_)
            | K::Derived(_)
            | K::Let(_)
            | K::Param(_)
            | K::Var(_)
            | K::Aggregate(_)
            | K::New
            | K::Share
            | K::Score(_)
            | K::Step(..) => Vec::new(),
            K::Member(a, _) | K::Not(a) | K::Matches(a, _) | K::Exists(a) | K::Neg(a) => vec![a],
            K::Eq(a, b)
            | K::Lt(a, b)
            | K::Le(a, b)
            | K::In(a, b)
            | K::Like(a, b)
            | K::Has(a, b)
            | K::Arith(_, a, b)
            | K::Any(a, b)
            | K::All(a, b) => vec![a, b],
            K::Between(a, b, c) => vec![a, b, c],
            K::List(all) | K::And(all) | K::Or(all) | K::Call(_, all) => all.iter().collect(),
        }
    }
}

/// What an expression computes.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Const(Const),
    /// A raw path from the top of the record, read as the expression's type;
    /// no keys: the record itself.
    Path(Vec<String>),
    /// A derived name.
    Derived(Derived),
    /// A let that is no constant, by its number in [`Ruleset::lets`].
    Let(usize),
    /// A param of the rule, by its number; in the values it is a constant.
    Param(usize),
    /// The variable of an `any` or `all`, counted from the outermost: 0, 1, …
    Var(usize),
    /// A key of a Json value, an `sg.rules` element or a policy statement that is
    /// not a plain path: `r.cidr`, `json(x).a`.
    Member(Box<Expr>, String),
    /// A list with a part that is no constant.
    List(Vec<Expr>),
    /// `not`.
    Not(Box<Expr>),
    /// All of them, two or more.
    And(Vec<Expr>),
    /// One of them, two or more.
    Or(Vec<Expr>),
    /// Equal.
    Eq(Box<Expr>, Box<Expr>),
    /// Less, by number, time or text.
    Lt(Box<Expr>, Box<Expr>),
    /// Less or equal.
    Le(Box<Expr>, Box<Expr>),
    /// Member of a list; an Ip in a list of Cidr: contained in one.
    In(Box<Expr>, Box<Expr>),
    /// From low to high, both included.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A glob or any of a list of globs over the whole text.
    Like(Box<Expr>, Box<Expr>),
    /// The list holds the value, or any of a list of values.
    Has(Box<Expr>, Box<Expr>),
    /// A regular expression, found anywhere; the pattern is constant and compiles.
    Matches(Box<Expr>, String),
    /// Not missing.
    Exists(Box<Expr>),
    /// Arithmetic.
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// The negative of a number.
    Neg(Box<Expr>),
    /// A function.
    Call(Func, Vec<Expr>),
    /// `any(var in list: cond)`.
    Any(Box<Expr>, Box<Expr>),
    /// `all(var in list: cond)`.
    All(Box<Expr>, Box<Expr>),
    /// An aggregate of the rule's `when`, by its number in [`Rule::aggregates`].
    Aggregate(usize),
    /// `new(…)`: the rule's [`Rule::first_seen`].
    New,
    /// `rare(…)`: the share of the rule's [`Rule::rare`].
    Share,
    /// `zscore(…)`, by its number in [`Rule::baselines`].
    Score(usize),
    /// What an expression over an event is for the event of a step of the sequence,
    /// by the number of the step.
    Step(usize, Box<Expr>),
}

/// The functions of an event's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Func {
    /// Lower case.
    Lower,
    /// Characters or elements.
    Len,
    /// 0–23, UTC.
    Hour,
    /// 1 (Monday) to 7.
    Weekday,
    /// `if(c, a, b)`.
    If,
    /// `clamp(x, lo, hi)`.
    Clamp,
    /// Compact JSON text.
    Text,
    /// JSON inside a text.
    Json,
    /// Policy statements.
    Policy,
    /// `grants(statement, action)`.
    Grants,
}

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
    /// The rules, in the order of the files; a run loads those that are enabled.
    pub rules: Vec<Rule>,
    /// The lets that a site may set: those of constants with a declared type.
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
    /// What a site may set in it, and who set it.
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
