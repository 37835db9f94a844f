//! The whole engine on one core: match, combine, evaluate, alert.
//!
//! It holds all meaning and no threads. In the order of the data flow: a [`Matcher`]
//! makes firings of one-event rules and [`Facts`] of the others; a [`Shard`] combines
//! those of a group and walks its seconds; an [`Outlet`] decides which firings
//! are alerts. Time of day and the order of work belong to `runtime`.

mod alert;
mod beyond;
mod canonical;
mod compare;
mod compute;
mod deadlines;
mod dispatch;
mod eval;
mod evidence;
mod fact;
mod facts;
mod fire;
mod fresh;
mod group;
mod hear;
mod id;
mod judge;
mod keys;
mod lately;
mod live;
mod matcher;
mod memory;
mod note;
mod outlet;
mod past;
mod pending;
mod phrase;
mod pursuit;
mod redact;
mod room;
mod runs;
mod say;
mod scene;
mod sequence;
mod sets;
mod shard;
mod solo;
mod steps;
mod tale;
mod trace;
mod tuples;
mod verdicts;
mod window;

pub use alert::{Alert, Firing, Order, STATE_EVICTED, state_evicted};
pub use facts::{Facts, SHARDS};
pub use keys::Seeds;
pub use matcher::{Matcher, Standing};
pub use outlet::Outlet;
pub use past::{MOST_BUCKETS, MOST_PAIRS};
pub use redact::{REDACTED, is_secret, redact};
pub use shard::{MOST_GROUPS, Shard};
pub use solo::{Mismatch, Verdict, rehearse};
pub use trace::{Given, Trace, Traced, trace};
