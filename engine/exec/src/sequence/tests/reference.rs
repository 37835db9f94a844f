//! The reference: every match is enumerated, straight from the language reference.

use super::super::{Demand, Shape};

/// What a step asks of its event and one chosen for an earlier step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    SameKey(usize),
    OtherColor(usize),
}

/// A sequence and what its steps read.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) shape: Shape,
    pub(super) conditions: Vec<Vec<Condition>>,
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) second: i64,
    pub(super) id: String,
    pub(super) mask: u32,
    pub(super) key: Option<u8>,
    pub(super) color: u8,
}

/// A firing: when, the match's first second, the id of its last event, and for each step the
/// ids it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Firing {
    pub(super) second: i64,
    pub(super) first: i64,
    pub(super) last: String,
    pub(super) steps: Vec<Vec<String>>,
}

/// A match: the events of each step, by number, none for a `not` step.
type Match = Vec<Vec<usize>>;

/// How a match is preferred: less is told rather. By step the times of its first and last
/// event and the id of a plain one.
type Preference = Vec<(i64, i64, String)>;

struct World<'a> {
    plan: &'a Plan,
    events: &'a [Event],
}

impl World<'_> {
    fn satisfies(&self, step: usize, event: usize, chosen: &Match) -> bool {
        let event = &self.events[event];
        event.mask & (1 << step) != 0
            && self.plan.conditions[step].iter().all(|condition| match *condition {
                Condition::SameKey(of) => {
                    let that = &self.events[chosen[of][0]];
                    that.key.is_some() && that.key == event.key
                }
                Condition::OtherColor(of) => self.events[chosen[of][0]].color != event.color,
            })
    }

    fn lo(&self, events: &[usize]) -> i64 {
        events.iter().map(|event| self.events[*event].second).min().unwrap()
    }

    fn hi(&self, events: &[usize]) -> i64 {
        events.iter().map(|event| self.events[*event].second).max().unwrap()
    }

    /// All choices of events in order, whatever their last event; `quiet` leaves out those
    /// with a broken absence.
    fn choose(&self, chosen: Match, quiet: bool, out: &mut Vec<Match>) {
        let step = chosen.len();
        let Some(asked) = self.plan.shape.steps.get(step) else {
            if !quiet || self.is_quiet(&chosen) {
                out.push(chosen);
            }
            return;
        };
        let earlier = chosen.iter().filter(|events| !events.is_empty());
        let after = earlier.clone().next_back().map_or(i64::MIN, |events| self.hi(events));
        let first = earlier.clone().next().map_or(i64::MAX, |events| self.lo(events));
        let fit: Vec<usize> = (0..self.events.len())
            .filter(|event| asked.demand != Demand::Absent && self.satisfies(step, *event, &chosen))
            .filter(|event| chosen.iter().all(|events| !events.contains(event)))
            .filter(|event| self.events[*event].second >= after)
            .collect();
        let least = match asked.demand {
            Demand::Absent => {
                let mut chosen = chosen;
                chosen.push(Vec::new());
                return self.choose(chosen, quiet, out);
            }
            Demand::One => {
                for event in fit {
                    self.with(&chosen, vec![event], (first, quiet), out);
                }
                return;
            }
            Demand::AtLeast(least) => least.max(1),
        };
        for subset in 1_u32..1 << fit.len() {
            if u64::from(subset.count_ones()) >= least {
                let events = fit.iter().enumerate().filter(|(at, _)| subset & (1 << at) != 0);
                self.with(&chosen, events.map(|(_, event)| *event).collect(), (first, quiet), out);
            }
        }
    }

    fn with(
        &self,
        chosen: &Match,
        events: Vec<usize>,
        (first, quiet): (i64, bool),
        out: &mut Vec<Match>,
    ) {
        let first = first.min(self.lo(&events));
        if self.hi(&events) - first < self.plan.shape.within {
            let mut chosen = chosen.clone();
            chosen.push(events);
            self.choose(chosen, quiet, out);
        }
    }

    /// Whether no other event breaks a `not` between two steps.
    fn is_quiet(&self, chosen: &Match) -> bool {
        (0..chosen.len()).all(|step| {
            if self.plan.shape.steps[step].demand != Demand::Absent {
                return true;
            }
            let before = chosen[..step].iter().rfind(|events| !events.is_empty()).unwrap();
            let Some(after) = chosen[step..].iter().find(|events| !events.is_empty()) else {
                return true;
            };
            !self.breaks(step, chosen, (self.hi(before), self.lo(after)))
        })
    }

    fn breaks(&self, step: usize, chosen: &Match, (from, to): (i64, i64)) -> bool {
        (0..self.events.len()).any(|event| {
            (from..=to).contains(&self.events[event].second)
                && chosen.iter().all(|events| !events.contains(&event))
                && self.satisfies(step, event, chosen)
        })
    }

    fn span(&self, chosen: &Match) -> (i64, i64) {
        let all = chosen.concat();
        (self.lo(&all), self.hi(&all))
    }

    /// The ways to tell matches: each counted step by as many events as it asks for, `1+` by
    /// its first and last. The others between these belong to the match unsaid.
    fn named(&self, matches: &[Match]) -> Vec<Match> {
        let mut all = Vec::new();
        self.choose(Vec::new(), false, &mut all);
        all.retain(|chosen| self.preference(chosen).is_some());
        all.retain(|chosen| self.is_quiet(&self.filled(chosen)));
        assert_eq!(all.is_empty(), matches.is_empty());
        all
    }

    /// How a match is preferred; nothing where it says more events than it must.
    fn preference(&self, chosen: &Match) -> Option<Preference> {
        let steps = chosen.iter().zip(&self.plan.shape.steps);
        let steps = steps.filter(|(events, _)| !events.is_empty()).enumerate();
        let mut preference = Preference::default();
        for (at, (events, step)) in steps {
            let (lo, hi) = (self.lo(events), self.hi(events));
            let said = match step.demand {
                Demand::AtLeast(0 | 1) if lo < hi => 2,
                Demand::AtLeast(least) => least.max(1),
                _ => 1,
            };
            if events.len() as u64 != said {
                return None;
            }
            let plain = step.demand == Demand::One;
            let id = if plain { self.events[events[0]].id.clone() } else { String::new() };
            let times = if at == 0 { (-lo, -hi) } else { (-hi, -lo) };
            preference.push((times.0, times.1, id));
        }
        Some(preference)
    }

    /// A match with all events that belong to it unsaid.
    fn filled(&self, chosen: &Match) -> Match {
        let mut filled = chosen.clone();
        for (step, events) in chosen.iter().enumerate() {
            if !matches!(self.plan.shape.steps[step].demand, Demand::AtLeast(_)) {
                continue;
            }
            let span = self.lo(events)..=self.hi(events);
            for event in 0..self.events.len() {
                let free = filled.iter().all(|events| !events.contains(&event));
                let inside = span.contains(&self.events[event].second);
                if free && inside && self.satisfies(step, event, chosen) {
                    filled[step].push(event);
                }
            }
        }
        filled
    }

    fn firing(&self, chosen: &Match, second: i64, fired: i64) -> Firing {
        let (first, last) = self.span(chosen);
        let opens = (last - self.plan.shape.within + 1).max(fired + 1);
        let ids = |mut events: Vec<usize>| {
            events.sort_by_key(|event| (self.events[*event].second, &self.events[*event].id));
            events.iter().map(|event| self.events[*event].id.clone()).collect::<Vec<String>>()
        };
        let steps = chosen.iter().enumerate().filter(|(_, events)| !events.is_empty());
        let steps = steps.map(|(step, events)| {
            if self.plan.shape.steps[step].demand == Demand::One {
                return ids(events.clone());
            }
            let before = chosen[..step].iter().rfind(|events| !events.is_empty());
            let after = chosen[step + 1..].iter().find(|events| !events.is_empty());
            let from = before.map_or(opens, |events| self.hi(events));
            let to = after.map_or(last, |events| self.lo(events));
            let counted = (0..self.events.len()).filter(|event| {
                (from..=to).contains(&self.events[*event].second)
                    && self.satisfies(step, *event, chosen)
            });
            ids(counted.collect())
        });
        let at = chosen.iter().rposition(|events| !events.is_empty()).unwrap();
        let demands = self.plan.shape.steps.iter().map(|step| step.demand);
        let plain: Vec<usize> = demands
            .zip(&chosen[..at])
            .filter(|(demand, _)| *demand == Demand::One)
            .map(|(_, events)| events[0])
            .collect();
        let ending = match self.plan.shape.steps[at].demand {
            Demand::One => self.events[chosen[at][0]].id.clone(),
            _ => (0..self.events.len())
                .filter(|event| self.events[*event].second == last && !plain.contains(event))
                .filter(|event| self.satisfies(at, *event, chosen))
                .map(|event| self.events[event].id.clone())
                .min()
                .unwrap(),
        };
        Firing { second, first, last: ending, steps: steps.collect() }
    }
}

/// Every firing, second by second.
pub(super) fn firings(plan: &Plan, events: &[Event], end: i64) -> Vec<Firing> {
    let world = World { plan, events };
    let mut matches = Vec::new();
    world.choose(Vec::new(), true, &mut matches);
    let closing: Vec<usize> = {
        let steps = plan.shape.steps.iter().enumerate().rev();
        let steps = steps.take_while(|(_, step)| step.demand == Demand::Absent);
        steps.map(|(number, _)| number).collect()
    };
    let mut fired = i64::MIN / 2;
    let mut found = Vec::new();
    let named = world.named(&matches);
    let mut waits: Vec<&Match> = Vec::new();
    for second in 0..=end {
        let due = waits.iter().copied().filter(|chosen| {
            let (first, last) = world.span(chosen);
            let whole = world.filled(chosen);
            first + plan.shape.within == second
                && !closing.iter().any(|step| world.breaks(*step, &whole, (last, second - 1)))
        });
        if let Some(chosen) = due.min_by_key(|chosen| world.preference(chosen)) {
            found.push(world.firing(chosen, second, fired));
            fired = second;
            waits.clear();
        }
        let is_here = |chosen: &&Match| {
            let (first, last) = world.span(chosen);
            last == second && first > fired
        };
        if !matches.iter().any(|chosen| is_here(&chosen)) {
            continue;
        }
        let told = named.iter().filter(is_here).min_by_key(|chosen| world.preference(chosen));
        let told = told.expect("a match can be told");
        if closing.is_empty() {
            found.push(world.firing(told, second, fired));
            fired = second;
        } else {
            waits.push(told);
        }
    }
    found
}
