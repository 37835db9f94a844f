//! Streams and signals: alerts at once, an end within two seconds.

use crate::place::{Place, Ran, alerts, file, incident, record};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// After this a test has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a thread makes of something that may never come.
#[track_caller]
fn soon<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(what()));
    receiver.recv_timeout(PATIENCE).expect("it came in time")
}

fn stream(place: &Place, args: &[&str]) -> Child {
    let args = [&["stream", "--no-builtin", "-r", "rules.trail"], args].concat();
    place.command(&args).stdin(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// The rest of a child whose standard output is read elsewhere.
fn end(child: Child) -> Ran {
    soon(move || Ran::of(child.wait_with_output().unwrap()))
}

#[test]
fn an_alert_comes_before_the_next_record() {
    let place = Place::new();
    for format in ["jsonl", "pretty"] {
        let mut child = stream(&place, &["--format", format]);
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // Two at once: the second alert comes within a moment of the first.
        let (one, other) = (record("RunInstances", 1, 1), record("RunInstances", 2, 2));
        write!(input, "{one}\n{other}\n").unwrap();
        // The input stays open: an alert that waits for more would never come.
        let output = soon(move || {
            let (mut line, mut seen) = (String::new(), 0);
            while seen < 2 {
                line.clear();
                assert!(output.read_line(&mut line).unwrap() > 0);
                seen += usize::from(line.contains("user/ana started"));
            }
            output
        });
        drop(input);
        assert_eq!(end(child).status, 0);
        drop(output);
    }
}

#[test]
fn a_file_takes_the_alerts_of_a_stream_at_once() {
    let place = Place::new();
    let mut child = stream(&place, &["-o", "out.jsonl"]);
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", incident()[0]).unwrap();
    let began = Instant::now();
    while !place.path("out.jsonl").exists() || place.read("out.jsonl").is_empty() {
        assert!(began.elapsed() < PATIENCE, "it came in time");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(input);
    assert_eq!(end(child).status, 0);
}

#[test]
fn a_stream_gives_the_alerts_of_a_replay() {
    let place = Place::new();
    place.write("a.json", file(&incident()));
    let replayed = place.replay(&["a.json"]).ended(0);
    let mut child = stream(&place, &[]);
    let mut input = child.stdin.take().unwrap();
    for record in incident() {
        writeln!(input, "{record}").unwrap();
    }
    drop(input);
    let streamed = end(child).ended(0);
    assert_eq!(streamed.stdout, replayed.stdout);
    assert!(streamed.stderr.contains("4: 4 evaluated"), "{}", streamed.stderr);
}

#[test]
fn a_signal_ends_a_silent_stream_with_its_ledger() {
    let place = Place::new();
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = stream(&place, &["--summary-json", "sum.json"]);
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{}", incident()[0]).unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let line = soon(move || {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            line
        });
        assert_eq!(alerts(&line).len(), 1);
        signal(&child, name);
        let ran = end(child).ended(status);
        drop(input);
        assert!(ran.stderr.contains("1: 1 evaluated"), "{}", ran.stderr);
        let summary: serde_json::Value = serde_json::from_str(&place.read("sum.json")).unwrap();
        assert_eq!((&summary["status"], &summary["stopped"]), (&status.into(), &true.into()));
    }
}

#[test]
fn a_signal_ends_a_stream_whose_reader_sleeps() {
    let place = Place::new();
    let mut child = stream(&place, &[]);
    let mut input = child.stdin.take().unwrap();
    // More than the pipes hold, and nobody reads them: the writer may have to wait, too.
    let writer = std::thread::spawn(move || {
        (0..300)
            .all(|number| writeln!(input, "{}", record("RunInstances", number, number)).is_ok());
        input
    });
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-TERM");
    let stdout = child.stdout.take();
    let status = soon(move || child.wait().unwrap());
    drop((writer.join().unwrap(), stdout));
    assert_eq!(status.code(), Some(143));
}

/// A replay that waits for standard input, once it does.
fn waiting_replay(place: &Place) -> (Child, std::process::ChildStdin) {
    let args = ["replay", "-", "--no-builtin", "-r", "rules.trail", "-o", "out.jsonl"];
    let mut child = place.command(&args).stdin(Stdio::piped()).spawn().unwrap();
    let input = child.stdin.take().unwrap();
    let began = Instant::now();
    // The output is opened just before signals are listened to.
    while !place.path("out.jsonl").exists() {
        assert!(began.elapsed() < PATIENCE, "it came in time");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(200));
    (child, input)
}

#[test]
fn a_signal_ends_a_replay_that_waits_for_its_input() {
    let place = Place::new();
    let (child, input) = waiting_replay(&place);
    signal(&child, "-INT");
    let ran = end(child).ended(130);
    drop(input);
    assert!(ran.stderr.contains("stopped by a signal"), "{}", ran.stderr);
}

#[test]
fn a_second_signal_ends_at_once() {
    let place = Place::new();
    let (mut child, input) = waiting_replay(&place);
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(400));
    signal(&child, "-TERM");
    let mut stderr = child.stderr.take().unwrap();
    let status = soon(move || child.wait().unwrap());
    drop(input);
    assert_eq!(status.code(), Some(143));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(said, "", "nothing is said any more");
}

#[test]
fn signals_that_come_together_are_one() {
    let place = Place::new();
    let (child, input) = waiting_replay(&place);
    signal(&child, "-INT");
    signal(&child, "-INT");
    let ran = end(child).ended(130);
    drop(input);
    assert!(ran.stderr.contains("stopped by a signal"), "{}", ran.stderr);
}
