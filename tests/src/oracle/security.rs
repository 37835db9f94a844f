//! Security-group rules, and policies: statements, what they grant, whom they let in.

use super::json::Json;
use super::net::Net;
use super::number::Number;
use super::record::Record;
use super::value::Value;
use super::{derived, glob};

/// `sg.rules`: one record for each peer of a security-group rule change.
pub(crate) fn rules(record: &Record) -> Vec<Value> {
    let api = derived::api(record).unwrap_or_default();
    let changes = "^(Authorize|Revoke)SecurityGroup(Ingress|Egress)$|^ModifySecurityGroupRules$|\
                   ^UpdateSecurityGroupRuleDescriptions";
    if derived::service(record).as_deref() != Some("ec2") || !derived::found(changes, &api) {
        return Vec::new();
    }
    let egress = if api.contains("Egress") {
        Value::Bool(true)
    } else if api.contains("Ingress") {
        Value::Bool(false)
    } else {
        Value::Missing
    };
    let null = Json::Null;
    let request = record.json.get("requestParameters").unwrap_or(&null);
    let mut found = Vec::new();
    for permission in request.at(&["ipPermissions", "items"]).map_or(&[][..], Json::elements) {
        for (list, field, is_net) in [
            ("ipRanges", "cidrIp", true),
            ("ipv6Ranges", "cidrIpv6", true),
            ("groups", "groupId", false),
            ("prefixListIds", "prefixListId", false),
        ] {
            for peer in permission.at(&[list, "items"]).map_or(&[][..], Json::elements) {
                found.extend(rule(permission, peer.get(field), is_net, &egress));
            }
        }
    }
    found.extend(rule(request, request.get("cidrIp"), true, &egress));
    found.extend(rule(request, request.get("sourceSecurityGroupName"), false, &egress));
    if let Some(changed) = request.at(&["ModifySecurityGroupRulesRequest", "SecurityGroupRule"]) {
        let list =
            if let Json::List(list) = changed { &list[..] } else { std::slice::from_ref(changed) };
        for entry in list {
            found.extend(peers(entry.get("SecurityGroupRule").unwrap_or(&null), MODIFIED, &egress));
        }
    }
    if found.is_empty() {
        for entry in record
            .json
            .at(&["responseElements", "securityGroupRuleSet", "items"])
            .map_or(&[][..], Json::elements)
        {
            let direction = match entry.get("isEgress") {
                Some(Json::Bool(value)) => Value::Bool(*value),
                Some(Json::Text(text)) if text == "true" || text == "false" => {
                    Value::Bool(text == "true")
                }
                _ => egress.clone(),
            };
            found.extend(peers(entry, ANSWERED, &direction));
        }
    }
    found
}

/// The fields that name a peer, and whether it is a network.
type Peers = [(&'static str, bool); 4];

const MODIFIED: Peers =
    [("CidrIpv4", true), ("CidrIpv6", true), ("ReferencedGroupId", false), ("PrefixListId", false)];
const ANSWERED: Peers =
    [("cidrIpv4", true), ("cidrIpv6", true), ("referencedGroupId", false), ("prefixListId", false)];

fn peers(entry: &Json, fields: Peers, egress: &Value) -> Vec<Value> {
    fields
        .iter()
        .filter_map(|(field, is_net)| rule(entry, entry.get(field), *is_net, egress))
        .collect()
}

/// One rule: protocol and ports from `entry`, for one peer.
fn rule(entry: &Json, peer: Option<&Json>, is_net: bool, egress: &Value) -> Option<Value> {
    let peer = peer?.as_text().filter(|peer| !peer.is_empty())?;
    let either = |lower: &str, upper: &str| entry.get(lower).or_else(|| entry.get(upper)).cloned();
    let protocol = match either("ipProtocol", "IpProtocol") {
        Some(Json::Text(text)) => Some(text.to_lowercase()),
        Some(Json::Number(digits)) => Some(digits),
        _ => None,
    }
    .map(|protocol| match protocol.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        _ => protocol,
    });
    let with_ports =
        protocol.as_deref().is_none_or(|name| ["tcp", "udp", "icmp", "icmpv6"].contains(&name));
    let port = |lower: &str, upper: &str, all: i64| {
        if with_ports {
            whole(either(lower, upper).as_ref())
        } else {
            Value::Number(Number::Whole(all))
        }
    };
    let (cidr, group) = if is_net {
        (Net::read(peer).map_or(Value::Missing, Value::Net), Value::Missing)
    } else {
        (Value::Missing, Value::Text(peer.to_owned()))
    };
    Some(Value::Record(vec![
        ("cidr", cidr),
        ("peer", group),
        ("proto", Value::of_text(protocol.clone())),
        ("from", port("fromPort", "FromPort", 0)),
        ("to", port("toPort", "ToPort", 65_535)),
        ("egress", egress.clone()),
    ]))
}

/// A whole number from a number, `443.0` or `"443"`.
fn whole(json: Option<&Json>) -> Value {
    let digits = match json {
        Some(Json::Number(digits) | Json::Text(digits)) => digits,
        _ => return Value::Missing,
    };
    match Number::read(digits) {
        Some(number @ Number::Whole(_)) => Value::Number(number),
        _ => Value::Missing,
    }
}

/// The JSON inside a text, URL-encoded or not.
pub(crate) fn json_inside(text: &str) -> Option<Json> {
    Json::parse(text).or_else(|| Json::parse(&decoded(text)))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `policy(x)`: the statements of a policy, given as an object or as text.
#[must_use]
pub fn policy(value: &Value) -> Vec<Value> {
    let json = match value {
        Value::Json(json @ Json::Object(_)) => Some(json.clone()),
        other => other.text().and_then(json_inside),
    };
    let Some(json) = json else { return Vec::new() };
    match any_case(&json, "statement") {
        Some(Json::List(list)) => list.iter().filter_map(statement).collect(),
        Some(one) => statement(one).into_iter().collect(),
        None => Vec::new(),
    }
}

fn any_case<'a>(json: &'a Json, wanted: &str) -> Option<&'a Json> {
    let Json::Object(pairs) = json else { return None };
    pairs
        .iter()
        .find(|(key, value)| key.to_lowercase() == wanted && *value != Json::Null)
        .map(|(_, value)| value)
}

fn statement(json: &Json) -> Option<Value> {
    if !matches!(json, Json::Object(_)) {
        return None;
    }
    let texts = |key: &str| any_case(json, key).map(all_texts).unwrap_or_default();
    let list = |texts: Vec<String>| Value::List(texts.into_iter().map(Value::Text).collect());
    let actions = |key: &str| {
        Value::List(
            texts(key).into_iter().map(|action| Value::Action(action.to_lowercase())).collect(),
        )
    };
    let effect = any_case(json, "effect").and_then(Json::as_text).map(str::to_owned);
    let principals = texts("principal");
    let not_principals = texts("notprincipal");
    let accounts = principals.iter().filter_map(|principal| account_of(principal)).collect();
    let open = principals.iter().any(|principal| principal == "*") || !not_principals.is_empty();
    let conditions = conditions(json);
    let public = effect.as_deref() == Some("Allow")
        && open
        && !conditions.iter().any(|(_, _, restricts)| *restricts);
    let mut keys: Vec<String> = conditions.into_iter().map(|(_, key, _)| key).collect();
    keys.sort();
    keys.dedup();
    Some(Value::Record(vec![
        ("effect", Value::of_text(effect)),
        ("actions", actions("action")),
        ("not_actions", actions("notaction")),
        ("resources", list(texts("resource"))),
        ("not_resources", list(texts("notresource"))),
        ("principals", list(principals)),
        ("not_principals", list(not_principals)),
        ("accounts", list(accounts)),
        ("conditions", list(keys)),
        ("public", Value::Bool(public)),
    ]))
}

/// All texts of a value: itself, of a list, or of the values of an object.
fn all_texts(json: &Json) -> Vec<String> {
    match json {
        Json::Text(text) => vec![text.clone()],
        Json::List(list) => list.iter().flat_map(all_texts).collect(),
        Json::Object(pairs) => pairs.iter().flat_map(|(_, value)| all_texts(value)).collect(),
        Json::Number(digits) => vec![digits.clone()],
        _ => Vec::new(),
    }
}

/// The account a principal names: twelve digits, or those of an IAM or STS ARN.
fn account_of(principal: &str) -> Option<String> {
    let form = super::pattern::pattern(r"^(\d{12})$|^arn:[^:]*:(?:iam|sts):[^:]*:(\d{12}):")?;
    let parts = form.captures(principal)?;
    parts.get(1).or_else(|| parts.get(2)).map(|part| part.as_str().to_owned())
}

/// Of each condition: its operator, its key in lower case, and whether it restricts who may come in.
fn conditions(statement: &Json) -> Vec<(String, String, bool)> {
    let Some(Json::Object(operators)) = any_case(statement, "condition") else { return Vec::new() };
    let mut found = Vec::new();
    for (operator, pairs) in operators {
        let Json::Object(pairs) = pairs else { continue };
        for (key, value) in pairs {
            let lower = operator.to_lowercase();
            let positive =
                !lower.contains("not") && lower != "null" && !lower.ends_with("ifexists");
            let wide = all_texts(value)
                .iter()
                .any(|text| ["*", "0.0.0.0/0", "::/0"].contains(&text.as_str()));
            let key = key.to_lowercase();
            found.push((lower, key.clone(), positive && !wide && names_the_caller(&key)));
        }
    }
    found
}

fn names_the_caller(key: &str) -> bool {
    let aws = "sourceip sourcearn sourcevpc sourcevpce sourceowner sourceaccount sourceorgid sourceorgpaths \
               vpcsourceip vpceaccount vpceorgid vpceorgpaths principalorgid principalorgpaths principalaccount \
               principalarn principalisawsservice userid";
    match key.split_once(':') {
        Some(("aws", name)) => {
            name.starts_with("principaltag/") || aws.split_whitespace().any(|known| known == name)
        }
        Some(("s3", name)) => name == "dataaccesspointarn" || name == "dataaccesspointaccount",
        Some(("kms", name)) => name == "calleraccount",
        _ => false,
    }
}

/// `grants(s, action)`: Allow, and an action pattern matches, or there is NotAction and none of it does.
pub(crate) fn grants(statement: &Value, action: &str) -> bool {
    let action = action.to_lowercase();
    let patterns = |key: &str| -> Vec<String> {
        let elements = statement.member(key).elements().unwrap_or_default();
        elements.iter().filter_map(|value| value.text().map(str::to_owned)).collect()
    };
    let not_actions = patterns("not_actions");
    let matched = |list: &[String]| list.iter().any(|pattern| glob::matches(pattern, &action));
    statement.member("effect").text() == Some("Allow")
        && (matched(&patterns("actions")) || (!not_actions.is_empty() && !matched(&not_actions)))
}
