//! Random rules and streams: the engine proper against the reference engine, and the reference engine against itself.
//!
//! `TRAILHOUND_ORACLE_PAIRS` sets the number of pairs, `TRAILHOUND_ORACLE_SEED` the first seed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, in its helpers too"
)]

use tests::differential::{difference, expected, report, shrunk, ways};
use tests::generate::{NamedFile, Pair};
use tests::oracle::{self, Json};
use tests::{errors, tree};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// Compare pairs, half of them on a second thread.
fn compare(pairs: u64) {
    let first = setting("TRAILHOUND_ORACLE_SEED", 1);
    let last = first + setting("TRAILHOUND_ORACLE_PAIRS", pairs);
    println!("seeds {first} to {}", last - 1);
    let half = move |from| compare_seeds((from..last).step_by(2));
    let other = std::thread::spawn(move || half(first + 1));
    half(first);
    if let Err(panic) = other.join() {
        std::panic::resume_unwind(panic);
    }
}

fn compare_seeds(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let pair = Pair::of(seed);
        match difference(&pair, seed) {
            Ok(None) => {}
            Err(why) => panic!("seed {seed}: {why}\n{}", pair.text()),
            Ok(Some(_)) => {
                let small = shrunk(&pair, &|pair| matches!(difference(pair, seed), Ok(Some(_))));
                let shown = difference(&small, seed).unwrap().unwrap();
                panic!("{}", report(seed, &small, &shown));
            }
        }
    }
}

#[test]
fn engine_and_reference_agree() {
    compare(2_000);
}

#[test]
#[ignore = "long: 50,000 pairs"]
fn engine_and_reference_agree_at_length() {
    compare(50_000);
}

#[test]
fn the_reference_is_blind_to_order_and_chunks() {
    for seed in 1..=200 {
        let pair = Pair::of(seed);
        let plain =
            expected(&pair).unwrap_or_else(|why| panic!("seed {seed}: {why}\n{}", pair.text()));
        let file = tree(&pair.text()).unwrap();
        for way in ways(&pair, seed) {
            let inputs: Vec<_> = way.files.iter().map(NamedFile::input).collect();
            let other = oracle::run(std::slice::from_ref(&file), &inputs, &pair.config).alerts;
            assert_eq!(plain, other, "seed {seed}, {}", way.name);
        }
    }
}

#[test]
fn random_rules_are_well_typed() {
    for seed in 1..=500 {
        let pair = Pair::of(seed);
        assert_eq!(errors(&pair.text()), "", "seed {seed}\n{}", pair.text());
    }
}

#[test]
fn shrinking_keeps_what_is_needed_and_nothing_else() {
    let alerts = |pair: &Pair| {
        expected(pair).is_ok_and(|lines| lines.iter().any(|line| line.contains("\"count()\"")))
    };
    let seed = (1..).find(|seed| alerts(&Pair::of(*seed))).unwrap();
    let small = shrunk(&Pair::of(seed), &alerts);
    let records: usize = small.files.iter().map(|file| file.records.len()).sum();
    assert_eq!((small.rules.len(), expected(&small).unwrap().len()), (1, 1), "{}", small.text());
    assert!((1..=3).contains(&records), "{records} records");
    assert!(small.files.iter().all(|file| !file.records.is_empty()));
}

#[test]
fn random_pairs_reach_what_they_are_for() {
    let mut alerts = [0; 6];
    let (mut suppressed, mut exempted, mut late, mut future, mut no_time, mut no_key) =
        (0, 0, 0, 0, 0, 0);
    for seed in 1..=500 {
        let pair = Pair::of(seed);
        let outcome = oracle::run(&[tree(&pair.text()).unwrap()], &pair.inputs(), &pair.config);
        let ledger = &outcome.ledger;
        assert_eq!(
            ledger.seen,
            ledger.evaluated + ledger.duplicate + ledger.malformed,
            "seed {seed}"
        );
        assert_eq!((ledger.malformed, ledger.conflicting), (0, 0), "seed {seed}");
        suppressed += ledger.suppressed;
        late += ledger.late;
        future += ledger.future;
        no_time += ledger.no_time;
        no_key += ledger.no_key.values().sum::<u64>();
        for line in &outcome.alerts {
            let alert = Json::parse(line).unwrap();
            let kind = kind(&alert);
            alerts[kind] += 1;
            exempted +=
                u64::from(alert.get("exempted").is_some_and(|number| number.compact() != "0"));
        }
    }
    println!("alerts by kind: {alerts:?}");
    let reached = [suppressed, exempted, late, future, no_time, no_key];
    let all = alerts.iter().chain(&reached);
    assert!(all.clone().all(|number| *number >= 50), "{alerts:?} {reached:?}");
}

/// The kind of rule an alert is of: one event, window, new, sequence, score, share.
fn kind(alert: &Json) -> usize {
    let because = alert.get("because").unwrap().elements().last().unwrap();
    let baseline = |key: &str| because.at(&["baseline", key]).is_some();
    match because.get("clause").and_then(Json::as_text) {
        Some("where") => 0,
        Some("sequence") => 3,
        _ if baseline("share") => 5,
        _ if baseline("score") => 4,
        _ if alert.get("tuple").is_some() => 2,
        _ => 1,
    }
}
