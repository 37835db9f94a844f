//! Test blocks, as written.

use super::{Duration, Span, Text};

/// A test block.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// Its steps.
    pub steps: Vec<TestStep>,
}

/// A step of a test and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// Which.
    pub kind: TestStepKind,
    /// Where.
    pub span: Span,
}

/// The steps of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `warm 15d every 1h { … }`.
    Warm(Duration, Duration, Object),
    /// `event { … } x 30 every 10s`.
    Event(Object, Option<u64>, Option<Duration>),
    /// `events from "file"`.
    EventsFrom(Text),
    /// `wait 8m`.
    Wait(Duration),
    /// `expect 1 { … }`.
    Expect(u64, Option<Object>),
}

/// `{ key: value, a.b: value }`; keys in order, as written.
pub type Object = Vec<(ObjectKey, Json)>;

/// The key of an object in a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectKey {
    /// `"x-amz-acl"`: one key, points and all.
    Quoted(String),
    /// `userIdentity.arn`: a key inside a key.
    Dotted(Vec<String>),
}

/// A JSON value in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text, after its escapes.
    String(String),
    /// `[…]`.
    Array(Vec<Json>),
    /// `{…}`, where keys may be unquoted and dotted.
    Object(Object),
}
