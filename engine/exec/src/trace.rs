//! What each part of a rule's conditions comes to over one event, for `explain`.
//!
//! The evaluation is the engine's own: this only asks it part by part, without the
//! short cuts, and writes down what it says.

use crate::compare::{elements, number};
use crate::eval::{Eval, Memo};
use bumpalo::Bump;
use event::{Event, EventTime, Scan, Slots, Value};
use plan::{Counts, Form, Named, NodeId, Outline, Part, Span};

/// What a rule's conditions come to over one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// `where`.
    pub filter: Traced,
    /// What the author exempts.
    pub excepts: Vec<Traced>,
    /// The values of the group's paths, as JSON; nothing where one is missing.
    pub by: Vec<(String, Option<String>)>,
    /// The values of the tuple of `new` or `rare`.
    pub tuple: Vec<(String, Option<String>)>,
    /// `when`; parts that depend on other events count as true.
    pub when: Option<Traced>,
    /// What the event gives to each aggregate, with its text.
    pub given: Vec<(String, Given)>,
    /// The steps of the sequence, by their conditions.
    pub steps: Vec<Traced>,
    /// When it happened; nothing where that cannot be read, and it is in no window.
    pub time: Option<EventTime>,
}

/// What an event gives to an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// It is counted.
    One,
    /// It is counted where the condition holds.
    If(Traced),
    /// A value to add, where it is a number.
    Sum {
        /// What is added.
        span: Span,
        /// The value as JSON.
        value: Option<String>,
        /// Whether it is a number.
        counts: bool,
    },
    /// A tuple, left out where a part is missing.
    Tuple(Vec<(Span, Option<String>)>),
}

/// What a part of a condition comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// Where it stands.
    pub span: Span,
    /// Whether it holds; of what depends on other events, whether it may.
    pub truth: bool,
    /// Whether something it reads is missing, which alone makes a comparison false.
    pub missing: bool,
    /// How it follows from the parts in it.
    pub form: Form,
    /// These parts.
    pub inner: Vec<Traced>,
    /// The values it reads, as JSON; nothing where one is missing.
    pub values: Vec<(Span, Option<String>)>,
    /// The elements of a list, as JSON, and whether what is asked of each holds.
    pub elements: Vec<(String, bool)>,
}

impl Traced {
    /// Whether it holds only if what depends on other events does.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let is_open = matches!(self.form, Form::Before | Form::Joined);
        self.truth && (is_open || self.inner.iter().any(Self::is_open))
    }

    /// Whether some part of it is told by this event alone.
    #[must_use]
    pub fn is_known_in_part(&self) -> bool {
        match self.form {
            Form::Before | Form::Joined => false,
            _ => self.inner.is_empty() || self.inner.iter().any(Self::is_known_in_part),
        }
    }
}

/// The trace of a record; nothing where the bytes are none.
#[must_use]
pub fn trace(outline: &Outline, record: &[u8]) -> Option<Trace> {
    let program = &outline.program;
    let (mut slots, arena) = (Slots::new(), Bump::new());
    if !matches!(event::scan(record, 0, &program.layout, &mut slots), Scan::Record { .. }) {
        return None;
    }
    let event = Event::new(record, &slots, &arena);
    let mut memo = Memo::default();
    memo.next(program);
    let mut eval = Eval::event(program, &event, &mut memo);
    let filter = traced(&mut eval, &outline.filter);
    let excepts = outline.excepts.iter().map(|part| traced(&mut eval, part)).collect();
    let named = |eval: &mut Eval<'_, '_>, all: &[Named]| {
        all.iter().map(|named| (named.text.to_string(), shown(eval, named.node))).collect()
    };
    let by = named(&mut eval, &outline.by);
    let tuple = named(&mut eval, &outline.tuple);
    let when = outline.when.as_ref().map(|part| traced(&mut eval, part));
    let steps = outline.steps.iter().map(|step| traced(&mut eval, &step.cond)).collect();
    let given = outline.counted.iter();
    let given = given.map(|own| (own.text.to_string(), given_to(&mut eval, &own.counts))).collect();
    Some(Trace { filter, excepts, by, tuple, when, given, steps, time: event.time() })
}

fn given_to(eval: &mut Eval<'_, '_>, counts: &Counts) -> Given {
    match counts {
        Counts::Each => Given::One,
        Counts::Where(part) => Given::If(traced(eval, part)),
        Counts::Value(span, node) => {
            let counts = number(eval.value(*node).scalar()).is_some();
            Given::Sum { span: *span, value: shown(eval, *node), counts }
        }
        Counts::Tuple(parts) => {
            Given::Tuple(parts.iter().map(|(span, node)| (*span, shown(eval, *node))).collect())
        }
    }
}

fn traced(eval: &mut Eval<'_, '_>, part: &Part) -> Traced {
    let inner: Vec<_> = part.inner.iter().map(|part| traced(eval, part)).collect();
    let truth = match part.form {
        Form::Before => true,
        Form::Joined => eval.value(part.node).exists(),
        // Its node asks for what no event has.
        Form::All => inner.iter().all(|part| part.truth),
        _ => eval.truth(part.node),
    };
    let values: Vec<_> =
        part.reads.iter().map(|(span, node)| (*span, shown(eval, *node))).collect();
    let elements = match part.form {
        Form::Each(over) => each(eval, over.list, |eval, element| eval.of_element(over, element)),
        _ => Vec::new(),
    };
    Traced {
        span: part.span,
        truth,
        missing: values.iter().any(|(_, value)| value.is_none()),
        form: part.form,
        inner,
        values,
        elements,
    }
}

/// The elements of a list with what a condition says of each.
fn each<'a>(
    eval: &mut Eval<'a, '_>,
    list: NodeId,
    mut holds: impl FnMut(&mut Eval<'a, '_>, Value<'a>) -> bool,
) -> Vec<(String, bool)> {
    let value = eval.value(list);
    let Some(list) = elements(value, eval.arena) else { return Vec::new() };
    list.iter()
        .map(|element| (crate::canonical::text(*element).into(), holds(eval, *element)))
        .collect()
}

/// A value as alerts tell it, secrets redacted; nothing where it is missing.
fn shown(eval: &mut Eval<'_, '_>, node: NodeId) -> Option<String> {
    let mut text = String::new();
    eval.tell(node, &mut text);
    eval.value(node).exists().then_some(text)
}
