//! What a header says is allocated when the text comes, not before.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

mod common;

use common::{read_file, record, zstd};

/// The most memory that this process has held, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The one test of this process, so that the peak is its own.
#[test]
fn a_window_costs_memory_as_its_text_comes() {
    // A frame with a window of 128 MiB, in which nothing follows.
    let header = b"\x28\xb5\x2f\xfd\x00\x88";
    let sound = zstd((record("1") + "\n").as_bytes());
    read_file(&sound);
    let before = peak();
    for _ in 0..20 {
        let (found, report) = read_file(&[&*sound, header].concat());
        assert_eq!((found.len(), report.damage.count), (1, 1));
    }
    assert!(peak() - before < 16 << 10, "{} KiB after {before}", peak());
}
