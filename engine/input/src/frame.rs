//! From bytes to places where a record may begin: lists, lines and envelopes.
//!
//! [`Framer`] is a state machine over a window of bytes that moves on. It knows where
//! it is in lists and envelopes by a short stack, looks at a value only where a record
//! may stand, and passes over all others by counting brackets. `place` decides what an
//! object is, `value` what other values are, `wait` when there are bytes enough, and
//! `search` finds the way back after damage. It opens no file.
//!
//! # Invariants
//!
//! - What is found follows from the bytes, never from how they were cut into windows.
//! - A window never has to hold more than one record and [`LOOKBACK`] bytes before it.
//! - The only recursion is into JSON in a text, eight deep.
//! - Work on damaged bytes is bounded by `search`; on all others each byte is passed a
//!   fixed number of times.

use crate::look::Look;
use crate::part::Part;
use crate::reader::Found;
use crate::report::{Damage, FileReport, Malformed, Reason, Shapes};
use crate::search::Search;
use crate::value::{Skip, Why};
use crate::wait::{End, Pending, WIDEST_SPACE};
use event::{ENVELOPE_KEYS, Layout, Slots};

/// How many bytes before the place at hand stay in the window.
pub(crate) const LOOKBACK: usize = 256;
/// How deep lists and envelopes may nest around a record.
const DEEPEST: usize = 16;
/// Takes the records that are found.
pub(crate) type Sink<'s> = dyn FnMut(Found<'_>) + 's;

/// The bytes at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'b> {
    /// The bytes.
    pub(crate) bytes: &'b [u8],
    /// Where the first of them lies in the inflated input.
    pub(crate) base: u64,
    /// Whether nothing follows them.
    pub(crate) last: bool,
}

/// How a step ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flow {
    /// Go on here.
    Go(usize),
    /// Go on here once there are more bytes.
    Wait(usize),
}

/// The state machine, and what it has found in the input at hand.
#[derive(Debug)]
pub(crate) struct Framer<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) bare: Layout,
    pub(crate) slots: Slots,
    pub(crate) report: FileReport,
    pub(crate) state: State,
    /// How deep the text at hand lies in others.
    pub(crate) texts: u8,
    /// Bytes looked at in vain.
    pub(crate) work: u64,
    /// Where the text at hand begins: the input, or what follows its last seam.
    begun: u64,
    /// Where the part at hand begins.
    from: u64,
    /// Where the bytes seen end.
    seen: u64,
    /// Records found outside lists and envelopes.
    direct: u64,
    head: Vec<u8>,
    look: Option<Look>,
    /// What the first envelope looks like, should nothing be found in it.
    pub(crate) around: Option<Look>,
}

/// Where the machine is in one text.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) stack: Vec<Context>,
    pub(crate) step: Step,
    pub(crate) pending: Option<Pending>,
    pub(crate) search: Option<Search>,
    /// The shapes of the lists and envelopes around the text, or left by damage.
    pub(crate) outer: Shapes,
    /// Where the text stands in the input, if it is the decoded text of a value.
    pub(crate) text_at: Option<u64>,
    /// Whether there was damage, so that brackets need not match any more.
    pub(crate) loose: bool,
    /// Whether records stood in a list when there was damage.
    pub(crate) in_list: bool,
    /// How many bytes of the window come before the place at hand.
    pub(crate) behind: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Step {
    /// A value, a key or the end, as the context has it.
    #[default]
    Next,
    /// The value of an envelope's key.
    Value,
    /// The text of another key.
    Plain,
    /// The rest of a value to pass over.
    Skip(Skip),
    /// A way back after damage.
    Search,
    /// A place that may be the way back.
    Try,
    /// Nothing more.
    GivenUp,
}

/// A list or an envelope around the place at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) kind: Nest,
    /// Its shape and those around it.
    shapes: Shapes,
    /// How many records had been seen when it was entered.
    before: u64,
    /// Where it begins.
    at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nest {
    /// A list; `true` where it is one that holds records.
    List(bool),
    /// An envelope; `true` when it was in good order, though without records.
    Object(bool),
}

impl<'a> Framer<'a> {
    pub(crate) fn new(layout: &'a Layout) -> Self {
        Self {
            layout,
            bare: layout.without_envelopes(),
            slots: Slots::new(),
            report: FileReport::default(),
            state: State::default(),
            texts: 0,
            work: 0,
            begun: 0,
            from: 0,
            seen: 0,
            direct: 0,
            head: Vec::new(),
            look: None,
            around: None,
        }
    }

    /// Begin a part of an input at a place; what was found in the part before it.
    pub(crate) fn begin(&mut self, at: u64) -> Part {
        let from = std::mem::replace(&mut self.from, at);
        let inflated = self.seen - from;
        self.begin_anew(at);
        let report = FileReport { inflated, ..std::mem::take(&mut self.report) };
        Part {
            report,
            direct: std::mem::take(&mut self.direct),
            look: self.look.take(),
            around: self.around.take(),
            head: std::mem::take(&mut self.head),
            failed: false,
        }
    }

    /// Begin anew at a seam: nothing from before it has a meaning behind it.
    pub(crate) fn begin_anew(&mut self, at: u64) {
        let mut stack = std::mem::take(&mut self.state.stack);
        stack.clear();
        self.state = State { stack, ..State::default() };
        (self.texts, self.work, self.begun, self.seen) = (0, 0, at, at);
    }

    /// How many bytes of the text at hand were seen.
    pub(crate) fn extent(&self) -> u64 {
        self.seen - self.begun
    }

    /// Keep the first bytes, to tell what the input looks like.
    pub(crate) fn note_head(&mut self, bytes: &[u8]) {
        let wanted = LOOKBACK.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
    }

    /// Hand on what is complete in the window; how many of its bytes are done with.
    pub(crate) fn run(&mut self, view: View<'_>, sink: &mut Sink<'_>) -> usize {
        if self.texts == 0 {
            self.seen = view.base + view.bytes.len() as u64;
        }
        let mut at = self.state.behind;
        loop {
            let flow = match self.state.step {
                Step::Next => self.next(view, at, sink),
                Step::Value => self.value(view, at, sink),
                Step::Plain => self.plain_text(view, at),
                Step::Try => self.object(view, at, sink),
                Step::Skip(skip) => self.skip(view, at, skip),
                Step::Search => self.search(view),
                Step::GivenUp => Flow::Wait(view.bytes.len()),
            };
            match flow {
                Flow::Go(to) => at = to,
                Flow::Wait(from) => {
                    if view.last {
                        self.finish(view);
                    }
                    self.state.behind = from.min(LOOKBACK);
                    return from - self.state.behind;
                }
            }
        }
    }

    /// Where a place in the view lies in the input.
    pub(crate) fn place(&self, view: View<'_>, at: usize) -> u64 {
        self.state.text_at.unwrap_or(view.base + at as u64)
    }

    #[inline]
    fn next(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Flow {
        let context = self.state.stack.last().map(|context| context.kind);
        if let Some(Nest::Object(_)) = context {
            return self.key(view, at);
        }
        let at = self.pass_separators(view.bytes, at);
        let Some(&byte) = view.bytes.get(at) else { return Flow::Wait(at) };
        match byte {
            b'{' => self.object(view, at, sink),
            b'[' => self.open_list(view, at),
            b']' if context.is_some() => self.close_list(at),
            b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' => self.scalar(view, at, sink),
            0xef if context.is_none() => self.mark(view, at),
            _ => self.damaged(view, at, Reason::Junk),
        }
    }

    #[inline]
    fn pass_separators(&self, bytes: &[u8], mut at: usize) -> usize {
        let loose = self.state.loose && self.state.stack.is_empty();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' | b',' | 0x1e => at += 1,
                b']' | b'}' | b':' if loose => at += 1,
                _ => break,
            }
        }
        at
    }

    /// Pass a byte-order mark.
    fn mark(&mut self, view: View<'_>, at: usize) -> Flow {
        let mark = b"\xef\xbb\xbf";
        let rest = &view.bytes[at..];
        if rest.starts_with(mark) {
            Flow::Go(at + mark.len())
        } else if mark.starts_with(rest) && !view.last {
            Flow::Wait(at)
        } else {
            self.damaged(view, at, Reason::Junk)
        }
    }

    fn open_list(&mut self, view: View<'_>, at: usize) -> Flow {
        if self.state.stack.len() >= DEEPEST {
            return self.too_deep(view, at);
        }
        // After damage a list has no meaning by which to call it empty.
        let parent = self.state.stack.last_mut();
        let sound = match &parent {
            None => !self.state.loose,
            Some(Context { kind: Nest::Object(sound) | Nest::List(sound), .. }) => *sound,
        };
        let shape = if parent.is_none() { Shapes::LIST } else { Shapes::default() };
        let shapes = self.shapes().and(shape);
        self.push(Nest::List(sound), shapes, self.place(view, at));
        self.state.step = Step::Next;
        Flow::Go(at + 1)
    }

    fn close_list(&mut self, at: usize) -> Flow {
        let total = self.total();
        if let Some(list) = self.state.stack.pop() {
            self.report.recognised |= list.kind == Nest::List(true) && list.before == total;
        }
        Flow::Go(at + 1)
    }

    /// Enter an object that wraps records, at one of the keys that may hold them.
    ///
    /// False when that is too deep.
    pub(crate) fn open_object(&mut self, view: View<'_>, at: usize, value: usize) -> bool {
        if self.state.stack.len() >= DEEPEST {
            return false;
        }
        let (shape, listed) = wrapping(key_before(view.bytes, value), view.bytes[value]);
        let shapes = self.shapes().and(shape);
        self.push(Nest::Object(listed), shapes, self.place(view, at));
        self.state.step = Step::Value;
        true
    }

    fn push(&mut self, kind: Nest, shapes: Shapes, at: u64) {
        let before = self.total();
        self.state.stack.push(Context { kind, shapes, before, at });
    }

    /// Go on behind the value of an envelope's key.
    fn key(&mut self, view: View<'_>, at: usize) -> Flow {
        let at = self.pass_separators(view.bytes, at);
        match view.bytes.get(at) {
            None => return Flow::Wait(at),
            Some(b'}') => return self.close_object(at),
            Some(b'"') => {}
            Some(_) => return self.damaged(view, at, Reason::BadJson),
        }
        let end = match self.end_of(view, at) {
            End::At(end) => end,
            End::Wait => return Flow::Wait(at),
            End::TooLong | End::Never => return self.damaged(view, at, Reason::Cut),
        };
        let colon = skip_space(view.bytes, end);
        let value = skip_space(view.bytes, colon + 1);
        let Some(&first) = view.bytes.get(value) else {
            if view.last || value - end > WIDEST_SPACE {
                return self.damaged(view, at, Reason::Cut);
            }
            return Flow::Wait(at);
        };
        self.state.pending = None;
        if view.bytes[colon] != b':' {
            return self.damaged(view, at, Reason::BadJson);
        }
        if first == b'{' && view.bytes[value - 1] == b'\n' {
            // The line was cut here, and this is the next one.
            return self.damaged(view, value, Reason::BadJson);
        }
        let key = &view.bytes[at + 1..end - 1];
        if b"{[\"".contains(&first) && ENVELOPE_KEYS.iter().any(|known| known.as_bytes() == key) {
            self.enter_key(key, first);
            self.state.step = Step::Value;
        } else if first == b'"' {
            self.state.step = Step::Plain;
        } else {
            self.pass_over(view, value, Why::Other);
        }
        Flow::Go(value)
    }

    /// Have the envelope at hand show the shape of another of its keys.
    fn enter_key(&mut self, key: &[u8], first: u8) {
        let depth = self.state.stack.len();
        let around =
            depth.checked_sub(2).map_or(self.state.outer, |at| self.state.stack[at].shapes);
        if let Some(context) = self.state.stack.last_mut() {
            let (shape, listed) = wrapping(key, first);
            context.shapes = around.and(shape);
            context.kind = Nest::Object(context.kind == Nest::Object(true) || listed);
        }
    }

    fn close_object(&mut self, at: usize) -> Flow {
        let total = self.total();
        if let Some(context) = self.state.stack.pop()
            && context.before == total
            && context.kind == Nest::Object(false)
        {
            self.malformed(context.at, Malformed::Foreign);
        }
        Flow::Go(at + 1)
    }

    /// Look into the value of an envelope's key.
    fn value(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Flow {
        match view.bytes.get(at) {
            Some(b'{') => self.object(view, at, sink),
            Some(b'[') => self.open_list(view, at),
            _ => self.text(view, at, sink),
        }
    }

    /// Whether the place at hand is the value of EventBridge's key.
    pub(crate) fn in_detail(&self) -> bool {
        self.state.stack.last().is_some_and(|context| {
            matches!(context.kind, Nest::Object(_)) && context.shapes.has(Shapes::DETAIL)
        })
    }

    /// The shapes around the place at hand.
    pub(crate) fn shapes(&self) -> Shapes {
        self.state.stack.last().map_or(self.state.outer, |context| context.shapes)
    }

    /// Count a record, and the shape it came in.
    #[inline]
    pub(crate) fn count_record(&mut self) {
        self.report.records += 1;
        let shapes = self.shapes();
        if shapes.is_empty() {
            self.direct += 1;
        }
        self.report.shapes |= shapes;
    }

    /// How many places were seen where a record should be.
    fn total(&self) -> u64 {
        self.report.records + self.report.malformed + self.report.oversize
    }

    pub(crate) fn malformed(&mut self, at: u64, why: Malformed) {
        self.report.malformed += 1;
        self.report.first_malformed.get_or_insert((at, why));
    }

    /// Note what the input looks like, if nothing is noted yet.
    pub(crate) fn look_like(&mut self, look: impl FnOnce() -> Look) {
        if self.look.is_none() && self.report.records == 0 {
            self.look = Some(look());
        }
    }

    /// Leave all lists and envelopes: after damage nothing is known of them.
    pub(crate) fn leave_all(&mut self) {
        let lists = |context: &Context| matches!(context.kind, Nest::List(_));
        self.state.in_list |= self.state.stack.iter().any(lists);
        self.state.outer = self.shapes();
        self.state.stack.clear();
        self.state.loose = true;
        self.state.pending = None;
    }

    /// Close the books where reading was stopped on purpose: what is cut is no damage.
    pub(crate) fn stop(&mut self, view: View<'_>) {
        self.state.stack.clear();
        self.finish(view);
    }

    /// Close the books at the end of a text.
    fn finish(&mut self, view: View<'_>) {
        let end = view.bytes.len();
        self.settle(view, end);
        if !self.state.stack.is_empty() {
            let at = self.place(view, end);
            self.report.damage.push(Damage { at, to: at, reason: Reason::Cut });
        }
    }
}

/// The shape that a key wraps records in, and whether an empty list under it is in order.
fn wrapping(key: &[u8], first: u8) -> (Shapes, bool) {
    let list = first == b'[';
    match key {
        b"Records" | b"records" => (Shapes::RECORDS, list),
        b"Events" => (Shapes::CLOUD_TRAIL_EVENT, list),
        b"logEvents" => (Shapes::LOG_EVENTS, list),
        b"message" => (Shapes::LOG_EVENTS, false),
        b"CloudTrailEvent" => (Shapes::CLOUD_TRAIL_EVENT, false),
        b"detail" => (Shapes::DETAIL, false),
        _ => (Shapes::OTHER, false),
    }
}

/// The key whose value begins at `value`; empty where it is written in an odd way.
fn key_before(bytes: &[u8], value: usize) -> &[u8] {
    let before = bytes[..value].trim_ascii_end();
    let key = before.strip_suffix(b":").unwrap_or_default().trim_ascii_end();
    let key = key.strip_suffix(b"\"").unwrap_or_default();
    key.rsplit(|byte| *byte == b'"').next().unwrap_or_default()
}

/// The first place at or after `at` that is no white space.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}
