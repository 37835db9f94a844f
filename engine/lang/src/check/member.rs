//! `in`: member of a list, of a range, of a network.

use super::compare::Side;
use super::expr::negate;
use super::literal::{self, Refusal};
use super::scope::{Checker, Val};
use super::types::{self, Fit};
use crate::ast::{self, Span};
use crate::diag::Diag;
use crate::typed::{Const, Expr, ExprKind, Type};

impl Checker<'_, '_> {
    /// `value [not] in list`, `value [not] in low .. high`.
    pub(super) fn membership(&mut self, inner: &ast::In, span: Span) -> Option<Val> {
        let value = self.expr(&inner.value);
        let list = self.expr(&inner.list);
        let high = inner.high.as_ref().map(|high| (high, self.expr(high)));
        let value = Side { ast: &inner.value, val: value? };
        let list = Side { ast: &inner.list, val: list? };
        let positive = match high {
            Some((ast, high)) => self.between(value, list, Side { ast, val: high? }, span)?,
            None => self.listed(value, list, inner.negated, span)?,
        };
        Some(if inner.negated {
            negate(positive, span)
        } else {
            Val { expr: positive, loose: false }
        })
    }

    fn between(
        &mut self,
        value: Side<'_>,
        low: Side<'_>,
        high: Side<'_>,
        span: Span,
    ) -> Option<Expr> {
        for side in [&value, &low, &high] {
            self.ordered("in", side)?;
        }
        if let (Some(least), Some(most)) = (low.val.constant(), high.val.constant())
            && literal::order(least, most) == Some(std::cmp::Ordering::Greater)
        {
            let (least, most) = (literal::show(least), literal::show(most));
            self.sink.warn(|| {
                Diag::warning("L0008", "the range is empty: nothing is in it", span)
                    .label(format!("{least} is more than {most}"))
                    .help("turn it round, or write `not in` the range in between")
            });
        }
        let again = Side { ast: value.ast, val: value.val.clone() };
        let (_, low) = self.balance(again, low)?;
        let (value, high) = self.balance(value, high)?;
        self.apart(&value.ty, &low.ty, span);
        let kind = ExprKind::Between(Box::new(value), Box::new(low), Box::new(high));
        Some(Expr { kind, ty: Type::Bool, span })
    }

    fn listed(
        &mut self,
        value: Side<'_>,
        list: Side<'_>,
        negated: bool,
        span: Span,
    ) -> Option<Expr> {
        let ty = match &list.val.expr.ty {
            Type::List(inner) => (**inner).clone(),
            _ => {
                self.no_list_to_look_in(&value, &list, negated);
                return None;
            }
        };
        if !types::is_scalar(&value.val.expr.ty) {
            let quote = self.sink.quote(value.ast.span);
            let other = self.sink.quote(list.ast.span);
            let words = types::words(&value.val.expr.ty);
            let diag = Diag::error(
                "E0209",
                format!("`{quote}` is {words}; `in` looks for a plain value"),
                value.ast.span,
            )
            .label(words)
            .help(format!("write `{quote} has {other}`, which asks for any of them"));
            self.sink.error(diag);
            return None;
        }
        if matches!(list.val.constant(), Some(Const::List(items)) if items.is_empty())
            && matches!(list.ast.kind, ast::ExprKind::List(_))
        {
            self.always(span, "nothing is in an empty list");
        }
        let (value, list) = match (value.val.loose, list.val.loose) {
            (_, true) => {
                let (expr, ast) = (value.val.expr, list.ast);
                let list = self.adopt_list(list.val, ast, &expr)?;
                (expr, list)
            }
            (true, false) => {
                let mut expr = self.adopt(value.val, value.ast, &ty)?;
                self.lowered(&mut expr, &list.val.expr);
                (expr, list.val.expr)
            }
            (false, false) => {
                self.elements_fit(&value, &list, &ty)?;
                (value.val.expr, list.val.expr)
            }
        };
        if let Type::List(inner) = &list.ty {
            self.apart(&value.ty, inner, span);
        }
        Some(Expr { kind: ExprKind::In(Box::new(value), Box::new(list)), ty: Type::Bool, span })
    }

    /// Whether a value may be in a list whose elements have a type of their own.
    fn elements_fit(&mut self, value: &Side<'_>, list: &Side<'_>, ty: &Type) -> Option<()> {
        let own = &value.val.expr.ty;
        if (own, ty) == (&Type::Ip, &Type::Cidr) {
            return Some(());
        }
        let fit = types::fit(own, ty);
        if fit == Fit::Yes {
            return Some(());
        }
        let (quote, other) = (self.sink.quote(value.ast.span), self.sink.quote(list.ast.span));
        let (one, words) = (types::words(own), types::words(&list.val.expr.ty));
        let (code, title) = match fit {
            Fit::Nominal => ("E0208", format!("{one} never equals {}", types::words(ty))),
            _ => ("E0207", format!("`{quote}` is {one}, but `{other}` is {words}")),
        };
        let diag = Diag::error(code, title, list.ast.span)
            .label(words)
            .also(value.ast.span, one)
            .help(format!("look it up in a list of type `[{}]`", types::name(own)));
        self.sink.error(diag);
        None
    }

    fn no_list_to_look_in(&mut self, value: &Side<'_>, list: &Side<'_>, negated: bool) {
        let (quote, other) = (self.sink.quote(list.ast.span), self.sink.quote(value.ast.span));
        let ty = &list.val.expr.ty;
        let not = if negated { "not " } else { "" };
        let diag = if *ty == Type::Json {
            Diag::error(
                "E0211",
                format!("`in` does not look into open JSON, as `{quote}` is"),
                list.ast.span,
            )
            .label("a list or anything else")
            .help(format!("write `{quote} {not}has {other}`"))
        } else {
            Diag::error("E0212", "`in` wants a list or a range", list.ast.span)
                .label(format!("this is {}", types::words(ty)))
                .help(format!("write `{other} {not}in [{quote}]`"))
        };
        self.sink.error(diag);
    }

    /// A list of literals, each as a value that `other` may equal or lie in.
    pub(super) fn adopt_list(&mut self, list: Val, ast: &ast::Expr, other: &Expr) -> Option<Expr> {
        let Expr { kind, ty, span } = list.expr;
        let ExprKind::Const(Const::List(items)) = kind else {
            return Some(Expr { kind, ty, span });
        };
        let want = match &other.ty {
            Type::Ip if items.iter().any(literal::is_network) => Type::Cidr,
            ty => ty.clone(),
        };
        let mut values = Vec::with_capacity(items.len());
        let mut whole = true;
        for (number, item) in items.into_iter().enumerate() {
            match literal::converted(item, &want) {
                Ok(value) => values.push(value),
                Err((refusal, item)) => {
                    whole = false;
                    let at = self.element_spans(ast).get(number).copied().unwrap_or(ast.span);
                    self.stranger(&refusal, &item, (&want, other), at);
                }
            }
        }
        if !whole {
            return None;
        }
        let value = Const::List(values);
        self.known(&value, &want, ast);
        let ty = if want == Type::Json { ty } else { Type::List(Box::new(want)) };
        let mut expr = Expr { kind: ExprKind::Const(value), ty, span };
        self.known_raw(&expr, other);
        self.lowered(&mut expr, other);
        Some(expr)
    }

    fn stranger(&mut self, refusal: &Refusal, item: &Const, want: (&Type, &Expr), at: Span) {
        if *refusal != Refusal::Kind {
            self.refused(refusal, item, want.0, at);
            return;
        }
        let quote = self.sink.quote(want.1.span);
        let (one, other) = (types::words(&want.1.ty), types::words(&literal::natural(item)));
        let shown = literal::show(item);
        let title = format!("`{quote}` is {one}, but it is compared with {other}");
        let diag = Diag::error("E0207", title, at).label(other).also(want.1.span, one.clone());
        let diag = if types::is_text(&want.1.ty) && !matches!(item, Const::Text(_)) {
            diag.help(format!("write it in quotes: `\"{shown}\"`"))
        } else {
            diag.help(format!("leave out `{shown}`, or compare {one} with it"))
        };
        self.sink.error(diag);
    }

    /// Where the elements of a list of literals stand, through undeclared lets.
    pub(super) fn element_spans(&self, ast: &ast::Expr) -> Vec<Span> {
        match &ast.kind {
            ast::ExprKind::List(items) => items.iter().map(|item| item.span).collect(),
            ast::ExprKind::Name(name) => match self.let_expr(name) {
                Some(expr) => self.element_spans(expr),
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The expression of a let of this file, or of the site where it has one.
    pub(super) fn let_expr(&self, name: &str) -> Option<&ast::Expr> {
        let entry = self.lets.get(name)?;
        if let Some(given) = entry.given {
            return Some(&given.value);
        }
        match &entry.ast.value {
            ast::LetValue::Expr(expr) => Some(expr),
            ast::LetValue::From(_) => None,
        }
    }
}
