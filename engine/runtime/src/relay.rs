//! Records of a large file on their way from the worker that reads it to those that have time.
//!
//! Only one worker can tell where the records of such a file begin and end: it is one list, or
//! compressed, or standard input. It puts copies of them into parcels while others have time to
//! take them, and matches the rest itself. It knows no rules and reads nothing.
//!
//! # Invariants
//!
//! - A worker that asks for a parcel is given one, or waits until no other can send any more.
//! - Nobody waits to send: so nobody waits for each other.

use crossbeam_channel::{Receiver, Sender, bounded};
use input::InputFile;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Records of a file.
#[derive(Debug)]
pub(crate) struct Parcel<'a> {
    pub(crate) file: &'a InputFile,
    pub(crate) batch: Arc<Open>,
    pub(crate) records: Records,
}

/// Records one after another.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) bytes: Vec<u8>,
    /// Where each begins.
    pub(crate) starts: Vec<usize>,
}

/// A batch that is worked on.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) pieces: Range<usize>,
    /// How many workers are at it, and how many parcels of it there are.
    left: AtomicUsize,
}

/// A worker's end of the relay.
#[derive(Debug)]
pub(crate) struct Relay<'a> {
    /// The number of the worker.
    pub(crate) lane: usize,
    /// Until the worker has no file to read any more.
    out: Option<Sender<Parcel<'a>>>,
    inbox: Receiver<Parcel<'a>>,
    /// What was in parcels, to be filled again.
    empty: (Sender<Records>, Receiver<Records>),
    filling: Option<Parcel<'a>>,
}

/// A parcel is sent when it holds so many bytes: few, so that they are matched while they are at
/// hand.
const FULL: usize = 256 << 10;
/// How many parcels wait for each worker.
const WAITING: usize = 4;

impl<'a> Relay<'a> {
    /// The ends of as many workers.
    pub(crate) fn new(workers: usize) -> Vec<Self> {
        let (out, inbox) = bounded(WAITING * workers);
        let empty = bounded(WAITING * workers);
        let end = |lane| Self {
            lane,
            out: Some(out.clone()),
            inbox: inbox.clone(),
            empty: empty.clone(),
            filling: None,
        };
        (0..workers).map(end).collect()
    }

    /// That of the only worker: nothing goes through it.
    pub(crate) fn alone() -> Self {
        let (inbox, empty) = (bounded(1).1, bounded(1));
        Self { lane: 0, out: None, inbox, empty, filling: None }
    }

    /// Take a record along; false when nobody has time for it.
    pub(crate) fn take(
        &mut self,
        record: &[u8],
        (file, batch): (&'a InputFile, &Arc<Open>),
    ) -> bool {
        if self.filling.is_none() {
            if self.out.as_ref().is_none_or(Sender::is_full) {
                return false;
            }
            self.filling = Some(self.parcel(file, batch));
        }
        let Some(Parcel { records, .. }) = &mut self.filling else { return false };
        records.starts.push(records.bytes.len());
        records.bytes.extend_from_slice(record);
        true
    }

    /// Send what was taken along, if that is enough or nothing follows; the parcel, when nobody
    /// has time for it now.
    pub(crate) fn send(&mut self, is_last: bool) -> Option<Parcel<'a>> {
        let is_due = |parcel: &mut Parcel<'a>| is_last || parcel.records.bytes.len() >= FULL;
        let parcel = self.filling.take_if(is_due)?;
        match &self.out {
            Some(out) => {
                out.try_send(parcel).err().map(crossbeam_channel::TrySendError::into_inner)
            }
            None => Some(parcel),
        }
    }

    /// A parcel that waits, if there is one.
    pub(crate) fn waiting(&self) -> Option<Parcel<'a>> {
        self.inbox.try_recv().ok()
    }

    /// Whether there is no other worker to hear from.
    pub(crate) fn is_alone(&self) -> bool {
        self.out.is_none()
    }

    /// Nothing more is sent from here.
    pub(crate) fn close(&mut self) {
        self.out = None;
    }

    /// The next parcel, once it comes; nothing when no worker can send any more.
    pub(crate) fn next(&self) -> Option<Parcel<'a>> {
        self.inbox.recv().ok()
    }

    /// Give back what was in a parcel.
    pub(crate) fn give_back(&self, mut records: Records) {
        records.bytes.clear();
        records.starts.clear();
        // Where enough wait to be filled, one more is not needed.
        let _ = self.empty.0.try_send(records);
    }

    fn parcel(&self, file: &'a InputFile, batch: &Arc<Open>) -> Parcel<'a> {
        batch.join();
        let records = self.empty.1.try_recv().unwrap_or_default();
        Parcel { file, batch: Arc::clone(batch), records }
    }
}

impl Open {
    /// A worker takes a batch.
    pub(crate) fn new(pieces: Range<usize>) -> Arc<Self> {
        Arc::new(Self { pieces, left: AtomicUsize::new(1) })
    }

    /// Another worker is at it, or there is another parcel.
    pub(crate) fn join(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }

    /// A worker or a parcel is done with; true where it was the last.
    pub(crate) fn leave(&self) -> bool {
        self.left.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn file() -> InputFile {
        InputFile::named(Path::new("/nowhere"), 0)
    }

    #[test]
    fn nobody_waits_to_send() {
        let (file, batch) = (file(), Open::new(0..1));
        let mut ends = Relay::new(1);
        let relay = &mut ends[0];
        let record = vec![b'x'; FULL];
        let mut sent = 0;
        while relay.take(&record, (&file, &batch)) {
            assert!(relay.send(false).is_none());
            sent += 1;
        }
        assert_eq!(sent, WAITING);
        assert!(!batch.leave(), "parcels are on their way");
        let parcel = relay.waiting().unwrap();
        assert_eq!((parcel.records.starts, parcel.records.bytes.len()), (vec![0], FULL));
        assert!(!parcel.batch.leave());
        // There is room for one more, which is sent before it is full at the end of the file.
        assert!(relay.take(b"1", (&file, &batch)) && relay.take(b"2", (&file, &batch)));
        assert!(relay.send(false).is_none() && relay.send(true).is_none());
        relay.close();
        let rest: Vec<_> = std::iter::from_fn(|| relay.next()).collect();
        assert_eq!(rest.last().unwrap().records.bytes, b"12");
        assert_eq!(rest.last().unwrap().records.starts, [0, 1]);
        let last: Vec<_> = rest.iter().map(|parcel| parcel.batch.leave()).collect();
        assert_eq!(last, [false, false, false, true]);
    }

    #[test]
    fn what_is_empty_is_filled_again() {
        let (file, batch) = (file(), Open::new(0..1));
        let mut ends = Relay::new(2);
        assert!(ends[0].take(b"one", (&file, &batch)) && ends[0].send(true).is_none());
        let parcel = ends[1].next().unwrap();
        let room = parcel.records.bytes.as_ptr();
        ends[1].give_back(parcel.records);
        assert!(ends[0].take(b"two", (&file, &batch)) && ends[0].send(true).is_none());
        let again = ends[1].next().unwrap();
        assert_eq!(
            (again.records.bytes.as_slice(), again.records.bytes.as_ptr()),
            (&b"two"[..], room)
        );
    }

    #[test]
    fn who_works_alone_takes_nothing_along() {
        let (file, batch) = (file(), Open::new(0..1));
        let mut relay = Relay::alone();
        assert!(!relay.take(b"one", (&file, &batch)));
        assert!(relay.send(true).is_none() && relay.waiting().is_none() && relay.next().is_none());
    }
}
