//! The facts of one worker on their way to the shards.
//!
//! What all events of a scene say is told once, and so is to whom; an event that says it is a
//! second and an id in a chain, however many groups hear of it. Who owns a group looks it up
//! once for all that it is told, and hears it chain by chain.
//!
//! # Invariants
//!
//! - The events of a chain, and the voices of an address, are in the order in which they came.
//! - Each group of a rule has one address.

use crate::fact::{GroupKey, Said};
use crate::id::Uuid;
use crate::keys::Key;
use hashbrown::HashMap;
use std::sync::Arc;

/// Facts that were not handed on yet.
#[derive(Debug, Default)]
pub struct Facts {
    addresses: Vec<Address>,
    voices: Vec<Voice>,
    chains: Vec<Chain>,
    events: Vec<Fact>,
    /// The address of each rule and group.
    places: HashMap<(u32, u128), u32>,
    /// How often all were taken, and one more.
    pub(crate) round: u64,
}

/// To whom something is said: a group of a rule.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) rule: u32,
    pub(crate) group: u128,
    pub(crate) key: Arc<GroupKey>,
    voices: Chain,
}

/// What all events of a chain say to an address.
#[derive(Debug)]
struct Voice {
    said: Arc<Said>,
    chain: u32,
    /// The next of its address.
    next: u32,
}

/// The first and the last of what hangs together.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: u32,
    last: u32,
}

/// An event that says something.
#[derive(Clone, Copy, Debug)]
struct Fact {
    second: i64,
    id: Uuid,
    /// The next of its chain.
    next: u32,
}

/// Where what was said last to a group stands among the facts of a round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    round: u64,
    group: u128,
    chain: u32,
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

    /// How many there are; what an event says to several groups at once is one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Let all of them go.
    pub fn clear(&mut self) {
        self.addresses.clear();
        self.voices.clear();
        self.chains.clear();
        self.events.clear();
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
        // By chain and list: its number there.
        let mut moved = vec![NONE; all.chains.len() * count];
        for address in &all.addresses {
            let at = shard(address.group) % count;
            let list = &mut lists[at];
            for voice in all.voices(address) {
                let there = &mut moved[voice.chain as usize * count + at];
                if *there == NONE {
                    *there = list.chain();
                    all.chained(voice).for_each(|fact| list.add(*there, (fact.second, fact.id)));
                }
                let key = (address.group, Arc::clone(&address.key));
                list.voice(*there, (address.rule, &key), Arc::clone(&voice.said));
            }
        }
        lists
    }

    /// To whom something is said.
    pub(crate) fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// What is said there, each with the seconds and ids of the events that say it.
    pub(crate) fn to(
        &self,
        address: &Address,
    ) -> impl Iterator<Item = (&Arc<Said>, impl Iterator<Item = (i64, Uuid)>)> {
        let events = |voice| self.chained(voice).map(|fact| (fact.second, fact.id));
        self.voices(address).map(move |voice| (&voice.said, events(voice)))
    }

    fn voices(&self, address: &Address) -> impl Iterator<Item = &Voice> {
        let first = self.voices.get(address.voices.first as usize);
        std::iter::successors(first, |voice| self.voices.get(voice.next as usize))
    }

    fn chained(&self, voice: &Voice) -> impl Iterator<Item = &Fact> {
        let first = self.chains.get(voice.chain as usize).map_or(NONE, |chain| chain.first);
        let first = self.events.get(first as usize);
        std::iter::successors(first, |fact| self.events.get(fact.next as usize))
    }

    /// An event says something to a group, which may be what was said last at its place.
    pub(crate) fn repeat(
        &mut self,
        place: &mut Place,
        to: (u32, &Key),
        said: &Arc<Said>,
        event: (i64, Uuid),
    ) {
        let (round, group) = (self.round, to.1.0);
        if place.round != round || place.group != group {
            let chain = self.chain();
            self.voice(chain, to, Arc::clone(said));
            *place = Place { round, group, chain };
        }
        self.add(place.chain, event);
    }

    /// A new chain of events.
    pub(crate) fn chain(&mut self) -> u32 {
        self.chains.push(Chain { first: NONE, last: NONE });
        number(self.chains.len() - 1)
    }

    /// All events of a chain say something to a group.
    pub(crate) fn voice(&mut self, chain: u32, (rule, key): (u32, &Key), said: Arc<Said>) {
        let at = number(self.voices.len());
        self.voices.push(Voice { said, chain, next: NONE });
        let (group, key) = key;
        let address = *self.places.entry((rule, *group)).or_insert_with(|| {
            let voices = Chain { first: NONE, last: NONE };
            self.addresses.push(Address { rule, group: *group, key: Arc::clone(key), voices });
            number(self.addresses.len() - 1)
        });
        let Some(address) = self.addresses.get_mut(address as usize) else { return };
        if let Some(before) = address.voices.follow(at) {
            self.voices[before].next = at;
        }
    }

    /// An event says what its chain says.
    #[inline]
    pub(crate) fn add(&mut self, chain: u32, (second, id): (i64, Uuid)) {
        let at = number(self.events.len());
        self.events.push(Fact { second, id, next: NONE });
        if let Some(before) = self.chains[chain as usize].follow(at) {
            self.events[before].next = at;
        }
    }
}

impl Chain {
    /// One more is its last; returns the one before.
    #[inline]
    fn follow(&mut self, at: u32) -> Option<usize> {
        let before = std::mem::replace(&mut self.last, at);
        if before == NONE {
            self.first = at;
            return None;
        }
        Some(before as usize)
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
