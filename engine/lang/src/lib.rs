//! The rule language: lexer, parser, types, diagnostics.
