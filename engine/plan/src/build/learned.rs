//! What is learned: the tuples of `new` and `rare`, the baselines of `zscore`.

use super::Builder;
use crate::lower::{Params, PlanError};
use crate::node::NodeId;
use crate::program::{FirstSeen, Rare};
use lang::typed;

/// The parts of `when` beside `new` or `rare`.
#[derive(Default)]
struct Beside {
    event_parts: Vec<NodeId>,
    window_parts: Vec<NodeId>,
    bound: Vec<NodeId>,
}

impl Builder {
    pub(super) fn first_seen(
        &mut self,
        first: &typed::FirstSeen,
        params: Params<'_>,
    ) -> Result<FirstSeen, PlanError> {
        let Beside { event_parts, window_parts, bound } = self.beside(&first.others, params)?;
        Ok(FirstSeen {
            tuple: self.named(&first.tuple, params)?,
            warmup: first.warmup,
            memory: first.memory,
            keep_out: first.keep_out,
            cold_alert: first.cold_alert,
            event_parts,
            window_parts,
            bound,
        })
    }

    pub(super) fn rare(
        &mut self,
        rare: &typed::Rare,
        params: Params<'_>,
    ) -> Result<Rare, PlanError> {
        let Beside { event_parts, window_parts, bound } = self.beside(&rare.others, params)?;
        Ok(Rare {
            text: rare.text.as_str().into(),
            tuple: self.named(&rare.tuple, params)?,
            seldom: self.lowering.expr(&rare.seldom, params)?,
            warmup: rare.warmup,
            memory: rare.memory,
            min_samples: rare.min_samples,
            event_parts,
            window_parts,
            bound,
        })
    }

    fn beside(&mut self, others: &[typed::Expr], params: Params<'_>) -> Result<Beside, PlanError> {
        let mut beside = Beside::default();
        for part in others {
            let node = self.lowering.expr(part, params)?;
            let window = self.reads(node).window;
            let parts = if window { &mut beside.window_parts } else { &mut beside.event_parts };
            parts.push(node);
        }
        for part in &beside.window_parts {
            self.bind(*part, &mut beside.bound);
        }
        Ok(beside)
    }

    /// Collect the largest parts of an expression that read the event alone.
    fn bind(&self, node: NodeId, bound: &mut Vec<NodeId>) {
        let reads = self.reads(node);
        if reads.event && reads.of_event_alone() {
            if !bound.contains(&node) {
                bound.push(node);
            }
            return;
        }
        for child in self.lowering.nodes[node.0 as usize].children() {
            self.bind(child, bound);
        }
    }
}
