//! From the database to facts: one day at a time, never all of history.

mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::facts::{
    CodePhone, DayFacts, Emergency, Kin, Measures, Person, Place, Places, Roster, StandingFacts,
    Trace, Visit, Wall,
};
use super::model::Limits;
use crate::audit::model::start;
use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::contact::name::fold;
use crate::crypto::hash;
use crate::ids::PatientId;
use crate::schedule::{self, HolidayKind, ScheduleError, Span};
use crate::vault::{Reader, VaultError};

/// Days at work from which the usual is taken, and how far back they may lie.
const USUAL_DAYS: usize = 30;
const USUAL_WITHIN: i64 = 60;

/// How long an emergency is asked about, in days.
const EMERGENCY_WITHIN: i64 = 90;

/// A shift within so many days says that somebody has shifts of their own.
const SHIFTS_WITHIN: i64 = 10;

/// The entries of a day and what is known around them. `first_seq` is the first
/// entry of the day or an earlier one.
pub async fn day(
    reader: &mut Reader,
    limits: &Limits,
    wall: &Wall,
    first_seq: i64,
) -> Result<DayFacts, VaultError> {
    let (begins, ends) = (start(&wall.zone, wall.day), start(&wall.zone, wall.day.plus_days(1)));
    let entries = store::entries(reader, first_seq, ends).await?;
    let touched: BTreeSet<PatientId> = entries
        .iter()
        .filter(|entry| !entry.lists())
        .flat_map(|entry| entry.patients.iter().copied())
        .collect();
    let from = wall.day.plus_days(-limits.own_patient_days.max(limits.relation_days));
    let until = wall.day.plus_days(limits.relation_days.max(limits.call_ahead_days) + 1);
    Ok(DayFacts {
        eve: store::rights_changed(reader, begins.plus_ms(-limits.role_hours * 3_600_000), begins)
            .await?,
        roster: roster(reader, wall.day).await?,
        visits: visits(store::visits(reader, &touched, from, until).await?),
        people: people(store::people(reader).await?, &wall.zone),
        watched: store::watched(reader).await?.into_iter().collect(),
        kin: kin(reader).await?,
        usual: usual(store::measures(reader, wall.day.plus_days(-USUAL_WITHIN), wall.day).await?),
        places: places(store::places(reader, wall.day).await?),
        entries,
    })
}

/// What does not belong to one day.
pub async fn standing(
    reader: &mut Reader,
    limits: &Limits,
    wall: &Wall,
) -> Result<StandingFacts, VaultError> {
    let since = start(&wall.zone, wall.day.plus_days(-EMERGENCY_WITHIN));
    let mut emergencies = Vec::new();
    for row in store::emergencies(reader, since).await? {
        let day = wall.zone.today(row.at);
        let due = working_days_after(reader, day, limits.emergency_days).await?;
        let store::EmergencyRow { seq, id, actor, at: opened, reviewed } = row;
        emergencies.push(Emergency { seq, id, actor, opened, day, due, reviewed });
    }
    Ok(StandingFacts {
        emergencies,
        codes: codes(reader, limits, wall).await?,
        anchored: store::anchored(reader).await?,
    })
}

fn visits(rows: Vec<store::VisitRow>) -> HashMap<PatientId, Vec<Visit>> {
    let mut found: HashMap<PatientId, Vec<Visit>> = HashMap::new();
    for row in rows {
        let Ok(starts) = row.starts.parse::<Civil>() else { continue };
        found.entry(row.patient_id).or_default().push(Visit {
            day: starts.day(),
            starts: starts.minute_of_day(),
            minutes: u16::try_from(row.minutes).unwrap_or_default(),
            doctor: row.doctor,
        });
    }
    found
}

fn people(rows: Vec<store::PersonRow>, zone: &Zone) -> HashMap<String, Person> {
    let person = |row: store::PersonRow| {
        let person = Person {
            role: row.role,
            since: Some(zone.today(row.created_at)),
            left_at: row.left_at,
            leaving_on: row.leaving_on,
        };
        (row.id, person)
    };
    rows.into_iter().map(person).collect()
}

/// What people have declared, and the cards that have their phone.
async fn kin(reader: &mut Reader) -> Result<HashMap<String, HashMap<PatientId, Kin>>, VaultError> {
    let mut found: HashMap<String, HashMap<PatientId, Kin>> = HashMap::new();
    for row in store::same_phone(reader).await? {
        let name: BTreeSet<String> = row.staff_name.split_whitespace().map(fold).collect();
        let own = name.contains(&fold(&row.surname)) && name.contains(&fold(&row.given));
        let kin = if own { Kin::Own } else { Kin::Relative };
        found.entry(row.staff_id).or_default().insert(row.patient_id, kin);
    }
    for (staff, patient, own) in store::declared(reader).await? {
        let kin = if own { Kin::Own } else { Kin::Relative };
        found.entry(staff).or_default().insert(patient, kin);
    }
    Ok(found)
}

/// The newest days of each person come first.
fn usual(rows: Vec<(String, Measures)>) -> HashMap<String, Measures> {
    let mut days: HashMap<String, Vec<Measures>> = HashMap::new();
    for (actor, measures) in rows {
        let own = days.entry(actor).or_default();
        if own.len() < USUAL_DAYS {
            own.push(measures);
        }
    }
    days.into_iter().map(|(actor, own)| (actor, Measures::usual(&own))).collect()
}

fn places(rows: Vec<(String, Place)>) -> Places {
    let mut found = Places::default();
    let mut users: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for (actor, place) in rows {
        users.entry(place.network.clone()).or_default().insert(actor.clone());
        found.of.entry(actor).or_default().insert(place);
    }
    let shared = users.into_iter().filter(|(_, actors)| 2 <= actors.len());
    found.clinic = shared.map(|(network, _)| network).collect();
    found
}

async fn roster(reader: &mut Reader, day: Day) -> Result<Roster, VaultError> {
    let known = schedule::anybody_works(reader, day).await?;
    let first = day.plus_days(-SHIFTS_WITHIN);
    let plans = schedule::plans_between(reader, first, day.plus_days(SHIFTS_WITHIN)).await?;
    let staff: HashMap<String, String> = store::treating(reader).await?.into_iter().collect();
    let mut roster = Roster { known, ..Roster::default() };
    for shift in plans.iter().flat_map(|plan| &plan.shifts) {
        let today = shift.day == day;
        if today {
            let all = roster.clinic.unwrap_or(shift.span());
            let (starts, ends) = (all.starts.min(shift.starts), all.ends.max(shift.ends));
            roster.clinic = Some(Span { starts, ends });
        }
        let Some(actor) = staff.get(&shift.doctor.to_string()) else { continue };
        let own = roster.shifts.entry(actor.clone()).or_default();
        own.extend(today.then(|| shift.span()));
    }
    Ok(roster)
}

/// Weekdays that are no holiday; a holiday that is worked counts.
async fn working_days_after(
    reader: &mut Reader,
    day: Day,
    mut left: i64,
) -> Result<Day, VaultError> {
    let mut due = day;
    let mut holidays: Option<(i16, HashMap<Day, HolidayKind>)> = None;
    while 0 < left {
        due = due.plus_days(1);
        if holidays.as_ref().is_none_or(|(year, _)| *year != due.year()) {
            let of_year = schedule::holidays_of_year(reader, due.year()).await;
            let of_year = of_year.map_err(|error| match error {
                ScheduleError::Vault(error) => error,
                _ => VaultError::Sql(sqlx::Error::RowNotFound),
            })?;
            holidays = Some((due.year(), of_year.iter().map(|one| (one.day, one.kind)).collect()));
        }
        let kind = holidays.as_ref().and_then(|(_, days)| days.get(&due).copied());
        let works = kind.map_or(due.weekday() < 6, |kind| kind == HolidayKind::Work);
        left -= i64::from(works);
    }
    Ok(due)
}

/// The phones that codes went to since yesterday, each with all that it got
/// within the limit's days.
async fn codes(
    reader: &mut Reader,
    limits: &Limits,
    wall: &Wall,
) -> Result<Vec<CodePhone>, VaultError> {
    let recent = start(&wall.zone, wall.day.plus_days(-1));
    let since = start(&wall.zone, wall.day.plus_days(-limits.phone_days));
    let rows = store::codes(reader, recent, since).await?;
    let mut phones: BTreeMap<String, Vec<store::CodeRow>> = BTreeMap::new();
    for row in rows {
        phones.entry(row.phone.clone()).or_default().push(row);
    }
    let mut found = Vec::new();
    for (phone, rows) in phones {
        let patients: BTreeMap<PatientId, String> =
            rows.iter().map(|row| (row.patient_id, family(&row.surname))).collect();
        let last = rows.iter().map(|row| row.sent_at).max().unwrap_or(wall.now);
        let ids: BTreeSet<PatientId> = patients.keys().copied().collect();
        found.push(CodePhone {
            tag: hash::hex(&hash::sha256(phone.as_bytes())[..8]),
            staff: rows.iter().any(|row| row.staff),
            surnames: patients.into_values().collect(),
            last,
            day: first_day(&rows, &wall.zone, wall.day),
            entries: store::codes_sent(reader, &ids, since).await?,
        });
    }
    Ok(found)
}

/// A finding about a phone stays the same one while its codes are remembered.
fn first_day(rows: &[store::CodeRow], zone: &Zone, today: Day) -> Day {
    rows.iter().map(|row| row.sent_at).min().map_or(today, |at| zone.today(at))
}

/// Ахметов and Ахметова are one family.
fn family(surname: &str) -> String {
    let folded = fold(surname);
    let bare = folded.strip_suffix('а').or_else(|| folded.strip_suffix('a'));
    bare.unwrap_or(&folded).to_owned()
}

/// The first entry of a day, or the ledger's size when it has none yet.
pub async fn first_of(reader: &mut Reader, zone: &Zone, day: Day) -> Result<i64, VaultError> {
    store::first_since(reader, start(zone, day)).await
}

/// Whether there is anything after `seq` but the rules' own work.
pub async fn anything_after(reader: &mut Reader, seq: i64) -> Result<bool, VaultError> {
    store::anything_after(reader, seq).await
}

/// How many cards were opened in each hour of the clinic's day.
pub fn opened_by_hour(entries: &[Trace], wall: &Wall) -> BTreeMap<i64, i64> {
    let mut hours = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.opens()) {
        *hours.entry(wall.minute(entry.at) / 60).or_default() += 1;
    }
    hours
}

/// Where each person signed in on the day.
pub fn signed_in(facts: &DayFacts) -> BTreeSet<(String, Place)> {
    let begun = facts.entries.iter().filter(|entry| entry.act == "session.started");
    begun.filter_map(|entry| Some((entry.actor.clone(), entry.place()?))).collect()
}

/// The wall on a day that may be past.
pub fn wall(zone: &Zone, day: Day, now: Timestamp) -> Wall {
    Wall { day, zone: zone.clone(), now }
}
