//! A worker: it takes batches of files from the queue, reads them, and matches what it finds;
//! or what another worker finds in a large file.
//!
//! # Invariants
//!
//! - A batch is finished when the facts and firings of all its records were handed on, whoever
//!   matched them.

use crate::config::RunError;
use crate::desk::Desk;
use crate::piece::Piece;
use crate::relay::{Open, Parcel, Relay};
use crate::replay::{Done, Job, Post};
use crate::timings::{Stage, Tally};
use event::{Scan, Slots, scan};
use input::{Found, InputFile, Reader};
use std::ops::Range;
use std::sync::Arc;

/// Facts that may gather before they are handed on.
const MOST_FACTS: usize = 16_384;

/// A worker, and what it has so far.
pub(crate) struct Worker<'w, 't, P> {
    job: Job<'w>,
    tally: &'t Tally,
    post: &'t mut P,
    relay: Relay<'w>,
    desk: Desk<'t>,
    done: Done,
    /// Why nothing can be handed on any more.
    failed: Option<RunError>,
    /// Where the fields of a record in a parcel lie.
    slots: Slots,
}

impl<'w: 't, 't, P: Post> Worker<'w, 't, P> {
    pub(crate) fn new(job: Job<'w>, tally: &'t Tally, post: &'t mut P, relay: Relay<'w>) -> Self {
        Self {
            job,
            tally,
            post,
            relay,
            desk: Desk::new(job.shared, tally),
            done: Done::default(),
            failed: None,
            slots: Slots::new(),
        }
    }

    /// Work until the queue is empty and no other worker hands on records.
    pub(crate) fn work(mut self) -> Result<Done, RunError> {
        let (job, tally) = (self.job, self.tally);
        let mut reader = job.reader(tally);
        loop {
            while let Some(parcel) = self.relay.waiting() {
                self.parcel(parcel)?;
            }
            let Some(batch) = self.job.queue.next(self.job.shared.config, self.relay.lane) else {
                break;
            };
            self.batch(batch, &mut reader)?;
        }
        if self.relay.is_alone() {
            return Ok(self.end());
        }
        self.relay.close();
        self.tally.enter(Stage::Wait);
        while let Some(parcel) = self.relay.next() {
            self.parcel(parcel)?;
            self.tally.enter(Stage::Wait);
        }
        self.tally.enter(Stage::Other);
        Ok(self.end())
    }

    /// Read a batch of files.
    fn batch(&mut self, batch: Range<usize>, reader: &mut Reader<'_>) -> Result<(), RunError> {
        let batch = Open::new(batch);
        for piece in self.job.queue.pieces(&batch.pieces) {
            let (bytes, records, report) = match piece {
                Piece::Whole(file, ahead) => {
                    let ahead = self.job.queue.take(ahead);
                    let mut sink = |found: Found<'_>| self.record(found.record, found.slots, file);
                    let report = reader.opened(file, ahead, &mut sink);
                    (report.bytes_read, report.records, Some(report))
                }
                Piece::Shared(file) => {
                    let report = reader.file(file, &mut |found| self.share(found, file, &batch));
                    let rest = self.relay.send(true);
                    rest.into_iter().for_each(|parcel| self.open(parcel));
                    (report.bytes_read, report.records, Some(report))
                }
                Piece::Stripe(split, number) => {
                    let file = split.file;
                    let mut sink = |found: Found<'_>| self.record(found.record, found.slots, file);
                    let part = reader.stripe(file, *number, &mut sink);
                    (part.bytes(), part.records(), split.add(*number, part))
                }
            };
            self.tally.enter(Stage::Other);
            self.failed.take().map_or(Ok(()), Err)?;
            self.job.progress.read(bytes, records);
            if let Some(report) = report {
                self.done.add(piece.file(), &report);
            }
        }
        self.leave(&batch)
    }

    /// Take a record.
    fn record(&mut self, record: &[u8], slots: &Slots, file: &InputFile) {
        let lateness = self.job.lateness(file, self.desk.latest);
        self.desk.record(record, slots, self.job.shared.config.now.0, lateness);
        if self.desk.matcher.facts().len() > MOST_FACTS && self.failed.is_none() {
            let before = self.tally.enter(Stage::HandOn);
            self.failed = self.job.hand_on(&mut self.desk, self.post).err();
            self.tally.enter(before);
        }
    }

    /// Have another worker take a record of a large file, if one has time.
    fn share(&mut self, found: Found<'_>, file: &'w InputFile, batch: &Arc<Open>) {
        if !self.relay.take(found.record, (file, batch)) {
            return self.record(found.record, found.slots, file);
        }
        if let Some(parcel) = self.relay.send(false) {
            self.open(parcel);
        }
    }

    /// Take the records of a parcel that another worker has sent.
    fn parcel(&mut self, parcel: Parcel<'w>) -> Result<(), RunError> {
        self.tally.enter(Stage::Scan);
        let batch = Arc::clone(&parcel.batch);
        batch.join();
        self.open(parcel);
        self.tally.enter(Stage::Other);
        self.failed.take().map_or(Ok(()), Err)?;
        self.leave(&batch)
    }

    /// Take the records of a parcel.
    fn open(&mut self, parcel: Parcel<'w>) {
        let Parcel { file, batch, records } = parcel;
        let mut slots = std::mem::take(&mut self.slots);
        for start in &records.starts {
            let found = scan(&records.bytes, *start, self.job.shared.bare(), &mut slots);
            debug_assert!(matches!(found, Scan::Record { .. }), "it was one");
            if let Scan::Record { end } = found {
                self.record(&records.bytes[*start..end], &slots, file);
            }
        }
        self.slots = slots;
        self.relay.give_back(records);
        batch.leave();
    }

    /// Hand on what was gathered, and finish the batch if nobody else works on it.
    fn leave(&mut self, batch: &Open) -> Result<(), RunError> {
        let Self { job, desk, post, .. } = self;
        self.tally.enter(Stage::HandOn);
        job.hand_on(desk, *post)?;
        if batch.leave()
            && let Some(watermark) = job.queue.finish(batch.pieces.clone())
            && !job.is_sorted()
        {
            job.pass(watermark, desk, *post)?;
        }
        self.tally.enter(Stage::Other);
        Ok(())
    }

    fn end(self) -> Done {
        let Self { job, tally, desk, mut done, .. } = self;
        tally.divide(&desk.sampler);
        done.ledger.records.add(&desk.records);
        done.latest = desk.latest;
        for (rule, count) in job.shared.program.rules.iter().zip(desk.matcher.no_key()) {
            if *count > 0 {
                done.ledger.no_key.insert(rule.name.to_string(), *count);
            }
        }
        done
    }
}
