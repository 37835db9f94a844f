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

use crate::ahead::Opened;
use crate::file::{InputFile, Origin};
use crate::frame::{Framer, View};
use crate::inflate::inflate_whole;
use crate::packing::Packing;
use crate::part::Part;
use crate::report::{Damage, FileReport};
use crate::seam::{STRIPE, Seams};
use crate::source::{Source, unpacked};
use crate::stripe::open_at_seam;
use crate::watch::{Phase, Watch};
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
const LARGEST_PLAIN: usize = 512 << 10;
/// How much is read ahead of a record: the cache holds it and where it was copied from.
const AHEAD: usize = 256 << 10;
/// The longest record and the bytes ahead of it.
const WINDOW: usize = LONGEST_RECORD + 2 * AHEAD;
/// The largest buffer that is kept from one input to the next.
const RETAINED: usize = 64 << 20;
/// How much of a stream or a large file is read before it is known to be compressed or not.
const FIRST: usize = 64 << 10;

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
    pub(crate) framer: Framer<'a>,
    /// The input as stored.
    stored: Vec<u8>,
    /// Its text, whole or in a window.
    text: Vec<u8>,
    inflater: Decompressor,
    /// The length of the stripes between seams.
    pub(crate) stripe: u64,
    /// Set from outside to leave a large file early.
    stop: Option<&'a AtomicBool>,
    /// Who is told what the reader is doing.
    watch: Option<&'a dyn Watch>,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("framer", &self.framer).finish_non_exhaustive()
    }
}

/// What to do with what arrives; `Break` is heeded at [`Arrival::Idle`].
pub(crate) type Arrivals<'s> = dyn FnMut(Arrival<'_>) -> ControlFlow<()> + 's;

impl<'a> Reader<'a> {
    /// A reader that finds the fields of `layout`.
    #[must_use]
    pub fn new(layout: &'a Layout) -> Self {
        Self {
            framer: Framer::new(layout),
            stored: Vec::new(),
            text: Vec::new(),
            inflater: Decompressor::new(),
            stripe: STRIPE,
            stop: None,
            watch: None,
        }
    }

    /// The same, which leaves a file that passes through the window when `stop` is set.
    #[must_use]
    pub fn stopped_by(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// The same, which tells what it is doing.
    #[must_use]
    pub fn watched_by(mut self, watch: &'a dyn Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    fn turn(&self, phase: Phase) {
        if let Some(watch) = self.watch {
            watch.turn(phase);
        }
    }

    /// Read a file to its end and hand on its records; what became of it.
    ///
    /// # Cost
    ///
    /// A file is read, unpacked and scanned once, unless its gzip stream is damaged, has
    /// several members or comes to more than 256 MiB: then it is inflated again, slowly.
    /// Nothing is allocated for a record in a list or a line of its own.
    pub fn file(&mut self, file: &InputFile, sink: &mut impl FnMut(Found<'_>)) -> FileReport {
        self.opened(file, None, sink)
    }

    /// The same for a file that may have been opened ahead.
    pub fn opened(
        &mut self,
        file: &InputFile,
        ahead: Option<Opened>,
        sink: &mut impl FnMut(Found<'_>),
    ) -> FileReport {
        self.turn(Phase::Read);
        let mut arrivals = until(self.stop, sink);
        if file.origin == Origin::Stdin {
            return self.source(&mut io::stdin().lock(), file.size, &mut arrivals);
        }
        let opened = ahead.map_or_else(|| File::open(file.path()), |Opened(source)| Ok(source));
        match opened {
            Ok(mut source) => self.source(&mut source, file.size, &mut arrivals),
            Err(error) => Part::unreadable(0, error.kind()).close(file.size),
        }
    }

    /// Read the texts that begin in a stripe of a large file, and hand on their records.
    ///
    /// The parts of all stripes, [`Part::together`], are what [`Reader::file`] finds.
    pub fn stripe(
        &mut self,
        file: &InputFile,
        number: u64,
        sink: &mut impl FnMut(Found<'_>),
    ) -> Part {
        self.turn(Phase::Read);
        let mut arrivals = until(self.stop, sink);
        let found = open_at_seam(file, number, self.stripe);
        match found {
            Ok(None) => Part::default(),
            Ok(Some((mut source, at))) => {
                let mut seams = Seams::from(number + 1, self.stripe);
                let reading = Phase::Read;
                let span = Span { from: at, seams: &mut seams, one: true, reading };
                self.part(&mut *unpacked(None, &mut source), span, &mut arrivals)
            }
            Err(error) => Part::unreadable(number * self.stripe, error.kind()),
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
        self.turn(Phase::Read);
        let mut stored = std::mem::take(&mut self.stored);
        stored.resize(FIRST, 0);
        let first = first_bytes(source, &mut stored);
        let report = match first {
            Err(kind) => Part::unreadable(0, kind).close(0),
            Ok(length) => {
                let first = &stored[..length];
                self.windowed(Packing::of(first), first.chain(source), None, sink)
            }
        };
        self.stored = stored;
        report
    }

    /// Read a source whole, or beyond the limit through the window.
    fn source(&mut self, source: &mut dyn Read, size: u64, sink: &mut Arrivals<'_>) -> FileReport {
        let mut buffer = std::mem::take(&mut self.stored);
        let expected = |most: usize| usize::try_from(size).unwrap_or(most).min(most) + 1;
        // Of a large file its beginning tells how it is read.
        let is_large = size > LARGEST_PLAIN as u64;
        let mut most = if is_large { FIRST } else { LARGEST_PLAIN };
        grow(&mut buffer, expected(most));
        let mut length = 0;
        let mut read = fill(source, most, &mut buffer, &mut length);
        let packing = Packing::of(&buffer[..length]);
        if packing == Some(Packing::Gzip) && read.is_ok() && length > most {
            most = LARGEST_WHOLE;
            grow(&mut buffer, expected(most));
            read = fill(source, most, &mut buffer, &mut length);
        }
        let stored = &buffer[..length];
        let report = match read {
            Ok(()) if length <= most => self.whole(packing, stored, sink),
            Ok(()) => self.windowed(packing, stored.chain(source), Some(size), sink),
            Err(error) => {
                // What was read before the fault is a source that fails at its end.
                let failing = stored.chain(Failing(error.kind()));
                self.windowed(packing, failing, Some(size), sink)
            }
        };
        self.stored = buffer;
        self.release();
        report
    }

    /// Read what is stored whole.
    fn whole(
        &mut self,
        packing: Option<Packing>,
        stored: &[u8],
        sink: &mut Arrivals<'_>,
    ) -> FileReport {
        let size = stored.len() as u64;
        let text = match packing {
            None => stored,
            Some(Packing::Gzip) => {
                self.turn(Phase::Inflate);
                match inflate_whole(stored, &mut self.text, &mut self.inflater) {
                    Some(length) => &self.text[..length],
                    None => return self.windowed(packing, stored, Some(size), sink),
                }
            }
            Some(Packing::Zstd) => return self.windowed(packing, stored, Some(size), sink),
        };
        self.turn(Phase::Scan);
        self.framer.note_head(text);
        let mut sink = |found: Found<'_>| _ = sink(Arrival::Record(found));
        let (mut seams, mut rest, mut base) = (Seams::after(0, self.stripe), text, 0);
        while let Some(at) = seams.find(rest, base) {
            self.framer.run(View { bytes: &rest[..at], base, last: true }, &mut sink);
            (rest, base) = (&rest[at..], base + at as u64);
            self.framer.begin_anew(base);
        }
        self.framer.run(View { bytes: rest, base, last: true }, &mut sink);
        let mut part = self.framer.begin(0);
        part.report.packing = packing;
        part.report.bytes_read = size;
        part.close(size)
    }

    /// Read a source through the window; `size` is its length where that is known.
    fn windowed(
        &mut self,
        packing: Option<Packing>,
        from: impl Read,
        size: Option<u64>,
        sink: &mut Arrivals<'_>,
    ) -> FileReport {
        let mut source = unpacked(packing, from);
        let mut seams = Seams::after(0, self.stripe);
        let reading = packing.map_or(Phase::Read, |_| Phase::Inflate);
        let span = Span { from: 0, seams: &mut seams, one: false, reading };
        let mut part = self.part(&mut *source, span, sink);
        part.report.packing = packing;
        // Behind damage nothing is read, but what there is was listed.
        let listed = match part.failed {
            true => source.taken().max(size.unwrap_or(0)),
            false => source.position(),
        };
        part.close(listed)
    }

    /// Read a span of a source through the window.
    fn part(&mut self, source: &mut dyn Source, span: Span<'_>, sink: &mut Arrivals<'_>) -> Part {
        let from = span.from;
        self.framer.begin(from);
        let driven = self.drive(source, span, sink);
        let mut part = self.framer.begin(0);
        let (notes, padding) = source.notes();
        part.report.padding = padding;
        part.report.damage.add(&notes);
        part.report.bytes_read = source.position();
        match driven {
            Driven::Ended => {}
            Driven::Seam(to) => part.report.bytes_read = to - from,
            Driven::Damaged(damage) => {
                part.report.damage.push(Damage {
                    at: from + damage.at,
                    to: from + damage.to,
                    ..damage
                });
                part.failed = true;
            }
        }
        part
    }

    /// Move the window over a span of a source; how that ended.
    fn drive(
        &mut self,
        source: &mut dyn Source,
        span: Span<'_>,
        sink: &mut Arrivals<'_>,
    ) -> Driven {
        let (framer, window, watch) = (&mut self.framer, &mut self.text, self.watch);
        let turn = |phase| watch.iter().for_each(|watch| watch.turn(phase));
        let (mut start, mut end, mut base) = (0, 0, span.from);
        let driven = loop {
            // What is left moves to the front while it is less than what was passed.
            if end - start < start || window.len() - end < AHEAD {
                window.copy_within(start..end, 0);
                (start, end) = (0, end - start);
            }
            if window.len() - end < AHEAD {
                window.resize((2 * window.len()).clamp(2 * AHEAD, WINDOW), 0);
            }
            debug_assert!(window.len() - end >= AHEAD, "the framer keeps too much");
            turn(span.reading);
            let read = source.read(&mut window[end..end + AHEAD]);
            turn(Phase::Scan);
            match read {
                Ok(0) => break Driven::Ended,
                Ok(length) => {
                    framer.note_head(&window[end..end + length]);
                    end += length;
                }
                Err(damage) => break Driven::Damaged(damage),
            }
            while let Some(at) = span.seams.find(&window[start..end], base) {
                let view = View { bytes: &window[start..start + at], base, last: true };
                framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
                (start, base) = (start + at, base + at as u64);
                if span.one {
                    return Driven::Seam(base);
                }
                framer.begin_anew(base);
            }
            let view = View { bytes: &window[start..end], base, last: false };
            let done = framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
            start += done;
            base += done as u64;
            if sink(Arrival::Idle).is_break() {
                framer.stop(View { bytes: &window[start..end], base, last: true });
                return Driven::Ended;
            }
        };
        let view = View { bytes: &window[start..end], base, last: true };
        framer.run(view, &mut |found| _ = sink(Arrival::Record(found)));
        driven
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

/// Have a buffer hold so many bytes. What was cleared once is not cleared again.
fn grow(buffer: &mut Vec<u8>, room: usize) {
    if buffer.len() < room {
        buffer.resize(room, 0);
    }
}

/// Read on behind the first `length` bytes of a buffer, until there are more than `most` or no
/// more come.
fn fill(
    source: &mut dyn Read,
    most: usize,
    buffer: &mut Vec<u8>,
    length: &mut usize,
) -> io::Result<()> {
    while *length <= most {
        if *length == buffer.len() {
            grow(buffer, (2 * *length).clamp(FIRST, most + 1));
        }
        let room = buffer.len().min(most + 1);
        match source.read(&mut buffer[*length..room]) {
            Ok(0) => break,
            Ok(read) => *length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Read as much of a stream as comes, but enough to tell whether it is compressed.
fn first_bytes(source: &mut dyn Read, into: &mut [u8]) -> Result<usize, ErrorKind> {
    let mut length = 0;
    while Packing::is_open(&into[..length]) {
        match source.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.kind()),
        }
    }
    Ok(length)
}

/// Hand on records, and break when it is time to stop.
fn until<'s>(
    stop: Option<&'s AtomicBool>,
    sink: &'s mut impl FnMut(Found<'_>),
) -> impl FnMut(Arrival<'_>) -> ControlFlow<()> + 's {
    move |arrival| {
        match arrival {
            Arrival::Record(found) => sink(found),
            Arrival::Idle if stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) => {
                return ControlFlow::Break(());
            }
            Arrival::Idle => {}
        }
        ControlFlow::Continue(())
    }
}

/// What of a source is to be read.
struct Span<'s> {
    /// Where it begins in the text.
    from: u64,
    seams: &'s mut Seams,
    /// Whether it ends at the first seam.
    one: bool,
    /// What getting its bytes is.
    reading: Phase,
}

/// How a span ended.
enum Driven {
    /// With its source.
    Ended,
    /// At a seam.
    Seam(u64),
    /// With damage behind which nothing can be read.
    Damaged(Damage),
}

/// A source that cannot be read.
struct Failing(ErrorKind);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}
