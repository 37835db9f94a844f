//! Which of 64 bytes matter to the structure of JSON, as masks: with AVX2 where the
//! processor has it, else byte by byte.
//!
//! The one place of `unsafe`. Each block says which of these invariants makes it sound:
//!
//! - **A**: a function that needs a feature is called only through [`classifier`], after
//!   the processor was asked for the feature.
//! - **B**: a load reads 32 bytes at offset 0 or 32 of an array of 64.

#![expect(unsafe_code, reason = "vector loads and calls behind a feature test, as the head says")]

/// A bit for each of 64 bytes, the first byte the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// `"`.
    pub(crate) quote: u64,
    /// `\`.
    pub(crate) backslash: u64,
    /// `{`.
    pub(crate) brace: u64,
    /// `{` and `[`.
    pub(crate) open: u64,
    /// `}` and `]`.
    pub(crate) close: u64,
    /// `,` and `:`.
    pub(crate) between: u64,
}

/// A function that makes masks.
pub(crate) type Classify = fn(&[u8; 64]) -> Masks;

/// The fastest way this processor has.
pub(crate) fn classifier() -> Classify {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: A, the feature was just asked for.
        return |block| unsafe { avx2(block) };
    }
    bytewise
}

/// The reference: byte by byte, for any processor.
pub(crate) fn bytewise(block: &[u8; 64]) -> Masks {
    let mut masks = Masks::default();
    for (at, byte) in block.iter().enumerate() {
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
    masks
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(block: &[u8; 64]) -> Masks {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };
    // SAFETY: B.
    let low = unsafe { _mm256_loadu_si256(block.as_ptr().cast::<__m256i>()) };
    // SAFETY: B.
    let high = unsafe { _mm256_loadu_si256(block.as_ptr().add(32).cast::<__m256i>()) };
    let join = |low: __m256i, high: __m256i| {
        let half = |half: __m256i| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
        half(low) | half(high) << 32
    };
    let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
    let is = |byte: u8| join(_mm256_cmpeq_epi8(low, all(byte)), _mm256_cmpeq_epi8(high, all(byte)));
    // `[` and `{`, `]` and `}` differ in one bit.
    let (low_set, high_set) = (_mm256_or_si256(low, all(0x20)), _mm256_or_si256(high, all(0x20)));
    let is_either = |byte: u8| {
        join(_mm256_cmpeq_epi8(low_set, all(byte)), _mm256_cmpeq_epi8(high_set, all(byte)))
    };
    let is_one_of = |a: u8, b: u8| {
        let one = |bytes| {
            _mm256_or_si256(_mm256_cmpeq_epi8(bytes, all(a)), _mm256_cmpeq_epi8(bytes, all(b)))
        };
        join(one(low), one(high))
    };
    Masks {
        quote: is(b'"'),
        backslash: is(b'\\'),
        brace: is(b'{'),
        open: is_either(b'{'),
        close: is_either(b'}'),
        between: is_one_of(b',', b':'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_give_the_same_masks() {
        let mut state = 7_u64;
        let alphabet = b"\"\\{}[],: \nax\x00\x02\x0c\x1a[\x5b\x5d\x7b\x7d\xfb\xfd\xff\x3b\x2d";
        for _ in 0..20_000 {
            let mut block = [0; 64];
            for byte in &mut block {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let draw = (state >> 33) as usize;
                *byte = if draw.is_multiple_of(5) {
                    (draw >> 8) as u8
                } else {
                    alphabet[draw % alphabet.len()]
                };
            }
            assert_eq!(classifier()(&block), bytewise(&block), "{block:?}");
        }
    }
}
