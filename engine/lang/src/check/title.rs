//! Titles: text and placeholders.

use super::scope::Checker;
use super::sequence::Standing;
use super::suggest;
use crate::ast::{Ident, Key, Path, Span, Text};
use crate::diag::Diag;
use crate::print;
use crate::typed::{AggregateKind, ExprKind, Named, Piece};
use memchr::memchr2;

/// What stands between two braces, or beside them.
enum Part<'t> {
    Text(String),
    /// A placeholder with its first byte in the title's value.
    Hole(&'t str, usize),
    /// A brace that is no placeholder, at this byte.
    Stray(char, usize),
}

impl Checker<'_, '_> {
    /// The pieces of a title; `window` says whether the rule has one.
    pub(super) fn title(&mut self, title: &Text, window: bool) -> Option<Vec<Piece>> {
        let parts = parts(&title.value);
        let mut pieces = Vec::with_capacity(parts.len());
        let mut whole = true;
        let first = self.first_inside(title);
        for part in parts {
            let piece = match part {
                Part::Text(text) => Some(Piece::Text(text)),
                Part::Hole(name, start) => {
                    let at = inside(title, first, start, name.len());
                    self.hole(name, at, window)
                }
                Part::Stray(brace, start) => {
                    let at = inside(title, first, start, 1);
                    let diag = Diag::error("E0312", format!("a lone `{brace}` in a title"), at)
                        .label("begins or ends no placeholder")
                        .help(format!("for the brace itself write `{brace}{brace}`"));
                    self.sink.error(diag);
                    None
                }
            };
            whole &= piece.is_some();
            pieces.extend(piece);
        }
        whole.then_some(pieces)
    }

    /// Where the title's value begins in the file; nothing when it has escapes.
    fn first_inside(&self, title: &Text) -> Option<u32> {
        let raw = self.sink.sources.slice(title.span);
        let quotes = if raw.starts_with("\"\"\"") { 3 } else { 1 };
        let value = raw.get(quotes..raw.len().saturating_sub(quotes));
        let offset = u32::try_from(quotes).unwrap_or(0);
        (value == Some(title.value.as_str())).then(|| title.span.start + offset)
    }

    fn hole(&mut self, name: &str, at: Span, window: bool) -> Option<Piece> {
        let wanted: fn(&AggregateKind) -> bool = match name {
            "count" => |kind| matches!(kind, AggregateKind::Count | AggregateKind::CountIf(_)),
            "distinct" => |kind| matches!(kind, AggregateKind::Distinct(_)),
            "sum" => |kind| matches!(kind, AggregateKind::Sum(_)),
            "ratio" => |kind| matches!(kind, AggregateKind::Ratio(_)),
            "score" => return self.score_hole(name, Piece::Score, at),
            "baseline.center" => return self.score_hole(name, Piece::Center, at),
            "baseline.scale" => return self.score_hole(name, Piece::Scale, at),
            "window" if window => return Some(Piece::Window),
            "window" => {
                let diag =
                    Diag::error("E0312", "`{window}` in the title of a rule without one", at)
                        .label("no `within`")
                        .help("leave it out, or add `within 10m`");
                self.sink.error(diag);
                return None;
            }
            _ => return self.path_hole(name, at),
        };
        if let Some(diag) = self.not_by_step(name, at) {
            self.sink.error(diag);
            return None;
        }
        let found = self.asked.aggregates.iter().position(|(known, _)| wanted(&known.kind));
        if found.is_none() && self.asked.aggregate_at.is_none() {
            let diag =
                Diag::error("E0312", format!("`{{{name}}}` stands for nothing in this rule"), at)
                    .label(format!("`when` has no `{name}`"))
                    .help(format!("leave it out, or ask for `{name}(…)` in `when`"));
            self.sink.error(diag);
        } else if found.is_none() && !self.asked.aggregates.is_empty() {
            let other =
                self.asked.aggregates.first().map_or("count", |(known, _)| word(&known.kind));
            let diag =
                Diag::error("E0312", format!("`{{{name}}}` stands for nothing in this rule"), at)
                    .label(format!("`when` has no `{name}`"))
                    .help(format!("write `{{{other}}}`"));
            self.sink.error(diag);
        }
        found.map(Piece::Aggregate)
    }

    /// A placeholder of the first score, of which there must be one.
    fn score_hole(&mut self, name: &str, piece: Piece, at: Span) -> Option<Piece> {
        if self.asked.score_at.is_some() {
            return Some(piece);
        }
        let title = format!("`{{{name}}}` stands for nothing in this rule");
        let diag = Diag::error("E0312", title, at).label("there is no `zscore`");
        let diag = match name {
            _ if self.standing == Standing::After => diag.help("leave it out"),
            _ => diag.help("leave it out, or ask for `zscore(count()) >= 4` in `when`"),
        };
        self.sink.error(diag);
        None
    }

    fn path_hole(&mut self, name: &str, at: Span) -> Option<Piece> {
        if name.starts_with("baseline.") {
            let diag = Diag::error("E0312", format!("`{{{name}}}` is no placeholder"), at)
                .label("no value of a baseline")
                .help("there are `{baseline.center}` and `{baseline.scale}`");
            self.sink.error(diag);
            return None;
        }
        let Some(path) = path(name, at) else {
            let diag = Diag::error("E0312", format!("`{{{name}}}` is no placeholder"), at)
                .label("neither a path nor a value of `when`");
            let known = [
                "count",
                "distinct",
                "sum",
                "ratio",
                "window",
                "score",
                "baseline.center",
                "baseline.scale",
            ];
            self.sink.error(match suggest::nearest(name, known) {
                Some(near) => diag.help(format!("did you mean `{{{near}}}`?")),
                None => diag.help("write a path, such as `{principal}`; a brace itself is `{{`"),
            });
            return None;
        };
        match self.step_count(&path.head, &path.keys, at) {
            Some(Ok(number)) => return Some(Piece::StepCount(number)),
            Some(Err(diag)) => {
                self.sink.error(diag);
                return None;
            }
            None => {}
        }
        let keys: Vec<&Key> = path.keys.iter().collect();
        let val = self.resolve(&path.head.name, at, &keys, at)?;
        if matches!(val.expr.kind, ExprKind::Const(_) | ExprKind::Param(_)) {
            let diag = Diag::error("E0312", format!("`{{{name}}}` is the same in every alert"), at)
                .label("a constant")
                .help("write its value into the title");
            self.sink.error(diag);
            return None;
        }
        Some(Piece::Path(Named { text: print::path_line(&path), expr: val.expr }))
    }
}

/// Where a part of the title stands in the file, whose value begins at `first`: the whole title
/// when that is not known.
fn inside(title: &Text, first: Option<u32>, start: usize, length: usize) -> Span {
    let Some(first) = first else { return title.span };
    let place = |at: usize| first + u32::try_from(at).unwrap_or(0);
    Span { start: place(start), end: place(start + length), ..title.span }
}

fn word(kind: &AggregateKind) -> &'static str {
    match kind {
        AggregateKind::Count | AggregateKind::CountIf(_) => "count",
        AggregateKind::Ratio(_) => "ratio",
        AggregateKind::Distinct(_) => "distinct",
        AggregateKind::Sum(_) => "sum",
    }
}

fn parts(title: &str) -> Vec<Part<'_>> {
    let brace_in = |text: &str| memchr2(b'{', b'}', text.as_bytes());
    let mut out = Vec::with_capacity(8);
    let mut text = String::new();
    let mut rest = title;
    while let Some(length) = brace_in(rest) {
        let (before, behind) = rest.split_at(length);
        let at = title.len() - behind.len();
        let (brace, behind) = behind.split_at(1);
        text.push_str(before);
        if let Some(behind) = behind.strip_prefix(brace) {
            text.push_str(brace);
            rest = behind;
            continue;
        }
        if !text.is_empty() {
            out.push(Part::Text(std::mem::take(&mut text)));
        }
        let hole = brace_in(behind).and_then(|length| behind.split_at_checked(length));
        match hole.and_then(|(name, end)| Some((name, end.strip_prefix('}')?))) {
            Some((name, behind)) if brace == "{" => {
                out.push(Part::Hole(name, at + 1));
                rest = behind;
            }
            _ => {
                out.push(Part::Stray(if brace == "{" { '{' } else { '}' }, at));
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        out.push(Part::Text(text));
    }
    out
}

/// A path as a title writes it: `req."x-amz-acl"`.
pub(super) fn path(text: &str, at: Span) -> Option<Path> {
    let is_name = |name: &str| {
        name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
            && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
    };
    let (head, mut rest) = match text.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (text, None),
    };
    if !is_name(head) {
        return None;
    }
    let mut keys = Vec::new();
    while let Some(here) = rest {
        let quoted = here.strip_prefix('"').and_then(|inside| inside.split_once('"'));
        let (name, behind) = match quoted {
            Some((name, "")) => (name, None),
            Some((name, behind)) => (name, Some(behind.strip_prefix('.')?)),
            None => match here.split_once('.') {
                Some((name, behind)) => (name, Some(behind)),
                None => (here, None),
            },
        };
        if quoted.is_none() && !is_name(name) {
            return None;
        }
        keys.push(Key { name: name.to_owned(), quoted: quoted.is_some(), span: at });
        rest = behind;
    }
    Some(Path { head: Ident { name: head.to_owned(), span: at }, keys, span: at })
}
