//! Lints on single expressions: what is always true or false, and what has a
//! plainer form.

use super::compare::Side;
use super::literal;
use super::scope::{Checker, Val};
use super::types;
use crate::ast::{CompareOp, Span};
use crate::diag::Diag;
use crate::typed::{Aggregate, AggregateKind, Const, Expr, ExprKind, Func, Type};
use event::Derived;

impl Checker<'_, '_> {
    /// A comparison whose outcome does not depend on the event.
    pub(super) fn always(&mut self, at: Span, why: &str) {
        self.sink.warn(|| {
            Diag::warning("L0008", "this is always true or always false", at)
                .label(why)
                .help("leave it out, or mend the side that is wrong")
        });
    }

    /// Warns of `exists` of what is always there.
    pub(super) fn always_exists(&mut self, val: &Val, at: Span, missing: bool) {
        let there = match &val.expr.kind {
            ExprKind::Const(_) | ExprKind::Param(_) => true,
            ExprKind::Derived(_) => matches!(val.expr.ty, Type::Bool | Type::List(_)),
            _ => false,
        };
        let word = if missing { "missing" } else { "there" };
        if there {
            let quote = self.sink.quote(val.expr.span);
            let why = if missing { "never missing" } else { "always there" };
            self.sink.warn(|| {
                Diag::warning(
                    "L0008",
                    format!("whether `{quote}` is {word} does not depend on the event"),
                    at,
                )
                .label(why)
                .help(format!("ask for its value: `{quote}`, `not {quote}`"))
            });
        }
        if matches!(&val.expr.kind, ExprKind::Path(path) if path.iter().eq(["userIdentity", "invokedBy"]))
        {
            self.sink.warn(|| {
                Diag::warning("L0025", "`userIdentity.invokedBy` does not tell who acts", at)
                    .label("also there when a person works through a service or the console")
                    .help("write `by_service` for AWS itself, `via_service` for a service on someone's behalf")
            });
        }
    }

    /// Lints on a comparison of two fields or of a field with a number.
    ///
    /// What may be missing is never always true: `len(req.x) >= 0` asks whether it is there.
    pub(super) fn out_of_reach(&mut self, op: CompareOp, left: &Expr, right: &Expr, at: Span) {
        if accounts(left, right) || accounts(right, left) {
            self.sink.warn(|| {
                Diag::warning("L0024", "`actor.account` is missing for AWS's own events", at)
                    .label("`!=` is true where a side is missing")
                    .help("write `cross_account`, or `not cross_account`")
            });
        }
        let (range, number, op) = match (self.reach(left), self.reach(right)) {
            (Some(range), None) => (range, constant(right), op),
            (None, Some(range)) => (range, constant(left), turned(op)),
            _ => return,
        };
        let Some(number) = number else { return };
        let (least, most) = range;
        let never = match op {
            CompareOp::Eq | CompareOp::Ne => {
                number < least || number > most || number.fract() != 0.0 && most > 1.0
            }
            CompareOp::Lt => number <= least,
            CompareOp::Ge => number > most,
            CompareOp::Le => number < least,
            CompareOp::Gt => number >= most,
        };
        let ever = match op {
            CompareOp::Lt => number > most,
            CompareOp::Ge => number <= least,
            CompareOp::Le => number >= most,
            CompareOp::Gt => number < least,
            CompareOp::Eq | CompareOp::Ne => false,
        };
        let aggregate = |expr: &Expr| matches!(expr.kind, ExprKind::Aggregate(_));
        let never_missing = aggregate(left) || aggregate(right);
        let decided = never || ever && never_missing;
        if decided {
            let why = match most.is_finite() {
                true => format!("it is from {least} to {most}"),
                false => format!("it is never below {least}"),
            };
            self.always(at, &why);
        }
    }

    /// Whether one type is open JSON and the other has no form in JSON, so that no two of their
    /// values are equal or in order; a lint says so.
    pub(super) fn apart(&mut self, left: &Type, right: &Type, at: Span) -> bool {
        let other = match (left, right) {
            (Type::Json, other) | (other, Type::Json) => other,
            _ => return false,
        };
        let cure = match other {
            Type::Ip | Type::Cidr => "compare it with a text: `== \"192.0.2.1\"`, `like \"10.*\"`",
            Type::Time | Type::Duration => "open JSON is compared with texts and numbers only",
            _ => return false,
        };
        let words = types::words(other);
        self.sink.warn(|| {
            Diag::warning("L0008", format!("open JSON is never {words}"), at)
                .label("its outcome does not depend on the event")
                .help(cure)
        });
        true
    }

    /// The least and the greatest value of an expression, where they are known.
    fn reach(&self, expr: &Expr) -> Option<(f64, f64)> {
        Some(match &expr.kind {
            ExprKind::Call(Func::Len, _) => (0.0, f64::INFINITY),
            ExprKind::Call(Func::Hour, _) => (0.0, 23.0),
            ExprKind::Call(Func::Weekday, _) => (1.0, 7.0),
            ExprKind::Aggregate(number) => match self.asked.aggregates.get(*number) {
                Some((Aggregate { kind: AggregateKind::Ratio(_), .. }, _)) => (0.0, 1.0),
                Some((Aggregate { kind: AggregateKind::Sum(_), .. }, _)) => return None,
                _ => (0.0, f64::INFINITY),
            },
            _ => return None,
        })
    }

    /// Warns of a regular expression that is a plain text with anchors.
    pub(super) fn plain_regex(&mut self, text: &str, value: &Side<'_>, at: Span) {
        let Some(plain) = plain(text) else { return };
        let quote = self.sink.quote(value.ast.span);
        self.sink.warn(|| {
            Diag::warning("L0003", "a regular expression that is a plain text", at)
                .label("no sign of a regular expression but at its ends")
                .help(format!("write `{quote} {plain}`"))
        });
    }

    /// Warns of `principals has "*"`.
    pub(super) fn everyone(&mut self, list: &Expr, wanted: &Expr, at: Span) {
        let ExprKind::Member(base, key) = &list.kind else { return };
        if base.ty != Type::Statement || key != "principals" {
            return;
        }
        let star = |value: &Const| matches!(value, Const::Text(text) if text == "*");
        let stars = match &wanted.kind {
            ExprKind::Const(Const::List(items)) => items.iter().any(star),
            ExprKind::Const(value) => star(value),
            _ => false,
        };
        if stars {
            let quote = self.sink.quote(base.span);
            self.sink.warn(|| {
                Diag::warning("L0027", "a principal `*` is not always public", at)
                    .label("a condition may still restrict it")
                    .help(format!("write `{quote}.public`"))
            });
        }
    }
}

fn accounts(one: &Expr, other: &Expr) -> bool {
    one.kind == ExprKind::Derived(Derived::ActorAccount)
        && other.kind == ExprKind::Derived(Derived::Account)
}

fn constant(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Const(value) => literal::number(value),
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}

/// The plainer form of a regular expression that has one: `like "arn:*"`.
fn plain(regex: &str) -> Option<String> {
    let (from_start, rest) = match regex.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, regex),
    };
    let open = rest.strip_suffix(".*$").or_else(|| rest.strip_suffix(".*"));
    let (to_end, rest) = match (open, rest.strip_suffix('$')) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => (false, rest),
    };
    let mut text = String::new();
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\\' => letters.next().filter(|next| next.is_ascii_punctuation())?,
            '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                return None;
            }
            plain => plain,
        };
        text.push(letter);
    }
    if text.is_empty() {
        return None;
    }
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    if from_start && to_end {
        return Some(format!("== \"{}\"", quoted(&text)));
    }
    let glob = text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?");
    let (before, behind) = (if from_start { "" } else { "*" }, if to_end { "" } else { "*" });
    Some(format!("like \"{before}{}{behind}\"", quoted(&glob)))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn anchored_texts_have_a_plainer_form() {
        for (regex, want) in [
            ("^arn:", Some("like \"arn:*\"")),
            ("^arn:.*$", Some("like \"arn:*\"")),
            ("^root$", Some("== \"root\"")),
            ("admin", Some("like \"*admin*\"")),
            ("\\.exe$", Some("like \"*.exe\"")),
            ("^a\\*", Some("like \"a\\\\**\"")),
            ("^(a|b)", None),
            ("a.c", None),
            ("\\d+", None),
            ("^$", None),
        ] {
            assert_eq!(plain(regex).as_deref(), want, "{regex}");
        }
    }
}
