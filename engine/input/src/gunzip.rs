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
use crate::packing::Packing;
use crate::report::{Damage, Damages, Flaw, Reason};
use crate::source::{Ahead, Source};
use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Crc;
use std::io::Read;

/// A gzip stream of any number of members.
pub(crate) struct Gunzip<R> {
    ahead: Ahead<R>,
    inflate: Decompress,
    sum: Crc,
    /// The length of the member's text, modulo 2^32 as the format has it.
    length: u32,
    inflated: u64,
    stage: Stage,
    damages: Damages,
    padding: u64,
}

/// What the next stored byte belongs to.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// A member's header.
    Header,
    /// A member's deflated text.
    Body,
    /// A member's sum and length.
    Trailer,
    /// Padding, or the next member.
    Between,
    /// Nothing more: the stream has ended in good order.
    Ended,
    /// Nothing more is read: the stream is damaged here.
    Broken(Damage),
}

impl<R: Read> Gunzip<R> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            ahead: Ahead::new(from),
            inflate: Decompress::new(false),
            sum: Crc::new(),
            length: 0,
            inflated: 0,
            stage: Stage::Header,
            damages: Damages::default(),
            padding: 0,
        }
    }

    fn damage(&self, flaw: Flaw) -> Damage {
        let at = self.ahead.position();
        Damage { at, to: at, reason: Reason::Packed(Packing::Gzip, flaw) }
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        let Some(byte) = self.ahead.fill()?.first().copied() else {
            return Err(self.damage(Flaw::Cut));
        };
        self.ahead.pass(1);
        Ok(byte)
    }

    /// Pass a member's header.
    fn header(&mut self) -> Result<(), Damage> {
        const CHECKED: u8 = 2;
        const EXTRA: u8 = 4;
        const NAME: u8 = 8;
        const COMMENT: u8 = 16;
        for expected in [0x1f, 0x8b, 8] {
            if self.byte()? != expected {
                return Err(self.damage(Flaw::Corrupt));
            }
        }
        let flags = self.byte()?;
        if flags & 0xe0 != 0 {
            return Err(self.damage(Flaw::Corrupt));
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
            let input = self.ahead.fill()?;
            let (used, given) = (self.inflate.total_in(), self.inflate.total_out());
            if input.is_empty() {
                return Err(self.damage(Flaw::Cut));
            }
            let status = self.inflate.decompress(input, into, FlushDecompress::None);
            let used = usize::try_from(self.inflate.total_in() - used).unwrap_or(input.len());
            let given = usize::try_from(self.inflate.total_out() - given).unwrap_or(0);
            self.ahead.pass(used);
            self.sum.update(&into[..given]);
            self.length = self.length.wrapping_add(given as u32);
            self.inflated += given as u64;
            match status {
                Ok(Status::StreamEnd) => self.stage = Stage::Trailer,
                Ok(_) if used > 0 || given > 0 => {}
                _ => self.stage = Stage::Broken(self.damage(Flaw::Corrupt)),
            }
            if self.inflated > LARGEST_INFLATED {
                let at = self.ahead.position();
                self.stage = Stage::Broken(Damage { at, to: at, reason: Reason::TooLarge });
            }
            if given > 0 || !matches!(self.stage, Stage::Body) {
                return Ok(given);
            }
        }
    }

    /// Check a member's sum and length.
    fn trailer(&mut self) -> Result<(), Damage> {
        let at = self.ahead.position();
        let mut number = || -> Result<u32, Damage> {
            Ok(u32::from_le_bytes([self.byte()?, self.byte()?, self.byte()?, self.byte()?]))
        };
        let (sum, length) = (number()?, number()?);
        if (sum, length) != (self.sum.sum(), self.length) {
            let to = self.ahead.position();
            self.damages.push(Damage { to, at, ..self.damage(Flaw::Checksum) });
        }
        Ok(())
    }

    /// Pass zeros behind the last member; true when another member begins.
    fn between(&mut self) -> Result<bool, Damage> {
        while let Some(byte) = self.ahead.fill()?.first() {
            match byte {
                0 => {
                    self.ahead.pass(1);
                    self.padding += 1;
                }
                0x1f => return Ok(true),
                _ => return Err(self.damage(Flaw::Trailing)),
            }
        }
        Ok(false)
    }

    /// Go one stage on, which gives text only in the body.
    fn step(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        match self.stage {
            Stage::Header => {
                self.header()?;
                self.stage = Stage::Body;
            }
            Stage::Body => return self.body(into),
            Stage::Trailer => {
                self.trailer()?;
                self.stage = Stage::Between;
            }
            Stage::Between => {
                self.stage = if self.between()? { Stage::Header } else { Stage::Ended };
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
        self.ahead.position()
    }

    fn taken(&self) -> u64 {
        self.ahead.taken
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
        assert_eq!(
            end,
            Some(Damage { at, to: at, reason: Reason::Packed(Packing::Gzip, Flaw::Trailing) })
        );
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
            assert_eq!(
                end.map(|damage| damage.reason),
                Some(Reason::Packed(Packing::Gzip, Flaw::Cut)),
                "{length}"
            );
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
