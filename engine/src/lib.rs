//! Trailhound as a library: the crates of the engine behind one door.
//!
//! Load rules with [`lang::check::load`] (Sigma's after [`sigma::read`]), make them a program with
//! [`plan::compile`], then [`runtime::replay`] files found by [`input::discover`],
//! or [`runtime::stream`] a pipe. Each crate's head says what it is for.

pub use event;
pub use exec;
pub use input;
pub use lang;
pub use plan;
pub use runtime;
pub use sigma;
pub use state;
