//! How an input is compressed, told by its first bytes whatever its name.

use std::fmt;

/// A way in which an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip, of any number of members.
    Gzip,
    /// Zstandard, of any number of frames.
    Zstd,
}

/// How many of the first bytes tell: 4.
pub(crate) const TELLING: usize = 4;
/// How a gzip file begins.
const GZIP: &[u8] = b"\x1f\x8b";
/// How a frame of zstd begins.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// How a frame that is passed over ends its magic number, after a byte of `0x50` to `0x5f`.
const PASSED: &[u8] = b"\x2a\x4d\x18";

impl Packing {
    /// How an input that begins with `head` is compressed.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(GZIP) { Some(Self::Gzip) } else { is_zstd(head).then_some(Self::Zstd) }
    }

    /// Whether more than `head` is needed to tell.
    pub(crate) fn is_open(head: &[u8]) -> bool {
        let passed = match head.split_first() {
            Some((first, rest)) => first & 0xf0 == 0x50 && PASSED.starts_with(rest),
            None => true,
        };
        head.len() < TELLING
            && Self::of(head).is_none()
            && (GZIP.starts_with(head) || ZSTD.starts_with(head) || passed)
    }
}

/// Whether a frame of zstd begins with these bytes, one that is passed over too.
pub(crate) fn is_zstd(head: &[u8]) -> bool {
    let passed = |(first, rest): (&u8, &[u8])| first & 0xf0 == 0x50 && rest.starts_with(PASSED);
    head.starts_with(ZSTD) || head.split_first().is_some_and(passed)
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], expected: Option<Packing>, open_until: usize) {
        assert_eq!(Packing::of(head), expected);
        for length in 0..=head.len() {
            assert_eq!(Packing::is_open(&head[..length]), length < open_until, "{length}");
        }
    }

    #[test]
    fn the_first_bytes_tell() {
        check(b"\x1f\x8b\x08\x00\x00", Some(Packing::Gzip), 2);
        check(b"\x28\xb5\x2f\xfd\x00", Some(Packing::Zstd), 4);
        check(b"\x5a\x2a\x4d\x18\x00", Some(Packing::Zstd), 4);
        check(b"\x60\x2a\x4d\x18\x00", None, 1);
        check(b"\x28\xb5\x2f\xfe\x00", None, 4);
        check(b"P{\"a\":1}", None, 2);
        check(b"{\"Records\":[]}", None, 1);
    }
}
