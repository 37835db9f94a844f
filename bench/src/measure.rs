//! How fast: what is measured, against what, and the tables it is told in.
//!
//! In the order of use: `corpus` has the files, `run` the engine on them, [`typed`] and
//! [`stages`] what stands beside it, [`child`] and [`rivals`] run other programs,
//! [`stopwatch`] lets two sides run in turn, [`table`] lays the outcome out.
//!
//! # Invariants
//!
//! - What is compared ran in one process run, in turn, on the same bytes.
//! - Nothing is printed here.

pub mod child;
pub mod corpus;
pub mod rivals;
pub mod rows;
pub mod run;
pub mod stages;
pub mod stopwatch;
pub mod table;
pub mod typed;
