//! What 64 bytes at a time are to the structure of JSON: with AVX-512 or AVX2 where the
//! processor has it, else byte by byte.
//!
//! The one place of `unsafe`. Each block says which of these invariants makes it sound:
//!
//! - **A**: a function that needs a feature is called only through [`classifier`], after
//!   the processor was asked for the feature.
//! - **B**: a load reads 64 bytes, or 32 bytes at offset 0 or 32, of an array of 64.

#![expect(unsafe_code, reason = "vector loads and calls behind a feature test, as the head says")]

/// What 64 bytes are, a bit for each, the first byte the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// `"` that opens or closes a text.
    pub(crate) quote: u64,
    /// `{` and `[` outside of texts.
    pub(crate) open: u64,
    /// `}` and `]` outside of texts.
    pub(crate) close: u64,
    /// `,` and `:` outside of texts.
    pub(crate) between: u64,
    /// `{` outside of texts that is not right behind `[`, `,` or `:`.
    pub(crate) stray: u64,
}

/// What the bytes before a block carry over to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carry {
    /// All ones inside a text.
    in_text: u64,
    /// 1 when the first byte stands behind a backslash that counts.
    escaped: u64,
    /// 1 when the first byte stands right behind `[`, `,` or `:`.
    behind: u64,
    /// Not 0 when there was a backslash.
    backslash: u64,
}

/// How many blocks are classified in one go.
pub(crate) const AHEAD: usize = 4;

/// A function that classifies at most [`AHEAD`] blocks.
pub(crate) type Classify = fn(&[[u8; 64]], &mut Carry, &mut [Block; AHEAD]);

/// The fastest way this processor has.
pub(crate) fn classifier() -> Classify {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512bw") && has!("pclmulqdq") {
            // SAFETY: A, the features were just asked for.
            return |bytes, carry, blocks| unsafe { wide::avx512(bytes, carry, blocks) };
        }
        if has!("avx2") && has!("pclmulqdq") {
            // SAFETY: A, the features were just asked for.
            return |bytes, carry, blocks| unsafe { wide::avx2(bytes, carry, blocks) };
        }
    }
    bytewise
}

/// The reference: byte by byte, for any processor.
pub(crate) fn bytewise(bytes: &[[u8; 64]], carry: &mut Carry, blocks: &mut [Block; AHEAD]) {
    for (bytes, block) in bytes.iter().zip(blocks) {
        let mut masks = Masks::default();
        for (at, byte) in bytes.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                b'"' => masks.quote |= bit,
                b'\\' => masks.backslash |= bit,
                b'{' => {
                    masks.brace |= bit;
                    masks.open |= bit;
                }
                b'[' => masks.open |= bit,
                b'}' | b']' => masks.close |= bit,
                b',' | b':' => masks.between |= bit,
                _ => {}
            }
        }
        *block = carry.enter(masks, |mut bits| {
            for shift in [1, 2, 4, 8, 16, 32] {
                bits ^= bits << shift;
            }
            bits
        });
    }
}

/// Which of 64 bytes are which, in texts or not.
#[derive(Clone, Copy, Debug, Default)]
struct Masks {
    quote: u64,
    backslash: u64,
    brace: u64,
    /// `{` and `[`.
    open: u64,
    /// `}` and `]`.
    close: u64,
    /// `,` and `:`.
    between: u64,
}

impl Carry {
    /// Whether there was a backslash in the blocks so far.
    pub(crate) fn has_backslash(&self) -> bool {
        self.backslash != 0
    }

    /// A block out of its masks; `parity` says for each bit whether the bits up to and
    /// with it are odd in number.
    #[inline(always)]
    fn enter(&mut self, masks: Masks, parity: impl Fn(u64) -> u64) -> Block {
        let mut quote = masks.quote;
        self.backslash |= masks.backslash;
        if masks.backslash | self.escaped != 0 {
            quote &= !self.escapes(masks.backslash);
        }
        let in_text = parity(quote) ^ self.in_text;
        self.in_text = (in_text.cast_signed() >> 63).cast_unsigned();
        let outside = !in_text;
        let (open, between) = (masks.open & outside, masks.between & outside);
        let brace = masks.brace & outside;
        let before = between | (open & !brace);
        let stray = brace & !(before << 1 | self.behind);
        self.behind = before >> 63;
        Block { quote, open, close: masks.close & outside, between, stray }
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

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{AHEAD, Block, Carry, Masks};
    use std::arch::x86_64::{
        __m256i, __m512i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_or_si512,
        _mm512_set1_epi8,
    };

    /// For each bit whether the bits up to and with it are odd in number: a product
    /// without carries by all ones.
    #[target_feature(enable = "pclmulqdq")]
    #[inline]
    fn parity(bits: u64) -> u64 {
        let bits = _mm_set_epi64x(0, bits.cast_signed());
        let product = _mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    }

    #[target_feature(enable = "avx512f,avx512bw,pclmulqdq")]
    pub(super) fn avx512(bytes: &[[u8; 64]], carry: &mut Carry, blocks: &mut [Block; AHEAD]) {
        for (bytes, block) in bytes.iter().zip(blocks) {
            // SAFETY: B.
            let all = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast::<__m512i>()) };
            // `[` and `{`, `]` and `}` differ in one bit.
            let set = _mm512_or_si512(all, _mm512_set1_epi8(0x20));
            let is = |bytes, byte: u8| {
                _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()))
            };
            let masks = Masks {
                quote: is(all, b'"'),
                backslash: is(all, b'\\'),
                brace: is(all, b'{'),
                open: is(set, b'{'),
                close: is(set, b'}'),
                between: is(all, b',') | is(all, b':'),
            };
            *block = carry.enter(masks, |bits| parity(bits));
        }
    }

    #[target_feature(enable = "avx2,pclmulqdq")]
    pub(super) fn avx2(bytes: &[[u8; 64]], carry: &mut Carry, blocks: &mut [Block; AHEAD]) {
        for (bytes, block) in bytes.iter().zip(blocks) {
            // SAFETY: B.
            let low = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
            // SAFETY: B.
            let high = unsafe { _mm256_loadu_si256(bytes.as_ptr().add(32).cast::<__m256i>()) };
            let one = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
            let set = (_mm256_or_si256(low, one(0x20)), _mm256_or_si256(high, one(0x20)));
            let bit = |half: __m256i| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
            let is = |(low, high), byte: u8| {
                bit(_mm256_cmpeq_epi8(low, one(byte)))
                    | bit(_mm256_cmpeq_epi8(high, one(byte))) << 32
            };
            let all = (low, high);
            let masks = Masks {
                quote: is(all, b'"'),
                backslash: is(all, b'\\'),
                brace: is(all, b'{'),
                open: is(set, b'{'),
                close: is(set, b'}'),
                between: is(all, b',') | is(all, b':'),
            };
            *block = carry.enter(masks, |bits| parity(bits));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way that this processor has, beside the reference.
    fn ways() -> Vec<Classify> {
        let mut ways = vec![classifier()];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
        {
            // SAFETY: A, the features were just asked for.
            ways.push(|bytes, carry, blocks| unsafe { wide::avx2(bytes, carry, blocks) });
        }
        ways
    }

    #[test]
    fn all_ways_give_the_same_blocks() {
        let mut state = 7_u64;
        let alphabet = b"\"\"\\{}[],: \nax\x00\x02\x0c\x1a[\x5b\x5d\x7b\x7d\xfb\xfd\xff\x3b\x2d";
        let mut carries = [Carry::default(); 3];
        for _ in 0..10_000 {
            let mut bytes = [[0; 64]; AHEAD];
            for byte in bytes.as_flattened_mut() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let draw = (state >> 33) as usize;
                *byte = if draw.is_multiple_of(5) {
                    (draw >> 8) as u8
                } else {
                    alphabet[draw % alphabet.len()]
                };
            }
            let count = 1 + (state >> 60) as usize % AHEAD;
            let mut expected = [Block::default(); AHEAD];
            bytewise(&bytes[..count], &mut carries[0], &mut expected);
            for (way, at) in ways().into_iter().zip(1..) {
                let mut blocks = [Block::default(); AHEAD];
                way(&bytes[..count], &mut carries[at], &mut blocks);
                assert_eq!(blocks, expected, "{bytes:?}");
                assert_eq!(carries[at], carries[0]);
            }
        }
    }
}
