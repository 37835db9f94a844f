//! Which nodes there are already, so that each is written once.
//!
//! A node is told by what it says, as bytes: its kind, its children by number, its own
//! values. One that is costly to make of constants is told by what it is made of, so that
//! it need not be made to be found.
//!
//! # Invariants
//!
//! - Two nodes have the same bytes exactly where they say the same.
//! - What is made by a [`Recipe`] has no bytes, and is known by its recipe alone.

use crate::node::{Node, NodeId};
use hashbrown::HashMap;
use lang::typed::Const;
use std::hash::{Hash, Hasher};
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
    plain: HashMap<Box<[u8]>, NodeId>,
    made: HashMap<Recipe, NodeId>,
    key: Key,
}

impl Known {
    /// The number of a node that says the same, or else `next`, which is then its own.
    pub(crate) fn number(&mut self, node: &Node, next: NodeId) -> NodeId {
        self.key.0.clear();
        if !write(node, &mut self.key) {
            return next;
        }
        *self.plain.entry_ref(self.key.0.as_slice()).or_insert(next)
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

/// A hasher that keeps all it is given.
#[derive(Debug, Default)]
struct Key(Vec<u8>);

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Writes what a node says; tells whether it has bytes.
fn write(node: &Node, key: &mut Key) -> bool {
    discriminant(node).hash(key);
    match node {
        Node::Const(value) => constant(value, key),
        Node::Slot(slot, kind) => (slot, kind).hash(key),
        Node::Whole | Node::New | Node::Share => {}
        Node::Derived(name) => name.hash(key),
        Node::Var(number) | Node::Aggregate(number) | Node::Score(number) => number.hash(key),
        Node::Picked(step, column) => (step, column).hash(key),
        Node::Member(base, name) => (base, name).hash(key),
        Node::List(all) | Node::And(all) | Node::Or(all) => all.hash(key),
        Node::Not(a) | Node::Exists(a) | Node::Neg(a) => a.hash(key),
        Node::Eq(a, b)
        | Node::Lt(a, b)
        | Node::Le(a, b)
        | Node::In(a, b)
        | Node::Like(a, b)
        | Node::Has(a, b) => (a, b).hash(key),
        Node::Between(a, b, c) => (a, b, c).hash(key),
        Node::Arith(op, a, b) => (op, a, b).hash(key),
        Node::Call(func, all) => (func, all).hash(key),
        Node::Any(over) | Node::All(over) => (over.var, over.list, over.cond).hash(key),
        Node::InSet(..) | Node::LikeSet(..) | Node::HasSet(..) | Node::Matches(..) => return false,
    }
    true
}

/// Writes a constant, a float by its bits: 0 and −0 are two.
fn constant(value: &Const, key: &mut Key) {
    discriminant(value).hash(key);
    match value {
        Const::Bool(value) => value.hash(key),
        Const::Int(value) | Const::Duration(value) | Const::Time(value) => value.hash(key),
        Const::Float(value) => value.to_bits().hash(key),
        Const::Text(value) => value.hash(key),
        Const::Ip(value) => value.hash(key),
        Const::Cidr(value) => value.hash(key),
        Const::List(values) => {
            values.len().hash(key);
            values.iter().for_each(|value| constant(value, key));
        }
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
        for (at, node) in (0..).zip(&different) {
            assert_eq!(known.number(node, NodeId(at)), NodeId(at), "{node:?}");
        }
        for (at, node) in (0..).zip(&different) {
            assert_eq!(known.number(&node.clone(), NodeId(99)), NodeId(at), "{node:?}");
        }
    }
}
