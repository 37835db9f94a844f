//! One pass over a record: where it ends, and where the wanted values lie.
//!
//! The scan walks the keys of an object beside the tree of a [`Layout`]. CloudTrail writes
//! its keys in nearly one order and without white space, so the next key is guessed and
//! compared in one go; a text ends at the next quote, looked for 64 bytes at a time; objects
//! and lists nobody asked for are passed by counting brackets. Whatever is written otherwise
//! is passed step by step. Nothing is decoded, copied or allocated; the scratch in [`Slots`]
//! belongs to the caller.
//!
//! # Invariants
//!
//! - No recursion: the stack holds one frame for each key of a wanted path.
//! - Of two keys of the same name in an object the last wins, with all below it.
//! - What is passed as likely decides nothing: the steps would have said the same, and do, on
//!   the way that goes byte by byte.

use crate::layout::{Layout, Tree, Wanted};
use crate::lex::{Cut, opens_line, skip_space, string_end};
use crate::likely::{chunk, plain_text_end};
use crate::nested;
use crate::order::{Frame, Known};
use crate::simd::{Vector, Work};
use crate::slots::{Scratch, Slots};
use crate::text::unescape;

/// What stands at a place where a record may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// A CloudTrail record: an object with two or more of the keys of one.
    Record {
        /// The place after it.
        end: usize,
    },
    /// Another object.
    Foreign {
        /// The place after it.
        end: usize,
    },
    /// An object that may wrap records.
    Envelope {
        /// Where the value begins that may hold them.
        value: usize,
    },
    /// The bytes end before the object does.
    Partial,
    /// It is not JSON.
    Damaged {
        /// Where that was noticed.
        at: usize,
    },
}

/// Scan the object that begins at `start`.
///
/// On [`Scan::Record`] the slots hold the wanted values, as places in
/// `bytes[start..end]`.
#[must_use]
pub fn scan(bytes: &[u8], start: usize, layout: &Layout, slots: &mut Slots) -> Scan {
    slots.begin(layout);
    let mut scratch = slots.scratch.borrow_mut();
    let (found, spaced) = slots.width.run(Walk::new(&bytes[start..], slots, &mut scratch));
    drop(scratch);
    slots.spaced = spaced;
    match found {
        Ok(Scan::Record { end }) => Scan::Record { end: start + end },
        Ok(Scan::Foreign { end }) => Scan::Foreign { end: start + end },
        Ok(Scan::Envelope { value }) => Scan::Envelope { value: start + value },
        Ok(other) => other,
        Err(Cut::Short) => Scan::Partial,
        Err(Cut::Damaged(at)) => Scan::Damaged { at: start + at },
    }
}

/// The walk over a record, as work for a vector.
pub(crate) struct Walk<'a> {
    /// The record, and what follows it.
    pub(crate) bytes: &'a [u8],
    /// The place after what was passed last.
    pub(crate) at: usize,
    /// The record keys found step by step, a bit each.
    found: u8,
    spaced: bool,
    tree: &'a Tree,
    pub(crate) slots: &'a Slots,
    pub(crate) scratch: &'a mut Scratch,
}

impl Work for Walk<'_> {
    /// What it is, and whether there was white space.
    type Out = (Result<Scan, Cut>, bool);

    #[inline(always)]
    fn run<V: Vector>(mut self) -> Self::Out {
        let found = self.object::<V>();
        (found, self.spaced)
    }
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], slots: &'a Slots, scratch: &'a mut Scratch) -> Self {
        // No record is longer than places can be.
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        Self { bytes, at: 1, found: 0, spaced: false, tree: &slots.tree, slots, scratch }
    }

    /// Walk the object at the front, with those in it that are entered.
    #[inline(always)]
    fn object<V: Vector>(&mut self) -> Result<Scan, Cut> {
        let mut frame = self.frame(self.tree.wanted(Layout::ROOT), 0);
        let mut fresh = true;
        loop {
            fresh = self.likely_pairs::<V>(&mut frame, fresh);
            let Some(quote) = self.next_key(fresh)? else {
                fresh = false;
                let Some(outer) = self.scratch.stack.pop() else { break };
                self.slots.note(frame.slot, frame.start as usize, self.at);
                frame = outer;
                continue;
            };
            let wanted = self.find_node(&mut frame, quote)?;
            self.space();
            let Some(wanted) = wanted else {
                self.pass::<V>(self.at)?;
                fresh = false;
                continue;
            };
            if let Some(value) = self.envelope(&frame, wanted) {
                return Ok(Scan::Envelope { value });
            }
            fresh = self.value::<V>(&mut frame, wanted)?;
        }
        let end = self.at;
        Ok(if self.is_record(&frame) { Scan::Record { end } } else { Scan::Foreign { end } })
    }

    fn frame(&self, wanted: Wanted, start: usize) -> Frame {
        Frame::new(wanted, start, self.slots.nowhere())
    }

    /// The opening quote of the next key of the object at hand, or nothing after its last.
    fn next_key(&mut self, fresh: bool) -> Result<Option<usize>, Cut> {
        let mut at = self.mark()?;
        let mut after_comma = fresh;
        if self.bytes[at] == b',' && !fresh {
            at = self.mark()?;
            after_comma = true;
        }
        match self.bytes[at] {
            b'}' => Ok(None),
            b'"' if after_comma => Ok(Some(at)),
            _ => Err(Cut::Damaged(at)),
        }
    }

    /// Take the next mark: a bracket, a comma, a colon or a quote. Before it stands nothing
    /// but white space.
    fn mark(&mut self) -> Result<usize, Cut> {
        self.space();
        let at = self.at;
        match self.bytes.get(at).ok_or(Cut::Short)? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' => {
                self.at = at + 1;
                Ok(at)
            }
            _ => Err(Cut::Damaged(at)),
        }
    }

    /// Pass a key and its colon; the key is remembered where it may come again.
    fn find_node(&mut self, frame: &mut Frame, quote: usize) -> Result<Option<Wanted>, Cut> {
        let end = string_end(self.bytes, quote + 1)?;
        self.at = end + 1;
        let wanted = self.wanted(frame.node, &self.bytes[quote + 1..end]);
        let colon = self.mark()?;
        if self.bytes[colon] != b':' {
            return Err(Cut::Damaged(colon));
        }
        let usual = (self.at == end + 2).then_some(&self.bytes[quote..self.at]);
        self.remember(frame, usual, wanted);
        Ok(wanted)
    }

    /// Remember that an object has a key, and where it came; `usual` is its text where nothing
    /// stands between it and its colon.
    fn remember(&mut self, frame: &mut Frame, usual: Option<&[u8]>, wanted: Option<Wanted>) {
        let Scratch { order, seen, round, .. } = &mut *self.scratch;
        let order = &mut order[usize::from(frame.node)];
        // Envelopes and keys with escapes are told step by step each time.
        let is_told = |text: &[u8]| text.len() > Known::LONGEST || text.contains(&b'\\');
        let usual = usual.filter(|text| !is_told(text));
        let place = match (usual, wanted) {
            (Some(text), wanted) if wanted.is_none_or(|wanted| !wanted.envelope) => {
                order.place(frame, text, || Known::new(text, wanted, self.slots.nowhere()))
            }
            (_, wanted) => wanted.and_then(|wanted| order.place_of(wanted.node)),
        };
        let Some(place) = place else { return };
        frame.next = place;
        if let (true, Some(wanted)) = (frame.had(place), wanted) {
            seen[usize::from(wanted.node)] = *round;
        }
        frame.pass();
    }

    fn space(&mut self) {
        if matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.spaced = true;
            self.at = skip_space(self.bytes, self.at);
        }
    }

    /// What is wanted under a key.
    pub(crate) fn wanted(&self, node: u16, key: &[u8]) -> Option<Wanted> {
        let node = &self.tree.nodes[usize::from(node)];
        let child = node.child(key).or_else(|| {
            memchr::memchr(b'\\', key)?;
            self.slots.odd.set(true);
            node.child(&unescape(key))
        });
        child.map(|child| self.tree.wanted(child))
    }

    /// Whether the object at hand had two keys of a record so far.
    fn is_record(&self, object: &Frame) -> bool {
        let likely = self.scratch.order[usize::from(object.node)].found(object);
        (self.found | likely).count_ones() >= 2
    }

    /// Where the wrapped records begin, if this key of the top level wraps some.
    fn envelope(&self, object: &Frame, wanted: Wanted) -> Option<usize> {
        let wraps = wanted.envelope
            && object.node == Layout::ROOT
            && matches!(self.bytes.get(self.at), Some(b'{' | b'[' | b'"'))
            && !self.is_record(object);
        wraps.then_some(self.at)
    }

    /// Pass the value of a wanted key; true when it was entered, and its keys come next.
    #[inline(always)]
    fn value<V: Vector>(&mut self, frame: &mut Frame, wanted: Wanted) -> Result<bool, Cut> {
        let start = self.at;
        self.slots.meet(self.scratch, wanted.node);
        self.found |= wanted.mark;
        if wanted.entered && self.bytes.get(start) == Some(&b'{') {
            if opens_line(self.bytes, start) {
                return Err(Cut::Damaged(start));
            }
            let inner = self.frame(wanted, start);
            self.scratch.stack.push(std::mem::replace(frame, inner));
            self.at = start + 1;
            return Ok(true);
        }
        self.pass::<V>(start)?;
        if let Some(slot) = wanted.slot
            && self.bytes[start..self.at] != *b"null"
        {
            self.slots.note(slot, start, self.at);
        }
        Ok(false)
    }

    /// Pass the value that begins at `start`.
    #[inline(always)]
    fn pass<V: Vector>(&mut self, start: usize) -> Result<(), Cut> {
        self.at = match self.bytes.get(start) {
            Some(b'"') => {
                let block = chunk::<64>(self.bytes, start + 1);
                match block.and_then(|block| plain_text_end::<V>(self.bytes, start + 1, block)) {
                    Some(end) if V::HURRIES => end,
                    _ => self.text_end(start + 1)? + 1,
                }
            }
            Some(b'{' | b'[') => V::apart(nested::Pass(self.bytes, start + 1))?,
            _ => self.word(start)?,
        };
        Ok(())
    }

    /// The quote that closes the text whose first character is at `at`.
    fn text_end(&self, at: usize) -> Result<usize, Cut> {
        let end = string_end(self.bytes, at)?;
        if memchr::memchr(b'\\', &self.bytes[at..end]).is_some() {
            self.slots.escapes.set(true);
        }
        Ok(end)
    }

    /// The place after the number or word that begins at `start`: it ends at white space or
    /// at a mark.
    fn word(&self, start: usize) -> Result<usize, Cut> {
        let rest = self.bytes.get(start..).ok_or(Cut::Short)?;
        let ends = |byte: &u8| {
            matches!(
                byte,
                b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'{' | b'[' | b':'
            )
        };
        match rest.iter().position(ends).ok_or(Cut::Short)? {
            0 => Err(Cut::Damaged(start)),
            length => Ok(start + length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Base, Slot};

    fn layout() -> (Layout, Vec<Slot>) {
        let mut layout = Layout::new();
        let paths: [&[&str]; 4] = [
            &["eventName"],
            &["userIdentity", "arn"],
            &["requestParameters", "a", "b"],
            &["requestParameters"],
        ];
        let slots = paths.map(|path| layout.slot(path).unwrap()).to_vec();
        (layout, slots)
    }

    #[track_caller]
    fn check(text: &str, expected: &[Option<&str>]) {
        let (layout, numbers) = layout();
        let mut slots = Slots::new();
        let found = scan(text.as_bytes(), 0, &layout, &mut slots);
        assert_eq!(found, Scan::Record { end: text.trim_end().len() }, "{text}");
        let got: Vec<_> = numbers
            .iter()
            .map(|slot| slots.get(text.as_bytes(), *slot).map(|b| std::str::from_utf8(b).unwrap()))
            .collect();
        assert_eq!(got, expected, "{text}");
    }

    #[track_caller]
    fn found(text: &str) -> Scan {
        scan(text.as_bytes(), 0, &layout().0, &mut Slots::new())
    }

    #[test]
    fn values_are_found_where_they_lie() {
        check(
            r#"{"eventVersion":"1.08","eventName":"X","userIdentity":{"type":"Root","arn":"r"}}"#,
            &[Some("\"X\""), Some("\"r\""), None, None],
        );
        check(
            "{ \"eventName\" : \"X\" ,\n \"eventID\": 7, \"requestParameters\": {\"a\": {\"c\": [1], \"b\": 2 }} } ",
            &[Some("\"X\""), None, Some("2"), Some(r#"{"a": {"c": [1], "b": 2 }}"#)],
        );
        check(
            r#"{"eventName":null,"eventID":"1","requestParameters":"text"}"#,
            &[None, None, None, Some("\"text\"")],
        );
    }

    #[test]
    fn the_last_of_two_keys_wins_with_all_below_it() {
        check(
            r#"{"eventID":1,"eventName":"X","requestParameters":{"a":{"b":1}},"requestParameters":{"z":1},"eventName":"Y"}"#,
            &[Some("\"Y\""), None, None, Some(r#"{"z":1}"#)],
        );
        check(
            r#"{"eventID":1,"eventName":"X","eventName":null,"userIdentity":{"arn":"a"},"userIdentity":3}"#,
            &[None, None, None, None],
        );
        check(r#"{"eventID":1,"\u0065ventName":"X"}"#, &[Some("\"X\""), None, None, None]);
    }

    #[test]
    fn what_is_no_record_is_told_apart() {
        assert_eq!(found(r#"{"a":1,"eventID":2}"#), Scan::Foreign { end: 19 });
        assert_eq!(found(r#"{"Records":[{}]}"#), Scan::Envelope { value: 11 });
        assert_eq!(found(r#"{"version":"0","detail":{}}"#), Scan::Envelope { value: 24 });
        assert_eq!(found(r#"{"eventID":1,"eventName":"#), Scan::Partial);
        assert_eq!(found(r#"{"eventID":1 "eventName":2}"#), Scan::Damaged { at: 13 });
        assert_eq!(found(r#"{"eventID" 1}"#), Scan::Damaged { at: 11 });
        assert_eq!(found("{]"), Scan::Damaged { at: 1 });
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = 1_000_000;
        let text = format!(
            r#"{{"eventID":1,"eventName":"X","requestParameters":{}{}}}"#,
            "[".repeat(deep),
            "]".repeat(deep)
        );
        assert_eq!(found(&text), Scan::Record { end: text.len() });
        assert_eq!(Base::ALL.len(), Base::COUNT);
    }
}
