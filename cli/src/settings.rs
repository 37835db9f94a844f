//! What was typed, made into what it means: defaults, terminals, the time of day.
//!
//! Plain data, made once and passed down. It opens nothing and prints nothing.

use crate::args::{AlertArgs, ColorWhen, Format, Replay, Stream};
use crate::exit::Failure;
use crate::load::{Telling, published_least};
use crate::output::terminal::Look;
use crate::timings::clock;
use engine::event::EventTime;
use engine::input::InputFile;
use engine::plan::{Level, Program};
use engine::runtime::{Clock, Config, REPLAY_LATENESS, STREAM_LATENESS};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

/// Inputs of fewer bytes, inflated, are read by one thread.
const SMALL_INPUT: u64 = 1 << 20;

/// The settings of a replay or a stream.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where alerts go; standard output where there is no file.
    pub(crate) output: Option<PathBuf>,
    /// How they are written.
    pub(crate) format: Format,
    /// How their target looks.
    pub(crate) look: Look,
    /// How standard error looks.
    pub(crate) err: Look,
    /// The severity that ends with status 1.
    pub(crate) fail_on: Option<Level>,
    /// Where the summary goes.
    pub(crate) summary: Option<PathBuf>,
    /// Say only what is wrong.
    pub(crate) quiet: bool,
    /// Say more.
    pub(crate) verbose: bool,
    /// The clock that tells where time goes, if that was asked for.
    pub(crate) clock: Option<Clock>,
    /// How many threads are asked for; nothing leaves it to the inputs.
    threads: Option<usize>,
    now: EventTime,
    lateness: i64,
    span: (Option<EventTime>, Option<EventTime>),
    alerts_from: Option<EventTime>,
    least: Option<Level>,
    include_record: bool,
    sorted: bool,
}

impl Settings {
    /// Those of a replay.
    ///
    /// # Errors
    ///
    /// [`Failure::NoTime`] when the times leave none.
    pub(crate) fn of_replay(typed: &Replay, color: ColorWhen) -> Result<Self, Failure> {
        if let (Some(from), Some(to)) = (typed.from, typed.to)
            && from >= to
        {
            return Err(Failure::NoTime);
        }
        Ok(Self {
            threads: typed.threads.map(usize::from),
            lateness: REPLAY_LATENESS,
            sorted: typed.sorted,
            span: (typed.from, typed.to),
            ..Self::of_alerts(&typed.alerts, color)
        })
    }

    /// Those of a stream.
    pub(crate) fn of_stream(typed: &Stream, color: ColorWhen) -> Self {
        Self::of_alerts(&typed.alerts, color)
    }

    fn of_alerts(typed: &AlertArgs, color: ColorWhen) -> Self {
        let look = if typed.output.is_some() { Look::file(color) } else { Look::stdout(color) };
        let usual = if look.terminal { Format::Pretty } else { Format::Jsonl };
        Self {
            output: typed.output.clone(),
            format: typed.format.unwrap_or(usual),
            look,
            err: Look::stderr(color),
            fail_on: typed.fail_on,
            summary: typed.summary_json.clone(),
            quiet: typed.quiet,
            verbose: typed.verbose > 0,
            clock: typed.timings.then_some(clock),
            threads: Some(1),
            now: typed.now.unwrap_or_else(now),
            lateness: STREAM_LATENESS,
            sorted: false,
            span: (None, None),
            alerts_from: typed.alerts_from,
            least: typed.min_severity,
            include_record: typed.include_record,
        }
    }

    /// The same for these inputs: so many threads as there are cores, where nobody said how
    /// many, but one where beginning the others would take longer than reading.
    pub(crate) fn for_inputs(mut self, files: &[InputFile]) -> Self {
        let cores = || available_parallelism().map_or(1, usize::from);
        let is_known = files.iter().all(|file| file.size > 0);
        let bytes = files.iter().map(InputFile::about_inflated).fold(0, u64::saturating_add);
        let is_small = is_known && bytes < SMALL_INPUT;
        self.threads = self.threads.or_else(|| Some(if is_small { 1 } else { cores() }));
        self
    }

    /// What is said while rules are loaded.
    pub(crate) fn telling(&self) -> Telling {
        Telling { look: self.err, quiet: self.quiet, verbose: self.verbose, now: self.now }
    }

    /// What the engine is asked for.
    pub(crate) fn config<'a>(&self, program: &Program, stop: &'a AtomicBool) -> Config<'a> {
        Config {
            threads: self.threads.unwrap_or(1),
            now: self.now,
            lateness: self.lateness,
            sorted: self.sorted,
            from: self.span.0,
            to: self.span.1,
            alerts_from: self.alerts_from,
            least: self.least(program),
            include_record: self.include_record,
            stop,
            clock: self.clock,
        }
    }

    /// The least severity that is shown, by rule.
    fn least(&self, program: &Program) -> Vec<Level> {
        let published = published_least();
        let usual = |builtin: bool| if builtin { published } else { Level::Info };
        let rules = program.rules.iter();
        rules.map(|rule| self.least.unwrap_or_else(|| usual(rule.builtin))).collect()
    }
}

/// The time of day.
pub(crate) fn now() -> EventTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    EventTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
