//! The reference engine, case files and tidy checks of Trailhound.

pub mod oracle;
