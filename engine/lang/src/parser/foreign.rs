//! Words and forms of other languages, read as what they mean here.
//!
//! Each is reported, and the token is rewritten in place, so that the grammar
//! reads on as if the right word stood there.

use super::clause::Word;
use super::{Parsed, Parser};
use crate::ast::{CompareOp, Expr, ExprKind, Span};
use crate::diag::Diag;
use crate::lexer::{TokenKind, reserved};

/// Words that stand between two operands elsewhere: what they are read as, and what to write.
const OPERATORS: [(&[&str], TokenKind, &str); 10] = [
    (&["contains", "includes"], TokenKind::Has, "for text write `like \"*…*\"`, for a list `has`"),
    (&["startswith", "starts_with", "beginswith"], TokenKind::Like, "write `like \"…*\"`"),
    (&["endswith", "ends_with"], TokenKind::Like, "write `like \"*…\"`"),
    (&["ilike"], TokenKind::Like, "without regard to case: `lower(x) like \"…\"`"),
    (&["regex", "regexp", "rlike", "re"], TokenKind::Matches, "write `matches`"),
    (&["equals", "eq"], TokenKind::Eq, "write `==`"),
    (&["ne", "neq"], TokenKind::Ne, "write `!=`"),
    (&["lt"], TokenKind::Lt, "write `<`"),
    (&["gt", "gte", "ge", "lte", "le"], TokenKind::Ge, "write `>`, `>=` or `<=`"),
    (&["xor"], TokenKind::Ne, "of two conditions just one: `(a and not b) or (b and not a)`"),
];

/// What other languages write for a missing value.
const NULLS: [&str; 7] = ["null", "NULL", "Null", "nil", "None", "none", "undefined"];

impl Parser<'_> {
    /// `NOT x` as `not x`.
    pub(super) fn mend_prefix(&mut self) {
        if !matches!(self.id(0), Some("NOT" | "Not")) {
            return;
        }
        let next = &self.peek(1).kind;
        let operand =
            matches!(next, TokenKind::Id | TokenKind::Any | TokenKind::All | TokenKind::OpenParen);
        if operand && !self.peek(1).first {
            self.mend_case("not", TokenKind::Not);
        }
    }

    /// Makes of the token after an operand what its author meant, and says so.
    pub(super) fn mend_infix(&mut self) {
        if *self.kind() == TokenKind::Assign {
            let diag = Diag::error("E0017", "`=` does not compare", self.here()).help("write `==`");
            self.report(diag);
            return self.rewrite(TokenKind::Eq);
        }
        if *self.kind() == TokenKind::Not {
            return self.mend_not();
        }
        let Some(word) = self.id(0) else { return };
        if self.peek(1).kind == TokenKind::Colon || Word::of(word).is_some() {
            return;
        }
        let lower = word.to_lowercase();
        if word == "is" || word == "IS" {
            return self.mend_is();
        }
        let literal = |kind: &TokenKind| matches!(kind, TokenKind::True | TokenKind::False);
        if let Some(kind) = reserved(&lower).filter(|kind| !literal(kind)) {
            return self.mend_case(&lower, kind);
        }
        if lower == "between" {
            return self.mend_between();
        }
        let Some((_, kind, help)) =
            OPERATORS.iter().find(|(words, ..)| words.contains(&lower.as_str()))
        else {
            return;
        };
        let title = format!("`{word}` is not a word of the rule language");
        let diag = Diag::error("E0018", title, self.here()).help(*help);
        self.report(diag);
        self.rewrite(kind.clone());
    }

    /// `x between 1 and 5`.
    fn mend_between(&mut self) {
        let title = format!("`{}` is not a word of the rule language", self.slice(self.here()));
        let diag = Diag::error("E0018", title, self.here());
        self.report(diag.help("write `in 1..5`: both ends belong to it"));
        if self.peek(2).kind == TokenKind::And {
            self.rewrite_ahead(2, TokenKind::Range);
        }
        self.rewrite(TokenKind::In);
    }

    fn mend_case(&mut self, lower: &str, kind: TokenKind) {
        let word = self.slice(self.here());
        let title = format!("`{word}` is written in small letters");
        let diag = Diag::error("E0018", title, self.here()).help(format!("write `{lower}`"));
        self.report(diag);
        self.rewrite(kind);
    }

    /// `a not contains b`, `a not exists`, `a not == b`.
    fn mend_not(&mut self) {
        use TokenKind as K;
        let not = self.here();
        let help = match self.peek(1).kind {
            K::In | K::Like | K::Has | K::Matches => return,
            K::Exists => "write `missing`",
            K::Missing => "write `exists`",
            K::Eq | K::Assign => "write `!=`",
            K::Ne => "write `==`",
            K::Lt | K::Le | K::Gt | K::Ge => "write `not` before the condition: `not x < y`",
            K::Id if !self.peek(1).first => {
                // `not contains` becomes `not has`; of `not eq` the `not` is left out.
                self.bump();
                self.mend_infix();
                if matches!(self.kind(), K::In | K::Like | K::Has | K::Matches | K::Id) {
                    self.step_back();
                }
                return;
            }
            _ => return,
        };
        let diag = Diag::error("E0019", "`not` stands before a whole condition", not).help(help);
        self.report(diag);
        self.bump();
        match self.kind() {
            K::Exists => self.rewrite(K::Missing),
            K::Missing => self.rewrite(K::Exists),
            K::Assign => self.rewrite(K::Ne),
            _ => {}
        }
    }

    /// `is null`, `is not null`, `is missing`, `is "x"`.
    fn mend_is(&mut self) {
        let start = self.here();
        let negated = self.peek(1).kind == TokenKind::Not;
        let ahead = if negated { 2 } else { 1 };
        let absent = match &self.peek(ahead).kind {
            TokenKind::Missing => Some(true),
            TokenKind::Exists => Some(false),
            TokenKind::Id if self.id(ahead).is_some_and(|word| NULLS.contains(&word)) => Some(true),
            _ => None,
        };
        let (kind, help) = match absent {
            Some(absent) if absent != negated => (TokenKind::Missing, "write `x missing`"),
            Some(_) => (TokenKind::Exists, "write `x exists`"),
            None if negated => (TokenKind::Ne, "write `!=`"),
            None => (TokenKind::Eq, "write `==`"),
        };
        self.report(
            Diag::error("E0018", "`is` is not a word of the rule language", start).help(help),
        );
        for _ in 0..ahead - usize::from(absent.is_none()) {
            self.bump();
        }
        self.rewrite(kind);
    }

    /// Says of `x == null` how it is written.
    pub(super) fn warn_of_null(&mut self, expr: &Expr) {
        let ExprKind::Compare(op @ (CompareOp::Eq | CompareOp::Ne), left, right) = &expr.kind
        else {
            return;
        };
        let ExprKind::Name(name) = &right.kind else { return };
        if !NULLS.contains(&name.as_str()) {
            return;
        }
        let word = if *op == CompareOp::Eq { "missing" } else { "exists" };
        let diag = Diag::error("E0018", format!("nothing equals `{name}`"), right.span)
            .help(format!("write `{} {word}`", self.slice(left.span)));
        self.diags.push(diag);
    }

    /// A value in a form of another language, or nothing if the token at hand begins none.
    pub(super) fn foreign_primary(&mut self) -> Option<Parsed<Expr>> {
        use TokenKind as K;
        let start = self.here();
        match self.kind() {
            K::Not => {
                let diag = Diag::error("E0019", "`not` stands before a whole condition", start)
                    .help("write `!=` for `== not`, or parentheses: `(not x)`");
                self.report(diag);
                Some(self.deeper(Self::not_expr))
            }
            K::Exists | K::Missing if self.peek(1).kind == K::OpenParen => {
                let exists = *self.kind() == K::Exists;
                let word = self.slice(start);
                let diag =
                    Diag::error("E0018", format!("`{word}` stands after what it asks of"), start);
                self.report(diag.help(format!("write `x {word}`")));
                self.bump();
                Some(self.deeper(Self::parenthesis_of_other).map(|inner| {
                    let inner = Box::new(inner);
                    let kind =
                        if exists { ExprKind::Exists(inner) } else { ExprKind::Missing(inner) };
                    self.made(kind, start)
                }))
            }
            K::Star if self.peek(1).kind == K::CloseParen => {
                let diag = Diag::error("E0018", "`*` stands for nothing here", start);
                self.report(diag.help("the number of events is `count()`"));
                self.bump();
                Some(Ok(self.hole()))
            }
            K::OpenBrace if !self.on_new_line() => {
                let diag = Diag::error("E0018", "a list stands in square brackets", start);
                self.report(diag.help("write `[a, b, c]`"));
                Some(self.deeper(|p| {
                    p.bump();
                    let items = p.items_until(&K::CloseBrace, start)?;
                    Ok(p.made(ExprKind::List(items), start))
                }))
            }
            _ => None,
        }
    }

    fn parenthesis_of_other(&mut self) -> Parsed<Expr> {
        let open = self.bump();
        let inner = self.expr()?;
        self.close(&TokenKind::CloseParen, open);
        Ok(inner)
    }

    /// `x[0]`, `x["key"]`: reported and passed over.
    pub(super) fn foreign_index(&mut self) -> Parsed<()> {
        let open: Span = self.here();
        let help = match &self.peek(1).kind {
            TokenKind::Str(_) => {
                format!("a key stands after a point: `.{}`", self.slice(self.peek(1).span))
            }
            _ => "ask for any of its values: `any(x in list: x == …)`".to_owned(),
        };
        let diag = Diag::error("E0018", "no value is read by `[ ]`", open).help(help);
        self.report(diag);
        self.deeper(|p| {
            p.bump();
            p.items_until(&TokenKind::CloseBracket, open).map(|_| ())
        })
    }

    /// Moves over what follows a character that means nothing, to the end of the
    /// line or of the operand.
    pub(super) fn skip_junk(&mut self) {
        use TokenKind as K;
        self.bump();
        let ends = |kind: &K| {
            matches!(
                kind,
                K::And | K::Or | K::CloseParen | K::CloseBracket | K::Comma | K::OpenBrace
            )
        };
        while !self.on_new_line()
            && !ends(self.kind())
            && !self.at_boundary()
            && !self.at_word("then")
        {
            self.bump();
        }
    }
}
