//! Opening files before they are read and asking the system for them, so that disk and
//! processor work at once.
//!
//! Where the system knows no such hint nothing is asked for; where a file cannot be opened,
//! whoever reads it finds out. It takes none of the program's memory.

use crate::file::InputFile;
use std::fs::File;

/// A file that was opened ahead of its reading.
#[derive(Debug)]
pub struct Opened(pub(crate) File);

/// Open a file and have the system read its beginning ahead: 4 MiB, more than most have.
///
/// # Cost
///
/// Some microseconds, which reading it saves.
#[must_use]
pub fn open_ahead(file: &InputFile) -> Option<Opened> {
    // To open a pipe would wait for its writer; pipes and standard input have no size.
    let source = (file.size > 0).then(|| File::open(file.path()))?.ok()?;
    advise(&source);
    Some(Opened(source))
}

#[cfg(target_os = "linux")]
fn advise(source: &File) {
    use rustix::fs::{Advice, fadvise};
    const MOST: Option<std::num::NonZeroU64> = std::num::NonZeroU64::new(4 << 20);
    _ = fadvise(source, 0, MOST, Advice::WillNeed);
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &File) {}
