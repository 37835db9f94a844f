//! Request and response bodies with holes, such as `{"instanceId":"<instance>"}`.
//!
//! A template is cut into pieces once and filled many times. A hole names a resource of
//! the made-up world (`<bucket>`), something of the call (`<time>`) or fresh chance
//! (`<uuid>`). Within one record the same resource hole gives the same resource, so that
//! request, response and `resources` speak of one thing.

use crate::clock::Moment;
use crate::dice::{Dice, hash, mix, push_hex, push_uuid};

/// A template cut into text and holes.
#[derive(Debug, Clone, Default)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(&'static str),
    Hole(Hole),
}

/// How the identifier of a pooled resource looks.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A prefix and seventeen hexadecimal digits.
    Id(&'static str),
    Uuid,
    Hex(usize),
    /// One of these names, with the number of the pool's member where it repeats.
    Name(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy)]
enum Hole {
    Pooled(usize),
    Said(Said),
    Fresh(Fresh),
}

/// Holes that the call itself fills.
#[derive(Debug, Clone, Copy)]
enum Said {
    Account,
    Region,
    App,
    Principal,
    Time,
    Stamp,
    Day,
    RequestId,
    Role,
    Key,
    Session,
    Token,
}

/// Holes that chance fills anew each time.
#[derive(Debug, Clone, Copy)]
enum Fresh {
    Uuid,
    Hex,
    Base64,
    Number,
    Octet,
}

const NAMES: &[&str] =
    &["orders", "billing", "search", "media", "ledger", "ingest", "reports", "mailer"];
const BUCKETS: &[&str] = &[
    "examplecorp-data-lake",
    "examplecorp-media",
    "examplecorp-trail-logs",
    "examplecorp-artifacts",
    "examplecorp-reports",
    "examplecorp-backups",
];
const IMAGES: &[&str] = &["web", "worker", "bastion", "batch"];

/// Resources: the name of the hole, the size of its pool, the form of its members.
const POOLS: &[(&str, u64, Form)] = &[
    ("instance", 40, Form::Id("i-")),
    ("volume", 60, Form::Id("vol-")),
    ("snapshot", 80, Form::Id("snap-")),
    ("group", 12, Form::Id("sg-")),
    ("subnet", 9, Form::Id("subnet-")),
    ("vpc", 3, Form::Id("vpc-")),
    ("interface", 50, Form::Id("eni-")),
    ("image", 6, Form::Id("ami-")),
    ("template", 6, Form::Id("lt-")),
    ("routes", 6, Form::Id("rtb-")),
    ("cmk", 6, Form::Uuid),
    ("stackid", 12, Form::Uuid),
    ("detector", 1, Form::Hex(32)),
    ("task", 60, Form::Hex(32)),
    ("balancer", 6, Form::Hex(16)),
    ("target", 10, Form::Hex(16)),
    ("object", 900, Form::Hex(12)),
    ("bucket", 6, Form::Name(BUCKETS)),
    ("name", 16, Form::Name(NAMES)),
    ("cluster", 3, Form::Name(&["core", "batch", "edge"])),
    ("flavour", 4, Form::Name(IMAGES)),
    ("zone", 3, Form::Name(&["a", "b", "c"])),
];

const SAID: &[(&str, Said)] = &[
    ("account", Said::Account),
    ("region", Said::Region),
    ("app", Said::App),
    ("principal", Said::Principal),
    ("time", Said::Time),
    ("stamp", Said::Stamp),
    ("day", Said::Day),
    ("requestid", Said::RequestId),
    ("role", Said::Role),
    ("key", Said::Key),
    ("session", Said::Session),
    ("token", Said::Token),
];

const FRESH: &[(&str, Fresh)] = &[
    ("uuid", Fresh::Uuid),
    ("hex", Fresh::Hex),
    ("base64", Fresh::Base64),
    ("number", Fresh::Number),
    ("octet", Fresh::Octet),
];

/// What the holes of one record are filled from.
#[derive(Debug)]
pub struct Scene<'a> {
    /// Seed of the made-up world.
    pub seed: u64,
    /// Account that owns the resources.
    pub account: &'a str,
    /// Region of the resources.
    pub region: &'a str,
    /// Short name of the caller's application.
    pub app: &'a str,
    /// ARN of the caller.
    pub principal: &'a str,
    /// Time of the call.
    pub time: Moment,
    /// `requestID` of the call.
    pub request_id: &'a str,
    /// What is granted where the call asks for a session.
    pub grant: Grant<'a>,
    chosen: [Option<u64>; POOLS.len()],
}

/// A session that a call of STS hands out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grant<'a> {
    /// Name of the role.
    pub role: &'a str,
    /// The session's access key.
    pub key: &'a str,
    /// Name of the session.
    pub session: &'a str,
    /// Length of the session token.
    pub token_length: usize,
}

impl<'a> Scene<'a> {
    /// A scene with nothing chosen yet.
    #[must_use]
    pub fn new(seed: u64, account: &'a str, region: &'a str) -> Self {
        Self {
            seed,
            account,
            region,
            app: "",
            principal: "",
            time: Moment::default(),
            request_id: "",
            grant: Grant::default(),
            chosen: [None; POOLS.len()],
        }
    }
}

impl Template {
    /// The template that `text` writes. A hole of unknown name stays as it is written.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, hole, after)) = next_hole(rest) {
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Hole(hole));
            rest = after;
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    /// Appends the template with its holes filled.
    pub fn fill(&self, out: &mut String, scene: &mut Scene<'_>, dice: &mut Dice) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(Hole::Pooled(pool)) => push_pooled(out, *pool, scene, dice),
                Piece::Hole(Hole::Said(said)) => push_said(out, *said, scene, dice),
                Piece::Hole(Hole::Fresh(fresh)) => push_fresh(out, *fresh, dice),
            }
        }
    }
}

fn next_hole(text: &'static str) -> Option<(&'static str, Hole, &'static str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('<')?;
        let close = open + text[open..].find('>')?;
        if let Some(hole) = hole(&text[open + 1..close]) {
            return Some((&text[..open], hole, &text[close + 1..]));
        }
        from = open + 1;
    }
}

fn hole(name: &str) -> Option<Hole> {
    let pooled = POOLS.iter().position(|pool| pool.0 == name).map(Hole::Pooled);
    let said = || SAID.iter().find(|said| said.0 == name).map(|said| Hole::Said(said.1));
    let fresh = || FRESH.iter().find(|fresh| fresh.0 == name).map(|fresh| Hole::Fresh(fresh.1));
    pooled.or_else(said).or_else(fresh)
}

fn push_pooled(out: &mut String, pool: usize, scene: &mut Scene<'_>, dice: &mut Dice) {
    let (name, size, form) = POOLS[pool];
    let member = *scene.chosen[pool].get_or_insert_with(|| dice.skewed(size));
    let place = hash(hash(scene.seed, scene.account), scene.region);
    let seed = mix(hash(place, name) ^ member);
    match form {
        Form::Id(prefix) => {
            out.push_str(prefix);
            out.push('0');
            push_hex(out, seed, 16);
        }
        Form::Uuid => push_uuid(out, seed),
        Form::Hex(count) => push_hex(out, seed, count),
        Form::Name(names) => {
            let count = names.len() as u64;
            out.push_str(names[(member % count) as usize]);
            if member >= count {
                out.push('-');
                out.push_str(&(member / count + 1).to_string());
            }
        }
    }
}

fn push_said(out: &mut String, said: Said, scene: &Scene<'_>, dice: &mut Dice) {
    match said {
        Said::Account => out.push_str(scene.account),
        Said::Region => out.push_str(scene.region),
        Said::App => out.push_str(scene.app),
        Said::Principal => out.push_str(scene.principal),
        Said::Time => scene.time.push_iso(out),
        Said::Stamp => out.push_str(&(scene.time.0 * 1000).to_string()),
        Said::Day => scene.time.push_day_path(out),
        Said::RequestId => out.push_str(scene.request_id),
        Said::Role => out.push_str(scene.grant.role),
        Said::Key => out.push_str(scene.grant.key),
        Said::Session => out.push_str(scene.grant.session),
        Said::Token => {
            out.push_str("IQoJb3JpZ2luX2VjE");
            dice.push_base64(out, scene.grant.token_length);
        }
    }
}

fn push_fresh(out: &mut String, fresh: Fresh, dice: &mut Dice) {
    match fresh {
        Fresh::Uuid => dice.push_uuid(out),
        Fresh::Hex => push_hex(out, dice.bits(), 8),
        Fresh::Base64 => dice.push_base64(out, 43),
        Fresh::Number => out.push_str(&(1 + dice.below(900)).to_string()),
        Fresh::Octet => out.push_str(&(4 + dice.below(250)).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &'static str) -> String {
        let mut out = String::new();
        let mut scene = Scene::new(1, "111122223333", "eu-west-1");
        Template::new(text).fill(&mut out, &mut scene, &mut Dice::new(5, 0));
        out
    }

    #[test]
    fn a_resource_is_the_same_throughout_a_record() {
        let text = filled("<instance> <instance> <region>");
        let words: Vec<&str> = text.split(' ').collect();
        assert_eq!(words[0], words[1]);
        assert!(words[0].starts_with("i-0") && words[0].len() == 19, "{text}");
        assert_eq!(words[2], "eu-west-1");
    }

    #[test]
    fn unknown_holes_stay() {
        assert_eq!(filled("a <b> <account>"), "a <b> 111122223333");
    }
}
