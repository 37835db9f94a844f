//! One event: a record, where its wanted values lie, and how they are read.
//!
//! It knows how a field of a declared type reads what the record has there. What
//! the derived names mean stands in [`crate::derived`]; what rules ask stands
//! elsewhere.

use crate::circle::{NAMES, Readings};
use crate::derived;
use crate::field::Derived;
use crate::json::{Json, Kind};
use crate::layout::{Base, Slot, Tree};
use crate::number::Number;
use crate::pairs::Pair;
use crate::scene::Reach;
use crate::seed::{Chain, Seed};
use crate::simd::as_text;
use crate::slots::Slots;
use crate::text::has_broken_escape;
use crate::time::{EventTime, LastDay};
use crate::value::Value;
use bumpalo::Bump;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::ops::Range;

/// An event, for as long as it is looked at.
#[derive(Debug)]
pub struct Event<'a> {
    record: &'a [u8],
    /// The record as text, where it is valid UTF-8.
    plain: Option<&'a str>,
    slots: &'a Slots,
    arena: &'a Bump,
    odd: Cell<bool>,
    /// Whether it corrects another event, once that was asked.
    addendum: Cell<Option<bool>>,
    /// The number of its scene, once it was asked for.
    pub(crate) scene: Cell<Option<u64>>,
    /// How far beyond its scene it was read.
    pub(crate) reach: Cell<Reach>,
    /// What the circle holds in which it is asked, as [`crate::Circle`] has it.
    pub(crate) circle: Cell<&'a [u64]>,
    /// What was read of it beyond its scene, where that is put down.
    pub(crate) readings: Cell<Option<&'a Readings<'a>>>,
    /// Texts of base paths that were asked for, once one was: many names read the same few.
    texts: Cell<Option<&'a [Cell<Option<&'a str>>; Base::COUNT]>>,
    /// The resources of the call, once they were asked for.
    pub(crate) targets: Cell<Option<&'a [Value<'a>]>>,
}

/// The type a raw path is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadAs {
    /// Any text type; another JSON type is its compact text.
    Text,
    /// A Bool; also `"true"` and `"false"` in any case.
    Bool,
    /// An Int; also `2.0` and `"2"`.
    Int,
    /// A Float; also `"2.5"`.
    Float,
    /// A Time.
    Time,
    /// Open JSON.
    Json,
}

impl<'a> Event<'a> {
    /// The event of a scanned record.
    ///
    /// `slots` are those that [`crate::scan`] filled for `record`; decoded text goes
    /// to `arena`, which the caller empties after the event.
    #[must_use]
    pub fn new(record: &'a [u8], slots: &'a Slots, arena: &'a Bump) -> Self {
        let plain = as_text(record, slots.width);
        let (odd, scene, reach) = (Cell::new(false), Cell::new(None), Cell::default());
        let (addendum, texts, targets) = (Cell::new(None), Cell::new(None), Cell::new(None));
        let (circle, readings) = (Cell::default(), Cell::new(None));
        Self {
            record,
            plain,
            slots,
            arena,
            odd,
            addendum,
            scene,
            reach,
            circle,
            readings,
            texts,
            targets,
        }
    }

    /// Where decoded text goes.
    #[must_use]
    pub fn arena(&self) -> &'a Bump {
        self.arena
    }

    /// The record's bytes.
    #[must_use]
    pub fn record(&self) -> &'a [u8] {
        self.touch_beyond();
        self.record
    }

    pub(crate) fn slots(&self) -> &'a Slots {
        self.slots
    }

    /// Read it anew, as if nothing odd had been seen in it.
    pub(crate) fn forget_readings(&self) {
        self.odd.set(false);
        self.texts.set(None);
        self.targets.set(None);
    }

    /// Whether something in it could not be read as it should be (I4).
    #[must_use]
    pub fn is_odd(&self) -> bool {
        let half = || self.slots.escapes.get() && has_broken_escape(self.record);
        self.odd.get() || self.slots.odd() || self.plain.is_none() || half()
    }

    /// The JSON value of a slot.
    #[must_use]
    pub fn json(&self, slot: Slot) -> Option<Json<'a>> {
        self.touch(slot);
        self.bytes(slot).map(Json::new)
    }

    /// The bytes of a slot's value.
    pub(crate) fn bytes(&self, slot: Slot) -> Option<&'a [u8]> {
        self.slots.get(self.record, slot)
    }

    /// The same for a slot that the scan of the record fills.
    pub(crate) fn bytes_at_once(&self, slot: Slot) -> Option<&'a [u8]> {
        self.record.get(self.slots.span(slot)?)
    }

    /// Where a value lies that the scan of the record finds, and the bytes between two places.
    pub(crate) fn span(&self, base: Base) -> Option<(usize, usize)> {
        let span = self.slots.span(base.slot())?;
        Some((span.start, span.end))
    }

    pub(crate) fn raw(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        self.record.get(start..end)
    }

    /// The tree of the keys that were looked for.
    pub(crate) fn tree(&self) -> &'a Tree {
        &self.slots.tree
    }

    #[inline]
    pub(crate) fn is_slot_of_scene(&self, slot: Slot) -> bool {
        self.slots.tree.is_of_scene(slot)
    }

    /// Where the request begins, whose keys are then given by [`Event::each_pair`].
    pub(crate) fn request(&self) -> Option<usize> {
        self.touch(Base::RequestParameters.slot());
        Some(self.slots.span(Base::RequestParameters.slot())?.start)
    }

    /// Give the pairs of the object that begins at a place of the record, with the record; of
    /// anything else none.
    #[inline]
    pub(crate) fn each_pair(&self, start: usize, mut give: impl FnMut(&'a [u8], &Pair)) {
        let record = self.record;
        self.slots.each_pair(record, start, |pair| give(record, pair));
    }

    /// The value that lies at a place of the record.
    pub(crate) fn value_at(&self, place: Range<usize>) -> Json<'a> {
        Json::new(&self.record[place])
    }

    /// The JSON value of a base path, where the layout asks for it.
    #[must_use]
    pub fn base(&self, base: Base) -> Option<Json<'a>> {
        self.json(base.slot())
    }

    /// The text of a base path; another JSON type is its compact text.
    #[must_use]
    pub fn text(&self, base: Base) -> Option<&'a str> {
        self.touch(base.slot());
        let texts = self.texts.get().unwrap_or_else(|| {
            let texts = self.arena.alloc([const { Cell::new(None) }; Base::COUNT]);
            self.texts.set(Some(texts));
            texts
        });
        let known = &texts[base as usize];
        if known.get().is_none()
            && let Some(place) = self.slots.place(self.record, base.slot())
        {
            let text = self.plain_at(place.clone());
            known.set(text.or_else(|| Some(self.text_of(Json::new(self.record.get(place)?)))));
        }
        known.get()
    }

    /// The text of a slot, where it stands in the record as it is.
    #[inline]
    fn plain_text(&self, slot: Slot) -> Option<&'a str> {
        self.touch(slot);
        self.plain_at(self.slots.place(self.record, slot)?)
    }

    #[inline]
    fn plain_at(&self, place: Range<usize>) -> Option<&'a str> {
        if self.slots.escapes.get() {
            return None;
        }
        self.plain?.get(place)?.strip_prefix('"')?.strip_suffix('"')
    }

    /// The Bool of a base path; also `"true"` and `"false"` in any case.
    #[must_use]
    pub fn flag(&self, base: Base) -> Option<bool> {
        let flag = self.bool_of(self.base(base)?);
        if flag.is_none() {
            self.find_odd();
        }
        flag
    }

    /// The value of a slot, read as a type.
    #[must_use]
    pub fn read(&self, slot: Slot, kind: ReadAs) -> Value<'a> {
        if kind == ReadAs::Text
            && let Some(base) = Base::ALL.get(usize::from(slot.0))
        {
            return self.text(*base).into();
        }
        self.json(slot).map_or(Value::Missing, |json| self.read_json(json, kind))
    }

    /// The whole record, read as JSON.
    #[must_use]
    pub fn whole(&self) -> Json<'a> {
        self.touch_beyond();
        Json::new(self.record)
    }

    /// The value of a derived name, where the layout asks for its inputs.
    #[must_use]
    pub fn derived(&self, name: Derived) -> Value<'a> {
        if NAMES.contains(&name) { self.name(name) } else { derived::value(self, name) }
    }

    /// eventTime, or `@timestamp` where there is none.
    #[must_use]
    pub fn time(&self) -> Option<EventTime> {
        self.time_after(&mut LastDay::default())
    }

    /// The same, where the day of the event before it is known.
    #[must_use]
    pub fn time_after(&self, last: &mut LastDay) -> Option<EventTime> {
        self.touch_beyond();
        if let Some(raw) = self.bytes_at_once(Base::EventTime.slot())
            && let Ok([b'"', text @ .., b'"']) = <&[u8; 22]>::try_from(raw)
            && let Some(time) = last.read(text)
        {
            return Some(time);
        }
        self.odd_time()
    }

    /// A time that is not written as CloudTrail writes it.
    #[cold]
    fn odd_time(&self) -> Option<EventTime> {
        let json = self.base(Base::EventTime).or_else(|| self.base(Base::Timestamp));
        let time = json?.text(self.arena).and_then(EventTime::parse);
        if time.is_none() {
            self.find_odd();
        }
        time
    }

    /// The eventID, or what stands for it where there is none: the first 32 hexadecimal
    /// digits of the SHA-256 of the record's compact text.
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.text(Base::EventId).unwrap_or_else(|| {
            let digest = Sha256::digest(self.whole().compact(self.arena));
            self.arena
                .alloc_str(&digest[..16].iter().map(|b| format!("{b:02x}")).collect::<String>())
        })
    }

    /// The eventID as the record has it, a text between quotes or whatever else.
    #[inline]
    #[must_use]
    pub fn id_as_written(&self) -> Option<&'a [u8]> {
        self.touch_beyond();
        self.bytes_at_once(Base::EventId.slot())
    }

    /// Whether it corrects an event that was delivered before.
    #[must_use]
    pub fn is_addendum(&self) -> bool {
        self.touch_beyond();
        let known = self.addendum.get().unwrap_or_else(|| {
            let reason = self.bytes(Base::AddendumReason.slot());
            reason.is_some_and(|reason| Json::new(reason).is_text("UPDATED_DATA"))
        });
        self.addendum.set(Some(known));
        known
    }

    /// A number that copies of one event share, and different events as good as never.
    ///
    /// Source: language reference, "Duplicates".
    #[must_use]
    pub fn identity(&self, seed: &Seed) -> u64 {
        const KEY: [Base; 8] = [
            Base::EventId,
            Base::RequestId,
            Base::EventTime,
            Base::EventSource,
            Base::EventName,
            Base::AwsRegion,
            Base::RecipientAccountId,
            Base::ErrorCode,
        ];
        self.touch_beyond();
        if self.bytes_at_once(Base::EventId.slot()).is_none() {
            return seed.number(self.whole().compact(self.arena).as_bytes(), self.slots.width);
        }
        let mut chain = seed.chain();
        if self.plain_key(&KEY, &mut chain).is_none() {
            chain = seed.chain();
            for base in KEY {
                let text = self.text(base).unwrap_or_default();
                chain.add(format!("\"{text}\"").as_bytes());
            }
        }
        // A correction is no copy of what it corrects.
        chain.add(if self.is_addendum() { b"+" } else { b"" });
        chain.number()
    }

    /// Add texts with their quotes, where all of them stand in the record as they are. None is an
    /// empty one.
    fn plain_key(&self, key: &[Base], chain: &mut Chain) -> Option<()> {
        self.plain.filter(|_| !self.slots.escapes.get())?;
        for base in key {
            match self.bytes_at_once(base.slot()) {
                Some(text @ [b'"', ..]) => chain.add(text),
                Some(_) => return None,
                None => chain.add(b"\"\""),
            }
        }
        Some(())
    }

    /// A number that tells copies that differ anywhere from copies that do not.
    #[must_use]
    pub fn content(&self, seed: &Seed) -> u64 {
        let record = match self.slots.spaced() {
            true => self.whole().compact(self.arena).as_bytes(),
            false => self.record,
        };
        seed.number(record, self.slots.width)
    }

    /// Whether a base path has the text `plain`.
    pub(crate) fn says(&self, base: Base, plain: &str) -> bool {
        if let Some(text) = self.plain_text(base.slot()) {
            return text == plain;
        }
        self.base(base).is_some_and(|json| json.is_text(plain))
    }

    /// Something could not be read as it should be: in each event of the scene it is read again,
    /// and counted.
    fn find_odd(&self) {
        self.odd.set(true);
        self.touch_beyond();
    }

    fn text_of(&self, json: Json<'a>) -> &'a str {
        match json.text(self.arena) {
            Some(text) => text,
            None => {
                self.find_odd();
                json.compact(self.arena)
            }
        }
    }

    fn read_json(&self, json: Json<'a>, kind: ReadAs) -> Value<'a> {
        let read = match kind {
            ReadAs::Json => return Value::Json(json),
            ReadAs::Text => return Value::Text(self.text_of(json)),
            ReadAs::Bool => self.bool_of(json).map(Value::Bool),
            ReadAs::Int => self
                .number_of(json)
                .and_then(Number::whole)
                .map(|whole| Value::Number(Number::Int(whole))),
            ReadAs::Float => self.number_of(json).map(Value::Number),
            ReadAs::Time => json.text(self.arena).and_then(EventTime::parse).map(Value::Time),
        };
        read.unwrap_or_else(|| {
            self.find_odd();
            Value::Missing
        })
    }

    fn bool_of(&self, json: Json<'a>) -> Option<bool> {
        match json.kind() {
            Kind::Bool(value) => Some(value),
            Kind::Text => {
                let text = json.text(self.arena)?;
                if text.eq_ignore_ascii_case("true") {
                    Some(true)
                } else {
                    text.eq_ignore_ascii_case("false").then_some(false)
                }
            }
            _ => None,
        }
    }

    fn number_of(&self, json: Json<'a>) -> Option<Number> {
        match json.text(self.arena) {
            Some(text) => Number::parse(text.as_bytes()),
            None => json.number(),
        }
    }
}
