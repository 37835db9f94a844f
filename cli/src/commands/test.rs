//! `test`: the tests that stand in rules, each run through the engine of a replay.

mod mutation;
mod rehearsal;
mod tally;

use super::{counted, print};
use crate::args::{ColorWhen, Test, TestFormat};
use crate::exit::{Exit, Failure};
use crate::load::{Telling, checked, gather};
use crate::output::terminal::{Look, escape};
use crate::settings::now;
use crate::site::Found;
use crate::spread::spread;
use anstyle::{AnsiColor, Style};
use engine::exec::Mismatch;
use engine::lang::ast::Span;
use engine::lang::diag::Sources;
use engine::lang::render::place;
use engine::lang::typed::Rule;
use engine::plan::Expectation;
use rehearsal::{Fault, Rehearsal};
use serde_json::{Value, json};
use tally::Tally;

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
    let rehearsals = spread(&ruleset.rules, |rule| {
        Rehearsal::of(rule, &ruleset, &texts, typed.filter.as_deref())
    });
    let rehearsals = rehearsals.into_iter().collect::<Result<Vec<_>, _>>()?;
    let telling = Output { typed, look, sources };
    let mut tally = Tally::default();
    let mut sound = Vec::new();
    for (rule, rehearsal) in ruleset.rules.iter().zip(&rehearsals) {
        let tests = rehearsal.scenarios.len();
        if tests == 0 && typed.filter.is_some() {
            continue;
        }
        let faults = rehearsal.faults();
        tally.add(tests, faults.len());
        telling.rule(rule, rehearsal, &faults)?;
        if faults.is_empty() && tests > 0 {
            sound.push((&**rule, rehearsal));
        }
    }
    if typed.mutate {
        mutation::run(&sound, &texts, &telling)?;
    }
    if typed.format == TestFormat::Human {
        print(&tally.line())?;
    }
    Ok(if tally.failed > 0 { Exit::Refused } else { Exit::Done })
}

/// How results are shown.
struct Output<'t> {
    typed: &'t Test,
    look: Look,
    sources: &'t Sources,
}

impl Output<'_> {
    /// How the tests of a rule went, in the form that was asked for.
    fn rule(
        &self,
        rule: &Rule,
        rehearsal: &Rehearsal,
        faults: &[Fault<'_>],
    ) -> Result<(), Failure> {
        let failures: Vec<_> =
            faults.iter().map(|fault| (fault, told(fault, self.sources))).collect();
        if self.typed.format == TestFormat::Json {
            let line = |scenario: &engine::plan::Scenario| {
                let own =
                    |(fault, _): &&(&Fault<'_>, Told)| std::ptr::eq(fault.scenario(), scenario);
                let failure = failures.iter().find(own).map(|(_, told)| told);
                let mut line = self.object(rule, scenario.span);
                line["test"] = json!(escape(&scenario.name));
                line["fate"] = json!(if failure.is_some() { "failed" } else { "passed" });
                if let Some(told) = failure {
                    line["at"] = json!(told.at);
                    line["expected"] = json!(told.expected);
                    line["got"] = json!(told.got);
                    line["alerts"] = json!(told.alerts);
                }
                format!("{line}\n")
            };
            return print(&rehearsal.scenarios.iter().map(line).collect::<String>());
        }
        let quiet = self.typed.quiet || self.typed.mutate;
        if quiet && failures.is_empty() {
            return Ok(());
        }
        let failures: Vec<_> = failures.into_iter().map(|(_, told)| told).collect();
        print(&lines(rule, rehearsal.scenarios.len(), &failures, self.look))
    }

    /// A line for programs: the rule and where something of it stands.
    fn object(&self, rule: &Rule, span: Span) -> Value {
        let source = self.sources.files.get(span.file as usize);
        let (line, column) = source.map_or((0, 0), |source| place(source, span.start as usize));
        let file = source.map(|source| escape(&source.name));
        json!({ "rule": rule.name, "file": file, "line": line, "column": column })
    }
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

fn told(fault: &Fault<'_>, sources: &Sources) -> Told {
    let title = |alert: &engine::exec::Alert| {
        let text = |key: &str| alert.fields.get(key).and_then(|value| value.as_str());
        let (time, title) = (text("time").unwrap_or("-"), text("title").unwrap_or_default());
        format!("{} {}", escape(time), escape(title))
    };
    let (at, (expected, got), alerts) = match fault {
        Fault::Unlike { scenario, stage, why, alerts } => {
            let expect = scenario.stages.get(*stage).map(|stage| &stage.expect);
            let at = expect.map_or(scenario.span, |expect| expect.span);
            (at, difference(expect, why), alerts.iter().map(title).collect())
        }
        Fault::Unread { file, why, .. } => {
            let wanted = format!("records from \"{}\"", escape(&file.value));
            (file.span, (wanted, escape(why)), Vec::new())
        }
    };
    Told { at: location(sources, at), name: escape(&fault.scenario().name), expected, got, alerts }
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
