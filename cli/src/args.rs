//! What was typed: commands, flags, their help.
//!
//! It knows the form of each value and nothing of what values mean together; that is
//! `settings`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use engine::event::EventTime;
use engine::plan::Level;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Finds what is wrong in AWS CloudTrail.
///
/// Trailhound reads CloudTrail records, from an archive or live, holds them against
/// rules, and says what is wrong and why: who, where, when, and the events that prove it.
/// The built-in rules need no configuration; rules of your own are added with `-r`.
#[derive(Debug, Parser)]
#[command(
    version,
    name = "trailhound",
    after_long_help = EXAMPLES,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Args {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Whether to use colours: where the output is a terminal, always, or never.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

impl Args {
    /// What was typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or the help that was asked for; coloured as `--color` says wherever
    /// it stands.
    pub(crate) fn typed(typed: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command().color(color_in(&typed));
        let mut matches = command.try_get_matches_from_mut(typed).map_err(advised)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }
}

/// What to type instead where a file stands that no command takes there.
fn advised(mut error: clap::Error) -> clap::Error {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) if Path::new(word).exists() => Some(word.as_str()),
        _ => None,
    };
    let path = word(ContextKind::InvalidSubcommand).or_else(|| word(ContextKind::InvalidArg));
    let Some(path) = path else { return error };
    let is_rules = path.ends_with(".trail") || engine::sigma::is_sigma(path);
    let tip = match is_rules {
        true => format!("rules of your own are given with `-r {path}`"),
        false => format!("for the alerts of a file or folder: trailhound replay {path}"),
    };
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// What `--color` says before all else is read.
fn color_in(typed: &[OsString]) -> ColorChoice {
    let mut words = typed.iter().skip(1).map(|word| word.to_string_lossy());
    let mut choice = ColorChoice::Auto;
    while let Some(word) = words.next().filter(|word| word != "--") {
        let when = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('=').map(|value| value.to_owned().into()),
            None => continue,
        };
        choice = match when.as_deref() {
            Some("never") => ColorChoice::Never,
            Some("always") => ColorChoice::Always,
            _ => choice,
        };
    }
    choice
}

const EXAMPLES: &str = "\
Examples:
  trailhound replay logs/                        alerts of an archive, for people
  trailhound replay logs/ -o alerts.jsonl        the same, one JSON object a line
  trailhound replay logs/ --alerts-from 2025-09-01
                                                 learn from all of it, show what is new
  tail -F trail.jsonl | trailhound stream        each alert as soon as it is true
  trailhound fmt my.trail && trailhound check my.trail && trailhound test my.trail
                                                 work on a rule of your own
  trailhound replay logs/ -r my.trail --fail-on high
                                                 status 1 when something is at least high

Exit status:
  0    done
  1    done, and an alert reached --fail-on, or `fmt --check` found what it would change
  2    usage, rules, site file or tests are wrong; nothing was replayed
  3    done, but an input could not be read or held no CloudTrail record
  4    stopped, because an output could not be written
  130  ended by SIGINT (143 by SIGTERM); what was finished was written";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find alerts in an archive: files and folders.
    #[command(after_long_help = REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Find alerts in a live stream on standard input, each as soon as it is true.
    #[command(after_long_help = STREAM_EXAMPLES)]
    Stream(Stream),
    /// Check rules: errors and doubts, each with what to do.
    ///
    /// Without a file the built-in rules are checked. The status is 2 when there is an
    /// error; warnings do not change it.
    Check(Check),
    /// Put rule files into the one layout of the language.
    ///
    /// Comments are kept. A file with an error is left as it is, and the status is 2.
    Fmt(Fmt),
    /// Say what a rule or an error code means, or why a rule fires on an event.
    ///
    /// With a rule: what it looks for and reads, what it costs, what can be set. With a
    /// rule and an event: what each part of its condition comes to over that event. With a
    /// code such as E0103, L0006 or S0007: what is wrong, and the cure.
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Run the tests that stand in rules.
    ///
    /// Without a file those of the built-in rules are run. The status is 2 when one fails.
    Test(Test),
    /// List the rules.
    Rules(Rules),
    /// Print Sigma rules in the rule language.
    ///
    /// What Sigma says of a rule and the language has no clause for stands above it as a comment.
    Convert(Convert),
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  trailhound replay AWSLogs/
  trailhound replay AWSLogs/ --from 2025-09-01 --to 2025-10-01
  trailhound replay a.json.gz b.json --format jsonl | jq -r .title
  aws s3 cp s3://trail/file.json.gz - | trailhound replay -

In a folder, files named *.json, *.jsonl, *.ndjson, *.log, *.gz and *.zst are read;
CloudTrail's digests and Insights are passed over. A file that is named is always read.
What a file holds is judged by its content.";

const STREAM_EXAMPLES: &str = "\
Examples:
  tail -F trail.jsonl | trailhound stream
  tail -F trail.jsonl | trailhound stream --min-severity high -o alerts.jsonl";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  trailhound explain E0103
  trailhound explain root_login
  trailhound explain my_rule event.json -r my.trail
  trailhound explain my_rule logs.json.gz --id 5227ab60-4343-47ee-b712-a638ea2bcd2e";

/// `replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// Files and folders with CloudTrail records; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) alerts: AlertArgs,
    /// Leave out events before this time.
    ///
    /// A date is its midnight, UTC. Day folders outside of the time are not opened.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Selection")]
    pub(crate) from: Option<EventTime>,
    /// Leave out events at or after this time.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Selection")]
    pub(crate) to: Option<EventTime>,
    /// Take the input to be in order of time, to within six hours.
    ///
    /// For one great file of JSON lines whose name tells no time of delivery: alerts are let out
    /// on the way and little is kept in memory, where otherwise nothing is decided before the
    /// end. What comes later than that meets the one-event rules only. One thread reads.
    #[arg(long, help_heading = "Selection")]
    pub(crate) sorted: bool,
    /// How many threads read and match; where not given as many as there are cores, and one
    /// for inputs of less than 1 MiB.
    ///
    /// The alerts are the same with any number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// `stream`.
#[derive(Debug, clap::Args)]
pub(crate) struct Stream {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) alerts: AlertArgs,
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// Add rules: a file, or a folder with *.trail files and Sigma's *.yml.
    ///
    /// A rule with the name of a built-in one replaces it.
    #[arg(short, long, value_name = "PATH", help_heading = "Rules")]
    pub(crate) rules: Vec<PathBuf>,
    /// Leave out the built-in rules.
    #[arg(long, help_heading = "Rules")]
    pub(crate) no_builtin: bool,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
}

/// Which site file.
#[derive(Debug, clap::Args)]
pub(crate) struct SiteArgs {
    /// Take values, severities and exceptions from a site file.
    ///
    /// Where it is not given: the file that TRAILHOUND_SITE names, else ./trailhound.toml,
    /// else trailhound/trailhound.toml in $XDG_CONFIG_HOME or ~/.config.
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub(crate) site: Option<PathBuf>,
    /// Take no site file, wherever one is.
    #[arg(long, conflicts_with = "site", help_heading = "Rules")]
    pub(crate) no_site: bool,
}

/// What to do with alerts.
#[derive(Debug, clap::Args)]
pub(crate) struct AlertArgs {
    /// How alerts are written: pretty on a terminal, else jsonl.
    #[arg(long, value_name = "FORMAT", help_heading = "Alerts")]
    pub(crate) format: Option<Format>,
    /// Write alerts to a file.
    ///
    /// An existing file is overwritten; a new one can be read by its owner only.
    #[arg(short, long, value_name = "FILE", help_heading = "Alerts")]
    pub(crate) output: Option<PathBuf>,
    /// Show only alerts at least this severe.
    ///
    /// Where it is not given, alerts of built-in rules below the pack's default are not
    /// shown, and those of rules given with -r always are. What is not shown is counted.
    #[arg(long, value_name = "LEVEL", value_parser = level(), help_heading = "Alerts")]
    pub(crate) min_severity: Option<Level>,
    /// Learn from all events, but show alerts only from this time on.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Alerts")]
    pub(crate) alerts_from: Option<EventTime>,
    /// Put the record into alerts of one event; secrets are redacted.
    #[arg(long, help_heading = "Alerts")]
    pub(crate) include_record: bool,
    /// End with status 1 when an alert at least this severe was shown.
    #[arg(long, value_name = "LEVEL", value_parser = level(), help_heading = "Alerts")]
    pub(crate) fail_on: Option<Level>,
    /// Write what became of every file and record to a file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) summary_json: Option<PathBuf>,
    /// Take this for the time of day: events after it are from the future.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<EventTime>,
    /// Tell at the end where the time went, by stage, also in --summary-json.
    ///
    /// The stages are summed over all threads. What a single record costs is timed for one in
    /// sixteen.
    #[arg(long)]
    pub(crate) timings: bool,
    /// Say nothing on standard error but what is wrong.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: all damage, and the site file that was named.
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Rule files, or folders with *.trail and Sigma's *.yml; the built-in rules where none is given.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The same as FILE.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Show all that is wrong, not the first 20 of each file; other formats always do.
    #[arg(long)]
    pub(crate) all: bool,
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
}

/// `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The name of a rule, or the code of an error or lint.
    #[arg(value_name = "RULE|CODE")]
    pub(crate) name: String,
    /// A file with the event, in any shape that `replay` reads; `-` is standard input.
    #[arg(value_name = "EVENT")]
    pub(crate) event: Option<PathBuf>,
    /// The eventID of the event, where the file holds more than one.
    #[arg(long, value_name = "EVENT_ID", requires = "event")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
}

/// `fmt`.
#[derive(Debug, clap::Args)]
pub(crate) struct Fmt {
    /// Rule files, or folders with *.trail files; `-` formats standard input to standard output.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; show what would change, and end with status 1 when something would.
    #[arg(long)]
    pub(crate) check: bool,
}

/// `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Rule files, or folders with *.trail and Sigma's *.yml; the built-in rules where none is given.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The same as FILE.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Run the tests with the values of a site file.
    ///
    /// Without it they run with the rules' own values, whatever site files there are.
    #[arg(long, value_name = "FILE")]
    pub(crate) site: Option<PathBuf>,
    /// Run only the tests whose name, or whose rule's name, holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Change one thing at a time in each rule and show the changes that no test notices.
    ///
    /// A comparison is turned round, a part of a condition left out, a threshold or length
    /// of time made larger or smaller, a literal changed. What no test notices may go wrong
    /// unseen. It changes no status; tests that fail without a change do.
    #[arg(long)]
    pub(crate) mutate: bool,
    /// Show only tests that fail; with --mutate, only rules with a change unnoticed.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// How it is written: for people, or each test and each change as a JSON object a line.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: TestFormat,
}

/// `rules`.
#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// How the list is written.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
    /// Show each value that a site may set, what holds, and where it came from.
    #[arg(long)]
    pub(crate) origin: bool,
    /// Write the techniques that the rules cover as a layer of the ATT&CK Navigator.
    #[arg(long, conflicts_with_all = ["format", "origin"])]
    pub(crate) attack_layer: bool,
}

/// `convert`.
#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// Sigma files, or folders with *.yml.
    ///
    /// A correlation finds its rules among all files that are given.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write a *.trail file for each into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// How alerts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Jsonl,
}

/// How what is wrong with rules is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// With excerpts of the files, for people.
    Human,
    /// One JSON object a line.
    Json,
    /// Commands of GitHub's workflows, which mark the lines of a change.
    Github,
}

/// How tests are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// A line a rule, and figures.
    Human,
    /// A JSON object a line.
    Json,
}

/// How rules are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table for people.
    Table,
    /// A JSON list.
    Json,
}

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// Where the output is a terminal, and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A time as typed: RFC 3339, or a date, which is its midnight.
fn time(text: &str) -> Result<EventTime, &'static str> {
    EventTime::parse(text)
        .or_else(|| EventTime::parse(&format!("{text}T00:00:00Z")))
        .ok_or("wanted is a time such as 2025-09-01 or 2025-09-01T08:30:00Z")
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(|(word, _)| word)).map(|word| {
        let known = Level::ALL.into_iter().find(|(own, _)| *own == word);
        known.map_or(Level::Info, |(_, level)| level)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn a_date_is_its_midnight() {
        assert_eq!(time("1970-01-02"), Ok(EventTime(86_400)));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Ok(EventTime(0)));
        assert!(time("yesterday").is_err());
        assert!(time("2025-02-30").is_err());
    }
}
