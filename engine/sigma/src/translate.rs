//! All Sigma files of a run together: which rule means which, and what comes of each.
//!
//! Correlations and filters find their rules by name, id or title in all files, in their
//! own first. A rule that a correlation is made of does not alert by itself unless one
//! that names it says `generate: true`.

use crate::build;
use crate::correlation::{self, Base};
use crate::detection::Notes;
use crate::document::{self, Body, Document, Header};
use crate::is_sigma;
use crate::rule;
use crate::yaml::{self, Node};
use lang::ast::{ClauseKind, Expr, ExprKind, File, Ident, Item, Let, LetValue, Span, TypeRef};
use lang::aws::nearest;
use lang::diag::{Diag, Sources};
use lang::print::print;
use std::collections::{BTreeMap, BTreeSet};

/// What comes of the Sigma files of a run.
#[derive(Debug, Default)]
pub(crate) struct Translated {
    /// The trees, by the number of the file in the sources.
    pub(crate) files: BTreeMap<u32, File>,
    /// What is wrong or odd.
    pub(crate) diags: Vec<Diag>,
    /// What a rule's author, id and licence are, by the rule's name.
    notes: BTreeMap<String, Vec<String>>,
}

/// The trees of the Sigma files among the sources.
pub(crate) fn translate(sources: &Sources) -> Translated {
    let mut book = Book::default();
    let mut diags = Vec::new();
    for (number, source) in (0..).zip(&sources.files) {
        if is_sigma(&source.name) {
            book.files.push(number);
            if let Some(diag) = own_language(&source.text, number) {
                diags.push(diag);
                continue;
            }
            let (nodes, faults) = yaml::read(&source.text, number);
            diags.extend(faults);
            let documents =
                nodes.iter().filter_map(|node| document::read(node, sources, &mut diags));
            book.entries.extend(documents.map(|document| Entry { file: number, document }));
        }
    }
    book.filter(&mut diags);
    let mut translated = book.made(&mut diags);
    translated.diags = diags;
    translated
}

/// That a file begins as one in the rule language does, if so.
fn own_language(text: &str, file: u32) -> Option<Diag> {
    let mut lines = text.split_inclusive('\n').scan(0, |start, line| {
        let at = *start;
        *start += line.len();
        Some((at, line.trim_ascii_end()))
    });
    let is_empty = |line: &str| line.trim_ascii().is_empty() || line.starts_with('#');
    let (at, line) = lines.find(|(_, line)| !is_empty(line))?;
    let (word, rest) = line.split_once(' ')?;
    let rest = rest.trim_ascii_start();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let after = rest.trim_start_matches(name).trim_ascii_start();
    let begins = match word {
        "rule" => after.is_empty() || after.starts_with('{'),
        "let" => after.starts_with(['=', ':']),
        _ => false,
    };
    let span = |at: usize| u32::try_from(at).ok();
    let span = Span { file, start: span(at)?, end: span(at + word.len())? };
    let title = "this is the rule language, not Sigma's YAML";
    let help = "give the file a name that ends in `.trail`";
    begins.then(|| Diag::error("S0001", title, span).label("no key of YAML").help(help))
}

/// The Sigma files among the sources as text of the language, by the number of the file.
#[must_use]
pub fn convert(sources: &Sources) -> BTreeMap<u32, String> {
    let translated = translate(sources);
    let mut texts = BTreeMap::new();
    for (number, file) in &translated.files {
        let mut blocks: Vec<String> = Vec::new();
        for item in &file.items {
            let text = print(&File { items: vec![item.clone()] });
            let comments: String = match item {
                Item::Rule(rule) => translated.notes.get(&rule.name.name),
                Item::Let(_) => None,
            }
            .map(|lines| lines.iter().map(|line| format!("# {line}\n")).collect())
            .unwrap_or_default();
            blocks.push(comments + &text);
        }
        texts.insert(*number, blocks.join("\n"));
    }
    texts
}

/// A document and the file it is in.
#[derive(Debug)]
struct Entry {
    file: u32,
    document: Document,
}

/// All documents.
#[derive(Debug, Default)]
struct Book {
    files: Vec<u32>,
    entries: Vec<Entry>,
}

impl Book {
    /// The rule that is called so: by name, then id, then title, in the file itself first.
    fn find(&self, called: &str, file: u32, at: Span) -> Result<usize, Diag> {
        let keys: [fn(&Header) -> Option<&str>; 3] =
            [|h| h.name.as_deref(), |h| h.id.as_deref(), |h| Some(&h.title)];
        for key in keys {
            let fits = |entry: &Entry| {
                !matches!(entry.document.body, Body::Filter { .. })
                    && key(&entry.document.header)
                        .is_some_and(|own| own.eq_ignore_ascii_case(called))
            };
            let found: Vec<usize> = (0..self.entries.len())
                .filter(|n| self.entries.get(*n).is_some_and(fits))
                .collect();
            let here =
                found.iter().filter(|n| self.entries.get(**n).is_some_and(|e| e.file == file));
            let here: Vec<usize> = here.copied().collect();
            match if here.is_empty() { found } else { here }.as_slice() {
                [] => {}
                [one] => return Ok(*one),
                [one, other, ..] => return Err(self.ambiguous(called, at, [*one, *other])),
            }
        }
        let diag = Diag::error("S0010", format!("no rule is called `{called}`"), at)
            .label("neither a name, nor an id, nor a title");
        let names = self.entries.iter().flat_map(|entry| {
            let header = &entry.document.header;
            [Some(header.title.as_str()), header.name.as_deref()].into_iter().flatten()
        });
        Err(match nearest(called, names) {
            Some(near) => diag.help(format!("did you mean `{near}`?")),
            None => diag.help("give the file that has it with `-r` too"),
        })
    }

    fn ambiguous(&self, called: &str, at: Span, found: [usize; 2]) -> Diag {
        let mut diag = Diag::error("S0010", format!("two rules are called `{called}`"), at);
        for number in found {
            if let Some(entry) = self.entries.get(number) {
                diag = diag.also(entry.document.header.span, "one of them");
            }
        }
        diag.help("name it by its id")
    }

    /// Narrows rules by the filters that name them.
    fn filter(&mut self, diags: &mut Vec<Diag>) {
        let mut narrowed: Vec<(usize, Expr)> = Vec::new();
        for entry in &self.entries {
            let Body::Filter { cond: Some(cond), rules } = &entry.document.body else { continue };
            let Some(rules) = rules else {
                narrowed.extend((0..self.entries.len()).map(|number| (number, cond.clone())));
                continue;
            };
            for (called, at) in rules {
                match self.find(called, entry.file, *at) {
                    Ok(number) => narrowed.push((number, cond.clone())),
                    Err(diag) if diag.labels.len() > 1 => diags.push(diag),
                    Err(_) => {
                        let title = format!("no rule is called `{called}`");
                        let diag = Diag::warning("S0016", title, *at).label("nothing is filtered");
                        diags.push(diag.help("give the file that has it with `-r` too"));
                    }
                }
            }
        }
        for (number, filter) in narrowed {
            let entry = self.entries.get_mut(number);
            if let Some(Body::Rule(cond)) = entry.map(|entry| &mut entry.document.body) {
                *cond = cond.take().and_then(|own| build::all(vec![own, filter]));
            }
        }
    }

    /// The trees of all files.
    fn made(&self, diags: &mut Vec<Diag>) -> Translated {
        let mut bases: BTreeMap<usize, Vec<(usize, String, Span)>> = BTreeMap::new();
        let (mut silent, mut loud) = (BTreeSet::new(), BTreeSet::new());
        for (number, entry) in self.entries.iter().enumerate() {
            let Body::Correlation(node) = &entry.document.body else { continue };
            let list = bases.entry(number).or_default();
            for (called, at) in correlation::rules(node) {
                match self.find(&called, entry.file, at) {
                    Ok(base) => {
                        list.push((base, called, at));
                        if correlation::generates(node) {
                            loud.insert(base)
                        } else {
                            silent.insert(base)
                        };
                    }
                    Err(diag) => diags.push(diag),
                }
            }
        }
        let mut out = Translated::default();
        for file in &self.files {
            out.files.insert(*file, File::default());
        }
        for (number, entry) in self.entries.iter().enumerate() {
            let mut notes = Notes::default();
            let name = self.name(number);
            let header = &entry.document.header;
            let mut sites: Vec<&(String, String, Span)> = entry.document.sites.iter().collect();
            let items = match &entry.document.body {
                Body::Rule(Some(cond)) if loud.contains(&number) || !silent.contains(&number) => {
                    let filter = rule::clause(ClauseKind::Where(cond.clone()), header.span);
                    vec![Item::Rule(rule::rule(&name, header, vec![filter], true, &mut notes))]
                }
                Body::Correlation(node) => {
                    let list = bases.get(&number).map(Vec::as_slice).unwrap_or_default();
                    let used = list.iter().filter_map(|(base, ..)| self.entries.get(*base));
                    sites.extend(used.flat_map(|entry| &entry.document.sites));
                    let taken = taken(out.files.get(&entry.file), &sites);
                    self.correlated(&name, (header, node, taken), list, &mut notes)
                }
                _ => Vec::new(),
            };
            diags.append(&mut notes.diags);
            if items.is_empty() {
                continue;
            }
            out.notes.insert(name, self.told(entry, bases.get(&number)));
            if let Some(file) = out.files.get_mut(&entry.file) {
                declare(file, &sites);
                file.items.extend(items);
            }
        }
        out
    }

    /// The items of a correlation; none when an error was noted.
    fn correlated(
        &self,
        name: &str,
        own: (&Header, &Node, BTreeMap<String, usize>),
        list: &[(usize, String, Span)],
        notes: &mut Notes,
    ) -> Vec<Item> {
        let (header, node, taken) = own;
        let mut bases = Vec::new();
        for (number, called, at) in list {
            let Some(entry) = self.entries.get(*number) else { continue };
            let title = entry.document.header.name.as_ref().unwrap_or(&entry.document.header.title);
            match &entry.document.body {
                Body::Rule(Some(cond)) => bases.push(Base {
                    called: called.clone(),
                    span: *at,
                    title: title.clone(),
                    cond: cond.clone(),
                }),
                // What is wrong with it was told.
                Body::Rule(None) | Body::Filter { .. } => return Vec::new(),
                Body::Correlation(_) => {
                    let diag = Diag::error("S0009", "a correlation of correlations", *at)
                        .label("is a correlation itself")
                        .help("name the rules that it is made of");
                    notes.diags.push(diag);
                    return Vec::new();
                }
            }
        }
        if bases.len() < correlation::rules(node).len() {
            return Vec::new();
        }
        let Some(made) = correlation::clauses(node, header, &bases, taken, notes) else {
            return Vec::new();
        };
        let mut items = made.lets;
        items.push(Item::Rule(rule::rule(name, header, made.clauses, false, notes)));
        items
    }

    /// The name of a rule; with the start of its id where another has the same.
    fn name(&self, number: usize) -> String {
        let Some(entry) = self.entries.get(number) else { return String::new() };
        let header = &entry.document.header;
        let name = rule::name(header);
        let others = self.entries.iter().enumerate().filter(|(other, entry)| {
            *other != number
                && !matches!(entry.document.body, Body::Filter { .. })
                && rule::name(&entry.document.header) == name
        });
        match (others.count(), header.id.as_deref()) {
            (0, _) | (_, None) => name,
            (_, Some(id)) => format!("{name}_{}", rule::word(id.get(..8).unwrap_or(id))),
        }
    }

    /// What the language has no clause for, as lines of a comment.
    fn told(&self, entry: &Entry, bases: Option<&Vec<(usize, String, Span)>>) -> Vec<String> {
        let header = &entry.document.header;
        let mut lines = Vec::new();
        let mut line = |word: &str, value: &str| {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            lines.push(format!("{word} {value}"));
        };
        let id = header.id.as_deref().unwrap_or("without an id");
        line("Sigma rule", id);
        let parts = [
            ("author", &header.author),
            ("date", &header.date),
            ("modified", &header.modified),
            ("licence", &header.license),
        ];
        for (word, value) in parts {
            if let Some(value) = value {
                line(word, value);
            }
        }
        for (number, ..) in bases.into_iter().flatten() {
            if let Some(base) = self.entries.get(*number) {
                let own = &base.document.header;
                line(
                    "made of",
                    &format!("\"{}\" {}", own.title, own.id.as_deref().unwrap_or_default()),
                );
            }
        }
        lines
    }
}

/// The names that a file has lets for, or will have.
fn taken(file: Option<&File>, sites: &[&(String, String, Span)]) -> BTreeMap<String, usize> {
    let lets = file.into_iter().flat_map(|file| &file.items).filter_map(|item| match item {
        Item::Let(own) => Some(own.name.name.clone()),
        Item::Rule(_) => None,
    });
    lets.chain(sites.iter().map(|(name, ..)| name.clone())).map(|name| (name, 1)).collect()
}

/// Puts a let on top of a file for each list of the site that it does not have yet.
fn declare(file: &mut File, sites: &[&(String, String, Span)]) {
    for (name, ty, span) in sites {
        let known = |item: &Item| matches!(item, Item::Let(own) if own.name.name == *name);
        if file.items.iter().any(known) {
            continue;
        }
        let ident = |name: &str| Ident { name: name.to_owned(), span: *span };
        let inner = Box::new(TypeRef::Name(ident(ty)));
        let empty = Expr { kind: ExprKind::List(Vec::new()), span: *span, grouped: false };
        let own = Let {
            name: ident(name),
            ty: Some(TypeRef::List(inner, *span)),
            value: LetValue::Expr(empty),
            span: *span,
        };
        file.items.insert(0, Item::Let(own));
    }
}
