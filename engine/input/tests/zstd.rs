//! Inputs packed with zstd: frames, cuts, flips, lies and bombs.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

mod common;

use common::{Dice, Large, assert_bomb, read_file, read_stream, record, salted, write_bomb, zstd};
use trailhound_input::{Damage, FileReport, Flaw, Packing, Reason};

/// A frame to pass over.
fn passed(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    [b"\x5e\x2a\x4d\x18", &length[..], text].concat()
}

fn reason(flaw: Flaw) -> Reason {
    Reason::Packed(Packing::Zstd, flaw)
}

/// How many records there are, however the input comes; and its report.
#[track_caller]
fn read(stored: &[u8]) -> (usize, FileReport) {
    let (found, report) = read_file(stored);
    for piece in [1, 3, 1_000, 100_000] {
        if stored.len() / piece < 10_000 {
            let (streamed, mut same) = read_stream(stored, piece);
            assert_eq!(streamed, found, "pieces of {piece}");
            // Of a stream, what follows damage is not known.
            (same.bytes_listed, same.bytes_unreadable) =
                (report.bytes_listed, report.bytes_unreadable);
            assert_eq!(same, report, "pieces of {piece}");
        }
    }
    (found.len(), report)
}

#[test]
fn frames_follow_one_another() {
    let line = |number: usize| record(&number.to_string()) + "\n";
    let (count, report) = read(&zstd(line(1).as_bytes()));
    assert_eq!((count, report.packing, report.is_sound()), (1, Some(Packing::Zstd), true));
    let frames: Vec<u8> = (0..50).flat_map(|number| zstd(line(number).as_bytes())).collect();
    let (count, report) = read(&frames);
    assert_eq!((count, report.bytes_read), (50, frames.len() as u64));
    assert!(report.is_sound());
    // Records that run from frame to frame, past frames that are none and empty ones.
    let lines: String = (0..50).map(line).collect();
    let (a, b) = lines.as_bytes().split_at(1_001);
    let mixed = [passed(b"first"), zstd(a), passed(b""), zstd(b""), zstd(b), passed(&[b'{'; 300])];
    let (count, report) = read(&mixed.concat());
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((count, report.inflated), (50, lines.len() as u64));
}

#[test]
fn what_is_in_no_frame_is_told() {
    let good = zstd(format!("[{}]", record("1")).as_bytes());
    for tail in [&b"trailing"[..], b"x", b"\x28\xb5\x2f"] {
        let (count, report) = read(&[&good, tail].concat());
        let at = good.len() as u64;
        assert_eq!((count, report.bytes_unreadable), (1, tail.len() as u64));
        assert_eq!(report.damage.kept, [Damage { at, to: at, reason: reason(Flaw::Trailing) }]);
    }
    let (_, report) = read(&zstd(b""));
    let looked = report.looked_like.map(|looked| looked.to_string());
    assert_eq!(looked.as_deref(), Some("zstd of nothing"));
    let (_, report) = read(&zstd(&zstd(b"{}")));
    let looked = report.looked_like.map(|looked| looked.to_string());
    assert_eq!(looked.as_deref(), Some("zstd of zstd data, packed twice"));
}

#[test]
fn a_cut_file_gives_every_block_before_the_cut() {
    let (text, ends) = salted(2_000, 40);
    let stored = zstd(&text);
    let mut dice = Dice(7);
    for round in 0..60 {
        let length = if round < 12 { 4 + round } else { 4 + dice.below(stored.len() - 4) };
        let (count, report) = read(&stored[..length]);
        let mut plain = Vec::new();
        let mut decoder = zstd::Decoder::new(&stored[..length]).unwrap();
        // The error at the cut is what is asked about.
        _ = std::io::Read::read_to_end(&mut decoder, &mut plain);
        let expected = ends.iter().filter(|end| **end <= plain.len()).count();
        assert!(count >= expected, "{length}: {count} of {expected}");
        assert!(count > 0 || length < stored.len() / 4, "{length}");
        assert_eq!(report.damage.kept.last().unwrap().reason, reason(Flaw::Cut), "{length}");
        assert_eq!((report.bytes_listed, report.bytes_read), (length as u64, length as u64));
    }
}

#[test]
fn every_flipped_bit_is_told_and_what_precedes_its_block_is_read() {
    let (text, ends) = salted(2_000, 40);
    let stored = zstd(&text);
    let mut dice = Dice(9);
    for _ in 0..100 {
        let at = dice.below(stored.len());
        let mut flipped = stored.clone();
        flipped[at] ^= 1 << dice.below(8);
        let (found, report) = read_file(&flipped);
        assert!(!report.is_sound(), "byte {at}: {report:?}");
        // A block is at most 128 KiB of text.
        let sure = (at * text.len() / stored.len()).saturating_sub(300 << 10);
        let expected = ends.iter().filter(|end| **end <= sure).count();
        assert!(found.len() >= expected, "byte {at}: {} of {expected}", found.len());
    }
}

#[test]
fn damage_is_told_with_the_place_of_its_block() {
    let (text, _) = salted(2_000, 40);
    let good = zstd(&text);
    let mut dice = Dice(3);
    let mut corrupt = 0;
    for _ in 0..40 {
        let mut stored = good.clone();
        let at = good.len() / 4 + dice.below(good.len() / 2);
        stored[at..at + 600].fill_with(|| dice.below(256) as u8);
        let (count, report) = read(&stored);
        let last = *report.damage.kept.last().unwrap();
        if last.reason != reason(Flaw::Corrupt) {
            // What was flipped could be unpacked; the sum tells.
            assert_eq!(last.reason, reason(Flaw::Checksum));
            continue;
        }
        corrupt += 1;
        assert!((100..1_900).contains(&count), "{count}");
        assert_eq!((last.at, last.to), (report.bytes_read, report.bytes_read));
        assert!(last.at <= at as u64 + 600 && last.at + (128 << 10) > at as u64, "{last:?} {at}");
        assert_eq!(report.bytes_listed, good.len() as u64);
        assert!(report.records_lost().unwrap() > 100);
    }
    assert!(corrupt > 5, "{corrupt}");
    assert_eq!(
        Damage { at: 7, to: 7, reason: reason(Flaw::Corrupt) }.to_string(),
        "byte 7 of the stored file: the zstd stream is corrupt"
    );
}

#[test]
fn a_wrong_sum_costs_nothing_but_is_told() {
    let (mut first, second) = (zstd((record("1") + "\n").as_bytes()), zstd(record("2").as_bytes()));
    let end = first.len();
    first[end - 2] ^= 1;
    let (count, report) = read(&[first, second].concat());
    let (at, to) = (end as u64 - 4, end as u64);
    assert_eq!((count, report.bytes_unreadable), (2, 0));
    assert_eq!(report.damage.kept, [Damage { at, to, reason: reason(Flaw::Checksum) }]);
}

#[test]
fn a_window_that_is_too_large_is_refused() {
    // A frame header with a window of 2^(10 + exponent), and nothing behind it.
    let header = |exponent: u8| [&b"\x28\xb5\x2f\xfd\x00"[..], &[exponent << 3]].concat();
    let (_, report) = read(&header(17));
    assert_eq!(report.damage.kept[0].reason, reason(Flaw::Cut));
    let (_, report) = read(&[&*header(18), &[0; 3][..]].concat());
    assert_eq!(report.damage.kept[0].reason, reason(Flaw::Window));
    let looked = report.looked_like.map(|looked| looked.to_string());
    assert_eq!(looked.as_deref(), Some("zstd that cannot be read"));
    // One segment of 2^40 bytes.
    let segment = [&b"\x28\xb5\x2f\xfd\xe0"[..], &(1_u64 << 40).to_le_bytes(), &[0; 3]].concat();
    let (_, report) = read(&segment);
    assert_eq!(report.damage.kept[0].reason, reason(Flaw::Window));
}

#[test]
fn a_bomb_is_read_within_bounds() {
    for fill in [b' ', b'x', b'['] {
        let mut writer = zstd::Encoder::new(Vec::new(), 3).unwrap();
        write_bomb(&mut writer, fill);
        assert_bomb(&writer.finish().unwrap());
    }
}

#[test]
fn what_is_larger_than_a_whole_file_passes_through() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = zstd::Encoder::new(&mut file, 1).unwrap();
    let large = Large::write(&mut writer);
    writer.finish().unwrap();
    assert_eq!(large.read_back(file.path()).inflated, large.bytes);
}
