//! `fmt`: files in place, standard input to standard output, and the statuses of `--check`.

use crate::place::Place;
use std::io::Write;
use std::process::Stdio;

const LOOSE: &str = "rule r { # why\n where ok # good\n and write }\n";
const TIGHT: &str = "rule r {  # why\n  where    ok  # good\n           and write\n}\n";

#[test]
fn files_are_formatted_in_place() {
    let place = Place::new();
    place.write("pack/a.trail", LOOSE);
    place.write("pack/b.trail", TIGHT);
    let ran = place.run(&["fmt", "pack"]).ended(0);
    assert_eq!(ran.stdout, "formatted pack/a.trail\n2 files: 1 changed\n");
    assert_eq!(place.read("pack/a.trail"), TIGHT);
    assert_eq!(place.read("pack/b.trail"), TIGHT);
    assert_eq!(place.run(&["fmt", "pack"]).ended(0).stdout, "2 files: 0 changed\n");
    let left = std::fs::read_dir(place.path("pack")).unwrap().count();
    assert_eq!(left, 2, "a file was left behind");
}

#[test]
fn check_changes_nothing_and_says_what_would_change() {
    let place = Place::new();
    place.write("a.trail", LOOSE);
    let ran = place.run(&["fmt", "--check", "a.trail"]).ended(1);
    for part in [
        "a.trail: 3 lines would go, 4 lines would come",
        "- rule r { # why",
        "1 file: 1 would change",
    ] {
        assert!(ran.stdout.contains(part), "{part} in\n{}", ran.stdout);
    }
    assert_eq!(place.read("a.trail"), LOOSE);
    place.write("a.trail", TIGHT);
    place.run(&["fmt", "--check", "a.trail"]).ended(0);
    place.write("a.trail", TIGHT.trim_end());
    assert!(place.run(&["fmt", "--check", "a.trail"]).ended(1).stdout.contains("would be ended"));
}

#[test]
fn a_file_with_an_error_is_left_alone_and_the_others_are_not() {
    let place = Place::new();
    place.write("a.trail", "rule r { where (ok }\n");
    place.write("b.trail", LOOSE);
    let ran = place.run(&["fmt", "a.trail", "b.trail"]).ended(2);
    assert!(ran.stderr.contains("a.trail:1:") && ran.stderr.contains("error["), "{}", ran.stderr);
    assert_eq!(place.read("a.trail"), "rule r { where (ok }\n");
    assert_eq!(place.read("b.trail"), TIGHT);
    place.run(&["fmt", "--check", "a.trail"]).ended(2);
    place.run(&["fmt", "none.trail"]).ended(2);
    place.run(&["fmt"]).ended(2);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let place = Place::new();
    let mut command = place.command(&["fmt", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(LOOSE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), TIGHT);
    assert!(output.status.success());
}
