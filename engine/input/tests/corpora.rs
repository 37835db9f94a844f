//! Real CloudTrail data, where `TRAILHOUND_CORPORA` says that it is.

#![expect(clippy::print_stdout, reason = "says what was skipped and what was not recognised")]

mod common;

use std::path::PathBuf;
use trailhound_input::{Discover, FileReport, Reader, Shapes, discover};

fn corpora() -> Option<PathBuf> {
    let root = std::env::var_os("TRAILHOUND_CORPORA").map(PathBuf::from);
    if root.is_none() {
        println!("skipped: TRAILHOUND_CORPORA is not set");
    }
    root
}

/// The report of each input in a folder, with its name.
fn read_folder(root: &std::path::Path, folder: &str) -> Vec<(String, FileReport)> {
    let listing = discover(&[root.join(folder)], &Discover::default());
    assert!(listing.faults.is_empty(), "{:?}", listing.faults);
    let layout = event::Layout::new();
    let mut reader = Reader::new(&layout);
    let mut reports = Vec::new();
    for file in &listing.files {
        let mut count = 0;
        let report = reader.file(file, &mut |_| count += 1);
        common::assert_books(&report);
        assert_eq!((report.records, report.bytes_listed), (count, file.size), "{}", file.shown());
        reports.push((file.shown(), report));
    }
    reports
}

fn total(reports: &[(String, FileReport)]) -> u64 {
    reports.iter().map(|(_, report)| report.records).sum()
}

#[test]
fn whole_corpora_are_read_in_good_order() {
    let Some(root) = corpora() else { return };
    for (folder, files, records, shapes) in [
        ("invictus", 55, 2_900, Shapes::RECORDS),
        ("catalog", 1, 890, Shapes::LINES),
        ("masked", 1, 1_679, Shapes::RECORDS),
        ("traildiscover", 1, 315, Shapes::LINES),
    ] {
        let reports = read_folder(&root, folder);
        assert_eq!((reports.len(), total(&reports)), (files, records), "{folder}");
        for (name, report) in reports {
            assert!(report.is_sound() && report.malformed == 0, "{name}: {report:?}");
            assert_eq!(report.shapes, shapes, "{name}: {}", report.shapes);
        }
    }
    let stratus = read_folder(&root, "stratus");
    assert_eq!((stratus.len(), total(&stratus)), (35, 310));
    assert!(stratus.iter().all(|(name, report)| report.is_sound() || panic!("{name}: {report:?}")));
}

#[test]
fn delivered_files_tell_their_time() {
    let Some(root) = corpora() else { return };
    let listing = discover(&[root.join("invictus")], &Discover::default());
    assert!(listing.files.iter().all(|file| file.delivery.is_some()));
    assert!(listing.files.is_sorted_by_key(|file| file.delivery));
}

#[test]
fn a_list_that_is_not_quite_json_is_read_all_the_same() {
    let Some(root) = corpora() else { return };
    let reports = read_folder(&root, "broken");
    let report = &reports[0].1;
    assert_eq!((report.records, report.damage.count, report.malformed), (840, 2, 2));
    assert_eq!(report.damage.kept[0].to_string(), "byte 3053 to 3059: not JSON");
}

#[test]
fn the_rest_is_read_or_named() {
    let Some(root) = corpora() else { return };
    for (folder, records, unrecognised) in
        [("versions", 206, 0), ("eventbridge", 20, 0), ("envelopes", 9, 17), ("rule-tests", 0, 1)]
    {
        let reports = read_folder(&root, folder);
        let strange: Vec<_> = reports.iter().filter(|(_, report)| !report.recognised).collect();
        for (name, report) in &strange {
            let look = report.looked_like.as_ref().map(ToString::to_string).unwrap_or_default();
            println!("not recognised: {folder}/{}: {look}", name.rsplit('/').next().unwrap());
        }
        assert_eq!((total(&reports), strange.len()), (records, unrecognised), "{folder}");
        assert!(reports.iter().all(|(_, report)| report.damage.count == 0), "{folder}");
    }
}
