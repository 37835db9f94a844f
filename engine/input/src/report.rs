//! What became of one input: counts, damage and the shapes it came in.
//!
//! Facts only; text is made by `Display`. Nothing here reads a byte of input.
//!
//! # Invariants
//!
//! - `bytes_listed = bytes_read + bytes_unreadable`.
//! - `records + malformed + oversize` is the number of places where a record should be.

use crate::look::Looked;
use crate::packing::Packing;
use std::fmt;
use std::io::ErrorKind;
use std::ops::BitOrAssign;

/// What became of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Bytes of the input as stored.
    pub bytes_listed: u64,
    /// Of these, the bytes that were read.
    pub bytes_read: u64,
    /// Of these, the bytes that could not be read.
    pub bytes_unreadable: u64,
    /// What the bytes read came to, inflated.
    pub inflated: u64,
    /// Records handed on.
    pub records: u64,
    /// Places where a record should be and none is.
    pub malformed: u64,
    /// Records too long to be read.
    pub oversize: u64,
    /// The damage met.
    pub damage: Damages,
    /// Bytes of zero after the last gzip member, which are no loss.
    pub padding: u64,
    /// Where the first malformed record begins, and why it is one.
    pub first_malformed: Option<(u64, Malformed)>,
    /// Where the first oversize record begins.
    pub first_oversize: Option<u64>,
    /// The shapes the records came in.
    pub shapes: Shapes,
    /// How the input is compressed.
    pub packing: Option<Packing>,
    /// Whether the input holds CloudTrail records or is a good list of none.
    pub recognised: bool,
    /// What the input looked like, where it was not recognised.
    pub looked_like: Option<Looked>,
}

impl FileReport {
    /// Whether the input was read to its end and held CloudTrail records.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.recognised && self.damage.count == 0 && self.bytes_unreadable == 0
    }

    /// How many records the unreadable bytes may have held, by the density of the others.
    #[must_use]
    pub fn records_lost(&self) -> Option<u64> {
        let lost = u128::from(self.records) * u128::from(self.bytes_unreadable);
        u64::try_from(lost.checked_div(u128::from(self.bytes_read))?).ok()
    }
}

/// The damage met in an input: the first few, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damages {
    /// The first of them.
    pub kept: Vec<Damage>,
    /// How many there were.
    pub count: u64,
}

impl Damages {
    /// How many are kept: 20.
    pub const MOST: usize = 20;

    pub(crate) fn push(&mut self, damage: Damage) {
        self.count += 1;
        if self.kept.len() < Self::MOST {
            self.kept.push(damage);
        }
    }

    /// Take in the damage that follows.
    pub(crate) fn add(&mut self, more: &Self) {
        more.kept.iter().for_each(|damage| self.push(*damage));
        self.count += more.count - more.kept.len() as u64;
    }
}

/// A stretch of an input that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Its first byte: of the stored file where its packing or the system is at fault, else
    /// of the inflated text.
    pub at: u64,
    /// The byte at which reading went on.
    pub to: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a stretch of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The system could not read it.
    Io(ErrorKind),
    /// Its packing has a flaw.
    Packed(Packing, Flaw),
    /// It inflates to more than 4 GiB.
    TooLarge,
    /// Bytes that are no JSON.
    Junk,
    /// A record that is no well-formed JSON.
    BadJson,
    /// The text ends inside a value.
    Cut,
    /// So much is damaged that the rest was not searched.
    GivenUp,
}

impl Reason {
    /// Whether the bytes are counted in the file as stored.
    #[must_use]
    pub fn is_stored(self) -> bool {
        matches!(self, Self::Io(_) | Self::Packed(..) | Self::TooLarge)
    }
}

/// What is wrong with a packed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ends too early.
    Cut,
    /// It is not well-formed.
    Corrupt,
    /// A check sum or length is wrong; the text was read.
    Checksum,
    /// Something else follows its end.
    Trailing,
    /// It asks for a window of more than 128 MiB.
    Window,
}

impl Flaw {
    fn write(self, packing: Packing, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => write!(f, "the {packing} stream ends too early"),
            Self::Corrupt => write!(f, "the {packing} stream is corrupt"),
            Self::Checksum => {
                write!(f, "the {packing} check sum is wrong; the text was read all the same")
            }
            Self::Trailing => {
                write!(f, "no {packing} data follows the end of the {packing} stream")
            }
            Self::Window => write!(f, "the {packing} stream needs more than 128 MiB to unpack"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(kind) => return write!(f, "cannot be read: {kind}"),
            Self::Packed(packing, flaw) => return flaw.write(*packing, f),
            Self::TooLarge => "the text is larger than 4 GiB",
            Self::Junk => "not JSON",
            Self::BadJson => "a record is not well-formed JSON",
            Self::Cut => "the text ends inside a value",
            Self::GivenUp => "too much is damaged; the rest was given up",
        })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.at)?;
        if self.to > self.at + 1 {
            write!(f, " to {}", self.to)?;
        }
        if self.reason.is_stored() {
            f.write_str(" of the stored file")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why there is no record where one should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Malformed {
    /// An object without two of the keys of a CloudTrail record.
    Foreign,
    /// A notification of an AWS service, which names a log file or wraps other data.
    Notification,
    /// A value that is no object.
    NotObject,
    /// Envelopes nested too deep.
    TooDeep,
    /// Damage.
    Damaged,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "an object, but no CloudTrail record",
            Self::Notification => "a notification (`eventSource` begins with `aws:`), no record",
            Self::NotObject => "a value that is no object",
            Self::TooDeep => "envelopes nested too deep",
            Self::Damaged => "damaged",
        })
    }
}

/// A set of the shapes in which records came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shapes(u16);

impl Shapes {
    /// `{"Records":[…]}`.
    pub const RECORDS: Self = Self(1);
    /// A list of records.
    pub const LIST: Self = Self(2);
    /// Records one after another: JSON lines, or objects without a separator.
    pub const LINES: Self = Self(4);
    /// One bare record.
    pub const SINGLE: Self = Self(8);
    /// `EventBridge`'s `detail`.
    pub const DETAIL: Self = Self(16);
    /// CloudWatch Logs' `logEvents[].message`.
    pub const LOG_EVENTS: Self = Self(32);
    /// `lookup-events`' `CloudTrailEvent`.
    pub const CLOUD_TRAIL_EVENT: Self = Self(64);
    /// Another tool's wrapping.
    pub const OTHER: Self = Self(128);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::RECORDS, "Records"),
        (Self::LIST, "list"),
        (Self::LINES, "lines"),
        (Self::SINGLE, "single"),
        (Self::DETAIL, "detail"),
        (Self::LOG_EVENTS, "logEvents"),
        (Self::CLOUD_TRAIL_EVENT, "CloudTrailEvent"),
        (Self::OTHER, "other"),
    ];

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are in it.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of those in it.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(shape, _)| self.has(*shape)).map(|(_, name)| name)
    }

    /// This set and another together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Shapes {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Display for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, name) in self.names().enumerate() {
            write!(f, "{}{name}", if number > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
