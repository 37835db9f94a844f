//! What a terminal is told: width, colours, and text that cannot move it.
//!
//! The one place that writes to standard error, and the one that asks what a stream is.
//!
//! # Invariants
//!
//! - [`escape`] is the only way of a text from outside into a message (I7).

use crate::args::ColorWhen;
use anstyle::{AnsiColor, Style};
use engine::plan::Level;
use std::io::{self, IsTerminal, Write};

/// How a stream looks: is it a terminal, how wide, in colours?
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether it is a terminal.
    pub(crate) terminal: bool,
    /// Whether colours are used.
    pub(crate) color: bool,
    /// In how many columns text is set.
    pub(crate) width: usize,
}

/// The width of what is no terminal.
const WIDTH: usize = 100;

impl Look {
    /// The look of standard output.
    pub(crate) fn stdout(when: ColorWhen) -> Self {
        Self::of(io::stdout().is_terminal(), terminal_size::terminal_size_of(io::stdout()), when)
    }

    /// The look of standard error.
    pub(crate) fn stderr(when: ColorWhen) -> Self {
        Self::of(io::stderr().is_terminal(), terminal_size::terminal_size_of(io::stderr()), when)
    }

    /// The look of a file.
    pub(crate) fn file(when: ColorWhen) -> Self {
        Self::of(false, None, when)
    }

    fn of(
        terminal: bool,
        size: Option<(terminal_size::Width, terminal_size::Height)>,
        when: ColorWhen,
    ) -> Self {
        let plain = |name: &str, of: &dyn Fn(&str) -> bool| {
            std::env::var_os(name).is_some_and(|value| of(&value.to_string_lossy()))
        };
        let color = match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                terminal
                    && !plain("NO_COLOR", &|value| !value.is_empty())
                    && !plain("TERM", &|value| value == "dumb")
            }
        };
        let width = size.map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, 140));
        Self { terminal, color, width }
    }

    /// A text in a style.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The style of a severity.
pub(crate) fn style_of(level: Level) -> Style {
    match level {
        Level::Info => Style::new().dimmed(),
        Level::Low => AnsiColor::Cyan.on_default(),
        Level::Medium => AnsiColor::Yellow.on_default().bold(),
        Level::High => AnsiColor::Red.on_default().bold(),
        Level::Critical => AnsiColor::BrightWhite.on(AnsiColor::Red).bold(),
    }
}

/// A text in which whatever moves, turns or hides is written `\u{..}`.
pub(crate) fn escape(text: &str) -> String {
    engine::input::shown(text.as_bytes())
}

/// Write lines to standard error; whoever does not listen is not told.
pub(crate) fn say(text: &str) {
    _ = writeln!(io::stderr().lock(), "{text}");
}

/// How much a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Something was lost or cannot be done.
    Error,
    /// Something may not be as wanted.
    Warning,
    /// Something to know.
    Note,
}

/// The line of a message: its weight and an escaped text.
pub(crate) fn message(look: Look, weight: Weight, text: &str) -> String {
    let (word, style) = match weight {
        Weight::Error => ("error", AnsiColor::Red.on_default().bold()),
        Weight::Warning => ("warning", AnsiColor::Yellow.on_default().bold()),
        Weight::Note => ("note", AnsiColor::Cyan.on_default().bold()),
    };
    format!("{}: {text}", look.paint(style, word))
}

/// A text set in lines of at most `width` columns, broken at spaces; a word that is wider
/// stays whole, so that it can be copied.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        let line = lines.len() - 1;
        if column > 0 && column + 1 + length > width {
            lines.push(word.to_owned());
            column = length;
        } else {
            if column > 0 {
                lines[line].push(' ');
                column += 1;
            }
            lines[line].push_str(word);
            column += length;
        }
    }
    lines
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("arn:aws:iam::1:role/long x", 5), ["arn:aws:iam::1:role/long", "x"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn thousands_are_told_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
