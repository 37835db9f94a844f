//! What was found out of a scene, so that the next event of it need not be asked again.
//!
//! Most of what rules ask of an event, and most of what they make of it, reads nothing but
//! who called what from where: the event's scene. The first event of a scene is watched: a
//! rule that a part of its condition rules out by the scene alone is struck from the list, a
//! part that holds by the scene alone is not asked again, and a fact that follows from the
//! scene alone is kept. Later events of the scene ask only what is left, once for all rules
//! that ask the same, and tell in one what follows from that.
//!
//! # Invariants
//!
//! - What is kept was computed without reading anything beyond the scene.
//! - An event with something odd in it makes no scene, so that it is counted as odd.

use crate::note::Kept;
use event::{Event, Seed};
use hashbrown::{DefaultHashBuilder, HashTable};
use plan::NodeId;

/// The scenes of one worker.
#[derive(Debug)]
pub(crate) struct Scenes {
    seed: Seed,
    /// By number, which is a hash.
    known: HashTable<(u64, Scene)>,
}

/// What is left to ask of an event: the rules that may match it.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pub(crate) choruses: Vec<Chorus>,
}

/// Rules of which the same is left to ask.
#[derive(Debug)]
pub(crate) struct Chorus {
    /// What of their conditions.
    pub(crate) parts: Box<[NodeId]>,
    /// Rules to which events of the scene say different things, as far as is known.
    pub(crate) casts: Vec<Cast>,
    /// What all events of the scene that match say to the others.
    pub(crate) refrain: Refrain,
}

/// A rule that may match the events of a scene.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) rule: u32,
    /// What is known of its facts, once there was one.
    pub(crate) kept: Option<Box<Kept>>,
}

/// What events say that follows from their scene.
#[derive(Debug)]
pub(crate) struct Refrain {
    /// To whom.
    pub(crate) casts: Vec<Cast>,
    /// In which seconds.
    pub(crate) stands: Stands,
    /// The round of facts for which `chain` was made.
    pub(crate) round: u64,
    pub(crate) chain: u32,
}

/// The seconds from one to another, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stands {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Stands {
    pub(crate) const EVER: Self = Self { from: i64::MIN, until: i64::MAX };

    pub(crate) fn at(self, second: i64) -> bool {
        self.from <= second && second <= self.until
    }
}

impl Default for Refrain {
    fn default() -> Self {
        Self { casts: Vec::new(), stands: Stands::EVER, round: 0, chain: 0 }
    }
}

impl Refrain {
    /// One more is told what follows from the scene, in some seconds.
    pub(crate) fn join(&mut self, cast: Cast, stands: Stands) {
        self.casts.push(cast);
        self.stands.from = self.stands.from.max(stands.from);
        self.stands.until = self.stands.until.min(stands.until);
        self.round = 0;
    }

    /// It stands no more: all that joined.
    pub(crate) fn part(&mut self) -> Vec<Cast> {
        std::mem::take(self).casts
    }
}

impl Scene {
    /// The rules of which these parts are left to ask.
    pub(crate) fn chorus(&mut self, parts: Vec<NodeId>) -> &mut Chorus {
        let at = self.choruses.iter().position(|chorus| *chorus.parts == *parts);
        let at = at.unwrap_or_else(|| {
            let (casts, refrain) = (Vec::new(), Refrain::default());
            self.choruses.push(Chorus { parts: parts.into(), casts, refrain });
            self.choruses.len() - 1
        });
        &mut self.choruses[at]
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

    /// A scene, where it is known.
    pub(crate) fn get(&mut self, number: u64) -> Option<&mut Scene> {
        self.known.find_mut(number, |(known, _)| *known == number).map(|(_, scene)| scene)
    }

    /// Keep what was found out of a scene.
    pub(crate) fn keep(&mut self, number: u64, scene: Scene) {
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        self.known.insert_unique(number, (number, scene), |(number, _)| *number);
    }
}
