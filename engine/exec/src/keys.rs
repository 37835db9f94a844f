//! The groups of the event at hand: each key made once for all rules with the same `by`.
//!
//! A key is known by a hash of 128 bits, the same for all workers of a run. Its texts and
//! values are kept, so that an event of a known group makes nothing.

use crate::canonical::{join, write};
use crate::eval::Eval;
use crate::fact::{GroupKey, Owned};
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

/// The keys of one worker.
#[derive(Debug)]
pub(crate) struct Keys {
    seeds: Seeds,
    round: u32,
    lists: Vec<List>,
}

/// The keys of one `by` list.
#[derive(Debug, Default)]
struct List {
    /// The event for which `at_hand` was made.
    round: u32,
    /// Nothing when a part of the key is missing.
    at_hand: Option<Key>,
    /// Whether nothing beyond the event's scene was read for it.
    of_scene: bool,
    known: HashMap<u128, Arc<GroupKey>>,
}

impl Keys {
    /// The most keys of one `by` list that are kept: 65,536.
    const MOST: usize = 65_536;

    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        let lists = program.groups.iter().map(|_| List::default()).collect();
        Self { seeds: seeds.clone(), round: 0, lists }
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
        scratch: &mut String,
    ) -> Option<&Key> {
        let (list, event) = (&mut self.lists[by], eval.event?);
        if list.round != self.round {
            list.round = self.round;
            (list.at_hand, list.of_scene) =
                event.watch(|| list.make(eval, by, &self.seeds, scratch));
        } else if !list.of_scene {
            event.touch_beyond();
        }
        list.at_hand.as_ref()
    }
}

impl List {
    fn make(
        &mut self,
        eval: &mut Eval<'_, '_>,
        by: usize,
        seeds: &Seeds,
        scratch: &mut String,
    ) -> Option<Key> {
        let paths = &eval.program.groups[by];
        let mut complete = true;
        scratch.clear();
        join(paths.iter(), scratch, |path, out| {
            let value = eval.value(path.node);
            complete &= value.exists();
            write(value, out);
        });
        if !complete {
            return None;
        }
        let hash = seeds.hash(scratch);
        if let Some(known) = self.known.get(&hash) {
            return Some((hash, Arc::clone(known)));
        }
        let mut texts = Vec::with_capacity(paths.len());
        let mut values = Vec::with_capacity(paths.len());
        for path in paths {
            scratch.clear();
            eval.tell(path.node, scratch);
            texts.push(scratch.as_str().into());
            values.push(Owned::new(eval.value(path.node)));
        }
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        let key = Arc::new(GroupKey { texts, values });
        self.known.insert(hash, Arc::clone(&key));
        Some((hash, key))
    }

    const MOST: usize = Keys::MOST;
}
