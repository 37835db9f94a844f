//! Passing what is likely in one go: keys in the order in which they came so far, and values
//! as CloudTrail writes them.
//!
//! # Invariants
//!
//! - Whatever is passed here the steps of `scan` would have passed too, and found the same.
//! - What is not likely is left as it stands, before its key.

use crate::nested;
use crate::scan::Walk;
use crate::simd::Vector;
use crate::slots::{Frame, Known, Scratch};

/// How many keys are tried for the next one.
const TRIED: usize = 8;

impl Walk<'_> {
    /// Pass what lies ahead while it is as likely as can be: one of the next keys in the order
    /// of keys, nothing between the parts, a value in its usual form. Whatever else comes is
    /// left to the steps of [`Walk::object`], which would have passed all of it too. Returns
    /// whether an object was just entered.
    #[inline(always)]
    pub(crate) fn likely_pairs<V: Vector>(&mut self, frame: &mut Frame, mut fresh: bool) -> bool {
        if !V::HURRIES {
            return fresh;
        }
        let Scratch { order, seen, round, stack } = &mut *self.scratch;
        let (bytes, slots, order) = (self.bytes, self.slots, order.as_slice());
        // The place before the key, of a bracket or a comma.
        let mut at = self.at - usize::from(fresh);
        let (mut object, mut found) = (*frame, self.found);
        let mut keys = order[usize::from(object.node)].as_slice();
        while let Some([before, key @ ..]) = chunk::<{ 1 + Known::LONGEST }>(bytes, at) {
            if *before == b'}' && !fresh {
                let Some(outer) = stack.pop() else { break };
                at += 1;
                object.close(at, slots);
                object = outer;
                keys = &order[usize::from(object.node)];
                continue;
            }
            let Some(next) = likely_key::<V>(keys, object.next, key) else { break };
            let known = &keys[next];
            let start = at + 1 + usize::from(known.length);
            let Some([first, text @ ..]) = chunk::<65>(bytes, start) else { break };
            if fresh == (*before == b',') {
                break;
            }
            let end = match first {
                b'"' => plain_text_end::<V>(bytes, start + 1, text),
                b'{' if known.is_entered => Some(start),
                b'{' | b'[' => nested::pass::<V>(bytes, start + 1).ok(),
                _ => word_end(*first, text).map(|length| start + length),
            };
            let Some(end) = end else { break };
            if known.is_wanted {
                let seen = &mut seen[usize::from(known.node)];
                if *seen == *round {
                    break;
                }
                *seen = *round;
                found |= known.mark;
                if end == start {
                    object.next = next + 1;
                    stack.push(std::mem::replace(&mut object, known.frame(start)));
                    keys = &order[usize::from(object.node)];
                    (at, fresh) = (start, true);
                    continue;
                }
                if *first != b'n' {
                    slots.note(known.slot, start, end);
                }
            }
            object.next = next + 1;
            (at, fresh) = (end, false);
        }
        (self.at, self.found, *frame) = (at + usize::from(fresh), found, object);
        fresh
    }
}

/// Which of the next keys in their order the bytes begin with, if it is one.
#[inline(always)]
fn likely_key<V: Vector>(keys: &[Known], next: usize, ahead: &[u8; 32]) -> Option<usize> {
    let mut tried = keys.get(next..)?.iter().take(TRIED);
    let passed = tried.position(|known| V::begins(ahead, &known.text, known.length))?;
    Some(next + passed)
}

/// The place after the text whose first character is at `at`, where the block stands, if it
/// has no escape.
#[inline(always)]
pub(crate) fn plain_text_end<'a, V: Vector>(
    bytes: &'a [u8],
    mut at: usize,
    mut block: &'a [u8; 64],
) -> Option<usize> {
    loop {
        let (quote, backslash) = V::text(block);
        if backslash & (quote ^ quote.wrapping_sub(1)) != 0 {
            return None;
        }
        if quote != 0 {
            return Some(at + quote.trailing_zeros() as usize + 1);
        }
        at += 64;
        block = chunk::<64>(bytes, at)?;
    }
}

/// How long the word is that begins with these bytes, if it is one that JSON has.
#[inline(always)]
fn word_end(first: u8, rest: &[u8; 64]) -> Option<usize> {
    let length = match (first, rest) {
        (b't', [b'r', b'u', b'e', ..]) | (b'n', [b'u', b'l', b'l', ..]) => 4,
        (b'f', [b'a', b'l', b's', b'e', ..]) => 5,
        _ => return None,
    };
    matches!(rest[length - 1], b',' | b'}').then_some(length)
}

/// The bytes from a place on, if there are so many.
#[inline(always)]
pub(crate) fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}
