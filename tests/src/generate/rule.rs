//! Random rules: their kinds, and the clauses that all kinds share.

use super::condition::condition;
use super::random::Random;
use super::{learned, sequence};

/// The lets that every generated file has.
pub(super) const LETS: &str = "\
let home: [Region] = [\"us-east-1\", \"eu-west-1\"]
let ports: [Int] = [22, 3389]
let destroy = write and ok and api like [\"Delete*\", \"Terminate*\"]
let recent = destroy or region in home
";

const PATHS: [&str; 15] = [
    "account",
    "key",
    "region",
    "principal",
    "user",
    "service",
    "api",
    "actor.type",
    "req.name",
    "req.n",
    "req.flag",
    "ok",
    "errorCode",
    "requestParameters.\"x-odd.key\"",
    "ip",
];

const PARTS: [&str; 11] = [
    "region",
    "key",
    "api",
    "user",
    "ip",
    "req.name",
    "req.n",
    "errorCode",
    "principal",
    "lower(api)",
    "target",
];

const WINDOWS: [&str; 6] = ["5s", "10s", "20s", "30s", "1m", "60s"];

const AGGREGATES: [&str; 19] = [
    "count() >= 2",
    "count() >= 3",
    "count() == 2",
    "count() >= n",
    "count(ok) >= 2",
    "count(denied or errorCode exists) >= 1",
    "ratio(ok) < 0.5",
    "ratio(write) >= 0.5 and count() >= 2",
    "distinct(api) >= 2",
    "distinct(req.name, region) >= 2",
    "distinct(req.n) == 2",
    "sum(req.n) >= 3",
    "sum(len(targets)) > n",
    "sum(if(ok, 0.25, 1)) >= 1.5",
    "count() - count(ok) >= 2",
    "count() < 3 and distinct(user) >= 1",
    "count() < 3",
    "count() <= 2",
    "ratio(ok) > 0.5",
];

/// Which kinds of rules a pair has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinds {
    /// One event, a window, or what is new.
    Plain,
    /// What is new, over days.
    Days,
    /// Sequences alone.
    Sequences,
    /// Scores and shares.
    Learned,
}

/// A rule of one of the kinds.
pub(super) fn rule(random: &mut Random, index: usize, kinds: Kinds) -> String {
    let days = kinds == Kinds::Days;
    let name = format!("r{index}");
    let mut clauses = vec![
        "  param    n: Int = 2 in 1..100".to_owned(),
        "  param    word: Str = \"a\"".to_owned(),
        format!("  where    {}", filter(random)),
    ];
    let kind = match kinds {
        Kinds::Plain => random.below(3),
        Kinds::Days => 2,
        Kinds::Sequences => 3,
        Kinds::Learned => 4 + random.below(2),
    };
    match kind {
        0 => clauses.push(title(
            random,
            &["{api}", "{req.name}", "{time}", "{req.n}", "{{x}}", "{req.tags}"],
        )),
        1 => aggregate(random, &mut clauses),
        2 => first_seen(random, &mut clauses, days),
        3 => sequence::sequence(random, &mut clauses),
        4 => learned::score(random, &mut clauses),
        _ => learned::rare(random, &mut clauses),
    }
    if !random.one_in(3) {
        clauses.push(format!("  except   \"known\" {}", condition(random, 1, true)));
    }
    let has = |clauses: &[String], word: &str| {
        clauses.iter().any(|clause| clause.trim_start().starts_with(word))
    };
    if random.one_in(3) && !has(&clauses, "suppress") {
        clauses.push(format!("  suppress {}", suppress(random, days)));
    }
    if random.one_in(3) && !has(&clauses, "show") {
        let shown = [
            "top(api)",
            "first(region)",
            "last(req.n)",
            "top(req.n)",
            "top(req.name)",
            "first(user)",
        ];
        let shown: Vec<&str> = random.some(&shown, 1, 3).into_iter().copied().collect();
        clauses.push(format!("  show     {}", shown.join(", ")));
    }
    if random.one_in(4) {
        clauses.push("  severity high\n  version  3\n  attack   T1485, T1562.007".to_owned());
    }
    format!("rule {name} {{\n{}\n}}\n", clauses.join("\n"))
}

/// Most rules see everything, so that state has something to work on.
fn filter(random: &mut Random) -> String {
    if !random.one_in(3) {
        return (*random.pick(&[
            "api exists or api missing",
            "service exists or n > 0",
            "not console",
        ]))
        .to_owned();
    }
    condition(random, 2, true)
}

fn by(random: &mut Random, least: usize) -> Vec<&'static str> {
    let most = if random.one_in(3) { 2 } else { 1 };
    random.some(&PATHS, least, most).into_iter().copied().collect()
}

fn aggregate(random: &mut Random, clauses: &mut Vec<String>) {
    let by = by(random, 0);
    if !by.is_empty() {
        clauses.push(format!("  by       {}", by.join(", ")));
    }
    clauses.push(format!("  within   {}", random.pick(&WINDOWS)));
    let mut when = (*random.pick(&AGGREGATES)).to_owned();
    if by.contains(&"region") && random.one_in(2) {
        when = format!("({when}) and region in home");
    } else if by.contains(&"req.n") && random.one_in(2) {
        when = format!("({when}) and req.n >= n");
    }
    clauses.push(format!("  when     {when}"));
    let mut pieces = vec!["{principal}", "{window}", "{region}", "{req.name}"];
    let placeholders = [
        ("count(", "{count}"),
        ("ratio(", "{ratio}"),
        ("distinct(", "{distinct}"),
        ("sum(", "{sum}"),
    ];
    pieces
        .extend(placeholders.iter().filter(|(call, _)| when.contains(call)).map(|(_, text)| *text));
    clauses.push(title(random, &pieces));
}

fn first_seen(random: &mut Random, clauses: &mut Vec<String>, days: bool) {
    let by = by(random, 0);
    if !by.is_empty() {
        clauses.push(format!("  by       {}", by.join(", ")));
    }
    let parts: Vec<&str> = random.some(&PARTS, 1, 2).into_iter().copied().collect();
    let new = format!("new({})", parts.join(", "));
    let other = match random.below(7) {
        0 => "count() >= 2".to_owned(),
        1 => "distinct(api) >= n".to_owned(),
        2 | 3 => condition(random, 1, true),
        4 => "ok".to_owned(),
        _ => String::new(),
    };
    if other.contains("count(") || other.contains("distinct(") {
        clauses.push(format!("  within   {}", random.pick(&WINDOWS)));
    }
    let when = match random.below(2) {
        _ if other.is_empty() => new,
        0 => format!("{new} and {other}"),
        _ => format!("{other} and {new}"),
    };
    clauses.push(format!("  when     {when}"));
    let (warmup, memory) = if days {
        (*random.pick(&["1s", "1h", "1d", "2d"]), *random.pick(&["30d", "30d", "1d", "2d"]))
    } else {
        (*random.pick(&["1s", "5s", "10s", "30s"]), *random.pick(&["5s", "10s", "20s", "1m", "1d"]))
    };
    // A day counts as forgotten by the day: short memories and notes do not go together here.
    let keep_out = memory == "30d" && random.one_in(2);
    let poison = if keep_out { " poison=keep_out" } else { "" };
    let cold = if random.one_in(4) { " cold=alert" } else { "" };
    clauses.push(format!("  learn    warmup={warmup} memory={memory}{poison}{cold}"));
    clauses.push(title(random, &["{region}", "{api}", "{req.name}", "{principal}"]));
}

pub(super) fn title(random: &mut Random, pieces: &[&str]) -> String {
    let chosen: Vec<&str> = random.some(pieces, 1, 3).into_iter().copied().collect();
    format!("  title    \"saw {}\"", chosen.join(" and "))
}

fn suppress(random: &mut Random, days: bool) -> String {
    let length = if days {
        *random.pick(&["1d", "2d", "1h", "30d"])
    } else {
        *random.pick(&["1s", "5s", "10s", "20s", "1m"])
    };
    if random.one_in(2) {
        return length.to_owned();
    }
    format!("{length} by {}", by(random, 1).join(", "))
}
