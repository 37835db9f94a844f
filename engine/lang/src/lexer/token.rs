//! The tokens of rule text.

use crate::ast::{Duration, Number, Span};

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Which.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
    /// Whether it is the first of its line.
    pub first: bool,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// A name or a clause word: `region`.
    Id,
    /// A technique with a point: `T1562.007`; without one it is an [`Self::Id`].
    Technique,
    /// `5`, `0.5`.
    Number(Number),
    /// `10m`.
    Duration(Duration),
    /// `10.0.0.0/8`.
    Cidr(event::Cidr),
    /// `"…"` or `"""…"""`, after its escapes.
    Str(String),
    /// `and`.
    And,
    /// `or`.
    Or,
    /// `not`.
    Not,
    /// `in`.
    In,
    /// `like`.
    Like,
    /// `has`.
    Has,
    /// `matches`.
    Matches,
    /// `exists`.
    Exists,
    /// `missing`.
    Missing,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `any`.
    Any,
    /// `all`.
    All,
    /// `==`.
    Eq,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `=`.
    Assign,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `.`.
    Dot,
    /// `..`.
    Range,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// `(`.
    OpenParen,
    /// `)`.
    CloseParen,
    /// `[`.
    OpenBracket,
    /// `]`.
    CloseBracket,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// What a diagnostic was already made for.
    Bad,
    /// The end of the text.
    End,
}

/// The token of a reserved word, or nothing for any other word.
#[must_use]
pub fn reserved(word: &str) -> Option<TokenKind> {
    Some(match word {
        "and" => TokenKind::And,
        "or" => TokenKind::Or,
        "not" => TokenKind::Not,
        "in" => TokenKind::In,
        "like" => TokenKind::Like,
        "has" => TokenKind::Has,
        "matches" => TokenKind::Matches,
        "exists" => TokenKind::Exists,
        "missing" => TokenKind::Missing,
        "true" => TokenKind::True,
        "false" => TokenKind::False,
        "any" => TokenKind::Any,
        "all" => TokenKind::All,
        _ => return None,
    })
}

/// Whether a text can stand as a name: a letter or `_`, then letters, digits and
/// `_`, and no reserved word.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && reserved(text).is_none()
}
