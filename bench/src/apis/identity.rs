//! IAM, STS, sign-in, keys, secrets and organisations.

use super::{Api, change, read};
use crate::record::Kind;

const ROLE: &str = r#"[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<role>"}]"#;
const CMK: &str = r#"[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<cmk>"}]"#;
const GRANTED: &str = r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<time>"},"assumedRoleUser":{"assumedRoleId":"AROA<hex>:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>"}}"#;

const GRANTED_OPENID: &str = r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<time>"},"subjectFromWebIdentityToken":"repo:examplecorp/platform:ref:refs/heads/main","assumedRoleUser":{"assumedRoleId":"AROA<hex>:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>"},"packedPolicySize":12,"provider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com","audience":"sts.amazonaws.com"}"#;
const GRANTED_SAML: &str = r#"{"credentials":{"accessKeyId":"<key>","sessionToken":"<token>","expiration":"<time>"},"assumedRoleUser":{"assumedRoleId":"AROA<hex>:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>"},"packedPolicySize":33,"subject":"<session>","subjectType":"persistent","issuer":"https://sso.example.com/saml/metadata","audience":"https://signin.aws.amazon.com/saml","nameQualifier":"<base64>="}"#;

/// The calls of this group.
pub(super) const APIS: &[Api] = &[
    change("sts", "AssumeRole").asks(
        r#"{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<session>","durationSeconds":3600}"#,
    ).answers(GRANTED).on(ROLE),
    change("sts", "AssumeRoleWithWebIdentity").asks(
        r#"{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<session>","durationSeconds":3600}"#,
    ).answers(GRANTED_OPENID).on(ROLE),
    change("sts", "AssumeRoleWithSAML").asks(
        r#"{"principalArn":"arn:aws:iam::<account>:saml-provider/examplecorp-sso","roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<session>","durationSeconds":28800}"#,
    ).answers(GRANTED_SAML).on(ROLE),
    read("sts", "GetCallerIdentity"),
    Api { kind: Kind::SignIn, ..change("signin", "ConsoleLogin") }
        .answers(r#"{"ConsoleLogin":"Success"}"#),
    read("iam", "GetRole").asks(r#"{"roleName":"<name>-task"}"#)
        .fails("NoSuchEntityException", "The role with that name cannot be found.", 12),
    read("iam", "ListRoles").asks(r#"{"maxItems":100}"#),
    read("iam", "GetUser"),
    read("iam", "ListUsers").asks(r#"{"maxItems":100}"#),
    read("iam", "ListPolicies").asks(r#"{"scope":"Local","onlyAttached":false,"maxItems":1000}"#),
    read("iam", "ListAttachedRolePolicies").asks(r#"{"roleName":"<name>-task"}"#),
    read("iam", "GetRolePolicy").asks(
        r#"{"roleName":"<name>-task","policyName":"<name>-access"}"#,
    ).fails("NoSuchEntityException", "The role policy cannot be found.", 20),
    read("iam", "GetPolicyVersion").asks(
        r#"{"policyArn":"arn:aws:iam::<account>:policy/<name>-access","versionId":"v3"}"#,
    ),
    read("iam", "GetAccountSummary"),
    read("iam", "ListAccessKeys").asks(r#"{"maxItems":100}"#),
    read("iam", "GenerateCredentialReport").answers(r#"{"state":"STARTED"}"#),
    change("iam", "PutRolePolicy").asks(
        r#"{"roleName":"<name>-task","policyName":"<name>-access","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:SendMessage\",\"sqs:ReceiveMessage\"],\"Resource\":\"arn:aws:sqs:<region>:<account>:<name>\"}]}"}"#,
    ),
    change("iam", "TagRole").asks(
        r#"{"roleName":"<name>-task","tags":[{"key":"service","value":"<name>"}]}"#,
    ),
    read("kms", "Decrypt").asks(
        r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:service":"<app>"},"keyId":"arn:aws:kms:<region>:<account>:key/<cmk>"}"#,
    ).on(CMK).fails("AccessDenied", "The ciphertext refers to a customer master key that does not exist.", 4),
    read("kms", "GenerateDataKey").asks(
        r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<cmk>","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"keySpec":"AES_256"}"#,
    ).on(CMK),
    read("kms", "Encrypt").asks(
        r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<cmk>","encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
    ).on(CMK),
    read("kms", "DescribeKey").asks(r#"{"keyId":"<cmk>"}"#).on(CMK),
    read("kms", "ListAliases").asks(r#"{"limit":100}"#),
    change("kms", "CreateGrant").asks(
        r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<cmk>","granteePrincipal":"arn:aws:iam::<account>:role/<name>-task","operations":["Decrypt","GenerateDataKeyWithoutPlaintext"],"constraints":{"encryptionContextSubset":{"aws:ebs:id":"<volume>"}},"retiringPrincipal":"ec2.<region>.amazonaws.com"}"#,
    ).answers(
        r#"{"grantId":"<base64>","keyId":"arn:aws:kms:<region>:<account>:key/<cmk>"}"#,
    ).on(CMK),
    read("secretsmanager", "GetSecretValue").asks(r#"{"secretId":"<app>/database"}"#)
        .fails("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 5),
    read("secretsmanager", "DescribeSecret").asks(
        r#"{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<name>/database"}"#,
    ),
    read("secretsmanager", "ListSecrets").asks(r#"{"maxResults":50}"#),
    read("organizations", "ListAccounts").asks("{}"),
    read("organizations", "DescribeOrganization"),
    read("access-analyzer", "ListAnalyzers"),
    read("access-analyzer", "ListFindings").asks(
        r#"{"analyzerArn":"arn:aws:access-analyzer:<region>:<account>:analyzer/account","maxResults":50}"#,
    ),
];
