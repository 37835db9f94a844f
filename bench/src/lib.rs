//! The archive generator and the benchmarks of Trailhound.
