//! The made-up organisation: accounts, their regions, and the cast at work in each.
//!
//! A [`World`] is built once from the plan. An [`Actor`] is a part of the cast in one
//! account; it keeps the session it works in, which is renewed when it has run out.

use crate::apis::Catalog;
use crate::cast::{CAST, Class, Part, QUIET_ABSENT, QUIET_CALLS};
use crate::clock::Moment;
use crate::dice::{Dice, hash, mix, push_hex};
use crate::identity::{self, Proof, RoleSession};

/// The account outside the organisation that partners and intruders use.
pub const OUTSIDE_ACCOUNT: &str = "999988887777";

/// The region that records the global services.
pub const GLOBAL_REGION: &str = "us-east-1";

/// Accounts, and the calls they can make.
#[derive(Debug)]
pub struct World {
    /// Seed of all names.
    pub seed: u64,
    /// True for an archive whose ordinary days give no cause for alarm.
    pub quiet: bool,
    /// Accounts; the first is the largest.
    pub accounts: Vec<Account>,
    /// All calls.
    pub catalog: Catalog,
}

/// One account.
#[derive(Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Where it works; the first is its home.
    pub regions: Vec<String>,
    /// The cast in this account.
    pub actors: Vec<Actor>,
}

/// A part of the cast in one account.
#[derive(Debug)]
pub struct Actor {
    /// The part it plays.
    pub part: &'static Part,
    /// Calls it makes, as positions in the catalog, most frequent first.
    pub calls: Vec<usize>,
    /// Position of its region in the account's list.
    pub home: usize,
    /// `sourceIPAddress`.
    pub address: String,
    /// Name of the role; the user's name for users.
    pub role: String,
    /// Name of its sessions.
    pub session: String,
    /// ARN of the caller.
    pub arn: String,
    /// Access key of the present session; empty where there is none.
    pub key: String,
    /// When the present session runs out.
    pub ends: Moment,
    /// `userIdentity`, JSON.
    pub identity: String,
    renewals: u64,
}

impl World {
    /// The world of this seed; without regions it works in the global one.
    #[must_use]
    pub fn new(seed: u64, accounts: usize, regions: &[String], quiet: bool) -> Self {
        let catalog = Catalog::new();
        let global = [GLOBAL_REGION.to_string()];
        let regions = if regions.is_empty() { &global } else { regions };
        let accounts = (0..accounts.max(1))
            .map(|number| Account::new(seed, number, regions, quiet, &catalog))
            .collect();
        Self { seed, quiet, accounts, catalog }
    }

    /// The position of an account, the first ones most often.
    pub fn pick_account(&self, dice: &mut Dice) -> usize {
        dice.below(self.accounts.len() as u64).min(dice.below(self.accounts.len() as u64)) as usize
    }
}

impl Account {
    fn new(seed: u64, number: usize, regions: &[String], quiet: bool, catalog: &Catalog) -> Self {
        const FIRST: [&str; 3] = ["111122223333", "444455556666", "777788889999"];
        let id = FIRST.get(number).map_or_else(
            || (100_000_000_000 + mix(seed ^ number as u64) % 800_000_000_000).to_string(),
            |id| (*id).to_string(),
        );
        // The first account works everywhere, the next in one region fewer, and so round.
        let kept = regions.len() - number % regions.len();
        let regions: Vec<String> = regions.iter().take(kept).cloned().collect();
        let at_work = |part: &&Part| !quiet || !QUIET_ABSENT.contains(&part.name);
        let actors = CAST
            .iter()
            .filter(at_work)
            .map(|part| {
                let mut actor = Actor::new(part, &id, regions.len(), catalog);
                if quiet {
                    actor.calls.truncate(QUIET_CALLS);
                }
                actor
            })
            .collect();
        Self { id, regions, actors }
    }

    /// The position of an actor, by their shares.
    pub fn pick_actor(&self, dice: &mut Dice) -> usize {
        let all: u64 = self.actors.iter().map(|actor| u64::from(actor.part.share)).sum();
        let mut left = dice.below(all);
        for (at, actor) in self.actors.iter().enumerate() {
            match left.checked_sub(u64::from(actor.part.share)) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        0
    }

    /// The position of an actor of this class that is given sessions by others.
    pub fn pick_of_class(&self, class: Class, dice: &mut Dice) -> Option<usize> {
        let fits = |actor: &&Actor| actor.part.class == class && actor.part.via.is_empty();
        let count = self.actors.iter().filter(fits).count();
        let chosen = dice.below(count as u64) as usize;
        self.actors.iter().enumerate().filter(|(_, actor)| fits(actor)).nth(chosen).map(|a| a.0)
    }
}

impl Actor {
    fn new(part: &'static Part, account: &str, regions: usize, catalog: &Catalog) -> Self {
        let seed = hash(hash(17, account), part.name);
        let (role, session) = match part.class {
            Class::Person => {
                let mut role = String::from("AWSReservedSSO_Engineer_");
                push_hex(&mut role, hash(19, account), 16);
                (role, part.name.to_string())
            }
            Class::Pipeline => (part.name.to_string(), "GitHubActions".to_string()),
            Class::App => {
                let mut session = String::from("i-0");
                push_hex(&mut session, seed, 16);
                let function = part.agent.contains("Lambda") || part.agent.is_empty();
                let named = format!("{}-handler", part.name);
                (format!("{}-task", part.name), if function { named } else { session })
            }
            Class::Linked => (part.name.to_string(), "service-session".to_string()),
            _ => (part.name.to_string(), String::new()),
        };
        Self {
            part,
            calls: part.calls.iter().filter_map(|call| catalog.find(call)).collect(),
            home: (seed % regions.max(1) as u64) as usize,
            address: address(part, seed),
            role,
            session,
            arn: String::new(),
            key: String::new(),
            ends: Moment(i64::MIN),
            identity: String::new(),
            renewals: seed >> 40,
        }
    }

    /// `userAgent`.
    #[must_use]
    pub fn agent(&self) -> &str {
        match (self.part.class, self.part.via) {
            (Class::Service, _) => self.part.name,
            (_, "") => self.part.agent,
            (_, via) => via,
        }
    }

    /// Begins a new session at `now`.
    pub fn renew(&mut self, account: &str, now: Moment) {
        self.renewals += 1;
        let Part { class, name, via, .. } = *self.part;
        let hours = match class {
            Class::Pipeline | Class::Linked => 1,
            Class::App => 6,
            Class::KeyUser | Class::Service | Class::Stranger => 1 << 30,
            _ => 8,
        };
        self.ends = now.plus(hours * 3600);
        self.key = match class {
            Class::KeyUser => identity::access_key("AKIA", account, name, 0),
            Class::Linked | Class::Service => String::new(),
            _ => identity::access_key("ASIA", account, name, self.renewals),
        };
        let path = match class {
            Class::Linked => format!("/aws-service-role/{via}/"),
            Class::Person => "/aws-reserved/sso.amazonaws.com/eu-west-1/".to_string(),
            _ => "/".to_string(),
        };
        let session = RoleSession {
            account,
            path: &path,
            role: &self.role,
            name: &self.session,
            key: &self.key,
            created: now,
            via,
        };
        let user_arn = || format!("arn:aws:iam::{account}:user/{name}");
        (self.identity, self.arn) = match class {
            Class::Service => (identity::service(name), String::new()),
            Class::KeyUser => {
                (identity::user(account, name, Proof::Key(&self.key), via), user_arn())
            }
            Class::ConsoleUser => {
                let proof = Proof::Console(&self.key, now, true);
                (identity::user(account, name, proof, via), user_arn())
            }
            Class::OpenId => {
                let provider = "token.actions.githubusercontent.com";
                (identity::federated("WebIdentityUser", provider, name), String::new())
            }
            Class::Saml => {
                let provider = "sso.example.com/saml";
                (identity::federated("SAMLUser", provider, "people"), String::new())
            }
            Class::Stranger => (identity::stranger(OUTSIDE_ACCOUNT, name), String::new()),
            Class::Root => {
                let proof = Proof::Console(&self.key, now, true);
                (identity::root(account, proof), format!("arn:aws:iam::{account}:root"))
            }
            _ => (session.json(), session.arn()),
        };
    }
}

fn address(part: &Part, seed: u64) -> String {
    match (part.class, part.via) {
        (Class::Service, _) => part.name.to_string(),
        (_, "") => match part.class {
            Class::App => format!("10.20.{}.{}", seed % 48, 4 + (seed >> 8) % 250),
            Class::Pipeline | Class::OpenId => format!("203.0.113.{}", 100 + seed % 20),
            Class::Stranger => "203.0.113.200".to_string(),
            _ => format!("198.51.100.{}", 20 + seed % 8),
        },
        (_, via) => via.to_string(),
    }
}
