//! Numbers, lengths of time and networks.

use super::{Lexer, TokenKind, is_id_byte};
use crate::ast::{Duration, Number, Unit};
use crate::diag::Diag;
use event::{Cidr, CidrError};
use std::net::Ipv6Addr;

/// The longest text of an address, `ffff:…:255.255.255.255`.
const ADDRESS_BYTES: usize = 45;

/// A thing that has the form of a network or an address.
struct Form {
    /// The bytes of the address.
    address: usize,
    /// The bytes of all, with `/` and what follows it; equal to `address` without one.
    all: usize,
}

impl Lexer<'_> {
    /// Takes a network or an address, if the text has the form of one.
    #[inline]
    pub(super) fn network(&mut self) -> bool {
        may_be_address(self.rest()) && self.address_or_network()
    }

    fn address_or_network(&mut self) -> bool {
        let rest = self.rest();
        let Some(form) = v4_form(rest).or_else(|| v6_form(rest)) else { return false };
        let start = self.at;
        let text = &rest[..form.all];
        self.at += form.all;
        let place = self.since(start);
        if form.address == form.all {
            let bits = if text.contains(':') { 128 } else { 32 };
            let diag = Diag::error(
                "E0007",
                format!("`{text}` is an address without a number of bits"),
                place,
            )
            .help(format!(
                "as a value it stands in quotes: `\"{text}\"`; as a network it is `{text}/{bits}`"
            ));
            self.out.diags.push(diag);
            let kind =
                Cidr::parse(&format!("{text}/{bits}")).map_or(TokenKind::Bad, TokenKind::Cidr);
            self.push(kind, start);
            return true;
        }
        let kind = match Cidr::parse(text) {
            Ok(network) => TokenKind::Cidr(network),
            Err(CidrError::HostBits { network }) => {
                let title = format!("`{text}` has bits set after its prefix");
                self.out.diags.push(
                    Diag::error("E0008", title, place).help(format!("the network is `{network}`")),
                );
                TokenKind::Cidr(network)
            }
            Err(CidrError::Bits { most }) => {
                let title = format!("`{text}` has more bits than the address");
                self.out
                    .diags
                    .push(Diag::error("E0007", title, place).help(format!("from /0 to /{most}")));
                TokenKind::Bad
            }
            Err(CidrError::Form) => {
                let help = "write it like `10.0.0.0/8` or `2001:db8::/32`; a `:` before a network wants a space";
                self.out.diags.push(
                    Diag::error("E0007", format!("`{text}` is not a network"), place).help(help),
                );
                TokenKind::Bad
            }
        };
        self.push(kind, start);
        true
    }

    /// Takes a number or a length of time; the next byte is a digit.
    pub(super) fn number(&mut self) {
        let start = self.at;
        self.take_while(|b| b.is_ascii_digit());
        let digits = self.at;
        if self.rest().starts_with('.') && self.digit_at(self.at + 1) {
            self.at += 1;
            self.take_while(|b| b.is_ascii_digit());
        }
        let fraction = self.at;
        self.exponent();
        let number = &self.text[start..self.at];
        let whole = self.at == digits;
        let end = self.at;
        self.take_while(is_id_byte);
        let unit = &self.text[end..self.at];
        if unit.is_empty() {
            let kind = self.number_kind(number, whole, start);
            return self.push(kind, start);
        }
        let kind = match unit_of(unit) {
            Some(unit) if whole => self.duration(number, unit, start),
            Some(unit) if fraction == end => self.fraction_of_time(number, unit, start),
            _ => {
                let text = &self.text[start..self.at];
                let diag = Diag::error(
                    "E0004",
                    format!("`{text}` is neither a number nor a length of time"),
                    self.since(start),
                );
                self.out.diags.push(diag.help(unit_help(number, unit)));
                TokenKind::Bad
            }
        };
        self.push(kind, start);
    }

    fn digit_at(&self, at: usize) -> bool {
        self.text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
    }

    fn exponent(&mut self) {
        let bytes = self.rest().as_bytes();
        if !matches!(bytes.first(), Some(b'e' | b'E')) {
            return;
        }
        let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
        if self.digit_at(self.at + 1 + sign) {
            self.at += 1 + sign;
            self.take_while(|b| b.is_ascii_digit());
        }
    }

    fn number_kind(&mut self, text: &str, whole: bool, start: usize) -> TokenKind {
        if let Some(int) = text.parse().ok().filter(|_| whole) {
            return TokenKind::Number(Number::Int(int));
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => TokenKind::Number(Number::Float(float)),
            _ => {
                let diag = Diag::error("E0004", "a number too large", self.since(start));
                self.out.diags.push(diag.help("the greatest is about 1.8e308"));
                TokenKind::Bad
            }
        }
    }

    fn duration(&mut self, count: &str, unit: Unit, start: usize) -> TokenKind {
        let span = self.since(start);
        let duration = count.parse().ok().map(|count| Duration { count, unit, span });
        if let Some(duration) = duration.filter(|d| d.seconds().is_some()) {
            return TokenKind::Duration(duration);
        }
        self.out
            .diags
            .push(Diag::error("E0004", "a length of time too great", span).help("say, `90d`"));
        TokenKind::Bad
    }

    /// `1.5h`: complains, with the same length in a smaller unit where there is one.
    fn fraction_of_time(&mut self, count: &str, unit: Unit, start: usize) -> TokenKind {
        let span = self.since(start);
        let seconds = count.parse::<f64>().unwrap_or(0.0) * as_f64(unit.seconds());
        let smaller = [Unit::Week, Unit::Day, Unit::Hour, Unit::Minute, Unit::Second]
            .into_iter()
            .find(|u| (seconds / as_f64(u.seconds())).fract() == 0.0 && seconds < 1e9);
        let diag = Diag::error("E0004", "a length of time is a whole number of its unit", span);
        let help = match smaller {
            Some(unit) => format!("write `{}{}`", seconds / as_f64(unit.seconds()), unit.letter()),
            None => "take a smaller unit".into(),
        };
        self.out.diags.push(diag.help(help));
        TokenKind::Duration(Duration { count: 1, unit, span })
    }
}

/// A number of seconds, small enough to be exact.
fn as_f64(seconds: i64) -> f64 {
    i32::try_from(seconds).map_or(f64::MAX, f64::from)
}

fn unit_of(text: &str) -> Option<Unit> {
    Some(match text {
        "s" => Unit::Second,
        "m" => Unit::Minute,
        "h" => Unit::Hour,
        "d" => Unit::Day,
        "w" => Unit::Week,
        _ => return None,
    })
}

fn unit_help(number: &str, unit: &str) -> String {
    let letter = match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "week" | "weeks" => "w",
        _ => return "the units of time are s, m, h, d and w; a name begins with a letter".into(),
    };
    format!("write `{number}{letter}`; the units of time are s, m, h, d and w")
}

/// Whether a text can begin with an address, which has a point or a colon after the first
/// digits, and more behind it: most words, numbers and signs end here.
#[inline]
fn may_be_address(text: &str) -> bool {
    let mut behind = text.bytes().skip_while(u8::is_ascii_hexdigit);
    matches!(behind.next(), Some(b'.' | b':'))
        && behind.next().is_some_and(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
}

/// `d.d.d.d`, perhaps with `/` and bits.
fn v4_form(text: &str) -> Option<Form> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for group in 0..4 {
        if group > 0 {
            at += usize::from(bytes.get(at) == Some(&b'.'));
        }
        let digits = bytes[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let separated = group == 0 || bytes[at - 1] == b'.';
        if !(1..=3).contains(&digits) || !separated {
            return None;
        }
        at += digits;
    }
    if bytes.get(at).is_some_and(|&b| is_id_byte(b)) {
        return None;
    }
    Some(Form { address: at, all: at + bits(&text[at..]) })
}

/// Hexadecimal groups with `::` or seven colons, and `/` and bits; or an address as it is.
fn v6_form(text: &str) -> Option<Form> {
    let part = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let near = text.as_bytes().iter().take(ADDRESS_BYTES + 1);
    let run = near.take_while(part).count();
    if text.as_bytes()[..run].iter().filter(|&&b| b == b':').count() < 2 {
        return None;
    }
    let run = text[..run].find("..").unwrap_or(run);
    let address = &text[..run];
    if !address.contains("::") && address.matches(':').count() != 7 {
        return None;
    }
    let all = run + bits(&text[run..]);
    if all > run {
        return Some(Form { address: run, all });
    }
    address.parse::<Ipv6Addr>().is_ok().then_some(Form { address: run, all: run })
}

/// The bytes of `/` and a word that begins with a digit; 0 without one.
fn bits(text: &str) -> usize {
    let Some(word) = text.strip_prefix('/') else { return 0 };
    match word.bytes().next() {
        Some(b) if b.is_ascii_digit() => 1 + word.bytes().take_while(|&b| is_id_byte(b)).count(),
        _ => 0,
    }
}
