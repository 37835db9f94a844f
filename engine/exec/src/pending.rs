//! Facts that wait to be judged, and which of them are for whom.
//!
//! They came from several workers, one list after another, and wait as they are. When time has come
//! for some of them their lists are opened up to a second: it is noted what in which list is for
//! the same group, so that it is looked up once for all that it is told. A list that tells of
//! later seconds, too, is closed again, to be opened from there on.
//!
//! # Invariants
//!
//! - Of the letters to a group one is its first, and all others hang on that.
//! - There are letters of open lists only. Of a list each event is heard once.

use crate::fact::GroupKey;
use crate::facts::{Address, Extent, Facts, Span, Voiced};
use crate::room;
use hashbrown::HashTable;
use state::AsHashed;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Facts that no group has heard yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Lists that are closed.
    closed: Vec<List>,
    /// Lists whose letters are there.
    open: Vec<List>,
    /// Up to which second they are open.
    until: i64,
    letters: Vec<Letter>,
    /// The first letter to each group.
    firsts: HashTable<u32>,
    /// How many facts there are in closed lists.
    count: usize,
    /// Lists without facts, for the room that they have.
    spare: Vec<Facts>,
}

/// A list of facts, heard up to a second.
#[derive(Debug)]
struct List {
    facts: Facts,
    heard: i64,
}

/// An address in a list of facts, of which something is to be heard.
#[derive(Clone, Copy, Debug)]
struct Letter {
    /// The hash of rule and group.
    hash: u64,
    list: u32,
    address: u32,
    /// The next to the same group.
    next: u32,
    is_first: bool,
    extent: Extent,
}

/// All that is told to a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mail<'p> {
    pending: &'p Pending,
    first: &'p Letter,
}

const NONE: u32 = u32::MAX;

impl Pending {
    /// How many facts there are in closed lists.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Take in facts, of which none are left.
    pub(crate) fn take_in(&mut self, facts: &mut Facts) {
        if !facts.is_empty() {
            self.count += facts.len();
            let facts = facts.take(self.spare.pop().unwrap_or_default());
            self.closed.push(List { facts, heard: i64::MIN });
        }
    }

    /// Open the lists up to a second, as far as they were not open before.
    pub(crate) fn open(&mut self, until: i64) {
        self.until = until;
        self.open.extend(self.closed.extract_if(.., |list| list.facts.extent().earliest <= until));
        self.count = self.closed.iter().map(|list| list.facts.len()).sum();
        for list in 0..self.open.len() {
            let extents = self.open[list].facts.extents(self.open[list].span(until));
            for (address, extent) in extents.into_iter().enumerate() {
                if extent.count > 0 {
                    self.post((list, address), extent);
                }
            }
        }
    }

    /// Note that something is to be heard at an address of a list.
    fn post(&mut self, (list, address): (usize, usize), extent: Extent) {
        let Self { open, letters, firsts, .. } = self;
        let to = |list: usize, address: usize| open[list].facts.addresses()[address].to;
        let at = letters.len();
        let hash = hash(to(list, address));
        let is_same = |first: &u32| {
            let first = letters[*first as usize];
            first.hash == hash
                && to(first.list as usize, first.address as usize) == to(list, address)
        };
        let first = firsts.find(hash, is_same).copied();
        let next = first.map_or(NONE, |first| letters[first as usize].next);
        let (list, address) = (number(list), number(address));
        room::push(
            letters,
            Letter { hash, list, address, next, is_first: first.is_none(), extent },
        );
        match first {
            Some(first) => letters[first as usize].next = number(at),
            None => {
                firsts.insert_unique(hash, number(at), |there| letters[*there as usize].hash);
            }
        }
    }

    /// Have what is open come near, to be gone through.
    pub(crate) fn come_near(&self) {
        self.open.iter().for_each(|list| list.facts.come_near());
    }

    /// What is told in open lists, group by group.
    pub(crate) fn mail(&self) -> impl Iterator<Item = Mail<'_>> {
        let firsts = self.letters.iter().filter(|letter| letter.is_first);
        firsts.map(|first| Mail { pending: self, first })
    }

    /// Whether something is told to a group in an open list.
    pub(crate) fn is_to(&self, to: (u32, u128)) -> bool {
        let is_same = |first: &u32| self.address(&self.letters[*first as usize]).to == to;
        self.firsts.find(hash(to), is_same).is_some()
    }

    /// Let go what is open, and close what lies behind that.
    pub(crate) fn clear(&mut self) {
        self.letters.clear();
        self.firsts.clear();
        for mut list in self.open.drain(..) {
            if list.facts.extent().latest > self.until {
                list.heard = self.until;
                self.count += list.facts.len();
                self.closed.push(list);
            } else {
                list.facts.clear();
                self.spare.push(list.facts);
            }
        }
    }

    fn address(&self, letter: &Letter) -> &Address {
        &self.open[letter.list as usize].facts.addresses()[letter.address as usize]
    }
}

impl List {
    /// The seconds that are to be heard when it is open up to one.
    fn span(&self, until: i64) -> Span {
        (self.heard.saturating_add(1), until)
    }
}

impl<'p> Mail<'p> {
    /// To which group of which rule.
    pub(crate) fn to(self) -> (u32, u128) {
        self.address().to
    }

    pub(crate) fn key(self) -> &'p Arc<GroupKey> {
        &self.address().key
    }

    /// What is said, and when.
    pub(crate) fn said(self) -> impl Iterator<Item = Voiced<'p>> {
        self.letters().flat_map(move |letter| {
            let list = &self.pending.open[letter.list as usize];
            list.facts.at((self.pending.address(letter), list.span(self.pending.until)))
        })
    }

    /// How many events say something at most, and between which seconds.
    pub(crate) fn extent(self) -> Extent {
        self.letters().map(|letter| letter.extent).fold(Extent::default(), Extent::and)
    }

    fn address(self) -> &'p Address {
        self.pending.address(self.first)
    }

    fn letters(self) -> impl Iterator<Item = &'p Letter> {
        let next = move |letter: &&'p Letter| self.pending.letters.get(letter.next as usize);
        std::iter::successors(Some(self.first), next)
    }
}

/// A hash of a rule and a group.
fn hash(to: (u32, u128)) -> u64 {
    AsHashed::default().hash_one(to)
}

/// A place among facts, which are judged or put down long before there are so many.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
