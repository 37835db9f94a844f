//! From a match to a fact: what one event says to one rule with memory.
//!
//! What follows from the event's scene is made once, and what several rules are told so is
//! one fact: a second and an id. Facts are not combined here: seconds of a group rarely have
//! two, and who owns the group does it anyway.

use crate::eval::Eval;
use crate::fact::{CellRow, Said};
use crate::facts::{Facts, Place};
use crate::id::Uuid;
use crate::keys::{Key, KeyInScene, Keys, Seeds};
use crate::lately::{self, Lately, Recent, Sight};
use crate::say::{Say, Wording, Words};
use crate::scene::{Refrain, Stands};
use crate::steps::{Part, Play};
use event::Event;
use plan::{Kind, Program, Rule};
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
    /// Whether none keeps out any event of the scene.
    pub(crate) is_plain: bool,
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
    /// What was said last.
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
    /// The same with its tuple in full, where every event of the scene says that.
    full: Option<Arc<Said>>,
    place: Place,
    recent: Recent,
}

impl Last {
    fn new(said: Said, of_scene: bool) -> Self {
        let (place, recent) = (Place::default(), Recent::default());
        Self { said: Arc::new(said), of_scene, full: None, place, recent }
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

    /// Note what the event at hand says as all of its scene do; false when that does not stand.
    pub(crate) fn repeat(&mut self, refrain: &mut Refrain, event: &Event<'_>, second: i64) -> bool {
        let Some(id) = self.id(event).filter(|_| refrain.stands.at(second)) else { return false };
        if refrain.round != self.facts.round {
            (refrain.round, refrain.chain) = (self.facts.round, self.facts.chain());
            for cast in &refrain.casts {
                if let Some((key, said)) = cast.kept.as_ref().and_then(|kept| kept.saying()) {
                    self.facts.voice(refrain.chain, (cast.rule, key), Arc::clone(said));
                }
            }
        }
        self.facts.add(refrain.chain, (second, id));
        true
    }

    /// Note what the event at hand says to a rule. `kept` is what every event of its scene
    /// says, found out here where it is not known yet; returns when that is all there is to
    /// say.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        kept: &mut Kept,
    ) -> Option<Stands> {
        let Match { number, rule, second, exempt, .. } = found;
        let by = match &rule.kind {
            Kind::Event => return None,
            Kind::Group(group) => group.by,
            Kind::Sequence(sequence) => sequence.by,
        };
        let own;
        let (key, is_same) = match &mut kept.key {
            KeyInScene::Same(key) => (&*key, true),
            in_scene => {
                own = self.keys.key(eval, by, in_scene, &mut self.scratch);
                (&own, false)
            }
        };
        let Some(key) = key else {
            self.no_key[number as usize] += u64::from(!exempt);
            return None;
        };
        if exempt {
            let said = Said::Row(CellRow { exempted: 1, ..CellRow::default() }.into());
            self.tell((number, key), said, second);
            return None;
        }
        let stands = self.group(eval, found, key, &mut kept.known);
        stands.filter(|_| is_same && found.is_plain)
    }

    /// Tell a group; returns when every event of the scene says the same to it.
    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        key: &Key,
        known: &mut Known,
    ) -> Option<Stands> {
        let event = eval.event?;
        let Match { number, rule, second, .. } = found;
        let (wording, scratch) = (&self.wordings[number as usize], &mut self.scratch);
        let seeds = self.keys.seeds();
        let mut say = Say { wording, words: &mut known.words, scratch };
        if !known.last.as_ref().is_some_and(|last| last.of_scene) {
            let (said, of_scene) = event.watch(|| match &rule.kind {
                Kind::Event => None,
                Kind::Group(of) => Some(say.said(eval, of, seeds)),
                Kind::Sequence(sequence) => {
                    let part = known.part.get_or_insert_default();
                    Play { sequence, wording, seeds }.said(eval, part, say.scratch)
                }
            });
            match (&mut known.last, said) {
                (Some(last), None) => last.of_scene = of_scene,
                (Some(last), Some(said)) if last.said.is(&said) => last.of_scene = of_scene,
                (last, Some(said)) => *last = Some(Last::new(said, of_scene)),
                (None, None) => {}
            }
        }
        let last = known.last.as_mut()?;
        let mut stands = Stands::EVER;
        if let (Said::Known(columns, hash), Some(of)) = (&*last.said, rule.group())
            && let (Some(first), Some(tuple)) = (&of.first_seen, of.tuple())
        {
            let at = lately::Place { rule: number, group: key.0, second };
            if self.lately.meet(at, *hash, first, &mut last.recent) == Sight::Unsure {
                let full = last.full.clone().unwrap_or_else(|| {
                    let known = (columns.clone(), *hash);
                    let full = || Arc::new(say.in_full(eval, tuple, known));
                    let (full, of_scene) = event.watch(full);
                    last.full = of_scene.then(|| Arc::clone(&full));
                    full
                });
                self.say((number, key), (&full, &mut Place::default()), event, second);
                return None;
            }
            stands = last.recent.known;
        }
        let is_told = self.say((number, key), (&last.said, &mut last.place), event, second);
        (is_told && last.of_scene).then_some(stands)
    }

    /// The event at hand says something to a group; false when no others may say it in one, since
    /// its id is no UUID.
    fn say(
        &mut self,
        to: (u32, &Key),
        (said, place): (&Arc<Said>, &mut Place),
        event: &Event<'_>,
        second: i64,
    ) -> bool {
        let id = self.id(event);
        match &**said {
            Said::Event(..) | Said::Tuple(..) | Said::Steps(..) if id.is_none() => {
                self.tell(to, said.of_event(event.id()), second);
            }
            _ => self.facts.repeat(place, to, said, (second, id.unwrap_or_default())),
        }
        id.is_some()
    }

    /// An event says what no other does.
    fn tell(&mut self, to: (u32, &Key), said: Said, second: i64) {
        let event = (second, Uuid::default());
        self.facts.repeat(&mut Place::default(), to, &Arc::new(said), event);
    }

    fn id(&mut self, event: &Event<'_>) -> Option<Uuid> {
        *self.id.get_or_insert_with(|| Uuid::read(event.id()))
    }
}

impl Kept {
    /// What is said to whom, where both are the same for every event of the scene.
    fn saying(&self) -> Option<(&Key, &Arc<Said>)> {
        let KeyInScene::Same(Some(key)) = &self.key else { return None };
        Some((key, &self.known.last.as_ref()?.said))
    }
}
