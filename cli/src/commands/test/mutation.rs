//! `test --mutate`: do the tests of a rule notice when one thing in it is changed?
//!
//! Each mutant is checked like any rule, with the lets of its file and the site's values, and runs the rule's
//! tests until one fails. What the checker refuses is no mutant and is counted apart.

use super::rehearsal::{Rehearsal, alone};
use super::{counted, location, print};
use crate::exit::Failure;
use crate::load::{Texts, has_errors};
use crate::output::terminal::{Look, escape};
use crate::spread::spread;
use anstyle::{AnsiColor, Style};
use engine::lang::ast::{File, Item};
use engine::lang::check::{Options, check_with};
use engine::lang::mutate::{Mutant, mutants};
use engine::lang::parse;
use engine::lang::typed::Rule;

/// Run the mutants of rules whose tests pass, and show what no test noticed.
///
/// # Errors
///
/// When standard output cannot be written.
pub(super) fn run(
    rules: &[(&Rule, &Rehearsal)],
    texts: &Texts,
    look: Look,
    quiet: bool,
) -> Result<(), Failure> {
    let results = spread(rules, |(rule, rehearsal)| Outcome::of(rule, rehearsal, texts));
    let mut total = Outcome::default();
    for ((rule, _), result) in rules.iter().zip(results) {
        if !quiet || !result.survivors.is_empty() {
            print(&result.lines(&rule.name, look))?;
        }
        total.killed += result.killed;
        total.refused += result.refused;
        total.survivors.extend(result.survivors);
    }
    print(&total.total(rules.len()))
}

/// A change that no test noticed: where, and what.
#[derive(Debug)]
struct Survivor {
    at: String,
    what: String,
}

/// How the mutants of a rule fared.
#[derive(Debug, Default)]
struct Outcome {
    killed: usize,
    survivors: Vec<Survivor>,
    /// Those that the checker refuses.
    refused: usize,
}

impl Outcome {
    fn of(rule: &Rule, rehearsal: &Rehearsal, texts: &Texts) -> Self {
        let mut outcome = Self::default();
        let sources = &texts.sources;
        let (file, _) = parse(sources, rule.span.file);
        let written = file.items.iter().find_map(|item| match item {
            Item::Rule(own) if own.name.name == rule.name => Some(own),
            _ => None,
        });
        for mutant in written.map(mutants).unwrap_or_default() {
            match fate(&mutant, rule, &file, rehearsal, texts) {
                Fate::Killed => outcome.killed += 1,
                Fate::Refused => outcome.refused += 1,
                Fate::Survived => outcome.survivors.push(Survivor {
                    at: location(sources, mutant.span),
                    what: escape(&mutant.what),
                }),
            }
        }
        outcome
    }

    fn mutants(&self) -> usize {
        self.killed + self.survivors.len()
    }

    fn lines(&self, name: &str, look: Look) -> String {
        let (word, style) = match self.survivors.len() {
            _ if self.mutants() == 0 => ("none", Style::new().dimmed()),
            0 => ("ok", AnsiColor::Green.on_default()),
            _ => ("gaps", AnsiColor::Yellow.on_default().bold()),
        };
        let mark = look.paint(style, &format!("{word:<7}"));
        let mut text = format!(
            "{mark}{name}, {} of {} noticed\n",
            self.killed,
            counted(self.mutants(), "change")
        );
        for survivor in &self.survivors {
            text.push_str(&format!("       {}: {}\n", survivor.at, survivor.what));
        }
        text
    }

    fn total(&self, rules: usize) -> String {
        let share = match self.mutants() {
            0 => 100,
            all => 100 * self.killed / all,
        };
        format!(
            "{} of {} of {} noticed: {share} %; {} refused by the checker\n",
            self.killed,
            counted(self.mutants(), "change"),
            counted(rules, "rule"),
            self.refused
        )
    }
}

enum Fate {
    Killed,
    Survived,
    Refused,
}

fn fate(mutant: &Mutant, rule: &Rule, file: &File, rehearsal: &Rehearsal, texts: &Texts) -> Fate {
    let sources = &texts.sources;
    // The number of a file is its place; the others are left empty.
    let mut files = vec![File::default(); sources.files.len()];
    let lets = file.items.iter().filter(|item| matches!(item, Item::Let(_))).cloned();
    let items = lets.chain([Item::Rule(mutant.rule.clone())]).collect();
    let Some(place) = files.get_mut(rule.span.file as usize) else { return Fate::Refused };
    *place = File { items };
    let (ruleset, diags) = check_with(sources, &files, &Options { lints: false }, &texts.beside);
    let Some(changed) = ruleset.rules.first().filter(|_| !has_errors(&diags)) else {
        return Fate::Refused;
    };
    match alone(changed, &ruleset) {
        Err(_) => Fate::Refused,
        Ok(program) if rehearsal.notices(&program) => Fate::Killed,
        Ok(_) => Fate::Survived,
    }
}
