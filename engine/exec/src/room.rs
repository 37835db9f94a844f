//! Room of few sizes, so that what one list leaves serves another: memory that was used before
//! need not be cleared by the system.

/// The least room for a list that grows, in bytes: 64 KiB.
const LEAST: usize = 64 << 10;

/// Put a thing into a list; a full one gets twice the room in bytes, a power of two.
#[inline]
pub(crate) fn push<T>(list: &mut Vec<T>, thing: T) {
    if list.len() == list.capacity() {
        grow(list);
    }
    list.push(thing);
}

#[cold]
fn grow<T>(list: &mut Vec<T>) {
    let size = size_of::<T>().max(1);
    let bytes = (list.capacity() * size + 1).next_power_of_two().max(LEAST);
    let bytes = if bytes / size > list.len() { bytes } else { 2 * bytes };
    list.reserve_exact(bytes / size - list.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_a_power_of_two() {
        let (mut list, mut rooms) = (Vec::new(), Vec::new());
        for number in 0..12_000_u64 {
            push(&mut list, [number; 3]);
            if rooms.last() != Some(&list.capacity()) {
                rooms.push(list.capacity());
            }
        }
        assert_eq!(rooms, [65_536 / 24, 131_072 / 24, 262_144 / 24, 524_288 / 24]);
        assert!(list.iter().zip(0..).all(|(there, number)| *there == [number; 3]));
    }
}
