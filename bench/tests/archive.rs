//! What an archive promises: same seed, same bytes; AWS's layout, shapes and habits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by ending")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bench::archive::{Volume, generate};
use bench::sink::{Form, LINES_NAME};
use common::{Found, files, made, plan};

const REQUIRED: &[&str] = &[
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "requestParameters",
    "responseElements",
    "eventID",
    "readOnly",
    "eventType",
    "managementEvent",
    "recipientAccountId",
    "eventCategory",
];

/// Records by their `eventID`.
fn by_event(found: &[Found]) -> BTreeMap<&str, Vec<&Found>> {
    let mut events: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for record in found {
        events.entry(record.id()).or_default().push(record);
    }
    events
}

#[test]
fn the_seed_decides_every_byte() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    for (folder, seed) in folders.iter().zip([5, 5, 6]) {
        let mut plan = plan(folder.path());
        (plan.seed, plan.incidents, plan.volume) = (seed, true, Volume::EventsPerDay(500.0));
        generate(&plan).unwrap();
    }
    let [one, same, other] = folders.each_ref().map(|folder| files(folder.path()));
    assert!(one.len() > 100);
    assert!(one == same, "seed 5 gave two archives");
    assert!(one != other, "seeds 5 and 6 gave one archive");
}

#[test]
fn records_have_their_keys_and_sizes() {
    let (made, found) = made(|_| {});
    let mut sizes = Vec::new();
    for Found { record, file, .. } in &found {
        for key in REQUIRED {
            assert!(record.get(key).is_some(), "{key} in {record}");
        }
        let signed_in = record["eventType"] == "AwsConsoleSignIn";
        assert!(signed_in || record["requestID"].is_string(), "{record}");
        assert!(record["userIdentity"]["type"].is_string());
        assert!(record["errorCode"].is_null() || record["responseElements"].is_null());
        let path = file.to_str().unwrap();
        for place in ["recipientAccountId", "awsRegion"] {
            assert!(path.contains(record[place].as_str().unwrap()), "{path}: {record}");
        }
        sizes.push(record.to_string().len());
    }
    sizes.sort_unstable();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert_eq!(made.delivered.record_bytes / found.len() as u64, mean as u64);
    assert!((1_200..=1_500).contains(&mean), "mean {mean}");
    let p99 = sizes[sizes.len() * 99 / 100];
    assert!((1_900..=2_500).contains(&p99), "p99 {p99}");
    assert!((30_000..=32_000).contains(sizes.last().unwrap()), "{:?}", sizes.last());
}

#[test]
fn the_mix_is_that_of_an_organisation() {
    let (_, found) = made(|_| {});
    let share = |fits: &dyn Fn(&Found) -> bool| {
        found.iter().filter(|record| fits(record)).count() as f64 / found.len() as f64
    };
    let by_service = share(&|found| found.record["userIdentity"]["invokedBy"].is_string());
    assert!((0.3..=0.6).contains(&by_service), "{by_service}");
    let failed = share(&|found| found.record["errorCode"].is_string());
    assert!((0.01..=0.05).contains(&failed), "{failed}");
    let with_session = share(&|found| found.record["userIdentity"]["sessionContext"].is_object());
    assert!(with_session > 0.4, "{with_session}");
    let calls: BTreeSet<_> = found
        .iter()
        .map(|found| (found.record["eventSource"].as_str(), found.record["eventName"].as_str()))
        .collect();
    let services: BTreeSet<_> = calls.iter().map(|call| call.0).collect();
    assert!(calls.len() >= 100 && services.len() >= 25, "{} {}", calls.len(), services.len());
    let global = ["iam.amazonaws.com", "signin.amazonaws.com", "route53.amazonaws.com"];
    for Found { record, .. } in &found {
        if global.contains(&record["eventSource"].as_str().unwrap()) {
            assert_eq!(record["awsRegion"], "us-east-1", "{record}");
        }
    }
}

#[test]
fn a_session_carries_the_key_that_was_handed_out() {
    let (_, found) = made(|plan| plan.volume = Volume::EventsPerDay(2_000.0));
    let granted: BTreeSet<_> = found
        .iter()
        .filter_map(|found| found.record["responseElements"]["credentials"]["accessKeyId"].as_str())
        .collect();
    let used = found
        .iter()
        .filter_map(|found| found.record["userIdentity"]["accessKeyId"].as_str())
        .filter(|key| granted.contains(key));
    assert!(granted.len() > 100 && used.count() > 100);
}

#[test]
fn names_and_folders_are_those_of_the_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path());
    plan.organization = Some("o-exampleorg1".to_string());
    plan.volume = Volume::EventsPerDay(300.0);
    generate(&plan).unwrap();
    let names = files(folder.path());
    assert!(names.len() > 100);
    for name in names.keys() {
        let parts: Vec<&str> = name.to_str().unwrap().split('/').collect();
        let ["AWSLogs", "o-exampleorg1", account, "CloudTrail", region, year, month, day, file] =
            parts[..]
        else {
            panic!("{}", name.display())
        };
        let digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        assert!(digits(account, 12) && digits(year, 4), "{file}");
        let stem = file.strip_suffix(".json.gz").unwrap();
        let [of_account, "CloudTrail", of_region, stamp, unique] =
            stem.split('_').collect::<Vec<_>>()[..]
        else {
            panic!("{file}")
        };
        assert_eq!((of_account, of_region), (account, region));
        assert_eq!(&stamp[..9], format!("{year}{month}{day}T"), "{file}");
        assert!(digits(&stamp[9..13], 4) && stamp.ends_with('Z') && stamp.len() == 14);
        assert!(unique.len() == 16 && unique.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

#[test]
fn copies_are_equal_and_lie_in_other_files() {
    let (made, found) = made(|_| {});
    let events = by_event(&found);
    let twice: Vec<_> = events.values().filter(|copies| copies.len() > 1).collect();
    for copies in &twice {
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].record, copies[1].record);
        assert_ne!(copies[0].file, copies[1].file);
    }
    let share = twice.len() as f64 / events.len() as f64;
    assert!((0.18..=0.22).contains(&share), "{share}");
    assert_eq!(made.delivered.copies, twice.len() as u64);
    assert_eq!(made.delivered.events, events.len() as u64);
}

#[test]
fn delivery_takes_8_to_608_seconds_and_200_at_the_median() {
    let (_, found) = made(|plan| plan.terms.duplicates = 0.0);
    let mut lags: Vec<i64> = found.iter().map(|found| found.delivered.0 - found.time().0).collect();
    lags.sort_unstable();
    assert!(lags[0] >= 8 && *lags.last().unwrap() <= 608, "{:?} {:?}", lags[0], lags.last());
    let median = lags[lags.len() / 2];
    assert!((190..=210).contains(&median), "{median}");
    let file_of = |at: usize| &found[at].file;
    let unsorted = (1..found.len())
        .any(|at| file_of(at) == file_of(at - 1) && found[at].time() < found[at - 1].time());
    assert!(unsorted);
}

#[test]
fn late_events_come_once_and_after_six_hours() {
    let (made, found) = made(|plan| plan.terms.late = 0.05);
    let late: Vec<_> = by_event(&found)
        .into_values()
        .filter(|copies| copies.iter().all(|copy| copy.delivered.0 - copy.time().0 > 6 * 3600))
        .collect();
    assert!(late.iter().all(|copies| copies.len() == 1));
    assert_eq!(late.len() as u64, made.delivered.late);
    let share = late.len() as f64 / made.delivered.events as f64;
    assert!((0.04..=0.06).contains(&share), "{share}");
}

#[test]
fn gathering_for_long_stays_within_six_hours() {
    let (_, found) = made(|plan| plan.terms.gather = 350 * 60);
    for copies in by_event(&found).values() {
        let lags = copies.iter().map(|copy| copy.delivered.0 - copy.time().0);
        assert!(lags.min().unwrap() <= 6 * 3600);
    }
}

#[test]
fn files_keep_to_their_number_of_records() {
    let (_, found) = made(|plan| plan.terms.records_per_file = 8);
    let mut counts: BTreeMap<&Path, usize> = BTreeMap::new();
    for record in &found {
        *counts.entry(&record.file).or_default() += 1;
    }
    assert_eq!(counts.values().max(), Some(&8));
}

#[test]
fn a_target_size_is_met_within_5_percent() {
    let (made, _) = made(|plan| plan.volume = Volume::Megabytes(20.0));
    let megabytes = made.inflated_bytes as f64 / 1e6;
    assert!((19.0..=21.0).contains(&megabytes), "{megabytes}");
}

#[test]
fn huge_records_stay_below_the_limit_of_256_kb() {
    let (_, found) = made(|plan| {
        plan.habits.huge = 0.01;
        plan.volume = Volume::EventsPerDay(500.0);
    });
    let largest = found.iter().map(|found| found.record.to_string().len()).max().unwrap();
    assert!((230_000..=256_000).contains(&largest), "{largest}");
}

#[test]
fn plain_files_and_lines_hold_the_same_records() {
    let small = |form| {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = plan(folder.path());
        (plan.form, plan.volume) = (form, Volume::EventsPerDay(300.0));
        generate(&plan).unwrap();
        folder
    };
    let ids = |found: Vec<Found>| {
        let mut ids: Vec<String> = found.iter().map(|found| found.id().to_string()).collect();
        ids.sort_unstable();
        ids
    };
    let gzip = ids(common::records(small(Form::Gzip(1)).path()));
    let plain = ids(common::records(small(Form::Plain).path()));
    let lines = small(Form::Lines);
    let text = fs::read_to_string(lines.path().join(LINES_NAME)).unwrap();
    let mut listed: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|record| record["eventID"].as_str().unwrap().to_string())
        .collect();
    listed.sort_unstable();
    assert!(gzip.len() > 400);
    assert_eq!(gzip, plain);
    assert_eq!(gzip, listed);
}

#[test]
fn incidents_are_in_the_archive_and_the_background_stays_away_from_them() {
    let (made, found) = made(|plan| {
        (plan.incidents, plan.quiet, plan.days) = (true, true, 28);
        plan.volume = Volume::EventsPerDay(100.0);
    });
    assert_eq!(made.incidents.len(), 17);
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for step in made.incidents.iter().flat_map(|incident| incident.steps()) {
        let record: serde_json::Value = serde_json::from_str(&step.record).unwrap();
        let id = record["eventID"].as_str().unwrap();
        assert!(found.iter().any(|found| found.id() == id), "{}", step.name);
        *told.entry(&step.name).or_default() += 1;
    }
    let unheard = [
        "StopLogging",
        "DeleteTrail",
        "DeleteFlowLogs",
        "DeleteDetector",
        "PutBucketPolicy",
        "ModifySnapshotAttribute",
        "ScheduleKeyDeletion",
        "DeactivateMFADevice",
        "UpdateAssumeRolePolicy",
        "CreateUser",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeleteVolume",
    ];
    for name in unheard {
        let events: BTreeSet<&str> =
            found.iter().filter(|found| found.record["eventName"] == name).map(Found::id).collect();
        assert!(!events.is_empty() && Some(&events.len()) == told.get(name), "{name}");
    }
    assert_eq!(told["GetSecretValue"], 30);
    assert_eq!(told["DeleteSnapshot"] + told["TerminateInstances"] + told["DeleteVolume"], 40);
    let roots = found.iter().filter(|found| found.record["userIdentity"]["type"] == "Root").count();
    assert!((3..=6).contains(&roots), "{roots}");
}
