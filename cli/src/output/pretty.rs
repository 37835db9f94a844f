//! Alerts for people: one look tells what, when, where, who and why.
//!
//! It knows the keys of an alert and nothing of rules. All of the alert is in its JSON
//! form; here long lists and conditions are cut short.
//!
//! # Invariants
//!
//! - Every value passes [`escape`], so that a block has the line feeds made here only.
//! - An alert is one block that ends with an empty line.

use super::terminal::{Look, escape, style_of, wrap};
use anstyle::Style;
use engine::exec::Alert;
use serde_json::{Map, Value};

/// The column in which text begins.
const INDENT: usize = 10;

/// How much of a condition is shown, in characters.
const LONGEST_EXPR: usize = 240;

/// How much of a user agent is shown, in characters.
const LONGEST_AGENT: usize = 120;

/// How many event ids and known values are shown.
const MOST_LISTED: usize = 3;

/// The block of an alert.
pub(crate) fn block(alert: &Alert, look: Look) -> String {
    let mut block = Block { look, out: String::new() };
    let fields = &alert.fields;
    block.title(alert);
    block.line("time", &place(fields));
    block.line("rule", &rule(fields));
    block.some("who", fields.get("principal"));
    block.pairs("group", fields.get("group"), fields);
    block.pairs("new", fields.get("tuple"), &Map::new());
    let evidence = fields.get("evidence").and_then(Value::as_object);
    if let Some(evidence) = evidence {
        block.event(evidence);
    }
    for (at, reason) in list(fields.get("because")).iter().enumerate() {
        block.reason(if at == 0 { "because" } else { "and" }, reason);
    }
    for (what, value) in fields.get("show").and_then(Value::as_object).into_iter().flatten() {
        block.shown(what, value);
    }
    if let Some(evidence) = evidence {
        block.events(evidence);
    }
    block.held(fields);
    block.out.push('\n');
    block.out
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as text, escaped: a text as it is, others as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text),
        other => escape(&other.to_string()),
    }
}

/// The text under a key, escaped; nothing where it is missing or null.
fn text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    fields.get(key).filter(|value| !value.is_null()).map(plain)
}

/// A text of at most so many characters; of a longer one the beginning.
fn short(mut text: String, most: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(most) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// When and where.
fn place(fields: &Map<String, Value>) -> String {
    let time = text(fields, "time").unwrap_or_else(|| "at an unknown time".to_owned());
    let place: Vec<_> = ["account", "region"].iter().filter_map(|key| text(fields, key)).collect();
    if place.is_empty() { time } else { format!("{time} in {}", place.join(", ")) }
}

fn rule(fields: &Map<String, Value>) -> String {
    let mut rule = text(fields, "rule").unwrap_or_default();
    let attack: Vec<_> = list(fields.get("attack")).iter().map(plain).collect();
    if !attack.is_empty() {
        rule.push_str(" · ");
        rule.push_str(&attack.join(", "));
    }
    rule
}

/// An alert on its way to text.
struct Block {
    look: Look,
    out: String,
}

impl Block {
    /// The severity and the title.
    fn title(&mut self, alert: &Alert) {
        let word = alert.severity.word().to_uppercase();
        let badge = self.look.paint(style_of(alert.severity), &word);
        let title = text(&alert.fields, "title").unwrap_or_default();
        let gap = " ".repeat(INDENT.saturating_sub(word.len()));
        self.out.push_str(&badge);
        self.out.push_str(&gap);
        self.body(&title, Style::new().bold());
    }

    /// A label and a text, which is escaped.
    fn line(&mut self, label: &str, text: &str) {
        let label = format!("  {label:<width$}", width = INDENT - 2);
        let label = self.look.paint(Style::new().dimmed(), &label);
        self.out.push_str(&label);
        self.body(text, Style::new());
    }

    /// A text from the column where texts begin.
    fn body(&mut self, text: &str, style: Style) {
        let width = self.look.width.saturating_sub(INDENT).max(20);
        for (at, line) in wrap(text, width).iter().enumerate() {
            if at > 0 {
                self.out.push_str(&" ".repeat(INDENT));
            }
            let line =
                if style == Style::new() { line.clone() } else { self.look.paint(style, line) };
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn some(&mut self, label: &str, value: Option<&Value>) {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.line(label, &plain(value));
        }
    }

    /// The pairs of an object that `told` does not tell already.
    fn pairs(&mut self, label: &str, pairs: Option<&Value>, told: &Map<String, Value>) {
        let pairs: Vec<_> = pairs
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(key, value)| told.get(*key) != Some(value))
            .map(|(key, value)| format!("{} {}", escape(key), plain(value)))
            .collect();
        if !pairs.is_empty() {
            self.line(label, &pairs.join(", "));
        }
    }

    /// What the event of a one-event rule was.
    fn event(&mut self, evidence: &Map<String, Value>) {
        if let Some(from) = text(evidence, "sourceIPAddress") {
            let agent = text(evidence, "userAgent").map(|agent| short(agent, LONGEST_AGENT));
            let with = agent.map(|agent| format!(" with {agent}"));
            self.line("from", &format!("{from}{}", with.unwrap_or_default()));
        }
        if let Some(api) = text(evidence, "eventName") {
            let source = text(evidence, "eventSource").unwrap_or_default();
            let service = source.strip_suffix(".amazonaws.com").unwrap_or(&source);
            let error = text(evidence, "errorCode").map(|error| format!(", error {error}"));
            self.line("call", &format!("{service} {api}{}", error.unwrap_or_default()));
        }
    }

    /// A clause that was true, with its values.
    fn reason(&mut self, label: &str, reason: &Value) {
        let Some(reason) = reason.as_object() else { return };
        let why = text(reason, "expr").unwrap_or_default();
        self.line(label, &short(why, LONGEST_EXPR));
        let values = reason.get("values").and_then(Value::as_object).into_iter().flatten();
        let mut values: Vec<_> =
            values.map(|(name, value)| format!("{} = {}", escape(name), plain(value))).collect();
        if let [from, to] = list(reason.get("window")) {
            values.push(format!("from {} to {}", plain(from), plain(to)));
        }
        if reason.get("approximate").is_some() {
            values.push("approximate".to_owned());
        }
        if !values.is_empty() {
            self.line("", &values.join(", "));
        }
        if let Some(baseline) = reason.get("baseline").and_then(Value::as_object) {
            self.baseline(baseline);
        }
    }

    /// What was learned before.
    fn baseline(&mut self, baseline: &Map<String, Value>) {
        let known = list(baseline.get("known"));
        let mut words: Vec<_> = known
            .iter()
            .filter_map(Value::as_object)
            .take(MOST_LISTED)
            .map(|one| {
                let value = text(one, "value").unwrap_or_default();
                let last = text(one, "last").unwrap_or_default();
                format!("{value} (last {last})")
            })
            .collect();
        if known.len() > MOST_LISTED {
            words.push(format!("{} more", known.len() - MOST_LISTED));
        }
        if known.is_empty() {
            words.push("nothing".to_owned());
        }
        let mut line = words.join(", ");
        if let Some(until) = text(baseline, "learning_until") {
            line.push_str(&format!("; learning until {until}"));
        }
        self.line("known", &line);
    }

    /// An item of `show`: values with their counts, or one value.
    fn shown(&mut self, what: &str, value: &Value) {
        if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
            return;
        }
        let counted = |pair: &Value| match list(Some(pair)) {
            [value, count] => Some(format!("{} ×{}", plain(value), plain(count))),
            _ => None,
        };
        let values: Option<Vec<_>> =
            value.as_array().map(|pairs| pairs.iter().map(counted).collect()).unwrap_or_default();
        let values = values.map_or_else(|| plain(value), |values| values.join(", "));
        self.line("show", &format!("{}: {values}", escape(what)));
    }

    /// The events that prove it, and the record.
    fn events(&mut self, evidence: &Map<String, Value>) {
        if let Some(id) = text(evidence, "eventID") {
            self.line("event", &id);
        }
        let ids = list(evidence.get("ids"));
        if let Some(count) = evidence.get("events").and_then(Value::as_u64) {
            let mut shown: Vec<_> = ids.iter().take(MOST_LISTED).map(plain).collect();
            if count > shown.len() as u64 {
                shown.push(format!("{} more", count - shown.len() as u64));
            }
            self.line(if count == 1 { "event" } else { "events" }, &shown.join(", "));
        }
        if let Some(record) = evidence.get("record") {
            let record = serde_json::to_string_pretty(record).unwrap_or_default();
            for (at, line) in record.lines().enumerate() {
                let label = if at == 0 { "record" } else { "" };
                self.verbatim(label, &escape(line));
            }
        }
    }

    /// A line that is not broken.
    fn verbatim(&mut self, label: &str, line: &str) {
        let label = format!("  {label:<width$}", width = INDENT - 2);
        self.out.push_str(&self.look.paint(Style::new().dimmed(), &label));
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// What was held back or exempted, where anything was.
    fn held(&mut self, fields: &Map<String, Value>) {
        let count = |key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or(0);
        let mut words = Vec::new();
        if count("suppressed") > 0 {
            words.push(format!("{} like it held back since the last one", count("suppressed")));
        }
        if count("exempted") > 0 {
            words.push(format!("exempted events: {}", count("exempted")));
        }
        if !words.is_empty() {
            self.line("also", &words.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::plan::Level;
    use serde_json::json;

    const PLAIN: Look = Look { terminal: false, color: false, width: 80 };

    #[track_caller]
    fn check(fields: Value, text: &str) {
        let Value::Object(fields) = fields else { panic!("an object") };
        let alert = Alert { severity: Level::High, rule: 0, second: None, fields };
        assert_eq!(block(&alert, PLAIN), text);
    }

    #[test]
    fn a_group_tells_its_values() {
        check(
            json!({
                "rule": "mass_delete", "attack": ["T1485", "T1490"], "title": "ci made 20 calls",
                "time": "2026-11-22T09:04:20Z", "account": "1", "region": "eu-west-1",
                "principal": "ci", "group": {"account": "1", "user": "u"},
                "because": [
                    {"clause": "where", "expr": "destroy"},
                    {"clause": "when", "expr": "count() >= n", "values": {"count()": 20, "n": 20},
                     "window": ["2026-11-22T09:01:10Z", "2026-11-22T09:04:20Z"]},
                ],
                "evidence": {"events": 20, "first": "a", "last": "d", "ids": ["a", "b", "c", "d"]},
                "show": {"top(api)": [["DeleteSnapshot", 18], ["DeleteVolume", 2]]},
                "exempted": 1, "suppressed": 0,
            }),
            "\
HIGH      ci made 20 calls
  time    2026-11-22T09:04:20Z in 1, eu-west-1
  rule    mass_delete · T1485, T1490
  who     ci
  group   user u
  because destroy
  and     count() >= n
          count() = 20, n = 20, from 2026-11-22T09:01:10Z to
          2026-11-22T09:04:20Z
  show    top(api): DeleteSnapshot ×18, DeleteVolume ×2
  events  a, b, c, 17 more
  also    exempted events: 1

",
        );
    }

    #[test]
    fn a_value_cannot_make_a_line_or_move_the_terminal() {
        check(
            json!({
                "rule": "r", "title": "x\nHIGH  fake\u{1b}[2J", "time": null, "principal": "\u{202e}a",
                "evidence": {"eventName": "A\r", "sourceIPAddress": "1\u{9b}", "userAgent": "\t"},
            }),
            "\
HIGH      x\\u{a}HIGH  fake\\u{1b}[2J
  time    at an unknown time
  rule    r
  who     \\u{202e}a
  from    1\\u{9b} with \\u{9}
  call    A\\u{d}

",
        );
    }
}
