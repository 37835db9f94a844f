//! `explain`: what a rule or a code means, and why a rule fires on an event or does not.

mod cost;
mod event;
mod outcome;
mod page;
mod rule;
mod tree;

use super::print;
use crate::args::{ColorWhen, Explain};
use crate::exit::{Exit, Failure};
use crate::load::{Telling, ruleset};
use crate::output::terminal::Look;
use crate::settings::now;
use engine::lang::ast::{self, Item};
use engine::lang::aws::nearest;
use engine::lang::diag::Sources;
use engine::lang::parse;
use engine::lang::typed::{Rule, Ruleset};
use std::cmp::Reverse;

/// Explain what a name stands for.
///
/// # Errors
///
/// When nothing has the name, or rules or the event cannot be read.
pub(crate) fn run(typed: &Explain, color: ColorWhen) -> Result<Exit, Failure> {
    let look = Look::stdout(color);
    let code = typed.name.to_ascii_uppercase();
    if let (Some(text), None) = (page::of(&code, look), &typed.event) {
        print(&text)?;
        return Ok(Exit::Done);
    }
    let telling = Telling { look: Look::stderr(color), quiet: false, verbose: false, now: now() };
    let (texts, ruleset) = ruleset(&typed.rules, telling)?;
    let sources = &texts.sources;
    let Some(rule) = ruleset.rules.iter().find(|rule| rule.name == typed.name) else {
        return Err(Failure::Unknown(typed.name.clone(), near(&typed.name, &ruleset)));
    };
    let Some(written) = written(rule, sources) else {
        return Err(Failure::Internal(format!("rule `{}` is not where it was", rule.name)));
    };
    let subject = Subject { rule, written: &written, sources, ruleset: &ruleset, look };
    print(&match &typed.event {
        None => rule::text(&subject),
        Some(path) => event::text(&subject, path, typed.id.as_deref())?,
    })?;
    Ok(Exit::Done)
}

/// The rule that is explained.
#[derive(Clone, Copy)]
struct Subject<'a> {
    /// As it was checked.
    rule: &'a Rule,
    /// As it was written.
    written: &'a ast::Rule,
    sources: &'a Sources,
    ruleset: &'a Ruleset,
    look: Look,
}

/// The rule as its file has it.
fn written(rule: &Rule, sources: &Sources) -> Option<ast::Rule> {
    let (file, _) = parse(sources, rule.span.file);
    file.items.into_iter().find_map(|item| match item {
        Item::Rule(own) if own.name.name == rule.name => Some(own),
        _ => None,
    })
}

/// How many names that are like an unknown one are told.
const MOST_NEAR: usize = 4;

/// Names of rules for one that is none: the one spelled most alike, then those that share a
/// word with it.
fn near(name: &str, ruleset: &Ruleset) -> Vec<String> {
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase().split(['_', '-', ' ']).map(str::to_owned).collect()
    };
    let wanted = words(name);
    let shared = |known: &str| words(known).iter().filter(|word| wanted.contains(word)).count();
    let names = || ruleset.rules.iter().map(|rule| rule.name.as_str());
    let alike = nearest(name, names());
    let mut found: Vec<_> = names()
        .map(|known| (alike == Some(known), shared(known), known))
        .filter(|(alike, shared, known)| *alike || *shared > 0 || known.contains(name))
        .collect();
    found.sort_by_key(|(alike, shared, known)| (Reverse((*alike, *shared)), known.len(), *known));
    found.into_iter().take(MOST_NEAR).map(|(.., name)| name.to_owned()).collect()
}

/// The width of the word before each part.
const MARGIN: usize = 11;

/// Lines of a part, the first behind its word.
fn part(out: &mut String, look: Look, word: &str, lines: &[String]) {
    for (at, line) in lines.iter().enumerate() {
        let head = if at == 0 { word } else { "" };
        let head = look.paint(anstyle::Style::new().bold(), &format!("{head:<MARGIN$}"));
        out.push_str(format!("{head}{line}").trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::args::ColorWhen;
    use crate::output::terminal::Look;
    use engine::lang::check::codes::CODES;

    #[test]
    fn every_code_has_a_page() {
        let forms = (1..=31).map(|number| format!("E{number:04}"));
        let look = Look::file(ColorWhen::Never);
        for code in CODES.iter().map(|(code, _)| (*code).to_owned()).chain(forms) {
            assert!(page::of(&code, look).is_some(), "{code}");
        }
        for (code, _) in engine::sigma::codes::CODES {
            assert!(page::of(code, look).is_some(), "{code}");
        }
        assert!(page::of("E9999", look).is_none());
        assert!(page::of("S9999", look).is_none());
        assert!(page::of("E01", look).is_none());
    }
}
