//! An input: where it is, and what its name says.
//!
//! All files of an archive are listed before the first is read, and of years of it there are
//! millions: the folder of many is kept once, and paths are put together when they are asked for.

use crate::discover::delivery;
use crate::shown::shown;
use event::EventTime;
use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// The folder it was found in; of an input that the user named, nothing.
    folder: Arc<Path>,
    /// Its name in the folder, or the path that the user gave.
    name: Box<OsStr>,
    /// Its length in bytes when it was listed; 0 for a pipe.
    pub size: u64,
    /// When CloudTrail delivered it, if its name says so.
    pub delivery: Option<EventTime>,
    /// How it came to be listed.
    pub origin: Origin,
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

impl InputFile {
    /// A file that the user named, of so many bytes.
    #[must_use]
    pub fn named(path: &Path, size: u64) -> Self {
        let delivery = path.file_name().and_then(delivery);
        let (folder, name) = (Path::new("").into(), path.as_os_str().into());
        Self { folder, name, size, delivery, origin: Origin::Named }
    }

    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self { origin: Origin::Stdin, ..Self::named(Path::new("-"), 0) }
    }

    /// A file that lies in a folder.
    pub(crate) fn found(folder: &Arc<Path>, name: OsString, size: u64) -> Self {
        let (folder, delivery) = (Arc::clone(folder), delivery(&name));
        Self { folder, name: name.into(), size, delivery, origin: Origin::Found }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(&*self.name)
    }

    /// Its path, safe to show.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.origin {
            Origin::Stdin => "standard input".to_owned(),
            _ => shown(self.path().as_os_str().as_encoded_bytes()),
        }
    }

    /// Its name without the folders it is in.
    #[must_use]
    pub fn file_name(&self) -> Option<&OsStr> {
        Path::new(&*self.name).file_name()
    }

    /// Whose events it holds, as the name that CloudTrail gave it begins: account and region.
    /// Empty where the name does not say so.
    #[must_use]
    pub fn trail(&self) -> &str {
        let name = self.file_name().and_then(OsStr::to_str).unwrap_or_default();
        // What follows is the time of delivery, and a unique text.
        let trail = self.delivery.and_then(|_| name.rsplitn(3, '_').nth(2));
        trail.unwrap_or_default()
    }

    /// About how many bytes it comes to when it is inflated, judged by its name.
    #[must_use]
    pub fn about_inflated(&self) -> u64 {
        // CloudTrail's files inflate to seven to ten times their size.
        const PACKED: u64 = 8;
        let name = self.name.as_encoded_bytes();
        let packed = name.ends_with(b".gz") || name.ends_with(b".zst");
        if packed { self.size.saturating_mul(PACKED) } else { self.size }
    }

    /// The order in which inputs are read: those without a time of delivery first, then by that
    /// time; within each by path.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let by_path = || match Arc::ptr_eq(&self.folder, &other.folder) {
            true => self.name.cmp(&other.name),
            false => self.path().as_os_str().cmp(other.path().as_os_str()),
        };
        self.delivery.cmp(&other.delivery).then_with(by_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_named_by_its_path() {
        let folder: Arc<Path> = Path::new("a/b").into();
        let name = "1_CloudTrail_us-east-1_20240102T0305Z_x.json.gz";
        let found = InputFile::found(&folder, name.into(), 3);
        let named = InputFile::named(&Path::new("a/b").join(name), 3);
        assert_eq!((found.path(), found.shown()), (named.path(), named.shown()));
        assert_eq!((found.delivery, found.file_name()), (named.delivery, named.file_name()));
        assert_eq!((found.trail(), named.trail()), ("1_CloudTrail_us-east-1", found.trail()));
        assert_eq!((found.about_inflated(), named.about_inflated()), (24, 24));
        assert_eq!(found.order(&named), Ordering::Equal);
    }

    #[test]
    fn the_order_is_that_of_whole_paths() {
        let file =
            |folder: &str, name: &str| InputFile::found(&Path::new(folder).into(), name.into(), 1);
        // As bytes `-` comes before `/`, and `.` between them.
        let [first, second] = [file("a-b", "x.json"), file("a", "y.json")];
        assert_eq!(first.order(&second), Ordering::Less);
        assert_eq!(InputFile::named(Path::new("a.json"), 1).order(&second), Ordering::Less);
    }
}
