//! What is asked of the events of a scene beyond it, where the answers repeat.
//!
//! Who reads a bucket, a secret or a parameter mostly reads it again. The first events of a
//! scene of which something is left to ask are watched: which fields are read of each of them,
//! and whether these take few values. Such fields divide the scene into circles, and each of
//! them is a scene of its own, of the rules that read beyond the outer one.
//!
//! # Invariants
//!
//! - A rule is with the scene or with its circles, never with both.

use crate::scene::{Cast, Scene};
use event::{Circle, Event, Field, Reading, Seed};
use plan::NodeId;

/// What is known of that in a scene.
#[derive(Debug)]
pub(crate) enum Beyond {
    /// What some events were read for.
    Watched(Vec<Met>, usize),
    /// It has circles.
    Circles(Box<Circles>),
    /// It has none.
    Nothing,
}

/// A field that was read.
#[derive(Debug)]
pub(crate) struct Met {
    reading: Reading,
    /// Of how many events.
    events: usize,
    /// The numbers of its values, each once.
    values: Vec<u64>,
}

/// The circles of a scene.
#[derive(Debug)]
pub(crate) struct Circles {
    circle: Circle,
    /// The rules that are left to them, and what must hold for each.
    rules: Vec<(u32, Box<[NodeId]>)>,
    /// How many events there were since, and how many circles.
    events: u32,
    circles: u32,
}

/// Where an event is asked what is asked beyond its scene.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// With its scene.
    Scene,
    /// In a circle, by its number.
    Circle(u64),
    /// By itself: something in it is odd, and is to be found by who reads it.
    Apart,
}

impl Default for Beyond {
    fn default() -> Self {
        Self::Watched(Vec::new(), 0)
    }
}

impl Met {
    /// How many events are watched at least, and at most.
    const EVENTS: [usize; 2] = [8, 16];

    /// Put down what was read of an event.
    fn add(all: &mut Vec<Self>, event: &Event<'_>, seed: &Seed) {
        for reading in event.readings() {
            let field = reading.field;
            let value = event.number_with(&[field], 0, seed);
            let Some(met) = all.iter_mut().find(|met| met.reading.field == field) else {
                all.push(Self { reading, events: 1, values: vec![value] });
                continue;
            };
            met.events += 1;
            met.reading.for_name &= reading.for_name;
            if !met.values.contains(&value) {
                met.values.push(value);
            }
        }
    }

    /// Whether it is read of every one of some events, and a third of its values or more were
    /// there before; nothing where fewer were, and more may be in other events.
    fn repeats(&self, events: usize) -> Option<bool> {
        let of_all = self.events == events;
        let repeats = of_all && 3 * self.values.len() <= 2 * events;
        let may_repeat = of_all && self.values.len() < events && events < Self::EVENTS[1];
        (repeats || !may_repeat).then_some(repeats)
    }

    /// Whether enough is known of the fields of so many events.
    fn is_enough(all: &[Self], events: usize) -> bool {
        events >= Self::EVENTS[0] && all.iter().all(|met| met.repeats(events).is_some())
    }

    /// The fields that divide a scene of which so many events were watched.
    fn fields(all: &[Self], events: usize, event: &Event<'_>) -> Vec<Field> {
        let repeats = |met: &&Self| met.repeats(events) == Some(true);
        let repeated = || all.iter().filter(repeats).map(|met| met.reading);
        let is_name = |reading: &Reading| matches!(reading.field, Field::Name(_));
        // An object as it stands costs less than what is looked for inside it.
        let objects = repeated().filter(|reading| !reading.inside && !is_name(reading));
        let mut fields: Vec<_> = objects.map(|reading| reading.field).collect();
        let objects = Circle::new(&fields, event);
        let is_open = |reading: &Reading| !objects.holds(reading.field);
        if all.iter().any(|met| met.reading.for_name && is_open(&met.reading)) {
            fields.extend(repeated().filter(is_name).map(|reading| reading.field));
        }
        let inside = repeated().filter(|reading| reading.inside && !reading.for_name);
        fields.extend(inside.filter(is_open).map(|reading| reading.field));
        fields
    }
}

impl Circles {
    /// So many circles are worth it whatever comes of them.
    const FEW: u32 = 32;

    /// Whether too many events open a circle.
    fn are_in_vain(&self) -> bool {
        self.circles > Self::FEW && self.circles > self.events / 4
    }

    /// A circle is opened.
    pub(crate) fn open(&mut self) {
        self.circles = self.circles.saturating_add(1);
    }

    /// The rules to be asked of an event that is in no known circle.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (u32, &[NodeId])> {
        self.rules.iter().map(|(rule, parts)| (*rule, &**parts))
    }
}

impl Scene {
    /// An event comes.
    pub(crate) fn begin(&mut self, event: &Event<'_>) {
        match &self.beyond {
            Beyond::Watched(..) if self.asks_more() => event.put_down_readings(),
            Beyond::Circles(circles) if circles.are_in_vain() => self.unite(),
            _ => {}
        }
    }

    /// Where the event at hand is asked from now on.
    pub(crate) fn place(&mut self, event: &Event<'_>, number: u64, seed: &Seed) -> Place {
        match &mut self.beyond {
            Beyond::Nothing => Place::Scene,
            Beyond::Circles(circles) => {
                circles.events = circles.events.saturating_add(1);
                event.enter(&circles.circle, number, seed).map_or(Place::Apart, Place::Circle)
            }
            Beyond::Watched(all, events) => {
                if event.puts_down_readings() {
                    Met::add(all, event, seed);
                    *events += 1;
                    if Met::is_enough(all, *events) {
                        let fields = Met::fields(all, *events, event);
                        self.divide(Circle::new(&fields, event));
                    }
                }
                Place::Scene
            }
        }
    }

    /// Leave to circles what is asked beyond the scene.
    fn divide(&mut self, circle: Circle) {
        self.beyond = Beyond::Nothing;
        if circle.is_empty() {
            return;
        }
        let casts = self.plain.casts.extract_if(.., |cast| cast.reads_beyond());
        let mut rules: Vec<_> = casts.map(|cast| (cast.rule, Box::default())).collect();
        for chorus in self.others.drain(..) {
            let rule = |cast: Cast| (cast.rule, chorus.parts.clone());
            let singers = chorus.refrains.into_iter().flat_map(|refrain| refrain.singers);
            rules.extend(
                chorus.casts.into_iter().chain(singers.map(|singer| singer.cast)).map(rule),
            );
        }
        if !rules.is_empty() {
            let circles = Circles { circle, rules, events: 0, circles: 0 };
            self.beyond = Beyond::Circles(circles.into());
        }
    }

    /// Have no circles any more.
    fn unite(&mut self) {
        if let Beyond::Circles(circles) = std::mem::replace(&mut self.beyond, Beyond::Nothing) {
            for (rule, parts) in circles.rules {
                self.chorus(parts.into()).casts.push(Cast { rule, kept: None });
            }
        }
    }
}
