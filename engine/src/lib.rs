//! Trailhound as a library: the crates of the engine behind one door.
