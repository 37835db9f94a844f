//! Did you mean: the name that a writer had in mind.
//!
//! Names of other tools first (Elastic, Sigma, Panther, Splunk), then the same
//! letters in another spelling, then the last key alone, then the least edits.

use crate::schema::{self, FIELDS};
use event::Derived;

/// What other tools call it, in lower case, and what it is called here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("source_ip", "sourceIPAddress"),
    ("sourceip", "sourceIPAddress"),
    ("src_ip", "sourceIPAddress"),
    ("srcip", "sourceIPAddress"),
    ("src", "sourceIPAddress"),
    ("client_ip", "sourceIPAddress"),
    ("source.ip", "ip"),
    ("source.address", "sourceIPAddress"),
    ("ip_address", "ip"),
    ("username", "user"),
    ("user_name", "user"),
    ("user.name", "user"),
    ("user.id", "userIdentity.principalId"),
    ("useridentity.username", "user"),
    ("event.action", "api"),
    ("event.provider", "service"),
    ("event.outcome", "ok"),
    ("event.id", "eventID"),
    ("event.type", "eventType"),
    ("action", "api"),
    ("event", "api"),
    ("event_name", "api"),
    ("event_source", "service"),
    ("cloud.region", "region"),
    ("cloud.account.id", "actor.account"),
    ("account_id", "account"),
    ("accountid", "account"),
    ("aws_region", "region"),
    ("user_agent", "ua"),
    ("user_agent.original", "ua"),
    ("user_agent.name", "ua"),
    ("useragent", "ua"),
    ("error", "errorCode"),
    ("error_code", "errorCode"),
    ("actor", "actor.id"),
    ("actor.name", "user"),
    ("sg", "sg.rules"),
    ("access_key", "key"),
    ("accesskey", "key"),
    ("mfa_used", "mfa"),
    ("success", "ok"),
    ("failed", "not ok"),
    ("read_only", "write"),
    ("@timestamp", "time"),
    ("timestamp", "time"),
    ("_time", "time"),
    ("requestparameters", "req"),
    ("request_parameters", "req"),
    ("response_elements", "resp"),
    ("responseelements", "resp"),
    ("additional_eventdata", "extra"),
];

/// What stands before a path in other tools.
const PREFIXES: [&str; 4] =
    ["aws.cloudtrail.flattened.", "aws.cloudtrail.", "cloudtrail.", "detail."];

/// The field or name that was meant by `wrong`, among the schema and `names` (nearest first).
pub(super) fn field(wrong: &str, names: &[&str]) -> Option<String> {
    for prefix in PREFIXES {
        if let Some(rest) = wrong.strip_prefix(prefix) {
            return Some(field_itself(rest).unwrap_or_else(|| {
                let (head, keys) = rest.split_once('.').unwrap_or((rest, ""));
                let head = field_itself(head)
                    .or_else(|| field(head, names))
                    .unwrap_or_else(|| head.to_owned());
                if keys.is_empty() { head } else { format!("{head}.{keys}") }
            }));
        }
    }
    elsewhere(wrong)
        .or_else(|| same_letters(wrong, names))
        .or_else(|| last_key(wrong))
        .or_else(|| nearest(wrong, candidates(names)).map(str::to_owned))
}

fn field_itself(path: &str) -> Option<String> {
    let keys: Vec<&str> = path.split('.').collect();
    match schema::raw(&keys) {
        schema::Lookup::Found(..) => Some(path.to_owned()),
        _ => elsewhere(path).or_else(|| same_letters(path, &[])),
    }
}

fn elsewhere(wrong: &str) -> Option<String> {
    let lower = wrong.to_lowercase();
    ELSEWHERE.iter().find(|(name, _)| *name == lower).map(|(_, ours)| (*ours).to_owned())
}

fn candidates<'a>(names: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    names
        .iter()
        .copied()
        .chain(Derived::ALL.iter().map(|(name, _)| *name))
        .chain(FIELDS.iter().map(|(path, _)| *path))
        .chain(["req", "resp", "extra", "record", "userIdentity", "tlsDetails"])
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

fn same_letters(wrong: &str, names: &[&str]) -> Option<String> {
    let bare = letters(wrong);
    candidates(names).find(|name| letters(name) == bare).map(str::to_owned)
}

/// The path below `userIdentity` or elsewhere whose last keys are these.
fn last_key(wrong: &str) -> Option<String> {
    let bare = letters(wrong);
    FIELDS
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| letters(path).strip_suffix(&bare).is_some_and(|rest| rest.ends_with('.')))
        .min_by_key(|path| (path.matches('.').count(), path.len()))
        .map(str::to_owned)
}

/// The name with the least edits from `wrong`, if they are few for its length.
pub(super) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(1);
    let lower = wrong.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(edits, name)| *edits <= most && *edits < name.chars().count())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::field;

    #[track_caller]
    fn check(wrong: &str, want: &str) {
        assert_eq!(field(wrong, &["home_regions"]).as_deref(), Some(want), "{wrong}");
    }

    #[test]
    fn names_of_other_tools_and_slips_lead_to_ours() {
        check("sourceIpAddress", "sourceIPAddress");
        check("source_ip", "sourceIPAddress");
        check("event.action", "api");
        check("userIdentity.username", "user");
        check("aws.cloudtrail.user_identity.arn", "userIdentity.arn");
        check("aws.cloudtrail.request_parameters.bucketName", "req.bucketName");
        check("aws.cloudtrail.flattened.request_parameters.a", "req.a");
        check("aws.cloudtrail.error_code", "errorCode");
        check("accessKeyId", "userIdentity.accessKeyId");
        check("sessionIssuer.arn", "userIdentity.sessionContext.sessionIssuer.arn");
        check("home_region", "home_regions");
        check("regoin", "region");
        check("userIdentity.usrName", "userIdentity.userName");
        check("by_services", "by_service");
    }

    #[test]
    fn nothing_is_suggested_for_nothing_like_it() {
        assert_eq!(field("zzzzzz", &[]), None);
        assert_eq!(field("q", &[]), None);
    }
}
