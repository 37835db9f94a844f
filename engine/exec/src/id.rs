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

    /// The same of a text between quotes, without escapes.
    pub(crate) fn quoted(text: &[u8]) -> Option<Self> {
        Self::of(text.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
    }

    fn of(text: &[u8]) -> Option<Self> {
        let text: &[u8; LENGTH] = text.try_into().ok()?;
        if HYPHENS.iter().any(|at| text[*at] != b'-') {
            return None;
        }
        let four = |at: usize| {
            u64::from(u32::from_be_bytes([text[at], text[at + 1], text[at + 2], text[at + 3]]))
        };
        let quarter = |high, low| value(four(high) << 32 | four(low)).map(u128::from);
        let (a, b, c, d) = (quarter(0, 4)?, quarter(9, 14)?, quarter(19, 24)?, quarter(28, 32)?);
        Some(Self((a << 96 | b << 64 | c << 32 | d).to_be_bytes()))
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

/// The value of eight hexadecimal digits of lower case; nothing when one is none.
///
/// All eight at once, a byte each: what a digit is worth, and the digit written of it again,
/// which is the one that was read.
fn value(digits: u64) -> Option<u32> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let worth = (digits & (0x0F * EACH)) + 9 * (digits >> 6 & EACH);
    let letters = (worth + 6 * EACH) >> 4 & EACH;
    let written = worth + u64::from(b'0') * EACH + u64::from(b'a' - b'0' - 10) * letters;
    if written != digits || worth & (0xF0 * EACH) != 0 {
        return None;
    }
    let pairs = (worth | worth >> 4) & 0x00FF_00FF_00FF_00FF;
    let halves = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    u32::try_from((halves | halves >> 16) & 0xFFFF_FFFF).ok()
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
                assert_eq!(value(u64::from_be_bytes(digits)), expected, "{text}");
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
