//! One pass over a record: where it ends, and where the wanted values lie.
//!
//! The scan walks the keys of an object beside the tree of a [`Layout`]. CloudTrail writes
//! its keys in nearly one order and without white space, so the next key is guessed and
//! compared in one go; whatever is written otherwise is looked up. A text ends at the next
//! quote, looked for 64 bytes at a time; objects and lists nobody asked for are passed by
//! counting brackets. Nothing is decoded, copied or allocated; the
//! scratch in [`Slots`] belongs to the caller.
//!
//! # Invariants
//!
//! - No recursion: the stack holds one frame for each key of a wanted path.
//! - Of two keys of the same name in an object the last wins, with all below it.
//! - A guess decides nothing: looking the key up would have said the same.

use crate::layout::{Layout, Tree};
use crate::lex::{Cut, opens_line, skip_space, string_end};
use crate::nested;
use crate::simd::{Vector, Work};
use crate::slots::{Frame, Known, Scratch, Slots};
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

/// How many keys of an object are remembered, and how many are tried for the next one.
const ORDER: (usize, usize) = (64, 8);

/// Scan the object that begins at `start`.
///
/// On [`Scan::Record`] the slots hold the wanted values, as places in
/// `bytes[start..end]`.
#[must_use]
pub fn scan(bytes: &[u8], start: usize, layout: &Layout, slots: &mut Slots) -> Scan {
    slots.begin(layout);
    let mut scratch = slots.scratch.borrow_mut();
    let walk = Walk::new(bytes, start, slots, &mut scratch);
    let (found, spaced) = slots.width.run(Object { walk, node: Layout::ROOT, start });
    drop(scratch);
    slots.spaced = spaced;
    match found {
        Ok(found) => found,
        Err(Cut::Short) => Scan::Partial,
        Err(Cut::Damaged(at)) => Scan::Damaged { at },
    }
}

/// Find what lies below the object of `node` that begins at `start` of a scanned record. What
/// is broken in it counts as odd.
pub(crate) fn open(record: &[u8], start: usize, node: u16, slots: &Slots) {
    let mut scratch = slots.scratch.borrow_mut();
    let mut walk = Walk::new(record, start, slots, &mut scratch);
    walk.origin = 0;
    let (found, _) = slots.width.run(Object { walk, node, start });
    if found.is_err() {
        slots.odd.set(true);
    }
}

/// The walk over an object, as work for a vector.
struct Object<'a> {
    walk: Walk<'a>,
    node: u16,
    start: usize,
}

impl Work for Object<'_> {
    /// What it is, and whether there was white space.
    type Out = (Result<Scan, Cut>, bool);

    #[inline(always)]
    fn run<V: Vector>(mut self) -> Self::Out {
        let found = self.walk.object::<V>(self.node, self.start);
        (found, self.walk.spaced)
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    /// What places of values are counted from.
    origin: usize,
    /// The place after what was passed last.
    at: usize,
    /// The record keys found, a bit each.
    found: u8,
    spaced: bool,
    tree: &'a Tree,
    slots: &'a Slots,
    scratch: &'a mut Scratch,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], start: usize, slots: &'a Slots, scratch: &'a mut Scratch) -> Self {
        Self {
            bytes,
            origin: start,
            at: start + 1,
            found: 0,
            spaced: false,
            tree: &slots.tree,
            slots,
            scratch,
        }
    }

    /// Walk the object of a node, whose opening bracket stands at `start`.
    #[inline(always)]
    fn object<V: Vector>(&mut self, node: u16, start: usize) -> Result<Scan, Cut> {
        self.scratch.stack.clear();
        let mut frame = self.frame(node, start);
        let mut fresh = true;
        loop {
            match self.next_key(fresh)? {
                None => {
                    fresh = false;
                    if self.scratch.stack.is_empty() {
                        break;
                    }
                    self.close(frame);
                    let Some(outer) = self.scratch.stack.pop() else { break };
                    frame = outer;
                }
                Some(quote) => {
                    let node = self.key::<V>(&mut frame, quote)?;
                    self.space();
                    let Some(node) = node else {
                        self.pass::<V>(self.at)?;
                        fresh = false;
                        continue;
                    };
                    if let Some(value) = self.envelope(frame.node, node) {
                        return Ok(Scan::Envelope { value });
                    }
                    fresh = self.value::<V>(&mut frame, node)?;
                }
            }
        }
        let end = self.at;
        Ok(if self.found.count_ones() >= 2 { Scan::Record { end } } else { Scan::Foreign { end } })
    }

    fn frame(&self, node: u16, start: usize) -> Frame {
        Frame { node, steady: self.tree.nodes[usize::from(node)].steady, start, next: 0 }
    }

    /// The opening quote of the next key of the object at hand, or nothing after its last.
    #[inline(always)]
    fn next_key(&mut self, fresh: bool) -> Result<Option<usize>, Cut> {
        match self.bytes.get(self.at..self.at + 2) {
            Some(b",\"") if !fresh => Ok(Some(self.at + 1)),
            Some([b'"', _]) if fresh => Ok(Some(self.at)),
            Some([b'}', _]) => {
                self.at += 1;
                Ok(None)
            }
            _ => self.find_key(fresh),
        }
    }

    /// The same, mark by mark.
    fn find_key(&mut self, fresh: bool) -> Result<Option<usize>, Cut> {
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

    /// Pass a key and its colon; the node under it, where one is looked for.
    #[inline(always)]
    fn key<V: Vector>(&mut self, frame: &mut Frame, quote: usize) -> Result<Option<u16>, Cut> {
        if frame.steady
            && let Some(rest) = self.bytes.get(quote..)
            && let Some(rest) = rest.first_chunk::<{ Known::LONGEST }>()
        {
            let order = &self.scratch.order[usize::from(frame.node)];
            let tried = order.iter().enumerate().skip(frame.next).take(ORDER.1);
            for (place, known) in tried {
                if known.begins(rest) {
                    self.at = quote + known.length;
                    frame.next = place + 1;
                    return Ok(known.node);
                }
            }
        }
        self.find_node(frame, quote)
    }

    /// The same for a key that was not guessed; it is remembered.
    fn find_node(&mut self, frame: &mut Frame, quote: usize) -> Result<Option<u16>, Cut> {
        let end = string_end(self.bytes, quote + 1)?;
        self.at = end + 1;
        let node = self.child(frame.node, quote + 1, end);
        let colon = self.mark()?;
        if self.bytes[colon] != b':' {
            return Err(Cut::Damaged(colon));
        }
        let text = &self.bytes[quote..self.at];
        if frame.steady && self.at == end + 2 && text.len() <= Known::LONGEST {
            let order = &mut self.scratch.order[usize::from(frame.node)];
            let place = order.iter().position(|known| known.is(text)).unwrap_or_else(|| {
                let place = frame.next.min(order.len());
                if order.len() < ORDER.0 {
                    order.insert(place, Known::new(text, node));
                }
                place
            });
            frame.next = place + 1;
        }
        Ok(node)
    }

    #[inline(always)]
    fn space(&mut self) {
        if matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.spaced = true;
            self.at = skip_space(self.bytes, self.at);
        }
    }

    /// The node under a key, where one is looked for.
    fn child(&mut self, node: u16, from: usize, to: usize) -> Option<u16> {
        let node = &self.tree.nodes[usize::from(node)];
        let key = &self.bytes[from..to];
        node.child(key).or_else(|| {
            memchr::memchr(b'\\', key)?;
            self.slots.odd.set(true);
            node.child(&unescape(key))
        })
    }

    /// Where the wrapped records begin, if this key of the top level wraps some.
    #[inline(always)]
    fn envelope(&self, parent: u16, node: u16) -> Option<usize> {
        let wraps = parent == Layout::ROOT
            && self.tree.nodes[usize::from(node)].envelope
            && self.found.count_ones() < 2
            && matches!(self.bytes.get(self.at), Some(b'{' | b'[' | b'"'));
        wraps.then_some(self.at)
    }

    /// Pass the value of a wanted key; true when it was entered, and its keys come next.
    #[inline(always)]
    fn value<V: Vector>(&mut self, frame: &mut Frame, number: u16) -> Result<bool, Cut> {
        let start = self.at;
        self.slots.meet(self.scratch, number);
        let node = &self.tree.nodes[usize::from(number)];
        self.found |= node.mark;
        if node.entered && self.bytes.get(start) == Some(&b'{') {
            if opens_line(self.bytes, start) {
                return Err(Cut::Damaged(start));
            }
            let inner = self.frame(number, start);
            self.scratch.stack.push(std::mem::replace(frame, inner));
            self.at = start + 1;
            return Ok(true);
        }
        self.pass::<V>(start)?;
        if let Some(slot) = node.slot
            && self.bytes[start..self.at] != *b"null"
        {
            self.slots.note(slot, start - self.origin, self.at - self.origin);
        }
        Ok(false)
    }

    /// Pass the value that begins at `start`.
    #[inline(always)]
    fn pass<V: Vector>(&mut self, start: usize) -> Result<(), Cut> {
        self.at = match self.bytes.get(start) {
            Some(b'"') => self.text_end::<V>(start + 1)? + 1,
            Some(b'{' | b'[') => nested::pass::<V>(self.bytes, start + 1)?,
            _ => self.word(start)?,
        };
        Ok(())
    }

    /// The quote that closes the text whose first character is at `at`.
    #[inline(always)]
    fn text_end<V: Vector>(&mut self, mut at: usize) -> Result<usize, Cut> {
        while let Some(block) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<64>) {
            let (quote, backslash) = V::text(block);
            // Below the first quote, or all where there is none.
            let inside = quote.wrapping_sub(1) & !quote;
            if backslash & inside != 0 {
                self.slots.escapes.set(true);
                at += (backslash & inside).trailing_zeros() as usize + 2;
            } else if quote != 0 {
                return Ok(at + quote.trailing_zeros() as usize);
            } else {
                at += 64;
            }
        }
        self.last_text(at)
    }

    /// The same near the end of the bytes.
    #[cold]
    fn last_text(&mut self, at: usize) -> Result<usize, Cut> {
        let end = string_end(self.bytes, at)?;
        if self.bytes[at..end].contains(&b'\\') {
            self.slots.escapes.set(true);
        }
        Ok(end)
    }

    /// The place after the number or word that begins at `start`: it ends at white space or
    /// at a mark.
    #[inline(always)]
    fn word(&mut self, start: usize) -> Result<usize, Cut> {
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

    fn close(&mut self, frame: Frame) {
        if let Some(slot) = self.tree.nodes[usize::from(frame.node)].slot {
            self.slots.note(slot, frame.start - self.origin, self.at - self.origin);
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
