//! What a node computes, over an event or over a window.
//!
//! One [`Eval`] looks at one event, or at what is [`Given`] when the events are gone. Truth of
//! shared conditions is kept in a [`Memo`] and asked once an event.

use crate::canonical;
use crate::compare::{elements, equal, holds, order};
use crate::compute::{arith, clamp, json_inside, json_text, length, numeric};
use crate::redact::{REDACTED, is_secret};
use crate::steps::Seen;
use crate::verdicts::Verdicts;
use bumpalo::Bump;
use event::{Derived, Event, Number, Reach, Value};
use plan::{ArithOp, Const, Func, Glob, Globs, Node, NodeId, Over, Program};
use std::cmp::Ordering;

/// What is known of shared conditions for the event at hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memo {
    known: Vec<Known>,
    round: u32,
    /// By node: whether its value is a secret, by the name of its path.
    secret: Vec<bool>,
    verdicts: Verdicts,
}

/// Whether a condition holds for the event of a round.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    round: u32,
    truth: bool,
    /// How far beyond its scene the event was read for it.
    reach: Reach,
}

impl Memo {
    /// Forget everything: the next event comes.
    pub(crate) fn next(&mut self, program: &Program) {
        if self.secret.is_empty() {
            self.known.resize(program.memos, Known::default());
            self.secret = program.nodes.iter().map(|node| names_secret(program, node)).collect();
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.known.fill(Known::default());
            self.round = 1;
        }
    }
}

/// What is known beside an event.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a, 'm> {
    /// The aggregates of the rule.
    pub(crate) aggregates: &'m [Value<'a>],
    /// Its scores.
    pub(crate) scores: &'m [Value<'a>],
    /// The share of the tuple at hand.
    pub(crate) share: Value<'a>,
    /// The events chosen for the steps of its sequence, by number.
    pub(crate) picked: &'m [Option<&'a Seen>],
}

impl Given<'_, '_> {
    const NOTHING: Self = Self { aggregates: &[], scores: &[], share: Value::Missing, picked: &[] };
}

/// What an expression is evaluated over.
#[derive(Debug)]
pub(crate) struct Eval<'a, 'm> {
    pub(crate) program: &'a Program,
    pub(crate) arena: &'a Bump,
    /// The event at hand.
    pub(crate) event: Option<&'m Event<'a>>,
    /// Truth of shared conditions of that event.
    pub(crate) memo: Option<&'m mut Memo>,
    /// What is known beside an event.
    given: &'m Given<'a, 'm>,
    /// Nodes whose values are given: group keys, parts that read an event that is gone.
    pub(crate) bound: &'m [(NodeId, Value<'a>)],
    vars: Vec<Value<'a>>,
    /// What `policy` made of texts of the record, which are long: several rules ask.
    policies: Vec<(&'a [u8], Value<'a>)>,
}

impl<'a, 'm> Eval<'a, 'm> {
    /// Over an event.
    pub(crate) fn event(program: &'a Program, event: &'m Event<'a>, memo: &'m mut Memo) -> Self {
        Self {
            program,
            arena: event.arena(),
            event: Some(event),
            memo: Some(memo),
            given: &Given::NOTHING,
            bound: &[],
            vars: Vec::new(),
            policies: Vec::new(),
        }
    }

    /// Over what is known when the events are gone.
    pub(crate) fn beside(
        program: &'a Program,
        arena: &'a Bump,
        given: &'m Given<'a, 'm>,
        bound: &'m [(NodeId, Value<'a>)],
    ) -> Self {
        let (vars, policies) = (Vec::new(), Vec::new());
        Self { program, arena, event: None, memo: None, given, bound, vars, policies }
    }

    /// Append a value of the event as alerts tell it: its canonical text, or that it is secret.
    pub(crate) fn tell(&mut self, id: NodeId, out: &mut String) {
        let value = self.value(id);
        let secret = |memo: &&mut Memo| memo.secret.get(id.0 as usize) == Some(&true);
        if value.exists() && self.memo.as_ref().is_some_and(secret) {
            return canonical::write(Value::Text(REDACTED), out);
        }
        canonical::write(value, out);
    }

    /// Whether a condition holds.
    pub(crate) fn truth(&mut self, id: NodeId) -> bool {
        let slot = self.program.memo[id.0 as usize].map(|slot| slot as usize);
        let (Some(slot), Some(memo), Some(event)) = (slot, &self.memo, self.event) else {
            return self.compute_truth(id);
        };
        let (round, known) = (memo.round, memo.known[slot]);
        if known.round == round {
            event.touch_as(known.reach);
            return known.truth;
        }
        let (truth, reach) = event.watch(|| self.compute_truth(id));
        if let Some(memo) = &mut self.memo {
            memo.known[slot] = Known { round, truth, reach };
        }
        truth
    }

    fn compute_truth(&mut self, id: NodeId) -> bool {
        if let Some(value) = self.bound_to(id) {
            return matches!(value, Value::Bool(true));
        }
        match self.program.node(id) {
            Node::Not(a) => !self.truth(*a),
            Node::And(all) => all.iter().all(|a| self.truth(*a)),
            Node::Or(all) => all.iter().any(|a| self.truth(*a)),
            Node::Eq(a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                equal(a, b, self.arena)
            }
            Node::Lt(a, b) => self.order(*a, *b) == Some(Ordering::Less),
            Node::Le(a, b) => self.order(*a, *b).is_some_and(Ordering::is_le),
            Node::InSet(a, set) => set.contains(self.value(*a)),
            Node::In(a, list) => self.is_in(*a, *list),
            Node::Between(a, low, high) => {
                self.order(*low, *a).is_some_and(Ordering::is_le)
                    && self.order(*a, *high).is_some_and(Ordering::is_le)
            }
            Node::LikeSet(value, globs) => {
                let letters = self.key_letters(*value, globs).map(Value::Text);
                let value = letters.unwrap_or_else(|| self.value(*value).scalar());
                let text = value.as_text(self.arena);
                text.is_some_and(|text| match &mut self.memo {
                    Some(memo) if globs.is_dear() => {
                        memo.verdicts.of(id, text, |text| globs.matches(text))
                    }
                    _ => globs.matches(text),
                })
            }
            Node::Like(a, pattern) => self.like_any(*a, *pattern),
            Node::HasSet(a, set) => {
                let list = self.value(*a);
                elements(list, self.arena)
                    .is_some_and(|list| list.iter().any(|element| set.contains(*element)))
            }
            Node::Has(a, wanted) => {
                let (list, wanted) = (self.value(*a), self.value(*wanted));
                holds(list, wanted, self.arena)
            }
            Node::Matches(a, regex) => {
                let value = self.value(*a).scalar();
                let text = value.as_text(self.arena);
                text.is_some_and(|text| match &mut self.memo {
                    Some(memo) => memo.verdicts.of(id, text, |text| regex.is_match(text)),
                    None => regex.is_match(text),
                })
            }
            Node::Exists(a) => self.value(*a).exists(),
            Node::Any(over) => self.over(*over).is_some_and(|mut found| found.any(|truth| truth)),
            Node::All(over) => self.over(*over).is_some_and(|mut found| found.all(|truth| truth)),
            Node::Call(Func::Grants, args) => self.grants(args),
            _ => matches!(self.value(id), Value::Bool(true)),
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, id: NodeId) -> Value<'a> {
        if let Some(value) = self.bound_to(id) {
            return value;
        }
        match self.program.node(id) {
            Node::Const(value) => constant(value, self.arena),
            Node::Slot(slot, kind) => self.event.map_or(Value::Missing, |e| e.read(*slot, *kind)),
            Node::Whole => self.event.map_or(Value::Missing, |e| Value::Json(e.whole())),
            Node::Derived(name) => self.event.map_or(Value::Missing, |e| e.derived(*name)),
            Node::Var(number) => self.vars.get(*number).copied().unwrap_or_default(),
            Node::Member(base, key) => self.value(*base).get(key),
            Node::List(items) => {
                let mut list = bumpalo::collections::Vec::new_in(self.arena);
                for item in items {
                    let value = self.value(*item);
                    list.push(value);
                }
                Value::List(list.into_bump_slice())
            }
            Node::Arith(op, a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                arith(*op, a.scalar(), b.scalar()).unwrap_or_default()
            }
            Node::Neg(a) => match self.value(*a).scalar() {
                Value::Duration(seconds) => {
                    seconds.checked_neg().map_or(Value::Missing, Value::Duration)
                }
                value => {
                    numeric(ArithOp::Sub, Value::Number(Number::Int(0)), value).unwrap_or_default()
                }
            },
            Node::Call(func, args) => self.call(*func, args).unwrap_or_default(),
            Node::Aggregate(number) => {
                self.given.aggregates.get(*number).copied().unwrap_or_default()
            }
            Node::New => Value::Bool(true),
            Node::Share => self.given.share,
            Node::Score(number) => self.given.scores.get(*number).copied().unwrap_or_default(),
            Node::Picked(step, column) => self.picked(*step, *column).unwrap_or_default(),
            _ => Value::Bool(self.truth(id)),
        }
    }

    /// What stands for the access key where its first letters decide: these are of the scene.
    fn key_letters(&self, id: NodeId, globs: &Globs) -> Option<&'a str> {
        match self.program.node(id) {
            Node::Derived(Derived::Key) if globs.are_decided_by(Event::KEY_LETTERS) => {
                self.event?.key_letters()
            }
            _ => None,
        }
    }

    fn picked(&self, step: usize, column: usize) -> Option<Value<'a>> {
        let seen: &'a Seen = (*self.given.picked.get(step)?)?;
        Some(seen.value(step, column)?.lend(self.arena))
    }

    fn bound_to(&self, id: NodeId) -> Option<Value<'a>> {
        self.bound.iter().find(|(known, _)| *known == id).map(|(_, value)| *value)
    }

    fn order(&mut self, a: NodeId, b: NodeId) -> Option<Ordering> {
        let (a, b) = (self.value(a), self.value(b));
        order(a, b, self.arena)
    }

    fn is_in(&mut self, a: NodeId, list: NodeId) -> bool {
        let (value, list) = (self.value(a), self.value(list));
        let Some(list) = elements(list, self.arena) else { return false };
        list.iter().any(|element| match (value, *element) {
            (Value::Ip(ip), Value::Cidr(net)) => net.contains(ip),
            (value, element) => equal(value, element, self.arena),
        })
    }

    fn like_any(&mut self, a: NodeId, pattern: NodeId) -> bool {
        let value = self.value(a).scalar();
        let Some(text) = value.as_text(self.arena) else { return false };
        let pattern = self.value(pattern);
        if let Some(pattern) = pattern.as_text(self.arena) {
            return Glob::new(pattern).matches(text);
        }
        let patterns = elements(pattern, self.arena).unwrap_or_default();
        patterns
            .iter()
            .filter_map(|pattern| pattern.as_text(self.arena))
            .any(|pattern| Glob::new(pattern).matches(text))
    }

    /// The truth of a condition for each element; nothing where there is no list.
    fn over<'s>(&'s mut self, over: Over) -> Option<impl Iterator<Item = bool> + use<'a, 'm, 's>> {
        let list = self.value(over.list);
        let list = elements(list, self.arena)?;
        Some(list.iter().map(move |element| self.of_element(over, *element)))
    }

    /// The truth of a condition of one element.
    pub(crate) fn of_element(&mut self, over: Over, element: Value<'a>) -> bool {
        if self.vars.len() <= over.var {
            self.vars.resize(over.var + 1, Value::Missing);
        }
        let outer = std::mem::replace(&mut self.vars[over.var], element);
        let truth = self.truth(over.cond);
        self.vars[over.var] = outer;
        truth
    }

    fn policy(&mut self, document: Value<'a>) -> Value<'a> {
        let raw = match document {
            Value::Missing => return Value::Missing,
            Value::Json(json) => json.raw(),
            _ => return event::derived::policy(document, self.arena),
        };
        if let Some((_, known)) = self.policies.iter().find(|(known, _)| std::ptr::eq(*known, raw))
        {
            return *known;
        }
        let policy = event::derived::policy(document, self.arena);
        self.policies.push((raw, policy));
        policy
    }

    fn grants(&mut self, args: &[NodeId]) -> bool {
        let [statement, action] = args else { return false };
        let (statement, action) = (self.value(*statement), self.value(*action));
        action.as_text(self.arena).is_some_and(|action| event::derived::grants(statement, action))
    }

    fn call(&mut self, func: Func, args: &[NodeId]) -> Option<Value<'a>> {
        let first = *args.first()?;
        if func == Func::If {
            let [cond, then, other] = args else { return None };
            let chosen = if self.truth(*cond) { *then } else { *other };
            return Some(self.value(chosen));
        }
        let value = self.value(first);
        Some(match func {
            Func::Lower => Value::Text(
                self.arena.alloc_str(&value.scalar().as_text(self.arena)?.to_lowercase()),
            ),
            Func::Len => Value::Number(Number::Int(length(value, self.arena)?)),
            Func::Hour => match value {
                Value::Time(time) => Value::Number(Number::Int(time.hour())),
                _ => return None,
            },
            Func::Weekday => match value {
                Value::Time(time) => Value::Number(Number::Int(time.weekday())),
                _ => return None,
            },
            Func::Clamp => {
                let [_, low, high] = args else { return None };
                let (low, high) = (self.value(*low), self.value(*high));
                clamp(value.scalar(), low.scalar(), high.scalar(), self.arena)?
            }
            Func::Text => json_text(value, self.arena)?,
            Func::Json => json_inside(value, self.arena)?,
            Func::Policy => self.policy(value),
            Func::Grants => Value::Bool(self.grants(args)),
            Func::If => return None,
        })
    }
}

/// Whether a node reads a value that alerts do not show.
pub(crate) fn names_secret(program: &Program, node: &Node) -> bool {
    let Node::Slot(slot, _) = node else { return false };
    program.layout.path(*slot).last().is_some_and(|key| is_secret(key))
}

/// A constant as a value.
pub(crate) fn constant<'a>(value: &'a Const, arena: &'a Bump) -> Value<'a> {
    match value {
        Const::Bool(value) => Value::Bool(*value),
        Const::Int(value) => Value::Number(Number::Int(*value)),
        Const::Float(value) => Value::Number(Number::Float(*value)),
        Const::Text(value) => Value::Text(value),
        Const::Duration(value) => Value::Duration(*value),
        Const::Time(value) => Value::Time(event::EventTime(*value)),
        Const::Ip(value) => Value::Ip(*value),
        Const::Cidr(value) => Value::Cidr(*value),
        Const::List(values) => {
            let mut list = bumpalo::collections::Vec::with_capacity_in(values.len(), arena);
            list.extend(values.iter().map(|value| constant(value, arena)));
            Value::List(list.into_bump_slice())
        }
    }
}
