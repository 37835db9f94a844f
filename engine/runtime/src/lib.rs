//! Many cores and time: replay, stream, workers, shards, the watermark and the ledger.
//!
//! It adds cores and no meaning: what an event means stands in `exec`. In the order
//! of the data flow: `queue` hands out `batches` of files, a `worker` reads them, and has others
//! take records of a large one over the `relay`; its `desk` takes each record (filter, copies in
//! `seen`, lateness), facts go to shards in `threads`, firings wait in the `outbox` for the
//! watermark, alerts go to a [`Sink`]: all of it a `replay`. `stream` does the same for a live
//! stream, at once. `timings` tells where the time went, if it was asked for.

mod batches;
mod config;
mod desk;
mod ledger;
mod outbox;
mod piece;
mod queue;
mod relay;
mod replay;
mod seen;
mod stream;
mod threads;
mod timings;
mod worker;

pub use config::{
    Config, FUTURE, Outcome, Progress, REPLAY_LATENESS, RunError, STREAM_LATENESS, Sink,
};
pub use ledger::{Alerts, Bytes, Faulty, Files, Ledger, Records};
pub use replay::replay;
pub use stream::stream;
pub use timings::{Clock, Stage, Timings};
