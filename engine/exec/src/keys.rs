//! The groups of the event at hand: each key made once for all rules with the same `by`.
//!
//! A key is known by a hash of 128 bits, the same for all workers of a run. Its texts and
//! values are kept, so that an event of a known group makes nothing.

use crate::eval::Eval;
use crate::fact::{GroupKey, Owned};
use crate::phrase::{Phrase, Spoken};
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::Program;
use std::hash::BuildHasher;
use std::sync::Arc;

/// The hashes of groups: all workers of a run share them.
#[derive(Clone, Debug, Default)]
pub struct Seeds([DefaultHashBuilder; 2]);

impl Seeds {
    pub(crate) fn hash(&self, text: &str) -> u128 {
        let [high, low] = &self.0;
        u128::from(high.hash_one(text)) << 64 | u128::from(low.hash_one(text))
    }
}

/// A group: the hash of its key, and the key.
pub(crate) type Key = (u128, Arc<GroupKey>);

/// The key of a rule's events in a scene; nothing within when a part of it is missing.
pub(crate) type KeyInScene = Spoken<Option<Key>>;

/// The keys of one worker.
#[derive(Debug)]
pub(crate) struct Keys {
    seeds: Seeds,
    round: u32,
    lists: Vec<List>,
}

/// The keys of one `by` list.
#[derive(Debug)]
struct List {
    /// What tells its keys apart.
    phrase: Phrase,
    /// The event for which `at_hand` was made.
    round: u32,
    /// Nothing when a part of the key is missing.
    at_hand: Option<Key>,
    known: HashMap<u128, Arc<GroupKey>>,
}

impl Keys {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        let lists = program.groups.iter().map(|by| List {
            phrase: Phrase::open(by.iter().map(|path| path.node)),
            round: 0,
            at_hand: None,
            known: HashMap::new(),
        });
        Self { seeds: seeds.clone(), round: 0, lists: lists.collect() }
    }

    pub(crate) fn seeds(&self) -> &Seeds {
        &self.seeds
    }

    /// The next event comes.
    pub(crate) fn next(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.lists.iter_mut().for_each(|list| list.round = 0);
            self.round = 1;
        }
    }

    /// The key of the event at hand; nothing when a part of it is missing.
    pub(crate) fn key(
        &mut self,
        eval: &mut Eval<'_, '_>,
        by: usize,
        in_scene: &mut KeyInScene,
        scratch: &mut String,
    ) -> Option<Key> {
        let List { phrase, round, at_hand, known } = &mut self.lists[by];
        if *round != self.round {
            *round = self.round;
            *at_hand = in_scene.say(phrase, (eval, scratch), |eval, text| {
                make(eval, by, self.seeds.hash(text), known)
            });
        }
        at_hand.clone()
    }
}

/// The most keys of one `by` list that are kept: 65,536.
const MOST: usize = 65_536;

/// The key with a hash.
fn make(
    eval: &mut Eval<'_, '_>,
    by: usize,
    hash: u128,
    known: &mut HashMap<u128, Arc<GroupKey>>,
) -> Option<Key> {
    if let Some(known) = known.get(&hash) {
        return Some((hash, Arc::clone(known)));
    }
    let paths = &eval.program.groups[by];
    let mut texts = Vec::with_capacity(paths.len());
    let mut values = Vec::with_capacity(paths.len());
    for path in paths {
        let value = eval.value(path.node);
        if !value.exists() {
            return None;
        }
        values.push(Owned::new(value));
        let mut text = String::new();
        eval.tell(path.node, &mut text);
        texts.push(text.into());
    }
    if known.len() >= MOST {
        known.clear();
    }
    let key = Arc::new(GroupKey { texts, values });
    known.insert(hash, Arc::clone(&key));
    Some((hash, key))
}
