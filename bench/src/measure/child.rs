//! Other programs, and the real binary, as child processes: time, peak memory, first line.
//!
//! Peak memory is what Linux tells in `/proc/PID/status` (VmHWM) while the child runs: it
//! only grows, and is asked for every millisecond, so the last answer is the peak but for
//! what the last millisecond took. Elsewhere there is no such figure.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// It could not be started.
    NotStarted(String),
    /// It ended with a status other than 0, or was killed; its last words.
    Status(String),
    /// It ended without a line on standard output.
    Silent,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotStarted(why) => write!(f, "could not be started: {why}"),
            Self::Status(what) => write!(f, "failed: {what}"),
            Self::Silent => f.write_str("wrote nothing"),
        }
    }
}

impl std::error::Error for Failed {}

impl From<io::Error> for Failed {
    fn from(why: io::Error) -> Self {
        Self::NotStarted(why.to_string())
    }
}

/// Runs a command to its end, its output thrown away; the seconds it took.
///
/// # Errors
///
/// It cannot be started, or fails.
pub fn seconds(command: &mut Command) -> Result<f64, Failed> {
    let began = Instant::now();
    let done =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output()?;
    let took = began.elapsed().as_secs_f64();
    if done.status.success() {
        return Ok(took);
    }
    let words = String::from_utf8_lossy(&done.stderr);
    let last = words.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("").trim();
    let last: String = last.chars().filter(|c| !c.is_control()).take(100).collect();
    Err(Failed::Status(format!("{}, {last}", done.status)))
}

/// Runs a command to its end; the most memory it held, in bytes, where that is known.
///
/// # Errors
///
/// It cannot be started, or fails.
pub fn peak_bytes(command: &mut Command) -> Result<Option<u64>, Failed> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let place = format!("/proc/{}/status", child.id());
    let mut peak = None;
    let status = loop {
        if let Ok(text) = fs::read_to_string(&place) {
            peak = peak.max(high_water(&text));
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(Duration::from_millis(1));
    };
    if status.success() { Ok(peak) } else { Err(Failed::Status(status.to_string())) }
}

/// The line `VmHWM: 1234 kB` of a process's status, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Starts a command and waits for the first line on its standard output; the seconds.
///
/// # Errors
///
/// It cannot be started, or ends without a line.
pub fn first_line(command: &mut Command) -> Result<f64, Failed> {
    let began = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut line = Vec::new();
    if let Some(out) = child.stdout.take() {
        let mut out = BufReader::new(out);
        out.read_until(b'\n', &mut line)?;
        let took = began.elapsed().as_secs_f64();
        io::copy(&mut out, &mut io::sink())?;
        child.wait()?;
        if !line.is_empty() {
            return Ok(took);
        }
    }
    Err(Failed::Silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 7 kB\n";
        assert_eq!(high_water(status), Some(1234 * 1024));
        assert_eq!(high_water("Name:\tx\n"), None);
    }

    #[test]
    fn a_missing_program_and_a_failing_one_are_told_apart() {
        let missing = seconds(&mut Command::new("/nowhere/at/all"));
        assert!(matches!(missing, Err(Failed::NotStarted(_))), "{missing:?}");
        let failing = seconds(Command::new("sh").args(["-c", "echo broken >&2; exit 7"]));
        let Err(Failed::Status(words)) = failing else { panic!("{failing:?}") };
        assert!(words.contains('7') && words.contains("broken"), "{words}");
    }

    #[test]
    fn the_first_line_comes_before_the_end() {
        let took = first_line(Command::new("sh").args(["-c", "echo one; sleep 0.3"]));
        assert!(took.is_ok_and(|took| took < 0.3));
        assert_eq!(first_line(Command::new("sh").args(["-c", "true"])), Err(Failed::Silent));
    }
}
