//! Where two texts differ, line by line.
//!
//! # Cost
//!
//! Lines that both begin and end with cost nothing; what is between them is compared
//! each with each up to [`MOST`] pairs, and beyond that told as one change.

/// The most pairs of lines that are compared.
const MOST: usize = 4_000_000;

/// How one text differs from another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference<'a> {
    /// The places, in order.
    pub(crate) changes: Vec<Change<'a>>,
}

/// Lines that stand in the place of others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// The number of the first line that goes, from 1; or of the line before which some come.
    pub(crate) line: usize,
    /// The lines that go.
    pub(crate) gone: Vec<&'a str>,
    /// The lines that come.
    pub(crate) come: Vec<&'a str>,
}

impl Difference<'_> {
    /// How many lines go.
    pub(crate) fn gone(&self) -> usize {
        self.changes.iter().map(|change| change.gone.len()).sum()
    }

    /// How many lines come.
    pub(crate) fn come(&self) -> usize {
        self.changes.iter().map(|change| change.come.len()).sum()
    }
}

/// The places in which `new` differs from `old`.
pub(crate) fn difference<'a>(old: &'a str, new: &'a str) -> Difference<'a> {
    let (old, new): (Vec<_>, Vec<_>) = (lines(old), lines(new));
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let old_rest = &old_rest[..old_rest.len() - tail];
    let new_rest = &new_rest[..new_rest.len() - tail];
    if old_rest.len().saturating_mul(new_rest.len()) > MOST {
        let (gone, come) = (old_rest.to_vec(), new_rest.to_vec());
        return Difference { changes: vec![Change { line: head + 1, gone, come }] };
    }
    Difference { changes: changes(old_rest, new_rest, head) }
}

/// The lines with their ends, but for the end itself: a last line without one differs.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line)).collect()
}

/// The changes between two texts, by their longest common sequence of lines.
fn changes<'a>(old: &[&'a str], new: &[&'a str], head: usize) -> Vec<Change<'a>> {
    let width = new.len() + 1;
    // The length of the longest common sequence of what follows each pair of places.
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            longest[at * width + to] = if old[at] == new[to] {
                longest[(at + 1) * width + to + 1] + 1
            } else {
                longest[(at + 1) * width + to].max(longest[at * width + to + 1])
            };
        }
    }
    let mut changes: Vec<Change<'a>> = Vec::new();
    let (mut at, mut to) = (0, 0);
    let mut open = false;
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to, open) = (at + 1, to + 1, false);
            continue;
        }
        if !open {
            changes.push(Change { line: head + at + 1, ..Change::default() });
            open = true;
        }
        let Some(change) = changes.last_mut() else { break };
        let goes = at < old.len()
            && (to == new.len() || longest[(at + 1) * width + to] >= longest[at * width + to + 1]);
        if goes {
            change.gone.push(old[at]);
            at += 1;
        } else {
            change.come.push(new[to]);
            to += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, want: &[(usize, &str, &str)]) {
        let got = difference(old, new);
        let told: Vec<_> = got
            .changes
            .iter()
            .map(|change| (change.line, change.gone.join("|"), change.come.join("|")))
            .collect();
        let told: Vec<_> =
            told.iter().map(|(line, gone, come)| (*line, gone.as_str(), come.as_str())).collect();
        assert_eq!(told, want);
    }

    #[test]
    fn changes_are_as_few_as_can_be() {
        check("a\nb\nc\n", "a\nb\nc\n", &[]);
        check("a\nb\nc\n", "a\nx\nc\n", &[(2, "b", "x")]);
        check("a\nb\nc\nd\ne\n", "a\nc\nd\nx\ne\n", &[(2, "b", ""), (5, "", "x")]);
        check("", "a\n", &[(1, "", "a")]);
    }
}
