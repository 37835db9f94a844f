//! An alert as one line of JSON.

use super::eval::{Scope, eval};
use super::firing::Firing;
use super::json::Json;
use super::names;
use super::number::Number;
use super::program::{Program, path_of_title};
use super::reason::{because, judged};
use super::record::{Record, hash};
use super::time;
use super::value::Value;
use lang::ast::{Expr, ExprKind};

/// The most characters of a text that an alert shows.
const LONGEST: usize = 2_000;

/// The JSON line of a firing that is not held back, with the number of those that were.
pub(crate) fn line(firing: &Firing<'_>, suppressed: u64) -> String {
    let program = firing.program;
    let mut pairs = vec![
        ("rule", Json::text(&program.name)),
        ("version", Json::whole(program.version)),
        ("severity", Json::text(program.severity)),
        ("attack", Json::List(program.attack.iter().map(Json::text).collect())),
        ("title", Json::Text(title(firing))),
        ("time", firing.time_json()),
        ("account", firing.head("account")),
        ("region", firing.head("region")),
        ("principal", firing.head("principal")),
        ("group", Json::Object(firing.group.clone())),
    ];
    if let Some(tuple) = &firing.tuple {
        pairs.push(("tuple", Json::Object(tuple.clone())));
    }
    pairs.push(("because", because(firing)));
    pairs.push(("evidence", evidence(firing)));
    if !program.show.is_empty() {
        let shown =
            program.show.iter().map(|item| (item.text.clone(), show(firing, &item.expr))).collect();
        pairs.push(("show", Json::Object(shown)));
    }
    pairs.push(("exempted", Json::whole(firing.exempted)));
    pairs.push(("suppressed", Json::whole(suppressed)));
    pairs.push(("fingerprint", Json::Text(fingerprint(firing))));
    let alert =
        Json::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    cut(alert).compact()
}

impl Firing<'_> {
    /// Its time as text, or null.
    pub(crate) fn time_json(&self) -> Json {
        self.time.map_or(Json::Null, |second| Json::Text(time::write(second)))
    }

    /// Its tuple, or null.
    pub(crate) fn tuple_json(&self) -> Json {
        self.tuple.clone().map_or(Json::Null, Json::Object)
    }

    /// A value of the group, else of the firing event, else null.
    fn head(&self, name: &str) -> Json {
        self.of_group(name).unwrap_or_else(|| {
            let value = self.program.read(&path_of_title(name), self.record);
            value.json().unwrap_or(Json::Null)
        })
    }

    fn of_group(&self, text: &str) -> Option<Json> {
        self.group.iter().find(|(key, _)| key == text).map(|(_, value)| value.clone())
    }

    /// The value of an aggregate over the window, of a score or a share.
    pub(crate) fn aggregate(&self, call: &Expr) -> Value {
        let frame = Some(self.frame());
        eval(call, &Scope { frame, ..self.program.scope(self.record) })
    }
}

fn cut(json: Json) -> Json {
    match json {
        Json::Text(text) if text.chars().count() > LONGEST => {
            Json::Text(format!("{}… (cut)", text.chars().take(LONGEST).collect::<String>()))
        }
        Json::List(list) => Json::List(list.into_iter().map(cut).collect()),
        Json::Object(pairs) => {
            Json::Object(pairs.into_iter().map(|(key, value)| (key, cut(value))).collect())
        }
        other => other,
    }
}

fn title(firing: &Firing<'_>) -> String {
    let mut out = String::new();
    let mut rest = firing.program.title.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
        } else if let (true, Some((name, after))) = (brace == "{", rest.split_once('}')) {
            out.push_str(&placeholder(firing, name));
            rest = after;
        } else {
            out.push_str(brace);
        }
    }
    out.push_str(rest);
    out
}

fn placeholder(firing: &Firing<'_>, name: &str) -> String {
    if ["count", "distinct", "sum", "ratio"].contains(&name) {
        let calls = firing.program.when.as_ref().map(|when| names::calls(when, &[name]));
        let call = calls.and_then(|calls| calls.into_iter().next());
        return spoken(call.and_then(|call| firing.aggregate(call).json()).as_ref());
    }
    let number = |value: f64| Number::Float(value).rounded();
    let judged = || judged(firing);
    match (name, &firing.program.within) {
        ("window", Some(within)) => return within.text.clone(),
        ("score", _) => return judged().map_or("-".to_owned(), |judged| number(judged.score)),
        ("baseline.center", _) => {
            return judged().map_or("-".to_owned(), |judged| number(judged.center));
        }
        ("baseline.scale", _) => {
            return judged().map_or("-".to_owned(), |judged| number(judged.scale));
        }
        _ => {}
    }
    if let Some(text) = of_step(firing, name) {
        return text;
    }
    let path = path_of_title(name);
    let value =
        firing.of_group(&path.text).or_else(|| firing.program.read(&path, firing.record).json());
    spoken(value.as_ref())
}

/// What `{step.count}` and `{step.path}` stand for.
fn of_step(firing: &Firing<'_>, name: &str) -> Option<String> {
    let told = firing.told.as_ref()?;
    let (step, path) = name.split_once('.')?;
    let (_, counted) = told.steps.iter().find(|(known, _)| known == step)?;
    if path == "count" {
        return Some(counted.len().to_string());
    }
    let (_, record) = told.chosen.iter().find(|(known, _)| known == step)?;
    Some(spoken(firing.program.read(&path_of_title(path), record).json().as_ref()))
}

/// A value as a title says it.
fn spoken(json: Option<&Json>) -> String {
    match json {
        None => "-".to_owned(),
        Some(Json::Text(text)) => text.clone(),
        Some(Json::Number(digits)) => rounded(digits),
        Some(other) => other.compact(),
    }
}

fn rounded(digits: &str) -> String {
    Number::read(digits).map_or_else(|| digits.to_owned(), Number::rounded)
}

fn evidence(firing: &Firing<'_>) -> Json {
    let id = |record: Option<&&Record>| record.map_or(Json::Null, |record| Json::text(&record.id));
    if firing.program.is_single() {
        let fields = [
            "eventID",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
        ];
        return Json::object(
            fields
                .map(|field| (field, firing.record.text(&[field]).map_or(Json::Null, Json::Text))),
        );
    }
    let ids = firing.evidence.iter().take(20).map(|record| Json::text(&record.id)).collect();
    Json::object([
        ("events", Json::whole(firing.evidence.len())),
        ("first", id(firing.evidence.first())),
        ("last", id(firing.evidence.last())),
        ("ids", Json::List(ids)),
    ])
}

fn show(firing: &Firing<'_>, call: &Expr) -> Json {
    let ExprKind::Call(word, args) = &call.kind else { return Json::Null };
    let value = |record: &Record| firing.read(&args[0], record).json();
    let chosen = match word.name.as_str() {
        "first" => firing.evidence.first(),
        "last" => firing.evidence.last(),
        _ => return top(firing.evidence.iter().filter_map(|record| value(record)).collect()),
    };
    chosen.and_then(|record| value(record)).unwrap_or(Json::Null)
}

/// The five values that stand there most often, with their number; of equal numbers the least text first.
fn top(values: Vec<Json>) -> Json {
    let mut counted: Vec<(Json, usize)> = Vec::new();
    for value in values {
        match counted.iter_mut().find(|(known, _)| known.compact() == value.compact()) {
            Some((_, number)) => *number += 1,
            None => counted.push((value, 1)),
        }
    }
    counted.sort_by(|(a, left), (b, right)| {
        right.cmp(left).then_with(|| a.compact().cmp(&b.compact()))
    });
    counted.truncate(5);
    Json::List(
        counted
            .into_iter()
            .map(|(value, number)| Json::List(vec![value, Json::whole(number)]))
            .collect(),
    )
}

fn fingerprint(firing: &Firing<'_>) -> String {
    let program: &Program<'_> = firing.program;
    let mut parts = vec![
        Json::text(&program.name),
        Json::Object(firing.group.clone()),
        firing.tuple_json(),
        firing.time_json(),
    ];
    if program.is_single() {
        parts.push(Json::text(&firing.record.id));
    }
    format!("{}/{}", program.name, hash(&Json::List(parts).compact()))
}
