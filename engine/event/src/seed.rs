//! Numbers that stand for bytes within one run: what tells events, and copies, apart.
//!
//! Two ways of one seed: [`Chain`] for a few texts one after another, 16 bytes a step;
//! [`Seed::number`] for a whole record, [`STEP`] bytes a step. It knows nothing of JSON.
//!
//! # Invariants
//!
//! - Equal bytes give equal numbers, whatever the vector; the same text ends a chain alike
//!   wherever it lies.
//! - Nothing that is written depends on a seed.

use crate::simd::{Keys, LANES, STEP, Vector, Width, Work};
use std::hash::BuildHasher;
use std::slice;

/// What a run draws once: nobody who writes records knows which numbers they get.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    blocks: Keys,
    /// Of the block at the end, which may overlap the one before it.
    last: Keys,
    texts: Texts,
}

/// What texts are mixed with.
#[derive(Clone, Copy, Debug)]
struct Texts {
    start: u64,
    length: u64,
    /// 16 bytes, and the last ones of a text, which may be the same.
    blocks: u64,
    end: u64,
    /// What the number of those before is multiplied by.
    place: u64,
}

impl Seed {
    /// A seed out of a random hasher.
    #[must_use]
    pub fn new(random: &impl BuildHasher) -> Self {
        let keys = |from: usize| {
            let draw = |at: usize| random.hash_one(from + at);
            // Odd in both halves: no two blocks within 2³² have the same keys.
            Keys { lanes: std::array::from_fn(draw), step: draw(LANES) | 1 << 32 | 1 }
        };
        let [start, length, blocks, end, place] =
            [100, 101, 102, 103, 104].map(|at: usize| random.hash_one(at));
        // Three more than a multiple of four: neither it nor one less loses more than a bit.
        let texts = Texts { start, length, blocks, end, place: place | 3 };
        Self { blocks: keys(0), last: keys(50), texts }
    }

    /// A chain that begins with no text.
    pub(crate) fn chain(&self) -> Chain {
        Chain { sum: 0, texts: self.texts }
    }

    /// A number that different bytes share as good as never.
    pub(crate) fn number(&self, bytes: &[u8], width: Width) -> u64 {
        let lanes = width.run(Sum { seed: self, bytes });
        let Texts { start, blocks, .. } = self.texts;
        let pairs = lanes.as_chunks::<2>().0;
        pairs.iter().fold(start ^ bytes.len() as u64, |sum, [a, b]| folded(sum ^ a, b ^ blocks))
    }
}

/// The number of texts in their order, each with its length: no two ways to divide the same
/// letters are alike. No text waits for the number of the one before it.
#[derive(Debug)]
pub(crate) struct Chain {
    sum: u64,
    texts: Texts,
}

impl Chain {
    /// Go on by a text.
    #[inline(always)]
    pub(crate) fn add(&mut self, text: &[u8]) {
        self.sum = self.sum.wrapping_mul(self.texts.place);
        if text.is_empty() {
            return;
        }
        let Texts { start, length, blocks, end, .. } = self.texts;
        let mut sum = start.wrapping_add(length.wrapping_mul(text.len() as u64));
        let (a, b) = match (text.first_chunk::<16>(), text.last_chunk::<16>()) {
            (Some(first), Some(last)) => {
                let (a, b) = halves(first);
                sum = folded(sum ^ a, b ^ blocks);
                if text.len() > 32 {
                    let (pairs, rest) = text[16..text.len() - 1].as_chunks::<32>();
                    // Two sums, so that less waits for the product before it.
                    let mut other = start;
                    for pair in pairs {
                        let [one, two] = pair.as_chunks().0 else { break };
                        let (a, b) = halves(one);
                        sum = folded(sum ^ a, b ^ blocks);
                        let (a, b) = halves(two);
                        other = folded(other ^ a, b ^ end);
                    }
                    if let Some(block) = rest.first_chunk() {
                        let (a, b) = halves(block);
                        sum = folded(sum ^ a, b ^ blocks);
                    }
                    sum = sum.wrapping_add(other);
                }
                halves(last)
            }
            _ => ends(text),
        };
        self.sum = self.sum.wrapping_add(folded(sum ^ a, b ^ end));
    }

    /// The number of all that was added.
    pub(crate) fn number(self) -> u64 {
        folded(self.sum ^ self.texts.start, self.texts.end)
    }
}

#[inline(always)]
fn halves(block: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*block);
    (both as u64, (both >> 64) as u64)
}

/// The first and the last bytes of a short text, which are all of it.
#[inline(always)]
fn ends(text: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    let at = |place: usize| text.get(place).map_or(0, |byte| u64::from(*byte));
    (at(0) << 8 | at(1), at(2))
}

/// The halves of a product, one over the other.
#[inline(always)]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The sums of all lanes, as work for a vector.
struct Sum<'a> {
    seed: &'a Seed,
    bytes: &'a [u8],
}

impl Work for Sum<'_> {
    type Out = [u64; LANES];

    #[inline(always)]
    fn run<V: Vector>(self) -> [u64; LANES] {
        let (blocks, rest) = self.bytes.as_chunks::<STEP>();
        let sums = V::sums(blocks, self.seed.blocks);
        // Only few bytes are padded; where there are more, the last block overlaps others.
        let last = match self.bytes.last_chunk::<STEP>() {
            Some(last) => V::sums(slice::from_ref(last), self.seed.last),
            None => {
                let mut padded = [0; STEP];
                padded[..rest.len()].copy_from_slice(rest);
                V::sums(&[padded], self.seed.last)
            }
        };
        std::array::from_fn(|lane| sums[lane].wrapping_add(last[lane]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::{BuildHasherDefault, DefaultHasher};

    fn seed() -> Seed {
        Seed::new(&BuildHasherDefault::<DefaultHasher>::default())
    }

    #[test]
    fn all_widths_give_one_number_and_any_changed_byte_another() {
        let seed = seed();
        for length in [0, 1, 63, 64, 65, 255, 256, 257, 511, 512, 513, 1_400] {
            let mut bytes: Vec<u8> = (0..length).map(|at| (at * 7 % 96) as u8 + 32).collect();
            let mut met = HashSet::from([seed.number(&bytes, Width::BYTEWISE)]);
            for at in 0..length {
                for bit in [0, 3, 7] {
                    bytes[at] ^= 1 << bit;
                    let number = seed.number(&bytes, Width::BYTEWISE);
                    for width in Width::all() {
                        assert_eq!(seed.number(&bytes, width), number, "{width:?} {length}");
                    }
                    assert!(met.insert(number), "{length} {at} {bit}");
                    bytes[at] ^= 1 << bit;
                }
            }
            bytes.push(0);
            assert!(met.insert(seed.number(&bytes, Width::BYTEWISE)), "{length}");
        }
    }

    #[test]
    fn blocks_that_change_places_are_told() {
        let seed = seed();
        let mut bytes: Vec<u8> = (0..256_u32).map(|at| at as u8).collect();
        let before = seed.number(&bytes, Width::fastest());
        bytes.rotate_left(64);
        assert_ne!(seed.number(&bytes, Width::fastest()), before);
        let (first, second) = bytes[..128].split_at_mut(64);
        first.swap_with_slice(second);
        assert_ne!(seed.number(&bytes, Width::fastest()), before);
    }

    #[test]
    fn a_chain_tells_texts_their_order_and_where_they_are_divided() {
        let seed = seed();
        let text: Vec<u8> = (0..80).map(|at| b'a' + at % 26).collect();
        let number = |texts: &[&[u8]]| {
            let mut chain = seed.chain();
            texts.iter().for_each(|text| chain.add(text));
            chain.number()
        };
        let mut met = HashSet::new();
        for length in 0..text.len() {
            assert!(met.insert(number(&[&text[..length], &text[length..]])), "{length}");
            assert!(met.insert(number(&[&text[..length]])), "{length}");
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] ^= 1;
                assert!(met.insert(number(&[&other])), "{length} {at}");
            }
        }
        assert_ne!(number(&[b"one", b"two"]), number(&[b"two", b"one"]));
    }
}
