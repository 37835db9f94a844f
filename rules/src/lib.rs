//! The built-in rule pack of Trailhound.
