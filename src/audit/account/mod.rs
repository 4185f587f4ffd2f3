//! What did this account see: everybody whose data was shown to somebody
//! within some days, and what else they did, by day.

mod store;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::AuditError;
use crate::audit::kind::{Kind, kind_of};
use crate::audit::model::start;
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::ids::{PatientId, StaffId};
use crate::vault::permission::ReviewLog;
use crate::vault::{Event, Grant, Subject};

/// The longest period of one answer, in days.
pub const LONGEST: i64 = 93;

/// Who asked about, and what the answer is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seen {
    pub name: String,
    pub role: String,
    /// Different people, in whatever way they were shown.
    pub people: i64,
    /// Different people whose card was opened.
    pub opened: i64,
    pub exports: i64,
    pub denials: i64,
    pub changes: i64,
    /// Cards that were opened, those seen most recently first.
    pub cards: Vec<SeenCard>,
    /// Every day with anything on it, the newest first.
    pub days: Vec<SeenDay>,
}

/// One card.
#[derive(Clone, Debug, Serialize)]
pub struct SeenCard {
    pub number: i64,
    /// How often it was opened.
    pub looks: i64,
    /// How often its row stood in a list.
    pub listed: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// One day.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SeenDay {
    pub day: String,
    pub opened: i64,
    pub listed: i64,
    pub changes: i64,
    pub exports: i64,
    pub denials: i64,
}

#[derive(Default)]
struct Card {
    looks: i64,
    listed: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// What somebody saw from the first day to the last, both whole. The question
/// is in the ledger.
///
/// # Errors
/// [`AuditError::NoSuch`] person; [`AuditError::BadPeriod`].
pub async fn seen(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    staff: StaffId,
    first: Day,
    last: Day,
) -> Result<Seen, AuditError> {
    answer(clinic, grant, "audit.account_reviewed", staff, first, last).await
}

/// The same for a file.
///
/// # Errors
/// As [`seen`].
pub async fn taken(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    staff: StaffId,
    first: Day,
    last: Day,
) -> Result<Seen, AuditError> {
    answer(clinic, grant, "audit.exported", staff, first, last).await
}

async fn answer(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    act: &'static str,
    staff: StaffId,
    first: Day,
    last: Day,
) -> Result<Seen, AuditError> {
    if !(0..LONGEST).contains(&last.days_since(first)) {
        return Err(AuditError::BadPeriod);
    }
    let detail = serde_json::json!({ "from": first, "until": last });
    let asked = Event::new(act, Subject::Clinic).on("staff", staff);
    clinic.vault.record(grant, asked.with_detail(detail)).await?;
    let zone = clinic.profile.get().zone.clone();
    let (from, before) = (start(&zone, first), start(&zone, last.plus_days(1)));
    let mut reader = clinic.vault.read(grant).await?;
    let (name, role) = store::person(&mut reader, staff).await?.ok_or(AuditError::NoSuch)?;
    let mut seen = Seen { name, role, ..Seen::default() };
    let mut cards: BTreeMap<PatientId, Card> = BTreeMap::new();
    let mut days: BTreeMap<Day, SeenDay> = BTreeMap::new();
    for entry in store::entries(&mut reader, staff, from, before).await? {
        let on = days.entry(zone.today(entry.at)).or_default();
        let kind = kind_of(&entry.act);
        let listed = entry.patients.len() > 1 || !entry.opens();
        match kind {
            Kind::Export => (seen.exports, on.exports) = (seen.exports + 1, on.exports + 1),
            Kind::Denial => (seen.denials, on.denials) = (seen.denials + 1, on.denials + 1),
            Kind::Change => (seen.changes, on.changes) = (seen.changes + 1, on.changes + 1),
            Kind::Look if !listed => on.opened += 1,
            Kind::Look => on.listed += i64::try_from(entry.patients.len()).unwrap_or_default(),
            _ => {}
        }
        for patient in &entry.patients {
            let card = cards.entry(*patient).or_default();
            card.looks += i64::from(kind == Kind::Look && !listed);
            card.listed += i64::from(kind == Kind::Look && listed);
            card.first.get_or_insert(entry.at);
            card.last = Some(entry.at);
        }
    }
    let count = |found: usize| i64::try_from(found).unwrap_or(i64::MAX);
    seen.people = count(cards.len());
    let opened: BTreeMap<_, _> = cards.into_iter().filter(|(_, card)| 0 < card.looks).collect();
    seen.opened = count(opened.len());
    let numbers = store::numbers(&mut reader, opened.keys()).await?;
    seen.cards = numbers
        .into_iter()
        .filter_map(|(id, number)| {
            let Card { looks, listed, first, last } = opened.get(&id)?;
            let (first_at, last_at) = ((*first)?, (*last)?);
            Some(SeenCard { number, looks: *looks, listed: *listed, first_at, last_at })
        })
        .collect();
    seen.cards.sort_by_key(|card| std::cmp::Reverse(card.last_at));
    let dated = days.into_iter().rev();
    seen.days = dated.map(|(day, one)| SeenDay { day: day.to_string(), ..one }).collect();
    Ok(seen)
}
