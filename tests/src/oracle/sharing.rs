//! `shared_with`: whom a call lets in.

use super::derived;
use super::json::Json;
use super::record::Record;
use super::security;
use super::target::texts;
use super::value::Value;

/// Account ids, ARNs, service names, and `*` for everyone.
pub(crate) fn shared_with(record: &Record) -> Vec<String> {
    let service = derived::service(record).unwrap_or_default();
    let api = derived::api(record).unwrap_or_default();
    let null = Json::Null;
    let request = record.json.get("requestParameters").unwrap_or(&null);
    let all = |texts: Vec<String>| {
        texts
            .into_iter()
            .map(|text| if text == "all" { "*".to_owned() } else { text })
            .collect::<Vec<_>>()
    };
    match (service.as_str(), api.as_str()) {
        (
            "ec2",
            "ModifyImageAttribute" | "ModifySnapshotAttribute" | "ModifyFpgaImageAttribute",
        ) => ["launchPermission", "createVolumePermission", "loadPermission"]
            .iter()
            .flat_map(|list| request.at(&[list, "add", "items"]).map_or(&[][..], Json::elements))
            .flat_map(added)
            .collect(),
        ("rds", "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute") => {
            all(texts(request, "valuesToAdd[]"))
        }
        ("ssm", "ModifyDocumentPermission") => all(texts(request, "accountIdsToAdd[]")),
        ("lambda", "AddPermission" | "AddLayerVersionPermission") => {
            let narrowed = ["sourceArn", "sourceAccount", "principalOrgID", "organizationId"]
                .iter()
                .any(|key| request.get(key).is_some());
            texts(request, "principal")
                .into_iter()
                .filter(|principal| principal != "*" || !narrowed)
                .collect()
        }
        ("kms", "CreateGrant") => texts(request, "granteePrincipal"),
        ("ram", "CreateResourceShare" | "AssociateResourceShare") => texts(request, "principals[]"),
        ("redshift", "AuthorizeSnapshotAccess") => texts(request, "accountWithRestoreAccess"),
        (
            "s3",
            "PutBucketAcl"
            | "PutObjectAcl"
            | "CreateBucket"
            | "PutObject"
            | "CopyObject"
            | "CreateMultipartUpload",
        ) => {
            if opens_acl(request) {
                vec!["*".to_owned()]
            } else {
                Vec::new()
            }
        }
        _ => policy_of(&service, &api)
            .iter()
            .filter_map(|path| request.at(&path.split('.').collect::<Vec<_>>()))
            .flat_map(|policy| let_in(&Value::Json(policy.clone())))
            .collect(),
    }
}

fn added(item: &Json) -> Vec<String> {
    let mut found: Vec<String> = ["userId", "organizationArn", "organizationalUnitArn"]
        .iter()
        .flat_map(|key| texts(item, key))
        .collect();
    if item.get("group").and_then(Json::as_text) == Some("all") {
        found.push("*".to_owned());
    }
    found
}

/// Where a call carries the policy it sets.
fn policy_of(service: &str, api: &str) -> &'static [&'static str] {
    match (service, api) {
        ("s3", "PutBucketPolicy") => &["bucketPolicy"],
        ("kms", "PutKeyPolicy" | "CreateKey") => &["policy"],
        ("iam", "UpdateAssumeRolePolicy") => &["policyDocument"],
        ("iam", "CreateRole") => &["assumeRolePolicyDocument"],
        ("ecr", "SetRepositoryPolicy") => &["policyText"],
        ("secretsmanager", "PutResourcePolicy") => &["resourcePolicy"],
        ("glue", "PutResourcePolicy") => &["policyInJson"],
        ("sqs", "SetQueueAttributes" | "CreateQueue") | ("sns", "CreateTopic") => {
            &["attributes.Policy"]
        }
        ("sns", "SetTopicAttributes") => &["attributeValue"],
        ("es", _) => &["accessPolicies"],
        ("glacier", "SetVaultAccessPolicy") => &["policy.policy"],
        _ => &[],
    }
}

fn let_in(policy: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for statement in security::policy(policy) {
        if statement.member("effect").text() != Some("Allow") {
            continue;
        }
        if statement.member("public").holds() {
            found.push("*".to_owned());
        }
        for principal in statement.member("principals").elements().unwrap_or_default() {
            let Some(principal) = principal.text().filter(|principal| *principal != "*") else {
                continue;
            };
            let account = principal.strip_suffix(":root").and_then(|arn| arn.split(':').nth(4));
            found.push(account.unwrap_or(principal).to_owned());
        }
    }
    found
}

fn opens_acl(request: &Json) -> bool {
    let canned = request.get("x-amz-acl").map(|acl| Value::Json(acl.clone()).scalar());
    let word = canned.as_ref().and_then(Value::text);
    word.is_some_and(|word| {
        ["public-read", "public-read-write", "authenticated-read"].contains(&word)
    }) || grantee_is_everyone(request)
}

fn grantee_is_everyone(json: &Json) -> bool {
    match json {
        Json::Text(text) => {
            let text = text.trim_end_matches('"');
            text.ends_with("/AllUsers") || text.ends_with("/AuthenticatedUsers")
        }
        Json::List(list) => list.iter().any(grantee_is_everyone),
        Json::Object(pairs) => pairs.iter().any(|(_, value)| grantee_is_everyone(value)),
        _ => false,
    }
}
