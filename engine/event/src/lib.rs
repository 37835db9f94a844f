//! A CloudTrail record: structural scan, fields, text, derived values, time.
//!
//! No files, no rules. In the order of the data flow: [`Layout`] says which fields
//! are wanted, [`scan`] finds a record's end and those fields in one pass,
//! [`Event`] reads them, [`derived`] says what CloudTrail spreads over many of them.

pub mod derived;

mod cidr;
mod circle;
mod event;
mod field;
mod glob;
mod json;
mod layout;
mod lex;
mod likely;
mod nested;
mod number;
mod order;
mod pairs;
mod scan;
mod scene;
mod seed;
mod simd;
mod slots;
mod text;
mod time;
mod value;

pub use cidr::{Cidr, CidrError};
pub use circle::{Circle, Field, Reading};
pub use event::{Event, ReadAs};
pub use field::Derived;
pub use glob::Glob;
pub use json::{Elements, Entries, Json, Kind};
pub use layout::{Base, ENVELOPE_KEYS, Layout, RECORD_KEYS, Slot, TooManyPaths};
pub use number::Number;
pub use scan::{Scan, scan};
pub use scene::Reach;
pub use seed::Seed;
pub use simd::bring;
pub use slots::Slots;
pub use text::{decode, is_hidden, is_text, unescape};
pub use time::{EventTime, LastDay};
pub use value::Value;
