//! What the clinic says of online booking, in the database.

use sqlx::types::Json;

use crate::ids::{ResourceId, ServiceId, StaffId};
use crate::online::model::Settings;
use crate::online::settings::{ConsentText, DoctorTerms, ServiceTerms, Terms};
use crate::vault::{Reader, Tx, VaultError};

const PUT: &str = "
    UPDATE online_settings SET enabled = ?1, notice_minutes = ?2, urgent_minutes = ?3,
        horizon_days = ?4, hold_minutes = ?5, most_open = ?6, no_shows = ?7, no_show_days = ?8,
        cooldown_seconds = ?9, codes_per_request = ?10, codes_per_phone = ?11,
        codes_per_net = ?12, plain_per_net = ?13, plain_per_day = ?14, codes_per_day = ?15,
        alarm_at = ?16, work_bits = ?17, sites = ?18, map_url = ?19, changed_at = ?20,
        asks = ?21
    WHERE id = 1";

const SERVICES: &str = "
    SELECT service.id, service.online, coalesce(moderated, 0), coalesce(urgent, 0),
        coalesce(prepare_ru, ''), coalesce(prepare_kk, ''), coalesce(prepare_en, '')
    FROM service LEFT JOIN online_service ON service_id = service.id
    WHERE ended_at IS NULL";

const TERMS: &str = "
    SELECT online, coalesce(moderated, 0) AS moderated, coalesce(urgent, 0) AS urgent
    FROM service LEFT JOIN online_service ON service_id = service.id
    WHERE service.id = ?1 AND ended_at IS NULL";

const PUT_SERVICE: &str = "
    INSERT INTO online_service (service_id, moderated, urgent, prepare_ru, prepare_kk, prepare_en)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (service_id) DO UPDATE SET moderated = ?2, urgent = ?3, prepare_ru = ?4,
        prepare_kk = ?5, prepare_en = ?6";

const SET_ONLINE: &str = "UPDATE service SET online = ?2 WHERE id = ?1";

const DOCTORS: &str = "
    SELECT resource_id, hidden, since_year, about_ru, about_kk, about_en FROM online_doctor";

const HIDDEN: &str = "SELECT resource_id FROM online_doctor WHERE hidden = 1";

const PUT_DOCTOR: &str = "
    INSERT INTO online_doctor (resource_id, hidden, since_year, about_ru, about_kk, about_en)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (resource_id) DO UPDATE SET hidden = ?2, since_year = ?3, about_ru = ?4,
        about_kk = ?5, about_en = ?6";

const NEWEST_CONSENT: &str = "
    SELECT version, russian, kazakh, english, basis, checked_on FROM online_consent
    ORDER BY version DESC LIMIT 1";

const PUBLISH_CONSENT: &str = "
    INSERT INTO online_consent (version, russian, kazakh, english, basis, checked_on, published_at,
        published_by)
    SELECT max(version) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM online_consent
    RETURNING version";

pub async fn put(tx: &mut Tx, new: &Settings) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUT)
        .bind(new.enabled)
        .bind(new.notice_minutes)
        .bind(new.urgent_minutes)
        .bind(new.horizon_days)
        .bind(new.hold_minutes)
        .bind(new.most_open)
        .bind(new.no_shows)
        .bind(new.no_show_days)
        .bind(new.cooldown_seconds)
        .bind(new.codes_per_request)
        .bind(new.codes_per_phone)
        .bind(new.codes_per_net)
        .bind(new.plain_per_net)
        .bind(new.plain_per_day)
        .bind(new.codes_per_day)
        .bind(new.alarm_at)
        .bind(new.work_bits)
        .bind(Json(&new.sites))
        .bind(&new.map_url)
        .bind(now)
        .bind(new.asks);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn services(reader: &mut Reader) -> Result<Vec<(ServiceId, ServiceTerms)>, VaultError> {
    type Row = (ServiceId, bool, bool, bool, String, String, String);
    let rows: Vec<Row> = sqlx::query_as(SERVICES).fetch_all(reader.sql()).await?;
    let terms = |(id, online, moderated, urgent, prepare_ru, prepare_kk, prepare_en): Row| {
        (id, ServiceTerms { online, moderated, urgent, prepare_ru, prepare_kk, prepare_en })
    };
    Ok(rows.into_iter().map(terms).collect())
}

pub async fn terms(tx: &mut Tx, id: ServiceId) -> Result<Option<Terms>, VaultError> {
    Ok(sqlx::query_as(TERMS).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn put_service(
    tx: &mut Tx,
    id: ServiceId,
    terms: &ServiceTerms,
) -> Result<(), VaultError> {
    let query = sqlx::query(PUT_SERVICE).bind(id).bind(terms.moderated).bind(terms.urgent);
    let query = query.bind(&terms.prepare_ru).bind(&terms.prepare_kk).bind(&terms.prepare_en);
    query.execute(tx.sql()).await?;
    sqlx::query(SET_ONLINE).bind(id).bind(terms.online).execute(tx.sql()).await?;
    Ok(())
}

pub async fn doctors(reader: &mut Reader) -> Result<Vec<(ResourceId, DoctorTerms)>, VaultError> {
    type Row = (ResourceId, bool, Option<i64>, String, String, String);
    let rows: Vec<Row> = sqlx::query_as(DOCTORS).fetch_all(reader.sql()).await?;
    let terms = |(id, hidden, since_year, about_ru, about_kk, about_en): Row| {
        (id, DoctorTerms { hidden, since_year, about_ru, about_kk, about_en })
    };
    Ok(rows.into_iter().map(terms).collect())
}

pub async fn hidden(tx: &mut Tx) -> Result<Vec<ResourceId>, VaultError> {
    Ok(sqlx::query_scalar(HIDDEN).fetch_all(tx.sql()).await?)
}

pub async fn put_doctor(
    tx: &mut Tx,
    id: ResourceId,
    terms: &DoctorTerms,
) -> Result<(), VaultError> {
    let query = sqlx::query(PUT_DOCTOR).bind(id).bind(terms.hidden).bind(terms.since_year);
    let query = query.bind(&terms.about_ru).bind(&terms.about_kk).bind(&terms.about_en);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn newest_consent(reader: &mut Reader) -> Result<ConsentText, VaultError> {
    Ok(sqlx::query_as(NEWEST_CONSENT).fetch_one(reader.sql()).await?)
}

pub async fn publish_consent(
    tx: &mut Tx,
    text: &ConsentText,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(PUBLISH_CONSENT)
        .bind(&text.russian)
        .bind(&text.kazakh)
        .bind(&text.english)
        .bind(&text.basis)
        .bind(&text.checked_on)
        .bind(now)
        .bind(by);
    Ok(query.fetch_one(tx.sql()).await?)
}
