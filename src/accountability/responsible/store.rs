//! Appointments in the database. Rows are only added.

use crate::accountability::responsible::{Appointed, NewAppointment};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const HISTORY: &str = "
    SELECT name, position, order_number, order_date, effective_from, made_at,
        (SELECT staff.name FROM staff WHERE staff.id = made_by) AS made_by
    FROM responsible_person ORDER BY id DESC";

const INSERT: &str = "
    INSERT INTO responsible_person (name, position, order_number, order_date, effective_from,
        made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id";

pub async fn history(reader: &mut Reader) -> Result<Vec<Appointed>, VaultError> {
    Ok(sqlx::query_as(HISTORY).fetch_all(reader.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    new: &NewAppointment,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(INSERT).bind(&new.name).bind(&new.position);
    let query = query.bind(&new.order_number).bind(new.order_date).bind(new.effective_from);
    Ok(query.bind(now).bind(by).fetch_one(tx.sql()).await?)
}
