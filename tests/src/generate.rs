//! Random rules and random streams that collide: what the reference engine and the engine proper are held against.
//!
//! Everything follows from a seed: every third is a pair of sequences, of scores or
//! of shares, the others have the simpler kinds of rules. Rules are well-typed by construction; streams
//! have few values, many events of one second, and times on the very edges of
//! windows, warm-ups and memories. Copies of an event are exact, since which of
//! two conflicting ones stands may depend on order.

mod condition;
mod learned;
mod random;
mod rule;
mod sequence;
mod stream;

pub use random::Random;

use crate::oracle::{Config, InputFile, delivery};
use rule::Kinds;
use stream::Gaps;

/// A file as a replay meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedFile {
    /// Its name, with or without a delivery time.
    pub name: String,
    /// The JSON text of each record.
    pub records: Vec<String>,
}

impl NamedFile {
    /// The body of the file.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{{\"Records\":[{}]}}", self.records.join(","))
    }

    /// The file as the reference engine takes it.
    #[must_use]
    pub fn input(&self) -> InputFile {
        InputFile { delivery: delivery(&self.name), records: self.records.clone() }
    }
}

/// Rules and a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The lets that the rules use.
    pub lets: String,
    /// The text of each rule.
    pub rules: Vec<String>,
    /// The stream.
    pub files: Vec<NamedFile>,
    /// The clock.
    pub config: Config,
}

impl Pair {
    /// The pair of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (kinds, gaps) = match (seed % 3, seed % 2) {
            (0, 0) => (Kinds::Sequences, Gaps::None),
            (0, _) => (Kinds::Learned, *random.pick(&[Gaps::None, Gaps::Hours, Gaps::Hours])),
            _ if random.one_in(4) => (Kinds::Days, Gaps::Days),
            _ => (Kinds::Plain, Gaps::None),
        };
        let number = 1 + random.below(3);
        let rules = (0..number).map(|index| rule::rule(&mut random, index, kinds)).collect();
        let config = stream::config(&mut random);
        let files = stream::files(&mut random, &config, gaps);
        Self { lets: rule::LETS.to_owned(), rules, files, config }
    }

    /// The text of the rule file.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}", self.lets, self.rules.join("\n"))
    }

    /// The files as the reference engine takes them.
    #[must_use]
    pub fn inputs(&self) -> Vec<InputFile> {
        self.files.iter().map(NamedFile::input).collect()
    }
}
