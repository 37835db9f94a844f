//! Which call it is: `service`, `api`, and whether its service is a global one.
//!
//! A global service records its events in one region, wherever the caller was, so
//! the region of such an event says nothing.

use super::{given, says};
use crate::event::Event;
use crate::layout::Base;

/// What `global_service` reads.
pub(super) const GLOBAL_INPUTS: &[Base] =
    &[Base::EventSource, Base::AwsRegion, Base::EndpointType, Base::HostHeader, Base::RequestScope];

/// Services that are global whatever the call, in byte order.
///
/// Source: botocore endpoint rules and `endpoints.json`; AWS Fault Isolation
/// Boundaries, appendix A; the region-deny examples of AWS Organizations, Control
/// Tower and the IAM user guide.
const GLOBAL: &[&str] = &[
    "account",
    "agreement-marketplace",
    "artifact",
    "aws-marketplace",
    "bcm-data-exports",
    "bcm-pricing-calculator",
    "bcm-recommended-actions",
    "billing",
    "billingconductor",
    "billingconsole",
    "budgets",
    "ce",
    "chime",
    "cloudfront",
    "consolidatedbilling",
    "cost-optimization-hub",
    "cur",
    "devicefarm",
    "discovery-marketplace",
    "ecr-public",
    "freetier",
    "globalaccelerator",
    "health",
    "iam",
    "importexport",
    "invoicing",
    "iq",
    "marketplacecatalog",
    "networkmanager",
    "notifications",
    "notifications-contacts",
    "organizations",
    "payments",
    "route53",
    "route53-recovery-cluster",
    "route53-recovery-control-config",
    "route53-recovery-readiness",
    "route53domains",
    "savingsplans",
    "shield",
    "signin",
    "support",
    "supportapp",
    "supportplans",
    "tax",
    "trustedadvisor",
    "waf",
];

/// Whether every call of a service is recorded in one region, wherever the caller was.
///
/// `service` is as the derived name gives it. False for sts and wafv2, where it
/// depends on the call.
#[must_use]
pub fn is_global_service(service: &str) -> bool {
    GLOBAL.binary_search(&service).is_ok()
}

/// The service: eventSource without its DNS suffix.
pub(super) fn service<'a>(event: &Event<'a>) -> Option<&'a str> {
    let source = event.text(Base::EventSource)?;
    Some(match without_dns_suffix(source) {
        Some(service) if !service.is_empty() => service,
        _ => source,
    })
}

/// A name without `.amazonaws.com` or `.amazonaws.com.cn`, if it ends in one of them.
pub(super) fn without_dns_suffix(name: &str) -> Option<&str> {
    name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"))
}

/// The API: eventName without a trailing API date.
pub(super) fn api<'a>(event: &Event<'a>) -> Option<&'a str> {
    event.text(Base::EventName).map(undated)
}

/// Whether the event is recorded in one region, wherever the caller was.
pub(super) fn global_service(event: &Event<'_>) -> bool {
    match service(event) {
        Some("sts") => global_endpoint(event),
        Some("wafv2") => says(event, Base::RequestScope, "CLOUDFRONT"),
        Some(service) => is_global_service(service),
        None => false,
    }
}

/// Whether an sts call went to the global endpoint.
///
/// Source: AWS Security Blog on the global endpoint of STS, 2025; IAM user guide,
/// "STS Regions and endpoints".
fn global_endpoint(event: &Event<'_>) -> bool {
    if let Some(endpoint) = given(event, Base::EndpointType) {
        return endpoint == "global";
    }
    match given(event, Base::HostHeader) {
        Some(host) => host == "sts.amazonaws.com",
        None => says(event, Base::AwsRegion, "us-east-1"),
    }
}

/// A name without the API date it ends in: `20150331`, `20150331v2`, `2020_05_31`.
fn undated(name: &str) -> &str {
    let bytes = name.as_bytes();
    if !bytes.last().is_some_and(u8::is_ascii_digit) {
        return name;
    }
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let version = bytes.len() - digits;
    let date_ends = if bytes[..version].ends_with(b"v") { version - 1 } else { bytes.len() };
    [(date_ends, false), (bytes.len(), false), (bytes.len(), true)]
        .into_iter()
        .find_map(|(end, spaced)| date_before(&bytes[..end], spaced))
        .map_or(name, |start| &name[..start])
}

/// Where the date begins that the bytes end in, if there is one and something before it.
fn date_before(bytes: &[u8], spaced: bool) -> Option<usize> {
    let start = bytes.len().checked_sub(if spaced { 10 } else { 8 })?;
    let date = &bytes[start..];
    let (year, month, day) = match date {
        [year @ .., b'_', m1, m2, b'_', d1, d2] if spaced => (year, [*m1, *m2], [*d1, *d2]),
        [year @ .., m1, m2, d1, d2] if !spaced => (year, [*m1, *m2], [*d1, *d2]),
        _ => return None,
    };
    let is_date = year.iter().all(u8::is_ascii_digit)
        && (year.starts_with(b"19") || year.starts_with(b"20"))
        && (*b"01"..=*b"12").contains(&month)
        && (*b"01"..=*b"31").contains(&day)
        && [month[1], day[1]].iter().all(u8::is_ascii_digit);
    (is_date && start > 0).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_dates_are_cut_and_nothing_else() {
        for (name, expected) in [
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("UpdateFunctionCode20150331v12", "UpdateFunctionCode"),
            ("ListFunctions20150331", "ListFunctions"),
            ("ListFunctions19991231", "ListFunctions"),
            ("CreateDistribution2020_05_31", "CreateDistribution"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("CreateClusterV2", "CreateClusterV2"),
            ("RestoreDBInstanceFromS3", "RestoreDBInstanceFromS3"),
            ("ValidateE911Address", "ValidateE911Address"),
            ("Import99999999", "Import99999999"),
            ("Import20151331", "Import20151331"),
            ("Import20151232", "Import20151232"),
            ("Import20150031", "Import20150031"),
            ("Import20150100", "Import20150100"),
            ("Import21150101", "Import21150101"),
            ("Import2020_13_31", "Import2020_13_31"),
            ("Import2020_05_31v2", "Import2020_05_31v2"),
            ("Import2020_0531", "Import2020_0531"),
            ("Import20150331v", "Import20150331v"),
            ("Import20150331V2", "Import20150331V2"),
            ("Import201503312", "Import201503312"),
            ("X120150331", "X1"),
            ("20150331", "20150331"),
            ("2020_05_31", "2020_05_31"),
            ("é20150331", "é"),
            ("2015é331", "2015é331"),
            ("v2", "v2"),
            ("7", "7"),
            ("", ""),
        ] {
            assert_eq!(undated(name), expected, "{name}");
        }
    }

    #[test]
    fn the_table_of_global_services_is_in_order() {
        assert!(GLOBAL.is_sorted());
        assert!(GLOBAL.iter().all(|service| is_global_service(service)));
        for regional in ["sts", "wafv2", "s3", "kms", "sso", "chatbot", "waf-regional", ""] {
            assert!(!is_global_service(regional), "{regional}");
        }
    }
}
