//! Which file each record arrives in, and when.
//!
//! CloudTrail gathers the records of an account and region and delivers them at ticks,
//! every five minutes by default. A record goes to the next tick (or, one time in four,
//! to the one after), a copy of it to the other of the two; so the two are never in one
//! file, and with ticks of five minutes a record arrives 8 to 608 seconds after its event,
//! 200 at the median. A late record comes hours later, and once only.
//!
//! # Invariants
//!
//! - A tick is a multiple of the gathering time after midnight, or midnight.
//! - A batch leaves as soon as no record can join it; memory holds two ticks of records,
//!   and the late ones.
//! - Records of a file are in no order.

use std::collections::BTreeMap;
use std::io;

use crate::clock::{DAY, Moment};
use crate::dice::Dice;
use crate::sink::{File, Sink};

/// The shortest time from an event to its delivery, in seconds.
pub const LEAST_LAG: i64 = 8;
/// What counts as late, in seconds: six hours.
pub const LATE: i64 = 6 * 3600;
/// Ticks up to this far apart may skip one; longer ones may not, to stay in time.
const SKIPPABLE: i64 = 300;

/// How records are delivered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Seconds between two ticks.
    pub gather: i64,
    /// The most records in a file.
    pub records_per_file: usize,
    /// Share of events delivered twice.
    pub duplicates: f64,
    /// Share of events delivered more than six hours after.
    pub late: f64,
}

/// What was delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Events.
    pub events: u64,
    /// Second copies of events.
    pub copies: u64,
    /// Events delivered late.
    pub late: u64,
    /// Characters of all records, copies included.
    pub record_bytes: u64,
}

/// Records on their way to files.
#[derive(Debug)]
pub struct Delivery {
    terms: Terms,
    dice: Dice,
    sink: Sink,
    batches: BTreeMap<(Moment, String, String), Batch>,
    /// Totals so far.
    pub delivered: Delivered,
}

#[derive(Debug, Default)]
struct Batch {
    text: String,
    ends: Vec<usize>,
}

impl Batch {
    fn push(&mut self, record: &str) {
        self.text.push_str(record);
        self.ends.push(self.text.len());
    }

    fn records(&self) -> Vec<&str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end]).collect()
    }
}

impl Delivery {
    /// An empty delivery to `sink`.
    #[must_use]
    pub fn new(terms: Terms, dice: Dice, sink: Sink) -> Self {
        Self { terms, dice, sink, batches: BTreeMap::new(), delivered: Delivered::default() }
    }

    /// Takes the record of an event at `time`.
    pub fn push(&mut self, account: &str, region: &str, time: Moment, record: &str) {
        let first = self.tick_after(time.plus(LEAST_LAG - 1));
        let second = self.tick_after(first);
        self.delivered.events += 1;
        if self.dice.chance(self.terms.late) {
            let lag = LATE + 60 + self.dice.below(DAY as u64) as i64;
            self.delivered.late += 1;
            let tick = self.tick_after(time.plus(lag));
            return self.put(tick, account, region, record);
        }
        let skips = self.terms.gather <= SKIPPABLE && self.dice.chance(0.25);
        let (own, other) = if skips { (second, first) } else { (first, second) };
        self.put(own, account, region, record);
        if self.dice.chance(self.terms.duplicates) {
            self.delivered.copies += 1;
            self.put(other, account, region, record);
        }
    }

    /// Writes every batch that no event at `now` or after can join.
    ///
    /// # Errors
    ///
    /// Those of writing the files.
    pub fn advance(&mut self, now: Moment) -> io::Result<()> {
        while let Some(entry) = self.batches.first_entry() {
            if entry.key().0 >= now.plus(LEAST_LAG) {
                break;
            }
            let ((tick, account, region), batch) = entry.remove_entry();
            self.write(tick, &account, &region, &batch)?;
        }
        Ok(())
    }

    /// Writes all that is left and closes the sink.
    ///
    /// # Errors
    ///
    /// Those of writing the files.
    pub fn finish(mut self) -> io::Result<(Delivered, Sink)> {
        self.advance(Moment(i64::MAX - LEAST_LAG))?;
        self.sink.finish()?;
        Ok((self.delivered, self.sink))
    }

    fn put(&mut self, tick: Moment, account: &str, region: &str, record: &str) {
        self.delivered.record_bytes += record.len() as u64;
        let place = (tick, account.to_string(), region.to_string());
        self.batches.entry(place).or_default().push(record);
    }

    fn write(
        &mut self,
        tick: Moment,
        account: &str,
        region: &str,
        batch: &Batch,
    ) -> io::Result<()> {
        let mut records = batch.records();
        self.dice.shuffle(&mut records);
        for records in records.chunks(self.terms.records_per_file.max(1)) {
            let mut unique = String::with_capacity(16);
            self.dice.push_alnum(&mut unique, 16);
            self.sink.put(&File { tick, account, region, unique: &unique, records })?;
        }
        Ok(())
    }

    /// The first tick after `time`.
    fn tick_after(&self, time: Moment) -> Moment {
        let gather = self.terms.gather.clamp(60, DAY);
        let midnight = time.0.div_euclid(DAY) * DAY;
        let within = time.0 - midnight;
        Moment(midnight + ((within / gather + 1) * gather).min(DAY))
    }
}
