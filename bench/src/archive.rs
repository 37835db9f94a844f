//! A whole archive, from a plan to the files.
//!
//! [`generate`] walks the seconds of the period once: what happens in a second is made,
//! incidents join at their time, and all goes to [`crate::delivery`]. Background,
//! incidents and delivery each have their own stream of chance.

use std::io;
use std::path::PathBuf;

use crate::background::{Background, Habits};
use crate::clock::{DAY, Moment};
use crate::delivery::{Delivered, Delivery, Terms};
use crate::dice::Dice;
use crate::incidents::{self, Incident};
use crate::rhythm::{Bursts, Rhythm, Week};
use crate::sink::{Form, Sink};
use crate::world::World;

/// Bytes of the mean record; a target size is turned into events with it.
pub const MEAN_RECORD_BYTES: f64 = 1_390.0;

/// How much there is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Volume {
    /// Events on the mean day.
    EventsPerDay(f64),
    /// Inflated megabytes (10⁶ bytes) of the whole archive, to within about 5 %.
    Megabytes(f64),
}

/// All that decides an archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Seed of everything.
    pub seed: u64,
    /// Number of accounts, at least 1.
    pub accounts: usize,
    /// Regions, the home region first; at least one.
    pub regions: Vec<String>,
    /// Begin of the period.
    pub start: Moment,
    /// Length of the period in days.
    pub days: i64,
    /// How much there is to be.
    pub volume: Volume,
    /// Day and night.
    pub week: Week,
    /// Share of events that come in bursts of one caller and one call.
    pub bursts: f64,
    /// How unusual an ordinary day may be.
    pub habits: Habits,
    /// True for ordinary days that give no cause for alarm.
    pub quiet: bool,
    /// Whether the incidents happen.
    pub incidents: bool,
    /// How records are delivered.
    pub terms: Terms,
    /// Identifier of the organisation, for its level in the layout.
    pub organization: Option<String>,
    /// Shape of the output.
    pub form: Form,
    /// Folder to write to.
    pub out: PathBuf,
}

/// What an ordinary day has of the unusual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Share of events in bursts.
    pub bursts: f64,
    /// Sizes and refusals.
    pub habits: Habits,
}

/// Days without bursts and without records of 250 kB.
pub const PLAIN: Usual = Usual {
    bursts: 0.0,
    habits: Habits { denied: 0.02, long: 0.0, large: 0.0002, huge: 0.0, token_length: 240 },
};

/// What was measured in real archives.
pub const AS_MEASURED: Usual = Usual {
    bursts: 0.1,
    habits: Habits { denied: 0.05, long: 0.012, large: 0.0002, huge: 0.000_02, token_length: 60 },
};

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// Events, copies, late ones.
    pub delivered: Delivered,
    /// Files written.
    pub files: u64,
    /// Bytes of the files before compression.
    pub inflated_bytes: u64,
    /// Bytes of the files.
    pub written_bytes: u64,
    /// The incidents, in order of time.
    pub incidents: Vec<Incident>,
}

impl Plan {
    fn events(&self) -> f64 {
        match self.volume {
            Volume::EventsPerDay(events) => events * self.days as f64,
            Volume::Megabytes(megabytes) => {
                let extra = self.habits.large * 31_000.0 + self.habits.huge * 250_000.0;
                let copies = 1.0 + self.terms.duplicates;
                megabytes * 1e6 / ((MEAN_RECORD_BYTES + extra) * copies)
            }
        }
    }
}

/// Writes the archive of `plan`.
///
/// # Errors
///
/// Those of writing the files.
pub fn generate(plan: &Plan) -> io::Result<Made> {
    let sink = Sink::new(&plan.out, plan.organization.as_deref(), plan.form)?;
    let mut delivery = Delivery::new(plan.terms, Dice::new(plan.seed, 3), sink);
    let world = World::new(plan.seed, plan.accounts, &plan.regions, plan.quiet);
    let incidents = if plan.incidents { incidents::all(&world, plan) } else { Vec::new() };
    let mut steps: Vec<_> = incidents.iter().flat_map(Incident::steps).collect();
    steps.sort_by_key(|step| step.time);
    let mut steps = steps.into_iter().peekable();
    let spread = plan.events() * (1.0 - plan.bursts);
    let rhythm = Rhythm::new(plan.week, plan.start, plan.days, spread);
    let mut bursts = Bursts::new(plan.bursts, plan.days, plan.events());
    let mut when = Dice::new(plan.seed, 1);
    let mut background = Background::new(world, plan.habits, Dice::new(plan.seed, 2));
    for second in 0..plan.days * DAY {
        let now = plan.start.plus(second);
        delivery.advance(now)?;
        while let Some(step) = steps.next_if(|step| step.time <= now) {
            delivery.push(&step.account, &step.region, step.time, &step.record);
        }
        for _ in 0..rhythm.count(now, &mut when) {
            let event = background.event(now);
            delivery.push(event.account, event.region, now, event.text);
        }
        let (count, begins) = bursts.count(&mut when);
        if begins {
            background.begin_burst();
        }
        for _ in 0..count {
            let event = background.event_of_burst(now);
            delivery.push(event.account, event.region, now, event.text);
        }
    }
    let (delivered, sink) = delivery.finish()?;
    let Sink { files, inflated_bytes, written_bytes, .. } = sink;
    Ok(Made { delivered, files, inflated_bytes, written_bytes, incidents })
}
