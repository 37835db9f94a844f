//! Where reading goes on after a mistake.
//!
//! Clause words are not reserved, so a place is judged by more than the word: by
//! what follows it, and by whether it begins a line.

use super::Parser;
use super::clause::Word;
use crate::ast::Span;
use crate::diag::Diag;
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// Whether a `let` or a `rule` begins at the token at hand.
    pub(super) fn at_item(&self) -> bool {
        let begins =
            self.on_new_line() || matches!(self.before(), None | Some(TokenKind::CloseBrace));
        let next = &self.peek(1).kind;
        begins
            && match self.id(0) {
                Some("rule") => {
                    !self.peek(1).first
                        && matches!(next, TokenKind::Id | TokenKind::Str(_) | TokenKind::OpenBrace)
                }
                Some("let") => {
                    *next == TokenKind::Id
                        && (matches!(self.peek(2).kind, TokenKind::Assign | TokenKind::Colon)
                            || self.id(2) == Some("from"))
                }
                _ => false,
            }
    }

    /// Whether a clause begins at the token at hand, as far as can be told in the
    /// middle of something broken.
    pub(super) fn at_clause(&self) -> bool {
        self.clause_at(0)
    }

    fn clause_at(&self, ahead: usize) -> bool {
        let before = if ahead == 0 { self.before() } else { Some(&self.peek(ahead - 1).kind) };
        let key = matches!(before, Some(TokenKind::Dot)) && !self.peek(ahead).first;
        !key && self.clause_form_at(ahead)
    }

    /// Whether a clause word stands there with what can follow one.
    fn clause_form_at(&self, ahead: usize) -> bool {
        let Some(word) = self.id(ahead).and_then(Word::of) else { return false };
        let next = self.peek(ahead + 1);
        let negated = next.kind == TokenKind::Not && negates(&self.peek(ahead + 2).kind);
        let called =
            next.kind == TokenKind::OpenParen && next.span.start == self.peek(ahead).span.end;
        if negated || called || next.kind == TokenKind::Colon {
            return false;
        }
        !next.first && word.is_followed_by(&next.kind)
            || self.peek(ahead).first && !continues(&next.kind)
    }

    /// Whether a clause begins where a name was wanted; a name that happens to be a
    /// clause word is followed by what can follow a name.
    pub(super) fn clause_instead(&self) -> bool {
        if continues(&self.peek(1).kind) {
            return false;
        }
        let begins_something =
            |word: &str| Word::of(word).is_some() || matches!(word, "let" | "rule" | "then");
        if !self.id(0).is_some_and(begins_something) {
            return false;
        }
        let ends = matches!(self.peek(1).kind, TokenKind::CloseBrace | TokenKind::End);
        self.clause_form_at(0) && !ends && !self.clause_at(1) || self.at_item() || self.at_then()
    }

    /// Whether the body of a rule, or what stands in it, must end here.
    pub(super) fn at_boundary(&self) -> bool {
        matches!(self.kind(), TokenKind::End | TokenKind::CloseBrace)
            || self.at_item()
            || self.at_clause()
            || self.at_then()
    }

    /// Whether the next step of a sequence begins here, even one that is broken.
    fn at_then(&self) -> bool {
        let step = |ahead| {
            let word = self.id(ahead).unwrap_or("then");
            word != "then" && Word::of(word).is_none() && !matches!(word, "let" | "rule")
        };
        let negated = self.peek(1).kind == TokenKind::Not && step(2);
        self.at_word("then") && self.on_new_line() && (step(1) || negated)
    }

    /// Moves on to the next clause, item or closing brace of this block.
    pub(super) fn skip_clause(&mut self) {
        self.skip_to(Self::at_line_word);
    }

    /// Whether a line begins here with a word that the line before does not ask for:
    /// perhaps a clause or a step with its word misspelt.
    pub(super) fn at_line_word(&self) -> bool {
        self.on_new_line()
            && *self.kind() == TokenKind::Id
            && !continues(&self.peek(1).kind)
            && self.peek(1).kind != TokenKind::Colon
            && !self.before().is_some_and(asks_for_more)
    }

    /// Moves on to where `stop` holds outside inner braces, or to a clause, an
    /// item or the closing brace of this block.
    pub(super) fn skip_to(&mut self, stop: impl Fn(&Self) -> bool) {
        let mut inner = 0usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                TokenKind::CloseBrace if inner == 0 => return,
                TokenKind::CloseBrace => inner -= 1,
                TokenKind::OpenBrace => inner += 1,
                _ if inner == 0 && stop(self) => return,
                TokenKind::Id if self.at_item() => return,
                TokenKind::Id if self.at_clause() && (inner == 0 || self.on_new_line()) => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// Moves on past the parenthesis or bracket that closes what is open, or to
    /// the end of the clause. `stops` are kinds to stop at before it.
    pub(super) fn skip_to_closer(&mut self, stops: &[TokenKind]) {
        let mut inner = 0usize;
        while !self.at_boundary() {
            match self.kind() {
                kind if inner == 0 && stops.contains(kind) => return,
                TokenKind::OpenParen | TokenKind::OpenBracket => inner += 1,
                TokenKind::CloseParen | TokenKind::CloseBracket if inner == 0 => {
                    self.bump();
                    return;
                }
                TokenKind::CloseParen | TokenKind::CloseBracket => inner -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Takes the closer of what `open` opened; says what is in its way.
    pub(super) fn close(&mut self, closer: &TokenKind, open: Span) {
        if self.eat(closer) {
            return;
        }
        let sign = match closer {
            TokenKind::CloseParen => ")",
            TokenKind::CloseBracket => "]",
            _ => "}",
        };
        let other = matches!(self.kind(), TokenKind::CloseParen | TokenKind::CloseBracket);
        // `any(x in [1, 2: …)`, `[Int = 5`: the sign belongs to what is outside.
        let outer = *closer == TokenKind::CloseBracket
            && matches!(self.kind(), TokenKind::Colon | TokenKind::Assign);
        if other || outer || self.at_boundary() || self.on_new_line() {
            let title = format!("{} is not closed", self.shown(open));
            let place = if other { self.here() } else { self.behind() };
            let diag =
                Diag::error("E0014", title, open).also(place, format!("`{sign}` is lacking here"));
            self.report(diag.help(format!("add `{sign}`")));
            if other {
                self.bump();
            }
            return;
        }
        self.left_over_value();
        self.skip_to_closer(&[]);
    }

    /// Reports that the token at hand follows something complete.
    pub(super) fn left_over(&mut self) {
        let title = format!("{} does not belong here", self.found());
        let label = "what stands before it is complete";
        self.report(Diag::error("E0026", title, self.here()).label(label));
    }

    /// The same inside an expression.
    pub(super) fn left_over_value(&mut self) {
        let title = format!("{} does not belong here", self.found());
        let diag = Diag::error("E0026", title, self.here());
        let diag = match self.kind() {
            TokenKind::CloseParen => diag.label("closes no `(`"),
            TokenKind::CloseBracket => diag.label("closes no `[`"),
            _ => diag.label("what stands before it is complete").help(
                "conditions are joined by `and` or `or`; the values of a list stand in `[ ]`",
            ),
        };
        self.report(diag);
    }
}

/// Whether a `not` before a token belongs to it: `x not in y`.
fn negates(next: &TokenKind) -> bool {
    matches!(next, TokenKind::In | TokenKind::Like | TokenKind::Has | TokenKind::Matches)
}

/// Whether something must follow a token.
fn asks_for_more(kind: &TokenKind) -> bool {
    let joins = continues(kind) && !closes(kind);
    let opens = matches!(kind, TokenKind::OpenParen | TokenKind::OpenBracket);
    joins || opens || matches!(kind, TokenKind::Not | TokenKind::Colon | TokenKind::Assign)
}

/// Whether a token ends an operand.
fn closes(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::Exists | TokenKind::Missing
    )
}

/// Whether a token makes a word before it part of an expression or a list.
fn continues(next: &TokenKind) -> bool {
    matches!(
        next,
        TokenKind::Dot
            | TokenKind::Range
            | TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Star
            | TokenKind::Slash
            | TokenKind::Comma
            | TokenKind::CloseParen
            | TokenKind::CloseBracket
            | TokenKind::Eq
            | TokenKind::Ne
            | TokenKind::Lt
            | TokenKind::Le
            | TokenKind::Gt
            | TokenKind::Ge
            | TokenKind::In
            | TokenKind::Like
            | TokenKind::Has
            | TokenKind::Matches
            | TokenKind::Exists
            | TokenKind::Missing
            | TokenKind::And
            | TokenKind::Or
    )
}
