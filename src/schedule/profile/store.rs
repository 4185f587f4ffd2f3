//! The clinic's own row.

use crate::schedule::profile::model::{ClinicDraft, ClinicFacts, Requisites};
use crate::vault::{Reader, Tx, VaultError};

const FACTS: &str = "
    SELECT name, phone, address_ru, address_kk, entrance_ru, entrance_kk, zone, legal_name, bin,
        licence_number, licence_date, legal_address, email, responsible, set_up_at
    FROM clinic WHERE id = 1";

const PUT_FACTS: &str = "
    INSERT INTO clinic (id, name, phone, address_ru, address_kk, zone, legal_name, bin,
        licence_number, licence_date, legal_address, email, responsible, entrance_ru, entrance_kk)
    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (id) DO UPDATE SET name = ?1, phone = ?2, address_ru = ?3, address_kk = ?4,
        zone = ?5, legal_name = ?6, bin = ?7, licence_number = ?8, licence_date = ?9,
        legal_address = ?10, email = ?11, responsible = ?12,
        entrance_ru = ?13, entrance_kk = ?14";

const FINISH: &str = "
    UPDATE clinic SET set_up_at = coalesce(set_up_at, ?1) WHERE id = 1";

const SET_RESPONSIBLE: &str = "UPDATE clinic SET responsible = ?1 WHERE id = 1";

/// None before the first step of the wizard.
pub async fn facts(reader: &mut Reader) -> Result<Option<ClinicFacts>, VaultError> {
    Ok(sqlx::query_as(FACTS).fetch_optional(reader.sql()).await?)
}

pub async fn facts_in(tx: &mut Tx) -> Result<Option<ClinicFacts>, VaultError> {
    Ok(sqlx::query_as(FACTS).fetch_optional(tx.sql()).await?)
}

pub async fn put_facts(tx: &mut Tx, draft: &ClinicDraft) -> Result<(), VaultError> {
    let query = sqlx::query(PUT_FACTS).bind(&draft.name).bind(&draft.phone);
    let query = query.bind(&draft.address_ru).bind(&draft.address_kk).bind(&draft.zone);
    let Requisites { legal_name, bin, licence_number, .. } = &draft.requisites;
    let Requisites { licence_date, legal_address, email, responsible, .. } = &draft.requisites;
    let query = query.bind(legal_name).bind(bin).bind(licence_number).bind(licence_date);
    let query = query.bind(legal_address).bind(email).bind(responsible);
    let query = query.bind(&draft.entrance_ru).bind(&draft.entrance_kk);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whether there is a clinic.
pub async fn finish(tx: &mut Tx) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(FINISH).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn set_responsible(tx: &mut Tx, name: &str) -> Result<(), VaultError> {
    sqlx::query(SET_RESPONSIBLE).bind(name).execute(tx.sql()).await?;
    Ok(())
}
