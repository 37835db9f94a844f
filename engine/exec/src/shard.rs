//! The groups that one thread owns: facts come in, firings go out.
//!
//! Which thread owns a group changes nothing: a group is judged by its own facts
//! alone, and firings have an order of their own. Facts wait together until time has come to
//! judge them; then each group is looked up once, hears what was said to it, and keeps what later
//! seconds may ask for. Most of them hear too little: those are not even made.
//!
//! # Time
//!
//! Two things bound what may be decided. Seconds up to the *watermark* are complete. The
//! *latest* event known, of any rule, is at or before the end of the input, so an absence
//! with a deadline up to it is decided, and one with a later deadline may come to nothing.

use crate::alert::Firing;
use crate::deadlines::Deadlines;
use crate::facts::Facts;
use crate::fresh::{Fresh, News};
use crate::group::{Group, Until, Walk};
use crate::pending::Pending;
use crate::pursuit::{self, Chase, Pursuit};
use crate::sequence::Course;
use bumpalo::Bump;
use event::Derived;
use plan::{Kind, Named, Node, Program};
use state::{AsHashed, Table};
use std::sync::Arc;

/// The groups of a thread.
#[derive(Debug)]
pub struct Shard<'p> {
    program: &'p Program,
    tables: Vec<Groups>,
    /// What no group has heard yet.
    pending: Pending,
    /// Groups with seconds that wait to be judged, or deadlines to be decided.
    waiting: Vec<(u32, u128)>,
    /// What a live stream waits for.
    deadlines: Deadlines,
    /// Where the account stands in each `by` list of the program.
    accounts: Vec<Option<usize>>,
    arena: Bump,
    live: bool,
    sweep_at: usize,
}

/// The groups of a rule.
#[derive(Debug)]
enum Groups {
    /// A one-event rule has none.
    None,
    Windows(Table<Group, AsHashed>),
    Sequences(Box<Course>, Table<Pursuit, AsHashed>),
}

/// The most groups that a rule may hold in one shard.
pub const MOST_GROUPS: usize = 1_000_000;

/// The most facts that wait together.
const MOST_PENDING: usize = 65_536;

impl<'p> Shard<'p> {
    /// A shard without groups. A live one judges seconds again when more comes.
    #[must_use]
    pub fn new(program: &'p Program, live: bool) -> Self {
        Self::with_cap(program, live, MOST_GROUPS)
    }

    /// The same with another cap on the groups of a rule.
    #[must_use]
    pub fn with_cap(program: &'p Program, live: bool, most: usize) -> Self {
        let groups = |kind: &Kind| match kind {
            Kind::Event => Groups::None,
            Kind::Group(_) => Groups::Windows(Table::new(most)),
            Kind::Sequence(sequence) => {
                Groups::Sequences(Box::new(pursuit::course(program, sequence)), Table::new(most))
            }
        };
        Self {
            program,
            tables: program.rules.iter().map(|rule| groups(&rule.kind)).collect(),
            pending: Pending::default(),
            waiting: Vec::new(),
            deadlines: Deadlines::default(),
            accounts: program.groups.iter().map(|by| account_in(program, by)).collect(),
            arena: Bump::new(),
            live,
            sweep_at: 1_024,
        }
    }

    /// Take in facts, to be judged when time has come.
    pub fn absorb(&mut self, facts: &mut Facts) {
        self.pending.take_in(facts);
        if self.pending.len() > MOST_PENDING {
            self.pending.open(i64::MAX);
            self.settle_all(|_, _| None, &mut Vec::new());
        }
    }

    /// Take in facts and judge their groups at once; the watermarks are that of their account
    /// and that of all, which holds for groups without an account.
    ///
    /// Deadlines are decided by [`Shard::due`].
    pub fn judge(&mut self, facts: &mut Facts, (own, all): (i64, i64), out: &mut Vec<Firing>) {
        self.pending.take_in(facts);
        self.pending.open(i64::MAX);
        let until = |shard: &Self, rule: u32| {
            let by = match &shard.program.rules[rule as usize].kind {
                Kind::Event => None,
                Kind::Group(group) => Some(group.by),
                Kind::Sequence(sequence) => Some(sequence.by),
            };
            let of_account = by.is_some_and(|by| shard.accounts[by].is_some());
            let watermark = if of_account { own } else { own.min(all) };
            Some(Until { seconds: i64::MAX, deadlines: i64::MIN, watermark })
        };
        self.settle_all(until, out);
    }

    /// Have all groups hear what open lists tell them and, where time has come for a rule, judge
    /// them; returns the first deadline of them.
    fn settle_all(
        &mut self,
        until: impl Fn(&Self, u32) -> Option<Until>,
        out: &mut Vec<Firing>,
    ) -> i64 {
        let mut pending = std::mem::take(&mut self.pending);
        let mut fresh = Fresh::default();
        let mut first = i64::MAX;
        pending.come_near();
        for mail in pending.mail() {
            let to = mail.to();
            let until = until(self, to.0);
            first = first.min(self.settle(to, Some((mail, &mut fresh)), until, out));
        }
        pending.clear();
        self.pending = pending;
        first
    }

    /// Decide, in a live stream, the deadlines of an account's groups up to its watermark;
    /// without an account, of the groups that have none.
    pub fn due(
        &mut self,
        account: Option<&str>,
        watermark: impl FnOnce() -> i64,
        out: &mut Vec<Firing>,
    ) {
        if self.deadlines.has(account) {
            let watermark = watermark();
            while let Some((at, group)) = self.deadlines.pop(account, watermark) {
                self.decide(at, group, out);
            }
        }
    }

    /// Decide, at the end of a live stream, all deadlines up to its latest event.
    pub fn end(&mut self, latest: i64, out: &mut Vec<Firing>) {
        while let Some((at, group)) = self.deadlines.pop_any(latest) {
            self.decide(at, group, out);
        }
    }

    fn decide(&mut self, at: i64, group: (u32, u128), out: &mut Vec<Firing>) {
        let until = Until { seconds: i64::MAX, deadlines: at, watermark: i64::MIN };
        self.settle(group, None, Some(until), out);
    }

    /// Judge all seconds up to the watermark, and the deadlines among them up to the latest
    /// event; forget what no later second asks for. Returns a second before which all is
    /// told.
    pub fn advance(&mut self, watermark: i64, latest: i64, out: &mut Vec<Firing>) -> i64 {
        let until = Until { seconds: watermark, deadlines: watermark.min(latest), watermark };
        let mut told = watermark.saturating_add(1);
        self.pending.open(watermark);
        for group in std::mem::take(&mut self.waiting) {
            if !self.pending.is_to(group) {
                told = told.min(self.settle(group, None, Some(until), out));
            }
        }
        told = told.min(self.settle_all(|_, _| Some(until), out));
        self.tidy(|_| watermark);
        told
    }

    /// Forget what idle groups still hold, when their number has doubled: of each what is
    /// behind the watermark of its account, or of all where it has none.
    ///
    /// # Time
    ///
    /// No watermark ever goes back.
    pub fn tidy(&mut self, watermark: impl Fn(Option<&str>) -> i64) {
        if self.groups() < self.sweep_at {
            return;
        }
        for (rule, groups) in self.program.rules.iter().zip(&mut self.tables) {
            match (groups, &rule.kind) {
                (Groups::Windows(table), Kind::Group(group)) => {
                    let at = self.accounts[group.by];
                    table.retain(|held| {
                        let account = at.and_then(|at| held.key.text(at));
                        held.waits() || held.forget(watermark(account), group)
                    });
                }
                (Groups::Sequences(course, table), Kind::Sequence(sequence)) => {
                    let at = self.accounts[sequence.by];
                    table.retain(|held| {
                        let account = at.and_then(|at| held.key.text(at));
                        held.waits() || !held.forget(watermark(account), course)
                    });
                }
                _ => {}
            }
        }
        self.sweep_at = 2 * self.groups().max(512);
    }

    /// How many groups are held.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.tables.iter().map(Groups::len).sum()
    }

    /// How many groups went because a rule had too many, by rule.
    pub fn evicted(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let counts = self.tables.iter().map(Groups::evicted).enumerate();
        counts.filter(|(_, count)| *count > 0).map(|(rule, count)| (number(rule), count))
    }

    /// When the first group of each rule that learns has done so, in seconds since 1970.
    pub fn learning(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.tables.iter().enumerate().filter_map(|(rule, groups)| {
            let Groups::Windows(table) = groups else { return None };
            let warmup = self.program.rules[rule].group()?.warmup()?;
            let earliest = table.values().filter_map(Group::start).min()?;
            Some((number(rule), earliest.saturating_add(warmup)))
        })
    }

    /// Have a group hear what was said to it and, where time has come, judge it; returns its
    /// next deadline.
    fn settle<'m>(
        &mut self,
        to: (u32, u128),
        news: Option<News<'_, 'm>>,
        until: Option<Until>,
        out: &mut Vec<Firing>,
    ) -> i64 {
        let Self { program, live, .. } = *self;
        let (number, rule, arena) = (to.0, &program.rules[to.0 as usize], &self.arena);
        let mail = news.as_ref().map(|(mail, _)| *mail);
        let watermark = until.map_or(i64::MIN, |until| until.watermark);
        let (mut waits, mut deadline) = (false, None);
        let evicted = self.tables[to.0 as usize].evicted() > 0;
        match (&mut self.tables[to.0 as usize], &rule.kind) {
            (Groups::Windows(table), Kind::Group(group)) => {
                let walk = Walk { program, number, rule, group, arena, live, evicted };
                let make = || {
                    let mail = mail.filter(|mail| !Group::is_idle(*mail, watermark, group))?;
                    Some(Group::new(Arc::clone(mail.key()), group))
                };
                table.visit(to.1, make, |held| {
                    if let Some(until) = until {
                        let tells = held.settle(news, until, walk, out);
                        waits = held.waits();
                        return tells;
                    }
                    waits = !held.waits();
                    news.into_iter().for_each(|news| held.hear(news, walk));
                    true
                });
            }
            (Groups::Sequences(course, table), Kind::Sequence(sequence)) => {
                let make = || {
                    let mail = mail.filter(|mail| !Pursuit::is_idle(*mail, watermark, course))?;
                    Some(Pursuit::new(Arc::clone(mail.key())))
                };
                table.visit(to.1, make, |held| {
                    let waited = until.is_none() && held.waits();
                    if let Some(news) = news {
                        held.hear(news, watermark, course);
                    }
                    let Some(until) = until else {
                        waits = !waited;
                        return true;
                    };
                    let chase =
                        Chase { program, number, rule, sequence, course, arena, live, evicted };
                    held.walk((until.seconds, until.deadlines), chase, out);
                    deadline = held.deadline();
                    if live {
                        let account = self.accounts[sequence.by].and_then(|at| held.key.text(at));
                        self.deadlines.moves(account, (held.asked_for, deadline), to);
                        held.asked_for = deadline;
                    }
                    waits = held.waits();
                    !held.forget(watermark, course)
                });
            }
            _ => {}
        }
        if waits && !live {
            self.waiting.push(to);
        }
        self.arena.reset();
        deadline.unwrap_or(i64::MAX)
    }
}

impl Groups {
    fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Windows(table) => table.len(),
            Self::Sequences(_, table) => table.len(),
        }
    }

    fn evicted(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Windows(table) => table.evicted(),
            Self::Sequences(_, table) => table.evicted(),
        }
    }
}

/// Where the account stands among the paths of a group.
fn account_in(program: &Program, by: &[Named]) -> Option<usize> {
    let is_account = |node| matches!(program.node(node), Node::Derived(Derived::Account));
    by.iter().position(|path| is_account(path.node))
}

fn number(rule: usize) -> u32 {
    u32::try_from(rule).unwrap_or(u32::MAX)
}
