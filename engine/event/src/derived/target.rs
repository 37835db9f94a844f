//! What a call was made on: `targets`, and `target`, the first of them.
//!
//! A chain of ten steps, from the surest to the widest; the first that gives a text
//! ends it. Names and ARNs stay as the request has them. An empty text and a value
//! that CloudTrail hides name nothing.

use super::service::{api, service};
use super::target_paths::{Paths, paths};
use super::who;
use crate::event::Event;
use crate::json::Json;
use crate::layout::Base;
use crate::pairs::Pair;
use crate::text::decode;
use crate::value::Value;
use bumpalo::collections::Vec;

/// What `target` and `targets` read.
pub(super) const INPUTS: &[Base] = &[
    Base::EventSource,
    Base::EventName,
    Base::RequestParameters,
    Base::ResponseElements,
    Base::Resources,
    Base::AdditionalEventData,
    Base::ServiceEventDetails,
    Base::ErrorMessage,
    // The caller's `user`, where a call on oneself names nobody.
    Base::IdentityType,
    Base::IdentityUserName,
    Base::IssuerUserName,
    Base::IdentityArn,
    Base::AdditionalUserName,
];

/// The resources of the call.
pub(super) fn targets<'a>(event: &Event<'a>) -> Value<'a> {
    Value::List(find(event))
}

/// The first of the resources of the call.
pub(super) fn target<'a>(event: &Event<'a>) -> Value<'a> {
    find(event).first().copied().unwrap_or_default()
}

/// The resources of the call, looked for once an event.
fn find<'a>(event: &Event<'a>) -> &'a [Value<'a>] {
    if let Some(known) = event.targets.get() {
        event.touch(Base::RequestParameters.slot());
        return known;
    }
    let arena = event.arena();
    let mut search = Search {
        event,
        service: service(event).unwrap_or_default(),
        request: Keys::of(event),
        found: Vec::new_in(arena),
    };
    search.run();
    let found = search.found.into_bump_slice();
    event.targets.set(Some(found));
    found
}

/// The keys and values of a request.
struct Keys<'e, 'a> {
    event: &'e Event<'a>,
    /// Where it begins.
    object: Option<usize>,
}

impl<'e, 'a> Keys<'e, 'a> {
    /// Those of the request; of one inside it, as EC2 and others wrap it, where there is one
    /// object under a key that ends in `Request` or `Req`.
    fn of(event: &'e Event<'a>) -> Self {
        let all = Self { event, object: event.request() };
        let (mut wrapped, mut count) = (None, 0);
        all.each(|record, Pair { key, value, .. }| {
            let key = &record[key.clone()];
            if (key.ends_with(b"Request") || key.ends_with(b"Req")) && record[value.start] == b'{' {
                (wrapped, count) = (Some(value.start), count + 1);
            }
        });
        if count == 1 { Self { event, object: wrapped } } else { all }
    }

    fn each(&self, give: impl FnMut(&'a [u8], &Pair)) {
        if let Some(object) = self.object {
            self.event.each_pair(object, give);
        }
    }

    /// What is told of the last pair of which something is told, with its value.
    fn last<T>(&self, tell: impl Fn(&'a [u8], &Pair) -> Option<T>) -> Option<(Json<'a>, T)> {
        let mut last = None;
        self.each(|record, pair| {
            if let Some(told) = tell(record, pair) {
                last = Some((pair.value.clone(), told));
            }
        });
        last.map(|(value, told)| (self.event.value_at(value), told))
    }

    /// The value under the last key with a text.
    fn get(&self, text: &str) -> Option<Json<'a>> {
        self.last(|record, pair| pair.has_key(record, text).then_some(())).map(|(value, ())| value)
    }

    /// The value under the first key of a path, and the rest of the path after it.
    fn enter<'p>(&self, path: &'p str) -> Option<(Json<'a>, &'p str)> {
        self.last(|record, pair| {
            let key = &record[pair.key.clone()];
            if key.first() != path.as_bytes().first() && !pair.key_escapes {
                return None;
            }
            let (first, rest) = split_path(path);
            pair.has_key(record, first).then_some(rest)
        })
    }
}

/// The first key of a path, and what follows: nothing, `[]…` or more keys.
fn split_path(path: &str) -> (&str, &str) {
    let end = path.bytes().position(|byte| matches!(byte, b'.' | b'[')).unwrap_or(path.len());
    let (key, rest) = path.split_at(end);
    (key, rest.strip_prefix('.').unwrap_or(rest))
}

struct Search<'e, 'a> {
    event: &'e Event<'a>,
    service: &'a str,
    request: Keys<'e, 'a>,
    found: Vec<'a, Value<'a>>,
}

impl<'a> Search<'_, 'a> {
    fn run(&mut self) {
        let known = paths(self.service);
        let _ = self.in_request(known)
            || self.by_noun()
            || self.by_usual_key()
            || self.in_resources(true)
            || self.by_key_ending()
            || self.in_response(known)
            || self.in_details()
            || self.in_error()
            || self.oneself();
    }

    fn in_request(&mut self, known: Paths) -> bool {
        (known.resources_first && self.in_resources(false))
            || known.request.iter().any(|path| {
                self.request.enter(path).is_some_and(|(value, rest)| self.follow(value, rest))
            })
    }

    /// The key that the API's noun names: `CreateVirtualNode`, `virtualNodeName`.
    fn by_noun(&mut self) -> bool {
        let noun = noun(api(self.event).unwrap_or_default());
        let singular = noun.strip_suffix('s').unwrap_or_default();
        [noun, singular].into_iter().filter(|noun| !noun.is_empty()).any(|noun| {
            ["Arn", "Id", "Name", "Identifier", ""].iter().any(|suffix| {
                let arena = self.event.arena();
                let found = self.request.last(|record, Pair { key, .. }| {
                    is_joined(decode(&record[key.clone()], arena), noun, suffix).then_some(())
                });
                found.is_some_and(|(value, ())| self.follow(value, ""))
            })
        })
    }

    fn by_usual_key(&mut self) -> bool {
        const KEYS: [&str; 9] = [
            "resourceArn",
            "resourceARN",
            "resource",
            "arn",
            "resourceId",
            "resourceName",
            "name",
            "id",
            "identifier",
        ];
        KEYS.iter().any(|wanted| {
            let value = self.request.get(wanted);
            value.is_some_and(|value| self.follow(value, ""))
        })
    }

    /// The ARNs of the record's `resources`, or the first of them.
    fn in_resources(&mut self, first: bool) -> bool {
        let Some(resources) = self.event.base(Base::Resources) else { return false };
        for resource in resources.elements() {
            if let Some(arn) = resource.get("ARN")
                && self.follow(arn, "")
                && first
            {
                return true;
            }
        }
        !self.found.is_empty()
    }

    /// The key, least in byte order, that ends as names of resources do.
    fn by_key_ending(&mut self) -> bool {
        let arena = self.event.arena();
        let mut named = Vec::new_in(arena);
        self.request.each(|record, Pair { key, value, .. }| {
            let key = decode(&record[key.clone()], arena);
            if names_one(key) {
                named.push((key, self.event.value_at(value.clone())));
            }
        });
        named.sort_by_key(|(key, _)| *key);
        let mut keys = named.chunk_by(|one, next| one.0 == next.0);
        keys.any(|same| same.last().is_some_and(|(_, value)| self.follow(*value, "")))
    }

    fn in_response(&mut self, known: Paths) -> bool {
        let Some(response) = self.event.base(Base::ResponseElements) else { return false };
        known.response.iter().any(|path| self.follow(response, path))
    }

    fn in_details(&mut self) -> bool {
        let additional = self.event.base(Base::AdditionalEventData);
        let details = self.event.base(Base::ServiceEventDetails);
        [(additional, "ARN"), (details, "snapshotId"), (details, "keyId")]
            .into_iter()
            .any(|(json, key)| json.is_some_and(|json| self.follow(json, key)))
    }

    /// The resource that a denial names.
    fn in_error(&mut self) -> bool {
        let resource = self.event.text(Base::ErrorMessage).and_then(denied_resource);
        resource.is_some_and(|resource| self.push(resource))
    }

    /// The caller, in a call of iam that is on oneself where it names no other.
    fn oneself(&mut self) -> bool {
        let own = self.service == "iam"
            && matches!(
                api(self.event).unwrap_or_default(),
                "ChangePassword"
                    | "CreateAccessKey"
                    | "DeleteAccessKey"
                    | "UpdateAccessKey"
                    | "ListAccessKeys"
                    | "GetUser"
                    | "EnableMFADevice"
                    | "DeactivateMFADevice"
                    | "CreateVirtualMFADevice"
            );
        own && who::user(self.event).is_some_and(|user| self.push(user))
    }

    /// Note the texts at the end of a path; true if there were any.
    fn follow(&mut self, value: Json<'a>, path: &str) -> bool {
        let before = self.found.len();
        if let Some(rest) = path.strip_prefix("[]") {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            for element in value.each() {
                self.follow(element, rest);
            }
        } else if path.is_empty() {
            let arena = self.event.arena();
            match value.text(arena) {
                Some(text) => _ = self.push(text),
                None => value.elements().filter_map(|leaf| leaf.text(arena)).for_each(|text| {
                    self.push(text);
                }),
            }
        } else {
            let (key, rest) = split_path(path);
            if let Some(inner) = value.get(key) {
                self.follow(inner, rest);
            }
        }
        self.found.len() > before
    }

    fn push(&mut self, text: &'a str) -> bool {
        let names = !matches!(text, "" | "HIDDEN_DUE_TO_SECURITY_REASONS");
        if names {
            self.found.push(Value::Text(text));
        }
        names
    }
}

/// The API without its first word, and without `Batch` before it.
fn noun(api: &str) -> &str {
    let api = api.strip_prefix("Batch").unwrap_or(api);
    let first = api.bytes().skip(1).position(|byte| byte.is_ascii_uppercase());
    first.and_then(|at| api.get(at + 1..)).unwrap_or_default()
}

/// Whether a key is a noun and a suffix, in any case.
fn is_joined(key: &str, noun: &str, suffix: &str) -> bool {
    key.len() == noun.len() + suffix.len()
        && key.get(..noun.len()).is_some_and(|head| head.eq_ignore_ascii_case(noun))
        && key.get(noun.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}

/// Whether a key ends as names of resources do, and speaks of nothing beside them.
fn names_one(key: &str) -> bool {
    const BESIDE: [&str; 9] =
        ["token", "kms", "role", "client", "request", "owner", "account", "security", "subnet"];
    if !["Arn", "ARN", "Id", "Name", "Identifier"].iter().any(|ending| key.ends_with(ending)) {
        return false;
    }
    let key = key.to_ascii_lowercase();
    !BESIDE.iter().chain(&["vpc"]).any(|word| key.contains(word))
}

/// The resource a denial names: the word after ` on resource: `, or after its kind.
fn denied_resource(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(" on resource: ")?;
    let mut words = rest.split_ascii_whitespace();
    let mut word = words.next()?;
    if matches!(word, "user" | "role" | "group" | "policy") {
        word = words.next()?;
    }
    (word != "*").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_the_first_word() {
        for (api, expected) in [
            ("CreateVirtualNode", "VirtualNode"),
            ("BatchDeleteImage", "Image"),
            ("BatchGetItem", "Item"),
            ("DeleteDBCluster", "DBCluster"),
            ("GetSAMLProvider", "SAMLProvider"),
            ("Invoke", ""),
            ("Batch", ""),
            ("", ""),
            ("éA", "A"),
        ] {
            assert_eq!(noun(api), expected, "{api}");
        }
    }

    #[test]
    fn keys_that_speak_of_something_else_name_nothing() {
        for key in ["jobId", "FunctionName", "streamARN", "caseIdentifier", "Name"] {
            assert!(names_one(key), "{key}");
        }
        for key in [
            "clientToken",
            "kmsKeyId",
            "executionRoleArn",
            "ownerId",
            "subnetId",
            "VpcId",
            "jobid",
            "id",
        ] {
            assert!(!names_one(key), "{key}");
        }
    }

    #[test]
    fn denials_name_the_resource() {
        for (rest, expected) in [
            ("arn:aws:s3:::b because no", Some("arn:aws:s3:::b")),
            ("user bob with an explicit deny", Some("bob")),
            ("policy p", Some("p")),
            ("*", None),
            ("role *", None),
            ("user", None),
            ("", None),
        ] {
            let message = format!("User: x is not authorized to perform: a:B on resource: {rest}");
            assert_eq!(denied_resource(&message), expected, "{rest}");
        }
        assert_eq!(denied_resource("AccessDenied"), None);
    }
}
