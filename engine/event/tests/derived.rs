//! Derived names against the values worked out for them, and over real records.
//!
//! Each line of `fixtures/derived.jsonl` is a record (for `policy`, its argument) and
//! the values that names must have in it; `null` is missing. Real records are found
//! through `TRAILHOUND_CORPORA`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]
#![expect(clippy::print_stdout, reason = "what was skipped or measured is said")]

use bumpalo::Bump;
use serde_json::{Value as Plain, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trailhound_event::{
    Base, Derived, Event, Json, Layout, RECORD_KEYS, Slots, Value, derived, scan,
};

/// A layout that finds what these names read.
fn layout(names: impl IntoIterator<Item = Derived>) -> Layout {
    let mut layout = Layout::new();
    for base in names.into_iter().flat_map(derived::inputs) {
        layout.want(*base);
    }
    layout
}

fn all_names() -> impl Iterator<Item = Derived> {
    Derived::ALL.iter().map(|(_, name)| *name)
}

/// Look at one record.
fn with_event<T>(record: &str, layout: &Layout, look: impl FnOnce(&Event<'_>) -> T) -> T {
    let mut slots = Slots::new();
    let arena = Bump::new();
    let _ = scan(record.as_bytes(), 0, layout, &mut slots);
    look(&Event::new(record.as_bytes(), &slots, &arena))
}

/// A value as JSON; a missing one is null.
fn plain(value: Value<'_>) -> Plain {
    match value {
        Value::Missing => Plain::Null,
        Value::Bool(value) => json!(value),
        Value::Number(number) => number.whole().map_or(json!(number.float()), |whole| json!(whole)),
        Value::Text(text) => json!(text),
        Value::Time(time) => json!(time.to_string()),
        Value::Duration(seconds) => json!(seconds),
        Value::Ip(ip) => json!(ip.to_string()),
        Value::Cidr(cidr) => json!(cidr.to_string()),
        Value::Json(json) => serde_json::from_slice(json.raw()).unwrap(),
        Value::List(list) => list.iter().map(|element| plain(*element)).collect(),
        Value::Object(entries) => {
            Plain::Object(entries.iter().map(|(k, v)| ((*k).to_owned(), plain(*v))).collect())
        }
    }
}

fn fixture() -> Vec<Plain> {
    include_str!("fixtures/derived.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn all_246_values_are_as_worked_out() {
    let every = layout(all_names());
    let mut compared = 0;
    for line in fixture() {
        let input = line["in"].to_string();
        for (name, expected) in line["out"].as_object().unwrap() {
            let found = if name == "policy" {
                let arena = Bump::new();
                let given = Json::new(input.as_bytes());
                let value = Value::from((!line["in"].is_null()).then_some(given));
                plain(derived::policy(value, &arena))
            } else {
                let name = Derived::named(name).unwrap();
                with_event(&input, &every, |event| plain(event.derived(name)))
            };
            assert_eq!(found, *expected, "{name} of {input}");
            compared += 1;
        }
    }
    assert_eq!(compared, 246);
}

#[test]
fn a_policy_in_a_text_is_the_policy() {
    let arena = Bump::new();
    for line in fixture().iter().filter(|line| line["of"] == "policy") {
        let text = match &line["in"] {
            Plain::Null => continue,
            Plain::String(text) => text.clone(),
            object => object.to_string(),
        };
        let found = plain(derived::policy(Value::Text(&text), &arena));
        assert_eq!(found, line["out"]["policy"], "{text}");
    }
}

/// The value of a name in a record whose layout holds the inputs of that name only.
fn alone(record: &str, name: Derived) -> Plain {
    with_event(record, &layout([name]), |event| plain(event.derived(name)))
}

#[test]
fn a_name_reads_no_more_than_its_inputs() {
    let every = layout(all_names());
    for record in fixture().iter().map(|line| line["in"].to_string()) {
        for name in all_names() {
            let with_all = with_event(&record, &every, |event| plain(event.derived(name)));
            assert_eq!(alone(&record, name), with_all, "{name:?} of {record}");
        }
    }
}

/// Records in which a field counts that counts in none of the fixture's.
const MORE_RECORDS: [&str; 21] = [
    r#"{"userIdentity":{"type":"Root"},"eventSource":"iam.amazonaws.com","eventName":"GetUser"}"#,
    r#"{"managementEvent":true}"#,
    r#"{"managementEvent":false}"#,
    r#"{"eventType":"AwsVpceEvent","eventName":"RunInstances"}"#,
    r#"{"eventCategory":"Management"}"#,
    r#"{"eventCategory":"Data"}"#,
    r#"{"sourceIPAddress":"ec2.amazonaws.com"}"#,
    r#"{"eventTime":"2026-01-01T00:00:00Z"}"#,
    r#"{"@timestamp":"2026-01-01T00:00:00Z"}"#,
    r#"{"userIdentity":{"type":"FederatedUser","principalId":"111122223333:frank"}}"#,
    r#"{"userIdentity":{"arn":"arn:aws:iam::1:user/x"},"sourceIPAddress":"ec2.amazonaws.com"}"#,
    r#"{"userIdentity":{"type":"X"},"sourceIPAddress":"ec2.amazonaws.com"}"#,
    r#"{"userIdentity":{"type":"AWSService"}}"#,
    r#"{"userIdentity":{"accountId":"111122223333"},"recipientAccountId":"999988887777"}"#,
    r#"{"userIdentity":{"type":"IAMUser","userName":"x"},"eventSource":"iam.amazonaws.com","eventName":"GetUser"}"#,
    r#"{"userIdentity":{"arn":"arn:aws:iam::1:user/x"},"eventSource":"iam.amazonaws.com","eventName":"GetUser"}"#,
    r#"{"userIdentity":{"sessionContext":{"sessionIssuer":{"userName":"x"}}},"eventSource":"iam.amazonaws.com","eventName":"GetUser"}"#,
    r#"{"additionalEventData":{"UserName":"x"},"eventSource":"iam.amazonaws.com","eventName":"GetUser"}"#,
    r#"{"serviceEventDetails":{"snapshotId":"snap-1"}}"#,
    r#"{"eventType":"AwsVpceEvent","eventName":"GetObject","eventSource":"s3.amazonaws.com"}"#,
    r#"{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupEgress","requestParameters":{"groupId":"sg-1"},"responseElements":{"securityGroupRuleSet":{"items":[{"isEgress":true,"ipProtocol":"tcp","fromPort":1,"toPort":2,"cidrIpv4":"10.0.0.0/8"}]}}}"#,
];

/// A record without one of its fields.
fn without(record: &str, path: &[&str]) -> String {
    let mut whole: Plain = serde_json::from_str(record).unwrap();
    let (last, parents) = path.split_last().unwrap();
    let mut at = Some(&mut whole);
    for key in parents {
        at = at.and_then(|object| object.get_mut(*key));
    }
    if let Some(Plain::Object(entries)) = at {
        entries.shift_remove(*last);
    }
    whole.to_string()
}

#[test]
fn a_name_reads_no_less_than_its_inputs() {
    let mut records: Vec<_> = fixture().iter().map(|line| line["in"].to_string()).collect();
    records.extend(MORE_RECORDS.map(str::to_owned));
    let mut idle = Vec::new();
    for name in all_names() {
        for base in derived::inputs(name) {
            let counts = records
                .iter()
                .any(|record| alone(record, name) != alone(&without(record, base.path()), name));
            if !counts {
                idle.push((name, *base));
            }
        }
    }
    assert_eq!(idle, [], "these count in no record");
}

/// Records whose fields have types that no one expects.
fn odd_records() -> Vec<String> {
    let fields = [
        "eventSource",
        "eventName",
        "awsRegion",
        "errorCode",
        "errorMessage",
        "userIdentity",
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "serviceEventDetails",
        "resources",
        "sourceIPAddress",
        "userAgent",
        "readOnly",
        "tlsDetails",
        "eventVersion",
        "eventCategory",
    ];
    let values = [
        "7",
        "true",
        "\"\"",
        "\"[\"",
        "\"[]\"",
        "[]",
        "[[]]",
        "{}",
        "[{\"ARN\":1}]",
        "\"é%\"",
        "{\"x\":null}",
        "\"\\ud800\"",
        "{\"\\u0061\":[{}]}",
        "-",
        "1e999",
    ];
    let mut records: Vec<_> = fields
        .iter()
        .flat_map(|field| values.iter().map(move |value| format!(r#"{{"{field}":{value}}}"#)))
        .collect();
    for (service, api) in [
        ("ec2", "AuthorizeSecurityGroupIngress"),
        ("ec2", "ModifySecurityGroupRules"),
        ("ec2", "ModifyImageAttribute"),
        ("s3", "PutBucketAcl"),
        ("s3", "PutBucketPolicy"),
        ("lambda", "AddPermission"),
        ("rds", "ModifyDBSnapshotAttribute"),
        ("kms", "CreateGrant"),
        ("iam", "CreateAccessKey"),
    ] {
        for value in values {
            records.push(format!(
                r#"{{"eventSource":"{service}.amazonaws.com","eventName":"{api}","requestParameters":{value},"responseElements":{value},"resources":{value}}}"#
            ));
            records.push(format!(
                r#"{{"eventSource":"{service}.amazonaws.com","eventName":"{api}","requestParameters":{{"ipPermissions":{value},"cidrIp":{value},"fromPort":{value},"ipProtocol":{value},"launchPermission":{value},"bucketPolicy":{value},"principal":{value},"valuesToAdd":{value},"x-amz-acl":{value},"ARequest":{value}}}}}"#
            ));
        }
    }
    records
}

#[test]
fn any_record_has_a_value_for_every_name() {
    let every = layout(all_names());
    for record in odd_records() {
        with_event(&record, &every, |event| {
            for name in all_names() {
                check_type(name, event.derived(name), &record);
            }
        });
    }
}

/// Check that a value has the type its name promises.
fn check_type(name: Derived, value: Value<'_>, record: &str) {
    use Derived as D;
    let right = match name {
        D::Time => matches!(value, Value::Time(_) | Value::Missing),
        D::Ip => matches!(value, Value::Ip(_) | Value::Missing),
        D::Targets | D::SharedWith => {
            matches!(value, Value::List(list) if list.iter().all(|e| matches!(e, Value::Text(_))))
        }
        D::SgRules => {
            matches!(value, Value::List(list) if list.iter().all(|e| matches!(e, Value::Object(_))))
        }
        D::CrossAccount | D::Ok | D::Denied | D::Write | D::ByService | D::ViaService => {
            matches!(value, Value::Bool(_))
        }
        D::GlobalService | D::Management | D::Data | D::Console | D::Mfa => {
            matches!(value, Value::Bool(_))
        }
        _ => matches!(value, Value::Text(_) | Value::Missing),
    };
    assert!(right, "{name:?} is {value:?} in {record}");
}

/// Real records, or nothing where there are none to be had.
fn corpora(folders: &[&str]) -> Option<Vec<String>> {
    let Some(root) = std::env::var_os("TRAILHOUND_CORPORA") else {
        println!("skipped: TRAILHOUND_CORPORA is not set");
        return None;
    };
    let mut records = Vec::new();
    for folder in folders {
        for file in files(&Path::new(&root).join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            match serde_json::from_str::<Plain>(&text) {
                Ok(whole) => collect(&whole, &mut records),
                Err(_) => text
                    .lines()
                    .filter_map(|line| serde_json::from_str::<Plain>(line).ok())
                    .for_each(|line| collect(&line, &mut records)),
            }
        }
    }
    Some(records)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json" || kind == "jsonl"))
        .collect();
    found.sort();
    found
}

/// The objects in a value that look like records.
fn collect(value: &Plain, records: &mut Vec<String>) {
    match value {
        Plain::Object(entries) => {
            if RECORD_KEYS.iter().filter(|key| entries.contains_key(**key)).count() >= 2 {
                records.push(value.to_string());
            } else {
                entries.values().for_each(|inner| collect(inner, records));
            }
        }
        Plain::Array(elements) => elements.iter().for_each(|inner| collect(inner, records)),
        _ => {}
    }
}

#[test]
fn real_records_have_a_value_for_every_name() {
    let Some(records) =
        corpora(&["catalog", "traildiscover", "stratus", "invictus", "masked", "rule-tests"])
    else {
        return;
    };
    assert!(records.len() > 3_000, "{}", records.len());
    let every = layout(all_names());
    for record in &records {
        with_event(record, &every, |event| {
            for name in all_names() {
                check_type(name, event.derived(name), record);
            }
        });
    }
}

/// Share of a whole.
#[derive(Debug, Default)]
struct Share {
    hits: u32,
    of: u32,
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.of += 1;
    }

    fn value(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.of.max(1))
    }
}

fn is(event: &Event<'_>, name: Derived) -> bool {
    matches!(event.derived(name), Value::Bool(true))
}

#[test]
fn what_was_measured_on_real_records_holds() {
    let Some(records) = corpora(&["catalog", "traildiscover", "stratus", "invictus"]) else {
        return;
    };
    let every = layout(all_names());
    let (mut with_target, mut denials, mut groups) =
        (Share::default(), Share::default(), Share::default());
    let mut verbs: BTreeMap<String, Share> = BTreeMap::new();
    for record in &records {
        with_event(record, &every, |event| {
            let (ok, own) = (is(event, Derived::Ok), is(event, Derived::ByService));
            let write = is(event, Derived::Write);
            let sign_in = matches!(event.derived(Derived::Service), Value::Text("signin"));
            if write && ok && !own && !sign_in {
                with_target.add(event.derived(Derived::Target).exists());
            }
            let message = event.text(Base::ErrorMessage).unwrap_or_default();
            if message.contains("is not authorized to perform") {
                denials.add(is(event, Derived::Denied) && !ok);
            }
            if let Value::Text("AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress") =
                event.derived(Derived::Api)
            {
                let rules = event.derived(Derived::SgRules);
                groups.add(matches!(rules, Value::List([_, ..])));
            }
            // The verb alone must say what readOnly says.
            if let Some(read_only) = event.flag(Base::ReadOnly) {
                let bare = record.replace("\"readOnly\"", "\"readOnlyNot\"");
                let by_verb = with_event(&bare, &every, |bare| is(bare, Derived::Write));
                let source = event.text(Base::EventSource).unwrap_or_default();
                let name = event.text(Base::EventName).unwrap_or_default();
                verbs.entry(format!("{source} {name}")).or_default().add(by_verb != read_only);
            }
            assert!(!(own && is(event, Derived::ViaService)), "{record}");
            assert!(!(is(event, Derived::Management) && is(event, Derived::Data)), "{record}");
        });
    }
    let wrong: Vec<_> = verbs.iter().filter(|(_, share)| share.hits < share.of).collect();
    println!("targets {with_target:?}, denials {denials:?}, groups {groups:?}");
    println!("{} pairs, verbs against readOnly: {wrong:?}", verbs.len());
    assert!(with_target.of > 400 && with_target.value() > 0.98, "{with_target:?}");
    assert!(denials.of > 50 && denials.hits == denials.of, "{denials:?}");
    assert!(groups.of > 0 && groups.hits == groups.of, "{groups:?}");
    assert!(verbs.len() > 400, "{}", verbs.len());
    let wrong: Vec<_> = wrong.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(wrong, ["bedrock.amazonaws.com InvokeModel", "ses.amazonaws.com SendEmail"]);
}

#[test]
fn published_tests_of_sharing_agree() {
    let Some(root) = std::env::var_os("TRAILHOUND_CORPORA") else {
        println!("skipped: TRAILHOUND_CORPORA is not set");
        return;
    };
    let file = Path::new(&root).join("rule-tests/panther.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let every = layout(all_names());
    let mut compared = 0;
    for line in text.lines().map(|line| serde_json::from_str::<Plain>(line).unwrap()) {
        if line["rule_id"] != "AWS.CloudTrail.SnapshotMadePublic" {
            continue;
        }
        let shared = with_event(&line["event"].to_string(), &every, |event| {
            let Value::List(shared) = event.derived(Derived::SharedWith) else { return false };
            is(event, Derived::Ok) && !shared.is_empty()
        });
        assert_eq!(json!(shared), line["expected"], "{}", line["test"]);
        compared += 1;
    }
    assert_eq!(compared, 4);
}
