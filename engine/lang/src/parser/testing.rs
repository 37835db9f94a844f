//! `test "…" { … }` and the JSON in it.

use super::{Parsed, Parser};
use crate::ast::{Json, Object, ObjectKey, Test, TestStep, TestStepKind};
use crate::diag::Diag;
use crate::lexer::{TokenKind, reserved};

pub(super) const STEPS: [&str; 5] = ["warm", "event", "events", "wait", "expect"];

impl Parser<'_> {
    /// A test after its word.
    pub(super) fn test(&mut self) -> Parsed<Test> {
        let name = self.text("what the test shows, in double quotes")?;
        let open = self.here();
        if !self.eat(&TokenKind::OpenBrace) {
            return Err(self.wanted_as("E0014", "`{` and the steps of the test"));
        }
        let mut steps = Vec::new();
        while !self.at_boundary() {
            let start = self.here();
            match self.test_step() {
                Ok(kind) => steps.push(TestStep { kind, span: self.since(start) }),
                Err(_) => {
                    if self.here().start == start.start {
                        self.bump();
                    }
                    self.skip_to(|p| p.at_test_step() || p.at_line_word());
                    continue;
                }
            }
            if !self.at_boundary() && !self.at_test_step() && !self.on_new_line() {
                self.left_over();
                self.bump();
                self.skip_to(|p| p.at_test_step() || p.at_line_word());
            }
        }
        if !self.eat(&TokenKind::CloseBrace) {
            let diag = Diag::error("E0014", "the test is not closed", open);
            self.report(diag.also(self.gap(), "it should have ended here").help("add `}`"));
        }
        Ok(Test { name, steps })
    }

    /// Whether a step of a test begins at the token at hand.
    fn at_test_step(&self) -> bool {
        let Some(word) = self.id(0) else { return false };
        let next = &self.peek(1).kind;
        STEPS.contains(&word)
            && !matches!(next, TokenKind::Colon | TokenKind::Dot | TokenKind::Comma)
    }

    fn test_step(&mut self) -> Parsed<TestStepKind> {
        let word = self.id(0).unwrap_or("");
        if !STEPS.contains(&word) {
            let title = format!("{} is no step of a test", self.found());
            let diag = Diag::error("E0024", title, self.here());
            let diag = match Self::nearest(word, STEPS) {
                Some(meant) => diag.help(format!("did you mean `{meant}`?")),
                None => {
                    diag.help("the steps are `warm`, `event`, `events from`, `wait` and `expect`")
                }
            };
            return Err(self.report(diag));
        }
        self.bump();
        Ok(match word {
            "warm" => {
                let length = self.duration()?;
                if !self.eat_word("every") {
                    return Err(
                        self.wanted("`every` and a length of time: `warm 15d every 1h { … }`")
                    );
                }
                let every = self.duration()?;
                TestStepKind::Warm(length, every, self.object()?)
            }
            "event" => {
                let object = self.object()?;
                let times = if self.eat_word("x") {
                    Some(self.count("the number of events, such as `30`")?)
                } else {
                    None
                };
                let every = if self.eat_word("every") { Some(self.duration()?) } else { None };
                TestStepKind::Event(object, times, every)
            }
            "events" => {
                if !self.eat_word("from") {
                    return Err(
                        self.wanted("`from` and the name of a file: `events from \"burst.jsonl\"`")
                    );
                }
                TestStepKind::EventsFrom(self.text("the name of a file, in double quotes")?)
            }
            "wait" => TestStepKind::Wait(self.duration()?),
            _ => {
                let count = self.count("the number of alerts, such as `1`")?;
                let object =
                    if *self.kind() == TokenKind::OpenBrace { Some(self.object()?) } else { None };
                TestStepKind::Expect(count, object)
            }
        })
    }

    /// `{ key: value, … }`.
    fn object(&mut self) -> Parsed<Object> {
        let open = self.here();
        if !self.eat(&TokenKind::OpenBrace) {
            return Err(
                self.wanted("`{` and the fields of the event: `{ eventName: \"RunInstances\" }`")
            );
        }
        self.deeper(|parser| {
            let mut pairs = Object::new();
            while !parser.object_ended() {
                let Ok(pair) = parser.pair() else {
                    parser.skip_pair();
                    continue;
                };
                pairs.push(pair);
                if parser.eat(&TokenKind::Comma) || parser.object_ended() {
                    continue;
                }
                if matches!(parser.kind(), TokenKind::Id | TokenKind::Str(_)) {
                    parser.missing_comma();
                } else {
                    parser.left_over();
                    parser.skip_pair();
                }
            }
            if parser.eat(&TokenKind::CloseBrace) {
                return Ok(pairs);
            }
            let diag = Diag::error("E0014", "`{` is not closed", open)
                .also(parser.gap(), "`}` is lacking here");
            Err(parser.report(diag.help("add `}`")))
        })
    }

    /// Whether the object at hand ends here, or a clause or a step begins.
    fn object_ended(&self) -> bool {
        self.at_boundary() || self.on_new_line() && self.at_test_step()
    }

    /// Moves on to the next pair of the object at hand, or to its end.
    fn skip_pair(&mut self) {
        let mut inner = 0usize;
        loop {
            let key = matches!(self.kind(), TokenKind::Id | TokenKind::Str(_));
            match self.kind() {
                TokenKind::End => return,
                TokenKind::OpenBrace | TokenKind::OpenBracket => inner += 1,
                TokenKind::CloseBrace | TokenKind::Comma if inner == 0 => break,
                TokenKind::CloseBrace | TokenKind::CloseBracket => inner = inner.saturating_sub(1),
                _ if key
                    && self.on_new_line()
                    && (inner == 0 && self.peek(1).kind == TokenKind::Colon) =>
                {
                    return;
                }
                _ if self.on_new_line()
                    && (self.at_test_step() || self.at_clause() || self.at_item()) =>
                {
                    return;
                }
                _ => {}
            }
            self.bump();
        }
        self.eat(&TokenKind::Comma);
    }

    fn pair(&mut self) -> Parsed<(ObjectKey, Json)> {
        let key = match self.kind() {
            TokenKind::Str(text) => {
                let key = ObjectKey::Quoted(text.clone());
                self.bump();
                key
            }
            _ => ObjectKey::Dotted(self.dotted_key()?),
        };
        if !self.eat(&TokenKind::Colon) {
            if *self.kind() == TokenKind::Assign {
                let diag =
                    Diag::error("E0025", "between a key and its value stands `:`", self.here());
                self.report(diag.help("write `:` for `=`"));
                self.bump();
            } else {
                return Err(self.wanted_as("E0025", "`:` and the value of this key"));
            }
        }
        Ok((key, self.json()?))
    }

    fn dotted_key(&mut self) -> Parsed<Vec<String>> {
        let mut keys = Vec::new();
        loop {
            let word = self.slice(self.here());
            if reserved(word).is_some() {
                let title = format!("`{word}` is a word of the language");
                let diag = Diag::error("E0021", title, self.here());
                self.report(diag.help(format!("as a key it stands in quotes: `\"{word}\"`")));
            } else if *self.kind() != TokenKind::Id {
                return Err(self.wanted_as("E0025", "a key, such as `eventName`"));
            }
            keys.push(word.to_owned());
            self.bump();
            if !self.eat(&TokenKind::Dot) {
                return Ok(keys);
            }
        }
    }

    fn json(&mut self) -> Parsed<Json> {
        let start = self.here();
        let value = match self.kind() {
            TokenKind::Str(text) => Json::String(text.clone()),
            TokenKind::True => Json::Bool(true),
            TokenKind::False => Json::Bool(false),
            TokenKind::Number(_) | TokenKind::Minus => return self.json_number(),
            TokenKind::OpenBrace => return self.object().map(Json::Object),
            TokenKind::OpenBracket => return self.deeper(Self::json_array),
            TokenKind::Id if self.at_word("null") => Json::Null,
            TokenKind::Id | TokenKind::Duration(_) | TokenKind::Cidr(_) => {
                let text = self.slice(start);
                let meant = match text {
                    "None" | "nil" | "NULL" | "Null" => "null".to_owned(),
                    "True" | "TRUE" => "true".to_owned(),
                    "False" | "FALSE" => "false".to_owned(),
                    other => format!("\"{other}\""),
                };
                let diag =
                    Diag::error("E0025", format!("{} is no JSON value", self.found()), start);
                self.report(diag.help(format!("write `{meant}`")));
                Json::String(text.to_owned())
            }
            TokenKind::Bad => Json::Null,
            _ => return Err(self.wanted_as("E0025", "a JSON value")),
        };
        self.bump();
        Ok(value)
    }

    fn json_number(&mut self) -> Parsed<Json> {
        let start = self.here();
        self.eat(&TokenKind::Minus);
        if !matches!(self.kind(), TokenKind::Number(_)) {
            return Err(self.wanted_as("E0025", "a number"));
        }
        let digits = self.slice(self.here());
        if digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            let diag = Diag::error("E0025", format!("`{digits}` is no JSON number"), self.here());
            self.report(
                diag.help(format!("leave out the first 0, or write it as text: `\"{digits}\"`")),
            );
        }
        let sign = if start.start == self.here().start { "" } else { "-" };
        self.bump();
        Ok(Json::Number(format!("{sign}{digits}")))
    }

    fn json_array(&mut self) -> Parsed<Json> {
        let open = self.bump();
        let mut values = Vec::new();
        if self.eat(&TokenKind::CloseBracket) {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.json()?);
            if matches!(self.kind(), TokenKind::Str(_) | TokenKind::Number(_))
                && !self.on_new_line()
            {
                self.missing_comma();
                continue;
            }
            if !self.eat(&TokenKind::Comma) {
                break;
            }
            if *self.kind() == TokenKind::CloseBracket {
                let diag =
                    Diag::error("E0025", "a JSON list has no comma at its end", self.behind());
                self.report(diag.help("leave it out"));
                break;
            }
        }
        if self.eat(&TokenKind::CloseBracket) {
            return Ok(Json::Array(values));
        }
        let diag =
            Diag::error("E0014", "`[` is not closed", open).also(self.gap(), "`]` is lacking here");
        Err(self.report(diag.help("add `]`")))
    }
}
