//! Expressions, by precedence: `or`, `and`, `not`, comparison, sum, product, sign, point.

use super::{Parsed, Parser};
use crate::ast::{ArithOp, CompareOp, Expr, ExprKind, In, Match, MatchOp, Quantified, Span};
use crate::diag::Diag;
use crate::lexer::TokenKind;
use crate::limits;
use crate::parser::clause::Word;

impl Parser<'_> {
    /// An expression that is a clause's or a let's, up to where the next thing begins.
    ///
    /// What stands between is reported once a line and read as well, so that its
    /// own mistakes are found.
    pub(super) fn whole_expr(&mut self) -> Parsed<Expr> {
        debug_assert!(self.at_top(), "inside an expression");
        self.operators = 0;
        let start = self.here();
        let mut expr = self.expr()?;
        let mut told = false;
        while !self.at_expr_end() {
            if !told || self.on_new_line() {
                self.left_over_value();
            }
            told = true;
            if !self.starts_operand() {
                self.bump();
                self.skip_to(|p| {
                    matches!(p.kind(), TokenKind::And | TokenKind::Or) || p.at_expr_end()
                });
                if !matches!(self.kind(), TokenKind::And | TokenKind::Or) {
                    break;
                }
                self.bump();
            }
            let place = self.here().start;
            let more = self.expr()?;
            if self.here().start == place {
                self.bump();
            }
            expr = self.made(ExprKind::And(Box::new(expr), Box::new(more)), start);
        }
        Ok(expr)
    }

    /// Whether what can follow a whole expression begins here.
    fn at_expr_end(&self) -> bool {
        match self.kind() {
            TokenKind::End | TokenKind::CloseBrace => true,
            TokenKind::Id => {
                let word = self.id(0).unwrap_or("");
                self.on_new_line()
                    || Word::of(word).is_some()
                    || matches!(word, "let" | "rule" | "then")
                    || self.peek(1).kind == TokenKind::Colon
            }
            _ => false,
        }
    }

    /// Whether the token at hand can begin an operand.
    fn starts_operand(&self) -> bool {
        use TokenKind as K;
        matches!(
            self.kind(),
            K::Id | K::Number(_) | K::Duration(_) | K::Cidr(_) | K::Str(_) | K::True | K::False
        ) || matches!(self.kind(), K::Any | K::All | K::Not | K::OpenParen | K::OpenBracket)
    }

    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut left = self.and_expr()?;
        while self.eat(&TokenKind::Or) {
            self.operator()?;
            let right = self.and_expr()?;
            left = self.made(ExprKind::Or(Box::new(left), Box::new(right)), start);
        }
        Ok(left)
    }

    fn and_expr(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut left = self.not_expr()?;
        while self.eat(&TokenKind::And) {
            self.operator()?;
            let right = self.not_expr()?;
            left = self.made(ExprKind::And(Box::new(left), Box::new(right)), start);
        }
        Ok(left)
    }

    pub(super) fn not_expr(&mut self) -> Parsed<Expr> {
        self.mend_prefix();
        let start = self.here();
        if self.eat(&TokenKind::Not) {
            let inner = self.deeper(Self::not_expr)?;
            return Ok(self.made(ExprKind::Not(Box::new(inner)), start));
        }
        self.comparisons()
    }

    fn comparisons(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut expr = self.sum()?;
        self.mend_infix();
        if !self.at_comparison() {
            return Ok(expr);
        }
        expr = self.comparison(expr, start)?;
        self.warn_of_null(&expr);
        self.mend_infix();
        if self.at_comparison() {
            self.chained(start, &expr);
        }
        while self.at_comparison() {
            self.operator()?;
            expr = self.comparison(expr, start)?;
            self.mend_infix();
        }
        Ok(expr)
    }

    fn at_comparison(&self) -> bool {
        use TokenKind as K;
        let word = |kind: &K| matches!(kind, K::In | K::Like | K::Has | K::Matches);
        let kind = self.kind();
        compare_op(kind).is_some()
            || word(kind)
            || matches!(kind, K::Exists | K::Missing)
            || *kind == K::Not && word(&self.peek(1).kind)
    }

    /// What the comparison at hand makes of `left`.
    fn comparison(&mut self, left: Expr, start: Span) -> Parsed<Expr> {
        if let Some(op) = compare_op(self.kind()) {
            self.bump();
            let right = self.sum()?;
            return Ok(self.made(ExprKind::Compare(op, Box::new(left), Box::new(right)), start));
        }
        if self.eat(&TokenKind::Exists) {
            return Ok(self.made(ExprKind::Exists(Box::new(left)), start));
        }
        if self.eat(&TokenKind::Missing) {
            return Ok(self.made(ExprKind::Missing(Box::new(left)), start));
        }
        let negated = self.eat(&TokenKind::Not);
        let op = match self.kind() {
            TokenKind::Like => MatchOp::Like,
            TokenKind::Has => MatchOp::Has,
            TokenKind::Matches => MatchOp::Matches,
            _ => return self.membership(negated, left, start),
        };
        self.bump();
        let operand = self.sum()?;
        let made = Match { op, negated, value: left, operand };
        Ok(self.made(ExprKind::Match(Box::new(made)), start))
    }

    fn membership(&mut self, negated: bool, left: Expr, start: Span) -> Parsed<Expr> {
        self.bump();
        let list = self.sum()?;
        let high = if self.eat(&TokenKind::Range) { Some(self.sum()?) } else { None };
        let made = In { negated, value: left, list, high };
        Ok(self.made(ExprKind::In(Box::new(made)), start))
    }

    /// Reports a comparison of a comparison.
    fn chained(&mut self, left: Span, so_far: &Expr) {
        let diag = Diag::error("E0016", "comparisons do not chain", self.here());
        let diag = match &so_far.kind {
            ExprKind::Compare(_, _, middle) if self.slice(so_far.span).len() <= 80 => {
                let first = self.slice(Span { end: middle.span.end, ..left });
                let (middle, op) = (self.slice(middle.span), self.slice(self.here()));
                diag.help(format!("write `{first} and {middle} {op} …`"))
            }
            _ => diag.help("what stands before it is a condition: join conditions with `and`"),
        };
        self.report(diag);
    }

    fn sum(&mut self) -> Parsed<Expr> {
        if self.stands_alone() {
            return self.primary();
        }
        let start = self.here();
        let mut left = self.product()?;
        loop {
            let op = match self.kind() {
                TokenKind::Plus => ArithOp::Add,
                TokenKind::Minus => ArithOp::Sub,
                _ => return Ok(left),
            };
            self.bump();
            self.operator()?;
            let right = self.product()?;
            left = self.made(ExprKind::Arith(op, Box::new(left), Box::new(right)), start);
        }
    }

    /// Whether a word or a literal is all of the operand at hand, as it mostly is.
    fn stands_alone(&self) -> bool {
        use TokenKind as K;
        let one = matches!(self.kind(), K::Id | K::Number(_) | K::Duration(_) | K::Str(_));
        let next = &self.peek(1).kind;
        one && (matches!(next, K::And | K::Or | K::Comma | K::CloseParen | K::CloseBracket)
            || matches!(next, K::Eq | K::Ne | K::Lt | K::Le | K::Gt | K::Ge)
            || matches!(next, K::In | K::Like | K::Has | K::Matches | K::Exists | K::Missing))
    }

    /// The literal at hand, if what follows it ends an element of a list.
    fn element(&mut self) -> Option<Expr> {
        use TokenKind as K;
        let span = self.here();
        let ends = matches!(self.peek(1).kind, K::Comma | K::CloseParen | K::CloseBracket);
        let lit = if ends { self.literal()? } else { return None };
        Some(self.made(ExprKind::Lit(lit), span))
    }

    fn product(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut left = self.unary()?;
        loop {
            let op = match self.kind() {
                TokenKind::Star => ArithOp::Mul,
                TokenKind::Slash => ArithOp::Div,
                TokenKind::Bad if !self.on_new_line() => {
                    self.skip_junk();
                    return Ok(left);
                }
                _ => return Ok(left),
            };
            self.bump();
            self.operator()?;
            let right = self.unary()?;
            left = self.made(ExprKind::Arith(op, Box::new(left), Box::new(right)), start);
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.here();
        if self.eat(&TokenKind::Minus) {
            let inner = self.postfix()?;
            return Ok(self.made(ExprKind::Neg(Box::new(inner)), start));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let start = self.here();
        let mut base = self.primary()?;
        loop {
            if self.eat(&TokenKind::Dot) {
                self.operator()?;
                let Ok(key) = self.key() else { return Ok(base) };
                base = self.made(ExprKind::Member(Box::new(base), Box::new(key)), start);
            } else if *self.kind() == TokenKind::OpenBracket && self.touches_before() {
                self.foreign_index()?;
            } else {
                return Ok(base);
            }
        }
    }

    /// Something that is a value by itself; where there is none, a hole.
    fn primary(&mut self) -> Parsed<Expr> {
        let span = self.here();
        if self.eat(&TokenKind::Bad) && !(self.touches_before() && self.starts_operand()) {
            return Ok(self.hole());
        }
        if let Some(lit) = self.literal() {
            return Ok(self.made(ExprKind::Lit(lit), span));
        }
        match self.kind() {
            TokenKind::Id if self.clause_instead() => {}
            TokenKind::Id if self.peek(1).kind == TokenKind::OpenParen => {
                return self.deeper(Self::call);
            }
            TokenKind::Id => {
                let name = self.slice(self.here()).to_owned();
                self.bump();
                return Ok(self.made(ExprKind::Name(name), span));
            }
            TokenKind::OpenParen => return self.deeper(Self::parenthesis),
            TokenKind::OpenBracket => {
                return self.deeper(|p| {
                    p.bump();
                    let items = p.items_until(&TokenKind::CloseBracket, span)?;
                    Ok(p.made(ExprKind::List(items), span))
                });
            }
            TokenKind::Any | TokenKind::All => return self.deeper(Self::quantified),
            _ => {
                if let Some(read) = self.foreign_primary() {
                    return read;
                }
            }
        }
        self.wanted_as("E0015", "a value or a condition");
        Ok(self.hole())
    }

    fn parenthesis(&mut self) -> Parsed<Expr> {
        let open = self.bump();
        let mut inner = self.expr()?;
        if *self.kind() == TokenKind::Comma {
            let diag = Diag::error("E0018", "a list stands in square brackets", open)
                .help("write `[a, b, c]`");
            self.report(diag);
            self.bump();
            let mut items = self.items_until(&TokenKind::CloseParen, open)?;
            items.insert(0, inner);
            return Ok(self.made(ExprKind::List(items), open));
        }
        self.close(&TokenKind::CloseParen, open);
        inner.grouped = true;
        Ok(inner)
    }

    /// The rest of a list or of a call's arguments, and its closer.
    pub(super) fn items_until(&mut self, closer: &TokenKind, open: Span) -> Parsed<Vec<Expr>> {
        let mut items = Vec::new();
        while self.kind() != closer {
            let start = self.here().start;
            let item = match self.element() {
                Some(item) => item,
                None => self.expr()?,
            };
            items.push(item);
            if self.eat(&TokenKind::Comma) {
                if *closer == TokenKind::CloseParen && *self.kind() == TokenKind::CloseParen {
                    let diag = Diag::error("E0020", "no comma stands before `)`", self.behind());
                    self.report(diag.help("leave it out"));
                }
            } else if self.here().start > start && self.starts_operand() && !self.at_boundary() {
                self.missing_comma();
            } else {
                break;
            }
        }
        self.close(closer, open);
        Ok(items)
    }

    /// `name(a, b)`.
    pub(super) fn call(&mut self) -> Parsed<Expr> {
        let name = self.name("the name of a function")?;
        let start = name.span;
        let open = self.bump();
        let arguments = self.items_until(&TokenKind::CloseParen, open)?;
        Ok(self.made(ExprKind::Call(Box::new(name), arguments), start))
    }

    /// `any(x in list: condition)`.
    fn quantified(&mut self) -> Parsed<Expr> {
        let all = *self.kind() == TokenKind::All;
        let start = self.bump();
        let word = if all { "all" } else { "any" };
        let open = self.here();
        let form = format!("`{word}(x in list: condition)`");
        if !self.eat(&TokenKind::OpenParen) {
            self.wanted(&format!("`(`, as in {form}"));
            return Ok(self.hole());
        }
        let head = self.quantified_head(&form);
        let Ok((var, list)) = head else {
            self.skip_to_closer(&[]);
            return Ok(self.hole());
        };
        let cond = self.expr()?;
        self.close(&TokenKind::CloseParen, open);
        let made = Quantified { all, var, list, cond };
        Ok(self.made(ExprKind::Quantified(Box::new(made)), start))
    }

    /// `x in list:`.
    fn quantified_head(&mut self, form: &str) -> Parsed<(crate::ast::Ident, Expr)> {
        let var = self.name(&format!("a name for each value, as in {form}"))?;
        if !self.eat(&TokenKind::In) {
            return Err(self.wanted(&format!("`in`, as in {form}")));
        }
        let list = self.sum()?;
        if !self.eat(&TokenKind::Colon) {
            return Err(self.wanted(&format!("`:` and a condition, as in {form}")));
        }
        Ok((var, list))
    }

    /// Counts one operator more.
    fn operator(&mut self) -> Parsed<()> {
        self.operators += 1;
        if self.operators <= limits::OPERATORS {
            return Ok(());
        }
        let title = format!("an expression of more than {} operators", limits::OPERATORS);
        let help = "ask for one of many values with `in [a, b]` or `like [a, b]`, or give parts names with `let`";
        let diag = Diag::error("E0028", title, self.behind()).help(help);
        Err(self.report(diag))
    }

    /// An expression from `start` to the token before the one at hand.
    pub(super) fn made(&self, kind: ExprKind, start: Span) -> Expr {
        Expr { kind, span: self.since(start), grouped: false }
    }

    /// What stands in the tree where a value is lacking.
    pub(super) fn hole(&self) -> Expr {
        Expr { kind: ExprKind::Name(String::new()), span: self.gap(), grouped: false }
    }
}

fn compare_op(kind: &TokenKind) -> Option<CompareOp> {
    Some(match kind {
        TokenKind::Eq => CompareOp::Eq,
        TokenKind::Ne => CompareOp::Ne,
        TokenKind::Lt => CompareOp::Lt,
        TokenKind::Le => CompareOp::Le,
        TokenKind::Gt => CompareOp::Gt,
        TokenKind::Ge => CompareOp::Ge,
        _ => return None,
    })
}
