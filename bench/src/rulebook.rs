//! Rules in any number, as an organisation that has written many would have them.
//!
//! Every rule is pinned on a service and an API of its own, or on a glob of a service's
//! APIs; three in ten remember something: counts, distinct values, what was never seen.
//! One rule in ten is pinned on a call that the generated archive has, the others on
//! calls that it lacks, as most rules of a great set are on most days. Kinds repeat every
//! ten rules, so that the first ten are of all kinds, and like any other ten.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use engine::lang::aws;

use crate::apis::Catalog;

const SERVICES: &[&str] = &[
    "ec2",
    "iam",
    "s3",
    "rds",
    "kms",
    "lambda",
    "sts",
    "logs",
    "monitoring",
    "cloudtrail",
    "config",
    "guardduty",
    "organizations",
    "route53",
    "cloudfront",
    "dynamodb",
    "ecs",
    "eks",
    "ecr",
    "elasticloadbalancing",
    "autoscaling",
    "cloudformation",
    "secretsmanager",
    "ssm",
    "sns",
    "sqs",
    "glue",
    "athena",
    "redshift",
    "sagemaker",
    "states",
    "events",
    "wafv2",
    "securityhub",
    "macie2",
    "backup",
    "batch",
    "codebuild",
    "codepipeline",
    "elasticache",
    "apigateway",
    "cognito-idp",
    "bedrock",
    "kinesis",
    "firehose",
    "ses",
    "transfer",
    "workspaces",
];

/// What a call that changes something begins with.
const VERBS: &[&str] = &[
    "Add",
    "Associate",
    "Attach",
    "Authorize",
    "Create",
    "Delete",
    "Deregister",
    "Detach",
    "Disable",
    "Disassociate",
    "Enable",
    "Modify",
    "Put",
    "Register",
    "Remove",
    "Revoke",
    "Set",
    "Start",
    "Stop",
    "Terminate",
    "Update",
];

/// The text of a rule file with `count` rules, each different; the same every time.
///
/// There are calls for about 1,500; beyond, the file has fewer rules.
#[must_use]
pub fn text(count: usize) -> String {
    let catalog = Catalog::new();
    let known: Vec<(&str, &str)> =
        catalog.entries().iter().map(|entry| (entry.api.source, entry.api.name)).collect();
    let common: BTreeSet<(&str, &str)> = known.iter().copied().collect();
    let mut rare = rare(&common).into_iter();
    let mut known = known.into_iter().filter(|(service, api)| aws::has_api(service, api));
    let mut text = String::from("# Made by the benchmark, to be many.\n");
    for number in 0..count {
        let call =
            if number % 10 == 3 { known.next().or_else(|| rare.next()) } else { rare.next() };
        let Some((service, api)) = call else { break };
        rule(&mut text, number, service, api);
    }
    text
}

/// The text of a rule file of which each of 200 lines but the braces has an error of its own.
#[must_use]
pub fn mistakes() -> String {
    let lines = [
        "where    api = \"x\"",
        "         and user is null",
        "         and a ==",
        "         and 'q' like \"z\"",
        "         and b && c",
        "whithin  5m",
        "by       5",
        "title    x",
        "severity hihg",
        "attack   5",
        "param    n Int = 5",
        "show     api",
        "allow    x",
        "except   ok",
        "supress  1h",
        "learn    a",
        "test     { }",
        "nonsense \"x\"",
    ];
    let rule = |number: usize| format!("rule r-{number} {{\n  {}\n}}\n", lines.join("\n  "));
    (0..10).map(rule).collect()
}

/// The calls to pin rules on, one of each service in turn.
fn rare(common: &BTreeSet<(&str, &str)>) -> Vec<(&'static str, &'static str)> {
    let changes = |service: &'static str| -> Vec<(&'static str, &'static str)> {
        let wanted = |api: &&str| VERBS.iter().any(|verb| api.starts_with(verb));
        let calls = aws::apis_of(service).filter(wanted).map(|api| (service, api));
        calls.filter(|call| !common.contains(call)).collect()
    };
    let by_service: Vec<_> = SERVICES.iter().map(|service| changes(service)).collect();
    let most = by_service.iter().map(Vec::len).max().unwrap_or(0);
    let turn = |at: usize| by_service.iter().filter_map(move |calls| calls.get(at).copied());
    (0..most).flat_map(turn).collect()
}

/// Appends a rule of the kind that its number says.
fn rule(out: &mut String, number: usize, service: &str, api: &str) {
    let severity = ["low", "medium", "high"][number / 10 % 3];
    let pin = format!("service == \"{service}\" and api == \"{api}\"");
    let verb: String =
        api.chars().take(1).chain(api.chars().skip(1).take_while(|c| c.is_lowercase())).collect();
    let least = 5 + number % 40;
    let clauses = match number % 10 {
        0 => format!("where    {pin} and not by_service"),
        1 => format!("where    {pin} and ok and actor.type != \"AWSService\""),
        2 => format!(
            "where    {pin} and not by_service\n  by       account, principal\n  within   10m\n  when     count() >= {least}\n  suppress 1h"
        ),
        3 => format!("where    {pin} and denied and user like \"*-{number}\""),
        4 => format!("where    {pin} and region not in [\"eu-west-1\", \"us-east-1\"]"),
        5 => format!(
            "where    service == \"{service}\" and api like \"{verb}*\" and not ok and req.name == \"n-{number}\""
        ),
        6 => format!("where    {pin} and not via_service and console"),
        7 => format!(
            "where    {pin} and write\n  by       account\n  within   30m\n  when     distinct(principal) >= {least}"
        ),
        8 => format!(
            "where    {pin} and not by_service\n  by       account\n  when     new(region)\n  learn    warmup=14d memory=90d\n  suppress 24h by account, region"
        ),
        _ => format!("where    {pin} and (denied or not mfa) and ua not like \"aws-sdk-*\""),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "\nrule made_{number:04} {{\n  title    \"{{principal}} called {{api}}\"\n  severity {severity}\n  {clauses}\n}}\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::run;
    use engine::lang::check::{Options, load};
    use engine::lang::diag::Sources;

    #[test]
    fn a_thousand_rules_are_sound_and_differ() {
        let text = text(1_000);
        let program = run::program(&[("made.trail", &text)]).unwrap();
        assert_eq!(program.rules.len(), 1_000);
        let wheres: BTreeSet<&str> = text.lines().filter(|line| line.contains("where ")).collect();
        assert_eq!(wheres.len(), 1_000);
        let stateful = text.lines().filter(|line| line.contains(" by  ")).count();
        assert_eq!(stateful, 300);
    }

    #[test]
    fn a_file_of_mistakes_has_one_on_each_line() {
        let text = mistakes();
        let mut sources = Sources::default();
        let file = sources.add("mistakes.trail", text.as_str(), false);
        let (_, diags) = load(&sources, &Options::default());
        let line = |at: u32| text.as_bytes()[..at as usize].iter().filter(|b| **b == b'\n').count();
        let wrong: BTreeSet<usize> =
            diags.iter().flat_map(|diag| &diag.labels[..1]).map(|(at, _)| line(at.start)).collect();
        let wanted: BTreeSet<usize> =
            text.lines().enumerate().filter(|(_, line)| *line != "}").map(|(at, _)| at).collect();
        assert_eq!((file, text.lines().count(), wrong), (0, 200, wanted));
    }

    #[test]
    fn the_first_ten_are_the_first_ten() {
        assert!(text(1_000).starts_with(&text(10)));
    }
}
