//! Outputs: where alerts go, and how they look.
//!
//! [`Alerts`] is the sink of a run. Above it, `jsonl` and `pretty` make text of an
//! alert; below it, `target` writes whole lines; `terminal` knows what a stream can show.

pub(crate) mod annotations;
pub(crate) mod difference;
pub(crate) mod jsonl;
pub(crate) mod pretty;
pub(crate) mod target;
pub(crate) mod terminal;

use crate::args::Format;
use crate::progress::Gauge;
use engine::exec::Alert;
use engine::plan::Level;
use engine::runtime::Sink;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use target::Target;
use terminal::Look;

/// A target that the watchdog shares.
pub(crate) type Shared = Arc<Mutex<Target>>;

/// The sink of a run: each alert as text, to its target.
#[derive(Debug)]
pub(crate) struct Alerts {
    target: Shared,
    format: Format,
    look: Look,
    gauge: Arc<Gauge>,
    worst: Option<Level>,
    failed: bool,
}

impl Alerts {
    /// A sink that writes in this form.
    pub(crate) fn new(target: Shared, format: Format, look: Look, gauge: Arc<Gauge>) -> Self {
        Self { target, format, look, gauge, worst: None, failed: false }
    }

    /// The severity of the worst alert that was written.
    pub(crate) fn worst(&self) -> Option<Level> {
        self.worst
    }

    /// What the target is called, when it was the target that failed.
    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.then(|| lock(&self.target).name())
    }

    fn told(&mut self, done: io::Result<()>) -> io::Result<()> {
        self.failed |= done.is_err();
        done
    }
}

/// The target, whoever had it before.
pub(crate) fn lock(target: &Shared) -> MutexGuard<'_, Target> {
    target.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink for Alerts {
    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        let text = match self.format {
            Format::Jsonl => jsonl::line(alert),
            Format::Pretty => pretty::block(alert, self.look),
        };
        self.worst = self.worst.max(Some(alert.severity));
        self.gauge.alert();
        let put = || lock(&self.target).put(text.as_bytes());
        let done = if self.look.terminal { self.gauge.aside(put) } else { put() };
        self.told(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = lock(&self.target).flush();
        self.told(done)
    }
}
