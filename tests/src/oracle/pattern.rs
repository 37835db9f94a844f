//! Regular expressions, each compiled once a thread: the reference engine asks for the same few again and again.

use regex::Regex;
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static KNOWN: RefCell<BTreeMap<String, Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The regular expression of a text, or nothing when it is none.
pub(crate) fn pattern(text: &str) -> Option<Regex> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(pattern) = known.get(text) {
            return pattern.clone();
        }
        let pattern = Regex::new(text).ok();
        known.insert(text.to_owned(), pattern.clone());
        pattern
    })
}
