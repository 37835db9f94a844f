//! Derived names: one function for each, over the whole record.
//!
//! An empty text is no value here: CloudTrail writes `""` for what it does not
//! know. The tables for targets, security groups and sharing are in their own
//! modules.

use super::json::Json;
use super::pattern::pattern;
use super::record::Record;
use super::value::Value;
use super::{net, security, sharing, target};

/// The value of a derived name for a record; nothing when there is no such name.
#[must_use]
pub fn value(record: &Record, name: &str) -> Option<Value> {
    let yes = |condition: bool| Value::Bool(condition);
    let text = Value::of_text;
    Some(match name {
        "time" => record.time.map_or(Value::Missing, Value::Time),
        "service" => text(service(record)),
        "api" => text(api(record)),
        "region" => text(region(record)),
        "account" => text(account(record)),
        "principal" => text(principal(record)),
        "session" => text(session(record)),
        "actor.id" => text(actor_id(record)),
        "actor.type" => text(record.filled(&["userIdentity", "type"])),
        "actor.account" => text(actor_account(record)),
        "cross_account" => yes(cross_account(record)),
        "user" => text(user(record)),
        "key" => text(record.filled(&["userIdentity", "accessKeyId"])),
        "ua" => text(user_agent(record)),
        "ok" => yes(ok(record)),
        "denied" => yes(denied(record)),
        "write" => yes(write(record)),
        "by_service" => yes(by_service(record)),
        "via_service" => yes(via_service(record)),
        "global_service" => yes(global_service(record)),
        "management" => yes(category(record) == Some("Management")),
        "data" => yes(category(record) == Some("Data")),
        "ip" => source(record)
            .and_then(|source| net::address(&source))
            .map_or(Value::Missing, Value::Ip),
        "console" => yes(console(record)),
        "mfa" => yes(mfa(record)),
        "targets" => Value::List(target::targets(record).into_iter().map(Value::Text).collect()),
        "target" => text(target::targets(record).into_iter().next()),
        "sg.rules" => Value::List(security::rules(record)),
        "shared_with" => {
            Value::List(sharing::shared_with(record).into_iter().map(Value::Text).collect())
        }
        _ => return None,
    })
}

/// Whether a pattern, written for the purpose, is found in a text.
pub(crate) fn found(wanted: &str, text: &str) -> bool {
    pattern(wanted).is_some_and(|wanted| wanted.is_match(text))
}

pub(crate) fn service(record: &Record) -> Option<String> {
    let source = record.filled(&["eventSource"])?;
    let short =
        source.strip_suffix(".amazonaws.com.cn").or_else(|| source.strip_suffix(".amazonaws.com"));
    Some(short.unwrap_or(&source).to_owned())
}

pub(crate) fn api(record: &Record) -> Option<String> {
    let name = record.filled(&["eventName"])?;
    let dated = pattern(
        r"^(?s:(.+?))(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:v\d+)?|(?:19|20)\d\d_(?:0[1-9]|1[0-2])_(?:0[1-9]|[12]\d|3[01]))$",
    )?;
    Some(dated.captures(&name).map_or(name.clone(), |parts| parts[1].to_owned()))
}

fn region(record: &Record) -> Option<String> {
    record.filled(&["awsRegion"])
}

fn account(record: &Record) -> Option<String> {
    record.filled(&["recipientAccountId"]).or_else(|| record.filled(&["userIdentity", "accountId"]))
}

fn arn(record: &Record) -> Option<String> {
    record.filled(&["userIdentity", "arn"])
}

fn issuer(record: &Record, field: &str) -> Option<String> {
    record.filled(&["userIdentity", "sessionContext", "sessionIssuer", field])
}

fn kind(record: &Record) -> Option<String> {
    record.filled(&["userIdentity", "type"])
}

fn source(record: &Record) -> Option<String> {
    record.filled(&["sourceIPAddress"])
}

fn invoked_by(record: &Record) -> Option<String> {
    record.filled(&["userIdentity", "invokedBy"])
}

/// The parts of `arn:P:sts::A:assumed-role/R/S`: partition, account, role, session.
fn assumed_role(arn: &str) -> Option<(String, String, String, String)> {
    let form = pattern(r"^arn:([^:]*):sts:[^:]*:([^:]*):assumed-role/([^/]+)/(.+)$")?;
    let parts = form.captures(arn)?;
    Some((parts[1].to_owned(), parts[2].to_owned(), parts[3].to_owned(), parts[4].to_owned()))
}

/// A principalId that begins with an AWS id: the id and what stands after its `:`.
fn aws_id(id: &str) -> Option<(String, String)> {
    let parts = pattern(r"^(A[A-Z]{2}A[A-Z0-9]+):(.*)$")?.captures(id)?;
    Some((parts[1].to_owned(), parts[2].to_owned()))
}

fn partition(record: &Record) -> &'static str {
    let region = region(record).unwrap_or_default();
    [
        ("us-gov-", "aws-us-gov"),
        ("cn-", "aws-cn"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ]
    .into_iter()
    .find(|(prefix, _)| region.starts_with(prefix))
    .map_or("aws", |(_, partition)| partition)
}

fn principal(record: &Record) -> Option<String> {
    if let Some(arn) = issuer(record, "arn") {
        return Some(arn);
    }
    if let Some(arn) = arn(record) {
        return Some(match assumed_role(&arn) {
            Some((partition, account, role, _)) => {
                format!("arn:{partition}:iam::{account}:role/{role}")
            }
            None => arn,
        });
    }
    let identity = |field| record.filled(&["userIdentity", field]);
    let made = match (kind(record).as_deref(), identity("accountId"), identity("userName")) {
        (Some("Root"), Some(account), _) => {
            Some(format!("arn:{}:iam::{account}:root", partition(record)))
        }
        (Some("IAMUser"), Some(account), Some(user)) => {
            Some(format!("arn:{}:iam::{account}:user/{user}", partition(record)))
        }
        _ => None,
    };
    made.or_else(|| {
        let user = record.filled(&["userIdentity", "onBehalfOf", "userId"])?;
        Some(format!("arn:aws:identitystore:::user/{user}"))
    })
    .or_else(|| invoked_by(record))
    .or_else(|| identity("principalId").map(|id| aws_id(&id).map_or(id, |(id, _)| id)))
    .or_else(|| identity("accountId"))
}

fn session(record: &Record) -> Option<String> {
    if let Some(arn) = arn(record) {
        if let Some((.., session)) = assumed_role(&arn) {
            return Some(session);
        }
        if let Some((_, name)) = arn.split_once(":federated-user/") {
            return Some(name.to_owned());
        }
    }
    let id = record.filled(&["userIdentity", "principalId"])?;
    aws_id(&id).map(|(_, session)| session).filter(|session| !session.is_empty())
}

fn actor_id(record: &Record) -> Option<String> {
    let principal = principal(record)?;
    let shared = principal.contains(":role/")
        && principal.rsplit('/').next().is_some_and(|role| role.starts_with("AWSReservedSSO_"));
    Some(match session(record) {
        Some(session) if shared => format!("{principal}/{session}"),
        _ => principal,
    })
}

fn actor_account(record: &Record) -> Option<String> {
    record.filled(&["userIdentity", "accountId"]).or_else(|| {
        let arn = arn(record)?;
        arn.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
    })
}

fn cross_account(record: &Record) -> bool {
    match (actor_account(record), record.filled(&["recipientAccountId"])) {
        (Some(actor), Some(owner)) => actor != owner,
        _ => false,
    }
}

pub(crate) fn user(record: &Record) -> Option<String> {
    if kind(record).as_deref() == Some("Root") {
        return Some("root".to_owned());
    }
    record
        .filled(&["userIdentity", "userName"])
        .or_else(|| issuer(record, "userName"))
        .or_else(|| {
            let arn = arn(record)?;
            match assumed_role(&arn) {
                Some((_, _, role, _)) => Some(role),
                None => arn
                    .rsplit_once('/')
                    .map(|(_, name)| name.to_owned())
                    .filter(|name| !name.is_empty()),
            }
        })
        .or_else(|| record.filled(&["additionalEventData", "UserName"]))
}

fn user_agent(record: &Record) -> Option<String> {
    let agent = record.filled(&["userAgent"])?;
    let bare = agent.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    Some(bare.unwrap_or(&agent).to_owned()).filter(|agent| !agent.is_empty())
}

fn ok(record: &Record) -> bool {
    let name = record.filled(&["eventName"]).unwrap_or_default();
    let failed = ["responseElements", "serviceEventDetails"].into_iter().any(|part| {
        [name.as_str(), "ConsoleLogin"]
            .into_iter()
            .any(|key| record.text(&[part, key]).as_deref() == Some("Failure"))
    });
    record.filled(&["errorCode"]).is_none() && record.filled(&["errorMessage"]).is_none() && !failed
}

fn denied(record: &Record) -> bool {
    let Some(code) = record.filled(&["errorCode"]) else { return false };
    let code =
        code.strip_prefix("Client.").or_else(|| code.strip_prefix("Server.")).unwrap_or(&code);
    let message = record.filled(&["errorMessage"]).unwrap_or_default();
    [
        "*AccessDenied*",
        "AccessTo*Denied",
        "Unauthorized*",
        "NotAuthorized*",
        "AuthorizationError*",
        "AuthFailure",
        "*Forbidden*",
        "InsufficientPrivileges*",
    ]
    .into_iter()
    .any(|pattern| super::glob::matches(pattern, code))
        || message.contains(" is not authorized to perform: ")
}

fn write(record: &Record) -> bool {
    if let Some(read_only) = record.flag(&["readOnly"]) {
        return !read_only;
    }
    let Some(api) = api(record) else { return false };
    let service = service(record).unwrap_or_default();
    let asks_for_rights = "^(GetSessionToken|GetFederationToken|GetSigninToken|GetCredentialsForIdentity|\
                           GetOpenIdToken|GetOpenIdTokenForDeveloperIdentity)$";
    if service == "signin" || found(asks_for_rights, &api) {
        return true;
    }
    let reads = "^(Get|List|Describe|Head|Lookup|Search|Query|Scan|Select|View|Read|Count|Is|Check|Preview|Calculate|\
                 Estimate|Simulate|Download|Detect|Validate|Discover|Infer|Analyze|Render|BatchGet|BatchDescribe|\
                 BatchDetect|BatchCheck|GenerateCredentialReport|GenerateServiceLastAccessedDetails|\
                 GenerateOrganizationsAccessReport)([A-Z0-9]|$)";
    let keys = "^(Decrypt$|Encrypt$|ReEncrypt|GenerateDataKey|GenerateMac$|GenerateRandom$|Sign$|Verify|\
                DeriveSharedSecret$)";
    let read = found(reads, &api)
        || (service == "sts" && api.starts_with("AssumeRole"))
        || (service == "kms" && found(keys, &api));
    !read
}

fn is_dns_name_of_service(source: Option<&str>) -> bool {
    source.is_some_and(|source| found(r"^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$", source))
}

fn by_service(record: &Record) -> bool {
    let nobody = kind(record).is_none() && arn(record).is_none();
    let service = invoked_by(record).is_some() || is_dns_name_of_service(source(record).as_deref());
    kind(record).as_deref() == Some("AWSService")
        || (nobody && service)
        || issuer(record, "arn").is_some_and(|arn| arn.contains(":role/aws-service-role/"))
}

fn via_service(record: &Record) -> bool {
    let invoked = invoked_by(record).is_some_and(|by| by != "signin.amazonaws.com");
    !by_service(record) && (invoked || is_dns_name_of_service(source(record).as_deref()))
}

const GLOBAL: &str = "iam organizations account cloudfront route53 route53domains support supportplans supportapp \
    health trustedadvisor artifact shield waf billing billingconsole billingconductor budgets ce cur bcm-data-exports \
    bcm-pricing-calculator bcm-recommended-actions cost-optimization-hub freetier invoicing payments tax \
    consolidatedbilling savingsplans aws-marketplace agreement-marketplace discovery-marketplace marketplacecatalog \
    ecr-public chime importexport iq notifications notifications-contacts globalaccelerator networkmanager \
    route53-recovery-control-config route53-recovery-readiness route53-recovery-cluster devicefarm signin";

fn global_service(record: &Record) -> bool {
    match service(record).as_deref() {
        Some("sts") => {
            if let Some(endpoint) =
                record.filled(&["additionalEventData", "RequestDetails", "endpointType"])
            {
                endpoint == "global"
            } else if let Some(host) = record.filled(&["tlsDetails", "clientProvidedHostHeader"]) {
                host == "sts.amazonaws.com"
            } else {
                region(record).as_deref() == Some("us-east-1")
            }
        }
        Some("wafv2") => {
            record.text(&["requestParameters", "scope"]).as_deref() == Some("CLOUDFRONT")
        }
        Some(service) => GLOBAL.split_whitespace().any(|name| name == service),
        None => false,
    }
}

fn category(record: &Record) -> Option<&'static str> {
    if let Some(category) = record.filled(&["eventCategory"]) {
        return ["Management", "Data"].into_iter().find(|name| *name == category);
    }
    if let Some(management) = record.flag(&["managementEvent"]) {
        return Some(if management { "Management" } else { "Data" });
    }
    let kind = record.filled(&["eventType"]).unwrap_or_default();
    let api = api(record)?;
    if kind == "AwsVpceEvent" || kind == "AwsCloudTrailInsight" {
        return None;
    }
    let object = "^(Get|Put|Delete|Head|Copy|Restore|Select|List|Upload|Create|Complete|Abort).*\
                  (Object|MultipartUpload|UploadPart|Part)";
    let data = match service(record).as_deref() {
        Some("s3") => found(object, &api) && !api.ends_with("ObjectLockConfiguration"),
        Some("lambda") => api == "Invoke",
        _ => false,
    };
    Some(if data { "Data" } else { "Management" })
}

fn console(record: &Record) -> bool {
    let kind = record.filled(&["eventType"]).unwrap_or_default();
    if record.flag(&["sessionCredentialFromConsole"]) == Some(true)
        || kind == "AwsConsoleSignIn"
        || kind == "AwsConsoleAction"
        || invoked_by(record).as_deref() == Some("signin.amazonaws.com")
    {
        return true;
    }
    let version = record.filled(&["eventVersion"]).unwrap_or_default();
    let numbers = version
        .split_once('.')
        .and_then(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)));
    let early = numbers.is_some_and(|version| version < (1, 8));
    let agent = user_agent(record).unwrap_or_default();
    early
        && found(
            r"^(signin\.amazonaws\.com$|console\.(.+\.)?amazonaws\.com$|S3Console/|EC2ConsoleFrontend)",
            &agent,
        )
}

fn mfa(record: &Record) -> bool {
    let used = record.json.at(&["additionalEventData", "MFAUsed"]).and_then(Json::as_text);
    record.flag(&["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"]) == Some(true)
        || used == Some("Yes")
}
