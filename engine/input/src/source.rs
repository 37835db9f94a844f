//! Where the bytes of one input come from: as stored, or unpacked as they arrive.
//!
//! It chooses the way by [`Packing`] and knows nothing of records.
//!
//! # Invariants
//!
//! - What was unpacked is given before the damage behind it is told.
//! - `position` is the number of stored bytes used; what was read ahead is not in it.

use crate::gunzip::Gunzip;
use crate::packing::Packing;
use crate::report::{Damage, Damages, Reason};
use crate::unzstd::Unzstd;
use std::io::{ErrorKind, Read};

/// Where the bytes of one input come from, unpacked if need be.
pub(crate) trait Source {
    /// Fill the front of `into`, waiting for no more than the first bytes; 0 at the end.
    ///
    /// # Errors
    ///
    /// The damage behind which nothing can be read.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage>;

    /// How many stored bytes were used.
    fn position(&self) -> u64;

    /// How many stored bytes were taken in, used or not.
    fn taken(&self) -> u64;

    /// Damage that did not end the input, and bytes of zero at its end.
    fn notes(&mut self) -> (Damages, u64);
}

/// The bytes of `from`, unpacked.
pub(crate) fn unpacked<'s>(packing: Option<Packing>, from: impl Read + 's) -> Box<dyn Source + 's> {
    match packing {
        None => Box::new(Plain::new(from)),
        Some(Packing::Gzip) => Box::new(Gunzip::new(from)),
        Some(Packing::Zstd) => Box::new(Unzstd::new(from)),
    }
}

/// Bytes as they are stored.
#[derive(Debug)]
pub(crate) struct Plain<R> {
    from: R,
    position: u64,
}

impl<R: Read> Plain<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, position: 0 }
    }
}

impl<R: Read> Source for Plain<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        let length = read_some(&mut self.from, into, self.position)?;
        self.position += length as u64;
        Ok(length)
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn taken(&self) -> u64 {
        self.position
    }

    fn notes(&mut self) -> (Damages, u64) {
        Default::default()
    }
}

/// Stored bytes that were read ahead of their use.
pub(crate) struct Ahead<R> {
    from: R,
    bytes: Box<[u8]>,
    /// The bytes that are not used yet.
    start: usize,
    end: usize,
    /// Stored bytes taken in.
    pub(crate) taken: u64,
}

impl<R: Read> Ahead<R> {
    /// How much is read at once: 64 KiB.
    const AHEAD: usize = 64 << 10;

    pub(crate) fn new(from: R) -> Self {
        let bytes = vec![0; Self::AHEAD].into_boxed_slice();
        Self { from, bytes, start: 0, end: 0, taken: 0 }
    }

    /// The bytes that are not used yet, at least one; none at the end.
    pub(crate) fn fill(&mut self) -> Result<&[u8], Damage> {
        if self.start == self.end {
            let length = read_some(&mut self.from, &mut self.bytes, self.taken)?;
            self.taken += length as u64;
            (self.start, self.end) = (0, length);
        }
        Ok(&self.bytes[self.start..self.end])
    }

    /// Count bytes as used.
    pub(crate) fn pass(&mut self, length: usize) {
        self.start += length;
    }

    /// How many stored bytes were used.
    pub(crate) fn position(&self) -> u64 {
        self.taken - (self.end - self.start) as u64
    }
}

/// One read, repeated where a signal broke into it.
fn read_some(from: &mut impl Read, into: &mut [u8], at: u64) -> Result<usize, Damage> {
    loop {
        match from.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(Damage { at, to: at, reason: Reason::Io(error.kind()) });
            }
            Ok(length) => return Ok(length),
        }
    }
}
