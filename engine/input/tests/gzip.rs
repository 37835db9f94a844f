//! Compressed inputs: members, cuts, flips, lies and bombs.

mod common;

use common::{
    Dice, Large, assert_bomb, gzip, named, read_file, read_stream, record, salted, write_bomb,
};
use flate2::write::GzEncoder;
use trailhound_input::{Damage, Flaw, Packing, Reason};

/// How much text the first bytes of a gzip file surely give.
fn readable(stored: &[u8]) -> usize {
    use std::io::Read;
    let mut text = Vec::new();
    // The error at the cut is what is asked about.
    _ = flate2::read::GzDecoder::new(stored).read_to_end(&mut text);
    text.len()
}

#[test]
fn a_cut_file_gives_every_record_before_the_cut() {
    let (text, ends) = salted(300, 8);
    let stored = gzip(&text);
    let mut dice = Dice(7);
    for _ in 0..200 {
        let length = 2 + dice.below(stored.len() - 2);
        let (found, report) = read_file(&stored[..length]);
        let prefix = readable(&stored[..length]);
        let expected = ends.iter().filter(|end| **end <= prefix).count();
        assert!(found.len() >= expected, "{length}: {} of {expected}", found.len());
        assert_eq!(
            report.damage.kept.last().unwrap().reason,
            Reason::Packed(Packing::Gzip, Flaw::Cut)
        );
        assert_eq!((report.bytes_listed, report.bytes_read), (length as u64, length as u64));
        let piped = read_stream(&stored[..length], 100);
        assert_eq!(piped.0, found);
    }
}

#[test]
fn every_flipped_bit_is_flagged() {
    let (text, _) = salted(300, 8);
    let stored = gzip(&text);
    let mut dice = Dice(9);
    for _ in 0..300 {
        let mut flipped = stored.clone();
        // Time, extra flags and system in the header carry nothing.
        let at = loop {
            let at = dice.below(stored.len());
            if !(4..10).contains(&at) {
                break at;
            }
        };
        let bit = 1 << dice.below(8);
        flipped[at] ^= bit;
        if at == 3 && bit == 1 {
            // FTEXT is a hint.
            continue;
        }
        let (_, report) = read_file(&flipped);
        assert!(!report.is_sound(), "byte {at} bit {bit}: {report:?}");
    }
}

#[test]
fn what_precedes_a_corrupt_block_is_read_and_the_rest_is_counted() {
    let (text, ends) = salted(300, 8);
    let mut stored = gzip(&text);
    let at = stored.len() / 2;
    stored[at..at + 64].fill(0xff);
    let (found, report) = read_file(&stored);
    assert!(found.len() >= ends.len() / 3, "{}", found.len());
    assert!(report.bytes_unreadable > 0 && report.bytes_read >= at as u64 - 64, "{report:?}");
    assert_eq!(report.bytes_listed, stored.len() as u64);
    assert!(report.records_lost().unwrap() > 50);
    let last = report.damage.kept.last().unwrap();
    assert!(
        matches!(last.reason, Reason::Packed(Packing::Gzip, Flaw::Corrupt | Flaw::Trailing)),
        "{last:?}"
    );
    assert_eq!((last.at, last.reason.is_stored()), (report.bytes_read, true));
    let corrupt = Damage { at: 7, to: 7, reason: Reason::Packed(Packing::Gzip, Flaw::Corrupt) };
    assert_eq!(corrupt.to_string(), "byte 7 of the stored file: the gzip stream is corrupt");
}

#[test]
fn members_are_all_read() {
    let lines: Vec<_> = (0..50).map(|number| record(&number.to_string()) + "\n").collect();
    let members: Vec<u8> = lines.iter().flat_map(|line| gzip(line.as_bytes())).collect();
    let (found, report) = read_file(&members);
    assert_eq!(found.len(), 50);
    assert!(report.is_sound());
    // The same member first and last.
    let mixed =
        [gzip(lines[0].as_bytes()), gzip(lines[1].as_bytes()), gzip(lines[0].as_bytes())].concat();
    let (found, _) = read_file(&mixed);
    assert_eq!(found.len(), 3);
    // Records that run from member to member.
    let whole = lines.concat();
    let split = [gzip(&whole.as_bytes()[..501]), gzip(&whole.as_bytes()[501..])].concat();
    assert_eq!(read_file(&split).0.len(), 50);
    assert_eq!(read_stream(&split, 3).0.len(), 50);
}

#[test]
fn what_follows_the_last_member_is_told() {
    let good = gzip(format!("[{}]", record("1")).as_bytes());
    let (found, report) = read_file(&[&*good, b"trailing junk"].concat());
    assert_eq!((found.len(), report.bytes_unreadable), (1, 13));
    assert_eq!(report.damage.kept[0].reason, Reason::Packed(Packing::Gzip, Flaw::Trailing));
    assert_eq!(report.damage.kept[0].at, good.len() as u64);
    let (found, report) = read_file(&[&*good, &[0; 512]].concat());
    assert_eq!((found.len(), report.padding, report.bytes_unreadable), (1, 512, 0));
    assert!(report.is_sound());
}

#[test]
fn a_false_length_changes_nothing_but_is_told() {
    let text = format!("[{}]", vec![record("1"); 100].join(","));
    for claimed in [0, 1, 1_000_000, u32::MAX] {
        let mut stored = gzip(text.as_bytes());
        let at = stored.len() - 4;
        stored[at..].copy_from_slice(&u32::to_le_bytes(claimed));
        let (found, report) = read_file(&stored);
        assert_eq!(found.len(), 100);
        assert_eq!(report.damage.kept[0].reason, Reason::Packed(Packing::Gzip, Flaw::Checksum));
    }
}

#[test]
fn a_bomb_is_read_within_bounds() {
    for fill in [b' ', b'x', b'['] {
        let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::best());
        write_bomb(&mut writer, fill);
        assert_bomb(&writer.finish().unwrap());
    }
}

#[test]
fn what_is_larger_than_a_whole_file_goes_through_the_window() {
    let mut plain = tempfile::NamedTempFile::new().unwrap();
    let large = Large::write(&mut plain);
    assert_eq!(large.read_back(plain.path()).bytes_read, large.bytes);
    let mut packed = tempfile::NamedTempFile::new().unwrap();
    let mut writer = GzEncoder::new(&mut packed, flate2::Compression::fast());
    Large::write(&mut writer);
    writer.finish().unwrap();
    assert_eq!(large.read_back(packed.path()).inflated, large.bytes);
}

#[test]
fn a_file_that_cannot_be_opened_is_told() {
    let (found, report) = {
        let layout = event::Layout::new();
        let mut found = 0;
        let mut file = named(std::path::Path::new("/nowhere/at/all.json"));
        file.size = 77;
        let report = trailhound_input::Reader::new(&layout).file(&file, &mut |_| found += 1);
        (found, report)
    };
    assert_eq!((found, report.bytes_listed, report.bytes_unreadable), (0, 77, 77));
    assert_eq!(report.damage.kept[0].reason, Reason::Io(std::io::ErrorKind::NotFound));
    // A folder opens, and fails when it is read.
    let folder = tempfile::tempdir().unwrap();
    let layout = event::Layout::new();
    let report = trailhound_input::Reader::new(&layout).file(&named(folder.path()), &mut |_| ());
    assert_eq!(report.bytes_unreadable, report.bytes_listed);
    assert!(matches!(report.damage.kept[0].reason, Reason::Io(_)));
}
