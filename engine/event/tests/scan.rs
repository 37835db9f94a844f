//! The scan held against `serde_json` and against itself in all widths, on random objects.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;

use common::Random;
use serde_json::Value;
use trailhound_event::{Layout, Scan, Slot, Slots, scan};

/// Paths that the layout asks for; the objects are made of the same few keys.
const PATHS: [&[&str]; 9] = [
    &["eventName"],
    &["eventID"],
    &["a"],
    &["a", "b"],
    &["a", "b", "c"],
    &["userIdentity"],
    &["userIdentity", "arn"],
    &["userIdentity", "sessionContext", "a"],
    &["é\n"],
];
const KEYS: [&str; 10] = [
    "eventName",
    "eventID",
    "a",
    "b",
    "c",
    "userIdentity",
    "arn",
    "sessionContext",
    "é\n",
    "other",
];

impl Random {
    fn space(&mut self, out: &mut String) {
        if self.below(6) == 0 {
            out.push_str(self.pick(&[" ", "  ", "\t", "\r\n", "\n "]));
        }
    }

    fn text(&mut self, out: &mut String) {
        out.push('"');
        for _ in 0..self.below(12) {
            out.push_str(self.pick(&[
                "a", "{", "}", "[", "]", ",", ":", "\\\"", "\\\\", "\\n", "\\u0041", "é", " ",
                "null",
            ]));
        }
        out.push('"');
    }

    /// A key, now and then written with an escape.
    fn key(&mut self, out: &mut String) {
        let key = self.pick(&KEYS);
        out.push('"');
        for (at, letter) in key.chars().enumerate() {
            if letter.is_control() || (at == 0 && self.below(12) == 0) {
                out.push_str(&format!("\\u{:04x}", letter as u32));
            } else {
                out.push(letter);
            }
        }
        out.push('"');
    }

    fn value(&mut self, depth: usize, out: &mut String) {
        match self.below(if depth > 4 { 6 } else { 9 }) {
            0 => out.push_str("null"),
            1 => out.push_str("true"),
            2 => out.push_str(self.pick(&["0", "-12", "3.5e2", "123456789012345678901"])),
            3..=5 => self.text(out),
            6 => {
                out.push('[');
                for at in 0..self.below(4) {
                    if at > 0 {
                        out.push(',');
                    }
                    self.space(out);
                    self.value(depth + 1, out);
                    self.space(out);
                }
                out.push(']');
            }
            _ => self.object(depth + 1, out),
        }
    }

    fn object(&mut self, depth: usize, out: &mut String) {
        out.push('{');
        self.space(out);
        for at in 0..self.below(7) {
            if at > 0 {
                out.push(',');
                self.space(out);
            }
            self.key(out);
            self.space(out);
            out.push(':');
            // An object in the first column after a colon is a cut line.
            if self.below(6) == 0 {
                out.push(' ');
            }
            self.value(depth, out);
            self.space(out);
        }
        out.push('}');
    }
}

fn layout() -> (Layout, Vec<Slot>) {
    let mut layout = Layout::new().without_envelopes();
    let slots = PATHS.iter().map(|path| layout.slot(path).unwrap()).collect();
    (layout, slots)
}

/// What `serde_json` has at a path; `null` is nothing.
fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    let found = path.iter().try_fold(value, |value, key| value.as_object()?.get(*key))?;
    (!found.is_null()).then_some(found)
}

#[test]
fn values_are_those_that_serde_json_finds() {
    let (layout, numbers) = layout();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut widths = Slots::all();
    let mut compared = 0;
    for round in 0..20_000 {
        let mut text = String::new();
        random.object(0, &mut text);
        let value: Value = serde_json::from_str(&text).unwrap();
        let end = text.len();
        text.push_str(random.pick(&["", " ", "\n{", ",{\"a\":1}", "]"]));
        let found = scan(text.as_bytes(), 0, &layout, &mut widths[0]);
        for slots in &mut widths {
            assert_eq!(found, scan(text.as_bytes(), 0, &layout, slots), "{round}: {text}");
        }
        assert!(
            matches!(found, Scan::Record { end: at } | Scan::Foreign { end: at } if at == end),
            "{round}: {found:?} {text}"
        );
        for (path, slot) in PATHS.iter().zip(&numbers) {
            let raw = widths[0].get(text.as_bytes(), *slot);
            for slots in &widths {
                assert_eq!(raw, slots.get(text.as_bytes(), *slot), "{round}: {path:?} {text}");
            }
            let got = raw.map(|raw| serde_json::from_slice::<Value>(raw).unwrap());
            assert_eq!(got.as_ref(), at(&value, path), "{round}: {path:?} {text}");
            compared += usize::from(got.is_some());
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn cut_and_spoilt_objects_are_told_alike() {
    let (layout, _) = layout();
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    let mut widths = Slots::all();
    for round in 0..20_000 {
        let mut text = String::new();
        random.object(0, &mut text);
        let mut bytes = text.into_bytes();
        if random.below(2) == 0 {
            bytes.truncate(1 + random.below(bytes.len()));
        } else {
            let at = 1 + random.below(bytes.len() - 1);
            bytes[at] = random.pick(b"{}[],:\"\\ \nx\xff\0");
        }
        let found = scan(&bytes, 0, &layout, &mut widths[0]);
        let shown = String::from_utf8_lossy(&bytes);
        for slots in &mut widths {
            assert_eq!(found, scan(&bytes, 0, &layout, slots), "{round}: {shown}");
        }
        if let Scan::Record { end } | Scan::Foreign { end } | Scan::Damaged { at: end } = found {
            assert!(end <= bytes.len(), "{round}: {shown}");
        }
    }
}
