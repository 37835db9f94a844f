//! Trailhound as a library: the crates of the engine behind one door.
//!
//! Load rules with [`lang::check::load`] (Sigma's after [`sigma::read`]), make them a program with
//! [`plan::compile`], then [`runtime::replay`] files found by [`input::discover`],
//! or [`runtime::stream`] a pipe. Each crate's head says what it is for.
//!
//! # Examples
//!
//! ```
//! use std::io;
//! use std::sync::atomic::AtomicBool;
//! use trailhound_engine::event::EventTime;
//! use trailhound_engine::exec::Alert;
//! use trailhound_engine::input::{Discover, discover};
//! use trailhound_engine::lang::{check, diag::Sources};
//! use trailhound_engine::plan::{Level, compile};
//! use trailhound_engine::runtime::{Config, REPLAY_LATENESS, Sink, replay};
//!
//! struct Lines(Vec<String>);
//! impl Sink for Lines {
//!     fn alert(&mut self, alert: &Alert) -> io::Result<()> {
//!         self.0.push(alert.line());
//!         Ok(())
//!     }
//!     fn flush(&mut self) -> io::Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! let mut sources = Sources::default();
//! sources.add("my.trail", "rule unnoticed { where api == \"StopLogging\" and ok }", false);
//! let (rules, diags) = check::load(&sources, &check::Options { lints: false });
//! assert!(diags.is_empty());
//! let program = compile(&rules)?;
//!
//! let stop = AtomicBool::new(false);
//! let config = Config {
//!     threads: 2,
//!     now: EventTime(1_795_000_000),
//!     lateness: REPLAY_LATENESS,
//!     sorted: false,
//!     from: None,
//!     to: None,
//!     alerts_from: None,
//!     least: vec![Level::Info; program.rules.len()],
//!     include_record: false,
//!     stop: &stop,
//!     clock: None,
//! };
//! let listing = discover(&["../sample".into()], &Discover::default());
//! let mut lines = Lines(Vec::new());
//! let outcome = replay(&program, &config, &listing, &mut lines, &())?;
//! assert!(outcome.ledger.balances());
//! assert!(lines.0.iter().all(|line| line.starts_with("{\"rule\":\"unnoticed\"")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use event;
pub use exec;
pub use input;
pub use lang;
pub use plan;
pub use runtime;
pub use sigma;
pub use state;
