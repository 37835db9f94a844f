//! When groups of a live stream wait for the end of an absence, by account.
//!
//! A replay asks every waiting group when its watermark moves. A live stream moves with each
//! event, so here the next deadline is found without a look at the groups.
//!
//! # Invariants
//!
//! - A group stands here at most once, with the deadline it was told with last.

use hashbrown::HashMap;
use std::collections::BTreeSet;

/// The deadlines of a live stream.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    of_accounts: HashMap<Box<str>, BTreeSet<Deadline>>,
    /// Those of groups without an account.
    others: BTreeSet<Deadline>,
}

/// A second, and the rule and hash of the group.
type Deadline = (i64, (u32, u128));

impl Deadlines {
    /// The deadline of a group moves; `account` is that of the group.
    pub(crate) fn moves(
        &mut self,
        account: Option<&str>,
        (from, to): (Option<i64>, Option<i64>),
        group: (u32, u128),
    ) {
        if from == to {
            return;
        }
        let all = match account {
            None => &mut self.others,
            Some(account) => self.of_accounts.entry_ref(account).or_default(),
        };
        from.map(|at| all.remove(&(at, group)));
        to.map(|at| all.insert((at, group)));
        if let (true, Some(account)) = (all.is_empty(), account) {
            self.of_accounts.remove(account);
        }
    }

    /// Whether a group of the account, or one without, has a deadline.
    pub(crate) fn has(&self, account: Option<&str>) -> bool {
        match account {
            None => !self.others.is_empty(),
            Some(account) => self.of_accounts.contains_key(account),
        }
    }

    /// Take the first deadline up to a second out of an account's, or of those without one.
    pub(crate) fn pop(&mut self, account: Option<&str>, until: i64) -> Option<Deadline> {
        let all = match account {
            None => &mut self.others,
            Some(account) => self.of_accounts.get_mut(account)?,
        };
        let first = *all.first().filter(|(at, _)| *at <= until)?;
        all.remove(&first);
        Some(first)
    }

    /// Take the first deadline up to a second out of all.
    pub(crate) fn pop_any(&mut self, until: i64) -> Option<Deadline> {
        let of_accounts = self.of_accounts.iter();
        let firsts = of_accounts.filter_map(|(account, all)| Some((*all.first()?, Some(account))));
        let others = self.others.first().map(|first| (*first, None));
        let (_, account) = firsts.chain(others).min_by_key(|(first, _)| *first)?;
        let account = account.cloned();
        self.pop(account.as_deref(), until)
    }
}
