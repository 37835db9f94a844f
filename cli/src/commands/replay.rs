//! `replay`: alerts of an archive.

use crate::args::{ColorWhen, Replay};
use crate::exit::{Exit, Failure};
use crate::load::{self, Loaded};
use crate::run::{Run, Unread};
use crate::settings::Settings;
use engine::input::{Discover, Listing, discover};
use engine::runtime::{self, Stage};
use std::sync::Arc;

/// Replay the files that the paths name.
///
/// # Errors
///
/// When rules or outputs cannot be used; what is wrong with inputs is in the status.
pub(crate) fn run(typed: &Replay, color: ColorWhen) -> Result<Exit, Failure> {
    let settings = Settings::of_replay(typed, color)?;
    let Loaded { program, site } = load::program(&typed.rules, settings.telling())?;
    let options = Discover { from: typed.from, to: typed.to, insights: false };
    let clock = settings.clock;
    let began = clock.map(|clock| clock());
    let listing = discover(&typed.paths, &options);
    let listed = clock.zip(began).map(|(clock, began)| clock() - began);
    let mut run = Run::open(settings.for_inputs(&listing.files), &listing.files)?;
    run.site = site;
    let watchdog = run.watchdog();
    let signals = run.signals.clone();
    let gauge = Arc::clone(&run.gauge);
    let config = run.settings.config(program, signals.stop());
    let mut result = runtime::replay(program, &config, &listing, &mut run.sink, &*gauge);
    if let (Ok(outcome), Some(ns)) = (&mut result, listed)
        && let Some(timings) = &mut outcome.timings
    {
        timings.add(Stage::List, ns);
        timings.wall_ns += ns;
    }
    drop(watchdog);
    let Listing { faults, empty, .. } = &listing;
    run.end(result, Unread { faults, empty, barren: is_barren(&listing) })
}

/// Whether the paths lead to nothing that could be read, and no time was asked for that
/// explains it.
fn is_barren(listing: &Listing) -> bool {
    listing.files.is_empty() && listing.faults.is_empty() && listing.skipped.outside == 0
}
