//! The facts of one worker on their way to the shards.
//!
//! Most facts say what others of the same scene have said to the same group. That is told
//! once; a fact beyond it is a second and an id. Who owns the group looks it up once for all
//! of them.
//!
//! # Invariants
//!
//! - The facts of a saying are a chain through `events`, in the order in which they came.

use crate::fact::{GroupKey, Said};
use crate::id::Uuid;
use crate::keys::Key;
use crate::sequence::Moment;
use crate::steps::Seen;
use std::sync::Arc;

/// Facts that were not handed on yet.
#[derive(Debug, Default)]
pub struct Facts {
    sayings: Vec<Saying>,
    events: Vec<Fact>,
    pub(crate) steps: Vec<Step>,
    /// How often all were taken.
    round: u64,
}

/// What events say to a group of a rule.
#[derive(Debug)]
pub(crate) struct Saying {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) key: Arc<GroupKey>,
    pub(crate) said: Arc<Said>,
    /// Its first fact, and its last.
    first: u32,
    last: u32,
}

/// An event that says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fact {
    pub(crate) second: i64,
    pub(crate) id: Uuid,
    /// The next of its saying.
    next: u32,
}

/// What an event says to a group of a sequence.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) key: Arc<GroupKey>,
    pub(crate) second: i64,
    pub(crate) moment: Moment<Seen>,
}

/// Where something is said among the facts of a round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// One more than the round.
    round: u64,
    group: u128,
    number: u32,
}

/// How many shards facts are spread over, whatever the number of threads.
pub const SHARDS: usize = 64;

const NONE: u32 = u32::MAX;

impl Facts {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len() + self.steps.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Let all of them go.
    pub fn clear(&mut self) {
        self.sayings.clear();
        self.events.clear();
        self.steps.clear();
        self.round += 1;
    }

    /// Take all of them, divided by the shard that they go to; a shard that is to have none
    /// has an empty list.
    pub fn divide(&mut self, count: usize) -> Vec<Self> {
        let fresh = Self { round: self.round + 1, ..Self::default() };
        let all = std::mem::replace(self, fresh);
        if count <= 1 {
            return vec![all];
        }
        let mut lists: Vec<Self> = (0..count).map(|_| Self::default()).collect();
        for saying in &all.sayings {
            let list = &mut lists[shard(saying.group) % count];
            let key = (saying.group, Arc::clone(&saying.key));
            let number = list.say(saying.rule, key, Arc::clone(&saying.said));
            all.of(saying).for_each(|fact| list.add(number, fact.second, fact.id));
        }
        for step in all.steps {
            lists[shard(step.group) % count].steps.push(step);
        }
        lists
    }

    /// What is said.
    pub(crate) fn sayings(&self) -> &[Saying] {
        &self.sayings
    }

    /// The facts of a saying, in the order in which they came.
    pub(crate) fn of(&self, saying: &Saying) -> impl Iterator<Item = Fact> {
        let first = self.events.get(saying.first as usize).copied();
        std::iter::successors(first, |fact| self.events.get(fact.next as usize).copied())
    }

    /// Something is said to a group; returns its number.
    pub(crate) fn say(&mut self, rule: u32, (group, key): Key, said: Arc<Said>) -> u32 {
        self.sayings.push(Saying { rule, group, key, said, first: NONE, last: NONE });
        number(self.sayings.len() - 1)
    }

    /// The same, where it may have been said before: `place` tells.
    pub(crate) fn repeat(
        &mut self,
        place: &mut Place,
        rule: u32,
        (group, key): &Key,
        said: &Arc<Said>,
    ) -> u32 {
        if place.round != self.round + 1 || place.group != *group {
            let number = self.say(rule, (*group, Arc::clone(key)), Arc::clone(said));
            *place = Place { round: self.round + 1, group: *group, number };
        }
        place.number
    }

    /// An event says what has a number.
    pub(crate) fn add(&mut self, saying: u32, second: i64, id: Uuid) {
        let at = number(self.events.len());
        self.events.push(Fact { second, id, next: NONE });
        let saying = &mut self.sayings[saying as usize];
        match self.events.get_mut(saying.last as usize) {
            Some(before) => before.next = at,
            None => saying.first = at,
        }
        saying.last = at;
    }
}

/// The shard that a group belongs to.
fn shard(group: u128) -> usize {
    usize::from((group >> 122) as u8) % SHARDS
}

/// A place among facts, which are handed on long before there are so many.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
