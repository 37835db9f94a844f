//! Events that Panther's rules are tested with, and whether ours on the same matter agree.
//!
//! Each line of the corpus names a published rule, has an event, and says whether that rule
//! fires. The event stands in an envelope of its own and is replayed alone.
//!
//! # Invariants
//!
//! - Every published rule of the corpus is in [`TOPICS`], and every disagreement has a reason
//!   in [`REASONS`]; a reason without its disagreement is one too many.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::measure::run::{alerts_by_rule, pack};
use crate::measure::table::{Style, Table};

/// Each published rule, and ours on the same matter.
pub const TOPICS: [(&str, &[&str]); 46] = [
    ("AWS.CloudTrail.Created", &["trail_changed"]),
    ("AWS.CloudTrail.EventSelectorsDisabled", &["trail_events_dropped"]),
    ("AWS.CloudTrail.EnableRegion", &["region_enabled"]),
    ("AWS.CloudTrail.SES.CheckSendQuota", &["mail_service_probed"]),
    ("AWS.CloudTrail.SES.CheckSESSendingEnabled", &["mail_service_probed"]),
    ("AWS.CloudTrail.SES.ListIdentities", &["mail_service_probed"]),
    ("AWS.ConfigService.Created", &["config_changed"]),
    ("AWS.ConfigService.DisabledDeleted", &["config_recorder_stopped"]),
    ("AWS.Console.GetSigninToken.Abuse", &["console_session_from_keys"]),
    ("AWS.Console.Sign-In", &["console_login_without_mfa", "root_console_login"]),
    ("AWS.EC2.ManualSecurityGroupChange", &["security_group_changed"]),
    ("AWS.EC2.Monitoring", &["machine_or_database_exported"]),
    ("AWS.EC2.RouteTableModified", &["route_changed"]),
    ("AWS.EC2.StopInstances", &[]),
    ("AWS.EC2.Traffic.Mirroring", &["traffic_mirrored"]),
    ("AWS.ECR.EVENTS", &[]),
    ("AWS.CloudTrail.IAMAnythingChanged", &["iam_policy_changed"]),
    ("AWS.IAM.CreateRole", &["role_trusts_everyone", "role_trusts_outsider"]),
    ("AWS.IAM.PolicyModified", &["iam_policy_changed"]),
    ("AWS.IAM.Backdoor.User.Keys", &["access_key_for_other_user"]),
    ("AWS.IAM.AccessKeyCompromised", &["key_quarantined_by_aws"]),
    ("AWS.RDS.ActivityStreamStopped", &["database_audit_stopped"]),
    ("AWS.RDS.IAMRoleAdded", &["role_given_to_machine"]),
    ("AWS.RDS.InstanceMadePublic", &["database_open_to_world"]),
    ("AWS.RDS.InstanceRebooted", &[]),
    ("AWS.RDS.LogFileDownloaded", &["database_log_read_by_newcomer"]),
    ("AWS.RDS.SnapshotDeleted", &["backups_deleted", "database_backup_deleted_by_newcomer"]),
    ("AWS.RDS.SnapshotShared", &["image_or_snapshot_shared"]),
    ("AWS.S3.BucketDeleted", &["bucket_deleted"]),
    ("AWS.S3.SuspendVersioning", &["recovery_switched_off"]),
    ("AWS.Suspicious.SAML.Activity", &["identity_provider_changed"]),
    ("AWS.SecretsManager.BatchRetrieveSecretsCatchAll", &["secrets_fetched_by_catch_all"]),
    ("AWS.SecurityHub.Finding.Evasion", &["findings_hidden"]),
    (
        "AWS.CloudTrail.SnapshotMadePublic",
        &["image_or_snapshot_public", "image_or_snapshot_shared"],
    ),
    ("AWS.SSM.DistributedCommand", &["commands_on_many_instances"]),
    ("AWS.STS.GetCallerIdentity.TruffleHog", &["found_key_tested"]),
    ("AWS.STS.GetSessionToken.Misuse", &["session_token_from_key"]),
    ("AWS.UnusedRegion", &["unused_region", "region_outside_list"]),
    ("AWS.User.Login.Profile.Modified", &["console_password_for_other_user"]),
    ("AWS.VPCFlow.LogsDeleted", &["flow_logs_deleted"]),
    ("AWS.CloudTrail.VPCE.S3ExternalIP", &[]),
    ("AWS.WAF.Disassociation", &["firewall_removed"]),
    ("Retrieve.SSO.access.token", &["device_login_from_new_address"]),
    ("Role.Assumed.by.AWS.Service", &[]),
    ("Role.Assumed.by.User", &[]),
    ("Standard.ImpossibleTravel.Login", &[]),
];

/// Where ours differ, and why: published rule, test, reason.
pub const REASONS: [(&str, &str, &str); 20] = [
    (
        "AWS.CloudTrail.EnableRegion",
        "EnableRegion",
        "the event is made up: EnableRegion comes from the service `account`, not from `cloudtrail`",
    ),
    (
        "AWS.Console.Sign-In",
        "Test-94439c",
        "a plain sign-in to Identity Center; without MFA or as root it would be told, by itself it is daily work",
    ),
    (
        "AWS.EC2.ManualSecurityGroupChange",
        "Terraform Security Group Creation",
        "by Terraform; who runs Terraform exempts its principal, since anybody can set its user agent",
    ),
    ("AWS.EC2.ManualSecurityGroupChange", "Terraform Security Group Authorize Egress", "the same"),
    (
        "AWS.EC2.Monitoring",
        "CopyImage",
        "an image of a machine, made within the account: daily work; given away or exported it is told",
    ),
    ("AWS.EC2.Monitoring", "CopyImage - UserIdentity Null", "the same"),
    (
        "AWS.EC2.StopInstances",
        "CloudTrail Instances Were Stopped",
        "machines are stopped every evening; nobody would act on it",
    ),
    (
        "AWS.EC2.Traffic.Mirroring",
        "DeleteTrafficMirrorTarget",
        "the end of a mirror; its beginning is told",
    ),
    (
        "AWS.ECR.EVENTS",
        "Authorized account, unauthorized region",
        "wants a list of accounts and regions; `region_outside_list` does that for all services when the site fills it",
    ),
    ("AWS.ECR.EVENTS", "Unauthorized account", "the same"),
    (
        "AWS.IAM.CreateRole",
        "IAM Role Created",
        "any new role; ours tell of one that trusts outsiders, or that is made administrator",
    ),
    ("AWS.RDS.InstanceRebooted", "DB Instance Rebooted", "maintenance; nobody would act on it"),
    ("AWS.RDS.InstanceRebooted", "DB Cluster Rebooted with Failover", "the same"),
    (
        "AWS.S3.SuspendVersioning",
        "Versioning Disabled Successfully",
        "S3 knows `Enabled` and `Suspended` only; the event is made up",
    ),
    (
        "AWS.UnusedRegion",
        "Unauthorized region",
        "`unused_region` first learns for two weeks; one event alone teaches it nothing",
    ),
    (
        "AWS.User.Login.Profile.Modified",
        "ChangeOwnPassword",
        "by a role whose session is called like the user; sessions choose their names, so that proves nothing",
    ),
    (
        "AWS.User.Login.Profile.Modified",
        "User changed password for other reset required",
        "a password that must be changed at sign-in still lets its maker sign in first",
    ),
    (
        "AWS.CloudTrail.VPCE.S3ExternalIP",
        "External IP Access",
        "a public address cannot come by an endpoint of a VPC: the record would show a private one",
    ),
    (
        "Retrieve.SSO.access.token",
        "Retrieve SSO access token",
        "the event has no time, and what is learned goes by time",
    ),
    (
        "Role.Assumed.by.AWS.Service",
        "Role Assumed by AWS Service",
        "AWS taking a role by itself is the greater part of a trail",
    ),
];

/// A line of the corpus.
#[derive(Debug, Deserialize)]
struct Line {
    rule_id: String,
    test: String,
    expected: bool,
    event: Value,
}

/// How one event was judged.
#[derive(Debug)]
pub struct Judged {
    /// The published rule.
    pub rule: String,
    /// Its test.
    pub test: String,
    /// Whether it fires.
    pub expected: bool,
    /// Our rules on the same matter that fired.
    pub own: Vec<String>,
    /// Why ours differ, where they do and it is known.
    pub reason: Option<&'static str>,
}

impl Judged {
    /// Whether ours fire where the published rule does.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.expected != self.own.is_empty()
    }
}

/// Runs the built-in rules over each event by itself.
///
/// # Errors
///
/// When the corpus cannot be read, names a rule that is not in [`TOPICS`], or a rule of ours
/// is wrong.
pub fn measured(corpora: &Path) -> Result<Vec<Judged>, Box<dyn Error>> {
    let pack = pack()?;
    let scratch = TempDir::new()?;
    let path = scratch.path().join("event.json");
    let text = fs::read_to_string(corpora.join("rule-tests").join("panther.jsonl"))?;
    let mut judged = Vec::new();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line)?;
        let topic = TOPICS.iter().find(|(rule, _)| *rule == line.rule_id);
        let (_, ours) = topic.ok_or_else(|| format!("no topic for {}", line.rule_id))?;
        fs::write(&path, line.event.to_string())?;
        // An event that is no CloudTrail record raises nothing.
        let alerts =
            alerts_by_rule(&pack, &path).map_or_else(|_| Default::default(), |(all, _)| all);
        let own = alerts.into_keys().filter(|rule| ours.contains(&rule.as_str())).collect();
        let of_it =
            |(rule, test, _): &&(&str, &str, &str)| *rule == line.rule_id && *test == line.test;
        let reason = REASONS.iter().find(of_it).map(|(.., why)| *why);
        judged.push(Judged {
            rule: line.rule_id,
            test: line.test,
            expected: line.expected,
            own,
            reason,
        });
    }
    Ok(judged)
}

/// The tables of the page: agreement by published rule, then each disagreement.
#[must_use]
pub fn markdown(judged: &[Judged]) -> String {
    let mut by_rule = Table::new(&["published rule", "events", "agree", "ours"]);
    for (rule, ours) in TOPICS {
        let events = || judged.iter().filter(|one| one.rule == rule);
        let agree = events().filter(|one| one.agrees()).count();
        let ours = ours.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
        let ours = if ours.is_empty() { "none".to_owned() } else { ours };
        by_rule.push([rule.to_owned(), events().count().to_string(), agree.to_string(), ours]);
    }
    let agree = judged.iter().filter(|one| one.agrees()).count();
    let mut differ = Table::new(&["published rule", "test", "it", "ours", "why"]);
    let word = |fires: bool| if fires { "fires" } else { "silent" }.to_owned();
    for one in judged.iter().filter(|one| !one.agrees()) {
        let why = one.reason.unwrap_or("not known").to_owned();
        let (its, ours) = (word(one.expected), word(!one.expected));
        differ.push([one.rule.clone(), one.test.trim().to_owned(), its, ours, why]);
    }
    format!(
        "{agree} of {} agree.\n\n{}\n{}",
        judged.len(),
        by_rule.render(Style::Markdown),
        differ.render(Style::Markdown)
    )
}
