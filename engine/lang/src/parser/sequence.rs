//! `sequence by … within … { step then step … }`.

use super::{Parsed, Parser};
use crate::ast::{Number, Sequence, Span, Step};
use crate::diag::Diag;
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// A sequence after its word.
    pub(super) fn sequence(&mut self) -> Parsed<Sequence> {
        if !self.eat_word("by") {
            let wanted = "`by` and the group: `sequence by account within 15m { … }`";
            let reported = self.wanted(wanted);
            if self.id(0).is_none() || self.clause_instead() {
                return Err(reported);
            }
        }
        let by = self.comma_list(Self::path)?;
        if !self.eat_word("within") {
            return Err(self
                .wanted("`within` and the longest time: `sequence by account within 15m { … }`"));
        }
        let within = self.duration()?;
        let open = self.here();
        if !self.eat(&TokenKind::OpenBrace) {
            return Err(self.wanted_as("E0014", "`{` and the steps"));
        }
        let steps = self.steps(open);
        Ok(Sequence { by, within, steps })
    }

    /// The steps and the closing brace.
    fn steps(&mut self, open: Span) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            match self.kind() {
                TokenKind::CloseBrace => break,
                TokenKind::End => break,
                _ if self.at_item() || self.at_clause() => break,
                _ => {}
            }
            if self.at_word("then") && self.peek(1).kind != TokenKind::Colon {
                if steps.is_empty() {
                    let diag =
                        Diag::error("E0020", "no step stands before this `then`", self.here());
                    self.report(diag.help("the first step has no `then`"));
                }
                self.bump();
            } else if !steps.is_empty() {
                let diag = Diag::error("E0020", "between two steps stands `then`", self.here());
                self.report(diag.help("write `then` before the step"));
            }
            let start = self.here();
            if let Ok(step) = self.step() {
                steps.push(step);
            }
            if !self.at_step_end() {
                self.left_over();
                self.skip_to(Self::at_step_end);
            }
            if self.here().start == start.start && *self.kind() != TokenKind::CloseBrace {
                self.bump();
            }
        }
        if steps.is_empty() && *self.kind() == TokenKind::CloseBrace {
            let diag = Diag::error("E0015", "a sequence without a step", open);
            self.report(diag.help("write, say, `{ fail: 5+ not ok then good: ok }`"));
        }
        if !self.eat(&TokenKind::CloseBrace) {
            let diag = Diag::error("E0014", "the sequence is not closed", open);
            self.report(diag.also(self.gap(), "it should have ended here").help("add `}`"));
        }
        steps
    }

    /// Whether a step ends here, or begins.
    fn at_step_end(&self) -> bool {
        let begins =
            |ahead| self.id(ahead).is_some() && self.peek(ahead + 1).kind == TokenKind::Colon;
        let negated = *self.kind() == TokenKind::Not && begins(1);
        self.at_boundary() || self.at_word("then") || begins(0) || negated
    }

    fn step(&mut self) -> Parsed<Step> {
        let start = self.here();
        let absent = self.eat(&TokenKind::Not);
        if self.clause_instead() {
            return Err(self.wanted("a step: its name, `:` and a condition"));
        }
        let name = self.name("a step: its name, `:` and a condition")?;
        if !self.eat(&TokenKind::Colon) {
            return Err(self.wanted(&format!("`:` and the condition of the step `{}`", name.name)));
        }
        let counted = matches!(self.kind(), TokenKind::Number(Number::Int(_)))
            && self.peek(1).kind == TokenKind::Plus
            && self.slice(self.here()).bytes().all(|b| b.is_ascii_digit());
        let mut count = None;
        if counted {
            count = Some(self.count("the least number of events, such as `5+`")?);
            self.bump();
        }
        let cond = self.whole_expr()?;
        Ok(Step { absent, name, count, cond, span: self.since(start) })
    }
}
