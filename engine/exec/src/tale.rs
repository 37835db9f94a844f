//! What a sequence tells when it fires: its steps, its evidence and what it shows.

use crate::alert::{self, Beside, Fired, Firing};
use crate::canonical;
use crate::eval::{Eval, Given, names_secret};
use crate::evidence::{Many, Shown, add_to, tag};
use crate::fact::GroupKey;
use crate::pursuit::Chase;
use crate::redact::REDACTED;
use crate::sequence::{Chosen, Fire};
use crate::steps::Seen;
use event::{EventTime, Value};
use plan::{Node, NodeId, Piece, Show, ShowFunc};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The firing of a fire; `short` says that the group may lack something.
pub(crate) fn firing(
    fire: &Fire<Seen>,
    key: &GroupKey,
    chase: Chase<'_>,
    short: bool,
) -> Option<Firing> {
    let (rule, sequence) = (chase.rule, chase.sequence);
    let last = fire.last.as_ref()?;
    let picked = picked(fire, chase);
    let evidence = evidence(fire, &picked, chase);
    let mut because = Vec::new();
    if !rule.filter.text.is_empty() {
        let filter = &rule.filter;
        because.push(alert::because("where", &filter.text, alert::params(filter)).into());
    }
    let values: Map<_, _> =
        sequence.params.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let mut told = alert::because("sequence", &sequence.text, values);
    told.insert("steps".to_owned(), steps(fire, chase));
    let window = [EventTime(fire.first).to_string(), EventTime(fire.second).to_string()];
    told.insert("window".to_owned(), json!(window));
    if short {
        told.insert("approximate".to_owned(), json!(true));
    }
    because.push(told.into());
    let paths = chase.program.groups[sequence.by].iter().map(|path| &*path.text);
    let fired = Fired {
        rule,
        number: chase.number,
        apart: false,
        second: Some(fire.second),
        group: paths.zip(key.texts.lend().iter()).collect(),
        tuple: None,
        id: last.ids.first()?,
        witness: last.body.said().witness(),
        aggregates: &[],
        because,
        evidence: alert::evidence(&evidence),
        show: alert::show(rule, &evidence),
        exempted: fire.exempted,
        beside: Beside {
            picked,
            counts: fire.steps.iter().map(|told| (told.step, told.count)).collect(),
            usual: None,
        },
    };
    Some(fired.firing(false))
}

/// What the title, `suppress` and `show` read of the events chosen for steps.
fn picked(fire: &Fire<Seen>, chase: Chase<'_>) -> Vec<(NodeId, Box<str>)> {
    let mut events: Vec<Option<&Seen>> = vec![None; chase.sequence.steps.len()];
    for told in &fire.steps {
        if chase.sequence.steps[told.step].count.is_none() {
            events[told.step] = told.chosen.first().map(|chosen| &chosen.body);
        }
    }
    let given = Given { picked: &events, ..Given::default() };
    let mut eval = Eval::beside(chase.program, chase.arena, &given, &[]);
    let of_title = chase.rule.title.iter().filter_map(|piece| match piece {
        Piece::Path(named) => Some(named.node),
        _ => None,
    });
    let by = chase.rule.suppress.as_ref().and_then(|suppress| suppress.by.as_ref());
    let held_by = by.into_iter().flatten().map(|path| path.node);
    let shown = chase.rule.show.iter().map(|show| show.node);
    let nodes = of_title.chain(held_by).chain(shown);
    nodes
        .filter(|node| chase.program.reads(*node).steps)
        .map(|node| {
            let value = eval.value(node);
            let secret = value.exists() && reads_secret(node, chase);
            (node, canonical::text(if secret { Value::Text(REDACTED) } else { value }))
        })
        .collect()
}

/// Whether a node is a value of a step's event that alerts do not show.
fn reads_secret(node: NodeId, chase: Chase<'_>) -> bool {
    let Node::Picked(step, column) = chase.program.node(node) else { return false };
    let column = chase.sequence.steps.get(*step).and_then(|step| step.columns.get(*column));
    column.is_some_and(|column| names_secret(chase.program, chase.program.node(*column)))
}

/// The steps that want events, as `because` tells them.
fn steps(fire: &Fire<Seen>, chase: Chase<'_>) -> serde_json::Value {
    let steps = fire.steps.iter().map(|told| {
        let (ids, _) = listed(&told.chosen);
        let ids: Vec<String> = ids.iter().map(|id| alert::cut(id.to_string())).collect();
        let ends = [told.chosen.first(), told.chosen.last()];
        json!({
            "step": chase.sequence.steps[told.step].name,
            "count": told.count,
            "ids": ids,
            "time": ends.map(|chosen| chosen.map(|chosen| EventTime(chosen.second).to_string())),
        })
    });
    steps.collect()
}

/// The first ids of events and the last, in order of (time, id).
fn listed(chosen: &[Chosen<Seen>]) -> (Vec<Arc<str>>, Option<Arc<str>>) {
    let mut ids: Vec<Arc<str>> = Vec::new();
    let mut last = None;
    for second in chosen.chunk_by(|a, b| a.second == b.second) {
        if ids.len() < Many::IDS {
            let mut own: Vec<_> = second.iter().flat_map(|chosen| &chosen.ids).cloned().collect();
            own.sort_unstable();
            ids.extend(own);
        }
        last = second.iter().map(greatest).max();
    }
    ids.truncate(Many::IDS);
    (ids, last)
}

/// The greatest id of events of one entry.
fn greatest(chosen: &Chosen<Seen>) -> Arc<str> {
    match chosen.ids.last() {
        Some(id) if chosen.ids.len() as u64 == chosen.events => Arc::clone(id),
        _ => Arc::clone(&chosen.body.last),
    }
}

fn evidence(fire: &Fire<Seen>, picked: &[(NodeId, Box<str>)], chase: Chase<'_>) -> Many {
    let (ids, last) = listed(&fire.evidence);
    let shows = chase.rule.show.iter().enumerate();
    let events = fire.evidence.iter().map(|chosen| chosen.events).sum();
    let shows = shows.map(|(at, show)| shown(fire, at, show, picked)).collect();
    Many::new(events, (ids, last), shows)
}

/// What an item of `show` says of the events that the alert tells.
fn shown(fire: &Fire<Seen>, at: usize, show: &Show, picked: &[(NodeId, Box<str>)]) -> Shown {
    let of_step = picked.iter().find(|(node, _)| *node == show.node).map(|(_, text)| &**text);
    let said = |chosen: &Chosen<Seen>| -> Box<str> {
        let own = || chosen.body.said().shows().get(at)?.strip_prefix(tag(show));
        of_step.or_else(own).unwrap_or("null").into()
    };
    let none: Arc<str> = "".into();
    let told = |chosen: Option<&Chosen<Seen>>| chosen.map_or_else(|| "null".into(), said);
    let events = &fire.evidence;
    match show.func {
        ShowFunc::Top => {
            let mut counts = BTreeMap::new();
            for chosen in events {
                let value = said(chosen);
                if &*value != "null" {
                    add_to(&mut counts, &value, chosen.events);
                }
            }
            Shown::Top(counts)
        }
        ShowFunc::First => {
            let first = events.chunk_by(|a, b| a.second == b.second).next();
            let first = first.unwrap_or_default().iter();
            Shown::First(none, told(first.min_by(|a, b| a.ids.first().cmp(&b.ids.first()))))
        }
        ShowFunc::Last => {
            let last = events.chunk_by(|a, b| a.second == b.second).next_back();
            let last = last.unwrap_or_default().iter();
            Shown::Last(none, told(last.max_by_key(|chosen| greatest(chosen))))
        }
    }
}
