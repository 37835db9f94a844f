//! Which site file holds: the one that is named, else the first that is there.
//!
//! It looks and does not read. A file that nobody named for this run is said on
//! standard error, since it lay where the program was started.

use crate::args::SiteArgs;
use engine::input::shown;
use std::env;
use std::path::{Path, PathBuf};

/// The variable that names a site file.
const VARIABLE: &str = "TRAILHOUND_SITE";

/// The name of a site file in the folder at hand and in the user's.
const NAME: &str = "trailhound.toml";

/// A site file and who named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its path.
    pub(crate) path: PathBuf,
    by: By,
}

/// Who named a site file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// `--site`.
    Flag,
    /// `TRAILHOUND_SITE`.
    Variable,
    /// It lies in the folder at hand.
    Here,
    /// It lies in the user's folder for configuration.
    User,
}

impl Found {
    /// The file that a flag names.
    pub(crate) fn named(path: &Path) -> Self {
        Self { path: path.to_owned(), by: By::Flag }
    }

    /// Whether it was named for this run, rather than found.
    pub(crate) fn is_named(&self) -> bool {
        matches!(self.by, By::Flag | By::Variable)
    }

    /// Its path, as messages show it.
    pub(crate) fn name(&self) -> String {
        shown(self.path.as_os_str().as_encoded_bytes())
    }

    /// That its values hold, and why.
    pub(crate) fn note(&self) -> String {
        let why = match self.by {
            By::Flag => "as `--site` says",
            By::Variable => "as `TRAILHOUND_SITE` says",
            By::Here => "found in this folder; `--no-site` leaves it out",
            By::User => "found in your configuration; `--no-site` leaves it out",
        };
        format!("the values of the site file `{}` hold, {why}", self.name())
    }
}

/// The site file of a run, if there is one.
pub(crate) fn find(typed: &SiteArgs) -> Option<Found> {
    if typed.no_site {
        return None;
    }
    if let Some(path) = &typed.site {
        return Some(Found::named(path));
    }
    let variable = env::var_os(VARIABLE).filter(|path| !path.is_empty());
    if let Some(path) = variable {
        return Some(Found { path: path.into(), by: By::Variable });
    }
    let here = Some(Found { path: NAME.into(), by: By::Here });
    let user = user_folder().map(|folder| Found { path: folder.join(NAME), by: By::User });
    // A link that leads nowhere is there, too: reading it says what is wrong.
    here.into_iter().chain(user).find(|found| found.path.symlink_metadata().is_ok())
}

/// The user's folder for this program's configuration.
fn user_folder() -> Option<PathBuf> {
    let absolute =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME");
    let config = config.or_else(|| absolute("HOME").map(|home| home.join(".config")));
    config.map(|folder| folder.join("trailhound"))
}
