//! What an input looked like in which no CloudTrail record was found.
//!
//! It guesses from the first bytes, or from the keys of the first object that was no
//! record, and knows the things that people take for CloudTrail files.

use crate::packing::Packing;
use crate::shown::shown;
use event::Json;
use std::fmt;

/// What an unrecognised input looked like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How it was compressed.
    pub packing: Option<Packing>,
    /// What it looked like, inflated.
    pub what: Look,
}

/// What a text looked like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing, or nothing but white space.
    Empty,
    /// A notification of S3, SNS or SQS about a log file.
    Notification,
    /// An event of `EventBridge` whose `detail` is no record.
    EventBridge,
    /// A CloudWatch Logs subscription in base64.
    Subscription,
    /// Records of Kinesis or Firehose in base64.
    Base64,
    /// A CloudTrail digest.
    Digest,
    /// Comma-separated values.
    Csv,
    /// A compressed or packed file of the kind named.
    Packed(&'static str),
    /// Zero bytes, where a file was not written whole.
    Zeros,
    /// UTF-16 text.
    Utf16,
    /// JSON objects with these keys, the first few.
    Keys(Vec<String>),
    /// JSON values that are no objects.
    Values,
    /// Records, but too long to be read.
    Oversize,
    /// A file that could not be read.
    Unreadable,
    /// JSON that begins like this and holds no whole record.
    Broken(String),
    /// Text that begins like this.
    NotJson(String),
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.packing, &self.what) {
            (Some(packing), Look::Unreadable) => write!(f, "{packing} that cannot be read"),
            (Some(packing), Look::Empty) => write!(f, "{packing} of nothing"),
            (Some(packing), what) => write!(f, "{packing} of {what}"),
            (None, what) => write!(f, "{what}"),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Notification => "a notification that names log files and holds no record",
            Self::EventBridge => "an EventBridge event whose `detail` is no CloudTrail record",
            Self::Subscription => {
                "a CloudWatch Logs subscription in base64 (`awslogs.data`), not supported yet"
            }
            Self::Base64 => "Kinesis or Firehose data in base64, not supported yet",
            Self::Digest => "a CloudTrail digest",
            Self::Csv => "comma-separated values",
            Self::Packed(kind @ ("gzip" | "zstd")) => {
                return write!(f, "{kind} data, packed twice");
            }
            Self::Packed(kind) => return write!(f, "{kind} data, not supported"),
            Self::Zeros => "zero bytes",
            Self::Utf16 => "UTF-16 text, not supported",
            Self::Keys(keys) if keys.is_empty() => "JSON objects without keys",
            Self::Keys(keys) => return write!(f, "JSON objects with the keys {}", keys.join(", ")),
            Self::Values => "JSON values that are no objects",
            Self::Oversize => "records above 4 MiB",
            Self::Unreadable => "a file that cannot be read",
            Self::Broken(begins) => {
                return write!(f, "JSON without a whole record: begins with `{begins}`");
            }
            Self::NotJson(begins) => return write!(f, "not JSON: begins with `{begins}`"),
        })
    }
}

impl Look {
    /// How many keys are told: 5.
    const KEYS: usize = 5;
    /// How many bytes of a text are told: 32.
    const BEGINS: usize = 32;

    /// What an object that is no record looks like.
    ///
    /// # Cost
    ///
    /// It reads at most 100 keys.
    pub(crate) fn object(raw: &[u8]) -> Self {
        let mut keys = Vec::new();
        for (key, value) in Json::new(raw).entries().take(100) {
            match key {
                b"awslogs" if value.get("data").is_some() => return Self::Subscription,
                b"digestStartTime" | b"digestS3Object" => return Self::Digest,
                b"Sns" | b"s3ObjectKey" | b"SigningCertURL" | b"receiptHandle" => {
                    return Self::Notification;
                }
                b"kinesis" | b"approximateArrivalTimestamp" => return Self::Base64,
                b"Event" if value.is_text("s3:TestEvent") => return Self::Notification,
                _ => {}
            }
            if keys.len() < Self::KEYS {
                keys.push(shown(&key[..key.len().min(64)]));
            }
        }
        Self::Keys(keys)
    }

    /// What a text looks like by its first bytes.
    pub(crate) fn head(head: &[u8]) -> Self {
        const MAGIC: [(&[u8], &str); 8] = [
            (b"\x1f\x8b", "gzip"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
            (b"PK\x03\x04", "zip"),
            (b"PAR1", "Parquet"),
            (b"BZh", "bzip2"),
            (b"\xfd7zXZ\0", "xz"),
            (b"Obj\x01", "Avro"),
            (b"SQLite format 3\0", "SQLite"),
        ];
        let marked = head.trim_ascii_start();
        let head = marked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if head.trim_ascii().is_empty() {
            return Self::Empty;
        }
        if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Self::Packed(kind);
        }
        if head.iter().all(|byte| *byte == 0) {
            return Self::Zeros;
        }
        if head.starts_with(b"\xff\xfe")
            || head.starts_with(b"\xfe\xff")
            || (head.len() > 3 && head[1] == 0 && head[3] == 0)
        {
            return Self::Utf16;
        }
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let cells = line.split(|byte| *byte == b',').count();
        if cells > 2 && !line.iter().any(|byte| b"{[<".contains(byte)) {
            return Self::Csv;
        }
        match head.trim_ascii_start().first() {
            Some(b'{' | b'[') => Self::Broken(Self::begins(head)),
            Some(b'"' | b'0'..=b'9' | b'-') => Self::Values,
            _ => Self::NotJson(Self::begins(head)),
        }
    }

    fn begins(head: &[u8]) -> String {
        shown(&head[..head.len().min(Self::BEGINS)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(look: &Look, text: &str) {
        assert_eq!(look.to_string(), text);
    }

    #[test]
    fn objects_are_known_by_their_keys() {
        check(
            &Look::object(br#"{"awslogs":{"data":"H4sI"}}"#),
            "a CloudWatch Logs subscription in base64 (`awslogs.data`), not supported yet",
        );
        check(&Look::object(br#"{"a":1,"b\u001b":2}"#), "JSON objects with the keys a, b\\u001b");
        check(&Look::object(b"{\"\x1b\":2}"), "JSON objects with the keys \\u{1b}");
        check(&Look::object(b"{}"), "JSON objects without keys");
        assert_eq!(Look::object(br#"{"awsAccountId":"1","digestStartTime":"x"}"#), Look::Digest);
        assert_eq!(Look::object(br#"{"s3Bucket":"b","s3ObjectKey":["k"]}"#), Look::Notification);
    }

    #[test]
    fn texts_are_known_by_their_first_bytes() {
        assert_eq!(Look::head(b" \r\n"), Look::Empty);
        assert_eq!(Look::head(b"\x28\xb5\x2f\xfd.."), Look::Packed("zstd"));
        assert_eq!(Look::head(b"PAR1...."), Look::Packed("Parquet"));
        assert_eq!(Look::head(b"eventTime,eventName,eventID\n"), Look::Csv);
        assert_eq!(Look::head(b"\xff\xfe{\0"), Look::Utf16);
        assert_eq!(Look::head(b"\0\0\0\0"), Look::Zeros);
        assert_eq!(Look::head(b"42"), Look::Values);
        check(&Look::head(b"\x1b[2Jhello"), "not JSON: begins with `\\u{1b}[2Jhello`");
    }
}
