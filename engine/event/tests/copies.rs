//! What makes two records copies of one event, however each of them is written.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use bumpalo::Bump;
use std::hash::{BuildHasherDefault, DefaultHasher};
use trailhound_event::{Event, Layout, Scan, Seed, Slots, scan};

const RECORD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"Get","awsRegion":"eu-west-1","errorCode":"é","requestParameters":{"key":"a \"b\""},"requestID":"R-7","eventID":"5d0e3c0e-1c5a-4e0b-8d0b-0d3d6d2c9a11","recipientAccountId":"111122223333"}"#;
const KEY: [&str; 8] = [
    "eventID",
    "requestID",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "recipientAccountId",
    "errorCode",
];

/// The key of a record and what tells its content, the same with all vectors.
fn numbers(record: &[u8]) -> (u64, u64) {
    let seed = Seed::new(&BuildHasherDefault::<DefaultHasher>::default());
    let (layout, arena) = (Layout::new(), Bump::new());
    let mut all = Slots::all().into_iter().map(|mut slots| {
        assert_eq!(scan(record, 0, &layout, &mut slots), Scan::Record { end: record.len() });
        let event = Event::new(record, &slots, &arena);
        (event.identity(&seed), event.content(&seed))
    });
    let first = all.next().unwrap();
    assert!(all.all(|other| other == first), "{}", String::from_utf8_lossy(record));
    first
}

fn key(record: impl AsRef<[u8]>) -> u64 {
    numbers(record.as_ref()).0
}

#[test]
fn a_copy_is_known_however_it_is_written() {
    let first = key(RECORD);
    let values: serde_json::Map<_, _> = serde_json::from_str(RECORD).unwrap();
    // Other orders of keys.
    assert_eq!(key(serde_json::to_string(&values).unwrap()), first);
    assert_eq!(key(serde_json::to_string_pretty(&values).unwrap()), first);
    for named in KEY {
        let text = values[named].as_str().unwrap();
        let escaped: String = text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let of = |key: &str, value: &str| {
            let written = format!(r#""{named}":"{text}""#);
            assert!(RECORD.contains(&written));
            RECORD.replace(&written, &format!(r#""{key}":{value}"#))
        };
        assert_eq!(key(of(named, &format!("\"{escaped}\""))), first, "{named}");
        let key_escaped = format!("\\u{:04x}{}", named.as_bytes()[0], &named[1..]);
        assert_eq!(key(of(&key_escaped, &format!("\"{text}\""))), first, "{named}");
        // The last of two keys wins.
        assert_eq!(key(of(named, &format!(r#""x","{named}":"{text}""#))), first, "{named}");
        // Another text, none, one that is part of the next.
        for other in [format!("\"{text}x\""), "\"\"".to_owned(), "7".to_owned()] {
            assert_ne!(key(of(named, &other)), first, "{named} {other}");
        }
        assert_ne!(key(of("other", &format!("\"{text}\""))), first, "{named}");
    }
}

#[test]
fn odd_bytes_are_the_text_that_they_are_read_as() {
    let lossy = RECORD.replace("R-7", "R\u{fffd}7");
    let mut broken = RECORD.as_bytes().to_vec();
    let at = RECORD.find("R-7").unwrap() + 1;
    broken[at] = 0xFF;
    assert_eq!(key(&broken), key(&lossy));
    assert_eq!(key(RECORD.replace("R-7", r"R\ud8007")), key(&lossy));
    assert_eq!(key(RECORD.replace("\"R-7\"", "7")), key(RECORD.replace("R-7", "7")));
    assert_eq!(
        key(RECORD.replace("\"R-7\"", "{ \"a\" : [1] }")),
        key(RECORD.replace("\"R-7\"", "{\"a\":[1]}"))
    );
}

#[test]
fn texts_do_not_run_into_each_other() {
    let moved = RECORD.replace("R-7", "R-75").replace("5d0e3c0e", "d0e3c0e");
    assert_ne!(key(moved), key(RECORD));
    let swapped =
        RECORD.replace("\"Get\"", "\"eu-west-1\"").replace("n\":\"eu-west-1\"", "n\":\"Get\"");
    assert_ne!(key(swapped), key(RECORD));
}

#[test]
fn the_content_tells_any_changed_byte_but_no_white_space() {
    let plain = RECORD.replace(r#""a \"b\"""#, "1");
    let (_, first) = numbers(plain.as_bytes());
    let spaced = plain.replace("\":", "\" : ").replace(",\"", ",\n \"");
    assert_eq!(numbers(spaced.as_bytes()), numbers(plain.as_bytes()));
    for at in 0..plain.len() {
        let mut other = plain.as_bytes().to_vec();
        if other[at].is_ascii_alphanumeric() {
            other[at] ^= 1;
            let still = scan(&other, 0, &Layout::new(), &mut Slots::new());
            if still == (Scan::Record { end: other.len() }) {
                assert_ne!(numbers(&other).1, first, "{at}");
            }
        }
    }
}
