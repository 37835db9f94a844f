//! Random sequences: counted steps, absences, steps that refer to earlier ones.

use super::random::Random;
use super::rule::title;

/// Groups of few values, so that they have many events.
const GROUPS: [&str; 9] =
    ["account", "account", "region", "user", "ok", "service", "req.flag", "principal", "key"];

const WINDOWS: [&str; 6] = ["2s", "5s", "10s", "20s", "30s", "1m"];

/// Conditions that many events satisfy.
const CONDITIONS: [&str; 14] = [
    "ok",
    "not ok",
    "write",
    "not write",
    "api like \"*User\"",
    "api == \"RunInstances\"",
    "api != \"GetObject\"",
    "service == \"ec2\"",
    "region in home",
    "recent",
    "errorCode exists",
    "user == word or ip exists",
    "req.n >= n",
    "len(targets) >= 1",
];

/// Conditions on an earlier step `@`, and on the event at hand as `#`.
const REFERENCES: [&str; 9] = [
    "user == @.user",
    "user != @.user",
    "api == @.api and ok",
    "region == @.region",
    "#.region != @.region",
    "req.name == @.requestParameters.name",
    "ip exists and ip == @.ip",
    "time > @.time",
    "#.time == @.time or #.api == @.api",
];

/// The clauses of a sequence.
pub(super) fn sequence(random: &mut Random, clauses: &mut Vec<String>) {
    let by: Vec<&str> = random.some(&GROUPS, 1, 2).into_iter().copied().collect();
    let by = if by.len() == 2 && by[0] == by[1] { by[0].to_owned() } else { by.join(", ") };
    let number = 1 + random.below(4);
    let mut steps: Vec<String> = Vec::new();
    let mut plain: Vec<String> = Vec::new();
    let mut counted: Vec<String> = Vec::new();
    for index in 0..number {
        let name = format!("s{index}");
        let absent = index > 0 && random.one_in(3);
        let count = (!absent && random.one_in(4)).then(|| 1 + random.below(3));
        let cond = condition(random, &name, &plain);
        let first = if absent { "not " } else { "" };
        let count_text = count.map_or(String::new(), |count| format!("{count}+ "));
        steps.push(format!("{first}{name}: {count_text}{cond}"));
        match (absent, count) {
            (true, _) => {}
            (false, None) => plain.push(name),
            (false, Some(_)) => counted.push(name),
        }
    }
    let within = random.pick(&WINDOWS);
    let steps = steps.join("\n    then ");
    clauses.push(format!("  sequence by {by} within {within} {{\n    {steps}\n  }}"));
    let mut pieces = vec!["{principal}".to_owned(), "{window}".to_owned(), "{region}".to_owned()];
    pieces.extend(plain.iter().map(|step| format!("{{{step}.user}}")));
    pieces.extend(counted.iter().map(|step| format!("{{{step}.count}}")));
    if !plain.is_empty() && random.one_in(3) {
        let step = random.pick(&plain);
        clauses.push(format!("  show     first({step}.region), top({step}.api), top(api)"));
    }
    if !plain.is_empty() && random.one_in(4) {
        let step = random.pick(&plain);
        clauses.push(format!("  suppress 20s by account, {step}.user"));
    }
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    clauses.push(title(random, &pieces));
}

fn condition(random: &mut Random, name: &str, plain: &[String]) -> String {
    if plain.is_empty() || random.one_in(2) {
        return (*random.pick(&CONDITIONS)).to_owned();
    }
    let earlier = random.pick(plain);
    random.pick(&REFERENCES).replace('@', earlier).replace('#', name)
}
