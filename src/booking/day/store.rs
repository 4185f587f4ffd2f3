//! Days and histories, read in few, wide queries.

use std::sync::Arc;

use sqlx::SqliteConnection;

use crate::booking::day::{DayEntry, Details, Furniture, Visit, VisitCounts};
use crate::booking::store::read_json;
use crate::clock::Civil;
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, StaffId};
use crate::vault::{Reader, VaultError};

const FURNITURE: &str = "
    SELECT json_object(
        'resources', json((SELECT json_group_array(json_object('id', id, 'kind', kind,
                'name', short_name, 'specialty', specialty,
                'ended', json(iif(ended_at IS NULL, 'false', 'true'))))
            FROM (SELECT * FROM resource ORDER BY position, id))),
        'services', json((SELECT json_group_array(json_object('id', id,
                'name', coalesce(nullif(CASE ?1 WHEN 'kk' THEN name_kk WHEN 'en' THEN name_en END, ''), name),
                'minutes', duration_minutes, 'price', price_tiyn,
                'performers', json((SELECT json_group_array(json_array(resource_id,
                        coalesce(p.duration_minutes, service.duration_minutes)))
                    FROM service_performer AS p WHERE p.service_id = service.id))))
            FROM (SELECT * FROM service WHERE ended_at IS NULL ORDER BY category, name, id)
                AS service)))";

const RESOURCES: &str = "
    SELECT json_object('services', json('[]'),
        'resources', json((SELECT json_group_array(json_object('id', id, 'kind', kind,
                'name', short_name, 'specialty', specialty,
                'ended', json(iif(ended_at IS NULL, 'false', 'true'))))
            FROM (SELECT * FROM resource ORDER BY position, id))))";

const OWN: &str = "
    SELECT id FROM resource
    WHERE staff_id = ?1 AND kind = 'doctor' AND ended_at IS NULL ORDER BY position, id";

const ENTRIES: &str = "
    SELECT json_group_array(json_object(
        'id', a.id, 'version', a.version, 'status', a.status, 'starts', a.starts,
        'minutes', a.minutes, 'patient_id', a.patient_id,
        'patient', coalesce(nullif(trim(p.given || ' ' || p.surname), ''), p.name),
        'phone', (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0),
        'allergy', json(iif(p.allergy <> '', 'true', 'false')),
        'birth_date', p.birth_date,
        'known', json(iif(EXISTS (SELECT 1 FROM appointment AS earlier
            WHERE earlier.patient_id = a.patient_id AND earlier.starts < a.starts
                AND earlier.status = 'completed'), 'true', 'false')),
        'no_shows', (SELECT count(*) FROM appointment AS missed
            WHERE missed.patient_id = a.patient_id AND missed.status = 'no_show'
                AND missed.id <> a.id),
        'service', coalesce(nullif(CASE ?4 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, ''),
        'doctor_id', a.doctor_id, 'place_id', a.place_id,
        'held', json(iif(EXISTS (SELECT 1 FROM appointment_hold AS hold
            WHERE hold.appointment_id = a.id AND outcome IS NULL), 'true', 'false')),
        'arrived_at', iif(a.status = 'arrived', (SELECT max(at) FROM appointment_status AS step
            WHERE step.appointment_id = a.id AND step.to_status = 'arrived'
                AND step.from_status <> 'arrived'), NULL)))
    FROM (SELECT * FROM appointment
        WHERE starts >= ?1 AND starts < ?2
            AND (?3 IS NULL OR doctor_id = ?3 OR place_id = ?3)
        ORDER BY starts, id) AS a
        CROSS JOIN patient AS p ON p.id = a.patient_id
        LEFT JOIN service AS s ON s.id = a.service_id";

const DETAILS: &str = "
    SELECT a.id, a.patient_id, a.service_id, a.starts, a.minutes, a.doctor_id, a.place_id,
        a.status, a.moved_to, a.source, a.comment, a.notify, a.version,
        coalesce((SELECT minutes FROM lateness
            WHERE lateness.doctor_id = a.doctor_id AND day = substr(a.starts, 1, 10)), 0) AS late,
        p.name AS patient, p.birth_date, p.allergy,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        coalesce(nullif(CASE ?2 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, '') AS service,
        s.price_tiyn AS price,
        coalesce(doctor.short_name, '') AS doctor, coalesce(place.short_name, '') AS place_name,
        (SELECT reason FROM overbooking AS over WHERE over.appointment_id = a.id) AS overbooked,
        (SELECT until FROM appointment_hold AS hold
            WHERE hold.appointment_id = a.id AND outcome IS NULL) AS held_until,
        (SELECT count(*) FROM appointment AS missed
            WHERE missed.patient_id = a.patient_id AND missed.status = 'no_show'
                AND missed.id <> a.id) AS no_shows,
        EXISTS (SELECT 1 FROM appointment AS earlier
            WHERE earlier.patient_id = a.patient_id AND earlier.starts < a.starts
                AND earlier.status = 'completed') AS known
    FROM appointment AS a
        JOIN patient AS p ON p.id = a.patient_id
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN resource AS doctor ON doctor.id = a.doctor_id
        LEFT JOIN resource AS place ON place.id = a.place_id
    WHERE a.id = ?1";

const VISITS: &str = "
    SELECT a.id, a.starts, a.minutes, a.status,
        coalesce(nullif(CASE ?2 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, '') AS service,
        coalesce(doctor.short_name, '') AS doctor, coalesce(place.short_name, '') AS place,
        a.comment, a.source, a.moved_to, own.series_id, own.position AS series_position,
        own.series_id IS NOT NULL
            AND (SELECT unit FROM series WHERE series.id = own.series_id) IS NULL AS together,
        (SELECT count(*) FROM series_visit AS beside WHERE beside.series_id = own.series_id)
            AS series_visits
    FROM appointment AS a
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN resource AS doctor ON doctor.id = a.doctor_id
        LEFT JOIN resource AS place ON place.id = a.place_id
        LEFT JOIN series_visit AS own ON own.appointment_id = a.id
    WHERE a.patient_id = ?1
    ORDER BY a.starts DESC, a.id DESC LIMIT ?3";

const COUNTS: &str = "
    SELECT coalesce(sum(status = 'completed'), 0) AS visits,
        coalesce(sum(status = 'no_show'), 0) AS no_shows,
        coalesce(sum(status = 'cancelled'), 0) AS cancelled,
        max(CASE WHEN status = 'completed' THEN starts END) AS last_visit,
        min(CASE WHEN status IN ('booked', 'confirmed') AND starts >= ?2 THEN starts END)
            AS next_visit
    FROM appointment WHERE patient_id = ?1";

/// Resources, and services that are done now, from memory while they stay.
pub async fn furniture(
    reader: &mut Reader,
    language: Language,
) -> Result<Arc<Furniture>, VaultError> {
    let load = async |sql: &mut SqliteConnection| {
        let query = sqlx::query_scalar(FURNITURE).bind(language.tag());
        let text: String = query.fetch_one(sql).await?;
        read_json(&text)
    };
    reader.kept(language.tag(), load).await
}

/// Resources alone.
pub async fn resources(reader: &mut Reader) -> Result<Arc<Furniture>, VaultError> {
    let load = async |sql: &mut SqliteConnection| {
        let text: String = sqlx::query_scalar(RESOURCES).fetch_one(sql).await?;
        read_json(&text)
    };
    reader.kept("resources", load).await
}

/// The doctors that an account signs in as.
pub async fn own_resources(
    reader: &mut Reader,
    staff: StaffId,
) -> Result<Vec<ResourceId>, VaultError> {
    Ok(sqlx::query_scalar(OWN).bind(staff).fetch_all(reader.sql()).await?)
}

/// What starts between two times, of one resource or of all, by time.
pub async fn entries(
    connection: &mut SqliteConnection,
    from: Civil,
    until: Civil,
    of: Option<ResourceId>,
    language: Language,
) -> Result<Vec<DayEntry>, VaultError> {
    let query = sqlx::query_scalar(ENTRIES).bind(from).bind(until).bind(of).bind(language.tag());
    let text: String = query.fetch_one(connection).await?;
    read_json(&text)
}

pub async fn details(
    connection: &mut SqliteConnection,
    id: AppointmentId,
    language: Language,
) -> Result<Option<Details>, VaultError> {
    let query = sqlx::query_as(DETAILS).bind(id).bind(language.tag());
    Ok(query.fetch_optional(connection).await?)
}

/// The newest first.
pub async fn visits(
    connection: &mut SqliteConnection,
    patient_id: PatientId,
    language: Language,
    most: i64,
) -> Result<Vec<Visit>, VaultError> {
    let query = sqlx::query_as(VISITS).bind(patient_id).bind(language.tag()).bind(most);
    Ok(query.fetch_all(connection).await?)
}

pub async fn counts(
    connection: &mut SqliteConnection,
    patient_id: PatientId,
    now: Civil,
) -> Result<VisitCounts, VaultError> {
    Ok(sqlx::query_as(COUNTS).bind(patient_id).bind(now).fetch_one(connection).await?)
}
