//! Expressions, as written.

use super::{Duration, Ident, Key, Number, Span};

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
    Member(Box<Expr>, Box<Key>),
    /// `name(args)`.
    Call(Box<Ident>, Vec<Expr>),
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
