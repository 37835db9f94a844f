//! `like`, `has` and `matches`.

use super::compare::Side;
use super::expr::negate;
use super::literal;
use super::scope::{Checker, Val};
use super::types::{self, Fit};
use crate::ast::{self, MatchOp, Span};
use crate::diag::Diag;
use crate::limits;
use crate::typed::{Const, Expr, ExprKind, Type};

impl Checker<'_, '_> {
    /// `value [not] like|has|matches operand`.
    pub(super) fn matching(&mut self, inner: &ast::Match, span: Span) -> Option<Val> {
        let (value, operand) = (self.expr(&inner.value), self.expr(&inner.operand));
        let value = Side { ast: &inner.value, val: value? };
        let operand = Side { ast: &inner.operand, val: operand? };
        let kind = match inner.op {
            MatchOp::Like => self.like(value, operand)?,
            MatchOp::Matches => self.matches(value, operand)?,
            MatchOp::Has => self.has(value, operand)?,
        };
        let positive = Expr { kind, ty: Type::Bool, span };
        Some(if inner.negated {
            negate(positive, span)
        } else {
            Val { expr: positive, loose: false }
        })
    }

    /// Nothing, or an error when the left side of `like` or `matches` is no text.
    fn text_side(&mut self, word: &str, value: &Side<'_>) -> Option<()> {
        let ty = &value.val.expr.ty;
        if types::is_text(ty) || *ty == Type::Json {
            return Some(());
        }
        let (quote, words) = (self.sink.quote(value.ast.span), types::words(ty));
        let diag =
            Diag::error("E0205", format!("`{word}` is not made for {words}"), value.ast.span)
                .label(format!("`{quote}` is {words}"));
        let diag = match ty {
            Type::List(_) => {
                diag.help(format!("ask its elements: `any(x in {quote}: x {word} …)`"))
            }
            Type::Ip => {
                diag.help(format!("write `{quote} in [10.0.0.0/8]`, or match `sourceIPAddress`"))
            }
            _ => diag.help(format!("compare it: `{quote} == …`")),
        };
        self.sink.error(diag);
        None
    }

    fn like(&mut self, value: Side<'_>, pattern: Side<'_>) -> Option<ExprKind> {
        self.text_side("like", &value)?;
        let texts = self.known_texts("like", &pattern)?;
        let mut whole = true;
        for text in &texts {
            whole &= self.glob(text, pattern.ast.span).is_some();
        }
        if !whole {
            return None;
        }
        self.known_globs(&value.val.expr, &pattern, &texts);
        let mut expr = pattern.val.expr;
        self.lowered(&mut expr, &value.val.expr);
        Some(ExprKind::Like(Box::new(value.val.expr), Box::new(expr)))
    }

    /// The texts of a pattern, which must be known when the rules are loaded.
    fn known_texts(&mut self, word: &str, pattern: &Side<'_>) -> Option<Vec<String>> {
        let value = match &pattern.val.expr.kind {
            ExprKind::Const(value) => Some(value),
            ExprKind::Param(number) => self
                .params
                .get(*number)
                .and_then(|param| param.value.as_ref())
                .map(|(_, value)| value),
            _ => None,
        };
        let texts = match value {
            Some(Const::Text(text)) => Some(vec![text.clone()]),
            Some(Const::List(items)) => items
                .iter()
                .map(|item| match item {
                    Const::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        if texts.is_none() {
            let words = types::words(&pattern.val.expr.ty);
            let diag = if value.is_some() {
                Diag::error(
                    "E0204",
                    format!("`{word}` wants a pattern, this is {words}"),
                    pattern.ast.span,
                )
                .label(words)
                .help("write the pattern in quotes")
            } else {
                Diag::error(
                    "E0213",
                    format!("`{word}` wants a pattern that does not change with the event"),
                    pattern.ast.span,
                )
                .label("read from the event")
                .help("write the pattern in quotes, or compare the two with `==`")
            };
            self.sink.error(diag);
        }
        texts
    }

    /// Nothing, or an error for a backslash that stands before no sign of a glob.
    fn glob(&mut self, text: &str, at: Span) -> Option<()> {
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter == '\\' && !matches!(letters.next(), Some('*' | '?' | '\\')) {
                let diag = Diag::error("E0404", "a stray backslash in a glob", at)
                    .label("`\\` stands only before `*`, `?` or `\\`")
                    .help("for a backslash itself write four in quotes: `\"\\\\\\\\\"`");
                self.sink.error(diag);
                return None;
            }
        }
        Some(())
    }

    fn matches(&mut self, value: Side<'_>, pattern: Side<'_>) -> Option<ExprKind> {
        self.text_side("matches", &value)?;
        let text = match pattern.val.constant() {
            Some(Const::Text(text)) => text.clone(),
            Some(Const::List(_)) => {
                let diag = Diag::error(
                    "E0204",
                    "`matches` wants one regular expression",
                    pattern.ast.span,
                )
                .label("a list")
                .help("join them with `|`: `matches \"one|two\"`");
                self.sink.error(diag);
                return None;
            }
            Some(_) => return self.known_texts("matches", &pattern).and(None),
            None => {
                let diag = Diag::error(
                    "E0213",
                    "`matches` wants a regular expression that is written in the file",
                    pattern.ast.span,
                )
                .label("not known when the rules are read")
                .help("write it in quotes, or in a `let`");
                self.sink.error(diag);
                return None;
            }
        };
        self.regex(&text, pattern.ast.span)?;
        self.plain_regex(&text, &value, pattern.ast.span);
        Some(ExprKind::Matches(Box::new(value.val.expr), text))
    }

    fn regex(&mut self, text: &str, at: Span) -> Option<()> {
        if self.sink.regexes.contains(text) {
            return Some(());
        }
        let built = regex::RegexBuilder::new(text).size_limit(limits::REGEX_BYTES).build();
        let Err(error) = built else {
            self.sink.regexes.insert(text.to_owned());
            return Some(());
        };
        let diag = match error {
            regex::Error::CompiledTooBig(_) => {
                Diag::error("E0403", "the regular expression is too big when compiled", at)
                    .label("more than 1 MiB")
                    .help("use smaller repetitions, or write `[a-z]` in place of `\\w`")
            }
            other => {
                let message = other.to_string();
                let reason = message.lines().last().unwrap_or_default();
                let reason = reason.strip_prefix("error: ").unwrap_or(reason).to_owned();
                Diag::error("E0403", "the regular expression does not compile", at)
                    .label(reason)
                    .help("a backslash in a quoted text is written twice; `\"\"\"…\"\"\"` takes it as it is")
            }
        };
        self.sink.error(diag);
        None
    }

    fn has(&mut self, list: Side<'_>, wanted: Side<'_>) -> Option<ExprKind> {
        let ty = match &list.val.expr.ty {
            Type::Json => Type::Json,
            Type::List(inner) if types::is_scalar(inner) => (**inner).clone(),
            other => {
                let other = other.clone();
                self.no_list_to_have(&other, &list, &wanted);
                return None;
            }
        };
        let many = matches!(wanted.val.expr.ty, Type::List(_));
        let target = Expr { ty: ty.clone(), ..list.val.expr.clone() };
        let wanted_ast = wanted.ast;
        let expr = if wanted.val.loose && many {
            self.adopt_list(wanted.val, wanted.ast, &target)?
        } else if wanted.val.loose {
            let kind = wanted.val.constant().map(|value| literal::convert(value, &ty));
            if kind == Some(Err(literal::Refusal::Kind)) {
                self.wanted_fits(&list, &wanted, &ty)?;
                return None;
            }
            let mut expr = self.adopt(wanted.val, wanted.ast, &ty)?;
            self.lowered(&mut expr, &target);
            expr
        } else {
            self.wanted_fits(&list, &wanted, &ty)?;
            wanted.val.expr
        };
        let wanted = match &expr.ty {
            Type::List(inner) => inner,
            plain => plain,
        };
        self.apart(&ty, wanted, wanted_ast.span);
        self.everyone(&list.val.expr, &expr, wanted_ast.span);
        Some(ExprKind::Has(Box::new(list.val.expr), Box::new(expr)))
    }

    /// Whether a list may have a value (or any of a list) with a type of its own.
    fn wanted_fits(&mut self, list: &Side<'_>, wanted: &Side<'_>, ty: &Type) -> Option<()> {
        let own = match &wanted.val.expr.ty {
            Type::List(inner) => inner,
            plain => plain,
        };
        let code = match types::fit(ty, own) {
            Fit::Yes => return Some(()),
            Fit::Nominal => "E0208",
            Fit::No => "E0207",
        };
        let (quote, words) = (self.sink.quote(list.ast.span), types::words(&list.val.expr.ty));
        let other = types::words(&wanted.val.expr.ty);
        let diag = Diag::error(
            code,
            format!("`{quote}` is {words}, it never has {other}"),
            wanted.ast.span,
        )
        .label(other)
        .also(list.ast.span, words)
        .help(format!("look for {} in it", types::words(ty)));
        self.sink.error(diag);
        None
    }

    fn no_list_to_have(&mut self, ty: &Type, list: &Side<'_>, wanted: &Side<'_>) {
        let (quote, other) = (self.sink.quote(list.ast.span), self.sink.quote(wanted.ast.span));
        let words = types::words(ty);
        let diag =
            Diag::error("E0205", format!("`has` asks a list, `{quote}` is {words}"), list.ast.span)
                .label(words);
        let diag = match (ty, &wanted.val.expr.ty) {
            (Type::List(_), _) => diag.help(format!("ask its elements: `any(x in {quote}: …)`")),
            (_, Type::List(_)) => diag.help(format!("write `{quote} in {other}`")),
            (text, _) if types::is_text(text) => {
                let part = other.trim_matches('"');
                diag.help(format!("for a part of the text write `{quote} like \"*{part}*\"`"))
            }
            _ => diag.help(format!("write `{quote} == {other}`")),
        };
        self.sink.error(diag);
    }
}
