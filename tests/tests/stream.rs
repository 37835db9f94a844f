//! The live stream held against the replay: the same alerts for events in order, none twice in any order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use tests::differential::Difference;
use tests::differential::report;
use tests::generate::{NamedFile, Pair, Random};
use tests::oracle::Json;
use tests::production::{How, Shape, engine_run, program, stream};

/// The seconds of the records that have one.
fn timed(pair: &Pair) -> Vec<(i64, String)> {
    let mut seen = BTreeMap::new();
    for record in pair.files.iter().flat_map(|file| &file.records) {
        let json = Json::parse(record).unwrap();
        let time = json.get("eventTime").and_then(Json::as_text);
        if let Some(second) = time.and_then(tests::oracle::time_of) {
            seen.entry(record.clone()).or_insert(second);
        }
    }
    let mut all: Vec<_> = seen.into_iter().map(|(record, second)| (second, record)).collect();
    all.sort();
    all
}

#[test]
fn a_stream_in_order_gives_the_alerts_of_a_replay() {
    for seed in 1..=400 {
        let mut pair = Pair::of(seed);
        let mut records = timed(&pair);
        records.dedup_by_key(|(second, _)| *second);
        let records: Vec<String> = records.into_iter().map(|(_, record)| record).collect();
        pair.files = vec![NamedFile { name: "plain.json".to_owned(), records: records.clone() }];
        let program = program(&pair.text()).unwrap();
        let how = How { threads: 1, shape: Shape::Lines, sorted: false };
        let replayed = engine_run(&program, &pair.files, &pair.config, how).unwrap();
        let streamed = stream(&program, &records, &pair.config).unwrap();
        assert!(streamed.balanced, "seed {seed}");
        // In a replay alerts of events from the future come last; in a stream as they come.
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        let (expected, got) = (sorted(replayed.alerts), sorted(streamed.alerts));
        if replayed.records.future == 0 && expected != got {
            let way = "stream".to_owned();
            panic!("{}", report(seed, &pair, &Difference { way, expected, got }));
        }
    }
}

#[test]
fn a_stream_in_disorder_repeats_no_alert() {
    for seed in 1..=400 {
        let pair = Pair::of(seed);
        let mut random = Random::new(seed);
        let mut records: Vec<_> = timed(&pair).into_iter().map(|(_, record)| record).collect();
        random.shuffle(&mut records);
        let program = program(&pair.text()).unwrap();
        let said = stream(&program, &records, &pair.config).unwrap();
        assert!(said.balanced, "seed {seed}");
        let mut told = BTreeMap::new();
        for line in &said.alerts {
            let alert = Json::parse(line).unwrap();
            let print = alert.get("fingerprint").unwrap().compact();
            if let Some(before) = told.insert(print, line.clone()) {
                panic!("seed {seed}: twice\n{before}\n{line}\n{}", pair.text());
            }
        }
    }
}

#[test]
fn sorted_input_gives_the_alerts_of_any_other() {
    for seed in 1..=400 {
        let mut pair = Pair::of(seed);
        let records = timed(&pair).into_iter().map(|(_, record)| record).collect();
        pair.files = vec![NamedFile { name: "plain.json".to_owned(), records }];
        let program = program(&pair.text()).unwrap();
        let run = |threads, sorted| {
            let how = How { threads, shape: Shape::Lines, sorted };
            engine_run(&program, &pair.files, &pair.config, how).unwrap()
        };
        let plain = run(1, false);
        for threads in [1, 4] {
            let sorted = run(threads, true);
            assert!(sorted.balanced, "seed {seed}");
            assert_eq!(plain.alerts, sorted.alerts, "seed {seed}, {threads} threads");
            assert_eq!(sorted.records.late, 0, "seed {seed}");
        }
    }
}
