//! The rule language: lexer, parser, types, diagnostics.

pub mod ast;
pub mod aws;
pub mod diag;
pub mod typed;
