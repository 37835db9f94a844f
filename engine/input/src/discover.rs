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

use crate::shown::shown;
use event::EventTime;
use names::delivery;
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
}

/// An input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path, safe to show.
    pub name: String,
    /// Its length in bytes when it was listed; 0 for a pipe.
    pub size: u64,
    /// When CloudTrail delivered it, if its name says so.
    pub delivery: Option<EventTime>,
    /// How it came to be listed.
    pub origin: Origin,
}

impl InputFile {
    /// About how many bytes it comes to when it is inflated, judged by its name.
    #[must_use]
    pub fn about_inflated(&self) -> u64 {
        // CloudTrail's files inflate to seven to ten times their size.
        const PACKED: u64 = 8;
        let packed = self.path.extension().is_some_and(|end| end == "gz" || end == "zst");
        if packed { self.size.saturating_mul(PACKED) } else { self.size }
    }
}

impl InputFile {
    /// Whose events it holds, as the name that CloudTrail gave it begins: account and region.
    /// Empty where the name does not say so.
    #[must_use]
    pub fn trail(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // What follows is the time of delivery, and a unique text.
        let trail = self.delivery.and_then(|_| name.rsplitn(3, '_').nth(2));
        trail.unwrap_or_default()
    }
}

/// How an input came to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user named it.
    Named,
    /// It lies in a folder the user named.
    Found,
    /// It is standard input, named `-`.
    Stdin,
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

impl InputFile {
    fn new(path: PathBuf, size: u64, origin: Origin) -> Self {
        let name = shown(path.as_os_str().as_encoded_bytes());
        let delivery = path.file_name().and_then(|name| delivery(name.as_encoded_bytes()));
        Self { path, name, size, delivery, origin }
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
            let mut file = InputFile::new(path.clone(), 0, Origin::Stdin);
            "standard input".clone_into(&mut file.name);
            listing.files.push(file);
            continue;
        }
        match fs::metadata(path) {
            Err(error) => listing.fault(path, FaultReason::Io(error.kind())),
            Ok(facts) if facts.is_dir() => {
                Walk::new(options, &roots, &mut listing).folder(path.clone());
            }
            Ok(facts) if facts.is_file() || is_pipe(facts.file_type()) => {
                let size = if facts.is_file() { facts.len() } else { 0 };
                listing.files.push(InputFile::new(path.clone(), size, Origin::Named));
            }
            Ok(_) => listing.fault(path, FaultReason::Special),
        }
    }
    listing.files.sort_by(|a, b| {
        let order = a.delivery.cmp(&b.delivery);
        order.then_with(|| a.path.as_os_str().cmp(b.path.as_os_str()))
    });
    listing
}

impl Listing {
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
