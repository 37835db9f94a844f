//! Sequences: what each step asks of an event, of earlier steps, and what is kept of it.
//!
//! # Invariants
//!
//! - What reads earlier steps is over columns alone: it can be asked when the events are gone.
//! - A column is there because something reads it: a join, a rest, the title, `suppress`
//!   or `show`.

use super::{Builder, json_of};
use crate::lower::{Params, PlanError};
use crate::node::NodeId;
use crate::program::{Join, Kind, SequenceRule, Step};
use lang::typed;

impl Builder {
    /// The sequence of a rule; its columns come with [`Builder::columns`].
    pub(super) fn sequence(
        &mut self,
        rule: &typed::Rule,
        sequence: &typed::Sequence,
    ) -> Result<SequenceRule, PlanError> {
        let by = self.by(rule)?;
        let within = rule.within.as_ref();
        let told = sequence.params.iter().map(|number| {
            let param = &rule.params[*number];
            (param.name.as_str().into(), json_of(&param.value))
        });
        let params = told.collect();
        let mut steps = Vec::with_capacity(sequence.steps.len());
        for (number, step) in sequence.steps.iter().enumerate() {
            steps.push(self.step(number, step, &rule.params)?);
        }
        Ok(SequenceRule {
            by,
            within: within.map_or((1, "1s".into()), |w| (w.seconds, w.text.as_str().into())),
            text: sequence.text.as_str().into(),
            params,
            steps,
        })
    }

    fn step(
        &mut self,
        number: usize,
        step: &typed::Step,
        params: Params<'_>,
    ) -> Result<Step, PlanError> {
        let own = self.lowering.all(&step.own, params)?;
        let mut joins = Vec::with_capacity(step.joins.len());
        for join in &step.joins {
            let here = self.lowering.expr(&join.here, params)?;
            let there = self.lowering.expr(&join.there, params)?;
            joins.push(Join {
                here: self.lowering.column(number, here),
                step: join.step,
                there: self.lowering.column(join.step, there),
            });
        }
        Ok(Step {
            name: step.name.as_str().into(),
            absent: step.absent,
            count: step.count,
            own: self.lowering.conjunction(own),
            columns: Vec::new(),
            joins,
            rest: self.lowering.all(&step.rest, params)?,
        })
    }

    /// What an event must satisfy to be looked at: `where`, and some step as far as it reads
    /// the event alone.
    pub(super) fn entrance(&mut self, filter: NodeId, sequence: &SequenceRule) -> NodeId {
        let steps = sequence.steps.iter();
        let own = steps.map(|step| step.own).collect();
        let some = self.lowering.disjunction(own);
        self.lowering.conjunction(vec![filter, some])
    }

    /// Hands the columns that the whole rule reads to its steps.
    pub(super) fn columns(&mut self, kind: &mut Kind) {
        let columns = self.lowering.take_columns();
        if let Kind::Sequence(sequence) = kind {
            for (step, columns) in sequence.steps.iter_mut().zip(columns) {
                step.columns = columns;
            }
        }
    }
}
