//! `rules --attack-layer`: the techniques that rules cover, for the ATT&CK Navigator.
//!
//! # Invariants
//!
//! - Only rules that are loaded count. A technique stands once, in the order of its id, and
//!   names its rules.

use engine::lang::typed::Rule;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of ATT&CK that the pack's techniques are of.
const ATTACK: &str = "16";

/// The layer: each technique with the number of its rules as score, and their names.
pub(super) fn layer<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Value {
    let mut by_technique: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in rules.into_iter().filter(|rule| rule.enabled) {
        for technique in &rule.attack {
            by_technique.entry(technique).or_default().push(&rule.name);
        }
    }
    let most = by_technique.values().map(Vec::len).max().unwrap_or(1);
    let techniques: Vec<Value> = by_technique
        .iter()
        .map(|(technique, rules)| {
            json!({
                "techniqueID": technique,
                "score": rules.len(),
                "comment": rules.join(", "),
                "enabled": true,
                "showSubtechniques": true,
            })
        })
        .collect();
    json!({
        "name": "Trailhound",
        "description": "Techniques that the rules of a run cover, by the number of rules",
        "domain": "enterprise-attack",
        "versions": { "attack": ATTACK, "navigator": "5.1.0", "layer": "4.5" },
        "filters": { "platforms": ["IaaS", "Identity Provider"] },
        "gradient": { "colors": ["#d6ebff", "#0a5fb4"], "minValue": 0, "maxValue": most },
        "techniques": techniques,
    })
}
