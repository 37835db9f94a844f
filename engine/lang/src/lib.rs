//! The rule language: lexer, parser, types, diagnostics.

pub mod ast;
pub mod aws;
pub mod check;
pub mod diag;
pub mod lexer;
pub mod limits;
pub mod mutate;
pub mod parser;
pub mod print;
pub mod render;
pub mod schema;
pub mod site;
pub mod typed;

pub use parser::parse;
