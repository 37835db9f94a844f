//! Real CloudTrail data, where `TRAILHOUND_CORPORA` says that it is.

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
        assert_eq!((report.records, report.bytes_listed), (count, file.size), "{}", file.name);
        reports.push((file.name.clone(), report));
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
        ("traildiscover", 1, 920, Shapes::LINES),
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
    println!("{report:#?}");
    assert_eq!(report.records, 840);
    assert!(report.damage.count > 0);
}

#[test]
fn the_rest_is_read_or_named() {
    let Some(root) = corpora() else { return };
    for folder in ["versions", "eventbridge", "envelopes", "rule-tests"] {
        for (name, report) in read_folder(&root, folder) {
            let name = name.rsplit('/').next().unwrap();
            let look = report.looked_like.as_ref().map(ToString::to_string);
            println!(
                "{folder}/{name}: {} records, {} malformed, shapes {}, {}",
                report.records,
                report.malformed,
                report.shapes,
                look.as_deref().unwrap_or("recognised")
            );
            for damage in &report.damage.kept {
                println!("    {damage}");
            }
        }
    }
}
