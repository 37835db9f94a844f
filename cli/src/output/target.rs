//! Where alerts are written: standard output or a file, in whole lines.
//!
//! # Invariants
//!
//! - What is written to a file ends with a whole line, also where a write fails.
//! - What was put is written at the latest at the next put a tenth of a second later,
//!   or at the next flush.

use crate::exit::Failure;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// An output.
#[derive(Debug)]
pub(crate) struct Target {
    name: String,
    to: To,
    waiting: Vec<u8>,
    /// Whether nothing waits.
    eager: bool,
    last: Instant,
}

#[derive(Debug)]
enum To {
    Stdout(io::Stdout),
    /// A file and the bytes in it that are whole lines.
    File(File, u64),
}

/// How many bytes may wait.
const MOST_WAITING: usize = 64 << 10;

/// For how long they may wait while more come.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

impl Target {
    /// Standard output; `eager` when somebody looks at it.
    pub(crate) fn stdout(eager: bool) -> Self {
        Self::new("standard output".to_owned(), To::Stdout(io::stdout()), eager)
    }

    /// A file that only its owner may read; one that exists is emptied.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let name = engine::input::shown(path.as_os_str().as_encoded_bytes());
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(file) => Ok(Self::new(name, To::File(file, 0), false)),
            Err(why) => Err(Failure::Output(Some(name), why)),
        }
    }

    fn new(name: String, to: To, eager: bool) -> Self {
        let long_ago = Instant::now().checked_sub(LONGEST_WAIT);
        let last = long_ago.unwrap_or_else(Instant::now);
        Self { name, to, waiting: Vec::new(), eager, last }
    }

    /// What it is called, safe to show.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// Take whole lines.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub(crate) fn put(&mut self, lines: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(lines);
        let is_full = self.waiting.len() >= MOST_WAITING;
        if self.eager || is_full || self.last.elapsed() >= LONGEST_WAIT {
            self.flush()?;
        }
        Ok(())
    }

    /// Write all that waits.
    ///
    /// # Errors
    ///
    /// When it cannot be written; it is not tried again.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let done = match &mut self.to {
            To::Stdout(stdout) => stdout.write_all(&waiting).and_then(|()| stdout.flush()),
            To::File(file, whole) => append(file, whole, &waiting),
        };
        self.last = Instant::now();
        self.waiting = waiting;
        self.waiting.clear();
        done
    }
}

/// Write lines; of a line that cannot be written whole nothing is left.
fn append(file: &mut File, whole: &mut u64, lines: &[u8]) -> io::Result<()> {
    let mut written = 0;
    while written < lines.len() {
        let why = match file.write(&lines[written..]) {
            Ok(length) if length > 0 => {
                written += length;
                continue;
            }
            Ok(_) => io::ErrorKind::WriteZero.into(),
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => why,
        };
        let end = lines[..written].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // A device cannot be cut, and has nothing to be cut off.
        _ = file.set_len(*whole + end as u64);
        return Err(why);
    }
    *whole += written as u64;
    Ok(())
}
