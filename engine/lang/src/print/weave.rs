//! Comments and blank lines of a source, put into what was printed of it.
//!
//! Source and print have the same tokens but for trailing commas and redundant
//! parentheses. So a comment's place is known by the tokens around it, and every
//! comment goes between two lines of the print or to the end of one.
//!
//! # Invariants
//!
//! - Comments keep their order, but that those which leave the middle of a line
//!   stand before the one behind it.
//! - A line of the print has at most one comment behind it.

use crate::lexer::{Lexed, Token, TokenKind, lex};
use std::collections::BTreeMap;

/// The print with the comments and single blank lines of the source; nothing where the
/// two do not have the same tokens.
pub(super) fn weave(text: &str, source: &Lexed, printed: &str) -> Option<String> {
    let print = lex(printed, 0);
    let twins = Twins::of((text, &source.tokens), (printed, &print.tokens))?;
    let (lines, line_of) = lines(printed, &print.tokens);
    let mut notes = notes(text, source, &twins, &line_of);
    let mut out = String::with_capacity(text.len());
    let mut opens = true;
    for (number, line) in lines.iter().enumerate() {
        let notes = notes.remove(&number).unwrap_or_default();
        let apart = twins.origin[line.first].is_some_and(|own| has_blank(text, source, own));
        for piece in pieces(&notes, line, apart, printed) {
            if piece.blank && !opens {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n(' ', piece.indent));
            out.push_str(piece.text);
            out.push('\n');
            opens = false;
        }
        if let Some(note) = notes.last().filter(|note| note.behind) {
            out.truncate(out.len() - 1);
            out.push_str("  ");
            out.push_str(note.text);
            out.push('\n');
        }
        opens = line.opens;
    }
    Some(out)
}

/// Whether two texts have the same tokens, trailing commas and redundant parentheses
/// apart, and the same comments.
pub(super) fn same(text: &str, other: &str) -> bool {
    let (left, right) = (lex(text, 0), lex(other, 0));
    let comments = |text, lexed: &Lexed| {
        let mut all: Vec<_> = lexed.comments.iter().map(|span| slice(text, *span)).collect();
        all.sort_unstable();
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    comments(text, &left) == comments(other, &right)
        && Twins::of((text, &left.tokens), (other, &right.tokens)).is_some()
}

/// A comment of the source, and how it stands to a line of the print.
#[derive(Debug)]
struct Note<'a> {
    text: &'a str,
    /// Whether a blank line is before it.
    blank: bool,
    /// Whether it stands behind something on its line.
    behind: bool,
    /// Whether tokens of the line stand before it.
    inside: bool,
}

/// A line that is written.
struct Piece<'a> {
    indent: usize,
    text: &'a str,
    blank: bool,
}

/// A line of the print: the tokens between which there is no line break.
#[derive(Debug)]
struct Line {
    /// The number of its first token.
    first: usize,
    start: usize,
    end: usize,
    indent: usize,
    /// Whether the layout wants a blank line before it.
    blank: bool,
    /// Whether it may keep one: it begins no part of an expression.
    keeps: bool,
    /// Whether it ends with an opening bracket.
    opens: bool,
    /// Whether it begins with a closing bracket.
    closes: bool,
}

/// What is written for a line of the print: the comments above it, then the line.
fn pieces<'a>(notes: &[Note<'a>], line: &Line, apart: bool, printed: &'a str) -> Vec<Piece<'a>> {
    let indent = if line.closes { line.indent + 2 } else { line.indent };
    let above = match notes.split_last() {
        Some((last, above)) if last.behind => above,
        _ => notes,
    };
    let piece = |note: &Note<'a>| Piece { indent, text: note.text, blank: note.blank };
    let mut all: Vec<Piece<'a>> = above.iter().map(piece).collect();
    let text = &printed[line.start..line.end];
    all.push(Piece { indent: line.indent, text, blank: line.keeps && apart });
    // What came out of the line stands as near to what is before as the line did.
    if let Some(first) = above.iter().position(|note| note.inside) {
        let last = all.len() - 1;
        all[first].blank |= all[last].blank;
        all[last].blank = false;
    }
    if line.blank && !all.iter().any(|piece| piece.blank) {
        all[0].blank = true;
    }
    if text.is_empty() {
        all.pop();
    }
    all
}

/// The comments of the source by the line of the print that they belong to.
fn notes<'a>(
    text: &'a str,
    source: &Lexed,
    twins: &Twins,
    line_of: &[usize],
) -> BTreeMap<usize, Vec<Note<'a>>> {
    let mut found: BTreeMap<usize, Vec<Note<'a>>> = BTreeMap::new();
    let mut before_end = 0;
    for comment in &source.comments {
        let (start, end) = (comment.start as usize, comment.end as usize);
        let next = source.tokens.partition_point(|token| token.span.start < comment.start);
        let token_end = next.checked_sub(1).map(|at| source.tokens[at].span.end as usize);
        let gap = &text[token_end.unwrap_or(0).max(before_end)..start];
        let behind = !gap.contains('\n') && next > 0;
        let line = match (behind, next.checked_sub(1)) {
            (true, Some(token)) => line_of[twins.before[token]],
            _ => line_of[twins.after[next]],
        };
        let first = twins.after[next];
        let inside = behind || first > 0 && line_of[first - 1] == line;
        let blank = !behind && gap.matches('\n').count() > 1;
        let text = text[start..end].trim_end();
        found.entry(line).or_default().push(Note { text, blank, behind, inside });
        before_end = end;
    }
    found
}

/// Whether the source has a blank line right before a token.
fn has_blank(text: &str, source: &Lexed, token: usize) -> bool {
    let start = source.tokens[token].span.start;
    let comment = source.comments.partition_point(|comment| comment.start < start);
    let comment = comment.checked_sub(1).map_or(0, |at| source.comments[at].end);
    let before = token.checked_sub(1).map_or(0, |at| source.tokens[at].span.end);
    text[before.max(comment) as usize..start as usize].matches('\n').count() > 1
}

/// The lines of the print, and the line of each token.
fn lines(printed: &str, tokens: &[Token]) -> (Vec<Line>, Vec<usize>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut line_of = Vec::with_capacity(tokens.len());
    let mut depth = 0_usize;
    let mut before = 0;
    for (number, token) in tokens.iter().enumerate() {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        let gap = &printed[before..start];
        if number == 0 || gap.contains('\n') {
            let indent = gap.len() - gap.rfind('\n').map_or(0, |at| at + 1);
            lines.push(Line {
                first: number,
                start,
                end,
                indent,
                blank: gap.matches('\n').count() > 1,
                keeps: depth == 0 && !matches!(token.kind, TokenKind::And | TokenKind::Or),
                opens: false,
                closes: matches!(token.kind, TokenKind::CloseBrace | TokenKind::CloseBracket),
            });
        }
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(line) = lines.last_mut() {
            line.end = end;
            line.keeps &= !line.closes;
            line.opens = matches!(token.kind, TokenKind::OpenBrace | TokenKind::OpenBracket);
        }
        line_of.push(lines.len() - 1);
        before = end;
    }
    (lines, line_of)
}

/// Which tokens of source and print are the same.
#[derive(Debug)]
struct Twins {
    /// For each token of the source: its twin, else that of the one before it.
    before: Vec<usize>,
    /// For each token of the source: its twin, else that of the one after it.
    after: Vec<usize>,
    /// For each token of the print: its twin in the source.
    origin: Vec<Option<usize>>,
}

impl Twins {
    fn of(source: (&str, &[Token]), print: (&str, &[Token])) -> Option<Self> {
        let mut origin = vec![None; print.1.len()];
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut at = 0;
        for (number, token) in source.1.iter().enumerate() {
            while !is_twin((source.0, token), (print.0, print.1.get(at)?)) {
                // The print adds nothing but a comma after the last of a list.
                if may_go(token) {
                    break;
                }
                if print.1[at].kind != TokenKind::Comma {
                    return None;
                }
                at += 1;
            }
            after.push(at);
            if is_twin((source.0, token), (print.0, &print.1[at])) {
                origin[at] = Some(number);
                at += 1;
            }
            before.push(at.saturating_sub(1));
        }
        (at == print.1.len()).then_some(Self { before, after, origin })
    }
}

/// Whether the print may leave out a token: redundant parentheses, a trailing comma.
fn may_go(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Comma | TokenKind::OpenParen | TokenKind::CloseParen)
}

fn is_twin(one: (&str, &Token), other: (&str, &Token)) -> bool {
    let is_name = matches!(one.1.kind, TokenKind::Id | TokenKind::Technique);
    let names = || slice(one.0, one.1.span) == slice(other.0, other.1.span);
    one.1.kind == other.1.kind && (!is_name || names())
}

fn slice(text: &str, span: crate::ast::Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or("").trim_end()
}
