//! A hasher for keys that are hashes already, of groups and of tuples.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes hashers of keys that are hashes already.
pub type AsHashed = BuildHasherDefault<Hashed>;

/// A key that is a hash already, and what stands beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    /// A number beside it, such as a rule's.
    #[inline]
    fn write_u32(&mut self, number: u32) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = (self.0.rotate_left(5) ^ u64::from(number)).wrapping_mul(ODD);
    }

    #[inline]
    fn write_u128(&mut self, hash: u128) {
        self.0 ^= hash as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
