//! Sequences by hand: scripts of events, and how much work long streams are.

use super::*;

/// Letters are steps: `5+a`, `!n`, `b`; `b=a` joins `b` with `a` by key.
fn plan(within: i64, steps: &str) -> Plan {
    let mut plan = Plan {
        shape: Shape { within, steps: Vec::new(), joins: Vec::new() },
        conditions: Vec::new(),
    };
    let mut names = Vec::new();
    for (late, word) in steps.split_whitespace().enumerate() {
        let (word, of) = word.split_once('=').map_or((word, None), |(word, of)| (word, Some(of)));
        let (demand, name) = match (word.strip_prefix('!'), word.split_once('+')) {
            (Some(name), _) => (Demand::Absent, name),
            (_, Some((count, name))) => (Demand::AtLeast(count.parse().unwrap()), name),
            _ => (Demand::One, word),
        };
        names.push(name.to_owned());
        let early = of.map(|of| names.iter().position(|name| name == of).unwrap());
        plan.shape.joins.extend(early.map(|early| Join { early, late }));
        plan.conditions.push(early.into_iter().map(Condition::SameKey).collect());
        let reads = early.map_or(0, |early| 1 << early);
        plan.shape.steps.push(Step { demand, reads });
    }
    plan
}

/// `second step…[/key]` for each event, ids `e00`, `e01`, …
fn events(plan: &Plan, steps: &str, script: &str) -> Vec<Event> {
    let names: Vec<char> = steps
        .split_whitespace()
        .map(|word| word.split('=').next().unwrap().chars().next_back().unwrap())
        .collect();
    assert_eq!(names.len(), plan.shape.steps.len());
    let words: Vec<&str> = script.split_whitespace().collect();
    let pairs = words.chunks(2).enumerate();
    pairs
        .map(|(number, pair)| {
            let (letters, key) = pair[1].split_once('/').unwrap_or((pair[1], "0"));
            let mask = letters
                .chars()
                .map(|letter| 1 << names.iter().position(|name| *name == letter).unwrap());
            Event {
                second: pair[0].parse().unwrap(),
                id: format!("e{number:02}"),
                mask: mask.sum(),
                key: Some(key.parse().unwrap()),
                color: 0,
            }
        })
        .collect()
}

/// The firings as `second: first-last`, then for each step its event or how many.
#[track_caller]
fn check(within: i64, steps: &str, script: &str, end: i64, expected: &[&str]) {
    let plan = plan(within, steps);
    let events = events(&plan, steps, script);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let firings = replay(&plan, &events, &mut random, end);
    assert_eq!(firings, reference::firings(&plan, &events, end), "the reference");
    let lines: Vec<String> = firings
        .iter()
        .map(|firing| {
            let asked = plan.shape.steps.iter().filter(|step| step.demand != Demand::Absent);
            let steps = firing.steps.iter().zip(asked).map(|(ids, step)| match step.demand {
                Demand::One => format!(" {}", ids[0]),
                _ => format!(" x{}", ids.len()),
            });
            let steps: String = steps.collect();
            let last = events.iter().find(|event| event.id == firing.last).unwrap().second;
            format!("{}: {}-{last}{steps}", firing.second, firing.first)
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn failures_then_a_success() {
    check(10, "3+f g", "1 f 2 f 3 g", 20, &[]);
    check(10, "3+f g", "1 f 2 f 3 f 3 g", 20, &["3: 1-3 x3 e03"]);
    check(10, "3+f g", "0 f 1 f 2 f 3 f 9 g 9 g", 20, &["9: 1-9 x4 e04"]);
    check(10, "3+f g", "0 f 1 f 2 f 10 g", 20, &[]);
    check(10, "3+f g", "0 f 1 f 2 f 3 g 4 g 5 f 6 g", 20, &["3: 0-3 x3 e03"]);
}

#[test]
fn a_second_has_no_order_and_an_event_one_use() {
    check(10, "a b", "5 b 5 a", 20, &["5: 5-5 e01 e00"]);
    check(10, "a b", "5 ab", 20, &[]);
    check(10, "a b", "5 ab 5 ab", 20, &["5: 5-5 e00 e01"]);
    check(10, "2+a b", "5 ab 5 ab", 20, &[]);
    check(10, "2+a b", "5 ab 5 ab 5 ab", 20, &["5: 5-5 x3 e00"]);
}

#[test]
fn keys_join_steps() {
    check(10, "a b=a", "1 a/1 2 a/2 3 b/3 4 b/1", 20, &["4: 1-4 e00 e03"]);
    check(10, "a 2+b=a", "1 a/1 2 b/1 3 b/2 4 b/1", 20, &["4: 1-4 e00 x2"]);
    check(10, "a !n=a b=a", "1 a/1 1 a/2 2 n/1 3 b/1 4 b/2", 20, &["4: 1-4 e01 e04"]);
}

#[test]
fn absences_hold_in_both_seconds() {
    check(10, "a !n b", "1 a 2 b", 20, &["2: 1-2 e00 e01"]);
    check(10, "a !n b", "1 a 1 n 2 b", 20, &[]);
    check(10, "a !n b", "1 a 2 n 2 b", 20, &[]);
    check(10, "a !n b", "1 an 2 b", 20, &["2: 1-2 e00 e01"]);
    check(10, "2+a !n b", "1 a 2 a 5 an 9 b", 20, &["9: 2-9 x3 e03"]);
    check(10, "a !n 2+c", "1 a 2 c 3 n 4 c 5 c", 20, &["4: 1-4 e00 x2"]);
}

#[test]
fn a_closing_absence_fires_at_its_deadline() {
    check(10, "a !n", "1 a", 11, &["11: 1-1 e00"]);
    check(10, "a !n", "1 a", 10, &[]);
    check(10, "a !n", "1 a 10 n", 20, &[]);
    check(10, "a !n", "1 a 11 n", 20, &["11: 1-1 e00"]);
    check(10, "a !n", "1 a 1 n", 20, &[]);
    check(10, "a !n", "1 a 5 a 12 a", 40, &["11: 1-1 e00", "22: 12-12 e02"]);
    check(10, "a !n=a", "1 a/1 2 a/2 3 n/1", 40, &["12: 2-2 e01"]);
    check(10, "2+a !n", "1 a 2 a 11 a", 11, &["11: 1-2 x2"]);
}

/// How often conditions over several events are asked while a stream is walked.
fn asked(steps: &str, within: i64, stream: impl Iterator<Item = (i64, u32, u8)>) -> (usize, usize) {
    let plan = plan(within, steps);
    let course = Course::new(&plan.shape);
    let mut walker = Walker::new(&course);
    let (mut asked, mut fires, mut events) = (0, Vec::new(), 0);
    for (second, mask, key) in stream {
        let event = Event { second, id: format!("{events:08}"), mask, key: Some(key), color: 0 };
        events += 1;
        walker.put(second, moment(&plan, &event));
        let mut count = |step: usize, body: &Values, chosen: &[Option<&Values>]| {
            asked += 1;
            holds(&plan, step, body, chosen)
        };
        let mut judging = Judging { course: &course, live: false, holds: &mut count };
        walker.walk(second, second, &mut judging, &mut fires);
        walker.forget(second, &course);
    }
    assert_eq!(walker.exhausted(), 0);
    assert!(walker.cells.len() as i64 <= within, "{} cells", walker.cells.len());
    (asked, fires.len())
}

#[test]
fn long_streams_are_not_quadratic() {
    const EVENTS: i64 = 20_000;
    let all = |mask: fn(i64) -> u32, key: fn(i64) -> u8| {
        (0..EVENTS).map(move |second| (second, mask(second), key(second)))
    };
    // Failures without end and now and then a success: one search a success.
    let (_, fires) = asked("5+f g", 3_000, all(|second| 1 + u32::from(second % 50 == 49), |_| 0));
    assert_eq!(fires, 400);
    // The last step is frequent and never has its first: no search at all.
    assert_eq!(asked("a b=a", 3_000, all(|s| 1 + u32::from(s % 2 > 0), |s| (s % 2) as u8)), (0, 0));
    // Each pair has its own key.
    let (asks, fires) =
        asked("a b=a", 3_000, all(|s| 1 + u32::from(s % 400 >= 200), |s| (s % 200) as u8));
    assert!(asks < 2 * EVENTS as usize && fires > 0, "{asks} for {fires}");
    // An absence that is always broken.
    assert_eq!(asked("a !n c", 3_000, all(|s| 1 << (s % 3), |_| 0)), (0, 0));
}

#[test]
fn a_search_without_hope_ends() {
    // Four steps that must all differ in color, of which there are two: every triple fails.
    let shape = Shape {
        within: 1_000,
        steps: (0..4).map(|step| Step { demand: Demand::One, reads: (1 << step) - 1 }).collect(),
        joins: Vec::new(),
    };
    let conditions = (0..4).map(|step| (0..step).map(Condition::OtherColor).collect()).collect();
    let plan = Plan { shape, conditions };
    let course = Course::new(&plan.shape);
    let mut walker = Walker::new(&course);
    let (mut asked, mut fires) = (0_u32, Vec::new());
    for second in 0..400 {
        let (mask, color) = if second == 399 { (8, 2) } else { (7, (second % 2) as u8) };
        let event = Event { second, id: format!("{second:03}"), mask, key: None, color };
        walker.put(second, moment(&plan, &event));
    }
    let mut count = |step: usize, body: &Values, chosen: &[Option<&Values>]| {
        asked += 1;
        holds(&plan, step, body, chosen)
    };
    let mut judging = Judging { course: &course, live: false, holds: &mut count };
    walker.walk(399, 399, &mut judging, &mut fires);
    assert_eq!((fires.len(), walker.exhausted()), (0, 1));
    assert!(asked <= search::MOST_TRIES, "{asked}");
}
