//! Files of values: one value a line, for `let name: [T] from "FILE"`.
//!
//! `#` at the beginning of a line or after white space begins a comment. Lines
//! without a value are passed over.

use super::beside::{Beside, Unread};
use super::literal;
use super::scope::{Checker, LetState};
use super::types;
use crate::ast::{Duration, Span, Text, Unit};
use crate::diag::Diag;
use crate::limits;
use crate::typed::{Const, Nominal, Type};

/// The most lines of a file that are complained of.
const COMPLAINTS: usize = 1_000;

impl Checker<'_, '_> {
    /// The values of the file that a let is read from.
    pub(super) fn listed_in(&mut self, path: &Text, ty: &Type, beside: &Beside) -> LetState {
        let Type::List(inner) = ty else {
            let name = types::name(ty);
            let diag = Diag::error("E0512", "a file of values is a list", path.span)
                .label(format!("read as {}", types::words(ty)))
                .help(format!("write the type as `[{name}]`"));
            self.sink.error(diag);
            return LetState::Bad;
        };
        match beside.lists.get(&(path.span.file, path.value.clone())) {
            Some(Ok(number)) => match self.lines(*number, inner, path) {
                Some(values) => LetState::Const(Const::List(values), ty.clone(), false),
                None => LetState::Bad,
            },
            Some(Err(why)) => self.unread(path, why),
            None => self.unread(path, &Unread::NoFiles),
        }
    }

    fn unread(&mut self, path: &Text, why: &Unread) -> LetState {
        let name = &path.value;
        let diag = match why {
            Unread::NoFiles => {
                Diag::error("E0510", "these rules have no files beside them", path.span)
                    .label("not in a file that could be read from")
                    .help("write the values here, or in `[lets]` of the site file")
            }
            Unread::Outside => Diag::error(
                "E0510",
                format!("`{name}` leads out of the rule file's folder"),
                path.span,
            )
            .label("a rule file reads only beside and below itself")
            .help("move the file there, or give the values in `[lets]` of the site file"),
            Unread::Failed(why) => {
                Diag::error("E0509", format!("`{name}` cannot be read"), path.span)
                    .label(why.clone())
                    .help("a path counts from the folder of the rule file")
            }
        };
        self.sink.error(diag);
        LetState::Bad
    }

    fn lines(&mut self, number: u32, inner: &Type, path: &Text) -> Option<Vec<Const>> {
        let sources = self.sink.sources;
        let text: &str = &sources.files.get(number as usize)?.text;
        if text.len() > limits::FILE_BYTES {
            let why = format!("more than {} MiB", limits::FILE_BYTES >> 20);
            return self.too_much("a file of values that is too large", why, path.span);
        }
        let (mut values, mut errors) = (Vec::new(), 0);
        for (at, line) in lines(text) {
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { file: number, start: place(at), end: place(at + line.len()) };
            match self.line(line, inner, span) {
                Some(value) => values.push(value),
                None => errors += 1,
            }
            if values.len() > limits::ELEMENTS {
                let why = format!("at most {} are allowed", limits::ELEMENTS);
                return self.too_much("a file of too many values", why, path.span);
            }
            if errors == COMPLAINTS {
                break;
            }
        }
        (errors == 0).then_some(values)
    }

    fn too_much<T>(&mut self, title: &str, why: String, at: Span) -> Option<T> {
        let diag = Diag::error("E0408", title, at)
            .label(why)
            .help("match patterns or networks in place of single values");
        self.sink.error(diag);
        None
    }

    fn line(&mut self, line: &str, inner: &Type, at: Span) -> Option<Const> {
        if let Some((title, help)) = odd(line, inner) {
            let diag = Diag::error("E0511", title, at).help(help);
            self.sink.error(diag);
            return None;
        }
        let read = read(line, inner);
        match literal::declare(&read, inner) {
            Ok(value) => {
                if !line.contains(['*', '?']) {
                    self.known_text(line, inner, at);
                }
                Some(value)
            }
            Err(refusal) => {
                self.refused(&refusal, &read, inner, at);
                None
            }
        }
    }
}

/// The values of a text, with the byte at which each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = text.len() - bare.len();
    bare.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let value = without_comment(line);
        let indent = value.len() - value.trim_start().len();
        let value = value.trim();
        (!value.is_empty()).then_some((start + indent, value))
    })
}

fn without_comment(line: &str) -> &str {
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let comment = line.match_indices('#').map(|(at, _)| at).find(begins);
    comment.map_or(line, |at| &line[..at])
}

/// What is odd about a value, and what to do: such a one would never be met.
fn odd(line: &str, inner: &Type) -> Option<(&'static str, &'static str)> {
    let quoted = |mark| line.len() > 1 && line.starts_with(mark) && line.ends_with(mark);
    let free = matches!(inner, Type::Str | Type::Json | Type::Nominal(Nominal::UserAgent));
    if line.chars().any(event::is_hidden) {
        Some(("a character that cannot be seen", "leave it out"))
    } else if quoted('"') || quoted('\'') {
        Some(("a value in quotes", "write it without: the whole line is the value"))
    } else if line.ends_with(',') && !free {
        Some(("a comma after a value", "write one value a line, and nothing between"))
    } else {
        None
    }
}

/// The value as its type is written; where it is not, its text.
fn read(line: &str, inner: &Type) -> Const {
    let value = match inner {
        Type::Int => line.parse().ok().map(Const::Int),
        Type::Float => {
            line.parse().ok().filter(|number: &f64| number.is_finite()).map(Const::Float)
        }
        Type::Bool => line.parse().ok().map(Const::Bool),
        Type::Duration => {
            length(line, Span::default()).and_then(Duration::seconds).map(Const::Duration)
        }
        _ => None,
    };
    value.unwrap_or_else(|| Const::Text(line.to_owned()))
}

/// A length of time as rule files write it.
pub(super) fn length(text: &str, span: Span) -> Option<Duration> {
    let letter = text.chars().next_back()?;
    let units = [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day, Unit::Week];
    let unit = units.into_iter().find(|unit| unit.letter() == letter)?;
    let digits = text.strip_suffix(letter)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count = digits.parse().ok().filter(|_| plain)?;
    Some(Duration { count, unit, span })
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[track_caller]
    fn check(text: &str, want: &[(usize, &str)]) {
        assert_eq!(lines(text).collect::<Vec<_>>(), want, "{text:?}");
    }

    #[test]
    fn a_line_is_a_value_without_what_surrounds_it() {
        check("a\nb", &[(0, "a"), (2, "b")]);
        check("\u{feff}a\r\n\r\n  b c \r\n", &[(3, "a"), (10, "b c")]);
        check("# all\n\t# of it\na # one\nb#c\n#", &[(15, "a"), (23, "b#c")]);
        check("", &[]);
    }
}
