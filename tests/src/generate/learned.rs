//! Random rules on what is usual: scores of aggregates, and shares of tuples.

use super::condition::condition;
use super::random::Random;
use super::rule::title;

/// Groups of few values, so that they have a history.
const GROUPS: [&str; 6] = ["account", "region", "user", "ok", "service", "actor.type"];

const SCORED: [&str; 7] = [
    "count()",
    "count()",
    "count(ok)",
    "sum(req.n)",
    "distinct(api)",
    "distinct(user, region)",
    "ratio(ok)",
];

const PARTS: [&str; 7] = ["region", "api", "user", "ip", "req.n", "errorCode", "lower(api)"];

fn group(random: &mut Random, clauses: &mut Vec<String>) {
    if !random.one_in(3) {
        clauses.push(format!("  by       {}", random.pick(&GROUPS)));
    }
}

/// The clauses of a rule on a score.
pub(super) fn score(random: &mut Random, clauses: &mut Vec<String>) {
    group(random, clauses);
    let within = *random.pick(&["5s", "10s", "20s", "30s", "1m", "5m"]);
    clauses.push(format!("  within   {within}"));
    let scored = *random.pick(&SCORED);
    let bound = *random.pick(&[">= 1", "> 0.5", ">= 2", "> n", "< 0.5", "< -0.2", "!= 0"]);
    let other = match random.below(5) {
        0 => " and count() >= 2",
        1 => " and ratio(ok) >= 0.5",
        2 => " or count() >= 4",
        _ => "",
    };
    clauses.push(format!("  when     zscore({scored}) {bound}{other}"));
    let memories: &[&str] =
        if within == "5m" || within == "1m" { &["6h", "12h"] } else { &["1h", "3h", "6h"] };
    let mut learn = vec![
        format!("warmup={}", random.pick(&["1s", "30s", "1m", "5m", "1h", "3h"])),
        // A memory of few buckets never has a score, and is refused.
        format!("memory={}", random.pick(memories)),
    ];
    let by_itself = scored.starts_with("distinct") || scored.starts_with("ratio");
    if by_itself && random.one_in(2) {
        learn.push(format!("bucket={}", random.pick(&["7s", "10s", "1m"])));
    }
    if random.one_in(2) {
        learn.push(format!("season={}", random.pick(&["hour_of_day", "hour_of_week"])));
    }
    if random.one_in(2) {
        learn.push(format!("model={}", random.pick(&["median_mad", "mean_sd", "ewma"])));
    }
    if random.one_in(2) {
        learn.push(format!("min_samples={}", random.pick(&["1", "2", "5", "20"])));
    }
    clauses.push(format!("  learn    {}", learn.join(" ")));
    let pieces = ["{score}", "{baseline.center}", "{baseline.scale}", "{window}", "{region}"];
    clauses.push(title(random, &pieces));
}

/// The clauses of a rule on a share.
pub(super) fn rare(random: &mut Random, clauses: &mut Vec<String>) {
    group(random, clauses);
    let parts: Vec<&str> = random.some(&PARTS, 1, 2).into_iter().copied().collect();
    let rare = format!("rare({})", parts.join(", "));
    let bound = *random.pick(&["< 0.05", "< 0.2", "<= 0.5", "<= 0", "< 0.9"]);
    let other = match random.below(6) {
        0 => "count() >= 2".to_owned(),
        1 => "distinct(api) >= n".to_owned(),
        2 => condition(random, 1, true),
        _ => String::new(),
    };
    if other.contains("count(") || other.contains("distinct(") {
        clauses.push(format!("  within   {}", random.pick(&["5s", "20s", "1m"])));
    }
    let joined = if other.is_empty() { String::new() } else { format!(" and {other}") };
    clauses.push(format!("  when     {rare} {bound}{joined}"));
    let warmup = random.pick(&["1s", "10s", "1m", "1h", "1d"]);
    let memory = random.pick(&["10m", "1h", "3h", "1d", "30d"]);
    let least = random.pick(&["1", "2", "5", "10"]);
    clauses.push(format!("  learn    warmup={warmup} memory={memory} min_samples={least}"));
    clauses.push(title(random, &["{region}", "{api}", "{req.name}", "{principal}"]));
}
