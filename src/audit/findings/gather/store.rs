//! What the rules ask of the database.

use std::collections::BTreeSet;

use crate::audit::findings::facts::{Measures, Place, Trace};
use crate::clock::{Day, Timestamp};
use crate::ids::PatientId;
use crate::vault::{Reader, VaultError};

/// People in the schedule are not read: it hangs on everybody's screen.
const ENTRIES: &str = "
    SELECT seq, ts, actor, body ->> '$.role' AS role, act, why, body ->> '$.ip' AS ip,
        body ->> '$.dev' AS device, body ->> '$.oid' AS object, pat,
        CASE WHEN act <> 'schedule.viewed' THEN body ->> '$.pats' END AS pats
    FROM audit_event
    WHERE seq >= ?1 AND body IS NOT NULL AND act <> 'audit.watched'
        AND seq < coalesce((SELECT seq FROM audit_event WHERE ts >= ?2 ORDER BY ts, seq LIMIT 1),
            9223372036854775807)
    ORDER BY seq";

const RIGHTS_CHANGED: &str = "
    SELECT seq, ts, actor, body ->> '$.role' AS role, act, why, body ->> '$.ip' AS ip,
        body ->> '$.dev' AS device, body ->> '$.oid' AS object, pat, NULL AS pats
    FROM audit_event
    WHERE act IN ('staff.added', 'staff.role_given', 'staff.deputed', 'staff.let_in')
        AND ts >= ?1 AND ts < ?2
    ORDER BY seq";

const FIRST_SINCE: &str = "
    SELECT coalesce((SELECT seq FROM audit_event WHERE ts >= ?1 ORDER BY ts, seq LIMIT 1),
        (SELECT size FROM audit_head WHERE id = 1))";

const ANYTHING_AFTER: &str =
    "SELECT EXISTS (SELECT 1 FROM audit_event WHERE seq > ?1 AND act <> 'audit.watched')";

const VISITS: &str = "
    SELECT patient_id, starts, minutes, resource.staff_id AS doctor
    FROM appointment LEFT JOIN resource ON resource.id = doctor_id
    WHERE patient_id IN (SELECT value FROM json_each(?1)) AND starts >= ?2 AND starts < ?3
        AND status <> 'moved'";

const PEOPLE: &str = "
    SELECT id, role, created_at, left_at, leaving_on
    FROM staff LEFT JOIN audit_person ON staff_id = id";

const WATCHED: &str = "SELECT patient_id FROM audit_watched";

const DECLARED: &str = "SELECT staff_id, patient_id, kind = 'own' FROM audit_kin";

const SAME_PHONE: &str = "
    SELECT audit_person.staff_id, patient.id AS patient_id, surname, given, staff.name AS staff_name
    FROM audit_person
    JOIN staff ON staff.id = audit_person.staff_id
    JOIN patient_phone ON patient_phone.phone = audit_person.phone
    JOIN patient ON patient.id = patient_phone.patient_id
    WHERE audit_person.phone IS NOT NULL AND merged_into IS NULL";

const MEASURES: &str = "
    SELECT actor, opened, strangers, listed, unmasked, exported FROM audit_day
    WHERE day >= ?1 AND day < ?2 ORDER BY day DESC";

const PLACES: &str = "SELECT actor, device, network FROM audit_place WHERE first_day < ?1";

const TREATING: &str = "SELECT id, staff_id FROM resource WHERE staff_id IS NOT NULL";

const EMERGENCIES: &str = "
    SELECT opened.seq, opened.body ->> '$.oid' AS id, opened.actor, opened.ts,
        EXISTS (SELECT 1 FROM audit_event AS reviewed WHERE reviewed.act = 'emergency.reviewed'
            AND reviewed.body ->> '$.oid' = opened.body ->> '$.oid') AS reviewed
    FROM audit_event AS opened
    WHERE opened.act = 'emergency.opened' AND opened.ts >= ?1 AND opened.body IS NOT NULL";

const CODES: &str = "
    WITH recent(phone) AS (
        SELECT DISTINCT consent_code.phone FROM consent JOIN consent_code ON consent_id = consent.id
        WHERE consent.prepared_at >= ?1)
    SELECT recent.phone, patient.id AS patient_id, patient.surname, consent_code.sent_at,
        EXISTS (SELECT 1 FROM consent_staff_phone AS known WHERE known.phone = recent.phone)
            OR EXISTS (SELECT 1 FROM audit_person AS own WHERE own.phone = recent.phone) AS staff
    FROM recent
    JOIN consent_code ON consent_code.phone = recent.phone AND consent_code.sent_at >= ?2
    JOIN consent ON consent.id = consent_code.consent_id
    JOIN patient ON patient.id = consent.patient_id";

const CODES_SENT: &str = "
    SELECT audit_event.seq FROM audit_patient JOIN audit_event ON audit_event.seq = audit_patient.seq
    WHERE patient_id IN (SELECT value FROM json_each(?1)) AND act = 'consent.code_sent'
        AND ts >= ?2
    ORDER BY audit_event.seq";

const ANCHORED: &str = "SELECT max(ts) FROM audit_event WHERE act = 'audit.anchored'";

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    ts: String,
    actor: Option<String>,
    role: Option<String>,
    act: Option<String>,
    why: Option<String>,
    ip: Option<String>,
    device: Option<String>,
    object: Option<String>,
    pat: Option<PatientId>,
    pats: Option<String>,
}

#[derive(sqlx::FromRow)]
pub struct VisitRow {
    pub patient_id: PatientId,
    pub starts: String,
    pub minutes: i64,
    pub doctor: Option<String>,
}

#[derive(sqlx::FromRow)]
pub struct PersonRow {
    pub id: String,
    pub role: String,
    pub created_at: Timestamp,
    pub left_at: Option<Timestamp>,
    pub leaving_on: Option<Day>,
}

#[derive(sqlx::FromRow)]
pub struct SamePhone {
    pub staff_id: String,
    pub patient_id: PatientId,
    pub surname: String,
    pub given: String,
    pub staff_name: String,
}

pub struct EmergencyRow {
    pub seq: i64,
    pub id: String,
    pub actor: String,
    pub at: Timestamp,
    pub reviewed: bool,
}

#[derive(sqlx::FromRow)]
pub struct CodeRow {
    pub phone: String,
    pub patient_id: PatientId,
    pub surname: String,
    pub sent_at: Timestamp,
    pub staff: bool,
}

impl Row {
    fn trace(self) -> Option<Trace> {
        let listed = self.pats.and_then(|pats| serde_json::from_str(&pats).ok());
        let listed: Vec<PatientId> = listed.unwrap_or_default();
        Some(Trace {
            seq: self.seq,
            at: instant(&self.ts)?,
            actor: self.actor.unwrap_or_default(),
            role: self.role.unwrap_or_default(),
            act: self.act.unwrap_or_default(),
            why: self.why,
            ip: self.ip,
            device: self.device,
            object: self.object,
            patients: self.pat.into_iter().chain(listed).collect(),
        })
    }
}

/// Reads the ledger's time.
pub fn instant(ts: &str) -> Option<Timestamp> {
    let at = ts.parse::<jiff::Timestamp>().ok()?;
    Some(Timestamp::from_unix_ms(at.as_millisecond()))
}

/// From an entry on, before an instant.
pub async fn entries(
    reader: &mut Reader,
    first_seq: i64,
    before: Timestamp,
) -> Result<Vec<Trace>, VaultError> {
    let query = sqlx::query_as(ENTRIES).bind(first_seq).bind(before.rfc3339());
    let rows: Vec<Row> = query.fetch_all(reader.sql()).await?;
    Ok(rows.into_iter().filter_map(Row::trace).collect())
}

pub async fn rights_changed(
    reader: &mut Reader,
    from: Timestamp,
    before: Timestamp,
) -> Result<Vec<Trace>, VaultError> {
    let query = sqlx::query_as(RIGHTS_CHANGED).bind(from.rfc3339()).bind(before.rfc3339());
    let rows: Vec<Row> = query.fetch_all(reader.sql()).await?;
    Ok(rows.into_iter().filter_map(Row::trace).collect())
}

pub async fn first_since(reader: &mut Reader, at: Timestamp) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(FIRST_SINCE).bind(at.rfc3339()).fetch_one(reader.sql()).await?)
}

pub async fn anything_after(reader: &mut Reader, seq: i64) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(ANYTHING_AFTER).bind(seq).fetch_one(reader.sql()).await?)
}

pub async fn visits(
    reader: &mut Reader,
    patients: &BTreeSet<PatientId>,
    from: Day,
    before: Day,
) -> Result<Vec<VisitRow>, VaultError> {
    let query = sqlx::query_as(VISITS).bind(ids(patients)).bind(from).bind(before);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn people(reader: &mut Reader) -> Result<Vec<PersonRow>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(reader.sql()).await?)
}

pub async fn watched(reader: &mut Reader) -> Result<Vec<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(WATCHED).fetch_all(reader.sql()).await?)
}

/// Who, whose card, and whether it is their own.
pub async fn declared(reader: &mut Reader) -> Result<Vec<(String, PatientId, bool)>, VaultError> {
    Ok(sqlx::query_as(DECLARED).fetch_all(reader.sql()).await?)
}

pub async fn same_phone(reader: &mut Reader) -> Result<Vec<SamePhone>, VaultError> {
    Ok(sqlx::query_as(SAME_PHONE).fetch_all(reader.sql()).await?)
}

/// The newest first.
pub async fn measures(
    reader: &mut Reader,
    from: Day,
    before: Day,
) -> Result<Vec<(String, Measures)>, VaultError> {
    type Numbers = (String, i64, i64, i64, i64, i64);
    let query = sqlx::query_as(MEASURES).bind(from).bind(before);
    let rows: Vec<Numbers> = query.fetch_all(reader.sql()).await?;
    let measures =
        rows.into_iter().map(|(actor, opened, strangers, listed, unmasked, exported)| {
            (actor, Measures { opened, strangers, listed, unmasked, exported })
        });
    Ok(measures.collect())
}

pub async fn places(reader: &mut Reader, before: Day) -> Result<Vec<(String, Place)>, VaultError> {
    let query = sqlx::query_as(PLACES).bind(before);
    let rows: Vec<(String, String, String)> = query.fetch_all(reader.sql()).await?;
    let place = |(actor, device, network)| (actor, Place { device, network });
    Ok(rows.into_iter().map(place).collect())
}

/// Which doctor or assistant of the schedule is which member of staff.
pub async fn treating(reader: &mut Reader) -> Result<Vec<(String, String)>, VaultError> {
    Ok(sqlx::query_as(TREATING).fetch_all(reader.sql()).await?)
}

pub async fn emergencies(
    reader: &mut Reader,
    since: Timestamp,
) -> Result<Vec<EmergencyRow>, VaultError> {
    let query = sqlx::query_as(EMERGENCIES).bind(since.rfc3339());
    let rows: Vec<(i64, Option<String>, String, String, bool)> =
        query.fetch_all(reader.sql()).await?;
    let row = |(seq, id, actor, ts, reviewed): (i64, Option<String>, String, String, bool)| {
        Some(EmergencyRow { seq, id: id?, actor, at: instant(&ts)?, reviewed })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

pub async fn codes(
    reader: &mut Reader,
    recent: Timestamp,
    since: Timestamp,
) -> Result<Vec<CodeRow>, VaultError> {
    Ok(sqlx::query_as(CODES).bind(recent).bind(since).fetch_all(reader.sql()).await?)
}

pub async fn codes_sent(
    reader: &mut Reader,
    patients: &BTreeSet<PatientId>,
    since: Timestamp,
) -> Result<Vec<i64>, VaultError> {
    let query = sqlx::query_scalar(CODES_SENT).bind(ids(patients)).bind(since.rfc3339());
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn anchored(reader: &mut Reader) -> Result<Option<Timestamp>, VaultError> {
    let at: Option<String> = sqlx::query_scalar(ANCHORED).fetch_one(reader.sql()).await?;
    Ok(at.as_deref().and_then(instant))
}

fn ids(patients: &BTreeSet<PatientId>) -> String {
    serde_json::to_string(patients).expect("ids are JSON")
}
