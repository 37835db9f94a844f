//! From the tree to the checked form, with everything that is wrong on the way.
//!
//! Names are resolved, types checked, clauses held against each other, literals
//! compared with what AWS has. It knows the whole language; it knows nothing of how
//! a rule is evaluated, and reads nothing but the texts it is given.
//!
//! In the order of the work: `beside` is what goes with the rules, `site` what of it
//! names something; `lets` with their `values`, `params`, `rule` with its `clauses`; their
//! expressions in `expr`, `compare`, `member`, `pattern`, `arith`, `function`,
//! `aggregate`, with names from `scope`; the kinds of rules with memory in `tuple`, `baseline`
//! and `sequence` with `split`; then `title`, `learn`, `blocks`, `lint`.
//!
//! # Invariants
//!
//! - All errors of all files are found in one run, each once, where it is.
//! - A rule with an error is not in the outcome; what uses it says nothing more.
//! - Without [`Options::lints`] there is no warning, and none is computed, but for an
//!   exemption of the site that has ended.

mod aggregate;
mod allow;
mod always;
mod arith;
mod baseline;
mod beside;
mod blocks;
mod clauses;
pub mod codes;
mod compare;
mod expr;
mod function;
mod known;
mod learn;
mod lets;
mod lint;
mod literal;
mod member;
mod params;
mod pattern;
mod recorded;
mod rule;
mod scope;
mod sequence;
mod sink;
mod site;
mod split;
mod suggest;
mod title;
mod together;
mod tuple;
mod types;
mod values;

pub use beside::{Around, Beside, ReadValues, Unread, load_keeping, load_with, stays_below};

use crate::ast::{self, Item, Span};
use crate::diag::{Diag, Sources, Weight};
use crate::limits;
use crate::parser::is_damaged;
use crate::typed::Ruleset;
use sink::Sink;
use std::collections::{BTreeMap, BTreeSet};

/// What a check is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether warnings are wanted too.
    pub lints: bool,
}

/// The rules of the files that have no error, and all that is wrong, in the order of the files.
///
/// The number of a file in `files` is its number in `sources`.
#[must_use]
pub fn check(sources: &Sources, files: &[ast::File], options: &Options) -> (Ruleset, Vec<Diag>) {
    check_with(sources, files, options, &Beside::default())
}

/// As [`check`], with the values of a site and of files that were read before.
#[must_use]
pub fn check_with(
    sources: &Sources,
    files: &[ast::File],
    options: &Options,
    beside: &Beside,
) -> (Ruleset, Vec<Diag>) {
    run(sources, (files, &[]), options, beside)
}

/// The rules of all files of `sources`, parsed and checked, and all that is wrong with them.
///
/// A rule or let with a fault in its form is not checked any further.
#[must_use]
pub fn load(sources: &Sources, options: &Options) -> (Ruleset, Vec<Diag>) {
    let (files, faults) = beside::trees(sources);
    finish(sources, (&files, faults), options, &Beside::default())
}

/// The rules of trees in which there are these faults of form.
fn finish(
    sources: &Sources,
    (files, mut faults): (&[ast::File], Vec<Diag>),
    options: &Options,
    beside: &Beside,
) -> (Ruleset, Vec<Diag>) {
    if !options.lints {
        faults.retain(|diag| diag.weight == Weight::Error);
    }
    let (ruleset, mut diags) = run(sources, (files, &faults), options, beside);
    diags.extend(faults);
    sort(&mut diags);
    (ruleset, diags)
}

fn sort(diags: &mut [Diag]) {
    diags.sort_by_key(|diag| place(diag).map_or((0, 0), |at| (at.file, at.start)));
}

fn place(diag: &Diag) -> Option<Span> {
    diag.labels.first().map(|(span, _)| *span)
}

/// The field or name that was meant by one that does not exist.
#[must_use]
pub fn meant(wrong: &str) -> Option<String> {
    suggest::field(wrong, &[])
}

/// The files in which an error of form stands outside of any let or rule: what is
/// lost there may be what the rest of the file uses.
fn lossy(files: &[ast::File], faults: &[Diag]) -> BTreeSet<u32> {
    let holds = |item: &Item, fault: &Diag| is_damaged(span(item), std::slice::from_ref(fault));
    faults
        .iter()
        .filter_map(|fault| place(fault).map(|at| (at.file, fault)))
        .filter(|(file, fault)| {
            let items = files.get(*file as usize).map(|file| file.items.as_slice());
            fault.weight == Weight::Error
                && fault.code.starts_with("E00")
                && !items.unwrap_or_default().iter().any(|item| holds(item, fault))
        })
        .map(|(file, _)| file)
        .collect()
}

fn span(item: &Item) -> Span {
    match item {
        Item::Let(own) => own.span,
        Item::Rule(rule) => rule.span,
    }
}

fn run(
    sources: &Sources,
    (files, faults): (&[ast::File], &[Diag]),
    options: &Options,
    beside: &Beside,
) -> (Ruleset, Vec<Diag>) {
    let mut sink = Sink::new(sources, options.lints);
    let mut ruleset = Ruleset::default();
    let left_out = names(&mut sink, files, &mut ruleset.replaced);
    let lossy = lossy(files, faults);
    let asked = !beside.site.rules.is_empty();
    let named = if asked { counting(files, &left_out) } else { BTreeMap::new() };
    let rules = site::Rules { named, lossy: !lossy.is_empty() };
    let overrides = site::hold(&mut sink, beside, (files, faults), &rules);
    let with = lets::With { faults, beside, overrides: &overrides };
    ruleset.rules.reserve(files.iter().map(|file| file.items.len()).sum());
    let mut number = 0_usize;
    for (file_number, file) in files.iter().enumerate() {
        if u32::try_from(file_number).is_ok_and(|number| lossy.contains(&number)) {
            continue;
        }
        let lets = lets::check(&mut sink, file, with, &mut ruleset);
        for (at, item) in file.items.iter().enumerate() {
            let Item::Rule(rule) = item else { continue };
            let replaced = left_out.get(&(file_number, at));
            if replaced == Some(&LeftOut::Replaced) || is_damaged(rule.span, faults) {
                continue;
            }
            number += 1;
            if number == limits::RULES + 1 {
                sink.error(too_many(rule));
            }
            let checked = rule::check(&mut sink, &lets, &ruleset.lets, beside, rule);
            if replaced.is_none() && number <= limits::RULES {
                ruleset.rules.extend(checked);
            }
        }
    }
    (ruleset, sink.finish())
}

fn too_many(rule: &ast::Rule) -> Diag {
    Diag::error("E0315", format!("more than {} rules", limits::RULES), rule.name.span)
        .label("the first that is too many")
        .help("split the rules over several runs")
}

/// The rules whose names are their own.
fn counting<'a>(
    files: &'a [ast::File],
    left_out: &BTreeMap<Place, LeftOut>,
) -> BTreeMap<&'a str, &'a ast::Rule> {
    let mut rules = BTreeMap::new();
    for (file_number, file) in files.iter().enumerate() {
        for (at, item) in file.items.iter().enumerate() {
            if let Item::Rule(rule) = item
                && !left_out.contains_key(&(file_number, at))
            {
                rules.insert(rule.name.name.as_str(), rule);
            }
        }
    }
    rules
}

/// Why a rule is not in the outcome, whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeftOut {
    /// A user's rule has the name of this one, which came with the binary.
    Replaced,
    /// A rule before it has its name.
    Again,
}

/// A rule by the number of its file and of its item in it.
type Place = (usize, usize);

/// The rules, by the number of their file and item, whose name belongs to another.
fn names(
    sink: &mut Sink<'_>,
    files: &[ast::File],
    replaced: &mut Vec<String>,
) -> BTreeMap<Place, LeftOut> {
    let mut known: Vec<(Place, &ast::Ident)> = Vec::new();
    for (file_number, file) in files.iter().enumerate() {
        for (at, item) in file.items.iter().enumerate() {
            if let Item::Rule(rule) = item {
                known.push(((file_number, at), &rule.name));
            }
        }
    }
    known.sort_by_key(|(place, ident)| (&ident.name, *place));
    let mut left_out = BTreeMap::new();
    for all in known.chunk_by(|(_, one), (_, next)| one.name == next.name) {
        let [(_, first), _, ..] = all else { continue };
        let (builtin, own): (Vec<_>, Vec<_>) =
            all.iter().copied().partition(|(_, ident)| sink.builtin(ident.span));
        let all = if own.is_empty() || builtin.is_empty() {
            all
        } else {
            replaced.push(first.name.clone());
            left_out.extend(builtin.iter().map(|(place, _)| (*place, LeftOut::Replaced)));
            &own
        };
        let Some(((_, first), rest)) = all.split_first() else { continue };
        for (place, again) in rest {
            left_out.insert(*place, LeftOut::Again);
            let title = format!("two rules are called `{}`", again.name);
            let diag = Diag::error("E0107", title, again.span)
                .label("again")
                .also(first.span, "first here")
                .help("rule names are one space over all files: rename one of them");
            sink.error(diag);
        }
    }
    left_out
}
