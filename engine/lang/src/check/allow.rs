//! `allow`: what a rule lets a site exempt, and what the site exempts by it.
//!
//! An entry of the site is one more exception of the rule: a condition on the time
//! and the fields, made of the rule's paths and the site's values, so that messages
//! point into both files.

use super::lets::twice;
use super::scope::{Checker, Val};
use crate::ast::{self, CompareOp, Ident, Lit, MatchOp, Path, Span};
use crate::aws;
use crate::diag::Diag;
use crate::print;
use crate::site::{Exemption, Given};
use crate::typed::{Const, Expr, ExprKind, Named, Type};
use event::Derived;

/// An `allow` of a rule: its name and its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allow<'a> {
    pub(super) name: &'a Ident,
    pub(super) fields: &'a [Path],
}

impl Allow<'_> {
    /// The clause without its word.
    pub(super) fn text(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(print::path_line).collect();
        format!("{}({})", self.name.name, fields.join(", "))
    }
}

impl Checker<'_, '_> {
    /// The conditions of the site's entries for the allows of a rule.
    pub(super) fn exemptions(&mut self, allows: &[Allow<'_>]) -> Option<Vec<Expr>> {
        let mut all = Some(Vec::new());
        for (number, allow) in allows.iter().enumerate() {
            let before = allows.iter().take(number);
            if let Some(first) = before.into_iter().find(|one| one.name.name == allow.name.name) {
                let diag = twice("allow", allow.name, first.name);
                self.sink.error(diag);
            }
            let Some(fields) = self.paths("allow", allow.fields) else {
                all = None;
                continue;
            };
            let given = self.given.map_or(&[][..], |given| &given.exemptions);
            for entry in given.iter().filter(|entry| entry.allow.name == allow.name.name) {
                let cond = self.exemption(allow, &fields, entry);
                all = all.zip(cond).map(|(mut all, cond)| {
                    all.push(cond);
                    all
                });
            }
        }
        all
    }

    fn exemption(
        &mut self,
        allow: &Allow<'_>,
        fields: &[Named],
        entry: &Exemption,
    ) -> Option<Expr> {
        let whole = self.whole(allow, entry);
        let expires = entry.expires.as_ref()?;
        if self.now.is_some_and(|now| now.0 >= expires.end) && expires.end < i64::MAX {
            let title = format!("this entry of `{}` has ended", allow.name.name);
            let diag = Diag::warning("L0040", title, expires.span)
                .label(format!("the last day was {}", expires.text))
                .help("take it out, or agree on a later day");
            self.sink.tell(diag);
        }
        let mut parts = vec![before(expires.end, expires.span)];
        let mut fine = whole;
        for (path, named) in allow.fields.iter().zip(fields) {
            let Some(given) = entry.fields.iter().find(|given| given.name.name == dotted(path))
            else {
                continue;
            };
            if is_any(&given.value) {
                continue;
            }
            let cond = self.exempt_field(path, named, given).and_then(|cond| self.condition(&cond));
            fine &= cond.is_some();
            parts.extend(cond);
        }
        if !fine {
            return None;
        }
        let kind = match parts.len() {
            1 => parts.pop()?.kind,
            _ => ExprKind::And(parts),
        };
        Some(Expr { kind, ty: Type::Bool, span: entry.span })
    }

    /// Whether the entry has all that it needs and no more.
    fn whole(&mut self, allow: &Allow<'_>, entry: &Exemption) -> bool {
        let names: Vec<String> = allow.fields.iter().map(dotted).collect();
        let has = |name: &str| entry.fields.iter().any(|given| given.name.name == name);
        let mut fine = true;
        let lacks = allow
            .fields
            .iter()
            .zip(&names)
            .filter(|(_, name)| !has(name))
            .map(|(path, _)| print::path_line(path))
            .chain(entry.reason.is_none().then(|| "reason".to_owned()))
            .chain(entry.expires.is_none().then(|| "expires".to_owned()))
            .map(|name| format!("`{name}`"));
        let lacks: Vec<String> = lacks.collect();
        if !lacks.is_empty() {
            let title = format!("this entry of `{}` lacks {}", allow.name.name, lacks.join(", "));
            let diag = Diag::error("E0506", title, entry.span)
                .also(allow.name.span, format!("allowed is `{}`", allow.text()))
                .help("each field stands in an entry, `\"*\"` for any value; so do `reason` and `expires`");
            self.sink.error(diag);
            fine = false;
        }
        for given in &entry.fields {
            let name = &given.name.name;
            if names.contains(name) {
                continue;
            }
            let title = format!("`{}` has no field `{name}`", allow.name.name);
            let diag = Diag::error("E0502", title, given.name.span)
                .label("names nothing")
                .also(allow.name.span, format!("allowed is `{}`", allow.text()));
            let known = names.iter().map(String::as_str).chain(["reason", "expires"]);
            let meant = aws::nearest(name, known).map(str::to_owned);
            self.sink.error(match meant {
                Some(meant) => diag.help(format!("did you mean `{meant}`?")),
                None => diag.help("leave it out: what a site may exempt, the rule says"),
            });
            fine = false;
        }
        fine
    }

    /// The condition on one field, as a rule would write it.
    fn exempt_field(&mut self, path: &Path, named: &Named, given: &Given) -> Option<ast::Expr> {
        use ast::ExprKind as K;
        let value = path_expr(path);
        let operand = given.value.clone();
        let span = operand.span;
        let is_list = match &operand.kind {
            K::List(items) if items.is_empty() => {
                let diag = Diag::error("E0505", "a list of nothing exempts nothing", span)
                    .help("take the entry out, or write `\"*\"` for any value");
                self.sink.error(diag);
                return None;
            }
            K::List(_) => true,
            _ => false,
        };
        let is_text =
            matches!(named.expr.ty, Type::Str | Type::Json | Type::IdentityType | Type::Nominal(_));
        let has = |wanted: &[char]| texts(&operand).iter().any(|text| text.contains(wanted));
        let kind = if is_text && has(&['*', '?', '\\']) {
            let op = MatchOp::Like;
            K::Match(Box::new(ast::Match { op, negated: false, value, operand }))
        } else if is_list {
            K::In(Box::new(ast::In { negated: false, value, list: operand, high: None }))
        } else if named.expr.ty == Type::Ip && has(&['/']) {
            let list = ast::Expr { kind: K::List(vec![operand]), span, grouped: false };
            K::In(Box::new(ast::In { negated: false, value, list, high: None }))
        } else {
            K::Compare(CompareOp::Eq, Box::new(value), Box::new(operand))
        };
        Some(ast::Expr { kind, span, grouped: false })
    }
}

/// `time < end`: what has no time is not before it.
fn before(end: i64, span: Span) -> Expr {
    let time = Val::new(ExprKind::Derived(Derived::Time), Type::Time, span).expr;
    let end = Val::new(ExprKind::Const(Const::Time(end)), Type::Time, span).expr;
    Expr { kind: ExprKind::Lt(Box::new(time), Box::new(end)), ty: Type::Bool, span }
}

/// The keys of a path with points between, as the site writes them.
pub(super) fn dotted(path: &Path) -> String {
    let keys = path.keys.iter().map(|key| key.name.as_str());
    std::iter::once(path.head.name.as_str()).chain(keys).collect::<Vec<_>>().join(".")
}

/// The texts of a literal.
fn texts(value: &ast::Expr) -> Vec<&str> {
    match &value.kind {
        ast::ExprKind::Lit(Lit::Str(text)) => vec![text],
        ast::ExprKind::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value stands for any, and for none.
fn is_any(value: &ast::Expr) -> bool {
    texts(value).contains(&"*")
}

fn path_expr(path: &Path) -> ast::Expr {
    let head = ast::ExprKind::Name(path.head.name.clone());
    let mut expr = ast::Expr { kind: head, span: path.head.span, grouped: false };
    for key in &path.keys {
        let span = Span { end: key.span.end, ..expr.span };
        let kind = ast::ExprKind::Member(Box::new(expr), Box::new(key.clone()));
        expr = ast::Expr { kind, span, grouped: false };
    }
    expr
}
