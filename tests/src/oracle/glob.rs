//! Globs over a whole text: `*`, `?` for one character, `\` before a literal one.

/// Whether the whole text has the form of the pattern, case-sensitive.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    from(&pattern, &text)
}

fn from(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skipped| from(rest, &text[skipped..])),
        ['?', rest @ ..] => !text.is_empty() && from(rest, &text[1..]),
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
            text.first() == Some(literal) && from(rest, &text[1..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_cover_the_whole_text() {
        for (pattern, text, expected) in [
            ("Delete*", "DeleteUser", true),
            ("Delete*", "delete", false),
            ("Delete", "DeleteUser", false),
            ("*User", "DeleteUser", true),
            ("*e*e*", "DeleteUser", true),
            ("De?ete*", "DeleteUser", true),
            ("?", "é", true),
            ("?", "", false),
            ("", "", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
