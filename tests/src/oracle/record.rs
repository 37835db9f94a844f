//! A CloudTrail record, and its fields as their declared types read them.
//!
//! A typed text field reads any other JSON type as its compact text; a Bool
//! field reads `"true"` and `"false"` in any case. What cannot be read is missing.

use super::json::Json;
use super::time;
use super::value::Value;
use sha2::{Digest, Sha256};

/// The first 32 hex digits of the SHA-256 of a text.
pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A record that is CloudTrail's.
#[derive(Clone, Debug)]
pub struct Record {
    /// The whole record.
    pub json: Json,
    /// Its eventID, else the hash of its content.
    pub id: String,
    /// Its time, where that can be read.
    pub time: Option<i64>,
}

/// How a raw field is read.
enum Read {
    Text,
    Bool,
    Time,
    Open,
}

const TELLING: [&str; 7] = [
    "eventVersion",
    "eventTime",
    "eventSource",
    "eventName",
    "eventID",
    "awsRegion",
    "userIdentity",
];

impl Record {
    /// The record of a text; nothing when it is malformed or not CloudTrail's.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let json = Json::parse(text)?;
        let Json::Object(pairs) = &json else { return None };
        let telling = pairs.iter().filter(|(key, _)| TELLING.contains(&key.as_str())).count();
        let notification = json
            .get("eventSource")
            .and_then(Json::as_text)
            .is_some_and(|source| source.starts_with("aws:"));
        (telling >= 2 && !notification).then(|| Self::of(json.clone()))
    }

    /// The record of a JSON object.
    #[must_use]
    pub fn of(json: Json) -> Self {
        let mut record = Self { json, id: String::new(), time: None };
        record.id = record.text(&["eventID"]).unwrap_or_else(|| hash(&record.json.compact()));
        record.time = match record.text(&["eventTime"]) {
            Some(text) => time::read(&text),
            None => record.text(&["@timestamp"]).and_then(|text| time::read(&text)),
        };
        record
    }

    /// A field as text, whatever its JSON type.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<String> {
        self.json.at(path).map(|json| match json {
            Json::Text(text) => text.clone(),
            other => other.compact(),
        })
    }

    /// A field as text that is not empty.
    #[must_use]
    pub fn filled(&self, path: &[&str]) -> Option<String> {
        self.text(path).filter(|text| !text.is_empty())
    }

    /// A field as true or false, its texts in any case.
    #[must_use]
    pub fn flag(&self, path: &[&str]) -> Option<bool> {
        match self.text(path)?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The value of a raw path, read as the type the schema declares.
    #[must_use]
    pub fn raw(&self, path: &[&str]) -> Value {
        match declared(path) {
            Read::Text => Value::of_text(self.text(path)),
            Read::Bool => self.flag(path).map_or(Value::Missing, Value::Bool),
            Read::Time => self
                .text(path)
                .and_then(|text| time::read(&text))
                .map_or(Value::Missing, Value::Time),
            Read::Open => Value::of_json(self.json.at(path)),
        }
    }

    /// What makes two copies one event: eight fields, or the whole record where there is no eventID.
    #[must_use]
    pub fn identity(&self) -> String {
        if self.text(&["eventID"]).is_none() {
            return self.json.compact();
        }
        let fields = [
            "eventID",
            "requestID",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "recipientAccountId",
            "errorCode",
        ];
        let parts = fields.map(|field| self.text(&[field]).map_or(Json::Null, Json::Text));
        let mut parts = parts.to_vec();
        // A correction is no copy of what it corrects.
        parts.push(Json::Bool(self.is_addendum()));
        Json::List(parts).compact()
    }

    /// Whether it corrects an event delivered before.
    #[must_use]
    pub fn is_addendum(&self) -> bool {
        self.text(&["addendum", "reason"]).as_deref() == Some("UPDATED_DATA")
    }
}

/// Raw fields that are text, whatever they hold.
const TEXTS: &str = "eventVersion eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage \
    requestID eventID eventType apiVersion recipientAccountId sharedEventID vpcEndpointId vpcEndpointAccountId \
    eventCategory addendum.reason addendum.updatedFields addendum.originalRequestID addendum.originalEventID \
    addendum.originalUID tlsDetails.tlsVersion tlsDetails.cipherSuite tlsDetails.clientProvidedHostHeader \
    tlsDetails.keyExchange userIdentity.type userIdentity.principalId userIdentity.arn userIdentity.accountId \
    userIdentity.accessKeyId userIdentity.userName userIdentity.invokedBy userIdentity.identityProvider \
    userIdentity.credentialId userIdentity.onBehalfOf.userId userIdentity.onBehalfOf.identityStoreArn \
    userIdentity.inScopeOf.sourceArn userIdentity.inScopeOf.sourceAccount userIdentity.inScopeOf.issuerType \
    userIdentity.inScopeOf.credentialsIssuedTo userIdentity.sessionContext.sourceIdentity \
    userIdentity.sessionContext.ec2RoleDelivery userIdentity.sessionContext.sessionIssuer.type \
    userIdentity.sessionContext.sessionIssuer.principalId userIdentity.sessionContext.sessionIssuer.arn \
    userIdentity.sessionContext.sessionIssuer.accountId userIdentity.sessionContext.sessionIssuer.userName \
    userIdentity.sessionContext.webIdFederationData.federatedProvider";

/// Raw fields that are true or false.
const FLAGS: &str = "readOnly managementEvent sessionCredentialFromConsole userIdentity.sessionContext.assumedRoot \
    userIdentity.sessionContext.attributes.mfaAuthenticated \
    userIdentity.sessionContext.attributes.sessionCredentialFromConsole";

/// Raw fields that are points in time.
const TIMES: &str = "eventTime userIdentity.sessionContext.attributes.creationDate";

fn declared(path: &[&str]) -> Read {
    let path = path.join(".");
    let is_one_of = |names: &str| names.split_whitespace().any(|name| name == path);
    if is_one_of(TEXTS) {
        Read::Text
    } else if is_one_of(FLAGS) {
        Read::Bool
    } else if is_one_of(TIMES) {
        Read::Time
    } else {
        Read::Open
    }
}
