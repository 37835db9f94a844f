//! Sigma's texts: wildcards and their escapes, and the encodings of modifiers.
//!
//! `*` and `?` are wildcards; `\*`, `\?` and `\\` are the signs themselves, and any other
//! backslash stands for itself.
//!
//! Source: Sigma rules specification 2.1, "String wildcard" and "Escaping".

/// A sign of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// This character.
    Char(char),
    /// `*`.
    Star,
    /// `?`.
    Any,
}

/// A text with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Sign>);

impl Pattern {
    /// The pattern that a rule writes.
    pub(crate) fn parse(written: &str) -> Self {
        let mut signs = Vec::with_capacity(written.len());
        let mut letters = written.chars().peekable();
        while let Some(letter) = letters.next() {
            signs.push(match letter {
                '*' => Sign::Star,
                '?' => Sign::Any,
                '\\' => match letters.next_if(|next| matches!(next, '*' | '?' | '\\')) {
                    Some(next) => Sign::Char(next),
                    None => Sign::Char('\\'),
                },
                plain => Sign::Char(plain),
            });
        }
        Self(signs)
    }

    /// The pattern of exactly this text.
    pub(crate) fn exactly(text: &str) -> Self {
        Self(text.chars().map(Sign::Char).collect())
    }

    /// The same with `*` before and behind, where asked for.
    pub(crate) fn open(mut self, before: bool, behind: bool) -> Self {
        if before && self.0.first() != Some(&Sign::Star) {
            self.0.insert(0, Sign::Star);
        }
        if behind && self.0.last() != Some(&Sign::Star) {
            self.0.push(Sign::Star);
        }
        self
    }

    /// Whether it has a wildcard.
    pub(crate) fn is_open(&self) -> bool {
        self.0.iter().any(|sign| !matches!(sign, Sign::Char(_)))
    }

    /// Whether every text fits: stars and nothing else.
    pub(crate) fn fits_all(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|sign| *sign == Sign::Star)
    }

    /// Whether it looks for something anywhere in a text.
    pub(crate) fn is_inner(&self) -> bool {
        self.0.len() > 1
            && self.0.first() == Some(&Sign::Star)
            && self.0.last() == Some(&Sign::Star)
    }

    /// Whether case makes a difference to it.
    pub(crate) fn has_case(&self) -> bool {
        self.letters().any(|letter| letter.is_lowercase() || letter.is_uppercase())
    }

    /// Whether a number could fit.
    pub(crate) fn is_numeric(&self) -> bool {
        self.letters().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-'))
    }

    /// Whether it has a sign that JSON escapes.
    pub(crate) fn is_escaped_in_json(&self) -> bool {
        self.letters().any(|letter| matches!(letter, '"' | '\\') || letter.is_control())
    }

    fn letters(&self) -> impl Iterator<Item = char> {
        self.0.iter().filter_map(|sign| match sign {
            Sign::Char(letter) => Some(*letter),
            _ => None,
        })
    }

    /// The same as JSON writes it inside a text.
    pub(crate) fn in_json(&self) -> Self {
        let mut signs = Vec::with_capacity(self.0.len());
        for sign in &self.0 {
            match sign {
                Sign::Char('\n') => signs.extend([Sign::Char('\\'), Sign::Char('n')]),
                Sign::Char('\r') => signs.extend([Sign::Char('\\'), Sign::Char('r')]),
                Sign::Char('\t') => signs.extend([Sign::Char('\\'), Sign::Char('t')]),
                Sign::Char(letter @ ('"' | '\\')) => {
                    signs.extend([Sign::Char('\\'), Sign::Char(*letter)]);
                }
                other => signs.push(*other),
            }
        }
        Self(signs)
    }

    /// The text itself, of a pattern without wildcards.
    pub(crate) fn literal(&self, fold: bool) -> String {
        folded(&self.letters().collect::<String>(), fold)
    }

    /// The pattern as the language's `like` takes it.
    pub(crate) fn glob(&self, fold: bool) -> String {
        let mut glob = String::with_capacity(self.0.len());
        for sign in &self.0 {
            match sign {
                Sign::Star => glob.push('*'),
                Sign::Any => glob.push('?'),
                Sign::Char(letter @ ('*' | '?' | '\\')) => glob.extend(['\\', *letter]),
                Sign::Char(letter) => glob.push(*letter),
            }
        }
        folded(&glob, fold)
    }

    /// The same with each leading dash or slash of a word written in all ways that
    /// Windows takes; nothing when there are more than [`MOST_DASHES`] of them.
    pub(crate) fn dashes(&self) -> Option<Vec<Self>> {
        let word = |sign: Option<&Sign>| matches!(sign, Some(Sign::Char(letter)) if letter.is_alphanumeric() || *letter == '_');
        let places: Vec<usize> = (0..self.0.len())
            .filter(|at| {
                let before = at.checked_sub(1).and_then(|at| self.0.get(at));
                matches!(self.0.get(*at), Some(Sign::Char('-' | '/')))
                    && !word(before)
                    && word(self.0.get(at + 1))
            })
            .collect();
        if places.len() > MOST_DASHES {
            return None;
        }
        let mut all = vec![self.clone()];
        for place in places {
            let before = std::mem::take(&mut all);
            for pattern in before {
                for dash in DASHES {
                    let mut other = pattern.clone();
                    if let Some(sign) = other.0.get_mut(place) {
                        *sign = Sign::Char(dash);
                    }
                    all.push(other);
                }
            }
        }
        Some(all)
    }
}

/// The most dashes of a text that `windash` takes.
pub(crate) const MOST_DASHES: usize = 3;

const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

fn folded(text: &str, fold: bool) -> String {
    if fold { text.to_lowercase() } else { text.to_owned() }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding.
///
/// Source: RFC 4648, section 4
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let digit = (group >> (18 - 6 * at)) & 0x3f;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The three forms that bytes take inside a longer text in Base64.
///
/// Each leaves out the digits that depend on what stands before or behind.
pub(crate) fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0_usize, 1, 2].map(|offset| {
        let mut moved = vec![b' '; offset];
        moved.extend_from_slice(bytes);
        let whole = base64(&moved);
        // One byte before touches two digits, two bytes three; at the end with the padding.
        let start = [0, 2, 3].get(offset).copied().unwrap_or(0);
        let cut = [0, 3, 2].get(moved.len() % 3).copied().unwrap_or(0);
        whole.get(start..whole.len() - cut).unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_backslash_before_a_sign_escapes() {
        for (written, glob) in [
            ("a*b?", "a*b?"),
            (r"a\*b", r"a\*b"),
            (r"a\\*", r"a\\*"),
            (r"C:\Users", r"C:\\Users"),
            (r"end\", r"end\\"),
        ] {
            assert_eq!(Pattern::parse(written).glob(false), glob, "{written}");
        }
        assert_eq!(Pattern::parse(r"A\*").literal(true), "a*");
        assert!(Pattern::parse("*").open(true, true).fits_all());
        assert!(!Pattern::parse("").is_open());
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        // In each longer text one of the three forms is found.
        for before in ["", "x", "xy", "xyz"] {
            let whole = base64(format!("{before}secret text").as_bytes());
            let forms = base64_offsets(b"secret");
            assert!(forms.iter().any(|form| whole.contains(form)), "{whole} {forms:?}");
        }
    }

    #[test]
    fn dashes_are_those_that_begin_a_word() {
        let all = |text: &str| Pattern::parse(text).dashes().map(|all| all.len());
        assert_eq!(all("cmd -f a-b"), Some(5));
        assert_eq!(all("a-b"), Some(1));
        assert_eq!(all("-a -b -c -d"), None);
    }
}
