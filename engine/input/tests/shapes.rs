//! Each shape in which records arrive, whole, in pieces and compressed.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

mod common;

use common::{read, read_stream, record};
use trailhound_input::{Look, Malformed, Shapes};

/// All of `text` is read in good order: `count` records named "1", "2" and so on.
#[track_caller]
fn good(text: &str, count: usize, shapes: Shapes) {
    let (found, report) = read(text.as_bytes());
    let expected: Vec<_> = (1..=count).map(|number| number.to_string()).collect();
    assert_eq!(found, expected, "{text}");
    assert_eq!((report.malformed, report.oversize), (0, 0), "{report:?}");
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.shapes, shapes, "{}", report.shapes);
}

/// The text with each record name replaced by that record: `@1` and so on.
fn fill(text: &str) -> String {
    (1..=9).fold(text.to_owned(), |text, number| {
        let one = record(&number.to_string());
        let escaped = one.replace('"', "\\\"");
        text.replace(&format!("%{number}"), &escaped).replace(&format!("@{number}"), &one)
    })
}

#[test]
fn lists_of_records() {
    let records = Shapes::RECORDS;
    good(&fill(r#"{"Records":[@1,@2,@3]}"#), 3, records);
    good(&fill("{ \"Records\" : [ @1 ,\n @2 ] }\n"), 2, records);
    good(&fill("\u{feff}{\"Records\":[\r\n@1,\r\n@2\r\n]}\r\n"), 2, records);
    good(&fill(r#"{"Records":[@1,@2,]}"#), 2, records);
    good(&fill(r#"{"nextToken":"x","Records":[@1],"more":{"a":[1,{}]}}"#), 1, records);
    good(&fill("{\"Records\":[@1]}\n{\"Records\":[@2,@3]}\n"), 3, records);
    good(&fill("{\"Records\":[@1]}{\"Records\":[@2]}"), 2, records);
    good(&fill("[{\"Records\":[@1]},{\"Records\":[@2]}]"), 2, records.and(Shapes::LIST));
    good(&fill("[@1,@2]"), 2, Shapes::LIST);
    good(&fill("[\n  @1,\n  @2\n]\n"), 2, Shapes::LIST);
    good(&fill("[[@1,@2],[@3],[]]"), 3, Shapes::LIST);
    good(&fill("\u{feff}[@1]"), 1, Shapes::LIST);
}

#[test]
fn records_one_after_another() {
    good(&fill("@1\n@2\n@3\n"), 3, Shapes::LINES);
    good(&fill("@1\r\n@2\r\n\r\n@3"), 3, Shapes::LINES);
    good(&fill("@1@2@3"), 3, Shapes::LINES);
    good(&fill("\u{feff}@1\n\u{feff}@2"), 2, Shapes::LINES);
    good(&fill("@1,\n@2,\n"), 2, Shapes::LINES);
    good(&fill("\u{1e}@1\n\u{1e}@2\n"), 2, Shapes::LINES);
    good(&fill("@1"), 1, Shapes::SINGLE);
    good(&fill("  @1  \n"), 1, Shapes::SINGLE);
    let pretty = fill("@1").replace(",\"", ",\n  \"").replace("{\"", "{\n \"");
    good(&pretty, 1, Shapes::SINGLE);
    good(&format!("{pretty}\n{}", pretty.replace("\"1\"", "\"2\"")), 2, Shapes::LINES);
}

#[test]
fn records_in_other_tools_envelopes() {
    let detail = r#"{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":"#;
    let line = format!("{detail}@1}}\n{detail}@2,\"region\":\"x\"}}\n");
    good(&fill(&line), 2, Shapes::DETAIL);
    let logs = r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":7,"message":"%1"},{"id":"2","message":"%2"}]}"#;
    good(&fill(logs), 2, Shapes::LOG_EVENTS);
    let looked_up = r#"{"Events":[{"EventId":"1","EventName":"X","Resources":[],"CloudTrailEvent":"%1"},{"CloudTrailEvent":"%2","Username":"u"}],"NextToken":"t"}"#;
    good(&fill(looked_up), 2, Shapes::CLOUD_TRAIL_EVENT);
    good(&fill("{\"EventId\":\"1\",\"CloudTrailEvent\":\"%1\"}\n"), 1, Shapes::CLOUD_TRAIL_EVENT);
    good(&fill(r#"{"aws":{"cloudtrail":@1}}"#), 1, Shapes::OTHER);
    good(&fill(r#"["%1","%2"]"#), 2, Shapes::LIST);
    good(&fill(r#"{"message":"%1\n%2"}"#), 2, Shapes::LOG_EVENTS);
    let inner = fill(r#"{"detail":@1}"#).replace('"', "\\\"");
    let both = Shapes::LOG_EVENTS.and(Shapes::DETAIL);
    good(&format!(r#"{{"logEvents":[{{"message":"{inner}"}}]}}"#), 1, both);
}

#[test]
fn inputs_without_records_that_are_in_good_order() {
    for text in [r#"{"Records":[]}"#, "{\"Records\": [\n]\n}\n", r#"{"Events":[]}"#, "[]"] {
        good(text, 0, Shapes::default());
    }
    let control = r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}"#;
    good(control, 0, Shapes::default());
}

#[test]
fn a_record_is_one_whatever_else_it_holds() {
    let with = r#"{"message":"text","eventName":"X","eventID":"1","eventSource":"s"}"#;
    good(with, 1, Shapes::SINGLE);
    good(r#"{"eventName":"X","eventSource":"s","eventID":"1","Records":[{}]}"#, 1, Shapes::SINGLE);
    good(r#"{"detail":{"a":1},"eventName":"X","eventID":"1"}"#, 1, Shapes::SINGLE);
}

#[test]
fn places_are_bytes_of_the_inflated_input() {
    let text = fill("\u{feff}{\"Records\":[@1, @2]}");
    let (found, _) = common::read_file(text.as_bytes());
    let places: Vec<_> = found.iter().map(|(_, at)| usize::try_from(*at).unwrap()).collect();
    assert_eq!(places, [15, 15 + record("1").len() + 2]);
    let text = fill(r#"{"logEvents":[{"message":"%1%2"}]}"#);
    let (found, _) = common::read_file(text.as_bytes());
    assert_eq!(found, [("1".into(), 25), ("2".into(), 25)], "the place of the text");
}

/// What `text` holds beside its records, each counted once.
#[track_caller]
fn counts(text: &str, records: u64, malformed: u64, first: Option<(u64, Malformed)>) {
    let (_, report) = read(text.as_bytes());
    assert_eq!((report.records, report.malformed), (records, malformed), "{text} {report:?}");
    assert_eq!(report.first_malformed, first, "{text}");
    assert_eq!(report.damage.count, 0, "{text}");
}

#[test]
fn what_is_no_record_is_counted_once() {
    use Malformed::{Foreign, NotObject, Notification, TooDeep};
    counts(
        &fill(r#"{"Records":[@1,{"a":1},@2]}"#),
        2,
        1,
        Some((13 + record("1").len() as u64, Foreign)),
    );
    counts("{\"a\":1}\n{}\n", 0, 2, Some((0, Foreign)));
    counts(&fill("[1,\"a\",null,-2.5e7,@1]"), 1, 4, Some((1, NotObject)));
    counts(&fill("null\n@1\ntrue"), 1, 2, Some((0, NotObject)));
    counts(r#"{"detail-type":"Object Created","detail":{"bucket":{}}}"#, 0, 1, Some((41, Foreign)));
    counts(r#"{"level":"info","message":"hello"}"#, 0, 1, Some((0, Foreign)));
    counts(r#"{"message":"{\"a\":1}"}"#, 0, 1, Some((11, Foreign)));
    let notice = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{}}]}"#;
    counts(notice, 0, 1, Some((12, Notification)));
    counts(&format!("{}{}", "[".repeat(40), "]".repeat(40)), 0, 1, Some((16, TooDeep)));
    let nested = (0..40).fold(record("1"), |inner, _| format!(r#"{{"detail":{inner}}}"#));
    let (_, report) = read(nested.as_bytes());
    assert_eq!((report.records, report.malformed, report.damage.count), (0, 1, 0));
}

#[track_caller]
fn looks_like(text: &[u8], expected: &str) {
    let (found, report) = read(text);
    assert!(found.is_empty() && !report.is_sound());
    assert_eq!(report.looked_like.unwrap().to_string(), expected);
}

#[test]
fn unrecognised_inputs_are_described() {
    looks_like(b"", "empty");
    looks_like(b" \n\xef\xbb\xbf", "empty");
    looks_like(br#"{"a":1,"b":2}"#, "JSON objects with the keys a, b");
    looks_like(b"hello\x1b[0m world", "not JSON: begins with `hello\\u{1b}[0m world`");
    looks_like(b"eventTime,eventName,x\n1,2,3\n", "comma-separated values");
    looks_like(b"\"eventTime\",\"eventName\",\"x\"\n", "comma-separated values");
    looks_like(b"[1,2]", "JSON values that are no objects");
    let notice = br#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{}}]}"#;
    looks_like(notice, "a notification that names log files and holds no record");
    let created = br#"{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{}}}"#;
    looks_like(created, "an EventBridge event whose `detail` is no CloudTrail record");
    let logs = br#"{"awslogs":{"data":"H4sIAAAA"}}"#;
    looks_like(
        logs,
        "a CloudWatch Logs subscription in base64 (`awslogs.data`), not supported yet",
    );
    looks_like(
        br#"{"Records":[{"eventVe"#,
        "JSON without a whole record: begins with `{\"Records\":[{\"eventVe`",
    );
    looks_like(
        br#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#,
        "a CloudTrail digest",
    );
    let (_, report) = common::read_file(&common::gzip(b"a,b,c\n"));
    assert_eq!(report.looked_like.unwrap().to_string(), "gzip of comma-separated values");
    let (_, report) = common::read_file(&common::gzip(&common::gzip(b"x")));
    assert_eq!(report.looked_like.unwrap().what, Look::Packed("gzip"));
}

#[test]
fn a_record_is_handed_on_with_the_read_that_completes_it() {
    use std::ops::ControlFlow;
    use trailhound_input::{Arrival, Reader};
    // The last byte of each record is the last of its line that has come.
    let text = fill("@1\n@2\n");
    let first = record("1").len();
    for shape in [text.clone(), fill(r#"{"Records":[@1,@2]}"#), fill(r#"[@1,@2]"#)] {
        let start = shape.find("{\"eventVersion").unwrap();
        let layout = event::Layout::new();
        let mut reader = Reader::new(&layout);
        let mut source = common::Pieces { bytes: shape.as_bytes(), piece: start + first };
        let mut log = String::new();
        reader.stream(&mut source, &mut |arrival| {
            log.push(match arrival {
                Arrival::Record(_) => 'r',
                Arrival::Idle => '.',
            });
            ControlFlow::Continue(())
        });
        assert!(log.starts_with("r."), "{shape}: {log}");
    }
    let (found, _) = read_stream(text.as_bytes(), 1);
    assert_eq!(found.len(), 2);
}

#[test]
fn a_stopped_stream_has_no_damage() {
    use std::ops::ControlFlow;
    use trailhound_input::{Arrival, Reader};
    let text = fill("{\"Records\":[@1,@2]}");
    let layout = event::Layout::new();
    let mut source = common::Pieces { bytes: text.as_bytes(), piece: 300 };
    let report = Reader::new(&layout).stream(&mut source, &mut |arrival| match arrival {
        Arrival::Record(_) => ControlFlow::Continue(()),
        Arrival::Idle => ControlFlow::Break(()),
    });
    assert_eq!((report.records, report.damage.count, report.bytes_read), (1, 0, 300));
}
