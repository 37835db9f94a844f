//! The condition of a detection: which selections must hold.
//!
//! `and`, `or`, `not`, parentheses, `1 of x*`, `any of x*`, `all of x*`, and `them` for
//! all selections whose names do not begin with `_`.

use crate::build;
use lang::ast::{Expr, Span};
use lang::aws::nearest;
use lang::diag::Diag;
use lang::limits;

/// A condition that has been read.
#[derive(Clone, Debug)]
pub(crate) enum Cond {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    /// A selection by its number.
    One(usize),
}

impl Cond {
    /// The numbers of the selections in it, each time.
    pub(crate) fn uses(&self, out: &mut Vec<usize>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.uses(out)),
            Self::Not(part) => part.uses(out),
            Self::One(number) => out.push(*number),
        }
    }

    /// The condition over the conditions of the selections.
    pub(crate) fn expr(&self, selections: &[Option<Expr>]) -> Option<Expr> {
        let all = |parts: &[Self]| {
            parts.iter().map(|part| part.expr(selections)).collect::<Option<Vec<_>>>()
        };
        match self {
            Self::And(parts) => build::all(all(parts)?),
            Self::Or(parts) => build::either(all(parts)?),
            Self::Not(part) => part.expr(selections).map(build::not),
            Self::One(number) => selections.get(*number)?.clone(),
        }
    }
}

/// The condition that a text writes over selections of these names.
///
/// `place` gives the span of a piece of the text.
///
/// # Errors
///
/// What cannot be read, or a selection that is not there.
pub(crate) fn parse(
    text: &str,
    names: &[&str],
    place: &dyn Fn(usize, usize) -> Span,
) -> Result<Cond, Diag> {
    let mut parser =
        Parser { tokens: tokens(text), at: 0, depth: 0, names, place, end: text.len() };
    if parser.tokens.len() > limits::OPERATORS {
        let diag = Diag::error("S0009", "a condition that is too long", place(0, text.len()));
        return Err(diag.help(format!("it may have {} words", limits::OPERATORS)));
    }
    let cond = parser.either()?;
    match parser.tokens.get(parser.at) {
        None => Ok(cond),
        Some(("|", ..)) => {
            let title = "an aggregation in a condition";
            Err(Diag::error("S0009", title, parser.here())
                .label("this form is no longer part of Sigma")
                .help("write a correlation rule: `correlation: { type: event_count, … }`"))
        }
        Some(_) => Err(parser.unread("left over", "join selections with `and` or `or`")),
    }
}

type Token<'t> = (&'t str, usize, usize);

/// Words, parentheses and `|`, with their places.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let sign = matches!(letter, '(' | ')' | '|');
        if sign || letter.is_whitespace() {
            if let Some(from) = start.take() {
                all.extend(text.get(from..at).map(|word| (word, from, at)));
            }
            if sign {
                all.extend(text.get(at..=at).map(|word| (word, at, at + 1)));
            }
        } else {
            start.get_or_insert(at);
        }
    }
    all
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: usize,
    names: &'t [&'t str],
    place: &'t dyn Fn(usize, usize) -> Span,
    end: usize,
}

impl<'t> Parser<'t> {
    /// The next word, in lower case where it is one of the grammar's.
    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|(word, ..)| *word)
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn here(&self) -> Span {
        let (start, end) = self
            .tokens
            .get(self.at)
            .map_or((self.end.saturating_sub(1), self.end), |(_, start, end)| (*start, *end));
        (self.place)(start, end)
    }

    fn unread(&self, label: &str, help: &str) -> Diag {
        let title = match self.peek() {
            Some(word) => format!("`{word}` is out of place in the condition"),
            None => "the condition ends too early".to_owned(),
        };
        Diag::error("S0005", title, self.here()).label(label).help(help)
    }

    fn either(&mut self) -> Result<Cond, Diag> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Cond::Or))
    }

    fn all(&mut self) -> Result<Cond, Diag> {
        let mut parts = vec![self.not()?];
        while self.takes("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Cond::And))
    }

    fn not(&mut self) -> Result<Cond, Diag> {
        self.depth += 1;
        if self.depth > limits::NESTING {
            let diag = Diag::error("S0009", "a condition that is too deep", self.here());
            return Err(diag.help(format!("it may have {} levels", limits::NESTING)));
        }
        let cond = if self.takes("not") {
            Cond::Not(Box::new(self.not()?))
        } else if self.takes("(") {
            let inner = self.either()?;
            if !self.takes(")") {
                return Err(self.unread("a `)` is wanted", "close the parenthesis"));
            }
            inner
        } else {
            self.selection()?
        };
        self.depth -= 1;
        Ok(cond)
    }

    fn selection(&mut self) -> Result<Cond, Diag> {
        let here = self.here();
        let of =
            self.tokens.get(self.at + 1).is_some_and(|(word, ..)| word.eq_ignore_ascii_case("of"));
        let Some(word) = self.peek().filter(|word| {
            !["and", "or", "of", ")", "|"].iter().any(|own| word.eq_ignore_ascii_case(own))
        }) else {
            return Err(self.unread("a selection is wanted", "name one of the selections"));
        };
        if of {
            return self.some(word);
        }
        self.at += 1;
        match self.names.iter().position(|name| *name == word) {
            Some(number) => Ok(Cond::One(number)),
            None => Err(self.unknown(word, here)),
        }
    }

    /// `1 of selection*`, `all of them`.
    fn some(&mut self, how_many: &str) -> Result<Cond, Diag> {
        let join: fn(Vec<Cond>) -> Cond = match how_many.to_lowercase().as_str() {
            "1" | "any" => Cond::Or,
            "all" => Cond::And,
            _ => {
                let diag = Diag::error("S0009", format!("`{how_many} of`"), self.here())
                    .label("how many?");
                return Err(diag.help("Sigma has `1 of`, `any of` and `all of`"));
            }
        };
        self.at += 2;
        let here = self.here();
        let Some(pattern) = self.peek() else {
            return Err(self.unread("a selection is wanted", "write `them`, or `selection*`"));
        };
        self.at += 1;
        let them = pattern.eq_ignore_ascii_case("them");
        let glob = event::Glob::new(pattern);
        let which = self.names.iter().enumerate().filter(|(_, name)| match them {
            true => !name.starts_with('_'),
            false => glob.matches(name),
        });
        let parts: Vec<Cond> = which.map(|(number, _)| Cond::One(number)).collect();
        if parts.is_empty() { Err(self.unknown(pattern, here)) } else { Ok(one_or(parts, join)) }
    }

    fn unknown(&self, word: &str, at: Span) -> Diag {
        let diag = Diag::error("S0006", format!("no selection is called `{word}`"), at)
            .label("not in this detection");
        match nearest(word, self.names.iter().copied()) {
            Some(near) => diag.help(format!("did you mean `{near}`?")),
            None => diag.help(format!("there are {}", self.names.join(", "))),
        }
    }
}

fn one_or(mut parts: Vec<Cond>, join: fn(Vec<Cond>) -> Cond) -> Cond {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lang::print::expr_line;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let names = ["selection_a", "selection_b", "filter", "_hidden"];
        let all = names.map(|name| Some(build::name(name, Span::default())));
        let place = |start, end| Span { file: 0, start: start as u32, end: end as u32 };
        let got = match parse(text, &names, &place) {
            Ok(cond) => expr_line(&cond.expr(&all).unwrap()),
            Err(diag) => {
                let at = diag.labels[0].0;
                format!(
                    "{} at `{}`",
                    diag.code,
                    text.get(at.start as usize..at.end as usize).unwrap_or("")
                )
            }
        };
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn the_grammar_is_that_of_sigma() {
        check("selection_a", "selection_a");
        check(
            "selection_a or selection_b and not filter",
            "selection_a or selection_b and not filter",
        );
        check("not (selection_a or filter)", "not (selection_a or filter)");
        check("1 of selection_*", "selection_a or selection_b");
        check("selection_a AND all of sel*", "selection_a and selection_a and selection_b");
        check("any of them", "selection_a or selection_b or filter");
        check("not 1 of filter*", "not filter");
    }

    #[test]
    fn what_cannot_be_read_is_told_where_it_is() {
        check("selection_a and", "S0005 at `d`");
        check("selection_a filter", "S0005 at `filter`");
        check("(selection_a", "S0005 at `a`");
        check("selecton_a", "S0006 at `selecton_a`");
        check("1 of nothing*", "S0006 at `nothing*`");
        check("2 of selection*", "S0009 at `2`");
        check("selection_a | count() > 5", "S0009 at `|`");
        check(&"(".repeat(400), "S0009 at `(`");
        check(&"not ".repeat(490), "S0009 at `not`");
    }
}
