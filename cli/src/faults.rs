//! Inputs that were not read whole, or held no CloudTrail record: what was lost, what to do.
//!
//! It makes lines of what the engine reports; names come escaped.

use crate::output::terminal::{Look, Weight, grouped, message};
use engine::input::{Fault, Look as Kind, Looked, Malformed, Reason};
use engine::runtime::Faulty;

/// How many stretches of damage are told of an input unless all are asked for.
const FEW: usize = 3;

/// The lines about an input.
pub(crate) fn lines(faulty: &Faulty, look: Look, all: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let name = &faulty.name;
    let (damage, count) = &faulty.damage;
    let weight = if faulty.is_loss() { Weight::Error } else { Weight::Warning };
    if let [first, ..] = &**damage
        && let Reason::Io(_) = first.reason
        && faulty.looked_like.as_ref().is_some_and(|looked| looked.what == Kind::Unreadable)
    {
        lines.push(message(look, weight, &format!("`{name}`: {}", first.reason)));
        return lines;
    }
    if let Some(looked) = &faulty.looked_like {
        let text = format!("`{name}` holds no CloudTrail record: it is {looked}");
        lines.push(message(look, weight, &text));
    } else if faulty.is_loss() {
        let text = format!("`{name}` is damaged{}", lost(faulty.lost));
        lines.push(message(look, weight, &text));
    }
    let most = if all { damage.len() } else { FEW };
    lines.extend(damage.iter().take(most).map(|damage| format!("  {damage}")));
    let told = damage.len().min(most) as u64;
    if *count > told {
        lines.push(format!("  and {} more places", grouped(count - told)));
    }
    if let Some(advice) = faulty.looked_like.as_ref().and_then(advice) {
        lines.push(format!("  help: {advice}"));
    }
    // What it looked like, or the damage, says it all.
    let told = |why| faulty.looked_like.is_some() || (why == Malformed::Damaged && *count > 0);
    if let Some((at, why, count)) = faulty.malformed.filter(|(_, why, _)| !told(*why)) {
        let number = match count {
            1 => "1 place".to_owned(),
            n => format!("{} places", grouped(n)),
        };
        let first = if count == 1 { "at" } else { "the first at" };
        let text = format!(
            "`{name}` holds no record in {number} where one should be, {first} byte {at}: {why}"
        );
        lines.push(message(look, Weight::Warning, &text));
    }
    lines
}

fn lost((bytes, records): (u64, Option<u64>)) -> String {
    let records = match records {
        None | Some(0) => String::new(),
        Some(1) => ", about 1 record".to_owned(),
        Some(n) => format!(", about {} records", grouped(n)),
    };
    match bytes {
        0 => ": what can be read was read".to_owned(),
        n => format!(": {} bytes are lost{records}", grouped(n)),
    }
}

/// What to do with an input that holds something else.
fn advice(looked: &Looked) -> Option<&'static str> {
    Some(match &looked.what {
        Kind::Packed("zip") => "unpack it first: `unzip FILE`",
        Kind::Packed("bzip2") => "unpack it first: `bunzip2 FILE`",
        Kind::Packed("xz") => "unpack it first: `unxz FILE`",
        Kind::Packed("gzip") => "it is compressed twice: `gunzip` it once",
        Kind::Packed("zstd") => "it is compressed twice: `zstd -d` it once",
        Kind::Packed("Parquet" | "Avro" | "SQLite") | Kind::Csv => {
            "replay the JSON files that CloudTrail delivers, or export the records as JSON"
        }
        Kind::Notification => "replay the log files that it names",
        Kind::Digest => "digests hold check sums of log files: replay the log files",
        Kind::Zeros => "the file was not written whole: copy it again",
        Kind::Utf16 => "write it as UTF-8 first: `iconv -f UTF-16 -t UTF-8 FILE`",
        Kind::Base64 | Kind::Subscription => {
            "unwrap the records first: each `data` is base64, often of gzip"
        }
        Kind::Keys(_) | Kind::EventBridge => {
            "a record has eventTime, eventSource, eventName and the like at its top level"
        }
        Kind::Oversize => "no record of CloudTrail is that long: is it one value, cut wrongly?",
        _ => return None,
    })
}

/// The line about a path that could not be looked into.
pub(crate) fn path(fault: &Fault, look: Look) -> String {
    message(look, Weight::Error, &fault.to_string())
}
