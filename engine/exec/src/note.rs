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
use crate::keys::{Key, KeyInScene, Keys, Seeds};
use crate::lately::{self, Lately, Recent, Sight};
use crate::say::{Say, Wording, Words};
use crate::sequence::Moment;
use crate::steps::{Part, Play};
use event::Event;
use plan::{GroupRule, Kind, Program, Rule};
use std::sync::Arc;

/// The facts of one worker that were not handed on yet, and what it needs to make them.
#[derive(Debug)]
pub(crate) struct Notes {
    keys: Keys,
    /// By rule.
    pub(crate) wordings: Vec<Wording>,
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
    key: KeyInScene,
    known: Known,
}

/// What is known of them apart from their group.
#[derive(Debug, Default)]
struct Known {
    /// What was said last; to a rule with `when`.
    last: Option<Last>,
    words: Words,
    /// To a sequence.
    part: Option<Box<Part>>,
}

/// What was said last.
#[derive(Debug)]
struct Last {
    said: Arc<Said>,
    /// Whether every event of the scene says it.
    of_scene: bool,
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

impl Last {
    fn new(said: Said, of_scene: bool) -> Self {
        let (place, tuple) = (Place::default(), Recent::default());
        Self { said: Arc::new(said), of_scene, place, tuple }
    }

    /// Something else is said.
    fn change(&mut self, said: Said, of_scene: bool) {
        (self.said, self.of_scene) = (Arc::new(said), of_scene);
        (self.place.said, self.tuple) = (None, Recent::default());
    }
}

impl Notes {
    pub(crate) fn new(program: &Program, seeds: &Seeds) -> Self {
        Self {
            keys: Keys::new(program, seeds),
            wordings: Wording::all(program),
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

    /// Note what the event at hand says to a rule; `kept` is what every event of its scene
    /// says, found out here where it is not known yet.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        kept: Option<&mut Kept>,
    ) {
        let Match { number, rule, second, exempt } = found;
        let by = match &rule.kind {
            Kind::Event => return,
            Kind::Group(group) => group.by,
            Kind::Sequence(sequence) => sequence.by,
        };
        let (in_scene, known) = kept.map(|kept| (&mut kept.key, &mut kept.known)).unzip();
        let own;
        let key = match in_scene {
            Some(KeyInScene::Same(key)) => &*key,
            in_scene => {
                own = self.keys.key(eval, by, in_scene, &mut self.scratch);
                &own
            }
        };
        let Some(key) = key else {
            self.no_key[number as usize] += u64::from(!exempt);
            return;
        };
        match &rule.kind {
            Kind::Event => {}
            Kind::Group(_) if exempt => {
                let said = Said::Row(CellRow { exempted: 1, ..CellRow::default() }.into());
                self.facts.tell(&mut Place::default(), (number, key), said, second);
            }
            Kind::Group(group) => self.group(eval, (found, group), key, known),
            Kind::Sequence(sequence) => {
                let moment = if exempt {
                    Moment::exempt()
                } else {
                    let (wording, seeds) = (&self.wordings[number as usize], self.keys.seeds());
                    let part = known.map(|known| &mut **known.part.get_or_insert_default());
                    let play = Play { sequence, wording, seeds };
                    Moment::of(play.entry(eval, part, &mut self.scratch))
                };
                let (group, key) = key.clone();
                self.facts.steps.push(Step { rule: number, group, key, second, moment });
            }
        }
    }

    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (found, of): (Match<'_>, &GroupRule),
        key: &Key,
        known: Option<&mut Known>,
    ) {
        let (mut unknown, in_scene) = (None, known.is_some());
        let known = known.unwrap_or_else(|| unknown.insert(Known::default()));
        if !known.last.as_ref().is_some_and(|last| last.of_scene) {
            let (wording, scratch) = (&self.wordings[found.number as usize], &mut self.scratch);
            let words = in_scene.then_some(&mut known.words);
            let mut say = Say { wording, words, scratch };
            let Some(event) = eval.event else { return };
            let (said, of_scene) = event.watch(|| say.said(eval, of, self.keys.seeds()));
            match &mut known.last {
                Some(last) if last.said.is(&said) => last.of_scene = of_scene,
                Some(last) => last.change(said, of_scene),
                last => *last = Some(Last::new(said, of_scene)),
            }
        }
        let Known { last: Some(last), words, .. } = known else { return };
        let words = in_scene.then_some(words);
        let told = self.told(eval, (found, of), key.0, (&last.said, &mut last.tuple, words));
        let (to, place) = ((found.number, key), &mut last.place);
        match told {
            Told::Nothing => {}
            Told::Own(row) => self.facts.tell(place, to, Said::Row(row.into()), found.second),
            Told::Alike(id) => self.facts.repeat(place, to, &last.said, (found.second, id)),
        }
    }

    /// What is left to say of the event at hand, with what its scene says.
    fn told(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (found, of): (Match<'_>, &GroupRule),
        group: u128,
        (said, recent, words): (&Said, &mut Recent, Option<&mut Words>),
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
                        let (wording, scratch) =
                            (&self.wordings[found.number as usize], &mut self.scratch);
                        let row = Say { wording, words, scratch }.tuple_row(eval, tuple, *hash);
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
}
