//! The ledger: what became of every byte and every record (I2).
//!
//! # Invariants
//!
//! - `seen = evaluated + duplicate + filtered + malformed + oversize`.
//! - `listed = read + unreadable`.

use crate::seen::Met;
use event::Event;
use input::{Damage, FileReport, InputFile, Looked, Malformed};
use serde::Serialize;
use std::collections::BTreeMap;

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Files.
    pub files: Files,
    /// Bytes of the inputs as stored.
    pub bytes: Bytes,
    /// Records.
    pub records: Records,
    /// Alerts.
    pub alerts: Alerts,
    /// Events that a rule skipped because their group key was incomplete, by rule.
    pub no_key: BTreeMap<String, u64>,
    /// Groups that went because a rule had too many, by rule.
    pub evicted: BTreeMap<String, u64>,
}

/// Counts of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Found to be read.
    pub listed: u64,
    /// Read, at least in part.
    pub read: u64,
    /// With damage, or without a CloudTrail record.
    pub faulty: u64,
    /// Digest files passed over.
    pub digests: u64,
    /// Insights files passed over.
    pub insights: u64,
    /// Other files passed over.
    pub other: u64,
    /// Day folders outside the time asked for.
    pub outside: u64,
}

/// Counts of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bytes {
    /// Of all inputs.
    pub listed: u64,
    /// Of these, read.
    pub read: u64,
    /// Of these, not readable.
    pub unreadable: u64,
    /// What they came to, inflated.
    pub inflated: u64,
}

/// Counts of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Records {
    /// Places where a record should be.
    pub seen: u64,
    /// Met the rules.
    pub evaluated: u64,
    /// Copies of events met before.
    pub duplicate: u64,
    /// Outside the time asked for.
    pub filtered: u64,
    /// No record, or damaged.
    pub malformed: u64,
    /// Longer than 4 MiB.
    pub oversize: u64,
    /// Of the evaluated: delivered too late for windows.
    pub late: u64,
    /// Of the evaluated: dated in the future.
    pub future: u64,
    /// Of the evaluated: without a time that can be read.
    pub no_time: u64,
    /// Of the evaluated: corrections of events delivered before.
    pub addendum: u64,
    /// Of the evaluated: something in it could not be read as it should be.
    pub odd: u64,
    /// Of the duplicates: copies that differ from the first.
    pub conflicting: u64,
}

/// Counts of alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alerts {
    /// Written.
    pub shown: u64,
    /// Held back by `suppress`.
    pub suppressed: u64,
    /// Below the least severity asked for.
    pub below: u64,
    /// Before the time from which alerts were asked for.
    pub before: u64,
}

impl Ledger {
    /// Whether every byte and every record is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        let Records { seen, evaluated, duplicate, filtered, malformed, oversize, .. } =
            self.records;
        seen == evaluated + duplicate + filtered + malformed + oversize
            && self.bytes.listed == self.bytes.read + self.bytes.unreadable
    }

    /// Take in what became of a file. Its records are counted where they are evaluated.
    pub fn add_file(&mut self, report: &FileReport) {
        self.files.read += 1;
        self.files.faulty += u64::from(!report.is_sound());
        self.bytes.listed += report.bytes_listed;
        self.bytes.read += report.bytes_read;
        self.bytes.unreadable += report.bytes_unreadable;
        self.bytes.inflated += report.inflated;
        self.records.seen += report.malformed + report.oversize;
        self.records.malformed += report.malformed;
        self.records.oversize += report.oversize;
    }
}

impl Records {
    /// Count an event that met the rules.
    pub(crate) fn count(&mut self, event: &Event<'_>) {
        self.evaluated += 1;
        self.odd += u64::from(event.is_odd());
    }

    /// Whether an event is met for the first time; a copy is counted.
    pub(crate) fn is_first(&mut self, met: Met) -> bool {
        let Met::Copy { conflicting } = met else { return true };
        self.duplicate += 1;
        self.conflicting += u64::from(conflicting);
        false
    }

    /// Take in the counts of another worker.
    pub(crate) fn add(&mut self, other: &Self) {
        self.seen += other.seen;
        self.evaluated += other.evaluated;
        self.duplicate += other.duplicate;
        self.filtered += other.filtered;
        self.malformed += other.malformed;
        self.oversize += other.oversize;
        self.late += other.late;
        self.future += other.future;
        self.no_time += other.no_time;
        self.addendum += other.addendum;
        self.odd += other.odd;
        self.conflicting += other.conflicting;
    }
}

/// An input that was not read whole, or held no CloudTrail record.
#[derive(Clone, Debug)]
pub struct Faulty {
    /// Its name, escaped.
    pub name: String,
    /// The damage that was kept, and how much there was.
    pub damage: (Vec<Damage>, u64),
    /// What it looked like, where no record was found.
    pub looked_like: Option<Looked>,
    /// Bytes that could not be read, and how many records they may have held.
    pub lost: (u64, Option<u64>),
    /// The first place where a record should be and none is, and how many there are.
    pub malformed: Option<(u64, Malformed, u64)>,
}

impl Faulty {
    /// What is wrong with an input; nothing when all of it was read and evaluated.
    #[must_use]
    pub fn of(file: &InputFile, report: &FileReport) -> Option<Self> {
        let malformed = report.first_malformed.map(|(at, why)| (at, why, report.malformed));
        if report.is_sound() && malformed.is_none() {
            return None;
        }
        Some(Self {
            name: file.shown(),
            damage: (report.damage.kept.clone(), report.damage.count),
            looked_like: report.looked_like.clone(),
            lost: (report.bytes_unreadable, report.records_lost()),
            malformed,
        })
    }

    /// Whether something was lost, or nothing was found: what status 3 says.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        self.damage.1 > 0 || self.lost.0 > 0 || self.looked_like.is_some()
    }
}
