//! What is read at once: a file, or a part of a large one.
//!
//! It knows how parts are put together and reads nothing.

use input::{FileReport, InputFile, Opened, Part};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is read at once.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// A file, and how far it was prepared.
    Whole(&'a InputFile, Mutex<Ahead>),
    /// A large file of which only one worker can tell where records begin.
    Shared(&'a InputFile),
    /// A stripe of a file, by its number.
    Stripe(Arc<Split<'a>>, u64),
}

/// How far a file was prepared for its reading.
#[derive(Debug)]
pub(crate) enum Ahead {
    /// Not yet.
    Not,
    /// It is open.
    Open(Opened),
    /// It is being read, or was.
    Taken,
}

/// A file that is read in stripes.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    pub(crate) file: &'a InputFile,
    stripes: u64,
    /// The parts that were read, by stripe.
    parts: Mutex<BTreeMap<u64, Part>>,
}

impl Piece<'_> {
    /// The file that it is, or is in.
    pub(crate) fn file(&self) -> &InputFile {
        match self {
            Self::Whole(file, _) | Self::Shared(file) => file,
            Self::Stripe(split, _) => split.file,
        }
    }
}

impl<'a> Split<'a> {
    pub(crate) fn new(file: &'a InputFile, stripes: u64) -> Self {
        Self { file, stripes, parts: Mutex::default() }
    }

    /// Take the part in a stripe; the report of the file, when it is the last to come.
    pub(crate) fn add(&self, number: u64, part: Part) -> Option<FileReport> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(number, part);
        if parts.len() as u64 != self.stripes {
            return None;
        }
        Some(Part::together(std::mem::take(&mut *parts).into_values(), self.file.size))
    }

    /// The report of the parts that were read, if the file was not told of yet.
    pub(crate) fn what_was_read(&self) -> Option<FileReport> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.is_empty() {
            return None;
        }
        Some(Part::together(std::mem::take(&mut *parts).into_values(), self.file.size))
    }
}
