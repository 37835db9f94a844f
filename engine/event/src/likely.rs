//! Passing what is likely in one go: keys in the order in which they came so far, and values
//! as CloudTrail writes them.
//!
//! # Invariants
//!
//! - Whatever is passed here the steps of `scan` would have passed too, and found the same.
//! - What is not likely is left as it stands, before its key.

use crate::nested;
use crate::order::{Frame, Known};
use crate::scan::Walk;
use crate::simd::Vector;
use crate::slots::Scratch;

/// How many keys are tried where the next one is not it.
const TRIED: usize = 8;

/// What is looked at at once: a bracket or a comma, a key, and the value's first byte and 64
/// more.
type Ahead = [u8; 1 + Known::LONGEST + 65];

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
        let Scratch { order, round, stack, .. } = &mut *self.scratch;
        let (bytes, slots, order) = (self.bytes, self.slots, order.as_mut_slice());
        // The place before the key, of a bracket or a comma.
        let mut at = self.at - usize::from(fresh);
        let (mut object, mut found) = (*frame, self.found);
        let mut keys = order[usize::from(object.node)].keys.as_mut_slice();
        while let Some(ahead) = chunk(bytes, at) {
            let before = ahead[0];
            if before == b'}' && !fresh {
                let Some(outer) = stack.pop() else { break };
                at += 1;
                slots.note(object.slot, object.start, at);
                object = outer;
                keys = order[usize::from(object.node)].keys.as_mut_slice();
                continue;
            }
            if fresh == (before == b',') {
                break;
            }
            let Some(known) = likely_key::<V>(keys, &mut object, ahead) else { break };
            let start = at + 1 + usize::from(known.length);
            let Some((first, end)) = likely_value::<V>(bytes, (at, ahead), known, *round) else {
                break;
            };
            object.pass();
            found |= known.mark;
            if end == start {
                stack.push(std::mem::replace(&mut object, known.frame(start)));
                keys = order[usize::from(object.node)].keys.as_mut_slice();
            } else if known.is_wanted && first != b'n' {
                slots.note(known.slot, start, end);
            }
            (at, fresh) = (end, end == start);
        }
        (self.at, self.found, *frame) = (at + usize::from(fresh), found, object);
        fresh
    }
    /// The same for an object whose keys come in no order: each is looked up.
    #[inline(always)]
    pub(crate) fn plain_pairs<V: Vector>(&mut self, frame: &Frame, mut fresh: bool) -> bool {
        if !V::HURRIES {
            return fresh;
        }
        let bytes = self.bytes;
        let mut at = self.at - usize::from(fresh);
        while let Some([before, b'"', key @ ..]) = chunk::<66>(bytes, at) {
            let (quote, backslash) = V::text(key);
            let length = quote.trailing_zeros() as usize;
            let Some([b':', first, text @ ..]) = chunk::<66>(bytes, at + 3 + length) else { break };
            if quote == 0 || backslash & (quote ^ (quote - 1)) != 0 || fresh == (*before == b',') {
                break;
            }
            let start = at + 4 + length;
            let wanted = self.wanted(frame.node, &key[..length]);
            let end = match first {
                b'"' => plain_text_end::<V>(bytes, start + 1, text),
                b'{' if wanted.is_some_and(|wanted| wanted.entered) => None,
                b'{' | b'[' => V::apart(nested::Pass(bytes, start + 1)).ok(),
                _ => word_end(*first, text).map(|length| start + length),
            };
            let Some(end) = end else { break };
            if let Some(wanted) = wanted {
                self.slots.meet(self.scratch, wanted.node);
                if let (Some(slot), true) = (wanted.slot, *first != b'n') {
                    self.slots.note(slot, start, end);
                }
            }
            (at, fresh) = (end, false);
        }
        self.at = at + usize::from(fresh);
        fresh
    }
}

/// The key that the bytes begin with behind the first, if it is one of the next in the order, or
/// of the first where no more follow, and the object did not have it yet; the object is then at
/// its place.
#[inline(always)]
fn likely_key<'k, V: Vector>(
    keys: &'k mut [Known],
    object: &mut Frame,
    ahead: &Ahead,
) -> Option<&'k mut Known> {
    let key = ahead[1..].first_chunk()?;
    let is_it = |known: &Known| V::begins(key, &known.text, known.length);
    if !keys.get(object.next).is_some_and(is_it) {
        object.next = another(keys, object.next, is_it)?;
    }
    (!object.had(object.next)).then(|| &mut keys[object.next])
}

/// The place of one of the keys behind the one that was likely next, or of the first ones.
#[inline(always)]
fn another(keys: &[Known], next: usize, is_it: impl Fn(&Known) -> bool) -> Option<usize> {
    let behind = keys.get(next + 1..).unwrap_or_default();
    let further = behind.iter().take(TRIED).position(&is_it).map(|further| next + 1 + further);
    further.or_else(|| keys.iter().take(next.min(TRIED)).position(is_it))
}

/// The first byte of the value behind a key, and the place after the value, if it is as
/// CloudTrail writes them: a text without escapes, a word, an object or a list to be passed.
/// The place of the value itself where it is an object to be entered.
#[inline(always)]
fn likely_value<V: Vector>(
    bytes: &[u8],
    (at, ahead): (usize, &Ahead),
    known: &mut Known,
    round: u32,
) -> Option<(u8, usize)> {
    let [first, text @ ..] = ahead.get(1 + usize::from(known.length)..)?.first_chunk::<65>()?;
    let start = at + 1 + usize::from(known.length);
    let end = match first {
        b'"' => {
            let (quote, backslash) = V::text(text);
            let upto = quote ^ quote.wrapping_sub(1);
            if backslash & upto != 0 {
                return None;
            }
            if let Some(width) = known.width.is(upto) {
                start + 1 + width
            } else if quote != 0 {
                known.width.change(upto, round);
                start + 2 + quote.trailing_zeros() as usize
            } else {
                plain_text_end::<V>(bytes, start + 65, chunk(bytes, start + 65)?)?
            }
        }
        b'{' if known.is_entered => start,
        b'{' | b'[' => V::apart(nested::Pass(bytes, start + 1)).ok()?,
        _ => start + word_end(*first, text)?,
    };
    Some((*first, end))
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

/// How long the word or the number is that begins with these bytes, if it is one that JSON has
/// and is as short as they mostly are.
#[inline(always)]
fn word_end(first: u8, rest: &[u8; 64]) -> Option<usize> {
    let length = match (first, rest) {
        (b't', [b'r', b'u', b'e', ..]) | (b'n', [b'u', b'l', b'l', ..]) => 4,
        (b'f', [b'a', b'l', b's', b'e', ..]) => 5,
        (b'0'..=b'9', _) => 1 + rest.iter().position(|byte| !byte.is_ascii_digit())?,
        _ => return None,
    };
    matches!(rest.get(length - 1)?, b',' | b'}').then_some(length)
}

/// The bytes from a place on, if there are so many.
#[inline(always)]
pub(crate) fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}
