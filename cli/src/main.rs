//! The binary `trailhound`.

fn main() {}
