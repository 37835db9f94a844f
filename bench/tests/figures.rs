//! `generate --as-measured` makes what was measured in real archives, by the figures.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by ending")]

mod common;

use bench::archive::{AS_MEASURED, Volume, generate};
use bench::figures::Figures;

fn figures(change: impl FnOnce(&mut bench::archive::Plan)) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = common::plan(folder.path());
    (plan.bursts, plan.habits) = (AS_MEASURED.bursts, AS_MEASURED.habits);
    (plan.days, plan.volume) = (3, Volume::EventsPerDay(8_000.0));
    change(&mut plan);
    generate(&plan).unwrap();
    Figures::of(&[folder.path().to_owned()])
}

#[track_caller]
fn within(what: &str, value: f64, least: f64, most: f64) {
    assert!((least..=most).contains(&value), "{what}: {value} is not in {least}..{most}");
}

#[test]
fn sizes_delivery_copies_and_errors_are_as_measured() {
    let figures = figures(|_| {});
    within("mean record", figures.mean_bytes, 1_300.0, 1_430.0);
    within("99th percentile", f64::from(figures.bytes[1]), 2_250.0, 2_600.0);
    within("31 kB", figures.bulky[0], 0.000_02, 0.000_6);
    let [least, median, most] = figures.lag.unwrap().map(|lag| lag as f64);
    within("least lag", least, 8.0, 30.0);
    within("median lag", median, 185.0, 215.0);
    within("longest lag", most, 500.0, 608.0);
    within("delivered twice", figures.doubled, 0.18, 0.22);
    within("failed", figures.failed, 0.03, 0.08);
    within("disorder", figures.disorder, 0.2, 0.6);
}

#[test]
fn work_is_skewed_and_comes_in_bursts() {
    let figures = figures(|_| {});
    within("the busiest caller", figures.top[0], 0.05, 0.3);
    within("the most frequent API", figures.top[1], 0.08, 0.3);
    within("busy seconds", figures.busy, 0.04, 0.15);
    within("the fastest second", figures.fastest as f64, 40.0, 125.0);
}

#[test]
fn records_of_31_and_of_250_kb_come_as_often_as_asked() {
    let figures = figures(|plan| (plan.habits.large, plan.habits.huge) = (0.01, 0.002));
    within("above 20 kB", figures.bulky[0], 0.009, 0.015);
    within("above 200 kB", figures.bulky[1], 0.001, 0.003);
    within("largest", f64::from(figures.bytes[2]), 230_000.0, 256_000.0);
}

#[test]
fn files_hold_eight_records_or_thousands() {
    let small = figures(|plan| plan.terms.records_per_file = 8);
    assert_eq!(small.records_per_file[1], 8);
    let large = figures(|plan| {
        (plan.terms.gather, plan.accounts) = (350 * 60, 1);
        (plan.regions, plan.terms.records_per_file) = (vec!["us-east-1".to_owned()], 10_000);
    });
    within("largest file", large.records_per_file[1] as f64, 2_000.0, 10_000.0);
}
