//! The groups that one thread owns: facts come in, firings go out.
//!
//! Which thread owns a group changes nothing: a group is judged by its own facts
//! alone, and firings have an order of their own.

use crate::alert::Firing;
use crate::fact::Fact;
use crate::group::{Group, Walk};
use bumpalo::Bump;
use hashbrown::DefaultHashBuilder;
use plan::Program;
use state::Table;

/// The groups of a thread.
#[derive(Debug)]
pub struct Shard<'p> {
    program: &'p Program,
    tables: Vec<Table<Group, DefaultHashBuilder>>,
    /// Groups with seconds that wait to be judged.
    waiting: Vec<(u32, u128)>,
    arena: Bump,
    live: bool,
    sweep_at: usize,
}

/// The most groups that a rule may hold in one shard.
pub const MOST_GROUPS: usize = 1_000_000;

impl<'p> Shard<'p> {
    /// A shard without groups. A live one judges seconds again when more comes.
    #[must_use]
    pub fn new(program: &'p Program, live: bool) -> Self {
        Self::with_cap(program, live, MOST_GROUPS)
    }

    /// The same with another cap on the groups of a rule.
    #[must_use]
    pub fn with_cap(program: &'p Program, live: bool, most: usize) -> Self {
        let tables = program.rules.iter().map(|_| Table::new(most)).collect();
        Self { program, tables, waiting: Vec::new(), arena: Bump::new(), live, sweep_at: 1_024 }
    }

    /// Take in a fact, to be judged when time has come.
    pub fn absorb(&mut self, fact: Fact) {
        let Some(walk) = walk_of(self.program, fact.rule, &self.arena, self.live) else { return };
        let table = &mut self.tables[fact.rule as usize];
        let group = table.entry(fact.group, || Group::new(fact.key, walk.group, fact.second));
        let waited = group.waits();
        group.put(fact.second, fact.row, walk);
        if !waited {
            self.waiting.push((fact.rule, fact.group));
        }
    }

    /// Take in a fact and judge its group at once; `watermark` is that of its account.
    pub fn judge(&mut self, fact: Fact, watermark: i64, out: &mut Vec<Firing>) {
        let group = (fact.rule, fact.group);
        self.absorb(fact);
        self.waiting.clear();
        self.settle(group, i64::MAX, watermark, out);
        self.arena.reset();
    }

    /// Judge all seconds up to the watermark, and forget what no later one asks for.
    pub fn advance(&mut self, watermark: i64, out: &mut Vec<Firing>) {
        let waiting = std::mem::take(&mut self.waiting);
        for group in waiting {
            if self.settle(group, watermark, watermark, out) {
                self.waiting.push(group);
            }
            self.arena.reset();
        }
        self.sweep(watermark);
    }

    /// How many groups went because a rule had too many, by rule.
    pub fn evicted(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let counts = self.tables.iter().map(Table::evicted).enumerate();
        counts.filter(|(_, count)| *count > 0).map(|(rule, count)| (number(rule), count))
    }

    /// When the first group of each rule that learns has done so, in seconds since 1970.
    pub fn learning(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.tables.iter().enumerate().filter_map(|(rule, table)| {
            let first = self.program.rules[rule].group()?.first_seen.as_ref()?;
            let earliest = table.values().filter_map(Group::start).min()?;
            Some((number(rule), earliest.saturating_add(first.warmup)))
        })
    }

    /// Judge a group; returns whether seconds still wait.
    fn settle(
        &mut self,
        (rule, key): (u32, u128),
        until: i64,
        watermark: i64,
        out: &mut Vec<Firing>,
    ) -> bool {
        let Some(walk) = walk_of(self.program, rule, &self.arena, self.live) else { return false };
        let table = &mut self.tables[rule as usize];
        let walk = Walk { evicted: table.evicted() > 0, ..walk };
        let Some(group) = table.get_mut(key) else { return false };
        group.walk(until, walk, out);
        let waits = group.waits();
        if group.forget(watermark, walk.group) {
            table.remove(key);
        }
        waits
    }

    /// Forget what idle groups still hold, when their number has doubled.
    fn sweep(&mut self, watermark: i64) {
        let groups: usize = self.tables.iter().map(Table::len).sum();
        if groups < self.sweep_at {
            return;
        }
        for (rule, table) in self.program.rules.iter().zip(&mut self.tables) {
            if let Some(group) = rule.group() {
                table.retain(|held| held.waits() || !held.forget(watermark, group));
            }
        }
        self.sweep_at = 2 * self.tables.iter().map(Table::len).sum::<usize>().max(512);
    }
}

/// What a rule's groups are walked with; nothing for a one-event rule.
fn walk_of<'a>(program: &'a Program, rule: u32, arena: &'a Bump, live: bool) -> Option<Walk<'a>> {
    let compiled = &program.rules[rule as usize];
    let group = compiled.group()?;
    Some(Walk { program, number: rule, rule: compiled, group, arena, live, evicted: false })
}

fn number(rule: usize) -> u32 {
    u32::try_from(rule).unwrap_or(u32::MAX)
}
