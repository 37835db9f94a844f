//! What the names of CloudTrail's files and folders say.
//!
//! Source: AWS `CloudTrail` user guide, "Finding your CloudTrail log files" and "Log
//! file examples": `…/AWSLogs/[o-ID/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`
//! `ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`.

use event::EventTime;
use memchr::memchr_iter;
use std::ffi::OsStr;
use std::path::Path;

/// What kind of CloudTrail file a name announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// A digest.
    Digest,
    /// Insights events.
    Insight,
}

/// The family of the files in a folder of this name.
pub(super) fn folder_family(name: &OsStr) -> Option<Family> {
    match name.as_encoded_bytes() {
        b"CloudTrail-Digest" => Some(Family::Digest),
        b"CloudTrail-Insight" => Some(Family::Insight),
        _ => None,
    }
}

/// The family of a file of this name.
pub(super) fn file_family(name: &OsStr) -> Option<Family> {
    let name = name.as_encoded_bytes();
    let has = |part: &[u8]| memchr_iter(b'_', name).any(|at| name[at..].starts_with(part));
    if !has(b"_CloudTrail-") {
        None
    } else if has(b"_CloudTrail-Digest_") {
        Some(Family::Digest)
    } else if has(b"_CloudTrail-Insight_") {
        Some(Family::Insight)
    } else {
        None
    }
}

/// Whether a file in a folder is an input by the ending of its name.
pub(super) fn is_input(name: &OsStr) -> bool {
    const ENDINGS: [&[u8]; 6] = [b".json", b".jsonl", b".ndjson", b".log", b".gz", b".zst"];
    let name = name.as_encoded_bytes();
    ENDINGS.iter().any(|ending| {
        name.len()
            .checked_sub(ending.len())
            .is_some_and(|at| name[at..].eq_ignore_ascii_case(ending))
    })
}

/// The time of delivery in a file's name: `_YYYYMMDDTHHmmZ_`.
pub(crate) fn delivery(name: &OsStr) -> Option<EventTime> {
    const LENGTH: usize = "_YYYYMMDDTHHmmZ_".len();
    let name = name.as_encoded_bytes();
    memchr_iter(b'_', name).find_map(|at| {
        let part = name.get(at..at + LENGTH)?;
        if part[9] != b'T' || part[14..] != *b"Z_" {
            return None;
        }
        let mut text = *b"YYYY-MM-DDTHH:mm:00Z";
        text[..4].copy_from_slice(&part[1..5]);
        for (to, from) in [(5, 5), (8, 7), (11, 10), (14, 12)] {
            text[to..to + 2].copy_from_slice(&part[from..from + 2]);
        }
        EventTime::parse(str::from_utf8(&text).ok().filter(|text| text.is_ascii())?)
    })
}

/// The day, counted from 1970, of a folder `…/CloudTrail/REGION/YYYY/MM/DD`.
pub(super) fn folder_day(folder: &Path) -> Option<i64> {
    let mut names = folder.components().rev().map(|part| part.as_os_str().as_encoded_bytes());
    let mut number = |digits: usize| {
        let name = names.next()?;
        let fits = name.len() == digits && name.iter().all(u8::is_ascii_digit);
        fits.then(|| str::from_utf8(name).ok()).flatten()
    };
    let (day, month, year) = (number(2)?, number(2)?, number(4)?);
    let _region = names.next()?;
    if !matches!(names.next()?, b"CloudTrail" | b"CloudTrail-Insight") {
        return None;
    }
    Some(EventTime::parse(&format!("{year}-{month}-{day}T00:00:00Z"))?.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn delivered(name: &str, text: Option<&str>) {
        assert_eq!(
            delivery(OsStr::new(name)).map(|time| time.to_string()).as_deref(),
            text,
            "{name}"
        );
    }

    #[test]
    fn names_tell_the_time_of_delivery() {
        delivered(
            "111122223333_CloudTrail_us-east-1_20230710T1220Z_WMiHxZgr5Hdd6UDc.json.gz",
            Some("2023-07-10T12:20:00Z"),
        );
        delivered("a_20230710T1220Z.json", None);
        delivered("a_20231310T1220Z_x.json", None);
        delivered("a_2023071\u{e9}T120Z_x.json", None);
        delivered("us-east-1-20200930T2300.json", None);
        delivered("_20231310T1220Z_20231210T1220Z_", Some("2023-12-10T12:20:00Z"));
    }

    #[test]
    fn day_folders_are_known_under_cloudtrail_only() {
        let day = |path: &str| folder_day(Path::new(path));
        assert_eq!(day("b/AWSLogs/1/CloudTrail/eu-west-1/1970/01/03"), Some(2));
        assert_eq!(day("b/AWSLogs/1/Config/eu-west-1/1970/01/03"), None);
        assert_eq!(day("b/AWSLogs/1/CloudTrail/eu-west-1/1970/01"), None);
        assert_eq!(day("b/AWSLogs/1/CloudTrail/eu-west-1/1970/13/03"), None);
        assert_eq!(day("1970/01/03"), None);
    }

    #[test]
    fn endings_make_inputs() {
        for name in ["a.json", "a.JSON.GZ", "a.jsonl", "a.ndjson", "a.log", ".gz", "a.json.zst"] {
            assert!(is_input(OsStr::new(name)), "{name}");
        }
        for name in ["a.txt", "json", "a.json.xz", "a.gz.bak", ""] {
            assert!(!is_input(OsStr::new(name)), "{name}");
        }
    }
}
