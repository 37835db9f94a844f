//! Sequences against a reference that enumerates every match, and at their edges.

mod reference;
mod script;

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reference::{Condition, Event, Firing, Plan};

/// The body of the tests: the values that conditions read.
#[derive(Clone, Debug)]
struct Values {
    key: Option<u8>,
    color: u8,
    ids: Vec<Arc<str>>,
}

impl Body for Values {
    fn absorb(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.ids.sort();
        self.ids.truncate(20);
    }

    fn ids(&self) -> &[Arc<str>] {
        &self.ids
    }
}

fn moment(plan: &Plan, event: &Event) -> Moment<Values> {
    let key = event.key.map_or(9, u128::from);
    let keys = plan.shape.joins.iter().flat_map(|join| {
        [join.early, join.late].map(|step| {
            let fits = event.mask & (1 << step) != 0;
            event.key.filter(|_| fits).map(u64::from)
        })
    });
    let mut moment = Moment::default();
    moment.add(Entry {
        identity: u128::from(event.mask) << 64 | key << 32 | u128::from(event.color),
        mask: event.mask,
        events: 1,
        keys: keys.collect(),
        body: Values { key: event.key, color: event.color, ids: vec![event.id.as_str().into()] },
    });
    moment
}

/// Whether conditions over several events hold, as the engine asks it.
fn holds(plan: &Plan, step: usize, body: &Values, chosen: &[Option<&Values>]) -> bool {
    plan.conditions[step].iter().all(|condition| match *condition {
        Condition::SameKey(of) => {
            chosen[of].is_some_and(|that| that.key.is_some() && that.key == body.key)
        }
        Condition::OtherColor(of) => chosen[of].is_some_and(|that| that.color != body.color),
    })
}

fn pick<T: Copy>(random: &mut ChaCha8Rng, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())]
}

fn random_plan(random: &mut ChaCha8Rng) -> Plan {
    let count = random.random_range(1..=4);
    let mut steps: Vec<Step> = Vec::new();
    let mut joins = Vec::new();
    let mut conditions = Vec::new();
    let reading = random.random_bool(0.6);
    for number in 0..count {
        let demand = match random.random_range(0..10) {
            0..5 => Demand::One,
            5..7 => Demand::AtLeast(random.random_range(1..=3)),
            _ if number > 0 => Demand::Absent,
            _ => Demand::One,
        };
        let mut own = Vec::new();
        let mut reads = 0;
        for (early, step) in steps.iter().enumerate() {
            if reading && step.demand == Demand::One && random.random_bool(0.5) {
                reads |= 1 << early;
                match random.random_range(0..4) {
                    0 => own.push(Condition::OtherColor(early)),
                    1 => own.extend([Condition::SameKey(early), Condition::OtherColor(early)]),
                    _ => own.push(Condition::SameKey(early)),
                }
                if own.contains(&Condition::SameKey(early)) {
                    joins.push(Join { early, late: number });
                }
            }
        }
        steps.push(Step { demand, reads });
        conditions.push(own);
    }
    let within = random.random_range(2..=8);
    Plan { shape: Shape { within, steps, joins }, conditions }
}

fn random_events(random: &mut ChaCha8Rng, plan: &Plan) -> Vec<Event> {
    let steps = plan.shape.steps.len();
    let counted = |step: &&Step| matches!(step.demand, Demand::AtLeast(_));
    let most = [12, 11, 8, 6, 6][plan.shape.steps.iter().filter(counted).count()];
    let overlap = pick(random, &[0.0, 0.1, 0.4]);
    let seconds = random.random_range(2..=12);
    let (keys, colors) = (random.random_range(1..=3), random.random_range(1..=2));
    let mut ids: Vec<u32> = (10..10 + most).collect();
    (0..random.random_range(1..=most))
        .map(|_| {
            let mut mask = 1 << random.random_range(0..steps);
            for step in 0..steps {
                mask |= u32::from(random.random_bool(overlap)) << step;
            }
            let id = ids.swap_remove(random.random_range(0..ids.len()));
            Event {
                second: random.random_range(0..seconds),
                id: format!("e{id}"),
                mask,
                key: random.random_bool(0.9).then(|| random.random_range(0..keys)),
                color: random.random_range(0..colors),
            }
        })
        .collect()
}

/// A firing as the reference tells it; what it says of itself is checked on the way.
fn told(fire: &Fire<Values>) -> Firing {
    let ids = |chosen: &[Chosen<Values>]| {
        let mut all: Vec<(i64, String)> = Vec::new();
        for chosen in chosen {
            assert_eq!(chosen.events, chosen.ids.len() as u64);
            all.extend(chosen.ids.iter().map(|id| (chosen.second, id.to_string())));
        }
        all.sort();
        all.into_iter().map(|(_, id)| id).collect::<Vec<String>>()
    };
    let steps: Vec<Vec<String>> = fire.steps.iter().map(|told| ids(&told.chosen)).collect();
    for (step, told) in steps.iter().zip(&fire.steps) {
        assert_eq!(step.len() as u64, told.count);
    }
    let (mut once, mut evidence) = (steps.concat(), ids(&fire.evidence));
    once.sort();
    once.dedup();
    evidence.sort();
    assert_eq!(evidence, once, "evidence has each event once");
    let last = fire.last.as_ref().unwrap().ids[0].to_string();
    Firing { second: fire.second, first: fire.first, last, steps }
}

/// All firings of a replay in which `batches` of seconds become complete.
fn replay(plan: &Plan, events: &[Event], random: &mut ChaCha8Rng, end: i64) -> Vec<Firing> {
    let course = Course::new(&plan.shape);
    let mut walker = Walker::new(&course);
    let mut order: Vec<&Event> = events.iter().collect();
    for at in (1..order.len()).rev() {
        order.swap(at, random.random_range(0..=at));
    }
    let (mut fires, mut watermark) = (Vec::new(), -1);
    while watermark < end {
        let next = end.min(watermark + random.random_range(1..=10));
        order.iter().filter(|event| (watermark + 1..=next).contains(&event.second)).for_each(
            |event| {
                walker.put(event.second, moment(plan, event));
            },
        );
        watermark = next;
        let mut holds = |step: usize, body: &Values, chosen: &[Option<&Values>]| {
            holds(plan, step, body, chosen)
        };
        let mut judging = Judging { course: &course, live: false, holds: &mut holds };
        walker.walk(watermark, watermark, &mut judging, &mut fires);
        walker.forget(watermark, &course);
    }
    assert_eq!(walker.exhausted(), 0);
    fires.iter().map(told).collect()
}

/// All alerts of a live stream in which events come in this order.
fn stream(plan: &Plan, events: &[Event], lateness: i64, end: i64) -> Vec<Firing> {
    let course = Course::new(&plan.shape);
    let mut walker = Walker::new(&course);
    let (mut fires, mut clock) = (Vec::new(), -1);
    let mut holds =
        |step: usize, body: &Values, chosen: &[Option<&Values>]| holds(plan, step, body, chosen);
    let mut judging = Judging { course: &course, live: true, holds: &mut holds };
    for event in events {
        walker.put(event.second, moment(plan, event));
        clock = clock.max(event.second - lateness - 1);
        walker.walk(i64::MAX, clock, &mut judging, &mut fires);
        walker.forget(clock, &course);
    }
    walker.walk(i64::MAX, end, &mut judging, &mut fires);
    fires.iter().map(told).collect()
}

fn case(seed: u64) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let plan = random_plan(&mut random);
    let mut events = random_events(&mut random, &plan);
    let last = events.iter().map(|event| event.second).max().unwrap();
    let end = last + random.random_range(0..=9);
    let expected = reference::firings(&plan, &events, end);
    let got = replay(&plan, &events, &mut random, end);
    assert_eq!(got, expected, "seed {seed}: {plan:#?}\n{events:#?}");
    // Out of order by less than the lateness, and in any order within a second.
    events.sort_by_cached_key(|event| (event.second + random.random_range(0..4), event.id.clone()));
    let alerts = stream(&plan, &events, 4, end);
    let mut seconds: Vec<i64> = alerts.iter().map(|firing| firing.second).collect();
    for firing in &expected {
        assert!(seconds.contains(&firing.second), "seed {seed}: {firing:?} of {alerts:?}");
    }
    seconds.sort_unstable();
    let count = seconds.len();
    seconds.dedup();
    assert_eq!(seconds.len(), count, "seed {seed}: twice {alerts:?} {plan:#?}");
    // In order of time and no two in one second it is the replay.
    events.sort_by_key(|event| event.second);
    events.dedup_by_key(|event| event.second);
    let expected_apart = reference::firings(&plan, &events, end);
    assert_eq!(stream(&plan, &events, 3, end), expected_apart, "seed {seed}, live");
    expected.len()
}

#[test]
fn every_random_stream_fires_as_the_enumeration_says() {
    let from: u64 = std::env::var("SEQUENCE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let firings: usize = (from..from + 8_000).map(case).sum();
    assert!(firings > 4_000, "{firings} firings");
}

#[test]
#[ignore = "a long run: 100,000 streams"]
fn many_random_streams_fire_as_the_enumeration_says() {
    (10_000..110_000).for_each(|seed| {
        case(seed);
    });
}
