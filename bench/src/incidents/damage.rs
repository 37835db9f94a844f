//! Incidents that cost money, data, or sight.

use super::access::back_door_user;
use super::{Culprit, Incident, Stage, TOOL};
use crate::dice::{Dice, push_hex};
use crate::identity::{self, Proof, RoleSession, access_key};
use crate::record::{Call, Channel, Kind};

const DONE: &str = r#"{"requestId":"b1f64a08-3c5e-4d27-9a90-71ce8d2f5e46","_return":true}"#;

/// Miners in a region that nobody works in.
pub(super) fn unused_region(mut stage: Stage<'_>) -> Incident {
    let account = stage.account(1);
    let key = access_key("AKIA", &account, "ci-artifacts", 0);
    let who = Culprit {
        identity: identity::user(&account, "ci-artifacts", Proof::Key(&key), ""),
        arn: format!("arn:aws:iam::{account}:user/ci-artifacts"),
        region: "ap-southeast-3".to_string(),
        address: "192.0.2.131",
        agent: TOOL,
        channel: Channel::Client,
        account,
    };
    let look = Call {
        source: "ec2",
        name: "DescribeInstanceTypes",
        kind: Kind::Read,
        request: r#"{"DescribeInstanceTypesRequest":{"MaxResults":100}}"#,
        ..Call::default()
    };
    stage.tell(&who, 0, look);
    for (step, after) in [48, 55, 71].into_iter().enumerate() {
        let request = r#"{"instancesSet":{"items":[{"imageId":"ami-0f3b9d6a1c2e48570","minCount":8,"maxCount":8}]},"instanceType":"g5.12xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":true,"instanceInitiatedShutdownBehavior":"terminate"}"#;
        let response = started(&who.account, stage.dice, step);
        let call = Call {
            source: "ec2",
            name: "RunInstances",
            request,
            response: &response,
            ..Call::default()
        };
        stage.tell(&who, after, call);
    }
    stage.end(&who)
}

/// The answer to a call that started eight instances.
fn started(account: &str, dice: &mut Dice, step: usize) -> String {
    let mut out = format!(
        r#"{{"reservationId":"r-0{step}7c1e","ownerId":"{account}","groupSet":{{}},"instancesSet":{{"items":["#
    );
    for number in 0..8 {
        out.push_str(if number > 0 { r#",{"instanceId":"i-0"# } else { r#"{"instanceId":"i-0"# });
        push_hex(&mut out, dice.bits(), 16);
        out.push_str(r#"","imageId":"ami-0f3b9d6a1c2e48570","instanceState":{"code":0,"name":"pending"},"instanceType":"g5.12xlarge"}"#);
    }
    out.push_str("]}}");
    out
}

/// `StopLogging`, then `DeleteTrail`.
pub(super) fn blind_trail(mut stage: Stage<'_>) -> Incident {
    let who = back_door_user(&stage);
    let request = format!(
        r#"{{"name":"arn:aws:cloudtrail:{}:{}:trail/examplecorp-audit"}}"#,
        who.region, who.account
    );
    for (after, name) in [(0, "StopLogging"), (66, "DeleteTrail")] {
        let call = Call { source: "cloudtrail", name, request: &request, ..Call::default() };
        stage.tell(&who, after, call);
    }
    stage.end(&who)
}

/// `DeleteFlowLogs`.
pub(super) fn blind_flow_logs(mut stage: Stage<'_>) -> Incident {
    let who = back_door_user(&stage);
    let call = Call {
        source: "ec2",
        name: "DeleteFlowLogs",
        request: r#"{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-0a4c9e7716d2b5f83"}}}"#,
        response: r#"{"DeleteFlowLogsResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","unsuccessful":"","requestId":"6f0c3f4e-50b1-4f0e-8a0d-0d9b3c1d7e22"}}"#,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}

/// `DeleteDetector`.
pub(super) fn blind_detector(mut stage: Stage<'_>) -> Incident {
    let who = back_door_user(&stage);
    let call = Call {
        source: "guardduty",
        name: "DeleteDetector",
        request: r#"{"detectorId":"8ec1d5b2f07a4396bd21c06e94fa7350"}"#,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}

/// Twenty snapshots, twelve instances and eight volumes, gone in five minutes.
pub(super) fn mass_deletion(mut stage: Stage<'_>) -> Incident {
    let account = stage.account(1);
    let key = access_key("ASIA", &account, "ops-automation", 9_000_003);
    let session = RoleSession {
        account: &account,
        path: "/",
        role: "ops-automation",
        name: "cleanup",
        key: &key,
        created: stage.begin.plus(-75),
        via: "",
    };
    let who = Culprit {
        identity: session.json(),
        arn: session.arn(),
        region: stage.home.to_string(),
        address: "192.0.2.45",
        agent: TOOL,
        channel: Channel::Client,
        account: account.clone(),
    };
    for number in 0..40 {
        let mut id = String::new();
        push_hex(&mut id, stage.dice.bits(), 16);
        let (name, request) = match number % 10 {
            0..5 => ("DeleteSnapshot", format!(r#"{{"snapshotId":"snap-0{id}"}}"#)),
            5..8 => (
                "TerminateInstances",
                format!(r#"{{"instancesSet":{{"items":[{{"instanceId":"i-0{id}"}}]}}}}"#),
            ),
            _ => ("DeleteVolume", format!(r#"{{"volumeId":"vol-0{id}"}}"#)),
        };
        let call =
            Call { source: "ec2", name, request: &request, response: DONE, ..Call::default() };
        stage.tell(&who, number * 300 / 41, call);
    }
    stage.end(&who)
}

/// The key of the data gone in seven days.
pub(super) fn key_deletion(mut stage: Stage<'_>) -> Incident {
    let who = back_door_user(&stage);
    let arn = format!(
        "arn:aws:kms:{}:{}:key/4d1c8a26-90be-4f37-a5d2-61e07b3c9f84",
        who.region, who.account
    );
    let request = format!(r#"{{"keyId":"{arn}","pendingWindowInDays":7}}"#);
    let response = format!(
        r#"{{"keyId":"{arn}","deletionDate":"{}","keyState":"PendingDeletion","pendingWindowInDays":7}}"#,
        stage.begin.plus(7 * crate::clock::DAY).iso()
    );
    let resources =
        format!(r#"[{{"accountId":"{}","type":"AWS::KMS::Key","ARN":"{arn}"}}]"#, who.account);
    let call = Call {
        source: "kms",
        name: "ScheduleKeyDeletion",
        request: &request,
        response: &response,
        resources: &resources,
        ..Call::default()
    };
    stage.tell(&who, 0, call);
    stage.end(&who)
}
