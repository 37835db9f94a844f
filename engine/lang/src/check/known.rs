//! Literals that name what AWS has: services, APIs, regions, error codes, types of
//! identity. AWS adds names daily, so an unknown one is only a warning.

use super::compare::Side;
use super::scope::Checker;
use crate::ast::{self, Span};
use crate::aws;
use crate::diag::Diag;
use crate::typed::{Const, Expr, ExprKind, Nominal, Type};
use event::Glob;

/// The end of `eventSource` that `service` leaves out.
const HOST: &str = ".amazonaws.com";

impl Checker<'_, '_> {
    /// Warns of each text of a literal that its type does not know.
    pub(super) fn known(&mut self, value: &Const, ty: &Type, ast: &ast::Expr) {
        if !self.sink.lints {
            return;
        }
        let ty = match ty {
            Type::List(inner) => inner,
            plain => plain,
        };
        match value {
            Const::Text(text) => self.known_text(text, ty, ast.span),
            Const::List(items) => {
                let places = self.element_spans(ast);
                for (number, item) in items.iter().enumerate() {
                    if let Const::Text(text) = item {
                        let at = places.get(number).copied().unwrap_or(ast.span);
                        self.known_text(text, ty, at);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn known_text(&mut self, text: &str, ty: &Type, at: Span) {
        let (code, what, known) = match ty {
            Type::Nominal(Nominal::Service) => ("L0011", "service", aws::is_service(text)),
            Type::Nominal(Nominal::Api) => {
                self.dated(text, at);
                ("L0012", "API", aws::is_api(text))
            }
            Type::Nominal(Nominal::Region) => ("L0013", "region", aws::is_region(text)),
            Type::Nominal(Nominal::ErrorCode) => ("L0014", "error code", aws::is_error_code(text)),
            Type::IdentityType => {
                ("L0015", "type of identity", aws::identity_types().contains(&text))
            }
            _ => return,
        };
        if known {
            return;
        }
        let meant = match code {
            "L0011" => aws::suggest_service(text).map(str::to_owned),
            "L0012" => aws::suggest_api(None, text).map(str::to_owned),
            "L0013" => aws::suggest_region(text).map(str::to_owned),
            "L0014" => aws::suggest_error(text),
            _ => aws::nearest(text, aws::identity_types().iter().copied()).map(str::to_owned),
        };
        self.unknown_name((code, what), text, meant, at);
    }

    fn unknown_name(
        &mut self,
        kind: (&'static str, &str),
        text: &str,
        meant: Option<String>,
        at: Span,
    ) {
        let (code, what) = kind;
        self.sink.warn(|| {
            let diag = Diag::warning(code, format!("unknown {what} `{text}`"), at)
                .label(format!("AWS had no such {what} when this was built"));
            match meant {
                _ if text.contains('*') => diag.help("a pattern stands after `like`"),
                Some(meant) => diag.help(format!("did you mean `\"{meant}\"`?")),
                None => diag.help("if AWS has added it since, leave it as it is"),
            }
        });
    }

    /// Warns of a name with an API date, which `api` never has.
    fn dated(&mut self, text: &str, at: Span) {
        let bare = aws::without_api_date(text);
        if bare != text {
            self.sink.warn(|| {
                Diag::warning("L0008", format!("`api` is never `\"{text}\"`"), at)
                    .label("`api` leaves out the date of the API")
                    .help(format!("write `\"{bare}\"`, or compare `eventName`"))
            });
        }
    }

    /// Warns of texts that the raw `eventSource` or `eventName` never is.
    pub(super) fn known_raw(&mut self, literal: &Expr, other: &Expr) {
        let ExprKind::Path(path) = &other.kind else { return };
        let field = match path.as_slice() {
            [field] if self.sink.lints => field.as_str(),
            _ => return,
        };
        let ExprKind::Const(value) = &literal.kind else { return };
        let texts: Vec<&str> = match value {
            Const::Text(text) => vec![text],
            Const::List(items) => items
                .iter()
                .filter_map(
                    |item| if let Const::Text(text) = item { Some(text.as_str()) } else { None },
                )
                .collect(),
            _ => return,
        };
        for text in texts {
            match field {
                "eventSource" => self.known_host(text, literal.span),
                "eventName" if !aws::is_api(text) => {
                    let meant = aws::suggest_api(None, text).map(str::to_owned);
                    self.unknown_name(("L0012", "API"), text, meant, literal.span);
                }
                _ => {}
            }
        }
    }

    fn known_host(&mut self, text: &str, at: Span) {
        let host = text.strip_suffix(".cn").unwrap_or(text);
        match host.strip_suffix(HOST) {
            Some(service) if aws::is_service(service) => {}
            Some(service) => {
                let meant = aws::suggest_service(service).map(|service| format!("{service}{HOST}"));
                self.unknown_name(("L0011", "service"), text, meant, at);
            }
            None if aws::is_service(text) => self.sink.warn(|| {
                Diag::warning("L0011", format!("`eventSource` is never `\"{text}\"`"), at)
                    .label(format!("it ends in `{HOST}`"))
                    .help(format!("write `service == \"{text}\"`"))
            }),
            None => {}
        }
    }

    /// Warns of a pattern without a wildcard, and of one that no known name has.
    pub(super) fn known_globs(&mut self, value: &Expr, pattern: &Side<'_>, texts: &[String]) {
        let folded = matches!(value.kind, ExprKind::Call(..));
        let constant = pattern.val.constant().is_some();
        if constant
            && !folded
            && !texts.is_empty()
            && !texts.iter().any(|text| text.contains(['*', '?']))
        {
            let (quote, other) = (self.sink.quote(value.span), self.sink.quote(pattern.ast.span));
            let word = if texts.len() > 1 { "in" } else { "==" };
            self.sink.warn(|| {
                Diag::warning("L0010", "`like` without a wildcard", pattern.ast.span)
                    .label("no `*` and no `?`")
                    .help(format!("write `{quote} {word} {other}`, or add `*`"))
            });
        }
        if value.ty != Type::Nominal(Nominal::Api) || !self.sink.lints || !constant {
            return;
        }
        let places = self.element_spans(pattern.ast);
        for (number, text) in texts.iter().enumerate() {
            let glob = Glob::new(text);
            if !aws::any_api(|api| glob.matches(api)) {
                let at = places.get(number).copied().unwrap_or(pattern.ast.span);
                self.sink.warn(|| {
                    Diag::warning("L0012", format!("no known API is like `{text}`"), at)
                        .label("APIs begin with a capital verb: `Delete*`")
                        .help("if AWS has added one since, leave it as it is")
                });
            }
        }
    }
}
