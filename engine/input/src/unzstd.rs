//! Unpacking zstd as it arrives, frame by frame, up to the block that is damaged.
//!
//! The library is fed no more than it asks for, one block at a time, so that all text
//! before a damaged block is given and the block's place is known. It knows nothing of
//! records.
//!
//! # Invariants
//!
//! - No frame whose header asks for a window of more than [`WINDOW_LOG`] is begun, and the
//!   memory of a window is touched as far as text has come, not as far as a header says.
//! - The blocks before damage were given; `position` is where the damaged block begins.
//!
//! Source: RFC 8878, "Zstandard Compression and the 'application/zstd' Media Type".

use crate::LARGEST_INFLATED;
use crate::packing::{Packing, TELLING, is_zstd};
use crate::report::{Damage, Damages, Flaw, Reason};
use crate::source::{Ahead, Source};
use std::io::Read;
use zstd::zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd::zstd_safe::{DCtx, DParameter, ErrorCode, InBuffer, OutBuffer, ResetDirective};

/// The largest window, as a power of two: 128 MiB, what `zstd --long` and `--ultra -22` take.
const WINDOW_LOG: u32 = 27;

/// A zstd stream of any number of frames.
pub(crate) struct Unzstd<R> {
    ahead: Ahead<R>,
    unpack: DCtx<'static>,
    /// What is left of the header, block or sum at hand.
    unit: usize,
    /// Whether text may be left in the library for want of room.
    is_full: bool,
    /// Where the block at hand, or its header, begins.
    block_at: u64,
    unpacked: u64,
    stage: Stage,
    damages: Damages,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Between,
    Frame,
    Ended,
    Broken(Damage),
}

/// The length of a block's header, and of a check sum.
const HEADER: usize = 3;
const SUM: u64 = 4;

impl<R: Read> Unzstd<R> {
    pub(crate) fn new(from: R) -> Self {
        let mut unpack = DCtx::create();
        let set = unpack.set_parameter(DParameter::WindowLogMax(WINDOW_LOG));
        debug_assert!(set.is_ok(), "the library knows this window");
        Self {
            ahead: Ahead::new(from),
            unpack,
            unit: 0,
            is_full: false,
            block_at: 0,
            unpacked: 0,
            stage: Stage::Between,
            damages: Damages::default(),
        }
    }

    /// Feed the magic number of the next frame; false at the end.
    fn begin(&mut self) -> Result<bool, Damage> {
        let at = self.ahead.position();
        let (mut magic, mut length) = ([0; TELLING], 0);
        while length < TELLING {
            let Some(byte) = self.ahead.fill()?.first().copied() else { break };
            self.ahead.pass(1);
            magic[length] = byte;
            length += 1;
        }
        match length {
            0 => return Ok(false),
            TELLING if is_zstd(&magic) => {}
            _ => return Err(flaw(at, Flaw::Trailing)),
        }
        let (mut input, no_room) = (InBuffer::around(&magic), &mut [][..]);
        let fed = self.unpack.decompress_stream(&mut OutBuffer::around(no_room), &mut input);
        self.unit = unit(fed.map_err(|_| flaw(at, Flaw::Corrupt))?);
        self.block_at = self.ahead.position();
        Ok(true)
    }

    /// Unpack into `into` what the next piece gives, which is part of one block.
    fn frame(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        let piece = match self.is_full {
            true => &[],
            false => match self.ahead.fill()? {
                [] => return Err(flaw(self.ahead.position(), Flaw::Cut)),
                ahead => &ahead[..ahead.len().min(self.unit)],
            },
        };
        let room = into.len();
        let (mut input, mut output) = (InBuffer::around(piece), OutBuffer::around(into));
        let result = self.unpack.decompress_stream(&mut output, &mut input);
        let (used, given, fed) = (input.pos(), output.pos(), piece.len());
        match result {
            Ok(wanted) => {
                self.ahead.pass(used);
                self.is_full = given == room;
                self.unit -= used;
                if self.unit == 0 {
                    self.unit = unit(wanted);
                    self.block_at = self.ahead.position();
                }
                if wanted == 0 {
                    self.stage = Stage::Between;
                }
            }
            Err(code) if is(code, ZSTD_ErrorCode::ZSTD_error_checksum_wrong) => {
                self.ahead.pass(fed);
                self.pass_wrong_sum()?;
            }
            Err(code) => return Err(flaw(self.block_at, flaw_of(code))),
        }
        self.unpacked += given as u64;
        if self.unpacked > LARGEST_INFLATED {
            let at = self.ahead.position();
            self.stage = Stage::Broken(Damage { at, to: at, reason: Reason::TooLarge });
        }
        Ok(given)
    }

    /// Go on behind a frame whose check sum is wrong: its text was given.
    fn pass_wrong_sum(&mut self) -> Result<(), Damage> {
        let to = self.ahead.position();
        let wrong = Damage { to, ..flaw(to - SUM, Flaw::Checksum) };
        self.damages.push(wrong);
        self.stage = Stage::Between;
        self.unpack.reset(ResetDirective::SessionOnly).map(|_| ()).map_err(|_| wrong)
    }

    /// Go one stage on, which gives text only in a frame.
    fn step(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        match self.stage {
            Stage::Between => {
                self.stage = if self.begin()? { Stage::Frame } else { Stage::Ended };
                Ok(0)
            }
            Stage::Frame => self.frame(into),
            Stage::Ended => Ok(0),
            Stage::Broken(damage) => Err(damage),
        }
    }
}

impl<R: Read> Source for Unzstd<R> {
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
        match self.stage {
            Stage::Broken(damage) => damage.at,
            _ => self.ahead.position(),
        }
    }

    fn taken(&self) -> u64 {
        self.ahead.taken
    }

    fn notes(&mut self) -> (Damages, u64) {
        (std::mem::take(&mut self.damages), 0)
    }
}

/// What to feed of the bytes that the library asks for, which are a block and the header of
/// the next: not both, because an error in one takes the text of the other.
fn unit(wanted: usize) -> usize {
    wanted.checked_sub(HEADER).filter(|unit| *unit > 0).unwrap_or(wanted)
}

fn flaw(at: u64, flaw: Flaw) -> Damage {
    Damage { at, to: at, reason: Reason::Packed(Packing::Zstd, flaw) }
}

fn flaw_of(code: ErrorCode) -> Flaw {
    use ZSTD_ErrorCode::{
        ZSTD_error_frameParameter_windowTooLarge as TOO_LARGE,
        ZSTD_error_memory_allocation as NO_MEMORY,
    };
    if is(code, TOO_LARGE) || is(code, NO_MEMORY) { Flaw::Window } else { Flaw::Corrupt }
}

/// Whether a call's result, a negative number, is this error.
fn is(code: ErrorCode, error: ZSTD_ErrorCode) -> bool {
    code.wrapping_neg() == error as usize
}
