//! What a site may set, the value it has in this run, and who said so.
//!
//! For people who ask why a rule does what it does; nothing here is evaluated.

use crate::ast::Span;

/// A value that a site may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What it is.
    pub kind: SettingKind,
    /// Its name, as a rule file writes it.
    pub name: String,
    /// Its value in this run, as a rule file writes it.
    pub value: String,
    /// Where that value stands; nothing where the language's default holds.
    pub at: Option<Span>,
    /// What the rule file says instead, where the value is the site's.
    pub own: Option<String>,
}

/// What a site may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Whether a rule is loaded.
    Enabled,
    /// The severity of a rule.
    Severity,
    /// A param of a rule.
    Param,
    /// What a rule is allowed to leave out; one for each entry.
    Allow,
    /// A let of a file.
    Let,
}

impl SettingKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Severity => "severity",
            Self::Param => "param",
            Self::Allow => "allow",
            Self::Let => "let",
        }
    }
}
