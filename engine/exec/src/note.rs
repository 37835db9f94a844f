//! From a match to a fact: what one event says to one rule with memory.
//!
//! What follows from the event's scene is made once and said again for a number; all that is
//! left of most facts is a second and an id. Facts are not combined here: seconds of a group
//! rarely have two, and who owns the group does it anyway.

use crate::eval::Eval;
use crate::evidence::{Evidence, Lone};
use crate::fact::{CellRow, Said};
use crate::facts::{Facts, Place, Step};
use crate::id::{Id, Uuid};
use crate::keys::{Key, Keys, Seeds};
use crate::lately::{self, Lately, Recent, Sight};
use crate::say::{columns, told, tuple_hash, tuple_row};
use crate::sequence::Moment;
use crate::steps;
use event::Event;
use plan::{GroupRule, Kind, Program, Rule, SequenceRule};
use std::sync::Arc;

/// The facts of one worker that were not handed on yet, and what it needs to make them.
#[derive(Debug)]
pub(crate) struct Notes {
    keys: Keys,
    lately: Lately,
    pub(crate) facts: Facts,
    /// The id of the event at hand, where it was asked for; within, where it is a UUID.
    id: Option<Option<Uuid>>,
    /// How many events each rule skipped because their group key was incomplete.
    pub(crate) no_key: Vec<u64>,
    /// Where texts are put together.
    scratch: String,
}

/// A match of a rule with memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match<'r> {
    pub(crate) number: u32,
    pub(crate) rule: &'r Rule,
    pub(crate) second: i64,
    /// Whether an exception keeps the event out.
    pub(crate) exempt: bool,
}

/// What is known of the facts of a rule in a scene.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Their group; nothing within when a part of the key is missing.
    key: Option<Option<Key>>,
    said: Option<Arc<Said>>,
    last: Last,
}

/// What there is to know of what was said last.
#[derive(Debug, Default)]
struct Last {
    place: Place,
    tuple: Recent,
}

/// What is to be said of an event.
enum Told {
    /// What others of the scene say, too.
    Alike(Uuid),
    /// What is its own.
    Own(CellRow),
    /// It was told before.
    Nothing,
}

impl Notes {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        Self {
            keys: Keys::new(program, seeds),
            lately: Lately::default(),
            facts: Facts::new(),
            id: None,
            no_key: vec![0; program.rules.len()],
            scratch: String::new(),
        }
    }

    /// The next event comes.
    pub(crate) fn next(&mut self) {
        self.keys.next();
        self.id = None;
    }

    /// Note what the event at hand says to a rule; `known` is what every event of its scene
    /// says, found out here where it is not known yet.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        known: Option<&mut Kept>,
    ) {
        match &found.rule.kind {
            Kind::Event => {}
            Kind::Group(group) if found.exempt => self.exempted(eval, found, group.by),
            Kind::Group(group) => {
                let mut unknown = Kept::default();
                self.group(eval, (found, group), known.unwrap_or(&mut unknown));
            }
            Kind::Sequence(sequence) => self.sequence(eval, found, sequence),
        }
    }

    fn sequence(&mut self, eval: &mut Eval<'_, '_>, found: Match<'_>, sequence: &SequenceRule) {
        let Match { number, rule, second, exempt } = found;
        let key = self.keys.key(eval, sequence.by, &mut self.scratch).cloned();
        let Some((group, key)) = key else {
            self.no_key[number as usize] += u64::from(!exempt);
            return;
        };
        let moment = if exempt {
            Moment::exempt()
        } else {
            let (seeds, scratch) = (self.keys.seeds(), &mut self.scratch);
            Moment::of(steps::entry(eval, rule, sequence, seeds, scratch))
        };
        self.facts.steps.push(Step { rule: number, group, key, second, moment });
    }

    fn exempted(&mut self, eval: &mut Eval<'_, '_>, found: Match<'_>, by: usize) {
        if let Some(key) = self.keys.key(eval, by, &mut self.scratch).cloned() {
            let said = Said::Row(CellRow { exempted: 1, ..CellRow::default() }.into());
            let to = (found.number, &key);
            self.facts.tell(&mut Place::default(), to, said, found.second);
        }
    }

    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (found, of): (Match<'_>, &GroupRule),
        kept: &mut Kept,
    ) {
        let Some(event) = eval.event else { return };
        let own_key;
        let key = match &mut kept.key {
            Some(key) => &*key,
            unknown => {
                let (keys, scratch) = (&mut self.keys, &mut self.scratch);
                let (key, of_scene) = event.watch(|| keys.key(eval, of.by, scratch).cloned());
                if of_scene {
                    &*unknown.insert(key)
                } else {
                    own_key = key;
                    &own_key
                }
            }
        };
        let Some(key) = key else {
            self.no_key[found.number as usize] += 1;
            return;
        };
        let (own_said, mut own_last);
        let (said, last) = match &mut kept.said {
            Some(said) => (&*said, &mut kept.last),
            unknown => {
                let (said, of_scene) = event.watch(|| Arc::new(self.say(eval, found.rule, of)));
                if of_scene {
                    (&*unknown.insert(said), &mut kept.last)
                } else {
                    (own_said, own_last) = (said, Last::default());
                    (&own_said, &mut own_last)
                }
            }
        };
        let (to, place) = ((found.number, key), &mut last.place);
        match self.told(eval, (found, of), (key.0, said), &mut last.tuple) {
            Told::Nothing => {}
            Told::Own(row) => self.facts.tell(place, to, Said::Row(row.into()), found.second),
            Told::Alike(id) => self.facts.repeat(place, to, said, (found.second, id)),
        }
    }

    /// What is left to say of the event at hand, with what its scene says.
    fn told(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (found, of): (Match<'_>, &GroupRule),
        (group, said): (u128, &Said),
        recent: &mut Recent,
    ) -> Told {
        match (said, eval.event) {
            (_, None) => Told::Nothing,
            (Said::Row(_), _) => Told::Alike(Uuid::default()),
            (Said::Event(columns, told), Some(event)) => match self.id(event) {
                Some(id) => Told::Alike(id),
                None => {
                    let (id, told) = (Id::new(event.id()), Arc::clone(told));
                    let evidence = Evidence::One(Lone { id, told });
                    let columns = columns.clone();
                    Told::Own(CellRow { events: 1, evidence, columns, ..CellRow::default() })
                }
            },
            (Said::Known(columns, hash), _) => {
                let at = lately::Place { rule: found.number, group, second: found.second };
                let sight = match &of.first_seen {
                    Some(first) => self.lately.meet(at, *hash, first, recent),
                    None => Sight::Unsure,
                };
                match (sight, of.tuple()) {
                    (Sight::Told, _) if of.within.is_none() => Told::Nothing,
                    (Sight::Unsure, Some(tuple)) => {
                        let scratch = &mut self.scratch;
                        let row = tuple_row(eval, (found.rule, tuple), *hash, scratch);
                        let (columns, tuples) = (columns.clone(), row.into());
                        Told::Own(CellRow { events: 1, columns, tuples, ..CellRow::default() })
                    }
                    _ => Told::Alike(Uuid::default()),
                }
            }
        }
    }

    fn id(&mut self, event: &Event<'_>) -> Option<Uuid> {
        *self.id.get_or_insert_with(|| Uuid::read(event.id()))
    }

    /// What the event at hand says; of its tuple as if it were known.
    fn say(&mut self, eval: &mut Eval<'_, '_>, rule: &Rule, of: &GroupRule) -> Said {
        let scratch = &mut self.scratch;
        let has_columns = !(of.counts.is_empty() && of.sums.is_empty() && of.sets.is_empty());
        let columns = has_columns.then(|| columns(eval, of, scratch));
        let Some(tuple) = of.tuple() else {
            return Said::Event(columns, told(eval, rule, scratch).into());
        };
        match tuple_hash(eval, tuple, self.keys.seeds(), scratch) {
            Some(hash) => Said::Known(columns, hash),
            None => Said::Row(CellRow { events: 1, columns, ..CellRow::default() }.into()),
        }
    }
}
