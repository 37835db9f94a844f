//! What goes with the rules of a run: a site's values, files of values, the time.
//!
//! It asks the caller for the texts of files and gives them numbers among the
//! sources, so that messages point into them; it reads nothing itself.

use super::{Options, finish};
use crate::ast::{self, Item, LetValue};
use crate::diag::{Diag, Role, Sources};
use crate::parser;
use crate::site::{self, Site};
use crate::typed::Ruleset;
use event::EventTime;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path};

/// What goes with the rules of a run.
pub struct Around<'r> {
    /// The number of the site file among the sources.
    pub site: Option<u32>,
    /// The time of day: an exemption that ended before it is warned of.
    pub now: Option<EventTime>,
    /// Only some of the rules are here: what the site says of others is no more than
    /// a warning.
    pub partial: bool,
    /// The names of rules and lets that are not here and that the site may know.
    pub elsewhere: BTreeSet<String>,
    /// The name and text of the file that a let of this source is read from.
    pub read: &'r mut ReadValues<'r>,
}

/// Reads the file that a let of the source with this number names.
pub type ReadValues<'r> = dyn FnMut(u32, &str) -> Result<(String, String), Unread> + 'r;

impl fmt::Debug for Around<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("site", &self.site).field("now", &self.now).finish()
    }
}

/// Why a file of values was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Rules that came with the binary, or without a file, have none beside them.
    NoFiles,
    /// The path leads out of the rule file's folder.
    Outside,
    /// It cannot be read, and why.
    Failed(String),
}

/// Whether a path that a rule file names leads nowhere but to its folder and below, as far
/// as the path alone tells; links are for who reads the file.
#[must_use]
pub fn stays_below(named: &str) -> bool {
    let below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    Path::new(named).components().all(below)
}

/// What became of each file of values, by the number of the rule file and the path.
pub(super) type Lists = BTreeMap<(u32, String), Result<u32, Unread>>;

/// The same as it was read, with the trees of the sources: nothing of it is asked for any more.
#[derive(Debug, Default)]
pub struct Beside {
    trees: Vec<ast::File>,
    pub(super) site: Site,
    pub(super) lists: Lists,
    pub(super) now: Option<EventTime>,
    pub(super) partial: bool,
    pub(super) elsewhere: BTreeSet<String>,
}

impl Beside {
    /// The tree of a source as it was read, by its number.
    #[must_use]
    pub fn tree(&self, file: u32) -> Option<&ast::File> {
        self.trees.get(file as usize)
    }
}

/// As [`super::load`], with the values of a site and of files.
///
/// Files of values become sources of their own. What the site says holds in place of
/// what the rule files say, wherever it has no error.
#[must_use]
pub fn load_with(
    sources: &mut Sources,
    options: &Options,
    around: Around<'_>,
) -> (Ruleset, Vec<Diag>) {
    let (ruleset, diags, _) = load_keeping(sources, options, around);
    (ruleset, diags)
}

/// As [`load_with`], with what [`super::check_with`] needs for changed trees of the files.
#[must_use]
pub fn load_keeping(
    sources: &mut Sources,
    options: &Options,
    around: Around<'_>,
) -> (Ruleset, Vec<Diag>, Beside) {
    let (files, mut faults) = trees(sources);
    let (site, diags) = around.site.map(|number| site::parse(sources, number)).unwrap_or_default();
    let wanted = wanted(sources, &files, &site);
    let mut lists = Lists::new();
    for (file, path) in wanted {
        let builtin = sources.files.get(file as usize).is_some_and(|source| source.builtin);
        let read = if builtin { Err(Unread::NoFiles) } else { (around.read)(file, &path) };
        let number = read.map(|(name, text)| sources.add_beside(name, text, Role::Values));
        lists.insert((file, path), number);
    }
    faults.extend(diags);
    let Around { now, partial, elsewhere, .. } = around;
    let mut beside = Beside { trees: Vec::new(), site, lists, now, partial, elsewhere };
    let (ruleset, diags) = finish(sources, (&files, faults), options, &beside);
    beside.trees = files;
    (ruleset, diags, beside)
}

/// The trees of all sources, empty for those without rules, and the faults in their form.
pub(super) fn trees(sources: &Sources) -> (Vec<ast::File>, Vec<Diag>) {
    let mut files = Vec::with_capacity(sources.files.len());
    let mut faults = Vec::new();
    for (number, source) in (0..).zip(&sources.files) {
        let (file, diags) = match source.role {
            Role::Rules => parser::parse(sources, number),
            Role::Site | Role::Values => Default::default(),
        };
        files.push(file);
        faults.extend(diags);
    }
    (files, faults)
}

/// The files that lets are read from, but for those that the site has a value for.
fn wanted(sources: &Sources, files: &[ast::File], site: &Site) -> BTreeSet<(u32, String)> {
    let given = |name: &str| site.lets.iter().any(|given| given.name.name == name);
    let mut all = BTreeSet::new();
    for (number, file) in (0..).zip(files).take(sources.files.len()) {
        for item in &file.items {
            if let Item::Let(own) = item
                && let LetValue::From(path) = &own.value
                && !given(&own.name.name)
            {
                all.insert((number, path.value.clone()));
            }
        }
    }
    all
}
