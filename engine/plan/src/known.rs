//! Which nodes there are already, so that each is written once.
//!
//! A node is told by what it says: its kind, its children by number, its own values. One that
//! is costly to make of constants is told by what it is made of, so that it need not be made
//! to be found.
//!
//! # Invariants
//!
//! - Nodes that are the [`same`] have the same hash.
//! - What is made by a [`Recipe`] has no hash, and is known by its recipe alone.

use crate::node::{Node, NodeId};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use lang::typed::Const;
use std::hash::{BuildHasher, Hash, Hasher};
use std::mem::discriminant;

/// What a node is made of that is made ready for many events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Recipe {
    /// The value, the constant list.
    InSet(NodeId, NodeId),
    /// The list, the constant value or list.
    HasSet(NodeId, NodeId),
    /// The text, the constant glob or globs, whether the text is put into lower case.
    LikeSet(NodeId, NodeId, bool),
    /// The text, the pattern.
    Matches(NodeId, Box<str>),
}

/// The nodes so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Those that have a hash, with it.
    plain: HashTable<(u64, NodeId)>,
    made: HashMap<Recipe, NodeId>,
    hashes: DefaultHashBuilder,
}

impl Known {
    /// None yet, with room for so many.
    pub(crate) fn with_room(nodes: usize) -> Self {
        Self { plain: HashTable::with_capacity(nodes), ..Self::default() }
    }

    /// The number of the node that says the same among `nodes`, or else the number after
    /// theirs, which is then its own.
    pub(crate) fn number(&mut self, node: &Node, nodes: &[Node]) -> NodeId {
        let mut hasher = self.hashes.build_hasher();
        if !write(node, &mut hasher) {
            return next(nodes);
        }
        self.find(hasher.finish(), nodes, |known| same(known, node))
    }

    /// The same of the node of a constant.
    pub(crate) fn constant(&mut self, value: &Const, nodes: &[Node]) -> NodeId {
        let mut hasher = self.hashes.build_hasher();
        discriminant(&Node::Const(Const::Bool(true))).hash(&mut hasher);
        constant(value, &mut hasher);
        let is_it = |known: &Node| matches!(known, Node::Const(own) if same_constant(own, value));
        self.find(hasher.finish(), nodes, is_it)
    }

    fn find(&mut self, hash: u64, nodes: &[Node], is_it: impl Fn(&Node) -> bool) -> NodeId {
        let is_it = |&(other, id): &(u64, NodeId)| {
            other == hash && nodes.get(id.0 as usize).is_some_and(&is_it)
        };
        let own = (hash, next(nodes));
        self.plain.entry(hash, is_it, |&(hash, _)| hash).or_insert(own).get().1
    }

    /// The number of the node that was made so.
    pub(crate) fn made(&self, recipe: &Recipe) -> Option<NodeId> {
        self.made.get(recipe).copied()
    }

    /// Has a node be known by how it was made.
    pub(crate) fn keep(&mut self, recipe: Recipe, id: NodeId) {
        self.made.insert(recipe, id);
    }
}

/// The number of the node after these.
fn next(nodes: &[Node]) -> NodeId {
    NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX))
}

/// Writes what a node says; tells whether it is told by that.
fn write(node: &Node, to: &mut impl Hasher) -> bool {
    discriminant(node).hash(to);
    match node {
        Node::Const(value) => constant(value, to),
        Node::Slot(slot, kind) => (slot, kind).hash(to),
        Node::Whole | Node::New | Node::Share => {}
        Node::Derived(name) => name.hash(to),
        Node::Var(number) | Node::Aggregate(number) | Node::Score(number) => number.hash(to),
        Node::Picked(step, column) => (step, column).hash(to),
        Node::Member(base, name) => (base, name).hash(to),
        Node::List(all) | Node::And(all) | Node::Or(all) => all.hash(to),
        Node::Not(a) | Node::Exists(a) | Node::Neg(a) => a.hash(to),
        Node::Eq(a, b)
        | Node::Lt(a, b)
        | Node::Le(a, b)
        | Node::In(a, b)
        | Node::Like(a, b)
        | Node::Has(a, b) => (a, b).hash(to),
        Node::Between(a, b, c) => (a, b, c).hash(to),
        Node::Arith(op, a, b) => (op, a, b).hash(to),
        Node::Call(func, all) => (func, all).hash(to),
        Node::Any(over) | Node::All(over) => (over.var, over.list, over.cond).hash(to),
        Node::InSet(..) | Node::LikeSet(..) | Node::HasSet(..) | Node::Matches(..) => return false,
    }
    true
}

/// Writes a constant.
fn constant(value: &Const, to: &mut impl Hasher) {
    discriminant(value).hash(to);
    match value {
        Const::Bool(value) => value.hash(to),
        Const::Int(value) | Const::Duration(value) | Const::Time(value) => value.hash(to),
        Const::Float(value) => value.to_bits().hash(to),
        Const::Text(value) => value.hash(to),
        Const::Ip(value) => value.hash(to),
        Const::Cidr(value) => value.hash(to),
        Const::List(values) => {
            values.len().hash(to);
            values.iter().for_each(|value| constant(value, to));
        }
    }
}

/// Whether two nodes say the same.
fn same(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (Node::Const(one), Node::Const(other)) => same_constant(one, other),
        (Node::Slot(a, x), Node::Slot(b, y)) => (a, x) == (b, y),
        (Node::Derived(a), Node::Derived(b)) => a == b,
        (Node::Var(a), Node::Var(b))
        | (Node::Aggregate(a), Node::Aggregate(b))
        | (Node::Score(a), Node::Score(b)) => a == b,
        (Node::Picked(a, x), Node::Picked(b, y)) => (a, x) == (b, y),
        (Node::Member(a, x), Node::Member(b, y)) => (a, x) == (b, y),
        (Node::List(a), Node::List(b))
        | (Node::And(a), Node::And(b))
        | (Node::Or(a), Node::Or(b)) => a == b,
        (Node::Not(a), Node::Not(b))
        | (Node::Exists(a), Node::Exists(b))
        | (Node::Neg(a), Node::Neg(b)) => a == b,
        (Node::Eq(a, x), Node::Eq(b, y))
        | (Node::Lt(a, x), Node::Lt(b, y))
        | (Node::Le(a, x), Node::Le(b, y))
        | (Node::In(a, x), Node::In(b, y))
        | (Node::Like(a, x), Node::Like(b, y))
        | (Node::Has(a, x), Node::Has(b, y)) => (a, x) == (b, y),
        (Node::Between(a, b, c), Node::Between(x, y, z)) => (a, b, c) == (x, y, z),
        (Node::Arith(a, b, c), Node::Arith(x, y, z)) => (a, b, c) == (x, y, z),
        (Node::Call(a, x), Node::Call(b, y)) => (a, x) == (b, y),
        (Node::Any(a), Node::Any(b)) | (Node::All(a), Node::All(b)) => a == b,
        (Node::Whole, Node::Whole) | (Node::New, Node::New) | (Node::Share, Node::Share) => true,
        _ => false,
    }
}

/// The same of constants, a float by its bits: 0 and −0 are two.
fn same_constant(one: &Const, other: &Const) -> bool {
    match (one, other) {
        (Const::Float(a), Const::Float(b)) => a.to_bits() == b.to_bits(),
        (Const::List(a), Const::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_constant(a, b))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_one_where_they_say_the_same() {
        let text = |value: &str| Node::Const(Const::Text(value.to_owned()));
        let list = |values: &[&str]| {
            Node::Const(Const::List(values.iter().map(|v| Const::Text((*v).to_owned())).collect()))
        };
        let (a, b) = (NodeId(0), NodeId(1));
        let different = [
            text("a"),
            text("ab"),
            list(&["a", "b"]),
            list(&["ab"]),
            list(&["", "ab"]),
            list(&[]),
            Node::Const(Const::Int(1)),
            Node::Const(Const::Duration(1)),
            Node::Const(Const::Float(1.0)),
            Node::Const(Const::Float(0.0)),
            Node::Const(Const::Float(-0.0)),
            Node::Const(Const::Bool(true)),
            Node::Eq(a, b),
            Node::Eq(b, a),
            Node::Lt(a, b),
            Node::And(vec![a, b]),
            Node::Or(vec![a, b]),
            Node::And(vec![a, b, a]),
            Node::Member(a, "x".into()),
            Node::Member(b, "x".into()),
            Node::Var(1),
            Node::Aggregate(1),
            Node::Score(1),
            Node::Picked(0, 1),
            Node::Picked(1, 0),
            Node::Share,
            Node::Whole,
            Node::New,
        ];
        let mut known = Known::default();
        for (at, node) in different.iter().enumerate() {
            let number = known.number(node, &different[..at]);
            assert_eq!(number.0 as usize, at, "{node:?}");
        }
        for (at, node) in different.iter().enumerate() {
            let number = known.number(&node.clone(), &different);
            assert_eq!(number.0 as usize, at, "{node:?}");
        }
    }
}
