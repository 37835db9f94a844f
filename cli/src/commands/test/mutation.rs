//! `test --mutate`: do the tests of a rule notice when one thing in it is changed?
//!
//! Each mutant is checked like any rule, with the lets of its file and the site's values, and runs the rule's
//! tests until one fails. What the checker refuses is no mutant and is counted apart.

use super::rehearsal::{Rehearsal, alone};
use super::tally::Noticed;
use super::{Output, counted, location, print};
use crate::args::TestFormat;
use crate::exit::Failure;
use crate::load::{Texts, has_errors};
use crate::output::terminal::escape;
use crate::spread::spread;
use anstyle::{AnsiColor, Style};
use engine::lang::ast::{File, Item, Span};
use engine::lang::check::{Options, check_with};
use engine::lang::mutate::{Mutant, Part, mutants};
use engine::lang::typed::Rule;
use serde_json::json;

/// Run the mutants of rules whose tests pass, and show what no test noticed.
///
/// # Errors
///
/// When standard output cannot be written.
pub(super) fn run(
    rules: &[(&Rule, &Rehearsal)],
    texts: &Texts,
    output: &Output<'_>,
) -> Result<(), Failure> {
    let results = spread(rules, |(rule, rehearsal)| Outcome::of(rule, rehearsal, texts));
    let for_programs = output.typed.format == TestFormat::Json;
    let mut total = Noticed::default();
    for ((rule, _), result) in rules.iter().zip(results) {
        total.join(&result.noticed);
        if for_programs {
            print(&result.objects(rule, output))?;
        } else if !output.typed.quiet || result.has_survivors() {
            print(&result.lines(&rule.name, output))?;
        }
    }
    if for_programs { Ok(()) } else { print(&total.lines(rules.len())) }
}

/// How the mutants of a rule fared.
#[derive(Debug, Default)]
struct Outcome {
    /// All of them, without the rules that they are.
    fates: Vec<(Change, Fate)>,
    noticed: Noticed,
}

/// What a mutant changes.
#[derive(Debug)]
struct Change {
    span: Span,
    what: String,
    part: Part,
}

impl Outcome {
    fn of(rule: &Rule, rehearsal: &Rehearsal, texts: &Texts) -> Self {
        let mut outcome = Self::default();
        let Some(file) = texts.beside.tree(rule.span.file) else { return outcome };
        let written = file.items.iter().find_map(|item| match item {
            Item::Rule(own) if own.name.name == rule.name => Some(own),
            _ => None,
        });
        for mutant in written.map(mutants).unwrap_or_default() {
            let fate = fate(&mutant, rule, file, rehearsal, texts);
            match fate {
                Fate::Refused => outcome.noticed.refused += 1,
                fate => outcome.noticed.add(mutant.part, fate == Fate::Noticed),
            }
            let Mutant { span, what, part, .. } = mutant;
            outcome.fates.push((Change { span, what: escape(&what), part }, fate));
        }
        outcome
    }

    fn survivors(&self) -> impl Iterator<Item = &Change> {
        self.fates.iter().filter(|(_, fate)| *fate == Fate::Unnoticed).map(|(change, _)| change)
    }

    fn has_survivors(&self) -> bool {
        self.survivors().next().is_some()
    }

    fn lines(&self, name: &str, output: &Output<'_>) -> String {
        let (killed, all) = self.noticed.sum();
        let (word, style) = match self.has_survivors() {
            _ if all == 0 => ("none", Style::new().dimmed()),
            false => ("ok", AnsiColor::Green.on_default()),
            true => ("gaps", AnsiColor::Yellow.on_default().bold()),
        };
        let mark = output.look.paint(style, &format!("{word:<7}"));
        let mut text = format!("{mark}{name}, {killed} of {} noticed\n", counted(all, "change"));
        for change in self.survivors() {
            let at = location(output.sources, change.span);
            text.push_str(&format!("       {at}: {}\n", change.what));
        }
        text
    }

    /// A line of JSON for each mutant.
    fn objects(&self, rule: &Rule, output: &Output<'_>) -> String {
        let line = |(change, fate): &(Change, Fate)| {
            let mut line = output.object(rule, change.span);
            line["change"] = json!(change.what);
            line["part"] = json!(change.part.word());
            line["fate"] = json!(fate.word());
            format!("{line}\n")
        };
        self.fates.iter().map(line).collect()
    }
}

/// What comes of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// A test fails.
    Noticed,
    /// No test does.
    Unnoticed,
    /// It is no rule.
    Refused,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Self::Noticed => "noticed",
            Self::Unnoticed => "unnoticed",
            Self::Refused => "refused",
        }
    }
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
        Ok(program) if rehearsal.notices(&program) => Fate::Noticed,
        Ok(_) => Fate::Unnoticed,
    }
}
