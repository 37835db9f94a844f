//! Of which kind an event is: `management`, `data`, or neither.
//!
//! Insight, network-activity and aggregated records are neither: they speak of
//! calls that have a record of their own.

use super::service::{api, service};
use super::{given, says};
use crate::event::Event;
use crate::layout::Base;

/// What `management` and `data` read.
pub(super) const INPUTS: &[Base] = &[
    Base::EventCategory,
    Base::EventType,
    Base::ManagementEvent,
    Base::EventName,
    Base::EventSource,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    Management,
    Data,
    Neither,
}

/// Whether it is a management event.
pub(super) fn management(event: &Event<'_>) -> bool {
    category(event) == Category::Management
}

/// Whether it is a data event.
pub(super) fn data(event: &Event<'_>) -> bool {
    category(event) == Category::Data
}

fn category(event: &Event<'_>) -> Category {
    match given(event, Base::EventCategory) {
        Some("Management") => return Category::Management,
        Some("Data") => return Category::Data,
        Some(_) => return Category::Neither,
        None => {}
    }
    if says(event, Base::EventType, "AwsVpceEvent")
        || says(event, Base::EventType, "AwsCloudTrailInsight")
    {
        return Category::Neither;
    }
    match event.flag(Base::ManagementEvent) {
        Some(true) => Category::Management,
        Some(false) => Category::Data,
        None => match api(event) {
            Some(api) if is_data(service(event).unwrap_or_default(), api) => Category::Data,
            Some(_) => Category::Management,
            None => Category::Neither,
        },
    }
}

/// Whether a call is a data event, by its name alone.
fn is_data(service: &str, api: &str) -> bool {
    const VERBS: [&str; 12] = [
        "Get", "Put", "Delete", "Head", "Copy", "Restore", "Select", "List", "Upload", "Create",
        "Complete", "Abort",
    ];
    const THINGS: [&str; 3] = ["Object", "MultipartUpload", "Part"];
    match service {
        "lambda" => api == "Invoke",
        "s3" => {
            !api.ends_with("ObjectLockConfiguration")
                && VERBS
                    .iter()
                    .filter_map(|verb| api.strip_prefix(verb))
                    .any(|rest| THINGS.iter().any(|thing| rest.contains(thing)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_events_are_known_by_their_api() {
        for api in [
            "GetObject",
            "GetObjectAcl",
            "DeleteObjects",
            "ListObjectsV2",
            "ListMultipartUploads",
            "ListParts",
            "UploadPart",
            "UploadPartCopy",
            "CreateMultipartUpload",
            "CompleteMultipartUpload",
            "SelectObjectContent",
            "RestoreObject",
        ] {
            assert!(is_data("s3", api), "{api}");
            assert!(!is_data("ec2", api), "{api}");
        }
        for api in [
            "GetBucketAcl",
            "ListBuckets",
            "PutObjectLockConfiguration",
            "PutBucketObjectLockConfiguration",
            "CreateBucket",
            "Object",
        ] {
            assert!(!is_data("s3", api), "{api}");
        }
        assert!(is_data("lambda", "Invoke"));
        assert!(!is_data("lambda", "InvokeAsync"));
    }
}
