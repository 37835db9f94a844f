//! Seams: places at which a long text is read anew, so that it can be read in parts.
//!
//! A long text lies in stripes of [`STRIPE`]. The first place in a stripe, but for the first
//! of all, where an object begins in the first column of a line and the line before it
//! ends with `}`, is a seam. In well-formed JSON such a place lies between two texts, never
//! inside of one: an object in a list or in another object follows `[`, `,` or `:`, and
//! a text in quotes holds no line feed. In damaged JSON it ends what was open.
//!
//! # Invariants
//!
//! - Where seams are follows from the bytes: whoever reads a stripe finds the same ones.
//! - In all ways of reading, the framer begins anew at each seam. So the parts between
//!   seams, read by anybody in any order, are what is found in the whole.

use memchr::memmem;

/// The length of a stripe: 16 MiB.
pub(crate) const STRIPE: u64 = 16 << 20;
/// How many bytes before an object tell whether it is a seam.
pub(crate) const BEFORE: u64 = 3;

/// The seams of a text, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seams {
    stripe: u64,
    /// The next seam is not before this place.
    next: u64,
}

impl Seams {
    /// The seams after the stripe in which a place lies.
    pub(crate) fn after(place: u64, stripe: u64) -> Self {
        Self { stripe, next: (place / stripe + 1) * stripe }
    }

    /// The seams from the beginning of a stripe on.
    pub(crate) fn from(number: u64, stripe: u64) -> Self {
        Self { stripe, next: number * stripe }
    }

    /// The next seam in `bytes`, of which the first lies at `base` in the text.
    ///
    /// The next call passes the bytes from the seam on, or more of the same.
    pub(crate) fn find(&mut self, bytes: &[u8], base: u64) -> Option<usize> {
        let from = usize::try_from(self.next.saturating_sub(base)).unwrap_or(usize::MAX);
        if from >= bytes.len() {
            return None;
        }
        let found = seam(bytes, from);
        let passed = base + found.unwrap_or(bytes.len()) as u64;
        self.next = match found {
            Some(_) => Self::after(passed, self.stripe).next,
            None => passed,
        };
        found
    }
}

/// The first place from `from` on, but the first of all, that is a seam.
pub(crate) fn seam(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(1);
    memmem::find_iter(&bytes[start..], b"\n{").map(|found| start + found + 1).find(|at| {
        let before = &bytes[..at - 1];
        before.strip_suffix(b"\r").unwrap_or(before).ends_with(b"}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, stripe: u64, expected: &[usize]) {
        for piece in 1..=text.len() {
            let (mut seams, mut found, mut from) = (Seams::after(0, stripe), Vec::new(), 0);
            for end in (1..=text.len()).filter(|end| end % piece == 0 || *end == text.len()) {
                while let Some(at) = seams.find(&text.as_bytes()[from..end], from as u64) {
                    from += at;
                    found.push(from);
                }
            }
            assert_eq!(found, expected, "{text:?} in pieces of {piece}");
        }
    }

    #[test]
    fn the_first_line_in_each_stripe_is_a_seam() {
        check("{}\n{}\n{}\n{}\n", 1, &[3, 6, 9]);
        check("{}\n{}\n{}\n{}\n", 4, &[6, 9]);
        check("{}\n{}\n{}\n{}\n", 8, &[9]);
        check("{}\r\n{}\r\n{}", 4, &[4, 8]);
        check("{\"a\":{}\n}\n{}\n", 1, &[10]);
    }

    #[test]
    fn what_may_lie_in_a_text_is_none() {
        for text in ["[{},\n{},\n{}]", "{\"a\":\n{}}", "[\n{}]", "{}\n\n{}", "{} \n{}", "{}{}{}"] {
            check(text, 1, &[]);
        }
    }
}
