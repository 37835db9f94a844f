//! YAML into a small tree with spans: the one place that knows its syntax.
//!
//! Scalars keep their text as written, because `012345678901` is an account and no
//! number; what a plain one means is asked of it. Aliases are copied, within the limits.
//!
//! # Invariants
//!
//! - No text makes it use more than [`NODES`] nodes or [`DEPTH`] levels, aliases included.
//! - A fault ends the document it is in and those after it; those before it stay.

use lang::ast::{Number, Span};
use lang::diag::Diag;
use lang::limits;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;

/// The most nodes of a file, aliases counted each time.
pub(crate) const NODES: usize = 100_000;

/// The deepest nesting.
pub(crate) const DEPTH: usize = limits::NESTING;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// How many nodes it is, itself included.
    size: usize,
    /// How many levels it has.
    depth: usize,
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Span,
}

/// A text, number, truth or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Without quotes: it may be a number, a truth or nothing.
    plain: bool,
}

impl Scalar {
    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The truth, of `true` and `false` without quotes.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }
}

/// The number that a text writes in the form of JSON, so that its text comes back.
pub(crate) fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let sound = !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
        && (whole.len() == 1 || !whole.starts_with('0'));
    if !sound {
        return None;
    }
    if let Ok(int) = text.parse::<i64>() {
        return Some(Number::Int(int));
    }
    text.parse::<f64>().ok().filter(|float| float.is_finite()).map(Number::Float)
}

impl Node {
    /// The scalar, unless it is a list or map.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is not `null`.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// The entries of a map; none of anything else.
    pub(crate) fn entries(&self) -> &[(Key, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The entry under a key of a map.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Key, Self)> {
        self.entries().iter().find(|(key, _)| key.name == name)
    }

    /// The elements of a list, or the value itself as a list of one.
    pub(crate) fn each(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// How many nodes it is, itself included.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What it is, in words.
    pub(crate) fn words(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(scalar) if scalar.is_null() => "nothing",
            Kind::Scalar(_) => "a plain value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

/// The documents of a text, and what is wrong with its form.
pub(crate) fn read(text: &str, file: u32) -> (Vec<Node>, Vec<Diag>) {
    let mut reader = Reader::new(text, file);
    if text.len() > limits::FILE_BYTES {
        let diag = Diag::error("S0001", "the file is too large", reader.span(0, 0));
        reader.diags.push(diag.help("split it: a rule file has at most 16 MiB"));
        return (Vec::new(), reader.diags);
    }
    for event in Parser::new_from_str(text) {
        let going = match event {
            Ok((event, at)) => {
                let span = reader.span(at.start.index(), at.end.index());
                reader.event(event, span)
            }
            Err(error) => {
                let at = error.marker().index();
                let span = reader.span(at, at + 1);
                let title = format!("this is no YAML: {}", error.info());
                reader.diags.push(Diag::error("S0001", title, span).label("here").help(
                    "mind the indentation, and quote texts that begin with one of `*&!%@{[`",
                ));
                false
            }
        };
        if !going {
            break;
        }
    }
    (reader.documents, reader.diags)
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Key>,
}

struct Reader {
    file: u32,
    /// The byte of each character, where a character may be more than one.
    bytes: Option<Vec<u32>>,
    length: u32,
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    diags: Vec<Diag>,
}

impl Reader {
    fn new(text: &str, file: u32) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let bytes = (!text.is_ascii() && text.len() <= limits::FILE_BYTES)
            .then(|| text.char_indices().map(|(at, _)| place(at)).collect());
        Self {
            file,
            bytes,
            length: place(text.len()),
            documents: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            diags: Vec::new(),
        }
    }

    /// The span from a character to another.
    fn span(&self, start: usize, end: usize) -> Span {
        let byte = |at: usize| match &self.bytes {
            Some(bytes) => bytes.get(at).copied().unwrap_or(self.length),
            None => u32::try_from(at).unwrap_or(u32::MAX).min(self.length),
        };
        Span { file: self.file, start: byte(start), end: byte(end) }
    }

    /// Takes an event; whether to go on.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let scalar = Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                let node = Node { kind: Kind::Scalar(scalar), span, size: 1, depth: 0 };
                self.value(node, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(Kind::List(Vec::new()), anchor, span),
            Event::MappingStart(anchor, _) => self.begin(Kind::Map(Vec::new()), anchor, span),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.place(open.node, open.anchor),
                None => true,
            },
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.value(Node { span, ..node }, 0),
                None => {
                    let diag = Diag::error("S0001", "an alias of what it stands in", span);
                    self.diags.push(diag.help("write the value out"));
                    false
                }
            },
            Event::DocumentStart(_) => {
                self.anchors.clear();
                true
            }
            _ => true,
        }
    }

    fn begin(&mut self, kind: Kind, anchor: usize, span: Span) -> bool {
        let node = Node { kind, span, size: 1, depth: 1 };
        let fits = self.fits(1, 1, span);
        self.open.push(Open { node, anchor, key: None });
        fits
    }

    fn value(&mut self, node: Node, anchor: usize) -> bool {
        self.fits(node.size, node.depth, node.span) && self.place(node, anchor)
    }

    /// Whether so many more nodes and levels are allowed.
    fn fits(&mut self, size: usize, depth: usize, span: Span) -> bool {
        self.nodes += size;
        let (deep, many) = (self.open.len() + depth > DEPTH, self.nodes > NODES);
        if deep || many {
            let title = if deep { "too deep" } else { "too many values" };
            let most = if deep {
                format!("a rule file has at most {DEPTH} levels")
            } else {
                format!("a rule file has at most {NODES} values, each alias counted anew")
            };
            self.diags.push(Diag::error("S0001", title, span).label("here").help(most));
        }
        !(deep || many)
    }

    /// Puts a whole value where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> bool {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return true;
        };
        open.node.size += node.size;
        open.node.depth = open.node.depth.max(node.depth + 1);
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let span = node.span;
                    let Kind::Scalar(scalar) = node.kind else {
                        let diag = Diag::error("S0004", "a key that is no plain text", span);
                        self.diags.push(diag.help("a text with `{` or `[` stands in quotes"));
                        return false;
                    };
                    let key = Key { name: scalar.text, span };
                    if let Some((first, _)) = entries.iter().find(|(own, _)| own.name == key.name) {
                        let title = format!("the key `{}` stands twice", key.name);
                        let diag = Diag::error("S0002", title, span)
                            .label("again")
                            .also(first.span, "first here")
                            .help("put the values into one list, or give one another name");
                        self.diags.push(diag);
                    }
                    open.key = Some(key);
                }
            },
            Kind::Scalar(_) => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let (documents, diags) = read(text, 0);
        let mut shown: Vec<String> = documents.iter().map(|node| show(node, text)).collect();
        shown.extend(diags.iter().map(|diag| format!("{} {}", diag.code, diag.title)));
        assert_eq!(shown.join(" | "), want);
    }

    fn slice(text: &str, span: Span) -> &str {
        &text[span.start as usize..span.end as usize]
    }

    fn show(node: &Node, text: &str) -> String {
        match &node.kind {
            Kind::Scalar(scalar) if scalar.is_null() => "null".to_owned(),
            Kind::Scalar(scalar) => match (number(&scalar.text), scalar.truth()) {
                (Some(number), _) if scalar.plain => format!("{number:?}"),
                (_, Some(truth)) => format!("{truth:?}"),
                _ => format!("{}@{}", scalar.text, slice(text, node.span)),
            },
            Kind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| show(item, text)).collect();
                format!("[{}]", items.join(","))
            }
            Kind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    format!("{}@{}:{}", key.name, slice(text, key.span), show(value, text))
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn documents_come_with_their_places() {
        check("a: 'x'\nb: [1, \"1\", yes]\n", "{a@a:x@'x',b@b:[Int(1),1@\"1\",yes@yes]}");
        check("é: ü # c\r\nb: c\r\n", "{é@é:ü@ü,b@b:c@c}");
        check("\u{feff}a: b\n", "{a@a:b@b}");
        check("a:\n---\nb: ~\n", "{a@a:null} | {b@b:null}");
    }

    #[test]
    fn a_number_is_one_whose_text_comes_back() {
        check(
            "[012345678901, 1.5, -3, 1e3, 0x10, .5]",
            "[012345678901@012345678901,Float(1.5),Int(-3),Float(1000.0),0x10@0x10,.5@.5]",
        );
        check("[True, false, no, NULL]", "[true,false,no@no,null]");
    }

    #[test]
    fn aliases_are_copied_within_the_limit() {
        check("a: &x [1]\nb: *x\n", "{a@a:[Int(1)],b@b:[Int(1)]}");
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        check(&bomb, "S0001 too many values");
    }

    #[test]
    fn no_depth_and_no_damage_does_harm() {
        for text in ["[".repeat(200_000), "- ".repeat(200_000), "{a: ".repeat(200_000)] {
            let (documents, diags) = read(&text, 0);
            assert!(documents.is_empty());
            assert_eq!(diags.len(), 1, "{diags:?}");
        }
        let (_, diags) = read("a: [b\nc: d\n", 0);
        assert_eq!(diags[0].code, "S0001");
        check("a: b\na: c\n", "{a@a:b@b,a@a:c@c} | S0002 the key `a` stands twice");
    }
}
