//! Random streams of records, split into files.

use super::NamedFile;
use super::random::Random;
use crate::oracle::{Config, Json, Record, time_text};

/// 2026-01-01T00:00:00Z.
const BASE: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// What gaps a stream has between runs of events that follow each other closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// None.
    None,
    /// About an hour, rarely a day.
    Hours,
    /// About a day, rarely many.
    Days,
}

/// The clock of a pair: most streams lie far behind it.
pub(super) fn config(random: &mut Random) -> Config {
    let now = BASE + if random.one_in(6) { 60 } else { 500 * DAY };
    Config { now, lateness: Config::LATENESS }
}

/// The files of a stream of 0 to 80 events.
pub(super) fn files(random: &mut Random, config: &Config, gaps: Gaps) -> Vec<NamedFile> {
    let number = random.below(81);
    // In half of the streams a few callers do the same again and again.
    let scenes: Vec<Pairs> = match random.below(2) {
        0 => Vec::new(),
        _ => (0..3).map(|_| scene(random)).collect(),
    };
    let mut time = BASE;
    let mut leaps = 0;
    let mut records: Vec<(i64, String)> = Vec::new();
    for index in 0..number {
        time += *random.pick(&[0, 0, 0, 1, 1, 2, 5, 5, 10, 20, 30, 60]);
        if gaps != Gaps::None && leaps < 9 && random.one_in(4) {
            leaps += 1;
            time += match gaps {
                Gaps::Days => *random.pick(&[DAY, DAY, 2 * DAY, 40 * DAY, DAY - 1, 3_600]),
                _ => *random.pick(&[600, 1_800, 3_600, 3_600, 3_599, 7_200, DAY]),
            };
        }
        let at =
            if random.one_in(40) { config.now + *random.pick(&[600, 601, 4_000]) } else { time };
        let scene = match scenes.is_empty() || random.one_in(6) {
            true => scene(random),
            false => random.pick(&scenes).clone(),
        };
        records.push((at, event(random, scene, index, at)));
    }
    let copies: Vec<(i64, String)> =
        records.iter().filter(|_| random.one_in(12)).cloned().collect();
    records.extend(copies);
    random.shuffle(&mut records);
    split(random, &records)
}

/// Some files with a delivery time in their name, some without.
fn split(random: &mut Random, records: &[(i64, String)]) -> Vec<NamedFile> {
    let number = 1 + random.below(4);
    let mode = random.below(3);
    let latest = records
        .iter()
        .map(|(time, _)| *time)
        .filter(|time| *time < BASE + 490 * DAY)
        .max()
        .unwrap_or(BASE);
    let mut files: Vec<NamedFile> = (0..number)
        .map(|index| {
            let plain = mode == 0 || (mode == 1 && random.one_in(2));
            let after = *random.pick(&[0, 300, 300, 3_600, 20_940, 21_300, 21_600]);
            let minute = (latest + after).div_euclid(60) * 60;
            let name = if plain { format!("plain-{index}.json") } else { delivered(minute, index) };
            NamedFile { name, records: Vec::new() }
        })
        .collect();
    for (_, record) in records {
        let index = random.below(number);
        files[index].records.push(record.clone());
    }
    files
}

fn delivered(minute: i64, index: usize) -> String {
    let digits: String = time_text(minute).chars().filter(char::is_ascii_digit).take(12).collect();
    let (day, clock) = digits.split_at(8);
    format!("111122223333_CloudTrail_us-east-1_{day}T{clock}Z_File{index:012}.json")
}

fn text(random: &mut Random, texts: &[&str]) -> Json {
    Json::text(*random.pick(texts))
}

type Pairs = Vec<(&'static str, Json)>;

/// Who calls what from where, and whether it fails.
fn scene(random: &mut Random) -> Pairs {
    let mut pairs: Pairs = vec![("userIdentity", identity(random))];
    if !random.one_in(12) {
        let source = [
            "ec2.amazonaws.com",
            "ec2.amazonaws.com",
            "iam.amazonaws.com",
            "s3.amazonaws.com",
            "sts.amazonaws.com",
        ];
        pairs.push(("eventSource", text(random, &source)));
    }
    if !random.one_in(20) {
        pairs.push(("eventName", text(random, &NAMES)));
    }
    if !random.one_in(10) {
        pairs.push((
            "awsRegion",
            text(random, &["us-east-1", "us-east-1", "eu-west-1", "ap-south-1", ""]),
        ));
    }
    if !random.one_in(6) {
        pairs.push(("sourceIPAddress", text(random, &SOURCES)));
    }
    if random.one_in(2) {
        pairs.push((
            "userAgent",
            text(random, &["aws-cli/2.0", "[aws-cli/2.0]", "console.amazonaws.com", ""]),
        ));
    }
    outcome(random, &mut pairs);
    if !random.one_in(10) {
        pairs.push((
            "recipientAccountId",
            text(random, &["111122223333", "111122223333", "444455556666"]),
        ));
    }
    pairs
}

/// The JSON text of one event.
fn event(random: &mut Random, scene: Pairs, index: usize, at: i64) -> String {
    let mut pairs: Pairs = vec![("eventVersion", text(random, &["1.05", "1.08", "1.10"]))];
    match random.below(30) {
        0 => {}
        1 => pairs.push(("eventTime", text(random, &["", "yesterday", "2026-02-30T00:00:00Z"]))),
        2 => {
            pairs.push(("eventTime", Json::Text(time_text(at).replace('T', " ").replace('Z', ""))))
        }
        3 => pairs.push(("@timestamp", Json::Text(time_text(at).replace('Z', ".250Z")))),
        4 => pairs.push(("eventTime", Json::Text(time_text(at + 3_600).replace('Z', "+01:00")))),
        _ => pairs.push(("eventTime", Json::Text(time_text(at)))),
    }
    pairs.extend(scene);
    match random.below(8) {
        0 => pairs.push((
            "additionalEventData",
            Json::object([("MFAUsed", text(random, &["Yes", "No"]))]),
        )),
        1 => pairs.push(("additionalEventData", Json::Null)),
        _ => {}
    }
    pairs.push(("requestParameters", request(random)));
    if random.one_in(10) {
        let answer = text(random, &["Success", "Failure"]);
        pairs.push(("responseElements", Json::object([("ConsoleLogin", answer)])));
    }
    if random.one_in(40) {
        pairs.push((
            "addendum",
            Json::object([("reason", text(random, &["UPDATED_DATA", "DELIVERY_DELAY"]))]),
        ));
    }
    if !random.one_in(15) {
        // Ids in no order of time, UUIDs and others.
        let first = (index * 167 + 13) % 256;
        let id = match random.one_in(3) {
            true => format!("{first:02x}-{index}"),
            false => format!("{first:02x}000000-0000-4000-8000-{index:012x}"),
        };
        pairs.push(("eventID", Json::Text(id)));
    }
    if random.one_in(3) {
        random.shuffle(&mut pairs);
    }
    let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let text = Record::of(Json::Object(pairs)).json.compact();
    // A caller's key changes from session to session.
    if random.one_in(4) { text.replace("IAEXAMPLE", "IAEXAMPLE2") } else { text }
}

const NAMES: [&str; 9] = [
    "RunInstances",
    "RunInstances",
    "DeleteUser",
    "CreateUser",
    "GetObject",
    "UpdateFunctionCode20150331v2",
    "TerminateInstances",
    "AuthorizeSecurityGroupIngress",
    "ModifySnapshotAttribute",
];

const SOURCES: [&str; 6] = [
    "198.51.100.7",
    "203.0.113.9",
    "10.1.2.3",
    "2001:db8::1",
    "cloudformation.amazonaws.com",
    "010.1.1.1",
];

fn outcome(random: &mut Random, pairs: &mut Pairs) {
    match random.below(10) {
        0 => pairs.push(("errorCode", Json::text("AccessDenied"))),
        1 => pairs.push(("errorCode", Json::text("Client.UnauthorizedOperation"))),
        2 => pairs.push(("errorCode", Json::whole(404))),
        3 => pairs.push(("errorCode", Json::Null)),
        4 => pairs.push(("errorMessage", Json::text("no"))),
        _ => {}
    }
    match random.below(6) {
        0 => pairs.push(("readOnly", Json::text("true"))),
        1 => pairs.push(("readOnly", Json::text("False"))),
        2 => pairs.push(("readOnly", Json::Bool(true))),
        3 => pairs.push(("readOnly", Json::Bool(false))),
        _ => {}
    }
}

fn identity(random: &mut Random) -> Json {
    let issued = |name: &str, session: &str| {
        Json::object([
            ("type", Json::text("AssumedRole")),
            ("principalId", Json::text(format!("AROAEXAMPLE:{session}"))),
            ("arn", Json::text(format!("arn:aws:sts::111122223333:assumed-role/{name}/{session}"))),
            ("accountId", Json::text("111122223333")),
            ("accessKeyId", Json::text("ASIAEXAMPLE")),
            (
                "sessionContext",
                Json::object([
                    (
                        "sessionIssuer",
                        Json::object([
                            ("type", Json::text("Role")),
                            ("arn", Json::text(format!("arn:aws:iam::111122223333:role/{name}"))),
                            ("userName", Json::text(name)),
                        ]),
                    ),
                    (
                        "attributes",
                        Json::object([
                            ("mfaAuthenticated", Json::text("true")),
                            ("creationDate", Json::Text(time_text(BASE - 30))),
                        ]),
                    ),
                ]),
            ),
        ])
    };
    match random.below(10) {
        0 => issued("ci", "job-1"),
        1 => issued("AWSReservedSSO_Admin_1", "dana"),
        2 => Json::object([
            ("type", Json::text("AWSService")),
            ("invokedBy", Json::text("ec2.amazonaws.com")),
        ]),
        3 => {
            Json::object([("type", Json::text("Root")), ("accountId", Json::text("444455556666"))])
        }
        4 => Json::object([("invokedBy", Json::text("s3.amazonaws.com"))]),
        5 => Json::text("odd"),
        _ => {
            let name = *random.pick(&["alice", "bob"]);
            Json::object([
                ("type", Json::text("IAMUser")),
                ("arn", Json::text(format!("arn:aws:iam::111122223333:user/{name}"))),
                ("accountId", Json::text("111122223333")),
                ("userName", Json::text(name)),
                ("accessKeyId", Json::text("AKIAEXAMPLE")),
            ])
        }
    }
}

/// Open parameters of all JSON types.
fn request(random: &mut Random) -> Json {
    if random.one_in(10) {
        return random
            .pick(&[Json::Null, Json::Null, Json::text("x"), Json::List(Vec::new())])
            .clone();
    }
    let value = |text: &str| Json::parse(text).unwrap_or(Json::Null);
    let fields: [(&str, &[&str]); 7] = [
        ("name", &["\"a\"", "\"a\"", "\"b\"", "\"alice\"", "\"B\"", "null", "[\"a\"]", "1"]),
        ("n", &["1", "2", "2.0", "2e0", "\"2\"", "1.5", "0", "-1", "true", "[2]", "{}", "0.1"]),
        ("flag", &["true", "\"true\"", "false", "\"false\"", "\"TRUE\"", "null"]),
        (
            "tags",
            &[
                "[]",
                "[\"x\"]",
                "\"x\"",
                "[\"x\",\"y\"]",
                "\"a\"",
                "[\"z\",1]",
                "[null]",
                "{\"x\":1}",
            ],
        ),
        (
            "items",
            &[
                "[{\"k\":\"a\",\"v\":1}]",
                "[{\"k\":\"b\"},{\"k\":\"a\",\"v\":0.5}]",
                "{\"k\":\"a\",\"v\":2}",
                "[]",
            ],
        ),
        ("x-odd.key", &["\"1\"", "1", "null"]),
        ("policy", &POLICIES),
    ];
    let mut pairs: Vec<(String, Json)> = Vec::new();
    for (key, values) in fields {
        if random.one_in(2) {
            pairs.push((key.to_owned(), value(random.pick::<&str>(values))));
        }
    }
    let special: [(&str, &str); 4] = [
        ("instancesSet", "{\"items\":[{\"instanceId\":\"a\"},{\"instanceId\":\"b\"}]}"),
        ("userName", "\"alice\""),
        (
            "ipPermissions",
            "{\"items\":[{\"ipProtocol\":\"tcp\",\"fromPort\":22,\"toPort\":\"22\",\"ipRanges\":{\"items\":[{\"cidrIp\":\"0.0.0.0/0\"}]}}]}",
        ),
        (
            "createVolumePermission",
            "{\"add\":{\"items\":[{\"group\":\"all\"},{\"userId\":\"111122223333\"}]}}",
        ),
    ];
    for (key, text) in special {
        if random.one_in(4) {
            pairs.push((key.to_owned(), value(text)));
        }
    }
    Json::Object(pairs)
}

const POLICIES: [&str; 3] = [
    "\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"iam:*\\\",\\\"Resource\\\":\\\"*\\\"}}\"",
    "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":[\"s3:*\"]}]}",
    "\"broken\"",
];
