//! The parser's place in the tokens, and how it reports.

use crate::ast::Span;
use crate::diag::Diag;
use crate::lexer::{Token, TokenKind};
use crate::limits;
use std::mem::discriminant;

/// Says that a diagnostic was made and nothing could be read.
#[derive(Debug)]
pub(super) struct Reported;

/// What was read, or nothing and a diagnostic.
pub(super) type Parsed<T> = Result<T, Reported>;

/// The tokens of a file, and a place in them.
///
/// The place never passes the last token, [`TokenKind::End`].
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// How many parentheses, lists and the like are open.
    depth: usize,
    /// How many operators the expression at hand has so far.
    pub(super) operators: usize,
    pub(super) diags: Vec<Diag>,
    /// The token that was complained of last.
    complained: Option<usize>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, tokens: Vec<Token>) -> Self {
        Self { text, tokens, at: 0, depth: 0, operators: 0, diags: Vec::new(), complained: None }
    }

    /// The token `ahead` after the one at hand.
    pub(super) fn peek(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + ahead).min(last)]
    }

    /// The kind of the token at hand.
    pub(super) fn kind(&self) -> &TokenKind {
        &self.tokens[self.at].kind
    }

    /// Whether the token at hand is the first of its line.
    pub(super) fn on_new_line(&self) -> bool {
        self.tokens[self.at].first
    }

    /// The kind of the token before the one at hand.
    pub(super) fn before(&self) -> Option<&TokenKind> {
        self.at.checked_sub(1).map(|at| &self.tokens[at].kind)
    }

    /// Where the token at hand stands.
    pub(super) fn here(&self) -> Span {
        self.tokens[self.at].span
    }

    /// Where the token before the one at hand stands.
    pub(super) fn behind(&self) -> Span {
        self.at.checked_sub(1).map_or(self.here(), |at| self.tokens[at].span)
    }

    /// From the start of `first` to the end of the token before the one at hand.
    pub(super) fn since(&self, first: Span) -> Span {
        Span { end: self.behind().end.max(first.end), ..first }
    }

    /// The text of a span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The text of the token `ahead`, if it is a name or a clause word.
    pub(super) fn id(&self, ahead: usize) -> Option<&'a str> {
        let token = self.peek(ahead);
        (token.kind == TokenKind::Id).then(|| self.slice(token.span))
    }

    /// Whether the token at hand is this word, which is not a reserved one.
    pub(super) fn at_word(&self, word: &str) -> bool {
        self.id(0) == Some(word)
    }

    /// Moves on, and tells where the token was.
    pub(super) fn bump(&mut self) -> Span {
        let span = self.here();
        if *self.kind() != TokenKind::End {
            self.at += 1;
        }
        span
    }

    /// Moves on if the token at hand is of this kind, which is one without a value.
    #[inline]
    pub(super) fn eat(&mut self, kind: &TokenKind) -> bool {
        let found = discriminant(self.kind()) == discriminant(kind);
        if found {
            self.bump();
        }
        found
    }

    /// Moves on if the token at hand is this word.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    /// The text at hand, taken out of its token, and where it stands; the place moves on.
    pub(super) fn take_text(&mut self) -> Option<(String, Span)> {
        let at = self.at;
        let TokenKind::Str(text) = &mut self.tokens.get_mut(at)?.kind else { return None };
        let text = std::mem::take(text);
        Some((text, self.bump()))
    }

    /// Whether the token at hand follows the one before without a space.
    pub(super) fn touches_before(&self) -> bool {
        self.at > 0 && self.behind().end == self.here().start
    }

    /// Moves back to the token before.
    pub(super) fn step_back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Makes another kind of the token at hand.
    pub(super) fn rewrite(&mut self, kind: TokenKind) {
        self.rewrite_ahead(0, kind);
    }

    /// The same with a token so far after it, if there is one.
    pub(super) fn rewrite_ahead(&mut self, ahead: usize, kind: TokenKind) {
        if let Some(token) = self.tokens.get_mut(self.at + ahead) {
            token.kind = kind;
        }
    }

    /// Reports; silent where the token at hand or this place was complained of already.
    pub(super) fn report(&mut self, diag: Diag) -> Reported {
        let place = |diag: &Diag| diag.labels.first().map(|(span, _)| span.start);
        let again = self.complained == Some(self.at)
            || self.diags.last().is_some_and(|last| place(last) == place(&diag));
        if !again && *self.kind() != TokenKind::Bad {
            self.diags.push(diag);
        }
        self.complained = Some(self.at);
        Reported
    }

    /// Reports that something else was wanted here: `wanted` is a phrase such as
    /// "a length of time, such as `10m`".
    pub(super) fn wanted(&mut self, wanted: &str) -> Reported {
        self.wanted_as("E0020", wanted)
    }

    /// The same under another code.
    pub(super) fn wanted_as(&mut self, code: &'static str, wanted: &str) -> Reported {
        let diag = if self.on_new_line() || *self.kind() == TokenKind::End {
            let before = self.behind();
            let title = format!("after {} must come {wanted}", self.shown(before));
            Diag::error(code, title, before).label("nothing follows")
        } else {
            let found = self.found();
            Diag::error(
                code,
                format!("here must stand {wanted}, but there is {found}"),
                self.here(),
            )
        };
        self.report(diag)
    }

    /// The token at hand, in words.
    pub(super) fn found(&self) -> String {
        let here = self.shown(self.here());
        match self.kind() {
            TokenKind::End => "the end of the file".into(),
            TokenKind::Id => format!("the word {here}"),
            TokenKind::Number(_) => format!("the number {here}"),
            TokenKind::Duration(_) => format!("the length of time {here}"),
            TokenKind::Cidr(_) => format!("the network {here}"),
            TokenKind::Str(_) => format!("the text {here}"),
            _ => here,
        }
    }

    /// The text of a span between backticks, cut where it is long.
    pub(super) fn shown(&self, span: Span) -> String {
        const MOST: usize = 40;
        let text = self.slice(span);
        let line = text.lines().next().unwrap_or("");
        if line.len() == text.len() && line.chars().count() <= MOST {
            return format!("`{line}`");
        }
        let head: String = line.chars().take(MOST).collect();
        format!("`{head}…`")
    }

    /// Runs `read` one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == limits::NESTING {
            let title = format!("more than {} levels, one inside the other", limits::NESTING);
            let help = "give the inner parts names with `let`, or leave out parentheses";
            let diag = Diag::error("E0010", title, self.here()).help(help);
            return Err(self.report(diag));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Whether nothing is open.
    pub(super) fn at_top(&self) -> bool {
        self.depth == 0
    }
}
