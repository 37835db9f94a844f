//! Passing an object or a list that nobody looks into: brackets are counted, 64 bytes at a
//! time, those in texts left out. Depth costs nothing.

use crate::lex::Cut;
use crate::simd::{Masks, Vector, Work};

/// Passing one, as work for a vector.
pub(crate) struct Pass<'a>(pub(crate) &'a [u8], pub(crate) usize);

impl Work for Pass<'_> {
    type Out = Result<usize, Cut>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Self::Out {
        pass::<V>(self.0, self.1)
    }
}

/// The place after the object or list whose opening bracket stands before `place`.
///
/// Inside a value an object follows `[`, `,` or `:`, the last on its line. One that does
/// not is another record: the one at hand was cut, and is damaged there.
#[inline(always)]
pub(crate) fn pass<V: Vector>(bytes: &[u8], place: usize) -> Result<usize, Cut> {
    let mut depth = 1;
    let mut base = place;
    let mut carry = Carry::default();
    loop {
        let rest = bytes.get(base..).unwrap_or_default();
        let block = match rest.first_chunk::<64>() {
            Some(block) => carry.enter::<V>(V::masks(block)),
            None if rest.is_empty() => return Err(Cut::Short),
            None => {
                let mut last = [b' '; 64];
                last[..rest.len()].copy_from_slice(rest);
                carry.enter::<V>(V::masks(&last))
            }
        };
        let closing = block.close.count_ones();
        let end = if closing < depth { None } else { end_of(block.open, block.close, depth) };
        if block.open != 0 {
            let inside = end.map_or(u64::MAX, |bit| (1 << bit) - 1);
            check(bytes, base, block.open & inside)?;
            depth += block.open.count_ones();
        }
        if let Some(bit) = end {
            return Ok(base + bit as usize + 1);
        }
        depth -= closing;
        base += 64;
    }
}

/// The brackets in 64 bytes, outside of texts.
struct Block {
    open: u64,
    close: u64,
}

/// What the bytes before a block carry over to it.
#[derive(Default)]
struct Carry {
    /// All ones inside a text.
    in_text: u64,
    /// 1 when the first byte stands behind a backslash that counts.
    escaped: u64,
}

impl Carry {
    #[inline(always)]
    fn enter<V: Vector>(&mut self, masks: Masks) -> Block {
        let mut quote = masks.quote;
        if masks.backslash | self.escaped != 0 {
            quote &= !self.escapes(masks.backslash);
        }
        let in_text = V::parity(quote) ^ self.in_text;
        self.in_text = (in_text.cast_signed() >> 63).cast_unsigned();
        Block { open: masks.open & !in_text, close: masks.close & !in_text }
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

/// Whether all of these objects and lists may open where they do: a list may anywhere.
#[inline(always)]
fn check(bytes: &[u8], base: usize, mut open: u64) -> Result<(), Cut> {
    while open != 0 {
        let at = base + open.trailing_zeros() as usize;
        if bytes[at] == b'{' && !matches!(bytes[at - 1], b'[' | b',' | b':') {
            check_behind(bytes, at)?;
        }
        open &= open - 1;
    }
    Ok(())
}

/// Whether an object may open where it is not right behind `[`, `,` or `:`.
#[cold]
fn check_behind(bytes: &[u8], at: usize) -> Result<(), Cut> {
    match bytes[..at].trim_ascii_end().last() {
        Some(b'[' | b',') => Ok(()),
        Some(b':') if bytes[at - 1] != b'\n' => Ok(()),
        _ => Err(Cut::Damaged(at)),
    }
}

/// The closing bracket with which `depth` open ones are closed, if it is in the block.
#[inline(always)]
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
    use crate::lex::value_end;
    use crate::simd::Width;

    #[track_caller]
    fn check(text: &str, expected: Result<usize, Cut>) {
        for pad in [0, 1, 61, 63] {
            let padded = format!("{}{text}", " ".repeat(pad));
            let expected = match expected {
                Ok(end) => Ok(end + pad),
                Err(Cut::Damaged(at)) => Err(Cut::Damaged(at + pad)),
                Err(Cut::Short) => Err(Cut::Short),
            };
            for width in Width::all() {
                assert_eq!(width.run(Pass(padded.as_bytes(), pad + 1)), expected, "{text}");
            }
        }
    }

    #[test]
    fn nested_values_are_passed() {
        check(r#"{"a":"}"} "#, Ok(9));
        check("[[1,{}],2],", Ok(10));
        check("[{}],", Ok(4));
        check(r#"{"a":1"#, Err(Cut::Short));
        check("{{}}", Err(Cut::Damaged(1)));
        check("{\"a\":{\n{\"b\":1}", Err(Cut::Damaged(7)));
        check("{\"a\":[2\n{\"b\":1}", Err(Cut::Damaged(8)));
        check("{\"a\":\n{\"b\":1}", Err(Cut::Damaged(6)));
        check("{\"a\":{\"b\":[\n{\n}\n,\n{}]}}", Ok(23));
        check("{\"a\": {\"b\": [ {} , {} ] } }{", Ok(27));
        let deep = 100_000;
        check(&format!("{}{}", "[".repeat(deep), "]".repeat(deep)), Ok(2 * deep));
    }

    #[test]
    fn it_ends_where_a_plain_walk_ends() {
        let alphabet = br#""""\{}[],: abc"#;
        let mut state = 3_u64;
        for length in 0..4_000 {
            let mut text = vec![b'['];
            text.extend((0..length % 300).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(11);
                alphabet[(state >> 40) as usize % alphabet.len()]
            }));
            let shown = String::from_utf8_lossy(&text);
            let found: Vec<_> =
                Width::all().into_iter().map(|width| width.run(Pass(&text, 1))).collect();
            assert!(found.iter().all(|one| *one == found[0]), "{shown}");
            // A backslash outside of texts is no JSON: the plain walk does not know it.
            if let (Ok(end), false) = (found[0], text.contains(&b'\\')) {
                assert_eq!(value_end(&text, 0), Ok(end), "{shown}");
            }
        }
    }
}
