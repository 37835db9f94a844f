//! What is to be read, in order, and up to where all of it was read.
//!
//! Small files go together in batches; a large file that can be read in stripes goes to
//! several workers, and its parts are put together when the last has come; of another large file
//! the worker that reads it has others match what it finds. It reads nothing, but opens files
//! ahead of the workers and has the system read them: a batch for each of them.
//!
//! # Invariants
//!
//! - Batches are handed out in the order of the files.
//! - The watermark is the least delivery of the batches not yet finished, less the lateness.

use crate::config::Config;
use input::{FileReport, InputFile, Opened, Origin, Part, open_ahead, stripes};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The files, in order, handed out in batches.
#[derive(Debug)]
pub(crate) struct Queue<'a> {
    pieces: Vec<Piece<'a>>,
    /// For how many seconds behind a delivery an event is not late.
    pub(crate) lateness: i64,
    /// The pieces of each batch.
    batches: Vec<Range<usize>>,
    /// The batch to be handed out next.
    next: AtomicUsize,
    finished: Mutex<Finished>,
    /// How many files are open ahead.
    open: AtomicUsize,
    /// The greatest time of an event that was handed on, which the end of the input is not
    /// before. Workers raise it; whoever judges deadlines reads it.
    latest: AtomicI64,
}

/// What is read at once.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// A file, and how far it was prepared.
    Whole(&'a InputFile, Mutex<Ahead>),
    /// A large file of which only one worker can tell where records begin.
    Shared(&'a InputFile),
    /// A stripe of a file, by its number.
    Stripe(Arc<Split<'a>>, u64),
}

/// How far a file was prepared for its reading.
#[derive(Debug)]
pub(crate) enum Ahead {
    /// Not yet.
    Not,
    /// It is open.
    Open(Opened),
    /// It is being read, or was.
    Taken,
}

/// A file that is read in stripes.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    pub(crate) file: &'a InputFile,
    stripes: u64,
    /// The parts that were read, by stripe.
    parts: Mutex<BTreeMap<u64, Part>>,
}

/// Which batches are finished, and up to where all are.
#[derive(Debug)]
struct Finished {
    /// By batch: whether it is finished.
    batches: Vec<bool>,
    /// The first batch that is not.
    low: usize,
    /// Seconds before it are complete.
    watermark: i64,
}

/// A batch ends at about this many inflated bytes, or at so many pieces.
const BATCH: (u64, usize) = (4 << 20, 256);
/// How many files may be open ahead: of all that a process may have, a few.
const MOST_OPEN: usize = 128;
/// What the last batches still have: they are small, so that all workers end at one time.
const LEAST: u64 = 256 << 10;

/// A file that comes to so many bytes is large.
const LARGE: u64 = 32 << 20;

impl<'a> Queue<'a> {
    pub(crate) fn new(files: &'a [InputFile], config: &Config<'_>) -> Self {
        // In sorted input one thread reads, since what is late depends on what came before.
        let is_shared = config.threads > 1 && !config.sorted;
        let (mut pieces, mut batches) = (Vec::with_capacity(files.len()), Vec::new());
        let (mut start, mut bytes) = (0, 0);
        let mut left = files.iter().map(InputFile::about_inflated).fold(0, u64::saturating_add);
        let shares = 2 * config.threads as u64;
        for (at, file) in files.iter().enumerate() {
            left = left.saturating_sub(file.about_inflated());
            match if is_shared { stripes(file) } else { 1 } {
                1 => {
                    pieces.push(match is_shared && is_large(file) {
                        true => Piece::Shared(file),
                        false => Piece::Whole(file, Mutex::new(Ahead::Not)),
                    });
                    bytes += file.about_inflated();
                }
                stripes => {
                    let split = Arc::new(Split { file, stripes, parts: Mutex::default() });
                    for number in 0..stripes {
                        if pieces.len() > start {
                            batches.push(start..pieces.len());
                            start = pieces.len();
                        }
                        pieces.push(Piece::Stripe(Arc::clone(&split), number));
                    }
                    bytes = BATCH.0;
                }
            }
            let most = if is_shared { (left / shares).clamp(LEAST, BATCH.0) } else { BATCH.0 };
            let is_full = bytes >= most || pieces.len() - start == BATCH.1;
            if is_full || at + 1 == files.len() {
                batches.push(start..pieces.len());
                (start, bytes) = (pieces.len(), 0);
            }
        }
        let finished =
            Finished { batches: vec![false; batches.len()], low: 0, watermark: i64::MIN };
        Self {
            pieces,
            lateness: config.lateness,
            batches,
            next: AtomicUsize::new(0),
            finished: Mutex::new(finished),
            open: AtomicUsize::new(0),
            latest: AtomicI64::new(i64::MIN),
        }
    }

    /// Note the latest event of what will be handed on.
    pub(crate) fn met(&self, latest: Option<i64>) {
        self.latest.fetch_max(latest.unwrap_or(i64::MIN), Ordering::Relaxed);
    }

    /// The latest event of what was handed on before a watermark that has come.
    pub(crate) fn latest(&self) -> i64 {
        self.latest.load(Ordering::Relaxed)
    }

    /// The next batch, unless the run is to stop.
    pub(crate) fn next(&self, config: &Config<'_>) -> Option<Range<usize>> {
        if config.stop.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // Each worker asks for the batch that comes when all have taken another one.
        if number < config.threads {
            self.read_ahead(number);
        }
        self.read_ahead(number + config.threads);
        self.batches.get(number).cloned()
    }

    /// Open the files of a batch and have the system read them ahead.
    fn read_ahead(&self, number: usize) {
        let pieces = self.batches.get(number).map_or(&[][..], |batch| self.pieces(batch));
        for piece in pieces {
            if let Piece::Whole(file, ahead) = piece
                && let Some(opened) = open_ahead(file)
                && let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner)
                && matches!(*ahead, Ahead::Not)
                && self.open.load(Ordering::Relaxed) < MOST_OPEN
            {
                self.open.fetch_add(1, Ordering::Relaxed);
                *ahead = Ahead::Open(opened);
            } else if let Piece::Shared(file) = piece {
                drop(open_ahead(file));
            }
        }
    }

    /// Take a file to read it, if it was opened ahead.
    pub(crate) fn take(&self, ahead: &Mutex<Ahead>) -> Option<Opened> {
        let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *ahead, Ahead::Taken) {
            Ahead::Open(opened) => {
                self.open.fetch_sub(1, Ordering::Relaxed);
                Some(opened)
            }
            Ahead::Not | Ahead::Taken => None,
        }
    }

    /// What is in a batch.
    pub(crate) fn pieces(&self, batch: &Range<usize>) -> &[Piece<'a>] {
        &self.pieces[batch.clone()]
    }

    /// Note that a batch is finished; the watermark, where it moved.
    pub(crate) fn finish(&self, batch: Range<usize>) -> Option<i64> {
        let number = self.batches.partition_point(|known| known.start < batch.start);
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.batches[number] = true;
        while finished.batches.get(finished.low) == Some(&true) {
            finished.low += 1;
        }
        let watermark = match self.batches.get(finished.low) {
            None => i64::MAX,
            Some(batch) => match self.pieces[batch.start].file().delivery {
                None => i64::MIN,
                Some(delivery) => delivery.0 - self.lateness,
            },
        };
        let moved = watermark > finished.watermark;
        finished.watermark = finished.watermark.max(watermark);
        moved.then_some(watermark)
    }

    /// Tell of the files of which some stripes were left when the run was stopped.
    pub(crate) fn unfinished(&self, mut tell: impl FnMut(&str, FileReport)) {
        for piece in &self.pieces {
            if let Piece::Stripe(split, 0) = piece
                && let Some(report) = split.what_was_read()
            {
                tell(&split.file.name, report);
            }
        }
    }
}

/// Whether the worker that reads a file lets others match what it finds.
fn is_large(file: &InputFile) -> bool {
    file.origin == Origin::Stdin || file.about_inflated() >= LARGE
}

impl Piece<'_> {
    /// The file that it is, or is in.
    pub(crate) fn file(&self) -> &InputFile {
        match self {
            Self::Whole(file, _) | Self::Shared(file) => file,
            Self::Stripe(split, _) => split.file,
        }
    }
}

impl Split<'_> {
    /// Take the part in a stripe; the report of the file, when it is the last to come.
    pub(crate) fn add(&self, number: u64, part: Part) -> Option<FileReport> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(number, part);
        if parts.len() as u64 != self.stripes {
            return None;
        }
        Some(Part::together(std::mem::take(&mut *parts).into_values(), self.file.size))
    }

    /// The report of the parts that were read, if the file was not told of yet.
    fn what_was_read(&self) -> Option<FileReport> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.is_empty() {
            return None;
        }
        Some(Part::together(std::mem::take(&mut *parts).into_values(), self.file.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::EventTime;
    use std::sync::atomic::AtomicBool;

    fn file(size: u64, delivery: Option<i64>) -> InputFile {
        let delivery = delivery.map(EventTime);
        let (path, name) = ("/nowhere".into(), "file".to_owned());
        InputFile { path, name, size, delivery, origin: Origin::Found }
    }

    fn config(stop: &AtomicBool) -> Config<'_> {
        Config {
            threads: 1,
            now: EventTime(0),
            lateness: 10,
            sorted: false,
            from: None,
            to: None,
            alerts_from: None,
            least: Vec::new(),
            include_record: false,
            stop,
            clock: None,
        }
    }

    #[test]
    fn batches_are_full_by_bytes_or_number() {
        let stop = AtomicBool::new(false);
        let mut files = vec![file(1, None); 300];
        files.extend(vec![file(3 << 20, None); 3]);
        let queue = Queue::new(&files, &config(&stop));
        assert_eq!(queue.batches, [0..256, 256..302, 302..303]);
    }

    #[test]
    fn the_last_batches_are_small_where_several_read() {
        let stop = AtomicBool::new(false);
        let files = vec![file(1 << 20, None); 24];
        let queue = Queue::new(&files, &Config { threads: 2, ..config(&stop) });
        let sizes: Vec<_> = queue.batches.iter().map(ExactSizeIterator::len).collect();
        assert_eq!(sizes, [4, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn the_watermark_follows_the_least_delivery_that_is_not_finished() {
        let stop = AtomicBool::new(false);
        let files: Vec<_> =
            [None, Some(100), Some(200), Some(300)].map(|at| file(BATCH.0, at)).to_vec();
        let queue = Queue::new(&files, &config(&stop));
        assert_eq!(queue.finish(1..2), None);
        assert_eq!(queue.finish(0..1), Some(190));
        assert_eq!(queue.finish(3..4), None);
        assert_eq!(queue.finish(2..3), Some(i64::MAX));
    }
}
