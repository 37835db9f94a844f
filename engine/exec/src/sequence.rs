//! Sequences: ordered steps, counted steps and absence, in one group of one rule.
//!
//! A [`Walker`] holds what a group's events said in each second and finds where the
//! rule fires. It knows the [`Shape`] of the sequence and numbers of steps; what an
//! event is, which steps it satisfies and what a condition over several events means
//! is told by its owner, the last through a callback. It never asks for the time.
//!
//! # How it goes
//!
//! 1. Events of one second that agree in the steps they satisfy and in all values that
//!    other steps read are one [`Entry`] with a count. Entries combine in any order.
//! 2. `trail` holds, by step and by join key, where entries are, with running totals.
//!    For each step it keeps the latest first event that a match up to this step may
//!    have: never too early, exact where steps share no events and conditions read no
//!    earlier step but by equality. A second whose last step has no such first event
//!    after the last firing and inside `within` cannot fire and costs no search.
//! 3. `search` finds the match the alert tells, latest first event first, by depth
//!    first through the steps in the order of that preference. The last event is
//!    pinned, joins lead to entries by hash, and an entry from which no match
//!    continues is not tried twice where that cannot depend on the steps before it.
//! 4. `tell` counts and names the events; `walk` moves over seconds, lets deadlines of
//!    a closing absence come due, and takes seconds back in a live stream.
//!
//! # Which match is told
//!
//! The one whose first event is latest; then step by step, the first step by its first and
//! then its last event, any other by its last and then its first: the later is told rather.
//! Of a plain step in one second the lesser id. A counted step has as many events as it asks
//! for, `1+` two where it must; those between its first and its last belong to the match
//! unsaid. Since all that satisfy it are told anyway, it leaves the least ids of a second to
//! plain steps.
//!
//! # Cost
//!
//! With `k` steps and `e` entries in the window: entering an entry is `O(k log e)`. A
//! search that finds is `O(e log e)` for steps whose conditions read no earlier step,
//! or by equality only, and everything it looked through is never used again, so a
//! stream is linear in its events but for the logarithm; with a closing absence, which
//! uses nothing before its deadline, there is one search for each second of the last step,
//! and it looks at the latest entries first. Searches that fail happen when
//! events satisfy several steps at once or conditions compare steps by more than
//! equality; each ends after `search::MOST_TRIES` (65,536) entries, then finds nothing more, and is
//! counted ([`Walker::exhausted`]). Memory is that of the entries in
//! `(watermark − within, …]`, with a closing absence twice as long, and one wait for each
//! of their seconds.
//!
//! Source: language reference, "Sequence".

mod course;
mod list;
mod search;
mod tell;
#[cfg(test)]
mod tests;
mod trail;
mod walk;

pub(crate) use course::{Course, Demand, Join, Shape, Step};
pub(crate) use tell::{Chosen, Fire};
pub(crate) use walk::{Judging, Walker};

use state::Row;
use std::sync::Arc;

/// What an entry carries for its owner: the values that conditions read, and what an
/// alert tells of its events.
pub(crate) trait Body: Clone {
    /// Take in the body of an entry with the same identity.
    fn absorb(&mut self, other: Self);

    /// The least ids of its events, ascending; 20 of them are enough.
    fn ids(&self) -> &[Arc<str>];
}

/// Events of one second that are the same to every step.
#[derive(Clone, Debug)]
pub(crate) struct Entry<B> {
    /// A hash of mask, keys and the values that conditions read; equal ones combine.
    pub(crate) identity: u128,
    /// The steps that an event of it satisfies as far as it alone decides, by number.
    pub(crate) mask: u32,
    /// How many events it stands for; at least 1.
    pub(crate) events: u64,
    /// For each join the hash as its earlier side and as its later side; none where the
    /// value is missing or the event does not satisfy that step.
    pub(crate) keys: Box<[Option<u64>]>,
    /// What its owner knows of it.
    pub(crate) body: B,
}

/// What happened in one second of a group.
#[derive(Clone, Debug)]
pub(crate) struct Moment<B> {
    /// Entries by ascending identity.
    entries: Vec<Entry<B>>,
    /// Events that an exception kept out.
    pub(crate) exempted: u64,
}

impl<B> Default for Moment<B> {
    fn default() -> Self {
        Self { entries: Vec::new(), exempted: 0 }
    }
}

impl<B: Body> Moment<B> {
    /// What one event says.
    pub(crate) fn of(entry: Entry<B>) -> Self {
        // Most seconds have one: room for four would be most of what a group takes.
        let entries = if entry.mask == 0 { Vec::new() } else { vec![entry] };
        Self { entries, exempted: 0 }
    }

    /// What events say that an exception keeps out.
    pub(crate) fn exempt(exempted: u64) -> Self {
        Self { exempted, ..Self::default() }
    }

    /// Add events of this second. An entry without a step is nothing.
    pub(crate) fn add(&mut self, entry: Entry<B>) {
        if entry.mask == 0 {
            return;
        }
        match self.entries.binary_search_by_key(&entry.identity, |known| known.identity) {
            Ok(at) => {
                self.entries[at].events += entry.events;
                self.entries[at].body.absorb(entry.body);
            }
            Err(at) => self.entries.insert(at, entry),
        }
    }
}

impl<B: Body> Row for Moment<B> {
    fn absorb(&mut self, other: Self) {
        self.exempted += other.exempted;
        other.entries.into_iter().for_each(|entry| self.add(entry));
    }
}

/// What conditions over several events say.
///
/// Asked with a step, an event that satisfies it on its own, and the events chosen for
/// plain steps, by number of the step; only of steps that read earlier ones. The answer
/// covers the whole condition, joins too, and depends on nothing else.
pub(crate) type Holds<'a, B> = dyn FnMut(usize, &B, &[Option<&B>]) -> bool + 'a;
