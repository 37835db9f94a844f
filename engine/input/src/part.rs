//! What was found in a part of an input; the parts in order give the report.
//!
//! An input that is read whole has one part. It knows how parts add up and reads nothing.
//!
//! # Invariants
//!
//! - The report of an input's parts is the report of the input read whole.

use crate::look::{Look, Looked};
use crate::report::{Damage, FileReport, Reason, Shapes};
use std::io::ErrorKind;

/// What was found in a part of an input.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The counts, whose bytes and looks are left to the end.
    pub(crate) report: FileReport,
    /// Records found outside lists and envelopes.
    pub(crate) direct: u64,
    /// What the first value that is no record looks like.
    pub(crate) look: Option<Look>,
    /// What the first envelope looks like, should nothing be found in it.
    pub(crate) around: Option<Look>,
    /// The first bytes.
    pub(crate) head: Vec<u8>,
    /// Whether damage ended it early.
    pub(crate) failed: bool,
}

impl Part {
    /// A part that cannot be read from a place on.
    pub(crate) fn unreadable(at: u64, kind: ErrorKind) -> Self {
        let mut part = Self { failed: true, ..Self::default() };
        part.report.damage.push(Damage { at, to: at, reason: Reason::Io(kind) });
        part
    }

    /// How many bytes of the stored input were read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.report.bytes_read
    }

    /// How many records were handed on.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.report.records
    }

    /// Take in the part that follows.
    fn add(&mut self, next: Self) {
        let (own, more) = (&mut self.report, next.report);
        own.bytes_read += more.bytes_read;
        own.inflated += more.inflated;
        own.records += more.records;
        own.malformed += more.malformed;
        own.oversize += more.oversize;
        own.damage.add(&more.damage);
        own.first_malformed = own.first_malformed.or(more.first_malformed);
        own.first_oversize = own.first_oversize.or(more.first_oversize);
        own.shapes |= more.shapes;
        own.recognised |= more.recognised;
        self.direct += next.direct;
        self.look = self.look.take().or(next.look);
        self.around = self.around.take().or(next.around);
        self.failed |= next.failed;
    }

    /// The report of all parts of a file of this size, in their order.
    pub fn together(parts: impl IntoIterator<Item = Self>, size: u64) -> FileReport {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        parts.for_each(|part| whole.add(part));
        let read = whole.report.bytes_read;
        let listed = if whole.failed { size.max(read) } else { read };
        whole.close(listed)
    }

    /// The report of an input of which so many bytes were listed.
    pub(crate) fn close(self, listed: u64) -> FileReport {
        let mut report = self.report;
        report.bytes_listed = listed;
        report.bytes_unreadable = listed - report.bytes_read;
        match self.direct {
            0 => {}
            1 => report.shapes |= Shapes::SINGLE,
            _ => report.shapes |= Shapes::LINES,
        }
        report.recognised |= report.records > 0;
        if !report.recognised {
            let what = match self.look.or(self.around) {
                _ if self.failed && report.inflated == 0 => Look::Unreadable,
                None if report.oversize > 0 => Look::Oversize,
                None => Look::head(&self.head),
                Some(Look::Values) if Look::head(&self.head) == Look::Csv => Look::Csv,
                Some(look) => look,
            };
            report.looked_like = Some(Looked { packing: report.packing, what });
        }
        report
    }
}
