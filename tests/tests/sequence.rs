//! The reference engine's search for matches against the definition, word for word, on small groups.
//!
//! The definition here tries every way to give each event one of the steps or
//! none, so a counted step may have any number of events. The reference engine
//! tries fewer. Both must fire at the same seconds and tell of the same first second.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use tests::generate::Random;
use tests::oracle::{Config, InputFile, Json, run, time_of, time_text};
use tests::tree;

const START: i64 = 1_767_225_600;

/// A step: whether it is a `not`, and its count.
#[derive(Clone, Copy)]
enum Step {
    Plain,
    Counted(usize),
    Not,
}

/// An event: its second, and which steps it satisfies.
struct Event {
    second: i64,
    fits: Vec<bool>,
}

/// A match: the seconds of its first and its last event.
type Match = (i64, i64);

/// All matches, were there no firings.
fn matches(steps: &[Step], events: &[Event], within: i64) -> Vec<Match> {
    let ways = steps.len() + 1;
    (0..ways.pow(events.len() as u32))
        .filter_map(|code| {
            // Step 0 is none of them.
            let given: Vec<usize> =
                (0..events.len()).map(|event| code / ways.pow(event as u32) % ways).collect();
            as_match(steps, events, &given).filter(|(first, last)| last - first < within)
        })
        .collect()
}

/// The match of events given to steps, where that is one.
fn as_match(steps: &[Step], events: &[Event], given: &[usize]) -> Option<Match> {
    let mut ends: Vec<(usize, i64, i64)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let of_step: Vec<usize> =
            (0..events.len()).filter(|event| given[*event] == number + 1).collect();
        let fits = of_step.iter().all(|event| events[*event].fits[number]);
        let enough = match step {
            Step::Plain => of_step.len() == 1,
            Step::Counted(least) => of_step.len() >= *least,
            Step::Not => of_step.is_empty(),
        };
        if !fits || !enough {
            return None;
        }
        let seconds: Vec<i64> = of_step.iter().map(|event| events[*event].second).collect();
        if let (Some(first), Some(last)) = (seconds.iter().min(), seconds.iter().max()) {
            ends.push((number, *first, *last));
        }
    }
    let (first, last) = (ends.first()?.1, ends.last()?.2);
    let in_order = ends.windows(2).all(|pair| pair[0].2 <= pair[1].1);
    let clear = ends.windows(2).all(|pair| {
        (0..events.len()).filter(|event| given[*event] == 0).all(|event| {
            let between = (pair[0].2..=pair[1].1).contains(&events[event].second);
            let forbidden = (pair[0].0 + 1..pair[1].0).any(|number| events[event].fits[number]);
            !(between && forbidden)
        })
    });
    (in_order && clear).then_some((first, last))
}

/// The seconds of firings with the first seconds of their matches, by the definition.
fn defined(steps: &[Step], events: &[Event], within: i64) -> Vec<(i64, i64)> {
    let matches = matches(steps, events, within);
    let mut seconds: Vec<i64> = events.iter().map(|event| event.second).collect();
    seconds.dedup();
    let mut fired = i64::MIN;
    let mut found = Vec::new();
    for second in seconds {
        let here = matches.iter().filter(|(first, last)| *last == second && *first > fired);
        if let Some(first) = here.map(|(first, _)| *first).max() {
            found.push((second, first));
            fired = second;
        }
    }
    found
}

/// The same of the reference engine.
fn told(steps: &[Step], events: &[Event], within: i64) -> Vec<(i64, i64)> {
    let texts: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(number, step)| match step {
            Step::Plain => format!("s{number}: req.s{number} == true"),
            Step::Counted(least) => format!("s{number}: {least}+ req.s{number} == true"),
            Step::Not => format!("not s{number}: req.s{number} == true"),
        })
        .collect();
    let rule =
        format!("rule r {{ sequence by account within {within}s {{ {} }} }}", texts.join(" then "));
    let records = events.iter().enumerate().map(|(id, event)| {
        let fits: Vec<String> = event
            .fits
            .iter()
            .enumerate()
            .map(|(number, fits)| format!("\"s{number}\":{fits}"))
            .collect();
        format!(
            r#"{{"eventID":"e{id}","eventTime":"{}","recipientAccountId":"1","requestParameters":{{{}}}}}"#,
            time_text(event.second),
            fits.join(",")
        )
    });
    let file = InputFile { delivery: None, records: records.collect() };
    let config = Config { now: START + 86_400, lateness: Config::LATENESS };
    let alerts = run(&[tree(&rule).unwrap()], &[file], &config).alerts;
    let seconds = alerts.iter().map(|line| {
        let alert = Json::parse(line).unwrap();
        let window = alert.get("because").unwrap().elements()[0].get("window").unwrap().clone();
        let at = |index: usize| time_of(window.elements()[index].as_text().unwrap()).unwrap();
        (at(1), at(0))
    });
    seconds.collect()
}

#[test]
fn the_search_finds_what_the_definition_says() {
    let mut fired = 0;
    for seed in 0..1_500 {
        let mut random = Random::new(seed);
        let mut steps: Vec<Step> = (0..1 + random.below(4))
            .map(|_| match random.below(6) {
                0 => Step::Counted(1),
                1 => Step::Counted(2),
                2 => Step::Counted(3),
                3 => Step::Not,
                _ => Step::Plain,
            })
            .collect();
        // Neither the first nor, here, the last is a `not`.
        for end in [0, steps.len() - 1] {
            if matches!(steps[end], Step::Not) {
                steps[end] = Step::Plain;
            }
        }
        let mut second = START;
        let events: Vec<Event> = (0..1 + random.below(6))
            .map(|_| {
                second += *random.pick(&[0, 0, 1, 1, 3]);
                Event { second, fits: steps.iter().map(|_| random.one_in(2)).collect() }
            })
            .collect();
        let within = *random.pick(&[1, 2, 4, 10]);
        let expected = defined(&steps, &events, within);
        assert_eq!(told(&steps, &events, within), expected, "seed {seed}");
        fired += expected.len();
    }
    assert!(fired >= 400, "{fired} firings");
}
