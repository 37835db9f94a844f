//! The facts of one worker on their way to the shards.
//!
//! What all events of a scene say is told once, and so is to whom; an event that says it is a
//! second and an id in a chain, however many groups hear of it. Who owns a group looks it up
//! once for all that it is told, and goes through that chain by chain.
//!
//! # Invariants
//!
//! - The events of a chain, and the voices of an address, are in the order in which they came.
//! - Each group of a rule has one address.

use crate::fact::{GroupKey, Said};
use crate::id::Uuid;
use crate::keys::Key;
use crate::room;
use hashbrown::HashMap;
use state::AsHashed;
use std::sync::Arc;

/// Facts that were not handed on yet.
#[derive(Debug, Default)]
pub struct Facts {
    addresses: Vec<Address>,
    voices: Vec<Voice>,
    chains: Vec<Chain>,
    events: Vec<Fact>,
    /// Their ids, which are read when something comes of them.
    ids: Vec<Uuid>,
    /// The address of each rule and group.
    places: HashMap<(u32, u128), u32, AsHashed>,
    /// How often all were taken, and one more.
    pub(crate) round: u64,
}

/// To whom something is said: a group of a rule.
#[derive(Debug)]
pub(crate) struct Address {
    /// The rule, and the hash of the group.
    pub(crate) to: (u32, u128),
    pub(crate) key: Arc<GroupKey>,
    voices: Ends,
}

/// What all events of a chain say to an address.
#[derive(Debug)]
struct Voice {
    said: Arc<Said>,
    chain: u32,
    address: u32,
    /// The next of its address.
    next: u32,
}

/// Events that say the same.
#[derive(Clone, Copy, Debug)]
struct Chain {
    events: Ends,
    extent: Extent,
}

/// How many events there are, and the least and the greatest second of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) count: u32,
    pub(crate) earliest: i64,
    pub(crate) latest: i64,
}

/// The first and the last of some seconds.
pub(crate) type Span = (i64, i64);

/// What events of a chain say to an address in some seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voiced<'f> {
    pub(crate) said: &'f Arc<Said>,
    chain: &'f Chain,
    facts: &'f Facts,
    span: Span,
}

/// The first and the last of what hangs together.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u32,
    last: u32,
}

/// An event that says something.
#[derive(Clone, Copy, Debug)]
struct Fact {
    second: i64,
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
        self.ids.clear();
        self.places.clear();
        self.round += 1;
    }

    /// Take all of them, divided by the shard that they go to: a list in each of the rooms,
    /// which hold no facts; some of them stay empty.
    pub fn divide(&mut self, rooms: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut lists: Vec<_> = rooms.collect();
        let count = lists.len();
        if let [list] = &mut *lists {
            let room = std::mem::take(list);
            *list = self.take(room);
            return lists;
        }
        let all = &*self;
        // By chain and list: its number there.
        let mut moved = vec![NONE; all.chains.len() * count];
        for address in &all.addresses {
            let at = shard(address.to.1) % count;
            let list = &mut lists[at];
            for voice in all.voices(address) {
                let there = &mut moved[voice.chain as usize * count + at];
                if *there == NONE {
                    *there = list.chain();
                    let chain = &all.chains[voice.chain as usize];
                    all.chained(chain).for_each(|(second, id)| list.add(*there, (second, *id)));
                }
                let key = (address.to.1, Arc::clone(&address.key));
                list.voice(*there, (address.to.0, &key), Arc::clone(&voice.said));
            }
        }
        self.clear();
        lists
    }

    /// Take all of them; what is said next goes to the room of others.
    pub(crate) fn take(&mut self, room: Self) -> Self {
        let round = self.round + 1;
        std::mem::replace(self, Self { round, ..room })
    }

    /// Read all events in the order in which they stand.
    ///
    /// They were written a while ago. Read like this they come near many at a time; who follows
    /// chains waits for each by itself.
    pub(crate) fn come_near(&self) {
        let events = self.events.iter().map(|fact| fact.second.unsigned_abs());
        std::hint::black_box(events.fold(0, u64::wrapping_add));
    }

    /// How many events say something, and between which seconds.
    pub(crate) fn extent(&self) -> Extent {
        self.chains.iter().map(|chain| chain.extent).fold(Extent::default(), Extent::and)
    }

    /// By address, how many events say something there in some seconds at most, and between which
    /// of them; what is said is brought.
    pub(crate) fn extents(&self, span: Span) -> Vec<Extent> {
        let mut extents = vec![Extent::default(); self.addresses.len()];
        for voice in &self.voices {
            let extent = self.chains[voice.chain as usize].extent.within(span);
            if extent.count > 0 {
                event::bring(&*voice.said);
                let there = &mut extents[voice.address as usize];
                *there = there.and(extent);
            }
        }
        extents
    }

    /// To whom something is said.
    pub(crate) fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// What is said to an address in some seconds.
    pub(crate) fn at(&self, (address, span): (&Address, Span)) -> impl Iterator<Item = Voiced<'_>> {
        self.voices(address).map(move |voice| {
            let chain = &self.chains[voice.chain as usize];
            Voiced { said: &voice.said, chain, facts: self, span }
        })
    }

    fn voices(&self, address: &Address) -> impl Iterator<Item = &Voice> {
        let first = self.voices.get(address.voices.first as usize);
        std::iter::successors(first, |voice| self.voices.get(voice.next as usize))
    }

    /// The seconds and ids of the events of a chain.
    fn chained(&self, chain: &Chain) -> impl Iterator<Item = (i64, &Uuid)> {
        let fact = |at: u32| Some((self.events.get(at as usize)?, self.ids.get(at as usize)?));
        let facts = std::iter::successors(fact(chain.events.first), move |(at, _)| fact(at.next));
        facts.map(|(fact, id)| (fact.second, id))
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
        self.chains.push(Chain { events: Ends::NONE, extent: Extent::default() });
        number(self.chains.len() - 1)
    }

    /// All events of a chain say something to a group.
    pub(crate) fn voice(&mut self, chain: u32, (rule, key): (u32, &Key), said: Arc<Said>) {
        let at = number(self.voices.len());
        let address = self.address((rule, key.0), &key.1);
        if let Some(before) = self.addresses[address as usize].voices.follow(at) {
            self.voices[before].next = at;
        }
        room::push(&mut self.voices, Voice { said, chain, address, next: NONE });
    }

    /// The place of the address of a group, made if there is none.
    fn address(&mut self, to: (u32, u128), key: &Arc<GroupKey>) -> u32 {
        let addresses = &mut self.addresses;
        *self.places.entry(to).or_insert_with(|| {
            addresses.push(Address { to, key: Arc::clone(key), voices: Ends::NONE });
            number(addresses.len() - 1)
        })
    }

    /// An event says what its chain says.
    #[inline]
    pub(crate) fn add(&mut self, chain: u32, (second, id): (i64, Uuid)) {
        let at = number(self.events.len());
        room::push(&mut self.events, Fact { second, next: NONE });
        room::push(&mut self.ids, id);
        let chain = &mut self.chains[chain as usize];
        let Extent { count, earliest, latest } = chain.extent;
        let (earliest, latest) = (earliest.min(second), latest.max(second));
        chain.extent = Extent { count: count.wrapping_add(1), earliest, latest };
        if let Some(before) = chain.events.follow(at) {
            self.events[before].next = at;
        }
    }
}

impl Default for Extent {
    fn default() -> Self {
        Self { count: 0, earliest: i64::MAX, latest: i64::MIN }
    }
}

impl Extent {
    /// How many events there are.
    pub(crate) fn events(self) -> usize {
        self.count as usize
    }

    /// That of those of the events that are in some seconds; there may be fewer.
    fn within(self, (from, to): Span) -> Self {
        let Self { count, earliest, latest } = self;
        if latest < from || earliest > to {
            return Self::default();
        }
        Self { count, earliest: earliest.max(from), latest: latest.min(to) }
    }

    /// That of these events and of others.
    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            earliest: self.earliest.min(other.earliest),
            latest: self.latest.max(other.latest),
        }
    }
}

impl<'f> Voiced<'f> {
    /// How many events say it at most, and between which seconds.
    pub(crate) fn extent(self) -> Extent {
        self.chain.extent.within(self.span)
    }

    /// The seconds and ids of the events, from a second on.
    pub(crate) fn events(self, from: i64) -> impl Iterator<Item = (i64, &'f Uuid)> {
        let span = self.span.0.max(from)..=self.span.1;
        self.facts.chained(self.chain).filter(move |(second, _)| span.contains(second))
    }

    /// The last second in which it is said up to one.
    pub(crate) fn latest(self, until: i64) -> Option<i64> {
        let Extent { earliest, latest, .. } = self.extent();
        if earliest > until {
            return None;
        }
        if latest <= until && latest == self.chain.extent.latest {
            return Some(latest);
        }
        self.events(i64::MIN).map(|(second, _)| second).filter(|second| *second <= until).max()
    }
}

impl Ends {
    const NONE: Self = Self { first: NONE, last: NONE };

    /// One more is the last; returns the one before.
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

/// A place among facts, which are judged or put down long before there are so many.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
