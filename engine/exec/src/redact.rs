//! Secrets that responses carry, kept out of alerts (I7).
//!
//! CloudTrail itself hides most; what it leaves are session tokens, passwords of
//! some services and signatures of presigned addresses.

use serde_json::Value;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Keys, in lower case, whose values are secret wherever they stand.
const SECRET_KEYS: [&str; 16] = [
    "authparameters",
    "clientsecret",
    "masteruserpassword",
    "newpassword",
    "oldpassword",
    "password",
    "plaintext",
    "privatekey",
    "secretaccesskey",
    "secretbinary",
    "secretstring",
    "sessiontoken",
    "signintoken",
    "temporarypassword",
    "x-amz-security-token",
    "x-amz-signature",
];

/// Whether the value under a key is secret.
#[must_use]
pub fn is_secret(key: &str) -> bool {
    key.len() <= 32 && SECRET_KEYS.contains(&key.to_ascii_lowercase().as_str())
}

/// The value without its secrets: what stands under a secret key, and the signature
/// in a presigned address.
#[must_use]
pub fn redact(value: Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| {
                let hidden = is_secret(&key) && !value.is_null();
                let value = if hidden { Value::from(REDACTED) } else { redact(value) };
                (key, value)
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(redact).collect(),
        Value::String(text) => Value::String(redact_address(text)),
        other => other,
    }
}

/// An address without the value of its `X-Amz-Signature` or `X-Amz-Security-Token`.
fn redact_address(text: String) -> String {
    let mut out = text;
    if !out.contains('=') {
        return out;
    }
    for name in
        ["X-Amz-Signature=", "X-Amz-Security-Token=", "x-amz-signature=", "x-amz-security-token="]
    {
        if let Some(found) = out.find(name) {
            let from = found + name.len();
            let length = out[from..].find(['&', '"', ' ']).unwrap_or(out.len() - from);
            out.replace_range(from..from + length, REDACTED);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_go_and_the_rest_stays() {
        assert_eq!(
            redact(
                json!({"accessKey":{"accessKeyId":"AKIA","secretAccessKey":"s"},"l":[{"Password":"p"}],
                "url":"https://b/?X-Amz-Signature=abc&x=1","sessionToken":null})
            ),
            json!({"accessKey":{"accessKeyId":"AKIA","secretAccessKey":"[redacted]"},"l":[{"Password":"[redacted]"}],
                "url":"https://b/?X-Amz-Signature=[redacted]&x=1","sessionToken":null})
        );
    }
}
