//! A CloudTrail record: structural scan, fields, text, derived values, time.

mod cidr;
mod field;

pub use cidr::{Cidr, CidrError};
pub use field::Derived;
