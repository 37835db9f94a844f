//! Tuples that a worker has met lately, so that what is surely known is told in few words.
//!
//! A tuple that surely taught at s is known at any t with s < t ≤ s + memory, whatever else
//! happens: no alert can come of it there, and its fact needs no more than the second. Where
//! every event teaches (`poison=learn`) the first meeting is enough. Where new tuples are kept
//! out, the first meeting on the third day within memory is: by then the tuple was known or
//! is learned. What is not certain is told in full; nothing is decided here.

use crate::scene::Stands;
use hashbrown::HashMap;
use plan::FirstSeen;

/// The tuples one worker has met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lately {
    met: HashMap<u128, Met>,
}

/// A second of a group of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) second: i64,
}

/// What was found of a tuple that was met last in one scene, so that it need not be looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recent {
    group: u128,
    /// What is certain of it, and when.
    sight: Sight,
    pub(crate) stands: Stands,
}

/// What is certain of a tuple at a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Nothing.
    Unsure,
    /// It is known there.
    Known,
}

#[derive(Clone, Copy, Debug)]
struct Met {
    /// When it was told in full last, to teach.
    taught: i64,
    /// On how many days it was told in full, as far as they matter, and the first of them.
    days: u8,
    first_day: i64,
}

const DAY: i64 = 86_400;

impl Lately {
    /// The most tuples that are remembered; then all are forgotten.
    const MOST: usize = 262_144;

    /// Meet a tuple; `recent` is that of its rule and scene.
    pub(crate) fn meet(
        &mut self,
        at: Place,
        tuple: u128,
        how: &FirstSeen,
        recent: &mut Recent,
    ) -> Sight {
        if recent.group != at.group || !recent.stands.at(at.second) {
            let (sight, stands) = self.look_up(at, tuple, how);
            *recent = Recent { group: at.group, sight, stands };
        }
        recent.sight
    }

    /// What is certain of a tuple that is met, and in which seconds one that is met again says
    /// nothing else.
    fn look_up(&mut self, at: Place, tuple: u128, how: &FirstSeen) -> (Sight, Stands) {
        if self.met.len() >= Self::MOST {
            self.met.clear();
        }
        // Both hashes are random: what is put together tells apart as well as they do.
        let key = at.group ^ tuple.rotate_left(64) ^ u128::from(at.rule) << 32;
        let fresh = Met::at(at.second);
        let met = self.met.entry(key).or_insert(fresh);
        if how.keep_out && met.days < 3 {
            met.count_day(at.second, how.memory);
            // Until the next day counts, but on the third: it may be known in the next second.
            let day = met.taught.div_euclid(DAY);
            let until = day.saturating_add(1).saturating_mul(DAY).saturating_sub(1);
            let counted = Stands { from: i64::MIN, until };
            return (Sight::Unsure, if met.days < 3 { counted } else { Stands::NEVER });
        }
        let since = at.second.saturating_sub(met.taught);
        let is_known = since > 0 && since <= how.memory;
        if !is_known {
            // Out of order; where new tuples are kept out that says nothing of later days.
            if !how.keep_out || since > 0 {
                *met = fresh;
            }
            return (Sight::Unsure, Stands::NEVER);
        }
        if since > how.memory / 2 {
            met.taught = at.second;
        }
        let (from, until) =
            (met.taught.saturating_add(1), met.taught.saturating_add(how.memory / 2));
        (Sight::Known, Stands { from, until })
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self { group: 0, sight: Sight::Unsure, stands: Stands::NEVER }
    }
}

impl Met {
    fn at(second: i64) -> Self {
        Self { taught: second, days: 1, first_day: second.div_euclid(DAY) }
    }

    /// A meeting before the third day.
    fn count_day(&mut self, second: i64, memory: i64) {
        let day = second.div_euclid(DAY);
        if day.saturating_sub(self.first_day).saturating_mul(DAY) > memory {
            *self = Self::at(second);
        } else if day > self.taught.div_euclid(DAY) {
            self.days += 1;
            self.taught = second;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learning(memory: i64, keep_out: bool) -> FirstSeen {
        FirstSeen {
            tuple: Vec::new(),
            warmup: 0,
            memory,
            keep_out,
            cold_alert: false,
            event_parts: Vec::new(),
            window_parts: Vec::new(),
            bound: Vec::new(),
        }
    }

    #[test]
    fn a_tuple_is_known_after_it_was_met_and_within_memory() {
        let (mut lately, how) = (Lately::default(), learning(100, false));
        let mut known = |second, tuple| {
            let at = Place { rule: 1, group: 2, second };
            lately.meet(at, tuple, &how, &mut Recent::default()) != Sight::Unsure
        };
        assert!(!known(50, 7));
        assert!(!known(50, 7), "the same second is judged together");
        assert!(known(51, 7));
        assert!(known(150, 7));
        assert!(known(250, 7), "met at 150");
        assert!(!known(351, 7));
        assert!(!known(300, 7), "out of order");
        assert!(known(301, 7));
        assert!(!known(301, 8));
    }

    #[test]
    fn what_was_met_last_is_not_looked_up() {
        let (mut lately, how) = (Lately::default(), learning(100, false));
        let mut meet = |second, recent: &mut Recent| {
            lately.meet(Place { rule: 1, group: 2, second }, 7, &how, recent)
        };
        let mut recent = Recent::default();
        assert_eq!([meet(5, &mut recent), meet(6, &mut recent)], [Sight::Unsure, Sight::Known]);
        let Stands { from, until } = recent.stands;
        assert_eq!((from, until), (6, 55));
        assert_eq!([5, 55, 56, 200, 156].map(|second| meet(second, &mut recent)), {
            [Sight::Unsure, Sight::Known, Sight::Known, Sight::Unsure, Sight::Unsure]
        });
    }

    #[test]
    fn what_is_kept_out_is_known_after_its_third_day() {
        let how = learning(10 * DAY, true);
        let check = |days: &[i64], known: &[bool]| {
            let mut lately = Lately::default();
            let mut recent = Recent::default();
            let mut meet =
                |second| lately.meet(Place { rule: 1, group: 2, second }, 7, &how, &mut recent);
            let got: Vec<bool> = days.iter().map(|second| meet(*second) != Sight::Unsure).collect();
            assert_eq!(got, known, "{days:?}");
        };
        let d = |day: i64| day * DAY + 20;
        check(
            &[d(0), d(0) + 1, d(1), d(2), d(2) + 1, d(12), d(23)],
            &[false, false, false, false, true, true, false],
        );
        check(&[d(0), d(5), d(11), d(12), d(13)], &[false; 5]);
        check(&[d(5), d(4), d(3), d(6), d(6) + 1], &[false; 5]);
        check(&[d(0), d(1), d(2), d(1), d(2) + 1], &[false, false, false, false, true]);
    }
}
