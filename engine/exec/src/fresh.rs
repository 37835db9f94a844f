//! What was said to one group since it was judged, in order of time.
//!
//! Facts stand chain by chain; a group hears them second by second. Their seconds are sorted
//! beside them, packed with their places, so that only numbers move. The room for it serves one
//! group after another.

use crate::fact::{Said, Word};
use crate::facts::Voiced;
use crate::pending::Mail;
use crate::room;
use std::sync::Arc;

/// What was said to the group at hand.
#[derive(Debug, Default)]
pub(crate) struct Fresh<'p> {
    /// Each with its second.
    words: Vec<(i64, Word<'p>)>,
    /// By order of time: the place in `words` in the lower half, in the upper the seconds since
    /// the first.
    order: Vec<u64>,
    /// Room to put them in order.
    spare: Vec<(i64, Word<'p>)>,
}

/// What is told to a group, and room to put it in order.
pub(crate) type News<'n, 'p> = (Mail<'p>, &'n mut Fresh<'p>);

impl<'p> Fresh<'p> {
    /// So many are put in order where they stand.
    const FEW: usize = 16;

    /// Gather what is told to a group; of each that is said `from` says from which second on it
    /// is heard.
    pub(crate) fn gather(&mut self, mail: Mail<'p>, mut from: impl FnMut(Voiced<'p>) -> i64) {
        self.words.clear();
        for voiced in mail.said() {
            let (from, said) = (from(voiced), voiced.said);
            if from <= voiced.extent().latest {
                for (second, id) in voiced.events(from) {
                    room::push(&mut self.words, (second, Word { said, id }));
                }
            }
        }
    }

    /// What was gathered.
    pub(crate) fn words(&self) -> &[(i64, Word<'p>)] {
        &self.words
    }

    /// Put what was gathered in order of time.
    pub(crate) fn sort(&mut self) {
        let Self { words, order, spare } = self;
        if words.len() <= Self::FEW || words.is_sorted_by_key(|(second, _)| *second) {
            words.sort_by_key(|(second, _)| *second);
            return;
        }
        let first = words.iter().map(|(second, _)| *second).min().unwrap_or(0);
        order.clear();
        for ((second, _), at) in words.iter().zip(0..) {
            let Ok(since) = u32::try_from(second.saturating_sub(first)) else { break };
            order.push(u64::from(since) << 32 | at);
        }
        if order.len() < words.len() {
            // More than a century lies between some of them.
            words.sort_by_key(|(second, _)| *second);
            return;
        }
        order.sort_unstable();
        spare.clear();
        spare.extend(order.iter().map(|packed| words[place(*packed)]));
        std::mem::swap(words, spare);
    }

    /// Of events that say, in one second, that a tuple is known, only the first is left: it is no
    /// better known when it is told twice.
    pub(crate) fn drop_twins(&mut self) {
        self.words.dedup_by(|(second, word), (before, kept)| {
            second == before
                && Arc::ptr_eq(word.said, kept.said)
                && matches!(&**word.said, Said::Known(..))
        });
    }
}

/// The lower half.
fn place(packed: u64) -> usize {
    (packed & u64::from(u32::MAX)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::GroupKey;
    use crate::facts::{Facts, Place};
    use crate::id::Uuid;
    use crate::pending::Pending;

    /// Lists of seconds, all told to one group of a rule; the first of each to another rule, too.
    fn pending(lists: &[&[i64]]) -> Pending {
        let mut pending = Pending::default();
        let nobody = GroupKey::default();
        let key = (7, Arc::new(nobody));
        let said = Arc::new(Said::Known(None, 1));
        let mut facts = Facts::new();
        for seconds in lists {
            let mut place = Place::default();
            for second in *seconds {
                facts.repeat(&mut place, (1, &key), &said, (*second, Uuid::default()));
            }
            facts.repeat(&mut Place::default(), (2, &key), &said, (seconds[0], Uuid::default()));
            pending.take_in(&mut facts);
            assert!(facts.is_empty());
        }
        pending.open(i64::MAX);
        pending
    }

    #[track_caller]
    fn check(lists: &[&[i64]], from: impl FnMut(Voiced<'_>) -> i64, expected: &[i64]) {
        let pending = pending(lists);
        let mails: Vec<_> = pending.mail().collect();
        assert_eq!(mails.iter().map(|mail| mail.to()).collect::<Vec<_>>(), [(1, 7), (2, 7)]);
        assert!(pending.is_to((2, 7)) && !pending.is_to((2, 8)));
        let mut fresh = Fresh::default();
        fresh.gather(mails[0], from);
        fresh.sort();
        let seconds: Vec<_> = fresh.words().iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, expected);
    }

    #[test]
    fn what_several_lists_tell_comes_in_order_of_time() {
        check(&[&[5, 3, 9]], |_| i64::MIN, &[3, 5, 9]);
        check(&[&[5, 3, 9], &[4, 4], &[8]], |_| i64::MIN, &[3, 4, 4, 5, 8, 9]);
        let century = 3_200_000_000;
        check(&[&[2 * century, 3], &[-century, 4]], |_| i64::MIN, &[-century, 3, 4, 2 * century]);
    }

    #[test]
    fn it_is_heard_from_a_second_on() {
        let after = |voiced: Voiced<'_>| voiced.latest(5).map_or(i64::MIN, |at| at + 1);
        check(&[&[5, 3, 9], &[4, 6], &[8]], after, &[6, 8, 9]);
        check(&[&[1, 2], &[3]], after, &[]);
    }

    #[test]
    fn what_was_heard_is_gone() {
        let mut pending = pending(&[&[1], &[2]]);
        assert_eq!(pending.mail().count(), 2);
        pending.clear();
        assert!(pending.mail().next().is_none() && !pending.is_to((1, 7)));
    }
}
