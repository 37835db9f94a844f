//! The way back after damage: where the next record begins.
//!
//! Once a record is damaged nothing is known of brackets and quotes, so the next place
//! is guessed, and a guess is believed only when a record or an envelope stands there.
//! An object in the first column is the next line and needs no proof; another must begin
//! with a key that records and envelopes begin with, and must not be a key's value.
//!
//! # Invariants
//!
//! - The search goes forward only, and begins at the damaged record's second byte: what a
//!   missing quote has swallowed is found again.
//! - Bytes scanned in vain are at most [`WASTE`] times those of the text and [`FREE`]; then
//!   the rest of it, up to the next seam, is given up, and said to be.

use crate::LONGEST_RECORD;
use crate::frame::{Flow, Framer, LOOKBACK, Step, View, skip_space};
use crate::place::reach;
use crate::report::{Damage, Malformed, Reason};
use event::{Base, ENVELOPE_KEYS, RECORD_KEYS, Scan, scan};
use memchr::memchr;

/// How often a byte of the text may be scanned in vain.
const WASTE: u64 = 16;
/// How many bytes may be scanned in vain in any text.
const FREE: u64 = 64 << 20;

/// Bytes behind which an object is a part of a record: none, where there was no record.
const ANYWHERE: &[u8] = b"";
/// The same where records stand in a list: an element may be one.
const IN_LIST: &[u8] = b":";
/// The same where they stand one after another.
const IN_LINES: &[u8] = b":,[";

/// Other keys that a record or an envelope may begin with.
const FIRST_KEYS: [&str; 38] = [
    "@timestamp",
    "account",
    "addendum",
    "additionalEventData",
    "apiVersion",
    "detail-type",
    "edgeDeviceDetails",
    "errorCode",
    "errorMessage",
    "event",
    "eventCategory",
    "eventContext",
    "EventId",
    "EventName",
    "eventType",
    "id",
    "insightDetails",
    "logGroup",
    "managementEvent",
    "messageType",
    "owner",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "source",
    "sourceIPAddress",
    "time",
    "timestamp",
    "tlsDetails",
    "userAgent",
    "version",
    "vpcEndpointId",
];

/// A search under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// Where the damage begins.
    from: u64,
    /// Where to look next.
    next: u64,
    reason: Reason,
    /// Whether the damage is told already.
    told: bool,
}

/// What stands at an opening brace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    /// Nothing to try.
    No,
    /// The first column of a line.
    Line,
    /// What looks like a record's or an envelope's beginning.
    Likely,
    /// More bytes must tell.
    Unsure,
}

impl Framer<'_> {
    /// Count the record at `at` as damaged, by the byte there, and look for the next.
    #[cold]
    pub(crate) fn damaged(&mut self, view: View<'_>, at: usize, reason: Reason) -> Flow {
        self.lost(view, (view.base + at as u64, at), reason)
    }

    /// Count the object at `at` as damaged, and look for the next behind its brace.
    #[cold]
    pub(crate) fn spoiled(&mut self, view: View<'_>, at: usize, reason: Reason) -> Flow {
        self.lost(view, (view.base + at as u64, at + 1), reason)
    }

    /// Count a damaged record from one place on, and look for the next from another.
    #[cold]
    pub(crate) fn lost(
        &mut self,
        view: View<'_>,
        (from, next): (u64, usize),
        reason: Reason,
    ) -> Flow {
        self.malformed(self.state.text_at.unwrap_or(from), Malformed::Damaged);
        self.leave_all();
        let next = view.base + next as u64;
        self.state.search = Some(Search { from, next, reason, told: false });
        self.state.step = Step::Search;
        Flow::Go(view.bytes.len())
    }

    /// Look for the next record from `at` on, in what damage has left.
    pub(crate) fn look_on(&mut self, view: View<'_>, at: usize) -> Flow {
        let from = view.base + at as u64;
        self.state.search = Some(Search { from, next: from, reason: Reason::Junk, told: true });
        self.state.step = Step::Search;
        Flow::Go(at)
    }

    /// Leave a guess that was wrong, whose scan went to `end`.
    pub(crate) fn reject(&mut self, view: View<'_>, at: usize, end: usize) -> Flow {
        self.charge(end - at);
        self.state.pending = None;
        self.state.step = Step::Search;
        if let Some(search) = &mut self.state.search {
            search.next = view.base + at as u64 + 1;
        }
        Flow::Go(at + 1)
    }

    /// Note the damage that was searched, which ends at `to`.
    #[inline]
    pub(crate) fn settle(&mut self, view: View<'_>, to: usize) {
        if self.state.search.is_some() {
            self.settle_search(view, to);
        }
    }

    #[cold]
    fn settle_search(&mut self, view: View<'_>, to: usize) {
        let Some(search) = self.state.search.take().filter(|search| !search.told) else { return };
        let at = self.state.text_at.unwrap_or(search.from);
        let to = self.place(view, to);
        self.report.damage.push(Damage { at, to, reason: search.reason });
    }

    /// Note bytes scanned in vain.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.work += bytes as u64;
    }

    fn is_worn_out(&self) -> bool {
        self.work > WASTE * self.extent() + FREE
    }

    /// Look for the next place where a record may begin.
    pub(crate) fn search(&mut self, view: View<'_>) -> Flow {
        let worn_out = self.is_worn_out();
        let Some(search) = &mut self.state.search else {
            self.state.step = Step::Next;
            return Flow::Go(view.bytes.len());
        };
        if worn_out {
            (search.reason, search.told) = (Reason::GivenUp, false);
            self.state.step = Step::GivenUp;
            return Flow::Wait(view.bytes.len());
        }
        let mut at = usize::try_from(search.next - view.base).unwrap_or(usize::MAX);
        let any = search.reason == Reason::Junk && !search.told;
        let never_after = match (any, self.state.in_list) {
            (true, _) => ANYWHERE,
            (false, true) => IN_LIST,
            (false, false) => IN_LINES,
        };
        while let Some(found) = view.bytes.get(at..).and_then(|rest| memchr(b'{', rest)) {
            at += found;
            match guess(view, at, never_after) {
                Guess::No => at += 1,
                Guess::Line => {
                    self.settle(view, at);
                    self.state.step = Step::Next;
                    return Flow::Go(at);
                }
                Guess::Likely => {
                    self.state.step = Step::Try;
                    return Flow::Go(at);
                }
                Guess::Unsure => {
                    search.next = view.base + at as u64;
                    return Flow::Wait(at);
                }
            }
        }
        search.next = view.base + view.bytes.len() as u64;
        Flow::Wait(view.bytes.len())
    }

    /// Where a whole CloudTrail record begins in the long object at `at`, if one does.
    ///
    /// Then a bracket is missing, and the object is not long but damaged.
    pub(crate) fn swallowed(&mut self, view: View<'_>, at: usize) -> Option<usize> {
        let reach = reach(view, at);
        let bounded = View { bytes: reach, base: view.base, last: true };
        let mut next = at + 1;
        while let Some(found) = memchr(b'{', reach.get(next..)?) {
            next += found;
            if self.is_worn_out() {
                return None;
            }
            match guess(bounded, next, IN_LIST) {
                Guess::Line => return Some(next),
                Guess::Likely => match scan(reach, next, self.layout, &mut self.slots) {
                    Scan::Record { end } if self.is_full(&reach[next..end]) => return Some(next),
                    Scan::Record { end } | Scan::Foreign { end } => self.charge(end - next),
                    Scan::Damaged { at: broken } => self.charge(broken - next),
                    Scan::Partial => self.charge(reach.len() - next),
                    Scan::Envelope { value } => self.charge(value - next),
                },
                Guess::No | Guess::Unsure => {}
            }
            next += 1;
        }
        None
    }

    /// Whether the record just scanned has what every API call's record has.
    fn is_full(&self, record: &[u8]) -> bool {
        [Base::EventTime, Base::EventSource, Base::EventName]
            .into_iter()
            .all(|base| self.slots.get(record, base.slot()).is_some())
    }
}

/// What stands at the brace at `at`, behind which none of `never_after` may stand.
fn guess(view: View<'_>, at: usize, never_after: &[u8]) -> Guess {
    let bytes = view.bytes;
    if at > 0 && bytes[at - 1] == b'\n' {
        return Guess::Line;
    }
    let lookback = &bytes[at.saturating_sub(LOOKBACK - 1)..at];
    if lookback.trim_ascii_end().last().is_some_and(|before| never_after.contains(before)) {
        return Guess::No;
    }
    let key = skip_space(&bytes[..bytes.len().min(at + LOOKBACK)], at + 1);
    let rest = &bytes[key..bytes.len().min(key + LOOKBACK)];
    let unsure = if view.last || rest.len() == LOOKBACK { Guess::No } else { Guess::Unsure };
    match rest.split_first() {
        None => unsure,
        Some((b'"', rest)) => match memchr(b'"', rest) {
            None => unsure,
            Some(length) if is_first_key(&rest[..length]) => Guess::Likely,
            Some(_) => Guess::No,
        },
        Some(_) => Guess::No,
    }
}

fn is_first_key(key: &[u8]) -> bool {
    let keys = RECORD_KEYS.iter().chain(&ENVELOPE_KEYS).chain(&FIRST_KEYS);
    keys.into_iter().any(|known| known.as_bytes() == key)
}

const _: () = assert!(LONGEST_RECORD > 4 * LOOKBACK);
