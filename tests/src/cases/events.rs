//! The events of a case: lines of times and objects made into records in files.

use crate::generate::NamedFile;
use crate::oracle::{Json, time_text};
use crate::tree;
use lang::ast::{self, ClauseKind, Item, ObjectKey, TestStepKind};

/// The record that an object is laid over.
const PLAIN: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE123","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE12","userName":"alice"},"eventTime":"","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.15.0","requestParameters":null,"responseElements":null,"eventID":"","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#;

/// The files of a section of events.
pub(super) fn files(section: &str, start: i64) -> Result<Vec<NamedFile>, String> {
    let mut files: Vec<NamedFile> = Vec::new();
    let mut made = 0;
    for line in
        section.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(name) = line.strip_prefix("file ") {
            files.push(NamedFile { name: name.trim().to_owned(), records: Vec::new() });
            continue;
        }
        if files.is_empty() {
            files.push(NamedFile { name: "events.json".to_owned(), records: Vec::new() });
        }
        let records = match line.strip_prefix("raw ") {
            Some(text) => vec![text.to_owned()],
            None => records(line, start, &mut made)?,
        };
        if let Some(file) = files.last_mut() {
            file.records.extend(records);
        }
    }
    Ok(files)
}

fn records(line: &str, start: i64, made: &mut usize) -> Result<Vec<String>, String> {
    let (clock, step) =
        line.find('{').map(|at| line.split_at(at)).ok_or_else(|| format!("no object: {line}"))?;
    let first = start + offset(clock.trim()).ok_or_else(|| format!("no time: {line}"))?;
    let rule = format!("rule x {{ where true test \"t\" {{ event {step} }} }}");
    let file = tree(&rule).map_err(|wrong| format!("{wrong}: {line}"))?;
    let (object, times, every) = event(&file).ok_or_else(|| format!("no event: {line}"))?;
    let plain = Json::parse(PLAIN).ok_or("the plain record")?;
    let mut texts = Vec::new();
    for index in 0..times {
        *made += 1;
        let mut record = plain.clone();
        set(&mut record, &["eventTime"], Json::Text(time_text(first + index * every)));
        set(&mut record, &["eventID"], Json::Text(format!("e{made:03}")));
        lay(&mut record, &object);
        texts.push(record.compact());
    }
    Ok(texts)
}

/// Seconds of `10:00:00` or `+2d 10:00:00`.
fn offset(text: &str) -> Option<i64> {
    let (days, clock) = match text.split_once('d') {
        Some((days, clock)) => (days.trim_start_matches('+').parse::<i64>().ok()?, clock.trim()),
        None => (0, text),
    };
    let parts: Option<Vec<i64>> = clock.split(':').map(|part| part.parse().ok()).collect();
    let [hours, minutes, seconds] = parts?[..] else { return None };
    Some(days * 86_400 + hours * 3_600 + minutes * 60 + seconds)
}

/// The object of the one `event` step of a file, how often, and how many seconds apart.
fn event(file: &ast::File) -> Option<(ast::Object, i64, i64)> {
    let Some(Item::Rule(rule)) = file.items.first() else { return None };
    let step = rule.clauses.iter().find_map(|clause| match &clause.kind {
        ClauseKind::Test(test) => test.steps.first(),
        _ => None,
    })?;
    let TestStepKind::Event(object, times, every) = &step.kind else { return None };
    let every = every.and_then(ast::Duration::seconds).unwrap_or(0);
    Some((object.clone(), i64::try_from(times.unwrap_or(1)).ok()?, every))
}

fn lay(record: &mut Json, object: &ast::Object) {
    for (key, value) in object {
        match key {
            ObjectKey::Quoted(key) => set(record, &[key], plain(value)),
            ObjectKey::Dotted(keys) => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                set(record, &keys, plain(value));
            }
        }
    }
}

fn set(json: &mut Json, keys: &[&str], value: Json) {
    let Some((key, rest)) = keys.split_first() else {
        *json = value;
        return;
    };
    if !matches!(json, Json::Object(_)) {
        *json = Json::Object(Vec::new());
    }
    let Json::Object(pairs) = json else { return };
    match pairs.iter_mut().find(|(name, _)| name == key) {
        Some((_, inner)) => set(inner, rest, value),
        None => {
            let mut inner = Json::Null;
            set(&mut inner, rest, value);
            pairs.push(((*key).to_owned(), inner));
        }
    }
}

/// The JSON that a value of a test stands for.
fn plain(value: &ast::Json) -> Json {
    match value {
        ast::Json::Null => Json::Null,
        ast::Json::Bool(value) => Json::Bool(*value),
        ast::Json::Number(digits) => Json::Number(digits.clone()),
        ast::Json::String(text) => Json::text(text),
        ast::Json::Array(list) => Json::List(list.iter().map(plain).collect()),
        ast::Json::Object(object) => {
            let mut made = Json::Object(Vec::new());
            lay(&mut made, object);
            made
        }
    }
}
