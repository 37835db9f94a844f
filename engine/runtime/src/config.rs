//! What a run is asked for, and whom it tells.

use crate::ledger::{Faulty, Ledger};
use crate::timings::{Clock, Timings};
use event::EventTime;
use exec::Alert;
use plan::Level;
use std::io;
use std::sync::atomic::AtomicBool;

/// The settings of a replay or a stream.
#[derive(Debug)]
pub struct Config<'a> {
    /// How many threads read and match; at least 1.
    pub threads: usize,
    /// The time of day at the start, read once.
    pub now: EventTime,
    /// How long after an event it may come and still be in time, in seconds.
    pub lateness: i64,
    /// Take the input to be in order of event time to within `lateness`, whatever the names of
    /// files say: the watermark follows the events, and one thread reads.
    pub sorted: bool,
    /// Events before it are filtered.
    pub from: Option<EventTime>,
    /// Events at or after it are filtered.
    pub to: Option<EventTime>,
    /// Alerts before it are not shown; everything is learned all the same.
    pub alerts_from: Option<EventTime>,
    /// The least severity that is shown, by rule.
    pub least: Vec<Level>,
    /// Put the record into the alerts of one-event rules.
    pub include_record: bool,
    /// Set from outside to stop: what was finished is flushed.
    pub stop: &'a AtomicBool,
    /// Where time is read to tell where it goes; nothing where nobody asks.
    pub clock: Option<Clock>,
}

/// How late a file of an archive may be: 6 h.
pub const REPLAY_LATENESS: i64 = 6 * 3_600;

/// How late an event of a live stream may be: 15 min.
pub const STREAM_LATENESS: i64 = 15 * 60;

/// How far ahead of `now` an event may be dated: 10 min.
pub const FUTURE: i64 = 600;

/// Where alerts go. One thread calls it, in the order of alerts.
pub trait Sink {
    /// Take an alert.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the run stops.
    fn alert(&mut self, alert: &Alert) -> io::Result<()>;

    /// Hand on what was taken so far.
    ///
    /// # Errors
    ///
    /// When it cannot be written; the run stops.
    fn flush(&mut self) -> io::Result<()>;
}

/// Who is told how far the work has come. Called by all workers, once a file.
pub trait Progress: Sync {
    /// That many files of so many bytes will be read.
    fn listed(&self, files: u64, bytes: u64);
    /// That many more bytes and records were read.
    fn read(&self, bytes: u64, records: u64);
}

/// Nobody.
impl Progress for () {
    fn listed(&self, _: u64, _: u64) {}
    fn read(&self, _: u64, _: u64) {}
}

/// How a run went.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What became of every byte and record.
    pub ledger: Ledger,
    /// The inputs that were not read whole, held no record, or held something else.
    pub faulty: Vec<Faulty>,
    /// Rules of which every group was still learning at the end, and until when.
    pub learning: Vec<(String, EventTime)>,
    /// The time of the latest event that counted.
    pub latest: Option<EventTime>,
    /// Whether it was stopped from outside.
    pub stopped: bool,
    /// Where the time went, where a clock was given.
    pub timings: Option<Timings>,
}

/// Why a run could not go on.
#[derive(Debug)]
pub enum RunError {
    /// An output, or a temporary file for alerts that wait, could not be written.
    Output(io::Error),
    /// A worker failed: a fault of this program.
    Worker(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Output(why) => write!(f, "alerts cannot be written: {why}"),
            Self::Worker(what) => write!(f, "a worker failed: {what}"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<io::Error> for RunError {
    fn from(why: io::Error) -> Self {
        Self::Output(why)
    }
}
