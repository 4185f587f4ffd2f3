//! Patients in the database.

use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::ids::{PatientId, StaffId};
use crate::patients::model::{Brief, NewPatient, Patient, folded, phone_beginnings};
use crate::patients::words;
use crate::vault::{Disclosure, Listing, Tx, VaultError};

/// The number of a card that was destroyed is not given to anybody else.
const NEXT_NUMBER: &str = "
    SELECT max(coalesce((SELECT max(number) FROM patient), 0),
        coalesce((SELECT max(card) FROM disposal), 0),
        coalesce((SELECT max(card) FROM disposal_replay), 0)) + 1";

const INSERT: &str = "
    INSERT INTO patient (
        id, number, surname, given, patronymic, name, birth_date, sex, iin, iin_unverified,
        language, allergy, source, note, registered_at
    ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const UPDATE: &str = "
    UPDATE patient SET
        surname = ?2, given = ?3, patronymic = ?4, name = ?5, birth_date = ?6, sex = ?7, iin = ?8,
        iin_unverified = ?9, language = ?10, allergy = ?11, source = ?12, note = ?13,
        version = version + 1
    WHERE id = ?1 AND version = ?14";

const KEEP_BEFORE: &str = "
    INSERT INTO patient_change (patient_id, version, at, before) VALUES (?1, ?2, ?3, ?4)";

const DELETE_PHONES: &str = "DELETE FROM patient_phone WHERE patient_id = ?1";

const INSERT_PHONE: &str = "
    INSERT INTO patient_phone (patient_id, position, phone, reversed) VALUES (?1, ?2, ?3, ?4)";

const DELETE_CONTACTS: &str = "DELETE FROM patient_contact WHERE patient_id = ?1";

const INSERT_CONTACT: &str = "INSERT INTO patient_contact (patient_id, text) VALUES (?1, ?2)";

/// Another address may be right where the one before was refused.
const SET_EMAIL: &str = "
    INSERT INTO patient_email (patient_id, email) VALUES (?1, ?2)
    ON CONFLICT (patient_id) DO UPDATE SET email = ?2,
        refused_at = CASE WHEN email = ?2 THEN refused_at END";

const DELETE_EMAIL: &str = "DELETE FROM patient_email WHERE patient_id = ?1";

const CARD: &str = "
    SELECT patient.*,
        (SELECT json_group_array(phone) FROM (
            SELECT phone FROM patient_phone WHERE patient_id = ?1 ORDER BY position)) AS phones,
        (SELECT json_group_array(text) FROM patient_contact WHERE patient_id = ?1) AS other_contacts,
        (SELECT email FROM patient_email WHERE patient_id = ?1) AS email,
        EXISTS (SELECT 1 FROM patient_email
            WHERE patient_id = ?1 AND refused_at IS NOT NULL) AS email_refused
    FROM patient WHERE patient.id = ?1";

const BY_PHONE_START: &str = "
    SELECT patient.id, number, name, birth_date, found.phone, allergy <> '' AS allergy
    FROM patient_phone AS found JOIN patient ON patient.id = found.patient_id
    WHERE found.phone >= ?1 AND found.phone < ?2 AND merged_into IS NULL LIMIT ?3";

const BY_PHONE_END: &str = "
    SELECT patient.id, number, name, birth_date, found.phone, allergy <> '' AS allergy
    FROM patient_phone AS found JOIN patient ON patient.id = found.patient_id
    WHERE found.reversed >= ?1 AND found.reversed < ?2 AND merged_into IS NULL LIMIT ?3";

const BY_EMAIL: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM patient_email AS found JOIN patient ON patient.id = found.patient_id
    LEFT JOIN patient_phone ON patient_phone.patient_id = patient.id AND position = 0
    WHERE lower(found.email) >= ?1 AND lower(found.email) < ?2 AND merged_into IS NULL LIMIT ?3";

const BY_NUMBER_OR_IIN: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM patient LEFT JOIN patient_phone ON patient_id = patient.id AND position = 0
    WHERE (number = ?1 OR (iin >= ?2 AND iin < ?3)) AND merged_into IS NULL LIMIT ?4";

const NEWEST: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM patient LEFT JOIN patient_phone ON patient_id = patient.id AND position = 0
    WHERE merged_into IS NULL AND number < ?1 ORDER BY number DESC LIMIT ?2";

const COUNT: &str = "SELECT count(*) FROM patient WHERE merged_into IS NULL";

/// Of those who see their own patients only.
const OWN: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM (SELECT DISTINCT patient_id FROM patient_in_reach
          WHERE staff_id = ?3 AND since <= ?4 AND ?4 < until) AS reach
    JOIN patient ON patient.id = reach.patient_id
    LEFT JOIN patient_phone ON patient_phone.patient_id = patient.id AND position = 0
    WHERE merged_into IS NULL AND number < ?1 ORDER BY number DESC LIMIT ?2";

const COUNT_OWN: &str = "
    SELECT count(DISTINCT patient_id) FROM patient_in_reach
    JOIN patient ON patient.id = patient_id
    WHERE staff_id = ?1 AND since <= ?2 AND ?2 < until AND merged_into IS NULL";

const BY_IIN: &str = "SELECT id FROM patient WHERE iin = ?1";

const BY_PHONE: &str = "SELECT patient_id FROM patient_phone WHERE phone = ?1";

pub async fn insert(tx: &mut Tx, id: PatientId, new: &NewPatient) -> Result<i64, VaultError> {
    let now = tx.now();
    let number: i64 = sqlx::query_scalar(NEXT_NUMBER).fetch_one(tx.sql()).await?;
    let query = sqlx::query(INSERT).bind(id).bind(number).bind(&new.name.surname);
    let query = query.bind(&new.name.given).bind(&new.name.patronymic).bind(new.name.full());
    let query = query.bind(new.birth_date).bind(new.sex).bind(&new.iin).bind(&new.iin_unverified);
    let query = query.bind(new.language).bind(&new.allergy).bind(&new.source).bind(&new.note);
    query.bind(now).execute(tx.sql()).await?;
    write_contacts(tx, id, new).await?;
    words::store::index(tx, number, &new.folded()).await?;
    Ok(number)
}

/// False when another version stands there now.
pub async fn update(
    tx: &mut Tx,
    before: &Patient,
    version: i64,
    new: &NewPatient,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let id = before.id;
    let query = sqlx::query(UPDATE).bind(id).bind(&new.name.surname);
    let query = query.bind(&new.name.given).bind(&new.name.patronymic).bind(new.name.full());
    let query = query.bind(new.birth_date).bind(new.sex).bind(&new.iin).bind(&new.iin_unverified);
    let query = query.bind(new.language).bind(&new.allergy).bind(&new.source).bind(&new.note);
    let changed = query.bind(version).execute(tx.sql()).await?.rows_affected();
    if changed == 0 {
        return Ok(false);
    }
    let kept = serde_json::to_string(before).expect("a card is JSON");
    let query = sqlx::query(KEEP_BEFORE).bind(id).bind(before.version).bind(now);
    query.bind(kept).execute(tx.sql()).await?;
    sqlx::query(DELETE_PHONES).bind(id).execute(tx.sql()).await?;
    sqlx::query(DELETE_CONTACTS).bind(id).execute(tx.sql()).await?;
    write_contacts(tx, id, new).await?;
    words::store::forget(tx, before.number, &folded(&before.parts())).await?;
    words::store::index(tx, before.number, &new.folded()).await?;
    Ok(true)
}

async fn write_contacts(tx: &mut Tx, id: PatientId, new: &NewPatient) -> Result<(), VaultError> {
    for (position, phone) in (0_i64..).zip(&new.phones) {
        let query = sqlx::query(INSERT_PHONE).bind(id).bind(position).bind(phone.as_str());
        query.bind(reversed(phone.digits())).execute(tx.sql()).await?;
    }
    for text in &new.other_contacts {
        sqlx::query(INSERT_CONTACT).bind(id).bind(text).execute(tx.sql()).await?;
    }
    let query = match &new.email {
        Some(email) => sqlx::query(SET_EMAIL).bind(id).bind(email),
        None => sqlx::query(DELETE_EMAIL).bind(id),
    };
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Inside a change, which logs whose card it was.
pub async fn card_in(tx: &mut Tx, id: PatientId) -> Result<Option<Patient>, VaultError> {
    Ok(sqlx::query_as(CARD).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn card(disclosure: &mut Disclosure) -> Result<Option<Patient>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(CARD).bind(id).fetch_optional(disclosure.sql()).await?)
}

/// Who has this IIN already.
pub async fn by_iin(tx: &mut Tx, iin: &str) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(BY_IIN).bind(iin).fetch_optional(tx.sql()).await?)
}

/// Everybody with this number.
pub async fn by_phone(tx: &mut Tx, phone: &Phone) -> Result<Vec<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(BY_PHONE).bind(phone.as_str()).fetch_all(tx.sql()).await?)
}

/// Those whose phone number begins or ends so, whose IIN begins so, or whose
/// card has this number.
pub async fn by_digits(
    listing: &mut Listing,
    digits: &str,
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let connection = listing.sql();
    let end = reversed(digits);
    let mut found = range(connection, BY_PHONE_END, &end, limit).await?;
    for beginning in phone_beginnings(digits) {
        found.extend(range(connection, BY_PHONE_START, &beginning, limit).await?);
    }
    let number = digits.parse::<i64>().unwrap_or(-1);
    let iin_from = if digits.len() >= 6 { digits } else { "~" };
    let query = sqlx::query_as(BY_NUMBER_OR_IIN).bind(number).bind(iin_from);
    let exact: Vec<Brief> =
        query.bind(format!("{iin_from}~")).bind(limit).fetch_all(connection).await?;
    found.splice(0..0, exact);
    Ok(found)
}

/// Those whose e-mail address begins so.
pub async fn by_email(
    listing: &mut Listing,
    beginning: &str,
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    range(listing.sql(), BY_EMAIL, beginning, limit).await
}

async fn range(
    connection: &mut SqliteConnection,
    sql: &'static str,
    beginning: &str,
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    // `~` sorts after every digit, and after all that addresses usually hold.
    let query = sqlx::query_as(sql).bind(beginning).bind(format!("{beginning}~")).bind(limit);
    Ok(query.fetch_all(connection).await?)
}

/// A page of all cards, newest first, from below a card's number.
pub async fn newest(
    listing: &mut Listing,
    below: i64,
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let query = sqlx::query_as(NEWEST).bind(below).bind(limit);
    Ok(query.fetch_all(listing.sql()).await?)
}

pub async fn count(listing: &mut Listing) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(listing.sql()).await?)
}

/// A page of somebody's own patients, newest first, and how many they have.
pub async fn own(
    listing: &mut Listing,
    staff: StaffId,
    now: Timestamp,
    below: i64,
    limit: i64,
) -> Result<(Vec<Brief>, i64), VaultError> {
    let now = now.rfc3339();
    let query = sqlx::query_as(OWN).bind(below).bind(limit).bind(staff).bind(&now);
    let page = query.fetch_all(listing.sql()).await?;
    let query = sqlx::query_scalar(COUNT_OWN).bind(staff).bind(&now);
    Ok((page, query.fetch_one(listing.sql()).await?))
}

fn reversed(digits: &str) -> String {
    digits.chars().rev().collect()
}
