//! What is remembered, in event time and bounded memory.
//!
//! A [`Line`] is what happened in order of time, [`Cells`] are rows by second, [`Distinct`]
//! counts different values of a moving window, [`Learned`] tells new from known, [`Share`] rare from common, [`Baseline`]
//! usual from unusual, [`Table`] holds the groups of a rule under a cap. It knows no
//! rules and no JSON; what a row means is its owner's business.

mod baseline;
mod cells;
mod distinct;
mod hashed;
mod learned;
mod line;
mod share;
mod table;

pub use baseline::{Baseline, Deviation, Fit, Model, Sample, Season, Tally};
pub use cells::{Cells, Row};
pub use distinct::Distinct;
pub use hashed::{AsHashed, Hashed};
pub use learned::{Learned, Learning, Tuple, Undo};
pub use line::Line;
pub use share::{HOUR, Portion, Seldom, Share};
pub use table::{Idle, Table};
