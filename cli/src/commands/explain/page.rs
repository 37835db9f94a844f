//! The page of a code in the manual, set for a terminal.

use crate::output::terminal::{Look, wrap};
use anstyle::{AnsiColor, Style};

/// The manual's page of codes, as it stands in the repository.
const PAGES: &str = include_str!("../../../../docs/errors.md");

/// The manual's page of Sigma, with a table of the codes that are Sigma's own.
const SIGMA: &str = include_str!("../../../../docs/sigma.md");

/// What the manual says of a code; nothing where it has no such code.
pub(super) fn of(code: &str, look: Look) -> Option<String> {
    if code.starts_with('S') {
        return row(code, look);
    }
    let section = section(code)?;
    let (title, body) = section.split_once('\n')?;
    let mut out = look.paint(Style::new().bold(), title);
    out.push('\n');
    let mut block = None;
    for line in body.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(kind), None) => {
                // A rule is the cure; text is what is wrong.
                let style = match kind {
                    "trail" => AnsiColor::Green.on_default(),
                    "text" => AnsiColor::Red.on_default(),
                    _ => Style::new(),
                };
                out.push_str(&look.paint(style, if kind == "trail" { "right:" } else { "wrong:" }));
                out.push('\n');
                block = Some(style);
            }
            (None, Some(_)) => {
                out.push_str(format!("    {line}").trim_end());
                out.push('\n');
            }
            (None, None) => {
                for line in wrap(&plain(line), look.width) {
                    out.push_str(&line);
                    out.push('\n');
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    Some(out)
}

/// What the table of Sigma's codes says of one: what is wrong, and the cure.
fn row(code: &str, look: Look) -> Option<String> {
    let start = format!("| {code} |");
    let line = SIGMA.lines().find_map(|line| line.strip_prefix(&start))?;
    // A bar inside a cell is written `\|`.
    let cells: Vec<_> = line.split(" |").map(|cell| cell.trim().replace("\\|", "|")).collect();
    let [what, cure, ..] = cells.as_slice() else { return None };
    let mut out = look.paint(Style::new().bold(), &format!("{code}: what is wrong in Sigma"));
    out.push_str("\n\n");
    let mut add = |text: &str| {
        for line in wrap(&plain(text), look.width) {
            out.push_str(&line);
            out.push('\n');
        }
    };
    add(what);
    if !cure.is_empty() {
        add(&format!("The cure: {cure}."));
    }
    add("How Sigma is read, and what is refused, stands in docs/sigma.md.");
    Some(out)
}

/// The section of a code, from its heading without the marks.
fn section(code: &str) -> Option<&'static str> {
    let is_code = code.len() == 5
        && code.starts_with(['E', 'L'])
        && code.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    let start = PAGES.find(&format!("\n### {code}:")).filter(|_| is_code)? + "\n### ".len();
    let rest = &PAGES[start..];
    let ends = ["\n### ", "\n## "].iter().filter_map(|mark| rest.find(mark));
    Some(&rest[..ends.min().unwrap_or(rest.len())])
}

/// A line without the marks of its links.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((words, (_, after))) =
            link.split_once("](").and_then(|(words, to)| Some((words, to.split_once(')')?)))
        else {
            break;
        };
        out.push_str(before);
        out.push_str(words);
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lose_their_marks() {
        assert_eq!(plain("see [names](names.md#a) and [x](y)."), "see names and x.");
        assert_eq!(plain("a list [1, 2] stays"), "a list [1, 2] stays");
    }
}
