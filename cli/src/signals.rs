//! SIGINT and SIGTERM: the first asks the run to stop, a later one ends the process at once.
//!
//! # Invariants
//!
//! - The handlers only set flags; the run sees them between two pieces of work.
//! - A signal that follows the first within [`POLL`] is the same wish: programs that end
//!   others, such as `timeout`, send it to the process and to its group.
//! - Where a piece of work does not end within [`GRACE`], the [`Watchdog`] ends the process.

use crate::exit::{Exit, Failure};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long a run may take to stop.
pub(crate) const GRACE: Duration = Duration::from_millis(1_500);

/// How often the flags are looked at by those who wait.
pub(crate) const POLL: Duration = Duration::from_millis(100);

/// What signals have come.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    stop: Arc<AtomicBool>,
    /// Set once another signal ends the process at once.
    armed: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Listen from now on.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let signals = Self { stop: Arc::default(), armed: Arc::default(), which: Arc::default() };
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            flag::register_conditional_shutdown(
                signal,
                i32::from(exit.code()),
                Arc::clone(&signals.armed),
            )
            .and_then(|_| {
                let number = usize::from(exit.code());
                flag::register_usize(signal, Arc::clone(&signals.which), number)
            })
            .and_then(|_| flag::register(signal, Arc::clone(&signals.stop)))
            .map_err(Failure::Signals)?;
        }
        let (stop, armed) = (Arc::clone(&signals.stop), Arc::clone(&signals.armed));
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(POLL);
            }
            thread::sleep(POLL);
            armed.store(true, Ordering::SeqCst);
        });
        Ok(signals)
    }

    /// Set once the run should stop.
    pub(crate) fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// The status of the signal that came.
    pub(crate) fn exit(&self) -> Option<Exit> {
        let code = self.which.load(Ordering::SeqCst);
        [Exit::Interrupted, Exit::Terminated]
            .into_iter()
            .find(|exit| usize::from(exit.code()) == code)
    }
}

/// Ends the process when a run that was asked to stop cannot, because it waits for an input.
#[derive(Debug)]
pub(crate) struct Watchdog {
    /// Dropped when the run is done.
    _done: Sender<()>,
}

impl Watchdog {
    /// Watch until the watchdog is dropped; `last_words` is called before the process ends.
    pub(crate) fn over(signals: &Signals, last_words: impl FnOnce() + Send + 'static) -> Self {
        let (done, run) = channel();
        let signals = signals.clone();
        thread::spawn(move || guard(&signals, &run, last_words));
        Self { _done: done }
    }
}

fn guard(signals: &Signals, run: &Receiver<()>, last_words: impl FnOnce()) {
    let exit = loop {
        match run.recv_timeout(POLL) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return,
        }
        if let Some(exit) = signals.exit() {
            break exit;
        }
    };
    if run.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
        last_words();
        signal_hook::low_level::exit(i32::from(exit.code()));
    }
}
