//! Incidents in the database. Rows are only added.

use serde_json::json;

use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId};
use crate::incidents::model::{
    EventKind, EventRow, FrozenList, Incident, IncidentEventId, IncidentId, Listed, Named,
    NewIncident, Story,
};
use crate::incidents::touched::{Affected, Scope};
use crate::vault::{Listing, Reader, Tx, VaultError};

const CARDS: &str = "
    SELECT id, number FROM patient WHERE id IN (SELECT value FROM json_each(?1))";

const BY_CARD: &str = "
    SELECT id, number FROM patient WHERE number IN (SELECT value FROM json_each(?1))";

const NEXT_NUMBER: &str = "SELECT coalesce(max(number), 0) + 1 FROM incident";

const INSERT: &str = "
    INSERT INTO incident (id, number, detected_at, opened_at, opened_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const INSERT_LIST: &str = "
    INSERT INTO incident_list (incident_id, version, actor, session, ip, device, from_at, until_at,
        ledger_size, people, sha256, reason, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const INSERT_PEOPLE: &str = "
    INSERT INTO incident_person (incident_id, version, patient_id, card, times, first_at, last_at,
        fields, ways, doubtful)
    SELECT ?1, ?2, value ->> '$.patient_id', value ->> '$.card', value ->> '$.times',
        value ->> '$.first_at', value ->> '$.last_at', value -> '$.fields', value -> '$.ways',
        value ->> '$.doubtful'
    FROM json_each(?3)";

const INSERT_EVENT: &str = "
    INSERT INTO incident_event (id, incident_id, kind, at, note, recorded_at, recorded_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const INSERT_STORY: &str = "
    INSERT INTO incident_story (incident_id, version, nature, consequences_ru, consequences_kk,
        measures_ru, measures_kk, advice_ru, advice_kk, written_at, written_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const REGISTER: &str = "
    SELECT id, number, detected_at, opened_at,
        (SELECT people FROM incident_list AS list WHERE list.incident_id = incident.id
            ORDER BY version DESC LIMIT 1) AS people,
        (SELECT min(at) FROM incident_event WHERE incident_id = incident.id
            AND kind = 'authority_notified') AS authority_at,
        (SELECT min(at) FROM incident_event WHERE incident_id = incident.id
            AND kind = 'subjects_notified') AS subjects_at,
        (SELECT min(at) FROM incident_event WHERE incident_id = incident.id
            AND kind = 'closed') AS closed_at
    FROM incident WHERE ?1 IS NULL OR id = ?1 ORDER BY number DESC";

const LISTS: &str = "
    SELECT version, actor, (SELECT name FROM staff WHERE staff.id = actor) AS actor_name, session,
        ip, device, from_at, until_at, people, sha256, reason, made_at,
        (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM incident_list WHERE incident_id = ?1 ORDER BY version DESC";

const NEWEST_LIST: &str = "
    SELECT actor, session, ip, device, from_at, until_at, ledger_size, version
    FROM incident_list WHERE incident_id = ?1 ORDER BY version DESC LIMIT 1";

const PEOPLE: &str = "
    SELECT patient_id, card, times, first_at, last_at, fields, ways, doubtful
    FROM incident_person
    WHERE incident_id = ?1 AND version = coalesce(?2,
        (SELECT max(version) FROM incident_list WHERE incident_id = ?1))
    ORDER BY doubtful, first_at, card LIMIT ?3";

const EVENTS: &str = "
    SELECT kind, at, note, recorded_at,
        (SELECT name FROM staff WHERE staff.id = recorded_by) AS recorded_by
    FROM incident_event WHERE incident_id = ?1 ORDER BY at, recorded_at, id";

const STORY: &str = "
    SELECT nature, consequences_ru, consequences_kk, measures_ru, measures_kk, advice_ru, advice_kk
    FROM incident_story WHERE incident_id = ?1 ORDER BY version DESC LIMIT 1";

const LAST_STORY: &str = "
    SELECT coalesce(max(version), 0) FROM incident_story WHERE incident_id = ?1";

/// Whoever's card was merged since is named as the card that stayed.
const NAMED: &str = "
    SELECT person.patient_id, person.card, kept.name, kept.iin,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = kept.id AND own.position = 0) AS phone,
        person.first_at, person.last_at, person.fields
    FROM incident_person AS person
    JOIN patient AS seen ON seen.id = person.patient_id
    JOIN patient AS kept ON kept.id = coalesce(seen.merged_into, seen.id)
    WHERE person.incident_id = ?1
        AND person.version = (SELECT max(version) FROM incident_list WHERE incident_id = ?1)
        AND (?2 IS NULL OR person.card = ?2)
    ORDER BY kept.name, person.card";

/// A list to be frozen.
pub struct NewList<'a> {
    pub version: i64,
    pub scope: &'a Scope,
    pub ledger_size: i64,
    pub reason: &'a str,
    pub people: i64,
    pub sha256: &'a str,
}

#[derive(sqlx::FromRow)]
struct NewestList {
    actor: Option<String>,
    session: Option<String>,
    ip: Option<String>,
    device: Option<String>,
    from_at: Timestamp,
    until_at: Timestamp,
    ledger_size: i64,
    version: i64,
}

/// The same people with the numbers of their cards. A card that an undone
/// import took away has none any more: 0.
pub async fn with_cards(tx: &mut Tx, people: &[Affected]) -> Result<Vec<Listed>, VaultError> {
    let ids: Vec<PatientId> = people.iter().map(|one| one.patient_id).collect();
    let ids = serde_json::to_string(&ids).expect("ids are JSON");
    let cards: Vec<(PatientId, i64)> = sqlx::query_as(CARDS).bind(ids).fetch_all(tx.sql()).await?;
    let cards: std::collections::HashMap<PatientId, i64> = cards.into_iter().collect();
    let listed = people.iter().map(|one| Listed {
        patient_id: one.patient_id,
        card: cards.get(&one.patient_id).copied().unwrap_or_default(),
        times: one.times,
        first_at: one.first,
        last_at: one.last,
        fields: one.fields.iter().copied().collect(),
        ways: one.ways.iter().copied().collect(),
        doubtful: one.doubtful,
    });
    Ok(listed.collect())
}

/// Those of these cards that exist.
pub async fn by_card(tx: &mut Tx, cards: &[i64]) -> Result<Vec<(PatientId, i64)>, VaultError> {
    let cards = serde_json::to_string(cards).expect("numbers are JSON");
    Ok(sqlx::query_as(BY_CARD).bind(cards).fetch_all(tx.sql()).await?)
}

/// Gives the number in the register.
pub async fn insert(tx: &mut Tx, id: IncidentId, new: &NewIncident) -> Result<i64, VaultError> {
    let now = tx.now();
    let number: i64 = sqlx::query_scalar(NEXT_NUMBER).fetch_one(tx.sql()).await?;
    let query = sqlx::query(INSERT).bind(id).bind(number).bind(new.detected_at).bind(now);
    query.bind(new.by).execute(tx.sql()).await?;
    Ok(number)
}

pub async fn insert_list(
    tx: &mut Tx,
    id: IncidentId,
    list: &NewList<'_>,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let scope = list.scope;
    let query = sqlx::query(INSERT_LIST).bind(id).bind(list.version).bind(&scope.actor);
    let query = query.bind(&scope.session).bind(&scope.ip).bind(&scope.device).bind(scope.from);
    let query = query.bind(scope.until).bind(list.ledger_size).bind(list.people);
    let query = query.bind(list.sha256).bind(list.reason).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_people(
    tx: &mut Tx,
    id: IncidentId,
    version: i64,
    people: &[Listed],
) -> Result<(), VaultError> {
    let rows: Vec<_> = people
        .iter()
        .map(|one| {
            json!({
                "patient_id": one.patient_id, "card": one.card, "times": one.times,
                "first_at": one.first_at, "last_at": one.last_at, "fields": one.fields,
                "ways": one.ways, "doubtful": i64::from(one.doubtful),
            })
        })
        .collect();
    let rows = serde_json::to_string(&rows).expect("ids and codes are JSON");
    sqlx::query(INSERT_PEOPLE).bind(id).bind(version).bind(rows).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_event(
    tx: &mut Tx,
    event: IncidentEventId,
    id: IncidentId,
    kind: EventKind,
    at: Timestamp,
    note: &str,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_EVENT).bind(event).bind(id).bind(kind).bind(at).bind(note);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_story(
    tx: &mut Tx,
    id: IncidentId,
    version: i64,
    story: &Story,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_STORY).bind(id).bind(version).bind(story.nature);
    let query = query.bind(&story.consequences_ru).bind(&story.consequences_kk);
    let query = query.bind(&story.measures_ru).bind(&story.measures_kk);
    let query = query.bind(&story.advice_ru).bind(&story.advice_kk).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn register(reader: &mut Reader) -> Result<Vec<Incident>, VaultError> {
    let query = sqlx::query_as(REGISTER).bind(None::<IncidentId>);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn one(reader: &mut Reader, id: IncidentId) -> Result<Option<Incident>, VaultError> {
    Ok(sqlx::query_as(REGISTER).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn one_in(tx: &mut Tx, id: IncidentId) -> Result<Option<Incident>, VaultError> {
    Ok(sqlx::query_as(REGISTER).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn lists(reader: &mut Reader, id: IncidentId) -> Result<Vec<FrozenList>, VaultError> {
    Ok(sqlx::query_as(LISTS).bind(id).fetch_all(reader.sql()).await?)
}

/// What the newest list was made from, and its version.
pub async fn newest_list(
    tx: &mut Tx,
    id: IncidentId,
) -> Result<Option<(Scope, i64, i64)>, VaultError> {
    let query = sqlx::query_as(NEWEST_LIST).bind(id);
    let found: Option<NewestList> = query.fetch_optional(tx.sql()).await?;
    Ok(found.map(|list| {
        let NewestList { actor, session, ip, device, from_at: from, until_at: until, .. } = list;
        (Scope { actor, session, ip, device, from, until }, list.ledger_size, list.version)
    }))
}

pub async fn people(
    reader: &mut Reader,
    id: IncidentId,
    most: i64,
) -> Result<Vec<Listed>, VaultError> {
    let query = sqlx::query_as(PEOPLE).bind(id).bind(None::<i64>).bind(most);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn people_in(
    tx: &mut Tx,
    id: IncidentId,
    version: i64,
) -> Result<Vec<Listed>, VaultError> {
    let query = sqlx::query_as(PEOPLE).bind(id).bind(version).bind(i64::MAX);
    Ok(query.fetch_all(tx.sql()).await?)
}

pub async fn events(reader: &mut Reader, id: IncidentId) -> Result<Vec<EventRow>, VaultError> {
    Ok(sqlx::query_as(EVENTS).bind(id).fetch_all(reader.sql()).await?)
}

pub async fn story(reader: &mut Reader, id: IncidentId) -> Result<Option<Story>, VaultError> {
    Ok(sqlx::query_as(STORY).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn last_story(tx: &mut Tx, id: IncidentId) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_STORY).bind(id).fetch_one(tx.sql()).await?)
}

/// By name; one of them when a card's number is given.
pub async fn named(
    listing: &mut Listing,
    id: IncidentId,
    card: Option<i64>,
) -> Result<Vec<Named>, VaultError> {
    Ok(sqlx::query_as(NAMED).bind(id).bind(card).fetch_all(listing.sql()).await?)
}
