//! The scene of an event: what CloudTrail says of the caller and the call, whatever the
//! call asks for, answers, and when.
//!
//! A caller plays in few scenes: what was found out from these fields alone holds for every
//! event of the scene, and need not be found out again. Which fields a computation reads is
//! not declared but watched. The access key is left out but for its first letters, which tell
//! whose kind it is, and when a session began: both are new with each session of a role, and
//! all else stays. Of what the call answers one thing belongs to it: whether a sign-in failed,
//! which `ok` asks of every event.
//!
//! # Invariants
//!
//! - Whatever reads a field of an event goes through [`Event::touch`].
//! - Events of one scene and one [`Event::session`] have the same access key.
//! - Two events with one scene agree in the bytes of all its fields that the layout asks for
//!   (but for a collision of 64-bit hashes): the bytes of a stretch tell where fields lie in it.

use crate::derived::says_failure;
use crate::event::Event;
use crate::layout::{Base, Slot};
use crate::seed::Seed;

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

/// Those of them that CloudTrail writes one after another.
const CALL: [Base; 5] =
    [Base::EventSource, Base::EventName, Base::AwsRegion, Base::SourceIpAddress, Base::UserAgent];

/// What in userIdentity does not belong to a scene: it is new with each session.
pub(crate) const OF_SESSION: [Base; 2] = [Base::IdentityAccessKeyId, Base::SessionCreation];

/// Whether what lies at a path belongs to the scene.
pub(crate) fn is_of_scene(path: &[String]) -> bool {
    match path {
        [field] => FIELDS.contains(&field.as_str()),
        [top, _, ..] => {
            let meets = |base: &Base| base.path().iter().zip(path).all(|(a, b)| a == b);
            top == "userIdentity" && !OF_SESSION.iter().any(meets)
        }
        [] => false,
    }
}

/// Whether what lies at a path of the scene lies in one of its stretches.
pub(crate) fn lies_in_stretch(path: &[String]) -> bool {
    path.len() > 1 || CALL.iter().any(|base| base.path() == path)
}

/// How far beyond its scene an event was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    #[default]
    Scene,
    /// To the access key, which stays while a session does.
    Session,
    /// To anything else.
    Event,
}

impl<'a> Event<'a> {
    /// A number that events of one scene share, and those of others as good as never.
    #[must_use]
    pub fn scene(&self, seed: &Seed) -> u64 {
        let known = self.scene.get().unwrap_or_else(|| self.find_scene(seed));
        self.scene.set(Some(known));
        known
    }

    fn find_scene(&self, seed: &Seed) -> u64 {
        let mut chain = seed.chain();
        let slots = match self.stretches() {
            Some(stretches) => {
                stretches.into_iter().for_each(|stretch| chain.add(stretch));
                &self.tree().beside
            }
            None => {
                chain.add(self.key_head());
                &self.tree().scene
            }
        };
        for slot in slots {
            chain.add(self.bytes_at_once(*slot).unwrap_or_default());
        }
        let number = chain.number();
        if says_failure(self) { !number } else { number }
    }

    /// A number that events with one access key share, and those with others as good as never.
    #[must_use]
    pub fn session(&self, seed: &Seed) -> u64 {
        let mut chain = seed.chain();
        chain.add(self.bytes_at_once(Base::IdentityAccessKeyId.slot()).unwrap_or_default());
        chain.number()
    }

    /// The stretches of the record that hold most of the scene and nothing of a session, where
    /// it is written in CloudTrail's order: who called, up to the access key, from there to the
    /// time of the session, and the rest; and what was called from where.
    fn stretches(&self) -> Option<[&'a [u8]; 4]> {
        let (mut from, end) = self.span(Base::UserIdentity)?;
        let mut key = &[][..];
        if let Some((start, behind)) = self.span(Base::IdentityAccessKeyId) {
            key = self.raw(from, behind.min(start + 1 + Self::KEY_LETTERS))?;
            from = behind;
        }
        let mut session = &[][..];
        if let Some((start, behind)) = self.span(Base::SessionCreation) {
            session = self.raw(from, start)?;
            from = behind;
        }
        let (first, mut behind) = self.span(CALL[0])?;
        for base in &CALL[1..] {
            let (start, end) = self.span(*base)?;
            behind = (behind < start).then_some(end)?;
        }
        Some([key, session, self.raw(from, end)?, self.raw(first, behind)?])
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

    /// Compute something, and say how far beyond the scene was read for it.
    pub fn watch<T>(&self, compute: impl FnOnce() -> T) -> (T, Reach) {
        let outer = self.reach.replace(Reach::Scene);
        let value = compute();
        let reach = self.reach.get();
        self.reach.set(outer.max(reach));
        (value, reach)
    }

    /// A field is read.
    #[inline]
    pub(crate) fn touch(&self, slot: Slot) {
        if !self.is_slot_of_scene(slot) {
            self.touch_slot(slot);
        }
    }

    /// Something is read that is not of the scene, nor of the session.
    pub fn touch_beyond(&self) {
        self.touch_as(Reach::Event);
    }

    /// Something is read as far from the scene as that.
    #[inline]
    pub fn touch_as(&self, reach: Reach) {
        self.reach.set(self.reach.get().max(reach));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Derived, Layout, Scan, Slots, Value, scan};
    use bumpalo::Bump;
    use std::hash::RandomState;

    #[test]
    fn of_an_access_key_its_kind_belongs_to_the_scene() {
        let seed = Seed::new(&RandomState::new());
        let mut layout = Layout::new();
        layout.want(Base::IdentityAccessKeyId);
        let scene = |key: &str, letters: Option<&str>| {
            let record =
                format!(r#"{{"eventID":"1","userIdentity":{{"type":"IAMUser"{key}}}}}"#) + "\n";
            let (arena, mut slots) = (Bump::new(), Slots::new());
            let found = scan(record.as_bytes(), 0, &layout, &mut slots);
            assert!(matches!(found, Scan::Record { .. }));
            let event = Event::new(record.trim().as_bytes(), &slots, &arena);
            let (there, reach) = event.watch(|| event.key_letters());
            assert_eq!((there, reach), (letters, Reach::Scene), "{key}");
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

    const RECORD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:s","arn":"arn:x","accountId":"1","accessKeyId":"ASIAEXAMPLE1","sessionContext":{"sessionIssuer":{"arn":"arn:y","userName":"r"},"attributes":{"creationDate":"2025-09-02T00:34:19Z","mfaAuthenticated":"false"}},"invokedBy":"z"},"eventTime":"2025-09-02T00:34:20Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"1.2.3.4","userAgent":"cli","errorCode":"no","requestParameters":{"a":1},"requestID":"2","eventID":"3","readOnly":true,"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"1","eventCategory":"Data"}"#;

    /// The scene of a record, and what of it the layout asks for.
    fn scene(record: &str, seed: &Seed) -> (u64, Vec<Option<String>>) {
        let mut layout = Layout::new();
        Base::ALL.iter().for_each(|base| layout.want(*base));
        let (arena, mut slots) = (Bump::new(), Slots::new());
        let found = scan(record.as_bytes(), 0, &layout, &mut slots);
        assert!(matches!(found, Scan::Record { .. }), "{record}");
        let event = Event::new(record.as_bytes(), &slots, &arena);
        let read =
            |slot: &Slot| Some(String::from_utf8(event.bytes_at_once(*slot)?.into()).unwrap());
        let mut fields: Vec<_> = layout.tree.scene.iter().map(read).collect();
        fields.push(Some(String::from_utf8(event.key_head().into()).unwrap()));
        (event.scene(seed), fields)
    }

    #[test]
    fn of_an_answer_whether_a_sign_in_failed_belongs_to_the_scene() {
        let seed = Seed::new(&RandomState::new());
        let mut layout = Layout::new();
        crate::derived::inputs(Derived::Ok).iter().for_each(|base| layout.want(*base));
        let scene = |answer: &str, ok: bool| {
            let record = format!(r#"{{"eventID":"1","eventName":"Login"{answer}}}"#);
            let (arena, mut slots) = (Bump::new(), Slots::new());
            let found = scan(format!("{record}\n").as_bytes(), 0, &layout, &mut slots);
            assert!(matches!(found, Scan::Record { .. }));
            let event = Event::new(record.as_bytes(), &slots, &arena);
            let (there, reach) = event.watch(|| event.derived(Derived::Ok));
            assert!(matches!(there, Value::Bool(there) if there == ok), "{answer}");
            assert_eq!(reach, Reach::Scene);
            event.scene(&seed)
        };
        let ok = scene("", true);
        for same in ["Success", "failure", "Failures"] {
            assert_eq!(scene(&format!(r#","responseElements":{{"Login":"{same}"}}"#), true), ok);
        }
        for key in ["ConsoleLogin", "Login", "\\u004cogin"] {
            for answer in ["responseElements", "serviceEventDetails"] {
                let answer = format!(r#","{answer}":{{"a":[],"{key}":"Failure"}}"#);
                assert_ne!(scene(&answer, false), ok, "{answer}");
            }
        }
    }

    #[test]
    fn a_session_is_told_by_its_access_key() {
        let seed = Seed::new(&RandomState::new());
        let mut layout = Layout::new();
        [Base::IdentityAccessKeyId, Base::SessionCreation, Base::EventName]
            .into_iter()
            .for_each(|base| layout.want(base));
        let session = |record: &str| {
            let (arena, mut slots) = (Bump::new(), Slots::new());
            let found = scan(record.as_bytes(), 0, &layout, &mut slots);
            assert!(matches!(found, Scan::Record { .. }), "{record}");
            let event = Event::new(record.as_bytes(), &slots, &arena);
            let reach = |base| event.watch(|| event.text(base)).1;
            assert_eq!(reach(Base::IdentityAccessKeyId), Reach::Session);
            assert_eq!(reach(Base::SessionCreation), Reach::Event);
            let both = || (event.text(Base::IdentityAccessKeyId), event.text(Base::EventName));
            assert_eq!(event.watch(both).1, Reach::Session);
            event.session(&seed)
        };
        let here = session(RECORD);
        assert_eq!(session(&RECORD.replace("00:34:19", "01:00:00")), here);
        assert_ne!(session(&RECORD.replace("EXAMPLE1", "EXAMPLE2")), here);
    }

    #[test]
    fn what_is_new_with_each_event_or_session_changes_no_scene() {
        let seed = Seed::new(&RandomState::new());
        for (from, to) in [
            ("ASIAEXAMPLE1", "ASIAEXAMPLE22"),
            ("00:34:19", "01:00:00"),
            ("00:34:20", "01:00:01"),
            (r#""a":1"#, r#""b":[2,3]"#),
            (r#""requestID":"2""#, r#""requestID":"22""#),
            (r#""eventID":"3""#, r#""eventID":"33""#),
            (r#""eventVersion":"1.08","#, ""),
        ] {
            assert!(RECORD.contains(from));
            let (same, fields) = scene(&RECORD.replace(from, to), &seed);
            assert_eq!((same, &fields), (scene(RECORD, &seed).0, &scene(RECORD, &seed).1), "{to}");
        }
    }

    #[test]
    fn events_of_one_scene_agree_in_its_fields() {
        let seed = Seed::new(&RandomState::new());
        let value: serde_json::Map<_, _> = serde_json::from_str(RECORD).unwrap();
        let mut texts = vec![RECORD.to_owned()];
        // Any letter another one, any key gone, at the end or there twice.
        for (at, letter) in RECORD.char_indices().filter(|(_, letter)| letter.is_alphanumeric()) {
            let mut text = RECORD.to_owned();
            text.replace_range(at..=at, if letter == '1' { "2" } else { "1" });
            texts.extend(serde_json::from_str::<serde_json::Value>(&text).is_ok().then_some(text));
        }
        let without = |value: &serde_json::Map<String, serde_json::Value>, key: &str| {
            let pairs = value.iter().filter(|(there, _)| *there != key);
            let pairs: Vec<_> = pairs.map(|(key, value)| format!("{key:?}:{value}")).collect();
            pairs.join(",")
        };
        for (key, there) in &value {
            let rest = without(&value, key);
            texts.push(format!("{{{rest}}}"));
            texts.push(format!("{{{rest},{key:?}:{there}}}"));
            texts.push(format!("{{{key:?}:{there},{rest}}}"));
            texts.push(format!("{{{key:?}:\"other\",{key:?}:{there},{rest}}}"));
            texts.push(RECORD.replacen('{', &format!("{{{key:?}:\"other\","), 1));
        }
        let identity = value["userIdentity"].as_object().unwrap();
        for (key, there) in identity {
            let (all, rest) = (without(identity, ""), without(identity, key));
            for inner in [
                rest.clone(),
                format!("{rest},{key:?}:{there}"),
                format!("{key:?}:{there},{rest}"),
                format!("{all},{key:?}:\"other\""),
                format!("{key:?}:\"other\",{all}"),
            ] {
                let outer = without(&value, "userIdentity");
                texts.push(format!("{{\"userIdentity\":{{{inner}}},{outer}}}"));
            }
        }
        let mut met = std::collections::HashMap::new();
        for text in &texts {
            let (number, fields) = scene(text, &seed);
            let known = met.entry(number).or_insert_with(|| fields.clone());
            assert_eq!(*known, fields, "{text}");
        }
        assert!(met.len() > 200 && met.len() < texts.len(), "{} {}", met.len(), texts.len());
    }
}
