//! Rights in the database.

use crate::access::rights::model::{
    CustomRole, Deputation, DeputationId, Given, Held, NewDeputation, Person, ReachRule, RoleId,
};
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::permission::Right;
use crate::vault::{Reader, Tx, VaultError};

const NEW_ROLE: &str = "
    INSERT INTO custom_role (id, name, version, changed_at, changed_by) VALUES (?1, ?2, 1, ?3, ?4)
    RETURNING version";

const NEXT_VERSION: &str = "
    UPDATE custom_role SET name = ?2, version = version + 1, changed_at = ?3, changed_by = ?4
    WHERE id = ?1 RETURNING version";

const PUT_RIGHT: &str =
    "INSERT INTO custom_role_right (custom_role_id, version, name) VALUES (?1, ?2, ?3)";

const ROLES: &str = "
    SELECT custom_role.id, custom_role.name, custom_role.version,
        coalesce((SELECT group_concat(held.name, ' ') FROM custom_role_right AS held
            WHERE held.custom_role_id = custom_role.id AND held.version = custom_role.version), '')
            AS names,
        (SELECT count(*) FROM staff WHERE custom_role_id = custom_role.id AND left_at IS NULL)
            AS holders
    FROM custom_role WHERE retired_at IS NULL ORDER BY custom_role.name";

const PEOPLE: &str = "
    SELECT staff.id, login, staff.name, role, custom_role_id AS custom_id,
        custom_role.name AS custom, created_at AS since, left_at,
        EXISTS (SELECT 1 FROM credential
            WHERE staff_id = staff.id AND totp_secret IS NOT NULL) AS second_factor
    FROM staff LEFT JOIN custom_role ON custom_role.id = custom_role_id
    ORDER BY left_at IS NOT NULL, staff.name";

const LENT: &str = "
    SELECT deputation.id, staff_id, instead.name AS instead_of, deputation.role,
        custom_role.name AS custom, from_at, until_at - 1 AS last_at, reason
    FROM deputation LEFT JOIN staff AS instead ON instead.id = for_id
    LEFT JOIN custom_role ON custom_role.id = deputation.custom_role_id
    WHERE ended_at IS NULL AND ?1 < until_at ORDER BY from_at";

const HELD: &str = "
    SELECT staff_id, cause, proposed_at, proposed_by AS proposer_id, proposer.name AS proposer
    FROM account_hold JOIN staff AS proposer ON proposer.id = proposed_by
    WHERE released_at IS NULL";

const GIVE: &str = "
    UPDATE staff SET role = ?2, custom_role_id = ?3 WHERE id = ?1 AND left_at IS NULL";

const INSERT_DEPUTATION: &str = "
    INSERT INTO deputation (id, staff_id, for_id, role, custom_role_id, from_at, until_at, reason,
                            given_by, given_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const END_DEPUTATION: &str = "
    UPDATE deputation SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL RETURNING staff_id";

const HOLD: &str = "
    INSERT INTO account_hold (staff_id, proposed_at, proposed_by, cause) VALUES (?1, ?2, ?3, ?4)";

const RELEASE: &str = "
    UPDATE account_hold SET released_at = ?3, released_by = ?2
    WHERE staff_id = ?1 AND released_at IS NULL AND proposed_by <> ?2";

const REACH: &str = "
    SELECT version, scope = 'everybody' AS everybody, days, changed_at, staff.name AS changed_by
    FROM reach_rule LEFT JOIN staff ON staff.id = changed_by ORDER BY version DESC LIMIT 1";

const PUT_REACH: &str = "
    INSERT INTO reach_rule (version, scope, days, changed_at, changed_by)
    SELECT max(version) + 1, ?1, ?2, ?3, ?4 FROM reach_rule";

const OTHER_OWNERS: &str =
    "SELECT count(*) FROM staff WHERE role = 'owner' AND left_at IS NULL AND id <> ?1";

/// The version written; None when there is no such role to change.
pub async fn put_role(
    tx: &mut Tx,
    id: RoleId,
    name: &str,
    new: bool,
    by: Option<StaffId>,
) -> Result<Option<i64>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(if new { NEW_ROLE } else { NEXT_VERSION });
    let query = query.bind(id).bind(name).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn put_right(
    tx: &mut Tx,
    id: RoleId,
    version: i64,
    right: Right,
) -> Result<(), VaultError> {
    let query = sqlx::query(PUT_RIGHT).bind(id).bind(version).bind(right.name());
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn roles(reader: &mut Reader) -> Result<Vec<CustomRole>, VaultError> {
    Ok(sqlx::query_as(ROLES).fetch_all(reader.sql()).await?)
}

pub async fn people(reader: &mut Reader) -> Result<Vec<Person>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(reader.sql()).await?)
}

pub async fn lent(reader: &mut Reader, now: Timestamp) -> Result<Vec<Deputation>, VaultError> {
    Ok(sqlx::query_as(LENT).bind(now).fetch_all(reader.sql()).await?)
}

pub async fn held(reader: &mut Reader) -> Result<Vec<Held>, VaultError> {
    Ok(sqlx::query_as(HELD).fetch_all(reader.sql()).await?)
}

/// False when there is nobody like that.
pub async fn give(tx: &mut Tx, whom: StaffId, given: Given) -> Result<bool, VaultError> {
    let query = sqlx::query(GIVE).bind(whom).bind(given.role).bind(given.custom);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

pub async fn insert_deputation(
    tx: &mut Tx,
    id: DeputationId,
    new: &NewDeputation,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let role = new.given.custom.is_none().then_some(new.given.role);
    let query = sqlx::query(INSERT_DEPUTATION).bind(id).bind(new.staff).bind(new.instead_of);
    let query = query.bind(role).bind(new.given.custom).bind(new.from).bind(new.until);
    query.bind(&new.reason).bind(by).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Whose they were; None when they had ended.
pub async fn end_deputation(tx: &mut Tx, id: DeputationId) -> Result<Option<StaffId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(END_DEPUTATION).bind(id).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// From now on nobody signs in to this account until somebody says yes.
pub async fn hold(
    tx: &mut Tx,
    whom: StaffId,
    by: StaffId,
    cause: &'static str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(HOLD).bind(whom).bind(now).bind(by).bind(cause);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// False when nobody waits whom this person may let in.
pub async fn release(tx: &mut Tx, whom: StaffId, by: StaffId) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(RELEASE).bind(whom).bind(by).bind(now);
    Ok(0 < query.execute(tx.sql()).await?.rows_affected())
}

pub async fn reach(reader: &mut Reader) -> Result<ReachRule, VaultError> {
    Ok(sqlx::query_as(REACH).fetch_one(reader.sql()).await?)
}

pub async fn put_reach(
    tx: &mut Tx,
    everybody: bool,
    days: i64,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUT_REACH).bind(if everybody { "everybody" } else { "own" });
    query.bind(days).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn other_owners(tx: &mut Tx, whom: StaffId) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(OTHER_OWNERS).bind(whom).fetch_one(tx.sql()).await?)
}
