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
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
    which: Arc<AtomicUsize>,
    watched: Arc<Watched>,
}

impl Signals {
    /// Listen from now on.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let signals = Self { stop: Arc::default(), which: Arc::default(), watched: Arc::default() };
        // Set once another signal ends the process at once.
        let armed = Arc::<AtomicBool>::default();
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            let code = i32::from(exit.code());
            flag::register_conditional_shutdown(signal, code, Arc::clone(&armed))
                .and_then(|_| {
                    let number = usize::from(exit.code());
                    flag::register_usize(signal, Arc::clone(&signals.which), number)
                })
                .and_then(|_| flag::register(signal, Arc::clone(&signals.stop)))
                .map_err(Failure::Signals)?;
        }
        let own = signals.clone();
        thread::spawn(move || own.wait(&armed));
        Ok(signals)
    }

    /// Waits for the first signal, then for the run to stop.
    fn wait(&self, armed: &AtomicBool) {
        while !self.stop.load(Ordering::Relaxed) {
            thread::sleep(POLL);
        }
        thread::sleep(POLL);
        armed.store(true, Ordering::SeqCst);
        thread::sleep(GRACE.saturating_sub(POLL));
        if let (Some(last_words), Some(exit)) = (self.watched.take(), self.exit()) {
            last_words();
            signal_hook::low_level::exit(i32::from(exit.code()));
        }
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

/// What is done before a process ends that cannot stop.
type LastWords = Box<dyn FnOnce() + Send>;

/// The last words of the run at hand, while there is one.
#[derive(Default)]
struct Watched(Mutex<Option<LastWords>>);

impl Watched {
    fn set(&self, words: Option<LastWords>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    fn take(&self) -> Option<LastWords> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

/// Ends the process when a run that was asked to stop cannot, because it waits for an input.
#[derive(Debug)]
pub(crate) struct Watchdog(Arc<Watched>);

impl Watchdog {
    /// Watch until the watchdog is dropped; `last_words` is called before the process ends.
    pub(crate) fn over(signals: &Signals, last_words: impl FnOnce() + Send + 'static) -> Self {
        signals.watched.set(Some(Box::new(last_words)));
        Self(Arc::clone(&signals.watched))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
