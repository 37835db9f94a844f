//! What is to be read, in order, and up to where all of it was read.
//!
//! It reads nothing, but opens files ahead of the workers and has the system read them: a few at a
//! time, as far as a batch for each of them.
//!
//! What a worker has found out of who calls what in the accounts and regions of its lane need not
//! be found out by the others, too. Who finds nothing in its lane takes from another.
//!
//! # Invariants
//!
//! - Batches are handed out in the order of the files, but for a few that wait for their lane.
//! - The watermark is the least delivery of the batches not yet finished, less the lateness.

use crate::batches::{Batch, batches};
use crate::config::Config;
use crate::piece::{Ahead, Piece};
use input::{FileReport, InputFile, Opened, open_ahead};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The files, in order, handed out in batches.
#[derive(Debug)]
pub(crate) struct Queue<'a> {
    pieces: Vec<Piece<'a>>,
    /// For how many seconds behind a delivery an event is not late.
    pub(crate) lateness: i64,
    batches: Vec<Batch>,
    handout: Mutex<Handout>,
    finished: Mutex<Finished>,
    /// What is to be opened ahead, once there is room.
    ahead: Mutex<VecDeque<Range<usize>>>,
    /// How many more files may be open ahead.
    room: AtomicUsize,
    /// The greatest time of an event that was handed on, which the end of the input is not
    /// before. Workers raise it; whoever judges deadlines reads it.
    latest: AtomicI64,
}

/// Which batches were handed out.
#[derive(Debug)]
struct Handout {
    /// By batch.
    out: Vec<bool>,
    /// The first that was not.
    low: usize,
    lanes: usize,
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

/// How many files may be open ahead. A process that comes to more than 64 waits for milliseconds
/// while the system makes room for their numbers.
const MOST_OPEN: usize = 40;
/// For one of its own a lane may pass over so many batches for each lane there is.
const PASSED: usize = 4;

impl Handout {
    /// The batch that a lane takes next.
    fn choose(&self, batches: &[Batch], lane: usize) -> Option<usize> {
        let waiting = || (self.low..batches.len()).filter(|number| !self.out[*number]);
        let mut near = waiting().take(PASSED * self.lanes);
        near.find(|number| batches[*number].lane == lane).or_else(|| waiting().next())
    }
}

impl<'a> Queue<'a> {
    pub(crate) fn new(files: &'a [InputFile], config: &Config<'_>) -> Self {
        let (pieces, batches, lanes) = batches(files, config);
        let finished =
            Finished { batches: vec![false; batches.len()], low: 0, watermark: i64::MIN };
        let handout = Handout { out: vec![false; batches.len()], low: 0, lanes };
        Self {
            pieces,
            lateness: config.lateness,
            batches,
            handout: Mutex::new(handout),
            finished: Mutex::new(finished),
            ahead: Mutex::default(),
            room: AtomicUsize::new(MOST_OPEN),
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

    /// The next batch for the worker of a lane, unless the run is to stop.
    pub(crate) fn next(&self, config: &Config<'_>, lane: usize) -> Option<Range<usize>> {
        if config.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut handout = self.handout.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = handout.low == 0;
        let number = handout.choose(&self.batches, lane)?;
        handout.out[number] = true;
        while handout.out.get(handout.low) == Some(&true) {
            handout.low += 1;
        }
        let then = handout.choose(&self.batches, lane);
        drop(handout);
        // While a batch is worked on the one that likely comes next is read.
        let batches = is_first.then_some(number).into_iter().chain(then);
        self.ahead().extend(batches.map(|number| self.batches[number].pieces.clone()));
        self.open_ahead();
        Some(self.batches[number].pieces.clone())
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<Range<usize>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be opened ahead next.
    fn next_ahead(&self) -> Option<&Piece<'a>> {
        let mut ahead = self.ahead();
        loop {
            match ahead.front_mut()?.next() {
                Some(at) => return self.pieces.get(at),
                None => drop(ahead.pop_front()),
            }
        }
    }

    /// Open files, and have the system read them ahead, as far as there is room.
    fn open_ahead(&self) {
        let less = |room: usize| room.checked_sub(1);
        while self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            let next = self.next_ahead();
            let stays_open = match next {
                Some(Piece::Whole(file, ahead)) => {
                    let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner);
                    match matches!(*ahead, Ahead::Not).then(|| open_ahead(file)).flatten() {
                        Some(opened) => {
                            *ahead = Ahead::Open(opened);
                            true
                        }
                        None => false,
                    }
                }
                Some(Piece::Shared(file)) => {
                    drop(open_ahead(file));
                    false
                }
                Some(Piece::Stripe(..)) | None => false,
            };
            self.room.fetch_add(usize::from(!stays_open), Ordering::Relaxed);
            if next.is_none() {
                break;
            }
        }
    }

    /// Take a file to read it, if it was opened ahead.
    pub(crate) fn take(&self, ahead: &Mutex<Ahead>) -> Option<Opened> {
        let mut ahead = ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let Ahead::Open(opened) = std::mem::replace(&mut *ahead, Ahead::Taken) else { return None };
        drop(ahead);
        self.room.fetch_add(1, Ordering::Relaxed);
        self.open_ahead();
        Some(opened)
    }

    /// What is in a batch.
    pub(crate) fn pieces(&self, batch: &Range<usize>) -> &[Piece<'a>] {
        &self.pieces[batch.clone()]
    }

    /// Note that a batch is finished; the watermark, where it moved.
    pub(crate) fn finish(&self, batch: Range<usize>) -> Option<i64> {
        let number = self.batches.partition_point(|known| known.pieces.start < batch.start);
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        finished.batches[number] = true;
        while finished.batches.get(finished.low) == Some(&true) {
            finished.low += 1;
        }
        let watermark = match self.batches.get(finished.low) {
            None => i64::MAX,
            Some(batch) => batch.since.saturating_sub(self.lateness),
        };
        let moved = watermark > finished.watermark;
        finished.watermark = finished.watermark.max(watermark);
        moved.then_some(watermark)
    }

    /// Tell of the files of which some stripes were left when the run was stopped.
    pub(crate) fn unfinished(&self, mut tell: impl FnMut(&InputFile, FileReport)) {
        for piece in &self.pieces {
            if let Piece::Stripe(split, 0) = piece
                && let Some(report) = split.what_was_read()
            {
                tell(split.file, report);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batches::BATCH;
    use event::EventTime;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    fn file(size: u64, delivery: Option<i64>) -> InputFile {
        delivered(InputFile::named(Path::new("/nowhere"), size), delivery)
    }

    fn delivered(mut file: InputFile, delivery: Option<i64>) -> InputFile {
        file.delivery = delivery.map(EventTime);
        file
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
        let pieces: Vec<_> = queue.batches.iter().map(|batch| batch.pieces.clone()).collect();
        assert_eq!(pieces, [0..256, 256..302, 302..303]);
    }

    #[test]
    fn files_are_open_before_they_are_taken_and_never_too_many() {
        let there = tempfile::NamedTempFile::new().unwrap();
        let files = vec![InputFile::named(there.path(), 1); 300];
        let stop = AtomicBool::new(false);
        let queue = Queue::new(&files, &config(&stop));
        let is_open = |piece: &Piece<'_>| match piece {
            Piece::Whole(_, ahead) => matches!(*ahead.lock().unwrap(), Ahead::Open(_)),
            _ => false,
        };
        let mut taken = 0;
        while let Some(batch) = queue.next(&config(&stop), 0) {
            for piece in queue.pieces(&batch) {
                let open = queue.pieces.iter().filter(|piece| is_open(piece)).count();
                assert_eq!(open, MOST_OPEN.min(files.len() - taken));
                let Piece::Whole(_, ahead) = piece else { panic!("{piece:?}") };
                assert!(queue.take(ahead).is_some() && queue.take(ahead).is_none());
                taken += 1;
            }
        }
        assert_eq!(taken, files.len());
    }

    #[test]
    fn the_last_batches_are_small_where_several_read() {
        let stop = AtomicBool::new(false);
        let files = vec![file(1 << 20, None); 24];
        let queue = Queue::new(&files, &Config { threads: 2, ..config(&stop) });
        let sizes: Vec<_> = queue.batches.iter().map(|batch| batch.pieces.len()).collect();
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

    fn named(trail: &str, size: u64, delivery: i64) -> InputFile {
        let name = format!("/there/{trail}_20250901T0000Z_{delivery:016}.json.gz");
        delivered(InputFile::named(Path::new(&name), size / 8), Some(delivery))
    }

    #[test]
    fn a_lane_has_its_own_trails_until_it_has_nothing_to_do() {
        let stop = AtomicBool::new(false);
        // One trail has as much as the two others.
        let files: Vec<_> = (0..40)
            .map(|at| {
                named(
                    ["1_CloudTrail_a", "1_CloudTrail_b", "1_CloudTrail_a", "2_CloudTrail_a"]
                        [at % 4],
                    BATCH.0,
                    at as i64,
                )
            })
            .collect();
        let config = Config { threads: 2, ..config(&stop) };
        let queue = Queue::new(&files, &config);
        let next = |lane| {
            let pieces = queue.next(&config, lane)?;
            Some(queue.pieces(&pieces)[0].file().trail().to_owned())
        };
        for _ in 0..20 {
            assert_eq!(next(0).unwrap(), "1_CloudTrail_a");
            assert_ne!(next(1).unwrap(), "1_CloudTrail_a");
        }
        assert_eq!((next(0), next(1)), (None, None));
        let queue = Queue::new(&files, &config);
        let all: Vec<_> = std::iter::from_fn(|| queue.next(&config, 1)).collect();
        assert_eq!(all.len(), 40);
        // What was passed over holds the watermark back.
        let behind = |at: usize| queue.finish(all[at].clone());
        let moved: Vec<_> = (0..40).filter_map(behind).collect();
        assert!(moved.is_sorted() && moved.last() == Some(&i64::MAX), "{moved:?}");
        assert!(moved.len() < 40 && moved[0] == -10, "{moved:?}");
    }
}
