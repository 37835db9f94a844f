//! The rule language: lexer, parser, types, diagnostics.

pub mod ast;
pub mod typed;
