//! An ordinary day: who calls what, with which outcome.
//!
//! [`Background::event`] makes the text of one record at a time. It chooses an account, an
//! actor (the last one goes on with its work more often than not), one of the actor's
//! calls and a region, and keeps sessions: a call of `AssumeRole…` renews the session of
//! the role it is for, so that later records carry the key it handed out.

use crate::apis::{Api, is_global};
use crate::cast::Class;
use crate::clock::Moment;
use crate::dice::Dice;
use crate::identity::{self, Proof};
use crate::record::{self, Call, Channel, Kind};
use crate::template::{Grant, Scene};
use crate::world::{Actor, GLOBAL_REGION, World};

/// What the least long record is made for; with what its caller adds it comes to 2.3 kB.
const LONG_BYTES: usize = 2_050;
/// Size of a large record's text.
const LARGE_BYTES: usize = 31_000;
/// Size of a huge record's text: near the 256 KB that CloudTrail allows.
const HUGE_BYTES: usize = 250_000;
/// CloudTrail cuts requestParameters and responseElements at 100 KB.
const FIELD_BYTES: usize = 100_000;

/// Chance that an actor goes on with its work.
const GOES_ON: f64 = 0.6;

/// How unusual an ordinary day may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habits {
    /// Share of calls that are refused for want of permission.
    pub denied: f64,
    /// Share of records of 2.3 to 5.3 kB, mostly the former.
    pub long: f64,
    /// Share of records of about 31 kB.
    pub large: f64,
    /// Share of records of about 250 kB.
    pub huge: f64,
    /// Characters in a session token.
    pub token_length: usize,
}

/// One event of an ordinary day.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its account.
    pub account: &'a str,
    /// Region that recorded it.
    pub region: &'a str,
    /// The record, JSON.
    pub text: &'a str,
}

/// What a call wants and gets, rendered.
#[derive(Debug, Default)]
struct Bodies {
    request: String,
    response: String,
    resources: String,
    request_id: String,
    message: String,
}

impl Bodies {
    fn clear(&mut self) {
        self.request.clear();
        self.response.clear();
        self.resources.clear();
        self.request_id.clear();
        self.message.clear();
    }
}

/// The ordinary work of a world.
#[derive(Debug)]
pub struct Background {
    world: World,
    habits: Habits,
    dice: Dice,
    last: Vec<usize>,
    /// Account, actor and call of the burst at hand.
    burst: (usize, usize, usize),
    bodies: Bodies,
    text: String,
}

impl Background {
    /// The ordinary work of `world`.
    #[must_use]
    pub fn new(world: World, habits: Habits, dice: Dice) -> Self {
        let last = vec![0; world.accounts.len()];
        let (burst, bodies) = ((0, 0, 0), Bodies::default());
        Self { world, habits, dice, last, burst, bodies, text: String::new() }
    }

    /// The next event, at `now`.
    pub fn event(&mut self, now: Moment) -> Event<'_> {
        let at = self.world.pick_account(&mut self.dice);
        if !self.dice.chance(GOES_ON) {
            self.last[at] = self.world.accounts[at].pick_actor(&mut self.dice);
        }
        let who = self.last[at];
        self.wake(at, who, now);
        let call = self.pick_call(at, who);
        self.make(at, who, call, now)
    }

    /// Chooses who makes the events of the next burst, and which call.
    pub fn begin_burst(&mut self) {
        let at = self.world.pick_account(&mut self.dice);
        let who = self.world.accounts[at].pick_actor(&mut self.dice);
        self.burst = (at, who, self.pick_call(at, who));
    }

    /// The next event of the burst that was begun last, at `now`.
    pub fn event_of_burst(&mut self, now: Moment) -> Event<'_> {
        let (at, who, call) = self.burst;
        self.wake(at, who, now);
        self.make(at, who, call, now)
    }

    /// Gives the actor a session that holds at `now`.
    fn wake(&mut self, at: usize, who: usize, now: Moment) {
        let account = &mut self.world.accounts[at];
        if account.actors[who].ends <= now {
            account.actors[who].renew(&account.id, now);
        }
    }

    fn pick_call(&mut self, at: usize, who: usize) -> usize {
        let calls = &self.world.accounts[at].actors[who].calls;
        calls[self.dice.skewed(calls.len() as u64) as usize]
    }

    fn make(&mut self, at: usize, who: usize, call: usize, now: Moment) -> Event<'_> {
        let region = self.region(at, who, call);
        self.text.clear();
        self.bodies.clear();
        if self.dice.chance(self.habits.huge) {
            self.bulky(at, region, now, HUGE_BYTES);
        } else if self.dice.chance(self.habits.large) {
            self.bulky(at, region, now, LARGE_BYTES);
        } else if self.habits.long > 0.0 && self.dice.chance(self.habits.long) {
            // Without long records nothing is drawn, so an older archive stays as it was.
            let bytes = LONG_BYTES + self.dice.skewed(3_000) as usize;
            self.bulky(at, region, now, bytes);
        } else {
            let granted = self.grant(at, who, now);
            self.render(Doing { at, who, call, region, now, granted });
        }
        let account = &self.world.accounts[at];
        let region = region.map_or(GLOBAL_REGION, |number| account.regions[number].as_str());
        Event { account: &account.id, region, text: &self.text }
    }

    /// Position of the region in the account's list; nothing for the global region.
    fn region(&mut self, at: usize, who: usize, call: usize) -> Option<usize> {
        let api = &self.world.catalog.get(call).api;
        let account = &self.world.accounts[at];
        let actor = &account.actors[who];
        if is_global(api.source) || api.kind == Kind::SignIn {
            return None;
        }
        let steady = matches!(actor.part.class, Class::App | Class::KeyUser | Class::Pipeline);
        let spread = self.dice.skewed(account.regions.len() as u64) as usize;
        Some(if steady { actor.home } else { spread })
    }

    /// The actor whose session a call of this actor would renew, renewed.
    fn grant(&mut self, at: usize, who: usize, now: Moment) -> Option<usize> {
        let account = &mut self.world.accounts[at];
        let class = match account.actors[who].part.class {
            Class::Service => Class::App,
            Class::OpenId => Class::Pipeline,
            Class::Saml => Class::Person,
            _ => return None,
        };
        let granted = account.pick_of_class(class, &mut self.dice)?;
        account.actors[granted].renew(&account.id, now);
        Some(granted)
    }

    fn render(&mut self, doing: Doing) {
        let Self { world, habits, dice, bodies, text, .. } = self;
        let account = &world.accounts[doing.at];
        let actor = &account.actors[doing.who];
        let entry = world.catalog.get(doing.call);
        let region = doing.region.map_or(GLOBAL_REGION, |number| account.regions[number].as_str());
        if entry.api.source == "s3" {
            dice.push_upper(&mut bodies.request_id, 16);
        } else {
            dice.push_uuid(&mut bodies.request_id);
        }
        let mut scene = Scene::new(world.seed, &account.id, region);
        scene.app = actor.part.name;
        scene.principal = &actor.arn;
        scene.time = doing.now;
        scene.request_id = &bodies.request_id;
        scene.grant = grant_of(doing.granted.map(|other| &account.actors[other]), *habits);
        entry.request.fill(&mut bodies.request, &mut scene, dice);
        entry.response.fill(&mut bodies.response, &mut scene, dice);
        entry.resources.fill(&mut bodies.resources, &mut scene, dice);
        let outcome = outcome(&entry.api, actor, habits.denied, dice);
        bodies.message.push_str(&outcome.1);
        let bare = bare_identity(&entry.api, actor, &account.id);
        let call = Call {
            identity: bare.as_deref().unwrap_or(&actor.identity),
            time: doing.now,
            source: entry.api.source,
            name: entry.api.name,
            kind: entry.api.kind,
            region,
            account: &account.id,
            address: &actor.address,
            agent: actor.agent(),
            error: outcome.0,
            message: &bodies.message,
            request: &bodies.request,
            response: &bodies.response,
            additional: if bare.is_some() { LOGIN } else { "" },
            resources: &bodies.resources,
            request_id: &bodies.request_id,
            channel: channel(actor),
        };
        record::write(text, dice, &call);
    }

    /// Renders a record that tags so many resources that it comes to about `bytes`.
    fn bulky(&mut self, at: usize, region: Option<usize>, now: Moment, bytes: usize) {
        let Self { world, dice, bodies, text, .. } = self;
        let account = &mut world.accounts[at];
        let Some(who) = account.pick_of_class(Class::Pipeline, dice) else { return };
        if account.actors[who].ends <= now {
            account.actors[who].renew(&account.id, now);
        }
        let field = (bytes - 1500).min(FIELD_BYTES);
        let [head, tail] = [r#"{"resourcesSet":{"items":["#, "]}}"];
        for (part, share) in [
            (&mut bodies.request, field),
            (&mut bodies.response, (bytes - 1500 - field).min(FIELD_BYTES)),
        ] {
            part.push_str(head);
            push_items(part, share, (r#"{"resourceId":"i-0"#, r#""}"#), dice);
            part.push_str(tail);
        }
        let rest = bytes.saturating_sub(1500 + 2 * FIELD_BYTES);
        bodies.resources.push('[');
        push_items(
            &mut bodies.resources,
            rest,
            (r#"{"ARN":"arn:aws:ec2:::instance/i-0"#, r#""}"#),
            dice,
        );
        bodies.resources.push(']');
        let actor = &account.actors[who];
        let call = Call {
            identity: &actor.identity,
            time: now,
            source: "ec2",
            name: "CreateTags",
            region: region.map_or(GLOBAL_REGION, |number| account.regions[number].as_str()),
            account: &account.id,
            address: &actor.address,
            agent: actor.agent(),
            request: &bodies.request,
            response: &bodies.response,
            resources: if rest > 0 { &bodies.resources } else { "" },
            ..Call::default()
        };
        record::write(text, dice, &call);
    }
}

/// The choices behind one record.
#[derive(Debug, Clone, Copy)]
struct Doing {
    at: usize,
    who: usize,
    call: usize,
    region: Option<usize>,
    now: Moment,
    granted: Option<usize>,
}

const LOGIN: &str = r#"{"LoginTo":"https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true","MobileVersion":"No","MFAUsed":"Yes"}"#;

fn grant_of(granted: Option<&Actor>, habits: Habits) -> Grant<'_> {
    granted.map_or(
        Grant {
            role: "partner-readonly",
            key: "ASIAPARTNERREADONLY0",
            session: "partner",
            token_length: habits.token_length,
        },
        |actor| Grant {
            role: &actor.role,
            key: &actor.key,
            session: &actor.session,
            token_length: habits.token_length,
        },
    )
}

/// The identity of a sign-in, which has no key and no session yet.
fn bare_identity(api: &Api, actor: &Actor, account: &str) -> Option<String> {
    (api.kind == Kind::SignIn).then(|| match actor.part.class {
        Class::Root => identity::root(account, Proof::SignIn),
        _ => identity::user(account, actor.part.name, Proof::SignIn, ""),
    })
}

fn channel(actor: &Actor) -> Channel {
    let browser = actor.part.agent.starts_with("Mozilla");
    match (actor.part.class, actor.part.via) {
        (Class::Service | Class::Stranger, _) => Channel::Shared,
        (Class::Saml, "") => Channel::Client,
        (_, "") if browser => Channel::Console,
        (_, "") => Channel::Client,
        _ => Channel::Internal,
    }
}

/// Error code and message of a call; both empty for success.
fn outcome(api: &Api, actor: &Actor, denied: f64, dice: &mut Dice) -> (&'static str, String) {
    if let Some((code, message, per_mille)) = api.error
        && dice.chance(f64::from(per_mille) / 1000.0)
    {
        return (code, message.to_string());
    }
    let may_be_denied = !actor.arn.is_empty() && api.kind != Kind::SignIn;
    if may_be_denied && dice.chance(denied) {
        return denial(api.source, api.name, &actor.arn);
    }
    ("", String::new())
}

/// Error code and message of a call refused for want of permission.
#[must_use]
pub fn denial(source: &str, name: &str, principal: &str) -> (&'static str, String) {
    let code = match source {
        "ec2" => "Client.UnauthorizedOperation",
        "s3" | "iam" | "sts" | "sns" | "autoscaling" | "cloudformation" => "AccessDenied",
        _ => "AccessDeniedException",
    };
    let call = name.split("20").next().unwrap_or(name);
    let message = format!(
        "User: {principal} is not authorized to perform: {source}:{call} because no identity-based policy allows the {source}:{call} action"
    );
    (code, message)
}

fn push_items(out: &mut String, bytes: usize, around: (&str, &str), dice: &mut Dice) {
    let mut first = true;
    while out.len() + 60 < bytes {
        if !first {
            out.push(',');
        }
        first = false;
        out.push_str(around.0);
        crate::dice::push_hex(out, dice.bits(), 16);
        out.push_str(around.1);
    }
}
