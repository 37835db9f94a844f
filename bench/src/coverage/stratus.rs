//! Attacks as Stratus Red Team makes them, one file each, and the rules that tell of them.
//!
//! # Invariants
//!
//! - A rule counts where it names the technique that the attack stands for, and is none that
//!   only knows regions.

use std::error::Error;
use std::path::Path;

use crate::measure::run::{alerts_by_rule, pack};
use crate::measure::table::{Style, Table};

/// Each attack of the corpus, and the ATT&CK technique it stands for.
pub const ATTACKS: [(&str, &str); 35] = [
    ("credential-access.ec2-get-password-data", "T1552.005"),
    ("credential-access.ec2-steal-instance-credentials", "T1552.005"),
    ("credential-access.secretsmanager-batch-retrieve-secrets", "T1555.006"),
    ("credential-access.secretsmanager-retrieve-secrets", "T1555.006"),
    ("credential-access.ssm-retrieve-securestring-parameters", "T1555.006"),
    ("defense-evasion.cloudtrail-delete", "T1562.008"),
    ("defense-evasion.cloudtrail-event-selectors", "T1562.008"),
    ("defense-evasion.cloudtrail-stop", "T1562.008"),
    ("defense-evasion.dns-delete-logs", "T1562.008"),
    ("defense-evasion.organizations-leave", "T1666"),
    ("defense-evasion.vpc-remove-flow-logs", "T1562.008"),
    ("discovery.ec2-download-user-data", "T1580"),
    ("execution.ec2-launch-unusual-instances", "T1496.001"),
    ("execution.ec2-user-data", "T1059.009"),
    ("execution.ssm-send-command", "T1651"),
    ("execution.ssm-start-session", "T1651"),
    ("exfiltration.ec2-security-group-open-port-22-ingress", "T1562.007"),
    ("exfiltration.ec2-share-ami", "T1537"),
    ("exfiltration.ec2-share-ebs-snapshot", "T1537"),
    ("exfiltration.rds-share-snapshot", "T1537"),
    ("impact.bedrock-invoke-model", "T1496.004"),
    ("initial-access.console-login-without-mfa", "T1078.004"),
    ("lateral-movement.ec2-instance-connect", "T1021.004"),
    ("lateral-movement.ec2-serial-console-send-ssh-public-key", "T1021.008"),
    ("persistence.iam-backdoor-role", "T1098"),
    ("persistence.iam-backdoor-user", "T1098.001"),
    ("persistence.iam-create-admin-user", "T1136.003"),
    ("persistence.iam-create-backdoor-role", "T1098"),
    ("persistence.iam-create-user-login-profile", "T1098"),
    ("persistence.lambda-backdoor-function", "T1098"),
    ("persistence.lambda-layer-extension", "T1525"),
    ("persistence.lambda-overwrite-code", "T1648"),
    ("persistence.rolesanywhere-create-trust-anchor", "T1484.002"),
    ("persistence.sts-federation-token", "T1550.001"),
    ("privilege-escalation.iam-update-user-login-profile", "T1098"),
];

/// Rules that tell of a place and not of what was done there.
const OF_PLACES: [&str; 4] =
    ["unused_region", "region_outside_list", "region_enabled", "first_service_use"];

/// What the rules said of an attack.
#[derive(Debug)]
pub struct Seen {
    /// The attack.
    pub attack: &'static str,
    /// The technique it stands for.
    pub technique: &'static str,
    /// Rules that fired and name the technique.
    pub own: Vec<String>,
    /// Other rules that fired.
    pub others: Vec<String>,
}

/// Runs the built-in rules over each attack.
///
/// # Errors
///
/// When a file is missing or cannot be read whole, or a rule is wrong.
pub fn measured(corpora: &Path) -> Result<Vec<Seen>, Box<dyn Error>> {
    let pack = pack()?;
    let names = |rule: &str, technique: &str| {
        let rule = pack.rules.iter().find(|own| &*own.name == rule);
        rule.is_some_and(|rule| rule.attack.iter().any(|own| **own == *technique))
    };
    let seen = ATTACKS.iter().map(|(attack, technique)| {
        let path = corpora.join("stratus").join(format!("aws.{attack}.json"));
        let (alerts, _) = alerts_by_rule(&pack, &path)?;
        let is_own = |rule: &String| names(rule, technique) && !OF_PLACES.contains(&rule.as_str());
        let (own, others) = alerts.into_keys().partition(is_own);
        Ok(Seen { attack, technique, own, others })
    });
    seen.collect()
}

/// The table of the page.
#[must_use]
pub fn markdown(seen: &[Seen]) -> String {
    let mut table = Table::new(&["attack", "technique", "told by", "and by"]);
    let list = |rules: &[String]| {
        rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ")
    };
    for one in seen {
        let Seen { attack, technique, own, others } = one;
        table.push([(*attack).to_owned(), (*technique).to_owned(), list(own), list(others)]);
    }
    table.render(Style::Markdown)
}
