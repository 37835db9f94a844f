//! The scan on records as CloudTrail writes them, made at random and spoilt: every width the
//! processor has finds the same, which is what `serde_json` finds.
//!
//! Keys come in CloudTrail's order, now and then in another one or twice; some texts mostly have
//! one width, others are so long that escapes, quotes and characters of several bytes fall around
//! the borders of the 64-byte blocks; slots are asked for in any order, so that objects are opened
//! on demand in any order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use bumpalo::Bump;
mod common;

use common::Random;
use serde_json::Value;
use trailhound_event::{Base, Event, Layout, Scan, Slot, Slots, scan};

/// The keys of a record in CloudTrail's order, and what stands under each.
const RECORD: &[(&str, Kind)] = &[
    ("eventVersion", Kind::Text),
    ("userIdentity", Kind::Object(IDENTITY)),
    ("eventTime", Kind::Time),
    ("eventSource", Kind::Text),
    ("eventName", Kind::Text),
    ("awsRegion", Kind::Text),
    ("sourceIPAddress", Kind::Text),
    ("userAgent", Kind::Text),
    ("errorCode", Kind::Text),
    ("errorMessage", Kind::Text),
    ("requestParameters", Kind::Object(REQUEST)),
    ("responseElements", Kind::Object(REQUEST)),
    ("additionalEventData", Kind::Object(ADDITIONAL)),
    ("requestID", Kind::Wide(36)),
    ("eventID", Kind::Wide(36)),
    ("readOnly", Kind::Word),
    ("resources", Kind::Any),
    ("eventType", Kind::Wide(61)),
    ("recipientAccountId", Kind::Wide(12)),
    ("eventCategory", Kind::Wide(62)),
    ("tlsDetails", Kind::Object(TLS)),
];
const IDENTITY: &[(&str, Kind)] = &[
    ("type", Kind::Text),
    ("principalId", Kind::Text),
    ("arn", Kind::Text),
    ("accountId", Kind::Text),
    ("accessKeyId", Kind::Text),
    ("sessionContext", Kind::Object(SESSION)),
    ("invokedBy", Kind::Text),
];
const SESSION: &[(&str, Kind)] =
    &[("sessionIssuer", Kind::Object(ISSUER)), ("attributes", Kind::Object(ATTRIBUTES))];
const ISSUER: &[(&str, Kind)] = &[("arn", Kind::Text), ("userName", Kind::Text)];
const ATTRIBUTES: &[(&str, Kind)] =
    &[("creationDate", Kind::Text), ("mfaAuthenticated", Kind::Text)];
const REQUEST: &[(&str, Kind)] = &[
    ("scope", Kind::Text),
    ("policyDocument", Kind::Text),
    ("other", Kind::Any),
    ("instancesSet", Kind::Object(ITEMS)),
    ("é\n", Kind::Any),
];
const ITEMS: &[(&str, Kind)] = &[("items", Kind::Any), ("count", Kind::Word)];
const ADDITIONAL: &[(&str, Kind)] = &[("UserName", Kind::Text), ("MFAUsed", Kind::Text)];
const TLS: &[(&str, Kind)] =
    &[("tlsVersion", Kind::Text), ("clientProvidedHostHeader", Kind::Text)];

/// Paths that the layout asks for besides all base paths.
const PATHS: [&[&str]; 6] = [
    &["requestParameters", "policyDocument"],
    &["requestParameters", "instancesSet", "items"],
    &["requestParameters", "é\n"],
    &["responseElements", "instancesSet"],
    &["responseElements", "instancesSet", "count"],
    &["resources"],
];

/// What stands under a key.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// A text that mostly has so many letters: the scan guesses how wide it is.
    Wide(usize),
    Time,
    Word,
    Object(&'static [(&'static str, Kind)]),
    Any,
}

impl Random {
    fn rarely(&mut self) -> bool {
        self.below(25) == 0
    }

    /// A text; `dressed` says whether it may hold what is not plain.
    fn text(&mut self, dressed: bool, out: &mut String) {
        const ODD: [&str; 12] = [
            "\\\"",
            "\\\\",
            "\\n",
            "\\u0041",
            "\\ud83d\\ude00",
            "é",
            "\u{1F600}",
            "{",
            "}",
            "[",
            ",",
            ":",
        ];
        out.push('"');
        let length = if self.rarely() { 40 + self.below(400) } else { self.below(80) };
        for _ in 0..length {
            match self.below(24) {
                0 if dressed => out.push_str(self.pick(&ODD)),
                _ => out.push(self.pick(&['a', 'b', '-', ':', '/', '0'])),
            }
        }
        // An escape, or several, next to a border of 64 bytes.
        if dressed && self.below(4) == 0 {
            let border = 62 + self.below(4);
            while out.len() % 64 != border % 64 {
                out.push('x');
            }
            (0..=self.below(3)).for_each(|_| out.push_str(self.pick(&ODD)));
        }
        out.push('"');
    }

    fn value(&mut self, kind: Kind, dressed: bool, out: &mut String) {
        if self.rarely() {
            return out.push_str(self.pick(&["null", "7", "{}", "[]", "false", "\"\""]));
        }
        match kind {
            Kind::Wide(width) if !self.rarely() => {
                let width = if self.rarely() { width + self.below(3) - 1 } else { width };
                out.push_str(&format!("\"{:a>width$}\"", self.below(100)));
            }
            Kind::Text | Kind::Wide(_) => self.text(dressed, out),
            Kind::Time => out.push_str("\"2025-09-02T00:34:19Z\""),
            Kind::Word => out.push_str(self.pick(&["true", "false", "12", "-3.5e2", "\"true\""])),
            Kind::Object(keys) => self.object(keys, dressed, out),
            Kind::Any => {
                out.push('[');
                for at in 0..self.below(4) {
                    if at > 0 {
                        out.push(',');
                    }
                    let kind = self.pick(&[Kind::Text, Kind::Word, Kind::Object(ITEMS)]);
                    self.value(kind, dressed, out);
                }
                out.push(']');
            }
        }
    }

    fn object(&mut self, keys: &[(&str, Kind)], dressed: bool, out: &mut String) {
        let mut list: Vec<_> = keys.iter().filter(|_| self.below(8) > 0).copied().collect();
        list.retain(|(key, _)| dressed || key.is_ascii());
        if self.rarely() && list.len() > 1 {
            let (a, b) = (self.below(list.len()), self.below(list.len()));
            list.swap(a, b);
        }
        if self.rarely() && !list.is_empty() {
            // A key twice, with all below it.
            let again = self.pick(&list);
            list.insert(self.below(list.len() + 1), again);
        }
        let spaced = self.rarely();
        out.push('{');
        for (at, (key, kind)) in list.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            if spaced {
                out.push_str(self.pick(&[" ", "\n  ", "\t"]));
            }
            let mut key = serde_json::to_string(key).unwrap();
            if dressed && self.rarely() && key.is_ascii() {
                key.replace_range(1..2, &format!("\\u{:04x}", key.as_bytes()[1]));
            }
            out.push_str(&key);
            out.push(':');
            self.value(kind, dressed, out);
        }
        out.push('}');
    }

    fn record(&mut self) -> String {
        // Records of ASCII without escapes take the fast way to their texts.
        let dressed = self.below(3) > 0;
        let mut out = String::new();
        self.object(RECORD, dressed, &mut out);
        out
    }

    /// The places of a list in any order.
    fn order(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<_> = (0..length).collect();
        for at in 1..length {
            order.swap(at, self.below(at + 1));
        }
        order
    }
}

/// A layout, and the paths it asks for.
fn layout() -> (Layout, Vec<(Slot, Vec<String>)>) {
    let mut layout = Layout::new();
    Base::ALL.iter().for_each(|base| layout.want(*base));
    let mut slots: Vec<_> = Base::ALL.iter().map(|base| base.slot()).collect();
    slots.extend(PATHS.iter().map(|path| layout.slot(path).unwrap()));
    let paths = slots.into_iter().map(|slot| (slot, layout.path(slot).to_vec())).collect();
    (layout, paths)
}

/// What `serde_json` has at a path; `null` is nothing.
fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    let found = path.iter().try_fold(value, |value, key| value.as_object()?.get(key))?;
    (!found.is_null()).then_some(found)
}

#[test]
fn records_are_read_as_serde_json_reads_them() {
    let (layout, paths) = layout();
    let mut random = Random(0x0123_4567_89AB_CDEF);
    let (mut widths, mut arena) = (Slots::all(), Bump::new());
    let (mut texts, mut plain) = (0, 0);
    for round in 0..6_000 {
        let mut record = random.record();
        let value: Value = serde_json::from_str(&record).unwrap();
        let end = record.len();
        record.push_str(random.pick(&["", ",", "\n{", "]}"]));
        let is_plain = record.is_ascii() && !record.contains('\\');
        let first = scan(record.as_bytes(), 0, &layout, &mut widths[0]);
        for slots in &mut widths {
            assert_eq!(scan(record.as_bytes(), 0, &layout, slots), first, "{round}: {record}");
            let (Scan::Record { end: to } | Scan::Foreign { end: to }) = first else {
                panic!("{round}: {first:?} {record}")
            };
            assert_eq!(to, end, "{round}: {record}");
            arena.reset();
            let event = Event::new(&record.as_bytes()[..end], slots, &arena);
            for place in random.order(paths.len()) {
                let (slot, path) = &paths[place];
                let expected = at(&value, path);
                let got = event.json(*slot).map(|json| serde_json::from_slice(json.raw()).unwrap());
                assert_eq!(got.as_ref(), expected, "{round}: {path:?} {record}");
                let text = match Base::ALL.get(place) {
                    Some(base) => event.text(*base),
                    None => event.json(*slot).and_then(|json| json.text(&arena)),
                };
                if let Some(expected) = expected.and_then(Value::as_str) {
                    assert_eq!(text, Some(expected), "{round}: {path:?} {record}");
                    texts += 1;
                    plain += usize::from(is_plain);
                }
                assert!(text.is_none() || expected.is_some(), "{round}: {path:?}");
            }
        }
    }
    assert!(texts > 100_000 && plain > 30_000 && texts - plain > 30_000, "{texts} {plain}");
}

#[test]
fn spoilt_records_are_read_alike() {
    let (layout, paths) = layout();
    let mut random = Random(0xFEDC_BA98_7654_3211);
    let (mut widths, mut arena) = (Slots::all(), Bump::new());
    let mut read = 0;
    for round in 0..12_000 {
        let mut bytes = random.record().into_bytes();
        for _ in 0..=random.below(3) {
            match random.below(4) {
                0 => bytes.truncate(2 + random.below(bytes.len())),
                1 => {
                    let (from, to) = (random.below(bytes.len()), random.below(bytes.len()));
                    bytes[from.min(to)] = bytes[from.max(to)];
                }
                _ => {
                    let at = 1 + random.below(bytes.len() - 1);
                    bytes[at] = random.pick(b"{}[],:\"\\ \nx\xff\xc3\0u");
                }
            }
        }
        bytes[0] = b'{';
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let order = random.order(paths.len());
        let mut told = Vec::new();
        for slots in &mut widths {
            let found = scan(&bytes, 0, &layout, slots);
            arena.reset();
            let mut values = Vec::new();
            if let Scan::Record { end } = found {
                let event = Event::new(&bytes[..end], slots, &arena);
                for place in &order {
                    let raw = slots.get(&bytes[..end], paths[*place].0);
                    values.push(raw.map(<[u8]>::to_vec));
                    let Some(base) = Base::ALL.get(*place) else { continue };
                    // Decoded anew, whatever way the text was read.
                    let decoded = event.base(*base).and_then(|json| json.text(&arena));
                    if decoded.is_some() {
                        assert_eq!(event.text(*base), decoded, "{round}: {base:?} {shown}");
                    }
                }
                read += 1;
            }
            told.push((format!("{found:?}"), values, slots.odd()));
        }
        assert!(told.iter().all(|one| *one == told[0]), "{round}: {shown}");
    }
    assert!(read > 6_000, "{read}");
}
