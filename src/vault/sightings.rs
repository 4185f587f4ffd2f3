//! Who has seen whom within the hour, so that a page that refreshes itself
//! does not fill the ledger with one look a hundred times.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::vault::actor::{Actor, Who};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// One session on one screen.
type Watcher = (Who, Option<String>, &'static str);

#[derive(Default)]
pub(super) struct Sightings(Mutex<HashMap<Watcher, HashMap<PatientId, Timestamp>>>);

impl Sightings {
    /// Those of `patients` that this session has not seen here within the hour.
    pub(super) fn unseen(
        &self,
        actor: &Actor,
        screen: &'static str,
        mut patients: Vec<PatientId>,
        now: Timestamp,
    ) -> Vec<PatientId> {
        patients.sort_unstable();
        patients.dedup();
        let sightings = self.0.lock().expect("no panic while it is held");
        if let Some(seen) = sightings.get(&watcher(actor, screen)) {
            patients
                .retain(|id| seen.get(id).is_none_or(|at| now.unix_ms() - at.unix_ms() >= HOUR_MS));
        }
        patients
    }

    /// Remembers what is now in the ledger, and forgets what is an hour old.
    pub(super) fn remember(
        &self,
        actor: &Actor,
        screen: &'static str,
        patients: &[PatientId],
        now: Timestamp,
    ) {
        let mut sightings = self.0.lock().expect("no panic while it is held");
        let seen = sightings.entry(watcher(actor, screen)).or_default();
        seen.retain(|_, at| now.unix_ms() - at.unix_ms() < HOUR_MS);
        seen.extend(patients.iter().map(|id| (*id, now)));
        if sightings.len() > 1000 {
            sightings
                .retain(|_, seen| seen.values().any(|at| now.unix_ms() - at.unix_ms() < HOUR_MS));
        }
    }
}

fn watcher(actor: &Actor, screen: &'static str) -> Watcher {
    (actor.who, actor.origin.session.clone(), screen)
}
