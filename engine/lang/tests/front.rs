//! The front end of the rule language, from its outside: lexer, parser, printer, messages.

#[path = "front/formatting.rs"]
mod formatting;
#[path = "front/golden.rs"]
mod golden;
#[path = "front/lexing.rs"]
mod lexing;
#[path = "front/limits.rs"]
mod limits;
#[path = "front/mistakes.rs"]
mod mistakes;
#[path = "front/mutation.rs"]
mod mutation;
#[path = "front/printing.rs"]
mod printing;
#[path = "front/random.rs"]
mod random;
#[path = "front/trees.rs"]
mod trees;

extern crate trailhound_lang as lang;

use lang::ast::File;
use lang::diag::{Diag, Sources};

/// The tree of a text and what is wrong with it.
fn parsed(text: &str) -> (File, Vec<Diag>) {
    let mut sources = Sources::default();
    let file = sources.add("rules/test.trail", text, false);
    lang::parser::parse(&sources, file)
}

/// The tree of a text that has nothing wrong.
#[track_caller]
fn whole(text: &str) -> File {
    let (file, diags) = parsed(text);
    assert!(diags.is_empty(), "{diags:#?}\nin\n{text}");
    file
}
