//! Whether enough of a value has come to look at it.
//!
//! A value that is cut by the window is passed by counting brackets, once however small
//! the pieces are, so that a slow writer cannot make the scan begin again at each byte.

use crate::LONGEST_RECORD;
use crate::balance::{Balance, Passed};
use crate::frame::{Flow, Framer, View};

/// How much white space may stand between a text and what shows that it has ended.
pub(crate) const WIDEST_SPACE: usize = 1 << 10;

/// A value whose end has not come yet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pending {
    balance: Balance,
    /// The place from which it is to be passed on.
    passed: u64,
    /// How much of it the last scan saw.
    scanned: usize,
    ended: bool,
    /// Whether a first column's object was met in it.
    lined: bool,
}

/// How a value that may be cut ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    At(usize),
    Wait,
    TooLong,
    Never,
}

impl Framer<'_> {
    /// How the value at `at` ends, which is no object.
    pub(crate) fn end_of(&mut self, view: View<'_>, at: usize) -> End {
        let start = view.base + at as u64;
        let pending = self
            .state
            .pending
            .get_or_insert_with(|| Pending { passed: start, ..Pending::default() });
        let end = pending.advance(view);
        let length = end.unwrap_or(view.bytes.len()) - at;
        match end {
            _ if length > LONGEST_RECORD => End::TooLong,
            Some(end) => End::At(end),
            None if !view.last => End::Wait,
            None if view.bytes[at] == b'"' => End::Never,
            None => End::At(view.bytes.len()),
        }
    }

    /// Whether there is enough new of an unfinished object to scan it again.
    ///
    /// # Cost
    ///
    /// A short object is scanned at each window, a long one each time it has doubled and
    /// when its end has come.
    pub(crate) fn is_ready(&mut self, view: View<'_>, at: usize) -> bool {
        const SHORT: usize = 16 << 10;
        let Some(pending) = &mut self.state.pending else { return true };
        let here = view.bytes.len() - at;
        if view.last || here <= SHORT || here > LONGEST_RECORD || here >= 2 * pending.scanned {
            return true;
        }
        let lined = pending.lined;
        pending.advance(view);
        pending.ended || pending.lined != lined
    }

    /// Wait for more of the object at `at`.
    pub(crate) fn await_more(&mut self, view: View<'_>, at: usize) -> Flow {
        let start = view.base + at as u64;
        let fresh = || Pending { passed: start, ..Pending::default() };
        let pending = self.state.pending.get_or_insert_with(fresh);
        pending.scanned = view.bytes.len() - at;
        Flow::Wait(at)
    }
}

impl Pending {
    /// Pass what is new; the place after the value, if it has come.
    fn advance(&mut self, view: View<'_>) -> Option<usize> {
        loop {
            let from = usize::try_from(self.passed - view.base).unwrap_or(usize::MAX);
            let (to, ended, again) = match self.balance.pass(view.bytes, from) {
                Passed::End(end) => (end, true, false),
                Passed::More => (view.bytes.len(), false, false),
                Passed::Other(to) => (to, false, true),
            };
            self.passed = view.base + to as u64;
            self.ended = ended;
            self.lined |= again;
            if !again {
                return ended.then_some(to);
            }
        }
    }
}
