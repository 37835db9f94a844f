//! The keys of an object in the order in which they came so far, and what the texts under
//! them were like: what a walk may take for likely.
//!
//! CloudTrail writes the keys of an object in nearly one order, and many of its texts (times,
//! ids, numbers of accounts) have one width. A width that is guessed and found right lets the
//! processor go on to the next key before it has looked at the text.
//!
//! # Invariants
//!
//! - A key stands in an order once, and an object had it exactly where its [`Frame`] has a bit
//!   for its place, unless it was met in a way that no order remembers.

use crate::layout::{Slot, Wanted};

/// An object that is walked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) node: u16,
    /// Where the object itself is noted.
    pub(crate) slot: Slot,
    /// Whether its keys come in nearly one order.
    pub(crate) steady: bool,
    pub(crate) start: usize,
    /// The place in the order of its keys that is likely next.
    pub(crate) next: usize,
    /// The keys it had, a bit for each place in their order.
    pub(crate) had: u64,
}

impl Frame {
    pub(crate) fn new(wanted: Wanted, start: usize, nowhere: Slot) -> Self {
        let Wanted { node, slot, steady, .. } = wanted;
        Self { node, slot: slot.unwrap_or(nowhere), steady, start, next: 0, had: 0 }
    }

    /// Whether it had the key at a place of the order.
    #[inline(always)]
    pub(crate) fn had(&self, place: usize) -> bool {
        self.had >> (place % Order::MOST) & 1 != 0
    }

    /// It has the key at the place that was likely next.
    #[inline(always)]
    pub(crate) fn pass(&mut self) {
        self.had |= 1 << (self.next % Order::MOST);
        self.next += 1;
    }

    /// A key is put into the order at a place; those behind it move on.
    fn make_room(&mut self, place: usize) {
        self.had = moved_on(self.had, place);
    }
}

/// Bits of places, where something is put at one of them.
fn moved_on(bits: u64, place: usize) -> u64 {
    let before = (1 << (place % Order::MOST)) - 1;
    bits & before | (bits & !before) << 1
}

/// The keys of an object in the order in which they came so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) keys: Vec<Known>,
    /// A bit for the place of each key that records have.
    marked: u64,
}

impl Order {
    /// How many keys of an object are remembered, at most.
    pub(crate) const MOST: usize = 64;

    /// The place of a key; where it is not known it is put where it came, if there is room.
    pub(crate) fn place(
        &mut self,
        frame: &mut Frame,
        text: &[u8],
        known: impl FnOnce() -> Known,
    ) -> Option<usize> {
        let is_it = |known: &Known| known.text[..usize::from(known.length)] == *text;
        self.keys.iter().position(is_it).or_else(|| {
            let place = frame.next.min(self.keys.len());
            (self.keys.len() < Self::MOST).then(|| {
                let known = known();
                self.marked = moved_on(self.marked, place);
                self.marked |= u64::from(known.mark != 0) << (place % Self::MOST);
                self.keys.insert(place, known);
                frame.make_room(place);
                place
            })
        })
    }

    /// The keys of records among those that an object had, a bit each.
    pub(crate) fn found(&self, frame: &Frame) -> u8 {
        let (mut left, mut found) = (frame.had & self.marked, 0);
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            found |= self.keys.get(place).map_or(0, |known| known.mark);
            left &= left - 1;
        }
        found
    }

    /// The place of the key of a node, where it is known.
    pub(crate) fn place_of(&self, node: u16) -> Option<usize> {
        self.keys.iter().position(|known| known.is_wanted && known.node == node)
    }
}

/// A key as it was met before.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Known {
    /// Its bytes, with its quotes and the colon right behind it; zeros fill up.
    pub(crate) text: [u8; 32],
    pub(crate) length: u8,
    /// Whether a value under it is looked for, and whether an object is entered.
    pub(crate) is_wanted: bool,
    pub(crate) is_entered: bool,
    pub(crate) mark: u8,
    steady: bool,
    node: u16,
    /// Where the value is noted, [`crate::Slots::nowhere`] where it need not be.
    pub(crate) slot: Slot,
    pub(crate) width: Width,
}

impl Known {
    /// The longest key that is remembered, with quotes and colon.
    pub(crate) const LONGEST: usize = 31;

    /// How many bytes it has.
    #[inline(always)]
    pub(crate) fn length(&self) -> usize {
        usize::from(self.length) % 32
    }

    pub(crate) fn new(key: &[u8], wanted: Option<Wanted>, nowhere: Slot) -> Self {
        let mut text = [0; 32];
        text[..key.len()].copy_from_slice(key);
        Self {
            text,
            length: u8::try_from(key.len()).unwrap_or(0),
            is_wanted: wanted.is_some(),
            is_entered: wanted.is_some_and(|wanted| wanted.entered),
            mark: wanted.map_or(0, |wanted| wanted.mark),
            steady: wanted.is_some_and(|wanted| wanted.steady),
            node: wanted.map_or(0, |wanted| wanted.node),
            slot: wanted.and_then(|wanted| wanted.slot).unwrap_or(nowhere),
            width: Width::default(),
        }
    }

    /// The walk over its object, which begins at a place.
    #[inline(always)]
    pub(crate) fn frame(&self, start: usize) -> Frame {
        let Self { node, slot, steady, .. } = *self;
        Frame { node, slot, steady, start, next: 0, had: 0 }
    }
}

/// How wide the texts under a key are, where that is nearly always the same.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Width {
    /// A bit for each byte, up to and with the closing quote; none where nothing is likely.
    upto: u64,
    bytes: u8,
    /// How often it was another one soon after another.
    changes: u8,
    /// In which round it was another one last.
    changed: u32,
}

impl Width {
    /// How many changes soon after another make it unlikely for good.
    const TRIED: u8 = 4;
    /// How many records are soon.
    const SOON: u32 = 16;

    /// The likely width with the closing quote, if a text is that wide: `upto` has a bit for
    /// each of its bytes. What is returned does not depend on the text, so nobody waits for it.
    #[inline(always)]
    pub(crate) fn is(&self, upto: u64) -> Option<usize> {
        (upto == self.upto).then_some(usize::from(self.bytes))
    }

    /// A text was as wide as this, and less than 64 bytes.
    #[inline(always)]
    pub(crate) fn change(&mut self, upto: u64, round: u32) {
        if self.changes < Self::TRIED {
            self.note(upto, round);
        }
    }

    #[cold]
    fn note(&mut self, upto: u64, round: u32) {
        let soon = round.wrapping_sub(self.changed) < Self::SOON;
        self.changes = if soon { self.changes + 1 } else { 0 };
        self.changed = round;
        let is_likely = self.changes < Self::TRIED && upto != u64::MAX;
        self.upto = if is_likely { upto } else { 0 };
        self.bytes = self.upto.count_ones() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Scan, Slots, scan};

    /// Scan objects one after another; whether something in the last is odd, in all widths.
    #[track_caller]
    fn is_odd(objects: &[&str]) -> bool {
        let layout = Layout::new();
        let odd: Vec<_> = Slots::all()
            .iter_mut()
            .map(|slots| {
                for object in objects {
                    // The scan hurries only where enough follows.
                    let text = format!("{object}{}", " ".repeat(200));
                    let found = scan(text.as_bytes(), 0, &layout, slots);
                    assert!(matches!(found, Scan::Record { .. }), "{found:?} {object}");
                }
                slots.odd()
            })
            .collect();
        assert!(odd.iter().all(|one| *one == odd[0]), "{objects:?} {odd:?}");
        odd[0]
    }

    #[test]
    fn a_key_is_met_twice_even_where_others_were_put_before_it() {
        let known = r#"{"eventID":"1","eventName":"b","eventSource":"c"}"#;
        let new = r#"{"eventSource":"c","eventID":"1","awsRegion":"new""#;
        assert!(!is_odd(&[known, &format!("{new}}}")]));
        assert!(!is_odd(&[known, &format!(r#"{new},"eventName":"b"}}"#)]));
        assert!(is_odd(&[known, &format!(r#"{new},"eventSource":"d"}}"#)]));
    }

    #[test]
    fn a_key_is_one_however_it_is_written() {
        let plain = r#"{"eventName":"b","eventID":"1","#;
        for again in ["eventID", r"event\u0049D", r"\u0065ventID"] {
            let text = format!(r#"{plain}"{again}":"2"}}"#);
            assert!(is_odd(&[&text]) && is_odd(&[&text, &text]), "{again}");
            let text = format!(r#"{{"{again}":"2",{}}}"#, &plain[1..plain.len() - 1]);
            assert!(is_odd(&[&text]) && is_odd(&[&text, &text]), "{again}");
        }
        assert!(!is_odd(&[r#"{"eventName":"b","eventID":"1"}"#]));
    }

    #[test]
    fn a_width_is_likely_until_it_changes_too_often() {
        let mut width = Width::default();
        let bits = |bytes: usize| (1_u64 << bytes) - 1;
        width.change(bits(13), 1);
        assert_eq!((width.is(bits(13)), width.is(bits(12))), (Some(13), None));
        for round in [100, 200, 300, 400, 500] {
            width.change(bits(round / 100), round as u32);
            assert_eq!(width.is(bits(round / 100)), Some(round / 100));
        }
        for round in 501..505 {
            width.change(bits(round % 7 + 1), round as u32);
        }
        assert_eq!((0..64).find_map(|bytes| width.is(bits(bytes).max(1))), None);
        // A text whose quote is the last of 64 bytes cannot be told from a longer one.
        let mut width = Width::default();
        width.change(u64::MAX, 1);
        assert_eq!(width.is(u64::MAX), None);
    }
}
