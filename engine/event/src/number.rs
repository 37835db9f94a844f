//! Numbers by value: 2, 2.0 and 2e0 are one number.
//!
//! Whole numbers of up to 18 digits are exact, also against floats; larger ones
//! are the nearest float. Source: language reference, "Two-valued logic".

use std::cmp::Ordering;

/// A number of JSON or of a rule.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// Whole, of at most 18 digits where it was read from text.
    Int(i64),
    /// Any other; finite.
    Float(f64),
}

impl Number {
    /// The number a JSON text names.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let digits = raw.strip_prefix(b"-").unwrap_or(raw);
        let (first, rest) = digits.split_first()?;
        if !first.is_ascii_digit()
            || (*first == b'0' && rest.first().is_some_and(u8::is_ascii_digit))
        {
            return None;
        }
        if digits.len() <= 18 && rest.iter().all(u8::is_ascii_digit) {
            let value = digits.iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
            return Some(Self::Int(if digits.len() == raw.len() { value } else { -value }));
        }
        if !well_formed(rest) {
            return None;
        }
        if let Some(value) = whole_text(digits) {
            return Some(Self::Int(if digits.len() == raw.len() { value } else { -value }));
        }
        let value: f64 = std::str::from_utf8(raw).ok()?.parse().ok()?;
        value.is_finite().then_some(Self::Float(value))
    }

    /// The whole number it is, if it is one that fits.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Float(value) => whole(value),
        }
    }

    /// The nearest float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
    pub fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// How the values compare; never nothing, since both are finite.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => int_against_float(a, b),
            (Self::Float(a), Self::Int(b)) => int_against_float(b, a).map(Ordering::reverse),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Some(Ordering::Equal)
    }
}

/// The whole number of at most 18 digits that a well-formed text with a point or an
/// exponent names, if it is one: `2.0`, `2e3`, `2.50e1`.
fn whole_text(text: &[u8]) -> Option<i64> {
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let point = mantissa.iter().position(|byte| *byte == b'.').unwrap_or(mantissa.len());
    let digits: Vec<u8> = mantissa.iter().copied().filter(u8::is_ascii_digit).collect();
    let used = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    // The value is the used digits, with this many of them before the point.
    let before = i64::try_from(point).ok()?.checked_add(exponent)?;
    if used == 0 {
        return Some(0);
    }
    let missing = usize::try_from(before.checked_sub(i64::try_from(used).ok()?)?).ok()?;
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    if used - leading + missing > 18 {
        return None;
    }
    let value = digits[..used].iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    value.checked_mul(10_i64.checked_pow(u32::try_from(missing).ok()?)?)
}

/// Digits after the first: more digits, a fraction, an exponent, each well-formed.
fn well_formed(rest: &[u8]) -> bool {
    let skip = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = &rest[skip(rest)..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = skip(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some((b'e' | b'E', exponent)) = rest.split_first() {
        let exponent = match exponent.first() {
            Some(b'+' | b'-') => &exponent[1..],
            _ => exponent,
        };
        let length = skip(exponent);
        if length == 0 {
            return false;
        }
        rest = &exponent[length..];
    }
    rest.is_empty()
}

/// The whole number a float is, if it is one within ±10¹⁸.
#[expect(clippy::cast_possible_truncation, reason = "the value is whole and within range")]
fn whole(value: f64) -> Option<i64> {
    (value.trunc() == value && value.abs() <= 1e18).then_some(value as i64)
}

fn int_against_float(a: i64, b: f64) -> Option<Ordering> {
    match whole(b.trunc()) {
        Some(floor) => Some(a.cmp(&floor).then(0.0.partial_cmp(&(b - b.trunc()))?)),
        None => 0.0.partial_cmp(&b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, order: Ordering) {
        let number = |text: &str| Number::parse(text.as_bytes()).unwrap();
        assert_eq!(number(a).compare(number(b)), Some(order), "{a} {b}");
        assert_eq!(number(b).compare(number(a)), Some(order.reverse()), "{b} {a}");
    }

    #[test]
    fn numbers_compare_by_value() {
        check("2", "2.0", Ordering::Equal);
        check("2e0", "2", Ordering::Equal);
        check("2", "2.5", Ordering::Less);
        check("-2", "-2.5", Ordering::Greater);
        check("999999999999999999", "999999999999999998", Ordering::Greater);
        check("9007199254740993", "9007199254740992.0", Ordering::Greater);
        check("1e300", "5", Ordering::Greater);
        check("-1e300", "5", Ordering::Less);
        check("18446744073709551616", "18446744073709551617", Ordering::Equal);
    }

    #[test]
    fn only_json_numbers_are_numbers() {
        for wrong in ["", "-", "01", "+1", "1.", ".5", "1e", "1e+", "NaN", "0x1", "1 ", "1e999"] {
            assert!(Number::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert_eq!(
            Number::parse(b"123456789012345678.0").unwrap().whole(),
            Some(123456789012345678)
        );
        assert_eq!(Number::parse(b"-0.0250e3").unwrap().whole(), Some(-25));
        assert_eq!(Number::parse(b"0.0e99999999999999999999").unwrap().whole(), Some(0));
        assert_eq!(Number::parse(b"2.0").unwrap().whole(), Some(2));
        assert_eq!(Number::parse(b"2.5").unwrap().whole(), None);
    }
}
