//! The `userIdentity` object in its forms, as JSON text.
//!
//! Knows how principals, keys and ARNs look. Identifiers follow from account and name,
//! so the same principal has the same `principalId` in every record. All inputs are plain
//! ASCII names of the made-up world, so nothing here needs escaping.

use std::fmt::Write as _;

use crate::clock::Moment;
use crate::dice::{hash, push_upper};

/// An identifier such as `AROA…` or `AIDA…` for the principal `name` of `account`.
#[must_use]
pub fn principal_id(prefix: &str, account: &str, name: &str) -> String {
    let mut id = String::from(prefix);
    push_upper(&mut id, hash(hash(11, account), name), 17);
    id
}

/// The access key `number` of the principal `name`: `AKIA…` or `ASIA…`.
#[must_use]
pub fn access_key(prefix: &str, account: &str, name: &str, number: u64) -> String {
    let mut id = String::from(prefix);
    push_upper(&mut id, hash(hash(13 ^ number, account), name), 16);
    id
}

/// A session of a role.
#[derive(Debug, Clone, Copy)]
pub struct RoleSession<'a> {
    /// The account of the role.
    pub account: &'a str,
    /// Path of the role with both slashes, such as `/` or `/aws-service-role/…/`.
    pub path: &'a str,
    /// Name of the role.
    pub role: &'a str,
    /// Name of the session.
    pub name: &'a str,
    /// Temporary access key; empty for service-linked roles, which show none.
    pub key: &'a str,
    /// When the session began.
    pub created: Moment,
    /// The service that called on its behalf; empty for none.
    pub via: &'a str,
}

impl RoleSession<'_> {
    /// The ARN of the session, as in `userIdentity.arn`.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role, self.name)
    }

    /// The identity as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let Self { account, path, role, name, key, .. } = self;
        let id = principal_id("AROA", account, role);
        let mut out = format!(
            r#"{{"type":"AssumedRole","principalId":"{id}:{name}","arn":"{}","accountId":"{account}""#,
            self.arn()
        );
        if !key.is_empty() {
            push(&mut out, format_args!(r#","accessKeyId":"{key}""#));
        }
        push(
            &mut out,
            format_args!(
                r#","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"arn:aws:iam::{account}:role{path}{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{}","mfaAuthenticated":"false"}}}}"#,
                self.created.iso()
            ),
        );
        push_via(&mut out, self.via);
        out
    }
}

/// How a user or Root proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof<'a> {
    /// A long-lived access key.
    Key(&'a str),
    /// A console session: temporary key, begin, whether with MFA.
    Console(&'a str, Moment, bool),
    /// Nothing yet: the record is the sign-in itself.
    SignIn,
}

/// The identity of the IAM user `name`.
#[must_use]
pub fn user(account: &str, name: &str, proof: Proof<'_>, via: &str) -> String {
    let id = principal_id("AIDA", account, name);
    let mut out = format!(
        r#"{{"type":"IAMUser","principalId":"{id}","arn":"arn:aws:iam::{account}:user/{name}","accountId":"{account}""#
    );
    push_key(&mut out, proof);
    push(&mut out, format_args!(r#","userName":"{name}""#));
    push_console(&mut out, proof);
    push_via(&mut out, via);
    out
}

/// The identity of the account's Root.
#[must_use]
pub fn root(account: &str, proof: Proof<'_>) -> String {
    let mut out = format!(
        r#"{{"type":"Root","principalId":"{account}","arn":"arn:aws:iam::{account}:root","accountId":"{account}""#
    );
    push_key(&mut out, proof);
    push_console(&mut out, proof);
    push_via(&mut out, "");
    out
}

/// The identity of an AWS service that acts for itself.
#[must_use]
pub fn service(name: &str) -> String {
    format!(r#"{{"type":"AWSService","invokedBy":"{name}"}}"#)
}

/// The identity of a principal of another account, as the called account sees it.
#[must_use]
pub fn stranger(account: &str, name: &str) -> String {
    let id = principal_id("AROA", account, name);
    format!(r#"{{"type":"AWSAccount","principalId":"{id}:{name}","accountId":"{account}"}}"#)
}

/// The identity of a sign-in by OpenID Connect or SAML, before it has a role.
#[must_use]
pub fn federated(kind: &str, provider: &str, name: &str) -> String {
    format!(
        r#"{{"type":"{kind}","principalId":"{provider}:{name}","userName":"{name}","identityProvider":"{provider}"}}"#
    )
}

fn push_key(out: &mut String, proof: Proof<'_>) {
    if let Proof::Key(key) | Proof::Console(key, ..) = proof {
        push(out, format_args!(r#","accessKeyId":"{key}""#));
    }
}

fn push_console(out: &mut String, proof: Proof<'_>) {
    if let Proof::Console(_, created, mfa) = proof {
        push(
            out,
            format_args!(
                r#","sessionContext":{{"sessionIssuer":{{}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{}","mfaAuthenticated":"{mfa}"}}}}"#,
                created.iso()
            ),
        );
    }
}

fn push_via(out: &mut String, via: &str) {
    if !via.is_empty() {
        push(out, format_args!(r#","invokedBy":"{via}""#));
    }
    out.push('}');
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
