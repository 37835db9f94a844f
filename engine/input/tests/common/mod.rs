//! Reading a text in each of the ways in which an input may come.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

use event::{Base, Layout, Slot};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use trailhound_input::{Arrival, FileReport, Found, InputFile, LARGEST_WHOLE, Packing, Reader};

/// A record with this ID, as CloudTrail writes it.
pub(crate) fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"a"}},"eventTime":"2024-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"X","requestParameters":{{"a":[{{"b":"c}}"}}]}},"eventID":"{id}"}}"#
    )
}

/// The ID of a record that was found, and where it was found.
pub(crate) fn id(found: Found<'_>) -> (String, u64) {
    let raw = found.slots.get(found.record, Slot(Base::EventId as u16)).unwrap_or(b"\"?\"");
    (String::from_utf8_lossy(raw).trim_matches('"').to_owned(), found.at)
}

/// A file that the user named.
pub(crate) fn named(path: &Path) -> InputFile {
    let size = std::fs::metadata(path).map_or(0, |facts| facts.len());
    InputFile::named(path, size)
}

/// The records of a file with these bytes, and its report.
pub(crate) fn read_file(bytes: &[u8]) -> (Vec<(String, u64)>, FileReport) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let layout = Layout::new();
    let mut found = Vec::new();
    let report = Reader::new(&layout).file(&named(file.path()), &mut |one| found.push(id(one)));
    assert_books(&report);
    (found, report)
}

/// The records of a stream that gives these bytes in pieces of a length, and its report.
pub(crate) fn read_stream(bytes: &[u8], piece: usize) -> (Vec<(String, u64)>, FileReport) {
    let layout = Layout::new();
    let mut found = Vec::new();
    let mut source = Pieces { bytes, piece };
    let report = Reader::new(&layout).stream(&mut source, &mut |arrival| {
        if let Arrival::Record(one) = arrival {
            found.push(id(one));
        }
        ControlFlow::Continue(())
    });
    assert_books(&report);
    (found, report)
}

/// What was read, however it came: whole, in pieces, compressed.
#[track_caller]
pub(crate) fn read(bytes: &[u8]) -> (Vec<String>, FileReport) {
    let whole = read_file(bytes);
    let lengths: &[usize] =
        if bytes.len() < 20_000 { &[1, 2, 3, 5, 7, 4096] } else { &[4099, 65536] };
    for piece in lengths {
        let (found, report) = read_stream(bytes, *piece);
        assert_eq!(found, whole.0, "records in pieces of {piece}");
        assert_same(&report, &whole.1);
    }
    let (first, rest) = bytes.split_at(bytes.len() / 3);
    for (packing, stored) in [
        (Packing::Gzip, gzip(bytes)),
        (Packing::Gzip, [gzip(first), gzip(rest)].concat()),
        (Packing::Zstd, [zstd(first), zstd(rest)].concat()),
    ] {
        let (found, report) = read_file(&stored);
        assert_eq!(found, whole.0, "records compressed");
        assert_eq!((report.packing, report.bytes_read), (Some(packing), stored.len() as u64));
        assert_eq!((report.inflated, report.malformed), (whole.1.inflated, whole.1.malformed));
    }
    (whole.0.into_iter().map(|(id, _)| id).collect(), whole.1)
}

#[track_caller]
fn assert_same(report: &FileReport, whole: &FileReport) {
    assert_eq!(report, whole);
}

#[track_caller]
pub(crate) fn assert_books(report: &FileReport) {
    assert_eq!(report.bytes_listed, report.bytes_read + report.bytes_unreadable);
    assert_eq!(report.first_malformed.is_some(), report.malformed > 0);
    assert_eq!(report.looked_like.is_some(), !report.recognised);
}

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// One frame, with a check sum.
pub(crate) fn zstd(text: &[u8]) -> Vec<u8> {
    let mut writer = zstd::Encoder::new(Vec::new(), 3).unwrap();
    writer.include_checksum(true).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// A source that gives its bytes in pieces.
pub(crate) struct Pieces<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) piece: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.piece.min(into.len()).min(self.bytes.len());
        let (now, rest) = self.bytes.split_at(length);
        into[..length].copy_from_slice(now);
        self.bytes = rest;
        Ok(length)
    }
}

/// Numbers that look like chance and are the same in each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// A list of records, each with a salt of so many words that do not compress away, and where
/// each of them ends.
pub(crate) fn salted(records: usize, words: usize) -> (Vec<u8>, Vec<usize>) {
    let mut dice = Dice(42);
    let (mut text, mut ends) = (b"{\"Records\":[".to_vec(), Vec::new());
    for number in 0..records {
        let salt: String = (0..words).map(|_| format!("{:05x}", dice.below(1 << 20))).collect();
        let one = record(&number.to_string()).replace("c}", &salt);
        text.extend_from_slice(if number > 0 { b"," } else { b"" });
        text.extend_from_slice(one.as_bytes());
        ends.push(text.len());
    }
    text.extend_from_slice(b"]}");
    (text, ends)
}

/// A record and 200 MiB of one byte.
pub(crate) fn write_bomb(out: &mut impl Write, fill: u8) {
    out.write_all(record("1").as_bytes()).unwrap();
    for _ in 0..200 {
        out.write_all(&vec![fill; 1 << 20]).unwrap();
    }
}

/// What [`write_bomb`] wrote is small as it is stored, and is read.
#[track_caller]
pub(crate) fn assert_bomb(stored: &[u8]) {
    assert!(stored.len() < 210_000, "{}", stored.len());
    let (found, report) = read_file(stored);
    assert_eq!((found.len(), report.bytes_read), (1, stored.len() as u64));
    assert!(report.inflated > 200 << 20);
}

/// Lines of records that are more than is read whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Large {
    records: usize,
    pub(crate) bytes: u64,
}

impl Large {
    pub(crate) fn write(out: &mut impl Write) -> Self {
        let one = record("1") + "\n";
        let per_block = (1 << 20) / one.len();
        let block = one.repeat(per_block);
        let blocks = LARGEST_WHOLE / block.len() + 2;
        for _ in 0..blocks {
            out.write_all(block.as_bytes()).unwrap();
        }
        Self { records: blocks * per_block, bytes: (blocks * block.len()) as u64 }
    }

    /// The report on a file that holds them, which is sound and has them all.
    #[track_caller]
    pub(crate) fn read_back(self, path: &Path) -> FileReport {
        let (layout, mut count) = (Layout::new(), 0);
        let report = Reader::new(&layout).file(&named(path), &mut |_| count += 1);
        assert_eq!((count, report.records), (self.records, self.records as u64));
        assert!(report.is_sound());
        report
    }
}
