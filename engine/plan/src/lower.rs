//! Expressions to nodes: each written once, with what it reads.

use crate::globs::Globs;
use crate::known::{Known, Recipe};
use crate::node::{Needs, Node, NodeId, Over, Reads, needs_of, needs_of_slot};
use crate::set::Set;
use event::{Base, Derived, Layout, ReadAs, TooManyPaths};
use lang::typed::{Const, Expr, ExprKind, Func, Type};

/// Why rules cannot be made into a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The rules read more different paths than a layout can hold.
    TooManyPaths,
    /// A regular expression does not compile.
    Regex(String),
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooManyPaths => write!(f, "the rules read more than 60,000 different paths"),
            Self::Regex(why) => write!(f, "a regular expression does not compile: {why}"),
        }
    }
}

impl std::error::Error for PlanError {}

impl From<TooManyPaths> for PlanError {
    fn from(_: TooManyPaths) -> Self {
        Self::TooManyPaths
    }
}

/// The nodes so far.
#[derive(Debug, Default)]
pub(crate) struct Lowering {
    pub(crate) layout: Layout,
    pub(crate) nodes: Vec<Node>,
    pub(crate) reads: Vec<Reads>,
    known: Known,
    /// By derived name: its node, once the layout has its raw fields.
    derived: [Option<NodeId>; Derived::ALL.len()],
    lets: Vec<NodeId>,
    depth: usize,
    /// What is read of each step of the sequence at hand, in order.
    columns: Vec<Vec<NodeId>>,
}

/// The params of the rule at hand.
pub(crate) type Params<'a> = &'a [lang::typed::ParamValue];

/// About how many nodes a rule adds to those of the rules before it.
const NODES_A_RULE: usize = 8;

impl Lowering {
    /// None yet, with room for those of so many rules.
    pub(crate) fn with_room(rules: usize) -> Self {
        let nodes = rules.saturating_mul(NODES_A_RULE);
        Self {
            nodes: Vec::with_capacity(nodes),
            reads: Vec::with_capacity(nodes),
            known: Known::with_room(nodes),
            ..Self::default()
        }
    }

    /// Lower the lets, in their order.
    pub(crate) fn lets(&mut self, lets: &[Expr]) -> Result<(), PlanError> {
        for expr in lets {
            let node = self.expr(expr, &[])?;
            self.lets.push(node);
        }
        Ok(())
    }

    /// The node of an expression.
    pub(crate) fn expr(&mut self, expr: &Expr, params: Params<'_>) -> Result<NodeId, PlanError> {
        let node = match &expr.kind {
            ExprKind::Let(number) => return Ok(self.lets[*number]),
            ExprKind::Param(number) => return Ok(self.add_constant(&params[*number].value)),
            ExprKind::Const(value) => return Ok(self.add_constant(value)),
            ExprKind::Path(keys) if keys.is_empty() => Node::Whole,
            ExprKind::Path(keys) => Node::Slot(self.layout.slot(keys)?, read_as(&expr.ty)),
            ExprKind::Derived(name) => return Ok(self.name(*name)),
            ExprKind::Var(number) => Node::Var(*number),
            ExprKind::Member(base, key) => {
                Node::Member(self.expr(base, params)?, key.as_str().into())
            }
            ExprKind::List(items) => Node::List(self.all(items, params)?),
            ExprKind::Not(a) => Node::Not(self.expr(a, params)?),
            ExprKind::And(items) => Node::And(self.all(items, params)?),
            ExprKind::Or(items) => Node::Or(self.all(items, params)?),
            ExprKind::Eq(a, b) => Node::Eq(self.expr(a, params)?, self.expr(b, params)?),
            ExprKind::Lt(a, b) => Node::Lt(self.expr(a, params)?, self.expr(b, params)?),
            ExprKind::Le(a, b) => Node::Le(self.expr(a, params)?, self.expr(b, params)?),
            ExprKind::In(a, list) => return self.member(a, list, params),
            ExprKind::Between(a, low, high) => Node::Between(
                self.expr(a, params)?,
                self.expr(low, params)?,
                self.expr(high, params)?,
            ),
            ExprKind::Like(a, pattern) => return self.like(a, pattern, params),
            ExprKind::Has(a, b) => return self.has(a, b, params),
            ExprKind::Matches(a, pattern) => {
                let text = self.expr(a, params)?;
                let recipe = Recipe::Matches(text, pattern.as_str().into());
                if let Some(id) = self.known.made(&recipe) {
                    return Ok(id);
                }
                let regex = regex::RegexBuilder::new(pattern)
                    .size_limit(1 << 20)
                    .build()
                    .map_err(|why| PlanError::Regex(why.to_string()))?;
                return Ok(self.make(recipe, Node::Matches(text, regex)));
            }
            ExprKind::Exists(a) => Node::Exists(self.expr(a, params)?),
            ExprKind::Arith(op, a, b) => {
                Node::Arith(*op, self.expr(a, params)?, self.expr(b, params)?)
            }
            ExprKind::Neg(a) => Node::Neg(self.expr(a, params)?),
            ExprKind::Call(func, args) => Node::Call(*func, self.all(args, params)?),
            ExprKind::Any(list, cond) => Node::Any(self.over(list, cond, params)?),
            ExprKind::All(list, cond) => Node::All(self.over(list, cond, params)?),
            ExprKind::Aggregate(number) => Node::Aggregate(*number),
            ExprKind::New => Node::New,
            ExprKind::Share => Node::Share,
            ExprKind::Score(number) => Node::Score(*number),
            ExprKind::Step(step, value) => {
                let node = self.expr(value, params)?;
                Node::Picked(*step, self.column(*step, node))
            }
        };
        Ok(self.add(node))
    }

    /// The column of a step's value, added if it is new.
    pub(crate) fn column(&mut self, step: usize, node: NodeId) -> usize {
        if self.columns.len() <= step {
            self.columns.resize(step + 1, Vec::new());
        }
        let columns = &mut self.columns[step];
        columns.iter().position(|known| *known == node).unwrap_or_else(|| {
            columns.push(node);
            columns.len() - 1
        })
    }

    /// What was read of the steps of the rule so far, which the next rule begins without.
    pub(crate) fn take_columns(&mut self) -> Vec<Vec<NodeId>> {
        std::mem::take(&mut self.columns)
    }

    /// The node that holds when all of several do; of none, true.
    pub(crate) fn conjunction(&mut self, mut parts: Vec<NodeId>) -> NodeId {
        match parts.len() {
            0 => self.add(Node::Const(Const::Bool(true))),
            1 => parts.swap_remove(0),
            _ => self.add(Node::And(parts)),
        }
    }

    /// The node that holds when one of several does, of one or more.
    pub(crate) fn disjunction(&mut self, mut parts: Vec<NodeId>) -> NodeId {
        if parts.len() == 1 { parts.swap_remove(0) } else { self.add(Node::Or(parts)) }
    }

    /// The nodes of expressions.
    pub(crate) fn all(
        &mut self,
        items: &[Expr],
        params: Params<'_>,
    ) -> Result<Vec<NodeId>, PlanError> {
        items.iter().map(|item| self.expr(item, params)).collect()
    }

    /// The node of a derived name.
    pub(crate) fn name(&mut self, name: Derived) -> NodeId {
        if let Some(known) = self.derived[name as usize] {
            return known;
        }
        for base in event::derived::inputs(name) {
            self.layout.want(*base);
        }
        let id = self.add(Node::Derived(name));
        self.derived[name as usize] = Some(id);
        id
    }

    /// The node of a raw path that reads text.
    pub(crate) fn raw_text(&mut self, base: Base) -> Result<NodeId, PlanError> {
        let slot = self.layout.slot(base.path())?;
        Ok(self.add(Node::Slot(slot, ReadAs::Text)))
    }

    fn over(&mut self, list: &Expr, cond: &Expr, params: Params<'_>) -> Result<Over, PlanError> {
        let list = self.expr(list, params)?;
        let var = self.depth;
        self.depth += 1;
        let cond = self.expr(cond, params);
        self.depth -= 1;
        Ok(Over { var, list, cond: cond? })
    }

    fn member(&mut self, a: &Expr, list: &Expr, params: Params<'_>) -> Result<NodeId, PlanError> {
        let value = self.expr(a, params)?;
        let list = self.expr(list, params)?;
        let recipe = Recipe::InSet(value, list);
        if let Some(id) = self.known.made(&recipe) {
            return Ok(id);
        }
        let node = match self.constant(list) {
            Some(Const::List(values)) => Node::InSet(value, Box::new(Set::new(values))),
            _ => return Ok(self.add(Node::In(value, list))),
        };
        Ok(self.make(recipe, node))
    }

    fn has(&mut self, a: &Expr, b: &Expr, params: Params<'_>) -> Result<NodeId, PlanError> {
        let list = self.expr(a, params)?;
        let wanted = self.expr(b, params)?;
        let recipe = Recipe::HasSet(list, wanted);
        if let Some(id) = self.known.made(&recipe) {
            return Ok(id);
        }
        let set = match self.constant(wanted) {
            Some(Const::List(values)) => Set::new(values),
            Some(value) => Set::new(std::slice::from_ref(value)),
            None => return Ok(self.add(Node::Has(list, wanted))),
        };
        Ok(self.make(recipe, Node::HasSet(list, Box::new(set))))
    }

    fn like(&mut self, a: &Expr, pattern: &Expr, params: Params<'_>) -> Result<NodeId, PlanError> {
        let (text, fold) = match &a.kind {
            ExprKind::Call(Func::Lower, args) if args.len() == 1 => (&args[0], true),
            _ => (a, false),
        };
        let pattern = self.expr(pattern, params)?;
        if !matches!(self.constant(pattern), Some(Const::Text(_) | Const::List(_))) {
            let text = self.expr(a, params)?;
            return Ok(self.add(Node::Like(text, pattern)));
        }
        let text = self.expr(text, params)?;
        let recipe = Recipe::LikeSet(text, pattern, fold);
        if let Some(id) = self.known.made(&recipe) {
            return Ok(id);
        }
        let texts = match self.constant(pattern) {
            Some(Const::List(values)) => values.as_slice(),
            one => one.map_or(&[][..], std::slice::from_ref),
        };
        let texts = texts.iter().filter_map(|value| match value {
            Const::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let globs = Box::new(Globs::new(texts, fold));
        Ok(self.make(recipe, Node::LikeSet(text, globs)))
    }

    fn constant(&self, id: NodeId) -> Option<&Const> {
        match &self.nodes[id.0 as usize] {
            Node::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The number of a node; one that equals a known one is that one.
    fn add(&mut self, node: Node) -> NodeId {
        let id = self.known.number(&node, &self.nodes);
        if id.0 as usize == self.nodes.len() {
            self.push(node);
        }
        id
    }

    /// The number of the node of a constant, which is copied if it is new.
    fn add_constant(&mut self, value: &Const) -> NodeId {
        let id = self.known.constant(value, &self.nodes);
        if id.0 as usize == self.nodes.len() {
            self.push(Node::Const(value.clone()));
        }
        id
    }

    /// The number of a new node that was made as the recipe says.
    fn make(&mut self, recipe: Recipe, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.known.keep(recipe, id);
        self.push(node);
        id
    }

    fn push(&mut self, node: Node) {
        self.reads.push(self.reads_of(&node));
        self.nodes.push(node);
    }

    fn reads_of(&self, node: &Node) -> Reads {
        let mut reads = Reads::default();
        node.each_child(|child| {
            let below = self.reads[child.0 as usize];
            reads.event |= below.event;
            reads.needs = reads.needs.max(below.needs);
            reads.error |= below.error;
            reads.window |= below.window;
            reads.steps |= below.steps;
            reads.free |= below.free;
        });
        match node {
            Node::Slot(slot, kind) => {
                reads.event = true;
                reads.error = *slot == Base::ErrorCode.slot() && *kind == ReadAs::Text;
                reads.needs = needs_of_slot(*slot, *kind);
            }
            Node::Derived(name) => {
                reads.event = true;
                reads.error = *name == Derived::Denied;
                reads.needs = needs_of(*name);
            }
            Node::Whole => {
                (reads.event, reads.needs) = (true, Needs::All);
            }
            Node::Var(number) => reads.free = bit(*number),
            Node::Any(over) | Node::All(over) => {
                let inside = self.reads[over.cond.0 as usize].free & !bit(over.var);
                reads.free = self.reads[over.list.0 as usize].free | inside;
            }
            Node::Aggregate(_) | Node::New | Node::Share | Node::Score(_) => reads.window = true,
            Node::Picked(..) => reads.steps = true,
            _ => {}
        }
        reads
    }
}

fn read_as(ty: &Type) -> ReadAs {
    match ty {
        Type::Bool => ReadAs::Bool,
        Type::Int => ReadAs::Int,
        Type::Float => ReadAs::Float,
        Type::Time => ReadAs::Time,
        Type::Str | Type::IdentityType | Type::Nominal(_) => ReadAs::Text,
        _ => ReadAs::Json,
    }
}

/// The bit of a variable; expressions nest at most 64 deep.
fn bit(var: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(var).unwrap_or(u32::MAX)).unwrap_or(0)
}
