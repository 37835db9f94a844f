//! Expressions over several lines.
//!
//! What fits on the line stays on it. A chain of `and` or `or` that does not has
//! one operand a line, each after the first behind its word; lists and arguments
//! are filled. Inner lines begin under the first character after what opens them.
//!
//! Where a comment of the source stands inside an expression, the lines break so
//! that it has the end of one or a line of its own; a list with a comment has its
//! elements on lines apart from its brackets.

use super::flat::{self, AND, LOWEST, Level, NOT, SUM};
use crate::ast::{Expr, ExprKind, Span};
use crate::limits::LINE_WIDTH;

/// Text as it grows.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// Where the source has comments, in order; the text has none.
    comments: Vec<Span>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place {
    /// How tightly it must bind.
    least: Level,
    /// The column at which its further lines begin.
    indent: usize,
    /// How many characters must follow it on its last line.
    tail: usize,
}

impl Page {
    /// An empty page for a source with these comments.
    pub(super) fn around(comments: Vec<Span>) -> Self {
        Self { text: String::new(), comments }
    }

    /// Whether a comment of the source stands between two of its bytes.
    fn has_comment(&self, from: u32, to: u32) -> bool {
        let next = self.comments.partition_point(|comment| comment.start < from);
        self.comments.get(next).is_some_and(|comment| comment.start < to)
    }

    /// Whether a comment of the source stands inside a span.
    pub(super) fn is_commented(&self, span: Span) -> bool {
        self.has_comment(span.start, span.end)
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The number of characters on the line at hand.
    pub(super) fn column(&self) -> usize {
        let line = self.text.rfind('\n').map_or(0, |end| end + 1);
        self.text[line..].chars().count()
    }

    /// Whether `text` and `tail` characters fit on the line at hand.
    pub(super) fn fits(&self, text: &str, tail: usize) -> bool {
        self.column() + text.chars().count() + tail <= LINE_WIDTH
    }

    fn new_line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// An expression that begins here.
    pub(super) fn expr(&mut self, expr: &Expr) {
        let place = Place { least: LOWEST, indent: self.column(), tail: 0 };
        self.lay(expr, place);
    }

    /// The value of a `let`; the bracket that closes a list with comments stands at the margin.
    pub(super) fn let_value(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::List(items) if !value.grouped && self.is_commented(value.span) => {
                self.commented_list(items, 0);
            }
            _ => self.expr(value),
        }
    }

    fn lay(&mut self, expr: &Expr, place: Place) {
        let line = flat::expr(expr, place.least);
        if self.fits(&line, place.tail) && !self.is_commented(expr.span) {
            return self.push(&line);
        }
        if !flat::in_parentheses(expr, place.least) {
            return self.lay_kind(expr, place);
        }
        self.push("(");
        let inner = Place { least: LOWEST, indent: self.column(), tail: place.tail + 1 };
        self.lay_kind(expr, inner);
        self.push(")");
    }

    /// An expression that is too long for the line, without parentheses around it.
    fn lay_kind(&mut self, expr: &Expr, place: Place) {
        match &expr.kind {
            ExprKind::And(..) | ExprKind::Or(..) => self.chain(expr, place),
            ExprKind::Not(inner) => {
                self.push("not ");
                self.lay(inner, Place { least: NOT, ..place });
            }
            ExprKind::Quantified(inner) => {
                self.push(&flat::quantified_head(inner.all));
                let indent = self.column();
                self.push(&flat::quantified_range(&inner.var.name, &inner.list));
                self.lay(&inner.cond, Place { least: LOWEST, indent, tail: place.tail + 1 });
                self.push(")");
            }
            ExprKind::Call(name, arguments) => {
                self.push(&format!("{}(", name.name));
                self.items(arguments, place.tail + 1);
                self.push(")");
            }
            ExprKind::List(items) if self.is_commented(expr.span) => {
                self.commented_list(items, place.indent);
            }
            ExprKind::List(items) => {
                self.push("[");
                self.items(items, place.tail + 1);
                self.push("]");
            }
            ExprKind::Compare(op, left, right) => {
                self.pair(left, flat::compare_sign(*op), right, place)
            }
            ExprKind::Match(inner) => {
                let words = flat::match_words(inner.op, inner.negated);
                self.pair(&inner.value, words, &inner.operand, place);
            }
            ExprKind::In(inner) if inner.high.is_none() => {
                let words = if inner.negated { "not in" } else { "in" };
                self.pair(&inner.value, words, &inner.list, place);
            }
            _ => {
                let mut bare = expr.clone();
                bare.grouped = false;
                self.push(&flat::expr(&bare, LOWEST));
            }
        }
    }

    fn pair(&mut self, left: &Expr, sign: &str, right: &Expr, place: Place) {
        self.lay(left, Place { least: SUM, tail: 0, ..place });
        self.push(&format!(" {sign} "));
        self.lay(right, Place { least: SUM, ..place });
    }

    fn items(&mut self, items: &[Expr], tail: usize) {
        let indent = self.column();
        for (number, item) in items.iter().enumerate() {
            let tail = if number + 1 == items.len() { tail } else { 1 };
            if number > 0 {
                self.push(",");
                let apart = self.has_comment(items[number - 1].span.end, item.span.start);
                if !apart && self.fits(&flat::expr(item, LOWEST), tail + 1) {
                    self.push(" ");
                } else {
                    self.new_line(indent);
                }
            }
            self.lay(item, Place { least: LOWEST, indent: self.column(), tail });
        }
    }

    /// A list between whose elements comments stand.
    fn commented_list(&mut self, items: &[Expr], indent: usize) {
        self.push("[");
        if !items.is_empty() {
            self.new_line(indent + 2);
            self.items(items, 1);
            self.push(",");
        }
        self.new_line(indent);
        self.push("]");
    }

    fn chain(&mut self, expr: &Expr, place: Place) {
        let (word, first, other) = if matches!(expr.kind, ExprKind::And(..)) {
            ("and ", AND, NOT)
        } else {
            ("or ", LOWEST, AND)
        };
        let operands = operands(expr);
        let last = operands.len() - 1;
        for (number, operand) in operands.into_iter().enumerate() {
            if number > 0 {
                self.new_line(place.indent);
                self.push(word);
            }
            let least = if number == 0 { first } else { other };
            let tail = if number == last { place.tail } else { 0 };
            self.lay(operand, Place { least, indent: self.column(), tail });
        }
    }
}

/// The operands of a chain, from left to right.
fn operands(chain: &Expr) -> Vec<&Expr> {
    let mut operands = Vec::new();
    let mut at = chain;
    while let (ExprKind::And(..), ExprKind::And(left, right))
    | (ExprKind::Or(..), ExprKind::Or(left, right)) = (&chain.kind, &at.kind)
    {
        if at.grouped && !std::ptr::eq(at, chain) {
            break;
        }
        operands.push(right.as_ref());
        at = left;
    }
    operands.push(at);
    operands.reverse();
    operands
}
