//! The id of an event in few bytes: CloudTrail writes UUIDs, other tools what they like.

use std::borrow::Cow;
use std::cmp::Ordering;

/// An id. It is ordered as its text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// A UUID in lower case, with its hyphens.
    Uuid(Uuid),
    /// Any other text.
    Text(Box<str>),
}

/// The value of a UUID. It is ordered as its text is: digits of lower case are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uuid([u8; 16]);

const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const LENGTH: usize = 36;

impl Id {
    pub(crate) fn new(text: &str) -> Self {
        Uuid::read(text).map_or_else(|| Self::Text(text.into()), Self::Uuid)
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Uuid(uuid) => Cow::Owned(uuid.text()),
        }
    }
}

impl Uuid {
    /// The UUID that a text is; nothing when it is written in any other way.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::of(text.as_bytes())
    }

    /// The same of a text between quotes.
    pub(crate) fn quoted(text: &[u8]) -> Option<Self> {
        Self::of(text.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
    }

    /// All digits at once, in steps that the compiler makes wide.
    fn of(text: &[u8]) -> Option<Self> {
        let text: &[u8; LENGTH] = text.try_into().ok()?;
        if HYPHENS.iter().any(|at| text[*at] != b'-') {
            return None;
        }
        let mut digits = [0; 32];
        digits[..8].copy_from_slice(&text[..8]);
        digits[8..12].copy_from_slice(&text[9..13]);
        digits[12..16].copy_from_slice(&text[14..18]);
        digits[16..20].copy_from_slice(&text[19..23]);
        digits[20..].copy_from_slice(&text[24..]);
        let mut all_are = true;
        for digit in &mut digits {
            let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
            all_are &= (number < 10) | (letter < 6);
            *digit = if number < 10 { number } else { letter.wrapping_add(10) };
        }
        let pairs = digits.as_chunks::<2>().0;
        all_are.then(|| Self(std::array::from_fn(|at| pairs[at][0] << 4 | pairs[at][1])))
    }

    pub(crate) fn text(self) -> String {
        let mut text = [b'-'; LENGTH];
        let mut at = 0;
        for byte in self.0 {
            at += usize::from(HYPHENS.contains(&at));
            for digit in [byte >> 4, byte & 0xF] {
                text[at] = b"0123456789abcdef"[usize::from(digit)];
                at += 1;
            }
        }
        str::from_utf8(&text).unwrap_or_default().to_owned()
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            _ => self.text().cmp(&other.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 10] = [
        "",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fa",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fA",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
        "0a1b2c3d04e5f-6071-8293-a4b5c6d7e8f9",
        "é0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8",
        "9",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg",
        "0a1b2c3d-4e5f-6071-8293-a4b:c6d7e8f9",
    ];

    #[test]
    fn an_id_is_its_text() {
        for text in TEXTS {
            assert_eq!(Id::new(text).text(), text);
        }
        assert!(matches!(Id::new(TEXTS[1]), Id::Uuid(_)));
        assert!(matches!(Id::new(TEXTS[3]), Id::Text(_)));
    }

    #[test]
    fn each_digit_has_its_value_and_nothing_else_is_one() {
        for byte in 0..=0x7F_u8 {
            for place in 0..8 {
                let mut digits = *b"01789abf";
                digits[place] = byte;
                let text = std::str::from_utf8(&digits).unwrap();
                let is_lower = !byte.is_ascii_uppercase() && byte != b'+';
                let expected = u32::from_str_radix(text, 16).ok().filter(|_| is_lower);
                let uuid = Uuid::read(&format!("{text}-5e4f-6071-8293-a4b5c6d7e8f9"));
                let first = |uuid: Uuid| uuid.0.first_chunk().map(|four| u32::from_be_bytes(*four));
                assert_eq!(uuid.and_then(first), expected, "{text}");
            }
        }
    }

    #[test]
    fn ids_are_ordered_as_their_texts() {
        for (a, b) in TEXTS.iter().flat_map(|a| TEXTS.iter().map(move |b| (a, b))) {
            assert_eq!(Id::new(a).cmp(&Id::new(b)), a.cmp(b), "{a} {b}");
        }
    }
}
