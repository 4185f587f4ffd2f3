//! Appointments in the database.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;
use sqlx::types::Json;

use crate::booking::answer::Answerable;
use crate::booking::model::{Act, Appointment, Status, Step};
use crate::booking::slots::{Buffer, Span};
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, BranchId, PatientId, ResourceId, ServiceId, StaffId};
use crate::vault::{Reader, Tx, VaultError};

const TERMS: &str = "
    SELECT json_object(
        'minutes', service.duration_minutes,
        'ended', json(iif(service.ended_at IS NULL, 'false', 'true')),
        'before', coalesce((SELECT before_minutes FROM service_buffer AS b
            WHERE b.service_id = service.id), 0),
        'after', coalesce((SELECT after_minutes FROM service_buffer AS b
            WHERE b.service_id = service.id), 0),
        'performers', json((SELECT json_group_array(json_array(resource_id,
                coalesce(p.duration_minutes, service.duration_minutes)))
            FROM service_performer AS p WHERE p.service_id = service.id)),
        'needs', json((SELECT json_group_array(kind) FROM (
            SELECT kind FROM service_need AS n WHERE n.service_id = service.id
            ORDER BY CASE kind WHEN 'chair' THEN 0 WHEN 'room' THEN 1 ELSE 2 END, kind))),
        'resources', json((SELECT json_group_array(json_object('id', id, 'kind', kind,
                'branch_id', branch_id)) FROM (
            SELECT id, kind, branch_id FROM resource WHERE ended_at IS NULL ORDER BY position, id))))
    FROM service WHERE id = ?1";

const ANY_TERMS: &str = "
    SELECT json_object(
        'minutes', 30, 'ended', json('false'), 'before', 0, 'after', 0,
        'performers', json('[]'), 'needs', json('[]'),
        'resources', json((SELECT json_group_array(json_object('id', id, 'kind', kind,
                'branch_id', branch_id)) FROM (
            SELECT id, kind, branch_id FROM resource WHERE ended_at IS NULL ORDER BY position, id))))";

const BUSY: &str = "
    SELECT json_group_array(json_array(resource_id, starts, ends)) FROM reservation
    WHERE live = 1 AND resource_id IN (SELECT value FROM json_each(?4))
        AND starts >= ?1 AND starts < ?2
        AND appointment_id NOT IN (SELECT value FROM json_each(?3))";

const CLASHES: &str = "
    SELECT resource_id, starts, ends FROM reservation
    WHERE live = 1 AND resource_id IN (SELECT value FROM json_each(?1))
        AND starts < ?3 AND ?2 < ends
        AND strftime('%Y-%m-%dT%H:%M', ?2, '-1 day') <= starts
        AND appointment_id IS NOT ?4
    ORDER BY starts";

const BY_ID: &str = "
    SELECT id, branch_id, patient_id, service_id, doctor_id, place_id, starts, minutes, status,
        moved_to, source, comment, notify, version, created_at
    FROM appointment WHERE id = ?1";

const INSERT: &str = "
    INSERT INTO appointment (id, branch_id, patient_id, service_id, doctor_id, place_id, starts,
        minutes, status, moved_to, source, comment, notify, version, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const UPDATE: &str = "
    UPDATE appointment SET branch_id = ?2, doctor_id = ?3, place_id = ?4, starts = ?5,
        minutes = ?6, status = ?7, comment = ?8, version = ?9
    WHERE id = ?1";

const INSERT_STEP: &str = "
    INSERT INTO appointment_status (appointment_id, version, at, staff_id, actor, act, from_status,
        to_status, reason, starts, minutes, doctor_id, place_id)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const HISTORY: &str = "
    SELECT version, at, staff_id, staff.name AS staff_name, actor, act, from_status, to_status,
        reason, starts, minutes, doctor_id, place_id
    FROM appointment_status AS step LEFT JOIN staff ON staff.id = step.staff_id
    WHERE appointment_id = ?1 ORDER BY version";

const INSERT_OVERBOOKING: &str = "
    INSERT INTO overbooking (appointment_id, at, staff_id, reason) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (appointment_id) DO UPDATE SET at = excluded.at, staff_id = excluded.staff_id,
        reason = excluded.reason";

const RESERVE: &str = "
    INSERT INTO reservation (appointment_id, version, resource_id, starts, ends, live, overbooked)
    SELECT ?1, ?2, value, ?4, ?5, 1, ?6 FROM json_each(?3)";

const RELEASE: &str = "
    UPDATE reservation SET live = 0 WHERE appointment_id = ?1 AND live = 1";

const REVIVE: &str = "
    UPDATE reservation SET live = 1
    WHERE appointment_id = ?1 AND version =
        (SELECT max(version) FROM reservation AS newest WHERE newest.appointment_id = ?1)";

const HELD: &str = "
    SELECT resource_id FROM reservation
    WHERE appointment_id = ?1 AND version =
        (SELECT max(version) FROM reservation AS newest WHERE newest.appointment_id = ?1)
    ORDER BY resource_id";

const HELD_SPAN: &str = "
    SELECT starts, ends FROM reservation WHERE appointment_id = ?1 ORDER BY version DESC LIMIT 1";

const OVERBOOKED: &str = "
    SELECT EXISTS (SELECT 1 FROM overbooking WHERE appointment_id = ?1)";

const SET_BUFFER: &str = "
    INSERT INTO service_buffer (service_id, before_minutes, after_minutes) VALUES (?1, ?2, ?3)
    ON CONFLICT (service_id) DO UPDATE
    SET before_minutes = excluded.before_minutes, after_minutes = excluded.after_minutes";

const DUE: &str = "
    SELECT id, patient_id, starts, minutes, status, version, service_id, doctor_id, branch_id, notify
    FROM appointment
    WHERE starts >= ?1 AND starts < ?2 AND status IN ('booked', 'confirmed')
    ORDER BY starts, id";

const TOLD: &str = "
    SELECT id, patient_id, starts, minutes, status, version, service_id, doctor_id, branch_id, notify
    FROM appointment WHERE id = ?1";

const AHEAD: &str = "
    SELECT id, patient_id, starts, minutes, status, version, service_id, doctor_id, branch_id, notify
    FROM appointment
    WHERE patient_id = ?1 AND starts >= ?2
        AND status IN ('booked', 'confirmed', 'arrived', 'in_treatment')
    ORDER BY starts, id";

/// Live appointments of doctors who are away, by the JSON list of absences.
const STRANDED: &str = "
    SELECT DISTINCT a.id, a.patient_id, a.doctor_id, a.starts
    FROM json_each(?1) AS away
        JOIN appointment AS a ON a.starts < json_extract(away.value, '$.ends')
            AND a.starts >= ?2
            AND a.starts >= strftime('%Y-%m-%dT%H:%M', json_extract(away.value, '$.starts'), '-1 day')
            AND a.doctor_id = json_extract(away.value, '$.doctor')
            AND json_extract(away.value, '$.starts')
                < strftime('%Y-%m-%dT%H:%M', a.starts, '+' || a.minutes || ' minutes')
    WHERE a.status IN ('booked', 'confirmed')
    ORDER BY a.starts, a.id";

const ANSWERABLE: &str = "
    SELECT a.id, a.patient_id, a.starts, a.minutes, a.status, a.version,
        coalesce((SELECT max(at) FROM appointment_status AS step WHERE step.appointment_id = a.id),
            a.created_at) AS changed_at,
        coalesce(doctor.short_name, '') AS doctor, branch.name AS branch, branch.address AS address,
        coalesce((SELECT minutes FROM lateness
            WHERE lateness.doctor_id = a.doctor_id AND day = substr(a.starts, 1, 10)), 0) AS late
    FROM appointment AS a
        JOIN branch ON branch.id = a.branch_id
        LEFT JOIN resource AS doctor ON doctor.id = a.doctor_id
    WHERE a.id = ?1";

const NO_SHOWS: &str = "
    SELECT count(*) FROM appointment
    WHERE patient_id IN (SELECT value FROM json_each(?1)) AND starts >= ?2 AND status = 'no_show'";

const OPEN_ONLINE: &str = "
    SELECT count(*) FROM appointment
    WHERE patient_id IN (SELECT value FROM json_each(?1)) AND starts >= ?2
        AND source = 'online' AND status IN ('booked', 'confirmed')";

/// What a service asks of the clinic.
#[derive(Clone, Debug, Deserialize)]
pub struct Terms {
    pub minutes: i64,
    /// Whether it is no longer done.
    pub ended: bool,
    before: i64,
    after: i64,
    /// Who does it and how long it takes them; empty: every doctor.
    performers: Vec<(ResourceId, i64)>,
    /// Kinds of things it needs besides a doctor.
    pub needs: Vec<String>,
    resources: Vec<Present>,
}

/// A resource that is there now.
#[derive(Clone, Debug, Deserialize)]
pub struct Present {
    pub id: ResourceId,
    pub kind: String,
    pub branch_id: BranchId,
}

/// Something that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Clash {
    pub resource_id: ResourceId,
    pub starts: Civil,
    pub ends: Civil,
}

/// An appointment ahead, as reminders and messages need it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Due {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub starts: Civil,
    pub minutes: i64,
    pub status: Status,
    pub version: i64,
    pub service_id: Option<ServiceId>,
    pub doctor_id: Option<ResourceId>,
    pub branch_id: BranchId,
    pub notify: bool,
}

impl Present {
    /// Whether somebody can be treated there.
    pub fn is_place(&self) -> bool {
        matches!(self.kind.as_str(), "chair" | "room")
    }
}

impl Terms {
    pub fn buffer(&self) -> Buffer {
        Buffer { before_minutes: self.before, after_minutes: self.after }
    }

    /// Doctors who may do it, in the clinic's order, and how long it takes each.
    pub fn doctors(&self) -> Vec<(ResourceId, i64)> {
        let doctors = self.resources.iter().filter(|one| one.kind == "doctor");
        doctors.filter_map(|doctor| Some((doctor.id, self.minutes_with(doctor.id)?))).collect()
    }

    /// None when that doctor does not do it.
    pub fn minutes_with(&self, doctor_id: ResourceId) -> Option<i64> {
        if self.performers.is_empty() {
            return Some(self.minutes);
        }
        let own = self.performers.iter().find(|(id, _)| *id == doctor_id);
        own.map(|(_, minutes)| *minutes)
    }

    pub fn present(&self, id: ResourceId) -> Option<&Present> {
        self.resources.iter().find(|one| one.id == id)
    }

    /// Whatever may have a part in an appointment with that doctor (None: any)
    /// in that place (None: any).
    pub fn concerned(
        &self,
        doctor_id: Option<ResourceId>,
        place_id: Option<ResourceId>,
    ) -> Vec<ResourceId> {
        let exact = place_id.and_then(|id| self.present(id)).map(|one| one.kind.as_str());
        let may = |one: &&Present| match one.kind.as_str() {
            "doctor" => doctor_id.is_none_or(|id| id == one.id),
            "chair" | "room" => {
                let needed = self.needs.contains(&one.kind) && exact != Some(one.kind.as_str());
                place_id.is_none_or(|id| id == one.id) || needed
            }
            kind => self.needs.iter().any(|need| need == kind),
        };
        self.resources.iter().filter(may).map(|one| one.id).collect()
    }

    /// What there is of a kind in a branch.
    pub fn of_kind(&self, kind: &str, branch_id: BranchId) -> Vec<ResourceId> {
        let fitting = |one: &&Present| one.kind == kind && one.branch_id == branch_id;
        self.resources.iter().filter(fitting).map(|one| one.id).collect()
    }
}

/// None when there is no such service. Without a service: half an hour by anybody.
pub async fn terms(
    connection: &mut SqliteConnection,
    service_id: Option<ServiceId>,
) -> Result<Option<Terms>, VaultError> {
    let text: Option<String> = match service_id {
        Some(id) => sqlx::query_scalar(TERMS).bind(id).fetch_optional(connection).await?,
        None => sqlx::query_scalar(ANY_TERMS).fetch_optional(connection).await?,
    };
    text.map(|text| read_json(&text)).transpose()
}

/// The same from memory, while nothing of it has changed.
pub async fn kept_terms(
    reader: &mut Reader,
    service_id: Option<ServiceId>,
) -> Result<Option<Terms>, VaultError> {
    let name = service_id.map(|id| id.to_string()).unwrap_or_default();
    let found = reader.kept(&name, async |sql| terms(sql, service_id).await).await?;
    Ok(found.as_ref().clone())
}

/// Live reservations of these resources that begin between two instants, but
/// for some appointments'.
pub async fn busy(
    connection: &mut SqliteConnection,
    resources: &[ResourceId],
    from: Civil,
    until: Civil,
    except: &[AppointmentId],
) -> Result<Vec<(ResourceId, Civil, Civil)>, VaultError> {
    let query = sqlx::query_scalar(BUSY).bind(from).bind(until).bind(Json(except));
    let text: String = query.bind(Json(resources)).fetch_one(connection).await?;
    read_json(&text)
}

/// What of these resources is taken in that time, by others.
pub async fn clashes(
    connection: &mut SqliteConnection,
    resources: &[ResourceId],
    span: Span,
    except: Option<AppointmentId>,
) -> Result<Vec<Clash>, VaultError> {
    let query = sqlx::query_as(CLASHES).bind(Json(resources)).bind(span.starts).bind(span.ends);
    Ok(query.bind(except).fetch_all(connection).await?)
}

pub async fn by_id(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Appointment>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(connection).await?)
}

pub async fn insert(tx: &mut Tx, new: &Appointment) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT)
        .bind(new.id)
        .bind(new.branch_id)
        .bind(new.patient_id)
        .bind(new.service_id)
        .bind(new.place.doctor_id)
        .bind(new.place.place_id)
        .bind(new.place.starts)
        .bind(new.place.minutes)
        .bind(new.status)
        .bind(new.moved_to)
        .bind(new.source)
        .bind(&new.comment)
        .bind(new.notify)
        .bind(new.version)
        .bind(new.created_at);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Stores where and how it stands now.
pub async fn update(tx: &mut Tx, changed: &Appointment) -> Result<(), VaultError> {
    let query = sqlx::query(UPDATE)
        .bind(changed.id)
        .bind(changed.branch_id)
        .bind(changed.place.doctor_id)
        .bind(changed.place.place_id)
        .bind(changed.place.starts)
        .bind(changed.place.minutes)
        .bind(changed.status)
        .bind(&changed.comment)
        .bind(changed.version);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// What a change was: see [`Step`].
pub struct NewStep<'a> {
    pub staff_id: Option<StaffId>,
    pub actor: &'static str,
    pub act: Act,
    pub from_status: Option<Status>,
    pub reason: &'a str,
}

/// Writes the step that led to how an appointment stands now.
pub async fn insert_step(
    tx: &mut Tx,
    now: &Appointment,
    step: &NewStep<'_>,
) -> Result<(), VaultError> {
    let at: Timestamp = tx.now();
    let query = sqlx::query(INSERT_STEP)
        .bind(now.id)
        .bind(now.version)
        .bind(at)
        .bind(step.staff_id)
        .bind(step.actor)
        .bind(step.act)
        .bind(step.from_status)
        .bind(now.status)
        .bind(step.reason)
        .bind(now.place.starts)
        .bind(now.place.minutes)
        .bind(now.place.doctor_id)
        .bind(now.place.place_id);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Oldest first.
pub async fn history(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Vec<Step>, VaultError> {
    Ok(sqlx::query_as(HISTORY).bind(id).fetch_all(connection).await?)
}

pub async fn insert_overbooking(
    tx: &mut Tx,
    id: AppointmentId,
    staff_id: Option<StaffId>,
    reason: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_OVERBOOKING).bind(id).bind(now).bind(staff_id).bind(reason);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Takes resources up. The database refuses what is taken.
pub async fn reserve(
    tx: &mut Tx,
    appointment: &Appointment,
    resources: &[ResourceId],
    span: Span,
    overbooked: bool,
) -> Result<(), VaultError> {
    let query = sqlx::query(RESERVE).bind(appointment.id).bind(appointment.version);
    let query = query.bind(Json(resources)).bind(span.starts).bind(span.ends).bind(overbooked);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn release(tx: &mut Tx, id: AppointmentId) -> Result<(), VaultError> {
    sqlx::query(RELEASE).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// Takes up again what an appointment had last.
pub async fn revive(tx: &mut Tx, id: AppointmentId) -> Result<(), VaultError> {
    sqlx::query(REVIVE).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// What an appointment takes up, or took up last.
pub async fn held(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Vec<ResourceId>, VaultError> {
    Ok(sqlx::query_scalar(HELD).bind(id).fetch_all(connection).await?)
}

/// From when until when, buffers included.
pub async fn held_span(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Span>, VaultError> {
    let span: Option<(Civil, Civil)> =
        sqlx::query_as(HELD_SPAN).bind(id).fetch_optional(connection).await?;
    Ok(span.map(|(starts, ends)| Span { starts, ends }))
}

pub async fn is_overbooked(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(OVERBOOKED).bind(id).fetch_one(connection).await?)
}

pub async fn set_buffer(tx: &mut Tx, id: ServiceId, buffer: Buffer) -> Result<(), VaultError> {
    let query = sqlx::query(SET_BUFFER).bind(id).bind(buffer.before_minutes);
    query.bind(buffer.after_minutes).execute(tx.sql()).await?;
    Ok(())
}

/// Booked and confirmed appointments that start between two times.
pub async fn due(
    connection: &mut SqliteConnection,
    from: Civil,
    until: Civil,
) -> Result<Vec<Due>, VaultError> {
    Ok(sqlx::query_as(DUE).bind(from).bind(until).fetch_all(connection).await?)
}

pub async fn told(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Due>, VaultError> {
    Ok(sqlx::query_as(TOLD).bind(id).fetch_optional(connection).await?)
}

pub async fn answerable(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Answerable>, VaultError> {
    Ok(sqlx::query_as(ANSWERABLE).bind(id).fetch_optional(connection).await?)
}

#[derive(Debug, sqlx::FromRow)]
pub struct StrandedRow {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub doctor_id: ResourceId,
    pub starts: Civil,
}

/// Booked and confirmed appointments from now on that overlap an absence of
/// their doctor. `absences`: `[{"doctor", "starts", "ends"}]`.
pub async fn stranded(
    connection: &mut SqliteConnection,
    absences: &str,
    now: Civil,
) -> Result<Vec<StrandedRow>, VaultError> {
    Ok(sqlx::query_as(STRANDED).bind(absences).bind(now).fetch_all(connection).await?)
}

/// A patient's live appointments that start from a time on.
pub async fn ahead(
    connection: &mut SqliteConnection,
    patient_id: PatientId,
    from: Civil,
) -> Result<Vec<Due>, VaultError> {
    Ok(sqlx::query_as(AHEAD).bind(patient_id).bind(from).fetch_all(connection).await?)
}

pub async fn no_shows(tx: &mut Tx, patients: &[PatientId], from: Civil) -> Result<i64, VaultError> {
    let query = sqlx::query_scalar(NO_SHOWS).bind(Json(patients)).bind(from);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub async fn open_online(
    tx: &mut Tx,
    patients: &[PatientId],
    from: Civil,
) -> Result<i64, VaultError> {
    let query = sqlx::query_scalar(OPEN_ONLINE).bind(Json(patients)).bind(from);
    Ok(query.fetch_one(tx.sql()).await?)
}

/// The first minute of a day.
pub fn midnight(day: Day) -> Civil {
    Civil::new(day, 0).expect("every day has a first minute")
}

/// One wide row instead of many: each row of SQLite's costs a thread hop.
pub fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, VaultError> {
    let read = serde_json::from_str(text);
    read.map_err(|error| VaultError::Sql(sqlx::Error::Decode(Box::new(error))))
}
