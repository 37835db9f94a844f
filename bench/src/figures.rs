//! What an archive is like: sizes, files, delivery, copies, errors, skew, bursts.
//!
//! The figures by which a made archive is held against a real one. Files are read with
//! the engine's own reader, so whatever it reads can be measured. A test holds the
//! generator to the figures of real data; `generate --measure` shows them for any folder.
//!
//! # Invariants
//!
//! - Nothing of a record is kept but numbers: sizes, lags, hashes.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::PathBuf;

use engine::event::{Base, Event, Layout, Seed};
use engine::input::{Discover, Found, Reader, discover};

/// Records larger than this count as large.
pub const LARGE: u32 = 20_000;
/// Records larger than this count as huge.
pub const HUGE: u32 = 200_000;
/// A second with at least so many events is a burst's.
pub const BUSY_SECOND: u64 = 10;

type Hasher = BuildHasherDefault<DefaultHasher>;

/// What an archive is like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Files with records.
    pub files: u64,
    /// Records, copies included.
    pub records: u64,
    /// Bytes of the mean record.
    pub mean_bytes: f64,
    /// Bytes of the record in the middle, at the 99th percentile, and of the largest.
    pub bytes: [u32; 3],
    /// Share of records above [`LARGE`] and above [`HUGE`] bytes.
    pub bulky: [f64; 2],
    /// Records of the file in the middle, and of the largest.
    pub records_per_file: [u64; 2],
    /// Seconds from event to delivery: the least, in the middle, the most; of each
    /// event's first delivery, where the names of files tell it.
    pub lag: Option<[i64; 3]>,
    /// Share of events that were delivered more than once.
    pub doubled: f64,
    /// Share of events with an error code.
    pub failed: f64,
    /// Share of neighbours in a file of which the second is older than the first.
    pub disorder: f64,
    /// Shares of the caller, and of the API, that most events are of.
    pub top: [f64; 2],
    /// Share of events in seconds with at least [`BUSY_SECOND`] of them.
    pub busy: f64,
    /// The most events in one second.
    pub fastest: u64,
}

/// What is kept while files are read.
#[derive(Default)]
struct Tally {
    sizes: Vec<u32>,
    per_file: Vec<u64>,
    /// By event: how often it came, and the least time it took.
    events: HashMap<u64, (u32, i64), Hasher>,
    failed: u64,
    pairs: u64,
    older: u64,
    callers: HashMap<u64, u64, Hasher>,
    calls: HashMap<u64, u64, Hasher>,
    seconds: HashMap<i64, u64, Hasher>,
    delivered: bool,
}

impl Figures {
    /// The figures of all files below `paths`.
    #[must_use]
    pub fn of(paths: &[PathBuf]) -> Self {
        let mut layout = Layout::new();
        for base in [Base::IdentityArn, Base::IdentityInvokedBy] {
            layout.want(base);
        }
        let mut reader = Reader::new(&layout);
        let mut tally = Tally::default();
        let mut arena = bumpalo::Bump::new();
        for file in discover(paths, &Discover::default()).files {
            let before = tally.sizes.len();
            let mut last = None;
            reader.file(&file, &mut |found: Found<'_>| {
                arena.reset();
                let event = Event::new(found.record, found.slots, &arena);
                let time = event.time().map(|time| time.0);
                if let (Some(last), Some(time)) = (last, time) {
                    tally.pairs += 1;
                    tally.older += u64::from(time < last);
                }
                last = time;
                let delivery = file.delivery.map(|delivery| delivery.0);
                tally.take(&event, time, delivery);
            });
            tally.per_file.extend((tally.sizes.len() > before).then(|| {
                let records = tally.sizes.len() - before;
                records as u64
            }));
        }
        tally.figures()
    }
}

impl Tally {
    fn take(&mut self, event: &Event<'_>, time: Option<i64>, delivery: Option<i64>) {
        let seed = Hasher::default();
        self.sizes.push(u32::try_from(event.record().len()).unwrap_or(u32::MAX));
        self.delivered |= delivery.is_some();
        let lag = delivery.zip(time).map_or(i64::MAX, |(delivery, time)| delivery - time);
        let known = self.events.entry(event.identity(&Seed::new(&seed))).or_insert((0, i64::MAX));
        known.0 += 1;
        known.1 = known.1.min(lag);
        if known.0 > 1 {
            return;
        }
        self.failed += u64::from(event.text(Base::ErrorCode).is_some());
        let caller = event.text(Base::IdentityArn).or_else(|| event.text(Base::IdentityInvokedBy));
        *self.callers.entry(seed.hash_one(caller)).or_insert(0) += 1;
        let call = (event.text(Base::EventSource), event.text(Base::EventName));
        *self.calls.entry(seed.hash_one(call)).or_insert(0) += 1;
        if let Some(time) = time {
            *self.seconds.entry(time).or_insert(0) += 1;
        }
    }

    fn figures(mut self) -> Figures {
        self.sizes.sort_unstable();
        self.per_file.sort_unstable();
        let events = self.events.len() as u64;
        let sum: u64 = self.sizes.iter().map(|size| u64::from(*size)).sum();
        let above = |limit| self.sizes.iter().filter(|size| **size > limit).count() as u64;
        let records = self.sizes.len() as u64;
        let mut lags: Vec<i64> = self.events.values().map(|known| known.1).collect();
        lags.retain(|lag| *lag != i64::MAX);
        lags.sort_unstable();
        let most = |counts: &HashMap<u64, u64, Hasher>| counts.values().copied().max().unwrap_or(0);
        let busy: u64 = self.seconds.values().filter(|count| **count >= BUSY_SECOND).sum();
        let doubled = self.events.values().filter(|known| known.0 > 1).count() as u64;
        Figures {
            files: self.per_file.len() as u64,
            records,
            mean_bytes: share(sum, records),
            bytes: [at(&self.sizes, 0.5), at(&self.sizes, 0.99), at(&self.sizes, 1.0)],
            bulky: [share(above(LARGE), records), share(above(HUGE), records)],
            records_per_file: [at(&self.per_file, 0.5), at(&self.per_file, 1.0)],
            lag: self.delivered.then(|| [at(&lags, 0.0), at(&lags, 0.5), at(&lags, 1.0)]),
            doubled: share(doubled, events),
            failed: share(self.failed, events),
            disorder: share(self.older, self.pairs),
            top: [share(most(&self.callers), events), share(most(&self.calls), events)],
            busy: share(busy, events),
            fastest: self.seconds.values().copied().max().unwrap_or(0),
        }
    }
}

fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}

/// The value at a place between the first (0) and the last (1) of sorted values.
fn at<T: Copy + Default>(sorted: &[T], place: f64) -> T {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * place).round() as usize).copied().unwrap_or_default()
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let [middle, p99, largest] = self.bytes;
        let [large, huge] = self.bulky.map(percent);
        writeln!(f, "records         {} in {} files", self.records, self.files)?;
        writeln!(
            f,
            "a file          {} records, at most {}",
            self.records_per_file[0], self.records_per_file[1]
        )?;
        writeln!(
            f,
            "a record        mean {:.0} B, median {middle} B, p99 {p99} B, largest {largest} B",
            self.mean_bytes
        )?;
        writeln!(f, "above 20 kB     {large}; above 200 kB {huge}")?;
        match self.lag {
            Some([least, middle, most]) => {
                writeln!(
                    f,
                    "delivery        {least} s at least, {middle} s at the median, {most} s at most"
                )?;
            }
            None => writeln!(f, "delivery        the names of the files do not tell it")?,
        }
        writeln!(f, "delivered twice {}", percent(self.doubled))?;
        writeln!(f, "failed          {}", percent(self.failed))?;
        writeln!(f, "disorder        {} of neighbours in a file", percent(self.disorder))?;
        let [caller, call] = self.top.map(percent);
        writeln!(f, "skew            {caller} by one caller, {call} of one API")?;
        writeln!(
            f,
            "bursts          {} in seconds of {BUSY_SECOND} and more; {} in the fastest",
            percent(self.busy),
            self.fastest
        )
    }
}
