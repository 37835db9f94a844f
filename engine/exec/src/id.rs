//! The id of an event in few bytes: CloudTrail writes UUIDs, other tools what they like.

use std::borrow::Cow;
use std::cmp::Ordering;

/// An id. It is ordered as its text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// A UUID in lower case, with its hyphens.
    Uuid([u8; 16]),
    /// Any other text.
    Text(Box<str>),
}

/// The pairs of digits of a UUID begin here.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const LENGTH: usize = 36;

impl Id {
    pub(crate) fn new(text: &str) -> Self {
        uuid(text.as_bytes()).map_or_else(|| Self::Text(text.into()), Self::Uuid)
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Uuid(bytes) => {
                let mut text = String::with_capacity(LENGTH);
                for (at, byte) in PAIRS.into_iter().zip(bytes) {
                    if HYPHENS.contains(&(at.wrapping_sub(1))) {
                        text.push('-');
                    }
                    for digit in [byte >> 4, byte & 0xF] {
                        text.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
                    }
                }
                Cow::Owned(text)
            }
        }
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
            // Digits of lower case are ordered as their values are.
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            _ => self.text().cmp(&other.text()),
        }
    }
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; LENGTH] = text.try_into().ok()?;
    if HYPHENS.iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => 0x80,
    };
    let pairs = PAIRS.map(|at| (digit(text[at]), digit(text[at + 1])));
    let odd = pairs.iter().fold(0, |odd, (high, low)| odd | high | low) & 0x80;
    (odd == 0).then(|| pairs.map(|(high, low)| high << 4 | low))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 8] = [
        "",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fa",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fA",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
        "0a1b2c3d04e5f-6071-8293-a4b5c6d7e8f9",
        "é0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8",
        "9",
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
    fn ids_are_ordered_as_their_texts() {
        for (a, b) in TEXTS.iter().flat_map(|a| TEXTS.iter().map(move |b| (a, b))) {
            assert_eq!(Id::new(a).cmp(&Id::new(b)), a.cmp(b), "{a} {b}");
        }
    }
}
