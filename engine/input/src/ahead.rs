//! Asking the system for a file before it is read, so that disk and processor work at once.
//!
//! A hint: where the system knows none, or the file cannot be opened, nothing happens, and
//! whoever reads the file finds out. It takes none of the program's memory.

use crate::discover::InputFile;

/// Have the system read the beginning of a file ahead: 4 MiB, more than most have.
///
/// # Cost
///
/// A file is opened and closed, some microseconds.
pub fn read_ahead(file: &InputFile) {
    // To open a pipe would wait for its writer; pipes and standard input have no size.
    if file.size > 0 {
        advise(file);
    }
}

#[cfg(target_os = "linux")]
fn advise(file: &InputFile) {
    use rustix::fs::{Advice, fadvise};
    const MOST: Option<std::num::NonZeroU64> = std::num::NonZeroU64::new(4 << 20);
    if let Ok(source) = std::fs::File::open(&file.path) {
        _ = fadvise(source, 0, MOST, Advice::WillNeed);
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &InputFile) {}
