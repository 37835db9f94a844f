//! Shares against a list that is counted anew for each question.

use super::*;
use rand::{Rng, SeedableRng};
use std::hash::RandomState;

const HOW: Seldom = Seldom { warmup: 0, memory: 7_200, min_samples: 1 };

fn counted(events: &[(i64, Option<u128>)], second: i64, tuple: u128) -> Option<Portion> {
    let from = (second - HOW.memory).div_euclid(HOUR) * HOUR;
    let before: Vec<_> = events.iter().filter(|(at, _)| (from..second).contains(at)).collect();
    let part = before.iter().filter(|(_, has)| *has == Some(tuple)).count() as u64;
    (!before.is_empty()).then_some(Portion { part, whole: before.len() as u64 })
}

#[test]
fn the_hour_of_the_memory_counts_whole() {
    let mut share = Share::<RandomState>::default();
    share.enter(0, Some(1), 1);
    share.enter(3_599, Some(2), 3);
    share.enter(3_600, None, 4);
    let mut at = |second: i64, tuple| {
        share.turn_to(second, HOW.memory);
        share.of((tuple, Portion::default()), (0, second), HOW)
    };
    assert_eq!(at(7_200, 1), Some(Portion { part: 1, whole: 8 }));
    assert_eq!(at(10_799, 2), Some(Portion { part: 3, whole: 8 }));
    assert_eq!(at(10_800, 2), Some(Portion { part: 0, whole: 4 }));
    assert_eq!(at(10_799, 2), Some(Portion { part: 3, whole: 8 }));
    assert_eq!(at(14_400, 2), None);
}

#[test]
fn young_or_small_histories_give_no_share() {
    let mut share = Share::<RandomState>::default();
    share.enter(100, Some(1), 99);
    let how = Seldom { warmup: 50, memory: 7_200, min_samples: 100 };
    share.turn_to(200, how.memory);
    assert_eq!(share.of((1, Portion::default()), (100, 200), how), None);
    share.enter(101, Some(2), 1);
    assert_eq!(share.of((1, Portion::default()), (100, 149), how), None);
    assert_eq!(
        share.of((1, Portion::default()), (100, 150), how),
        Some(Portion { part: 99, whole: 100 })
    );
    assert_eq!(
        share.of((3, Portion::default()), (100, 150), how),
        Some(Portion { part: 0, whole: 100 })
    );
}

#[test]
fn random_streams_count_the_same_also_out_of_order() {
    for seed in 0..200 {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut share = Share::<RandomState>::default();
        let mut events: Vec<(i64, Option<u128>)> = Vec::new();
        let mut clock = 0;
        for _ in 0..100 {
            clock += random.random_range(0..1_500);
            let second = (clock - random.random_range(0..4_000)).max(0);
            let tuple = random.random_bool(0.9).then(|| random.random_range(0..3));
            // What is at or after the event is taken back, then walked again.
            events.sort_unstable();
            let from = events.partition_point(|(at, _)| *at < second);
            for (at, tuple) in events[from..].iter().rev() {
                share.leave(*at, *tuple, 1);
            }
            events.insert(from, (second, tuple));
            for (at, tuple) in &events[from..] {
                share.turn_to(*at, HOW.memory);
                share.enter(*at, *tuple, 1);
            }
            let asked = events[events.len() - 1].0 + 1;
            share.turn_to(asked, HOW.memory);
            for tuple in 0..3 {
                let expected = counted(&events, asked, tuple);
                assert_eq!(
                    share.of((tuple, Portion::default()), (0, asked), HOW),
                    expected,
                    "seed {seed}"
                );
            }
            share.forget(clock - 4_000, HOW.memory);
        }
    }
}
