//! Tests by table of the shapes that requests, responses and identities come in.

use super::value;
use crate::event::Event;
use crate::field::Derived;
use crate::layout::{Base, Layout};
use crate::scan::scan;
use crate::slots::Slots;
use crate::value::Value;
use bumpalo::Bump;

/// A value in one line: texts joined by spaces, keys before their values.
fn show(value: Value<'_>) -> String {
    match value {
        Value::Missing => "missing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.whole().map_or_else(String::new, |whole| whole.to_string()),
        Value::Text(text) => text.to_owned(),
        Value::Ip(ip) => ip.to_string(),
        Value::Cidr(cidr) => cidr.to_string(),
        Value::List(list) => list.iter().map(|v| show(*v)).collect::<Vec<_>>().join(" "),
        Value::Object(entries) => {
            let shown = entries.iter().map(|(key, v)| format!("{key}={}", show(*v)));
            format!("({})", shown.collect::<Vec<_>>().join(" "))
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(name: Derived, record: &str, expected: &str) {
    let mut layout = Layout::new();
    Base::ALL.iter().for_each(|base| layout.want(*base));
    let (mut slots, arena) = (Slots::new(), Bump::new());
    let _ = scan(record.as_bytes(), 0, &layout, &mut slots);
    let event = Event::new(record.as_bytes(), &slots, &arena);
    assert_eq!(show(value(&event, name)), expected, "{name:?} of {record}");
}

/// Check a name in calls given as `service api request`, each with what is expected.
#[track_caller]
fn check_calls(name: Derived, calls: &[(&str, &str, &str)]) {
    for (call, request, expected) in calls {
        let (service, api) = call.split_once(' ').unwrap();
        let record = format!(
            r#"{{"eventSource":"{service}.amazonaws.com","eventName":"{api}","requestParameters":{request}}}"#
        );
        check(name, &record, expected);
    }
}

#[test]
fn sharing_is_read_from_every_way_of_it() {
    let document = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"x"},{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:user/u"],"Service":"ec2.amazonaws.com"},"Action":"x"},{"Effect":"Deny","Principal":{"AWS":"999988887777"},"Action":"x"}]}"#;
    let who = "* 111122223333 arn:aws:iam::111122223333:user/u ec2.amazonaws.com";
    let text = serde_json::Value::from(document).to_string();
    for (call, path) in [
        ("s3 PutBucketPolicy", r#"{"bucketPolicy":X}"#),
        ("kms PutKeyPolicy", r#"{"policy":X}"#),
        ("kms CreateKey", r#"{"policy":X}"#),
        ("iam UpdateAssumeRolePolicy", r#"{"policyDocument":X}"#),
        ("iam CreateRole", r#"{"assumeRolePolicyDocument":X}"#),
        ("ecr SetRepositoryPolicy", r#"{"policyText":X}"#),
        ("secretsmanager PutResourcePolicy", r#"{"resourcePolicy":X}"#),
        ("glue PutResourcePolicy", r#"{"policyInJson":X}"#),
        ("sqs SetQueueAttributes", r#"{"attributes":{"Policy":X}}"#),
        ("sqs CreateQueue", r#"{"attributes":{"Policy":X}}"#),
        ("sns CreateTopic", r#"{"attributes":{"Policy":X}}"#),
        ("sns SetTopicAttributes", r#"{"attributeName":"Policy","attributeValue":X}"#),
        ("es UpdateElasticsearchDomainConfig", r#"{"accessPolicies":X}"#),
        ("glacier SetVaultAccessPolicy", r#"{"policy":{"policy":X}}"#),
    ] {
        check_calls(Derived::SharedWith, &[(call, &path.replace('X', document), who)]);
        check_calls(Derived::SharedWith, &[(call, &path.replace('X', &text), who)]);
    }
    check_calls(
        Derived::SharedWith,
        &[
            ("sns SetTopicAttributes", r#"{"attributeName":"X","attributeValue":"{}"}"#, ""),
            ("s3 GetBucketPolicy", r#"{"bucketPolicy":{}}"#, ""),
            (
                "ec2 ModifyFpgaImageAttribute",
                r#"{"loadPermission":{"add":{"items":[{"group":"all"}]}}}"#,
                "*",
            ),
            (
                "ec2 ModifyImageAttribute",
                r#"{"launchPermission":{"add":{"items":[{"organizationArn":"o"},{"organizationalUnitArn":"ou"},{"group":"x"}]}}}"#,
                "o ou",
            ),
            ("rds ModifyDBClusterSnapshotAttribute", r#"{"valuesToAdd":["1","all"]}"#, "1 *"),
            ("rds ModifyDBSnapshotAttribute", r#"{"valuesToRemove":["all"]}"#, ""),
            ("ssm ModifyDocumentPermission", r#"{"accountIdsToAdd":["All"]}"#, "*"),
            ("kms CreateGrant", r#"{"granteePrincipal":"a"}"#, "a"),
            ("ram CreateResourceShare", r#"{"principals":["a","b"]}"#, "a b"),
            ("redshift AuthorizeSnapshotAccess", r#"{"accountWithRestoreAccess":"a"}"#, "a"),
            ("lambda AddPermission20150331v2", r#"{"principal":"*"}"#, "*"),
            ("lambda AddPermission20150331v2", r#"{"principal":"*","sourceArn":"a"}"#, ""),
            ("lambda AddPermission20150331v2", r#"{"principal":"*","sourceArn":"*"}"#, "*"),
            (
                "lambda AddPermission",
                r#"{"principal":"s3.amazonaws.com","sourceAccount":"1"}"#,
                "s3.amazonaws.com",
            ),
            (
                "lambda AddLayerVersionPermission20181031",
                r#"{"principal":"*","organizationId":"o"}"#,
                "",
            ),
        ],
    );
}

#[test]
fn public_access_control_lists_are_known() {
    check_calls(
        Derived::SharedWith,
        &[
            ("s3 PutBucketAcl", r#"{"x-amz-acl":"public-read"}"#, "*"),
            ("s3 PutObjectAcl", r#"{"x-amz-acl":["authenticated-read"]}"#, "*"),
            ("s3 CreateBucket", r#"{"x-amz-acl":"private"}"#, ""),
            (
                "s3 PutBucketAcl",
                r#"{"AccessControlPolicy":{"AccessControlList":{"Grant":[{"Grantee":{"ID":"1"}},{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"}}]}}}"#,
                "*",
            ),
            (
                "s3 PutBucketAcl",
                r#"{"AccessControlPolicy":{"AccessControlList":{"Grant":{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}}}}"#,
                "*",
            ),
            (
                "s3 PutBucketAcl",
                r#"{"AccessControlPolicy":{"AccessControlList":{"Grant":{"Grantee":{"URI":"http://acs.amazonaws.com/groups/s3/LogDelivery"}}}}}"#,
                "",
            ),
            (
                "s3 PutObject",
                r#"{"x-amz-grant-read":"id=\"1\", uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""}"#,
                "*",
            ),
            ("s3 CopyObject", r#"{"x-amz-acl":"public-read-write"}"#, "*"),
            ("s3 CreateMultipartUpload", r#"{"x-amz-acl":"public-read"}"#, "*"),
            ("s3 GetObject", r#"{"x-amz-acl":"public-read"}"#, ""),
        ],
    );
}

#[test]
fn security_group_rules_are_read_from_every_shape() {
    let world = r#""ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}"#;
    let one = |rule: &str| format!(r#"{{"ipPermissions":{{"items":[{{{rule},{world}}}]}}}}"#);
    for (rule, expected) in [
        (r#""ipProtocol":"tcp","fromPort":443.0,"toPort":"443""#, "proto=tcp from=443 to=443"),
        (r#""ipProtocol":"TCP","fromPort":1"#, "proto=tcp from=1"),
        (r#""ipProtocol":17,"fromPort":53,"toPort":53"#, "proto=udp from=53 to=53"),
        (r#""ipProtocol":"58","fromPort":-1,"toPort":-1"#, "proto=icmpv6 from=-1 to=-1"),
        (r#""ipProtocol":"1","fromPort":8,"toPort":0"#, "proto=icmp from=8 to=0"),
        (r#""ipProtocol":"All""#, "proto=-1 from=0 to=65535"),
        (r#""ipProtocol":-1,"fromPort":0,"toPort":0"#, "proto=-1 from=0 to=65535"),
        (r#""ipProtocol":"50","fromPort":1,"toPort":2"#, "proto=50 from=0 to=65535"),
        (r#""fromPort":"x","toPort":2.5"#, ""),
    ] {
        let expected = format!("(cidr=0.0.0.0/0 {expected} egress=true)").replace("  ", " ");
        let call = "ec2 AuthorizeSecurityGroupEgress";
        check_calls(Derived::SgRules, &[(call, &one(rule), &expected)]);
    }
    check_calls(
        Derived::SgRules,
        &[
            (
                "ec2 RevokeSecurityGroupIngress",
                r#"{"cidrIp":"10.1.0.0/8"}"#,
                "(cidr=10.0.0.0/8 egress=false)",
            ),
            (
                "ec2 AuthorizeSecurityGroupIngress",
                r#"{"sourceSecurityGroupName":"g"}"#,
                "(peer=g egress=false)",
            ),
            ("ec2 AuthorizeSecurityGroupIngress", r#"{"cidrIp":"anywhere"}"#, "(egress=false)"),
            (
                "ec2 UpdateSecurityGroupRuleDescriptionsEgress",
                r#"{"cidrIp":"::/0"}"#,
                "(cidr=::/0 egress=true)",
            ),
            (
                "ec2 ModifySecurityGroupRules",
                r#"{"ModifySecurityGroupRulesRequest":{"SecurityGroupRule":{"SecurityGroupRule":{"ReferencedGroupId":"sg-2","PrefixListId":"pl-1","IpProtocol":"tcp"}}}}"#,
                "(peer=pl-1 proto=tcp) (peer=sg-2 proto=tcp)",
            ),
            ("ec2 CreateSecurityGroup", r#"{"cidrIp":"::/0"}"#, ""),
            ("rds AuthorizeSecurityGroupIngress", r#"{"cidrIp":"::/0"}"#, ""),
        ],
    );
    check(
        Derived::SgRules,
        r#"{"eventSource":"ec2.amazonaws.com","eventName":"AuthorizeSecurityGroupIngress","responseElements":{"securityGroupRuleSet":{"items":[{"isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv6":"::/0"},{"isEgress":true,"ipProtocol":"-1","referencedGroupInfo":{"groupId":"sg-2"}}]}}}"#,
        "(cidr=::/0 proto=tcp from=22 to=22 egress=false) (peer=sg-2 proto=-1 from=0 to=65535 egress=true)",
    );
}

#[test]
fn targets_are_found_step_by_step() {
    check_calls(
        Derived::Targets,
        &[
            ("s3 PutObject", r#"{"bucketName":"b","key":"k"}"#, "b"),
            ("iam AttachUserPolicy", r#"{"policyArn":"p","userName":"u"}"#, "u"),
            (
                "iam CreateUser",
                r#"{"userName":"HIDDEN_DUE_TO_SECURITY_REASONS","path":"/"}"#,
                "missing",
            ),
            (
                "ec2 StopInstances",
                r#"{"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}"#,
                "i-1 i-2",
            ),
            (
                "ec2 X",
                r#"{"XRequest":{"FlowLogId":[{"tag":1,"content":"a"},{"tag":2,"content":"b"}]}}"#,
                "a b",
            ),
            ("ec2 X", r#"{"XRequest":{"vpcId":"a"},"YReq":{"vpcId":"b"},"groupId":"c"}"#, "c"),
            (
                "ssm SendCommand",
                r#"{"targets":[{"key":"tag:a","values":["b","c"]}],"documentName":"d"}"#,
                "b c",
            ),
            ("elasticloadbalancing X", r#"{"name":"","resourceArns":["a","",7]}"#, "a"),
            ("x BatchDeleteThings", r#"{"THINGARN":"a","thingsid":"b"}"#, "b"),
            ("x DeleteThing", r#"{"thing":"a","thingName":"b","thingArn":"c"}"#, "c"),
            ("x DeleteThing", r#"{"thing":{"a":"b"},"identifier":"c","id":"d"}"#, "d"),
            ("x DeleteThing", r#"{"zId":"a","bName":"b","accountId":"c","aKmsKeyId":"d"}"#, "b"),
            ("x DeleteThing", r#"{"aId":7,"bName":"b"}"#, "b"),
            ("x DeleteThing", r#"{"aId":"a","bId":"b","aId":7}"#, "b"),
            ("x DeleteThing", r#""text""#, "missing"),
        ]
        .map(|(call, request, who)| (call, request, if who == "missing" { "" } else { who })),
    );
    for (record, expected) in [
        (
            r#"{"eventSource":"kms.amazonaws.com","eventName":"ReEncrypt","requestParameters":{"keyId":"k"},"resources":[{"ARN":"a"},{"x":1},{"ARN":"b"}]}"#,
            "a b",
        ),
        (r#"{"eventName":"X","resources":[{"ARN":""},{"ARN":"a"},{"ARN":"b"}]}"#, "a"),
        (r#"{"serviceEventDetails":{"keyId":"k","snapshotId":"s"}}"#, "s"),
        (r#"{"serviceEventDetails":{"keyId":"k"},"additionalEventData":{"ARN":"a"}}"#, "a"),
        (
            r#"{"eventSource":"cloudfront.amazonaws.com","eventName":"CreateDistribution2020_05_31","responseElements":{"distribution":{"id":"d"}}}"#,
            "d",
        ),
        (
            r#"{"eventSource":"iam.amazonaws.com","eventName":"ChangePassword","userIdentity":{"type":"IAMUser","userName":"u"}}"#,
            "u",
        ),
        (
            r#"{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"IAMUser","userName":"u"}}"#,
            "",
        ),
    ] {
        check(Derived::Targets, record, expected);
    }
}

#[test]
fn who_is_the_same_in_every_session() {
    for (identity, principal, session, user) in [
        (r#""123""#, "missing", "missing", "missing"),
        ("{}", "missing", "missing", "missing"),
        (r#"{"arn":"arn:aws-cn:sts::1:assumed-role/R/S"}"#, "arn:aws-cn:iam::1:role/R", "S", "R"),
        (r#"{"arn":"arn:aws:sts::1:assumed-role/R"}"#, "arn:aws:iam::1:role/R", "missing", "R"),
        (
            r#"{"arn":"arn:aws:sts::1:federated-user/F"}"#,
            "arn:aws:sts::1:federated-user/F",
            "F",
            "F",
        ),
        (r#"{"type":"FederatedUser","principalId":"1:F"}"#, "1:F", "F", "missing"),
        (r#"{"type":"SAMLUser","principalId":"h:n","userName":"n"}"#, "h:n", "missing", "n"),
        (r#"{"arn":"","principalId":"AROAX:s"}"#, "AROAX", "s", "missing"),
        (r#"{"principalId":"AROAX:"}"#, "AROAX", "missing", "missing"),
        (r#"{"arn":"arn***/R/S"}"#, "arn***/R/S", "missing", "missing"),
        (r#"{"type":"Root","accountId":"1"}"#, "arn:aws:iam::1:root", "missing", "root"),
        (r#"{"type":"Root","userName":"alias"}"#, "missing", "missing", "root"),
        (
            r#"{"type":"IAMUser","accountId":"1","principalId":"AIDAX"}"#,
            "AIDAX",
            "missing",
            "missing",
        ),
        (r#"{"invokedBy":"a","principalId":"AIDAX"}"#, "a", "missing", "missing"),
        (
            r#"{"arn":"arn:aws:iam::1:user/a/b","invokedBy":"a"}"#,
            "arn:aws:iam::1:user/a/b",
            "missing",
            "b",
        ),
        (r#"{"arn":7}"#, "7", "missing", "missing"),
    ] {
        let record = format!(r#"{{"userIdentity":{identity}}}"#);
        check(Derived::Principal, &record, principal);
        check(Derived::Session, &record, session);
        check(Derived::User, &record, user);
    }
    let shared = r#"{"userIdentity":{"arn":"arn:aws:sts::1:assumed-role/AWSReservedSSO_A_1/eve"}}"#;
    check(Derived::ActorId, shared, "arn:aws:iam::1:role/AWSReservedSSO_A_1/eve");
    let own = r#"{"userIdentity":{"arn":"arn:aws:sts::1:assumed-role/XAWSReservedSSO_A_1/eve"}}"#;
    check(Derived::ActorId, own, "arn:aws:iam::1:role/XAWSReservedSSO_A_1");
}

#[test]
fn a_request_of_many_keys_takes_no_longer_than_its_length() {
    let keys = (0..200_000).map(|number| format!(r#""a{number}Id":0"#)).collect::<Vec<_>>();
    let record = format!(r#"{{"eventName":"X","requestParameters":{{{}}}}}"#, keys.join(","));
    check(Derived::Targets, &record, "");
}
