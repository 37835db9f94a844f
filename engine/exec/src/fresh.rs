//! What was said to one group since it was judged, in order of time.
//!
//! Facts stand chain by chain; a group hears them second by second. Their seconds are sorted
//! beside them, packed with their places, so that only numbers move. The room for it serves one
//! group after another.

use crate::fact::Said;
use crate::id::Uuid;
use crate::pending::Mail;
use std::sync::Arc;

/// What was said to the group at hand.
#[derive(Debug, Default)]
pub(crate) struct Fresh<'p> {
    said: Vec<Item<'p>>,
    /// By order of time: the place in `said` in the lower half, in the upper the seconds since
    /// the first.
    order: Vec<u64>,
}

/// What is told to a group, and room to put it in order.
pub(crate) type News<'n, 'p> = (Mail<'p>, &'n mut Fresh<'p>);

/// The seconds in which something is said.
pub(crate) trait Seconds {
    /// The last of them up to one.
    fn latest(&self, until: i64) -> Option<i64>;
}

impl<I: Iterator<Item = (i64, Uuid)> + Clone> Seconds for (i64, &I) {
    fn latest(&self, until: i64) -> Option<i64> {
        let (latest, events) = self;
        if *latest <= until {
            return Some(*latest);
        }
        (*events).clone().map(|(second, _)| second).filter(|second| *second <= until).max()
    }
}

/// An event: its second, what it says, and its id.
pub(crate) type Item<'p> = (i64, &'p Arc<Said>, Uuid);

impl<'p> Fresh<'p> {
    /// Gather what is told to a group; of what is said in some seconds `from` says from which on it
    /// is heard.
    pub(crate) fn gather(
        &mut self,
        mail: Mail<'p>,
        mut from: impl FnMut(&Said, &dyn Seconds) -> i64,
    ) {
        self.said.clear();
        for (said, latest, events) in mail.said() {
            let from = from(said, &(latest, &events));
            if from <= latest {
                let heard = events.filter(|(second, _)| *second >= from);
                self.said.extend(heard.map(|(second, id)| (second, said, id)));
            }
        }
        self.sort();
    }

    /// What was gathered, in order of time.
    pub(crate) fn in_order(&self) -> impl ExactSizeIterator<Item = Item<'p>> {
        self.order.iter().map(|packed| self.said[place(*packed)])
    }

    fn sort(&mut self) {
        let Self { said, order, .. } = self;
        let first = said.iter().map(|(second, ..)| *second).min().unwrap_or(0);
        order.clear();
        for ((second, ..), at) in said.iter().zip(0..) {
            let Ok(since) = u32::try_from(second.saturating_sub(first)) else { break };
            order.push(u64::from(since) << 32 | at);
        }
        if order.len() < said.len() {
            // More than a century lies between some of them.
            said.sort_unstable_by_key(|(second, ..)| *second);
            order.clear();
            order.extend((0..).take(said.len()));
        }
        order.sort_unstable();
    }
}

/// The lower half.
fn place(packed: u64) -> usize {
    (packed & u64::from(u32::MAX)) as usize
}
