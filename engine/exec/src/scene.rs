//! What was found out of a scene, so that the next event of it need not be asked again.
//!
//! Most of what rules ask of an event, and most of what they make of it, reads nothing but
//! who called what from where: the event's scene. The first event of a scene is watched: a
//! rule that a part of its condition rules out by the scene alone is struck from the list, a
//! part that holds by the scene alone is not asked again, and a fact that follows from the
//! scene alone is kept. Later events of the scene ask only what is left, once for all rules
//! that ask the same, and tell in one what follows from that. Where what they read beyond the
//! scene repeats, too, it is divided ([`crate::beyond`]).
//!
//! # Invariants
//!
//! - What is kept was computed without reading anything beyond the scene.
//! - An event with something odd in it makes no scene, so that it is counted as odd.

use crate::beyond::Beyond;
use crate::fact::Said;
use crate::keys::KeyInScene;
use crate::note::Kept;
use event::{Event, Seed};
use hashbrown::{DefaultHashBuilder, HashTable};
use plan::NodeId;
use std::sync::Arc;

/// The scenes of one worker.
#[derive(Debug)]
pub(crate) struct Scenes {
    seed: Seed,
    /// By number, which is a hash; nothing where no rule may match.
    known: HashTable<(u64, Option<Box<Scene>>)>,
}

/// What is left to ask of an event: the rules that may match it.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Rules of which nothing is left to ask.
    pub(crate) plain: Chorus,
    pub(crate) others: Vec<Chorus>,
    pub(crate) beyond: Beyond,
}

/// Rules of which the same is left to ask.
#[derive(Debug, Default)]
pub(crate) struct Chorus {
    /// What all events of the scene that match say, and what those of one session do.
    pub(crate) refrains: [Refrain; 2],
    /// Rules to which such events say different things, as far as is known.
    pub(crate) casts: Vec<Cast>,
    /// What is left to ask of their conditions.
    pub(crate) parts: Box<[NodeId]>,
}

/// A rule that may match the events of a scene.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) rule: u32,
    /// What is known of its facts, once there was one.
    pub(crate) kept: Option<Box<Kept>>,
}

/// What events say that follows from their scene, or from that and their session.
#[derive(Debug)]
pub(crate) struct Refrain {
    /// In which seconds.
    pub(crate) stands: Stands,
    /// In which session; nothing where that does not matter.
    pub(crate) session: Option<u64>,
    /// The round of facts for which `chain` was made.
    pub(crate) round: u64,
    pub(crate) chain: u32,
    /// To whom.
    pub(crate) singers: Vec<Singer>,
}

/// A rule, and what it is told.
#[derive(Debug)]
pub(crate) struct Singer {
    pub(crate) said: Arc<Said>,
    /// Which group.
    pub(crate) key: KeyInScene,
    pub(crate) cast: Cast,
    /// Whether events of another session say the same to another group.
    tunes: bool,
}

/// What follows from a scene or a session.
#[derive(Debug)]
pub(crate) struct Lasting {
    pub(crate) said: Arc<Said>,
    pub(crate) key: KeyInScene,
    /// In which seconds.
    pub(crate) stands: Stands,
    /// In which session; nothing where that does not matter.
    pub(crate) session: Option<u64>,
    /// Whether nothing but the group changes with the session.
    pub(crate) tunes: bool,
}

/// The seconds from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stands {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Stands {
    pub(crate) const EVER: Self = Self { from: i64::MIN, until: i64::MAX };
    pub(crate) const NEVER: Self = Self { from: i64::MAX, until: i64::MIN };

    pub(crate) fn at(self, second: i64) -> bool {
        self.from <= second && second <= self.until
    }
}

impl Default for Refrain {
    fn default() -> Self {
        Self { stands: Stands::EVER, session: None, round: 0, chain: 0, singers: Vec::new() }
    }
}

impl Cast {
    /// Whether what is said to it follows neither from the scene nor from the session.
    pub(crate) fn reads_beyond(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.reads_beyond())
    }
}

impl Chorus {
    /// Whether nobody sings.
    pub(crate) fn is_silent(&self) -> bool {
        self.refrains.iter().all(|refrain| refrain.singers.is_empty())
    }

    /// Whether all that is sung stands in a second and a session.
    pub(crate) fn stands(&self, second: i64, session: Option<u64>) -> bool {
        let [of_scene, of_session] = &self.refrains;
        of_scene.stands.at(second) && of_session.stands.at(second) && of_session.session == session
    }

    /// One more rule is told what lasts.
    pub(crate) fn join(&mut self, cast: Cast, lasting: Lasting) {
        let Lasting { said, key, stands, session, tunes } = lasting;
        let refrain = &mut self.refrains[usize::from(session.is_some())];
        refrain.singers.push(Singer { said, key, cast, tunes });
        refrain.stands.from = refrain.stands.from.max(stands.from);
        refrain.stands.until = refrain.stands.until.min(stands.until);
        (refrain.session, refrain.round) = (session, 0);
    }

    /// What does not stand in a second and a session is asked anew; without them, everything.
    pub(crate) fn part(&mut self, now: Option<(i64, Option<u64>)>) {
        for refrain in &mut self.refrains {
            let session = refrain.session.and(now).and_then(|(_, session)| session);
            if now.is_some_and(|(second, _)| refrain.stands.at(second))
                && refrain.session == session
            {
                continue;
            }
            let mut at = 0;
            while let Some(singer) = refrain.singers.get(at) {
                if singer.tunes && now.is_some() {
                    at += 1;
                    continue;
                }
                let Singer { mut cast, key, .. } = refrain.singers.swap_remove(at);
                cast.kept.get_or_insert_default().key = key;
                self.casts.push(cast);
            }
            (refrain.stands, refrain.session, refrain.round) = (Stands::EVER, session, 0);
        }
    }
}

impl Scene {
    /// Whether no rule may match an event of it.
    fn is_silent(&self) -> bool {
        !self.asks_more() && self.plain.is_silent()
    }

    /// Whether something is left to ask of its events.
    pub(crate) fn asks_more(&self) -> bool {
        !(self.others.is_empty() && self.plain.casts.is_empty())
    }

    /// The rules of which these parts are left to ask.
    pub(crate) fn chorus(&mut self, parts: Vec<NodeId>) -> &mut Chorus {
        if parts.is_empty() {
            return &mut self.plain;
        }
        let at = self.others.iter().position(|chorus| *chorus.parts == *parts);
        let at = at.unwrap_or_else(|| {
            self.others.push(Chorus { parts: parts.into(), ..Chorus::default() });
            self.others.len() - 1
        });
        &mut self.others[at]
    }
}

impl Default for Scenes {
    fn default() -> Self {
        Self { seed: Seed::new(&DefaultHashBuilder::default()), known: HashTable::new() }
    }
}

impl Scenes {
    /// The most scenes that are remembered, about a kilobyte each; then all are forgotten.
    const MOST: usize = 16_384;

    /// The number of an event's scene.
    pub(crate) fn number(&self, event: &Event<'_>) -> u64 {
        event.scene(&self.seed)
    }

    /// Have memory bring what is asked first of an event's scene, where that is known.
    pub(crate) fn expect(&self, event: &Event<'_>) {
        let number = self.number(event);
        if let Some((_, Some(scene))) = self.known.find(number, |(known, _)| *known == number) {
            scene.plain.refrains.iter().for_each(event::bring);
            event::bring(&scene.others);
            event::bring(&scene.beyond);
        }
    }

    /// A scene, where it is known; within, where a rule may match.
    #[inline]
    pub(crate) fn get(&mut self, number: u64) -> Option<Option<&mut Scene>> {
        let known = self.known.find_mut(number, |(known, _)| *known == number);
        known.map(|(_, scene)| scene.as_deref_mut())
    }

    /// Keep what was found out of a scene.
    pub(crate) fn keep(&mut self, number: u64, scene: Box<Scene>) {
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        let scene = Some(scene).filter(|scene| !scene.is_silent());
        self.known.insert_unique(number, (number, scene), |(number, _)| *number);
    }
}
