//! The groups of the event at hand: each key made once for all rules with the same `by`.
//!
//! A key is known by a hash of 128 bits, the same for all workers of a run. Its texts and
//! values are kept, so that an event of a known group makes nothing. Where the access key is all
//! that is beyond the scene, not even its text is put together.

use crate::canonical::Texts;
use crate::eval::{Eval, names_secret};
use crate::fact::{GroupKey, Owned};
use crate::phrase::Phrase;
use event::{Event, Reach, Seed};
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::Program;
use std::hash::{BuildHasher, Hash};
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

/// What a scene tells of the key of a rule's events.
#[derive(Debug, Default)]
pub(crate) enum KeyInScene {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// All of it: the key, nothing when a part of it is missing.
    Same(Option<Key>),
    /// All but what the access key is: the hash of that.
    OfSession(u64),
    /// What is left of its phrase.
    Open(Box<Phrase>),
}

/// The keys of one worker.
#[derive(Debug)]
pub(crate) struct Keys {
    seeds: Seeds,
    seed: Seed,
    round: u32,
    /// The number of the session at hand, where it was asked for.
    session: Option<u64>,
    lists: Vec<List>,
}

/// The keys of one `by` list.
#[derive(Debug)]
struct List {
    /// What tells its keys apart.
    phrase: Phrase,
    /// Whether alerts tell less of them.
    has_secrets: bool,
    /// The event for which `at_hand` was made.
    round: u32,
    /// It, nothing when a part of it is missing, and how far the event is read for it.
    at_hand: (Option<Key>, Reach),
    known: HashMap<u128, Arc<GroupKey>>,
    /// The same by what the scene tells of the key, and by session.
    of_session: HashMap<(u64, u64), Option<Key>>,
}

impl Keys {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        let lists = program.groups.iter().map(|by| List {
            phrase: Phrase::open(by.iter().map(|path| path.node)),
            has_secrets: by.iter().any(|path| names_secret(program, program.node(path.node))),
            round: 0,
            at_hand: (None, Reach::Event),
            known: HashMap::new(),
            of_session: HashMap::new(),
        });
        let seed = Seed::new(&DefaultHashBuilder::default());
        Self { seeds: seeds.clone(), seed, round: 0, session: None, lists: lists.collect() }
    }

    pub(crate) fn seeds(&self) -> &Seeds {
        &self.seeds
    }

    /// The next event comes.
    pub(crate) fn next(&mut self) {
        self.session = None;
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.lists.iter_mut().for_each(|list| list.round = 0);
            self.round = 1;
        }
    }

    /// The number of the session that the event at hand is of.
    pub(crate) fn session(&mut self, event: &Event<'_>) -> u64 {
        *self.session.get_or_insert_with(|| event.session(&self.seed))
    }

    /// The key of the event at hand, nothing when a part of it is missing; and how far the event
    /// is read for it.
    pub(crate) fn key(
        &mut self,
        eval: &mut Eval<'_, '_>,
        by: usize,
        in_scene: &mut KeyInScene,
        scratch: &mut String,
    ) -> (Option<&Key>, Reach) {
        if self.lists[by].round != self.round {
            let session = eval.event.map_or(0, |event| self.session(event));
            let list = &mut self.lists[by];
            list.round = self.round;
            list.at_hand = list.find(eval, (by, session), in_scene, (&self.seeds, scratch));
        }
        let (key, reach) = &self.lists[by].at_hand;
        if *reach == Reach::Scene {
            *in_scene = KeyInScene::Same(key.clone());
        }
        (key.as_ref(), *reach)
    }
}

impl List {
    /// The key of the event at hand.
    fn find(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (by, session): (usize, u64),
        in_scene: &mut KeyInScene,
        (seeds, scratch): (&Seeds, &mut String),
    ) -> (Option<Key>, Reach) {
        if matches!(in_scene, KeyInScene::Unknown) {
            let (rest, reach) = self.phrase.in_scene(eval);
            *in_scene = match reach {
                Reach::Scene | Reach::Event => KeyInScene::Open(rest.into()),
                Reach::Session => KeyInScene::OfSession(seeds.hash(rest.text()) as u64),
            };
        }
        let place = match in_scene {
            KeyInScene::OfSession(of_scene) => Some((*of_scene, session)),
            _ => None,
        };
        if let Some(key) = place.and_then(|place| self.of_session.get(&place)) {
            return (key.clone(), Reach::Session);
        }
        let phrase = match in_scene {
            KeyInScene::Open(rest) => &**rest,
            _ => &self.phrase,
        };
        scratch.clear();
        phrase.say(eval, scratch);
        let hash = seeds.hash(scratch);
        if let Some(place) = place {
            let key = self.make(eval, by, scratch).map(|key| (hash, key));
            put(&mut self.of_session, place, key.clone(), MOST_OF_SESSIONS);
            return (key, Reach::Session);
        }
        let reach = if phrase.is_whole() { Reach::Scene } else { Reach::Event };
        let key = self.known.get(&hash).map(Arc::clone).or_else(|| {
            let key = self.make(eval, by, scratch)?;
            put(&mut self.known, hash, Arc::clone(&key), MOST);
            Some(key)
        });
        (key.map(|key| (hash, key)), reach)
    }

    /// The key of the event at hand, whose phrase was put together; nothing when a part of it is
    /// missing.
    fn make(
        &self,
        eval: &mut Eval<'_, '_>,
        by: usize,
        scratch: &mut String,
    ) -> Option<Arc<GroupKey>> {
        let paths = &eval.program.groups[by];
        let mut values = Vec::with_capacity(paths.len());
        for path in paths {
            let value = eval.value(path.node);
            values.push(Owned::new(Some(value).filter(|value| value.exists())?));
        }
        if self.has_secrets {
            scratch.clear();
            Phrase::told(paths.iter().map(|path| path.node)).say(eval, scratch);
        }
        Some(Arc::new(GroupKey { texts: Texts::of(scratch).own(), values: values.into() }))
    }
}

/// The most keys of one `by` list that are kept: 65,536.
const MOST: usize = 65_536;

/// The most that are kept by session: sessions end, and what is asked of each event should stay
/// in the cache of the processor.
const MOST_OF_SESSIONS: usize = 3_584;

/// Keep something, of not too many.
fn put<K: Eq + Hash, T>(all: &mut HashMap<K, T>, key: K, thing: T, most: usize) {
    if all.len() >= most {
        all.clear();
    }
    all.insert(key, thing);
}
