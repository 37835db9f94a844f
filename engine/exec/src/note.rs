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
use crate::scene::{Cast, Chorus, Lasting, Refrain, Singer, Stands};
use crate::steps::{Part, Play};
use event::{Event, Reach};
use plan::{Kind, Program, Rule};
use std::sync::Arc;

/// The facts of one worker that were not handed on yet, and what it needs to make them.
#[derive(Debug)]
pub(crate) struct Notes {
    keys: Keys,
    /// By rule.
    wordings: Vec<Wording>,
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
    /// How far the event was read to know that.
    pub(crate) reach: Reach,
}

/// What is known of the facts of a rule in a scene.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// What the scene tells of the group; nothing while it is with a singer.
    pub(crate) key: KeyInScene,
    known: Known,
}

/// What is known of them apart from their group.
#[derive(Debug, Default)]
struct Known {
    /// What was said last.
    last: Option<Last>,
    /// To a sequence.
    part: Option<Box<Part>>,
    words: Words,
    /// How far the event was read for it.
    reach: Reach,
}

/// What was said last.
#[derive(Debug)]
struct Last {
    said: Arc<Said>,
    whose: Whose,
    place: Place,
    /// The same with its tuple in full, where every event of the scene says that, and its place.
    full: Option<(Arc<Said>, Place)>,
    recent: Recent,
}

/// Who says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Every event of the scene.
    Scene,
    /// Every one of this session.
    Session(u64),
    /// One event, as far as is known.
    Event,
}

impl Whose {
    /// How far an event was read to know that.
    fn reach(self) -> Reach {
        match self {
            Self::Scene => Reach::Scene,
            Self::Session(_) => Reach::Session,
            Self::Event => Reach::Event,
        }
    }
}

impl Last {
    fn new(said: Said, whose: Whose) -> Self {
        let (place, recent) = (Place::default(), Recent::default());
        Self { said: Arc::new(said), whose, full: None, place, recent }
    }
}

impl Kept {
    /// Whether the event was read beyond its scene and its session for it.
    pub(crate) fn reads_beyond(&self) -> bool {
        self.known.reach == Reach::Event
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

    /// Take out of the refrains what does not stand for the event at hand.
    #[inline]
    pub(crate) fn part(&mut self, chorus: &mut Chorus, event: &Event<'_>, second: i64) {
        if chorus.is_silent() {
            return;
        }
        let session = chorus.refrains[1].session.map(|_| self.keys.session(event));
        match self.id(event) {
            Some(_) if chorus.stands(second, session) => {}
            id => chorus.part(id.map(|_| (second, session))),
        }
    }

    /// Note what the event at hand says as all of its scene do, or all of its session.
    #[inline]
    pub(crate) fn sing(
        &mut self,
        eval: &mut Eval<'_, '_>,
        chorus: &mut Chorus,
        event: &Event<'_>,
        second: i64,
    ) {
        for refrain in &mut chorus.refrains {
            if refrain.singers.is_empty() {
                continue;
            }
            let Some(id) = self.id(event) else { return };
            if refrain.round != self.facts.round {
                self.gather(eval, refrain);
            }
            self.facts.add(refrain.chain, (second, id));
        }
    }

    /// Tell whom a refrain is sung to, the first time in a round.
    #[inline(never)]
    fn gather(&mut self, eval: &mut Eval<'_, '_>, refrain: &mut Refrain) {
        (refrain.round, refrain.chain) = (self.facts.round, self.facts.chain());
        refrain.singers.iter().for_each(|singer| event::bring(&*singer.said));
        for Singer { cast: Cast { rule, .. }, key, said, .. } in &mut refrain.singers {
            let key = match key {
                KeyInScene::Same(key) => key.as_ref(),
                key => by(&eval.program.rules[*rule as usize])
                    .and_then(|by| self.keys.key(eval, by, key, &mut self.scratch).0),
            };
            match key {
                Some(key) => self.facts.voice(refrain.chain, (*rule, key), Arc::clone(said)),
                None => self.no_key[*rule as usize] += 1,
            }
        }
    }

    /// What an alert of a rule with one event may tell of it, its id apart.
    pub(crate) fn told(
        &mut self,
        eval: &mut Eval<'_, '_>,
        number: u32,
        Kept { known, .. }: &mut Kept,
    ) -> Arc<str> {
        let (wording, scratch) = (&self.wordings[number as usize], &mut self.scratch);
        Say { wording, words: &mut known.words, scratch }.told(eval)
    }

    /// Note what the event at hand says to a rule. `kept` is what is known of that in its
    /// scene. What lasts is returned instead, to be said with others.
    pub(crate) fn note(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        kept: &mut Kept,
    ) -> Option<Lasting> {
        let Match { number, rule, second, exempt, .. } = found;
        let own;
        let (key, read) = match &kept.key {
            KeyInScene::Same(key) => (key.as_ref(), Reach::Scene),
            _ => {
                let (key, read) = self.keys.key(eval, by(rule)?, &mut kept.key, &mut self.scratch);
                own = key.cloned();
                (own.as_ref(), read)
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
        let lasting = self.group(eval, found, (key, read), &mut kept.known)?;
        Some(Lasting { key: std::mem::take(&mut kept.key), ..lasting })
    }

    /// Tell a group, unless what is said lasts.
    fn group(
        &mut self,
        eval: &mut Eval<'_, '_>,
        found: Match<'_>,
        (key, read): (&Key, Reach),
        known: &mut Known,
    ) -> Option<Lasting> {
        let event = eval.event?;
        let Match { number, rule, second, reach, .. } = found;
        self.learn(eval, (number, rule), known);
        let last = known.last.as_mut()?;
        known.reach = reach.max(read).max(last.whose.reach());
        let (mut said, mut place, mut stands) = (&last.said, &mut last.place, Stands::EVER);
        if let Some(of) = rule.group()
            && let (Some(first), Some(tuple)) = (&of.first_seen, of.tuple())
            && let Said::Known(columns, hash) = &*last.said
        {
            let at = lately::Place { rule: number, group: key.0, second };
            if self.lately.meet(at, *hash, first, &mut last.recent) == Sight::Unsure {
                if last.full.is_none() {
                    let (wording, scratch) = (&self.wordings[number as usize], &mut self.scratch);
                    let mut say = Say { wording, words: &mut known.words, scratch };
                    let make = || say.in_full(eval, tuple, (columns.clone(), *hash));
                    let (full, whose) = event.watch(make);
                    let mut full = (Arc::new(full), Place::default());
                    if whose != Reach::Scene {
                        self.say((number, key), (&full.0, &mut full.1), event, second);
                        return None;
                    }
                    last.full = Some(full);
                }
                let full = last.full.as_mut()?;
                (said, place) = (&full.0, &mut full.1);
            }
            stands = last.recent.stands;
        }
        let session = match known.reach {
            Reach::Scene => Some(None),
            Reach::Session => Some(Some(self.keys.session(event))),
            Reach::Event => None,
        };
        if let (Some(session), Some(_)) = (session, self.id(event))
            && stands.at(second)
        {
            let of_scene = (Reach::Scene, Whose::Scene, Stands::EVER);
            let tunes = (reach, last.whose, stands) == of_scene;
            let (said, key) = (Arc::clone(said), KeyInScene::Unknown);
            return Some(Lasting { said, key, stands, session, tunes });
        }
        self.say((number, key), (said, place), event, second);
        None
    }

    /// Learn what the event at hand says to a rule, where that is not known.
    fn learn(&mut self, eval: &mut Eval<'_, '_>, (number, rule): (u32, &Rule), known: &mut Known) {
        let Some(event) = eval.event else { return };
        match known.last.as_ref().map(|last| last.whose) {
            Some(Whose::Scene) => return,
            Some(Whose::Session(last)) if last == self.keys.session(event) => return,
            _ => {}
        }
        let (wording, scratch) = (&self.wordings[number as usize], &mut self.scratch);
        let seeds = self.keys.seeds();
        let (said, reach) = event.watch(|| match &rule.kind {
            Kind::Event => None,
            Kind::Group(of) => {
                Some(Say { wording, words: &mut known.words, scratch }.said(eval, of, seeds))
            }
            Kind::Sequence(sequence) => {
                let play = Play { sequence, wording, seeds };
                let part = known.part.get_or_insert_default();
                let (steps, told) = play.say(eval, part, scratch);
                let is_same =
                    known.last.as_ref().is_some_and(|last| last.said.is_of(steps, scratch));
                (!is_same).then(|| play.said(eval, steps, (scratch, told)))
            }
        });
        let whose = match reach {
            Reach::Scene => Whose::Scene,
            Reach::Session => Whose::Session(self.keys.session(event)),
            Reach::Event => Whose::Event,
        };
        match (&mut known.last, said) {
            (Some(last), None) => last.whose = whose,
            (Some(last), Some(said)) if last.said.is(&said) => last.whose = whose,
            (last, Some(said)) => *last = Some(Last::new(said, whose)),
            (None, None) => {}
        }
    }

    /// The event at hand says something to a group.
    fn say(
        &mut self,
        to: (u32, &Key),
        (said, place): (&Arc<Said>, &mut Place),
        event: &Event<'_>,
        second: i64,
    ) {
        let id = self.id(event);
        match &**said {
            Said::Event(..) | Said::Tuple(..) | Said::Steps(..) if id.is_none() => {
                self.tell(to, said.of_event(event.id()), second);
            }
            _ => self.facts.repeat(place, to, said, (second, id.unwrap_or_default())),
        }
    }

    /// An event says what no other does.
    fn tell(&mut self, to: (u32, &Key), said: Said, second: i64) {
        let event = (second, Uuid::default());
        self.facts.repeat(&mut Place::default(), to, &Arc::new(said), event);
    }

    #[inline]
    fn id(&mut self, event: &Event<'_>) -> Option<Uuid> {
        match self.id {
            Some(id) => id,
            None => self.read_id(event),
        }
    }

    fn read_id(&mut self, event: &Event<'_>) -> Option<Uuid> {
        let plain = event.id_as_written().and_then(Uuid::quoted);
        let id = plain.or_else(|| Uuid::read(event.id()));
        self.id = Some(id);
        id
    }
}

/// The list of paths that a rule with memory groups by.
fn by(rule: &Rule) -> Option<usize> {
    match &rule.kind {
        Kind::Event => None,
        Kind::Group(group) => Some(group.by),
        Kind::Sequence(sequence) => Some(sequence.by),
    }
}
