//! The walls of the front end stand where `limits` says.

use super::{parsed, whole};
use lang::limits::{FILE_BYTES, NESTING, OPERATORS};

#[track_caller]
fn codes(text: &str) -> Vec<&'static str> {
    parsed(text).1.iter().map(|diag| diag.code).collect()
}

#[test]
fn parentheses_nest_to_the_limit_and_no_deeper() {
    let nested = |depth: usize| format!("let x = {}1{}", "(".repeat(depth), ")".repeat(depth));
    whole(&nested(NESTING));
    assert_eq!(codes(&nested(NESTING + 1)), ["E0010"]);
}

#[test]
fn no_opener_in_any_number_overflows_the_stack() {
    for opener in
        ["(", "[", "f(", "not ", "any(x in y: ", "-", "x.", "a and ", "1 + ", "a == ", "["]
    {
        assert!(!codes(&format!("let x = {}", opener.repeat(100_000))).is_empty(), "{opener}");
    }
    assert_eq!(codes(&format!("let x: {} = 1", "[".repeat(100_000))), ["E0010"]);
    let object =
        format!("rule r {{ test \"t\" {{ event {{ a: {} }} }} }}", "{ a: [".repeat(100_000));
    assert!(codes(&object).contains(&"E0010"));
}

#[test]
fn an_error_of_nesting_hides_nothing_after_it() {
    let text = format!(
        "rule r {{\n  where {}\n  by 5\n}}\nrule s {{\n  within 5\n}}",
        "(".repeat(100_000)
    );
    assert_eq!(codes(&text), ["E0010", "E0020", "E0020"]);
}

#[test]
fn operators_are_counted_by_expression() {
    let chain = |operators: usize| format!("let x = a{}\nlet y = b", " or a".repeat(operators));
    whole(&chain(OPERATORS));
    assert_eq!(codes(&chain(OPERATORS + 1)), ["E0028"]);
    let keys = format!("let x = a{}", ".b".repeat(OPERATORS + 1));
    assert_eq!(codes(&keys), ["E0028"]);
}

#[test]
fn a_file_too_large_is_not_read() {
    assert_eq!(codes(&"#".repeat(FILE_BYTES + 1)), ["E0030"]);
}

#[test]
fn a_point_before_a_clause_ends_the_reading() {
    let text = "rule r {\n  where f(a x == 10.0.0.0/8.\n  by account\n  within 5\n}\n";
    assert_eq!(codes(text), ["E0026", "E0020", "E0020"]);
}

#[test]
fn a_long_text_of_anything_is_read_to_its_end() {
    for piece in [
        "“", "'", "a.", "fe80:", "1.", "\"\\", "{", "rule a {", "where (", "# ", "((]", "x = ",
        "\u{202e}",
    ] {
        let text = piece.repeat((1 << 17) / piece.len());
        assert!(parsed(&text).1.len() <= text.len(), "{piece}");
        let lines = format!("{piece}\n").repeat((1 << 17) / (piece.len() + 1));
        assert!(parsed(&lines).1.len() <= lines.len(), "{piece}");
    }
}
