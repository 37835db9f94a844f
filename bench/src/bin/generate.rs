//! Writes a CloudTrail archive made from a seed; `bench/README.md` has examples.
//!
//! Turns what was typed into a [`Plan`] and says what was made; all work is in the library.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bench::archive::{AS_MEASURED, Made, PLAIN, Plan, Volume, generate};
use bench::background::Habits;
use bench::clock::Moment;
use bench::delivery::Terms;
use bench::figures::Figures;
use bench::rhythm::Week;
use bench::sink::Form;
use clap::Parser;

/// Write a CloudTrail archive made from a seed: same options, same bytes.
///
/// Without more options: four weeks of three accounts, 20,000 events on the mean day,
/// gathered into a file for five minutes as AWS does, a fifth of them delivered twice.
/// `--as-measured` adds what real archives were measured to have beside that.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Typed {
    /// Folder to write to.
    #[arg(long, value_name = "DIR", required_unless_present = "measure")]
    out: Option<PathBuf>,
    /// Tell what an archive is like, and write none: sizes, files, delivery, copies, bursts.
    ///
    /// Any folder that Trailhound reads will do, one of your own too.
    #[arg(long, value_name = "DIR", exclusive = true)]
    measure: Option<PathBuf>,
    /// Sizes, errors and bursts as measured in real data, where no option says otherwise.
    ///
    /// A 99th percentile of 2.4 kB a record, one record in 5,000 of 31 kB and one in
    /// 50,000 of 250 kB, a twentieth of the calls refused, a tenth of the events in bursts.
    #[arg(long)]
    as_measured: bool,
    /// Seed of everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of accounts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    accounts: u16,
    /// Regions, the home region first; the first account works in all, others in fewer.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "eu-west-1,us-east-1,eu-central-1,us-west-2"
    )]
    regions: Vec<String>,
    /// Begin of the period, such as 2025-09-01 or 2025-09-01T00:00:00Z.
    #[arg(long, default_value = "2025-09-01", value_parser = moment)]
    start: Moment,
    /// Length of the period in days.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(i64).range(1..=3660))]
    days: i64,
    /// Events on the mean day.
    #[arg(long, default_value_t = 20_000.0, value_parser = amount)]
    events_per_day: f64,
    /// Inflated megabytes of the whole archive, instead of events per day.
    #[arg(long, value_name = "MB", conflicts_with = "events_per_day", value_parser = amount)]
    target_mb: Option<f64>,
    /// The most records in a file.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    records_per_file: u32,
    /// Minutes for which records are gathered into a file; AWS takes five.
    #[arg(long, value_name = "MIN", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1440))]
    gather: u16,
    /// Share of events delivered twice, in different files.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share)]
    duplicates: f64,
    /// Share of events delivered more than six hours after they happened.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    late: f64,
    /// Share of calls refused for want of permission.
    ///
    /// [default: 0.02]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    denied: Option<f64>,
    /// Share of records of 2.3 to 5.3 kB.
    ///
    /// [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    long: Option<f64>,
    /// Share of records of about 31 kB.
    ///
    /// [default: 0.0002]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    large: Option<f64>,
    /// Share of records of about 250 kB, near CloudTrail's limit.
    ///
    /// [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    huge: Option<f64>,
    /// Share of events in bursts: one caller, one call, up to 110 in a second.
    ///
    /// [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    bursts: Option<f64>,
    /// Characters in the session tokens of STS.
    ///
    /// [default: 240]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    token: Option<u16>,
    /// Busy hours of a day in UTC, from and to.
    #[arg(long, value_name = "H-H", default_value = "7-19", value_parser = hours)]
    busy: (i64, i64),
    /// Activity outside the busy hours, as a part of the peak.
    #[arg(long, value_name = "SHARE", default_value_t = 0.3, value_parser = share)]
    night: f64,
    /// Activity on Saturday and Sunday, as a part of a weekday's.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    weekend: f64,
    /// Place the incidents, and list them.
    #[arg(long)]
    incidents: bool,
    /// Keep ordinary days free of causes for alarm: no Root, no outsiders, steady habits.
    #[arg(long)]
    quiet: bool,
    /// Add an organisation's level to the layout.
    #[arg(long, value_name = "O-ID")]
    organization: Option<String>,
    /// Level of gzip, 0 to 9.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=9))]
    level: u32,
    /// Write .json files without compression.
    #[arg(long, conflicts_with = "jsonl")]
    plain: bool,
    /// Write one file of JSON Lines, cloudtrail.jsonl, in the order of delivery.
    #[arg(long)]
    jsonl: bool,
}

fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("write a day as 2025-09-01 or a time as 2025-09-01T00:00:00Z")
}

fn share(text: &str) -> Result<f64, &'static str> {
    let share: Option<f64> = text.parse().ok();
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or("write a share from 0 to 1")
}

fn amount(text: &str) -> Result<f64, &'static str> {
    let amount: Option<f64> = text.parse().ok();
    amount.filter(|amount| *amount > 0.0 && *amount < 1e12).ok_or("write a number above 0")
}

fn hours(text: &str) -> Result<(i64, i64), &'static str> {
    let hours =
        text.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    hours.filter(|(from, to)| 0 <= *from && from < to && *to <= 24).ok_or("write hours as 7-19")
}

const EXAMPLES: &str = "\
Examples:
  generate --out /tmp/trail --target-mb 500
  generate --out /tmp/trail --target-mb 500 --as-measured --incidents
  generate --out /tmp/trail --days 7 --events-per-day 5000 --plain
  generate --measure /tmp/trail";

impl Typed {
    fn plan(self, out: PathBuf) -> Plan {
        let usual = if self.as_measured { AS_MEASURED } else { PLAIN };
        Plan {
            seed: self.seed,
            accounts: usize::from(self.accounts),
            regions: self.regions,
            start: self.start,
            days: self.days,
            volume: self
                .target_mb
                .map_or(Volume::EventsPerDay(self.events_per_day), Volume::Megabytes),
            week: Week {
                opens: self.busy.0,
                closes: self.busy.1,
                night: self.night,
                weekend: self.weekend,
            },
            bursts: self.bursts.unwrap_or(usual.bursts),
            habits: Habits {
                denied: self.denied.unwrap_or(usual.habits.denied),
                long: self.long.unwrap_or(usual.habits.long),
                large: self.large.unwrap_or(usual.habits.large),
                huge: self.huge.unwrap_or(usual.habits.huge),
                token_length: self.token.map_or(usual.habits.token_length, usize::from),
            },
            quiet: self.quiet,
            incidents: self.incidents,
            terms: Terms {
                gather: i64::from(self.gather) * 60,
                records_per_file: self.records_per_file as usize,
                duplicates: self.duplicates,
                late: self.late,
            },
            organization: self.organization,
            form: match (self.plain, self.jsonl) {
                (true, _) => Form::Plain,
                (_, true) => Form::Lines,
                _ => Form::Gzip(self.level),
            },
            out,
        }
    }
}

fn main() -> ExitCode {
    let mut typed = Typed::parse();
    let done = match (typed.measure.take(), typed.out.take()) {
        (Some(folder), _) => write!(io::stdout(), "{}", Figures::of(&[folder])),
        (None, out) => {
            let plan = typed.plan(out.unwrap_or_default());
            generate(&plan).and_then(|made| tell(&made))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "generate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the totals to standard error and the incidents to standard output.
fn tell(made: &Made) -> io::Result<()> {
    let counts = made.delivered;
    let records = counts.events + counts.copies;
    writeln!(
        io::stderr(),
        "{} events, {} copies, {} late; {} files, {:.1} MB inflated, {:.1} MB written; mean record {} B",
        counts.events,
        counts.copies,
        counts.late,
        made.files,
        made.inflated_bytes as f64 / 1e6,
        made.written_bytes as f64 / 1e6,
        counts.record_bytes / records.max(1)
    )?;
    let mut out = io::stdout().lock();
    made.incidents.iter().try_for_each(|incident| writeln!(out, "{}", incident.row()))
}
