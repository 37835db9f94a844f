//! The binary as its users meet it: statuses, streams, outputs, signals.
//!
//! Each test runs the real program on a few small inputs in a folder of its own.

mod alerts;
mod hostile;
mod live;
mod place;
mod rule_files;
mod statuses;
