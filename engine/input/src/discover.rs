//! Which files to read, in which order: folders walked, the S3 layout understood.
//!
//! It opens no file. It knows names, places and sizes; what a file holds is judged
//! by its content when it is read. What it passes over is counted, what it cannot
//! look into is a [`Fault`], and neither stops it.
//!
//! # Invariants
//!
//! - A path named by the user is an input whatever its name.
//! - No symbolic link leads out of the folders named: linked folders are not entered,
//!   a linked file is read only if its target lies in one of them.
//! - The order follows from names alone.

mod names;
mod walk;

use crate::file::InputFile;
use crate::shown::shown;
use event::EventTime;
pub(crate) use names::delivery;
use std::fmt;
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use walk::Walk;

/// What to look for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discover {
    /// Events before this are not asked for.
    pub from: Option<EventTime>,
    /// Events after this are not asked for.
    pub to: Option<EventTime>,
    /// Whether Insights files are read.
    pub insights: bool,
}

/// The inputs found.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The inputs in the order in which they are read: those without a time of
    /// delivery first, then by that time; within each by path.
    pub files: Vec<InputFile>,
    /// What was passed over.
    pub skipped: Skipped,
    /// What could not be looked into.
    pub faults: Vec<Fault>,
    /// Folders that were named and lead to no input, safe to show.
    pub empty: Vec<String>,
}

/// Counts of files passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// CloudTrail digests.
    pub digests: u64,
    /// CloudTrail Insights.
    pub insights: u64,
    /// Files whose names have none of the endings of an input.
    pub other: u64,
    /// Symbolic links to folders, out of the folders named, or to nothing.
    pub links: u64,
    /// Pipes, devices and sockets.
    pub special: u64,
    /// Day folders outside the time asked for.
    pub outside: u64,
}

/// A path that could not be looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The path.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: FaultReason,
}

/// Why a path could not be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultReason {
    /// The system says so.
    Io(ErrorKind),
    /// It is a device or a socket.
    Special,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.path.as_os_str().as_encoded_bytes()))?;
        match self.reason {
            FaultReason::Io(ErrorKind::NotFound) => f.write_str(": no such file or folder"),
            FaultReason::Io(kind) => write!(f, ": {kind}"),
            FaultReason::Special => f.write_str(": a device or socket, not a file"),
        }
    }
}

/// The inputs that the paths name; `-` is standard input.
///
/// # Cost
///
/// One look at each folder and each file. A path given twice is listed twice.
#[must_use]
pub fn discover(paths: &[PathBuf], options: &Discover) -> Listing {
    let mut listing = Listing::default();
    let roots: Vec<PathBuf> = paths
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    for path in paths {
        if path == Path::new("-") {
            listing.files.push(InputFile::stdin());
            continue;
        }
        match fs::metadata(path) {
            Err(error) => listing.fault(path, FaultReason::Io(error.kind())),
            Ok(facts) if facts.is_dir() => {
                let before = listing.found();
                Walk::new(options, &roots, &mut listing).folder(path.clone());
                if listing.found() == before {
                    listing.empty.push(shown(path.as_os_str().as_encoded_bytes()));
                }
            }
            Ok(facts) if facts.is_file() || is_pipe(facts.file_type()) => {
                let size = if facts.is_file() { facts.len() } else { 0 };
                listing.files.push(InputFile::named(path, size));
            }
            Ok(_) => listing.fault(path, FaultReason::Special),
        }
    }
    listing.files.sort_by(InputFile::order);
    listing
}

impl Listing {
    /// How much there is that may be an input, could not be looked into, or was not asked for.
    fn found(&self) -> (usize, usize, u64) {
        (self.files.len(), self.faults.len(), self.skipped.outside)
    }

    fn fault(&mut self, path: &Path, reason: FaultReason) {
        self.faults.push(Fault { path: path.to_owned(), reason });
    }
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests;
