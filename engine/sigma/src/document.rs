//! A document of a Sigma file: what it is, and what it says of itself.
//!
//! It knows the shape of rules, correlations and filters; what their conditions mean is
//! told by `detection`, `condition` and `correlation`.
//!
//! Source: Sigma rules specification 2.1, Sigma correlation rules specification 2.1,
//! Sigma filters specification 2.1

use crate::condition::{self, Cond};
use crate::detection::{Notes, PARTS, selection};
use crate::yaml::{Kind, NODES, Node, Scalar};
use lang::ast::{Expr, Level, Span, Status};
use lang::aws::nearest;
use lang::diag::{Diag, Sources};

/// What a rule says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) title: String,
    /// Where the title stands.
    pub(crate) span: Span,
    /// The whole document.
    pub(crate) whole: Span,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) tags: Vec<(String, Span)>,
    pub(crate) false_positives: Vec<String>,
    pub(crate) fields: Vec<(String, Span)>,
    pub(crate) level: Option<Level>,
    pub(crate) status: Option<Status>,
}

/// A document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) header: Header,
    pub(crate) body: Body,
    /// What its conditions brought up.
    pub(crate) sites: Vec<(String, String, Span)>,
}

/// What a document is.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A rule with its condition; none where it has an error.
    Rule(Option<Expr>),
    /// A correlation; its node.
    Correlation(Node),
    /// A filter: its condition, and the rules it narrows.
    Filter {
        /// The condition; none where it has an error.
        cond: Option<Expr>,
        /// The rules by name, id or title, with their places; none for all.
        rules: Option<Vec<(String, Span)>>,
    },
}

/// A correlation, with `generate` where it stands beside it and not in it.
fn with_generate(correlation: &Node, document: &Node) -> Node {
    let mut own = correlation.clone();
    if let (Kind::Map(entries), Some(outer)) = (&mut own.kind, document.entry("generate"))
        && !entries.iter().any(|(key, _)| key.name == "generate")
    {
        entries.push(outer.clone());
    }
    own
}

/// The document of a node; nothing for one that is left out, or lacks its title.
pub(crate) fn read(node: &Node, sources: &Sources, diags: &mut Vec<Diag>) -> Option<Document> {
    if !known(node, diags) {
        return None;
    }
    let mut notes = Notes::default();
    let header = header(node, &mut notes);
    let body = if let Some(correlation) = node.get("correlation") {
        Some(Body::Correlation(with_generate(correlation, node)))
    } else if let Some((key, filter)) = node.entry("filter") {
        filtered(filter, key.span, sources, &mut notes)
    } else if let Some(detection) = node.get("detection") {
        Some(Body::Rule(detected(detection, sources, &mut notes)))
    } else {
        let at = header.as_ref().map_or(whole(node), |header| header.span);
        let diag = Diag::error("S0003", "a rule without `detection`", at);
        notes.wrong(diag.help("add `detection:` with a selection and a `condition`"))
    };
    let sites = std::mem::take(&mut notes.sites);
    diags.append(&mut notes.diags);
    let sites = sites.into_iter().map(|(name, (ty, span))| (name, ty, span)).collect();
    Some(Document { header: header?, body: body?, sites })
}

/// Whether a document is for CloudTrail; what is not is named.
fn known(node: &Node, diags: &mut Vec<Diag>) -> bool {
    if node.scalar().is_some_and(Scalar::is_null) {
        return false;
    }
    let marks = ["title", "logsource", "detection", "correlation", "filter"];
    let at = node.entry("title").map_or_else(|| whole(node), |(_, title)| title.span);
    let left_out = |label: String, at: Span| {
        Diag::warning("S0012", "left out: no rule for CloudTrail", at)
            .label(label)
            .help("no event is held against it")
    };
    if let Some((key, _)) = node.entry("action") {
        let diag = Diag::error("S0009", "`action` is of an old form of Sigma", key.span);
        diags.push(diag.help("write each rule out in its own document"));
        return false;
    }
    if !marks.iter().any(|mark| node.get(mark).is_some()) {
        diags.push(left_out("no Sigma rule".to_owned(), at));
        return false;
    }
    let Some((key, source)) = node.entry("logsource") else {
        if node.get("detection").is_none() {
            return true;
        }
        let diag = Diag::error("S0003", "a rule without `logsource`", at);
        diags.push(diag.help("add `logsource: { product: aws, service: cloudtrail }`"));
        return false;
    };
    let word = |name| source.get(name).and_then(Node::text).map(str::to_lowercase);
    let (product, service) = (word("product"), word("service"));
    let fits = product.as_deref().is_none_or(|product| product == "aws")
        && service.as_deref().is_none_or(|service| service == "cloudtrail")
        && (product.is_some() || service.is_some());
    if !fits {
        let words: Vec<String> = ["category", "product", "service"]
            .into_iter()
            .filter_map(|name| Some(format!("{name} {}", word(name)?)))
            .collect();
        diags.push(left_out(format!("its log source is {}", words.join(", ")), key.span));
    }
    fits
}

/// From the first key to the last value.
fn whole(node: &Node) -> Span {
    let entries = node.entries();
    let start = entries.first().map_or(node.span, |(key, _)| key.span);
    let end = entries.last().map_or(node.span, |(_, value)| value.span);
    Span { end: end.end.max(start.end), ..start }
}

fn header(node: &Node, notes: &mut Notes) -> Option<Header> {
    let Some((_, title)) = node.entry("title") else {
        let diag = Diag::error("S0003", "a rule without `title`", whole(node));
        return notes.wrong(diag.label("in this document").help("add `title: …`"));
    };
    let mut text = |name: &str| {
        let value = node.get(name)?;
        if value.scalar().is_none() {
            let title = format!("`{name}` is {}", value.words());
            notes.diags.push(Diag::error("S0004", title, value.span).help("write one text"));
        }
        value.text().map(|text| text.trim().to_owned())
    };
    let words = text("title").map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    let (id, name) = (text("id"), text("name"));
    let (description, author) = (text("description"), text("author"));
    let (date, modified, license) = (text("date"), text("modified"), text("license"));
    let level = word(node, "level", &LEVELS, notes);
    let status = word(node, "status", &STATUSES, notes);
    let Some(words) = words.filter(|words| !words.is_empty()) else {
        let diag = Diag::error("S0003", "an empty `title`", title.span);
        return notes.wrong(diag.help("say in a few words what the rule finds"));
    };
    let plain = |name: &str| texts(node, name).into_iter().map(|(text, _)| text).collect();
    Some(Header {
        title: words,
        span: title.span,
        whole: whole(node),
        id,
        name,
        description,
        author,
        date,
        modified,
        license,
        references: plain("references"),
        tags: texts(node, "tags"),
        false_positives: plain("falsepositives"),
        fields: texts(node, "fields"),
        level,
        status,
    })
}

/// The texts of a list.
fn texts(node: &Node, name: &str) -> Vec<(String, Span)> {
    let items = node.get(name).map(Node::each).unwrap_or_default().iter();
    items.filter_map(|item| Some((item.text()?.trim().to_owned(), item.span))).collect()
}

const LEVELS: [(&str, Level); 5] = [
    ("informational", Level::Info),
    ("low", Level::Low),
    ("medium", Level::Medium),
    ("high", Level::High),
    ("critical", Level::Critical),
];

/// A rule that is no longer supported is taken as one that should not be used.
const STATUSES: [(&str, Status); 5] = [
    ("stable", Status::Stable),
    ("test", Status::Test),
    ("experimental", Status::Experimental),
    ("deprecated", Status::Deprecated),
    ("unsupported", Status::Deprecated),
];

/// What a word of a closed set stands for.
fn word<T: Copy>(node: &Node, name: &str, all: &[(&str, T)], notes: &mut Notes) -> Option<T> {
    let value = node.get(name)?;
    let text = value.text().unwrap_or_default().to_lowercase();
    if let Some((_, known)) = all.iter().find(|(own, _)| *own == text) {
        return Some(*known);
    }
    let names = all.iter().map(|(own, _)| *own);
    let help = match nearest(&text, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    };
    let diag = Diag::error("S0017", format!("`{name}` is never `{text}`"), value.span);
    notes.wrong(diag.help(help))
}

/// The condition of a detection; nothing when an error was noted.
fn detected(detection: &Node, sources: &Sources, notes: &mut Notes) -> Option<Expr> {
    let Kind::Map(entries) = &detection.kind else {
        let title = format!("`detection` is {}", detection.words());
        let diag = Diag::error("S0004", title, detection.span);
        return notes.wrong(diag.help("write selections and a `condition` below it"));
    };
    if let Some((key, _)) = detection.entry("timeframe") {
        let diag = Diag::error("S0009", "`timeframe` is of an old form of Sigma", key.span);
        return notes.wrong(diag.help("write a correlation rule with a `timespan`"));
    }
    conditions(entries, &["condition"], (detection, sources), notes)
}

type Entries = [(crate::yaml::Key, Node)];

/// The condition over the selections among the entries.
fn conditions(
    entries: &Entries,
    others: &[&str],
    place: (&Node, &Sources),
    notes: &mut Notes,
) -> Option<Expr> {
    let (node, sources) = place;
    let named: Vec<_> =
        entries.iter().filter(|(key, _)| !others.contains(&key.name.as_str())).collect();
    let names: Vec<&str> = named.iter().map(|(key, _)| key.name.as_str()).collect();
    let Some((_, written)) = node.entry("condition") else {
        let at = entries.first().map_or(node.span, |(key, _)| key.span);
        let diag = Diag::error("S0003", "no `condition`", at).label("in what begins here");
        return notes.wrong(diag.help("add, say, `condition: selection`"));
    };
    let conds: Option<Vec<Cond>> =
        written.each().iter().map(|text| one_condition(text, &names, sources, notes)).collect();
    let selections: Vec<Option<Expr>> =
        named.iter().map(|(_, node)| selection(node, notes)).collect();
    let cond = Cond::Or(conds?);
    let mut uses = Vec::new();
    cond.uses(&mut uses);
    let size: usize =
        uses.iter().filter_map(|number| named.get(*number)).map(|(_, node)| node.size()).sum();
    if uses.len() > PARTS || size > NODES {
        let diag = Diag::error("S0009", "a condition that asks for too much", written.span);
        return notes.wrong(diag.help("name each selection once, and split the rule"));
    }
    for (number, (key, _)) in named.iter().enumerate() {
        if !uses.contains(&number) && !key.name.starts_with('_') {
            let title = format!("`{}` is in no condition", key.name);
            let diag = Diag::warning("S0015", title, key.span).label("asked by nothing");
            notes.diags.push(diag.help("name it in the condition, or leave it out"));
        }
    }
    if selections.iter().any(Option::is_none) { None } else { cond.expr(&selections) }
}

fn one_condition(
    node: &Node,
    names: &[&str],
    sources: &Sources,
    notes: &mut Notes,
) -> Option<Cond> {
    let Some(text) = node.text() else {
        let title = format!("a condition is a text, this is {}", node.words());
        return notes.wrong(Diag::error("S0004", title, node.span).help("write a text"));
    };
    // Where the text stands in the file as it is, a piece of it has a place of its own.
    let slice = sources.slice(node.span);
    let shift = slice.find(text).and_then(|at| u32::try_from(at).ok());
    let place = |start: usize, end: usize| match (shift, u32::try_from(start), u32::try_from(end)) {
        (Some(shift), Ok(start), Ok(end)) => Span {
            start: node.span.start + shift + start,
            end: node.span.start + shift + end,
            ..node.span
        },
        _ => node.span,
    };
    match condition::parse(text, names, &place) {
        Ok(cond) => Some(cond),
        Err(diag) => notes.wrong(diag),
    }
}

/// The condition of a filter and the rules it is for.
fn filtered(filter: &Node, at: Span, sources: &Sources, notes: &mut Notes) -> Option<Body> {
    let Some(rules) = filter.get("rules") else {
        let diag = Diag::error("S0003", "a filter without `rules`", at);
        return notes.wrong(diag.help("name the rules it narrows, or write `rules: any`"));
    };
    let any = rules.text().is_some_and(|text| text.eq_ignore_ascii_case("any"));
    let cond = conditions(filter.entries(), &["condition", "rules"], (filter, sources), notes);
    Some(Body::Filter { cond, rules: (!any).then(|| texts(filter, "rules")) })
}
