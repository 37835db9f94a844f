//! The table of raw CloudTrail fields.
//!
//! Paths as they stand in a record, points between keys. What begins with none of
//! them is reached as `record.…`.

use super::Field::{List, Open, Value};
use super::Plain::{Bool, IdentityType, Nominal as N, Str, Time};
use super::{Field, Plain};
use crate::typed::Nominal::{Account, Arn, ErrorCode, KeyId, Region, UserAgent, UserName};

const TEXT: Field = Value(Str);
const ACCOUNT: Field = Value(N(Account));
const ARN: Field = Value(N(Arn));

const fn nominal(nominal: crate::typed::Nominal) -> Field {
    Value(Plain::Nominal(nominal))
}

/// Every raw field with what it is, in the order of AWS's record contents.
pub const FIELDS: &[(&str, Field)] = &[
    ("eventTime", Value(Time)),
    ("eventVersion", TEXT),
    ("eventSource", TEXT),
    ("eventName", TEXT),
    ("awsRegion", nominal(Region)),
    ("sourceIPAddress", TEXT),
    ("userAgent", nominal(UserAgent)),
    ("errorCode", nominal(ErrorCode)),
    ("errorMessage", TEXT),
    ("requestParameters", Open),
    ("responseElements", Open),
    ("additionalEventData", Open),
    ("requestID", TEXT),
    ("eventID", TEXT),
    ("eventType", TEXT),
    ("apiVersion", TEXT),
    ("managementEvent", Value(Bool)),
    ("readOnly", Value(Bool)),
    ("resources", List),
    ("recipientAccountId", ACCOUNT),
    ("serviceEventDetails", Open),
    ("sharedEventID", TEXT),
    ("vpcEndpointId", TEXT),
    ("vpcEndpointAccountId", ACCOUNT),
    ("eventCategory", TEXT),
    ("sessionCredentialFromConsole", Value(Bool)),
    ("edgeDeviceDetails", Open),
    ("insightDetails", Open),
    ("eventContext", Open),
    ("addendum.reason", TEXT),
    ("addendum.updatedFields", TEXT),
    ("addendum.originalRequestID", TEXT),
    ("addendum.originalEventID", TEXT),
    ("addendum.originalUID", TEXT),
    ("tlsDetails.tlsVersion", TEXT),
    ("tlsDetails.cipherSuite", TEXT),
    ("tlsDetails.clientProvidedHostHeader", TEXT),
    ("tlsDetails.keyExchange", TEXT),
    ("userIdentity.type", Value(IdentityType)),
    ("userIdentity.principalId", TEXT),
    ("userIdentity.arn", ARN),
    ("userIdentity.accountId", ACCOUNT),
    ("userIdentity.accessKeyId", nominal(KeyId)),
    ("userIdentity.userName", nominal(UserName)),
    ("userIdentity.invokedBy", TEXT),
    ("userIdentity.invokedByDelegate", Open),
    ("userIdentity.identityProvider", TEXT),
    ("userIdentity.credentialId", TEXT),
    ("userIdentity.onBehalfOf.userId", TEXT),
    ("userIdentity.onBehalfOf.identityStoreArn", ARN),
    ("userIdentity.inScopeOf.sourceArn", ARN),
    ("userIdentity.inScopeOf.sourceAccount", ACCOUNT),
    ("userIdentity.inScopeOf.issuerType", TEXT),
    ("userIdentity.inScopeOf.credentialsIssuedTo", TEXT),
    ("userIdentity.sessionContext.sourceIdentity", TEXT),
    ("userIdentity.sessionContext.ec2RoleDelivery", TEXT),
    ("userIdentity.sessionContext.assumedRoot", Value(Bool)),
    ("userIdentity.sessionContext.attributes.creationDate", Value(Time)),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", Value(Bool)),
    ("userIdentity.sessionContext.attributes.sessionCredentialFromConsole", Value(Bool)),
    ("userIdentity.sessionContext.sessionIssuer.type", Value(IdentityType)),
    ("userIdentity.sessionContext.sessionIssuer.principalId", TEXT),
    ("userIdentity.sessionContext.sessionIssuer.arn", ARN),
    ("userIdentity.sessionContext.sessionIssuer.accountId", ACCOUNT),
    ("userIdentity.sessionContext.sessionIssuer.userName", nominal(UserName)),
    ("userIdentity.sessionContext.webIdFederationData.federatedProvider", TEXT),
    ("userIdentity.sessionContext.webIdFederationData.attributes", Open),
];
