//! Retention in the database: rules, bans, and what is read of cards, visits
//! and consents to judge them.

use crate::clock::{Day, Timestamp};
use crate::ids::{AppointmentId, PatientId, StaffId};
use crate::retention::model::{CardKind, DischargeId, HoldId, Rule};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

const RULES: &str = "
    SELECT code, version, years, until_age, combine, start_event, basis, basis_kk, source,
           checked_on, confirmed, effective_from, effective_to, made_at, made_by
    FROM retention_rule ORDER BY code, version";

const INSERT_RULE: &str = "
    INSERT INTO retention_rule (code, version, years, until_age, combine, start_event, basis,
                                basis_kk, source, checked_on, confirmed, effective_from,
                                effective_to, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const LAST_VERSION: &str = "SELECT coalesce(max(version), 0) FROM retention_rule WHERE code = ?1";

/// The entries of cards that were merged into one count for it.
const CARD: &str = "
    SELECT patient.id, number, card_kind, birth_date, registered_at,
           (SELECT day FROM retention_discharge
            WHERE retention_discharge.patient_id IN
                  (SELECT merged.id FROM patient AS merged
                   WHERE merged.id = patient.id OR merged.merged_into = patient.id)
            ORDER BY recorded_at DESC LIMIT 1) AS discharged,
           (SELECT max(starts) FROM appointment
            WHERE appointment.patient_id IN
                  (SELECT merged.id FROM patient AS merged
                   WHERE merged.id = patient.id OR merged.merged_into = patient.id)
              AND status IN ('arrived', 'in_treatment', 'completed')) AS last_entry,
           EXISTS (SELECT 1 FROM retention_hold
                   WHERE retention_hold.patient_id = patient.id AND released_at IS NULL) AS held
    FROM patient WHERE patient.id = ?1";

const CARDS: &str = "
    SELECT patient.id, number, card_kind, birth_date, registered_at,
           (SELECT day FROM retention_discharge
            WHERE retention_discharge.patient_id IN
                  (SELECT merged.id FROM patient AS merged
                   WHERE merged.id = patient.id OR merged.merged_into = patient.id)
            ORDER BY recorded_at DESC LIMIT 1) AS discharged,
           (SELECT max(starts) FROM appointment
            WHERE appointment.patient_id IN
                  (SELECT merged.id FROM patient AS merged
                   WHERE merged.id = patient.id OR merged.merged_into = patient.id)
              AND status IN ('arrived', 'in_treatment', 'completed')) AS last_entry,
           EXISTS (SELECT 1 FROM retention_hold
                   WHERE retention_hold.patient_id = patient.id AND released_at IS NULL) AS held
    FROM patient
    WHERE merged_into IS NULL AND number < ?1 ORDER BY number DESC LIMIT ?2";

const SET_CARD_KIND: &str = "
    UPDATE patient SET card_kind = ?2 WHERE id = ?1 RETURNING id";

const RECORD_DISCHARGE: &str = "
    INSERT INTO retention_discharge (id, patient_id, day, recorded_at, recorded_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const VISITS: &str = "
    SELECT id, starts FROM appointment
    WHERE patient_id = ?1 AND status <> 'moved' ORDER BY starts DESC LIMIT ?2";

/// Every consent, the newest first.
const CONSENTS: &str = "
    SELECT number, prepared_at FROM consent
    WHERE patient_id = ?1 ORDER BY prepared_at DESC LIMIT ?2";

/// How many there are, however many are listed.
const TOTALS: &str = "
    SELECT (SELECT count(*) FROM appointment WHERE patient_id = ?1 AND status <> 'moved'),
        (SELECT count(*) FROM consent WHERE patient_id = ?1)";

const HOLD: &str = "
    SELECT id, reason, placed_at FROM retention_hold
    WHERE patient_id = ?1 AND released_at IS NULL";

const PLACE_HOLD: &str = "
    INSERT INTO retention_hold (id, patient_id, reason, placed_at, placed_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const RELEASE_HOLD: &str = "
    UPDATE retention_hold SET released_at = ?2, released_by = ?3
    WHERE patient_id = ?1 AND released_at IS NULL RETURNING id";

/// Where a ban stands on both cards, one goes on standing, for both reasons.
const JOIN_HOLDS: &str = "
    UPDATE retention_hold SET reason = reason || '; ' || (
        SELECT own.reason FROM retention_hold AS own
        WHERE own.patient_id = ?1 AND own.released_at IS NULL)
    WHERE patient_id = ?2 AND released_at IS NULL AND EXISTS (
        SELECT 1 FROM retention_hold AS own
        WHERE own.patient_id = ?1 AND own.released_at IS NULL)
    RETURNING id";

const END_HOLD: &str = "
    UPDATE retention_hold SET released_at = ?2 WHERE patient_id = ?1 AND released_at IS NULL";

const HAND_OVER_DISCHARGES: &str = "
    UPDATE retention_discharge SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const HAND_OVER: &str = "
    UPDATE retention_hold SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const CARD_COUNTS: &str = "
    SELECT card_kind, count(*) FROM patient WHERE merged_into IS NULL GROUP BY card_kind";

const VISIT_COUNT: &str = "SELECT count(*) FROM appointment WHERE status <> 'moved'";

/// The oldest year of the journal and how many visits it has.
const OLDEST_VISITS: &str = "
    SELECT substr(oldest.starts, 1, 4) || '-12-31',
           (SELECT count(*) FROM appointment
            WHERE status <> 'moved' AND appointment.starts < substr(oldest.starts, 1, 4) || '-12-32')
    FROM (SELECT min(starts) AS starts FROM appointment WHERE status <> 'moved') AS oldest
    WHERE oldest.starts IS NOT NULL";

/// A card as the database has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CardRow {
    pub id: PatientId,
    pub number: i64,
    pub card_kind: CardKind,
    /// As it was last written down.
    pub discharged: Option<Day>,
    pub birth_date: Option<Day>,
    pub registered_at: Timestamp,
    /// Civil, `2026-12-01T09:30`.
    pub last_entry: Option<String>,
    pub held: bool,
}

/// An entry of the visit journal.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitRow {
    pub id: AppointmentId,
    pub starts: String,
}

/// A consent of a patient.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConsentRow {
    pub number: String,
    pub prepared_at: Timestamp,
}

/// A ban that stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct HoldRow {
    pub id: HoldId,
    pub reason: String,
    pub placed_at: Timestamp,
}

pub async fn rules(reader: &mut Reader) -> Result<Vec<Rule>, VaultError> {
    Ok(sqlx::query_as(RULES).fetch_all(reader.sql()).await?)
}

pub async fn last_version(tx: &mut Tx, code: super::Code) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(code).fetch_one(tx.sql()).await?)
}

pub async fn insert_rule(tx: &mut Tx, rule: &Rule) -> Result<(), VaultError> {
    sqlx::query(INSERT_RULE)
        .bind(rule.code)
        .bind(rule.version)
        .bind(rule.years)
        .bind(rule.until_age)
        .bind(rule.combine)
        .bind(rule.start)
        .bind(&rule.basis)
        .bind(&rule.basis_kk)
        .bind(&rule.source)
        .bind(rule.checked_on)
        .bind(rule.confirmed)
        .bind(rule.effective_from)
        .bind(rule.effective_to)
        .bind(rule.made_at)
        .bind(rule.made_by)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// None when there is no such patient.
pub async fn card(disclosure: &mut Disclosure) -> Result<Option<CardRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(CARD).bind(id).fetch_optional(disclosure.sql()).await?)
}

/// The newest visits first.
pub async fn visits(
    disclosure: &mut Disclosure,
    at_most: i64,
) -> Result<Vec<VisitRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(VISITS).bind(id).bind(at_most).fetch_all(disclosure.sql()).await?)
}

/// Visits and consents.
pub async fn totals(disclosure: &mut Disclosure) -> Result<(i64, i64), VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(TOTALS).bind(id).fetch_one(disclosure.sql()).await?)
}

/// The newest first.
pub async fn consents(
    disclosure: &mut Disclosure,
    at_most: i64,
) -> Result<Vec<ConsentRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(CONSENTS).bind(id).bind(at_most).fetch_all(disclosure.sql()).await?)
}

/// False when there is no such patient.
pub async fn set_card_kind(
    tx: &mut Tx,
    patient: PatientId,
    kind: CardKind,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(SET_CARD_KIND).bind(patient).bind(kind);
    let found: Option<PatientId> = query.fetch_optional(tx.sql()).await?;
    Ok(found.is_some())
}

pub async fn record_discharge(
    tx: &mut Tx,
    id: DischargeId,
    patient: PatientId,
    day: Day,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(RECORD_DISCHARGE).bind(id).bind(patient).bind(day).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn hold(disclosure: &mut Disclosure) -> Result<Option<HoldRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(HOLD).bind(id).fetch_optional(disclosure.sql()).await?)
}

pub async fn place_hold(
    tx: &mut Tx,
    id: HoldId,
    patient: PatientId,
    reason: &str,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PLACE_HOLD).bind(id).bind(patient).bind(reason).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// None when no ban stands.
pub async fn release_hold(
    tx: &mut Tx,
    patient: PatientId,
    by: Option<StaffId>,
) -> Result<Option<HoldId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(RELEASE_HOLD).bind(patient).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Cards below a number, highest first.
pub async fn cards(
    listing: &mut Listing,
    below: i64,
    at_most: i64,
) -> Result<Vec<CardRow>, VaultError> {
    Ok(sqlx::query_as(CARDS).bind(below).bind(at_most).fetch_all(listing.sql()).await?)
}

/// How many cards of each kind there are, and visits.
pub async fn counts(reader: &mut Reader) -> Result<(Vec<(CardKind, i64)>, i64), VaultError> {
    let cards = sqlx::query_as(CARD_COUNTS).fetch_all(reader.sql()).await?;
    let visits = sqlx::query_scalar(VISIT_COUNT).fetch_one(reader.sql()).await?;
    Ok((cards, visits))
}

/// The last day of the journal's oldest year and how many visits it has.
pub async fn oldest_visits(reader: &mut Reader) -> Result<Option<(Day, i64)>, VaultError> {
    Ok(sqlx::query_as(OLDEST_VISITS).fetch_optional(reader.sql()).await?)
}

/// Puts the discharges of one card on another; the newest of both counts. Gives
/// their ids.
pub async fn hand_over_discharges_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    let query = sqlx::query_scalar(HAND_OVER_DISCHARGES).bind(from).bind(to);
    Ok(query.fetch_all(tx.sql()).await?)
}

/// Puts the bans of one card on another: it stays banned, for both reasons.
/// Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    let now = tx.now();
    let joined: Option<String> =
        sqlx::query_scalar(JOIN_HOLDS).bind(from).bind(to).fetch_optional(tx.sql()).await?;
    if joined.is_some() {
        sqlx::query(END_HOLD).bind(from).bind(now).execute(tx.sql()).await?;
    }
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
