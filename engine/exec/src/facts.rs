//! The facts of one worker on their way to the shards.
//!
//! What events of one scene say is told once, and so is to whom; a fact beyond it is a second
//! and an id. Who owns a group looks it up once for all facts that it is told, and hears them
//! in the order in which they came.
//!
//! # Invariants
//!
//! - The facts of an address are a chain through `events`, in the order in which they came.
//! - Each group of a rule has one address.

use crate::fact::{GroupKey, Said};
use crate::id::Uuid;
use crate::keys::Key;
use crate::sequence::Moment;
use crate::steps::Seen;
use hashbrown::HashMap;
use std::sync::Arc;

/// Facts that were not handed on yet.
#[derive(Debug, Default)]
pub struct Facts {
    addresses: Vec<Address>,
    said: Vec<Arc<Said>>,
    events: Vec<Fact>,
    pub(crate) steps: Vec<Step>,
    /// The address of each rule and group.
    places: HashMap<(u32, u128), u32>,
    /// How often all were taken, and one more.
    round: u64,
}

/// To whom something is said: a group of a rule.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) key: Arc<GroupKey>,
    /// Its first fact, and its last.
    first: u32,
    last: u32,
}

/// What an event says to an address.
#[derive(Clone, Copy, Debug)]
struct Fact {
    second: i64,
    id: Uuid,
    said: u32,
    /// The next of its address.
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

/// Where a rule and its scene stand among the facts of a round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    round: u64,
    group: u128,
    address: u32,
    /// What was said there last.
    pub(crate) said: Option<u32>,
}

/// How many shards facts are spread over, whatever the number of threads.
pub const SHARDS: usize = 64;

const NONE: u32 = u32::MAX;

impl Facts {
    /// None yet.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { round: 1, ..Self::default() }
    }

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
        self.addresses.clear();
        self.said.clear();
        self.events.clear();
        self.steps.clear();
        self.places.clear();
        self.round += 1;
    }

    /// Take all of them, divided by the shard that they go to: as many lists as asked for,
    /// some of them empty.
    pub fn divide(&mut self, count: usize) -> Vec<Self> {
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        let fresh = Self { round: self.round + 1, places, ..Self::default() };
        let all = std::mem::replace(self, fresh);
        if count <= 1 {
            return vec![all];
        }
        let mut lists: Vec<Self> = (0..count).map(|_| Self::default()).collect();
        let mut moved = vec![(count, NONE); all.said.len()];
        for address in &all.addresses {
            let at = shard(address.group) % count;
            let list = &mut lists[at];
            let to = list.address(address.rule, &(address.group, Arc::clone(&address.key)));
            for fact in all.chain(address) {
                let (there, said) = &mut moved[fact.said as usize];
                if *there != at {
                    (*there, *said) = (at, list.say(Arc::clone(&all.said[fact.said as usize])));
                }
                list.add(to, *said, (fact.second, fact.id));
            }
        }
        for step in all.steps {
            lists[shard(step.group) % count].steps.push(step);
        }
        lists
    }

    /// To whom something is said.
    pub(crate) fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// What is said there, with its second and id, in the order in which it came.
    pub(crate) fn to(&self, address: &Address) -> impl Iterator<Item = (i64, &Arc<Said>, Uuid)> {
        let said = |fact: &Fact| self.said.get(fact.said as usize);
        self.chain(address).filter_map(move |fact| Some((fact.second, said(fact)?, fact.id)))
    }

    fn chain(&self, address: &Address) -> impl Iterator<Item = &Fact> {
        let first = self.events.get(address.first as usize);
        std::iter::successors(first, |fact| self.events.get(fact.next as usize))
    }

    /// An event says to a group what others of its scene say; `place` is of both.
    pub(crate) fn repeat(
        &mut self,
        place: &mut Place,
        (rule, key): (u32, &Key),
        said: &Arc<Said>,
        event: (i64, Uuid),
    ) {
        self.find(place, (rule, key));
        let said = *place.said.get_or_insert_with(|| self.say(Arc::clone(said)));
        self.add(place.address, said, event);
    }

    /// An event says what no other does.
    pub(crate) fn tell(&mut self, place: &mut Place, to: (u32, &Key), said: Said, second: i64) {
        self.find(place, to);
        let said = self.say(Arc::new(said));
        self.add(place.address, said, (second, Uuid::default()));
    }

    fn find(&mut self, place: &mut Place, (rule, key): (u32, &Key)) {
        if place.round != self.round || place.group != key.0 {
            let address = self.address(rule, key);
            *place = Place { round: self.round, group: key.0, address, said: None };
        }
    }

    fn address(&mut self, rule: u32, (group, key): &Key) -> u32 {
        *self.places.entry((rule, *group)).or_insert_with(|| {
            let (group, key) = (*group, Arc::clone(key));
            self.addresses.push(Address { rule, group, key, first: NONE, last: NONE });
            number(self.addresses.len() - 1)
        })
    }

    fn say(&mut self, said: Arc<Said>) -> u32 {
        self.said.push(said);
        number(self.said.len() - 1)
    }

    fn add(&mut self, address: u32, said: u32, (second, id): (i64, Uuid)) {
        let at = number(self.events.len());
        self.events.push(Fact { second, id, said, next: NONE });
        let Some(address) = self.addresses.get_mut(address as usize) else { return };
        match self.events.get_mut(address.last as usize) {
            Some(before) => before.next = at,
            None => address.first = at,
        }
        address.last = at;
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
