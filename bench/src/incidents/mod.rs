//! The days that are not ordinary: what an intruder or a mistake leaves in the trail.
//!
//! Each incident is a short story told by one principal at a fixed place of the period
//! (the third and fourth week of four), from the address block 192.0.2.0/24 where an
//! intruder tells it. [`all`] makes them; [`Incident`] says what happened, and holds the
//! records.

mod access;
mod damage;
mod probing;

use crate::archive::Plan;
use crate::clock::{DAY, Moment};
use crate::dice::Dice;
use crate::record::{self, Call, Channel};
use crate::world::{Account, World};

/// Something that should be noticed.
#[derive(Debug)]
pub struct Incident {
    /// What happened, in one line.
    pub title: &'static str,
    /// ARN of who did it.
    pub principal: String,
    /// Its records, in order of time; never empty.
    steps: Vec<Step>,
}

/// One record of an incident.
#[derive(Debug)]
pub struct Step {
    /// When it happened.
    pub time: Moment,
    /// Its account.
    pub account: String,
    /// The region that recorded it.
    pub region: String,
    /// Its `eventName`.
    pub name: String,
    /// The record, JSON.
    pub record: String,
}

impl Incident {
    /// The records, in order of time.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// A row of a Markdown table: begin, account, region, principal, title, records.
    #[must_use]
    pub fn row(&self) -> String {
        let empty = Step {
            time: Moment::default(),
            account: String::new(),
            region: String::new(),
            name: String::new(),
            record: String::new(),
        };
        let first = self.steps.first().unwrap_or(&empty);
        format!(
            "| {} | {} | {} | `{}` | {} | {} |",
            first.time.iso(),
            first.account,
            first.region,
            self.principal,
            self.title,
            self.steps.len()
        )
    }
}

/// Who acts in an incident, and from where.
#[derive(Debug, Clone)]
struct Culprit {
    identity: String,
    arn: String,
    account: String,
    region: String,
    address: &'static str,
    agent: &'static str,
    channel: Channel,
}

const TOOL: &str = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off command/unknown";
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36";

/// The place and the means of one incident.
struct Stage<'a> {
    title: &'static str,
    accounts: &'a [Account],
    home: &'a str,
    begin: Moment,
    dice: &'a mut Dice,
    steps: Vec<Step>,
}

impl Stage<'_> {
    /// Identifier of an account; numbers beyond the last account start again.
    fn account(&self, number: usize) -> String {
        self.accounts[number % self.accounts.len()].id.clone()
    }

    /// Records that `who` made `call`, `after` seconds from the begin.
    ///
    /// Identity, time, account, address, agent and channel are those of `who`; the region
    /// too, unless the call names one.
    fn tell(&mut self, who: &Culprit, after: i64, call: Call<'_>) {
        let time = self.begin.plus(after);
        let region = if call.region.is_empty() { &who.region } else { call.region };
        let call = Call {
            identity: &who.identity,
            time,
            region,
            account: &who.account,
            address: who.address,
            agent: who.agent,
            channel: who.channel,
            ..call
        };
        let mut record = String::new();
        record::write(&mut record, self.dice, &call);
        self.steps.push(Step {
            time,
            account: who.account.clone(),
            region: region.to_string(),
            name: call.name.to_string(),
            record,
        });
    }

    fn end(self, who: &Culprit) -> Incident {
        Incident { title: self.title, principal: who.arn.clone(), steps: self.steps }
    }
}

type Tale = fn(Stage<'_>) -> Incident;

/// Day (of 28), hour, minute, title and tale of each incident.
const TALES: &[(i64, i64, i64, &str, Tale)] = &[
    (14, 2, 13, "Root signs in to the console without MFA", access::root_login),
    (
        15,
        22,
        40,
        "A stolen access key starts instances in a region never used before",
        damage::unused_region,
    ),
    (
        16,
        19,
        5,
        "Five failed console sign-ins, then a success without MFA",
        access::guessed_password,
    ),
    (
        16,
        19,
        31,
        "A new user is made administrator and given a key and a password; so is a key for a colleague",
        access::back_door,
    ),
    (17, 20, 10, "The trail is stopped and deleted", damage::blind_trail),
    (17, 20, 14, "VPC flow logs are deleted", damage::blind_flow_logs),
    (17, 20, 20, "The GuardDuty detector is deleted", damage::blind_detector),
    (18, 13, 25, "SSH is opened to the whole internet", access::open_port),
    (18, 15, 50, "A bucket policy lets anyone read a bucket", access::public_bucket),
    (21, 21, 15, "A snapshot is shared with an outside account", access::shared_snapshot),
    (
        21,
        21,
        40,
        "Thirty secrets are read in four minutes with an application's session",
        probing::secrets,
    ),
    (
        22,
        3,
        10,
        "Forty snapshots, instances and volumes are deleted in five minutes",
        damage::mass_deletion,
    ),
    (23, 18, 30, "An encryption key is scheduled for deletion", damage::key_deletion),
    (23, 18, 45, "A user's MFA device is deactivated", access::mfa_off),
    (24, 1, 20, "Forty calls are refused in four minutes", probing::denied_burst),
    (
        24,
        1,
        50,
        "Thirty different kinds of resources are listed in three minutes",
        probing::discovery,
    ),
    (25, 16, 5, "A role's trust policy is opened to an outside account", access::open_trust),
];

/// All incidents of `plan`, in order of time.
#[must_use]
pub fn all(world: &World, plan: &Plan) -> Vec<Incident> {
    let mut dice = Dice::new(plan.seed, 4);
    let home = plan.regions.first().map_or("eu-west-1", String::as_str);
    let tell = |(day, hour, minute, title, tale): &(i64, i64, i64, &'static str, Tale)| {
        let day = day * plan.days / 28;
        let second = dice.below(50) as i64;
        let begin = plan.start.plus(day * DAY + hour * 3600 + minute * 60 + second);
        let stage = Stage {
            title,
            accounts: &world.accounts,
            home,
            begin,
            dice: &mut dice,
            steps: Vec::new(),
        };
        tale(stage)
    };
    let mut incidents: Vec<Incident> = TALES.iter().map(tell).collect();
    incidents.sort_by_key(|incident| incident.steps.first().map(|step| step.time));
    incidents
}
