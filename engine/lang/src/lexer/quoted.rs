//! Quoted texts: `"…"` with JSON escapes, `"""…"""` as it stands.

use super::{Lexer, TokenKind};
use crate::diag::Diag;
use memchr::memchr3;

/// How far the other end of a foreign quote is looked for.
const FOREIGN_CHARS: usize = 1_000;

/// Why an escape is none, and how many bytes it spans.
enum BadEscape {
    /// `\d`.
    Unknown(usize),
    /// `\u` without four hexadecimal digits.
    Digits(usize),
    /// Half of a surrogate pair.
    Half(usize),
}

impl Lexer<'_> {
    /// Takes a text; the next byte is `"`.
    pub(super) fn text_token(&mut self) {
        if self.rest().starts_with("\"\"\"") {
            return self.raw();
        }
        let start = self.at;
        self.at += 1;
        self.take_while(is_plain_inside);
        if self.byte(0) == Some(b'"') {
            let value = self.text[start + 1..self.at].to_owned();
            self.at += 1;
            return self.push(TokenKind::Str(value), start);
        }
        self.at = start + 1;
        self.odd_text(start);
    }

    /// The rest of a text with something in it that does not stand for itself.
    fn odd_text(&mut self, start: usize) {
        let mut value = String::new();
        let mut complained = false;
        loop {
            let rest = self.rest();
            let run = memchr3(b'"', b'\\', b'\n', rest.as_bytes()).unwrap_or(rest.len());
            value.push_str(&rest[..run]);
            self.at += run;
            match self.byte(0) {
                None | Some(b'\n') => {
                    self.unclosed(start);
                    break;
                }
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(_) => match escape(self.rest()) {
                    Ok((c, length)) => {
                        value.push(c);
                        self.at += length;
                    }
                    Err(bad) => {
                        self.bad_escape(&bad, complained);
                        complained = true;
                        value.push('\\');
                        self.at += 1;
                    }
                },
            }
        }
        self.hidden_in(start);
        self.push(TokenKind::Str(value), start);
    }

    fn raw(&mut self) {
        let start = self.at;
        self.at += 3;
        let body = self.rest();
        let length = body.find("\"\"\"");
        let value = body[..length.unwrap_or(body.len())].replace("\r\n", "\n");
        self.at += length.map_or(body.len(), |length| length + 3);
        if length.is_none() {
            let opening = self.span(start, start + 3);
            let diag = Diag::error("E0001", "a text without its closing `\"\"\"`", opening);
            self.out.diags.push(diag.help("add `\"\"\"` where it ends"));
        } else {
            self.hidden_in(start);
        }
        self.push(TokenKind::Str(value), start);
    }

    fn unclosed(&mut self, start: usize) {
        let line = self.text[start..self.at].trim_end().len();
        let place = self.span(start, start + line.max(1));
        self.out.diags.push(
            Diag::error("E0001", "a text without its closing `\"`", place)
                .help("add `\"`; a text of several lines stands between `\"\"\"`"),
        );
    }

    /// Complains of an escape; of several in one text only of the first.
    fn bad_escape(&mut self, bad: &BadEscape, complained: bool) {
        if complained {
            return;
        }
        let (code, length, words, help) = match *bad {
            BadEscape::Unknown(n) => (
                "E0002",
                n,
                "is not an escape",
                "a backslash in a quoted text is written twice; in \"\"\"…\"\"\" it stands for itself",
            ),
            BadEscape::Digits(n) => ("E0002", n, "wants four hexadecimal digits", "say, `\\u00e9`"),
            BadEscape::Half(n) => (
                "E0003",
                n,
                "is half of a character",
                "beyond U+FFFF a character is two escapes, such as `\\ud83d\\ude00`, or stands for itself",
            ),
        };
        let place = self.span(self.at, self.at + length);
        let text = &self.text[self.at..self.at + length];
        self.out.diags.push(Diag::error(code, format!("`{text}` {words}"), place).help(help));
    }

    /// `'…'` and its kin: takes the text and says how it is quoted here.
    pub(super) fn foreign_quote(&mut self, open: char) {
        let start = self.at;
        let close = match open {
            '‘' | '’' => '’',
            '“' | '”' => '”',
            other => other,
        };
        self.at += open.len_utf8();
        let near =
            self.rest().char_indices().nth(FOREIGN_CHARS).map_or(self.rest().len(), |(at, _)| at);
        let line = self.rest()[..near].lines().next().unwrap_or("");
        let end = line.find(close).map(|end| (end, close.len_utf8()));
        let Some((length, closing)) = end.or_else(|| line.find('"').map(|end| (end, 1))) else {
            let place = self.since(start);
            let diag = Diag::error("E0005", format!("`{open}` does not quote"), place);
            self.out.diags.push(diag.help("text stands in double quotes: \"…\""));
            return self.push(TokenKind::Bad, start);
        };
        let value = line[..length].to_owned();
        self.at += length + closing;
        let place = self.since(start);
        let diag = Diag::error("E0005", "text stands in double quotes", place);
        self.out.diags.push(
            diag.help(format!("write \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))),
        );
        self.hidden_in(start);
        self.push(TokenKind::Str(value), start);
    }
}

/// Whether a byte inside of a text is a character that can be seen and stands for itself.
fn is_plain_inside(b: u8) -> bool {
    /// The answers by byte.
    const PLAIN: [bool; 256] = {
        let mut all = [false; 256];
        let mut byte = b' ' as usize;
        while byte <= b'~' as usize {
            all[byte] = byte != b'"' as usize && byte != b'\\' as usize;
            byte += 1;
        }
        all[b'\t' as usize] = true;
        all
    };
    PLAIN[usize::from(b)]
}

/// The character of the escape at the start of `text`, and the bytes it takes.
fn escape(text: &str) -> Result<(char, usize), BadEscape> {
    let Some(next) = text[1..].chars().next() else { return Err(BadEscape::Unknown(1)) };
    let c = match next {
        '"' | '\\' | '/' => next,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(text),
        '\n' => return Err(BadEscape::Unknown(1)),
        other => return Err(BadEscape::Unknown(1 + other.len_utf8())),
    };
    Ok((c, 2))
}

/// `\u` with four digits, or two of them for one character.
fn unicode(text: &str) -> Result<(char, usize), BadEscape> {
    let first = hex(text).ok_or_else(|| {
        let digits = text[2..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
        BadEscape::Digits(2 + digits)
    })?;
    if let Some(c) = char::from_u32(first) {
        return Ok((c, 6));
    }
    let second = text.get(6..).and_then(hex).filter(|low| (0xdc00..0xe000).contains(low));
    match second {
        Some(low) if first < 0xdc00 => {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            char::from_u32(code).map(|c| (c, 12)).ok_or(BadEscape::Half(6))
        }
        _ => Err(BadEscape::Half(6)),
    }
}

/// The number of `\uXXXX` at the start of `text`.
fn hex(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// A character as JSON escapes.
pub(super) fn escaped(c: char) -> String {
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}
