//! What is wrong with a rule, as facts: a stable code, spans, a cure.
//!
//! The parser and the checker make [`Diag`]s; `render` makes text of them.

use crate::ast::{File, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A fault or a doubt in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diag {
    /// Its code: `E0103`, `L0004`. A code never changes its meaning.
    pub code: &'static str,
    /// Whether the rules can be used in spite of it.
    pub weight: Weight,
    /// What is wrong, in the writer's own words.
    pub title: String,
    /// Where, the place to mend first; each with a word or two, perhaps none.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Vec<String>,
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The rules cannot be used.
    Error,
    /// The rules mean what they say, but perhaps not what their author wants.
    Warning,
}

impl Diag {
    /// An error at one place.
    #[must_use]
    pub fn error(code: &'static str, title: impl Into<String>, at: Span) -> Self {
        Self {
            code,
            weight: Weight::Error,
            title: title.into(),
            labels: vec![(at, String::new())],
            help: Vec::new(),
        }
    }

    /// A warning at one place.
    #[must_use]
    pub fn warning(code: &'static str, title: impl Into<String>, at: Span) -> Self {
        Self { weight: Weight::Warning, ..Self::error(code, title, at) }
    }

    /// The same, with words beside its first place.
    #[must_use]
    pub fn label(mut self, words: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.1 = words.into();
        }
        self
    }

    /// The same, with a further place.
    #[must_use]
    pub fn also(mut self, at: Span, words: impl Into<String>) -> Self {
        self.labels.push((at, words.into()));
        self
    }

    /// The same, with something to do.
    #[must_use]
    pub fn help(mut self, words: impl Into<String>) -> Self {
        self.help.push(words.into());
        self
    }
}

/// A rule file, or one that goes with rules, as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, as messages show it.
    pub name: String,
    /// Its text.
    pub text: Cow<'static, str>,
    /// Whether it came with the binary.
    pub builtin: bool,
    /// What its text is.
    pub role: Role,
}

/// What the text of a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Lets and rules.
    #[default]
    Rules,
    /// What a site says, in TOML.
    Site,
    /// One value a line.
    Values,
}

/// The files of a run; [`Span::file`] counts in it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The files in the order they were given.
    pub files: Vec<Source>,
    /// The files that are not in the language itself, by number.
    foreign: BTreeMap<u32, Foreign>,
    only_run: bool,
}

/// A file in another language, as someone has read it for the parser.
#[derive(Clone, Debug, Default)]
pub struct Foreign {
    /// Its tree; the spans are in the file as it was given.
    pub tree: File,
    /// What is wrong or odd in it.
    pub diags: Vec<Diag>,
}

impl Sources {
    /// The same, with one more file; returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>, builtin: bool) -> u32 {
        let text = Cow::Owned(text.into());
        self.push(Source { name: name.into(), text, builtin, role: Role::Rules })
    }

    /// The same, with a file that is part of the binary; returns its number.
    pub fn add_builtin(&mut self, name: &str, text: &'static str) -> u32 {
        let text = Cow::Borrowed(text);
        self.push(Source { name: name.to_owned(), text, builtin: true, role: Role::Rules })
    }

    /// The same, with a file that holds no rules; returns its number.
    pub fn add_beside(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        role: Role,
    ) -> u32 {
        let text = Cow::Owned(text.into());
        self.push(Source { name: name.into(), text, builtin: false, role })
    }

    /// How many of the files hold rules.
    #[must_use]
    pub fn rule_files(&self) -> usize {
        self.files.iter().filter(|file| file.role == Role::Rules).count()
    }

    fn push(&mut self, source: Source) -> u32 {
        self.files.push(source);
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// Says that the rules are run and nothing else is done with them. Of the files that came
    /// with the binary the parser then passes over the tests, which were run before it was
    /// built, and over what only people read; what a site may set is not told.
    pub fn only_run(&mut self) {
        self.only_run = true;
    }

    /// Whether the rules are run and nothing else is done with them.
    #[must_use]
    pub fn are_only_run(&self) -> bool {
        self.only_run
    }

    /// Has the parser give this for a file, whatever its text.
    pub fn set_foreign(&mut self, file: u32, foreign: Foreign) {
        self.foreign.insert(file, foreign);
    }

    /// What the parser gives for a file in another language.
    #[must_use]
    pub fn foreign(&self, file: u32) -> Option<&Foreign> {
        self.foreign.get(&file)
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.files
            .get(span.file as usize)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }
}
