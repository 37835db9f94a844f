//! One pass over a record: where it ends, and where the wanted values lie.
//!
//! The scan walks the keys of an object beside the tree of a [`Layout`], from mark to
//! mark. Values nobody asked for are skipped by counting brackets. Nothing is decoded,
//! copied or allocated; the scratch in [`Slots`] belongs to the caller.
//!
//! # Invariants
//!
//! - No recursion: the stack holds one frame for each key of a wanted path.
//! - Of two keys of the same name in an object the last wins, with all below it.
//! - A span lies inside the record it was found in.

use crate::layout::{Layout, Slot};
use crate::lex::{Cut, opens_line, skip_space};
use crate::marks::Marks;
use crate::simd::{Classify, bytewise, classifier};
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

/// Where the wanted values of the record at hand lie.
#[derive(Clone, Debug)]
pub struct Slots {
    classify: Classify,
    spans: Vec<Span>,
    seen: Vec<u32>,
    round: u32,
    stack: Vec<Frame>,
    /// By node: the keys of its object in the order in which they came so far.
    order: Vec<Vec<Known>>,
    /// The mark of the layout that `order` is of.
    layout: u64,
    odd: bool,
    spaced: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    node: u16,
    start: usize,
    /// The place in the order of its keys that is likely next.
    next: usize,
}

/// A key as it was met before, with its quotes and the colon right behind it.
#[derive(Clone, Debug)]
struct Known {
    text: Box<[u8]>,
    node: Option<u16>,
}

/// How many keys of an object are remembered, and how many are tried for the next one.
const ORDER: (usize, usize) = (64, 3);

impl Default for Slots {
    fn default() -> Self {
        Self::new()
    }
}

impl Slots {
    /// Scratch for any layout.
    #[must_use]
    pub fn new() -> Self {
        Self::with(classifier())
    }

    /// The same, for the reference that looks at one byte after another: slow, and equal.
    #[must_use]
    pub fn bytewise() -> Self {
        Self::with(bytewise)
    }

    fn with(classify: Classify) -> Self {
        Self {
            classify,
            spans: Vec::new(),
            seen: Vec::new(),
            round: 0,
            stack: Vec::new(),
            order: Vec::new(),
            layout: 0,
            odd: false,
            spaced: false,
        }
    }

    /// The bytes of a slot's value in the record it was found in; none for `null`.
    #[inline]
    #[must_use]
    pub fn get<'a>(&self, record: &'a [u8], slot: Slot) -> Option<&'a [u8]> {
        let span = self.spans.get(usize::from(slot.0))?;
        if span.end == 0 { None } else { record.get(span.start as usize..span.end as usize) }
    }

    /// Whether the record had a key twice, or a key with an escape.
    #[must_use]
    pub fn odd(&self) -> bool {
        self.odd
    }

    /// Whether there was white space between the parts of the record's top level.
    #[must_use]
    pub fn spaced(&self) -> bool {
        self.spaced
    }

    fn begin(&mut self, layout: &Layout) {
        self.spans.clear();
        self.spans.resize(layout.len(), Span::default());
        self.seen.resize(layout.nodes.len(), 0);
        if self.layout != layout.mark {
            self.layout = layout.mark;
            self.order.clear();
        }
        self.order.resize_with(layout.nodes.len(), Vec::new);
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
        self.stack.clear();
        self.odd = false;
        self.spaced = false;
    }

    /// Note that a node's key was met; a second time forgets all below it.
    fn meet(&mut self, layout: &Layout, node: u16) {
        let seen = &mut self.seen[usize::from(node)];
        if *seen == self.round {
            self.odd = true;
            self.forget(layout, node);
        } else {
            *seen = self.round;
        }
    }

    fn forget(&mut self, layout: &Layout, node: u16) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            let node = &layout.nodes[usize::from(node)];
            if let Some(slot) = node.slot {
                self.spans[usize::from(slot.0)] = Span::default();
            }
            for child in node.children() {
                self.seen[usize::from(child)] = 0;
                waiting.push(child);
            }
        }
    }

    fn note(&mut self, slot: Slot, start: usize, end: usize) {
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        self.spans[usize::from(slot.0)] = Span { start, end };
    }
}

/// Scan the object that begins at `start`.
///
/// On [`Scan::Record`] the slots hold the wanted values, as places in
/// `bytes[start..end]`.
#[must_use]
pub fn scan(bytes: &[u8], start: usize, layout: &Layout, slots: &mut Slots) -> Scan {
    slots.begin(layout);
    let marks = Marks::new(bytes, start, slots.classify);
    let mut walk = Walk { bytes, start, at: start + 1, found: 0, marks, layout, slots };
    match walk.run() {
        Ok(found) => found,
        Err(Cut::Short) => Scan::Partial,
        Err(Cut::Damaged(at)) => Scan::Damaged { at },
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    start: usize,
    /// The place after what was passed last.
    at: usize,
    /// The record keys found, a bit each.
    found: u8,
    marks: Marks<'a>,
    layout: &'a Layout,
    slots: &'a mut Slots,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<Scan, Cut> {
        self.marks.take()?;
        self.slots.stack.push(Frame { node: Layout::ROOT, start: self.start, next: 0 });
        let mut fresh = true;
        while let Some(&frame) = self.slots.stack.last() {
            match self.next_key(fresh)? {
                None => {
                    self.slots.stack.pop();
                    self.close(frame);
                    fresh = false;
                }
                Some(quote) => {
                    let node = self.key(frame, quote)?;
                    self.space();
                    if let Some(value) = self.envelope(frame.node, node) {
                        return Ok(Scan::Envelope { value });
                    }
                    fresh = self.value(node)?;
                }
            }
        }
        let end = self.at;
        Ok(if self.found.count_ones() >= 2 { Scan::Record { end } } else { Scan::Foreign { end } })
    }

    /// Take the next mark; before it stands nothing but white space.
    #[inline]
    fn mark(&mut self) -> Result<usize, Cut> {
        let at = self.marks.take()?;
        if at != self.at {
            self.space();
            if at != self.at {
                return Err(Cut::Damaged(self.at));
            }
        }
        self.at = at + 1;
        Ok(at)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Cut> {
        let at = self.mark()?;
        if self.bytes[at] == byte { Ok(()) } else { Err(Cut::Damaged(at)) }
    }

    /// The opening quote of the next key of the object at hand, or nothing after its last.
    #[inline]
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

    /// Pass a key and its colon; the node under it, where one is looked for.
    ///
    /// CloudTrail writes its keys in nearly one order, so the next one is guessed and
    /// compared in one go. What was guessed wrong is looked up, and remembered.
    #[inline]
    fn key(&mut self, frame: Frame, quote: usize) -> Result<Option<u16>, Cut> {
        let steady = self.layout.nodes[usize::from(frame.node)].steady;
        if steady {
            let order = &self.slots.order[usize::from(frame.node)];
            let rest = &self.bytes[quote..];
            let tried = order.iter().enumerate().skip(frame.next).take(ORDER.1);
            for (place, known) in tried {
                if rest.starts_with(&known.text) {
                    let node = known.node;
                    self.at = quote + known.text.len();
                    self.follow(place + 1);
                    self.marks.seek(self.at)?;
                    return Ok(node);
                }
            }
        }
        let end = self.marks.take()?;
        self.at = end + 1;
        let node = self.child(frame.node, quote + 1, end);
        self.expect(b':')?;
        if steady && self.at == end + 2 {
            self.remember(frame, &self.bytes[quote..self.at], node);
        }
        Ok(node)
    }

    fn follow(&mut self, next: usize) {
        if let Some(frame) = self.slots.stack.last_mut() {
            frame.next = next;
        }
    }

    #[cold]
    fn remember(&mut self, frame: Frame, text: &[u8], node: Option<u16>) {
        let order = &mut self.slots.order[usize::from(frame.node)];
        let known = order.iter().position(|known| *known.text == *text);
        let place = known.unwrap_or_else(|| {
            let place = frame.next.min(order.len());
            if order.len() < ORDER.0 && text.len() <= 64 {
                order.insert(place, Known { text: text.into(), node });
            }
            place
        });
        self.follow(place + 1);
    }

    #[inline]
    fn space(&mut self) {
        if matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.slots.spaced = true;
            self.at = skip_space(self.bytes, self.at);
        }
    }

    /// The node under a key, where one is looked for.
    #[inline]
    fn child(&mut self, node: u16, from: usize, to: usize) -> Option<u16> {
        let node = &self.layout.nodes[usize::from(node)];
        let key = &self.bytes[from..to];
        node.child(key).or_else(|| {
            memchr::memchr(b'\\', key)?;
            self.slots.odd = true;
            node.child(&unescape(key))
        })
    }

    /// Where the wrapped records begin, if this key of the top level wraps some.
    #[inline]
    fn envelope(&self, parent: u16, node: Option<u16>) -> Option<usize> {
        let wraps = parent == Layout::ROOT
            && self.layout.nodes[usize::from(node?)].envelope
            && self.found.count_ones() < 2
            && matches!(self.bytes.get(self.at), Some(b'{' | b'[' | b'"'));
        wraps.then_some(self.at)
    }

    /// Pass a value; true when it was entered, and its keys come next.
    #[inline]
    fn value(&mut self, node: Option<u16>) -> Result<bool, Cut> {
        let start = self.at;
        let Some(number) = node else {
            self.pass(start)?;
            return Ok(false);
        };
        self.slots.meet(self.layout, number);
        let node = &self.layout.nodes[usize::from(number)];
        self.found |= node.mark;
        if node.has_children() && self.bytes.get(start) == Some(&b'{') {
            if opens_line(self.bytes, start) {
                return Err(Cut::Damaged(start));
            }
            self.marks.take()?;
            self.slots.stack.push(Frame { node: number, start, next: 0 });
            self.at = start + 1;
            return Ok(true);
        }
        self.pass(start)?;
        if let Some(slot) = node.slot
            && self.bytes[start..self.at] != *b"null"
        {
            self.slots.note(slot, start - self.start, self.at - self.start);
        }
        Ok(false)
    }

    /// Pass the value that begins at `start`.
    #[inline]
    fn pass(&mut self, start: usize) -> Result<(), Cut> {
        let mark = self.marks.peek()?;
        if mark != start {
            // A number or a word: it ends at white space or at the mark.
            let word = &self.bytes[start..mark];
            let space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            self.at = start + word.iter().position(space).unwrap_or(word.len());
            return Ok(());
        }
        self.marks.take()?;
        self.at = match self.bytes[mark] {
            b'"' => self.marks.take()? + 1,
            b'{' | b'[' => self.marks.pass_nested()?,
            _ => return Err(Cut::Damaged(mark)),
        };
        Ok(())
    }

    fn close(&mut self, frame: Frame) {
        if let Some(slot) = self.layout.nodes[usize::from(frame.node)].slot {
            self.slots.note(slot, frame.start - self.start, self.at - self.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Base;

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
