//! One event: a record, where its wanted values lie, and how they are read.
//!
//! It knows how a field of a declared type reads what the record has there. What
//! the derived names mean stands in [`crate::derived`]; what rules ask stands
//! elsewhere.

use crate::derived;
use crate::field::Derived;
use crate::json::{Json, Kind};
use crate::layout::{Base, Slot};
use crate::number::Number;
use crate::seed::Seed;
use crate::simd::as_text;
use crate::slots::Slots;
use crate::text::has_broken_escape;
use crate::time::EventTime;
use crate::value::Value;
use bumpalo::Bump;
use sha2::{Digest, Sha256};
use std::cell::Cell;

/// An event, for as long as it is looked at.
#[derive(Debug)]
pub struct Event<'a> {
    record: &'a [u8],
    /// The record as text, where it is valid UTF-8.
    plain: Option<&'a str>,
    slots: &'a Slots,
    arena: &'a Bump,
    odd: Cell<bool>,
    /// Whether something beyond the scene was read.
    pub(crate) beyond: Cell<bool>,
    /// Texts of base paths that were asked for: many names read the same few.
    texts: [Cell<Option<&'a str>>; Base::COUNT],
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
        let texts = [const { Cell::new(None) }; Base::COUNT];
        let plain = as_text(record, slots.width);
        let (odd, beyond) = (Cell::new(false), Cell::new(false));
        Self { record, plain, slots, arena, odd, beyond, texts }
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

    /// The slots of the scene that the layout asks for.
    pub(crate) fn scene_slots(&self) -> &'a [Slot] {
        &self.slots.tree.scene
    }

    #[inline]
    pub(crate) fn is_slot_of_scene(&self, slot: Slot) -> bool {
        self.slots.tree.is_of_scene(slot)
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
        let known = &self.texts[base as usize];
        if known.get().is_none() {
            let text = self.plain_text(base.slot());
            known.set(text.or_else(|| self.base(base).map(|json| self.text_of(json))));
        }
        known.get()
    }

    /// The text of a slot, where it stands in the record as it is.
    #[inline]
    fn plain_text(&self, slot: Slot) -> Option<&'a str> {
        self.touch(slot);
        let place = self.slots.place(self.record, slot)?;
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
            self.odd.set(true);
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
        derived::value(self, name)
    }

    /// eventTime, or `@timestamp` where there is none.
    #[must_use]
    pub fn time(&self) -> Option<EventTime> {
        let time = match self.plain_text(Base::EventTime.slot()) {
            Some(text) => EventTime::parse(text),
            None => {
                let text = self.base(Base::EventTime).or_else(|| self.base(Base::Timestamp))?;
                text.text(self.arena).and_then(EventTime::parse)
            }
        };
        if time.is_none() {
            self.odd.set(true);
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

    /// Whether it corrects an event that was delivered before.
    #[must_use]
    pub fn is_addendum(&self) -> bool {
        self.base(Base::AddendumReason).is_some_and(|reason| reason.is_text("UPDATED_DATA"))
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
        if self.bytes(Base::EventId.slot()).is_none() {
            return seed.number(self.whole().compact(self.arena).as_bytes(), self.slots.width);
        }
        let mut chain = seed.chain();
        let is_plain = self.plain.is_some() && !self.slots.escapes.get();
        for base in KEY {
            match self.bytes(base.slot()) {
                // A text that stands there as it is.
                Some([b'"', text @ .., b'"']) if is_plain => chain.add(text),
                Some(_) => chain.add(self.text(base).unwrap_or_default().as_bytes()),
                None => chain.add(b""),
            }
        }
        // A correction is no copy of what it corrects.
        chain.add(if self.is_addendum() { b"+" } else { b"" });
        chain.number()
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

    fn text_of(&self, json: Json<'a>) -> &'a str {
        match json.text(self.arena) {
            Some(text) => text,
            None => {
                self.odd.set(true);
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
            self.odd.set(true);
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
