//! What is remembered, in event time and bounded memory.
//!
//! [`Cells`] are rows by second, [`Distinct`] counts different values of a moving
//! window, [`Learned`] tells new from known, [`Table`] holds the groups of a rule
//! under a cap. It knows no rules and no JSON; what a row means is its owner's
//! business.

mod cells;
mod distinct;
mod learned;
mod table;

pub use cells::{Cells, Row};
pub use distinct::Distinct;
pub use learned::{Learned, Learning, Tuple, Undo};
pub use table::{Idle, Table};
