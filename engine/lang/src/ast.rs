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
    Param(Param),
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

/// An expression, where it stands, and whether the author put it in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where, without the parentheses.
    pub span: Span,
    /// Whether it was written in parentheses.
    pub grouped: bool,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Lit(Lit),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// A name by itself; a path is `Member(Member(Name, …), …)`. Without letters it
    /// stands where a value is lacking, in a tree of a text with errors.
    Name(String),
    /// `base.key`.
    Member(Box<Expr>, Key),
    /// `name(args)`.
    Call(Ident, Vec<Expr>),
    /// `any(var in list: cond)`, `all(…)`.
    Quantified(Box<Quantified>),
    /// `not a`.
    Not(Box<Expr>),
    /// `-a`.
    Neg(Box<Expr>),
    /// `a and b`; of more than two, the left is nested.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`; of more than two, the left is nested.
    Or(Box<Expr>, Box<Expr>),
    /// `a == b` and its kin.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a + b` and its kin.
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// `a in b`, `a not in b`, `a in b .. c`.
    In(Box<In>),
    /// `a like b`, `a not has b`, …
    Match(Box<Match>),
    /// `a exists`.
    Exists(Box<Expr>),
    /// `a missing`.
    Missing(Box<Expr>),
}

/// `any(var in list: cond)` or `all(…)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantified {
    /// `all` rather than `any`.
    pub all: bool,
    /// The variable.
    pub var: Ident,
    /// What it runs over.
    pub list: Expr,
    /// What is asked of each.
    pub cond: Expr,
}

/// `value [not] in list` or `value [not] in low .. high`.
#[derive(Clone, Debug, PartialEq)]
pub struct In {
    /// `not in`.
    pub negated: bool,
    /// The left side.
    pub value: Expr,
    /// The list, or the low end.
    pub list: Expr,
    /// The high end, included.
    pub high: Option<Expr>,
}

/// `value [not] like|has|matches operand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Which.
    pub op: MatchOp,
    /// `not like`, `not has`, `not matches`.
    pub negated: bool,
    /// The left side.
    pub value: Expr,
    /// The pattern, the list or the regular expression.
    pub operand: Expr,
}

/// The operators that are words and take a pattern or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `like`.
    Like,
    /// `has`.
    Has,
    /// `matches`.
    Matches,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`.
    Eq,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
}

/// The arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithOp {
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`, which gives a Float.
    Div,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Lit {
    /// `"…"` or `"""…"""`, after its escapes.
    Str(String),
    /// `5`, `0.5`.
    Number(Number),
    /// `true`, `false`.
    Bool(bool),
    /// `10m`.
    Duration(Duration),
    /// `10.0.0.0/8`.
    Cidr(event::Cidr),
}

/// A test block.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// Its steps.
    pub steps: Vec<TestStep>,
}

/// A step of a test and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// Which.
    pub kind: TestStepKind,
    /// Where.
    pub span: Span,
}

/// The steps of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `warm 15d every 1h { … }`.
    Warm(Duration, Duration, Object),
    /// `event { … } x 30 every 10s`.
    Event(Object, Option<u64>, Option<Duration>),
    /// `events from "file"`.
    EventsFrom(Text),
    /// `wait 8m`.
    Wait(Duration),
    /// `expect 1 { … }`.
    Expect(u64, Option<Object>),
}

/// `{ key: value, a.b: value }`; keys in order, as written.
pub type Object = Vec<(ObjectKey, Json)>;

/// The key of an object in a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectKey {
    /// `"x-amz-acl"`: one key, points and all.
    Quoted(String),
    /// `userIdentity.arn`: a key inside a key.
    Dotted(Vec<String>),
}

/// A JSON value in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text, after its escapes.
    String(String),
    /// `[…]`.
    Array(Vec<Json>),
    /// `{…}`, where keys may be unquoted and dotted.
    Object(Object),
}
