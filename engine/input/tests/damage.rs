//! Damage costs the damaged records, and never the run.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

mod common;

use common::{Dice, read, read_file, read_stream, record};
use std::io::{self, ErrorKind, Read};
use std::ops::ControlFlow;
use trailhound_input::{Arrival, LONGEST_RECORD, Malformed, Reader, Reason};

/// Lines or a list of ten records, the text of the fifth replaced.
fn texts(fifth: &str) -> [String; 4] {
    let records: Vec<_> = (0..10)
        .map(|number| if number == 5 { fifth.to_owned() } else { record(&number.to_string()) })
        .collect();
    [
        records.join("\n") + "\n",
        format!("{{\"Records\":[{}]}}", records.join(",")),
        format!("[\n  {}\n]\n", records.join(",\n  ")),
        records.concat(),
    ]
}

/// Only the fifth record is lost, and it is told.
#[track_caller]
fn costs_one(fifth: &str) {
    for text in texts(fifth) {
        let (found, report) = read(text.as_bytes());
        let expected = ["0", "1", "2", "3", "4", "6", "7", "8", "9"];
        assert_eq!(found, expected, "{text}");
        assert!(report.malformed >= 1 && report.damage.count >= 1 && !report.is_sound());
        let at = text.find(&record("4")).unwrap() + record("4").len();
        let damage = report.damage.kept[0];
        assert!((at as u64..=at as u64 + 4).contains(&damage.at), "{damage:?} {at}");
        assert!(damage.to <= text.find(&record("6")).unwrap() as u64, "{damage:?}");
    }
}

#[test]
fn a_damaged_record_costs_itself() {
    let whole = record("5");
    costs_one(&whole[..whole.len() - 1]);
    costs_one(&whole.replace(r#""IAMUser""#, r#"IAMUser""#));
    costs_one(&whole.replace(r#""eventName":"#, r#""eventName""#));
    costs_one(&whole.replace(r#""a"}"#, r#""a""#));
    costs_one(&whole.replace("\"eventTime\"", "\0\0\0\0\0\0\0\0"));
    costs_one(&whole.replace(r#"{"type""#, r#"{type""#));
    costs_one("{\"eventVersion\":\"1.08\",,}");
    costs_one("{{}}}");
}

#[test]
fn a_cut_line_costs_itself() {
    let whole = record("5");
    for length in 1..whole.len() {
        let text = &texts(&whole[..length])[0];
        let (found, report) = read_file(text.as_bytes());
        let found: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(found, ["0", "1", "2", "3", "4", "6", "7", "8", "9"], "{length} {text}");
        assert!(report.damage.count >= 1, "{length}");
    }
}

#[test]
fn a_cut_envelope_line_costs_itself() {
    let line = |id: &str| format!(r#"{{"version":"0","detail":{},"region":"x"}}"#, record(id));
    let whole = line("5");
    for length in 1..whole.len() {
        let text = format!("{}\n{}\n{}\n{}\n", line("4"), &whole[..length], line("6"), line("7"));
        let (found, report) = read_file(text.as_bytes());
        let found: Vec<_> =
            found.iter().map(|(id, _)| id.as_str()).filter(|id| *id != "5").collect();
        assert_eq!(found, ["4", "6", "7"], "{length} {text}");
        assert!(report.damage.count >= 1, "{length}");
    }
}

#[test]
fn each_cut_of_a_list_gives_the_records_before_it() {
    let text = format!("{{\"Records\":[{},{}]}}", record("0"), record("1"));
    let ends = [12 + record("0").len(), 12 + 2 * record("0").len() + 1];
    for length in 0..text.len() {
        let (found, report) = read_file(&text.as_bytes()[..length]);
        let expected = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(found.len(), expected, "{length}");
        assert!(!report.is_sound(), "{length}");
        let cut = length > 0 && report.damage.kept.iter().any(|one| one.reason == Reason::Cut);
        assert!(cut || length == 0, "{length} {report:?}");
    }
}

#[test]
fn junk_between_records_is_told() {
    let text = format!("<134>Jan  1 host ct: {}\nsome words\n{}\n", record("1"), record("2"));
    let (found, report) = read(text.as_bytes());
    assert_eq!(found, ["1", "2"]);
    assert_eq!((report.malformed, report.damage.count), (2, 2));
    assert_eq!(report.damage.kept[0].to_string(), "byte 0 to 21: not JSON");
    assert_eq!(report.first_malformed, Some((0, Malformed::Damaged)));
}

#[test]
fn a_long_record_is_passed_over_in_every_way_of_reading() {
    let long = |length: usize| record("long").replace("c}", &"x{\\\"".repeat(length / 4));
    let big = long(5 << 20);
    for text in texts(&big) {
        let (found, report) = read(text.as_bytes());
        assert_eq!(found.len(), 9);
        assert_eq!(
            (report.oversize, report.malformed, report.damage.count),
            (1, 0, 0),
            "{report:?}"
        );
        let at = report.first_oversize.unwrap() as usize;
        assert!(text[at..].starts_with(&big));
    }
    // The limit is exact.
    let longest = record("5").replace("c}", &"y".repeat(LONGEST_RECORD - record("5").len() + 2));
    assert_eq!(longest.len(), LONGEST_RECORD);
    assert_eq!(read(format!("[{longest}]").as_bytes()).0, ["5"]);
    let (found, report) = read(format!("[{}]", longest.replace("yy", "yyy")).as_bytes());
    assert_eq!((found.len(), report.oversize), (0, 1));
    let text = format!("{{\"logEvents\":[{{\"message\":\"{}\"}}]}}", "z".repeat(5 << 20));
    let (_, report) = read(text.as_bytes());
    assert_eq!((report.oversize, report.malformed), (1, 0), "{report:?}");
}

#[test]
fn missing_brackets_swallow_no_more_than_they_must() {
    // Three brackets are open, so no later record ends the damaged one.
    let broken = record("b").replace("c}\"}]}", "c}\"");
    let many: Vec<_> = (0..25_000).map(|number| record(&number.to_string())).collect();
    let text = format!("{{\"Records\":[{broken},{}]}}", many.join(","));
    assert!(text.len() > LONGEST_RECORD);
    let (found, report) = read_file(text.as_bytes());
    assert_eq!((found.len(), report.malformed, report.damage.count), (25_000, 1, 1));
    let (found, _) = read_stream(text.as_bytes(), 1 << 16);
    assert_eq!(found.len(), 25_000);
}

#[test]
fn depth_costs_nothing() {
    let deep = 1_000_000;
    for (open, close) in
        [("[", "]"), ("{\"a\":", "}"), ("{\"detail\":", "}"), ("[{\"eventID\":", "}]")]
    {
        for (opened, closed) in [(deep, deep), (deep, 0)] {
            let nest = format!("{}1{}", open.repeat(opened), close.repeat(closed));
            let skipped = record("1").replace("\"c}\"", &nest);
            let used = record("1").replace("\"a\",", &format!("{nest},"));
            for text in [nest.clone(), skipped, used] {
                let text = format!("{text}\n{}\n", record("after"));
                let (found, report) = read_file(text.as_bytes());
                // Beyond a bound, beginnings of records that never end are given up.
                let given_up = closed == 0
                    && report.damage.kept.iter().any(|one| one.reason == Reason::GivenUp);
                let after = found.iter().any(|(id, _)| id == "after");
                assert!(after || given_up, "{open} {closed} {report:?}");
            }
        }
    }
}

#[test]
fn no_damage_takes_more_than_linear_time() {
    let count = 100_000;
    let texts = [
        "{\"a\":".repeat(count),
        "\n{\"a\":".repeat(count),
        "[{\"eventName\":".repeat(count),
        "[{\"detail\":{\"a\":[".repeat(count),
        ",{\"eventName\":{".repeat(count),
        "{\"eventName\":\"".repeat(count),
        "{\"".repeat(count),
        "\n{\"\\".repeat(count),
        "}{\"eventName\":{\"a\":[{".repeat(count),
        "{\"message\":\"".repeat(count),
        "\\u007b".repeat(count),
        "{}".repeat(count),
        "{\"Records\":[".repeat(count),
        "x{\"eventID\":[".repeat(count),
        format!("[{}", "{\"eventID\":{\"a\":1},".repeat(count)),
    ];
    for text in texts {
        let (_, report) = read_file(text.as_bytes());
        let (_, stream) = read_stream(text.as_bytes(), 1 << 14);
        assert!(report.malformed >= 1 && stream.malformed >= 1, "{}", &text[..20]);
    }
}

#[test]
fn what_comes_before_a_fault_of_the_source_is_read() {
    struct Failing<'a>(&'a [u8]);
    impl Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into) {
                Ok(0) => Err(ErrorKind::ConnectionReset.into()),
                other => other,
            }
        }
    }
    let text = format!("{}\n{}\n{}", record("1"), record("2"), &record("3")[..50]);
    for stored in [text.clone().into_bytes(), common::gzip(text.as_bytes())] {
        let layout = event::Layout::new();
        let mut count = 0;
        let report = Reader::new(&layout).stream(&mut Failing(&stored), &mut |arrival| {
            count += u64::from(matches!(arrival, Arrival::Record(_)));
            ControlFlow::Continue(())
        });
        common::assert_books(&report);
        assert_eq!((count, report.records, report.malformed), (2, 2, 1));
        let reasons: Vec<_> = report.damage.kept.iter().map(|one| one.reason).collect();
        assert_eq!(reasons, [Reason::Cut, Reason::Io(ErrorKind::ConnectionReset)]);
        assert_eq!(report.bytes_read, stored.len() as u64);
    }
}

#[test]
fn texts_in_texts_end() {
    let mut text = record("1");
    for depth in 0..12 {
        let (found, report) = read_file(text.as_bytes());
        assert_eq!(found.len(), usize::from(depth <= 8), "{depth} {report:?}");
        assert_eq!(report.malformed, u64::from(depth > 8));
        text = format!(r#"{{"message":"{}"}}"#, text.replace('\\', "\\\\").replace('"', "\\\""));
    }
}

/// Any bytes: no panic, the books balance, and cuts change nothing.
#[test]
fn any_bytes_are_read_alike_however_they_are_cut() {
    let seeds = [
        format!("{{\"Records\":[{},{}]}}", record("1"), record("2")),
        format!("{}\n{}\n{}\n", record("1"), record("2"), record("3")),
        format!(r#"{{"logEvents":[{{"message":"{}"}}]}}"#, record("1").replace('"', "\\\"")),
        format!("{{\"version\":\"0\",\"detail\":{}}}\n", record("1")).repeat(2),
        format!("[\n  {},\n  {{\"aws\":{{\"cloudtrail\":{}}}}}\n]", record("1"), record("2")),
    ];
    let marks = b"{}[]\",:\\\n \0\xefn1";
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for round in 0..1_500 {
        let mut text = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=dice.below(4) {
            let at = dice.below(text.len());
            match dice.below(4) {
                0 => text[at] = marks[dice.below(marks.len())],
                1 => text.insert(at, marks[dice.below(marks.len())]),
                2 => drop(text.drain(at..(at + dice.below(40)).min(text.len()))),
                _ => text[at] ^= 1 << dice.below(8),
            }
        }
        let whole = read_stream(&text, usize::MAX);
        for piece in [1, 2, 3, 7, 64] {
            let cut = read_stream(&text, piece);
            assert_eq!(
                cut,
                whole,
                "round {round}, pieces of {piece}: {}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}
