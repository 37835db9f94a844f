//! Comparisons and membership: which values may meet, and the form they take.
//!
//! A literal takes the type of the other side; two nominal types never meet;
//! `Str` and open JSON meet every text.

use super::expr::negate;
use super::literal::{self, Refusal};
use super::scope::{Checker, Val};
use super::types::{self, Fit};
use crate::ast::{self, CompareOp, Span};
use crate::diag::Diag;
use crate::typed::{Const, Expr, ExprKind, Nominal, Type};

/// One side of an operator: the tree and what it came to.
pub(super) struct Side<'e> {
    pub(super) ast: &'e ast::Expr,
    pub(super) val: Val,
}

impl Checker<'_, '_> {
    /// `left op right`.
    pub(super) fn compare(
        &mut self,
        op: CompareOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Val> {
        let (lv, rv) = (self.expr(left), self.expr(right));
        let (left, right) = (Side { ast: left, val: lv? }, Side { ast: right, val: rv? });
        self.no_list(op, &left, &right)?;
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            self.ordered(word(op), &left)?;
            self.ordered(word(op), &right)?;
        }
        let written = literal_both(&left, &right);
        let settable = self.is_settable(left.ast) || self.is_settable(right.ast);
        let (left, right) = self.balance(left, right)?;
        if written || left.kind == right.kind && !settable {
            self.always(span, "both sides are the same");
        } else if !self.apart(&left.ty, &right.ty, span) {
            self.out_of_reach(op, &left, &right, span);
        }
        Some(comparison(op, left, right, span))
    }

    fn no_list(&mut self, op: CompareOp, left: &Side<'_>, right: &Side<'_>) -> Option<()> {
        let (list, other) = if !types::is_scalar(&left.val.expr.ty) {
            (left, right)
        } else if !types::is_scalar(&right.val.expr.ty) {
            (right, left)
        } else {
            return Some(());
        };
        let (quote, other_quote) =
            (self.sink.quote(list.ast.span), self.sink.quote(other.ast.span));
        let words = types::words(&list.val.expr.ty);
        let diag = Diag::error(
            "E0209",
            format!("`{quote}` is {words}; `{}` compares plain values", word(op)),
            list.ast.span,
        )
        .label(words)
        .also(other.ast.span, types::words(&other.val.expr.ty));
        let constant = list.val.constant().is_some();
        let diag = match (&list.val.expr.ty, op) {
            (Type::List(_), CompareOp::Ne) if constant => {
                diag.help(format!("write `{other_quote} not in {quote}`"))
            }
            (Type::List(_), _) if constant => {
                diag.help(format!("write `{other_quote} in {quote}`"))
            }
            (Type::List(_), _) => diag.help(format!("write `{quote} has {other_quote}`")),
            _ => diag.help(format!("compare one of its keys: `{quote}.…`")),
        };
        self.sink.error(diag);
        None
    }

    /// Nothing, or an error when the type has no order.
    pub(super) fn ordered(&mut self, op: &str, side: &Side<'_>) -> Option<()> {
        let ty = &side.val.expr.ty;
        if types::is_ordered(ty) {
            return Some(());
        }
        let quote = self.sink.quote(side.ast.span);
        let words = types::words(ty);
        let diag = Diag::error("E0205", format!("`{op}` is not made for {words}"), side.ast.span)
            .label(format!("`{quote}` is {words}"))
            .help(match ty {
                Type::Ip => format!("ask for its network: `{quote} in [10.0.0.0/8]`"),
                Type::Bool => format!("write `{quote}` or `not {quote}`"),
                _ => "compare with `==`, or look it up with `in`".to_owned(),
            });
        self.sink.error(diag);
        None
    }

    /// Both sides with literals in the type of the other side.
    pub(super) fn balance(&mut self, left: Side<'_>, right: Side<'_>) -> Option<(Expr, Expr)> {
        match (left.val.loose, right.val.loose) {
            (true, false) => {
                let left = self.meet(left, &right)?;
                Some((left, right.val.expr))
            }
            (false, true) => {
                let right = self.meet(right, &left)?;
                Some((left.val.expr, right))
            }
            _ => match types::fit(&left.val.expr.ty, &right.val.expr.ty) {
                Fit::Yes => Some((left.val.expr, right.val.expr)),
                Fit::Nominal => self.nominal_clash(&left, &right),
                Fit::No => self.kind_clash(&left, &right),
            },
        }
    }

    /// The literal `side` in the type of `other`, or a message that names both.
    fn meet(&mut self, side: Side<'_>, other: &Side<'_>) -> Option<Expr> {
        let clashes = |value| literal::is_of_another_kind(value, &other.val.expr.ty);
        if side.val.constant().is_some_and(clashes) {
            return self.kind_clash(other, &side);
        }
        let mut expr = self.adopt(side.val, side.ast, &other.val.expr.ty)?;
        self.known_raw(&expr, &other.val.expr);
        self.lowered(&mut expr, &other.val.expr);
        Some(expr)
    }

    /// The literal with each text lower-cased where actions are meant; a lint where
    /// the other side is lower case and the literal is not.
    pub(super) fn lowered(&mut self, literal: &mut Expr, other: &Expr) {
        if self.lowers(other) {
            lower_texts(&mut literal.kind);
        } else if self.lower(other) && has_upper(&literal.kind) {
            let quote = self.sink.quote(other.span);
            self.sink.warn(|| {
                Diag::warning(
                    "L0008",
                    "this never matches: the other side is lower case",
                    literal.span,
                )
                .label("has capitals")
                .also(other.span, format!("`{quote}` is lower case"))
                .help("write the text in lower case")
            });
        }
    }

    /// Two values of different kinds; `second` is the one to mend.
    pub(super) fn kind_clash<T>(&mut self, first: &Side<'_>, second: &Side<'_>) -> Option<T> {
        let (first, second) = if first.val.loose { (second, first) } else { (first, second) };
        let (quote, literal) = (self.sink.quote(first.ast.span), self.sink.quote(second.ast.span));
        let (one, other) = (types::words(&first.val.expr.ty), types::words(&second.val.expr.ty));
        let title = format!("`{quote}` is {one}, but it is compared with {other}");
        let diag =
            Diag::error("E0207", title, second.ast.span).label(other).also(first.ast.span, one);
        let diag = match (&first.val.expr.ty, second.val.constant()) {
            (Type::Bool, Some(Const::Text(text))) if text == "true" => {
                diag.help(format!("leave out the comparison: `{quote}`"))
            }
            (Type::Bool, Some(Const::Text(text))) if text == "false" => {
                diag.help(format!("write `not {quote}`"))
            }
            (Type::Ip, Some(Const::Cidr(cidr))) => {
                diag.help(format!("write `{quote} in [{cidr}]`"))
            }
            (Type::Nominal(Nominal::ErrorCode), Some(Const::Int(_))) => {
                diag.help("compare with the name: `errorCode == \"AccessDenied\"`")
            }
            (ty, Some(Const::Int(_) | Const::Float(_) | Const::Bool(_))) if types::is_text(ty) => {
                diag.help(format!("write it in quotes: `\"{literal}\"`"))
            }
            (Type::Int | Type::Float, Some(Const::Text(text))) if text.parse::<f64>().is_ok() => {
                diag.help(format!("write the number without quotes: `{text}`"))
            }
            (Type::Duration, Some(Const::Int(_))) => {
                diag.help(format!("write a unit: `{literal}s`"))
            }
            (Type::Time, Some(_)) => diag.help("compare with a time: `\"2027-03-31T18:00:00Z\"`"),
            (ty, _) => diag.help(format!("compare it with {}", types::words(ty))),
        };
        self.sink.error(diag);
        None
    }

    fn nominal_clash<T>(&mut self, left: &Side<'_>, right: &Side<'_>) -> Option<T> {
        let (one, other) = (types::words(&left.val.expr.ty), types::words(&right.val.expr.ty));
        let help = match (&left.val.expr.ty, &right.val.expr.ty) {
            (Type::Nominal(Nominal::Arn), Type::Nominal(Nominal::UserName))
            | (Type::Nominal(Nominal::UserName), Type::Nominal(Nominal::Arn)) => {
                "compare `userIdentity.userName` with a user name, or `principal` with an ARN"
                    .to_owned()
            }
            (Type::Nominal(Nominal::Arn), Type::Nominal(Nominal::Principal))
            | (Type::Nominal(Nominal::Principal), Type::Nominal(Nominal::Arn)) => {
                "`principal` is the role's ARN for every session of it: compare it with a text"
                    .to_owned()
            }
            (ty, _) => format!("compare with {} or a text in quotes", types::words(ty)),
        };
        let title = format!("{one} never equals {}", other);
        let diag = Diag::error("E0208", title, right.ast.span)
            .label(other)
            .also(left.ast.span, one)
            .help(help);
        self.sink.error(diag);
        None
    }

    /// The constant as a value of `want`, or a message that says why it is none.
    pub(super) fn adopt(&mut self, val: Val, ast: &ast::Expr, want: &Type) -> Option<Expr> {
        let Expr { kind, ty, span } = val.expr;
        let ExprKind::Const(value) = kind else { return Some(Expr { kind, ty, span }) };
        match literal::converted(value, want) {
            Ok(value) => {
                self.known(&value, want, ast);
                let ty = if *want == Type::Json { ty } else { want.clone() };
                Some(Expr { kind: ExprKind::Const(value), ty, span })
            }
            Err((refusal, value)) => {
                self.refused(&refusal, &value, want, ast.span);
                None
            }
        }
    }

    /// The error for a constant that is no value of a type.
    pub(super) fn refused(&mut self, refusal: &Refusal, value: &Const, want: &Type, at: Span) {
        let shown = literal::show(value);
        let diag = match refusal {
            Refusal::Form(what, help) => {
                Diag::error("E0407", format!("`{shown}` is no {what}"), at)
                    .label(format!("no {what}"))
                    .help(help.clone())
            }
            Refusal::Kind => {
                let found = types::words(&literal::natural(value));
                let wanted = match (want, value) {
                    (Type::Int, Const::Float(_)) => "a whole number".to_owned(),
                    _ => types::words(want),
                };
                let diag = Diag::error("E0215", format!("`{shown}` is {found}, not {wanted}"), at)
                    .label(found);
                match (types::is_text(want), value) {
                    (true, Const::Int(_) | Const::Float(_) | Const::Bool(_)) => {
                        diag.help(format!("write it in quotes: `\"{shown}\"`"))
                    }
                    _ => diag.help(format!("write {wanted}")),
                }
            }
        };
        self.sink.error(diag);
    }
}

/// The comparison as a rule writes it.
fn word(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

/// Whether both sides are written as literals, so that the author sees the outcome.
fn literal_both(left: &Side<'_>, right: &Side<'_>) -> bool {
    let literal = |side: &Side<'_>| matches!(side.ast.kind, ast::ExprKind::Lit(_));
    literal(left) && literal(right)
}

/// The comparison in the two forms that are left of six.
fn comparison(op: CompareOp, left: Expr, right: Expr, span: Span) -> Val {
    let folded = match (&left.kind, &right.kind) {
        (ExprKind::Const(a), ExprKind::Const(b)) => literal::order(a, b).map(|order| match op {
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
        }),
        _ => None,
    };
    if let Some(outcome) = folded {
        return Val::new(ExprKind::Const(Const::Bool(outcome)), Type::Bool, span);
    }
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match op {
        CompareOp::Eq | CompareOp::Ne => ExprKind::Eq(left, right),
        CompareOp::Lt => ExprKind::Lt(left, right),
        CompareOp::Le => ExprKind::Le(left, right),
        CompareOp::Gt => ExprKind::Lt(right, left),
        CompareOp::Ge => ExprKind::Le(right, left),
    };
    let positive = Expr { kind, ty: Type::Bool, span };
    if op == CompareOp::Ne { negate(positive, span) } else { Val { expr: positive, loose: false } }
}

/// Lower-cases each text of a literal.
pub(super) fn lower_texts(kind: &mut ExprKind) {
    if let ExprKind::Const(value) = kind {
        lower_const(value);
    }
}

fn lower_const(value: &mut Const) {
    match value {
        Const::Text(text) => *text = text.to_lowercase(),
        Const::List(items) => items.iter_mut().for_each(lower_const),
        _ => {}
    }
}

fn has_upper(kind: &ExprKind) -> bool {
    fn upper(value: &Const) -> bool {
        match value {
            Const::Text(text) => text.chars().any(char::is_uppercase),
            Const::List(items) => items.iter().all(upper) && !items.is_empty(),
            _ => false,
        }
    }
    matches!(kind, ExprKind::Const(value) if upper(value))
}
