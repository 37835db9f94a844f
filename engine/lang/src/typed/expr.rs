//! Typed expressions: what is computed, of which type, from where.
//!
//! Names are resolved and literals folded. It knows no rule: what an expression stands in is
//! its parent's business.

use crate::ast::{ArithOp, Span};
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
    /// A let that is no constant, by its number in [`Ruleset::lets`](super::Ruleset::lets).
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
    /// An aggregate of the rule's `when`, by its number in [`Rule::aggregates`](super::Rule::aggregates).
    Aggregate(usize),
    /// `new(…)`: the rule's [`Rule::first_seen`](super::Rule::first_seen).
    New,
    /// `rare(…)`: the share of the rule's [`Rule::rare`](super::Rule::rare).
    Share,
    /// `zscore(…)`, by its number in [`Rule::baselines`](super::Rule::baselines).
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
