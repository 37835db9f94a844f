//! What a group has seen before: tuples, when they were learned, and what is new.
//!
//! One [`Learned`] belongs to one group of one rule. It is told of the tuples of
//! each second in order of time, and says of each whether it is new. It knows
//! seconds and hashes of tuples, nothing of events.
//!
//! Source: language reference, "Learning".

use hashbrown::HashMap;
use std::hash::BuildHasher;

/// How a rule learns. All lengths in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learning {
    /// Learning in silence, from the group's first event.
    pub warmup: i64,
    /// A tuple not seen for longer is forgotten.
    pub memory: i64,
    /// A new tuple is learned on the third different day only.
    pub keep_out: bool,
    /// What is first seen in the warm-up is new as well.
    pub cold_alert: bool,
}

/// What is known of one tuple.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuple {
    /// When it was first learned since it was last unknown.
    pub first: i64,
    /// When it was last learned; none: it is only noted.
    pub last: Option<i64>,
    /// The days on which it was new and kept out, at most two.
    days: [Option<i64>; 2],
}

/// The tuples of a group.
#[derive(Clone, Debug, Default)]
pub struct Learned<S> {
    /// When the group's history starts.
    pub start: Option<i64>,
    tuples: HashMap<u128, Tuple, S>,
}

/// What a tuple was before a second changed it, so that the second can be taken back.
pub type Undo = (u128, Option<Tuple>);

const DAY: i64 = 86_400;

impl<S: BuildHasher + Default> Learned<S> {
    /// Whether the tuple is new at `second`; it is learned or noted on the way.
    ///
    /// Seconds come in order; of one second each tuple once. `start` is set by the
    /// caller, no later than `second`.
    pub fn judge(&mut self, tuple: u128, second: i64, how: Learning) -> (bool, Undo) {
        let start = self.start.unwrap_or(second);
        let held = self.tuples.get_mut(&tuple);
        let before = held.as_deref().copied();
        let undo = (tuple, before);
        if let Some(held) = held.filter(|held| held.is_known(second, how.memory)) {
            held.last = held.last.max(Some(second));
            return (false, undo);
        }
        let mut now = before.unwrap_or_default();
        if second - start < how.warmup {
            let fresh = before.is_none_or(|tuple| tuple.last.is_none());
            self.tuples.insert(tuple, learned_at(second));
            return (how.cold_alert && fresh, undo);
        }
        let learns = !how.keep_out || now.note(second, how.memory);
        self.tuples.insert(tuple, if learns { learned_at(second) } else { now });
        (true, undo)
    }

    /// Learn a known tuple again that was there at some seconds since the last that was judged, up
    /// to this one; false, and nothing is done, when it may not be known in all of them.
    ///
    /// # Time
    ///
    /// Seconds before this one may be judged later, of this tuple too.
    pub fn remind(&mut self, tuple: u128, second: i64, memory: i64) -> bool {
        let held = self.tuples.get_mut(&tuple).filter(|held| held.is_known(second, memory));
        let Some(held) = held else { return false };
        held.last = held.last.max(Some(second));
        true
    }

    /// Take back what [`Learned::judge`] changed; the latest change first.
    pub fn undo(&mut self, (tuple, before): Undo) {
        match before {
            Some(state) => self.tuples.insert(tuple, state),
            None => self.tuples.remove(&tuple),
        };
    }

    /// What is known of a tuple.
    #[must_use]
    pub fn get(&self, tuple: u128) -> Option<Tuple> {
        self.tuples.get(&tuple).copied()
    }

    /// Forget tuples that can no longer be told from unknown ones at or after `second`;
    /// returns them.
    pub fn expire(&mut self, second: i64, memory: i64) -> Vec<u128> {
        let day = second.div_euclid(DAY);
        let old = |state: &Tuple| {
            state.last.is_none_or(|last| second - last > memory)
                && state.days.iter().flatten().all(|noted| day - noted > memory / DAY + 1)
        };
        self.tuples.extract_if(|_, state| old(state)).map(|(tuple, _)| tuple).collect()
    }

    /// How many tuples are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tuples.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tuples.is_empty()
    }
}

fn learned_at(second: i64) -> Tuple {
    Tuple { first: second, last: Some(second), days: [None, None] }
}

impl Tuple {
    /// Whether it is known at a second, where it was learned before.
    #[must_use]
    pub fn is_known(&self, second: i64, memory: i64) -> bool {
        self.last.is_some_and(|last| second - last <= memory)
    }

    /// Note the day of a new tuple that is kept out; true on the third different one.
    fn note(&mut self, second: i64, memory: i64) -> bool {
        let day = second.div_euclid(DAY);
        self.last = None;
        for noted in &mut self.days {
            if noted.is_some_and(|noted| (day - noted) * DAY > memory) {
                *noted = None;
            }
        }
        if self.days.contains(&Some(day)) {
            return false;
        }
        match self.days.iter_mut().find(|noted| noted.is_none()) {
            Some(free) => {
                *free = Some(day);
                false
            }
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::RandomState;

    const HOW: Learning = Learning { warmup: 100, memory: 50, keep_out: false, cold_alert: false };

    /// `second tuple new|quiet` a line.
    #[track_caller]
    fn check(how: Learning, script: &str) {
        let mut learned = Learned::<RandomState> { start: Some(0), ..Learned::default() };
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            let second = words.next().unwrap().parse().unwrap();
            let tuple = words.next().unwrap().parse().unwrap();
            let expected = words.next().unwrap() == "new";
            assert_eq!(learned.judge(tuple, second, how).0, expected, "{line}");
        }
    }

    #[test]
    fn warm_up_and_memory_end_where_they_say() {
        check(HOW, "0 1 quiet\n 99 2 quiet\n 100 3 new\n 101 3 quiet\n 149 2 quiet\n 200 2 new");
        check(HOW, "0 1 quiet\n 50 1 quiet\n 100 1 quiet\n 150 1 quiet\n 201 1 new\n 202 1 quiet");
        check(
            Learning { cold_alert: true, ..HOW },
            "0 1 new\n 1 1 quiet\n 60 1 quiet\n 99 2 new\n 100 2 quiet",
        );
    }

    #[test]
    fn what_is_kept_out_alerts_on_three_days() {
        let how = Learning { warmup: 10, memory: 10 * DAY, keep_out: true, cold_alert: false };
        let d = |day: i64| day * DAY + 20;
        check(
            how,
            &format!(
                "{} 7 new\n {} 7 new\n {} 7 new\n {} 7 new\n {} 7 quiet",
                d(0),
                d(0) + 1,
                d(1),
                d(2),
                d(2) + 1
            ),
        );
        check(
            how,
            &format!("{} 7 new\n {} 7 new\n {} 7 new\n {} 7 quiet", d(0), d(5), d(9), d(9) + 5),
        );
        check(
            how,
            &format!("{} 7 new\n {} 7 new\n {} 7 new\n {} 7 new", d(0), d(5), d(12), d(12) + 5),
        );
    }

    #[test]
    fn what_is_reminded_of_is_as_if_each_second_was_judged() {
        let mut learned = Learned::<RandomState> { start: Some(0), ..Learned::default() };
        assert!(!learned.remind(1, 10, HOW.memory), "not yet known");
        learned.judge(1, 10, HOW);
        assert!(!learned.remind(1, 61, HOW.memory), "no more known");
        assert!(learned.remind(1, 60, HOW.memory));
        assert!(!learned.judge(1, 30, HOW).0);
        assert!(learned.remind(1, 20, HOW.memory));
        assert_eq!(learned.get(1), Some(Tuple { first: 10, last: Some(60), days: [None; 2] }));
    }

    #[test]
    fn a_second_can_be_taken_back() {
        let mut learned = Learned::<RandomState> { start: Some(0), ..Learned::default() };
        let (new, undo) = learned.judge(1, 500, HOW);
        assert!(new);
        learned.undo(undo);
        assert!(learned.is_empty());
        assert!(learned.judge(1, 500, HOW).0);
    }
}
