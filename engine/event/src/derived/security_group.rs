//! Every shape of a change of a security group's rules: `sg.rules`.
//!
//! EC2 writes them in four shapes. Whatever the shape, there is one element for each
//! peer: a network (`cidr`), or a group or prefix list (`peer`). Keys that the call
//! does not give are left out.

use super::service::{api, service};
use crate::cidr::Cidr;
use crate::event::Event;
use crate::json::{Json, Kind};
use crate::layout::Base;
use crate::number::Number;
use crate::value::Value;
use bumpalo::Bump;
use bumpalo::collections::Vec;

/// What `sg.rules` reads.
pub(super) const INPUTS: &[Base] =
    &[Base::EventSource, Base::EventName, Base::RequestParameters, Base::ResponseElements];

/// The security-group rules that a call adds, changes or takes away.
pub(super) fn rules<'a>(event: &Event<'a>) -> Value<'a> {
    let mut rules = Rules { arena: event.arena(), found: Vec::new_in(event.arena()) };
    if service(event) == Some("ec2")
        && let Some(egress) = api(event).and_then(direction)
    {
        rules.read(event, egress);
    }
    Value::List(rules.found.into_bump_slice())
}

/// Whether a call's rules are of outgoing traffic, where its name says so; nothing for
/// a call that changes no rules.
fn direction(api: &str) -> Option<Option<bool>> {
    match api {
        "AuthorizeSecurityGroupIngress" | "RevokeSecurityGroupIngress" => Some(Some(false)),
        "AuthorizeSecurityGroupEgress" | "RevokeSecurityGroupEgress" => Some(Some(true)),
        "ModifySecurityGroupRules" => Some(None),
        _ => match api.strip_prefix("UpdateSecurityGroupRuleDescriptions")? {
            "Ingress" => Some(Some(false)),
            "Egress" => Some(Some(true)),
            _ => Some(None),
        },
    }
}

/// What the keys of a rule are called in one of the shapes.
struct Names {
    proto: &'static str,
    from: &'static str,
    to: &'static str,
}

const LOWER: Names = Names { proto: "ipProtocol", from: "fromPort", to: "toPort" };
const UPPER: Names = Names { proto: "IpProtocol", from: "FromPort", to: "ToPort" };

/// What the elements of one permission have in common.
#[derive(Clone, Copy)]
struct Traffic<'a> {
    proto: Option<&'a str>,
    from: Option<i64>,
    to: Option<i64>,
    egress: Option<bool>,
}

struct Rules<'a> {
    arena: &'a Bump,
    found: Vec<'a, Value<'a>>,
}

impl<'a> Rules<'a> {
    fn read(&mut self, event: &Event<'a>, egress: Option<bool>) {
        if let Some(request) = event.base(Base::RequestParameters) {
            self.permissions(request, egress);
            self.flat(request, egress);
            self.modified(request, egress);
        }
        if self.found.is_empty()
            && let Some(response) = event.base(Base::ResponseElements)
        {
            self.answered(response, egress);
        }
    }

    /// `ipPermissions.items[]`, with lists of peers.
    fn permissions(&mut self, request: Json<'a>, egress: Option<bool>) {
        for permission in each(request.at(&["ipPermissions", "items"])) {
            let traffic = self.traffic(permission, &LOWER, egress);
            for (list, key) in [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6")] {
                for network in each(permission.at(&[list, "items"])) {
                    self.network(network.get(key), traffic);
                }
            }
            for (list, key) in [("groups", "groupId"), ("prefixListIds", "prefixListId")] {
                for peer in each(permission.at(&[list, "items"])) {
                    self.peer(peer.get(key), traffic);
                }
            }
        }
    }

    /// The rule among the parameters themselves, as older clients send it.
    fn flat(&mut self, request: Json<'a>, egress: Option<bool>) {
        let traffic = self.traffic(request, &LOWER, egress);
        self.network(request.get("cidrIp"), traffic);
        self.peer(request.get("sourceSecurityGroupName"), traffic);
    }

    /// `ModifySecurityGroupRulesRequest.SecurityGroupRule`, one or a list.
    fn modified(&mut self, request: Json<'a>, egress: Option<bool>) {
        let changes = request.at(&["ModifySecurityGroupRulesRequest", "SecurityGroupRule"]);
        for rule in each(changes).filter_map(|change| change.get("SecurityGroupRule")) {
            let traffic = self.traffic(rule, &UPPER, egress);
            self.network(rule.get("CidrIpv4"), traffic);
            self.network(rule.get("CidrIpv6"), traffic);
            self.peer(rule.get("PrefixListId"), traffic);
            self.peer(rule.get("ReferencedGroupId"), traffic);
        }
    }

    /// `securityGroupRuleSet.items[]` of the response.
    fn answered(&mut self, response: Json<'a>, egress: Option<bool>) {
        for rule in each(response.at(&["securityGroupRuleSet", "items"])) {
            let outgoing = match rule.get("isEgress").map(Json::kind) {
                Some(Kind::Bool(outgoing)) => Some(outgoing),
                _ => egress,
            };
            let traffic = self.traffic(rule, &LOWER, outgoing);
            self.network(rule.get("cidrIpv4"), traffic);
            self.network(rule.get("cidrIpv6"), traffic);
            self.peer(rule.get("prefixListId"), traffic);
            self.peer(rule.at(&["referencedGroupInfo", "groupId"]), traffic);
        }
    }

    fn traffic(&self, rule: Json<'a>, names: &Names, egress: Option<bool>) -> Traffic<'a> {
        let proto = rule.get(names.proto).map(|proto| self.protocol(proto));
        let port = |key: &str| rule.get(key).and_then(|port| self.whole(port));
        let (from, to) = match proto {
            // All ports are meant, whatever the call says of them.
            Some(proto) if !has_ports(proto) => (Some(0), Some(65_535)),
            _ => (port(names.from), port(names.to)),
        };
        Traffic { proto, from, to, egress }
    }

    /// A protocol's name in lower case, `-1` for all of them.
    fn protocol(&self, proto: Json<'a>) -> &'a str {
        let text = match proto.text(self.arena) {
            Some(text) => text,
            None => match proto.number().and_then(Number::whole) {
                Some(number) => self.arena.alloc_str(&number.to_string()),
                None => proto.compact(self.arena),
            },
        };
        match text {
            "6" => "tcp",
            "17" => "udp",
            "1" => "icmp",
            "58" => "icmpv6",
            "tcp" | "udp" | "icmp" | "icmpv6" | "-1" => text,
            _ if text.eq_ignore_ascii_case("all") => "-1",
            _ => self.arena.alloc_str(&text.to_ascii_lowercase()),
        }
    }

    /// A whole number: `443`, `443.0` or `"443"`.
    fn whole(&self, port: Json<'a>) -> Option<i64> {
        let number = match port.text(self.arena) {
            Some(text) => Number::parse(text.as_bytes()),
            None => port.number(),
        };
        number.and_then(Number::whole)
    }

    fn network(&mut self, cidr: Option<Json<'a>>, traffic: Traffic<'a>) {
        let Some(text) = cidr.and_then(|cidr| cidr.text(self.arena)) else { return };
        match Cidr::parse_masked(text) {
            Ok(cidr) => self.push(Some(("cidr", Value::Cidr(cidr))), traffic),
            Err(_) => self.push(None, traffic),
        }
    }

    fn peer(&mut self, peer: Option<Json<'a>>, traffic: Traffic<'a>) {
        if let Some(text) = peer.and_then(|peer| peer.text(self.arena)) {
            self.push(Some(("peer", Value::Text(text))), traffic);
        }
    }

    fn push(&mut self, peer: Option<(&'static str, Value<'a>)>, traffic: Traffic<'a>) {
        let port = |port: i64| Value::Number(Number::Int(port));
        let fields = [
            peer,
            traffic.proto.map(|proto| ("proto", Value::Text(proto))),
            traffic.from.map(|from| ("from", port(from))),
            traffic.to.map(|to| ("to", port(to))),
            traffic.egress.map(|egress| ("egress", Value::Bool(egress))),
        ];
        let fields = Vec::from_iter_in(fields.into_iter().flatten(), self.arena);
        self.found.push(Value::Object(fields.into_bump_slice()));
    }
}

/// Whether the ports of a rule count.
///
/// Source: Amazon EC2 API reference, IpPermission, "IpProtocol".
fn has_ports(proto: &str) -> bool {
    matches!(proto, "tcp" | "udp" | "icmp" | "icmpv6")
}

/// The elements of a list; anything else is a list of one.
fn each(value: Option<Json<'_>>) -> impl Iterator<Item = Json<'_>> {
    value.into_iter().flat_map(Json::each)
}
