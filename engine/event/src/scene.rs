//! The scene of an event: what CloudTrail says of the caller and the call, whatever the
//! call asks for, answers, and when.
//!
//! A caller plays in few scenes: what was found out from these fields alone holds for every
//! event of the scene, and need not be found out again. Which fields a computation reads is
//! not declared but watched. The access key is left out but for its first letters, which tell
//! whose kind it is, and when a session began: both are new with each session of a role, and
//! all else stays.
//!
//! # Invariants
//!
//! - Whatever reads a field of an event goes through [`Event::touch`].
//! - Two events with one scene agree in the bytes of all its fields that the layout asks for
//!   (but for a collision of 64-bit hashes).

use crate::event::Event;
use crate::layout::{Base, Slot};
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

impl<'a> Event<'a> {
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
        hasher.write(self.key_head());
        hasher.finish()
    }

    /// The first bytes of the access key as the record has it, with the quote before them.
    fn key_head(&self) -> &'a [u8] {
        let raw = self.bytes(Base::IdentityAccessKeyId.slot()).unwrap_or_default();
        raw.get(..=Self::KEY_LETTERS).unwrap_or(raw)
    }

    /// The first four letters of the access key, as they belong to the scene; none where there
    /// is no key. Nothing where they cannot be told as they stand.
    #[must_use]
    pub fn key_letters(&self) -> Option<&'a str> {
        let letters = match self.key_head() {
            [] => &[],
            [b'"', letters @ ..] if letters.len() == Self::KEY_LETTERS => letters,
            _ => return None,
        };
        let plain = letters.iter().all(u8::is_ascii_alphanumeric);
        plain.then(|| std::str::from_utf8(letters).ok()).flatten()
    }

    /// How many letters of an access key belong to the scene: `AKIA` is a user's, `ASIA` a
    /// session's.
    pub const KEY_LETTERS: usize = 4;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Scan, Slots, scan};
    use bumpalo::Bump;
    use std::hash::RandomState;

    #[test]
    fn of_an_access_key_its_kind_belongs_to_the_scene() {
        let seed = RandomState::new();
        let mut layout = Layout::new();
        layout.want(Base::IdentityAccessKeyId);
        let scene = |key: &str, letters: Option<&str>| {
            let record =
                format!(r#"{{"eventID":"1","userIdentity":{{"type":"IAMUser"{key}}}}}"#) + "\n";
            let (arena, mut slots) = (Bump::new(), Slots::new());
            let found = scan(record.as_bytes(), 0, &layout, &mut slots);
            assert!(matches!(found, Scan::Record { .. }));
            let event = Event::new(record.trim().as_bytes(), &slots, &arena);
            let (there, of_scene) = event.watch(|| event.key_letters());
            assert_eq!((there, of_scene), (letters, true), "{key}");
            event.scene(&seed)
        };
        let user = scene(r#","accessKeyId":"AKIAEXAMPLE1""#, Some("AKIA"));
        let session = scene(r#","accessKeyId":"ASIAEXAMPLE1""#, Some("ASIA"));
        let none = scene("", Some(""));
        assert_eq!(session, scene(r#","accessKeyId":"ASIAEXAMPLE2""#, Some("ASIA")));
        assert!(user != session && session != none && user != none);
        for odd in [r#""AK""#, r#""AKI""#, r#""\u0041KIA""#, r#""AK\/A""#, "7", "[]", "12345678"] {
            scene(&format!(r#","accessKeyId":{odd}"#), None);
        }
    }
}
