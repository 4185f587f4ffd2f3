//! What patients want to be written, in the database.

use sqlx::SqliteConnection;

use crate::ids::PatientId;
use crate::messaging::wanted::{Author, Choices, Ticked, Wishes};
use crate::vault::{Disclosure, Tx, VaultError};

const STANDS: &str = "
    SELECT aim, channel, allowed, at, source, reason,
        (SELECT name FROM staff WHERE staff.id = by_staff) AS by_name
    FROM writing_stands WHERE patient_id = ?1 ORDER BY aim, channel";

const INSERT: &str = "
    INSERT INTO writing_choice (patient_id, aim, channel, allowed, at, source, by_staff, reason)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const WISHES: &str = "
    SELECT (SELECT channel FROM channel_choice WHERE patient_id = ?1) AS choice,
        (SELECT group_concat(channel, ' ' ORDER BY channel) FROM writing_stands
            WHERE patient_id = ?1 AND aim = 'service' AND allowed = 0) AS refused";

const HAND_OVER: &str = "UPDATE writing_choice SET patient_id = ?2 WHERE patient_id = ?1";

pub async fn stands(
    connection: &mut SqliteConnection,
    patient: PatientId,
) -> Result<Choices, VaultError> {
    Ok(Choices(sqlx::query_as(STANDS).bind(patient).fetch_all(connection).await?))
}

pub async fn of_patient(disclosure: &mut Disclosure) -> Result<Choices, VaultError> {
    let patient = disclosure.patient_id();
    stands(disclosure.sql(), patient).await
}

pub async fn wishes(tx: &mut Tx, patient: PatientId) -> Result<Wishes, VaultError> {
    Ok(sqlx::query_as(WISHES).bind(patient).fetch_one(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    patient: PatientId,
    (aim, channel, allowed): Ticked,
    author: Author<'_>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(patient).bind(aim).bind(channel).bind(allowed);
    let query = query.bind(now).bind(author.source).bind(author.by).bind(author.reason);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Puts the choices of one card on another: of the two the newest stands.
pub async fn hand_over_in(tx: &mut Tx, from: PatientId, to: PatientId) -> Result<(), VaultError> {
    sqlx::query(HAND_OVER).bind(from).bind(to).execute(tx.sql()).await?;
    Ok(())
}
