//! How far a run has come: a line on standard error while it works, if that is a terminal.

use crate::output::terminal::{Look, grouped};
use engine::runtime::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What was read so far, and the line that tells it.
#[derive(Debug)]
pub(crate) struct Gauge {
    bytes: AtomicU64,
    records: AtomicU64,
    alerts: AtomicU64,
    bar: Option<ProgressBar>,
    began: Instant,
}

/// A run that is shorter shows no progress.
const QUIET: Duration = Duration::from_millis(400);

impl Gauge {
    /// A gauge that shows itself where somebody looks.
    pub(crate) fn new(look: Look, quiet: bool) -> Self {
        let bar = (look.terminal && !quiet).then(|| bar(look));
        Self {
            bytes: AtomicU64::new(0),
            records: AtomicU64::new(0),
            alerts: AtomicU64::new(0),
            bar,
            began: Instant::now(),
        }
    }

    /// One more alert was shown.
    pub(crate) fn alert(&self) {
        self.alerts.fetch_add(1, Ordering::Relaxed);
    }

    /// Do something while the line is away.
    pub(crate) fn aside<T>(&self, what: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(what),
            None => what(),
        }
    }

    /// Take the line away for good.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Bytes and records that were read.
    pub(crate) fn so_far(&self) -> (u64, u64) {
        (self.bytes.load(Ordering::Relaxed), self.records.load(Ordering::Relaxed))
    }

    /// For how long it has run.
    pub(crate) fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

fn bar(look: Look) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let bars = if look.color { "{bar:24.cyan/dim}" } else { "{bar:24}" };
    let template = format!(
        "{bars} {{binary_bytes}} of {{binary_total_bytes}}, {{binary_bytes_per_sec}}, {{eta}} left{{msg}}"
    );
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

impl Progress for Gauge {
    fn listed(&self, _: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(bytes);
        }
    }

    fn read(&self, bytes: u64, records: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        let Some(bar) = &self.bar else { return };
        bar.inc(bytes);
        if self.took() < QUIET {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        let alerts = self.alerts.load(Ordering::Relaxed);
        bar.set_message(match alerts {
            0 => String::new(),
            1 => ", 1 alert".to_owned(),
            n => format!(", {} alerts", grouped(n)),
        });
    }
}
