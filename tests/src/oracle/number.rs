//! Numbers as the rule language sees them: equal by value, whole ones exact.
//!
//! A whole number of up to 18 digits is exact however it is written (`2`, `2.0`,
//! `2e0`); any other is the nearest float.

use std::cmp::Ordering;

/// A number.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// The nearest float.
    Float(f64),
}

impl Number {
    /// The number a JSON text stands for; nothing when it is past every float.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let float: f64 = text.parse().ok()?;
        let whole = whole_of(text).map(Self::Whole);
        whole.or_else(|| float.is_finite().then_some(Self::Float(float)))
    }

    /// The float nearest to it.
    #[must_use]
    pub fn float(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// The order of two numbers by their exact values.
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Whole(a), Self::Float(b)) => whole_against_float(a, b),
            (Self::Float(a), Self::Whole(b)) => whole_against_float(b, a).reverse(),
        }
    }

    /// The sum, difference, product or quotient; nothing on overflow or division by zero.
    #[must_use]
    pub fn arith(self, op: char, other: Self) -> Option<Self> {
        if let (Self::Whole(a), Self::Whole(b)) = (self, other)
            && op != '/'
        {
            let value = match op {
                '+' => a.checked_add(b),
                '-' => a.checked_sub(b),
                _ => a.checked_mul(b),
            };
            return value.map(Self::Whole);
        }
        let (a, b) = (self.float(), other.float());
        let value = match op {
            '+' => a + b,
            '-' => a - b,
            '*' => a * b,
            _ if b == 0.0 => return None,
            _ => a / b,
        };
        value.is_finite().then_some(Self::Float(value))
    }

    /// Whole millionths, rounded half to even.
    #[must_use]
    pub fn millionths(self) -> i128 {
        match self {
            Self::Whole(value) => i128::from(value) * 1_000_000,
            Self::Float(value) => format!("{value:.6}").replace('.', "").parse().unwrap_or(0),
        }
    }

    /// The text for people: whole numbers without a fraction, others with at most six digits after the point.
    #[must_use]
    pub fn rounded(self) -> String {
        match self {
            Self::Whole(value) => value.to_string(),
            Self::Float(value) => trimmed(&format!("{value:.6}")),
        }
    }

    /// The same number as JSON: less than ten millionths are written as `9e-6`.
    #[must_use]
    pub fn rounded_json(self) -> String {
        let text = self.rounded();
        let tiny = text.trim_start_matches('-').strip_prefix("0.00000");
        match tiny {
            Some(digit) => format!("{}{digit}e-6", if text.starts_with('-') { "-" } else { "" }),
            None => text,
        }
    }

    /// The shortest text that reads back as this number.
    #[must_use]
    pub fn shortest(self) -> String {
        match self {
            Self::Whole(value) => value.to_string(),
            Self::Float(0.0) => "0".to_owned(),
            Self::Float(value) => value.to_string(),
        }
    }
}

fn trimmed(digits: &str) -> String {
    let short = digits.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

fn whole_against_float(whole: i64, float: f64) -> Ordering {
    if float >= 9_223_372_036_854_775_808.0 {
        return Ordering::Less;
    }
    if float < -9_223_372_036_854_775_808.0 {
        return Ordering::Greater;
    }
    let below = float.floor();
    whole.cmp(&(below as i64)).then(if float > below { Ordering::Less } else { Ordering::Equal })
}

/// The exact value of a decimal text that is whole and has at most 18 digits.
fn whole_of(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let (before, after) = mantissa
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((mantissa.trim_start_matches('-'), ""));
    let all = format!("{before}{after}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let dropped = all.len() - all.trim_end_matches('0').len();
    let zeros = exponent - after.len() as i64 + dropped as i64;
    if zeros < 0 || digits.len() as i64 + zeros > 18 {
        return None;
    }
    let value: i64 = format!("{digits}{}", "0".repeat(zeros as usize)).parse().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::Number;
    use std::cmp::Ordering;

    #[test]
    fn numbers_are_equal_by_value() {
        for (a, b, order) in [
            ("2", "2.0", Ordering::Equal),
            ("2e0", "20e-1", Ordering::Equal),
            ("-0", "0.0", Ordering::Equal),
            ("123456789012345678", "123456789012345679", Ordering::Less),
            ("123456789012345678.0", "123456789012345678", Ordering::Equal),
            ("1000000000000000000000", "1e21", Ordering::Equal),
            ("0.5", "1", Ordering::Less),
            ("-0.5", "0", Ordering::Less),
            ("-1", "-0.5", Ordering::Less),
        ] {
            assert_eq!(Number::read(a).unwrap().order(Number::read(b).unwrap()), order, "{a} {b}");
        }
    }

    #[test]
    fn text_has_at_most_six_digits_after_the_point() {
        for (text, rounded) in [
            ("2.0", "2"),
            ("0.5", "0.5"),
            ("0.3333333333", "0.333333"),
            ("-0.0000001", "0"),
            ("1e3", "1000"),
        ] {
            assert_eq!(Number::read(text).unwrap().rounded(), rounded);
        }
    }

    #[test]
    fn millionths_round_half_to_even() {
        for (text, expected) in
            [("1", 1_000_000), ("0.5", 500_000), ("0.00000025", 0), ("-1.5", -1_500_000)]
        {
            assert_eq!(Number::read(text).unwrap().millionths(), expected);
        }
    }
}
