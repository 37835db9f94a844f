//! Alerts: one JSON object that explains itself.
//!
//! A [`Firing`] is an alert before it is known whether it is held back. Its order
//! and its fingerprint are the same in every run. Source: language reference,
//! "An alert explains itself", "Order".

use crate::canonical::Texts;
use crate::evidence::{Many, Shown};
use crate::redact::redact;
use event::EventTime;
use plan::{Level, Named, NodeId, Piece, Rule};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A firing: an alert, unless it is held back.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Firing {
    /// Where it stands among the others.
    pub order: Order,
    /// The rule, by its number in the program.
    pub rule: u32,
    /// By what it may be held back, where its rule has `suppress`.
    pub held_by: Option<Box<str>>,
    /// The alert up to `exempted`.
    pub alert: Map<String, Value>,
    /// Its fingerprint.
    pub fingerprint: String,
}

impl Firing {
    /// Which of two comes first: by their order, and where that is the same (two events may
    /// share an id) by what they say.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let text = |firing: &Self| serde_json::to_string(&firing.alert).unwrap_or_default();
        self.order.cmp(&other.order).then_with(|| text(self).cmp(&text(other)))
    }
}

/// The order of alerts: time, rule, group, tuple, event; apart ones after all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Order {
    /// Whether the event has no time, is late or from the future.
    pub apart: bool,
    /// Seconds since 1970; of those apart none.
    pub second: Option<i64>,
    /// The rule's name.
    pub rule: Box<str>,
    /// The JSON text of the group.
    pub group: Box<str>,
    /// The JSON text of the tuple, or nothing.
    pub tuple: Box<str>,
    /// The JSON text of the id of the firing event.
    pub id: Box<str>,
}

/// An alert as it is let out.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// How bad it is.
    pub severity: Level,
    /// The rule, by its number in the program.
    pub rule: u32,
    /// When it fired.
    pub second: Option<i64>,
    /// The object, keys in their order.
    pub fields: Map<String, Value>,
}

impl Alert {
    /// Its JSON, on one line.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(&self.fields).unwrap_or_default()
    }
}

/// What fired, as far as all kinds of rules share it.
#[derive(Debug)]
pub(crate) struct Fired<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) number: u32,
    pub(crate) apart: bool,
    pub(crate) second: Option<i64>,
    /// The texts of the `by` paths and the canonical JSON of their values.
    pub(crate) group: Vec<(&'a str, &'a str)>,
    /// The same of the tuple of `new`.
    pub(crate) tuple: Option<Vec<(&'a str, &'a str)>>,
    /// The id of the firing event and its values in the order of the rule's witness.
    pub(crate) id: &'a str,
    pub(crate) witness: Texts<&'a str>,
    pub(crate) aggregates: &'a [(&'a str, Value)],
    pub(crate) because: Vec<Value>,
    pub(crate) evidence: Value,
    pub(crate) show: Option<Value>,
    pub(crate) exempted: u64,
    pub(crate) beside: Beside,
}

/// What titles and `suppress` may read that is neither of the group nor of the firing event.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Values of the events chosen for steps, as canonical JSON texts.
    pub(crate) picked: Vec<(NodeId, Box<str>)>,
    /// How many events each step had, by number of the step.
    pub(crate) counts: Vec<(usize, u64)>,
    /// What the first score says.
    pub(crate) usual: Option<Usual>,
}

/// A score and what it was taken from, as alerts write them.
#[derive(Debug)]
pub(crate) struct Usual {
    pub(crate) score: Value,
    pub(crate) center: Value,
    pub(crate) scale: Value,
}

/// The longest text in an alert, in characters.
const LONGEST: usize = 2_000;

impl Fired<'_> {
    /// The firing, complete.
    pub(crate) fn firing(self, one_event: bool) -> Firing {
        let rule = self.rule;
        let time = self.second.map(|second| EventTime(second).to_string());
        let group = object(&self.group);
        let tuple = self.tuple.as_ref().map(|tuple| object(tuple));
        let fingerprint = fingerprint(&json!(rule.name), &group, tuple.as_deref(), &json!(time), {
            one_event.then_some(self.id)
        });
        let mut alert = Map::new();
        let mut put = |key: &str, value: Value| alert.insert(key.to_owned(), value);
        put("rule", json!(rule.name));
        put("version", json!(rule.version));
        put("severity", json!(rule.severity.word()));
        put("attack", json!(rule.attack));
        put("title", Value::from(cut(self.title())));
        put("time", json!(time));
        for (at, key) in ["account", "region", "principal"].into_iter().enumerate() {
            put(key, self.head(key, at));
        }
        put("group", shown(&group));
        if let Some(tuple) = &tuple {
            put("tuple", shown(tuple));
        }
        let held_by = self.held_by(&group, tuple.as_deref());
        let order = Order {
            apart: self.apart,
            second: if self.apart { None } else { self.second },
            rule: rule.name.clone(),
            group: if self.apart { "".into() } else { group.into() },
            tuple: if self.apart { "".into() } else { tuple.unwrap_or_default().into() },
            id: json!(self.id).to_string().into(),
        };
        put("because", Value::Array(self.because));
        put("evidence", self.evidence);
        if let Some(show) = self.show {
            put("show", show);
        }
        put("exempted", json!(self.exempted));
        Firing { order, rule: self.number, held_by, alert, fingerprint }
    }

    fn title(&self) -> String {
        let mut title = String::new();
        for piece in &self.rule.title {
            match piece {
                Piece::Text(text) => title.push_str(text),
                Piece::Path(named) => {
                    title.push_str(&plain(self.value(named).unwrap_or("null")));
                }
                Piece::Window => {
                    let of_group = self.rule.group().and_then(|group| group.within.as_ref());
                    let within = self.rule.sequence().map(|steps| &steps.within).or(of_group);
                    title.push_str(within.map_or("-", |(_, text)| text));
                }
                number => title.push_str(&self.number(number)),
            }
        }
        title
    }

    /// What a piece of the title counts.
    fn number(&self, piece: &Piece) -> String {
        let usual = self.beside.usual.as_ref();
        let value = match piece {
            Piece::Aggregate(at) => self.aggregates.get(*at).map(|(_, value)| spoken(value)),
            Piece::StepCount(step) => {
                let counts = &mut self.beside.counts.iter();
                counts.find(|(known, _)| known == step).map(|(_, count)| count.to_string())
            }
            Piece::Score => usual.map(|usual| spoken(&usual.score)),
            Piece::Center => usual.map(|usual| spoken(&usual.center)),
            Piece::Scale => usual.map(|usual| spoken(&usual.scale)),
            Piece::Text(_) | Piece::Path(_) | Piece::Window => None,
        };
        value.unwrap_or_else(|| "-".to_owned())
    }

    fn picked(&self, node: NodeId) -> Option<&str> {
        let mut picked = self.beside.picked.iter();
        picked.find(|(known, _)| *known == node).map(|(_, value)| &**value)
    }

    /// A value of the event chosen for a step, of the group's key, or of the firing event.
    fn value(&self, of: &Named) -> Option<&str> {
        let own =
            || self.group.iter().find(|(text, _)| *text == &*of.text).map(|(_, value)| *value);
        let told = || self.witness.get(self.rule.witness_of(of.node)?);
        self.picked(of.node).or_else(own).or_else(told)
    }

    fn head(&self, key: &str, at: usize) -> Value {
        let own = self.group.iter().find(|(text, _)| *text == key).map(|(_, value)| *value);
        shown(own.or_else(|| self.witness.get(at)).unwrap_or("null"))
    }

    /// The key by which the rule's `suppress` holds back.
    fn held_by(&self, group: &str, tuple: Option<&str>) -> Option<Box<str>> {
        let suppress = self.rule.suppress.as_ref()?;
        let Some(paths) = &suppress.by else {
            return Some(format!("{group}{}", tuple.unwrap_or_default()).into());
        };
        let values: Vec<&str> =
            paths.iter().map(|path| self.value(path).unwrap_or("null")).collect();
        Some(values.join(",").into())
    }
}

/// The name under which the engine tells of itself that a rule had too many groups.
pub const STATE_EVICTED: &str = "state.evicted";

/// The alert of the engine about itself: groups of a rule were forgotten, so the rule may
/// have missed something.
#[must_use]
pub fn state_evicted(rule: &Rule, number: u32, evicted: u64, time: Option<EventTime>) -> Alert {
    let time = json!(time.map(|time| time.to_string()));
    let group = object(&[("rule", &json!(rule.name).to_string())]);
    let fingerprint = fingerprint(&json!(STATE_EVICTED), &group, None, &time, None);
    let title =
        format!("{evicted} groups of {} were forgotten: it has too many at a time", rule.name);
    let fields = json!({
        "rule": STATE_EVICTED,
        "version": 1,
        "severity": Level::Medium.word(),
        "attack": [],
        "title": title,
        "time": time,
        "account": null,
        "region": null,
        "principal": null,
        "group": shown(&group),
        "because": [{"clause": "state", "expr": "groups <= cap", "values": {"evicted": evicted}}],
        "evidence": {"events": 0, "first": null, "last": null, "ids": []},
        "exempted": 0,
        "suppressed": 0,
        "fingerprint": fingerprint,
    });
    let fields = if let Value::Object(fields) = fields { fields } else { Map::new() };
    Alert { severity: Level::Medium, rule: number, second: None, fields }
}

/// The because of a condition: its text and the values in it.
pub(crate) fn because(clause: &str, text: &str, values: Map<String, Value>) -> Map<String, Value> {
    let mut because = Map::new();
    because.insert("clause".to_owned(), json!(clause));
    because.insert("expr".to_owned(), json!(text));
    if !values.is_empty() {
        because.insert("values".to_owned(), Value::Object(values));
    }
    because
}

/// The values of params, by name.
pub(crate) fn params(clause: &plan::Clause) -> Map<String, Value> {
    clause.params.iter().map(|(name, value)| (name.to_string(), value.clone())).collect()
}

/// The evidence of a rule with a group.
pub(crate) fn evidence(evidence: &Many) -> Value {
    let ids: Vec<Value> = evidence.ids.iter().map(|id| Value::from(cut(id.to_string()))).collect();
    json!({
        "events": evidence.events,
        "first": ids.first(),
        "last": evidence.last.as_ref().map(|id| cut(id.to_string())),
        "ids": ids,
    })
}

/// What `show` asked for.
pub(crate) fn show(rule: &Rule, evidence: &Many) -> Option<Value> {
    if rule.show.is_empty() {
        return None;
    }
    let items = rule.show.iter().zip(&evidence.shows).map(|(item, shown_value)| {
        let value = match shown_value {
            Shown::Top(counts) => top(counts),
            Shown::First(_, value) | Shown::Last(_, value) => shown(value),
        };
        (item.text.to_string(), value)
    });
    Some(Value::Object(items.collect()))
}

/// The five most frequent values, by count, then by their text.
fn top(counts: &BTreeMap<Box<str>, u64>) -> Value {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    counts.truncate(5);
    counts.into_iter().map(|(value, count)| json!([shown(value), count])).collect()
}

/// Canonical JSON text as alerts show it: secrets out, long texts cut.
pub(crate) fn shown(canonical: &str) -> Value {
    let value = serde_json::from_str(canonical).unwrap_or_else(|_| Value::from(canonical));
    cut_all(redact(value))
}

fn cut_all(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text)),
        Value::Array(values) => values.into_iter().map(cut_all).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(key, value)| (key, cut_all(value))).collect()
        }
        other => other,
    }
}

/// A text of at most 2,000 characters, which says so where it was cut.
pub(crate) fn cut(mut text: String) -> String {
    if text.len() > LONGEST
        && let Some((at, _)) = text.char_indices().nth(LONGEST)
    {
        text.truncate(at);
        text.push_str("… (cut)");
    }
    text
}

/// Canonical JSON text as a title writes it.
fn plain(canonical: &str) -> String {
    match serde_json::from_str(canonical) {
        Ok(Value::Null) => "-".to_owned(),
        Ok(value) => match redact(value) {
            Value::String(text) => text,
            value => spoken(&value),
        },
        Err(_) => canonical.to_owned(),
    }
}

/// A value as a title says it: a number with at most six digits after the point.
fn spoken(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Number(number) if number.is_f64() => {
            let text = format!("{:.6}", number.as_f64().unwrap_or_default());
            let short = text.trim_end_matches('0').trim_end_matches('.');
            if short == "-0" { "0".to_owned() } else { short.to_owned() }
        }
        other => other.to_string(),
    }
}

/// A JSON object of names and canonical values.
fn object(entries: &[(&str, &str)]) -> String {
    let mut out = "{".to_owned();
    for (at, (name, value)) in entries.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        crate::canonical::write_text(name, &mut out);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    out
}

fn fingerprint(
    rule: &Value,
    group: &str,
    tuple: Option<&str>,
    time: &Value,
    id: Option<&str>,
) -> String {
    let mut text = format!("[{rule},{group},{},{time}", tuple.unwrap_or("null"));
    if let Some(id) = id {
        text.push(',');
        text.push_str(&json!(id).to_string());
    }
    text.push(']');
    let half =
        Sha256::digest(text)[..16].iter().fold(0, |half, byte| half << 8 | u128::from(*byte));
    format!("{}/{half:032x}", rule.as_str().unwrap_or_default())
}
