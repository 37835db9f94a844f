//! One group of one rule: its cells, its window, what it has learned, and the walk
//! over its seconds that finds where it fires.
//!
//! The walk is the algorithm of the language reference, "Edge" and "Learning". In a
//! replay each second is walked once, behind the watermark. In a live stream a
//! second is walked again when an event enters it or one before it: what later
//! seconds did is taken back first, and what was alerted stays alerted.
//!
//! # Invariants
//!
//! - Seconds up to `walked` are judged; the window holds the cells of
//!   `(walked − within, walked]`, which are those from `low` up to `next`.
//! - A run of seconds in which `when` stays true gives at most one alert.

use crate::fact::{CellRow, GroupKey, TupleRow};
use crate::memory::Memory;
use crate::past::Past;
use crate::window::Window;
use bumpalo::Bump;
use hashbrown::HashMap;
use plan::{GroupRule, Program, Rule};
use state::{Cells, Idle, Row, Undo};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

/// A row and what the walk left at it.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) row: CellRow,
    /// How the edge stood after this second.
    pub(crate) edge: Edge,
    /// Whether a run of seconds in which `when` is true begins here.
    pub(crate) opens: bool,
    /// Whether an alert was given here.
    pub(crate) alerted: bool,
    /// Whether the group's history starts here.
    pub(crate) starts: bool,
    /// What this second changed in the memory, should it be walked again.
    pub(crate) undo: Option<Box<[Undo]>>,
}

impl Row for Cell {
    fn absorb(&mut self, other: Self) {
        self.row.absorb(other.row);
    }
}

/// Where a group stands with respect to firing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Edge {
    /// It fires when `when` becomes true.
    #[default]
    Armed,
    /// `when` has been true; it fires no more until it was false.
    Run,
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: Arc<GroupKey>,
    pub(crate) cells: Cells<Cell>,
    pub(crate) walked: i64,
    /// The index of the first cell in the window.
    pub(crate) low: usize,
    /// The index of the first cell not yet walked.
    pub(crate) next: usize,
    /// Seconds, not yet walked, in which tuples were that are surely known.
    pub(crate) sights: BinaryHeap<Reverse<(i64, u128)>>,
    pub(crate) window: Window,
    /// How the edge stood after the last cell that was forgotten, and whether its run had given its alert.
    base: (Edge, bool),
    /// The run at hand has given its alert.
    pub(crate) told: bool,
    pub(crate) memory: Memory,
    pub(crate) past: Past,
    /// When each tuple gave alerts; kept in a live stream only.
    pub(crate) alerted: HashMap<u128, BTreeSet<i64>>,
    /// How many tuples there may be before old ones are looked for.
    expire_at: usize,
    first: i64,
    last: i64,
}

impl Idle for Group {
    fn idle(&self) -> (bool, i64) {
        (self.first == self.last, self.last)
    }
}

/// What a group is walked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    pub(crate) program: &'a Program,
    pub(crate) number: u32,
    pub(crate) rule: &'a Rule,
    pub(crate) group: &'a GroupRule,
    pub(crate) arena: &'a Bump,
    /// Whether seconds may be walked again.
    pub(crate) live: bool,
    /// Whether groups of the rule had to go: what its alerts say may fall short.
    pub(crate) evicted: bool,
}

/// A cell: its place among the others, and its second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) index: usize,
    pub(crate) second: i64,
}

const BEFORE_ALL: i64 = i64::MIN;

impl Group {
    pub(crate) fn new(key: Arc<GroupKey>, rule: &GroupRule, second: i64) -> Self {
        Self {
            key,
            cells: Cells::default(),
            walked: BEFORE_ALL,
            low: 0,
            next: 0,
            sights: BinaryHeap::new(),
            window: Window::new(rule),
            base: (Edge::Armed, false),
            expire_at: 64,
            told: false,
            memory: Memory::default(),
            past: Past::new(rule),
            alerted: HashMap::new(),
            first: second,
            last: second,
        }
    }

    /// Put a row into its second.
    pub(crate) fn put(&mut self, second: i64, row: CellRow, walk: Walk<'_>) {
        self.meet(second);
        if second <= self.walked {
            self.take_back(second, walk);
        }
        self.cells.put(second, Cell { row, ..Cell::default() });
    }

    /// Put a tuple that is surely known into a second.
    pub(crate) fn put_known(&mut self, second: i64, tuple: u128, walk: Walk<'_>) {
        if walk.live || second <= self.walked {
            let tuples = TupleRow { hash: tuple, ..TupleRow::default() }.into();
            return self.put(second, CellRow { events: 1, tuples, ..CellRow::default() }, walk);
        }
        self.meet(second);
        self.sights.push(Reverse((second, tuple)));
    }

    fn meet(&mut self, second: i64) {
        self.first = self.first.min(second);
        self.last = self.last.max(second);
    }

    /// Forget the seconds that no later one can ask for: those at or before
    /// `watermark − within`. Returns whether the group tells nothing any more.
    pub(crate) fn forget(&mut self, watermark: i64, rule: &GroupRule) -> bool {
        let within = rule.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        if watermark > self.walked {
            // Nothing waits before the watermark: the window moves on with it.
            self.slide(watermark, rule);
            self.walked = watermark;
        }
        let count = self.cells.at_or_after(watermark.saturating_sub(within).saturating_add(1));
        if count > 0 {
            self.base = (self.edge_before(count), self.run_was_told(count));
            self.cells.drop_front(count);
            self.low = self.low.saturating_sub(count);
            self.next = self.next.saturating_sub(count);
        }
        let Some(memory) = learning_memory(rule) else { return self.cells.is_empty() };
        self.past.forget(watermark, rule);
        self.memory.settle(watermark);
        let many = self.memory.len().max(self.alerted.len()) >= self.expire_at;
        if many && !self.is_cold(watermark, rule) {
            self.memory.expire(watermark, memory);
            self.alerted.retain(|_, told| {
                *told = told.split_off(&watermark.saturating_sub(memory));
                !told.is_empty()
            });
            self.expire_at = self.memory.len().max(self.alerted.len()) * 2 + 64;
        }
        false
    }

    /// Whether it still matters at `second` that a tuple was ever learned: with `cold=alert`,
    /// until the warm-up is over.
    fn is_cold(&self, second: i64, rule: &GroupRule) -> bool {
        let young = |warmup| self.memory.start().is_none_or(|start| second - start < warmup);
        rule.first_seen.as_ref().is_some_and(|first| first.cold_alert && young(first.warmup))
    }

    /// The start of its history, which a second begins where none has before it.
    pub(crate) fn begin(&mut self, at: At) -> i64 {
        let starts = self.memory.start().is_none();
        if let Some((_, cell)) = self.cells.get_mut(at.index) {
            cell.starts = starts;
        }
        self.memory.begin(at.second)
    }

    /// When its history starts.
    pub(crate) fn start(&self) -> Option<i64> {
        self.memory.start()
    }

    /// Whether seconds wait to be judged.
    pub(crate) fn waits(&self) -> bool {
        self.next < self.cells.len() || !self.sights.is_empty()
    }

    /// Take back what the walk did at and after a second.
    pub(crate) fn take_back(&mut self, second: i64, walk: Walk<'_>) {
        let from = self.cells.at_or_after(second);
        for index in (from..self.next).rev() {
            let Some((there, cell)) = self.cells.get_mut(index) else { break };
            let undo = std::mem::take(&mut cell.undo).unwrap_or_default();
            let starts = std::mem::take(&mut cell.starts);
            if cell.row.events > 0 {
                self.past.leave(there, &cell.row, walk.group);
            }
            self.memory.undo(undo.into_vec(), starts);
        }
        self.memory.put_back(second);
        let within = walk.group.within.as_ref().map_or(0, |(seconds, _)| *seconds);
        self.walked = match from.checked_sub(1).and_then(|before| self.cells.get(before)) {
            Some((before, _)) => before,
            None => second.saturating_sub(1),
        };
        self.told = self.run_was_told(from);
        self.window.clear();
        let low = self.cells.at_or_after(self.walked.saturating_sub(within).saturating_add(1));
        (self.low, self.next) = (low.min(from), from);
        for (_, cell) in self.cells.range(self.low..from) {
            self.window.enter(&cell.row);
        }
    }

    /// Whether the run that reaches the cell before `index` has given its alert.
    pub(crate) fn run_was_told(&self, index: usize) -> bool {
        for (_, cell) in self.cells.range(0..index).rev() {
            if cell.edge == Edge::Armed || cell.alerted || cell.opens {
                return cell.alerted;
            }
        }
        self.base.1
    }

    /// Let the cells at or before `second − within` leave the window.
    pub(crate) fn slide(&mut self, second: i64, rule: &GroupRule) {
        let Some((within, _)) = rule.within else { return };
        let last = second.saturating_sub(within);
        while self.low < self.next
            && let Some((there, cell)) = self.cells.get(self.low)
            && there <= last
        {
            self.window.leave(&cell.row);
            self.low += 1;
        }
    }

    pub(crate) fn enter(&mut self, index: usize) {
        if let Some((_, cell)) = self.cells.get(index) {
            self.window.enter(&cell.row);
        }
    }

    pub(crate) fn edge_before(&self, index: usize) -> Edge {
        index
            .checked_sub(1)
            .and_then(|before| self.cells.get(before))
            .map_or(self.base.0, |(_, cell)| cell.edge)
    }

    /// A second without events keeps the edge as it stood.
    pub(crate) fn settle_edge(&mut self, index: usize) {
        let edge = self.edge_before(index);
        if let Some((_, cell)) = self.cells.get_mut(index) {
            cell.edge = edge;
        }
    }
}

/// For how many seconds a group of the rule is remembered at least; nothing where it
/// learns nothing.
fn learning_memory(rule: &GroupRule) -> Option<i64> {
    let of_rare = rule.rare.as_ref().map(|rare| rare.memory);
    let of_scores = rule.baselines.first().map(|baseline| baseline.memory);
    rule.first_seen.as_ref().map(|first| first.memory).or(of_rare).or(of_scores)
}
