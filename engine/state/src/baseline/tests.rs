//! Scores against values computed with numpy, and against a slow, obvious reference.

use super::*;
use rand::{Rng, SeedableRng};

const HOW: Deviation = Deviation {
    bucket: 3_600,
    within: 3_600,
    memory: 28 * 86_400,
    warmup: 0,
    season: Season::None,
    min_samples: 3,
    model: Model::MedianMad,
    empty: Some(0.0),
};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()))
}

/// The rows beside this file and, where it is there, the table in `tests/numeric`.
#[test]
fn models_agree_with_numpy() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/numeric/baseline.tsv");
    let table = std::fs::read_to_string(table).unwrap_or_default();
    let table = format!("{}{table}", include_str!("numpy.tsv"));
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let model = match columns[0] {
            "median_mad" => Model::MedianMad,
            "mean_sd" => Model::MeanSd,
            "ewma" => Model::Ewma,
            _ => continue,
        };
        let number = |at: usize| columns[at].parse::<f64>().unwrap();
        let mut samples: Vec<f64> =
            columns[1].split_whitespace().map(|sample| sample.parse().unwrap()).collect();
        let count = samples.len();
        let (center, scale) = model.center_and_scale(&mut samples);
        let fit = Fit {
            season: Season::None,
            slot: None,
            samples: count,
            center,
            scale,
            estimated: false,
        };
        assert!(near(center, number(3)), "center {center}: {line}");
        assert!(near(scale, number(4)), "scale {scale}: {line}");
        assert!(near(fit.score(number(2)), number(5)), "{line}");
        rows += 1;
    }
    assert!(rows >= 15, "{rows} rows");
}

fn counts(baseline: &mut Baseline<Tally>, how: &Deviation, second: i64, more: u64) {
    if let Some(Tally::Count(count)) = baseline.at(second, how, || Tally::Count(0)) {
        *count += more;
    }
}

#[test]
fn buckets_lie_in_the_history_the_memory_and_before_the_window() {
    let how = Deviation { warmup: 90_000, ..HOW };
    let mut baseline = Baseline::default();
    let start = 1_800;
    for hour in 0..40 {
        counts(&mut baseline, &how, hour * 3_600 + 1_800, 10);
    }
    assert_eq!(baseline.fit(start, start + 89_999, &how), None);
    // Bucket 0 begins before the history. 25 h 30 min: buckets 1 to 23 end an hour before.
    assert_eq!(baseline.fit(start, 25 * 3_600 + 1_800, &how), None, "23 samples");
    let fit = baseline.fit(start, 26 * 3_600, &how).unwrap();
    assert_eq!((fit.samples, fit.center, fit.season, fit.slot), (24, 10.0, Season::None, None));
    assert!(near(fit.score(20.0), 10.0 / 10_f64.sqrt()));
    let short = Deviation { memory: 25 * 3_600, ..how };
    assert_eq!(baseline.fit(start, 39 * 3_600, &short).unwrap().samples, 24);
    assert_eq!(baseline.fit(start, 39 * 3_600 + 1, &short), None, "the oldest began too early");
}

#[test]
fn seasons_fall_back() {
    let how = Deviation { season: Season::HourOfWeek, ..HOW };
    let mut baseline = Baseline::default();
    let start = 1_795_392_000 - 28 * 86_400;
    for hour in 0..24 * 29 {
        let busy = if hour % 24 == 9 { 50 } else { 2 };
        counts(&mut baseline, &how, start + hour * 3_600, busy);
    }
    let mut at =
        |days: i64, hours: i64| baseline.fit(start, start + days * 86_400 + hours * 3_600, &how);
    let fit = at(27, 10).unwrap();
    assert_eq!((fit.season, fit.slot, fit.samples), (Season::HourOfWeek, Some(6 * 24 + 9), 3));
    assert_eq!(fit.center, 50.0);
    let fit = at(9, 10).unwrap();
    assert_eq!((fit.season, fit.slot, fit.samples), (Season::HourOfDay, Some(9), 9));
    let fit = at(1, 10).unwrap();
    assert_eq!((fit.season, fit.slot, fit.samples), (Season::None, None, 33));
    assert_eq!(at(0, 10), None);
}

#[test]
fn a_late_event_changes_an_old_bucket() {
    let mut baseline = Baseline::default();
    for hour in 0..30 {
        counts(&mut baseline, &HOW, hour * 3_600, 4);
    }
    let mean = Deviation { model: Model::MeanSd, ..HOW };
    assert_eq!(baseline.fit(0, 31 * 3_600, &mean).unwrap().center, 4.0);
    counts(&mut baseline, &HOW, 5 * 3_600 + 9, 30);
    assert_eq!(baseline.fit(0, 31 * 3_600, &mean).unwrap().center, 5.0);
}

#[test]
fn an_empty_bucket_is_no_sample_of_a_ratio() {
    let how = Deviation { empty: None, ..HOW };
    let mut baseline = Baseline::default();
    for hour in (0..60).step_by(2) {
        let made = baseline.at(hour * 3_600, &how, || Tally::Ratio { part: 1, whole: 4 });
        assert!(made.is_some());
    }
    let fit = baseline.fit(0, 60 * 3_600, &how).unwrap();
    assert_eq!((fit.samples, fit.center), (30, 0.25));
}

#[test]
fn what_is_behind_the_watermark_keeps_its_value_alone() {
    let mut baseline = Baseline::default();
    for hour in 0..800 {
        counts(&mut baseline, &HOW, hour * 3_600, 7);
        baseline.forget(hour * 3_600 - 1, &HOW);
        assert!(baseline.len() <= 28 * 24 + 1, "{}", baseline.len());
    }
    assert!(baseline.at(700 * 3_600, &HOW, || Tally::Count(0)).is_none());
    let fit = baseline.fit(0, 800 * 3_600, &HOW).unwrap();
    assert_eq!((fit.samples, fit.center), (671, 7.0));
}

#[test]
fn tallies_are_aggregates() {
    assert_eq!(Tally::Count(3).sample(), Some(3.0));
    assert_eq!(Tally::Sum(2_500_000).sample(), Some(2.5));
    assert_eq!(Tally::Sum(-3_000_000).sample(), Some(-3.0));
    assert_eq!(Tally::Ratio { part: 0, whole: 0 }.sample(), None);
    let mut values = crate::Distinct::default();
    [5, 6, 5].into_iter().for_each(|value| values.enter(value, 1));
    assert_eq!(Tally::Distinct(Box::new(values)).sample(), Some(2.0));
}

/// The samples straight from the language reference.
fn reference(
    events: &[(i64, u64)],
    (start, second): (i64, i64),
    how: &Deviation,
) -> Option<(Season, usize, f64, f64)> {
    if second - start < how.warmup {
        return None;
    }
    for season in how.season.with_fallbacks() {
        let mut samples = Vec::new();
        for number in 0..second / how.bucket + 1 {
            let (from, to) = (number * how.bucket, (number + 1) * how.bucket);
            let in_time = from >= start && from >= second - how.memory;
            let middle = (2 * second - how.within).div_euclid(2);
            let alike = season.slot(from / 3_600) == season.slot(middle.div_euclid(3_600));
            if in_time && to <= second - how.within && alike {
                let inside = events.iter().filter(|(at, _)| (from..to).contains(at));
                let count: u64 = inside.map(|(_, count)| count).sum();
                samples.extend(if count == 0 { how.empty } else { Some(count as f64) });
            }
        }
        let least = if *season == Season::None { 24 } else { how.min_samples.max(1) };
        if samples.len() as u64 >= least {
            let count = samples.len();
            let (center, scale) = how.model.center_and_scale(&mut samples);
            return Some((*season, count, center, scale));
        }
    }
    None
}

#[test]
fn an_estimate_among_the_samples_is_told() {
    let how = Deviation { bucket: 60, within: 60, ..HOW };
    let mut baseline = Baseline::default();
    let mut put = |values: u64| {
        let mut tally = crate::Distinct::default();
        (0..values).for_each(|value| tally.enter(value.wrapping_mul(0x9e37_79b9_7f4a_7c15), 1));
        baseline = Baseline::default();
        baseline.at(0, &how, || Tally::Distinct(Box::new(tally)));
        let open = baseline.fit(0, 1_500, &how).unwrap();
        baseline.forget(600, &how);
        baseline.fitted = None;
        let sealed = baseline.fit(0, 1_500, &how).unwrap();
        assert_eq!((open.samples, open), (24, sealed));
        let gone = baseline.fit(0, 1_500 + how.memory, &how).unwrap();
        assert!(!gone.estimated, "the bucket is beyond the memory");
        open.estimated
    };
    assert!(!put(65_536));
    assert!(put(65_537));
}

#[test]
fn random_histories_agree_with_the_reference() {
    let mut fits = 0;
    for seed in 0..300 {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut pick = |choices: &[i64]| choices[random.random_range(0..choices.len())];
        let how = Deviation {
            bucket: pick(&[600, 1_800, 3_600, 7_000]),
            within: pick(&[600, 3_600, 5_001]),
            memory: pick(&[86_400, 3 * 86_400, 8 * 86_400]),
            warmup: pick(&[0, 86_400]),
            season: [Season::None, Season::HourOfDay, Season::HourOfWeek]
                [pick(&[0, 1, 2]) as usize],
            min_samples: pick(&[0, 1, 3]) as u64,
            model: [Model::MedianMad, Model::MeanSd, Model::Ewma][pick(&[0, 1, 2]) as usize],
            empty: [Some(0.0), None][pick(&[0, 1]) as usize],
        };
        let mut baseline = Baseline::default();
        let mut events = Vec::new();
        let mut clock = random.random_range(0..100_000);
        let mut start = clock;
        for _ in 0..60 {
            clock += random.random_range(0..20_000);
            let late = if random.random_bool(0.2) { random.random_range(0..20_000) } else { 0 };
            let second = (clock - late).max(0);
            let count = random.random_range(1..5);
            start = start.min(second);
            events.push((second, count));
            counts(&mut baseline, &how, second, count);
            let fit = baseline.fit(start, clock, &how);
            let fit = fit.map(|fit| (fit.season, fit.samples, fit.center, fit.scale));
            assert_eq!(fit, reference(&events, (start, clock), &how), "seed {seed}");
            fits += usize::from(fit.is_some());
            baseline.forget(clock - 20_000, &how);
        }
    }
    assert!(fits > 1_000, "{fits} fits");
}

#[test]
fn a_fit_for_each_bucket_of_a_long_history_costs_the_same() {
    const MINUTES: i64 = 100_000;
    let how = Deviation { bucket: 60, within: 60, memory: 90 * 86_400, ..HOW };
    let mut baseline = Baseline::default();
    let mut last = None;
    for minute in 0..MINUTES {
        counts(&mut baseline, &how, minute * 60, (minute * 7_919 % 1_000).unsigned_abs() + 1);
        last = baseline.fit(0, minute * 60 + 59, &how);
        if minute % 5_000 == 0 {
            baseline.forget(minute * 60 - 1, &how);
        }
    }
    let fit = last.unwrap();
    assert_eq!((fit.samples, fit.center, fit.scale), (99_998, 501.0, 1.4826 * 250.0));
}

/// A score is asked for again and again while buckets come, go, change, and go for good.
#[test]
fn samples_kept_from_fit_to_fit_are_those_gathered_anew() {
    let mut fits = 0;
    for seed in 0..300 {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let season = [Season::None, Season::HourOfDay, Season::HourOfWeek];
        let how = Deviation {
            bucket: [60, 600, 1_800, 7_000][random.random_range(0..4)],
            within: [60, 3_600][random.random_range(0..2)],
            memory: [86_400, 8 * 86_400][random.random_range(0..2)],
            season: season[random.random_range(0..3)],
            empty: [Some(0.0), None][random.random_range(0..2)],
            ..HOW
        };
        let mut kept = Baseline::default();
        let (mut clock, mut watermark) = (0, 0);
        for _ in 0..200 {
            clock += [5, how.bucket, 9 * how.bucket, 90_000][random.random_range(0..4)];
            for _ in 0..[1, 40][usize::from(random.random_bool(0.1))] {
                let second = random.random_range(watermark + 1..=clock);
                counts(&mut kept, &how, second, random.random_range(1..9));
            }
            let second = random.random_range(watermark + 1..=clock);
            let fit = kept.fit(0, second, &how);
            let anew = Baseline { fitted: None, slots: Vec::new(), ..kept.clone() };
            assert_eq!(fit, { anew }.fit(0, second, &how), "seed {seed}");
            fits += usize::from(fit.is_some());
            if random.random_bool(0.3) {
                watermark = watermark.max(clock - random.random_range(0..50_000));
                kept.forget(watermark, &how);
            }
        }
    }
    assert!(fits > 10_000, "{fits} fits");
}
