//! Globs: `*` any text, `?` one character, `\*` a star, over the whole text.
//!
//! Most globs of rules are plain, a prefix, a suffix or a part; these are told
//! apart when they are compiled and cost one comparison.

use memchr::memmem::Finder;

/// A compiled glob. Comparison is case-sensitive.
#[derive(Clone, Debug)]
pub struct Glob {
    form: Form,
    /// The literal bytes before the first wildcard.
    prefix: Box<str>,
}

#[derive(Clone, Debug)]
enum Form {
    Exact,
    Prefix,
    Suffix(Box<str>),
    Part(Box<Finder<'static>>),
    Any(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Many,
}

impl Glob {
    /// The glob of a pattern; every text is one.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Self::simple(pattern).unwrap_or_else(|| Self::of_tokens(pattern))
    }

    /// The glob of a plain text with at most a star before it and one behind it, as most are.
    fn simple(pattern: &str) -> Option<Self> {
        let behind = pattern.strip_prefix('*').unwrap_or(pattern);
        let text = behind.strip_suffix('*').unwrap_or(behind);
        if text.is_empty() || text.bytes().any(|b| matches!(b, b'*' | b'?' | b'\\')) {
            return None;
        }
        let (form, prefix) = match (behind.len() < pattern.len(), text.len() < behind.len()) {
            (false, false) => (Form::Exact, text),
            (false, true) => (Form::Prefix, text),
            (true, false) => (Form::Suffix(text.into()), ""),
            (true, true) => (Form::Part(Box::new(Finder::new(text).into_owned())), ""),
        };
        Some(Self { form, prefix: prefix.into() })
    }

    fn of_tokens(pattern: &str) -> Self {
        let tokens = tokens(pattern);
        let prefix: String = tokens.iter().map_while(Token::literal).collect();
        let rest = &tokens[prefix.chars().count()..];
        let text = |tokens: &[Token]| -> Option<Box<str>> {
            tokens.iter().map(Token::literal).collect::<Option<String>>().map(Into::into)
        };
        let form = match rest {
            [] => Form::Exact,
            [Token::Many] => Form::Prefix,
            [Token::Many, middle @ .., Token::Many] if prefix.is_empty() => match text(middle) {
                Some(part) => Form::Part(Box::new(Finder::new(part.as_bytes()).into_owned())),
                None => Form::Any(tokens),
            },
            [Token::Many, end @ ..] if prefix.is_empty() => match text(end) {
                Some(end) => Form::Suffix(end),
                None => Form::Any(tokens),
            },
            _ => Form::Any(tokens),
        };
        Self { form, prefix: prefix.into() }
    }

    /// Whether the whole text is of the glob's form.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.form {
            Form::Exact => text == &*self.prefix,
            Form::Prefix => text.starts_with(&*self.prefix),
            Form::Suffix(end) => text.ends_with(&**end),
            Form::Part(part) => part.find(text.as_bytes()).is_some(),
            Form::Any(tokens) => text.starts_with(&*self.prefix) && walk(tokens, text),
        }
    }
}

impl Glob {
    /// The longest text that every match contains, where the glob begins with a wildcard.
    #[must_use]
    pub fn inner(&self) -> Option<String> {
        match &self.form {
            Form::Part(part) => Some(String::from_utf8_lossy(part.needle()).into_owned()),
            Form::Any(tokens) if self.prefix.is_empty() => tokens
                .split(|token| token.literal().is_none())
                .map(|run| run.iter().filter_map(Token::literal).collect::<String>())
                .max_by_key(String::len),
            _ => None,
        }
    }
}

impl Token {
    fn literal(&self) -> Option<char> {
        if let Self::Char(c) = self { Some(*c) } else { None }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if tokens.last() == Some(&Token::Many) => continue,
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => match chars.clone().next() {
                Some(next @ ('*' | '?' | '\\')) => {
                    chars.next();
                    Token::Char(next)
                }
                _ => Token::Char('\\'),
            },
            c => Token::Char(c),
        });
    }
    tokens
}

/// Match by going back to the last star only, which is enough: linear for one star,
/// at worst pattern × text.
fn walk(tokens: &[Token], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    let mut star: Option<(usize, &str)> = None;
    loop {
        match (tokens.get(at), rest.chars().next()) {
            (Some(Token::Many), _) => {
                star = Some((at + 1, rest));
                at += 1;
                continue;
            }
            (Some(Token::One), Some(c)) => {
                at += 1;
                rest = &rest[c.len_utf8()..];
                continue;
            }
            (Some(Token::Char(wanted)), Some(c)) if *wanted == c => {
                at += 1;
                rest = &rest[c.len_utf8()..];
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after, from)) = star else { return false };
        let Some(c) = from.chars().next() else { return false };
        rest = &from[c.len_utf8()..];
        at = after;
        star = Some((after, rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
    }

    #[test]
    fn what_every_match_contains_is_known() {
        assert_eq!(Glob::new("*ab?abc*").inner().as_deref(), Some("abc"));
        assert_eq!(Glob::new("*ab*").inner().as_deref(), Some("ab"));
        assert_eq!(Glob::new("ab*").inner(), None);
        assert_eq!(Glob::new("*ab").inner(), None);
    }

    #[test]
    fn globs_cover_the_whole_text() {
        check("Delete*", "DeleteTrail", true);
        check("Delete*", "xDelete", false);
        check("*Trail", "DeleteTrail", true);
        check("*Trail", "DeleteTrails", false);
        check("*let*", "DeleteTrail", true);
        check("Delete", "Delete", true);
        check("Delete", "DeleteTrail", false);
        check("*", "", true);
        check("**", "x", true);
        check("?", "é", true);
        check("?", "", false);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "aXcYb", false);
        check("a?c*", "abcd", true);
        check(r"a\*", "a*", true);
        check(r"a\*", "ab", false);
        check(r"\*\?*", "*?x", true);
        check(r"a\b", r"a\b", true);
        check("*a?", "xxab", true);
        check("", "", true);
        check("", "a", false);
    }
}
