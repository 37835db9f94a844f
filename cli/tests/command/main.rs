//! The binary as its users meet it: statuses, streams, outputs, signals.
//!
//! Each test runs the real program on a few small inputs in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod alerts;
mod explaining;
mod formatting;
mod hostile;
mod live;
mod place;
mod rule_files;
mod sigma;
mod site;
mod statuses;
mod testing;
