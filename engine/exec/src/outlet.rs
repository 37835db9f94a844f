//! The last step: firings in their order, some held back, the rest alerts.
//!
//! Source: language reference, "Edge" (`suppress`) and "Order". One thread owns it.
//!
//! # Invariants
//!
//! - Firings are taken in the order of [`crate::Order`] (in a live stream: as they come).
//! - A firing is an alert or is counted as held back.

use crate::alert::{Alert, Firing};
use hashbrown::HashMap;
use plan::Program;
use serde_json::json;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

/// Decides which firings are alerts.
#[derive(Debug)]
pub struct Outlet<'p, S> {
    program: &'p Program,
    held: HashMap<(u32, Box<str>), Held, S>,
    suppressed: u64,
}

/// What a key has let out and held back.
#[derive(Clone, Debug, Default)]
struct Held {
    /// When it gave alerts. All are kept, since events that came late are decided last.
    alerts: BTreeSet<i64>,
    /// How many firings were held back since the last alert.
    count: u64,
}

impl<'p, S: BuildHasher + Default> Outlet<'p, S> {
    /// An outlet that has let out nothing yet.
    #[must_use]
    pub fn new(program: &'p Program) -> Self {
        Self { program, held: HashMap::default(), suppressed: 0 }
    }

    /// How many firings were held back.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.suppressed
    }

    /// The alert of a firing, or nothing when it is held back.
    pub fn decide(&mut self, firing: Firing) -> Option<Alert> {
        let rule = &self.program.rules[firing.rule as usize];
        let mut before = 0;
        let second = time_of(&firing);
        if let (Some(suppress), Some(key)) = (&rule.suppress, firing.held_by) {
            let held = self.held.entry((firing.rule, key)).or_default();
            if let Some(second) = second {
                let last = held.alerts.range(..=second).next_back();
                if last.is_some_and(|last| second - last < suppress.seconds) {
                    held.count += 1;
                    self.suppressed += 1;
                    return None;
                }
                held.alerts.insert(second);
            }
            before = std::mem::take(&mut held.count);
        }
        let mut fields = firing.alert;
        fields.insert("suppressed".to_owned(), json!(before));
        fields.insert("fingerprint".to_owned(), json!(firing.fingerprint));
        Some(Alert { severity: rule.severity, rule: firing.rule, second, fields })
    }

    /// Forget keys that can hold nothing back any more at or after `second`.
    pub fn expire(&mut self, second: i64) {
        let rules = &self.program.rules;
        self.held.retain(|(rule, _), held| {
            let seconds = rules[*rule as usize].suppress.as_ref().map_or(0, |s| s.seconds);
            held.alerts = held.alerts.split_off(&second.saturating_sub(seconds));
            held.count > 0 || !held.alerts.is_empty()
        });
    }
}

/// The time of a firing; those apart may have one that does not order them.
fn time_of(firing: &Firing) -> Option<i64> {
    firing.order.second.or_else(|| {
        let text = firing.alert.get("time")?.as_str()?;
        event::EventTime::parse(text).map(|time| time.0)
    })
}
