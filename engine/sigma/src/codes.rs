//! Every code that is Sigma's own, with its meaning in one line.
//!
//! A code never changes its meaning. What is wrong with the conditions that come of a
//! Sigma rule is told with the codes of the language.

/// The codes, in order, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    (
        "S0001",
        "a text that is no YAML but, say, the rule language, or that is too deep or too large",
    ),
    ("S0002", "a key that stands twice"),
    ("S0003", "something that a rule must have is lacking"),
    ("S0004", "a value of another kind than is wanted"),
    ("S0005", "a condition that cannot be read"),
    ("S0006", "a condition names a selection that is not there"),
    ("S0007", "a modifier that does not exist, or two that do not go together"),
    ("S0008", "a value that its modifier cannot take"),
    ("S0009", "a form of Sigma that the language cannot say"),
    ("S0010", "a rule that is not there, or two that might be meant"),
    ("S0011", "a correlation that cannot be read"),
    ("S0012", "a document that is left out, because it is no rule for CloudTrail"),
    ("S0013", "a field that is not in CloudTrail's schema"),
    ("S0014", "a text that looks like a field"),
    ("S0015", "a selection that no condition names"),
    ("S0016", "a filter whose rule is not there"),
    ("S0017", "a word that Sigma does not have"),
];
