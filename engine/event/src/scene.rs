//! The scene of an event: what CloudTrail says of the caller and the call, whatever the
//! call asks for, answers, and when.
//!
//! A caller plays in few scenes: what was found out from these fields alone holds for every
//! event of the scene, and need not be found out again. Which fields a computation reads is
//! not declared but watched. The access key is left out, and when a session began: both are
//! new with each session of a role, and all else stays.
//!
//! # Invariants
//!
//! - Whatever reads a field of an event goes through [`Event::touch`].
//! - Two events with one scene agree in the bytes of all its fields that the layout asks for
//!   (but for a collision of 64-bit hashes).

use crate::event::Event;
use crate::layout::Slot;
use std::hash::{BuildHasher, Hasher};

/// The fields of the top level that belong to a scene.
const FIELDS: [&str; 13] = [
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "readOnly",
    "eventType",
    "eventCategory",
    "managementEvent",
    "recipientAccountId",
    "sessionCredentialFromConsole",
];

/// What in userIdentity does not belong to a scene: it is new with each session, or holds
/// what is.
const OF_SESSION: [&str; 4] = ["accessKeyId", "creationDate", "attributes", "sessionContext"];

/// Whether what lies at a path belongs to the scene.
pub(crate) fn is_of_scene(path: &[impl AsRef<str>]) -> bool {
    let key = |at: usize| path.get(at).map(AsRef::as_ref);
    match (path.len(), key(0)) {
        (1, Some(field)) => FIELDS.contains(&field),
        (2.., Some("userIdentity")) => {
            key(path.len() - 1).is_some_and(|last| !OF_SESSION.contains(&last))
        }
        _ => false,
    }
}

impl Event<'_> {
    /// A number that events of one scene share, and those of others as good as never.
    #[must_use]
    pub fn scene(&self, seed: &impl BuildHasher) -> u64 {
        let mut hasher = seed.build_hasher();
        for slot in self.scene_slots() {
            if let Some(value) = self.bytes(*slot) {
                hasher.write(value);
                hasher.write_usize(value.len() << 16 | usize::from(slot.0));
            }
        }
        hasher.finish()
    }

    /// Compute something, and say whether nothing beyond the scene was read for it.
    pub fn watch<T>(&self, compute: impl FnOnce() -> T) -> (T, bool) {
        let outer = self.beyond.replace(false);
        let value = compute();
        let beyond = self.beyond.get();
        self.beyond.set(outer || beyond);
        (value, !beyond)
    }

    /// A field is read.
    #[inline]
    pub(crate) fn touch(&self, slot: Slot) {
        if !self.is_slot_of_scene(slot) {
            self.touch_beyond();
        }
    }

    /// Something is read that is not of the scene.
    pub fn touch_beyond(&self) {
        self.beyond.set(true);
    }
}
