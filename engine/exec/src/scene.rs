//! What was found out of a scene, so that the next event of it need not be asked again.
//!
//! Most of what rules ask of an event, and most of what they make of it, reads nothing but
//! who called what from where: the event's scene. The second event of a scene is watched: a
//! rule that a part of its condition rules out by the scene alone is struck from the list, a
//! part that holds by the scene alone is not asked again, and a fact that follows from the
//! scene alone is kept. Later events of the scene ask only what is left.
//!
//! # Invariants
//!
//! - What is kept was computed without reading anything beyond the scene.
//! - An event with something odd in it makes no scene, so that it is counted as odd.

use crate::note::Kept;
use event::Event;
use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, HashMap};
use plan::NodeId;

/// The scenes of one worker.
#[derive(Debug, Default)]
pub(crate) struct Scenes {
    hasher: DefaultHashBuilder,
    /// By number; nothing for a scene that was met once.
    met: HashMap<u64, Option<Scene>>,
}

/// What is left to ask of an event: the rules that may match it.
pub(crate) type Scene = Vec<Cast>;

/// A rule that may match the events of a scene.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) rule: u32,
    /// What of its condition is to be asked.
    pub(crate) parts: Box<[NodeId]>,
    /// What is known of its facts, once there was one.
    pub(crate) said: Option<Box<Kept>>,
}

/// Whether a scene is known.
#[derive(Debug)]
pub(crate) enum Meeting<'s> {
    /// It is.
    Known(&'s mut Scene),
    /// It was met before, and is worth getting to know.
    Again(u64),
    /// It was not.
    First,
}

impl Scenes {
    /// The most scenes that are remembered, about a kilobyte each; then all are forgotten.
    const MOST: usize = 16_384;

    /// Meet an event.
    pub(crate) fn meet(&mut self, event: &Event<'_>) -> Meeting<'_> {
        if self.met.len() >= Self::MOST {
            self.met.clear();
        }
        let number = event.scene(&self.hasher);
        match self.met.entry(number) {
            Entry::Occupied(met) => match met.into_mut() {
                Some(scene) => Meeting::Known(scene),
                None => Meeting::Again(number),
            },
            Entry::Vacant(place) => {
                place.insert(None);
                Meeting::First
            }
        }
    }

    /// Keep what was found out of a scene.
    pub(crate) fn keep(&mut self, number: u64, scene: Scene) {
        self.met.insert(number, Some(scene));
    }
}
