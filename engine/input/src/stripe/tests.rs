//! A file in stripes is the file read whole, and a stream of it, whatever is wrong with it.

use super::*;
use crate::{Arrival, FileReport, Part, Reader};
use event::Layout;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// Where records were found and what they are, and the report.
type Read = (Vec<(u64, Vec<u8>)>, FileReport);

fn record(number: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"arn":"a"}},"eventTime":"2024-01-02T03:04:05Z","eventName":"X","list":[{{"b":"c}}"}}],"eventID":"{number}"}}"#
    )
}

fn named(bytes: &[u8]) -> (tempfile::NamedTempFile, InputFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let named = InputFile::named(file.path(), bytes.len() as u64);
    (file, named)
}

/// The text read whole, as a stream, and in stripes from the last to the first.
fn read(bytes: &[u8], stripe: u64) -> [Read; 3] {
    let (_kept, file) = named(bytes);
    let layout = Layout::new();
    let mut reader = Reader::new(&layout);
    reader.stripe = stripe;
    let mut whole = Vec::new();
    let report = reader.file(&file, &mut |found| whole.push((found.at, found.record.to_vec())));
    let mut streamed = Vec::new();
    let stream_report = reader.stream(&mut &*bytes, &mut |arrival| {
        if let Arrival::Record(found) = arrival {
            streamed.push((found.at, found.record.to_vec()));
        }
        ControlFlow::Continue(())
    });
    let (mut striped, mut parts) = (Vec::new(), Vec::new());
    for number in (0..file.size.div_ceil(stripe).max(1)).rev() {
        let mut sink = |found: crate::Found<'_>| striped.push((found.at, found.record.to_vec()));
        parts.push(reader.stripe(&file, number, &mut sink));
    }
    parts.reverse();
    striped.sort_by_key(|(at, _)| *at);
    [(whole, report), (streamed, stream_report), (striped, Part::together(parts, file.size))]
}

/// All ways of reading agree; how many records there are.
#[track_caller]
fn check(bytes: &[u8], stripe: u64) -> u64 {
    let [whole, streamed, striped] = read(bytes, stripe);
    let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(4_000)]).into_owned();
    assert_eq!(whole, streamed, "stream, {stripe}: {}", shown());
    assert_eq!(whole, striped, "stripes of {stripe}: {}", shown());
    assert_eq!(whole.1.bytes_listed, bytes.len() as u64);
    whole.1.records
}

#[test]
fn stripes_of_sound_texts_give_every_record_once() {
    let records: Vec<_> = (0..60).map(record).collect();
    let list = |one: &[String], between| format!("{{\"Records\":[{}]}}", one.join(between));
    let sound = [
        records.join("\n"),
        records.join("\r\n") + "\r\n",
        records.join(",\n"),
        records.concat(),
        records.join("\n").replace(",\"", ",\n  \"").replace('}', "\n}").replace("{\"b", "{\n\"b"),
        list(&records, ","),
        list(&records, ",\n"),
        format!("[\n{}\n]", records.join(",\n")),
        records.chunks(7).map(|chunk| list(chunk, ",") + "\n").collect(),
        records.chunks(7).map(|chunk| list(chunk, ",\n") + "\n").collect(),
        records.iter().map(|one| format!("{{\"detail\":{one}}}\n")).collect(),
    ];
    for text in sound {
        for stripe in [16, 100, 1_000, 4_096, 1 << 20] {
            let [(_, report), ..] = read(text.as_bytes(), stripe);
            assert!(report.is_sound() && report.malformed == 0, "{report:?} {text}");
            assert_eq!(check(text.as_bytes(), stripe), 60, "{stripe}: {text}");
        }
    }
}

#[test]
fn stripes_of_damaged_texts_agree_with_the_whole() {
    let mut dice = 77_u64;
    let mut below = |limit: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % limit as u64).unwrap()
    };
    let parts: [&[u8]; 16] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\n",
        b"\n{",
        b"}\n{",
        b",",
        b"\\",
        b"\r\n",
        b"x",
        b"\0",
        b"{\"Records\":[",
        b"]}",
        b"{\"a\":1}\n",
    ];
    for round in 0..600 {
        let lines: Vec<_> = (0..below(30)).map(record).collect();
        let between = ["\n", "\r\n", ",\n", ""][below(4)];
        let mut text = lines.join(between).into_bytes();
        for _ in 0..below(12) {
            let (at, part) = (below(text.len() + 1), parts[below(parts.len())]);
            let end = (at + below(40)).min(text.len());
            let end = if below(2) == 0 { at } else { end };
            text.splice(at..end, part.iter().copied());
        }
        check(&text, [16, 50, 300, 1_000][round % 4]);
    }
}

#[test]
fn what_is_no_log_is_told_alike() {
    for text in ["", "\n", "42\n43\n44\n", "a,b,c\nd,e,f\n", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"] {
        for stripe in [4, 16, 1_000] {
            assert_eq!(check(text.as_bytes(), stripe), 0);
        }
    }
}

#[test]
fn a_record_that_is_too_long_may_span_stripes() {
    let long = record(1).replace("c}", &"x".repeat(crate::LONGEST_RECORD));
    let text = [record(0), long, record(2), record(3)].join("\n");
    for stripe in [100, 1 << 20, 5 << 20] {
        assert_eq!(check(text.as_bytes(), stripe), 3);
    }
}

#[test]
fn damage_ends_at_the_next_seam() {
    let mut text = format!("[{}\n", record(0));
    text.extend((1..9).map(|number| record(number) + "\n"));
    let stripe = text.len() as u64 / 2;
    let [(found, report), ..] = read(text.as_bytes(), stripe);
    assert_eq!((found.len(), report.damage.count), (9, 1));
    assert!(report.damage.kept[0].at >= stripe, "the list was not closed: {report:?}");
}

#[test]
fn only_large_plain_files_of_lines_are_read_in_stripes() {
    let line = record(0) + "\n";
    let lines = line.repeat(40 * (1 << 20) / line.len());
    let number = |text: &[u8]| stripes(&named(text).1);
    assert_eq!(number(lines.as_bytes()), 3);
    assert_eq!(number(&lines.as_bytes()[..32 << 20]), 1);
    assert_eq!(number(lines.replace('\n', ",").as_bytes()), 1);
    assert_eq!(number(&[b"\x1f\x8b", lines.as_bytes()].concat()), 1);
    assert_eq!(number(&[b"\x28\xb5\x2f\xfd", lines.as_bytes()].concat()), 1);
    let gone = InputFile::named(Path::new("/nowhere/at/all"), lines.len() as u64);
    assert_eq!(stripes(&gone), 1);
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_each_part() {
    let (_, file) = named(record(0).as_bytes());
    let layout = Layout::new();
    let mut reader = Reader::new(&layout);
    let part = reader.stripe(&file, 0, &mut |_| ());
    let report = Part::together([part], file.size);
    assert_eq!((report.bytes_listed, report.bytes_unreadable), (file.size, file.size));
    assert_eq!(report.damage.count, 1);
}
