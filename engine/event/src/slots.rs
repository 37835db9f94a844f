//! Where the wanted values of the record at hand lie, and the scratch of the scan.
//!
//! Objects below the top level that services write (requestParameters and its like) are
//! walked when a value in them is first asked for; most events are decided without.
//!
//! # Invariants
//!
//! - A span lies inside the record it was found in.
//! - What lies in an object that is walked on demand is found in its pairs, which are kept for
//!   the record.

use crate::layout::{Layout, Slot, Tree};
use crate::order::{Frame, Order};
use crate::pairs::{Pair, Pairs};
use crate::simd::Width;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;

/// Where the wanted values of the record at hand lie.
#[derive(Clone, Debug)]
pub struct Slots {
    pub(crate) width: Width,
    pub(crate) tree: Arc<Tree>,
    spans: Vec<Cell<Span>>,
    walked: RefCell<Walked>,
    pub(crate) scratch: RefCell<Scratch>,
    pub(crate) odd: Cell<bool>,
    pub(crate) spaced: bool,
    /// Whether a text that was passed has an escape.
    pub(crate) escapes: Cell<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Of a value that was looked for and is not there.
    const NONE: Self = Self { start: u32::MAX, end: 0 };
}

/// The objects that were walked on demand.
#[derive(Clone, Debug, Default)]
struct Walked {
    pairs: Vec<Pair>,
    /// Where each begins, and which pairs are its own.
    objects: Vec<(usize, Range<usize>)>,
}

/// What the walk over keys needs besides the record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    /// By node: the round in which its key was met last.
    pub(crate) seen: Vec<u32>,
    pub(crate) round: u32,
    /// The objects around the one at hand.
    pub(crate) stack: Vec<Frame>,
    /// By node: the keys of its object in the order in which they came so far.
    pub(crate) order: Vec<Order>,
}

impl Default for Slots {
    fn default() -> Self {
        Self::new()
    }
}

impl Slots {
    /// Scratch for any layout.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Width::fastest())
    }

    /// The same, for the reference that looks at one byte after another: slow, and equal.
    #[must_use]
    pub fn bytewise() -> Self {
        Self::with(Width::BYTEWISE)
    }

    /// Scratch for each way of looking at bytes that this processor has, for tests: what is
    /// found must not depend on it.
    #[doc(hidden)]
    #[must_use]
    pub fn all() -> Vec<Self> {
        Width::all().into_iter().map(Self::with).collect()
    }

    fn with(width: Width) -> Self {
        Self {
            width,
            tree: Arc::default(),
            spans: Vec::new(),
            walked: RefCell::default(),
            scratch: RefCell::default(),
            odd: Cell::new(false),
            spaced: false,
            escapes: Cell::new(true),
        }
    }

    /// The bytes of a slot's value in the record it was found in; none for `null`.
    #[inline]
    #[must_use]
    pub fn get<'a>(&self, record: &'a [u8], slot: Slot) -> Option<&'a [u8]> {
        record.get(self.place(record, slot)?)
    }

    /// Where a slot's value lies in the record.
    #[inline]
    pub(crate) fn place(&self, record: &[u8], slot: Slot) -> Option<Range<usize>> {
        let place = self.span(slot);
        if place.is_none()
            && let Some(inside) = self.tree.inside(slot)
            && let Some(object) = self.span(inside.object)
        {
            return self.look_for(record, slot, (object, &inside.keys));
        }
        place
    }

    /// The same of a slot that lies in an object which is walked on demand.
    fn look_for(
        &self,
        record: &[u8],
        slot: Slot,
        (object, keys): (Range<usize>, &[String]),
    ) -> Option<Range<usize>> {
        let known = &self.spans[usize::from(slot.0)];
        if known.get() == Span::NONE {
            return None;
        }
        known.set(Span::NONE);
        let place = keys.iter().try_fold(object, |object, key| self.under(record, object, key))?;
        if record[place.clone()] == *b"null" {
            return None;
        }
        self.note(slot, place.start, place.end);
        Some(place)
    }

    /// Where the value lies that an object has under a key; of several the last.
    fn under(&self, record: &[u8], object: Range<usize>, key: &str) -> Option<Range<usize>> {
        let mut found = None;
        self.each_pair(record, object.start, |pair| {
            if pair.has_key(record, key) && found.replace(pair.value.clone()).is_some() {
                self.odd.set(true);
            }
        });
        found
    }

    /// Give the pairs of the object that begins at a place of the record, in order; of anything
    /// else none.
    #[inline]
    pub(crate) fn each_pair(&self, record: &[u8], start: usize, give: impl FnMut(&Pair)) {
        let mut walked = self.walked.borrow_mut();
        let known = walked.objects.iter().find(|(known, _)| *known == start);
        let range = match known {
            Some((_, range)) => range.clone(),
            None => self.walk(record, start, &mut walked),
        };
        walked.pairs[range].iter().for_each(give);
    }

    /// Walk the object that begins at a place. What is broken in it counts as odd, and ends it.
    fn walk(&self, record: &[u8], start: usize, walked: &mut Walked) -> Range<usize> {
        let Walked { pairs, objects } = walked;
        let first = pairs.len();
        if record.get(start) == Some(&b'{') {
            let in_order = self.width.run(Pairs { record, start, pairs }).is_ok();
            let (mut odd, mut escapes) = (!in_order, false);
            for pair in &pairs[first..] {
                odd |= pair.key_escapes;
                escapes |= pair.value_escapes;
            }
            self.odd.set(self.odd.get() | odd);
            self.escapes.set(self.escapes.get() | escapes);
        }
        objects.push((start, first..pairs.len()));
        first..pairs.len()
    }

    /// Forget what was walked on demand, and what was seen on the way: the scan saw nothing odd,
    /// and maybe escapes.
    #[cold]
    pub(crate) fn forget_walks(&self, escapes: bool) {
        let mut walked = self.walked.borrow_mut();
        walked.pairs.clear();
        walked.objects.clear();
        for (slot, span) in (0..).map(Slot).zip(&self.spans) {
            if self.tree.inside(slot).is_some() {
                span.set(Span::default());
            }
        }
        self.odd.set(false);
        self.escapes.set(escapes);
    }

    /// The same where the slot lies in no object that is walked on demand.
    #[inline]
    pub(crate) fn span(&self, slot: Slot) -> Option<Range<usize>> {
        let span = self.spans.get(usize::from(slot.0))?.get();
        (span.end != 0).then_some(span.start as usize..span.end as usize)
    }

    /// Whether the record had a key twice, or a key with an escape, as far as it was looked at.
    #[must_use]
    pub fn odd(&self) -> bool {
        self.odd.get()
    }

    /// Whether there was white space between the parts of the record's top level.
    #[must_use]
    pub fn spaced(&self) -> bool {
        self.spaced
    }

    /// Get ready for a record.
    #[inline]
    pub(crate) fn begin(&mut self, layout: &Layout) {
        if self.tree.mark != layout.tree.mark || self.spans.len() != layout.len() + 1 {
            self.change(layout);
        }
        let scratch = self.scratch.get_mut();
        self.spans.fill(Cell::default());
        scratch.round = scratch.round.wrapping_add(1);
        if scratch.round == 0 {
            scratch.seen.fill(0);
            scratch.round = 1;
        }
        scratch.stack.clear();
        let walked = self.walked.get_mut();
        walked.pairs.clear();
        walked.objects.clear();
        self.odd.set(false);
        self.escapes.set(false);
        self.spaced = false;
    }

    #[cold]
    fn change(&mut self, layout: &Layout) {
        self.tree = Arc::clone(&layout.tree);
        self.spans.clear();
        // The last is nobody's.
        self.spans.resize(layout.len() + 1, Cell::default());
        let scratch = self.scratch.get_mut();
        scratch.order.clear();
        scratch.order.resize_with(self.tree.nodes.len(), Order::default);
        scratch.seen.resize(self.tree.nodes.len(), 0);
    }

    /// A slot that nobody reads.
    pub(crate) fn nowhere(&self) -> Slot {
        Slot(u16::try_from(self.spans.len() - 1).unwrap_or(u16::MAX))
    }

    /// Note that a node's key was met; a second time forgets all below it.
    #[inline(always)]
    pub(crate) fn meet(&self, scratch: &mut Scratch, node: u16) {
        let seen = &mut scratch.seen[usize::from(node)];
        if *seen == scratch.round {
            self.forget(scratch, node);
        } else {
            *seen = scratch.round;
        }
    }

    #[cold]
    fn forget(&self, scratch: &mut Scratch, node: u16) {
        self.odd.set(true);
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            let node = &self.tree.nodes[usize::from(node)];
            if let Some(slot) = node.slot {
                self.spans[usize::from(slot.0)].set(Span::default());
            }
            for child in node.children() {
                scratch.seen[usize::from(child)] = 0;
                waiting.push(child);
            }
        }
    }

    /// A value lies between two places, which are below 2³².
    #[inline(always)]
    pub(crate) fn note(&self, slot: Slot, start: usize, end: usize) {
        let (start, end) = (start as u32, end as u32);
        if let Some(span) = self.spans.get(usize::from(slot.0)) {
            span.set(Span { start, end });
        }
    }
}
