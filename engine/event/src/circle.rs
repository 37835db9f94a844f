//! What events of a scene are read for beyond it, and circles within a scene.
//!
//! Who reads a bucket or a parameter mostly reads it again. A [`Circle`] is a scene and some
//! fields beside it: for events that agree in these, too, what follows from them is the same.
//! While an event is asked within a circle, to read its fields is no step beyond. Which fields
//! are worth a circle is decided by who asks; here stands what was read, and what a circle holds.
//!
//! # Invariants
//!
//! - A circle holds nothing that the number of an event within it does not tell.

use crate::derived;
use crate::event::Event;
use crate::field::Derived;
use crate::layout::{Base, Slot};
use crate::scene::Reach;
use crate::seed::{Chain, Seed};
use crate::value::Value;
use bumpalo::collections::Vec as ArenaVec;
use std::cell::{Cell, RefCell};

/// Something that is read of an event beyond its scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A value of the record.
    Slot(Slot),
    /// What is made of several of them.
    Name(Derived),
}

/// The names that are fields: texts that stand for much of the request.
pub(crate) const NAMES: [Derived; 3] = [Derived::Target, Derived::Targets, Derived::SharedWith];

/// A field that was read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The field.
    pub field: Field,
    /// Whether it was read for one of the names that are fields, and for nothing else.
    pub for_name: bool,
    /// Whether it is looked for inside another field.
    pub inside: bool,
}

/// The fields that were read of an event.
#[derive(Debug)]
pub(crate) struct Readings<'a> {
    all: RefCell<ArenaVec<'a, Reading>>,
    for_name: Cell<bool>,
}

/// Fields that tell events of a scene apart.
#[derive(Clone, Debug, Default)]
pub struct Circle {
    fields: Box<[Field]>,
    /// A bit for each of them, and for each slot that lies inside one.
    held: Box<[u64]>,
}

impl Circle {
    /// The circle of some fields, for events with the layout of this one.
    #[must_use]
    pub fn new(fields: &[Field], event: &Event<'_>) -> Self {
        let mut held = Vec::new();
        let mut hold = |field: Field| {
            let (word, bit) = place(field);
            held.resize(held.len().max(word + 1), 0);
            held[word] |= bit;
        };
        for field in fields {
            hold(*field);
            if let Field::Slot(object) = field {
                event.tree().slots_inside(*object).for_each(|slot| hold(Field::Slot(slot)));
            }
        }
        Self { fields: fields.into(), held: held.into() }
    }

    /// Whether it is all of the scene.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether it holds a field.
    #[must_use]
    pub fn holds(&self, field: Field) -> bool {
        holds(&self.held, field)
    }
}

impl<'a> Event<'a> {
    /// Ask it within a circle from now on; returns its number there, of the scene with a number.
    ///
    /// Nothing where its fields show something odd: then it is asked as it was before, and who
    /// asks finds that out, or does not.
    pub fn enter(&self, circle: &Circle, scene: u64, seed: &Seed) -> Option<u64> {
        let (was_odd, escapes) = (self.is_odd(), self.slots().escapes.get());
        let number = self.number_with(&circle.fields, scene, seed);
        if self.is_odd() && !was_odd {
            self.slots().forget_walks(escapes);
            self.forget_readings();
            return None;
        }
        self.circle.set(self.arena().alloc_slice_copy(&circle.held));
        Some(number)
    }

    /// A number that events share which agree in some fields and in the number of their scene,
    /// and others as good as never.
    #[must_use]
    pub fn number_with(&self, fields: &[Field], scene: u64, seed: &Seed) -> u64 {
        let mut chain = seed.chain();
        chain.add(&scene.to_le_bytes());
        for field in fields {
            match field {
                Field::Slot(slot) => chain.add(self.bytes(*slot).unwrap_or_default()),
                Field::Name(name) => add(&mut chain, derived::value(self, *name)),
            }
        }
        chain.number()
    }

    /// Put down from now on what is read of it beyond its scene.
    pub fn put_down_readings(&self) {
        let all = RefCell::new(ArenaVec::new_in(self.arena()));
        self.readings.set(Some(self.arena().alloc(Readings { all, for_name: Cell::new(false) })));
    }

    /// Whether that is done.
    #[must_use]
    pub fn puts_down_readings(&self) -> bool {
        self.readings.get().is_some()
    }

    /// What was put down, each field once; and no more is.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        self.readings.take().map(|readings| readings.all.borrow().to_vec()).unwrap_or_default()
    }

    /// A slot is read that does not belong to the scene.
    pub(crate) fn touch_slot(&self, slot: Slot) {
        if slot == Base::IdentityAccessKeyId.slot() {
            return self.touch_as(Reach::Session);
        }
        if holds(self.circle.get(), Field::Slot(slot)) {
            return;
        }
        self.touch_as(Reach::Event);
        if let Some(readings) = self.readings.get() {
            let object = self.tree().inside(slot).map(|inside| inside.object);
            readings.note(Field::Slot(slot), object.is_some());
            object.into_iter().for_each(|object| readings.note(Field::Slot(object), false));
        }
    }

    /// The value of a name that is a field.
    pub(crate) fn name(&self, name: Derived) -> Value<'a> {
        let field = Field::Name(name);
        if holds(self.circle.get(), field) {
            let reach = self.reach.get();
            let value = derived::value(self, name);
            self.reach.set(reach);
            return value;
        }
        let Some(readings) = self.readings.get() else { return derived::value(self, name) };
        readings.note(field, false);
        let outer = readings.for_name.replace(true);
        let value = derived::value(self, name);
        readings.for_name.set(outer);
        value
    }
}

impl Readings<'_> {
    fn note(&self, field: Field, inside: bool) {
        let for_name = self.for_name.get();
        let mut all = self.all.borrow_mut();
        match all.iter_mut().find(|known| known.field == field) {
            Some(known) => known.for_name &= for_name,
            None => all.push(Reading { field, for_name, inside }),
        }
    }
}

fn holds(held: &[u64], field: Field) -> bool {
    let (word, bit) = place(field);
    held.get(word).is_some_and(|word| word & bit != 0)
}

/// The word and the bit of a field; one that is no name of [`NAMES`] shares none.
fn place(field: Field) -> (usize, u64) {
    let number = match field {
        Field::Name(name) => NAMES.iter().position(|known| *known == name),
        Field::Slot(slot) => Some(NAMES.len() + usize::from(slot.0)),
    };
    number.map_or((0, 0), |number| (number / 64, 1 << (number % 64)))
}

/// Add the value of a name: nothing, a text, or a list of texts.
fn add(chain: &mut Chain, value: Value<'_>) {
    match value {
        Value::Text(text) => chain.add(text.as_bytes()),
        Value::List(list) => {
            chain.add(&list.len().to_le_bytes());
            list.iter().for_each(|value| add(chain, *value));
        }
        // No text has this byte.
        _ => chain.add(&[0xFF]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Scan, Slots, scan};
    use bumpalo::Bump;
    use std::hash::RandomState;

    /// Ask something of the event of a request.
    fn ask<T>(request: &str, ask: impl FnOnce(&Event<'_>, Slot) -> T) -> T {
        let mut layout = Layout::new();
        crate::derived::inputs(Derived::Target).iter().for_each(|base| layout.want(*base));
        let mode = layout.slot(&["requestParameters", "mode"]).unwrap();
        let record = format!(
            r#"{{"eventID":"1","eventSource":"s3.amazonaws.com","requestParameters":{request}}}"#
        );
        let (arena, mut slots) = (Bump::new(), Slots::new());
        let found = scan(format!("{record}\n").as_bytes(), 0, &layout, &mut slots);
        assert!(matches!(found, Scan::Record { .. }), "{record}");
        ask(&Event::new(record.as_bytes(), &slots, &arena), mode)
    }

    const REQUEST: &str = r#"{"bucketName":"b","mode":"m","key":"k"}"#;

    #[test]
    fn what_is_read_beyond_the_scene_is_put_down_once() {
        ask(REQUEST, |event, mode| {
            let _ = event.json(mode);
            event.put_down_readings();
            let _ = (event.derived(Derived::Target), event.derived(Derived::Target));
            let _ = (event.json(mode), event.text(Base::EventSource), event.json(mode));
            let readings = event.readings();
            let find = |field| readings.iter().find(|reading| reading.field == field).unwrap();
            let object = find(Field::Slot(Base::RequestParameters.slot()));
            let (name, mode) = (find(Field::Name(Derived::Target)), find(Field::Slot(mode)));
            assert_eq!((object.for_name, object.inside), (false, false));
            assert_eq!((name.for_name, name.inside), (false, false));
            assert_eq!((mode.for_name, mode.inside), (false, true));
            assert_eq!(readings.len(), 3);
            assert!(!event.puts_down_readings());
        });
    }

    #[test]
    fn within_a_circle_its_fields_are_no_step_beyond() {
        let seed = Seed::new(&RandomState::new());
        let (target, object) =
            (Field::Name(Derived::Target), Field::Slot(Base::RequestParameters.slot()));
        let reach = |fields: fn(Field, Field, Field) -> Vec<Field>| {
            ask(REQUEST, |event, mode| {
                let circle = Circle::new(&fields(target, object, Field::Slot(mode)), event);
                event.enter(&circle, 7, &seed).unwrap();
                let name = event.watch(|| event.derived(Derived::Target)).1;
                [name, event.watch(|| event.json(mode)).1]
            })
        };
        let (scene, beyond) = (Reach::Scene, Reach::Event);
        assert_eq!(reach(|_, _, _| vec![]), [beyond, beyond]);
        assert_eq!(reach(|target, _, _| vec![target]), [scene, beyond]);
        assert_eq!(reach(|_, _, mode| vec![mode]), [beyond, scene]);
        assert_eq!(reach(|_, object, mode| vec![mode, object])[1], scene);
    }

    #[test]
    fn what_is_odd_in_a_circle_is_left_to_who_reads_it() {
        let seed = Seed::new(&RandomState::new());
        for odd in [r#""mode":"l""#, r#""other":"\ud800""#] {
            ask(&REQUEST.replace(r#""key""#, &format!(r#"{odd},"key""#)), |event, mode| {
                let fields = [Field::Name(Derived::Target), Field::Slot(mode)];
                assert_eq!(event.enter(&Circle::new(&fields, event), 7, &seed), None, "{odd}");
                assert!(!event.is_odd(), "{odd}");
                let (_, reach) = event.watch(|| event.json(mode).is_some());
                assert_eq!((reach, event.is_odd()), (Reach::Event, true), "{odd}");
                // What was odd before stays so, and is asked in circles as all else.
                assert!(event.enter(&Circle::new(&fields, event), 7, &seed).is_some(), "{odd}");
            });
        }
    }

    #[test]
    fn the_number_of_a_circle_tells_its_fields_and_nothing_else() {
        let seed = Seed::new(&RandomState::new());
        let number = |request: &str, scene: u64| {
            ask(request, |event, mode| {
                let fields = [Field::Name(Derived::Target), Field::Slot(mode)];
                event.enter(&Circle::new(&fields, event), scene, &seed).unwrap()
            })
        };
        let there = number(REQUEST, 7);
        assert_eq!(number(&REQUEST.replace(r#""k"}"#, r#""l","n":1}"#), 7), there);
        for (from, to) in [(r#""b""#, r#""c""#), (r#""m""#, r#""n""#), (r#""m""#, "null")] {
            assert_ne!(number(&REQUEST.replace(from, to), 7), there, "{to}");
        }
        assert_ne!(number(REQUEST, 8), there);
    }
}
