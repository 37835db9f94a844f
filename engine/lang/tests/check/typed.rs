//! What right rules become.
