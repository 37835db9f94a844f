//! The names AWS uses in CloudTrail: services, APIs, regions, error codes, identity types.
//!
//! Answers whether a literal of a rule names something that exists, and what its
//! writer may have meant. It knows names only, from the generated files in `data/`
//! (botocore's models and a list by hand; `data/README.md` names the versions); it
//! knows nothing of rules, types or diagnostics, and never decides that a literal is
//! wrong: AWS adds names daily, so an unknown one is at most worth a warning.
//!
//! Services are named as the derived field `service` has them (`monitoring`, not
//! `cloudwatch`), APIs as `api` has them. A trailing API date is ignored, so
//! `UpdateFunctionCode20150331v2` is known as `UpdateFunctionCode` is.
//!
//! # Invariants
//!
//! - Services, the APIs of each, regions and error codes are sorted by bytes and
//!   without doubles, so look-ups are binary searches.
//! - Nothing is read before the first look-up, and each file at most once.

mod nearest;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::OnceLock;

pub use nearest::nearest;
use nearest::{Search, letters};

const NAMES: &str = include_str!("../data/names.txt");
const REGIONS: &str = include_str!("../data/regions.txt");
const ERRORS: &str = include_str!("../data/errors.txt");

/// Sorted names; with them, once a suggestion is wanted, the letters of each.
#[derive(Default)]
struct Names {
    sorted: Vec<&'static str>,
    letters: OnceLock<Vec<u32>>,
}

impl Names {
    /// The names of a file with a head and one name a line.
    fn read(text: &'static str) -> Self {
        let sorted = text.lines().filter(|line| !line.starts_with('#')).collect();
        Self { sorted, letters: OnceLock::new() }
    }

    /// The names at `places`.
    fn at(&self, places: &Range<usize>) -> &[&'static str] {
        self.sorted.get(places.clone()).unwrap_or_default()
    }

    /// The name at `places` that is nearest to `word`, if one is near.
    fn nearest(&self, word: &str, places: &Range<usize>) -> Option<&'static str> {
        let letters =
            self.letters.get_or_init(|| self.sorted.iter().map(|name| letters(name)).collect());
        let letters = letters.get(places.clone()).unwrap_or_default();
        let mut search = Search::new(word);
        for (name, letters) in self.at(places).iter().zip(letters) {
            search.offer(name, *letters, name);
        }
        search.found()
    }

    fn all(&self) -> Range<usize> {
        0..self.sorted.len()
    }
}

/// A service, the other names people know it by, and where its APIs are in [`Table::apis`].
struct Service {
    name: &'static str,
    aliases: &'static str,
    apis: Range<usize>,
}

/// `names.txt`, indexed.
struct Table {
    services: Vec<Service>,
    apis: Names,
}

impl Table {
    /// The one table.
    ///
    /// # Cost
    ///
    /// The first call reads the whole file, in well under a millisecond.
    fn get() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Self::read(NAMES))
    }

    fn read(text: &'static str) -> Self {
        let mut table = Self { services: Vec::with_capacity(512), apis: Names::default() };
        table.apis.sorted.reserve(24_576);
        for line in text.split('\n') {
            match line.as_bytes().first() {
                None | Some(b'#') => {}
                Some(first) if first.is_ascii_uppercase() => table.apis.sorted.push(line),
                Some(_) => {
                    table.end_service();
                    let (name, aliases) = line.split_once(' ').unwrap_or((line, ""));
                    let start = table.apis.sorted.len();
                    table.services.push(Service { name, aliases, apis: start..start });
                }
            }
        }
        table.end_service();
        table
    }

    /// Gives the last service all APIs read since its line.
    fn end_service(&mut self) {
        if let Some(service) = self.services.last_mut() {
            service.apis.end = self.apis.sorted.len();
        }
    }

    fn service(&self, name: &str) -> Option<&Service> {
        let place = self.services.binary_search_by(|service| service.name.cmp(name)).ok()?;
        self.services.get(place)
    }

    fn has(&self, service: &Service, api: &str) -> bool {
        self.apis.at(&service.apis).binary_search(&api).is_ok()
    }
}

fn regions() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| Names::read(REGIONS))
}

fn errors() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| Names::read(ERRORS))
}

/// Whether `name` is a service as the derived field `service` names it.
///
/// # Examples
///
/// ```
/// # use trailhound_lang::aws;
/// assert!(aws::is_service("monitoring"));
/// assert!(!aws::is_service("cloudwatch")); // never in eventSource
/// ```
pub fn is_service(name: &str) -> bool {
    Table::get().service(name).is_some()
}

/// Whether `service` is known to have `api`, with or without an API date.
///
/// False for every API of a service of which the table has no APIs; [`apis_of`] tells.
pub fn has_api(service: &str, api: &str) -> bool {
    let table = Table::get();
    table.service(service).is_some_and(|service| table.has(service, without_api_date(api)))
}

/// Whether some service has `api`, with or without an API date.
pub fn is_api(api: &str) -> bool {
    services_of(api).next().is_some()
}

/// The services that have `api`, sorted; with or without an API date.
pub fn services_of(api: &str) -> impl Iterator<Item = &'static str> {
    let table = Table::get();
    let api = without_api_date(api);
    table.services.iter().filter(move |service| table.has(service, api)).map(|service| service.name)
}

/// The APIs of `service`, sorted; none if it is unknown or nothing is known of its APIs.
pub fn apis_of(service: &str) -> impl Iterator<Item = &'static str> {
    let table = Table::get();
    let apis = table.service(service).map(|service| table.apis.at(&service.apis));
    apis.unwrap_or_default().iter().copied()
}

/// Whether some known API fits: a glob of a rule, say. An API of several services is asked once each.
pub fn any_api(fits: impl FnMut(&str) -> bool) -> bool {
    Table::get().apis.sorted.iter().copied().any(fits)
}

/// Whether `name` is a region of some partition.
pub fn is_region(name: &str) -> bool {
    regions().sorted.binary_search(&name).is_ok()
}

/// Whether `code` is an error code of some service, with or without `Client.` or `Server.`.
pub fn is_error_code(code: &str) -> bool {
    errors().sorted.binary_search(&split_fault(code).1).is_ok()
}

/// The values of `userIdentity.type`, in the order of the AWS documentation.
///
/// Source: AWS `CloudTrail` userIdentity element, field "type"
pub fn identity_types() -> &'static [&'static str] {
    &[
        "Root",
        "IAMUser",
        "AssumedRole",
        "Role",
        "FederatedUser",
        "Directory",
        "AWSAccount",
        "AWSService",
        "IdentityCenterUser",
        "SAMLUser",
        "WebIdentityUser",
        "Unknown",
    ]
}

/// The service that the unknown `name` may mean.
///
/// Besides near names it knows a host name (`ec2.amazonaws.com`) and names a service
/// goes by elsewhere (`cloudwatch`, `elbv2`, `stepfunctions`).
pub fn suggest_service(name: &str) -> Option<&'static str> {
    let host = name.strip_suffix(".cn").unwrap_or(name);
    let name = host.strip_suffix(".amazonaws.com").unwrap_or(name);
    let mut search = Search::new(name);
    for service in &Table::get().services {
        let aliases = service.aliases.split_ascii_whitespace();
        for known in aliases.chain([service.name]) {
            search.offer(known, letters(known), service.name);
        }
    }
    search.found()
}

/// The API that the unknown `api` may mean, without an API date.
///
/// Looked for among those of `service` if that is known, else among all.
///
/// # Examples
///
/// ```
/// # use trailhound_lang::aws;
/// assert_eq!(aws::suggest_api(Some("cloudtrail"), "DeleteTrial"), Some("DeleteTrail"));
/// ```
pub fn suggest_api(service: Option<&str>, api: &str) -> Option<&'static str> {
    let table = Table::get();
    let places = service.and_then(|name| table.service(name)).map(|service| service.apis.clone());
    table.apis.nearest(without_api_date(api), &places.unwrap_or(table.apis.all()))
}

/// The region that the unknown `name` may mean.
pub fn suggest_region(name: &str) -> Option<&'static str> {
    regions().nearest(name, &regions().all())
}

/// The error code that the unknown `code` may mean; `Client.` and `Server.` stay as they are.
pub fn suggest_error(code: &str) -> Option<String> {
    let (fault, bare) = split_fault(code);
    errors().nearest(bare, &errors().all()).map(|known| format!("{fault}{known}"))
}

/// `Client.` or `Server.` (or nothing), which EC2 writes before its codes, and the code.
fn split_fault(code: &str) -> (&str, &str) {
    let known = ["Client.", "Server."].into_iter().find(|fault| code.starts_with(fault));
    code.split_at(known.map_or(0, str::len))
}

/// `api` without a trailing API date: `20150331`, `20150331v2` or `2020_05_31`.
///
/// Other digits stay (`ListObjectsV2`), and so does a name that is nothing but a date.
pub fn without_api_date(api: &str) -> &str {
    let unversioned = match api.rsplit_once('v') {
        Some((stem, version)) if all_digits(version) => stem,
        _ => api,
    };
    let cut =
        cut_date(unversioned, "").or_else(|| cut_date(api, "")).or_else(|| cut_date(api, "_"));
    cut.unwrap_or(api)
}

/// `name` without year, month and day at its end, `between` standing between them.
fn cut_date<'n>(name: &'n str, between: &str) -> Option<&'n str> {
    let (stem, day) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let stem = stem.strip_suffix(between)?;
    let (stem, month) = stem.split_at_checked(stem.len().checked_sub(2)?)?;
    let stem = stem.strip_suffix(between)?;
    let (stem, year) = stem.split_at_checked(stem.len().checked_sub(4)?)?;
    let is_date = [year, month, day].into_iter().all(all_digits)
        && (year.starts_with("19") || year.starts_with("20"))
        && ("01"..="12").contains(&month)
        && ("01"..="31").contains(&day);
    (is_date && !stem.is_empty()).then_some(stem)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
