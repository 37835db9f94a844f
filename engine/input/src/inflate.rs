//! Inflating a whole gzip file at once, or saying that it must go the slow way.
//!
//! The fast path for the files that CloudTrail delivers: one member, a few MiB. The
//! library says neither how much input it used nor whether a second member follows,
//! so its success counts only where the file's last bytes agree with the text and stand
//! nowhere before.
//!
//! # Invariants
//!
//! - What it returns is the whole text of the file, its sum checked.
//! - No allocation follows a size that the file claims: it is bounded by what deflate
//!   can make of the file's length, and by [`LARGEST_WHOLE`].

use crate::LARGEST_WHOLE;
use libdeflater::{Crc, DecompressionError, Decompressor};
use memchr::memmem;

/// The most that deflate makes of one byte.
const DENSEST: usize = 1032;

/// Inflate a file into the front of `text`; the length of the text, or nothing when the
/// file is damaged, has several members or comes to more than [`LARGEST_WHOLE`].
///
/// # Cost
///
/// `text` grows to at most four times what is needed, and the file is inflated again
/// for each growth.
pub(crate) fn inflate_whole(
    stored: &[u8],
    text: &mut Vec<u8>,
    inflater: &mut Decompressor,
) -> Option<usize> {
    // The smallest gzip file has 18 bytes: header, an empty block, sum and length.
    let trailer = stored.len().checked_sub(8).filter(|at| *at >= 10)?;
    let number = |at: usize| {
        stored.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_le_bytes)
    };
    let (sum, claimed) = (number(trailer), number(trailer + 4));
    let most = stored.len().saturating_mul(DENSEST).min(LARGEST_WHOLE);
    let mut room = usize::try_from(claimed).unwrap_or(usize::MAX).min(most).max(1);
    loop {
        if text.len() < room {
            text.resize(room, 0);
        }
        match inflater.gzip_decompress(stored, &mut text[..room]) {
            Ok(length) => {
                let is_all = length as u64 == u64::from(claimed)
                    && (is_first(stored, trailer + 4)
                        || crc(&text[..length]) == sum && is_first(stored, trailer));
                return is_all.then_some(length);
            }
            Err(DecompressionError::InsufficientSpace) if room < most => {
                room = room.max(16 << 10).saturating_mul(4).min(most);
            }
            Err(_) => return None,
        }
    }
}

/// Whether the bytes that end the file stand nowhere before.
///
/// A member ends with its sum and its length, and both were found right. Where its length
/// stands only at the end of the file, or both do, it is the only member.
fn is_first(stored: &[u8], end: usize) -> bool {
    memmem::find(stored, &stored[end..]) == Some(end)
}

fn crc(text: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(text);
    sum.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut writer = GzEncoder::new(Vec::new(), Compression::default());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    #[track_caller]
    fn check(stored: &[u8], expected: Option<usize>, room: usize) {
        let mut text = Vec::new();
        assert_eq!(inflate_whole(stored, &mut text, &mut Decompressor::new()), expected);
        assert!(text.capacity() <= room, "{}", text.capacity());
    }

    #[test]
    fn whole_files_are_inflated_and_others_are_refused() {
        let good = gzip(&[b'a'; 100_000]);
        check(&good, Some(100_000), 100_000);
        check(&[gzip(b"one"), gzip(b"two")].concat(), None, 64);
        check(&[gzip(b"one"), gzip(b"two"), gzip(b"one")].concat(), None, 64);
        check(&[&*good, b"junk"].concat(), None, 100_000 * 4);
        check(&good[..good.len() - 1], None, good.len() * DENSEST);
        check(b"\x1f\x8b", None, 0);
        // Its length stands in its text too.
        let mut stored = GzEncoder::new(Vec::new(), Compression::none());
        stored.write_all(b"\x09\0\0\0eight").unwrap();
        let mut stored = stored.finish().unwrap();
        check(&stored, Some(9), 64);
        stored[12] ^= 1;
        check(&stored, None, 64);
    }

    #[test]
    fn a_false_length_costs_no_memory() {
        let mut large = gzip(b"small");
        let at = large.len() - 4;
        large[at..].copy_from_slice(&u32::MAX.to_le_bytes());
        check(&large, None, large.len() * DENSEST);
        let mut small = gzip(&[b'a'; 1_000_000]);
        let at = small.len() - 4;
        small[at..].copy_from_slice(&1_u32.to_le_bytes());
        check(&small, None, 4_000_000);
    }
}
