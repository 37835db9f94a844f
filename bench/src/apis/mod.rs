//! The API calls of the made-up world: what each asks and answers.
//!
//! The tables are data, one file a group of services; [`Catalog`] cuts their templates
//! once. A call is named `source:Name`, as in `ec2:RunInstances`. Bodies are shaped as
//! CloudTrail writes them (AWS CloudTrail event reference), with the values made up.

mod compute;
mod identity;
mod operations;
mod storage;

use crate::record::Kind;
use crate::template::Template;

/// One API call, as the tables write it.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// `eventSource` without `.amazonaws.com`.
    pub source: &'static str,
    /// `eventName`.
    pub name: &'static str,
    /// What the record is about.
    pub kind: Kind,
    /// Template of `requestParameters`; empty for null.
    pub request: &'static str,
    /// Template of `responseElements`; empty for null.
    pub response: &'static str,
    /// Template of `resources`; empty for none.
    pub resources: &'static str,
    /// Error of an ordinary day: code, message and how many calls in a thousand fail so.
    pub error: Option<(&'static str, &'static str, u32)>,
}

const fn api(kind: Kind, source: &'static str, name: &'static str) -> Api {
    Api { source, name, kind, request: "", response: "", resources: "", error: None }
}

const fn read(source: &'static str, name: &'static str) -> Api {
    api(Kind::Read, source, name)
}

const fn change(source: &'static str, name: &'static str) -> Api {
    api(Kind::Write, source, name)
}

impl Api {
    const fn asks(self, request: &'static str) -> Self {
        Self { request, ..self }
    }

    const fn answers(self, response: &'static str) -> Self {
        Self { response, ..self }
    }

    const fn on(self, resources: &'static str) -> Self {
        Self { resources, ..self }
    }

    const fn fails(self, code: &'static str, message: &'static str, per_mille: u32) -> Self {
        Self { error: Some((code, message, per_mille)), ..self }
    }
}

/// An API with its templates cut.
#[derive(Debug)]
pub struct Entry {
    /// The call.
    pub api: Api,
    /// `requestParameters`.
    pub request: Template,
    /// `responseElements`.
    pub response: Template,
    /// `resources`.
    pub resources: Template,
}

/// All calls, found by name.
#[derive(Debug)]
pub struct Catalog(Vec<Entry>);

impl Default for Catalog {
    fn default() -> Self {
        Self::new()
    }
}

impl Catalog {
    /// The whole catalog.
    #[must_use]
    pub fn new() -> Self {
        let tables = [compute::APIS, identity::APIS, operations::APIS, storage::APIS];
        let entry = |api: &Api| Entry {
            api: *api,
            request: Template::new(api.request),
            response: Template::new(api.response),
            resources: Template::new(api.resources),
        };
        Self(tables.into_iter().flatten().map(entry).collect())
    }

    /// The position of `source:Name`, or nothing.
    #[must_use]
    pub fn find(&self, call: &str) -> Option<usize> {
        let (source, name) = call.split_once(':')?;
        self.0.iter().position(|entry| entry.api.source == source && entry.api.name == name)
    }

    /// The entry at a position that [`Catalog::find`] gave.
    #[must_use]
    pub fn get(&self, at: usize) -> &Entry {
        &self.0[at]
    }

    /// All entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }
}

/// True for services whose events are recorded in us-east-1 wherever they are used.
#[must_use]
pub fn is_global(source: &str) -> bool {
    matches!(source, "iam" | "route53" | "organizations" | "cloudfront" | "health" | "support")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::dice::Dice;
    use crate::template::Scene;

    #[test]
    fn every_template_is_json_and_fills_all_its_holes() {
        let mut dice = Dice::new(1, 1);
        for entry in Catalog::new().entries() {
            for template in [&entry.request, &entry.response, &entry.resources] {
                let mut text = String::new();
                let mut scene = Scene::new(1, "111122223333", "eu-west-1");
                template.fill(&mut text, &mut scene, &mut dice);
                let name = entry.api.name;
                assert!(!text.contains('<'), "{name}: {text}");
                if !text.is_empty() {
                    let value: Result<serde_json::Value, _> = serde_json::from_str(&text);
                    assert!(value.is_ok(), "{name}: {text}: {value:?}");
                }
            }
        }
    }

    #[test]
    fn the_catalog_has_its_breadth_and_no_name_twice() {
        let catalog = Catalog::new();
        let calls: BTreeSet<_> =
            catalog.entries().iter().map(|e| (e.api.source, e.api.name)).collect();
        let services: BTreeSet<_> = calls.iter().map(|call| call.0).collect();
        assert_eq!(calls.len(), catalog.entries().len());
        assert!(calls.len() >= 90, "{} calls", calls.len());
        assert!(services.len() >= 25, "{} services", services.len());
    }
}
