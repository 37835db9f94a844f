//! Rules to a program: what each asks of events, of its groups, and for its alerts.

mod learned;
mod steps;

use crate::lower::{Lowering, PlanError};
use crate::node::{Node, NodeId};
use crate::program::{
    Aggregate, Clause, Column, GroupRule, Kind, Named, Piece, Program, Rule, Show, Suppress,
};
use event::{Base, Derived, Layout};
use lang::typed;
use lang::typed::{AggregateKind, Const, Ruleset};

/// The program of checked rules that are enabled.
///
/// # Errors
///
/// [`PlanError`] where the rules together are too much for one program.
pub fn compile(rules: &Ruleset) -> Result<Program, PlanError> {
    let lowering = Lowering::with_room(rules.rules.len());
    let (head, evidence) = (Vec::new(), Vec::new());
    let mut builder = Builder { lowering, groups: Vec::new(), head, evidence };
    builder.lowering.lets(&rules.lets)?;
    let mut made = Vec::with_capacity(rules.rules.len());
    for rule in rules.rules.iter().filter(|rule| rule.enabled) {
        made.push(builder.rule(rule)?);
    }
    Ok(builder.finish(made))
}

struct Builder {
    lowering: Lowering,
    groups: Vec<Vec<Named>>,
    /// The nodes of [`HEAD`], once there is a rule.
    head: Vec<NodeId>,
    /// The nodes of [`EVIDENCE`], once there is a one-event rule.
    evidence: Vec<NodeId>,
}

/// The paths of every alert's head, in its order.
const HEAD: [(&str, Derived); 3] =
    [("account", Derived::Account), ("region", Derived::Region), ("principal", Derived::Principal)];

/// The raw fields that the evidence of a one-event rule tells, in its order.
pub const EVIDENCE: [Base; 7] = [
    Base::EventId,
    Base::EventSource,
    Base::EventName,
    Base::AwsRegion,
    Base::SourceIpAddress,
    Base::UserAgent,
    Base::ErrorCode,
];

impl Builder {
    fn finish(self, rules: Vec<Rule>) -> Program {
        let Lowering { mut layout, nodes, reads, .. } = self.lowering;
        want_always(&mut layout);
        let mut memos = 0;
        let memo = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let reads = reads[at];
                let asked = is_condition(node) && reads.event && reads.of_event_alone();
                asked.then(|| {
                    memos += 1;
                    memos - 1
                })
            })
            .collect();
        Program { layout, nodes, reads, memo, memos: memos as usize, rules, groups: self.groups }
    }

    fn rule(&mut self, rule: &typed::Rule) -> Result<Rule, PlanError> {
        let params = &rule.params;
        let mut filter = self.clause(&rule.filter, params)?;
        let excepts = self.lowering.all(&rule.excepts, params)?;
        let mut kind = match (&rule.when, &rule.sequence) {
            (Some(when), _) => Kind::Group(Box::new(self.group(rule, when)?)),
            (None, Some(sequence)) => {
                let steps = self.sequence(rule, sequence)?;
                filter.node = self.entrance(filter.node, &steps);
                Kind::Sequence(Box::new(steps))
            }
            (None, None) => Kind::Event,
        };
        let title = self.title(rule)?;
        let show = self.show(rule)?;
        let suppress = self.suppress(rule)?;
        let witness = self.witness(&title, suppress.as_ref(), &kind)?;
        self.columns(&mut kind);
        Ok(Rule {
            name: rule.name.as_str().into(),
            builtin: rule.builtin,
            version: rule.version,
            severity: rule.severity,
            attack: rule.attack.iter().map(|technique| technique.as_str().into()).collect(),
            title,
            filter,
            excepts,
            kind,
            witness,
            show,
            suppress,
        })
    }

    fn clause(
        &mut self,
        clause: &typed::Clause,
        params: &[typed::ParamValue],
    ) -> Result<Clause, PlanError> {
        let told = clause.params.iter().map(|number| {
            let param = &params[*number];
            (param.name.as_str().into(), json_of(&param.value))
        });
        Ok(Clause {
            node: self.lowering.expr(&clause.expr, params)?,
            text: clause.text.as_str().into(),
            params: told.collect(),
        })
    }

    fn named(
        &mut self,
        all: &[typed::Named],
        params: &[typed::ParamValue],
    ) -> Result<Vec<Named>, PlanError> {
        all.iter()
            .map(|named| {
                let node = self.lowering.expr(&named.expr, params)?;
                Ok(Named { text: named.text.as_str().into(), node })
            })
            .collect()
    }

    fn group(&mut self, rule: &typed::Rule, when: &typed::Clause) -> Result<GroupRule, PlanError> {
        let params = &rule.params;
        let by = self.by(rule)?;
        let mut group = GroupRule {
            by,
            within: rule.within.as_ref().map(|w| (w.seconds, w.text.as_str().into())),
            when: self.clause(when, params)?,
            aggregates: Vec::new(),
            floors: Vec::new(),
            score_floors: Vec::new(),
            counts: Vec::new(),
            sets: Vec::new(),
            sums: Vec::new(),
            first_seen: None,
            rare: None,
            baselines: rule.baselines.clone(),
        };
        for aggregate in &rule.aggregates {
            let column = self.column(&aggregate.kind, params, &mut group)?;
            group.aggregates.push(Aggregate { text: aggregate.text.as_str().into(), column });
        }
        group.floors = self.floors(&group);
        group.score_floors = self.score_floors(group.when.node);
        if let Some(first) = &rule.first_seen {
            group.first_seen = Some(self.first_seen(first, params)?);
        }
        if let Some(rare) = &rule.rare {
            group.rare = Some(self.rare(rare, params)?);
        }
        Ok(group)
    }

    /// The conjuncts of `when` of the form `aggregate >= n`; where one of several is enough, the
    /// events that each of them asks.
    fn floors(&self, group: &GroupRule) -> Vec<(Column, i64)> {
        let node = |id: NodeId| &self.lowering.nodes[id.0 as usize];
        let least = |part: NodeId| {
            let (low, high, strict) = match node(part) {
                Node::Le(low, high) => (node(*low), node(*high), 0),
                Node::Lt(low, high) => (node(*low), node(*high), 1),
                _ => return None,
            };
            let (Node::Const(Const::Int(least)), Node::Aggregate(number)) = (low, high) else {
                return None;
            };
            let column = group.aggregates.get(*number)?.column;
            match column {
                Column::Events | Column::Count(_) | Column::Set(_) => {
                    Some((column, least.saturating_add(strict)))
                }
                // A sum is compared as a float, which may be a little more than it is.
                Column::Sum(_) => Some((column, least.saturating_sub(1))),
                Column::Ratio(_) => None,
            }
        };
        match node(group.when.node) {
            Node::And(parts) => parts.iter().filter_map(|part| least(*part)).collect(),
            Node::Or(parts) => {
                // Each event counts once at most, whatever is counted.
                let events = |part: &NodeId| match least(*part)? {
                    (Column::Events | Column::Count(_) | Column::Set(_), least) => Some(least),
                    _ => None,
                };
                let each: Option<Vec<i64>> = parts.iter().map(events).collect();
                let least = each.and_then(|each| each.into_iter().min());
                least.map(|least| (Column::Events, least)).into_iter().collect()
            }
            _ => least(group.when.node).into_iter().collect(),
        }
    }

    /// The conjuncts of `when` of the form `zscore(…) >= n`.
    fn score_floors(&self, when: NodeId) -> Vec<(usize, f64)> {
        let node = |id: NodeId| &self.lowering.nodes[id.0 as usize];
        let least = |part: NodeId| {
            let (Node::Le(low, high) | Node::Lt(low, high)) = node(part) else { return None };
            match (node(*low), node(*high)) {
                (Node::Const(Const::Int(least)), Node::Score(number)) => {
                    i32::try_from(*least).ok().map(|least| (*number, f64::from(least)))
                }
                (Node::Const(Const::Float(least)), Node::Score(number)) => Some((*number, *least)),
                _ => None,
            }
        };
        match node(when) {
            Node::And(parts) => parts.iter().filter_map(|part| least(*part)).collect(),
            _ => least(when).into_iter().collect(),
        }
    }

    /// The number of the rule's `by` list.
    fn by(&mut self, rule: &typed::Rule) -> Result<usize, PlanError> {
        let paths = self.named(&rule.by, &rule.params)?;
        Ok(place(&mut self.groups, paths))
    }

    fn column(
        &mut self,
        kind: &AggregateKind,
        params: &[typed::ParamValue],
        group: &mut GroupRule,
    ) -> Result<Column, PlanError> {
        Ok(match kind {
            AggregateKind::Count => Column::Events,
            AggregateKind::CountIf(cond) => {
                Column::Count(place(&mut group.counts, self.lowering.expr(cond, params)?))
            }
            AggregateKind::Ratio(cond) => {
                Column::Ratio(place(&mut group.counts, self.lowering.expr(cond, params)?))
            }
            AggregateKind::Distinct(tuple) => {
                Column::Set(place(&mut group.sets, self.lowering.all(tuple, params)?))
            }
            AggregateKind::Sum(value) => {
                Column::Sum(place(&mut group.sums, self.lowering.expr(value, params)?))
            }
        })
    }

    fn reads(&self, node: NodeId) -> crate::node::Reads {
        self.lowering.reads[node.0 as usize]
    }

    fn title(&mut self, rule: &typed::Rule) -> Result<Vec<Piece>, PlanError> {
        rule.title
            .iter()
            .map(|piece| {
                Ok(match piece {
                    typed::Piece::Text(text) => Piece::Text(text.as_str().into()),
                    typed::Piece::Aggregate(number) => Piece::Aggregate(*number),
                    typed::Piece::Window => Piece::Window,
                    typed::Piece::StepCount(number) => Piece::StepCount(*number),
                    typed::Piece::Score => Piece::Score,
                    typed::Piece::Center => Piece::Center,
                    typed::Piece::Scale => Piece::Scale,
                    typed::Piece::Path(named) => Piece::Path(Named {
                        text: named.text.as_str().into(),
                        node: self.lowering.expr(&named.expr, &rule.params)?,
                    }),
                })
            })
            .collect()
    }

    fn show(&mut self, rule: &typed::Rule) -> Result<Vec<Show>, PlanError> {
        rule.show
            .iter()
            .map(|show| {
                let node = self.lowering.expr(&show.expr, &rule.params)?;
                Ok(Show { text: show.text.as_str().into(), func: show.func, node })
            })
            .collect()
    }

    fn suppress(&mut self, rule: &typed::Rule) -> Result<Option<Suppress>, PlanError> {
        let Some(suppress) = &rule.suppress else { return Ok(None) };
        let by = match &suppress.by {
            Some(paths) => Some(self.named(paths, &rule.params)?),
            None => None,
        };
        Ok(Some(Suppress { seconds: suppress.seconds, by }))
    }

    /// What the firing event must give: the head, and what the title and `suppress` read that
    /// the group's key does not tell.
    fn witness(
        &mut self,
        title: &[Piece],
        suppress: Option<&Suppress>,
        kind: &Kind,
    ) -> Result<Vec<NodeId>, PlanError> {
        if self.head.is_empty() {
            self.head = HEAD.iter().map(|(_, name)| self.lowering.name(*name)).collect();
        }
        let mut witness = self.head.clone();
        let own = match kind {
            Kind::Event => {
                if self.evidence.is_empty() {
                    let texts = EVIDENCE.into_iter().map(|base| self.lowering.raw_text(base));
                    self.evidence = texts.collect::<Result<_, _>>()?;
                }
                witness.extend(&self.evidence);
                &[][..]
            }
            Kind::Group(group) => &self.groups[group.by],
            Kind::Sequence(sequence) => &self.groups[sequence.by],
        };
        let paths = title.iter().filter_map(|piece| match piece {
            Piece::Path(named) => Some(named),
            _ => None,
        });
        let by = suppress.and_then(|s| s.by.as_ref()).into_iter().flatten();
        for named in paths.chain(by) {
            let is_own = own.iter().any(|own| own.text == named.text);
            if !is_own && !self.reads(named.node).steps {
                place(&mut witness, named.node);
            }
        }
        Ok(witness)
    }
}

/// Where the value stands in the list, appended if it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

/// The service and API are read for each event, to find the rules that may match it, and its
/// scene is.
fn want_always(layout: &mut Layout) {
    layout.want_scene();
    let names = [Derived::Service, Derived::Api, Derived::ActorType, Derived::Write];
    for name in names.into_iter().chain([Derived::Account]) {
        for base in event::derived::inputs(name) {
            layout.want(*base);
        }
    }
}

/// Whether the node gives a truth value at more cost than reading one.
fn is_condition(node: &Node) -> bool {
    matches!(
        node,
        Node::Derived(
            Derived::Ok
                | Derived::Denied
                | Derived::Write
                | Derived::ByService
                | Derived::ViaService
                | Derived::GlobalService
                | Derived::Console
                | Derived::Mfa
                | Derived::CrossAccount
                | Derived::Management
                | Derived::Data
        ) | Node::And(_)
            | Node::Or(_)
            | Node::Eq(..)
            | Node::Lt(..)
            | Node::Le(..)
            | Node::InSet(..)
            | Node::In(..)
            | Node::Between(..)
            | Node::LikeSet(..)
            | Node::Like(..)
            | Node::HasSet(..)
            | Node::Has(..)
            | Node::Matches(..)
            | Node::Any(_)
            | Node::All(_)
    )
}

/// A constant as alerts write it.
#[must_use]
pub fn json_of(value: &Const) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Const::Bool(value) => Value::Bool(*value),
        Const::Int(value) => Value::from(*value),
        Const::Float(value) => crate::number_json(*value),
        Const::Text(text) => Value::from(text.as_str()),
        Const::Duration(seconds) => Value::from(duration_text(*seconds)),
        Const::Time(seconds) => Value::from(event::EventTime(*seconds).to_string()),
        Const::Ip(ip) => Value::from(ip.to_string()),
        Const::Cidr(cidr) => Value::from(cidr.to_string()),
        Const::List(values) => values.iter().map(json_of).collect(),
    }
}

/// Seconds in the largest unit that divides them: `10m`, `36h`, `90s`.
#[must_use]
pub fn duration_text(seconds: i64) -> String {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = units.iter().find(|(unit, _)| seconds != 0 && seconds % unit == 0);
    whole.map_or_else(
        || format!("{seconds}s"),
        |(unit, letter)| format!("{}{letter}", seconds / unit),
    )
}
