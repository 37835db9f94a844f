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
use crate::slots::{Scratch, Slots};

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
    pub(crate) fn likely_pairs<V: Vector>(&mut self, frame: &mut Frame, fresh: bool) -> bool {
        if !V::HURRIES {
            return fresh;
        }
        let Scratch { order, round, stack, .. } = &mut *self.scratch;
        let (bytes, slots) = (self.bytes, self.slots);
        // The place before the next key, of a bracket or a comma.
        let (mut at, mut before) = (self.at - usize::from(fresh), if fresh { b'{' } else { b',' });
        let mut object = *frame;
        loop {
            let order = &mut order[usize::from(object.node)];
            let mut pairs = Pairs { bytes, slots, round: *round, at, before };
            let entered = pairs.pass::<V>(&mut order.keys, &mut object);
            (at, before) = (pairs.at, pairs.before);
            if let Some(start) = entered {
                let known = &order.keys[object.next - 1];
                stack.push(std::mem::replace(&mut object, known.frame(start)));
                (at, before) = (start, b'{');
            } else if before == b','
                && bytes.get(at) == Some(&b'}')
                && let Some(outer) = stack.pop()
            {
                at += 1;
                slots.note(object.slot, object.start, at);
                object = outer;
            } else {
                break;
            }
        }
        *frame = object;
        let fresh = before == b'{';
        self.at = at + usize::from(fresh);
        fresh
    }
}

/// Where the walk over the pairs of an object is.
struct Pairs<'a> {
    bytes: &'a [u8],
    slots: &'a Slots,
    round: u32,
    /// The place before the next key.
    at: usize,
    /// What is to stand there.
    before: u8,
}

impl Pairs<'_> {
    /// Pass pairs of the object at hand. Where an object is to be entered, its place; its key
    /// is the last one passed.
    #[inline(always)]
    fn pass<V: Vector>(&mut self, keys: &mut [Known], object: &mut Frame) -> Option<usize> {
        let Self { bytes, slots, round, .. } = *self;
        let (mut at, mut before, mut frame) = (self.at, self.before, *object);
        let mut entered = None;
        while let Some(ahead) = chunk(bytes, at)
            && ahead[0] == before
            && let Some(known) = likely_key::<V>(keys, &mut frame, ahead)
            && let Some((first, end)) = likely_value::<V>(bytes, (at, ahead), known, round)
        {
            frame.pass();
            let start = at + 1 + known.length();
            if end == start {
                entered = Some(start);
                break;
            }
            if known.is_wanted && first != b'n' {
                slots.note(known.slot, start, end);
            }
            (at, before) = (end, b',');
        }
        (self.at, self.before, *object) = (at, before, frame);
        entered
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
    let [first, text @ ..] = ahead.get(1 + known.length()..)?.first_chunk::<65>()?;
    let start = at + 1 + known.length();
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
