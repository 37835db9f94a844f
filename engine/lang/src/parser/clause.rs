//! The clauses of a rule.

use super::{Parsed, Parser};
use crate::ast::{
    Clause, ClauseKind, Expr, ExprKind, Ident, LearnItem, LearnValue, Level, Lit, Param, Path,
    Span, Status,
};
use crate::diag::Diag;
use crate::lexer::{TokenKind, is_technique};

/// The words that begin a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Title,
    About,
    Runbook,
    Ref,
    Severity,
    Status,
    Version,
    Attack,
    Tags,
    Param,
    Where,
    By,
    Within,
    When,
    Learn,
    Sequence,
    Show,
    Except,
    Allow,
    Suppress,
    Test,
}

/// The words that begin a clause: all of them in their order, and each by its text.
macro_rules! words {
    ($($text:literal => $word:ident,)*) => {
        pub(super) const WORDS: [(&str, Word); 21] = [$(($text, Word::$word)),*];

        impl Word {
            pub(super) fn of(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$word),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    "title" => Title,
    "about" => About,
    "runbook" => Runbook,
    "ref" => Ref,
    "severity" => Severity,
    "status" => Status,
    "version" => Version,
    "attack" => Attack,
    "tags" => Tags,
    "param" => Param,
    "where" => Where,
    "by" => By,
    "within" => Within,
    "when" => When,
    "learn" => Learn,
    "sequence" => Sequence,
    "show" => Show,
    "except" => Except,
    "allow" => Allow,
    "suppress" => Suppress,
    "test" => Test,
}

/// Words of other rule languages for our clauses.
const SYNONYMS: [(&str, Word); 30] = [
    ("name", Word::Title),
    ("description", Word::About),
    ("desc", Word::About),
    ("references", Word::Ref),
    ("reference", Word::Ref),
    ("level", Word::Severity),
    ("priority", Word::Severity),
    ("mitre", Word::Attack),
    ("technique", Word::Attack),
    ("techniques", Word::Attack),
    ("tag", Word::Tags),
    ("params", Word::Param),
    ("condition", Word::Where),
    ("filter", Word::Where),
    ("match", Word::Where),
    ("detection", Word::Where),
    ("group", Word::By),
    ("groupby", Word::By),
    ("group_by", Word::By),
    ("timeframe", Word::Within),
    ("window", Word::Within),
    ("timespan", Word::Within),
    ("having", Word::When),
    ("threshold", Word::When),
    ("unless", Word::Except),
    ("exclude", Word::Except),
    ("throttle", Word::Suppress),
    ("dedup", Word::Suppress),
    ("steps", Word::Sequence),
    ("tests", Word::Test),
];

impl Word {
    pub(super) fn text(self) -> &'static str {
        WORDS[self as usize].0
    }

    /// Whether it may stand more than once.
    pub(super) fn repeats(self) -> bool {
        matches!(self, Self::Ref | Self::Param | Self::Except | Self::Allow | Self::Test)
    }

    /// Whether this kind of token can be the first after it.
    pub(super) fn is_followed_by(self, next: &TokenKind) -> bool {
        use TokenKind as K;
        match self {
            Self::Title | Self::About | Self::Runbook | Self::Ref | Self::Except | Self::Test => {
                matches!(next, K::Str(_))
            }
            Self::Version => matches!(next, K::Number(_)),
            Self::Within | Self::Suppress => matches!(next, K::Duration(_) | K::Number(_)),
            Self::Attack => matches!(next, K::Id | K::Technique),
            Self::Where | Self::When => {
                matches!(
                    next,
                    K::Id
                        | K::Str(_)
                        | K::Number(_)
                        | K::Any
                        | K::All
                        | K::True
                        | K::False
                        | K::Not
                )
            }
            _ => *next == K::Id,
        }
    }
}

impl Parser<'_> {
    /// The clause word at hand, or the one that seems to be meant.
    ///
    /// An unknown word is reported here; the place does not move.
    pub(super) fn clause_word(&mut self) -> Option<Word> {
        let text = self.id(0)?;
        if let Some(word) = Word::of(text) {
            return Some(word);
        }
        let lower = text.to_lowercase();
        let synonym =
            |text: &str| SYNONYMS.iter().find(|(word, _)| *word == text).map(|&(_, word)| word);
        let near = Word::of(&lower)
            .or_else(|| synonym(&lower))
            .or_else(|| Self::nearest(text, WORDS.map(|(word, _)| word)).and_then(Word::of))
            .or_else(|| Self::nearest(text, SYNONYMS.map(|(word, _)| word)).and_then(synonym));
        let diag = Diag::error("E0012", format!("`{text}` is not a clause"), self.here());
        let diag = match near {
            Some(word) => diag.help(format!("did you mean `{}`?", word.text())),
            None if text == "then" => {
                diag.help("steps stand in `sequence by … within … { … then … }`")
            }
            None => {
                diag.help(format!("the clauses are {}", WORDS.map(|(word, _)| word).join(", ")))
            }
        };
        self.report(diag);
        near
    }

    /// The clause whose word was read at `start`, or nothing; the place is then
    /// where the next one may begin.
    pub(super) fn clause(&mut self, word: Word, start: Span) -> Option<Clause> {
        if matches!(self.kind(), TokenKind::Colon | TokenKind::Assign) {
            let title = format!("no sign stands after `{}`", word.text());
            let diag = Diag::error("E0020", title, self.here())
                .help(format!("leave out {}", self.found()));
            self.report(diag);
            self.bump();
        }
        let Ok(kind) = self.clause_kind(word) else {
            self.skip_clause();
            return None;
        };
        let clause = Clause { kind, span: self.since(start) };
        let ended = match self.kind() {
            TokenKind::CloseBrace | TokenKind::End => true,
            TokenKind::Id => self.on_new_line() || Word::of(self.id(0).unwrap_or("")).is_some(),
            _ => false,
        };
        if !ended {
            self.left_over();
            self.skip_clause();
        }
        Some(clause)
    }

    fn clause_kind(&mut self, word: Word) -> Parsed<ClauseKind> {
        let quoted = "a text in double quotes";
        Ok(match word {
            Word::Title => ClauseKind::Title(self.text(quoted)?),
            Word::About => ClauseKind::About(self.text(quoted)?),
            Word::Runbook => ClauseKind::Runbook(self.text(quoted)?),
            Word::Ref => ClauseKind::Ref(self.text(quoted)?),
            Word::Severity => ClauseKind::Severity(self.one_of("severity", &Level::ALL)?),
            Word::Status => ClauseKind::Status(self.one_of("status", &Status::ALL)?),
            Word::Version => {
                ClauseKind::Version(self.count("the number of the version, such as `2`")?)
            }
            Word::Attack => ClauseKind::Attack(self.comma_list(Self::technique)?),
            Word::Tags => ClauseKind::Tags(self.comma_list(|p| p.name("a tag, one word"))?),
            Word::Param => ClauseKind::Param(Box::new(self.param()?)),
            Word::Where => ClauseKind::Where(self.whole_expr()?),
            Word::By => ClauseKind::By(self.comma_list(Self::path)?),
            Word::Within => ClauseKind::Within(self.duration()?),
            Word::When => ClauseKind::When(self.whole_expr()?),
            Word::Learn => ClauseKind::Learn(self.learn()?),
            Word::Sequence => ClauseKind::Sequence(self.sequence()?),
            Word::Show => ClauseKind::Show(self.comma_list(Self::show)?),
            Word::Except => {
                let reason = self.text("the reason, in double quotes")?;
                ClauseKind::Except(reason, self.whole_expr()?)
            }
            Word::Allow => self.allow()?,
            Word::Suppress => self.suppress()?,
            Word::Test => ClauseKind::Test(self.test()?),
        })
    }

    /// One of a few words.
    fn one_of<T: Copy>(&mut self, what: &str, words: &[(&'static str, T)]) -> Parsed<T> {
        let listed =
            || words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let quoted = match self.kind() {
            TokenKind::Str(text) => Some(text.clone()),
            _ => None,
        };
        let Some(text) = self.id(0).map(str::to_owned).or(quoted) else {
            return Err(self.wanted(&format!("one of {}", listed())));
        };
        let known = words.iter().find(|(word, _)| *word == text);
        match known {
            Some(&(_, value)) if *self.kind() == TokenKind::Id => {
                self.bump();
                Ok(value)
            }
            _ if self.clause_instead() => Err(self.wanted(&format!("one of {}", listed()))),
            _ => {
                let near = Self::nearest(&text, words.iter().map(|(word, _)| *word));
                let diag = Diag::error("E0022", format!("`{text}` is no {what}"), self.here());
                let diag = match near {
                    Some(word) => diag.help(format!("write `{word}`")),
                    None => diag.help(format!("it is one of {}", listed())),
                };
                let reported = self.report(diag);
                self.bump();
                near.and_then(|near| words.iter().find(|(word, _)| *word == near))
                    .map(|&(_, value)| value)
                    .ok_or(reported)
            }
        }
    }

    fn technique(&mut self) -> Parsed<Ident> {
        let text = self.slice(self.here());
        let good = match self.kind() {
            TokenKind::Technique => true,
            TokenKind::Id => is_technique(text),
            _ => false,
        };
        if !good {
            if self.clause_instead() || !matches!(self.kind(), TokenKind::Id | TokenKind::Str(_)) {
                return Err(self.wanted_as("E0023", "a technique of ATT&CK, such as `T1562.007`"));
            }
            let diag = Diag::error(
                "E0023",
                format!("{} is no technique of ATT&CK", self.shown(self.here())),
                self.here(),
            );
            self.report(diag.help("write its id without quotes, such as `T1485` or `T1562.007`"));
        }
        Ok(Ident { name: text.to_owned(), span: self.bump() })
    }

    fn param(&mut self) -> Parsed<Param> {
        let name = self.name("the name of the param")?;
        if !self.eat(&TokenKind::Colon) {
            return Err(self.wanted("`:` and a type: `param n: Int = 20`"));
        }
        let ty = self.type_ref()?;
        if !self.eat(&TokenKind::Assign) {
            return Err(self.wanted("`=` and a default: `param n: Int = 20`"));
        }
        let value = self.signed()?;
        let mut range = None;
        if self.eat(&TokenKind::In) {
            let low = self.signed()?;
            if !self.eat(&TokenKind::Range) {
                return Err(self.wanted("`..` and the greatest value: `in 2..10000`"));
            }
            range = Some((low, self.signed()?));
        }
        Ok(Param { name, ty, value, range })
    }

    /// A literal, perhaps negated.
    fn signed(&mut self) -> Parsed<Expr> {
        let start = self.here();
        if self.eat(&TokenKind::Minus) {
            let inner = self.literal_value()?;
            let span = self.since(start);
            return Ok(Expr { kind: ExprKind::Neg(Box::new(inner)), span, grouped: false });
        }
        self.literal_value()
    }

    fn literal_value(&mut self) -> Parsed<Expr> {
        let span = self.here();
        let Some(lit) = self.literal() else {
            return Err(self.wanted(
                "a plain value: a number, a text, a length of time, a network, `true` or `false`",
            ));
        };
        Ok(Expr { kind: ExprKind::Lit(lit), span, grouped: false })
    }

    /// The literal at hand.
    pub(super) fn literal(&mut self) -> Option<Lit> {
        let lit = match self.kind() {
            TokenKind::Str(_) => return self.take_text().map(|(text, _)| Lit::Str(text)),
            TokenKind::Number(number) => Lit::Number(*number),
            TokenKind::True => Lit::Bool(true),
            TokenKind::False => Lit::Bool(false),
            TokenKind::Duration(duration) => Lit::Duration(*duration),
            TokenKind::Cidr(network) => Lit::Cidr(*network),
            _ => return None,
        };
        self.bump();
        Some(lit)
    }

    fn learn(&mut self) -> Parsed<Vec<LearnItem>> {
        let mut items = Vec::new();
        while self.id(0).is_some() {
            let assigned = self.peek(1).kind == TokenKind::Assign;
            if !assigned && (self.on_new_line() || Word::of(self.id(0).unwrap_or("")).is_some()) {
                break;
            }
            let name = self.name("a setting, such as `warmup=14d`")?;
            if !self.eat(&TokenKind::Assign) {
                return Err(self.wanted(&format!("`=` and the value of `{}`", name.name)));
            }
            let span = self.here();
            let value = match *self.kind() {
                TokenKind::Duration(duration) => LearnValue::Duration(duration),
                TokenKind::Number(number) => LearnValue::Number(number, span),
                TokenKind::Id => {
                    LearnValue::Word(Ident { name: self.slice(span).to_owned(), span })
                }
                _ => return Err(self.wanted("a length of time, a number or a word")),
            };
            self.bump();
            items.push(LearnItem { name, value });
            if *self.kind() == TokenKind::Comma {
                let diag = Diag::error("E0020", "no comma stands between settings", self.here());
                self.report(diag.help("leave it out: `learn warmup=14d memory=90d`"));
                self.bump();
            }
        }
        Ok(items)
    }

    fn show(&mut self) -> Parsed<Expr> {
        if self.id(0).is_none() || self.peek(1).kind != TokenKind::OpenParen {
            let diag = match self.id(0).filter(|_| !self.clause_instead()) {
                Some(name) => Diag::error("E0020", format!("`{name}` is no call"), self.here())
                    .help(format!("write `top({name})`, `first({name})` or `last({name})`")),
                None => return Err(self.wanted("what to show, such as `top(api)`")),
            };
            self.report(diag);
            self.path()?;
            return Ok(self.hole());
        }
        self.deeper(Self::call)
    }

    fn allow(&mut self) -> Parsed<ClauseKind> {
        let name = self.name("the name of the exception")?;
        let open = self.here();
        if !self.eat(&TokenKind::OpenParen) {
            return Err(
                self.wanted("`(` and the fields a site gives: `allow reaper(principal, service)`")
            );
        }
        let paths = self.comma_list(Self::path)?;
        self.close(&TokenKind::CloseParen, open);
        Ok(ClauseKind::Allow(name, paths))
    }

    fn suppress(&mut self) -> Parsed<ClauseKind> {
        let length = self.duration()?;
        if !self.at_word("by") {
            return Ok(ClauseKind::Suppress(length, None));
        }
        if self.on_new_line() {
            let diag = Diag::error("E0027", "this `by` would belong to `suppress`", self.here())
                .also(length.span, "`suppress` may be followed by its own `by`")
                .help("for the rule's group put the clause `by` above `suppress`; else write both on one line");
            self.report(diag);
        }
        self.bump();
        let paths: Vec<Path> = self.comma_list(Self::path)?;
        Ok(ClauseKind::Suppress(length, Some(paths)))
    }
}
