//! Links in the database.

use crate::booking::Due;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId};
use crate::reminders::model::{Link, Token};
use crate::vault::{Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO answer_link (token_hash, patient_id, appointment_id, language, created_at,
        expires_at, together)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const LINK: &str = "
    SELECT appointment_id, language, expires_at, together FROM answer_link WHERE token_hash = ?1";

const HAND_OVER: &str = "
    UPDATE answer_link SET patient_id = ?2 WHERE patient_id = ?1 RETURNING lower(hex(token_hash))";

/// By whom and for what, in the patient's language, and how to prepare.
const TREATMENT: &str = "
    SELECT coalesce(doctor.short_name, '') AS doctor,
        coalesce(CASE WHEN ?2 = 'kk' AND service.name_kk <> '' THEN service.name_kk
            ELSE service.name END, '') AS service,
        coalesce(CASE WHEN ?2 = 'kk' AND prepare_kk <> '' THEN prepare_kk
            ELSE prepare_ru END, '') AS preparation
    FROM appointment LEFT JOIN service ON service.id = appointment.service_id
    LEFT JOIN online_service ON online_service.service_id = appointment.service_id
    LEFT JOIN resource AS doctor ON doctor.id = appointment.doctor_id
    WHERE appointment.id = ?1";

const CUTOFF: &str = "SELECT cutoff_minutes FROM answer_rule WHERE id = 1";

const SET_CUTOFF: &str = "UPDATE answer_rule SET cutoff_minutes = ?1 WHERE id = 1";

/// What a visit is, as far as a text may tell it at home.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct Treatment {
    pub doctor: String,
    pub service: String,
    pub preparation: String,
}

pub async fn treatment(
    tx: &mut Tx,
    id: AppointmentId,
    language: Language,
) -> Result<Treatment, VaultError> {
    let query = sqlx::query_as(TREATMENT).bind(id).bind(language);
    Ok(query.fetch_optional(tx.sql()).await?.unwrap_or_default())
}

pub async fn cutoff(reader: &mut Reader) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(CUTOFF).fetch_one(reader.sql()).await?)
}

pub async fn set_cutoff(tx: &mut Tx, minutes: i64) -> Result<(), VaultError> {
    sqlx::query(SET_CUTOFF).bind(minutes).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert(
    tx: &mut Tx,
    token: &Token,
    due: &Due,
    language: Language,
    expires_at: Timestamp,
) -> Result<(), VaultError> {
    insert_for(tx, token, due, language, expires_at, 1).await
}

/// A link to several visits, of which this is the first.
pub async fn insert_for(
    tx: &mut Tx,
    token: &Token,
    due: &Due,
    language: Language,
    expires_at: Timestamp,
    together: usize,
) -> Result<(), VaultError> {
    let now = tx.now();
    let together = i64::try_from(together).unwrap_or(1);
    sqlx::query(INSERT)
        .bind(token.hash().to_vec())
        .bind(due.patient_id)
        .bind(due.id)
        .bind(language)
        .bind(now)
        .bind(expires_at)
        .bind(together)
        .execute(tx.sql())
        .await?;
    Ok(())
}

pub async fn link(reader: &mut Reader, hash: &[u8]) -> Result<Option<Link>, VaultError> {
    Ok(sqlx::query_as(LINK).bind(hash).fetch_optional(reader.sql()).await?)
}

/// Puts all links of one card on another. Gives the hashes of their tokens.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
