//! A walk through one folder, without recursion and without following folders' links.

use super::names::{Family, file_family, folder_day, folder_family, is_input};
use super::{Discover, FaultReason, Listing, is_pipe};
use crate::file::InputFile;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The walk: what it looks for, and where it writes what it finds.
pub(super) struct Walk<'a> {
    options: &'a Discover,
    /// The folders named, with no links in their paths.
    roots: &'a [PathBuf],
    listing: &'a mut Listing,
    waiting: Vec<Folder>,
}

/// A folder to look into.
struct Folder {
    path: Arc<Path>,
    /// The same from the root of the file system.
    full: PathBuf,
    /// What its name, or that of a folder above, says of its files.
    family: Option<Family>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        options: &'a Discover,
        roots: &'a [PathBuf],
        listing: &'a mut Listing,
    ) -> Self {
        Self { options, roots, listing, waiting: Vec::new() }
    }

    /// List the inputs in a folder that the user named.
    pub(super) fn folder(mut self, path: PathBuf) {
        let full = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        let family = full.file_name().and_then(folder_family);
        self.enter(Folder { path: path.into(), full, family });
        while let Some(folder) = self.waiting.pop() {
            match fs::read_dir(&folder.path) {
                Err(error) => self.listing.fault(&folder.path, FaultReason::Io(error.kind())),
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => self.entry(&folder, &entry),
                            Err(error) => {
                                self.listing.fault(&folder.path, FaultReason::Io(error.kind()));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Put a folder in the queue, unless its day is not asked for.
    fn enter(&mut self, folder: Folder) {
        let outside = folder_day(&folder.full).is_some_and(|day| {
            // Deliveries run late, so a day's events lie in the next day's folder too.
            self.options.from.is_some_and(|from| day < from.day() - 1)
                || self.options.to.is_some_and(|to| day > to.day() + 1)
        });
        if outside {
            self.listing.skipped.outside += 1;
        } else {
            self.waiting.push(folder);
        }
    }

    fn entry(&mut self, folder: &Folder, entry: &DirEntry) {
        match entry.file_type() {
            Err(error) => self.listing.fault(&entry.path(), FaultReason::Io(error.kind())),
            Ok(kind) if kind.is_dir() => {
                let name = entry.file_name();
                let family = folder_family(&name).or(folder.family);
                let (path, full) = (folder.path.join(&name).into(), folder.full.join(&name));
                self.enter(Folder { path, full, family });
            }
            Ok(kind) => self.file(folder, entry, kind),
        }
    }

    fn file(&mut self, folder: &Folder, entry: &DirEntry, kind: FileType) {
        let name = entry.file_name();
        let skipped = &mut self.listing.skipped;
        if !kind.is_file() && !kind.is_symlink() {
            skipped.special += 1;
            return;
        }
        match file_family(&name).or(folder.family) {
            Some(Family::Digest) => return skipped.digests += 1,
            Some(Family::Insight) if !self.options.insights => return skipped.insights += 1,
            _ => {}
        }
        if !is_input(&name) {
            return skipped.other += 1;
        }
        // What is no link is looked up in its folder, not along its whole path.
        let facts = match kind.is_symlink() {
            true if !self.leads_inside(&entry.path()) => {
                return self.listing.skipped.links += 1;
            }
            true => fs::metadata(entry.path()),
            false => entry.metadata(),
        };
        match facts {
            Ok(facts) if facts.is_file() => {
                self.listing.files.push(InputFile::found(&folder.path, name, facts.len()));
            }
            Ok(facts) if is_pipe(facts.file_type()) => self.listing.skipped.special += 1,
            Ok(_) => self.listing.skipped.links += 1,
            Err(error) => self.listing.fault(&entry.path(), FaultReason::Io(error.kind())),
        }
    }

    /// Whether a link's target is a file in one of the folders named.
    fn leads_inside(&self, link: &Path) -> bool {
        let Ok(target) = link.canonicalize() else { return false };
        !target.is_dir() && self.roots.iter().any(|root| target.starts_with(root))
    }
}
