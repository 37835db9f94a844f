//! Incidents about who gets in, and what is opened to whom.

use super::{BROWSER, Culprit, Incident, Stage, TOOL};
use crate::dice::{hash, push_hex};
use crate::identity::{self, Proof, RoleSession, access_key};
use crate::record::push_quoted;
use crate::record::{Call, Channel, Kind};
use crate::world::{GLOBAL_REGION, OUTSIDE_ACCOUNT};

/// The user that [`back_door`] makes.
const BACK_DOOR: &str = "svc-backup-sync";

/// The intruder at the console in the name of `user`.
fn at_console(stage: &Stage<'_>, user: &str, created: i64) -> Culprit {
    let account = stage.account(0);
    let key = access_key("ASIA", &account, user, 9_000_001);
    let proof = Proof::Console(&key, stage.begin.plus(created), false);
    Culprit {
        identity: identity::user(&account, user, proof, ""),
        arn: format!("arn:aws:iam::{account}:user/{user}"),
        region: GLOBAL_REGION.to_string(),
        address: "192.0.2.77",
        agent: BROWSER,
        channel: Channel::Console,
        account,
    }
}

/// The intruder with the keys of the user that [`back_door`] made.
pub(super) fn back_door_user(stage: &Stage<'_>) -> Culprit {
    let account = stage.account(0);
    let key = access_key("AKIA", &account, BACK_DOOR, 0);
    Culprit {
        identity: identity::user(&account, BACK_DOOR, Proof::Key(&key), ""),
        arn: format!("arn:aws:iam::{account}:user/{BACK_DOOR}"),
        region: stage.home.to_string(),
        address: "192.0.2.77",
        agent: TOOL,
        channel: Channel::Client,
        account,
    }
}

/// An engineer of account `number` who makes a mistake.
fn engineer(stage: &Stage<'_>, number: usize, name: &str) -> Culprit {
    let account = stage.account(number);
    let mut role = String::from("AWSReservedSSO_Engineer_");
    push_hex(&mut role, hash(19, &account), 16);
    let key = access_key("ASIA", &account, name, 9_000_002);
    let session = RoleSession {
        account: &account,
        path: "/aws-reserved/sso.amazonaws.com/eu-west-1/",
        role: &role,
        name,
        key: &key,
        created: stage.begin.plus(-1900),
        via: "",
    };
    Culprit {
        identity: session.json(),
        arn: session.arn(),
        region: stage.home.to_string(),
        address: "198.51.100.21",
        agent: BROWSER,
        channel: Channel::Console,
        account,
    }
}

fn login(success: bool) -> Call<'static> {
    Call {
        source: "signin",
        name: "ConsoleLogin",
        kind: Kind::SignIn,
        region: GLOBAL_REGION,
        message: if success { "" } else { "Failed authentication" },
        response: if success {
            r#"{"ConsoleLogin":"Success"}"#
        } else {
            r#"{"ConsoleLogin":"Failure"}"#
        },
        additional: r#"{"LoginTo":"https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true","MobileVersion":"No","MFAUsed":"No"}"#,
        ..Call::default()
    }
}

/// Root signs in, without MFA, from an address never seen.
pub(super) fn root_login(mut stage: Stage<'_>) -> Incident {
    let account = stage.account(1);
    let mut who = Culprit {
        identity: identity::root(&account, Proof::SignIn),
        arn: format!("arn:aws:iam::{account}:root"),
        region: GLOBAL_REGION.to_string(),
        address: "192.0.2.14",
        agent: BROWSER,
        channel: Channel::Client,
        account,
    };
    stage.tell(&who, 0, login(true));
    let key = access_key("ASIA", &who.account, "root", 1);
    who.identity = identity::root(&who.account, Proof::Console(&key, stage.begin, false));
    who.channel = Channel::Console;
    let look = |name| Call { source: "iam", name, kind: Kind::Read, ..Call::default() };
    stage.tell(&who, 9, look("GetAccountSummary"));
    stage.tell(&who, 31, look("ListUsers"));
    stage.end(&who)
}

/// Five failures within three minutes, then a success.
pub(super) fn guessed_password(mut stage: Stage<'_>) -> Incident {
    let mut who = at_console(&stage, "lucia.ferri", 0);
    who.identity = identity::user(&who.account, "lucia.ferri", Proof::SignIn, "");
    who.channel = Channel::Client;
    for after in [0, 27, 61, 88, 140] {
        stage.tell(&who, after, login(false));
    }
    stage.tell(&who, 173, login(true));
    stage.end(&who)
}

fn act<'a>(name: &'a str, request: &'a str, response: &'a str) -> Call<'a> {
    Call { source: "iam", name, request, response, ..Call::default() }
}

/// A new administrator with a key and a password, and a second key for a colleague.
pub(super) fn back_door(mut stage: Stage<'_>) -> Incident {
    let who = at_console(&stage, "lucia.ferri", -1400);
    let account = who.account.clone();
    let user = format!(r#"{{"userName":"{BACK_DOOR}"}}"#);
    let made = format!(
        r#"{{"user":{{"path":"/","userName":"{BACK_DOOR}","userId":"{}","arn":"arn:aws:iam::{account}:user/{BACK_DOOR}","createDate":"{}"}}}}"#,
        identity::principal_id("AIDA", &account, BACK_DOOR),
        stage.begin.iso()
    );
    stage.tell(&who, 0, act("CreateUser", &user, &made));
    let policy = format!(
        r#"{{"userName":"{BACK_DOOR}","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}}"#
    );
    stage.tell(&who, 22, act("AttachUserPolicy", &policy, ""));
    for (after, owner) in [(41, BACK_DOOR), (95, "tom.reyes")] {
        let request = format!(r#"{{"userName":"{owner}"}}"#);
        let response = format!(
            r#"{{"accessKey":{{"userName":"{owner}","accessKeyId":"{}","status":"Active","createDate":"{}"}}}}"#,
            access_key("AKIA", &account, owner, 0),
            stage.begin.plus(after).iso()
        );
        stage.tell(&who, after, act("CreateAccessKey", &request, &response));
    }
    let password = format!(r#"{{"userName":"{BACK_DOOR}","passwordResetRequired":false}}"#);
    let profile = format!(
        r#"{{"loginProfile":{{"userName":"{BACK_DOOR}","createDate":"{}","passwordResetRequired":false}}}}"#,
        stage.begin.plus(130).iso()
    );
    stage.tell(&who, 130, act("CreateLoginProfile", &password, &profile));
    stage.end(&who)
}

/// Port 22 open to 0.0.0.0/0.
pub(super) fn open_port(mut stage: Stage<'_>) -> Incident {
    let who = engineer(&stage, 1, "jonas.weber@example.com");
    let request = r#"{"groupId":"sg-0c41d86e5b9a70f32","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#;
    let response = format!(
        r#"{{"requestId":"5d0fd7a4-8f11-4c7e-9d43-2a6c1be07f10","_return":true,"securityGroupRuleSet":{{"items":[{{"groupOwnerId":"{}","groupId":"sg-0c41d86e5b9a70f32","securityGroupRuleId":"sgr-0e2b7d114f6c3a958","isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0"}}]}}}}"#,
        who.account
    );
    let call = Call {
        source: "ec2",
        name: "AuthorizeSecurityGroupIngress",
        request,
        response: &response,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}

/// A bucket that anyone can read; the block on public access is lifted first.
pub(super) fn public_bucket(mut stage: Stage<'_>) -> Incident {
    let who = engineer(&stage, 0, "amara.okoye@example.com");
    let bucket = "examplecorp-reports";
    let host = format!("{bucket}.s3.{}.amazonaws.com", who.region);
    let resources = format!(
        r#"[{{"accountId":"{}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}]"#,
        who.account
    );
    let lifted = format!(
        r#"{{"publicAccessBlock":"","bucketName":"{bucket}","PublicAccessBlockConfiguration":{{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","RestrictPublicBuckets":false,"BlockPublicPolicy":false,"BlockPublicAcls":false,"IgnorePublicAcls":false}},"Host":"{host}"}}"#
    );
    let opened = format!(
        r#"{{"bucketPolicy":{{"Version":"2012-10-17","Statement":[{{"Sid":"Everyone","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}},"bucketName":"{bucket}","Host":"{host}","policy":""}}"#
    );
    for (after, name, request) in
        [(0, "PutBucketPublicAccessBlock", &lifted), (44, "PutBucketPolicy", &opened)]
    {
        let call = Call { source: "s3", name, request, resources: &resources, ..Call::default() };
        stage.tell(&who, after, call);
    }
    stage.end(&who)
}

/// A copy of a disk for an account outside.
pub(super) fn shared_snapshot(mut stage: Stage<'_>) -> Incident {
    let who = back_door_user(&stage);
    let request = format!(
        r#"{{"snapshotId":"snap-0b7719e2c54d80a36","createVolumePermission":{{"add":{{"items":[{{"userId":"{OUTSIDE_ACCOUNT}"}}]}}}},"attributeType":"CREATE_VOLUME_PERMISSION"}}"#
    );
    let call = Call {
        source: "ec2",
        name: "ModifySnapshotAttribute",
        request: &request,
        response: r#"{"requestId":"0e3c9b52-7d84-4f1a-b6e5-c2f8417da903","_return":true}"#,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}

/// An administrator's second factor is switched off.
pub(super) fn mfa_off(mut stage: Stage<'_>) -> Incident {
    let who = Culprit { region: GLOBAL_REGION.to_string(), ..back_door_user(&stage) };
    let request = format!(
        r#"{{"userName":"tom.reyes","serialNumber":"arn:aws:iam::{}:mfa/tom.reyes"}}"#,
        who.account
    );
    let call =
        Call { source: "iam", name: "DeactivateMFADevice", request: &request, ..Call::default() };
    stage.tell(&who, 0, call);
    stage.end(&who)
}

/// A role that an outside account may take on.
pub(super) fn open_trust(mut stage: Stage<'_>) -> Incident {
    let who = Culprit {
        region: GLOBAL_REGION.to_string(),
        ..engineer(&stage, 2, "nadia.haddad@example.com")
    };
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OUTSIDE_ACCOUNT}:root"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let mut request = String::from(r#"{"roleName":"compliance-audit-task","policyDocument":"#);
    push_quoted(&mut request, &policy);
    request.push('}');
    let call = Call {
        source: "iam",
        name: "UpdateAssumeRolePolicy",
        request: &request,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}
