//! Values that are no objects: texts, which may hold JSON, words, and what is passed over.
//!
//! # Invariants
//!
//! - A text counts as ended only where what follows agrees, so that a missing quote does
//!   not swallow the next record.
//! - A value that is passed over takes no memory.

use crate::balance::{Balance, Passed};
use crate::frame::{Flow, Framer, Nest, Sink, State, Step, View, skip_space};
use crate::look::Look;
use crate::report::{Malformed, Reason, Shapes};
use crate::wait::{End, WIDEST_SPACE};

/// How deep JSON in texts may nest.
pub(crate) const DEEPEST_TEXT: u8 = 8;
/// The longest number or word.
const LONGEST_WORD: usize = 64;

/// A value to pass over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skip {
    balance: Balance,
    from: u64,
    why: Why,
}

/// Why a value is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// No record can be in it.
    Other,
    /// It is too long.
    Oversize,
}

impl Framer<'_> {
    /// A value that is neither object nor list, where a record may begin.
    pub(crate) fn scalar(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Flow {
        if self.state.loose && self.state.stack.is_empty() {
            return self.look_on(view, at);
        }
        if view.bytes[at] == b'"' {
            return self.text(view, at, sink);
        }
        match self.end_of(view, at) {
            End::Wait if view.bytes.len() - at <= LONGEST_WORD => Flow::Wait(at),
            End::At(end) if is_word(&view.bytes[at..end]) => {
                self.look_like(|| Look::Values);
                self.malformed(self.place(view, at), Malformed::NotObject);
                self.state.pending = None;
                Flow::Go(end)
            }
            _ => self.damaged(view, at, Reason::Junk),
        }
    }

    /// A text, which may hold JSON.
    pub(crate) fn text(&mut self, view: View<'_>, at: usize, sink: &mut Sink<'_>) -> Flow {
        let end = match self.text_end(view, at, Why::Oversize) {
            Ok(end) => end,
            Err(flow) => return flow,
        };
        let unwrapped = self.unwrap_text(view, at, end, sink);
        let context = self.state.stack.last().map(|context| context.kind);
        if !unwrapped && !matches!(context, Some(Nest::Object(_))) {
            self.look_like(|| Look::Values);
            self.malformed(self.place(view, at), Malformed::NotObject);
        }
        Flow::Go(end)
    }

    /// A text in which no record can be.
    pub(crate) fn plain_text(&mut self, view: View<'_>, at: usize) -> Flow {
        match self.text_end(view, at, Why::Other) {
            Ok(end) => Flow::Go(end),
            Err(flow) => flow,
        }
    }

    /// The place after the text at `at`, else how to go on; a longer one is passed over.
    fn text_end(&mut self, view: View<'_>, at: usize, why: Why) -> Result<usize, Flow> {
        let end = match self.end_of(view, at) {
            End::At(end) => end,
            End::Wait => return Err(Flow::Wait(at)),
            End::TooLong => {
                self.pass_over(view, at, why);
                return Err(Flow::Go(at));
            }
            End::Never => return Err(self.damaged(view, at, Reason::Cut)),
        };
        let next = skip_space(view.bytes, end);
        match view.bytes.get(next) {
            _ if self.state.stack.is_empty() => {}
            None if !view.last && next - end <= WIDEST_SPACE => return Err(Flow::Wait(at)),
            None | Some(b',' | b'}' | b']') => {}
            // A quote is missing, and this one opens another text.
            Some(_) => return Err(self.damaged(view, at, Reason::BadJson)),
        }
        self.state.pending = None;
        self.state.step = Step::Next;
        Ok(end)
    }

    /// Read the JSON in a text; false when there is none.
    fn unwrap_text(&mut self, view: View<'_>, at: usize, end: usize, sink: &mut Sink<'_>) -> bool {
        let inside = &view.bytes[at + 1..end - 1];
        if inside.starts_with(b"CWL CONTROL MESSAGE") {
            // CloudWatch Logs probes a new destination with it.
            if let Some(context) = self.state.stack.last_mut() {
                context.kind = Nest::Object(true);
            }
            self.report.recognised = true;
            return true;
        }
        if !matches!(inside.trim_ascii_start().first(), Some(b'{' | b'[' | b'\\')) {
            return false;
        }
        let decoded = event::unescape(inside);
        if !matches!(decoded.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return false;
        }
        let place = self.place(view, at);
        if self.texts >= DEEPEST_TEXT {
            self.malformed(place, Malformed::TooDeep);
            return true;
        }
        let mut outer = self.shapes();
        if outer.is_empty() {
            outer = Shapes::OTHER;
        }
        let inner = State { outer, text_at: Some(place), ..State::default() };
        let around = std::mem::replace(&mut self.state, inner);
        self.texts += 1;
        self.run(View { bytes: &decoded, base: 0, last: true }, sink);
        self.texts -= 1;
        self.state = around;
        true
    }

    /// Pass over the value at `at`.
    pub(crate) fn pass_over(&mut self, view: View<'_>, at: usize, why: Why) {
        let from = view.base + at as u64;
        self.state.pending = None;
        self.state.step = Step::Skip(Skip { balance: Balance::default(), from, why });
    }

    pub(crate) fn too_deep(&mut self, view: View<'_>, at: usize) -> Flow {
        self.malformed(self.place(view, at), Malformed::TooDeep);
        self.pass_over(view, at, Why::Other);
        Flow::Go(at)
    }

    pub(crate) fn skip(&mut self, view: View<'_>, at: usize, mut skip: Skip) -> Flow {
        let passed = skip.balance.pass(view.bytes, at);
        self.state.step = Step::Skip(skip);
        let from = self.state.text_at.unwrap_or(skip.from);
        match passed {
            Passed::End(end) => {
                if skip.why == Why::Oversize {
                    self.report.oversize += 1;
                    self.report.first_oversize.get_or_insert(from);
                }
                self.state.step = Step::Next;
                Flow::Go(end)
            }
            Passed::Other(to) => self.lost(view, (skip.from, to), Reason::BadJson),
            Passed::More if view.last => {
                self.lost(view, (skip.from, view.bytes.len()), Reason::Cut)
            }
            Passed::More => Flow::Wait(view.bytes.len()),
        }
    }
}

/// Whether a word is one of JSON, or a number.
fn is_word(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
        || word.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte))
}
