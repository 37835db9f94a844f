//! One CloudTrail record as JSON text, with its keys in the order AWS writes them.
//!
//! A [`Call`] says what happened in the words of a record; [`write()`] adds what every
//! record has (identifiers, category, TLS) and appends the text. Strings that may hold
//! quotes are escaped here; parts that are JSON already are taken as they are.
//!
//! Source of the order and of the limits: AWS CloudTrail record contents.

use crate::clock::Moment;
use crate::dice::{Dice, hash};

/// What a record is about: decides `readOnly`, `managementEvent`, the category, the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A management call that changes nothing.
    Read,
    /// A management call that changes something.
    #[default]
    Write,
    /// A data call that changes nothing, such as `GetObject`.
    DataRead,
    /// A data call that changes something, such as `PutObject`.
    DataWrite,
    /// A sign-in to the console.
    SignIn,
}

/// What one record says. Text fields are plain, the ones named "JSON" are JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'a> {
    /// `userIdentity`, JSON.
    pub identity: &'a str,
    /// `eventTime`.
    pub time: Moment,
    /// `eventSource` without `.amazonaws.com`.
    pub source: &'a str,
    /// `eventName`.
    pub name: &'a str,
    /// What the record is about.
    pub kind: Kind,
    /// `awsRegion`.
    pub region: &'a str,
    /// `recipientAccountId`.
    pub account: &'a str,
    /// `sourceIPAddress`.
    pub address: &'a str,
    /// `userAgent`.
    pub agent: &'a str,
    /// `errorCode`; empty for success, and for a failed sign-in, which has a message only.
    pub error: &'a str,
    /// `errorMessage`; empty for none.
    pub message: &'a str,
    /// `requestParameters`, JSON; empty for null.
    pub request: &'a str,
    /// `responseElements`, JSON; empty for null.
    pub response: &'a str,
    /// `additionalEventData`, JSON; empty for none (S3 gets its own).
    pub additional: &'a str,
    /// `resources`, JSON; empty for none.
    pub resources: &'a str,
    /// `requestID`; empty for a fresh one.
    pub request_id: &'a str,
    /// Where the caller came from.
    pub channel: Channel,
}

/// How a call reached AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// Over the public interface, with TLS details.
    #[default]
    Client,
    /// From the console's session.
    Console,
    /// From inside AWS: no TLS details.
    Internal,
    /// From inside AWS, into an account that shares the event.
    Shared,
}

/// Appends the record of `call` to `out`.
pub fn write(out: &mut String, dice: &mut Dice, call: &Call<'_>) {
    put(out, r#"{"eventVersion":""#, version(call.source));
    put(out, r#"","userIdentity":"#, call.identity);
    out.push_str(r#","eventTime":""#);
    call.time.push_iso(out);
    put(out, r#"","eventSource":""#, call.source);
    put(out, r#".amazonaws.com","eventName":""#, call.name);
    put(out, r#"","awsRegion":""#, call.region);
    put(out, r#"","sourceIPAddress":""#, call.address);
    out.push_str(r#"","userAgent":"#);
    push_quoted(out, call.agent);
    for (key, text) in [(r#","errorCode":"#, call.error), (r#","errorMessage":"#, call.message)] {
        if !text.is_empty() {
            out.push_str(key);
            push_quoted(out, text);
        }
    }
    put(out, r#","requestParameters":"#, or_null(call.request));
    let answered = call.error.is_empty() || call.kind == Kind::SignIn;
    put(out, r#","responseElements":"#, if answered { or_null(call.response) } else { "null" });
    push_additional(out, dice, call);
    if call.kind != Kind::SignIn {
        out.push_str(r#","requestID":""#);
        push_request_id(out, dice, call);
        out.push('"');
    }
    out.push_str(r#","eventID":""#);
    dice.push_uuid(out);
    let read = matches!(call.kind, Kind::Read | Kind::DataRead);
    put(out, r#"","readOnly":"#, if read { "true" } else { "false" });
    if !call.resources.is_empty() {
        put(out, r#","resources":"#, call.resources);
    }
    push_tail(out, dice, call);
}

/// The end of a record: type, category, account, TLS.
fn push_tail(out: &mut String, dice: &mut Dice, call: &Call<'_>) {
    let kind = if call.kind == Kind::SignIn { "AwsConsoleSignIn" } else { "AwsApiCall" };
    put(out, r#","eventType":""#, kind);
    let data = matches!(call.kind, Kind::DataRead | Kind::DataWrite);
    put(out, r#"","managementEvent":"#, if data { "false" } else { "true" });
    put(out, r#","recipientAccountId":""#, call.account);
    if call.channel == Channel::Shared {
        out.push_str(r#"","sharedEventID":""#);
        dice.push_uuid(out);
    }
    put(out, r#"","eventCategory":""#, if data { "Data" } else { "Management" });
    out.push('"');
    if matches!(call.channel, Channel::Client | Channel::Console) {
        let old = hash(5, call.agent).is_multiple_of(3);
        out.push_str(if old {
            r#","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":""#
        } else {
            r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":""#
        });
        push_host(out, call);
        out.push_str(r#""}"#);
    }
    if call.channel == Channel::Console {
        out.push_str(r#","sessionCredentialFromConsole":"true""#);
    }
    out.push('}');
}

/// `eventVersion` of a service; services move on one by one.
fn version(source: &str) -> &'static str {
    match hash(3, source) % 4 {
        0 => "1.08",
        1 => "1.09",
        2 => "1.10",
        _ => "1.11",
    }
}

fn push_additional(out: &mut String, dice: &mut Dice, call: &Call<'_>) {
    if !call.additional.is_empty() {
        put(out, r#","additionalEventData":"#, call.additional);
    } else if call.source == "s3" {
        out.push_str(r#","additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":""#);
        dice.push_base64(out, 48);
        put(out, r#"=","bytesTransferredOut":"#, &dice.below(900).to_string());
        out.push('}');
    }
}

fn push_request_id(out: &mut String, dice: &mut Dice, call: &Call<'_>) {
    if !call.request_id.is_empty() {
        out.push_str(call.request_id);
    } else if call.source == "s3" {
        dice.push_upper(out, 16);
    } else {
        dice.push_uuid(out);
    }
}

/// The host name a client asks for this service.
fn push_host(out: &mut String, call: &Call<'_>) {
    const HOST: &str = r#""Host":""#;
    let named = call.request.find(HOST).map(|at| &call.request[at + HOST.len()..]);
    if let Some(host) = named.and_then(|rest| rest.split('"').next()) {
        return out.push_str(host);
    }
    let global = matches!(call.source, "iam" | "route53" | "organizations" | "cloudfront")
        || call.source == "sts" && call.region == "us-east-1";
    match call.source {
        "signin" => put(out, call.region, ".signin.aws.amazon.com"),
        source if global => put(out, source, ".amazonaws.com"),
        source => {
            put(out, if source == "ecr" { "api.ecr" } else { source }, ".");
            put(out, call.region, ".amazonaws.com");
        }
    }
}

fn or_null(json: &str) -> &str {
    if json.is_empty() { "null" } else { json }
}

fn put(out: &mut String, first: &str, second: &str) {
    out.push_str(first);
    out.push_str(second);
}

/// Appends `text` as a JSON string, quotes included.
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                out.push_str("\\u00");
                out.push(if u32::from(c) < 0x10 { '0' } else { '1' });
                out.push(char::from(b"0123456789abcdef"[u32::from(c) as usize & 15]));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_reads_back() {
        for text in ["", "plain", "a \"b\" \\ c\n\t\u{1}\u{1f} é"] {
            let mut json = String::new();
            push_quoted(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn a_failed_call_has_no_response_and_keys_come_in_order() {
        let call = Call {
            identity: r#"{"type":"AWSService","invokedBy":"x"}"#,
            source: "ec2",
            name: "RunInstances",
            region: "eu-west-1",
            error: "Client.UnauthorizedOperation",
            message: "You are not authorized to perform this operation.",
            response: r#"{"a":1}"#,
            ..Call::default()
        };
        let mut text = String::new();
        write(&mut text, &mut Dice::new(1, 1), &call);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(value["responseElements"].is_null());
        let host = &value["tlsDetails"]["clientProvidedHostHeader"];
        assert_eq!(host, "ec2.eu-west-1.amazonaws.com");
        let at = |key: &str| text.find(&format!("\"{key}\":")).unwrap();
        let order = [
            "eventVersion",
            "userIdentity",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
            "errorMessage",
            "requestParameters",
            "responseElements",
            "requestID",
            "eventID",
            "readOnly",
            "eventType",
            "managementEvent",
            "recipientAccountId",
            "eventCategory",
            "tlsDetails",
        ];
        assert!(order.is_sorted_by_key(|key| at(key)));
    }
}
