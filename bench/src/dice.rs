//! Seeded chance, and names that follow from a hash instead of from storage.
//!
//! [`Dice`] is a stream cipher read as numbers. The arithmetic that turns its words into
//! ranges is here and not in a library, so an update of one cannot change an archive.
//! [`mix`] and [`hash`] give every resource of the made-up world its identifier: the same
//! question has the same answer, and nothing is kept.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALNUM: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AZ";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A scrambled form of `value`; equal values give equal results.
///
/// Source: Steele, Lea, Flood 2014, the finaliser of SplitMix.
#[must_use]
pub fn mix(value: u64) -> u64 {
    let a = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

/// A hash of `text` under `salt`.
#[must_use]
pub fn hash(salt: u64, text: &str) -> u64 {
    text.bytes().fold(mix(salt), |h, b| mix(h ^ u64::from(b)))
}

/// Appends `count` hexadecimal digits that follow from `seed`.
pub fn push_hex(out: &mut String, seed: u64, count: usize) {
    push_from(out, seed, count, HEX);
}

/// Appends `count` upper-case letters and digits (base 32) that follow from `seed`.
pub fn push_upper(out: &mut String, seed: u64, count: usize) {
    push_from(out, seed, count, UPPER);
}

/// Appends a UUID that follows from `seed`.
pub fn push_uuid(out: &mut String, seed: u64) {
    for (part, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if part > 0 {
            out.push('-');
        }
        push_hex(out, seed ^ ((part as u64) << 56), count);
    }
}

fn push_from(out: &mut String, seed: u64, count: usize, alphabet: &[u8]) {
    let mut word = 0;
    for at in 0..count {
        if at % 12 == 0 {
            word = mix(seed.wrapping_add((at / 12) as u64));
        }
        out.push(char::from(alphabet[word as usize % alphabet.len()]));
        word >>= 5;
    }
}

/// A stream of chance that depends on nothing but its seed and its number.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream with this number under this seed; streams do not influence each other.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        for (at, part) in key.chunks_exact_mut(8).enumerate() {
            part.copy_from_slice(&mix(seed.wrapping_add(at as u64)).to_le_bytes());
        }
        let mut cipher = ChaCha8Rng::from_seed(key);
        cipher.set_stream(stream);
        Self(cipher)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number below `bound` that is mostly small: the least of three.
    pub fn skewed(&mut self, bound: u64) -> u64 {
        self.below(bound).min(self.below(bound)).min(self.below(bound))
    }

    /// True with probability `share`.
    pub fn chance(&mut self, share: f64) -> bool {
        ((self.0.next_u64() >> 11) as f64) < share * 9_007_199_254_740_992.0
    }

    /// 64 fresh bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// One of `choices`, or nothing if there is none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len() as u64) as usize)
    }

    /// Puts `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at as u64 + 1) as usize);
        }
    }

    /// Appends a fresh random (version 4) UUID.
    pub fn push_uuid(&mut self, out: &mut String) {
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        for at in 0..32 {
            if matches!(at, 8 | 12 | 16 | 20) {
                out.push('-');
            }
            let nibble = (bits >> (124 - at * 4)) as usize & 15;
            let digit = match at {
                12 => 4,
                16 => 8 | (nibble & 3),
                _ => nibble,
            };
            out.push(char::from(HEX[digit]));
        }
    }

    /// Appends `count` fresh letters and digits.
    pub fn push_alnum(&mut self, out: &mut String, count: usize) {
        self.push_six(out, count, ALNUM);
    }

    /// Appends `count` fresh characters of base 64.
    pub fn push_base64(&mut self, out: &mut String, count: usize) {
        self.push_six(out, count, BASE64);
    }

    /// Appends `count` fresh upper-case letters and digits.
    pub fn push_upper(&mut self, out: &mut String, count: usize) {
        let seed = self.bits();
        push_upper(out, seed, count);
    }

    fn push_six(&mut self, out: &mut String, count: usize, alphabet: &[u8; 64]) {
        let mut word = 0;
        for at in 0..count {
            if at % 10 == 0 {
                word = self.bits();
            }
            out.push(char::from(alphabet[word as usize & 63]));
            word >>= 6;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, stream| Dice::new(seed, stream).bits();
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    #[test]
    fn uuids_have_their_version_and_variant() {
        let mut text = String::new();
        Dice::new(7, 0).push_uuid(&mut text);
        let parts: Vec<&str> = text.split('-').collect();
        assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4') && "89ab".contains(&parts[3][..1]), "{text}");
    }

    #[test]
    fn chance_keeps_its_share() {
        let mut dice = Dice::new(3, 0);
        let hits = (0..100_000).filter(|_| dice.chance(0.2)).count();
        assert!((19_400..20_600).contains(&hits), "{hits}");
    }
}
