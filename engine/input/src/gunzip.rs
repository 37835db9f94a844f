//! Inflating gzip as it arrives, member by member, up to the byte of the damage.
//!
//! The slow, exact way: it knows how much it has used, checks each member's sum and
//! length, and gives all text that precedes damage, of the damaged block too. It
//! knows nothing of records.
//!
//! # Invariants
//!
//! - What was inflated is given before the damage behind it is told.
//! - `position` is the number of stored bytes used; what was read ahead is not in it.
//!
//! Source: RFC 1952, "GZIP file format specification".

use crate::LARGEST_INFLATED;
use crate::report::{Damage, Damages, Reason};
use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Crc;
use std::io::{ErrorKind, Read};

/// Where the bytes of one input come from, inflated if need be.
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

/// A gzip stream of any number of members.
pub(crate) struct Gunzip<R> {
    from: R,
    ahead: Box<[u8]>,
    /// The bytes of `ahead` that are not used yet.
    start: usize,
    end: usize,
    /// Stored bytes taken in.
    taken: u64,
    inflate: Decompress,
    sum: Crc,
    /// The length of the member's text, modulo 2^32 as the format has it.
    length: u32,
    inflated: u64,
    stage: Stage,
    damages: Damages,
    padding: u64,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    First,
    Body,
    Trailer,
    Between,
    Ended,
    Broken(Damage),
}

impl<R: Read> Gunzip<R> {
    /// How much is read at once: 64 KiB.
    const AHEAD: usize = 64 << 10;

    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            ahead: vec![0; Self::AHEAD].into_boxed_slice(),
            start: 0,
            end: 0,
            taken: 0,
            inflate: Decompress::new(false),
            sum: Crc::new(),
            length: 0,
            inflated: 0,
            stage: Stage::First,
            damages: Damages::default(),
            padding: 0,
        }
    }

    /// Have at least one unused byte; false at the end.
    fn fill(&mut self) -> Result<bool, Damage> {
        if self.start == self.end {
            let length = read_some(&mut self.from, &mut self.ahead, self.taken)?;
            self.taken += length as u64;
            (self.start, self.end) = (0, length);
        }
        Ok(self.start < self.end)
    }

    fn damage(&self, reason: Reason) -> Damage {
        Damage { at: self.position(), to: self.position(), reason }
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        if !self.fill()? {
            return Err(self.damage(Reason::GzipCut));
        }
        self.start += 1;
        Ok(self.ahead[self.start - 1])
    }

    /// Pass a member's header.
    fn header(&mut self) -> Result<(), Damage> {
        const CHECKED: u8 = 2;
        const EXTRA: u8 = 4;
        const NAME: u8 = 8;
        const COMMENT: u8 = 16;
        for expected in [0x1f, 0x8b, 8] {
            if self.byte()? != expected {
                return Err(self.damage(Reason::GzipCorrupt));
            }
        }
        let flags = self.byte()?;
        if flags & 0xe0 != 0 {
            return Err(self.damage(Reason::GzipCorrupt));
        }
        for _ in 0..6 {
            self.byte()?;
        }
        if flags & EXTRA != 0 {
            let length = u16::from_le_bytes([self.byte()?, self.byte()?]);
            for _ in 0..length {
                self.byte()?;
            }
        }
        for text in [NAME, COMMENT] {
            while flags & text != 0 && self.byte()? != 0 {}
        }
        if flags & CHECKED != 0 {
            self.byte()?;
            self.byte()?;
        }
        self.inflate.reset(false);
        self.sum = Crc::new();
        self.length = 0;
        Ok(())
    }

    /// Inflate into `into`; 0 when the member's text has ended.
    fn body(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        loop {
            if !self.fill()? {
                return Err(self.damage(Reason::GzipCut));
            }
            let (used, given) = (self.inflate.total_in(), self.inflate.total_out());
            let input = &self.ahead[self.start..self.end];
            let status = self.inflate.decompress(input, into, FlushDecompress::None);
            let used = usize::try_from(self.inflate.total_in() - used).unwrap_or(input.len());
            let given = usize::try_from(self.inflate.total_out() - given).unwrap_or(0);
            self.start += used;
            self.sum.update(&into[..given]);
            self.length = self.length.wrapping_add(given as u32);
            self.inflated += given as u64;
            match status {
                Ok(Status::StreamEnd) => self.stage = Stage::Trailer,
                Ok(_) if used > 0 || given > 0 => {}
                _ => self.stage = Stage::Broken(self.damage(Reason::GzipCorrupt)),
            }
            if self.inflated > LARGEST_INFLATED {
                self.stage = Stage::Broken(self.damage(Reason::TooLarge));
            }
            if given > 0 || !matches!(self.stage, Stage::Body) {
                return Ok(given);
            }
        }
    }

    /// Check a member's sum and length.
    fn trailer(&mut self) -> Result<(), Damage> {
        let at = self.position();
        let mut number = || -> Result<u32, Damage> {
            Ok(u32::from_le_bytes([self.byte()?, self.byte()?, self.byte()?, self.byte()?]))
        };
        let (sum, length) = (number()?, number()?);
        if (sum, length) != (self.sum.sum(), self.length) {
            let to = self.position();
            self.damages.push(Damage { at, to, reason: Reason::GzipChecksum });
        }
        Ok(())
    }

    /// Pass zeros behind the last member; true when another member begins.
    fn between(&mut self) -> Result<bool, Damage> {
        while self.fill()? {
            match self.ahead[self.start] {
                0 => {
                    self.start += 1;
                    self.padding += 1;
                }
                0x1f => return Ok(true),
                _ => return Err(self.damage(Reason::GzipTrailing)),
            }
        }
        Ok(false)
    }

    /// Go one stage on, which gives text only in the body.
    fn step(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        match self.stage {
            Stage::First => {
                self.header()?;
                self.stage = Stage::Body;
            }
            Stage::Body => return self.body(into),
            Stage::Trailer => {
                self.trailer()?;
                self.stage = Stage::Between;
            }
            Stage::Between => {
                self.stage = if self.between()? { Stage::First } else { Stage::Ended };
            }
            Stage::Ended => {}
            Stage::Broken(damage) => return Err(damage),
        }
        Ok(0)
    }
}

impl<R: Read> Source for Gunzip<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        while !matches!(self.stage, Stage::Ended) {
            let given =
                self.step(into).inspect_err(|damage| self.stage = Stage::Broken(*damage))?;
            if given > 0 {
                return Ok(given);
            }
        }
        Ok(0)
    }

    fn position(&self) -> u64 {
        self.taken - (self.end - self.start) as u64
    }

    fn taken(&self) -> u64 {
        self.taken
    }

    fn notes(&mut self) -> (Damages, u64) {
        (std::mem::take(&mut self.damages), self.padding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, GzBuilder};
    use std::io::Write;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut writer = GzBuilder::new()
            .filename("name")
            .comment("comment")
            .extra(&b"extra"[..])
            .write(Vec::new(), Compression::default());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    /// The text of `stored`, read in small pieces, and what ended or marred it.
    fn inflate(stored: &[u8]) -> (Vec<u8>, Option<Damage>, Damages) {
        let mut source = Gunzip::new(stored);
        let (mut text, mut piece) = (Vec::new(), [0; 7]);
        let end = loop {
            match source.read(&mut piece) {
                Ok(0) => break None,
                Ok(length) => text.extend_from_slice(&piece[..length]),
                Err(damage) => break Some(damage),
            }
        };
        (text, end, source.notes().0)
    }

    #[test]
    fn members_follow_one_another() {
        let stored = [member(b"one"), member(b""), member(b"two")].concat();
        let (text, end, notes) = inflate(&stored);
        assert_eq!((&*text, end, notes.count), (&b"onetwo"[..], None, 0));
    }

    #[test]
    fn what_follows_the_stream_is_told() {
        let good = member(b"one");
        let (text, end, _) = inflate(&[&*good, b"\0\0junk"].concat());
        let at = good.len() as u64 + 2;
        assert_eq!(text, b"one");
        assert_eq!(end, Some(Damage { at, to: at, reason: Reason::GzipTrailing }));
        let padded = [&*good, &[0; 9]].concat();
        let mut source = Gunzip::new(&*padded);
        assert_eq!(source.read(&mut [0; 9]), Ok(3));
        assert_eq!(source.read(&mut [0; 9]), Ok(0));
        assert_eq!((source.notes().1, source.position()), (9, padded.len() as u64));
    }

    #[test]
    fn each_cut_is_told_and_what_precedes_it_is_given() {
        let stored = member(b"a text of some length, a text of some length");
        for length in 0..stored.len() {
            let (text, end, _) = inflate(&stored[..length]);
            assert_eq!(end.map(|damage| damage.reason), Some(Reason::GzipCut), "{length}");
            assert!(b"a text of some length, a text of some length".starts_with(&text));
        }
    }

    #[test]
    fn a_wrong_sum_costs_nothing_but_is_told() {
        let mut first = member(b"one");
        let at = first.len() - 8;
        first[at] ^= 1;
        let (text, end, notes) = inflate(&[first, member(b"two")].concat());
        assert_eq!((&*text, end, notes.count), (&b"onetwo"[..], None, 1));
        assert_eq!(notes.kept[0].at, at as u64);
    }
}
