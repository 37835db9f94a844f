//! What the built-in rules see: of attacks that are known, and of events that others labelled.
//!
//! [`stratus`] has for each recorded attack technique the ATT&CK technique it stands for, and
//! finds the rules that name it; [`labelled`] has for each published rule those of ours on
//! the same matter, and compares.

pub mod labelled;
pub mod stratus;
