//! Passing what is likely in one go: keys in the order in which they came so far, and values
//! as CloudTrail writes them.
//!
//! # Invariants
//!
//! - Whatever is passed here the steps of `scan` would have passed too, and found the same.
//! - What is not likely is left as it stands, before its key.

use crate::nested;
use crate::order::{Frame, Known, Order, Width};
use crate::scan::Walk;
use crate::simd::Vector;
use crate::slots::{Scratch, Slots};

/// How many keys are tried where the next one is not it.
const TRIED: usize = 8;

/// What is looked at at once: a bracket or a comma, a key, and the value's first byte and 64
/// more.
const AHEAD: usize = 1 + 32 + 65;

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
            let Some([b':', value @ ..]) = chunk::<66>(bytes, at + 3 + length) else { break };
            let [first, text @ ..] = value;
            if quote == 0 || backslash & (quote ^ (quote - 1)) != 0 || fresh == (*before == b',') {
                break;
            }
            let start = at + 4 + length;
            let wanted = self.wanted(frame.node, &key[..length]);
            let end = match first {
                b'"' => plain_text_end::<V>(bytes, start + 1, text),
                b'{' if wanted.is_some_and(|wanted| wanted.entered) => None,
                b'{' | b'[' => V::apart(nested::Pass(bytes, start + 1)).ok(),
                _ => word_length(value).map(|length| start + length),
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
        let (mut at, mut before) = (self.at, self.before);
        let (mut next, mut had) = (object.next, object.had);
        let mut entered = None;
        while let Some(ahead) = chunk::<AHEAD>(bytes, at)
            && ahead[0] == before
            && let Some(key) = ahead[1..].first_chunk()
        {
            let is_it = |known: &Known| V::begins(key, &known.text, known.length);
            let known = match keys.get_mut(next) {
                Some(known) if is_it(known) => known,
                _ => {
                    let Some(found) = another(keys, next, is_it) else { break };
                    next = found;
                    &mut keys[found]
                }
            };
            let bit = 1 << (next % Order::MOST);
            let before_value = 1 + known.length();
            let Some(value) = ahead[before_value..].first_chunk::<65>() else { break };
            let [first, text @ ..] = value;
            if had & bit != 0 {
                break;
            }
            let (start, mut slot) = (at + before_value, known.slot);
            let end = match first {
                b'"' => match short_text::<V>(text, &mut known.width, round) {
                    Some(width) => Some(start + 1 + width),
                    None => long_text_end::<V>(bytes, start + 1),
                },
                b'{' if known.is_entered => {
                    (next, had, entered) = (next + 1, had | bit, Some(start));
                    break;
                }
                b'{' | b'[' => V::apart(nested::Pass(bytes, start + 1)).ok(),
                first => {
                    if *first == b'n' {
                        slot = slots.nowhere();
                    }
                    word_length(value).map(|length| start + length)
                }
            };
            let Some(end) = end else { break };
            slots.note(slot, start, end);
            (at, before, next, had) = (end, b',', next + 1, had | bit);
        }
        (self.at, self.before) = (at, before);
        (object.next, object.had) = (next, had);
        entered
    }
}

/// The place of one of the keys behind the one that was likely next, or of the first ones.
#[inline(always)]
fn another(keys: &[Known], next: usize, is_it: impl Fn(&Known) -> bool) -> Option<usize> {
    let behind = keys.get(next + 1..).unwrap_or_default();
    let further = behind.iter().take(TRIED).position(&is_it).map(|further| next + 1 + further);
    further.or_else(|| keys.iter().take(next.min(TRIED)).position(is_it))
}

/// How wide a text is, with its closing quote, if that is one of these bytes and no escape comes
/// before it.
#[inline(always)]
fn short_text<V: Vector>(text: &[u8; 64], width: &mut Width, round: u32) -> Option<usize> {
    let (quote, backslash) = V::text(text);
    let upto = quote ^ quote.wrapping_sub(1);
    if quote == 0 || backslash & upto != 0 {
        return None;
    }
    if let Some(width) = width.is(upto) {
        return Some(width);
    }
    width.change(upto, round);
    Some(quote.trailing_zeros() as usize + 1)
}

/// The place after the text whose first character is at `at`, if it has no escape.
#[inline(always)]
fn long_text_end<V: Vector>(bytes: &[u8], at: usize) -> Option<usize> {
    plain_text_end::<V>(bytes, at, chunk(bytes, at)?)
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

/// How long the word or the number is that the bytes begin with, if it is one that JSON has and is
/// as short as they mostly are.
#[inline(always)]
fn word_length(bytes: &[u8; 65]) -> Option<usize> {
    const TRUE: u32 = u32::from_le_bytes(*b"true");
    const NULL: u32 = u32::from_le_bytes(*b"null");
    const FALSE: u32 = u32::from_le_bytes(*b"fals");
    let length = match u32::from_le_bytes(*bytes.first_chunk()?) {
        TRUE | NULL => 4,
        FALSE if bytes[4] == b'e' => 5,
        _ => bytes.iter().position(|byte| !byte.is_ascii_digit())?,
    };
    (length > 0 && matches!(bytes.get(length)?, b',' | b'}')).then_some(length)
}

/// The bytes from a place on, if there are so many.
#[inline(always)]
pub(crate) fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}
