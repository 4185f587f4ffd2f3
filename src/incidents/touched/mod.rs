//! Whose data was touched, from the entries of the ledger.

mod store;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::incidents::fields::{Field, Way, is_grouped, shown};
use crate::vault::permission::HandleIncidents;
use crate::vault::{Event, Grant, Subject, VaultError};

/// Looks of one session at one person on one screen within this time are one
/// entry of the ledger (`vault::sightings`).
const GROUPED_MS: i64 = 60 * 60 * 1000;

/// Whose doing is looked at, and when. None means any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// As the ledger names it; None: every person, but not what runs by itself.
    pub actor: Option<String>,
    /// The first eight hexadecimal digits of the session's hash.
    pub session: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
}

/// An entry of the ledger that showed or changed somebody's data.
#[derive(Clone, Debug)]
pub struct Touch {
    pub at: Timestamp,
    pub action: String,
    pub session: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    pub people: Vec<PatientId>,
}

/// Somebody whose data was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    pub patient_id: PatientId,
    /// Entries of the ledger; 0 when added by hand.
    pub times: i64,
    /// None when added by hand.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub fields: BTreeSet<Field>,
    pub ways: BTreeSet<Way>,
    /// The only look was within the hour before the interval: the same session
    /// may have looked again, and the ledger would not say so twice.
    pub doubtful: bool,
}

/// From where the account acted: one session at one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    pub session: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    pub entries: i64,
    pub people: i64,
}

/// What is known before an incident is opened.
#[derive(Clone, Debug)]
pub struct Look {
    pub people: Vec<Affected>,
    pub origins: Vec<Origin>,
    /// Events in the ledger when it was read.
    pub ledger_size: i64,
    /// Entries of the interval whose contents were destroyed by an act.
    pub redacted: i64,
}

/// What the ledger says of an account, a device or everybody in an interval.
/// That it was asked is in the ledger.
pub async fn look(
    clinic: &Clinic,
    grant: &Grant<HandleIncidents>,
    scope: &Scope,
) -> Result<Look, VaultError> {
    let asked = Event::new("incident.searched", Subject::Clinic).with_detail(json!({
        "actor": scope.actor, "sess": scope.session, "from": scope.from.rfc3339(),
        "until": scope.until.rfc3339(),
    }));
    clinic.vault.record(grant, asked).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let early = scope.from.plus_ms(-GROUPED_MS);
    let touches = store::touches(&mut reader, scope, early).await?;
    let (ledger_size, redacted) = store::ledger(&mut reader, scope).await?;
    let people = affected(&touches, scope.from);
    Ok(Look { people, origins: origins(&touches, scope.from), ledger_size, redacted })
}

/// Who was touched within the interval, the first seen first; then those who
/// may have been. Entries from before `from` count only as a doubt.
pub fn affected(touches: &[Touch], from: Timestamp) -> Vec<Affected> {
    let mut found: BTreeMap<PatientId, Affected> = BTreeMap::new();
    let (early, within): (Vec<_>, Vec<_>) = touches.iter().partition(|touch| touch.at < from);
    for touch in within {
        add(&mut found, touch, false);
    }
    let sure: BTreeSet<PatientId> = found.keys().copied().collect();
    for touch in early.into_iter().filter(|touch| is_grouped(&touch.action)) {
        let rest = touch.people.iter().filter(|id| !sure.contains(id)).copied().collect();
        add(&mut found, &Touch { people: rest, ..touch.clone() }, true);
    }
    let mut all: Vec<Affected> = found.into_values().collect();
    all.sort_by_key(|one| (one.doubtful, one.first, one.patient_id));
    all
}

fn add(found: &mut BTreeMap<PatientId, Affected>, touch: &Touch, doubtful: bool) {
    let (way, fields) = shown(&touch.action);
    if fields.is_empty() {
        return;
    }
    for id in &touch.people {
        let one = found.entry(*id).or_insert_with(|| Affected::nobody(*id, doubtful));
        one.times += 1;
        one.first = Some(one.first.map_or(touch.at, |first| first.min(touch.at)));
        one.last = Some(one.last.map_or(touch.at, |last| last.max(touch.at)));
        one.fields.extend(fields);
        one.ways.insert(way);
    }
}

/// From where, the busiest first.
pub fn origins(touches: &[Touch], from: Timestamp) -> Vec<Origin> {
    type Place = (Option<String>, Option<String>, Option<String>);
    let mut found: BTreeMap<Place, (i64, BTreeSet<PatientId>)> = BTreeMap::new();
    let showed = |touch: &&Touch| from <= touch.at && !shown(&touch.action).1.is_empty();
    for touch in touches.iter().filter(showed) {
        let place = (touch.session.clone(), touch.ip.clone(), touch.device.clone());
        let (entries, people) = found.entry(place).or_default();
        *entries += 1;
        people.extend(&touch.people);
    }
    let mut all: Vec<Origin> = found
        .into_iter()
        .map(|((session, ip, device), (entries, people))| {
            let people = i64::try_from(people.len()).unwrap_or(i64::MAX);
            Origin { session, ip, device, entries, people }
        })
        .collect();
    all.sort_by_key(|origin| std::cmp::Reverse(origin.people));
    all
}

impl Affected {
    fn nobody(patient_id: PatientId, doubtful: bool) -> Self {
        Self {
            patient_id,
            times: 0,
            first: None,
            last: None,
            fields: BTreeSet::new(),
            ways: BTreeSet::new(),
            doubtful,
        }
    }
}

#[cfg(test)]
mod tests;
