//! `new` and `rare`: tuples that are learned, and where they may stand.
//!
//! # Invariants
//!
//! - One of the two stands at most once in a `when`, as one of the parts that its outermost
//!   `and`s join, and never beside `zscore`.
//! - A share is compared with a constant or a param that is from 0 to 1.

use super::scope::{Checker, Place, Val};
use super::types;
use crate::ast::{self, CompareOp, Ident, Span};
use crate::diag::Diag;
use crate::print;
use crate::typed::{Const, Expr, ExprKind, Named, Type};

/// The tuple that a `when` asks for.
#[derive(Debug)]
pub(super) struct Tuple {
    pub(super) text: String,
    pub(super) parts: Vec<Named>,
    /// The comparison of the share, for `rare`.
    pub(super) seldom: Option<Expr>,
}

/// A part of `when` that is `new(…)` or compares `rare(…)` with something.
pub(super) enum Asks<'e> {
    New(&'e ast::Expr),
    /// The call, the comparison with the call on its left, the other side.
    Rare(&'e ast::Expr, CompareOp, &'e ast::Expr),
    /// The call, compared with nothing.
    Bare(&'e ast::Expr),
}

/// Whether a part of `when` asks for a tuple.
pub(super) fn asks(part: &ast::Expr) -> Option<Asks<'_>> {
    let calls = |expr: &ast::Expr, word: &str| matches!(&expr.kind, ast::ExprKind::Call(name, _) if name.name == word);
    match &part.kind {
        _ if calls(part, "new") => Some(Asks::New(part)),
        _ if calls(part, "rare") => Some(Asks::Bare(part)),
        ast::ExprKind::Compare(op, left, right) if calls(left, "rare") => {
            Some(Asks::Rare(left, *op, right))
        }
        ast::ExprKind::Compare(op, left, right) if calls(right, "rare") => {
            Some(Asks::Rare(right, mirrored(*op), left))
        }
        _ => None,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Eq | CompareOp::Ne => op,
    }
}

/// Whether a checked part of `when` is that of `new` or `rare`.
pub(super) fn is_tuple(part: &Expr) -> bool {
    match &part.kind {
        ExprKind::New => true,
        ExprKind::Lt(share, _) | ExprKind::Le(share, _) => share.kind == ExprKind::Share,
        _ => false,
    }
}

impl Checker<'_, '_> {
    /// The part of `when` that asks for a tuple.
    pub(super) fn tuple_part(&mut self, part: &ast::Expr, asks: &Asks<'_>) -> Option<Expr> {
        let (call, word, form) = match asks {
            Asks::New(call) => (*call, "new", "new(region)"),
            Asks::Rare(call, ..) | Asks::Bare(call) => (*call, "rare", "rare(api)"),
        };
        let ast::ExprKind::Call(name, args) = &call.kind else { return None };
        self.once(name)?;
        self.asked.tuple_at = Some((call.span, word));
        let seldom = match asks {
            Asks::New(_) => Some(None),
            Asks::Bare(call) => {
                let quote = self.sink.quote(call.span);
                let diag =
                    Diag::error("E0318", format!("`{quote}` is compared with nothing"), call.span)
                        .label("a share, not a condition")
                        .help(format!("write `{quote} < 0.01`"));
                self.sink.error(diag);
                None
            }
            Asks::Rare(call, op, other) => self.seldom(part, call, *op, other).map(Some),
        };
        self.arity(args, 1, usize::MAX, (call, form))?;
        let tuple = self.tuple(word, args)?;
        let parts = tuple
            .into_iter()
            .zip(args)
            .map(|(expr, arg)| Named { text: print::expr_line(arg), expr })
            .collect();
        let seldom = seldom?;
        let text = print::expr_line(call);
        self.asked.tuple = Some(Tuple { text, parts, seldom: seldom.clone() });
        Some(seldom.unwrap_or(Expr { kind: ExprKind::New, ty: Type::Bool, span: part.span }))
    }

    /// Nothing, or an error where a tuple is asked for already.
    fn once(&mut self, name: &Ident) -> Option<()> {
        let Some((first, word)) = self.asked.tuple_at else { return Some(()) };
        let title = if word == name.name {
            format!("`{word}` stands twice in this `when`")
        } else {
            format!("`{}` stands beside `{word}`", name.name)
        };
        let diag = Diag::error("E0305", title, name.span).label("again").also(first, "first here");
        self.sink.error(diag.help(if word == name.name {
            format!("ask for pairs with `{word}(a, b)`, or write two rules")
        } else {
            "write two rules".to_owned()
        }));
        None
    }

    /// `rare(…) < 0.01`.
    fn seldom(
        &mut self,
        part: &ast::Expr,
        call: &ast::Expr,
        op: CompareOp,
        other: &ast::Expr,
    ) -> Option<Expr> {
        let (quote, share) = (self.sink.quote(call.span), self.sink.quote(other.span));
        let limit = self.at(Place::Inside, |checker| checker.expr(other));
        if !matches!(op, CompareOp::Lt | CompareOp::Le) {
            let diag =
                Diag::error("E0318", format!("`{quote}` is asked for what is seldom"), part.span)
                    .label("would be true of what is frequent")
                    .help(format!("write `{quote} < 0.01`"));
            self.sink.error(diag);
            return None;
        }
        let limit = limit?.expr;
        let Some(number) = self.number(&limit) else {
            let diag = Diag::error(
                "E0318",
                format!("`{quote}` is compared with `{share}`, not with a share"),
                other.span,
            )
            .label("no number that is known when the rules are loaded")
            .help(format!("write a number from 0 to 1, or a param: `{quote} < 0.01`"));
            self.sink.error(diag);
            return None;
        };
        if !(0.0..=1.0).contains(&number) {
            let diag = Diag::error("E0318", format!("`{share}` is no share"), other.span)
                .label("a share is a number from 0 to 1")
                .help(if (1.0..=100.0).contains(&number) {
                    format!("of a hundred, it is `{quote} < {}`", number / 100.0)
                } else {
                    format!("write `{quote} < 0.01`")
                });
            self.sink.error(diag);
            return None;
        }
        self.always_seldom(part.span, op, number);
        let share = Expr { kind: ExprKind::Share, ty: Type::Float, span: call.span };
        let (share, limit) = (Box::new(share), Box::new(limit));
        let kind = match op {
            CompareOp::Lt => ExprKind::Lt(share, limit),
            _ => ExprKind::Le(share, limit),
        };
        Some(Expr { kind, ty: Type::Bool, span: part.span })
    }

    fn always_seldom(&mut self, at: Span, op: CompareOp, number: f64) {
        let (always, help) = match op {
            CompareOp::Lt if number <= 0.0 => ("never", "write `<= 0` for what was not there"),
            CompareOp::Le if number >= 1.0 => ("always", "write a smaller share, such as `0.01`"),
            _ => return,
        };
        self.sink.warn(|| {
            Diag::warning("L0008", format!("a share that is {always} so small"), at)
                .label(format!("{always} true"))
                .help(help)
        });
    }

    /// The value of a number that is known when the rules are loaded.
    fn number(&self, expr: &Expr) -> Option<f64> {
        let value = match &expr.kind {
            ExprKind::Const(value) => value,
            ExprKind::Param(number) => &self.params.get(*number)?.value.as_ref()?.1,
            _ => return None,
        };
        match value {
            #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 are shares")]
            Const::Int(whole) => Some(*whole as f64),
            Const::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// `new` or `rare` where it may not stand.
    pub(super) fn misplaced_tuple(
        &mut self,
        name: &Ident,
        args: &[ast::Expr],
        expr: &ast::Expr,
    ) -> Option<Val> {
        let place = self.place;
        self.at(Place::Inside, |checker| {
            for arg in args {
                let _ = checker.expr(arg);
            }
        });
        let word = &name.name;
        let part = match word.as_str() {
            "rare" => format!("{} < 0.01", self.sink.quote(expr.span)),
            _ => self.sink.quote(expr.span),
        };
        let diag = if place == Place::When {
            let known = if word == "rare" { "rare" } else { "new" };
            self.asked.tuple_at.get_or_insert((expr.span, known));
            Diag::error(
                "E0305",
                format!("`{word}` is a part of its own, joined by `and`"),
                name.span,
            )
            .label("inside something else")
            .help(format!("write `when {part} and …`"))
        } else {
            Diag::error("E0305", format!("`{word}` stands only in `when`"), name.span)
                .label("not in the condition on one event")
                .help(format!("write `when {part}`"))
        };
        self.sink.error(diag);
        None
    }

    /// The error for a tuple and a score in one `when`, whose `learn` would mean both.
    pub(super) fn tuple_or_score(&mut self) -> Option<()> {
        let (Some((tuple, word)), Some(score)) = (self.asked.tuple_at, self.asked.score_at) else {
            return Some(());
        };
        let diag = Diag::error("E0305", format!("`zscore` stands beside `{word}`"), score)
            .label("learns something else")
            .also(tuple, format!("`{word}` is here"))
            .help("write two rules");
        self.sink.error(diag);
        None
    }

    /// The parts of a tuple, each a plain value.
    pub(super) fn tuple(&mut self, word: &str, args: &[ast::Expr]) -> Option<Vec<Expr>> {
        let vals: Vec<Option<Val>> =
            self.at(Place::Inside, |checker| args.iter().map(|arg| checker.expr(arg)).collect());
        let mut parts = Vec::with_capacity(args.len());
        for (val, arg) in vals.into_iter().zip(args) {
            parts.push(val.and_then(|val| self.key_part(word, arg, val)));
        }
        parts.into_iter().collect()
    }

    fn key_part(&mut self, word: &str, arg: &ast::Expr, val: Val) -> Option<Expr> {
        if types::is_scalar(&val.expr.ty) && val.constant().is_none() {
            return Some(val.expr);
        }
        let quote = self.sink.quote(arg.span);
        let diag = if val.constant().is_some() {
            Diag::error("E0313", format!("`{quote}` is the same in every event"), arg.span)
                .label(format!("`{word}` wants a field"))
                .help(format!("write `{word}(region)`, or leave it out"))
        } else {
            super::aggregate::list_as_key(&quote, &val.expr.ty, arg.span)
        };
        self.sink.error(diag);
        None
    }
}
