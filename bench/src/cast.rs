//! Who works in the made-up organisation, and what they usually do.
//!
//! Every account has the whole cast. The order of a part's calls is the order of how often
//! it makes them; a quiet archive keeps only the first [`QUIET_CALLS`]
//! of each. Calls are
//! named as in [`crate::apis`].

/// How many of its calls a part makes in a quiet archive.
pub const QUIET_CALLS: usize = 6;

/// Parts that a quiet archive does without: outsiders, Root, and those that add only bulk.
pub const QUIET_ABSENT: &[&str] = &[
    "root",
    "partner-monitor",
    "media-ingest",
    "search-indexer",
    "image-builder",
    "delivery.logs.amazonaws.com",
    "AWSServiceRoleForRDS",
    "AWSServiceRoleForAccessAnalyzer",
];

/// What sort of principal a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A service acting for itself.
    Service,
    /// A service-linked role.
    Linked,
    /// The role of an application.
    App,
    /// The role of a delivery pipeline.
    Pipeline,
    /// A person with a single-sign-on role; the part's name is the person.
    Person,
    /// An IAM user with an access key.
    KeyUser,
    /// An IAM user at the console.
    ConsoleUser,
    /// A pipeline that signs in by OpenID Connect to get its role.
    OpenId,
    /// A person who signs in by SAML to get a role.
    Saml,
    /// A principal of an account outside the organisation.
    Stranger,
    /// The account's Root.
    Root,
}

/// One member of the cast.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What sort of principal it is.
    pub class: Class,
    /// Role, user, service or person.
    pub name: &'static str,
    /// `userAgent`.
    pub agent: &'static str,
    /// The service that calls on its behalf; empty for none.
    pub via: &'static str,
    /// Its part of all events, in ten-thousandths (roughly; the shares need not add up).
    pub share: u32,
    /// What it calls, most frequent first.
    pub calls: &'static [&'static str],
}

const fn part(
    class: Class,
    name: &'static str,
    share: u32,
    calls: &'static [&'static str],
) -> Part {
    Part { class, name, agent: "", via: "", share, calls }
}

impl Part {
    const fn with(self, agent: &'static str) -> Self {
        Self { agent, ..self }
    }

    const fn via(self, via: &'static str) -> Self {
        Self { via, ..self }
    }
}

const BOTO: &str = "Boto3/1.35.14 md/Botocore#1.35.14 ua/2.0 os/linux#6.1.102 md/arch#x86_64 lang/python#3.12.5 exec-env/AWS_Lambda_python3.12";
const JAVA: &str = "aws-sdk-java/2.27.17 md/io#async ua/2.1 os/Linux#5.10.223 lang/java#21.0.4 md/vendor#Amazon.com_Inc. exec-env/AWS_ECS_FARGATE";
const GO: &str = "aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.6 md/GOARCH#amd64 api/ec2#1.177.0";
const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.66.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.6 md/GOOS#linux md/GOARCH#amd64";
const CLI: &str = "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/macos#23.6.0 md/arch#arm64 lang/python#3.11.9 cfg/retry-mode#standard md/prompt#off";
const FIREFOX: &str =
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0";
const CHROME: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";
const AGENT: &str =
    "aws-sdk-go/1.55.5 (go1.22.6; linux; amd64) amazon-ssm-agent/3.3.1142.0 exec-env/EC2";

/// The cast of an account.
pub const CAST: &[Part] = &[
    part(Class::Service, "lambda.amazonaws.com", 600, &["sts:AssumeRole"]),
    part(Class::Service, "ec2.amazonaws.com", 450, &["sts:AssumeRole"]),
    part(Class::Service, "ecs-tasks.amazonaws.com", 350, &["sts:AssumeRole"]),
    part(
        Class::Service,
        "cloudtrail.amazonaws.com",
        250,
        &["s3:GetBucketAcl", "kms:GenerateDataKey"],
    ),
    part(Class::Service, "delivery.logs.amazonaws.com", 200, &["s3:PutObject", "s3:GetBucketAcl"]),
    part(Class::Service, "dynamodb.amazonaws.com", 1200, &["kms:Decrypt", "kms:GenerateDataKey"]),
    part(
        Class::Linked,
        "AWSServiceRoleForConfig",
        600,
        &[
            "s3:GetBucketAcl",
            "ec2:DescribeInstances",
            "s3:GetBucketTagging",
            "s3:GetBucketPolicy",
            "dynamodb:DescribeTable",
            "sns:GetTopicAttributes",
            "s3:GetBucketEncryption",
            "s3:GetBucketVersioning",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketLocation",
            "dynamodb:DescribeContinuousBackups",
            "rds:DescribeDBInstances",
            "rds:ListTagsForResource",
            "iam:ListAttachedRolePolicies",
            "iam:GetRolePolicy",
            "kms:DescribeKey",
            "ec2:DescribeVolumes",
            "elasticloadbalancing:DescribeLoadBalancers",
        ],
    )
    .via("config.amazonaws.com"),
    part(
        Class::Linked,
        "AWSServiceRoleForAutoScaling",
        400,
        &[
            "ec2:DescribeInstanceStatus",
            "elasticloadbalancing:DescribeTargetHealth",
            "ec2:DescribeInstances",
            "ec2:RunInstances",
            "ec2:CreateTags",
            "ec2:TerminateInstances",
        ],
    )
    .via("autoscaling.amazonaws.com"),
    part(
        Class::Linked,
        "AWSServiceRoleForECS",
        300,
        &[
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:RegisterTargets",
            "ec2:DescribeNetworkInterfaces",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeSubnets",
        ],
    )
    .via("ecs.amazonaws.com"),
    part(
        Class::Linked,
        "AWSServiceRoleForRDS",
        120,
        &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
    )
    .via("rds.amazonaws.com"),
    part(
        Class::Linked,
        "AWSServiceRoleForAccessAnalyzer",
        150,
        &["s3:GetBucketPolicy", "s3:GetBucketAcl", "iam:ListRoles", "iam:GetRole"],
    )
    .via("access-analyzer.amazonaws.com"),
    part(Class::App, "orders-api", 250, &["kms:Decrypt"]).via("secretsmanager.amazonaws.com"),
    part(Class::App, "billing-worker", 250, &["kms:Decrypt"]).via("ssm.amazonaws.com"),
    part(Class::App, "media-ingest", 250, &["kms:GenerateDataKey", "kms:Decrypt"])
        .via("s3.amazonaws.com"),
    part(
        Class::Pipeline,
        "release-pipeline",
        250,
        &[
            "iam:GetRole",
            "lambda:GetFunction20150331v2",
            "ecs:DescribeServices",
            "logs:CreateLogGroup",
            "iam:PutRolePolicy",
            "monitoring:PutMetricAlarm",
            "events:PutRule",
            "sns:Subscribe",
            "iam:TagRole",
            "ec2:AuthorizeSecurityGroupIngress",
            "route53:ChangeResourceRecordSets",
            "s3:PutBucketTagging",
        ],
    )
    .via("cloudformation.amazonaws.com"),
    part(
        Class::App,
        "orders-api",
        700,
        &[
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "secretsmanager:GetSecretValue",
            "ssm:GetParameter",
            "logs:CreateLogStream",
            "dynamodb:Query",
            "states:StartExecution",
            "xray:GetSamplingRules",
        ],
    )
    .with(BOTO),
    part(
        Class::App,
        "billing-worker",
        600,
        &[
            "sqs:GetQueueAttributes",
            "ssm:GetParameter",
            "secretsmanager:GetSecretValue",
            "kms:Decrypt",
            "dynamodb:Query",
            "s3:PutObject",
            "lambda:Invoke",
        ],
    )
    .with(JAVA),
    part(
        Class::App,
        "media-ingest",
        450,
        &[
            "s3:GetObject",
            "s3:PutObject",
            "s3:HeadObject",
            "kms:GenerateDataKey",
            "s3:ListObjects",
            "logs:CreateLogStream",
        ],
    )
    .with(BOTO),
    part(
        Class::App,
        "search-indexer",
        400,
        &[
            "s3:GetObject",
            "s3:ListObjects",
            "ssm:UpdateInstanceInformation",
            "dynamodb:Query",
            "ssm:GetParametersByPath",
            "ecs:SubmitTaskStateChange",
        ],
    )
    .with(AGENT),
    part(
        Class::App,
        "metrics-collector",
        450,
        &[
            "monitoring:GetMetricData",
            "tagging:GetResources",
            "monitoring:ListMetrics",
            "ec2:DescribeInstances",
            "rds:DescribeDBInstances",
            "autoscaling:DescribeAutoScalingGroups",
            "ec2:DescribeTags",
            "sqs:ListQueues",
        ],
    )
    .with(GO),
    part(
        Class::App,
        "cluster-nodes",
        300,
        &[
            "ecr:GetAuthorizationToken",
            "ecr:BatchGetImage",
            "ec2:DescribeInstances",
            "eks:DescribeCluster",
            "ec2:CreateNetworkInterface",
            "kms:CreateGrant",
            "eks:ListNodegroups",
        ],
    )
    .with(GO),
    part(
        Class::App,
        "night-backup",
        120,
        &[
            "ec2:DescribeVolumes",
            "ec2:CreateSnapshot",
            "ec2:DescribeSnapshots",
            "backup:StartBackupJob",
            "ec2:CreateTags",
            "rds:CreateDBSnapshot",
            "ec2:DeleteSnapshot",
        ],
    )
    .with(BOTO),
    part(
        Class::App,
        "compliance-audit",
        120,
        &[
            "iam:ListRoles",
            "iam:GetPolicyVersion",
            "config:DescribeConfigRules",
            "iam:ListUsers",
            "guardduty:ListFindings",
            "config:PutEvaluations",
            "iam:ListAccessKeys",
            "iam:GenerateCredentialReport",
            "guardduty:ListDetectors",
            "guardduty:GetFindings",
            "config:BatchGetResourceConfig",
            "organizations:ListAccounts",
            "access-analyzer:ListFindings",
            "access-analyzer:ListAnalyzers",
            "cloudtrail:DescribeTrails",
            "cloudtrail:GetTrailStatus",
        ],
    )
    .with(BOTO),
    part(
        Class::Pipeline,
        "release-pipeline",
        450,
        &[
            "sts:GetCallerIdentity",
            "cloudformation:DescribeStacks",
            "ecs:DescribeServices",
            "cloudformation:DescribeStackEvents",
            "cloudformation:CreateChangeSet",
            "cloudformation:ExecuteChangeSet",
            "ecs:RegisterTaskDefinition",
            "ecs:UpdateService",
            "lambda:UpdateFunctionCode20150331v2",
            "lambda:PublishVersion20150331",
            "ssm:PutParameter",
            "iam:GetRole",
            "ec2:DescribeRouteTables",
            "ec2:DescribeLaunchTemplateVersions",
            "autoscaling:SetDesiredCapacity",
            "route53:ListHostedZones",
        ],
    )
    .with(TERRAFORM),
    part(
        Class::Pipeline,
        "image-builder",
        200,
        &["ecr:GetAuthorizationToken", "ecr:PutImage", "ecr:BatchGetImage", "kms:Encrypt"],
    )
    .with(CLI),
    part(
        Class::OpenId,
        "repo:examplecorp/platform:ref:refs/heads/main",
        80,
        &["sts:AssumeRoleWithWebIdentity"],
    )
    .with("configure-aws-credentials-for-github-actions"),
    part(Class::Saml, "sso", 40, &["sts:AssumeRoleWithSAML"]).with(CHROME),
    part(Class::Person, "amara.okoye@example.com", 300, CONSOLE_CALLS).with(CHROME),
    part(Class::Person, "jonas.weber@example.com", 220, CONSOLE_CALLS).with(FIREFOX),
    part(Class::Person, "wei.chen@example.com", 200, CLI_CALLS).with(CLI),
    part(Class::Person, "nadia.haddad@example.com", 180, ANALYST_CALLS).with(CLI),
    part(
        Class::KeyUser,
        "ci-artifacts",
        600,
        &[
            "s3:PutObject",
            "s3:GetObject",
            "sts:GetCallerIdentity",
            "s3:ListObjects",
            "s3:GetBucketLocation",
        ],
    )
    .with(CLI),
    part(
        Class::KeyUser,
        "metrics-exporter",
        500,
        &[
            "monitoring:GetMetricData",
            "monitoring:ListMetrics",
            "monitoring:DescribeAlarms",
            "tagging:GetResources",
        ],
    )
    .with(BOTO),
    part(
        Class::ConsoleUser,
        "lucia.ferri",
        60,
        &[
            "iam:GetAccountSummary",
            "signin:ConsoleLogin",
            "iam:ListUsers",
            "health:DescribeEventAggregates",
            "iam:ListRoles",
            "iam:ListPolicies",
        ],
    )
    .with(CHROME),
    part(
        Class::ConsoleUser,
        "tom.reyes",
        60,
        &[
            "ec2:DescribeInstances",
            "signin:ConsoleLogin",
            "monitoring:DescribeAlarms",
            "ec2:DescribeImages",
            "health:DescribeEventAggregates",
        ],
    )
    .with(FIREFOX),
    part(Class::Stranger, "partner-monitor", 40, &["sts:AssumeRole"]).with(JAVA),
    part(
        Class::Root,
        "root",
        2,
        &[
            "iam:GetAccountSummary",
            "signin:ConsoleLogin",
            "ce:GetCostAndUsage",
            "support:DescribeTrustedAdvisorChecks",
        ],
    )
    .with(FIREFOX),
];

const CONSOLE_CALLS: &[&str] = &[
    "ec2:DescribeInstances",
    "monitoring:DescribeAlarms",
    "logs:DescribeLogGroups",
    "health:DescribeEventAggregates",
    "ec2:DescribeSecurityGroups",
    "ecs:DescribeTasks",
    "cloudformation:DescribeStacks",
    "s3:ListBuckets",
    "lambda:ListFunctions20150331",
    "logs:StartQuery",
    "rds:DescribeDBClusters",
    "securityhub:GetFindings",
    "ce:GetCostAndUsage",
    "cloudtrail:LookupEvents",
    "kms:ListAliases",
    "organizations:DescribeOrganization",
    "elasticloadbalancing:DescribeTargetGroups",
];

const CLI_CALLS: &[&str] = &[
    "sts:GetCallerIdentity",
    "ecs:DescribeTasks",
    "logs:FilterLogEvents",
    "ssm:DescribeInstanceInformation",
    "s3:ListBuckets",
    "iam:GetUser",
    "sqs:GetQueueAttributes",
    "secretsmanager:ListSecrets",
    "secretsmanager:DescribeSecret",
    "events:ListRules",
    "sns:ListTopics",
    "dynamodb:ListTables",
];

const ANALYST_CALLS: &[&str] = &[
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "glue:GetTable",
    "glue:GetPartitions",
    "s3:GetObject",
    "s3:ListObjects",
    "sts:GetCallerIdentity",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::apis::Catalog;

    #[test]
    fn every_call_exists_and_every_api_is_called() {
        let catalog = Catalog::new();
        let mut called = BTreeSet::new();
        for call in CAST.iter().flat_map(|part| part.calls) {
            assert!(catalog.find(call).is_some(), "{call}");
            called.insert(catalog.find(call));
        }
        let idle: Vec<_> = (0..catalog.entries().len())
            .filter(|at| !called.contains(&Some(*at)))
            .map(|at| catalog.get(at).api.name)
            .collect();
        assert!(idle.is_empty(), "{idle:?}");
        for name in QUIET_ABSENT {
            assert!(CAST.iter().any(|part| part.name == *name), "{name}");
        }
    }

    #[test]
    fn services_make_30_to_60_percent_of_the_events() {
        let share = |parts: &mut dyn Iterator<Item = &Part>| parts.map(|p| p.share).sum::<u32>();
        let all = share(&mut CAST.iter());
        let services =
            share(&mut CAST.iter().filter(|p| p.class == Class::Service || !p.via.is_empty()));
        assert!((30..=60).contains(&(services * 100 / all)), "{services} of {all}");
    }
}
