//! `test`: the tests that stand in rules, each run through the engine of a replay.

use super::{counted, print};
use crate::args::{ColorWhen, Test};
use crate::exit::{Exit, Failure};
use crate::load::{Telling, checked, gather};
use crate::output::terminal::{Look, escape};
use crate::settings::now;
use crate::site::Found;
use anstyle::{AnsiColor, Style};
use engine::exec::{Mismatch, Verdict, rehearse};
use engine::lang::ast::Span;
use engine::lang::diag::Sources;
use engine::lang::render::place;
use engine::lang::typed::{Rule, Ruleset};
use engine::plan::{Expectation, Program, Scenario, compile, scenarios};

/// Run the tests of rules and show how each rule did.
///
/// # Errors
///
/// When rules cannot be used; a test that fails is in the status.
pub(crate) fn run(typed: &Test, color: ColorWhen) -> Result<Exit, Failure> {
    let paths = [typed.files.as_slice(), &typed.rules].concat();
    let site = typed.site.as_deref().map(Found::named);
    let mut texts = gather(paths.is_empty(), &paths, site)?;
    let look = Look::stderr(color);
    let telling = Telling { look, quiet: typed.quiet, verbose: false, now: now() };
    let ruleset = checked(&mut texts, true, telling)?;
    let sources = &texts.sources;
    let look = Look::stdout(color);
    let mut tally = Tally::default();
    for rule in &ruleset.rules {
        let scenarios = scenarios(rule);
        let program = alone(rule, &ruleset)?;
        let failures: Vec<_> =
            scenarios.iter().filter_map(|scenario| failure(&program, scenario, sources)).collect();
        tally.add(scenarios.len(), failures.len());
        if !typed.quiet || !failures.is_empty() {
            print(&lines(rule, scenarios.len(), &failures, look))?;
        }
    }
    print(&tally.line())?;
    Ok(if tally.failed > 0 { Exit::Refused } else { Exit::Done })
}

/// A program of this rule only, loaded or not, so that a test does no work for others.
fn alone(rule: &Rule, ruleset: &Ruleset) -> Result<Program, Failure> {
    let rule = Rule { enabled: true, ..rule.clone() };
    let only = Ruleset { lets: ruleset.lets.clone(), rules: vec![rule], ..Ruleset::default() };
    compile(&only).map_err(Failure::Program)
}

/// What is told of a test that fails.
struct Told {
    /// `file:line:column` of what was expected.
    at: String,
    /// The name of the test.
    name: String,
    /// What was expected, and what there was.
    expected: String,
    got: String,
    /// The titles of the alerts there were.
    alerts: Vec<String>,
}

fn failure(program: &Program, scenario: &Scenario, sources: &Sources) -> Option<Told> {
    let Verdict::Failed { stage, why, alerts } = rehearse(program, scenario) else { return None };
    let expect = scenario.stages.get(stage).map(|stage| &stage.expect);
    let (expected, got) = difference(expect, &why);
    let title = |alert: &engine::exec::Alert| {
        let text = |key: &str| alert.fields.get(key).and_then(|value| value.as_str());
        let (time, title) = (text("time").unwrap_or("-"), text("title").unwrap_or_default());
        format!("{} {}", escape(time), escape(title))
    };
    Some(Told {
        at: location(sources, expect.map_or(scenario.span, |expect| expect.span)),
        name: escape(&scenario.name),
        expected,
        got,
        alerts: alerts.iter().map(title).collect(),
    })
}

/// What was expected and what there was, in words of the same form.
fn difference(expect: Option<&Expectation>, why: &Mismatch) -> (String, String) {
    match why {
        Mismatch::Count { got } => {
            let expected = expect.map_or(0, |expect| expect.count);
            (alerts(expected), alerts(*got))
        }
        Mismatch::Value { key, got } => {
            let values = expect.map(|expect| expect.values.as_slice()).unwrap_or_default();
            let expected = values.iter().find(|(own, _)| own == key);
            let expected = expected.map(|(_, value)| value.to_string()).unwrap_or_default();
            let got = got.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let key = escape(key);
            (format!("{key}: {}", escape(&expected)), format!("{key}: {}", escape(&got)))
        }
    }
}

fn alerts(count: u64) -> String {
    if count == 1 { "1 alert".to_owned() } else { format!("{count} alerts") }
}

fn location(sources: &Sources, span: Span) -> String {
    let Some(source) = sources.files.get(span.file as usize) else { return String::new() };
    let (line, column) = place(source, span.start as usize);
    format!("{}:{line}:{column}", escape(&source.name))
}

/// How many alerts of a failed test are listed.
const MOST_LISTED: usize = 5;

fn lines(rule: &Rule, tests: usize, failures: &[Told], look: Look) -> String {
    let (word, style) = match (tests, failures.len()) {
        (0, _) => ("none", Style::new().dimmed()),
        (_, 0) => ("ok", AnsiColor::Green.on_default()),
        _ => ("FAILED", AnsiColor::Red.on_default().bold()),
    };
    let mark = look.paint(style, &format!("{word:<7}"));
    let mut text = format!("{mark}{}, {}\n", rule.name, counted(tests, "test"));
    for told in failures {
        text.push_str(&format!("       {}: \"{}\"\n", told.at, told.name));
        text.push_str(&format!("         expected  {}\n", told.expected));
        text.push_str(&format!("         got       {}\n", told.got));
        for alert in told.alerts.iter().take(MOST_LISTED) {
            text.push_str(&format!("           {alert}\n"));
        }
        if told.alerts.len() > MOST_LISTED {
            text.push_str(&format!("           and {} more\n", told.alerts.len() - MOST_LISTED));
        }
    }
    text
}

/// How all tests went.
#[derive(Debug, Default)]
struct Tally {
    tests: usize,
    failed: usize,
    rules: usize,
    /// Rules without a test.
    bare: usize,
}

impl Tally {
    fn add(&mut self, tests: usize, failed: usize) {
        self.tests += tests;
        self.failed += failed;
        self.rules += 1;
        self.bare += usize::from(tests == 0);
    }

    fn line(&self) -> String {
        let mut text = format!(
            "{} of {}: {} passed, {} failed",
            counted(self.tests, "test"),
            counted(self.rules, "rule"),
            self.tests - self.failed,
            self.failed
        );
        if self.bare > 0 {
            text.push_str(&format!(", {} without a test", counted(self.bare, "rule")));
        }
        text.push('\n');
        text
    }
}
