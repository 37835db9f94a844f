//! Whom a call lets in: `shared_with`.
//!
//! Account ids, ARNs and service names as the request gives them, and `*` for
//! everyone. It reads the request, so it is filled for failed attempts too.

use super::arn::{Arn, is_account_id};
use super::policy::{is_allow, policy, texts};
use super::service::{api, service};
use crate::event::Event;
use crate::json::Json;
use crate::layout::Base;
use crate::value::Value;
use bumpalo::Bump;
use bumpalo::collections::Vec;

/// What `shared_with` reads.
pub(super) const INPUTS: &[Base] = &[Base::EventSource, Base::EventName, Base::RequestParameters];

/// Whom the call lets in.
pub(super) fn shared_with<'a>(event: &Event<'a>) -> Value<'a> {
    let mut sharing = Sharing { arena: event.arena(), found: Vec::new_in(event.arena()) };
    if let (Some(service), Some(api)) = (service(event), api(event))
        && let Some(way) = way(service, api)
        && (way != Way::Acl || may_have_acl(event))
        && let Some(request) = event.base(Base::RequestParameters)
    {
        sharing.read(request, way);
    }
    Value::List(sharing.found.into_bump_slice())
}

/// How a call says whom it lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// `add.items[]` of an EC2 permission.
    Permission,
    /// A text or a list of texts, `all` for everyone.
    Names(&'static str),
    /// lambda's principal, narrowed by other parameters or not.
    Invoker,
    /// A policy at a path.
    Policy(&'static [&'static str]),
    /// The value of an attribute, if it is the policy.
    PolicyAttribute,
    /// An access control list of S3.
    Acl,
}

/// How a call says whom it lets in; nothing for one that lets nobody in.
fn way(service: &str, api: &str) -> Option<Way> {
    Some(match (service, api) {
        (
            "ec2",
            "ModifyImageAttribute" | "ModifySnapshotAttribute" | "ModifyFpgaImageAttribute",
        ) => Way::Permission,
        ("rds", "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute") => {
            Way::Names("valuesToAdd")
        }
        ("ssm", "ModifyDocumentPermission") => Way::Names("accountIdsToAdd"),
        ("lambda", "AddPermission" | "AddLayerVersionPermission") => Way::Invoker,
        ("kms", "CreateGrant") => Way::Names("granteePrincipal"),
        ("ram", "CreateResourceShare" | "AssociateResourceShare") => Way::Names("principals"),
        ("redshift", "AuthorizeSnapshotAccess") => Way::Names("accountWithRestoreAccess"),
        ("s3", "PutBucketPolicy") => Way::Policy(&["bucketPolicy"]),
        (
            "s3",
            "PutBucketAcl"
            | "PutObjectAcl"
            | "CreateBucket"
            | "PutObject"
            | "CopyObject"
            | "CreateMultipartUpload",
        ) => Way::Acl,
        ("kms", "PutKeyPolicy" | "CreateKey") => Way::Policy(&["policy"]),
        ("iam", "UpdateAssumeRolePolicy") => Way::Policy(&["policyDocument"]),
        ("iam", "CreateRole") => Way::Policy(&["assumeRolePolicyDocument"]),
        ("ecr", "SetRepositoryPolicy") => Way::Policy(&["policyText"]),
        ("secretsmanager", "PutResourcePolicy") => Way::Policy(&["resourcePolicy"]),
        ("glue", "PutResourcePolicy") => Way::Policy(&["policyInJson"]),
        ("sqs", "SetQueueAttributes" | "CreateQueue") | ("sns", "CreateTopic") => {
            Way::Policy(&["attributes", "Policy"])
        }
        ("sns", "SetTopicAttributes") => Way::PolicyAttribute,
        ("es", _) => Way::Policy(&["accessPolicies"]),
        ("glacier", "SetVaultAccessPolicy") => Way::Policy(&["policy", "policy"]),
        _ => return None,
    })
}

struct Sharing<'a> {
    arena: &'a Bump,
    found: Vec<'a, Value<'a>>,
}

impl<'a> Sharing<'a> {
    fn read(&mut self, request: Json<'a>, way: Way) {
        match way {
            Way::Permission => self.permission(request),
            Way::Names(key) => self.names(request.get(key)),
            Way::Invoker => self.invoker(request),
            Way::Policy(path) => self.policy(request.at(path)),
            Way::PolicyAttribute => {
                if request.get("attributeName").is_some_and(|name| name.is_text("Policy")) {
                    self.policy(request.get("attributeValue"));
                }
            }
            Way::Acl => {
                if is_public_acl(request, self.arena) {
                    self.push("*");
                }
            }
        }
    }

    fn permission(&mut self, request: Json<'a>) {
        for key in ["launchPermission", "createVolumePermission", "loadPermission"] {
            for item in each(request.at(&[key, "add", "items"])) {
                for key in ["userId", "organizationArn", "organizationalUnitArn"] {
                    if let Some(name) = item.get(key).and_then(|name| name.text(self.arena)) {
                        self.push(name);
                    }
                }
                if item.get("group").is_some_and(|group| group.is_text("all")) {
                    self.push("*");
                }
            }
        }
    }

    fn names(&mut self, names: Option<Json<'a>>) {
        for name in each(names).filter_map(|name| name.text(self.arena)) {
            self.push(if name.eq_ignore_ascii_case("all") { "*" } else { name });
        }
    }

    fn invoker(&mut self, request: Json<'a>) {
        let narrowed = ["sourceArn", "sourceAccount", "principalOrgID", "organizationId"]
            .iter()
            .filter_map(|key| request.get(key)?.text(self.arena))
            .any(|limit| !matches!(limit, "" | "*"));
        if let Some(name) = request.get("principal").and_then(|name| name.text(self.arena))
            && (name != "*" || !narrowed)
        {
            self.push(name);
        }
    }

    /// Everyone where a statement is public, and the other principals of each Allow.
    fn policy(&mut self, document: Option<Json<'a>>) {
        let Value::List(statements) = policy(document.into(), self.arena) else { return };
        for statement in statements.iter().filter(|statement| is_allow(statement.get("effect"))) {
            if matches!(statement.get("public"), Value::Bool(true)) {
                self.push("*");
            }
            for principal in texts(statement.get("principals")).filter(|name| *name != "*") {
                self.push(root_account(principal).unwrap_or(principal));
            }
        }
    }

    fn push(&mut self, name: &'a str) {
        if !name.is_empty() {
            self.found.push(Value::Text(name));
        }
    }
}

/// The account whose root a principal is.
fn root_account(principal: &str) -> Option<&str> {
    let arn = Arn::parse(principal)?;
    let is_root = arn.service == "iam" && arn.resource == "root" && is_account_id(arn.account);
    is_root.then_some(arn.account)
}

/// Whether an S3 request's access control list lets in everyone, or all of AWS's
/// customers: a canned one, a grant in the body or a grant in a header.
fn is_public_acl<'a>(request: Json<'a>, arena: &'a Bump) -> bool {
    let canned = each(request.get("x-amz-acl")).any(|acl| {
        ["public-read", "public-read-write", "authenticated-read"]
            .iter()
            .any(|public| acl.is_text(public))
    });
    canned
        || each(request.at(&["AccessControlPolicy", "AccessControlList", "Grant"]))
            .filter_map(|grant| grant.at(&["Grantee", "URI"])?.text(arena))
            .any(is_everyone)
        || request
            .entries()
            .filter(|(key, _)| key.to_ascii_lowercase().starts_with(b"x-amz-grant-"))
            .flat_map(|(_, value)| each(Some(value)))
            .filter_map(|value| value.text(arena))
            .any(|grantees| {
                grantees.split(',').any(|one| is_everyone(one.trim_matches([' ', '"'])))
            })
}

/// Whether any key of the request may say something of access.
fn may_have_acl(event: &Event<'_>) -> bool {
    let mut may = false;
    if let Some(request) = event.request() {
        event.each_pair(request, |record, pair| {
            may |= pair.key_escapes || may_be_of_acl(&record[pair.key.clone()]);
        });
    }
    may
}

/// Whether a key without escapes may say something of access.
fn may_be_of_acl(key: &[u8]) -> bool {
    let begins =
        |with: &[u8]| key.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    match key.first() {
        Some(b'x' | b'X') => begins(b"x-amz-acl") || begins(b"x-amz-grant-"),
        Some(b'a' | b'A') => begins(b"AccessC"),
        _ => false,
    }
}

/// Whether the URI of a group of grantees names everyone, or all of AWS's customers.
fn is_everyone(uri: &str) -> bool {
    uri.ends_with("/AllUsers") || uri.ends_with("/AuthenticatedUsers")
}

/// The elements of a list; anything else is a list of one.
fn each(value: Option<Json<'_>>) -> impl Iterator<Item = Json<'_>> {
    value.into_iter().flat_map(Json::each)
}
