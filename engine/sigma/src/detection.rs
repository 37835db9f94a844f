//! The selections of a rule, each as a condition.
//!
//! A map asks for all of its entries, a list for any of its elements, a text by itself is
//! a keyword. What is wrong is noted, and what is odd.

use crate::build;
use crate::field::{Field, Shape};
use crate::matching::{self, Bound, Test, can_hold, patterns};
use crate::modifier::{Coding, Modifiers, Op};
use crate::text::{MOST_DASHES, Pattern, base64, base64_offsets};
use crate::yaml::{self, Key, Kind, Node, Scalar};
use event::{Cidr, CidrError};
use lang::ast::{Expr, Span};
use lang::aws;
use lang::diag::Diag;
use lang::schema::{self, Lookup};
use std::collections::BTreeMap;

/// The most parts of one condition: entries of a map, values of `all`.
pub(crate) const PARTS: usize = 500;

/// What is found on the way.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) diags: Vec<Diag>,
    /// The site's values that are asked for, with their type.
    pub(crate) sites: BTreeMap<String, (String, Span)>,
}

impl Notes {
    /// Notes what is wrong; what has it comes to nothing.
    pub(crate) fn wrong<T>(&mut self, diag: Diag) -> Option<T> {
        self.diags.push(diag);
        None
    }
}

/// The condition of a selection; nothing when an error was noted.
pub(crate) fn selection(node: &Node, notes: &mut Notes) -> Option<Expr> {
    match &node.kind {
        Kind::Map(entries) if entries.is_empty() => notes.wrong(empty(node.span)),
        Kind::Map(entries) => {
            few(entries.len(), node.span, notes)?;
            let parts: Vec<_> =
                entries.iter().map(|(key, value)| entry(key, value, notes)).collect();
            build::all(parts.into_iter().collect::<Option<_>>()?)
        }
        Kind::List(items) if items.is_empty() => notes.wrong(empty(node.span)),
        Kind::List(items) => {
            let (words, others): (Vec<_>, Vec<_>) =
                items.iter().partition(|item| item.scalar().is_some());
            few(others.len(), node.span, notes)?;
            let mut parts = Vec::new();
            if !words.is_empty() {
                parts.push(keywords(words.into_iter(), false, notes));
            }
            for other in others {
                parts.push(selection(other, notes));
            }
            build::either(parts.into_iter().collect::<Option<_>>()?)
        }
        Kind::Scalar(_) => keywords(std::iter::once(node), false, notes),
    }
}

fn empty(at: Span) -> Diag {
    Diag::error("S0004", "an empty selection", at)
        .label("asks for nothing")
        .help("write at least one field with a value")
}

fn few(count: usize, at: Span, notes: &mut Notes) -> Option<()> {
    if count <= PARTS {
        return Some(());
    }
    let diag = Diag::error("S0009", format!("{count} conditions in one selection"), at);
    notes.wrong(diag.help(format!("there may be {PARTS}: split the rule")))
}

fn keywords<'n>(
    words: impl Iterator<Item = &'n Node>,
    all: bool,
    notes: &mut Notes,
) -> Option<Expr> {
    let mut patterns = Vec::new();
    for word in words {
        let Some(text) = word.text().filter(|text| !text.is_empty()) else {
            let title = format!("a keyword is a text, this is {}", word.words());
            return notes.wrong(Diag::error("S0004", title, word.span).help("write a text"));
        };
        patterns.push((Pattern::parse(text).open(true, true), word.span));
    }
    if all {
        few(patterns.len(), patterns.first()?.1, notes)?;
    }
    matching::keywords(&patterns, all)
}

/// One entry of a selection: `field|modifiers: values`.
fn entry(key: &Key, value: &Node, notes: &mut Notes) -> Option<Expr> {
    if key.name == "<<" {
        let diag = Diag::error("S0009", "a merge key", key.span).label("is not of YAML 1.2");
        return notes.wrong(diag.help("write the entries out"));
    }
    let mut names = key.name.split('|').map(str::trim);
    let name = names.next().unwrap_or_default();
    let how = match Modifiers::parse(names, key.span) {
        Ok(how) => how,
        Err(diag) => return notes.wrong(diag),
    };
    if name.is_empty() {
        if how.op != Op::Equal && how.op != Op::Contains {
            let diag = Diag::error("S0007", "a keyword takes `all` and nothing else", key.span);
            return notes.wrong(diag.help("write a field before the first `|`"));
        }
        return keywords(value.each().iter(), how.all, notes);
    }
    let field = Field::named(name, key.span, &mut notes.diags);
    if value.each().is_empty() {
        let diag = Diag::error("S0004", format!("`{name}` has an empty list"), value.span);
        return notes.wrong(diag.label("nothing is in it").help("write at least one value"));
    }
    let mut all = Vec::new();
    for one in value.each() {
        let Some(scalar) = one.scalar() else {
            let title = format!("a value of `{name}` is {}", one.words());
            let diag = Diag::error("S0004", title, first(one).unwrap_or(one.span));
            let help = match one.kind {
                Kind::Map(_) => format!("for a key below it write `{name}.key: …`"),
                _ => "write all values in one list".to_owned(),
            };
            return notes.wrong(diag.label("a plain value is wanted").help(help));
        };
        let forms = tests(&field, &how, scalar, one.span, notes)?;
        all.push(forms.into_iter().map(|test| (test, one.span)).collect::<Vec<_>>());
    }
    if how.all || how.op == Op::Regex || how.op == Op::Network {
        few(all.len(), key.span, notes)?;
    }
    matching::condition(&field, &how, &all)
}

fn first(node: &Node) -> Option<Span> {
    node.entries().first().map(|(key, _)| key.span)
}

/// What one value asks for; nothing when an error was noted.
fn tests(
    field: &Field,
    how: &Modifiers,
    scalar: &Scalar,
    at: Span,
    notes: &mut Notes,
) -> Option<Vec<Test>> {
    let text = scalar.text.as_str();
    if scalar.is_null() {
        return match how.op {
            Op::Equal => Some(vec![Test::Null]),
            _ => bad(notes, at, "nothing stands behind a modifier", "write a value"),
        };
    }
    let one = match how.op {
        Op::Equal | Op::Contains | Op::Starts | Op::Ends => {
            odd(field, how, text, at, notes);
            return texts(how, text, at, notes);
        }
        Op::Exists => match text.to_lowercase().as_str() {
            "true" | "yes" => Test::There(true),
            "false" | "no" => Test::There(false),
            _ => return bad(notes, at, "`exists` takes true or false", "write `true` or `false`"),
        },
        Op::Regex if how.flags.is_empty() => Test::Regex(text.to_owned()),
        Op::Regex => Test::Regex(format!("(?{}){text}", how.flags)),
        Op::Network => network(field, text, at, notes)?,
        Op::Field => Test::Same(Box::new(Field::named(text, at, &mut notes.diags).beside())),
        Op::Order(_) if Pattern::parse(text).is_open() => {
            return bad(notes, at, "a wildcard in a bound", "write the number or text itself");
        }
        Op::Order(op) => {
            Test::Order(op, Bound { text: text.to_owned(), number: yaml::number(text) })
        }
        Op::Expand => site(field, text, at, notes)?,
    };
    Some(vec![one])
}

fn bad<T>(notes: &mut Notes, at: Span, title: &str, help: &str) -> Option<T> {
    notes.wrong(Diag::error("S0008", title, at).help(help))
}

/// A text as its codings make it.
fn texts(how: &Modifiers, text: &str, at: Span, notes: &mut Notes) -> Option<Vec<Test>> {
    let mut cased = how.cased;
    let mut all = vec![Pattern::parse(text)];
    let mut bytes: Vec<u8> = all.first().map(|one| one.literal(false)).unwrap_or_default().into();
    let utf16 = |bytes: &[u8]| String::from_utf8_lossy(bytes).encode_utf16().collect::<Vec<_>>();
    for coding in &how.codings {
        if *coding != Coding::Dashes && all.iter().any(Pattern::is_open) {
            return bad(notes, at, "a wildcard in a text that is coded", "escape it: `\\*`");
        }
        match coding {
            Coding::Utf16Le => bytes = utf16(&bytes).iter().flat_map(|u| u.to_le_bytes()).collect(),
            Coding::Utf16Be => bytes = utf16(&bytes).iter().flat_map(|u| u.to_be_bytes()).collect(),
            Coding::Utf16 => {
                let units = utf16(&bytes);
                bytes = [0xFF, 0xFE]
                    .into_iter()
                    .chain(units.iter().flat_map(|u| u.to_le_bytes()))
                    .collect();
            }
            Coding::Base64 => (cased, all) = (true, vec![Pattern::exactly(&base64(&bytes))]),
            Coding::Base64Offset => {
                let forms = base64_offsets(&bytes);
                (cased, all) = (true, forms.iter().map(|form| Pattern::exactly(form)).collect());
            }
            Coding::Dashes => {
                let Some(dashed) = all.first().and_then(Pattern::dashes) else {
                    let help = format!("`windash` takes {MOST_DASHES}: write a list");
                    return bad(notes, at, "too many dashes", &help);
                };
                all = dashed;
            }
        }
    }
    let test = |pattern| Test::Text { pattern: patterns(how.op, pattern), cased };
    Some(all.into_iter().map(test).collect())
}

fn network(field: &Field, text: &str, at: Span, notes: &mut Notes) -> Option<Test> {
    let whole = match text.contains('/') {
        true => text.to_owned(),
        false if text.contains(':') => format!("{text}/128"),
        false => format!("{text}/32"),
    };
    match Cidr::parse(&whole) {
        Ok(network) if can_hold(field, network) => Some(Test::Network(network)),
        Ok(_) => {
            let title = format!("an IPv6 network asked of `{}`", field.name);
            let diag = Diag::error("S0009", title, at).label("its values are read as text");
            notes.wrong(diag.help("only `sourceIPAddress` is read as an address"))
        }
        Err(error) => {
            let help = match error {
                CidrError::Form => "write it as in `10.0.0.0/8`".to_owned(),
                CidrError::Bits { most } => format!("the address has only {most} bits"),
                CidrError::HostBits { network } => format!("write `{network}`"),
            };
            notes.wrong(Diag::error("S0008", format!("`{text}` is no network"), at).help(help))
        }
    }
}

/// `%name%`: values that the site gives.
fn site(field: &Field, text: &str, at: Span, notes: &mut Notes) -> Option<Test> {
    let name = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).unwrap_or("");
    if name.is_empty() || name.contains('%') {
        let title = "`expand` takes one placeholder and nothing around it";
        let diag = Diag::error("S0009", title, at).label("wanted is, say, `'%home_regions%'`");
        return notes.wrong(diag.help("put the whole values into the site file"));
    }
    let sound = lang::lexer::is_name(name) && !schema::is_raw_head(name);
    if !sound {
        let diag = Diag::error("S0008", format!("`{name}` is no name of a site's list"), at);
        return notes.wrong(diag.help("use letters, digits and `_`, and no field's name"));
    }
    let ty = if field.shape == Shape::Text { field.ty.as_str() } else { "Str" };
    if let Some((known, first)) = notes.sites.get(name)
        && known != ty
    {
        let title = format!("`%{name}%` stands for values of two kinds");
        let diag = Diag::error("S0008", title, at).label(ty).also(*first, known.clone());
        return notes.wrong(diag.help("give each its own list"));
    }
    notes.sites.insert(name.to_owned(), (ty.to_owned(), at));
    Some(Test::Site(name.to_owned()))
}

/// Notes a value that is probably not what its author wants.
fn odd(field: &Field, how: &Modifiers, text: &str, at: Span, notes: &mut Notes) {
    let keys: Vec<&str> = text.split('.').collect();
    let is_field = keys.len() > 1
        && schema::is_raw_head(keys.first().copied().unwrap_or_default())
        && matches!(schema::raw(&keys), Lookup::Found(..));
    if is_field {
        let diag = Diag::warning("S0014", format!("`{text}` is taken as a text"), at)
            .label("looks like a field");
        notes.diags.push(diag.help("for its value write `|fieldref`"));
    }
    if how.op != Op::Equal || !how.codings.is_empty() || Pattern::parse(text).is_open() {
        return;
    }
    match field.name.as_str() {
        "eventName" => {
            let bare = aws::without_api_date(text);
            let near = aws::suggest_api(None, bare);
            let same = near.is_some_and(|near| near.eq_ignore_ascii_case(bare));
            if !aws::is_api(bare) && !same {
                unknown(("L0012", "API"), text, near.map(str::to_owned), at, notes);
            }
        }
        "eventSource" => {
            let host = text.to_lowercase();
            let host = host.strip_suffix(".cn").unwrap_or(&host);
            let service = host.strip_suffix(".amazonaws.com");
            if service.is_none_or(|service| !aws::is_service(service)) {
                let meant = aws::suggest_service(service.unwrap_or(host));
                let meant = meant.map(|meant| format!("{meant}.amazonaws.com"));
                unknown(("L0011", "service"), text, meant, at, notes);
            }
        }
        "awsRegion" if !aws::is_region(&text.to_lowercase()) => {
            let meant = aws::suggest_region(text).map(str::to_owned);
            unknown(("L0013", "region"), text, meant, at, notes);
        }
        _ => {}
    }
}

fn unknown(
    kind: (&'static str, &str),
    text: &str,
    meant: Option<String>,
    at: Span,
    notes: &mut Notes,
) {
    let (code, what) = kind;
    let diag = Diag::warning(code, format!("unknown {what} `{text}`"), at)
        .label(format!("AWS had no such {what} when this was built"));
    notes.diags.push(match meant {
        Some(meant) => diag.help(format!("did you mean `{meant}`?")),
        None => diag.help("if AWS has added it since, leave it as it is"),
    });
}
