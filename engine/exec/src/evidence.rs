//! The events an alert rests on: how many, which, what the first of them must give, and what
//! `show` asks of them.
//!
//! Most seconds of a group have one event, so one event is kept as it is: its id, and texts
//! that it shares with others of its scene. Only a second one makes lists of it. All of it
//! combines in any order to the same.

use crate::canonical::Texts;
use crate::id::Id;
use plan::{Show, ShowFunc};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The events an alert rests on.
#[derive(Clone, Debug, Default)]
pub(crate) enum Evidence {
    /// None.
    #[default]
    None,
    /// One event.
    One(Lone),
    /// Some events.
    Many(Box<Many>),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lone {
    pub(crate) id: Id,
    /// What the firing event must give and, after [`Lone::PART`], what each item of `show`
    /// asks, behind the letter of [`tag`].
    pub(crate) told: Arc<str>,
}

/// One event and what the alert wants of it, as canonical JSON texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Witness {
    pub(crate) id: Arc<str>,
    pub(crate) values: Texts,
}

/// Some events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Many {
    pub(crate) events: u64,
    /// The event with the least id.
    first: Option<Witness>,
    /// The least ids, ascending, at most [`Many::IDS`].
    pub(crate) ids: Vec<Arc<str>>,
    /// The greatest id.
    pub(crate) last: Option<Arc<str>>,
    /// What `show` asks, in its order.
    pub(crate) shows: Vec<Shown>,
}

/// What one item of `show` has gathered.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    /// How often each value was there.
    Top(BTreeMap<Box<str>, u64>),
    /// The value of the event with the least id.
    First(Arc<str>, Box<str>),
    /// The value of the event with the greatest id.
    Last(Arc<str>, Box<str>),
}

/// How the values of an item of `show` are combined, as the letter before its text.
pub(crate) fn tag(show: &Show) -> char {
    match show.func {
        ShowFunc::Top => 't',
        ShowFunc::First => 'f',
        ShowFunc::Last => 'l',
    }
}

impl Lone {
    /// Between the parts; no canonical text holds this byte.
    pub(crate) const PART: char = '\u{2}';

    /// The witness and the shows.
    fn parts(&self) -> (Texts<&str>, Texts<&str>) {
        Self::parts_of(&self.told)
    }

    /// What the firing event must give and what `show` asks, in what was told of an event.
    pub(crate) fn parts_of(told: &str) -> (Texts<&str>, Texts<&str>) {
        let (witness, shows) = told.split_once(Self::PART).unwrap_or_default();
        (Texts::of(witness), Texts::of(shows))
    }
}

impl Evidence {
    /// Take in the evidence of the same second, or of another.
    pub(crate) fn absorb(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::None) => {}
            (Self::None, other) => *self = other,
            (Self::Many(many), Self::Many(more)) => many.absorb(*more),
            (Self::Many(many), Self::One(one)) => many.add(&one),
            (Self::One(_), other) => {
                let Self::One(one) = std::mem::take(self) else { return };
                let mut many = Box::new(Many::default());
                many.add(&one);
                *self = Self::Many(many);
                self.absorb(other);
            }
        }
    }

    /// How many events there are.
    pub(crate) fn events(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(many) => many.events,
        }
    }

    /// The event with the least id: the id, and what it gives to the alert.
    pub(crate) fn first(&self) -> Option<(Cow<'_, str>, Texts<&str>)> {
        match self {
            Self::None => None,
            Self::One(one) => Some((one.id.text(), one.parts().0)),
            Self::Many(many) => {
                let first = many.first.as_ref()?;
                Some((Cow::Borrowed(&first.id), first.values.lend()))
            }
        }
    }

    /// All of it, as lists.
    pub(crate) fn listed(&self) -> Many {
        let mut many = Many::default();
        many.follow(self);
        many
    }
}

impl Many {
    /// The most ids that an alert lists: 20.
    pub(crate) const IDS: usize = 20;

    /// Events of a sequence, whose firing event is known.
    pub(crate) fn new(
        events: u64,
        (ids, last): (Vec<Arc<str>>, Option<Arc<str>>),
        shows: Vec<Shown>,
    ) -> Self {
        Self { events, first: None, ids, last, shows }
    }

    fn add(&mut self, one: &Lone) {
        let (values, shows) = one.parts();
        let id: Arc<str> = one.id.text().into();
        self.events += 1;
        self.add_shows(shows, &id, false);
        let first = self.first.as_ref().map(|first| (&*first.id, first.values.lend()));
        if first.is_none_or(|first| (&*id, values) < first) {
            self.first = Some(Witness { id: Arc::clone(&id), values: values.own() });
        }
        if self.last.as_ref().is_none_or(|last| *last < id) {
            self.last = Some(Arc::clone(&id));
        }
        self.add_id(id);
    }

    /// Show an event, which is `later` than all others or in their second.
    fn add_shows(&mut self, shows: Texts<&str>, id: &Arc<str>, later: bool) {
        if shows.is_empty() {
            return;
        }
        if self.shows.is_empty() {
            self.shows.extend(shows.iter().map(|text| Shown::of(text, id)));
            return;
        }
        for (there, text) in self.shows.iter_mut().zip(shows.iter()) {
            match there {
                Shown::Top(all) => {
                    let value = value_in(text);
                    if value != "null" {
                        add_to(all, value, 1);
                    }
                }
                Shown::First(..) if later => {}
                Shown::Last(..) if later => *there = Shown::of(text, id),
                _ => there.absorb(Shown::of(text, id)),
            }
        }
    }

    fn add_id(&mut self, id: Arc<str>) {
        let full = self.ids.len() == Self::IDS;
        if full && self.ids.last().is_some_and(|greatest| *greatest <= id) {
            return;
        }
        let at = self.ids.partition_point(|known| *known <= id);
        self.ids.insert(at, id);
        self.ids.truncate(Self::IDS);
    }

    fn absorb(&mut self, other: Self) {
        self.events += other.events;
        self.first = match (self.first.take(), other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for id in other.ids {
            self.add_id(id);
        }
        self.last = self.last.take().max(other.last);
        if self.shows.is_empty() {
            self.shows = other.shows;
        } else {
            for (there, shown) in self.shows.iter_mut().zip(other.shows) {
                there.absorb(shown);
            }
        }
    }

    /// Take in the evidence of a later second.
    pub(crate) fn follow(&mut self, later: &Evidence) {
        let later = match later {
            Evidence::None => return,
            Evidence::Many(many) => &**many,
            Evidence::One(one) => {
                let id: Arc<str> = one.id.text().into();
                self.events += 1;
                self.add_shows(one.parts().1, &id, true);
                if self.ids.len() < Self::IDS {
                    self.ids.push(Arc::clone(&id));
                }
                self.last = Some(id);
                return;
            }
        };
        self.events += later.events;
        let room = Self::IDS - self.ids.len();
        self.ids.extend(later.ids.iter().take(room).cloned());
        self.last.clone_from(&later.last);
        if self.shows.is_empty() {
            self.shows.clone_from(&later.shows);
            return;
        }
        for (there, shown) in self.shows.iter_mut().zip(&later.shows) {
            match (there, shown) {
                (Shown::Top(all), Shown::Top(more)) => {
                    for (value, count) in more {
                        add_to(all, value, *count);
                    }
                }
                (there @ Shown::Last(..), later) => there.clone_from(later),
                _ => {}
            }
        }
    }
}

impl Shown {
    /// What one event shows; `null` is a missing value, which has no count.
    fn of(text: &str, id: &Arc<str>) -> Self {
        let value = value_in(text);
        match text.as_bytes().first() {
            Some(b'f') => Self::First(Arc::clone(id), value.into()),
            Some(b'l') => Self::Last(Arc::clone(id), value.into()),
            _ if value == "null" => Self::Top(BTreeMap::new()),
            _ => Self::Top([(value.into(), 1)].into_iter().collect()),
        }
    }

    fn absorb(&mut self, other: Self) {
        match (self, other) {
            (Self::Top(all), Self::Top(more)) => {
                for (value, count) in more {
                    *all.entry(value).or_insert(0) += count;
                }
            }
            (Self::First(id, there), Self::First(other, value))
                if (&other, &value) < (&*id, &*there) =>
            {
                (*id, *there) = (other, value);
            }
            (Self::Last(id, there), Self::Last(other, value))
                if (&other, &value) > (&*id, &*there) =>
            {
                (*id, *there) = (other, value);
            }
            _ => {}
        }
    }
}

/// What stands behind the letter of [`tag`].
fn value_in(text: &str) -> &str {
    text.get(1..).unwrap_or_default()
}

/// Count a value so often.
pub(crate) fn add_to(counts: &mut BTreeMap<Box<str>, u64>, value: &str, count: u64) {
    match counts.get_mut(value) {
        Some(there) => *there += count,
        None => {
            counts.insert(value.into(), count);
        }
    }
}
