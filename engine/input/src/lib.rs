//! Bytes from the world: discover, inflate, frame, unwrap envelopes.
//!
//! The one crate that opens files and pipes. It knows the shapes in which CloudTrail
//! records arrive and nothing of rules; [`event`] says what a record is and where it
//! ends. In the order of the data flow: [`discover`] lists the files, [`Reader`] reads
//! one or a stream and hands each record on, [`FileReport`] says what was not read.
//!
//! # Invariants
//!
//! - Any bytes are read to their end: no panic, no recursion on nesting, memory bounded
//!   by the largest of a whole file (256 MiB), else by one record and the bytes ahead.
//! - `bytes listed = read + unreadable`, and every place where a record should be is
//!   handed on or counted as malformed or oversize.
//! - What is found in an input follows from its bytes, never from how they were cut
//!   into reads, nor from who read which part of it.

mod ahead;
mod balance;
mod discover;
mod file;
mod frame;
mod gunzip;
mod inflate;
mod look;
mod packing;
mod part;
mod place;
mod reader;
mod report;
mod seam;
mod search;
mod shown;
mod source;
mod stripe;
mod unzstd;
mod value;
mod wait;
mod watch;

pub use ahead::{Opened, open_ahead};
pub use discover::{Discover, Fault, FaultReason, Listing, Skipped, discover};
pub use file::{InputFile, Origin};
pub use look::{Look, Looked};
pub use packing::Packing;
pub use part::Part;
pub use reader::{Arrival, Found, Reader};
pub use report::{Damage, Damages, FileReport, Flaw, Malformed, Reason, Shapes};
pub use shown::shown;
pub use stripe::stripes;
pub use watch::{Phase, Watch};

/// The longest record that is read; a longer one is passed over and counted.
pub const LONGEST_RECORD: usize = 4 << 20;

/// What a file may come to and still be read whole; beyond, it passes through a window.
pub const LARGEST_WHOLE: usize = 256 << 20;

/// What a compressed file may come to; beyond, it is taken for a bomb.
pub const LARGEST_INFLATED: u64 = 4 << 30;
