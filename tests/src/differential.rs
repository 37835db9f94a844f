//! The engine proper held against the reference engine, on one pair at a time.
//!
//! A pair runs in several ways that must not matter: order of files, how records
//! are spread over files of the same delivery time, bytes of a read, threads. A
//! pair that differs is shrunk before it is shown.

use crate::generate::{NamedFile, Pair, Random};
use crate::oracle;
use crate::production::{How, Shape, engine_run, program};
use crate::tree;

/// One way to work through a pair.
#[derive(Clone, Debug)]
pub struct Way {
    /// What it is called.
    pub name: String,
    /// The files in its order.
    pub files: Vec<NamedFile>,
    /// Threads and chunks.
    pub how: How,
}

/// How a shrunk pair still differs.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The way that shows it.
    pub way: String,
    /// What the reference engine says.
    pub expected: Vec<String>,
    /// What the engine says.
    pub got: Vec<String>,
}

/// The alerts of the reference engine for a pair.
///
/// # Errors
///
/// What is wrong with the rules.
pub fn expected(pair: &Pair) -> Result<Vec<String>, String> {
    Ok(oracle::run(&[tree(&pair.text())?], &pair.inputs(), &pair.config).alerts)
}

/// Six ways to work through a pair: three orders and chunkings, on one thread and on four.
#[must_use]
pub fn ways(pair: &Pair, seed: u64) -> Vec<Way> {
    let mut random = Random::new(!seed);
    let mut backwards = pair.files.clone();
    backwards.reverse();
    backwards.iter_mut().for_each(|file| file.records.reverse());
    let mut mixed = spread(&pair.files, 1 + random.below(3));
    random.shuffle(&mut mixed);
    let orders = [
        ("as made", pair.files.clone(), Shape::Records),
        ("backwards", backwards, Shape::Lines),
        ("spread and mixed", mixed, Shape::Gzip),
    ];
    let mut ways = Vec::new();
    for (name, files, shape) in orders {
        for threads in [1, 4] {
            ways.push(Way {
                name: format!("{name}, {threads} threads, {shape:?}"),
                files: files.clone(),
                how: How { threads, shape, sorted: false },
            });
        }
    }
    ways
}

/// The same records in files of at most `most`, each with the delivery time it had.
#[must_use]
pub fn spread(files: &[NamedFile], most: usize) -> Vec<NamedFile> {
    let mut parts = Vec::new();
    for file in files {
        for (index, records) in file.records.chunks(most).enumerate() {
            let name = file.name.replace(".json", &format!("-{index}.json"));
            parts.push(NamedFile { name, records: records.to_vec() });
        }
    }
    parts
}

/// The first way in which the engine differs from the reference engine.
///
/// Nothing where they agree, and an error where the rules do not compile or the
/// run fails.
///
/// # Errors
///
/// Why no comparison was possible.
pub fn difference(pair: &Pair, seed: u64) -> Result<Option<Difference>, String> {
    let expected = expected(pair)?;
    let program = program(&pair.text())?;
    for way in ways(pair, seed) {
        let said = engine_run(&program, &way.files, &pair.config, way.how)?;
        if !said.balanced {
            return Err(format!("{}: the ledger does not balance", way.name));
        }
        let got = said.alerts;
        if got != expected {
            return Ok(Some(Difference { way: way.name, expected, got }));
        }
    }
    Ok(None)
}

/// A smaller pair for which `differs` still holds: fewer rules, files, records, clauses.
#[must_use]
pub fn shrunk(pair: &Pair, differs: &dyn Fn(&Pair) -> bool) -> Pair {
    let mut best = pair.clone();
    loop {
        let smaller = candidates(&best).into_iter().find(|candidate| differs(candidate));
        match smaller {
            Some(candidate) => best = candidate,
            None => return best,
        }
    }
}

/// Pairs with one thing less, the greatest things first.
fn candidates(pair: &Pair) -> Vec<Pair> {
    let mut found = Vec::new();
    for index in 0..pair.rules.len() {
        let mut less = pair.clone();
        less.rules.remove(index);
        found.push(less);
    }
    for index in 0..pair.files.len() {
        let mut less = pair.clone();
        less.files.remove(index);
        found.push(less);
    }
    for (index, file) in pair.files.iter().enumerate() {
        let mut size = file.records.len() / 2;
        while size > 0 {
            for start in (0..file.records.len()).step_by(size) {
                let end = (start + size).min(file.records.len());
                let mut less = pair.clone();
                less.files[index].records.drain(start..end);
                found.push(less);
            }
            size /= 2;
        }
    }
    let optional = ["except", "suppress", "show", "title", "severity", "version", "attack"];
    for (index, rule) in pair.rules.iter().enumerate() {
        let lines: Vec<&str> = rule.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.split_whitespace().next().is_some_and(|word| optional.contains(&word)) {
                let mut less = pair.clone();
                let kept: Vec<&str> = lines
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != number)
                    .map(|(_, line)| *line)
                    .collect();
                less.rules[index] = kept.join("\n");
                found.push(less);
            }
        }
    }
    found
}

/// The seed, the pair and the lines that differ, for people.
#[must_use]
pub fn report(seed: u64, pair: &Pair, difference: &Difference) -> String {
    let mut out = format!("seed {seed}, {}\n\n{}\n", difference.way, pair.text());
    for file in &pair.files {
        out.push_str(&format!("\n{}\n", file.name));
        file.records.iter().for_each(|record| out.push_str(&format!("  {record}\n")));
    }
    out.push_str(&format!("\nnow {}\n\n", oracle::time_text(pair.config.now)));
    let (expected, got) = (&difference.expected, &difference.got);
    for line in expected.iter().filter(|line| !got.contains(line)) {
        out.push_str(&format!("reference only: {line}\n"));
    }
    for line in got.iter().filter(|line| !expected.contains(line)) {
        out.push_str(&format!("engine only:    {line}\n"));
    }
    if expected.len() == got.len() && expected.iter().all(|line| got.contains(line)) {
        out.push_str("the same lines in another order\n");
    }
    out
}
