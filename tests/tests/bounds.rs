//! State under its cap: what goes first, and that the engine says so.

use engine::event::{Event, Scan, Slots, scan};
use engine::exec::{Firing, Matcher, Seeds, Shard, Standing, state_evicted};
use engine::plan::Program;
use tests::production::program;

const RULE: &str = r#"
rule burst {
  where  ok
  by     user
  within 1h
  when   count() >= 20
}
"#;

/// The fact of one call by a user, given to a shard.
fn call(
    program: &Program,
    matcher: &mut Matcher<'_>,
    shard: &mut Shard<'_>,
    user: &str,
    second: i64,
) {
    let record = format!(
        r#"{{"eventID":"{user}-{second}","eventName":"X","userIdentity":{{"type":"IAMUser","userName":"{user}"}}}}"#
    );
    let mut slots = Slots::new();
    let found = scan(record.as_bytes(), 0, &program.layout, &mut slots);
    assert!(matches!(found, Scan::Record { .. }));
    let arena = bumpalo::Bump::new();
    matcher.event(&Event::new(record.as_bytes(), &slots, &arena), Standing::InTime { second });
    matcher.take_facts().for_each(|fact| shard.absorb(fact));
}

fn run(program: &Program, cap: usize, noise: i64) -> (Vec<Firing>, u64) {
    let mut matcher = Matcher::new(program, &Seeds::default(), false);
    let mut shard = Shard::with_cap(program, false, cap);
    for second in 0..20 {
        call(program, &mut matcher, &mut shard, "attacker", second);
        for number in 0..noise {
            let user = format!("noise-{second}-{number}");
            call(program, &mut matcher, &mut shard, &user, second);
        }
    }
    let mut firings = Vec::new();
    shard.advance(1_000, 1_000, &mut firings);
    let evicted = shard.evicted().map(|(_, count)| count).sum();
    (firings, evicted)
}

#[test]
fn a_burst_outlives_a_flood_of_names() {
    let program = program(RULE).unwrap();
    let (firings, evicted) = run(&program, 64, 40);
    assert!(evicted > 500, "{evicted}");
    assert_eq!(firings.len(), 1);
    let because = firings[0].alert["because"].to_string();
    assert!(because.contains(r#""approximate":true"#), "{because}");
}

#[test]
fn below_the_cap_nothing_goes() {
    let program = program(RULE).unwrap();
    let (firings, evicted) = run(&program, 64, 2);
    assert_eq!((firings.len(), evicted), (1, 0));
    assert!(!firings[0].alert["because"].to_string().contains("approximate"));
}

const COLD: &str = r#"
rule first {
  where  ok
  when   new(user)
  learn  warmup=10d memory=1d cold=alert
}
"#;

#[test]
fn what_is_learned_while_cold_is_known_until_the_warm_up_ends() {
    const DAY: i64 = 86_400;
    let program = program(COLD).unwrap();
    let mut matcher = Matcher::new(&program, &Seeds::default(), false);
    let mut shard = Shard::new(&program, false);
    let mut firings = Vec::new();
    for day in [0, 4, 8] {
        for user in 0..100 {
            call(&program, &mut matcher, &mut shard, &format!("u{user}"), day * DAY);
        }
        shard.advance((day + 2) * DAY, (day + 2) * DAY, &mut firings);
    }
    assert_eq!(firings.len(), 100, "each user is new once, though its memory is a day");
}

const SCORED: &str = r#"
rule spread {
  where  ok
  within 1m
  when   zscore(distinct(user)) >= 5
  learn  warmup=1m memory=1d
}
"#;

/// What the alert says when so many users were seen in the first minute.
fn scored(users: i64) -> String {
    let program = program(SCORED).unwrap();
    let mut matcher = Matcher::new(&program, &Seeds::default(), false);
    let mut shard = Shard::new(&program, false);
    let mut see = |user: i64, second: i64| {
        call(&program, &mut matcher, &mut shard, &format!("u{user}"), second);
    };
    (0..users).for_each(|user| see(user, 0));
    (1..24).for_each(|minute| see(0, minute * 60));
    (0..9).for_each(|user| see(user, 25 * 60));
    let mut firings = Vec::new();
    shard.advance(100_000, 100_000, &mut firings);
    assert_eq!(firings.len(), 1);
    firings[0].alert["because"][1].to_string()
}

#[test]
fn a_score_over_an_estimate_is_approximate() {
    let told = scored(65_536);
    assert!(told.contains(r#""samples":24"#) && !told.contains("approximate"), "{told}");
    let told = scored(65_537);
    assert!(told.contains(r#""samples":24"#) && told.contains(r#""approximate":true"#), "{told}");
}

#[test]
fn the_engine_tells_of_itself() {
    let program = program(RULE).unwrap();
    let alert = state_evicted(&program.rules[0], 0, 7, None);
    assert_eq!(
        alert.fields["title"],
        "7 groups of burst were forgotten: it has too many at a time"
    );
    let keys: Vec<&str> = alert.fields.keys().map(String::as_str).collect();
    assert_eq!(keys[..4], ["rule", "version", "severity", "attack"]);
    assert!(alert.line().starts_with(r#"{"rule":"state.evicted","version":1"#));
}
