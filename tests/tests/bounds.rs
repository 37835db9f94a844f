//! State under its cap: what goes first, and that the engine says so; what costs the same however
//! much is held.

#![allow(clippy::unwrap_used, reason = "test code outside test functions")]

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
    shard.absorb(matcher.facts());
}

fn run(program: &Program, cap: usize, noise: i64) -> (Vec<Firing>, u64) {
    let mut matcher = Matcher::new(program, &Seeds::default(), false);
    let mut shard = Shard::with_cap(program, false, cap);
    let mut firings = Vec::new();
    for second in 0..20 {
        call(program, &mut matcher, &mut shard, "attacker", second);
        for number in 0..noise {
            let user = format!("noise-{second}-{number}");
            call(program, &mut matcher, &mut shard, &user, second);
        }
        shard.advance(second, second, &mut firings);
    }
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

/// What is alerted of 10,000 calls in two seconds, handed on a hundred at a time.
fn flood(program: &Program, numbers: impl Iterator<Item = i64>) -> Vec<String> {
    let mut matcher = Matcher::new(program, &Seeds::default(), false);
    let mut shard = Shard::new(program, false);
    for (at, number) in numbers.enumerate() {
        let record = format!(
            r#"{{"eventID":"{number:08x}-0000-4000-8000-000000000000","eventName":"X","userIdentity":{{"type":"IAMUser","userName":"a"}}}}"#
        );
        let mut slots = Slots::new();
        assert!(matches!(
            scan(record.as_bytes(), 0, &program.layout, &mut slots),
            Scan::Record { .. }
        ));
        let arena = bumpalo::Bump::new();
        let event = Event::new(record.as_bytes(), &slots, &arena);
        matcher.event(&event, Standing::InTime { second: number % 2 });
        if at % 100 == 99 {
            shard.absorb(matcher.facts());
        }
    }
    let mut firings = Vec::new();
    shard.advance(1_000, 1_000, &mut firings);
    firings.iter().map(|firing| format!("{:?}", firing.alert)).collect()
}

#[test]
fn a_second_of_many_events_is_told_alike_in_any_order() {
    let program = program(RULE).unwrap();
    let told = flood(&program, 0..10_000);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("5000"), "{told:?}");
    assert_eq!(told, flood(&program, (0..10_000).rev()));
    assert_eq!(told, flood(&program, (0..10_000).map(|number| number * 7 % 10_000)));
}

const LIVE: &str = r#"
rule often {
  where  ok
  by     account, user
  within 1m
  when   count() >= 3
}
rule twice {
  sequence by account, user within 1m { first: ok then second: ok }
}
rule anywhere {
  where  ok
  by     user
  within 1m
  when   count() >= 3
}
"#;

/// A shard of a live stream with what it is given.
struct Stream<'p> {
    program: &'p Program,
    matcher: Matcher<'p>,
    shard: Shard<'p>,
    firings: Vec<Firing>,
}

impl<'p> Stream<'p> {
    fn new(program: &'p Program) -> Self {
        let matcher = Matcher::new(program, &Seeds::default(), false);
        Self { program, matcher, shard: Shard::new(program, true), firings: Vec::new() }
    }

    fn see(&mut self, number: i64, (account, user): (i64, i64), second: i64) {
        let record = format!(
            r#"{{"eventID":"{number}","eventName":"X","recipientAccountId":"{account}","userIdentity":{{"type":"IAMUser","userName":"{user}"}}}}"#
        );
        let mut slots = Slots::new();
        let found = scan(record.as_bytes(), 0, &self.program.layout, &mut slots);
        assert!(matches!(found, Scan::Record { .. }));
        let arena = bumpalo::Bump::new();
        let event = Event::new(record.as_bytes(), &slots, &arena);
        self.matcher.event(&event, Standing::InTime { second });
        let late = second - 300;
        self.shard.judge(self.matcher.facts(), (late, late), &mut self.firings);
    }
}

#[test]
fn a_live_stream_lets_idle_groups_go_behind_the_watermark_of_their_account() {
    let program = program(LIVE).unwrap();
    let mut stream = Stream::new(&program);
    for user in 0..1_000 {
        stream.see(user, (1, user), user);
        stream.see(user + 1_000, (2, user), user);
    }
    assert_eq!(stream.shard.groups(), 5_000);
    stream.shard.tidy(|account| if account == Some("2") { 2_000 } else { i64::MIN });
    assert_eq!(stream.shard.groups(), 3_000, "those of account 2 are idle");
    stream.shard.tidy(|_| 2_000);
    assert_eq!(stream.shard.groups(), 3_000, "their number has not doubled");
    for user in 1_000..6_000 {
        stream.see(user + 1_000, (1, user), 2_000);
    }
    stream.shard.tidy(|_| 1_900);
    assert_eq!(stream.shard.groups(), 15_000);
}

#[test]
fn what_idle_groups_forget_changes_no_alert() {
    let program = program(LIVE).unwrap();
    let (mut whole, mut swept) = (Stream::new(&program), Stream::new(&program));
    let mut state = 7_u64;
    let mut dice = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from((state >> 33) % most).unwrap()
    };
    let mut least = usize::MAX;
    for number in 0..20_000 {
        // Up to five minutes out of order; names come and go.
        let second = number / 4 - dice(299);
        let who = (1 + dice(2), number / 2_000 * 400 + dice(900));
        whole.see(number, who, second);
        swept.see(number, who, second);
        swept.shard.tidy(|_| number / 4 - 300);
        least = if number > 10_000 { least.min(swept.shard.groups()) } else { least };
    }
    assert!(whole.firings.len() > 1_000, "{}", whole.firings.len());
    assert!(least * 2 < whole.shard.groups(), "{least} of {}", whole.shard.groups());
    let told = |stream: Stream<'_>| -> Vec<String> {
        stream.firings.iter().map(|firing| format!("{:?}", firing.alert)).collect()
    };
    assert_eq!(told(whole), told(swept));
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

const NEW: &str = r#"
rule newcomer {
  where  ok
  when   new(user)
  learn  warmup=1m memory=1d
}
"#;

/// The alerts when, after a warm-up with one user, so many come in each of some seconds.
fn newcomers(seconds: i64, users: i64) -> Vec<Firing> {
    let program = program(NEW).unwrap();
    let mut matcher = Matcher::new(&program, &Seeds::default(), false);
    let mut shard = Shard::new(&program, false);
    call(&program, &mut matcher, &mut shard, "at home", 0);
    for second in 100..100 + seconds {
        for user in 0..users {
            // From the last of the alphabet to the first: what is shown changes each time.
            let user = format!("{:06}", 999_999 - (second * users + user));
            call(&program, &mut matcher, &mut shard, &user, second);
        }
    }
    let mut firings = Vec::new();
    shard.advance(100_000, 100_000, &mut firings);
    firings
}

fn known(firing: &Firing) -> Vec<String> {
    let known = &firing.alert["because"][1]["baseline"]["known"];
    let known = known.as_array().unwrap().iter();
    known.map(|known| known["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_new_each_second_costs_the_same_however_much_is_known() {
    let firings = newcomers(20_000, 1);
    assert_eq!(firings.len(), 20_000);
    assert_eq!(known(&firings[0]), ["at home"]);
    let last: Vec<String> = (979_901..979_921).map(|user| user.to_string()).collect();
    assert_eq!(known(&firings[19_999]), last);
}

#[test]
fn what_is_new_in_one_second_costs_the_same_for_each() {
    let firings = newcomers(1, 20_000);
    assert_eq!(firings.len(), 20_000);
    assert!(firings.iter().all(|firing| known(firing) == ["at home"]));
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
fn scored(program: &Program, users: i64) -> String {
    let mut matcher = Matcher::new(program, &Seeds::default(), false);
    let mut shard = Shard::new(program, false);
    let mut see = |user: i64, second: i64| {
        call(program, &mut matcher, &mut shard, &format!("u{user}"), second);
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
    let program = program(SCORED).unwrap();
    let told = scored(&program, 65_536);
    assert!(told.contains(r#""samples":24"#) && !told.contains("approximate"), "{told}");
    let told = scored(&program, 65_537);
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
