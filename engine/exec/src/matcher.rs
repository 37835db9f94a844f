//! From an event to what it means: alerts of one-event rules, facts of the others.
//!
//! One matcher belongs to one worker. It finds the rules that may match an event by
//! its head, or by its scene where that is known, and asks each condition once. A fact is
//! what one event says to one rule; who owns the group combines those of one second.

use crate::alert::{self, Beside, Fired, Firing};
use crate::beyond::{Beyond, Place};
use crate::dispatch::Dispatch;
use crate::eval::{Eval, Memo};
use crate::evidence::{Evidence, Lone};
use crate::facts::Facts;
use crate::id::Id;
use crate::keys::Seeds;
use crate::note::{Match, Notes};
use crate::scene::{Cast, Chorus, Lasting, Scene, Scenes};
use event::{Event, Reach, Seed};
use hashbrown::DefaultHashBuilder;
use plan::{Kind, NodeId, Program, Rule};
use serde_json::{Map, json};

/// How an event stands to the rules with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has its second among the others.
    InTime {
        /// That second.
        second: i64,
    },
    /// It meets the one-event rules only, in its place: an addendum.
    OneEvent {
        /// Its second.
        second: i64,
    },
    /// It meets the one-event rules only, and its alerts come after all others: late,
    /// from the future, or without a time.
    Apart {
        /// Its second, if it has one.
        second: Option<i64>,
    },
}

/// Matches the events of one worker.
#[derive(Debug)]
pub struct Matcher<'p> {
    program: &'p Program,
    memo: Memo,
    dispatch: Dispatch,
    scenes: Scenes,
    /// Of the circles within them.
    seed: Seed,
    results: Results,
}

/// What came of the events so far.
#[derive(Debug)]
struct Results {
    notes: Notes,
    alerts: Vec<Firing>,
    include_record: bool,
}

impl<'p> Matcher<'p> {
    /// A matcher of a run; `include_record` puts the record into one-event alerts.
    #[must_use]
    pub fn new(program: &'p Program, seeds: &Seeds, include_record: bool) -> Self {
        Self {
            program,
            memo: Memo::default(),
            dispatch: Dispatch::default(),
            scenes: Scenes::default(),
            seed: Seed::new(&DefaultHashBuilder::default()),
            results: Results {
                notes: Notes::new(program, seeds),
                alerts: Vec::new(),
                include_record,
            },
        }
    }

    /// An event may come: what is known of its scene is brought.
    pub fn expect(&self, event: &Event<'_>) {
        self.scenes.expect(event);
    }

    /// Match an event.
    pub fn event<'e>(&mut self, event: &Event<'e>, standing: Standing)
    where
        'p: 'e,
    {
        let program: &'e Program = self.program;
        if program.rules.is_empty() {
            return;
        }
        let Self { memo, dispatch, scenes, seed, results, .. } = self;
        let number = scenes.number(event);
        let known = scenes.get(number);
        if matches!(known, Some(None)) {
            return;
        }
        memo.next(program);
        results.notes.next();
        let mut eval = Eval::event(program, event, memo);
        let Some(known) = known else {
            let candidates = dispatch.candidates(&mut eval, event);
            let rules = candidates.map(|at| dispatch.candidate(at));
            let scene = opened(&mut eval, event, rules);
            return results.open(&mut eval, (scenes, number), scene, standing);
        };
        let Some(scene) = known else { return };
        scene.begin(event);
        results.perform(&mut eval, scene, standing);
        let place = scene.place(event, number, seed);
        let circle = match place {
            Place::Scene => return,
            Place::Circle(circle) => Some(circle),
            Place::Apart => None,
        };
        match circle.and_then(|circle| scenes.get(circle)) {
            Some(None) => {}
            Some(Some(scene)) => results.perform(&mut eval, scene, standing),
            None => {
                let Some(Some(scene)) = scenes.get(number) else { return };
                let Beyond::Circles(circles) = &mut scene.beyond else { return };
                let mut opened = opened(&mut eval, event, circles.rules());
                opened.beyond = Beyond::Nothing;
                match circle {
                    None => results.perform(&mut eval, &mut opened, standing),
                    Some(circle) => {
                        circles.open();
                        results.open(&mut eval, (scenes, circle), opened, standing);
                    }
                }
            }
        }
    }

    /// The facts so far, until they are taken.
    pub fn facts(&mut self) -> &mut Facts {
        &mut self.results.notes.facts
    }

    /// The firings of one-event rules so far.
    pub fn take_alerts(&mut self) -> Vec<Firing> {
        std::mem::take(&mut self.results.alerts)
    }

    /// How many events each rule skipped because their group key was incomplete.
    #[must_use]
    pub fn no_key(&self) -> &[u64] {
        &self.results.notes.no_key
    }
}

/// The scene of an event that is the first of it, of rules and what must hold for each.
#[inline(never)]
fn opened<'r>(
    eval: &mut Eval<'_, '_>,
    event: &Event<'_>,
    rules: impl Iterator<Item = (u32, &'r [NodeId])>,
) -> Box<Scene> {
    let mut scene = Box::<Scene>::default();
    for (rule, parts) in rules {
        if let Some(left) = watched(eval, event, parts) {
            scene.chorus(left).casts.push(Cast { rule, kept: None });
        }
    }
    scene
}

/// What is left to ask of a condition in other events of the scene; nothing when it holds for
/// none of them.
fn watched(eval: &mut Eval<'_, '_>, event: &Event<'_>, parts: &[NodeId]) -> Option<Vec<NodeId>> {
    let mut left = Vec::new();
    let mut holds = true;
    for part in parts {
        // After a part that fails nothing is asked, as ever.
        let asked = holds.then(|| event.watch(|| eval.truth(*part)));
        match asked {
            Some((true, Reach::Scene)) => {}
            Some((false, Reach::Scene)) => return None,
            _ => left.push(*part),
        }
        holds &= asked.is_some_and(|(truth, _)| truth);
    }
    Some(left)
}

impl Results {
    /// Take in the first event of a scene, and keep that.
    fn open(
        &mut self,
        eval: &mut Eval<'_, '_>,
        (scenes, number): (&mut Scenes, u64),
        mut scene: Box<Scene>,
        standing: Standing,
    ) {
        self.perform(eval, &mut scene, standing);
        if eval.event.is_some_and(|event| !event.is_odd()) {
            scenes.keep(number, scene);
        }
    }

    /// Take in an event of a scene.
    fn perform(&mut self, eval: &mut Eval<'_, '_>, scene: &mut Scene, standing: Standing) {
        self.play(eval, &mut scene.plain, standing);
        for chorus in &mut scene.others {
            if chorus.parts.iter().all(|part| eval.truth(*part)) {
                self.play(eval, chorus, standing);
            }
        }
    }

    /// Take in an event that the rules of a chorus match.
    #[inline]
    fn play(&mut self, eval: &mut Eval<'_, '_>, chorus: &mut Chorus, standing: Standing) {
        let now = match standing {
            Standing::InTime { second } => eval.event.map(|event| (event, second)),
            _ => None,
        };
        if let Some((event, second)) = now {
            self.notes.part(chorus, event, second);
        }
        let mut at = 0;
        while let Some(cast) = chorus.casts.get_mut(at) {
            match self.take(eval, cast, standing) {
                Some(lasting) => {
                    let cast = chorus.casts.swap_remove(at);
                    chorus.join(cast, lasting);
                }
                None => at += 1,
            }
        }
        if let Some((event, second)) = now {
            self.notes.sing(eval, chorus, event, second);
        }
    }

    /// Take in an event that a rule matches; returns what it says when that lasts, and leaves it
    /// to be said.
    #[inline(never)]
    fn take(
        &mut self,
        eval: &mut Eval<'_, '_>,
        cast: &mut Cast,
        standing: Standing,
    ) -> Option<Lasting> {
        let number = cast.rule;
        let rule = &eval.program.rules[number as usize];
        let excepts =
            |eval: &mut Eval<'_, '_>| rule.excepts.iter().any(|except| eval.truth(*except));
        let (exempt, reach) = match eval.event {
            Some(event) if !rule.excepts.is_empty() => event.watch(|| excepts(eval)),
            _ => (false, Reach::Scene),
        };
        match (&rule.kind, standing) {
            (Kind::Event, _) if exempt => None,
            (Kind::Event, _) => {
                let told = self.notes.told(eval, number, cast.kept.get_or_insert_default());
                let how = (standing, self.include_record);
                let firing = one_event(eval, number, rule, how, &told);
                self.alerts.push(firing);
                None
            }
            (Kind::Group(_) | Kind::Sequence(_), Standing::InTime { second }) => {
                let kept = cast.kept.get_or_insert_default();
                self.notes.note(eval, Match { number, rule, second, exempt, reach }, kept)
            }
            (Kind::Group(_) | Kind::Sequence(_), _) => None,
        }
    }
}

/// The firing of a one-event rule.
fn one_event(
    eval: &mut Eval<'_, '_>,
    number: u32,
    rule: &Rule,
    (standing, include_record): (Standing, bool),
    told: &str,
) -> Firing {
    let id = eval.event.map_or("", |event| event.id());
    let shows = Evidence::One(Lone { id: Id::new(id), told: told.into() }).listed();
    let mut evidence = Map::new();
    for base in plan::EVIDENCE {
        let value = eval.event.and_then(|event| event.text(base));
        let name = base.path()[0].to_owned();
        evidence
            .insert(name, value.map_or(serde_json::Value::Null, |v| json!(alert::cut(v.into()))));
    }
    if let (true, Some(event)) = (include_record, eval.event) {
        let record = alert::shown(event.whole().compact(event.arena()));
        evidence.insert("record".to_owned(), record);
    }
    let (apart, second) = match standing {
        Standing::InTime { second } | Standing::OneEvent { second } => (false, Some(second)),
        Standing::Apart { second } => (true, second),
    };
    let filter = &rule.filter;
    let because = alert::because("where", &filter.text, alert::params(filter));
    let fired = Fired {
        rule,
        number,
        apart,
        second,
        group: Vec::new(),
        tuple: None,
        id,
        witness: Lone::parts_of(told).0,
        aggregates: &[],
        because: vec![because.into()],
        evidence: evidence.into(),
        show: alert::show(rule, &shows),
        exempted: 0,
        beside: Beside::default(),
    };
    fired.firing(true)
}
