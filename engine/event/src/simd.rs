//! What 64 bytes are to the structure of JSON: with AVX2 where the processor has it, else byte
//! by byte. AVX-512 was measured and is slower here: most texts end within 32 bytes.
//!
//! A [`Work`] is compiled once for each [`Vector`] and runs with the fastest one there is.
//!
//! The one place of `unsafe`. Each block says which of these invariants makes it sound:
//!
//! - **A**: a vector that needs a feature is named only by the function that has the feature,
//!   and that function is called only for a [`Width`] that was made after the processor was
//!   asked for it.
//! - **B**: a load reads 64 bytes, or 32 bytes at offset 0 or 32, of an array of 64, or the 32 of
//!   an array of 32.
//! - **C**: ASCII is UTF-8.
//! - **D**: a vector is its numbers, and any bits are one.
//! - **E**: a hint about a place reads and writes nothing.

#![expect(
    unsafe_code,
    reason = "vectors, calls behind a feature test, ASCII as text: the head says why"
)]

/// Which of 64 bytes are which, a bit for each, the first byte the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// `"`.
    pub(crate) quote: u64,
    /// `\`.
    pub(crate) backslash: u64,
    /// `{` and `[`.
    pub(crate) open: u64,
    /// `}` and `]`.
    pub(crate) close: u64,
}

impl Masks {
    /// Out of where a byte is, and where it is but for the bit 0x20: `[` and `{`, `]` and `}`
    /// differ in that one.
    #[inline(always)]
    fn of(is: impl Fn(u8) -> u64, is_but: impl Fn(u8) -> u64) -> Self {
        Self { quote: is(b'"'), backslash: is(b'\\'), open: is_but(b'{'), close: is_but(b'}') }
    }
}

/// How many numbers of 64 bits stand in 64 bytes.
pub(crate) const LANES: usize = 8;

/// How many bytes are summed in a step: several vectors, so that little goes to the loop.
pub(crate) const STEP: usize = 256;

/// What blocks are summed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    /// A key for each lane of the first 64 bytes.
    pub(crate) lanes: [u64; LANES],
    /// What they go on by from 64 bytes to the next.
    pub(crate) step: u64,
}

/// A way to look at 64 bytes.
pub(crate) trait Vector {
    /// Whether the walk passes in one go what is likely; the reference goes step by step.
    const HURRIES: bool = true;
    /// Where `"` is, and where `\`, as far as the first `"`; what is behind it may be left out.
    fn text(bytes: &[u8; 64]) -> (u64, u64);
    /// Where everything is that structures JSON.
    fn masks(bytes: &[u8; 64]) -> Masks;
    /// Whether bytes begin with the first `length` bytes of a text, at most 32.
    fn begins(bytes: &[u8; 32], text: &[u8; 32], length: u8) -> bool;
    /// For each bit whether the bits up to and with it are odd in number.
    fn parity(bits: u64) -> u64;
    /// By lane: each number is mixed with its key, its halves are multiplied, and the products
    /// are summed.
    fn sums(blocks: &[[u8; STEP]], keys: Keys) -> [u64; LANES];
    /// Do some work in a function of its own, so that it leaves the registers of the caller alone.
    fn apart<W: Work>(work: W) -> W::Out;
}

/// What is compiled once for each vector.
pub(crate) trait Work {
    /// What comes out of it.
    type Out;
    /// Do it. To be inlined always, so that it is compiled with the vector's features.
    fn run<V: Vector>(self) -> Self::Out;
}

/// The vector to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Bytewise,
}

impl Width {
    /// The reference: byte by byte, for any processor.
    pub(crate) const BYTEWISE: Self = Self(Kind::Bytewise);

    /// The fastest one that this processor has.
    pub(crate) fn fastest() -> Self {
        Self::all().into_iter().next().unwrap_or(Self::BYTEWISE)
    }

    /// All that this processor has, the fastest first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("pclmulqdq") && has!("bmi2") {
                all.push(Self(Kind::Avx2));
            }
        }
        all.push(Self::BYTEWISE);
        all
    }

    /// Do some work with it.
    #[inline]
    pub(crate) fn run<W: Work>(self, work: W) -> W::Out {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: A.
            Kind::Avx2 => unsafe { wide::avx2(work) },
            Kind::Bytewise => work.run::<Bytewise>(),
        }
    }
}

/// The bytes as text, if they are UTF-8; ASCII is told at many bytes a step.
pub(crate) fn as_text(bytes: &[u8], width: Width) -> Option<&str> {
    if width.run(IsAscii(bytes)) {
        // SAFETY: C.
        return Some(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes).ok()
}

/// Have memory bring a value that is asked for soon: nobody waits for it.
#[inline]
pub fn bring<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: E.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Whether bytes are ASCII, as work for a vector: the compiler makes the steps wide.
struct IsAscii<'a>(&'a [u8]);

impl Work for IsAscii<'_> {
    type Out = bool;

    #[inline(always)]
    fn run<V: Vector>(self) -> bool {
        let Some(last) = self.0.last_chunk::<STEP>() else { return self.0.is_ascii() };
        let mut all = *last;
        for block in self.0.as_chunks::<STEP>().0 {
            for (all, byte) in all.iter_mut().zip(block) {
                *all |= byte;
            }
        }
        all.iter().fold(0, |all, byte| all | byte) < 0x80
    }
}

/// Byte by byte.
struct Bytewise;

impl Vector for Bytewise {
    const HURRIES: bool = false;

    fn apart<W: Work>(work: W) -> W::Out {
        work.run::<Self>()
    }

    fn text(bytes: &[u8; 64]) -> (u64, u64) {
        let masks = Self::masks(bytes);
        (masks.quote, masks.backslash)
    }

    fn masks(bytes: &[u8; 64]) -> Masks {
        let mut masks = Masks::default();
        for (at, byte) in bytes.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                b'"' => masks.quote |= bit,
                b'\\' => masks.backslash |= bit,
                b'{' | b'[' => masks.open |= bit,
                b'}' | b']' => masks.close |= bit,
                _ => {}
            }
        }
        masks
    }

    fn begins(bytes: &[u8; 32], text: &[u8; 32], length: u8) -> bool {
        bytes[..usize::from(length)] == text[..usize::from(length)]
    }

    fn parity(mut bits: u64) -> u64 {
        for shift in [1, 2, 4, 8, 16, 32] {
            bits ^= bits << shift;
        }
        bits
    }

    fn sums(blocks: &[[u8; STEP]], mut keys: Keys) -> [u64; LANES] {
        let mut sums = [0_u64; LANES];
        for block in blocks.as_flattened().as_chunks::<64>().0 {
            let lanes = sums.iter_mut().zip(&mut keys.lanes);
            for ((sum, key), number) in lanes.zip(block.as_chunks::<8>().0) {
                let mixed = u64::from_le_bytes(*number) ^ *key;
                *sum = sum.wrapping_add((mixed & 0xFFFF_FFFF) * (mixed >> 32));
                *key = key.wrapping_add(keys.step);
            }
        }
        sums
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{Keys, LANES, Masks, STEP, Vector, Work};
    use std::arch::x86_64::{
        __m256i, _bzhi_u32, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_add_epi64, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
        _mm256_mul_epu32, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi64x,
        _mm256_setzero_si256, _mm256_srli_epi64, _mm256_xor_si256,
    };
    use std::mem::transmute;

    #[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn avx2<W: Work>(work: W) -> W::Out {
        work.run::<Avx2>()
    }

    /// 64 bytes in two registers.
    struct Avx2;

    impl Vector for Avx2 {
        #[inline(always)]
        fn apart<W: Work>(work: W) -> W::Out {
            // SAFETY: A.
            unsafe { avx2(work) }
        }

        #[inline(always)]
        fn text(bytes: &[u8; 64]) -> (u64, u64) {
            // SAFETY: A.
            unsafe {
                let (low, high) = load(bytes);
                let none = _mm256_setzero_si256();
                let (quote, backslash) = (is((low, none), b'"'), is((low, none), b'\\'));
                if quote != 0 {
                    return (quote, backslash);
                }
                (is((none, high), b'"'), backslash | is((none, high), b'\\'))
            }
        }

        #[inline(always)]
        fn masks(bytes: &[u8; 64]) -> Masks {
            // SAFETY: A.
            unsafe {
                let all = load(bytes);
                let bit = _mm256_set1_epi8(0x20);
                let set = (_mm256_or_si256(all.0, bit), _mm256_or_si256(all.1, bit));
                Masks::of(|byte| is(all, byte), |byte| is(set, byte))
            }
        }

        #[inline(always)]
        fn begins(bytes: &[u8; 32], text: &[u8; 32], length: u8) -> bool {
            // SAFETY: A.
            unsafe { begins(bytes, text, length) }
        }

        #[inline(always)]
        fn parity(bits: u64) -> u64 {
            // SAFETY: A.
            unsafe { product(bits) }
        }

        #[inline(always)]
        fn sums(blocks: &[[u8; STEP]], keys: Keys) -> [u64; LANES] {
            // SAFETY: A, D.
            unsafe {
                let mut key = transmute::<[u64; LANES], [__m256i; 2]>(keys.lanes);
                let step = _mm256_set1_epi64x(keys.step.cast_signed());
                let mut sums = [_mm256_setzero_si256(); 2];
                for bytes in blocks {
                    for block in bytes.as_chunks::<64>().0 {
                        let numbers = load(block);
                        for (half, number) in [numbers.0, numbers.1].into_iter().enumerate() {
                            let mixed = _mm256_xor_si256(number, key[half]);
                            let product = _mm256_mul_epu32(mixed, _mm256_srli_epi64::<32>(mixed));
                            sums[half] = _mm256_add_epi64(sums[half], product);
                            key[half] = _mm256_add_epi64(key[half], step);
                        }
                    }
                }
                transmute::<[__m256i; 2], [u64; LANES]>(sums)
            }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(bytes: &[u8; 64]) -> (__m256i, __m256i) {
        // SAFETY: B.
        unsafe {
            (
                _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()),
                _mm256_loadu_si256(bytes.as_ptr().add(32).cast::<__m256i>()),
            )
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn is((low, high): (__m256i, __m256i), byte: u8) -> u64 {
        let all = _mm256_set1_epi8(byte.cast_signed());
        let bits = |half: __m256i| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
        bits(_mm256_cmpeq_epi8(low, all)) | bits(_mm256_cmpeq_epi8(high, all)) << 32
    }

    #[target_feature(enable = "avx2,bmi2")]
    #[inline]
    fn begins(bytes: &[u8; 32], text: &[u8; 32], length: u8) -> bool {
        // SAFETY: B.
        let same = unsafe {
            let bytes = _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>());
            let text = _mm256_loadu_si256(text.as_ptr().cast::<__m256i>());
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, text)).cast_unsigned()
        };
        _bzhi_u32(!same, u32::from(length)) == 0
    }

    /// A product without carries by all ones.
    #[target_feature(enable = "pclmulqdq")]
    #[inline]
    fn product(bits: u64) -> u64 {
        let bits = _mm_set_epi64x(0, bits.cast_signed());
        let product = _mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Look<'a>(&'a [u8; 64]);

    impl Work for Look<'_> {
        type Out = ((u64, u64), Masks, u64, ([bool; 33], [u64; LANES]));

        fn run<V: Vector>(self) -> Self::Out {
            let masks = V::masks(self.0);
            let (bytes, text) = self.0.split_at(32);
            let (bytes, mut text) = (bytes.try_into().unwrap(), text.try_into().unwrap());
            let begins = std::array::from_fn(|length| {
                let begins = V::begins(bytes, &text, length as u8);
                if let (Some(there), Some(byte)) = (text.get_mut(length), bytes.get(length))
                    && byte % 8 != 0
                {
                    *there = *byte;
                }
                begins
            });
            let keys = Keys { lanes: [3, 1 << 40, 5, u64::MAX, 7, 9, 1, 2], step: 3 << 31 };
            let bytes = [*self.0; 8];
            let sums = V::sums(bytes.as_flattened().as_chunks().0, keys);
            let (quote, backslash) = V::text(self.0);
            let upto = quote ^ quote.wrapping_sub(1);
            ((quote & upto, backslash & upto), masks, V::parity(masks.quote), (begins, sums))
        }
    }

    #[test]
    fn all_widths_see_the_same() {
        let mut state = 7_u64;
        let alphabet = b"\"\"\\{}[],: \nax\x00\x02\x0c\x1a[\x5b\x5d\x7b\x7d\xfb\xfd\xff\x3b\x2d";
        for _ in 0..20_000 {
            let mut bytes = [0; 64];
            for byte in &mut bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let draw = (state >> 33) as usize;
                *byte = if draw.is_multiple_of(5) {
                    (draw >> 8) as u8
                } else {
                    alphabet[draw % alphabet.len()]
                };
            }
            let expected = Width::BYTEWISE.run(Look(&bytes));
            for width in Width::all() {
                assert_eq!(width.run(Look(&bytes)), expected, "{width:?} {bytes:?}");
            }
        }
    }
}
