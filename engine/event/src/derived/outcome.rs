//! How the call ended: `ok` and `denied`.
//!
//! `ok` means accepted; what a batch call answers for each of its parts is not
//! looked at. A dry run that would have succeeded is neither ok nor denied.

use super::given;
use crate::event::Event;
use crate::json::Json;
use crate::layout::Base;
use memchr::memchr2_iter;

/// What `ok` reads.
pub(super) const OK_INPUTS: &[Base] = &[
    Base::ErrorCode,
    Base::ErrorMessage,
    Base::EventName,
    Base::ResponseElements,
    Base::ServiceEventDetails,
];

/// Whether the call was accepted.
pub(super) fn ok(event: &Event<'_>) -> bool {
    given(event, Base::ErrorCode).is_none()
        && given(event, Base::ErrorMessage).is_none()
        && !says_failure(event)
}

/// Whether a sign-in's result is `Failure`, under the event's name or `ConsoleLogin`. That
/// belongs to the scene.
pub(crate) fn says_failure(event: &Event<'_>) -> bool {
    [Base::ResponseElements, Base::ServiceEventDetails].into_iter().any(|base| {
        let Some(details) = event.bytes_at_once(base.slot()) else { return false };
        may_say_failure(details) && {
            let details = Json::new(details);
            let fails = |key: &str| details.get(key).is_some_and(|is| is.is_text("Failure"));
            fails("ConsoleLogin") || event.text(Base::EventName).is_some_and(fails)
        }
    })
}

/// Whether the word can be in there at all: plainly, or behind an escape.
fn may_say_failure(raw: &[u8]) -> bool {
    memchr2_iter(b'F', b'\\', raw).any(|at| raw[at] == b'\\' || raw[at..].starts_with(b"Failure"))
}

/// Whether the caller was not allowed to make the call.
pub(super) fn denied(event: &Event<'_>) -> bool {
    let Some(code) = given(event, Base::ErrorCode) else { return false };
    is_denial(code)
        || event
            .text(Base::ErrorMessage)
            .is_some_and(|message| message.contains(" is not authorized to perform: "))
}

/// Whether an error code is one of those that say so.
fn is_denial(code: &str) -> bool {
    let code =
        code.strip_prefix("Client.").or_else(|| code.strip_prefix("Server.")).unwrap_or(code);
    code.contains("AccessDenied")
        || code.contains("Forbidden")
        || code == "AuthFailure"
        || code.starts_with("Unauthorized")
        || code.starts_with("NotAuthorized")
        || code.starts_with("AuthorizationError")
        || code.starts_with("InsufficientPrivileges")
        || (code.starts_with("AccessTo") && code.ends_with("Denied"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_told_from_other_errors() {
        for code in [
            "AccessDenied",
            "Server.AccessDenied",
            "AccessToClusterDenied",
            "AccessToDenied",
            "EC2AccessDeniedException",
            "AccessForbidden",
            "UnauthorizedClientException",
            "NotAuthorizedException",
            "AuthorizationErrorException",
            "InsufficientPrivilegesException",
        ] {
            assert!(is_denial(code), "{code}");
        }
        for code in [
            "Client.Client.UnauthorizedOperation",
            "Client.DryRunOperation",
            "AuthFailureException",
            "AccessToClusterDeniedFault",
            "InvalidAccessException",
            "accessdenied",
            "InsufficientS3BucketPolicyException",
            "404",
        ] {
            assert!(!is_denial(code), "{code}");
        }
    }
}
