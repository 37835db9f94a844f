//! What an event says to a rule with memory, as texts, hashes and numbers.
//!
//! All of it is of one event, and nothing here knows which group or second it goes to.

use crate::canonical::{self, Texts};
use crate::eval::Eval;
use crate::evidence::{Evidence, Lone, Witness, tag};
use crate::fact::{Candidate, Columns, Owned, TupleRow};
use crate::id::Id;
use crate::keys::Seeds;
use crate::window::millionths;
use plan::{GroupRule, NodeId, Rule, Tuple};
use std::hash::{DefaultHasher, Hasher};

/// What the event at hand must give, should an alert be told by it.
pub(crate) fn witness(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Witness {
    scratch.clear();
    write_witness(eval, rule, scratch);
    Witness { id: eval.id(), values: Texts::of(scratch).own() }
}

fn write_witness(eval: &mut Eval<'_, '_>, rule: &Rule, out: &mut String) {
    canonical::join(rule.witness.iter(), out, |node, out| eval.tell(*node, out));
}

/// What `show` asks of the event at hand; what it asks of steps is left out.
pub(crate) fn shows(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Texts {
    scratch.clear();
    write_shows(eval, rule, scratch);
    Texts::of(scratch).own()
}

fn write_shows(eval: &mut Eval<'_, '_>, rule: &Rule, out: &mut String) {
    let program = eval.program;
    canonical::join(rule.show.iter(), out, |show, out| {
        out.push(tag(show));
        if !program.reads(show.node).steps {
            eval.tell(show.node, out);
        }
    });
}

/// What the aggregates of a rule ask of the event at hand.
pub(crate) fn columns(eval: &mut Eval<'_, '_>, of: &GroupRule, scratch: &mut String) -> Columns {
    let mut amounts = Vec::with_capacity(of.counts.len() + of.sums.len());
    amounts.extend(of.counts.iter().map(|cond| i128::from(eval.truth(*cond))));
    amounts.extend(of.sums.iter().map(|sum| millionths(eval.value(*sum)).unwrap_or(0)));
    let mut sets = Vec::new();
    for (set, tuple) in (0_u32..).zip(&of.sets) {
        sets.extend(lasting_hash(eval, tuple, scratch).map(|hash| (set, hash)));
    }
    Columns { amounts: amounts.into(), sets }
}

/// What an alert that rests on the event at hand may tell of it, its id apart.
pub(crate) fn told<'s>(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &'s mut String) -> &'s str {
    scratch.clear();
    write_witness(eval, rule, scratch);
    scratch.push(Lone::PART);
    write_shows(eval, rule, scratch);
    scratch
}

/// The event at hand as evidence.
pub(crate) fn evidence(eval: &mut Eval<'_, '_>, rule: &Rule, scratch: &mut String) -> Evidence {
    let id = Id::new(eval.event.map_or("", |event| event.id()));
    Evidence::One(Lone { id, told: told(eval, rule, scratch).into() })
}

/// The hash of the tuple in this run; nothing when a part of it is missing.
pub(crate) fn tuple_hash(
    eval: &mut Eval<'_, '_>,
    tuple: Tuple<'_>,
    seeds: &Seeds,
    scratch: &mut String,
) -> Option<u128> {
    let mut whole = true;
    scratch.clear();
    canonical::join(tuple.parts.iter(), scratch, |part, out| {
        let value = eval.value(part.node);
        whole &= value.exists();
        canonical::write(value, out);
    });
    whole.then(|| seeds.hash(scratch))
}

/// All that may be told of a tuple.
pub(crate) fn tuple_row(
    eval: &mut Eval<'_, '_>,
    (rule, tuple): (&Rule, Tuple<'_>),
    hash: u128,
    scratch: &mut String,
) -> TupleRow {
    scratch.clear();
    canonical::join(tuple.parts.iter(), scratch, |part, out| eval.tell(part.node, out));
    let parts = Texts::of(scratch).own();
    let evidence = evidence(eval, rule, scratch);
    let mut candidates = Vec::new();
    if tuple.event_parts.iter().all(|part| eval.truth(*part)) {
        let bound = tuple.bound.iter().map(|node| Owned::new(eval.value(*node))).collect();
        let witness = witness(eval, rule, scratch);
        candidates.push(Candidate { witness, bound });
    }
    TupleRow { hash, parts, evidence, candidates }
}

/// A hash of a tuple that is the same in every run; nothing when a part is missing.
fn lasting_hash(eval: &mut Eval<'_, '_>, tuple: &[NodeId], text: &mut String) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for part in tuple {
        let value = eval.value(*part);
        if !value.exists() {
            return None;
        }
        text.clear();
        canonical::write(value, text);
        hasher.write(text.as_bytes());
        hasher.write_u8(0xFF);
    }
    Some(hasher.finish())
}
