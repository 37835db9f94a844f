//! The marks of JSON's structure, one after another: quotes that open or close a text,
//! and outside of texts brackets, commas and colons.
//!
//! Bytes are looked at 64 at a time, just ahead of the reader. What is nested and not
//! asked for is passed by counting brackets, a block at a time. Depth costs nothing.
//!
//! # Invariants
//!
//! - Marks come in order, each once; none lies inside a text.
//! - The current block holds the mark that was taken last.

use crate::lex::Cut;
use crate::simd::{Classify, Masks};

/// The marks of some bytes from a place on.
pub(crate) struct Marks<'a> {
    bytes: &'a [u8],
    classify: Classify,
    /// Where the current block begins, and the next.
    base: usize,
    next: usize,
    /// Marks of the block that were not taken yet.
    rest: u64,
    /// Outside of texts: `{`, any opening, any closing bracket.
    brace: u64,
    open: u64,
    close: u64,
    /// Places right behind `[`, `,` or `:`.
    behind: u64,
    /// What the block before carries over: all ones inside a text; a bit for an escaped
    /// first byte; a bit for a first byte behind `[`, `,` or `:`.
    in_text: u64,
    escaped: u64,
    carry: u64,
}

impl<'a> Marks<'a> {
    /// The marks from `start` on, which lies outside of a text.
    pub(crate) fn new(bytes: &'a [u8], start: usize, classify: Classify) -> Self {
        Self {
            bytes,
            classify,
            base: start,
            next: start,
            rest: 0,
            brace: 0,
            open: 0,
            close: 0,
            behind: 0,
            in_text: 0,
            escaped: 0,
            carry: 0,
        }
    }

    /// Take the next mark.
    #[inline]
    pub(crate) fn take(&mut self) -> Result<usize, Cut> {
        let at = self.peek()?;
        self.rest &= self.rest - 1;
        Ok(at)
    }

    /// The next mark, which stays.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<usize, Cut> {
        while self.rest == 0 {
            self.load()?;
        }
        Ok(self.base + self.rest.trailing_zeros() as usize)
    }

    /// Leave out the marks before a place that lies outside of a text.
    #[inline]
    pub(crate) fn seek(&mut self, place: usize) -> Result<(), Cut> {
        while self.next <= place {
            self.load()?;
        }
        let into = place.saturating_sub(self.base);
        self.rest &= u64::MAX.checked_shl(u32::try_from(into).unwrap_or(64)).unwrap_or(0);
        Ok(())
    }

    /// Pass the object or list whose opening bracket was taken last; the place after it.
    ///
    /// Inside a value an object follows `[`, `,` or `:`, the last on its line. One that does
    /// not is another record: the one at hand was cut, and is damaged there.
    pub(crate) fn pass_nested(&mut self) -> Result<usize, Cut> {
        let mut depth = 1;
        loop {
            let (open, close) = (self.open & self.rest, self.close & self.rest);
            let end = if close.count_ones() < depth { None } else { end_of(open, close, depth) };
            let inside = end.map_or(u64::MAX, |bit| (1 << bit) - 1);
            let mut odd = self.brace & self.rest & !self.behind & inside;
            while odd != 0 {
                let at = self.base + odd.trailing_zeros() as usize;
                if !self.may_open(at) {
                    return Err(Cut::Damaged(at));
                }
                odd &= odd - 1;
            }
            if let Some(bit) = end {
                self.rest &= !inside & !(1 << bit);
                return Ok(self.base + bit as usize + 1);
            }
            depth = depth + open.count_ones() - close.count_ones();
            self.load()?;
        }
    }

    /// Whether an object may open at a place that is not right behind `[`, `,` or `:`.
    #[cold]
    fn may_open(&self, at: usize) -> bool {
        match self.bytes[..at].trim_ascii_end().last() {
            Some(b'[' | b',') => true,
            Some(b':') => self.bytes[at - 1] != b'\n',
            _ => false,
        }
    }

    /// Look at the next block.
    #[inline]
    fn load(&mut self) -> Result<(), Cut> {
        let rest = self.bytes.get(self.next..).ok_or(Cut::Short)?;
        let masks = match rest.first_chunk::<64>() {
            Some(block) => (self.classify)(block),
            None if rest.is_empty() => return Err(Cut::Short),
            None => {
                let mut block = [b' '; 64];
                block[..rest.len()].copy_from_slice(rest);
                (self.classify)(&block)
            }
        };
        self.base = self.next;
        self.next += 64;
        self.enter(masks);
        Ok(())
    }

    #[inline]
    fn enter(&mut self, masks: Masks) {
        let quote = if masks.backslash | self.escaped == 0 {
            masks.quote
        } else {
            masks.quote & !self.escapes(masks.backslash)
        };
        let in_text = running_parity(quote) ^ self.in_text;
        self.in_text = if in_text >> 63 == 1 { u64::MAX } else { 0 };
        let outside = !in_text;
        self.brace = masks.brace & outside;
        self.open = masks.open & outside;
        self.close = masks.close & outside;
        let between = masks.between & outside;
        self.rest = quote | self.open | self.close | between;
        let before = between | (self.open & !self.brace);
        self.behind = before << 1 | self.carry;
        self.carry = before >> 63;
    }

    /// The bytes that stand behind a backslash which is not itself escaped.
    #[cold]
    fn escapes(&mut self, backslash: u64) -> u64 {
        let mut escaped = self.escaped;
        let mut rest = backslash & !escaped;
        self.escaped = 0;
        while rest != 0 {
            let at = rest.trailing_zeros();
            if at == 63 {
                self.escaped = 1;
                break;
            }
            escaped |= 2 << at;
            rest &= !(3 << at);
        }
        escaped
    }
}

/// For each bit the parity of the bits up to and with it.
#[inline]
fn running_parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The closing bracket with which `depth` open ones are closed, if it is in the block.
fn end_of(open: u64, close: u64, depth: u32) -> Option<u32> {
    let mut rest = close;
    while rest != 0 {
        let bit = rest.trailing_zeros();
        let upto = u64::MAX >> (63 - bit);
        if depth + (open & upto).count_ones() == (close & upto).count_ones() {
            return Some(bit);
        }
        rest &= rest - 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{bytewise, classifier};

    /// The marks of a text, found without any masks.
    fn plainly(text: &[u8]) -> Vec<usize> {
        let (mut marks, mut in_text, mut escaped) = (Vec::new(), false, false);
        for (at, byte) in text.iter().enumerate() {
            // A backslash outside of a text is no JSON; it escapes quotes all the same.
            if std::mem::take(&mut escaped) && matches!(byte, b'"' | b'\\') {
                continue;
            }
            match byte {
                b'\\' => escaped = true,
                b'"' => {
                    marks.push(at);
                    in_text = !in_text;
                }
                b'{' | b'}' | b'[' | b']' | b',' | b':' if !in_text => marks.push(at),
                _ => {}
            }
        }
        marks
    }

    #[test]
    fn marks_are_those_of_a_plain_walk() {
        let alphabet = br#""""\{}[],: abc"#;
        let mut state = 3_u64;
        for length in 0..400 {
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(11);
                    alphabet[(state >> 40) as usize % alphabet.len()]
                })
                .collect();
            for classify in [classifier(), bytewise] {
                let mut marks = Marks::new(&text, 0, classify);
                let found: Vec<_> = std::iter::from_fn(|| marks.take().ok()).collect();
                assert_eq!(found, plainly(&text), "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[track_caller]
    fn passed(text: &str, expected: Result<usize, Cut>) {
        for (pad, classify) in
            [(0, classifier()), (1, bytewise), (61, bytewise), (63, classifier())]
        {
            let padded = format!("{}{text}", " ".repeat(pad));
            let mut marks = Marks::new(padded.as_bytes(), 0, classify);
            assert_eq!(marks.take(), Ok(pad));
            let expected = match expected {
                Ok(end) => Ok(end + pad),
                Err(Cut::Damaged(at)) => Err(Cut::Damaged(at + pad)),
                Err(Cut::Short) => Err(Cut::Short),
            };
            assert_eq!(marks.pass_nested(), expected, "{text}");
        }
    }

    #[test]
    fn nested_values_are_passed() {
        passed(r#"{"a":"}"} "#, Ok(9));
        passed("[[1,{}],2],", Ok(10));
        passed(r#"{"a":1"#, Err(Cut::Short));
        passed("{\"a\":{\n{\"b\":1}", Err(Cut::Damaged(7)));
        passed("{\"a\":[2\n{\"b\":1}", Err(Cut::Damaged(8)));
        passed("{\"a\":\n{\"b\":1}", Err(Cut::Damaged(6)));
        passed("{\"a\":{\"b\":[\n{\n}\n,\n{}]}}", Ok(23));
        passed("{\"a\": {\"b\": [ {} , {} ] } }{", Ok(27));
        let deep = 100_000;
        passed(&format!("{}{}", "[".repeat(deep), "]".repeat(deep)), Ok(2 * deep));
    }
}
