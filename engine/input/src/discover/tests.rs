//! Discovery in folders made for it.

use super::*;
use crate::file::Origin;
use std::os::unix::fs::symlink;
use tempfile::{TempDir, tempdir};

/// A folder with these files, each one byte long.
fn folder(files: &[&str]) -> TempDir {
    let root = tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    }
    root
}

/// The paths listed, from the root on.
fn listed(root: &TempDir, listing: &Listing) -> Vec<String> {
    let from_root = |path: PathBuf| path.strip_prefix(root.path()).unwrap().to_owned();
    let names = listing.files.iter().map(|file| from_root(file.path()));
    names.map(|path| shown(path.as_os_str().as_encoded_bytes())).collect()
}

fn walk(root: &TempDir, options: &Discover) -> Listing {
    discover(&[root.path().to_owned()], options)
}

const NAME: &str = "111122223333_CloudTrail_us-east-1_20240102T0305Z_abcdefghijklmnop.json.gz";

#[test]
fn the_s3_layout_is_walked_and_digests_and_insights_are_counted() {
    let root = folder(&[
        &format!("AWSLogs/1/CloudTrail/us-east-1/2024/01/02/{NAME}"),
        &format!("AWSLogs/o-ab/1/CloudTrail/us-east-1/2024/01/02/{NAME}"),
        "AWSLogs/1/CloudTrail-Digest/us-east-1/2024/01/02/a.json.gz",
        "AWSLogs/1/CloudTrail-Digest/us-east-1/2024/01/02/b.json.gz",
        "AWSLogs/1/CloudTrail-Insight/us-east-1/2024/01/02/c.json.gz",
        "flat/1_CloudTrail-Digest_us-east-1_t_us-east-1_20240102T030405Z.json.gz",
        "flat/1_CloudTrail-Insight_us-east-1_20240102T0305Z_x.json.gz",
        "notes.txt",
        "late.json.xz",
        "packed.json.zst",
        "plain.jsonl",
    ]);
    let listing = walk(&root, &Discover::default());
    assert_eq!(
        listed(&root, &listing),
        [
            "packed.json.zst".to_owned(),
            "plain.jsonl".to_owned(),
            format!("AWSLogs/1/CloudTrail/us-east-1/2024/01/02/{NAME}"),
            format!("AWSLogs/o-ab/1/CloudTrail/us-east-1/2024/01/02/{NAME}"),
        ]
    );
    let skipped = Skipped { digests: 3, insights: 2, other: 2, ..Skipped::default() };
    assert_eq!(listing.skipped, skipped);
    assert!(listing.faults.is_empty());
    assert_eq!(listing.files[2].delivery, EventTime::parse("2024-01-02T03:05:00Z"));
    assert_eq!((listing.files[0].size, listing.files[0].origin), (1, Origin::Found));
    let with = Discover { insights: true, ..Discover::default() };
    assert_eq!(walk(&root, &with).files.len(), 6);
}

#[test]
fn files_come_by_delivery_and_then_by_path() {
    let early = NAME.replace("0305Z", "0300Z");
    let root = folder(&[
        "z.json",
        "a.json",
        &format!("b/{NAME}"),
        &format!("c/{early}"),
        &format!("a/{NAME}"),
    ]);
    let expected = [
        "a.json".to_owned(),
        "z.json".into(),
        format!("c/{early}"),
        format!("a/{NAME}"),
        format!("b/{NAME}"),
    ];
    assert_eq!(listed(&root, &walk(&root, &Discover::default())), expected);
}

#[test]
fn day_folders_are_pruned_with_a_days_margin_on_both_sides() {
    let days: Vec<String> = (1..=9)
        .map(|day| format!("AWSLogs/1/CloudTrail/us-east-1/2024/02/0{day}/x.json"))
        .chain((1..=9).map(|day| format!("mine/2024/02/0{day}/x.json")))
        .collect();
    let root = folder(&days.iter().map(String::as_str).collect::<Vec<_>>());
    let options = Discover {
        from: EventTime::parse("2024-02-04T23:59:59Z"),
        to: EventTime::parse("2024-02-06T00:00:00Z"),
        ..Discover::default()
    };
    let listing = walk(&root, &options);
    let kept = listed(&root, &listing);
    let pruned: Vec<_> = kept.iter().filter(|path| path.starts_with("AWSLogs")).collect();
    assert_eq!(pruned, days[2..7].iter().collect::<Vec<_>>());
    assert_eq!(kept.len(), 5 + 9, "no other layout is pruned");
    assert_eq!(listing.skipped.outside, 4);
}

#[test]
fn links_lead_nowhere_but_inside() {
    let outside = folder(&["secret.json"]);
    let root = folder(&["a/real.json"]);
    let at = |name: &str| root.path().join(name);
    symlink(root.path(), at("a/loop")).unwrap();
    symlink(at("a/real.json"), at("inside.json")).unwrap();
    symlink(outside.path().join("secret.json"), at("out.json")).unwrap();
    symlink("../../../../../../etc/hostname", at("climb.json")).unwrap();
    symlink(outside.path(), at("folder.json")).unwrap();
    symlink(at("nothing"), at("dangling.json")).unwrap();
    symlink("self.json", at("self.json")).unwrap();
    symlink("/dev/zero", at("zero.json")).unwrap();
    let listing = walk(&root, &Discover::default());
    assert_eq!(listed(&root, &listing), ["a/real.json", "inside.json"]);
    assert_eq!((listing.skipped.links, listing.skipped.other), (6, 1));
    // A link that the user names is read, and so is what lies in a folder so named.
    let named = discover(&[at("out.json"), at("folder.json")], &Discover::default());
    assert_eq!(named.files.len(), 2);
    // With both folders named, the link leads inside.
    let both = discover(&[root.path().into(), outside.path().into()], &Discover::default());
    assert_eq!(both.files.len(), 4);
}

#[test]
fn pipes_in_folders_are_skipped_and_named_ones_are_read() {
    let root = folder(&["a.json"]);
    let pipe = root.path().join("pipe.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let listing = walk(&root, &Discover::default());
    assert_eq!((listing.files.len(), listing.skipped.special), (1, 1));
    let named = discover(&[pipe], &Discover::default());
    assert_eq!((named.files.len(), named.files[0].size), (1, 0));
    let device = discover(&["/dev/zero".into()], &Discover::default());
    assert_eq!(device.faults[0].reason, FaultReason::Special);
}

#[test]
fn what_is_named_is_an_input_each_time() {
    let root = folder(&["odd.bin"]);
    let path = root.path().join("odd.bin");
    let missing = root.path().join("no\x1b[2J.json");
    let paths = [path.clone(), missing, path, "-".into()];
    let listing = discover(&paths, &Discover::default());
    assert_eq!(listing.files.len(), 3);
    assert_eq!(listing.files[0].origin, Origin::Stdin);
    assert_eq!(listing.files[1], listing.files[2]);
    assert_eq!(listing.faults[0].reason, FaultReason::Io(ErrorKind::NotFound));
    let text = listing.faults[0].to_string();
    assert!(text.ends_with("no\\u{1b}[2J.json: no such file or folder"), "{text}");
}

#[test]
fn odd_names_are_listed_and_shown_safely() {
    use std::os::unix::ffi::OsStrExt;
    let root = folder(&["new\nline.json", "esc\x1b]0;x\x07.json"]);
    let bad = std::ffi::OsStr::from_bytes(b"bad\xff.json");
    fs::write(root.path().join(bad), b"x").unwrap();
    let names = listed(&root, &walk(&root, &Discover::default()));
    assert_eq!(names, ["bad\\xff.json", "esc\\u{1b}]0;x\\u{7}.json", "new\\u{a}line.json"]);
}
