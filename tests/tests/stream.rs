//! The live stream held against the replay: the same alerts for events in order, none twice in any order, and each
//! as a replay of what had come by then gives it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use tests::differential::Difference;
use tests::differential::report;
use tests::generate::{NamedFile, Pair, Random};
use tests::oracle::{Config, Json};
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

#[test]
fn what_a_stream_tells_is_what_a_replay_of_all_that_came_tells() {
    let mut told = 0;
    for seed in (1..=240).filter(|seed| seed % 3 != 0 || seed % 2 != 0) {
        let mut pair = Pair::of(seed);
        pair.config.lateness = 1_000 * 86_400;
        let mut records = timed(&pair);
        let mut random = Random::new(seed);
        records.truncate(36);
        let mut records: Vec<String> = records.into_iter().map(|(_, record)| record).collect();
        records.chunks_mut(9).for_each(|chunk| random.shuffle(chunk));
        let text = unsuppressed(&pair.text());
        let program = program(&text).unwrap();
        let mut before = Vec::new();
        for count in 1..=records.len() {
            let streamed = stream(&program, &records[..count], &pair.config).unwrap();
            assert_eq!(streamed.alerts[..before.len()], before, "seed {seed}");
            let news = &streamed.alerts[before.len()..];
            if !news.is_empty() {
                let all = records[..count].to_vec();
                let files = [NamedFile { name: "plain.json".to_owned(), records: all }];
                let how = How { threads: 1, shape: Shape::Lines, sorted: false };
                let replayed = engine_run(&program, &files, &pair.config, how).unwrap().alerts;
                for alert in news {
                    assert!(replayed.contains(alert), "seed {seed}, {count}\n{alert}\n{text}");
                }
                told += news.len();
            }
            before = streamed.alerts;
        }
    }
    assert!(told > 1_000, "{told}");
}

/// Rules that hold nothing back: which alert is the first depends on what came first.
fn unsuppressed(rules: &str) -> String {
    let kept = rules.lines().filter(|line| !line.trim_start().starts_with("suppress"));
    kept.collect::<Vec<_>>().join("\n")
}

/// Rules that ask something of each event of a group, one of each kind.
const OF_MANY: &str = r#"
rule often    { where write by account within 10m when count(ok) >= 10 show top(sourceIPAddress) suppress 1h }
rule wide     { where write by account within 10m when distinct(sourceIPAddress) >= 10 suppress 1h }
rule more     { where write by account within 1h when zscore(count()) >= 3 learn warmup=2d suppress 1h }
rule unseen   { where write by account when new(sourceIPAddress) learn warmup=2d }
rule together { where write by account within 10m when new(sourceIPAddress) and count() >= 1 learn warmup=2d }
rule seldom   { where write by account when rare(sourceIPAddress) < 0.01 learn warmup=2d min_samples=10 }
"#;

#[test]
fn a_second_may_have_as_many_events_as_it_likes() {
    const MANY: usize = 30_000;
    let program = program(OF_MANY).unwrap();
    let config = Config { now: 1_800_000_000, lateness: Config::LATENESS };
    let record = |number: usize, second: i64| {
        let time = tests::oracle::time_text(second);
        let [a, b, c] = [number >> 16, number >> 8 & 255, number & 255];
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"{time}","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","recipientAccountId":"111122223333","readOnly":false,"sourceIPAddress":"10.{a}.{b}.{c}","eventID":"{number:08x}-0000-4000-8000-000000000000"}}"#
        )
    };
    let start = 1_790_000_000;
    let mut records: Vec<String> = (0..80).map(|hour| record(0, start + 3_600 * hour)).collect();
    records.iter_mut().enumerate().for_each(|(number, record)| {
        *record = record.replace("-4000-", &format!("-{number:04}-"));
    });
    // Now and then an event comes with the second after it.
    let second = start + 3_600 * 80;
    records
        .extend((1..=MANY).map(|number| record(number, second + i64::from(number % 1_000 == 0))));
    let streamed = stream(&program, &records, &config).unwrap();
    let files = [NamedFile { name: "plain.json".to_owned(), records }];
    let how = How { threads: 2, shape: Shape::Lines, sorted: false };
    let replayed = engine_run(&program, &files, &config, how).unwrap();
    let of = |alerts: &[String], rule: &str| {
        let rule = format!("{{\"rule\":\"{rule}\"");
        let mut all: Vec<String> =
            alerts.iter().filter(|alert| alert.starts_with(&rule)).cloned().collect();
        all.sort();
        all
    };
    assert!(streamed.balanced && replayed.balanced);
    assert_eq!(of(&streamed.alerts, "unseen"), of(&replayed.alerts, "unseen"));
    for (rule, count) in [("often", 1), ("wide", 1), ("more", 1), ("unseen", MANY)] {
        assert_eq!(of(&streamed.alerts, rule).len(), count, "{rule}");
        assert_eq!(of(&replayed.alerts, rule).len(), count, "{rule}");
    }
    for rule in ["together", "seldom"] {
        assert_eq!(of(&streamed.alerts, rule).len(), MANY, "{rule}");
    }
}
