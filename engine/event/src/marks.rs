//! The marks of JSON's structure from a place on: quotes that open or close a text, and
//! outside of texts brackets, commas and colons.
//!
//! Bytes are looked at a few blocks of 64 at a time, just ahead of the reader. What is
//! nested and not asked for is passed by counting brackets, a block at a time. Depth costs
//! nothing.
//!
//! # Invariants
//!
//! - Places that are asked for only grow.
//! - Before the current block lies no mark that was not passed.

use crate::lex::Cut;
use crate::simd::{AHEAD, Block, Carry, Classify};

/// The marks of some bytes from a place on.
pub(crate) struct Marks<'a> {
    bytes: &'a [u8],
    classify: Classify,
    carry: Carry,
    blocks: [Block; AHEAD],
    /// The current block: its number in `blocks`, how many there are, where it begins.
    number: usize,
    count: usize,
    base: usize,
}

impl<'a> Marks<'a> {
    /// The marks from `start` on, which lies outside of a text.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], start: usize, classify: Classify) -> Self {
        let blocks = [Block::default(); AHEAD];
        let mut marks = Self {
            bytes,
            classify,
            carry: Carry::default(),
            blocks,
            number: 0,
            count: 0,
            base: start,
        };
        // Nothing is there yet: what is asked for first looks at the first blocks.
        marks.base = start.wrapping_sub(64);
        marks
    }

    /// Whether there was a backslash in what was looked at so far.
    pub(crate) fn has_backslash(&self) -> bool {
        self.carry.has_backslash()
    }

    /// The first mark at or after a place outside of texts.
    #[inline]
    pub(crate) fn mark(&mut self, place: usize) -> Result<usize, Cut> {
        self.first(place, |block| block.quote | block.open | block.close | block.between)
    }

    /// The first quote at or after a place.
    #[inline(always)]
    pub(crate) fn quote(&mut self, place: usize) -> Result<usize, Cut> {
        self.first(place, |block| block.quote)
    }

    #[inline(always)]
    fn first(&mut self, place: usize, of: impl Fn(&Block) -> u64) -> Result<usize, Cut> {
        let mut bits = of(self.reach(place)?) & from(place, self.base);
        while bits == 0 {
            bits = of(self.advance()?);
        }
        Ok(self.base + bits.trailing_zeros() as usize)
    }

    /// Pass the object or list whose opening bracket stands before `place`; the place
    /// after it.
    ///
    /// Inside a value an object follows `[`, `,` or `:`, the last on its line. One that does
    /// not is another record: the one at hand was cut, and is damaged there.
    pub(crate) fn nested(&mut self, place: usize) -> Result<usize, Cut> {
        let mut depth = 1;
        let mut block = *self.reach(place)?;
        let mut rest = from(place, self.base);
        loop {
            let (open, close) = (block.open & rest, block.close & rest);
            let end = if close.count_ones() < depth { None } else { end_of(open, close, depth) };
            let stray = block.stray & rest;
            if stray != 0 {
                self.check(stray & end.map_or(u64::MAX, |bit| (1 << bit) - 1))?;
            }
            if let Some(bit) = end {
                return Ok(self.base + bit as usize + 1);
            }
            depth = depth + open.count_ones() - close.count_ones();
            block = *self.advance()?;
            rest = u64::MAX;
        }
    }

    /// Whether all of these objects may open where they do.
    #[cold]
    fn check(&self, mut stray: u64) -> Result<(), Cut> {
        while stray != 0 {
            let at = self.base + stray.trailing_zeros() as usize;
            let may_open = match self.bytes[..at].trim_ascii_end().last() {
                Some(b'[' | b',') => true,
                Some(b':') => self.bytes[at - 1] != b'\n',
                _ => false,
            };
            if !may_open {
                return Err(Cut::Damaged(at));
            }
            stray &= stray - 1;
        }
        Ok(())
    }

    /// The block that holds a place, or the first after it that was looked at.
    #[inline(always)]
    fn reach(&mut self, place: usize) -> Result<&Block, Cut> {
        while self.base.wrapping_add(64) <= place {
            self.advance()?;
        }
        Ok(&self.blocks[self.number])
    }

    #[inline(always)]
    fn advance(&mut self) -> Result<&Block, Cut> {
        self.base = self.base.wrapping_add(64);
        self.number += 1;
        if self.number >= self.count {
            self.load()?;
        }
        Ok(&self.blocks[self.number])
    }

    /// Look at the next blocks.
    fn load(&mut self) -> Result<(), Cut> {
        let rest = self.bytes.get(self.base..).ok_or(Cut::Short)?;
        let (whole, part) = rest.as_chunks::<64>();
        self.number = 0;
        if let Some(whole) = whole.get(..whole.len().min(AHEAD)).filter(|whole| !whole.is_empty()) {
            self.count = whole.len();
            (self.classify)(whole, &mut self.carry, &mut self.blocks);
        } else if part.is_empty() {
            self.count = 0;
            return Err(Cut::Short);
        } else {
            let mut last = [[b' '; 64]];
            last[0][..part.len()].copy_from_slice(part);
            self.count = 1;
            (self.classify)(&last, &mut self.carry, &mut self.blocks);
        }
        Ok(())
    }
}

/// The bits from a place on, in the block that begins at `base`.
#[inline(always)]
fn from(place: usize, base: usize) -> u64 {
    u64::MAX << (place.saturating_sub(base) & 63)
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
                let mut place = 0;
                let next = || {
                    let at = marks.mark(place).ok()?;
                    place = at + 1;
                    Some(at)
                };
                let found: Vec<_> = std::iter::from_fn(next).collect();
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
            assert_eq!(marks.mark(0), Ok(pad));
            let expected = match expected {
                Ok(end) => Ok(end + pad),
                Err(Cut::Damaged(at)) => Err(Cut::Damaged(at + pad)),
                Err(Cut::Short) => Err(Cut::Short),
            };
            assert_eq!(marks.nested(pad + 1), expected, "{text}");
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
