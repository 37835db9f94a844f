//! Which rules may match an event, and what of their conditions is left to ask, by its
//! service and API alone.
//!
//! A condition is judged once with only these two known; what follows from them is not
//! asked again. The answer is kept for each pair of eventSource and eventName that was met.
//!
//! # Invariants
//!
//! - A rule that is left out matches no event of the pair; a part that is left out holds
//!   for every event of it.
//! - What an attacker writes into eventName costs no more than [`Dispatch::MOST`] pairs.

use crate::eval::{Eval, Memo};
use event::{Base, Derived, Event};
use hashbrown::{DefaultHashBuilder, HashTable};
use plan::{Node, NodeId, Program};
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

/// The pairs of eventSource and eventName met so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dispatch {
    hasher: DefaultHashBuilder,
    pairs: HashTable<Pair>,
    candidates: Vec<Candidate>,
    parts: Vec<NodeId>,
    /// How many of `candidates` and `parts` belong to pairs that are kept.
    kept: (usize, usize),
}

#[derive(Clone, Debug)]
struct Pair {
    hash: u64,
    source: Option<Box<str>>,
    name: Option<Box<str>>,
    candidates: Range<usize>,
}

/// A rule that may match, and what must hold for it to do so.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) rule: u32,
    parts: Range<u32>,
}

impl Dispatch {
    /// The most pairs that are kept: 65,536.
    const MOST: usize = 65_536;

    /// The candidates for an event, as places for [`Dispatch::candidate`].
    pub(crate) fn candidates<'e>(
        &mut self,
        program: &'e Program,
        event: &Event<'e>,
        memo: &mut Memo,
    ) -> Range<usize> {
        let (source, name) = (event.text(Base::EventSource), event.text(Base::EventName));
        let hash = self.hash(source, name);
        let same = |pair: &Pair| pair.source.as_deref() == source && pair.name.as_deref() == name;
        if let Some(pair) = self.pairs.find(hash, same) {
            return pair.candidates.clone();
        }
        let candidates = self.judge(program, &mut Eval::event(program, event, memo));
        if self.pairs.len() < Self::MOST {
            self.kept = (self.candidates.len(), self.parts.len());
            let (source, name) = (source.map(Into::into), name.map(Into::into));
            let pair = Pair { hash, source, name, candidates: candidates.clone() };
            self.pairs.insert_unique(hash, pair, |pair| pair.hash);
        }
        candidates
    }

    /// A candidate and the parts of its condition that are to be asked.
    #[inline]
    pub(crate) fn candidate(&self, at: usize) -> (u32, &[NodeId]) {
        let Candidate { rule, parts } = &self.candidates[at];
        (*rule, &self.parts[parts.start as usize..parts.end as usize])
    }

    fn hash(&self, source: Option<&str>, name: Option<&str>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for text in [source, name] {
            hasher.write(text.unwrap_or("\u{1}").as_bytes());
            hasher.write_u8(0xFF);
        }
        hasher.finish()
    }

    fn judge(&mut self, program: &Program, eval: &mut Eval<'_, '_>) -> Range<usize> {
        self.candidates.truncate(self.kept.0);
        self.parts.truncate(self.kept.1);
        for (number, rule) in (0_u32..).zip(&program.rules) {
            let start = self.parts.len();
            if rest(eval, rule.filter.node, &mut self.parts) {
                // What is cheap to ask and often decides comes first.
                self.parts[start..].sort_by_cached_key(|part| cost(program, *part));
                let parts = number_of(start)..number_of(self.parts.len());
                self.candidates.push(Candidate { rule: number, parts });
            } else {
                self.parts.truncate(start);
            }
        }
        self.kept.0..self.candidates.len()
    }
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Put down what is left to ask of a condition; false when it cannot hold.
fn rest(eval: &mut Eval<'_, '_>, id: NodeId, parts: &mut Vec<NodeId>) -> bool {
    match (known(eval, id), eval.program.node(id)) {
        (Some(truth), _) => truth,
        (None, Node::And(all)) => all.iter().all(|part| rest(eval, *part, parts)),
        (None, _) => {
            parts.push(id);
            true
        }
    }
}

/// About how many steps it takes to ask a node.
fn cost(program: &Program, id: NodeId) -> u32 {
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
    node.children().into_iter().map(|child| cost(program, child)).fold(own, u32::saturating_add)
}

/// What a condition comes to when only the service and the API are known.
fn known(eval: &mut Eval<'_, '_>, id: NodeId) -> Option<bool> {
    let program = eval.program;
    let reads = program.reads(id);
    if !reads.beyond_api && !reads.window && reads.free == 0 {
        return Some(eval.truth(id));
    }
    let (all, decides) = match program.node(id) {
        Node::Not(a) => return known(eval, *a).map(|truth| !truth),
        Node::And(all) => (all, false),
        Node::Or(all) => (all, true),
        _ => return None,
    };
    let mut open = false;
    for part in all {
        match known(eval, *part) {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!decides)
}
