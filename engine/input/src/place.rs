//! What an object is that stands where a record may begin: a record, an envelope, another.
//!
//! The scan of `event` says so in one pass; here its answers are counted, and an object
//! that is both record and envelope is a record. What the scan cannot end is waited for,
//! passed over as too long, or damage.
//!
//! # Invariants
//!
//! - No scan looks further than [`LONGEST_RECORD`].
//! - A record is handed on once, whole, with the slots of its own scan.

use crate::LONGEST_RECORD;
use crate::frame::{Flow, Framer, Sink, Step, View};
use crate::look::Look;
use crate::reader::Found;
use crate::report::{Malformed, Reason};
use crate::value::Why;
use event::{Base, Scan, scan};

impl Framer<'_> {
    /// Look at the object at `at`.
    #[inline]
    pub(crate) fn object(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Flow {
        if !self.is_ready(view, at) {
            return Flow::Wait(at);
        }
        match scan(reach(view, at), at, self.layout, &mut self.slots) {
            Scan::Record { end } => self.record(view, at, end, sink),
            Scan::Foreign { end } => self.foreign(view, at, end),
            Scan::Envelope { value } => self.envelope(view, at, value, sink),
            Scan::Partial => self.partial(view, at),
            Scan::Damaged { at: broken } => self.broken(view, at, broken),
        }
    }

    #[inline(always)]
    fn record(&mut self, view: View<'_>, at: usize, end: usize, sink: &mut Sink<'_>) -> Flow {
        let record = &view.bytes[at..end];
        let source = self.slots.get(record, Base::EventSource.slot());
        if source.is_some_and(|source| source.starts_with(b"\"aws:")) {
            return self.notification(view, at, end);
        }
        self.settle(view, at);
        self.state.pending = None;
        self.state.step = Step::Next;
        self.count_record();
        sink(Found { record, slots: &self.slots, at: self.place(view, at) });
        Flow::Go(end)
    }

    /// Count what S3, SQS or Kinesis send to a function, which looks like a record.
    #[cold]
    fn notification(&mut self, view: View<'_>, at: usize, end: usize) -> Flow {
        self.settle(view, at);
        self.look_like(|| match Look::object(&view.bytes[at..end]) {
            Look::Keys(_) => Look::Notification,
            other => other,
        });
        self.pass_malformed(view, at, end, Malformed::Notification)
    }

    #[cold]
    fn foreign(&mut self, view: View<'_>, at: usize, end: usize) -> Flow {
        if self.state.search.is_some() {
            return self.reject(view, at, end);
        }
        let in_detail = self.in_detail();
        self.look_like(|| match Look::object(&view.bytes[at..end]) {
            Look::Keys(_) if in_detail => Look::EventBridge,
            other => other,
        });
        self.pass_malformed(view, at, end, Malformed::Foreign)
    }

    fn pass_malformed(&mut self, view: View<'_>, at: usize, end: usize, why: Malformed) -> Flow {
        self.malformed(self.place(view, at), why);
        self.state.pending = None;
        self.state.step = Step::Next;
        Flow::Go(end)
    }

    /// An object with a key that may wrap records, before any two keys of a record.
    fn envelope(&mut self, view: View<'_>, at: usize, value: usize, sink: &mut Sink<'_>) -> Flow {
        if view.bytes[value] != b'[' {
            // Two keys of a record may follow, and then it is one.
            let reach = reach(view, at);
            let looked_to = match scan(reach, at, &self.bare, &mut self.slots) {
                Scan::Record { end } => return self.record(view, at, end, sink),
                Scan::Partial if !view.last && reach.len() - at < LONGEST_RECORD => {
                    return self.await_more(view, at);
                }
                Scan::Foreign { end } => {
                    if self.report.records == 0 && self.around.is_none() {
                        self.around = Some(Look::object(&view.bytes[at..end]));
                    }
                    end
                }
                Scan::Damaged { at: broken } => broken,
                Scan::Partial | Scan::Envelope { .. } => reach.len(),
            };
            self.charge(looked_to - at);
        }
        self.settle(view, at);
        if !self.open_object(view, at, value) {
            return self.too_deep(view, at);
        }
        self.state.pending = None;
        Flow::Go(value)
    }

    /// An object whose end is not in the view, or too far away.
    #[cold]
    fn partial(&mut self, view: View<'_>, at: usize) -> Flow {
        let too_long = view.bytes.len() - at > LONGEST_RECORD;
        if !too_long && !view.last {
            return self.await_more(view, at);
        }
        let seen_to = reach(view, at).len();
        if self.state.search.is_some() {
            return self.reject(view, at, seen_to);
        }
        self.charge(seen_to - at);
        if !too_long {
            return self.spoiled(view, at, Reason::Cut);
        }
        if let Some(next) = self.swallowed(view, at) {
            return self.lost(view, (view.base + at as u64, next), Reason::BadJson);
        }
        self.pass_over(view, at, Why::Oversize);
        Flow::Go(at)
    }

    /// An object in which the scan met what is no JSON.
    #[cold]
    fn broken(&mut self, view: View<'_>, at: usize, broken: usize) -> Flow {
        if self.state.search.is_some() {
            return self.reject(view, at, broken);
        }
        self.charge(broken - at);
        self.spoiled(view, at, Reason::BadJson)
    }
}

/// The bytes up to which a record at `at` may reach.
#[inline]
pub(crate) fn reach(view: View<'_>, at: usize) -> &[u8] {
    &view.bytes[..view.bytes.len().min(at + LONGEST_RECORD)]
}
