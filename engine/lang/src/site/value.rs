//! The values of a site file: as literals of the rule language, and as days.

use super::{Day, Reader};
use crate::ast::{Expr, ExprKind, Lit, Number};
use event::EventTime;
use toml::Spanned;
use toml::de::DeValue;

/// What a value is, in words, with its article.
pub(super) fn words(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl Reader {
    /// A literal or a list of literals; an error for what a rule file could not say.
    pub(super) fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Expr> {
        let span = self.span(value.span());
        let kind = match value.get_ref() {
            DeValue::String(text) => ExprKind::Lit(Lit::Str(text.as_ref().to_owned())),
            DeValue::Boolean(flag) => ExprKind::Lit(Lit::Bool(*flag)),
            DeValue::Datetime(time) => ExprKind::Lit(Lit::Str(time.to_string())),
            DeValue::Array(items) => {
                let all: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                ExprKind::List(all.into_iter().collect::<Option<_>>()?)
            }
            DeValue::Integer(whole) => match i64::from_str_radix(whole.as_str(), whole.radix()) {
                Ok(whole) => ExprKind::Lit(Lit::Number(Number::Int(whole))),
                Err(_) => {
                    self.wrong("a number out of range".into(), span, "write a smaller one");
                    return None;
                }
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    ExprKind::Lit(Lit::Number(Number::Float(number)))
                }
                _ => {
                    self.wrong("a number that is none".into(), span, "write a plain number");
                    return None;
                }
            },
            DeValue::Table(_) => {
                let help = "write a text, a number, true or false, or a list of these";
                self.wrong("a table stands where a value is wanted".into(), span, help);
                return None;
            }
        };
        Some(Expr { kind, span, grouped: false })
    }

    /// The reason of an exemption; no letters after an error.
    pub(super) fn reason(&mut self, value: &Spanned<DeValue<'_>>) -> String {
        let at = self.span(value.span());
        let help = "say why, and where it was agreed: `reason = \"nightly clean-up, OPS-1234\"`";
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => return text.to_owned(),
            Some(_) => self.wrong("the reason says nothing".into(), at, help),
            None => self.wrong(format!("a reason is a text, not {}", words(value)), at, help),
        }
        String::new()
    }

    /// The last day of an exemption; one that never ends after an error.
    pub(super) fn day(&mut self, value: &Spanned<DeValue<'_>>) -> Day {
        let span = self.span(value.span());
        let date = match value.get_ref().as_datetime() {
            Some(time) if time.time.is_none() => time.date,
            _ => None,
        };
        let text = date.map(|date| date.to_string()).unwrap_or_default();
        if let Some(midnight) = EventTime::parse(&format!("{text}T00:00:00Z")) {
            return Day { text, end: midnight.0 + 86_400, span };
        }
        let title = match value.get_ref() {
            DeValue::Datetime(_) => "an exemption ends with a day, not at a time".to_owned(),
            _ => format!("`expires` is a day, not {}", words(value)),
        };
        self.wrong(title, span, "write the last day, without quotes: `expires = 2027-03-31`");
        Day { text, end: i64::MAX, span }
    }
}
