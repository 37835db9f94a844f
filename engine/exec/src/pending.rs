//! Facts that wait to be judged, and which of them are for whom.
//!
//! They came from several workers, one list after another. A list that lies ahead as a whole
//! waits as it is. When time has come for some of them it is noted what in which list is for the
//! same group, so that it is looked up once for all that it is told.
//!
//! # Invariants
//!
//! - Of the letters to a group one is its first, and all others hang on that.
//! - There are letters of the opened lists only.

use crate::fact::{GroupKey, Said};
use crate::facts::{Address, Extent, Facts};
use crate::id::Uuid;
use hashbrown::HashTable;
use state::AsHashed;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Facts that no group has heard yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Lists that were not opened yet.
    closed: Vec<Facts>,
    /// Lists whose letters are there.
    lists: Vec<Facts>,
    letters: Vec<Letter>,
    /// The first letter to each group.
    firsts: HashTable<u32>,
    /// How many facts there are in closed lists.
    count: usize,
    /// Lists without facts, for the room that they have.
    spare: Vec<Facts>,
}

/// An address in a list of facts.
#[derive(Clone, Copy, Debug)]
struct Letter {
    /// The hash of rule and group.
    hash: u64,
    list: u32,
    address: u32,
    /// The next to the same group.
    next: u32,
    is_first: bool,
}

/// All that is told to a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mail<'p> {
    pending: &'p Pending,
    first: &'p Letter,
}

const NONE: u32 = u32::MAX;

impl Pending {
    /// How many facts there are in lists that were not opened.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Take in facts, of which none are left.
    pub(crate) fn take_in(&mut self, facts: &mut Facts) {
        if !facts.is_empty() {
            self.count += facts.len();
            self.closed.push(facts.take(self.spare.pop().unwrap_or_default()));
        }
    }

    /// Open the lists that tell of some second up to one.
    pub(crate) fn open(&mut self, until: i64) {
        let Self { closed, lists, count, .. } = self;
        lists.extend(
            closed
                .extract_if(.., |facts| facts.earliest() <= until)
                .inspect(|facts| *count -= facts.len()),
        );
        for list in 0..self.lists.len() {
            for address in 0..self.lists[list].addresses().len() {
                self.post(number(list), number(address));
            }
        }
    }

    /// Note an address of a list.
    fn post(&mut self, list: u32, address: u32) {
        let Self { lists, letters, firsts, .. } = self;
        let at = letters.len();
        let to = |list: u32, address: u32| lists[list as usize].addresses()[address as usize].to;
        let hash = hash(to(list, address));
        let is_same = |first: &u32| {
            let first = letters[*first as usize];
            first.hash == hash && to(first.list, first.address) == to(list, address)
        };
        let first = firsts.find(hash, is_same).copied();
        let next = first.map_or(NONE, |first| letters[first as usize].next);
        letters.push(Letter { hash, list, address, next, is_first: first.is_none() });
        match first {
            Some(first) => letters[first as usize].next = number(at),
            None => {
                firsts.insert_unique(hash, number(at), |there| letters[*there as usize].hash);
            }
        }
    }

    /// Have what was opened come near, to be gone through.
    pub(crate) fn come_near(&self) {
        self.lists.iter().for_each(Facts::come_near);
    }

    /// What is told in opened lists, group by group.
    pub(crate) fn mail(&self) -> impl Iterator<Item = Mail<'_>> {
        let firsts = self.letters.iter().filter(|letter| letter.is_first);
        firsts.map(|first| Mail { pending: self, first })
    }

    /// Whether something is told to a group in an opened list.
    pub(crate) fn is_to(&self, to: (u32, u128)) -> bool {
        let is_same = |first: &u32| self.address(&self.letters[*first as usize]).to == to;
        self.firsts.find(hash(to), is_same).is_some()
    }

    /// Let the facts of opened lists go.
    pub(crate) fn clear(&mut self) {
        self.letters.clear();
        self.firsts.clear();
        for mut facts in self.lists.drain(..) {
            facts.clear();
            self.spare.push(facts);
        }
    }

    fn address(&self, letter: &Letter) -> &Address {
        &self.lists[letter.list as usize].addresses()[letter.address as usize]
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

    /// What is said, each with the last second of the events that say it, and with their seconds
    /// and ids.
    pub(crate) fn said(
        self,
    ) -> impl Iterator<Item = (&'p Arc<Said>, i64, impl Iterator<Item = (i64, Uuid)> + Clone)> {
        self.letters().flat_map(|(facts, address)| facts.to(address))
    }

    /// How many events say something, and the first and the last second of them.
    pub(crate) fn extent(self) -> Extent {
        let extents = self.letters().map(|(facts, address)| facts.extent(address));
        extents.fold(Extent::default(), Extent::and)
    }

    fn address(self) -> &'p Address {
        self.pending.address(self.first)
    }

    fn letters(self) -> impl Iterator<Item = (&'p Facts, &'p Address)> {
        let Self { pending, first } = self;
        let next = |letter: &&'p Letter| pending.letters.get(letter.next as usize);
        let letters = std::iter::successors(Some(first), next);
        letters.map(|letter| (&pending.lists[letter.list as usize], pending.address(letter)))
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
