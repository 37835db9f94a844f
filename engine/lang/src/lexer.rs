//! Rule text into tokens.
//!
//! It is total: any text gives tokens, ending with [`TokenKind::End`], and what
//! is wrong with it as diagnostics `E0001` to `E0009`. It knows the form of words,
//! numbers and texts, and nothing of clauses but how those look that are passed over.
//!
//! # Invariants
//!
//! - Tokens and comments stand in the order of the text and never overlap.
//! - Where a diagnostic was made, the token is what the author seems to have
//!   meant, or [`TokenKind::Bad`]: nobody needs to complain of it again.

mod literal;
mod passed;
mod quoted;
mod token;

pub use token::{Token, TokenKind, is_name, reserved};

use crate::ast::Span;
use crate::diag::Diag;
use crate::limits;
use memchr::memchr;
use passed::Passer;

/// A text as tokens.
#[derive(Clone, Debug, Default)]
pub struct Lexed {
    /// The tokens; the last, and only the last, is [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// The comments, from `#` up to, not including, the end of the line.
    pub comments: Vec<Span>,
    /// What is wrong.
    pub diags: Vec<Diag>,
}

/// The tokens of a text; `file` is its number in the source map.
#[must_use]
pub fn lex(text: &str, file: u32) -> Lexed {
    lex_with(text, file, Parts::All)
}

/// Which parts of rules become tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// All of them.
    All,
    /// What a run needs. Tests, and what only people read (`about`, `runbook`, `ref`), leave
    /// no token, no comment and no diagnostic, at the cost of finding where they end; but what
    /// is not written as `fmt` prints it is read.
    Run,
}

/// The tokens of a text, or of parts of it; `file` is its number in the source map.
///
/// # Cost
///
/// Linear in the text.
#[must_use]
pub fn lex_with(text: &str, file: u32, parts: Parts) -> Lexed {
    // About as many as there are, of a text that is mostly tests; of one size up to there, so
    // that a file has the memory of the one before.
    let tokens = Vec::with_capacity((text.len() / 8).clamp(1, USUAL_TOKENS));
    let out = Lexed { tokens, ..Lexed::default() };
    let mut lexer = Lexer { text, file, passer: Passer::of(parts), at: 0, first: true, out };
    if text.len() > limits::FILE_BYTES {
        let most = limits::FILE_BYTES >> 20;
        lexer.out.diags.push(
            Diag::error(
                "E0030",
                format!("the file is larger than {most} MiB"),
                Span { file, start: 0, end: 0 },
            )
            .help("split it: rules go into files of their own, by topic"),
        );
        lexer.at = text.len();
    }
    lexer.run();
    lexer.out
}

/// Whether a character is one that a reader cannot see or that reorders text:
/// controls other than tab and line feed, bidirectional marks, zero-width space.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

/// Whether a text has no character that could be a hidden one: told in one fast pass.
pub(crate) fn is_plain(text: &str) -> bool {
    let odd = |b: u8| !matches!(b, b' '..=b'~' | b'\t' | b'\n');
    !text.bytes().fold(false, |found, b| found | odd(b))
}

/// How many tokens room is made for at first.
const USUAL_TOKENS: usize = 1_024;

/// Signs of other languages, the longer first, what stands for them here, and what to write.
const FOREIGN: [(&str, &[TokenKind], &str); 16] = [
    ("===", &[TokenKind::Eq], "equality is `==`"),
    ("!==", &[TokenKind::Ne], "inequality is `!=`"),
    ("&&", &[TokenKind::And], "write `and`"),
    ("||", &[TokenKind::Or], "write `or`"),
    ("<>", &[TokenKind::Ne], "inequality is `!=`"),
    ("=<", &[TokenKind::Le], "less or equal is `<=`"),
    ("=>", &[TokenKind::Ge], "greater or equal is `>=`"),
    (
        "=~",
        &[TokenKind::Matches],
        "a regular expression is asked with `matches`, a glob with `like`",
    ),
    ("!~", &[TokenKind::Not, TokenKind::Matches], "write `not matches` or `not like`"),
    (
        "~",
        &[TokenKind::Matches],
        "a regular expression is asked with `matches`, a glob with `like`",
    ),
    ("&", &[TokenKind::And], "write `and`"),
    ("|", &[TokenKind::Or], "write `or`"),
    ("!", &[TokenKind::Not], "write `not`"),
    ("?", &[TokenKind::Bad], "a choice is written `if(condition, a, b)`"),
    ("%", &[TokenKind::Bad], "the arithmetic is `+ - * /`"),
    (";", &[], "nothing ends a line here: leave it out"),
];

/// The signs of the language, the longer first.
const SIGNS: [(&str, TokenKind); 21] = [
    ("==", TokenKind::Eq),
    ("!=", TokenKind::Ne),
    ("<=", TokenKind::Le),
    (">=", TokenKind::Ge),
    ("..", TokenKind::Range),
    ("<", TokenKind::Lt),
    (">", TokenKind::Gt),
    ("=", TokenKind::Assign),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    (".", TokenKind::Dot),
    (",", TokenKind::Comma),
    (":", TokenKind::Colon),
    ("(", TokenKind::OpenParen),
    (")", TokenKind::CloseParen),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
];

/// The state of one pass over a text.
struct Lexer<'a> {
    text: &'a str,
    file: u32,
    /// What passes over the parts that are not wanted.
    passer: Option<Passer>,
    /// The next byte to read, always at a character's start.
    at: usize,
    /// Whether no token of this line was read yet.
    first: bool,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') && self.at == 0 {
            self.at = '\u{feff}'.len_utf8();
        }
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => self.line_end(),
                b' ' | b'\t' => self.take_while(|b| matches!(b, b' ' | b'\t')),
                b'\r' if self.byte(1) == Some(b'\n') => self.at += 1,
                b'#' => self.comment(),
                b'"' => self.text_token(),
                b'\'' | b'`' => self.foreign_quote(char::from(byte)),
                b'a' | b'r' | b't' if self.first && self.passed() => {}
                _ if is_id_start(byte) => self.word(),
                // What an address can begin with beside a word.
                b'0'..=b'9' if !self.network() => self.number(),
                b':' | b'.' if !self.network() => self.sign(),
                b'0'..=b'9' | b':' | b'.' => {}
                _ => self.other(),
            }
        }
        self.push(TokenKind::End, self.at);
    }

    /// Passes over the end of a line, and most of the blanks that the next one begins with.
    fn line_end(&mut self) {
        self.first = true;
        self.at += 1;
        while self.text.as_bytes()[self.at..].starts_with(b"        ") {
            self.at += 8;
        }
    }

    /// A quote of another language beyond ASCII, or a sign.
    fn other(&mut self) {
        match self.peek() {
            Some(c @ ('‘' | '’' | '“' | '”')) => self.foreign_quote(c),
            _ => self.sign(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The byte `ahead` after the next one.
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The span from `start` to the next byte to read.
    fn since(&self, start: usize) -> Span {
        self.span(start, self.at)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        // A file is at most FILE_BYTES long.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(start), end: place(end) }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let token = Token { kind, span: self.since(start), first: self.first };
        self.first = false;
        self.out.tokens.push(token);
    }

    /// Takes the bytes for which `wanted` holds, which are of ASCII.
    #[inline]
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while bytes.get(at).is_some_and(|&b| wanted(b)) {
            at += 1;
        }
        self.at = at;
    }

    fn comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let body = rest[..end].trim_end_matches('\r');
        self.at += body.len();
        self.hidden_in(start);
        self.out.comments.push(self.since(start));
    }

    /// Complains of the first hidden character since `start`, if there is one.
    fn hidden_in(&mut self, start: usize) {
        let part = &self.text[start..self.at];
        if is_plain(part) {
            return;
        }
        let line_ends = part.replace("\r\n", "\n ");
        let Some((at, c)) = line_ends.char_indices().find(|&(_, c)| is_hidden(c)) else { return };
        let code = u32::from(c);
        let span = self.span(start + at, start + at + c.len_utf8());
        self.out.diags.push(
            Diag::error("E0006", format!("a character that cannot be seen, U+{code:04X}"), span)
                .help(format!(
                    "leave it out, or write it in a quoted text as {}",
                    quoted::escaped(c)
                )),
        );
    }

    /// A word, or an address that begins with one of hexadecimal digits.
    fn word(&mut self) {
        let start = self.at;
        self.take_while(is_id_byte);
        let text = &self.text[start..self.at];
        if matches!(self.byte(0), Some(b'.' | b':')) {
            let end = std::mem::replace(&mut self.at, start);
            if self.network() {
                return;
            }
            self.at = end;
        }
        let mut kind = reserved(text).unwrap_or(TokenKind::Id);
        if is_technique(text) {
            let digits = self.rest().strip_prefix('.').unwrap_or("");
            let count = digits.bytes().take_while(u8::is_ascii_digit).count();
            if count > 0 && !digits.as_bytes().get(count).is_some_and(|&b| is_id_byte(b)) {
                self.at += 1 + count;
                kind = TokenKind::Technique;
            }
        }
        self.push(kind, start);
    }

    fn sign(&mut self) {
        let start = self.at;
        if let Some((kind, length)) = self.common_sign() {
            self.at += length;
            return self.push(kind, start);
        }
        let rest = self.rest();
        if rest.starts_with("//") || rest.starts_with("/*") {
            return self.foreign_comment();
        }
        let foreign = FOREIGN.iter().find(|(text, ..)| rest.starts_with(text));
        match SIGNS.iter().find(|(text, _)| rest.starts_with(text)) {
            // `!=` begins with a foreign sign, `=~` with one of ours: the longer counts.
            Some((text, kind)) if foreign.is_none_or(|(longer, ..)| longer.len() < text.len()) => {
                self.at += text.len();
                self.push(kind.clone(), start);
            }
            _ => self.foreign_sign(foreign, start),
        }
    }

    /// A sign that no other language's begins with, and its bytes: what most signs are.
    fn common_sign(&self) -> Option<(TokenKind, usize)> {
        let next = self.byte(1);
        Some(match self.byte(0)? {
            b',' => (TokenKind::Comma, 1),
            b':' => (TokenKind::Colon, 1),
            b'(' => (TokenKind::OpenParen, 1),
            b')' => (TokenKind::CloseParen, 1),
            b'[' => (TokenKind::OpenBracket, 1),
            b']' => (TokenKind::CloseBracket, 1),
            b'{' => (TokenKind::OpenBrace, 1),
            b'}' => (TokenKind::CloseBrace, 1),
            b'.' if next != Some(b'.') => (TokenKind::Dot, 1),
            b'=' if next == Some(b' ') => (TokenKind::Assign, 1),
            b'=' if next == Some(b'=') && self.byte(2) != Some(b'=') => (TokenKind::Eq, 2),
            b'!' if next == Some(b'=') && self.byte(2) != Some(b'=') => (TokenKind::Ne, 2),
            b'>' if next == Some(b'=') => (TokenKind::Ge, 2),
            b'<' if next == Some(b'=') => (TokenKind::Le, 2),
            _ => return None,
        })
    }

    fn foreign_sign(&mut self, sign: Option<&(&str, &[TokenKind], &str)>, start: usize) {
        let Some((text, kinds, help)) = sign else { return self.stray() };
        self.at += text.len();
        let place = self.since(start);
        self.out.diags.push(
            Diag::error("E0009", format!("`{text}` is not a sign of the rule language"), place)
                .help(*help),
        );
        for kind in *kinds {
            self.push(kind.clone(), start);
        }
    }

    /// A character that begins nothing.
    fn stray(&mut self) {
        let start = self.at;
        let Some(c) = self.peek() else { return };
        self.at += c.len_utf8();
        if is_hidden(c) {
            return self.hidden_in(start);
        }
        if c.is_alphanumeric() {
            let more = self.rest().chars().take_while(|c| c.is_alphanumeric() || *c == '_');
            self.at += more.map(char::len_utf8).sum::<usize>();
            let place = self.since(start);
            let help = "a name has the letters a–z and A–Z, digits and `_`; a key of another kind stands in quotes: `req.\"…\"`";
            self.out
                .diags
                .push(Diag::error("E0009", "a letter that no name can have", place).help(help));
        } else {
            let place = self.since(start);
            let title = format!("`{c}` is not a sign of the rule language");
            self.out.diags.push(
                Diag::error("E0009", title, place)
                    .help("leave it out; text stands in double quotes"),
            );
        }
        self.push(TokenKind::Bad, start);
    }

    fn foreign_comment(&mut self) {
        let start = self.at;
        let line = self.rest().find('\n').unwrap_or(self.rest().len());
        let length = match self.rest().strip_prefix("/*") {
            Some(body) => body.find("*/").map_or(line, |end| end + 4),
            None => line,
        };
        self.at += length;
        let place = self.span(start, start + 2);
        self.out.diags.push(
            Diag::error("E0009", "a comment begins with `#`", place)
                .help("write `#` before each of its lines"),
        );
        self.first |= self.text[start..self.at].contains('\n');
        self.out.comments.push(self.since(start));
    }
}

fn is_id_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_'
}

fn is_id_byte(b: u8) -> bool {
    /// The answers by byte: most bytes of a rule file are asked.
    const IN_NAMES: [bool; 256] = {
        let mut all = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            all[byte] = byte == b'_' as usize || byte < 128 && (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        all
    };
    IN_NAMES[usize::from(b)]
}

/// Whether a word has the form of a technique without a point: `T1485`.
pub(crate) fn is_technique(word: &str) -> bool {
    word.strip_prefix('T').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}
