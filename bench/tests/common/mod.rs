//! Reading an archive back, for the tests.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use bench::archive::{Made, Plan, Volume, generate};
use bench::background::Habits;
use bench::clock::Moment;
use bench::delivery::Terms;
use bench::rhythm::Week;
use bench::sink::Form;
use flate2::read::GzDecoder;
use serde_json::Value;

/// A plan of a few thousand events over two days.
pub(crate) fn plan(out: &Path) -> Plan {
    Plan {
        seed: 1,
        accounts: 3,
        regions: ["eu-west-1", "us-east-1", "eu-central-1"].map(String::from).to_vec(),
        start: Moment::parse("2025-09-01").unwrap(),
        days: 2,
        volume: Volume::EventsPerDay(5_000.0),
        week: Week { opens: 7, closes: 19, night: 0.3, weekend: 0.5 },
        bursts: 0.0,
        habits: Habits { denied: 0.02, long: 0.0, large: 0.001, huge: 0.0, token_length: 240 },
        quiet: false,
        incidents: false,
        terms: Terms { gather: 300, records_per_file: 2000, duplicates: 0.2, late: 0.0 },
        organization: None,
        form: Form::Gzip(6),
        out: out.to_path_buf(),
    }
}

/// A record as it lies in a file.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The file, relative to the archive.
    pub(crate) file: PathBuf,
    /// Delivery minute in the file's name.
    pub(crate) delivered: Moment,
    /// The record.
    pub(crate) record: Value,
}

impl Found {
    /// `eventID`.
    pub(crate) fn id(&self) -> &str {
        self.record["eventID"].as_str().unwrap()
    }

    /// `eventTime`.
    pub(crate) fn time(&self) -> Moment {
        Moment::parse(self.record["eventTime"].as_str().unwrap()).unwrap()
    }
}

/// Makes the archive of a plan that `change` has changed, and reads it back.
pub(crate) fn made(change: impl FnOnce(&mut Plan)) -> (Made, Vec<Found>) {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path());
    change(&mut plan);
    let made = generate(&plan).unwrap();
    (made, records(folder.path()))
}

/// All files below `root`, by their relative path.
pub(crate) fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_path_buf();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// All records of the delivered files below `root`.
pub(crate) fn records(root: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    for (file, bytes) in files(root) {
        let name = file.file_name().unwrap().to_str().unwrap().to_string();
        let mut text = String::new();
        if name.ends_with(".gz") {
            GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        } else if name.ends_with(".json") {
            text = String::from_utf8(bytes).unwrap();
        } else {
            continue;
        }
        assert!(!text.contains('\n'), "{name} is one line");
        let stamp = name.split('_').nth(3).unwrap();
        let delivered = Moment::parse(&format!(
            "{}-{}-{}T{}:{}:00Z",
            &stamp[0..4],
            &stamp[4..6],
            &stamp[6..8],
            &stamp[9..11],
            &stamp[11..13]
        ));
        let mut value: Value = serde_json::from_str(&text).unwrap();
        for record in value["Records"].as_array_mut().unwrap() {
            let record = record.take();
            found.push(Found { file: file.clone(), delivered: delivered.unwrap(), record });
        }
    }
    found
}
