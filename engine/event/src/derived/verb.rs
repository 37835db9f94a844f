//! Whether a call changes something: `write`.
//!
//! readOnly decides where it is there. The verbs stand in for it in old records,
//! and say what AWS's own readOnly says of the same call in later ones.

use super::service::{api, service};
use crate::event::Event;
use crate::layout::Base;

/// First words of reads, each followed by a capital, a digit or the end.
const READS: &[&str] = &[
    "Get",
    "List",
    "Describe",
    "Head",
    "Lookup",
    "Search",
    "Query",
    "Scan",
    "Select",
    "View",
    "Read",
    "Count",
    "Is",
    "Check",
    "Preview",
    "Calculate",
    "Estimate",
    "Simulate",
    "Download",
    "Detect",
    "Validate",
    "Discover",
    "Infer",
    "Analyze",
    "Render",
    "BatchGet",
    "BatchDescribe",
    "BatchDetect",
    "BatchCheck",
    "GenerateCredentialReport",
    "GenerateServiceLastAccessedDetails",
    "GenerateOrganizationsAccessReport",
];

/// Writes although their first word is one of [`READS`]: they make credentials.
const WRITES: &[&str] = &[
    "GetSessionToken",
    "GetFederationToken",
    "GetSigninToken",
    "GetCredentialsForIdentity",
    "GetOpenIdToken",
    "GetOpenIdTokenForDeveloperIdentity",
];

/// Whether the call changes something.
pub(super) fn write(event: &Event<'_>) -> bool {
    match event.flag(Base::ReadOnly) {
        Some(read_only) => !read_only,
        None => api(event).is_some_and(|api| writes(service(event).unwrap_or_default(), api)),
    }
}

/// Whether a call changes something, by its name alone.
fn writes(service: &str, api: &str) -> bool {
    let read = match service {
        "signin" => return true,
        "sts" if api.starts_with("AssumeRole") => true,
        "kms" => is_cryptographic(api) || is_read(api),
        _ => is_read(api),
    };
    !read || WRITES.contains(&api)
}

fn is_read(api: &str) -> bool {
    READS.iter().any(|verb| {
        api.strip_prefix(verb).is_some_and(|rest| match rest.bytes().next() {
            Some(next) => next.is_ascii_uppercase() || next.is_ascii_digit(),
            None => true,
        })
    })
}

/// Whether a call of kms uses a key and changes none.
fn is_cryptographic(api: &str) -> bool {
    matches!(
        api,
        "Decrypt" | "Encrypt" | "GenerateMac" | "GenerateRandom" | "Sign" | "DeriveSharedSecret"
    ) || ["ReEncrypt", "GenerateDataKey", "Verify"].iter().any(|verb| api.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_stand_in_for_read_only() {
        for (service, api, expected) in [
            ("x", "GetThing", false),
            ("x", "Get", false),
            ("x", "Get2Things", false),
            ("x", "Getaway", true),
            ("x", "Listen", true),
            ("x", "IssueCertificate", true),
            ("x", "IsAuthorized", false),
            ("x", "Selector", true),
            ("x", "Readdress", true),
            ("x", "BatchGetItem", false),
            ("x", "BatchWriteItem", true),
            ("x", "GenerateCredentialReport", false),
            ("x", "GenerateCredentialReports", true),
            ("x", "getThing", true),
            ("x", "GetSessionToken", true),
            ("x", "GetSessionTokens", false),
            ("x", "AssumeRole", true),
            ("sts", "AssumeRole", false),
            ("sts", "AssumeRoleWithSAML", false),
            ("sts", "AssumeRoot", true),
            ("sts", "GetFederationToken", true),
            ("x", "Decrypt", true),
            ("kms", "Decrypt", false),
            ("kms", "ReEncryptFrom", false),
            ("kms", "GenerateDataKeyWithoutPlaintext", false),
            ("kms", "VerifyMac", false),
            ("kms", "SignMessage", true),
            ("kms", "DescribeKey", false),
            ("kms", "ScheduleKeyDeletion", true),
            ("signin", "GetSigninToken", true),
            ("signin", "CheckMfa", true),
            ("x", "", true),
        ] {
            assert_eq!(writes(service, api), expected, "{service} {api}");
        }
    }
}
