//! The tree of a rule file, as written.
//!
//! The parser makes it, the printer writes it back, the checker turns it into
//! [`crate::typed`], and the reference engine walks it as it stands. It knows
//! the grammar and nothing of types, of CloudTrail's schema or of what a name
//! means.
//!
//! # Invariants
//!
//! - `parse(print(tree)) == tree`. Spans never take part in a comparison.
//! - A tree made by hand prints with the parentheses it needs; [`Expr::grouped`]
//!   only says that the author wrote a pair.

mod expr;
mod test;

pub use expr::{ArithOp, CompareOp, Expr, ExprKind, In, Lit, Match, MatchOp, Quantified};
pub use test::{Json, Object, ObjectKey, Test, TestStep, TestStepKind};

/// A place in one of the files of a run, in bytes.
///
/// Any two spans are equal: trees compare by what they say, not by where.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub struct Span {
    /// The file's number in the source map.
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name as written.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A quoted text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text after its escapes.
    pub value: String,
    /// Where.
    pub span: Span,
}

/// A rule file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Lets and rules in the order of the file.
    pub items: Vec<Item>,
}

/// What stands at the top of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `let name: Type = expr`.
    Let(Let),
    /// `rule name { … }`.
    Rule(Rule),
}

/// A value or condition with a name, for the whole file.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Its name.
    pub name: Ident,
    /// Its declared type.
    pub ty: Option<TypeRef>,
    /// What it stands for.
    pub value: LetValue,
    /// The whole item.
    pub span: Span,
}

/// What a let stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum LetValue {
    /// An expression.
    Expr(Expr),
    /// The lines of a file, one value each.
    From(Text),
}

/// A type as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeRef {
    /// `Region`.
    Name(Ident),
    /// `[Region]`.
    List(Box<TypeRef>, Span),
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, one space over all files.
    pub name: Ident,
    /// Its clauses in the order of the file.
    pub clauses: Vec<Clause>,
    /// From `rule` to the closing brace.
    pub span: Span,
}

/// A clause and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Which, and what it says.
    pub kind: ClauseKind,
    /// From its word to its end.
    pub span: Span,
}

/// The clauses of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `title "…"`.
    Title(Text),
    /// `about "…"`.
    About(Text),
    /// `runbook "…"`.
    Runbook(Text),
    /// `ref "…"`.
    Ref(Text),
    /// `severity high`.
    Severity(Level),
    /// `status stable`.
    Status(Status),
    /// `version 2`.
    Version(u64),
    /// `attack T1485, T1490`.
    Attack(Vec<Ident>),
    /// `tags a, b`.
    Tags(Vec<Ident>),
    /// `param n: Int = 20 in 2..10000`.
    Param(Box<Param>),
    /// `where expr`.
    Where(Expr),
    /// `by account, principal`.
    By(Vec<Path>),
    /// `within 10m`.
    Within(Duration),
    /// `when expr`.
    When(Expr),
    /// `learn warmup=14d memory=90d`.
    Learn(Vec<LearnItem>),
    /// `sequence by … within … { … }`.
    Sequence(Sequence),
    /// `show top(api), first(region)`.
    Show(Vec<Expr>),
    /// `except "reason" expr`.
    Except(Text, Expr),
    /// `allow name(principal, service)`.
    Allow(Ident, Vec<Path>),
    /// `suppress 24h by account`.
    Suppress(Duration, Option<Vec<Path>>),
    /// `test "name" { … }`.
    Test(Test),
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// Odd.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

impl Level {
    /// All levels with the words for them, the least first.
    pub const ALL: [(&'static str, Self); 5] = [
        ("info", Self::Info),
        ("low", Self::Low),
        ("medium", Self::Medium),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];

    /// The word for it, as rules and alerts write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// How far a rule has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Settled.
    Stable,
    /// Being tried.
    Test,
    /// New.
    Experimental,
    /// Loaded only when the site enables it.
    Deprecated,
}

impl Status {
    /// All statuses with the words for them.
    pub const ALL: [(&'static str, Self); 4] = [
        ("stable", Self::Stable),
        ("test", Self::Test),
        ("experimental", Self::Experimental),
        ("deprecated", Self::Deprecated),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// `param n: Int = 20 in 2..10000`. The values are literals, perhaps negated.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeRef,
    /// Its default.
    pub value: Expr,
    /// The least and the greatest value allowed.
    pub range: Option<(Expr, Expr)>,
}

/// A path as `by`, `allow` and `suppress` take it: `requestParameters."x-amz-acl"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The first name.
    pub head: Ident,
    /// The keys after it.
    pub keys: Vec<Key>,
    /// The whole path.
    pub span: Span,
}

/// One key of a path, after a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key after its escapes.
    pub name: String,
    /// Whether it was written as a string.
    pub quoted: bool,
    /// Where.
    pub span: Span,
}

/// A length of time as written: digits and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many.
    pub count: u64,
    /// Of what.
    pub unit: Unit,
    /// Where.
    pub span: Span,
}

impl Duration {
    /// The length in seconds, or nothing when it does not fit.
    #[must_use]
    pub fn seconds(self) -> Option<i64> {
        i64::try_from(self.count).ok()?.checked_mul(self.unit.seconds())
    }
}

/// The units of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `s`.
    Second,
    /// `m`.
    Minute,
    /// `h`.
    Hour,
    /// `d`.
    Day,
    /// `w`.
    Week,
}

impl Unit {
    /// The letter for it.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
        }
    }

    /// The length in seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }
}

/// `warmup=14d` of a `learn` clause.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnItem {
    /// `warmup`, `memory`, `poison`, …
    pub name: Ident,
    /// Its value.
    pub value: LearnValue,
}

/// A value of a `learn` clause.
#[derive(Clone, Debug, PartialEq)]
pub enum LearnValue {
    /// `14d`.
    Duration(Duration),
    /// `3` or `0.1`.
    Number(Number, Span),
    /// `keep_out`.
    Word(Ident),
}

/// A number as a literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Digits alone.
    Int(i64),
    /// With a point or an exponent, or too large for an `Int`.
    Float(f64),
}

/// `sequence by … within … { … then … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The paths of its group.
    pub by: Vec<Path>,
    /// The longest time from its first event to its last.
    pub within: Duration,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Whether it says what must not happen.
    pub absent: bool,
    /// Its name.
    pub name: Ident,
    /// The least number of events, for a counted step.
    pub count: Option<u64>,
    /// What an event must satisfy.
    pub cond: Expr,
    /// The whole step.
    pub span: Span,
}
