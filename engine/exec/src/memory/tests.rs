//! Known tuples are shown as a look at all of them, learned anew, would show them.

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What was told of tuples, by second.
type Said = std::collections::BTreeMap<i64, BTreeSet<u128>>;

/// The same by learning all anew up to a second.
fn reference(said: &Said, names: &HashMap<u128, String>, second: i64, how: Learning) -> Vec<Shown> {
    let mut learned = Learned::<AsHashed>::default();
    for (at, tuples) in said.range(..second) {
        learned.start.get_or_insert(*at);
        tuples.iter().for_each(|tuple| _ = learned.judge(*tuple, *at, how));
    }
    let known = names.iter().filter(|(_, text)| !text.is_empty()).filter_map(|(tuple, text)| {
        let state = learned.get(*tuple).filter(|state| state.is_known(second, how.memory))?;
        Some((Arc::from(&**text), state.first, state.last?))
    });
    let mut known: Vec<Shown> = known.collect();
    known.sort();
    known.truncate(MOST_SHOWN);
    known
}

/// How a tuple is named: of three one has a text of its own, some have none.
fn named(tuple: u128) -> String {
    match tuple % 10 {
        7 => String::new(),
        _ if tuple.is_multiple_of(3) => tuple.to_string(),
        _ => "[]".to_owned(),
    }
}

#[test]
fn the_first_known_tuples_are_those_of_all() {
    let mut lengths = [0; MOST_SHOWN + 1];
    for (seed, live) in (0..200).flat_map(|seed| [(seed, false), (seed, true)]) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let keep_out = random.random_bool(0.3);
        let how = Learning { warmup: 9, memory: 40, keep_out, cold_alert: false };
        let names: HashMap<u128, String> =
            (0..random.random_range(5..150)).map(|tuple| (tuple, named(tuple))).collect();
        let mut memory = Memory::default();
        memory.begin(1);
        let mut said = Said::from([(1, BTreeSet::new())]);
        let (mut clock, mut watermark) = (1, 1);
        for _ in 0..300 {
            clock += random.random_range(1..4);
            let mut undo: Vec<Undo> = Vec::new();
            let back = if live && random.random_bool(0.3) { random.random_range(0..20) } else { 0 };
            let second = (clock - back).max(watermark);
            for _ in 0..random.random_range(1..6) {
                let tuple = random.random_range(0..names.len() as u128);
                memory.name(tuple, Texts::of(&names[&tuple]));
                if !live {
                    if said.entry(second).or_default().insert(tuple) {
                        undo.push(memory.judge(tuple, second, how).1);
                    }
                    continue;
                }
                said.entry(second).or_default().insert(tuple);
                let later = memory.take_back(tuple, second);
                memory.tell(tuple, second, how);
                let later = later.into_iter().filter(|there| *there > second);
                later.for_each(|there| _ = memory.tell(tuple, there, how));
            }
            if random.random_bool(0.3) {
                let shown = match live {
                    true => memory.shown_again((second, how.memory)),
                    false => memory.shown((second, how.memory), &undo),
                };
                assert_eq!(shown, reference(&said, &names, second, how), "seed {seed}, {live}");
                lengths[shown.len()] += 1;
            }
            if random.random_bool(0.1) {
                watermark = watermark.max(clock - 20);
                memory.settle(watermark);
                memory.expire(watermark, how.memory);
            }
        }
        memory.expire(clock + 100 * 86_400, how.memory);
        assert!(memory.texts.is_empty());
        assert!(memory.order.is_none_or(|order| order.entries.is_empty()));
        let changes = memory.changes.map_or(0, |changes| changes.held);
        assert!(changes < 500, "what is behind the watermark goes: {changes}");
    }
    assert!(lengths[2] > 10 && lengths[MOST_SHOWN] > 10, "{lengths:?}");
}
