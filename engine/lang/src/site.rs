//! The site file: what a site says of rules, params, lets and exceptions.
//!
//! It turns TOML into names and literals with their places, and knows which keys
//! there are. Which rules and lets exist, and of which types they are, is for
//! [`crate::check`] to judge.
//!
//! # Invariants
//!
//! - Every name and value has its place in the site's file.
//! - A key that means nothing is an error; nothing is passed over.

mod value;

use crate::ast::{self, Ident, Level, Span};
use crate::aws;
use crate::diag::{Diag, Sources};
use crate::limits;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a site says.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// `[lets]`.
    pub(crate) lets: Vec<Given>,
    /// `[rule.NAME]`.
    pub(crate) rules: Vec<RuleGiven>,
}

/// A name with the value that the site gives it.
#[derive(Debug)]
pub(crate) struct Given {
    /// Of a field its whole path.
    pub(crate) name: Ident,
    /// A literal, or a list of literals.
    pub(crate) value: ast::Expr,
}

/// What a site says of one rule.
#[derive(Debug)]
pub(crate) struct RuleGiven {
    pub(crate) name: Ident,
    pub(crate) enabled: Option<(bool, Span)>,
    pub(crate) severity: Option<(Level, Span)>,
    pub(crate) params: Vec<Given>,
    pub(crate) exemptions: Vec<Exemption>,
}

/// An entry of an `allow`: what is exempt, why, and how long.
#[derive(Debug)]
pub(crate) struct Exemption {
    /// The name of the `allow`.
    pub(crate) allow: Ident,
    /// Where the entry stands.
    pub(crate) span: Span,
    pub(crate) fields: Vec<Given>,
    pub(crate) reason: Option<String>,
    pub(crate) expires: Option<Day>,
}

/// The last day on which an entry exempts.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// As written.
    pub(crate) text: String,
    /// The first second after it, UTC, since 1970.
    pub(crate) end: i64,
    pub(crate) span: Span,
}

/// What the site file says, and what is wrong with its form.
///
/// Of a file that is no TOML nothing is kept: its other errors may be consequences.
pub(crate) fn parse(sources: &Sources, number: u32) -> (Site, Vec<Diag>) {
    let mut reader = Reader { file: number, diags: Vec::new() };
    let Some(source) = sources.files.get(number as usize) else {
        return (Site::default(), Vec::new());
    };
    if source.text.len() > limits::FILE_BYTES {
        let start = Span { file: number, start: 0, end: 0 };
        let diag = Diag::error("E0501", "the site file is too large", start)
            .label(format!("more than {} MiB", limits::FILE_BYTES >> 20))
            .help("put long lists into files of their own: `let name: [T] from \"FILE\"`");
        return (Site::default(), vec![diag]);
    }
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        let diags = errors.iter().map(|error| reader.no_toml(error, source.text.len())).collect();
        return (Site::default(), diags);
    }
    let site = reader.site(table.get_ref());
    (site, reader.diags)
}

/// A TOML key with its value.
type Pair<'t, 'i> = (&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// Reads the file with this number.
struct Reader {
    file: u32,
    diags: Vec<Diag>,
}

impl Reader {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        // A site file is shorter than 16 MiB.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(range.start), end: place(range.end) }
    }

    fn ident(&self, key: &Spanned<toml::de::DeString<'_>>) -> Ident {
        Ident { name: key.get_ref().as_ref().to_owned(), span: self.span(key.span()) }
    }

    fn no_toml(&self, error: &toml::de::Error, end: usize) -> Diag {
        let at = self.span(error.span().unwrap_or(end..end));
        Diag::error("E0501", "the site file is no TOML", at)
            .label(error.message().replace('\n', ": "))
            .help("texts stand in quotes, dates do not; a table begins with `[name]`")
    }

    /// A key that the site file does not have there.
    fn unknown(&mut self, key: &Ident, place: &str, known: &[&'static str]) {
        let title = format!("{place} has no `{}`", key.name);
        let diag = Diag::error("E0502", title, key.span).label("names nothing");
        let meant = aws::nearest(&key.name, known.iter().copied());
        self.diags.push(match meant {
            Some(meant) => diag.help(format!("did you mean `{meant}`?")),
            None => diag.help(format!("it has {}", known.join(", "))),
        });
    }

    /// A value of a kind that does not go there.
    fn wrong(&mut self, title: String, at: Span, help: impl Into<String>) {
        self.diags.push(Diag::error("E0505", title, at).help(help));
    }

    /// The table behind a key; an error where something else stands.
    fn table<'t, 'i>(&mut self, (key, value): Pair<'t, 'i>, help: &str) -> Option<&'t DeTable<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        let at = self.span(value.span());
        let title = format!("`{}` is a table, not {}", key.get_ref(), value::words(value));
        self.wrong(title, at, help);
        None
    }

    fn site(&mut self, table: &DeTable<'_>) -> Site {
        let mut site = Site::default();
        for pair in table {
            match pair.0.get_ref().as_ref() {
                "lets" => {
                    let help = "write `[lets]` and below it, say, `home_regions = [\"eu-west-1\"]`";
                    let lets = self.table(pair, help).map(|lets| self.givens(lets));
                    site.lets = lets.unwrap_or_default();
                }
                "rule" => {
                    let help = "write, say, `[rule.mass_delete]` and below it `enabled = false`";
                    for (name, value) in self.table(pair, help).into_iter().flatten() {
                        let given = self.table((name, value), help).map(|one| self.rule(name, one));
                        site.rules.extend(given);
                    }
                }
                _ => self.unknown(&self.ident(pair.0), "a site file", &["lets", "rule"]),
            }
        }
        site
    }

    /// Names with plain values.
    fn givens(&mut self, table: &DeTable<'_>) -> Vec<Given> {
        let mut all = Vec::with_capacity(table.len());
        for (key, value) in table {
            if let Some(value) = self.value(value) {
                all.push(Given { name: self.ident(key), value });
            }
        }
        all
    }

    fn rule(&mut self, name: &Spanned<toml::de::DeString<'_>>, table: &DeTable<'_>) -> RuleGiven {
        let mut rule = RuleGiven {
            name: self.ident(name),
            enabled: None,
            severity: None,
            params: Vec::new(),
            exemptions: Vec::new(),
        };
        for (key, value) in table {
            let at = self.span(value.span());
            match key.get_ref().as_ref() {
                "enabled" => match value.get_ref().as_bool() {
                    Some(flag) => rule.enabled = Some((flag, at)),
                    None => {
                        let title =
                            format!("`enabled` is true or false, not {}", value::words(value));
                        self.wrong(title, at, "write `enabled = true` or `enabled = false`");
                    }
                },
                "severity" => rule.severity = self.severity(value).map(|level| (level, at)),
                "params" => {
                    let params = self.table((key, value), "write, say, `params = { n = 50 }`");
                    rule.params = params.map(|table| self.givens(table)).unwrap_or_default();
                }
                "allow" => {
                    let help = "write, say, `[[rule.NAME.allow.WHAT]]`, and below it the values";
                    for (what, entries) in self.table((key, value), help).into_iter().flatten() {
                        rule.exemptions.extend(self.exemptions(&rule.name, what, entries));
                    }
                }
                _ => {
                    let known = ["enabled", "severity", "params", "allow"];
                    let place = format!("`[rule.{}]`", rule.name.name);
                    self.unknown(&self.ident(key), &place, &known);
                }
            }
        }
        rule
    }

    fn severity(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Level> {
        let text = value.get_ref().as_str();
        let known = Level::ALL.into_iter().find(|(word, _)| Some(*word) == text);
        if let Some((_, level)) = known {
            return Some(level);
        }
        let at = self.span(value.span());
        let words = Level::ALL.map(|(word, _)| word);
        let (title, meant) = match text {
            Some(text) => (format!("`{text}` is no severity"), aws::nearest(text, words)),
            None => (format!("a severity is a text, not {}", value::words(value)), None),
        };
        let help = match meant {
            Some(meant) => format!("did you mean `\"{meant}\"`?"),
            None => format!("there are {}", words.map(|word| format!("`\"{word}\"`")).join(", ")),
        };
        self.wrong(title, at, help);
        None
    }

    fn exemptions<'t, 'i>(
        &mut self,
        rule: &Ident,
        allow: &Spanned<toml::de::DeString<'_>>,
        entries: &'t Spanned<DeValue<'i>>,
    ) -> Vec<Exemption> {
        let name = self.ident(allow);
        let tables: Option<Vec<_>> = entries.get_ref().as_array().and_then(|items| {
            let table = |item: &'t Spanned<DeValue<'i>>| {
                Some((self.span(item.span()), item.get_ref().as_table()?))
            };
            items.iter().map(table).collect()
        });
        let Some(tables) = tables else {
            let title = format!("the entries of `{}` are a list of tables", name.name);
            let help =
                format!("write `[[rule.{}.allow.{}]]`, with two brackets", rule.name, name.name);
            self.wrong(title, name.span, help);
            return Vec::new();
        };
        tables.into_iter().map(|(span, table)| self.exemption(&name, span, table)).collect()
    }

    fn exemption(&mut self, allow: &Ident, span: Span, table: &DeTable<'_>) -> Exemption {
        let mut entry = Exemption {
            allow: allow.clone(),
            span,
            fields: Vec::new(),
            reason: None,
            expires: None,
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "reason" => entry.reason = Some(self.reason(value)),
                "expires" => entry.expires = Some(self.day(value)),
                _ => self.fields(self.ident(key), value, &mut entry.fields),
            }
        }
        entry
    }

    /// A field with its value, or those below a table, by their whole paths.
    fn fields(&mut self, path: Ident, value: &Spanned<DeValue<'_>>, into: &mut Vec<Given>) {
        if let DeValue::Table(table) = value.get_ref() {
            for (key, value) in table {
                let below = self.ident(key);
                let name = format!("{}.{}", path.name, below.name);
                let span = Span { start: path.span.start.min(below.span.start), ..below.span };
                self.fields(Ident { name, span }, value, into);
            }
            return;
        }
        let at = self.span(value.span());
        // A field whose value has an error is there: nobody is told that it lacks.
        let any = || ast::Expr {
            kind: ast::ExprKind::Lit(ast::Lit::Str("*".to_owned())),
            span: at,
            grouped: false,
        };
        let value = self.value(value).unwrap_or_else(any);
        into.push(Given { name: path, value });
    }
}

/// The names of the rules and lets of rule files, without a check.
#[must_use]
pub fn names(sources: &Sources) -> std::collections::BTreeSet<String> {
    let files = (0..sources.files.len()).filter_map(|number| u32::try_from(number).ok());
    let items = files.flat_map(|number| crate::parse(sources, number).0.items);
    let name = |item| match item {
        ast::Item::Let(own) => own.name.name,
        ast::Item::Rule(rule) => rule.name.name,
    };
    items.map(name).collect()
}
