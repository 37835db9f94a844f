//! The tests of one rule, with the records of the files that they name.

use crate::exit::Failure;
use crate::load::Texts;
use crate::records::records;
use crate::values;
use engine::exec::{Alert, Mismatch, Verdict, rehearse};
use engine::lang::ast::Text;
use engine::lang::check::Unread;
use engine::lang::typed::{Rule, Ruleset};
use engine::plan::{PlanError, Program, Scenario, compile, scenarios_with};
use std::cell::RefCell;

/// A rule with its tests, made ready.
#[derive(Debug)]
pub(super) struct Rehearsal {
    program: Program,
    /// The tests.
    pub(super) scenarios: Vec<Scenario>,
    /// The files that cannot be read: the number of the test, which file, and why.
    unread: Vec<(usize, Text, String)>,
}

/// Why a test fails.
#[derive(Debug)]
pub(super) enum Fault<'r> {
    /// What happened is not what was expected.
    Unlike {
        /// The test.
        scenario: &'r Scenario,
        /// At which of its `expect`s.
        stage: usize,
        /// Why.
        why: Mismatch,
        /// The alerts there were.
        alerts: Vec<Alert>,
    },
    /// A file that it names cannot be read.
    Unread {
        /// The test.
        scenario: &'r Scenario,
        /// The name of the file.
        file: &'r Text,
        /// Why.
        why: &'r str,
    },
}

impl<'r> Fault<'r> {
    /// The test.
    pub(super) fn scenario(&self) -> &'r Scenario {
        match self {
            Self::Unlike { scenario, .. } | Self::Unread { scenario, .. } => scenario,
        }
    }
}

impl Rehearsal {
    /// The tests of a rule that hold the text of `filter` in their name or the rule's.
    ///
    /// # Errors
    ///
    /// When the rule is too much for one program.
    pub(super) fn of(
        rule: &Rule,
        ruleset: &Ruleset,
        texts: &Texts,
        filter: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut chosen = rule.clone();
        if let Some(text) = filter.filter(|text| !rule.name.contains(text)) {
            chosen.tests.retain(|test| test.name.value.contains(text));
        }
        let faults = RefCell::new(Vec::new());
        let files = |file: &Text| {
            of_file(file, rule, texts).unwrap_or_else(|why| {
                faults.borrow_mut().push((file.clone(), why));
                Vec::new()
            })
        };
        let scenarios = scenarios_with(&chosen, &files);
        let unread = faults.into_inner().into_iter().map(|(file, why)| {
            // Spans compare as equal: the test is the last that begins before the file's name.
            let begun = |scenario: &&Scenario| scenario.span.start < file.span.start;
            (scenarios.iter().filter(begun).count().saturating_sub(1), file, why)
        });
        let unread = unread.collect();
        let program = alone(rule, ruleset).map_err(Failure::Program)?;
        Ok(Self { program, scenarios, unread })
    }

    /// The tests that fail.
    pub(super) fn faults(&self) -> Vec<Fault<'_>> {
        let mut faults = Vec::new();
        for (number, scenario) in self.scenarios.iter().enumerate() {
            let unread = self.unread.iter().find(|(test, ..)| *test == number);
            if let Some((_, file, why)) = unread {
                faults.push(Fault::Unread { scenario, file, why });
            } else if let Verdict::Failed { stage, why, alerts } = rehearse(&self.program, scenario)
            {
                faults.push(Fault::Unlike { scenario, stage, why, alerts });
            }
        }
        faults
    }

    /// Whether a test tells another program of the rule from this one.
    ///
    /// Short tests are asked first: of many that notice, one is enough.
    pub(super) fn notices(&self, program: &Program) -> bool {
        let mut scenarios: Vec<&Scenario> = self.scenarios.iter().collect();
        scenarios.sort_by_key(|scenario| work(scenario));
        scenarios.into_iter().any(|scenario| rehearse(program, scenario) != Verdict::Passed)
    }
}

/// How many records a test takes in: at each `expect`, all that came before.
fn work(scenario: &Scenario) -> usize {
    let stages = scenario.stages.iter().map(|stage| stage.records.len());
    stages.rev().zip(1..).map(|(records, times)| records * times).sum()
}

/// A program of this rule only, loaded or not, so that a test does no work for others.
pub(super) fn alone(rule: &Rule, ruleset: &Ruleset) -> Result<Program, PlanError> {
    let rule = Rule { enabled: true, ..rule.clone() };
    let only =
        Ruleset { lets: ruleset.lets.clone(), rules: vec![Box::new(rule)], ..Ruleset::default() };
    compile(&only)
}

/// The records of a file that a rule's test names.
fn of_file(file: &Text, rule: &Rule, texts: &Texts) -> Result<Vec<String>, String> {
    let found = texts.path(rule.span.file).ok_or(Unread::NoFiles);
    let found = found.and_then(|path| values::place(path, &file.value));
    let (_, path) = found.map_err(|why| match why {
        Unread::NoFiles => "no file: these rules have none beside them".to_owned(),
        Unread::Outside => "a link that leads out of the rule file's folder (E0510)".to_owned(),
        Unread::Failed(why) => format!("`{}`: {why}", file.value),
    })?;
    records(&path)
}
