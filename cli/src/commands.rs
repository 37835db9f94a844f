//! The commands, one file each.

mod attack_layer;
pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod explain;
pub(crate) mod fmt;
mod origin;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod stream;
pub(crate) mod test;

use crate::exit::Failure;
use std::io::{self, Write};

/// Write a whole text to standard output.
///
/// # Errors
///
/// When it cannot be written.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::stdout)
}

/// `1 rule`, `2 rules`.
fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
