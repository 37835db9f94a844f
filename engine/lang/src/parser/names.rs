//! The small parts that all of the grammar shares: names, paths, types, texts, counts.

use super::{Parsed, Parser};
use crate::ast::{Duration, Ident, Key, Path, Span, Text, TypeRef};
use crate::diag::Diag;
use crate::lexer::{TokenKind, reserved};

impl Parser<'_> {
    /// A name; a reserved word is reported and taken for one.
    pub(super) fn name(&mut self, wanted: &str) -> Parsed<Ident> {
        let word = self.slice(self.here());
        if *self.kind() != TokenKind::Id {
            if reserved(word).is_none() || *self.kind() == TokenKind::Bad {
                return Err(self.wanted(wanted));
            }
            let title = format!("`{word}` is a word of the language and cannot be a name");
            let diag = Diag::error("E0021", title, self.here())
                .help("choose another name; a key stands in quotes");
            self.report(diag);
        }
        let span = self.bump();
        Ok(Ident { name: word.to_owned(), span })
    }

    /// The name of a rule or a let, which people also write in quotes or with hyphens.
    pub(super) fn declared_name(&mut self, wanted: &str) -> Parsed<Ident> {
        if let TokenKind::Str(text) = self.kind() {
            let name: String =
                text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let title = "a name is one word, without quotes";
            let diag = Diag::error("E0020", title, self.here()).help(format!(
                "write `{}`; the text for people is the clause `title`",
                name.to_lowercase()
            ));
            self.report(diag);
            let span = self.bump();
            return Ok(Ident { name, span });
        }
        let mut name = self.name(wanted)?;
        let first = name.span;
        let mut hyphens = false;
        while *self.kind() == TokenKind::Minus && self.touches_before() && self.id(1).is_some() {
            self.bump();
            hyphens = true;
            let part = self.bump();
            name.name = format!("{}_{}", name.name, self.slice(part));
        }
        if hyphens {
            name.span = self.since(first);
            let diag = Diag::error("E0020", "a name has no hyphen", name.span)
                .help(format!("write `{}`", name.name));
            self.report(diag);
        }
        Ok(name)
    }

    /// `a, b, c`; a lacking comma is reported and passed over.
    pub(super) fn comma_list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut list = vec![read(self)?];
        loop {
            if self.eat(&TokenKind::Comma) {
                list.push(read(self)?);
                continue;
            }
            let more = matches!(self.kind(), TokenKind::Id | TokenKind::Technique);
            if !more || self.on_new_line() || self.at_clause() {
                return Ok(list);
            }
            self.missing_comma();
            list.push(read(self)?);
        }
    }

    /// Reports that a comma is lacking before the token at hand.
    pub(super) fn missing_comma(&mut self) {
        let title = format!("a comma is lacking before {}", self.found());
        let diag = Diag::error("E0026", title, self.here()).help("write `,` between the two");
        self.report(diag);
    }

    /// `requestParameters."x-amz-acl"`.
    pub(super) fn path(&mut self) -> Parsed<Path> {
        let wanted = "a field, such as `account`";
        if self.clause_instead() {
            return Err(self.wanted(wanted));
        }
        let head = self.name(wanted)?;
        let mut keys = Vec::new();
        while self.eat(&TokenKind::Dot) {
            keys.push(self.key()?);
        }
        let span = self.since(head.span);
        Ok(Path { head, keys, span })
    }

    /// What follows a point.
    pub(super) fn key(&mut self) -> Parsed<Key> {
        let span = self.here();
        let wanted = "a key after the point: a name, or a text such as `\"x-amz-acl\"`";
        if self.on_new_line() && self.clause_instead() {
            return Err(self.wanted(wanted));
        }
        if let Some((name, span)) = self.take_text() {
            return Ok(Key { name, quoted: true, span });
        }
        let word = self.slice(span);
        if reserved(word).is_some() {
            let title = format!("`{word}` is a word of the language");
            let diag = Diag::error("E0021", title, span)
                .help(format!("as a key it stands in quotes: `.\"{word}\"`"));
            self.report(diag);
        } else if matches!(self.kind(), TokenKind::Number(_)) && !self.on_new_line() {
            let diag = Diag::error("E0018", "a list is not read by position", span)
                .help("ask for any of its values: `any(x in list: x == …)`");
            self.report(diag);
        } else if *self.kind() != TokenKind::Id {
            return Err(self.wanted(wanted));
        }
        self.bump();
        Ok(Key { name: word.to_owned(), quoted: false, span })
    }

    /// `Region`, `[Region]`.
    pub(super) fn type_ref(&mut self) -> Parsed<TypeRef> {
        let open = self.here();
        if self.eat(&TokenKind::OpenBracket) {
            let inner = self.deeper(Self::type_ref)?;
            self.close(&TokenKind::CloseBracket, open);
            return Ok(TypeRef::List(Box::new(inner), self.since(open)));
        }
        self.name("a type, such as `Int` or `[Region]`").map(TypeRef::Name)
    }

    /// A quoted text.
    pub(super) fn text(&mut self, wanted: &str) -> Parsed<Text> {
        let Some((value, span)) = self.take_text() else { return Err(self.wanted(wanted)) };
        Ok(Text { value, span })
    }

    /// A length of time.
    pub(super) fn duration(&mut self) -> Parsed<Duration> {
        match *self.kind() {
            TokenKind::Duration(duration) => {
                self.bump();
                Ok(duration)
            }
            TokenKind::Number(_) => {
                let text = self.slice(self.here());
                let diag =
                    Diag::error("E0020", format!("`{text}` of which unit of time?"), self.here())
                        .help(format!(
                            "write `{text}s`, `{text}m`, `{text}h`, `{text}d` or `{text}w`"
                        ));
                let reported = self.report(diag);
                self.bump();
                Err(reported)
            }
            _ => Err(self.wanted("a length of time, such as `10m`")),
        }
    }

    /// A whole number; `what` it counts goes into the message.
    pub(super) fn count(&mut self, what: &str) -> Parsed<u64> {
        let span = self.here();
        let text = self.slice(span);
        if !matches!(self.kind(), TokenKind::Number(_)) {
            return Err(self.wanted(what));
        }
        let count = text.parse().ok().filter(|&n: &u64| i64::try_from(n).is_ok());
        if count.is_none() {
            let diag = Diag::error("E0029", format!("`{text}` is no whole number in range"), span);
            self.report(diag.help(format!("here stands {what}")));
        }
        self.bump();
        Ok(count.unwrap_or(1))
    }

    /// The words nearest to `word` that people could have meant.
    pub(super) fn nearest<'w>(
        word: &str,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Option<&'w str> {
        let lower = word.to_lowercase();
        let most = match word.len() {
            0..=2 => 0,
            3..=4 => 1,
            _ => 2,
        };
        words
            .into_iter()
            .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
            .filter(|&(distance, _)| distance <= most)
            .min()
            .map(|(_, candidate)| candidate)
    }

    /// A place of no width at the end of the token before.
    pub(super) fn gap(&self) -> Span {
        let behind = self.behind();
        Span { start: behind.end, ..behind }
    }
}
