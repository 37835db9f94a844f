//! The binary `trailhound`: what was typed becomes a command, its outcome a status.
//!
//! The only crate that prints. In the order of the work: `args` is what was typed and
//! `settings` what it means, `load` reads rules with the `site` file and their `values`,
//! `commands` do the work, `output` writes alerts, `summary` and `faults` tell the end,
//! `exit` is the status.

mod args;
mod commands;
mod exit;
mod faults;
mod live;
mod load;
mod output;
mod progress;
mod records;
mod run;
mod settings;
mod signals;
mod site;
mod spread;
mod summary;
mod timings;
mod values;

use args::{Args, Command};
use exit::{Exit, Failure};
use output::terminal::{Look, Weight, escape, message, say};
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let typed = Args::typed(std::env::args_os().collect());
    leave(typed.map_or_else(|error| usage(&error), |args| outcome(&args)));
}

/// Ends the process, and the system takes all its memory in one piece: before the usual end
/// the allocator would give it back, 64 KiB at a time.
fn leave(exit: Exit) -> ! {
    // Whoever does not listen is not told.
    _ = io::stdout().flush();
    signal_hook::low_level::exit(i32::from(exit.code()))
}

/// The status of a run; why it failed is told.
fn outcome(args: &Args) -> Exit {
    // What a panic says is told once, at the end, and never raw; here only its place.
    panic::set_hook(Box::new(|panic| {
        panic.location().iter().for_each(|at| say(&format!("internal error at {at}")));
    }));
    let done = panic::catch_unwind(AssertUnwindSafe(|| run(args)))
        .unwrap_or_else(|what| Err(Failure::Internal(said(&*what))));
    done.unwrap_or_else(|failure| {
        if !failure.is_told() {
            say(&message(Look::stderr(args.color), Weight::Error, &failure.to_string()));
        }
        failure.exit()
    })
}

fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Replay(typed) => commands::replay::run(typed, args.color),
        Command::Stream(typed) => commands::stream::run(typed, args.color),
        Command::Check(typed) => commands::check::run(typed, args.color),
        Command::Explain(typed) => commands::explain::run(typed, args.color),
        Command::Fmt(typed) => commands::fmt::run(typed, args.color),
        Command::Test(typed) => commands::test::run(typed, args.color),
        Command::Rules(typed) => commands::rules::run(typed, args.color),
        Command::Convert(typed) => commands::convert::run(typed, args.color),
    }
}

/// Help and version, or what is wrong with the usage; the names in it are not ours.
fn usage(error: &clap::Error) -> Exit {
    let is_safe = std::env::args_os().all(|arg| {
        let bytes = arg.as_encoded_bytes();
        engine::input::shown(bytes).as_bytes() == bytes
    });
    if !error.use_stderr() || is_safe {
        // Whoever does not listen is not told.
        _ = error.print();
    } else {
        let text = error.render().to_string();
        text.lines().for_each(|line| say(&escape(line)));
    }
    if error.use_stderr() { Exit::Refused } else { Exit::Done }
}

/// The words of a panic.
fn said(what: &(dyn std::any::Any + Send)) -> String {
    let text = what.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| what.downcast_ref::<String>().cloned()).unwrap_or_default()
}
