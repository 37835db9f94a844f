//! Test blocks made into records: what happens, when, and what is expected.
//!
//! An event starts from a plain base record, over which the object of the test is
//! laid key by key. Source: language reference, "Tests".

use event::EventTime;
use lang::ast::{self, ObjectKey, TestStepKind};
use serde_json::{Map, Value, json};

/// A test of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The rule.
    pub rule: String,
    /// The name of the test.
    pub name: String,
    /// Where the test stands.
    pub span: ast::Span,
    /// What happens until each `expect`, in order.
    pub stages: Vec<Stage>,
}

/// The events before an `expect`, and what it expects.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Records since the stage before, as JSON.
    pub records: Vec<String>,
    /// How late it is then, in seconds since 1970.
    pub clock: i64,
    /// What is expected.
    pub expect: Expectation,
}

/// `expect n { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// How many alerts since the stage before.
    pub count: u64,
    /// What each of them must say.
    pub values: Vec<(String, Value)>,
    /// Where it stands.
    pub span: ast::Span,
}

/// When tests begin: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

/// What `events from` gives: the records of the file that it names, as JSON.
pub type Records<'r> = dyn Fn(&ast::Text) -> Vec<String> + 'r;

/// The scenarios of a rule's tests; `events from` gives none.
#[must_use]
pub fn scenarios(rule: &lang::typed::Rule) -> Vec<Scenario> {
    scenarios_with(rule, &|_| Vec::new())
}

/// The scenarios of a rule's tests, with the records of files.
#[must_use]
pub fn scenarios_with(rule: &lang::typed::Rule, files: &Records<'_>) -> Vec<Scenario> {
    rule.tests.iter().map(|test| scenario(&rule.name, test, files)).collect()
}

fn scenario(rule: &str, test: &ast::Test, files: &Records<'_>) -> Scenario {
    let mut clock = START;
    let mut number = 0;
    let mut records = Vec::new();
    let mut stages = Vec::new();
    for step in &test.steps {
        match &step.kind {
            TestStepKind::Warm(length, every, object) => {
                let (length, every) = (seconds(*length), seconds(*every).max(1));
                for at in (clock..clock.saturating_add(length)).step_by(step_of(every)) {
                    records.push(record(object, at, &mut number));
                }
                clock = clock.saturating_add(length);
            }
            TestStepKind::Event(object, times, every) => {
                let every = every.map_or(0, seconds);
                let times = times.unwrap_or(1);
                for nth in 0..times {
                    if nth > 0 {
                        clock = clock.saturating_add(every);
                    }
                    records.push(record(object, clock, &mut number));
                }
            }
            TestStepKind::Wait(length) => clock = clock.saturating_add(seconds(*length)),
            TestStepKind::EventsFrom(file) => {
                let given = files(file).into_iter().map(|record| given(record, &mut number));
                let given: Vec<_> = given.collect();
                let last = given.iter().filter_map(|(_, time)| *time).max();
                clock = last.map_or(clock, |time| time.0);
                records.extend(given.into_iter().map(|(record, _)| record));
            }
            TestStepKind::Expect(count, object) => {
                let values =
                    object.iter().flatten().map(|(key, value)| (name(key), json_of(value)));
                let expect =
                    Expectation { count: *count, values: values.collect(), span: step.span };
                stages.push(Stage { records: std::mem::take(&mut records), clock, expect });
            }
        }
    }
    Scenario { rule: rule.to_owned(), name: test.name.value.clone(), span: test.name.span, stages }
}

fn seconds(duration: ast::Duration) -> i64 {
    duration.seconds().unwrap_or(i64::MAX)
}

fn step_of(every: i64) -> usize {
    usize::try_from(every).unwrap_or(usize::MAX)
}

fn record(object: &ast::Object, at: i64, number: &mut u64) -> String {
    *number += 1;
    let mut record = base(EventTime(at), *number);
    lay(&mut record, object);
    Value::Object(record).to_string()
}

/// A record of a file and its time: as it is, but that it gets an eventID if it has none.
fn given(text: String, number: &mut u64) -> (String, Option<EventTime>) {
    let Ok(Value::Object(mut record)) = serde_json::from_str::<Value>(&text) else {
        return (text, None);
    };
    let time = record.get("eventTime").and_then(Value::as_str).and_then(EventTime::parse);
    if record.get("eventID").is_some_and(|id| !id.is_null()) {
        return (text, time);
    }
    *number += 1;
    record.insert("eventID".to_owned(), Value::from(event_id(*number)));
    (Value::Object(record).to_string(), time)
}

fn event_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A plain event: an IAM user started an instance.
fn base(time: EventTime, number: u64) -> Map<String, Value> {
    let record = json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEALICE00000",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLEALICE0000",
            "userName": "alice",
        },
        "eventTime": time.to_string(),
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": {},
        "responseElements": {},
        "requestID": format!("00000000-0000-4000-9000-{number:012}"),
        "eventID": event_id(number),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    });
    match record {
        Value::Object(record) => record,
        _ => Map::new(),
    }
}

/// Lay the pairs of an object over a record; a dotted key reaches inside.
fn lay(record: &mut Map<String, Value>, object: &ast::Object) {
    for (key, value) in object {
        match key {
            ObjectKey::Quoted(key) => {
                record.insert(key.clone(), json_of(value));
            }
            ObjectKey::Dotted(keys) => put(record, keys, json_of(value)),
        }
    }
}

fn put(record: &mut Map<String, Value>, keys: &[String], value: Value) {
    let Some((key, rest)) = keys.split_first() else { return };
    if rest.is_empty() {
        record.insert(key.clone(), value);
        return;
    }
    let inner = record.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn name(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Quoted(key) => key.clone(),
        ObjectKey::Dotted(keys) => keys.join("."),
    }
}

fn json_of(json: &ast::Json) -> Value {
    match json {
        ast::Json::Null => Value::Null,
        ast::Json::Bool(value) => Value::Bool(*value),
        ast::Json::Number(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        ast::Json::String(text) => Value::from(text.as_str()),
        ast::Json::Array(values) => values.iter().map(json_of).collect(),
        ast::Json::Object(object) => {
            let mut map = Map::new();
            lay(&mut map, object);
            Value::Object(map)
        }
    }
}
