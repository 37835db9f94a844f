//! Checked rules made into one immutable program.
//!
//! [`compile`] turns [`lang::typed`] into a [`Program`]: expressions as numbered
//! nodes, each written once; what every rule asks of an event, of its group and for
//! its alerts; and the layout that makes the scan find just that. What a node
//! computes is the business of `exec`; scratch belongs to whoever runs the program.

mod build;
mod globs;
mod known;
mod lower;
mod node;
mod outline;
mod program;
mod scenario;
mod set;

pub use event::Glob;
pub use globs::Globs;
pub use lang::ast::{ArithOp, Level, Span};
pub use lang::typed::{Baseline, Const, Func, Model, Season, ShowFunc};

pub use build::{EVIDENCE, compile, duration_text, json_of};
pub use lower::PlanError;
pub use node::{Needs, Node, NodeId, Over, Reads};
pub use outline::{Counted, Counts, Fields, Form, Outline, Part, StepPart, outline};
pub use program::{
    Aggregate, Clause, Column, FirstSeen, GroupRule, Join, Kind, Named, Piece, Program, Rare, Rule,
    SequenceRule, Show, Step, Suppress, Tuple,
};
pub use scenario::{Expectation, Records, Scenario, Stage, scenarios, scenarios_with};
pub use set::Set;

/// A float as alerts write it: whole without a fraction, else at most six digits after
/// the point; `null` when it is not finite.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the value is whole and within ±10¹⁵")]
pub fn number_json(value: f64) -> serde_json::Value {
    let rounded = format!("{value:.6}").parse::<f64>().unwrap_or(value);
    if rounded.trunc() == rounded && rounded.abs() < 1e15 {
        return serde_json::Value::from(rounded as i64);
    }
    serde_json::Value::from(rounded)
}
