//! What stands at the top of a file: lets and rules.

use super::{Parsed, Parser};
use crate::ast::{Clause, Ident, Item, Let, LetValue, Rule, Span};
use crate::diag::Diag;
use crate::lexer::TokenKind;
use crate::parser::clause::Word;

/// Keys with which files of Sigma's rules begin.
const SIGMA_KEYS: [&str; 12] = [
    "title",
    "id",
    "name",
    "status",
    "description",
    "author",
    "date",
    "logsource",
    "detection",
    "level",
    "correlation",
    "references",
];

const SIGMA_HELP: &str =
    "if it is a rule of Sigma, give the file a name that ends in `.yml`: it is read by that";

const JSON_HELP: &str = "records are for `replay`, or for `events from` in a test; a file of rules \
     holds `let name = …` and `rule name { … }`";

/// How many clauses room is made for at first.
const USUAL_CLAUSES: usize = 8;

impl Parser<'_> {
    /// All items of the file.
    pub(super) fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while *self.kind() != TokenKind::End {
            let start = self.here();
            let item = match self.id(0) {
                Some("let") => self.let_item().map(Item::Let),
                Some("rule") => self.rule().map(Item::Rule),
                _ => {
                    match self.other_form() {
                        Some(diag) => {
                            self.report(diag);
                            self.skip_item(start);
                        }
                        None => self.stray_item(),
                    }
                    continue;
                }
            };
            match item {
                Ok(item) => items.push(item),
                Err(_) => self.skip_item(start),
            }
        }
        items
    }

    /// Moves on to the next item, past at least one token since `start`.
    fn skip_item(&mut self, start: Span) {
        if self.here().start == start.start {
            self.bump();
        }
        let begins = |p: &Self| p.at_line_word() && nearest_item(p.id(0).unwrap_or("")).is_some();
        while *self.kind() != TokenKind::End && !self.at_item() && !begins(self) {
            self.bump();
        }
    }

    /// What the file seems to be, where it begins as something else does.
    fn other_form(&self) -> Option<Diag> {
        use TokenKind as K;
        let is_key = self.id(0).is_some_and(|word| SIGMA_KEYS.contains(&word));
        let (form, help) = match (self.kind(), &self.peek(1).kind) {
            _ if self.before().is_some() => return None,
            (K::Minus, K::Minus) => ("YAML", SIGMA_HELP),
            (K::Id, K::Colon) if is_key => ("YAML", SIGMA_HELP),
            (K::OpenBrace | K::OpenBracket, _) => ("JSON", JSON_HELP),
            _ => return None,
        };
        let title = format!("this looks like {form}, not like the rule language");
        Some(Diag::error("E0011", title, self.here()).help(help))
    }

    fn stray_item(&mut self) {
        let start = self.here();
        let found = self.found();
        let word = self.id(0).unwrap_or("");
        let diag = if *self.kind() == TokenKind::CloseBrace {
            Diag::error("E0031", "a brace that closes nothing", start)
                .help("leave it out, or look for one too many above it")
        } else if Word::of(word).is_some() {
            Diag::error("E0011", format!("the clause `{word}` stands outside of any rule"), start)
                .help("clauses stand between the braces of `rule name { … }`: is a `}` above it too many?")
        } else {
            let diag =
                Diag::error("E0011", format!("{found} begins neither a `let` nor a `rule`"), start);
            match nearest_item(word) {
                Some(meant) => diag.help(format!("did you mean `{meant}`?")),
                None if matches!(self.peek(1).kind, TokenKind::Assign | TokenKind::Colon) => {
                    diag.help(format!("a value gets a name by `let {word} = …`"))
                }
                None => diag.help("a file holds `let name = …` and `rule name { … }`"),
            }
        };
        self.report(diag);
        self.skip_item(start);
    }

    fn let_item(&mut self) -> Parsed<Let> {
        let start = self.bump();
        let name = self.declared_name("the name of the value")?;
        let ty = if self.eat(&TokenKind::Colon) { Some(self.type_ref()?) } else { None };
        let value = if self.eat_word("from") {
            if ty.is_none() {
                let diag = Diag::error(
                    "E0020",
                    format!("the values of `{}` need a type", name.name),
                    name.span,
                );
                self.report(
                    diag.help(format!("write, say, `let {}: [Str] from \"…\"`", name.name)),
                );
            }
            LetValue::From(self.text("the name of a file, in quotes")?)
        } else {
            if !self.eat(&TokenKind::Assign) {
                return Err(self.wanted("`=` and a value"));
            }
            LetValue::Expr(self.whole_expr()?)
        };
        let span = self.since(start);
        let done = *self.kind() == TokenKind::End || matches!(self.id(0), Some("let" | "rule"));
        if !done && !self.on_new_line() {
            self.left_over();
            self.skip_item(self.here());
        }
        Ok(Let { name, ty, value, span })
    }

    fn rule(&mut self) -> Parsed<Rule> {
        let start = self.bump();
        let name = match self.declared_name("the name of the rule") {
            Ok(name) => name,
            Err(_) if *self.kind() == TokenKind::OpenBrace => {
                Ident { name: String::new(), span: start }
            }
            Err(reported) => return Err(reported),
        };
        let open = self.here();
        if !self.eat(&TokenKind::OpenBrace) {
            self.wanted_as("E0014", "`{`");
            if !self.at_boundary() && self.id(0).is_none() {
                self.skip_clause();
            }
        }
        let clauses = self.clauses(&name, open);
        Ok(Rule { name, clauses, span: self.since(start) })
    }

    /// The clauses of a rule, and its closing brace.
    fn clauses(&mut self, rule: &Ident, open: Span) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::with_capacity(USUAL_CLAUSES);
        let mut words: Vec<(Word, Span)> = Vec::with_capacity(USUAL_CLAUSES);
        loop {
            match self.kind() {
                TokenKind::CloseBrace => {
                    self.bump();
                    return clauses;
                }
                TokenKind::End => break,
                TokenKind::Id if self.at_item() => break,
                TokenKind::Id => {
                    let (word, place) = (self.clause_word(), self.bump());
                    let Some(word) = word else {
                        self.skip_clause();
                        continue;
                    };
                    self.once(word, place, &mut words);
                    clauses.extend(self.clause(word, place));
                }
                _ => {
                    let found = self.found();
                    let diag =
                        Diag::error("E0012", format!("{found} begins no clause"), self.here());
                    self.report(
                        diag.help("a clause begins with its word: `where`, `by`, `when`, …"),
                    );
                    self.bump();
                    self.skip_clause();
                }
            }
        }
        let title = format!("the rule `{}` has no closing `}}`", rule.name);
        let diag = Diag::error("E0014", title, open)
            .also(self.gap(), "it should have ended here")
            .help("add `}`");
        self.report(diag);
        clauses
    }

    /// Complains of a clause that stands a second time.
    fn once(&mut self, word: Word, place: Span, words: &mut Vec<(Word, Span)>) {
        let Some((_, first)) = words.iter().find(|(w, _)| *w == word) else {
            words.push((word, place));
            return;
        };
        if word.repeats() {
            return;
        }
        let help = match word {
            Word::Where => "join the conditions with `and`",
            Word::By => "name all fields in one: `by account, principal`",
            Word::Attack | Word::Tags | Word::Show => "name all in one clause, with commas between",
            _ => "leave one of them out",
        };
        let title = format!("`{}` stands twice in this rule", word.text());
        let diag =
            Diag::error("E0013", title, place).label("again").also(*first, "first here").help(help);
        self.diags.push(diag);
    }
}

/// `let` or `rule`, if the word is nearly one of them.
fn nearest_item(word: &str) -> Option<&'static str> {
    let near = Parser::nearest(word, ["let", "rule"]);
    near.filter(|meant| word.len().abs_diff(meant.len()) < 2)
}
