//! The records of one file, as texts, for commands that look at a few of them.
//!
//! It reads what `replay` reads, whole into memory.

use crate::load::name;
use engine::event::Layout;
use engine::input::{Discover, Reader, discover};
use std::path::Path;

/// The records of a file, `-` for standard input, in their order.
///
/// # Errors
///
/// Why there are none, or not all.
pub(crate) fn records(path: &Path) -> Result<Vec<String>, String> {
    let listing = discover(&[path.to_owned()], &Discover::default());
    if let Some(fault) = listing.faults.first() {
        return Err(fault.to_string());
    }
    let layout = Layout::new();
    let mut reader = Reader::new(&layout);
    let mut texts = Vec::new();
    for file in &listing.files {
        let report = reader.file(file, &mut |found| {
            texts.push(String::from_utf8_lossy(found.record).into_owned());
        });
        if let Some(looked) = &report.looked_like {
            return Err(format!("`{}` holds no CloudTrail record: it is {looked}", file.shown()));
        }
        if let Some(damage) = report.damage.kept.first() {
            return Err(format!("`{}` is damaged: {damage}", file.shown()));
        }
    }
    if texts.is_empty() {
        return Err(format!("`{}` holds no CloudTrail record", name(path)));
    }
    Ok(texts)
}
