//! Which rules may match an event, and what of their conditions is left to ask, by its head
//! alone: eventSource, eventName, the type of the identity, readOnly, whether there is an
//! error.
//!
//! A condition is judged once with only these known; what follows from them is not asked
//! again. The answer is kept for each head that was met, for each call (eventSource and
//! eventName) and for each source, so that a new head of a known call, and a new call of a known
//! source, ask a few rules and not all.
//!
//! # Invariants
//!
//! - A rule that is left out matches no event of the head; a part that is left out holds
//!   for every event of it.
//! - What an attacker writes into eventName costs no more than [`Dispatch::MOST`] heads.

use crate::eval::Eval;
use event::{Base, Derived, Event};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use plan::{Needs, Node, NodeId, Program};
use std::hash::BuildHasher;
use std::ops::Range;

/// The heads met so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dispatch {
    hasher: DefaultHashBuilder,
    heads: HashTable<Known>,
    calls: HashMap<[Option<Box<str>>; 2], Box<[u32]>>,
    sources: HashMap<Option<Box<str>>, Box<[u32]>>,
    candidates: Vec<Candidate>,
    parts: Vec<NodeId>,
    /// How many of `candidates` and `parts` belong to heads that are kept.
    kept: (usize, usize),
    /// By node, as far as it was asked: about how many steps it takes to ask it.
    costs: Vec<Option<u32>>,
}

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Head<'e> {
    source: Option<&'e str>,
    name: Option<&'e str>,
    identity: Option<&'e str>,
    read_only: Option<bool>,
    /// errorCode, as far as it is told from none.
    error: Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Error {
    None,
    Empty,
    Some,
}

impl<'e> Head<'e> {
    fn of(event: &Event<'e>) -> Self {
        Self {
            source: event.text(Base::EventSource),
            name: event.text(Base::EventName),
            identity: event.text(Base::IdentityType),
            read_only: event.flag(Base::ReadOnly),
            error: match event.text(Base::ErrorCode) {
                None => Error::None,
                Some("") => Error::Empty,
                Some(_) => Error::Some,
            },
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    hash: u64,
    /// The texts of the head.
    texts: [Option<Box<str>>; 3],
    read_only: Option<bool>,
    error: Error,
    candidates: Range<usize>,
}

impl Known {
    fn is(&self, head: &Head<'_>) -> bool {
        let [source, name, identity] = &self.texts;
        source.as_deref() == head.source
            && name.as_deref() == head.name
            && identity.as_deref() == head.identity
            && self.read_only == head.read_only
            && self.error == head.error
    }
}

/// A rule that may match, and what must hold for it to do so.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) rule: u32,
    parts: Range<u32>,
}

impl Dispatch {
    /// The most heads that are kept: 65,536.
    const MOST: usize = 65_536;

    /// The candidates for an event, as places for [`Dispatch::candidate`].
    pub(crate) fn candidates<'e>(
        &mut self,
        eval: &mut Eval<'e, '_>,
        event: &Event<'e>,
    ) -> Range<usize> {
        let head = Head::of(event);
        let hash = self.hasher.hash_one(head);
        if let Some(known) = self.heads.find(hash, |known| known.is(&head)) {
            return known.candidates.clone();
        }
        let candidates = self.judge(eval, &head);
        if self.heads.len() < Self::MOST {
            self.kept = (self.candidates.len(), self.parts.len());
            let texts = [head.source, head.name, head.identity].map(|text| text.map(Into::into));
            let Head { read_only, error, .. } = head;
            let known = Known { hash, texts, read_only, error, candidates: candidates.clone() };
            self.heads.insert_unique(hash, known, |known| known.hash);
        }
        candidates
    }

    /// A candidate and the parts of its condition that are to be asked.
    #[inline]
    pub(crate) fn candidate(&self, at: usize) -> (u32, &[NodeId]) {
        let Candidate { rule, parts } = &self.candidates[at];
        (*rule, &self.parts[parts.start as usize..parts.end as usize])
    }

    fn judge(&mut self, eval: &mut Eval<'_, '_>, head: &Head<'_>) -> Range<usize> {
        let program = eval.program;
        self.costs.resize(program.nodes.len(), None);
        self.candidates.truncate(self.kept.0);
        self.parts.truncate(self.kept.1);
        let call = [head.source, head.name].map(|text| text.map(Box::from));
        if self.calls.len() >= Self::MOST {
            self.calls.clear();
            self.sources.clear();
        }
        let rules = self.calls.entry(call).or_insert_with(|| {
            let source = head.source.map(Box::from);
            let all = (0..).zip(&program.rules).map(|(number, _)| number);
            let of_source = self.sources.entry(source);
            let of_source = of_source.or_insert_with(|| left(eval, Given::Source, all));
            left(eval, Given::Call, of_source.iter().copied())
        });
        for number in rules.iter().copied() {
            let rule = &program.rules[number as usize];
            let start = self.parts.len();
            if rest(eval, head, rule.filter.node, &mut self.parts) {
                // What is cheap to ask and often decides comes first.
                let costs = &mut self.costs;
                self.parts[start..].sort_by_cached_key(|part| cost(program, *part, costs));
                let parts = number_of(start)..number_of(self.parts.len());
                self.candidates.push(Candidate { rule: number, parts });
            } else {
                self.parts.truncate(start);
            }
        }
        self.kept.0..self.candidates.len()
    }
}

/// What is given of an event.
#[derive(Clone, Copy, Debug)]
enum Given<'h> {
    Source,
    Call,
    Head(&'h Head<'h>),
}

/// Those of some rules that may match an event of which so much is given.
fn left(eval: &mut Eval<'_, '_>, given: Given<'_>, rules: impl Iterator<Item = u32>) -> Box<[u32]> {
    let filter = |number: u32| eval.program.rules[number as usize].filter.node;
    rules.filter(|number| known(eval, given, filter(*number)) != Some(false)).collect()
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Put down what is left to ask of a condition; false when it cannot hold.
fn rest(eval: &mut Eval<'_, '_>, head: &Head<'_>, id: NodeId, parts: &mut Vec<NodeId>) -> bool {
    match (known(eval, Given::Head(head), id), eval.program.node(id)) {
        (Some(truth), _) => truth,
        (None, Node::And(all)) => all.iter().all(|part| rest(eval, head, *part, parts)),
        (None, _) => {
            parts.push(id);
            true
        }
    }
}

/// About how many steps it takes to ask a node.
fn cost(program: &Program, id: NodeId, known: &mut [Option<u32>]) -> u32 {
    if let Some(cost) = known[id.0 as usize] {
        return cost;
    }
    let node = program.node(id);
    let own = match node {
        Node::Const(_) | Node::Var(_) => 0,
        Node::Slot(..) => 2,
        Node::Derived(name) => match name {
            Derived::Targets | Derived::Target | Derived::SgRules | Derived::SharedWith => 60,
            Derived::Session | Derived::User | Derived::ActorId | Derived::Ip => 20,
            Derived::Principal | Derived::ByService | Derived::ViaService => 10,
            _ => 5,
        },
        Node::LikeSet(_, globs) => 5 + 10 * globs.count(),
        Node::Matches(..) => 100,
        Node::Any(_) | Node::All(_) | Node::Call(..) | Node::Whole => 50,
        _ => 1,
    };
    let children = node.children().into_iter().map(|child| cost(program, child, known));
    let cost = children.fold(own, u32::saturating_add);
    known[id.0 as usize] = Some(cost);
    cost
}

/// What a condition comes to when no more than this is given of the event.
fn known(eval: &mut Eval<'_, '_>, given: Given<'_>, id: NodeId) -> Option<bool> {
    let program = eval.program;
    let reads = program.reads(id);
    let (most, head) = match given {
        Given::Source => (Needs::Source, None),
        Given::Call => (Needs::Call, None),
        Given::Head(head) => (Needs::Head, Some(head)),
    };
    let tells_error = head.is_some_and(|head| head.error == Error::None);
    let is_known = reads.needs <= most && (!reads.error || tells_error);
    if is_known && !reads.window && reads.free == 0 {
        return Some(eval.truth(id));
    }
    let (all, decides) = match program.node(id) {
        Node::Derived(Derived::Ok) if head.is_some_and(|head| head.error == Error::Some) => {
            return Some(false);
        }
        Node::Derived(Derived::ByService)
            if head.is_some_and(|head| head.identity == Some("AWSService")) =>
        {
            return Some(true);
        }
        Node::Not(a) => return known(eval, given, *a).map(|truth| !truth),
        Node::And(all) => (all, false),
        Node::Or(all) => (all, true),
        _ => return None,
    };
    let mut open = false;
    for part in all {
        match known(eval, given, *part) {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!decides)
}
