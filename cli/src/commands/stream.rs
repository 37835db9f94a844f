//! `stream`: alerts of a live standard input, each as soon as it is true.

use crate::args::{ColorWhen, Stream};
use crate::exit::{Exit, Failure};
use crate::live::Live;
use crate::load::{self, Loaded};
use crate::output::terminal::{Weight, message, say};
use crate::run::{Run, Unread};
use crate::settings::Settings;
use engine::runtime;
use std::io::{self, IsTerminal};

/// Evaluate standard input until it ends.
///
/// # Errors
///
/// When rules or outputs cannot be used.
pub(crate) fn run(typed: &Stream, color: ColorWhen) -> Result<Exit, Failure> {
    let settings = Settings::of_stream(typed, color);
    let Loaded { program, site } = load::program(&typed.rules, settings.telling())?;
    let mut run = Run::open(settings, &[])?;
    if io::stdin().is_terminal() && !run.settings.quiet {
        let text = "records are read from the terminal: pipe them in, or end with Ctrl-D";
        say(&message(run.settings.err, Weight::Note, text));
    }
    run.site = site;
    let watchdog = run.watchdog();
    let signals = run.signals.clone();
    let config = run.settings.config(program, signals.stop());
    let mut source = Live::new(io::stdin(), signals.stop());
    let result = runtime::stream(program, &config, &mut source, &mut run.sink);
    drop(watchdog);
    run.end(result, Unread::default())
}
