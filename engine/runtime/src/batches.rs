//! Files, in order, cut into batches, each for one worker.
//!
//! Small files go together; a large file that can be read in stripes goes to several workers; of
//! another large file the worker that reads it has others match what it finds. Each worker has a
//! lane: the files of some accounts and regions, as their names tell.
//!
//! # Invariants
//!
//! - Every file is in one batch, or its stripes are, one a batch.
//! - The files of a lane, and the batches, are in the order of the files.

use crate::config::Config;
use crate::piece::{Ahead, Piece, Split};
use input::{InputFile, Origin, stripes};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What is handed out at once.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) pieces: Range<usize>,
    /// Whose it is, if nobody else has nothing to do.
    pub(crate) lane: usize,
    /// The least delivery in it and all batches behind it; the least of all numbers where one has
    /// none.
    pub(crate) since: i64,
}

/// A batch ends at about this many inflated bytes, or at so many pieces.
pub(crate) const BATCH: (u64, usize) = (4 << 20, 256);
/// What the last batches still have: they are small, so that all workers end at one time.
const LEAST: u64 = 256 << 10;

/// A file that comes to so many bytes is large.
const LARGE: u64 = 32 << 20;

/// All pieces, all batches of them, and how many lanes there are.
pub(crate) fn batches<'a>(
    files: &'a [InputFile],
    config: &Config<'_>,
) -> (Vec<Piece<'a>>, Vec<Batch>, usize) {
    // In sorted input one thread reads, since what is late depends on what came before.
    let is_shared = config.threads > 1 && !config.sorted;
    let lanes = Lanes::new(files, if is_shared { config.threads } else { 1 });
    let mut left = files.iter().map(InputFile::about_inflated).fold(0, u64::saturating_add);
    let mut cut = Cut::new(lanes.count);
    for file in files {
        let bytes = file.about_inflated();
        left = left.saturating_sub(bytes);
        let lane = lanes.of(file);
        let shares = 2 * config.threads as u64;
        let most = if is_shared { (left / shares).clamp(LEAST, BATCH.0) } else { BATCH.0 };
        match if is_shared { stripes(file) } else { 1 } {
            1 if is_shared && is_large(file) => cut.add(Piece::Shared(file), lane, (bytes, most)),
            1 => cut.add(Piece::Whole(file, Mutex::new(Ahead::Not)), lane, (bytes, most)),
            stripes => {
                let split = Arc::new(Split::new(file, stripes));
                for number in 0..stripes {
                    cut.end(lane);
                    cut.add(Piece::Stripe(Arc::clone(&split), number), lane, (0, most));
                }
                cut.end(lane);
            }
        }
    }
    let (pieces, batches) = cut.all();
    (pieces, batches, lanes.count)
}

/// Whether the worker that reads a file lets others match what it finds.
fn is_large(file: &InputFile) -> bool {
    file.origin == Origin::Stdin || file.about_inflated() >= LARGE
}

/// The lane of each account and region.
struct Lanes<'a> {
    of: BTreeMap<&'a str, usize>,
    count: usize,
}

impl<'a> Lanes<'a> {
    /// The largest trails first, each goes to the lane that has least.
    fn new(files: &'a [InputFile], count: usize) -> Self {
        let mut sizes = BTreeMap::<_, u64>::new();
        for file in files {
            *sizes.entry(file.trail()).or_default() += file.size;
        }
        let mut trails: Vec<_> = sizes.into_iter().collect();
        trails.sort_by_key(|(_, size)| Reverse(*size));
        let mut sums = vec![0; count];
        let mut give = |size| {
            let lane = (0..count).min_by_key(|lane| sums[*lane]).unwrap_or_default();
            sums[lane] += size;
            lane
        };
        Self { of: trails.into_iter().map(|(trail, size)| (trail, give(size))).collect(), count }
    }

    fn of(&self, file: &InputFile) -> usize {
        self.of.get(file.trail()).copied().unwrap_or_default()
    }
}

/// Files on their way into batches.
struct Cut<'a> {
    pieces: Vec<Piece<'a>>,
    batches: Vec<Batch>,
    /// By lane: what its next batch has so far, and how many bytes that comes to.
    open: Vec<(Vec<Piece<'a>>, u64)>,
}

impl<'a> Cut<'a> {
    fn new(lanes: usize) -> Self {
        let open = (0..lanes).map(|_| Default::default()).collect();
        Self { pieces: Vec::new(), batches: Vec::new(), open }
    }

    /// Put a piece into a lane, whose batch ends where it comes to so many bytes.
    fn add(&mut self, piece: Piece<'a>, lane: usize, (bytes, most): (u64, u64)) {
        let (pieces, sum) = &mut self.open[lane];
        pieces.push(piece);
        *sum += bytes;
        if *sum >= most || pieces.len() == BATCH.1 {
            self.end(lane);
        }
    }

    /// The batch of a lane ends.
    fn end(&mut self, lane: usize) {
        let (pieces, sum) = &mut self.open[lane];
        let start = self.pieces.len();
        let Some(first) = pieces.first() else { return };
        let since = first.file().delivery.map_or(i64::MIN, |delivery| delivery.0);
        self.pieces.append(pieces);
        *sum = 0;
        self.batches.push(Batch { pieces: start..self.pieces.len(), lane, since });
    }

    /// All pieces, and all batches.
    fn all(mut self) -> (Vec<Piece<'a>>, Vec<Batch>) {
        (0..self.open.len()).for_each(|lane| self.end(lane));
        let mut least = i64::MAX;
        for batch in self.batches.iter_mut().rev() {
            least = least.min(batch.since);
            batch.since = least;
        }
        (self.pieces, self.batches)
    }
}
