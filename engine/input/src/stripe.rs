//! Large files in stripes: whether a file is read so, and where a stripe's texts begin.
//!
//! It opens files and looks for seams; what is read between two of them is the reader's.
//!
//! # Invariants
//!
//! - Whether a file is read in stripes changes nothing of what is found.
//! - A stripe without a seam belongs to whoever reads the one before; looking for its seam
//!   reads that stripe and no other.

use crate::file::{InputFile, Origin};
use crate::packing::Packing;
use crate::seam::{BEFORE, STRIPE, seam};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much of a file shows whether it has seams.
const HEAD: u64 = 1 << 20;
/// How much is read at once to find a seam.
const PIECE: u64 = 64 << 10;

/// How many stripes a file is read in: one, unless it is large, not compressed, and lines
/// begin with objects.
///
/// # Cost
///
/// The first MiB of a large file is read.
#[must_use]
pub fn stripes(file: &InputFile) -> u64 {
    let number = file.size.div_ceil(STRIPE);
    if number > 2 && file.origin != Origin::Stdin && has_seams(file).unwrap_or(false) {
        number
    } else {
        1
    }
}

fn has_seams(file: &InputFile) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(file.path())?.take(HEAD).read_to_end(&mut head)?;
    Ok(Packing::of(&head).is_none() && seam(&head, 1).is_some())
}

/// A file at the first seam in a stripe, and where that is; nothing where there is none.
pub(crate) fn open_at_seam(
    file: &InputFile,
    number: u64,
    stripe: u64,
) -> io::Result<Option<(File, u64)>> {
    let mut source = File::open(file.path())?;
    if number == 0 {
        return Ok(Some((source, 0)));
    }
    let first = number * stripe;
    let mut at = first - BEFORE.min(first);
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    let mut from = usize::try_from(first - at).unwrap_or_default();
    while at < first + stripe {
        let room = PIECE.min(first + stripe - at - bytes.len() as u64);
        let read = (&mut source).take(room).read_to_end(&mut bytes)?;
        if let Some(found) = seam(&bytes, from) {
            at += found as u64;
            source.seek(SeekFrom::Start(at))?;
            return Ok(Some((source, at)));
        }
        if read == 0 {
            break;
        }
        // What may still be before a seam stays.
        let passed = bytes.len().saturating_sub(BEFORE as usize);
        bytes.drain(..passed);
        at += passed as u64;
        from = bytes.len();
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
