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

/// A firing: when, the match's span, and for each step its last and first second, the id of
/// a plain step's event, and its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Firing {
    pub(super) second: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) steps: Vec<(i64, i64, Option<String>, u64)>,
}

/// A match: the events of each step, by number, none for a `not` step.
type Match = Vec<Vec<usize>>;

/// How a match is preferred: less is told rather.
type Preference = (i64, Vec<(i64, i64, Option<String>)>);

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

    /// All matches, whatever their last event.
    fn matches(&self, chosen: Match, out: &mut Vec<Match>) {
        let step = chosen.len();
        let Some(asked) = self.plan.shape.steps.get(step) else {
            if self.is_quiet(&chosen) {
                out.push(chosen);
            }
            return;
        };
        let earlier = chosen.iter().filter(|events| !events.is_empty());
        let after = earlier.clone().last().map_or(i64::MIN, |events| self.hi(events));
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
                return self.matches(chosen, out);
            }
            Demand::One => {
                for event in fit {
                    self.with(&chosen, vec![event], first, out);
                }
                return;
            }
            Demand::AtLeast(least) => least.max(1),
        };
        for subset in 1_u32..1 << fit.len() {
            if u64::from(subset.count_ones()) >= least {
                let events = fit.iter().enumerate().filter(|(at, _)| subset & (1 << at) != 0);
                self.with(&chosen, events.map(|(_, event)| *event).collect(), first, out);
            }
        }
    }

    fn with(&self, chosen: &Match, events: Vec<usize>, first: i64, out: &mut Vec<Match>) {
        let first = first.min(self.lo(&events));
        if self.hi(&events) - first < self.plan.shape.within {
            let mut chosen = chosen.clone();
            chosen.push(events);
            self.matches(chosen, out);
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

    fn preference(&self, chosen: &Match) -> Preference {
        let steps = chosen.iter().enumerate().filter(|(_, events)| !events.is_empty());
        let steps = steps.map(|(step, events)| {
            let one = self.plan.shape.steps[step].demand == Demand::One;
            let id = one.then(|| self.events[events[0]].id.clone());
            (-self.hi(events), -self.lo(events), id)
        });
        (-self.span(chosen).0, steps.collect())
    }

    fn firing(&self, chosen: &Match, second: i64, fired: i64) -> Firing {
        let (first, last) = self.span(chosen);
        let opens = (second - self.plan.shape.within + 1).min(first).max(fired + 1);
        let steps = chosen.iter().enumerate().filter(|(_, events)| !events.is_empty());
        let steps = steps.map(|(step, events)| {
            let before = chosen[..step].iter().rfind(|events| !events.is_empty());
            let after = chosen[step + 1..].iter().find(|events| !events.is_empty());
            let from = before.map_or(opens, |events| self.hi(events));
            let to = after.map_or(second, |events| self.lo(events));
            let count = (0..self.events.len()).filter(|event| {
                (from..=to).contains(&self.events[*event].second)
                    && self.satisfies(step, *event, chosen)
            });
            let one = self.plan.shape.steps[step].demand == Demand::One;
            let id = one.then(|| self.events[events[0]].id.clone());
            (self.hi(events), self.lo(events), id, count.count() as u64)
        });
        Firing { second, first, last, steps: steps.collect() }
    }
}

/// Every firing, second by second.
pub(super) fn firings(plan: &Plan, events: &[Event], end: i64) -> Vec<Firing> {
    let world = World { plan, events };
    let mut matches = Vec::new();
    world.matches(Vec::new(), &mut matches);
    let closing: Vec<usize> = {
        let steps = plan.shape.steps.iter().enumerate().rev();
        let steps = steps.take_while(|(_, step)| step.demand == Demand::Absent);
        steps.map(|(number, _)| number).collect()
    };
    let mut fired = i64::MIN / 2;
    let mut found = Vec::new();
    // Of one second the matches that wait; several only where nothing tells them apart.
    let mut waits: Vec<Vec<&Match>> = Vec::new();
    for second in 0..=end {
        let due = waits.iter().filter_map(|alike| {
            let (first, last) = world.span(alike[0]);
            let due = first + plan.shape.within == second;
            let lasts = |chosen: &&&Match| {
                let span = (last, second - 1);
                !closing.iter().any(|step| world.breaks(*step, chosen, span))
            };
            alike.iter().find(lasts).copied().filter(|_| due)
        });
        if let Some(chosen) = due.min_by_key(|chosen| world.preference(chosen)) {
            found.push(world.firing(chosen, second, fired));
            fired = second;
            waits.clear();
        }
        let here = matches.iter().filter(|chosen| {
            let (first, last) = world.span(chosen);
            last == second && first > fired
        });
        let Some(best) = here.clone().map(|chosen| world.preference(chosen)).min() else {
            continue;
        };
        let alike: Vec<&Match> = here.filter(|chosen| world.preference(chosen) == best).collect();
        if closing.is_empty() {
            found.push(world.firing(alike[0], second, fired));
            fired = second;
        } else {
            waits.push(alike);
        }
    }
    found
}
