//! Amazon Resource Names, as far as they name who acts.
//!
//! `arn:partition:service:region:account:resource`. A text of another form, such as
//! a masked one, is no ARN.

/// The parts of an ARN that say who it names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arn<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The ARN a text is, if it is one.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
        let (service, rest) = rest.split_once(':')?;
        let (_region, rest) = rest.split_once(':')?;
        let (account, resource) = rest.split_once(':')?;
        Some(Self { partition, service, account, resource })
    }

    /// The role and the session of an assumed role; the session may be empty.
    pub(super) fn role_session(self) -> Option<(&'a str, &'a str)> {
        if self.service != "sts" {
            return None;
        }
        let rest = self.resource.strip_prefix("assumed-role/")?;
        let (role, session) = rest.split_once('/').unwrap_or((rest, ""));
        (!role.is_empty()).then_some((role, session))
    }

    /// The name of a federated user.
    pub(super) fn federated_user(self) -> Option<&'a str> {
        if self.service == "sts" { self.resource.strip_prefix("federated-user/") } else { None }
    }

    /// The name of the user or role, without its path.
    pub(super) fn name(self) -> &'a str {
        match self.role_session() {
            Some((role, _)) => role,
            None => self.resource.rsplit_once('/').map_or(self.resource, |(_, name)| name),
        }
    }
}

/// Whether a text has the form of an account id: twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An AWS id (`AROA…`, `AIDA…`) and what follows the `:` after it.
pub(super) fn split_id(principal_id: &str) -> Option<(&str, &str)> {
    let (id, rest) = principal_id.split_once(':')?;
    let bytes = id.as_bytes();
    let upper = |byte: &u8| byte.is_ascii_uppercase();
    let (head, tail) = (bytes.get(..4)?, bytes.get(4..)?);
    let is_id = head.iter().all(upper)
        && head[0] == b'A'
        && head[3] == b'A'
        && !tail.is_empty()
        && tail.iter().all(|byte| upper(byte) || byte.is_ascii_digit());
    is_id.then_some((id, rest))
}

/// The partition a region belongs to.
///
/// Source: botocore `partitions.json`.
pub(super) fn partition(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("us-gov-", "aws-us-gov"),
        ("cn-", "aws-cn"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let known = PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix));
    known.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arn: &str, account: &str, name: &str, session: Option<&str>) {
        let arn = Arn::parse(arn).unwrap();
        assert_eq!((arn.account, arn.name()), (account, name));
        let found = arn.role_session().map(|(_, session)| session).or(arn.federated_user());
        assert_eq!(found, session);
    }

    #[test]
    fn arns_name_who_acts() {
        check("arn:aws:iam::111122223333:root", "111122223333", "root", None);
        check("arn:aws:iam::111122223333:user/a/b/alice", "111122223333", "alice", None);
        check("arn:aws:sts::111122223333:assumed-role/web/i-1", "111122223333", "web", Some("i-1"));
        check("arn:aws:sts::111122223333:assumed-role/web", "111122223333", "web", Some(""));
        check("arn:aws:sts::111122223333:federated-user/f:g", "111122223333", "f:g", Some("f:g"));
        check("arn:aws:iam::111122223333:assumed-role/web/x", "111122223333", "x", None);
        check("arn:aws:sts::111122223333:assumed-role/", "111122223333", "", None);
        for wrong in ["", "arn", "arn:aws:iam::1", "arn***/assumed-role/a/b", "x:aws:iam::1:root"] {
            assert!(Arn::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_aws_ids_are_cut() {
        assert_eq!(split_id("AROAEXAMPLE123:build"), Some(("AROAEXAMPLE123", "build")));
        assert_eq!(split_id("AIDAX:a:b"), Some(("AIDAX", "a:b")));
        for whole in [
            "AROAEXAMPLE123",
            "AROA:build",
            "AROA****:build",
            "aroaexample:build",
            "ARNAB",
            "ARNBX:y",
            "111122223333:frank",
            "arn:aws:iam::1:oidc-provider/x:y:z",
            ":x",
            "",
        ] {
            assert_eq!(split_id(whole), None, "{whole}");
        }
    }

    #[test]
    fn partitions_follow_regions() {
        for (region, expected) in [
            ("us-east-1", "aws"),
            ("us-gov-east-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
            ("", "aws"),
        ] {
            assert_eq!(partition(region), expected, "{region}");
        }
    }
}
