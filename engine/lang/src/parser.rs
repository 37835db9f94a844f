//! Tokens into the tree of [`crate::ast`], by recursive descent.
//!
//! It knows the grammar and the mistakes people make with it; it knows no types,
//! no fields, and not which clauses belong together.
//!
//! # Invariants
//!
//! - It ends for any text, without a panic and without deep recursion
//!   ([`limits::NESTING`](crate::limits::NESTING),
//!   [`limits::OPERATORS`](crate::limits::OPERATORS)).
//! - One mistake gives one diagnostic, and hides none in the clauses, steps and
//!   conditions after it.
//! - Where no error was made, the tree is whole. Where one was, the tree holds
//!   what could be read, and a name without letters where a value is lacking:
//!   see [`is_damaged`].
//!
//! # Codes
//!
//! `E0001`–`E0009` and `E0030` are the lexer's. `E0010` nesting; `E0011` no let or rule;
//! `E0012` no clause; `E0013` a clause twice; `E0014` not closed; `E0015` a value
//! is lacking; `E0016` chained comparisons; `E0017` `=` for `==`; `E0018` a word
//! or form of another language; `E0019` `not` out of place; `E0020` something else
//! was wanted; `E0021` a reserved word as a name; `E0022` no such level or status;
//! `E0023` no technique; `E0024` no step of a test; `E0025` not JSON; `E0026`
//! something left over; `E0027` a `by` that `suppress` takes; `E0028` too many
//! operators; `E0029` a number out of range; `E0031` a brace too many.

mod clause;
mod cursor;
mod expr;
mod foreign;
mod item;
mod names;
mod recover;
mod sequence;
mod testing;

use crate::ast::{File, Span};
use crate::diag::{Diag, Sources, Weight};
use crate::lexer::{Lexed, Parts, lex_with};
use cursor::{Parsed, Parser};

/// The tree of a file and all that is wrong with its form, in the order of the text.
///
/// A file number that is none gives an empty tree, a file in another language what was
/// read from it ([`Sources::set_foreign`]).
#[must_use]
pub fn parse(sources: &Sources, file: u32) -> (File, Vec<Diag>) {
    let Some(source) = sources.files.get(file as usize) else {
        return (File::default(), Vec::new());
    };
    if let Some(foreign) = sources.foreign(file) {
        return (foreign.tree.clone(), foreign.diags.clone());
    }
    let passes = source.builtin && sources.are_only_run();
    let parts = if passes { Parts::Run } else { Parts::All };
    let Lexed { tokens, mut diags, .. } = lex_with(&source.text, file, parts);
    let mut parser = Parser::new(&source.text, tokens);
    let items = parser.items();
    diags.append(&mut parser.diags);
    diags.sort_by_key(|diag| diag.labels.first().map(|(span, _)| span.start));
    (File { items }, diags)
}

/// The words that begin a clause, for whoever shows or completes rules.
pub fn clause_words() -> impl Iterator<Item = &'static str> {
    clause::WORDS.iter().map(|(word, _)| *word)
}

/// The words that begin a step of a test.
pub fn test_words() -> impl Iterator<Item = &'static str> {
    testing::STEPS.into_iter()
}

/// Whether an error of form lies inside `span`, a rule's or a let's: what it says
/// is then not whole, and a complaint about its meaning would mislead.
#[must_use]
pub fn is_damaged(span: Span, diags: &[Diag]) -> bool {
    diags.iter().any(|diag| {
        let inside =
            |at: &Span| at.file == span.file && span.start <= at.start && at.start <= span.end;
        diag.weight == Weight::Error
            && diag.code.starts_with("E00")
            && diag.labels.first().is_some_and(|(at, _)| inside(at))
    })
}
