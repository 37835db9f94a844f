//! Where a call came from: AWS itself, a service with a principal's rights, the
//! console, an address; and how sure the caller's identity was.
//!
//! invokedBy says that a service sent the call, not whose will it was. So
//! `by_service` is only what AWS does of its own accord, and `via_service` what a
//! principal has a service do.

use super::service::without_dns_suffix;
use super::{given, says};
use crate::event::Event;
use crate::layout::Base;
use std::net::IpAddr;

/// What `by_service` and `via_service` read.
pub(super) const SERVICE_INPUTS: &[Base] = &[
    Base::IdentityType,
    Base::IdentityArn,
    Base::IdentityInvokedBy,
    Base::SourceIpAddress,
    Base::IssuerArn,
];

/// What `console` reads.
pub(super) const CONSOLE_INPUTS: &[Base] = &[
    Base::FromConsole,
    Base::EventType,
    Base::IdentityInvokedBy,
    Base::EventVersion,
    Base::UserAgent,
];

/// What invokedBy says of a person in the console, until about 2020.
const SIGNIN: &str = "signin.amazonaws.com";

/// Whether AWS itself is the actor.
pub(super) fn by_service(event: &Event<'_>) -> bool {
    match given(event, Base::IdentityType) {
        Some("AWSService") => return true,
        Some(_) => {}
        None => {
            if given(event, Base::IdentityArn).is_none()
                && (given(event, Base::IdentityInvokedBy).is_some() || from_service(event))
            {
                return true;
            }
        }
    }
    event.text(Base::IssuerArn).is_some_and(|arn| arn.contains(":role/aws-service-role/"))
}

/// Whether a service used a principal's rights.
pub(super) fn via_service(event: &Event<'_>) -> bool {
    let sent = given(event, Base::IdentityInvokedBy).is_some_and(|service| service != SIGNIN)
        || from_service(event);
    sent && !by_service(event)
}

/// Whether the source is the DNS name of a service.
fn from_service(event: &Event<'_>) -> bool {
    event.text(Base::SourceIpAddress).is_some_and(is_service_name)
}

fn is_service_name(source: &str) -> bool {
    without_dns_suffix(source).is_some_and(|name| {
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        !name.is_empty() && name.bytes().all(plain)
    })
}

/// The source address; IPv4 in IPv6 as IPv4.
pub(super) fn ip(event: &Event<'_>) -> Option<IpAddr> {
    let address: IpAddr = event.text(Base::SourceIpAddress)?.parse().ok()?;
    Some(address.to_canonical())
}

/// The user agent, without the brackets that S3 puts around it.
pub(super) fn user_agent<'a>(event: &Event<'a>) -> Option<&'a str> {
    let whole = event.text(Base::UserAgent)?;
    let inside = whole.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    Some(inside.unwrap_or(whole)).filter(|agent| !agent.is_empty())
}

/// Whether the call was made in the console.
pub(super) fn console(event: &Event<'_>) -> bool {
    event.flag(Base::FromConsole) == Some(true)
        || says(event, Base::EventType, "AwsConsoleSignIn")
        || says(event, Base::EventType, "AwsConsoleAction")
        || says(event, Base::IdentityInvokedBy, SIGNIN)
        || (user_agent(event).is_some_and(is_console_agent)
            && event.text(Base::EventVersion).is_some_and(is_before_flag))
}

/// Whether an event version precedes 1.08, which brought sessionCredentialFromConsole.
fn is_before_flag(version: &str) -> bool {
    let Some((major, minor)) = version.split_once('.') else { return false };
    match (major.parse::<u32>(), minor.parse::<u32>()) {
        (Ok(major), Ok(minor)) => (major, minor) < (1, 8),
        _ => false,
    }
}

fn is_console_agent(agent: &str) -> bool {
    agent == SIGNIN
        || agent.starts_with("S3Console/")
        || agent.starts_with("EC2ConsoleFrontend")
        || agent.strip_prefix("console.").is_some_and(|rest| rest.ends_with("amazonaws.com"))
}

/// Whether a second factor was used.
pub(super) fn mfa(event: &Event<'_>) -> bool {
    event.flag(Base::MfaAuthenticated) == Some(true) || says(event, Base::MfaUsed, "Yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_their_dns_name() {
        for name in ["ec2.amazonaws.com", "a.b-1.amazonaws.com", "s3.amazonaws.com.cn"] {
            assert!(is_service_name(name), "{name}");
        }
        for name in [
            ".amazonaws.com",
            "amazonaws.com",
            "EC2.amazonaws.com",
            "e c2.amazonaws.com",
            "ec2.amazonaws.com.evil.org",
            "ec2.amazonaws.com.cn.",
            "ec2_x.amazonaws.com",
            "AWS Internal",
            "",
        ] {
            assert!(!is_service_name(name), "{name}");
        }
    }

    #[test]
    fn versions_are_numbers_not_text() {
        for (version, expected) in [
            ("1.0", true),
            ("1.05", true),
            ("1.07", true),
            ("1.08", false),
            ("1.10", false),
            ("1.11", false),
            ("2.0", false),
            ("1", false),
            ("", false),
            ("x.y", false),
        ] {
            assert_eq!(is_before_flag(version), expected, "{version}");
        }
    }

    #[test]
    fn console_agents() {
        for agent in [
            "signin.amazonaws.com",
            "console.amazonaws.com",
            "console.ec2.amazonaws.com",
            "S3Console/0.4, aws-internal/3",
            "EC2ConsoleFrontend, aws-internal/3",
        ] {
            assert!(is_console_agent(agent), "{agent}");
        }
        for agent in ["console.example.com", "aws-cli/2", "xS3Console/0.4", "RDS Console"] {
            assert!(!is_console_agent(agent), "{agent}");
        }
    }
}
