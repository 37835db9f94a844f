//! The built-in rule pack of Trailhound: the rule files, as text.
//!
//! It holds data and knows nothing of the language: whoever wants rules gives the
//! texts to the checker. The files stand by topic in the folder `rules`, each rule with
//! its tests; `rules/pack.toml` says what of the pack is shown by default.
//!
//! # Invariants
//!
//! - [`FILES`] has every `.trail` file of the folder, once, in the order of the names.
//! - The text is what the folder has: nothing is changed on the way.

/// A file of the folder, with the name that messages show.
macro_rules! file {
    ($name:literal) => {
        (concat!("builtin/", $name), include_str!(concat!("../rules/", $name)))
    };
}

/// The rule files: the name that messages show, and the text.
pub const FILES: &[(&str, &str)] = &[
    file!("access.trail"),
    file!("ai.trail"),
    file!("baselines.trail"),
    file!("chains.trail"),
    file!("chains_of_data.trail"),
    file!("changes.trail"),
    file!("compute.trail"),
    file!("credentials.trail"),
    file!("data.trail"),
    file!("deletion.trail"),
    file!("discovery.trail"),
    file!("encryption.trail"),
    file!("exfiltration.trail"),
    file!("guard.trail"),
    file!("iam.trail"),
    file!("logging.trail"),
    file!("network.trail"),
    file!("organizations.trail"),
    file!("regions.trail"),
    file!("root.trail"),
    file!("sharing.trail"),
    file!("signin.trail"),
    file!("storage.trail"),
];

/// What holds for the pack as a whole.
const PACK: &str = include_str!("../rules/pack.toml");

/// The keys of `pack.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    default_min_severity: String,
}

/// The word for the severity below which alerts of the pack are not shown unless asked for.
#[must_use]
pub fn default_min_severity() -> String {
    // A pack that says nothing hides nothing; a test holds that it says something.
    toml::from_str(PACK).map_or_else(|_| "info".to_owned(), |pack: Pack| pack.default_min_severity)
}
