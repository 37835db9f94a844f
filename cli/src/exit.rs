//! How a run ends: the exit statuses, and the failures that lead to some of them.
//!
//! The one place that knows numbers. Nothing here prints or ends the process; `main`
//! does both.

use engine::input::shown;
use engine::plan::PlanError;
use std::fmt;
use std::io;

/// The exit statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Done, and what was asked about is so: an alert reached `--fail-on`, `fmt --check`
    /// would change a file.
    Alerted,
    /// Usage, rules, site file or tests are wrong; nothing was replayed.
    Refused,
    /// Done, but an input could not be read or held no CloudTrail record.
    Incomplete,
    /// Stopped, because an output could not be written or the program failed.
    Stopped,
    /// Ended by SIGINT.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// Its number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Alerted => 1,
            Self::Refused => 2,
            Self::Incomplete => 3,
            Self::Stopped => 4,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// `--no-builtin` without a rule file.
    NoRules,
    /// `--from` is not before `--to`.
    NoTime,
    /// The output is one of the inputs.
    OutputIsInput(String),
    /// Rule files that cannot be read, and why.
    RuleFiles(Vec<(String, String)>),
    /// No rule or code has this name; some that are like it.
    Unknown(String, Vec<String>),
    /// An event that was asked for cannot be had: why.
    Event(String),
    /// A site file that cannot be read, and why.
    SiteFile(String, String),
    /// The rules have errors, which were shown.
    Rules,
    /// The rules are too much for one program.
    Program(PlanError),
    /// An output could not be written; where it has a name, the name.
    Output(Option<String>, io::Error),
    /// Signals cannot be listened to.
    Signals(io::Error),
    /// A fault of this program.
    Internal(String),
}

impl Failure {
    /// The status it ends with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoRules
            | Self::NoTime
            | Self::OutputIsInput(_)
            | Self::RuleFiles(_)
            | Self::Unknown(..)
            | Self::Event(_)
            | Self::SiteFile(..)
            | Self::Rules
            | Self::Program(_) => Exit::Refused,
            Self::Output(..) if self.is_closed_pipe() => Exit::Done,
            Self::Output(..) | Self::Signals(_) | Self::Internal(_) => Exit::Stopped,
        }
    }

    /// Whether the reader of the output has gone, which is no fault.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(_, why) if why.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether there is nothing to say any more.
    pub(crate) fn is_told(&self) -> bool {
        self.is_closed_pipe() || matches!(self, Self::Rules)
    }

    /// A failure to write to standard output.
    pub(crate) fn stdout(why: io::Error) -> Self {
        Self::Output(Some("standard output".to_owned()), why)
    }
}

/// What is wrong with a file; what the system says of it, without the number it gives.
pub(crate) fn words(why: &io::Error) -> String {
    let text = why.to_string();
    match text.split_once(" (os error ") {
        Some(_) if why.kind() == io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        Some((said, _)) => said.to_lowercase(),
        None => text,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRules => f.write_str(
                "no rules: `--no-builtin` needs rule files (`-r PATH`) with a rule for CloudTrail",
            ),
            Self::NoTime => f.write_str("no time is left: `--from` must be before `--to`"),
            Self::OutputIsInput(name) => {
                write!(f, "`{name}` is an input and would be overwritten: choose another output")
            }
            Self::RuleFiles(faults) => {
                for (at, (name, why)) in faults.iter().enumerate() {
                    let gap = if at > 0 { "\nerror: " } else { "" };
                    write!(f, "{gap}rules `{name}`: {why}")?;
                }
                Ok(())
            }
            Self::Unknown(name, near) => {
                write!(f, "no rule or code is called `{}`", shown(name.as_bytes()))?;
                match near.as_slice() {
                    [] => f.write_str(": `trailhound rules` lists the rules"),
                    near => write!(f, "; did you mean {}?", shown(near.join(", ").as_bytes())),
                }
            }
            Self::Event(why) => f.write_str(&shown(why.as_bytes())),
            Self::SiteFile(name, why) => write!(f, "site file `{name}`: {why}"),
            Self::Rules => f.write_str("the rules have errors"),
            Self::Program(why) => f.write_str(&shown(why.to_string().as_bytes())),
            Self::Output(Some(name), why) => {
                write!(f, "`{name}` cannot be written: {}", words(why))
            }
            Self::Output(None, why) => f.write_str(&words(why)),
            Self::Signals(why) => write!(f, "signals cannot be listened to: {}", words(why)),
            Self::Internal(what) => write!(
                f,
                "internal error: {}\nThis is a fault of trailhound: please report it.",
                shown(what.as_bytes())
            ),
        }
    }
}
