//! Incidents of looking around: secrets, refused calls, discovery.

use super::{Culprit, Incident, Stage, TOOL};
use crate::background::denial;
use crate::dice::push_upper;
use crate::identity::{self, Proof, RoleSession, access_key};
use crate::record::{Call, Channel, Kind};

/// What an intruder lists to learn where they are.
const LOOKS: &[(&str, &str)] = &[
    ("sts", "GetCallerIdentity"),
    ("iam", "ListUsers"),
    ("iam", "ListRoles"),
    ("iam", "ListGroups"),
    ("iam", "ListAccountAliases"),
    ("iam", "ListSAMLProviders"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("iam", "GetAccountPasswordPolicy"),
    ("s3", "ListBuckets"),
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeVolumes"),
    ("ec2", "DescribeSnapshots"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeRegions"),
    ("ec2", "DescribeKeyPairs"),
    ("ec2", "DescribeVpcs"),
    ("rds", "DescribeDBInstances"),
    ("rds", "DescribeDBSnapshots"),
    ("lambda", "ListFunctions20150331"),
    ("dynamodb", "ListTables"),
    ("secretsmanager", "ListSecrets"),
    ("ssm", "DescribeParameters"),
    ("kms", "ListKeys"),
    ("kms", "ListAliases"),
    ("cloudtrail", "DescribeTrails"),
    ("guardduty", "ListDetectors"),
    ("config", "DescribeConfigurationRecorders"),
    ("organizations", "DescribeOrganization"),
    ("eks", "ListClusters"),
    ("ecs", "ListClusters"),
];

/// The intruder with the access key of `user` in account `number`.
fn key_holder(stage: &Stage<'_>, number: usize, user: &str) -> Culprit {
    let account = stage.account(number);
    let key = access_key("AKIA", &account, user, 0);
    Culprit {
        identity: identity::user(&account, user, Proof::Key(&key), ""),
        arn: format!("arn:aws:iam::{account}:user/{user}"),
        region: stage.home.to_string(),
        address: "192.0.2.160",
        agent: TOOL,
        channel: Channel::Client,
        account,
    }
}

fn region_of(source: &str) -> &'static str {
    if crate::apis::is_global(source) { crate::world::GLOBAL_REGION } else { "" }
}

/// An application's session, carried off, reads every secret there is.
pub(super) fn secrets(mut stage: Stage<'_>) -> Incident {
    let account = stage.account(0);
    let key = access_key("ASIA", &account, "orders-api", 9_000_004);
    let session = RoleSession {
        account: &account,
        path: "/",
        role: "orders-api-task",
        name: "orders-api-handler",
        key: &key,
        created: stage.begin.plus(-2400),
        via: "",
    };
    let who = Culprit {
        identity: session.json(),
        arn: session.arn(),
        region: stage.home.to_string(),
        address: "192.0.2.90",
        agent: TOOL,
        channel: Channel::Client,
        account: account.clone(),
    };
    for number in 0..30 {
        let mut suffix = String::new();
        push_upper(&mut suffix, stage.dice.bits(), 6);
        let request = format!(
            r#"{{"secretId":"arn:aws:secretsmanager:{}:{account}:secret:production/{number:02}-{suffix}"}}"#,
            who.region
        );
        let call = Call {
            source: "secretsmanager",
            name: "GetSecretValue",
            kind: Kind::Read,
            request: &request,
            ..Call::default()
        };
        stage.tell(&who, number * 8, call);
    }
    stage.end(&who)
}

/// A key that may do little tries all it can think of.
pub(super) fn denied_burst(mut stage: Stage<'_>) -> Incident {
    let who = key_holder(&stage, 1, "metrics-exporter");
    for number in 0..40_usize {
        let (source, name) = LOOKS[1 + number % (LOOKS.len() - 1)];
        let (error, message) = denial(source, name, &who.arn);
        let call = Call {
            source,
            name,
            kind: Kind::Read,
            region: region_of(source),
            error,
            message: &message,
            ..Call::default()
        };
        stage.tell(&who, number as i64 * 6, call);
    }
    stage.end(&who)
}

/// A key that may look at everything does.
pub(super) fn discovery(mut stage: Stage<'_>) -> Incident {
    let who = key_holder(&stage, 0, "tom.reyes");
    for (number, (source, name)) in LOOKS.iter().enumerate() {
        let call =
            Call { source, name, kind: Kind::Read, region: region_of(source), ..Call::default() };
        stage.tell(&who, number as i64 * 6, call);
    }
    stage.end(&who)
}
