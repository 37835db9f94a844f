//! The groups of the event at hand: each key made once for all rules with the same `by`.
//!
//! A key is known by a hash of 128 bits, the same for all workers of a run. Its texts and
//! values are kept, so that an event of a known group makes nothing. Where the access key is all
//! that is beyond the scene, not even its text is put together.

use crate::canonical::Texts;
use crate::eval::{Eval, names_secret};
use crate::fact::GroupKey;
use crate::phrase::Phrase;
use bumpalo::collections::Vec as ArenaVec;
use event::{Event, Reach, Seed};
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::Program;
use state::AsHashed;
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

/// What a scene tells of the key of a rule's events.
#[derive(Debug, Default)]
pub(crate) enum KeyInScene {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// All of it: the key, nothing when a part of it is missing.
    Same(Option<Key>),
    /// All but what the access key is: the hash of that, and what is left of its phrase.
    OfSession(Box<(u64, Phrase)>),
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
    /// The event for which `at_hand` was found.
    round: u32,
    at_hand: Found,
    known: HashMap<u128, Arc<GroupKey>>,
    /// The same by what the scene tells of the key, and by session.
    of_session: HashMap<u128, Option<Key>, AsHashed>,
}

/// Where the key of an event is.
#[derive(Debug)]
enum Found {
    /// It, nothing when a part of it is missing, and how far the event is read for it.
    Key(Option<Key>, Reach),
    /// Its place among those of sessions.
    OfSession(u128),
}

impl Keys {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        let lists = program.groups.iter().map(|by| List {
            phrase: Phrase::open(by.iter().map(|path| path.node)),
            has_secrets: by.iter().any(|path| names_secret(program, program.node(path.node))),
            round: 0,
            at_hand: Found::Key(None, Reach::Event),
            known: HashMap::new(),
            of_session: HashMap::default(),
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
        let list = &self.lists[by];
        match &list.at_hand {
            Found::OfSession(place) => {
                (list.of_session.get(place).and_then(Option::as_ref), Reach::Session)
            }
            Found::Key(key, reach) => {
                if *reach == Reach::Scene {
                    *in_scene = KeyInScene::Same(key.clone());
                }
                (key.as_ref(), *reach)
            }
        }
    }
}

impl List {
    /// Find the key of the event at hand, made where it is not known.
    fn find(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (by, session): (usize, u64),
        in_scene: &mut KeyInScene,
        (seeds, scratch): (&Seeds, &mut String),
    ) -> Found {
        if matches!(in_scene, KeyInScene::Unknown) {
            let (rest, reach) = self.phrase.in_scene(eval);
            *in_scene = match reach {
                Reach::Scene | Reach::Event => KeyInScene::Open(rest.into()),
                Reach::Session => {
                    KeyInScene::OfSession(Box::new((seeds.hash(rest.text()) as u64, rest)))
                }
            };
        }
        let (phrase, place) = match in_scene {
            KeyInScene::OfSession(known) => {
                let (of_scene, rest) = &**known;
                (rest, Some(u128::from(*of_scene) << 64 | u128::from(*of_scene ^ session)))
            }
            KeyInScene::Open(rest) => (&**rest, None),
            _ => (&self.phrase, None),
        };
        if let Some(place) = place
            && self.of_session.contains_key(&place)
        {
            return Found::OfSession(place);
        }
        scratch.clear();
        phrase.say(eval, scratch);
        let hash = seeds.hash(scratch);
        let reach = if phrase.is_whole() { Reach::Scene } else { Reach::Event };
        if let Some(place) = place {
            let key = self.make(eval, by, scratch).map(|key| (hash, key));
            put(&mut self.of_session, place, key, MOST_OF_SESSIONS);
            return Found::OfSession(place);
        }
        let key = self.known.get(&hash).map(Arc::clone).or_else(|| {
            let key = self.make(eval, by, scratch)?;
            put(&mut self.known, hash, Arc::clone(&key), MOST);
            Some(key)
        });
        Found::Key(key.map(|key| (hash, key)), reach)
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
        let mut values = ArenaVec::with_capacity_in(paths.len(), eval.arena);
        for path in paths {
            values.push(Some(eval.value(path.node)).filter(|value| value.exists())?);
        }
        if self.has_secrets {
            scratch.clear();
            Phrase::told(paths.iter().map(|path| path.node)).say(eval, scratch);
        }
        Some(Arc::new(GroupKey::new(Texts::of(scratch), &values)))
    }
}

/// The most keys of one `by` list that are kept: 65,536.
const MOST: usize = 65_536;

/// The most that are kept by session: sessions end, and what is asked of each event should stay
/// in the cache of the processor.
const MOST_OF_SESSIONS: usize = 3_584;

/// Keep something, of not too many.
fn put<T, S: BuildHasher>(all: &mut HashMap<u128, T, S>, key: u128, thing: T, most: usize) {
    if all.len() >= most {
        all.clear();
    }
    all.insert(key, thing);
}
