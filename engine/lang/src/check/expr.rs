//! Expressions: from the tree to the typed form.

use super::literal;
use super::scope::{Checker, Place, Val, Var, hides, path_of};
use super::types;
use crate::ast::{self, Lit, Number, Span};
use crate::diag::Diag;
use crate::limits;
use crate::typed::{Const, Expr, ExprKind, Type};

impl Checker<'_, '_> {
    /// The expression, checked.
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Option<Val> {
        use ast::ExprKind as K;
        match &expr.kind {
            K::Lit(lit) => self.lit(lit, expr.span),
            K::List(items) => self.list(items, expr.span),
            K::Name(_) | K::Member(..) => self.path(expr),
            K::Call(name, args) => self.call(name, args, expr),
            K::Quantified(quantified) => self.quantified(quantified, expr.span),
            K::Not(inner) => {
                let inner = self.condition(inner)?;
                Some(negate(inner, expr.span))
            }
            K::Neg(inner) => self.negative(inner, expr.span),
            K::And(..) => self.junction(expr, true),
            K::Or(..) => self.junction(expr, false),
            K::Compare(op, left, right) => self.compare(*op, left, right, expr.span),
            K::Arith(op, left, right) => self.arith(*op, left, right, expr.span),
            K::In(inner) => self.membership(inner, expr.span),
            K::Match(inner) => self.matching(inner, expr.span),
            K::Exists(inner) => self.exists(inner, expr.span, false),
            K::Missing(inner) => self.exists(inner, expr.span, true),
        }
    }

    /// The expression, which must be a condition.
    pub(super) fn condition(&mut self, expr: &ast::Expr) -> Option<Expr> {
        let val = self.expr(expr)?;
        if val.expr.ty == Type::Bool {
            return Some(val.expr);
        }
        let quote = self.sink.quote(expr.span);
        let diag = if val.expr.ty == Type::Json {
            Diag::error("E0202", format!("`{quote}` is open JSON, not a condition"), expr.span)
                .label("true, false or anything else")
                .help(format!("write `{quote} == true`, or `{quote} exists`"))
        } else {
            let words = types::words(&val.expr.ty);
            let diag =
                Diag::error("E0201", format!("`{quote}` is {words}, not a condition"), expr.span)
                    .label("a condition is wanted here");
            match &val.expr.ty {
                Type::List(_) => diag.help(format!("ask its elements: `any(x in {quote}: …)`")),
                _ => diag.help(format!("compare it: `{quote} == …`, or ask `{quote} exists`")),
            }
        };
        self.sink.error(diag);
        None
    }

    fn lit(&mut self, lit: &Lit, span: Span) -> Option<Val> {
        let val = literal_value(lit, span);
        if val.is_none() {
            self.sink.error(too_long(span));
        }
        val
    }

    fn path(&mut self, expr: &ast::Expr) -> Option<Val> {
        if let Some((head, at, keys)) = path_of(expr) {
            return self.resolve(head, at, &keys, expr.span);
        }
        let mut keys: Vec<&ast::Key> = Vec::new();
        let mut base = expr;
        while let ast::ExprKind::Member(inner, key) = &base.kind {
            keys.push(key);
            base = inner;
        }
        keys.reverse();
        let val = self.expr(base)?;
        self.members(val, &keys, expr.span)
    }

    fn list(&mut self, items: &[ast::Expr], span: Span) -> Option<Val> {
        if items.len() > limits::ELEMENTS {
            let diag = Diag::error("E0408", format!("a list of {} elements", items.len()), span)
                .label(format!("at most {} are allowed", limits::ELEMENTS))
                .help("match a pattern or a network in place of single values");
            self.sink.error(diag);
            return None;
        }
        let errors = self.sink.errors();
        let vals: Vec<Val> = items.iter().filter_map(|item| self.element(item)).collect();
        if self.sink.errors() > errors || vals.len() < items.len() {
            return None;
        }
        if vals.iter().all(|val| val.loose) {
            let constant = |val: Val| match val.expr.kind {
                ExprKind::Const(value) => Some(value),
                _ => None,
            };
            let value = Const::List(vals.into_iter().filter_map(constant).collect());
            let ty = literal::natural(&value);
            return Some(Val::literal(value, ty, span));
        }
        self.list_of_parts(items, vals, span)
    }

    fn element(&mut self, item: &ast::Expr) -> Option<Val> {
        let val = self.expr(item)?;
        if types::is_scalar(&val.expr.ty) {
            return Some(val);
        }
        let words = types::words(&val.expr.ty);
        let diag = Diag::error("E0210", format!("{words} stands in a list"), item.span)
            .label("an element is a plain value")
            .help("use the list by itself, without brackets around it");
        self.sink.error(diag);
        None
    }

    /// A list with a part that is no literal: all parts take one type.
    fn list_of_parts(&mut self, items: &[ast::Expr], vals: Vec<Val>, span: Span) -> Option<Val> {
        let mut ty: Option<(Type, Span)> = None;
        for val in vals.iter().filter(|val| !val.loose) {
            ty = match ty {
                None => Some((val.expr.ty.clone(), val.expr.span)),
                Some((so_far, at)) => {
                    if let Some(both) = types::join(&so_far, &val.expr.ty) {
                        Some((both, at))
                    } else {
                        self.mixed((&so_far, at), (&val.expr.ty, val.expr.span));
                        return None;
                    }
                }
            };
        }
        let (ty, at) = ty?;
        let mut parts = Vec::with_capacity(vals.len());
        for (val, item) in vals.into_iter().zip(items) {
            if val.loose
                && val.constant().is_some_and(|value| literal::convert(value, &ty).is_err())
            {
                self.mixed((&ty, at), (&val.expr.ty, val.expr.span));
                return None;
            }
            parts.push(if val.loose { self.adopt(val, item, &ty)? } else { val.expr });
        }
        let constant: Option<Vec<Const>> = parts
            .iter()
            .map(|part| match &part.kind {
                ExprKind::Const(value) => Some(value.clone()),
                _ => None,
            })
            .collect();
        let kind = constant
            .map_or_else(|| ExprKind::List(parts), |values| ExprKind::Const(Const::List(values)));
        Some(Val::new(kind, Type::List(Box::new(ty)), span))
    }

    fn mixed(&mut self, one: (&Type, Span), other: (&Type, Span)) {
        let diag = Diag::error("E0210", "the elements of a list do not go together", other.1)
            .label(types::words(other.0))
            .also(one.1, types::words(one.0))
            .help("make two lists of it, joined by `or`");
        self.sink.error(diag);
    }

    fn quantified(&mut self, quantified: &ast::Quantified, span: Span) -> Option<Val> {
        let list = self.expr(&quantified.list);
        let (ty, lower, lowers) = match &list {
            None => (None, false, false),
            Some(val) => {
                (self.element_type(val, quantified), self.lower(&val.expr), self.lowers(&val.expr))
            }
        };
        let errors = ty.is_none();
        if let Some(hidden) = self.hidden(&quantified.var.name) {
            self.sink.warn(|| hides(&quantified.var, &hidden));
        }
        self.vars.push(Var { name: quantified.var.name.clone(), ty, lower, lowers });
        let cond = self.condition(&quantified.cond);
        self.vars.pop();
        if errors {
            return None;
        }
        let (list, cond) = (Box::new(list?.expr), Box::new(cond?));
        let kind =
            if quantified.all { ExprKind::All(list, cond) } else { ExprKind::Any(list, cond) };
        Some(Val::new(kind, Type::Bool, span))
    }

    fn element_type(&mut self, list: &Val, quantified: &ast::Quantified) -> Option<Type> {
        match &list.expr.ty {
            Type::Json => Some(Type::Json),
            Type::List(inner) => Some((**inner).clone()),
            other => {
                let word = if quantified.all { "all" } else { "any" };
                let quote = self.sink.quote(quantified.list.span);
                let diag = Diag::error(
                    "E0216",
                    format!("`{word}` runs over a list"),
                    quantified.list.span,
                )
                .label(format!("`{quote}` is {}", types::words(other)))
                .help("ask the value itself, without a variable");
                self.sink.error(diag);
                None
            }
        }
    }

    /// `a and b`, `a or b`: the parts in order, without depth.
    fn junction(&mut self, expr: &ast::Expr, and: bool) -> Option<Val> {
        let parts = parts(expr, and);
        if !and {
            self.mixed_junction(&parts);
        }
        let mut conditions = Vec::with_capacity(parts.len());
        for part in &parts {
            conditions.push(self.condition(part));
        }
        let conditions: Vec<Expr> = conditions.into_iter().collect::<Option<_>>()?;
        let kind = if and { ExprKind::And(conditions) } else { ExprKind::Or(conditions) };
        Some(Val::new(kind, Type::Bool, expr.span))
    }

    fn mixed_junction(&mut self, parts: &[&ast::Expr]) {
        let mixed =
            |part: &&&ast::Expr| matches!(part.kind, ast::ExprKind::And(..)) && !part.grouped;
        if let Some(part) = parts.iter().find(mixed) {
            let quote = self.sink.quote(part.span);
            self.sink.warn(|| {
                Diag::warning("L0002", "`and` mixed with `or` without parentheses", part.span)
                    .label("`and` binds tighter than `or`")
                    .help(format!("write `({quote})`"))
            });
        }
    }

    fn exists(&mut self, inner: &ast::Expr, span: Span, missing: bool) -> Option<Val> {
        let val = self.expr(inner)?;
        self.always_exists(&val, span, missing);
        let kind = ExprKind::Exists(Box::new(val.expr));
        let exists = Expr { kind, ty: Type::Bool, span };
        Some(if missing { negate(exists, span) } else { Val { expr: exists, loose: false } })
    }

    /// Whether the texts of an expression are in lower case.
    pub(super) fn lower(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(crate::typed::Func::Lower, _) => true,
            ExprKind::Member(base, key) => match base.ty {
                Type::SgRule => key == "proto",
                Type::Statement => key == "conditions" || self.lowers(expr),
                _ => false,
            },
            ExprKind::Var(number) => self.vars.get(*number).is_some_and(|var| var.lower),
            _ => false,
        }
    }

    /// Whether literals that meet the expression are lower-cased: actions of a policy.
    pub(super) fn lowers(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Member(base, key) => {
                base.ty == Type::Statement && matches!(key.as_str(), "actions" | "not_actions")
            }
            ExprKind::Var(number) => self.vars.get(*number).is_some_and(|var| var.lowers),
            _ => false,
        }
    }

    /// Runs with the expressions standing at `place`.
    pub(super) fn at<T>(&mut self, place: Place, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.place, place);
        let out = run(self);
        self.place = before;
        out
    }
}

/// A length of time that does not fit.
pub(super) fn too_long(at: Span) -> Diag {
    Diag::error("E0406", "a length of time that is too long", at)
        .label("longer than time itself")
        .help("write at most `31d`")
}

/// `not inner`.
pub(super) fn negate(inner: Expr, span: Span) -> Val {
    Val::new(ExprKind::Not(Box::new(inner)), Type::Bool, span)
}

/// The parts that `and` (or `or`) joins, in order, through parentheses.
pub(super) fn parts(expr: &ast::Expr, and: bool) -> Vec<&ast::Expr> {
    let mut out = Vec::with_capacity(8);
    let mut waiting = Vec::with_capacity(8);
    waiting.push(expr);
    while let Some(next) = waiting.pop() {
        match (&next.kind, and) {
            (ast::ExprKind::And(left, right), true) | (ast::ExprKind::Or(left, right), false) => {
                waiting.push(right);
                waiting.push(left);
            }
            _ => out.push(next),
        }
    }
    out
}

fn literal_value(lit: &Lit, span: Span) -> Option<Val> {
    let value = match lit {
        Lit::Str(text) => Const::Text(text.clone()),
        Lit::Number(Number::Int(whole)) => Const::Int(*whole),
        Lit::Number(Number::Float(number)) => Const::Float(*number),
        Lit::Bool(flag) => Const::Bool(*flag),
        Lit::Duration(duration) => Const::Duration(duration.seconds()?),
        Lit::Cidr(cidr) => Const::Cidr(*cidr),
    };
    let ty = literal::natural(&value);
    Some(Val::literal(value, ty, span))
}
