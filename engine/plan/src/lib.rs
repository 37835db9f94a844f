//! Checked rules made into one immutable program.
