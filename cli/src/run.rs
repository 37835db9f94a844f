//! What replay and stream share: opening the outputs, and the end of a run.
//!
//! # Invariants
//!
//! - Outputs are opened before an input is read, and no output is an input.
//! - The status is that of the worst that happened: a signal, then an input that was
//!   lost, then an alert that was asked to fail the run.

use crate::exit::{Exit, Failure};
use crate::faults;
use crate::load::SiteFile;
use crate::output::target::Target;
use crate::output::terminal::{Weight, grouped, message, say};
use crate::output::{Alerts, Shared};
use crate::progress::Gauge;
use crate::settings::Settings;
use crate::signals::{Signals, Watchdog};
use crate::summary::{Summary, size};
use crate::timings::Told;
use engine::input::{Fault, InputFile, Origin};
use engine::runtime::{Outcome, RunError};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What was named and is not among the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unread<'a> {
    /// Paths that could not be looked into.
    pub(crate) faults: &'a [Fault],
    /// Folders that lead to no input.
    pub(crate) empty: &'a [String],
    /// Whether the paths lead to no input at all.
    pub(crate) barren: bool,
}

/// A run, ready to begin.
#[derive(Debug)]
pub(crate) struct Run {
    /// What is wanted.
    pub(crate) settings: Settings,
    /// Where alerts go.
    pub(crate) sink: Alerts,
    /// The target of the sink.
    pub(crate) target: Shared,
    /// How far it has come.
    pub(crate) gauge: Arc<Gauge>,
    /// What signals came.
    pub(crate) signals: Signals,
    /// The site file whose values the rules have.
    pub(crate) site: Option<SiteFile>,
    summary: Option<Target>,
}

impl Run {
    /// Open the outputs of a run over these inputs.
    ///
    /// # Errors
    ///
    /// When an output cannot be written, or is an input.
    pub(crate) fn open(settings: Settings, inputs: &[InputFile]) -> Result<Self, Failure> {
        for output in settings.output.iter().chain(&settings.summary) {
            if is_input(output, inputs) {
                let name = engine::input::shown(output.as_os_str().as_encoded_bytes());
                return Err(Failure::OutputIsInput(name));
            }
        }
        let target = match &settings.output {
            Some(path) => Target::create(path)?,
            None => Target::stdout(settings.look.terminal),
        };
        let summary = settings.summary.as_deref().map(Target::create).transpose()?;
        let signals = Signals::watch()?;
        let gauge = Arc::new(Gauge::new(settings.err, settings.quiet));
        let target = Arc::new(Mutex::new(target));
        let sink =
            Alerts::new(Arc::clone(&target), settings.format, settings.look, Arc::clone(&gauge));
        Ok(Self { settings, sink, target, gauge, signals, site: None, summary })
    }

    /// Ends a run that was asked to stop and waits too long for an input or an output;
    /// what was let out is written where it can be.
    pub(crate) fn watchdog(&self) -> Watchdog {
        let (target, gauge) = (Arc::clone(&self.target), Arc::clone(&self.gauge));
        let look = self.settings.err;
        Watchdog::over(&self.signals, move || {
            gauge.clear();
            // Whoever holds the target waits for its reader, and would wait on.
            if let Ok(mut target) = target.try_lock() {
                _ = target.flush();
            }
            let mut text = "stopped by a signal in the middle of an input or output".to_owned();
            let (bytes, records) = gauge.so_far();
            if bytes > 0 {
                let (bytes, records) = (size(bytes), grouped(records));
                text.push_str(&format!("; inputs before it: {bytes}, {records} records"));
            }
            say(&message(look, Weight::Warning, &text));
        })
    }

    /// The end: what is wrong, the ledger, the summary, the status.
    ///
    /// # Errors
    ///
    /// When the run failed, or the summary cannot be written.
    pub(crate) fn end(
        self,
        result: Result<Outcome, RunError>,
        unread: Unread<'_>,
    ) -> Result<Exit, Failure> {
        self.gauge.clear();
        let outcome = result.map_err(|why| match why {
            RunError::Output(why) => Failure::Output(self.sink.failed(), why),
            RunError::Worker(what) => Failure::Internal(what),
        })?;
        let settings = &self.settings;
        let Unread { faults, empty, barren } = unread;
        let incomplete =
            barren || !faults.is_empty() || outcome.faulty.iter().any(|one| one.is_loss());
        let reached = |level| self.sink.worst().is_some_and(|worst| worst >= level);
        let fail_on = settings.fail_on.map(|level| (level, reached(level)));
        let signal = if outcome.stopped { self.signals.exit() } else { None };
        let exit = match (signal, incomplete, fail_on) {
            (Some(signal), ..) => signal,
            (None, true, _) => Exit::Incomplete,
            (None, false, Some((_, true))) => Exit::Alerted,
            (None, false, _) => Exit::Done,
        };
        let took = self.gauge.took();
        let records = outcome.ledger.records.seen;
        let timings = outcome.timings.as_ref().map(|timings| Told::new(timings, records));
        let (outcome, site) = (&outcome, self.site.as_ref());
        let summary = Summary {
            outcome,
            site,
            faults,
            empty,
            barren,
            incomplete,
            fail_on,
            exit,
            took,
            timings,
        };
        tell(&summary, settings);
        if let Some(mut file) = self.summary {
            let text = format!("{:#}\n", summary.json());
            file.put(text.as_bytes())
                .and_then(|()| file.flush())
                .map_err(|why| Failure::Output(Some(file.name()), why))?;
        }
        Ok(exit)
    }
}

/// Why a folder may hold none.
const ENDINGS: &str =
    "no file in it has a name that ends in .json, .jsonl, .ndjson, .log, .gz or .zst";

/// Say on standard error what is wrong and, unless that is not wanted, the ledger.
fn tell(summary: &Summary<'_>, settings: &Settings) {
    let look = settings.err;
    for fault in summary.faults {
        say(&faults::path(fault, look));
    }
    let weight = if summary.barren { Weight::Error } else { Weight::Warning };
    for name in summary.empty {
        let text = format!("`{name}` holds no input: {ENDINGS}");
        say(&message(look, weight, &text));
    }
    for faulty in &summary.outcome.faulty {
        for line in faults::lines(faulty, look, settings.verbose) {
            say(&line);
        }
    }
    if settings.quiet {
        return summary.timings.iter().for_each(|timings| say(&timings.text(look)));
    }
    if summary.outcome.stopped {
        let text = "stopped by a signal: this is what was finished";
        say(&message(look, Weight::Warning, text));
    }
    say(&summary.text(look));
    summary.timings.iter().for_each(|timings| say(&timings.text(look)));
}

/// Whether an output is one of the inputs: of those found in folders only the ones of its name are looked at.
fn is_input(output: &Path, inputs: &[InputFile]) -> bool {
    let Ok(real) = output.canonicalize() else { return false };
    let may_be =
        |input: &&InputFile| input.origin != Origin::Found || input.file_name() == real.file_name();
    let is_it = |input: &InputFile| input.path().canonicalize().is_ok_and(|path| path == real);
    real.is_file() && inputs.iter().filter(may_be).any(is_it)
}
