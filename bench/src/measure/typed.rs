//! `serde_json` reading twelve fields of every record, borrowed: the yardstick for plain JSON.

use serde::Deserialize;
use std::borrow::Cow;
use std::hint::black_box;

/// The fields that are read for comparison.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is read is the measure")]
struct Record<'a> {
    #[serde(borrow)]
    event_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    aws_region: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip_address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_agent: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "eventID")]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "requestID")]
    request_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    recipient_account_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "what is read is the measure")]
struct Identity<'a> {
    #[serde(borrow)]
    arn: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<Record<'a>>,
}

/// Read twelve fields of all records; how many records there are.
#[must_use]
pub fn typed(texts: &[Vec<u8>]) -> usize {
    let bodies = texts.iter().filter_map(|text| serde_json::from_slice::<Body<'_>>(text).ok());
    bodies.map(|body| black_box(body).records.len()).sum()
}
