//! What each stage of a replay costs, by differences between runs that end at each.
//!
//! Stages are cumulative: reading plain files, then scanning their records, then looking
//! at twelve fields, then matching, then combining; a replay without rules adds what
//! finds copies, a whole replay all the rest. What a stage costs is the difference of
//! two runs of the same round. The cost of inflating the same files alone is the unit.
//!
//! # Invariants
//!
//! - Every run sees the same records in the same order, on one core. As in a replay,
//!   copies are matched once: which records are copies is worked out beforehand.

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::hint::black_box;
use std::io::Read;

use bumpalo::Bump;
use engine::event::{Base, Event, Layout, Seed};
use engine::exec::{Matcher, Seeds, Standing};
use engine::input::{Discover, Found, InputFile, Reader, discover};
use engine::plan::Program;

use crate::measure::corpus::{Corpus, Inflater};
use crate::measure::run::{program, replay_all};
use crate::measure::stopwatch::{Spread, in_turn, own_seconds};

/// Nanoseconds that inflating the mean record takes in the budget.
const INFLATE_NS: f64 = 750.0;

/// The twelve fields that are looked at.
pub const TWELVE: [Base; 12] = [
    Base::EventVersion,
    Base::EventTime,
    Base::EventSource,
    Base::EventName,
    Base::AwsRegion,
    Base::SourceIpAddress,
    Base::UserAgent,
    Base::ErrorCode,
    Base::EventId,
    Base::RequestId,
    Base::RecipientAccountId,
    Base::IdentityArn,
];

/// What a stage costs.
#[derive(Debug, Clone)]
pub struct Cost {
    /// Its name.
    pub name: &'static str,
    /// Nanoseconds a record.
    pub ns: Spread,
    /// Parts of the time that inflating takes.
    pub of_inflate: Spread,
    /// The most it may cost and what it should, in parts of inflating, if it has a budget.
    pub budget: Option<[f64; 2]>,
}

/// The runs, in the order of [`in_turn`].
const INFLATE: usize = 0;
const READ: usize = 1;
const SCAN: usize = 2;
const FIELDS: usize = 3;
const PACK_SCAN: usize = 4;
const MATCH: usize = 5;
const COMBINE: usize = 6;
const NO_RULES: usize = 7;
const WHOLE: usize = 8;

/// A stage: its name, how its seconds follow from those of a round, its budget in ns.
type Stage = (&'static str, fn(&[f64]) -> f64, Option<f64>);

const STAGES: &[Stage] = &[
    ("inflate alone (the unit)", |s| s[INFLATE], None),
    ("read files", |s| s[READ], None),
    ("frame and index", |s| s[SCAN] - s[READ], Some(200.0)),
    ("twelve fields", |s| s[FIELDS] - s[SCAN], Some(60.0)),
    ("duplicate", |s| s[NO_RULES] - s[SCAN], Some(60.0)),
    ("dispatch and match", |s| s[MATCH] - s[PACK_SCAN], Some(60.0)),
    ("combine", |s| s[COMBINE] - s[MATCH], Some(40.0)),
    ("sum of the five", five, Some(420.0)),
    ("find the fields the rules want", |s| s[PACK_SCAN] - s[SCAN], None),
    ("walk, order, alerts", |s| s[WHOLE] - s[COMBINE] - (s[NO_RULES] - s[SCAN]), None),
    ("a whole replay of plain JSON", |s| s[WHOLE], None),
];

fn five(s: &[f64]) -> f64 {
    (s[FIELDS] - s[READ]) + (s[NO_RULES] - s[SCAN]) + (s[COMBINE] - s[PACK_SCAN])
}

/// The cost of every stage of a replay with `pack`.
///
/// # Errors
///
/// A replay that fails.
pub fn costs(corpus: &Corpus, pack: &Program, rounds: usize) -> Result<Vec<Cost>, Box<dyn Error>> {
    let files = discover(std::slice::from_ref(&corpus.plain), &Discover::default()).files;
    let nothing = program(&[("none.trail", "")])?;
    let (base, mut twelve) = (Layout::new(), Layout::new());
    TWELVE.iter().for_each(|field| twelve.want(*field));
    let copies = copies(&files, &base);
    let whole = |program: &Program| {
        own_seconds(|| replay_all(program, &corpus.plain, 1)).max(f64::MIN_POSITIVE)
    };
    // Said once if it fails; in the rounds only time counts.
    replay_all(pack, &corpus.plain, 1)?;
    let mut inflater = Inflater::new(corpus.largest());
    let mut buffer = Vec::new();
    let rounds = in_turn(
        rounds,
        &mut [
            &mut || own_seconds(|| inflater.all(&corpus.compressed)),
            &mut || own_seconds(|| read(&files, &mut buffer)),
            &mut || own_seconds(|| scan(&files, &base)),
            &mut || own_seconds(|| fields(&files, &twelve)),
            &mut || own_seconds(|| scan(&files, &pack.layout)),
            &mut || own_seconds(|| matched(&files, pack, &copies, false)),
            &mut || own_seconds(|| matched(&files, pack, &copies, true)),
            &mut || whole(&nothing),
            &mut || whole(pack),
        ],
    );
    let records = copies.len().max(1) as f64;
    let cost = |(name, of, must): &Stage| Cost {
        name,
        ns: Spread::of(rounds.iter().map(|round| of(round) * 1e9 / records)),
        of_inflate: Spread::of(rounds.iter().map(|round| of(round) / round[INFLATE])),
        budget: must.map(|must| [must / INFLATE_NS, must / INFLATE_NS / 2.0]),
    };
    Ok(STAGES.iter().map(cost).collect())
}

/// By record: whether it is a copy of one before it.
fn copies(files: &[InputFile], layout: &Layout) -> Vec<bool> {
    let seed = Seed::new(&BuildHasherDefault::<DefaultHasher>::default());
    let (mut met, mut copies, mut arena) = (HashSet::new(), Vec::new(), Bump::new());
    each(files, layout, |found| {
        arena.reset();
        let event = Event::new(found.record, found.slots, &arena);
        copies.push(!met.insert(event.identity(&seed)));
    });
    copies
}

fn each(files: &[InputFile], layout: &Layout, mut visit: impl FnMut(Found<'_>)) {
    let mut reader = Reader::new(layout);
    for file in files {
        black_box(reader.file(file, &mut visit));
    }
}

fn read(files: &[InputFile], buffer: &mut Vec<u8>) {
    for file in files {
        buffer.clear();
        let whole = File::open(file.path()).and_then(|mut file| file.read_to_end(buffer));
        black_box(whole.unwrap_or(0));
    }
}

fn scan(files: &[InputFile], layout: &Layout) {
    each(files, layout, |found| _ = black_box(found.record.len()));
}

fn fields(files: &[InputFile], layout: &Layout) {
    let mut arena = Bump::new();
    each(files, layout, |found| {
        arena.reset();
        let event = Event::new(found.record, found.slots, &arena);
        for field in TWELVE {
            black_box(event.text(field));
        }
    });
}

/// Matches every event that is no copy; with `combine` also what rules with memory ask of it.
fn matched(files: &[InputFile], program: &Program, copies: &[bool], combine: bool) {
    let seeds = Seeds::default();
    let mut matcher = Matcher::new(program, &seeds, false);
    let (mut arena, mut copies) = (Bump::new(), copies.iter());
    let mut reader = Reader::new(&program.layout);
    for file in files {
        reader.file(file, &mut |found| {
            if copies.next() == Some(&true) {
                return;
            }
            arena.reset();
            let event = Event::new(found.record, found.slots, &arena);
            let second = event.time().map_or(0, |time| time.0);
            let in_time = Standing::InTime { second };
            matcher.event(&event, if combine { in_time } else { Standing::OneEvent { second } });
        });
        black_box(matcher.facts()).clear();
        black_box(matcher.take_alerts());
    }
}
