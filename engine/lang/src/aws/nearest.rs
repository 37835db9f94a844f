//! The nearest of many names, for "did you mean".
//!
//! Counts edits (Damerau and Levenshtein: a letter left out, put in, changed, or two
//! swapped, no letter touched twice) without regard to case. It knows nothing of what the names mean.
//!
//! # Invariants
//!
//! - The answer does not depend on the order of the candidates: fewest edits first,
//!   then by text.
//! - A candidate is dropped unmeasured only if it needs too many edits for certain:
//!   one edit changes the length by at most one, takes away at most one letter and
//!   brings at most one.

/// The most edits between a word and a suggestion, however long the word.
const MOST_EDITS: usize = 3;

/// The candidate that `word` is most likely a slip of, if one is near.
///
/// Near is a third of the word's length in edits, at least 1 and at most 3. One that differs in
/// case alone is nearest of all. If the word itself is a candidate, that is the answer.
///
/// # Cost
///
/// A few nanoseconds for most candidates: length and letters rule them out.
///
/// # Examples
///
/// ```
/// # use trailhound_lang::aws::nearest;
/// assert_eq!(nearest("sourceIpAddress", ["sourceIPAddress", "resources"]), Some("sourceIPAddress"));
/// assert_eq!(nearest("colour", ["eventName", "awsRegion"]), None);
/// ```
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let mut search = Search::new(word);
    for candidate in candidates {
        search.offer(candidate, letters(candidate), candidate);
    }
    search.found()
}

/// The letters of `text`, a bit each and case aside; all that is no letter shares one bit.
pub(super) fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |set, byte| set | LETTER_BITS[usize::from(byte)])
}

const LETTER_BITS: [u32; 256] = {
    let mut bits = [1 << 26; 256];
    let mut letter = 0;
    while letter < 26 {
        bits[b'a' as usize + letter] = 1 << letter;
        bits[b'A' as usize + letter] = 1 << letter;
        letter += 1;
    }
    bits
};

/// A running search: the best candidate so far, and how near the next must be.
pub(super) struct Search<'c> {
    word: Vec<u8>,
    letters: u32,
    /// The most edits that still count.
    bound: usize,
    best: Option<&'c str>,
    /// The candidate being measured, in small letters; kept for its allocation.
    lower: Vec<u8>,
    rows: Rows,
}

impl<'c> Search<'c> {
    pub(super) fn new(word: &str) -> Self {
        let bound = (word.len() / 3).clamp(1, MOST_EDITS);
        let letters = letters(word);
        let word = word.as_bytes().to_ascii_lowercase();
        Self { word, letters, bound, best: None, lower: Vec::new(), rows: Rows::default() }
    }

    /// Considers `answer`, which goes by `name`, whose letters are `letters`.
    pub(super) fn offer(&mut self, name: &str, letters: u32, answer: &'c str) {
        let gone = (self.letters & !letters).count_ones();
        let new = (letters & !self.letters).count_ones();
        let longer = name.len().abs_diff(self.word.len());
        if gone.max(new) as usize <= self.bound && longer <= self.bound {
            self.measure(name, answer);
        }
    }

    pub(super) fn found(self) -> Option<&'c str> {
        self.best
    }

    fn measure(&mut self, name: &str, answer: &'c str) {
        self.lower.clear();
        self.lower.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
        let Some(edits) = self.rows.edits(&self.word, &self.lower, self.bound) else { return };
        if edits < self.bound || self.best.is_none_or(|best| answer < best) {
            self.bound = edits;
            self.best = Some(answer);
        }
    }
}

/// The last three rows of the table of distances: `rows[i][j]` is that of the first letters of both.
#[derive(Default)]
struct Rows {
    before_last: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// The edits that make `to` of `from`, or none if there are more than `bound`.
    ///
    /// The method stops at the first row that is above the bound, since no later one can be
    /// below it, and looks only at cells near enough to the diagonal.
    ///
    /// Source: optimal string alignment, Wagner and Fischer 1974 with swaps of neighbours
    fn edits(&mut self, from: &[u8], to: &[u8], bound: usize) -> Option<usize> {
        let far = bound + 1;
        self.last.clear();
        self.last.extend((0..=to.len()).map(|column| column.min(far)));
        self.row.clear();
        self.row.resize(to.len() + 1, far);
        self.before_last.clone_from(&self.row);
        for (above, &letter) in from.iter().enumerate() {
            let (first, end) = (above.saturating_sub(bound), (above + far).min(to.len()));
            self.row[first] = if first == 0 { (above + 1).min(far) } else { far };
            let mut least = self.row[first];
            for column in first..end {
                let changed = self.last[column] + usize::from(to[column] != letter);
                let mut edits = changed.min(self.last[column + 1] + 1).min(self.row[column] + 1);
                let swapped = above > 0
                    && column > 0
                    && to[column - 1] == letter
                    && from[above - 1] == to[column];
                if swapped {
                    edits = edits.min(self.before_last[column - 1] + 1);
                }
                self.row[column + 1] = edits.min(far);
                least = least.min(edits);
            }
            if let Some(beyond) = self.row.get_mut(end + 1) {
                *beyond = far;
            }
            if least > bound {
                return None;
            }
            std::mem::swap(&mut self.before_last, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.row);
        }
        self.last.last().copied().filter(|&edits| edits <= bound)
    }
}
