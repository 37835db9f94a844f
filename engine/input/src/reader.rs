//! Reading inputs: files whole or through a window, standard input as it arrives.
//!
//! [`Reader`] owns the buffers and is used for one input after another. It decides by
//! content whether an input is compressed, by size whether it is read whole, and keeps
//! the books on stored bytes; `frame` finds the records.
//!
//! # Invariants
//!
//! - In a stream every record that is complete is handed on before the next read.
//! - Memory: what is stored and what it inflates to, each at most [`LARGEST_WHOLE`];
//!   beyond, a window of [`WINDOW`]. What is kept for the next input is at most
//!   [`RETAINED`] a buffer.

use crate::discover::{InputFile, Origin};
use crate::frame::{Framer, View};
use crate::gunzip::{Gunzip, Plain, Source};
use crate::inflate::inflate_whole;
use crate::look::{Look, Looked};
use crate::report::{Damage, FileReport, Reason};
use crate::{LARGEST_WHOLE, LONGEST_RECORD};
use event::{Layout, Slots};
use libdeflater::Decompressor;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// The largest file that is not compressed and is read whole; a larger one passes through
/// the window, which stays in the processor's cache.
const LARGEST_PLAIN: usize = 4 << 20;
/// How much is read ahead of a record.
const AHEAD: usize = 1 << 20;
/// One record and the bytes ahead of it.
const WINDOW: usize = LONGEST_RECORD + 2 * AHEAD;
/// The largest buffer that is kept from one input to the next.
const RETAINED: usize = 64 << 20;
/// How much of a stream is read before it is known to be compressed or not.
const FIRST: usize = 64 << 10;
/// How a gzip file begins.
const GZIP: &[u8] = b"\x1f\x8b";

/// A record that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Its bytes.
    pub record: &'a [u8],
    /// Where its fields lie in them.
    pub slots: &'a Slots,
    /// Where it begins in the inflated input; in decoded JSON, where the text begins that
    /// holds it.
    pub at: u64,
}

/// What comes from a stream.
#[derive(Clone, Copy, Debug)]
pub enum Arrival<'a> {
    /// A record.
    Record(Found<'a>),
    /// All that has arrived is handed on; the next read may wait for long.
    Idle,
}

/// Reads inputs, one after another.
pub struct Reader<'a> {
    framer: Framer<'a>,
    /// The input as stored.
    stored: Vec<u8>,
    /// Its text, whole or in a window.
    text: Vec<u8>,
    inflater: Decompressor,
    /// Set from outside to leave a large file early.
    stop: Option<&'a AtomicBool>,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("framer", &self.framer).finish_non_exhaustive()
    }
}

/// What to do with what arrives; `Break` is heeded at [`Arrival::Idle`].
type Arrivals<'s> = dyn FnMut(Arrival<'_>) -> ControlFlow<()> + 's;

impl<'a> Reader<'a> {
    /// A reader that finds the fields of `layout`.
    #[must_use]
    pub fn new(layout: &'a Layout) -> Self {
        Self {
            framer: Framer::new(layout),
            stored: Vec::new(),
            text: Vec::new(),
            inflater: Decompressor::new(),
            stop: None,
        }
    }

    /// The same, which leaves a file that passes through the window when `stop` is set.
    #[must_use]
    pub fn stopped_by(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Read a file to its end and hand on its records; what became of it.
    ///
    /// # Cost
    ///
    /// A file is read, inflated and scanned once, unless its gzip stream is damaged, has
    /// several members or comes to more than 256 MiB: then it is inflated again, slowly.
    /// Nothing is allocated for a record in a list or a line of its own.
    pub fn file(&mut self, file: &InputFile, sink: &mut impl FnMut(Found<'_>)) -> FileReport {
        let stop = self.stop;
        let mut arrivals = |arrival: Arrival<'_>| {
            if let Arrival::Record(found) = arrival {
                sink(found);
            }
            match stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        match file.origin {
            Origin::Stdin => self.source(&mut io::stdin().lock(), file.size, &mut arrivals),
            _ => match File::open(&file.path) {
                Ok(mut source) => self.source(&mut source, file.size, &mut arrivals),
                Err(error) => self.unreadable(file.size, error.kind()),
            },
        }
    }

    /// Read a stream until it ends or `sink` breaks at [`Arrival::Idle`].
    ///
    /// After each read, all records that are complete are handed on, those on a line
    /// before its line feed has come, and then `Idle` follows.
    pub fn stream(
        &mut self,
        source: &mut dyn Read,
        sink: &mut impl FnMut(Arrival<'_>) -> ControlFlow<()>,
    ) -> FileReport {
        let mut stored = std::mem::take(&mut self.stored);
        stored.resize(FIRST, 0);
        let first = first_bytes(source, &mut stored);
        let report = match first {
            Err(kind) => self.unreadable(0, kind),
            Ok(length) => {
                let first = &stored[..length];
                self.framer.report.gzip = first.starts_with(GZIP);
                if self.framer.report.gzip {
                    self.windowed(&mut Gunzip::new(first.chain(source)), None, sink)
                } else {
                    self.windowed(&mut Plain::new(first.chain(source)), None, sink)
                }
            }
        };
        self.stored = stored;
        report
    }

    /// Read a source whole, or beyond the limit through the window.
    fn source(&mut self, source: &mut dyn Read, size: u64, sink: &mut Arrivals<'_>) -> FileReport {
        let mut stored = std::mem::take(&mut self.stored);
        stored.clear();
        let expected = usize::try_from(size).unwrap_or(LARGEST_PLAIN).min(LARGEST_PLAIN);
        stored.reserve(expected + 1);
        let mut read = fill(source, LARGEST_PLAIN, &mut stored);
        self.framer.report.gzip = stored.starts_with(GZIP);
        let mut most = LARGEST_PLAIN;
        if self.framer.report.gzip && read.is_ok() && stored.len() > most {
            most = LARGEST_WHOLE;
            stored.reserve(usize::try_from(size).unwrap_or(most).min(most) + 1 - stored.len());
            read = fill(source, LARGEST_WHOLE, &mut stored);
        }
        let report = match read {
            Ok(()) if stored.len() <= most => self.whole(&stored, sink),
            Ok(_) if self.framer.report.gzip => {
                self.windowed(&mut Gunzip::new(stored.chain(source)), Some(size), sink)
            }
            Ok(_) => self.windowed(&mut Plain::new(stored.chain(source)), Some(size), sink),
            Err(error) => {
                // What was read before the fault is a source that fails at its end.
                let failing = stored.chain(Failing(error.kind()));
                if self.framer.report.gzip {
                    self.windowed(&mut Gunzip::new(failing), Some(size), sink)
                } else {
                    self.windowed(&mut Plain::new(failing), Some(size), sink)
                }
            }
        };
        self.stored = stored;
        self.release();
        report
    }

    /// Read what is stored whole.
    fn whole(&mut self, stored: &[u8], sink: &mut Arrivals<'_>) -> FileReport {
        let text = if self.framer.report.gzip {
            match inflate_whole(stored, &mut self.text, &mut self.inflater) {
                Some(length) => &self.text[..length],
                None => {
                    let size = stored.len() as u64;
                    return self.windowed(&mut Gunzip::new(stored), Some(size), sink);
                }
            }
        } else {
            stored
        };
        self.framer.note_head(text);
        let view = View { bytes: text, base: 0, last: true };
        self.framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
        let mut report = self.framer.reset();
        report.bytes_listed = stored.len() as u64;
        report.bytes_read = report.bytes_listed;
        report
    }

    /// Read a source through the window; `size` is its length where that is known.
    fn windowed(
        &mut self,
        source: &mut dyn Source,
        size: Option<u64>,
        sink: &mut Arrivals<'_>,
    ) -> FileReport {
        let stop = self.drive(source, sink);
        let mut report = self.framer.reset();
        let (notes, padding) = source.notes();
        report.padding = padding;
        for damage in notes.kept.iter().chain(&stop) {
            report.damage.push(*damage);
        }
        report.damage.count += notes.count - notes.kept.len() as u64;
        report.bytes_read = source.position();
        report.bytes_listed = match stop {
            // Behind damage nothing is read, but what there is was listed.
            Some(_) => source.taken().max(size.unwrap_or(0)),
            None => source.position(),
        };
        report.bytes_unreadable = report.bytes_listed - report.bytes_read;
        if stop.is_some() && report.inflated == 0 && !report.recognised {
            report.looked_like = Some(Looked { gzip: report.gzip, what: Look::Unreadable });
        }
        report
    }

    /// Move the window over a source to its end; the damage that ended it early.
    fn drive(&mut self, source: &mut dyn Source, sink: &mut Arrivals<'_>) -> Option<Damage> {
        let (framer, window) = (&mut self.framer, &mut self.text);
        if window.len() < WINDOW {
            window.resize(WINDOW, 0);
        }
        let (mut start, mut end, mut base) = (0, 0, 0_u64);
        let stop = loop {
            if window.len() - end < AHEAD {
                window.copy_within(start..end, 0);
                (start, end) = (0, end - start);
            }
            debug_assert!(window.len() - end >= AHEAD, "the framer keeps too much");
            match source.read(&mut window[end..end + AHEAD]) {
                Ok(0) => break None,
                Ok(length) => {
                    framer.note_head(&window[end..end + length]);
                    end += length;
                }
                Err(damage) => break Some(damage),
            }
            let view = View { bytes: &window[start..end], base, last: false };
            let done = framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
            start += done;
            base += done as u64;
            if sink(Arrival::Idle).is_break() {
                framer.stop(View { bytes: &window[start..end], base, last: true });
                return None;
            }
        };
        let view = View { bytes: &window[start..end], base, last: true };
        framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
        stop
    }

    fn unreadable(&mut self, size: u64, kind: ErrorKind) -> FileReport {
        let mut report = self.framer.reset();
        report.bytes_listed = size;
        report.bytes_unreadable = size;
        report.damage.push(Damage { at: 0, to: 0, reason: Reason::Io(kind) });
        report.looked_like = Some(Looked { gzip: false, what: Look::Unreadable });
        report
    }

    /// Give back the memory that a large input took.
    fn release(&mut self) {
        for buffer in [&mut self.stored, &mut self.text] {
            if buffer.capacity() > RETAINED {
                *buffer = Vec::new();
            }
        }
    }
}

/// Read on until there is more than `most`, or no more comes.
fn fill(source: &mut dyn Read, most: usize, stored: &mut Vec<u8>) -> io::Result<()> {
    let room = (most + 1).saturating_sub(stored.len());
    source.take(room as u64).read_to_end(stored).map(|_| ())
}

/// Read as much of a stream as comes, but enough to tell whether it is compressed.
fn first_bytes(source: &mut dyn Read, into: &mut [u8]) -> Result<usize, ErrorKind> {
    let mut length = 0;
    while length < GZIP.len() && GZIP.starts_with(&into[..length]) {
        match source.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.kind()),
        }
    }
    Ok(length)
}

/// A source that cannot be read.
struct Failing(ErrorKind);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}
