//! The archive generator of Trailhound and its benchmarks.
//!
//! The generator makes CloudTrail as AWS delivers it, from a seed.//!
//! Reading order follows the data: [`dice`] and [`clock`] give chance and time,
//! [`identity`], [`record`] and [`template`] the text of one record, `apis` the calls
//! that exist, [`cast`] and [`world`] who makes them, [`rhythm`] when, [`background`]
//! an ordinary day, [`incidents`] the days that are not, [`delivery`] the files that
//! each record arrives in, [`sink`] the disk, and [`archive`] drives the whole;
//! [`figures`] tells what an archive is like, a made or a real one.
//!
//! The benchmarks stand on it: [`rulebook`] makes rules in any number, [`measure`] runs
//! the engine beside what it is compared with, [`workload`] has small fixed pieces of work,
//! and [`counts`] their instructions. What the built-in rules say is measured by
//! [`noise`], over ordinary work, and by [`coverage`], over known attacks and labelled events.
//!
//! # Invariants
//!
//! - The same [`archive::Plan`] gives the same bytes on every machine: chance comes from
//!   one seeded cipher, and no floating-point function beyond `+ - * /` is used.
//! - Memory holds the batches not yet delivered and never the archive.

pub mod apis;
pub mod archive;
pub mod background;
pub mod cast;
pub mod clock;
pub mod counts;
pub mod coverage;
pub mod delivery;
pub mod dice;
pub mod figures;
pub mod identity;
pub mod incidents;
pub mod measure;
pub mod noise;
pub mod record;
pub mod rhythm;
pub mod rulebook;
pub mod sink;
pub mod template;
pub mod workload;
pub mod world;
