//! Branches, resources and services in the database.

use sqlx::SqliteConnection;

use crate::ids::{BranchId, ResourceId, ServiceId};
use crate::schedule::catalogue::model::{
    Branch, BranchDraft, Catalog, Performer, Resource, ResourceDraft, ResourceKind, Service,
    ServiceDraft, TreatingStaff,
};
use crate::vault::{Reader, Tx, VaultError};

const BRANCHES: &str = "
    SELECT id, name, address, phone, zone, ended_at IS NOT NULL AS ended
    FROM branch ORDER BY id";

const RESOURCES: &str = "
    SELECT id, branch_id, kind, name, short_name, specialty, staff_id, position,
        ended_at IS NOT NULL AS ended
    FROM resource ORDER BY position, id";

const SERVICES: &str = "
    SELECT id, name, name_kk, name_en, category, duration_minutes,
        coalesce(before_minutes, 0) AS before_minutes, coalesce(after_minutes, 0) AS after_minutes,
        price_tiyn AS price, price_from, online, ended_at IS NOT NULL AS ended
    FROM service LEFT JOIN service_buffer ON service_id = service.id
    ORDER BY category, name, id";

const PERFORMERS: &str = "
    SELECT service_id, resource_id, duration_minutes
    FROM service_performer ORDER BY service_id, resource_id";

const NEEDS: &str = "
    SELECT service_id, kind FROM service_need ORDER BY service_id, kind";

const FORGET_BUFFER: &str = "
    DELETE FROM service_buffer WHERE service_id = ?1";

const SET_BUFFER: &str = "
    INSERT INTO service_buffer (service_id, before_minutes, after_minutes) VALUES (?1, ?2, ?3)
    ON CONFLICT (service_id) DO UPDATE
    SET before_minutes = excluded.before_minutes, after_minutes = excluded.after_minutes";

const TREATING_STAFF: &str = "
    SELECT id, name FROM staff
    WHERE left_at IS NULL AND role IN ('owner', 'doctor') ORDER BY name, id";

const INSERT_BRANCH: &str = "
    INSERT INTO branch (id, name, address, phone, zone) VALUES (?1, ?2, ?3, ?4, ?5)";

const UPDATE_BRANCH: &str = "
    UPDATE branch SET name = ?2, address = ?3, phone = ?4, zone = ?5 WHERE id = ?1";

const END_BRANCH: &str = "
    UPDATE branch SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";

const INSERT_RESOURCE: &str = "
    INSERT INTO resource (id, branch_id, kind, name, short_name, specialty, staff_id, position)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT coalesce(max(position), 0) + 1 FROM resource))";

const UPDATE_RESOURCE: &str = "
    UPDATE resource
    SET branch_id = ?2, kind = ?3, name = ?4, short_name = ?5, specialty = ?6, staff_id = ?7
    WHERE id = ?1";

const END_RESOURCE: &str = "
    UPDATE resource SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";

const RESUME_RESOURCE: &str = "
    UPDATE resource SET ended_at = NULL WHERE id = ?1 AND ended_at IS NOT NULL";

const INSERT_SERVICE: &str = "
    INSERT INTO service
        (id, name, name_kk, category, duration_minutes, price_tiyn, price_from, online, name_en)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const UPDATE_SERVICE: &str = "
    UPDATE service
    SET name = ?2, name_kk = ?3, category = ?4, duration_minutes = ?5, price_tiyn = ?6,
        price_from = ?7, online = ?8, name_en = ?9
    WHERE id = ?1";

const END_SERVICE: &str = "
    UPDATE service SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL";

const RESUME_SERVICE: &str = "
    UPDATE service SET ended_at = NULL WHERE id = ?1 AND ended_at IS NOT NULL";

const FORGET_PERFORMERS: &str = "
    DELETE FROM service_performer WHERE service_id = ?1";

const INSERT_PERFORMER: &str = "
    INSERT INTO service_performer (service_id, resource_id, duration_minutes) VALUES (?1, ?2, ?3)";

const FORGET_NEEDS: &str = "
    DELETE FROM service_need WHERE service_id = ?1";

const INSERT_NEED: &str = "
    INSERT INTO service_need (service_id, kind) VALUES (?1, ?2)";

pub async fn setup(reader: &mut Reader) -> Result<Catalog, VaultError> {
    catalog(reader.sql()).await
}

pub async fn setup_in(tx: &mut Tx) -> Result<Catalog, VaultError> {
    catalog(tx.sql()).await
}

pub async fn treating_staff(reader: &mut Reader) -> Result<Vec<TreatingStaff>, VaultError> {
    Ok(sqlx::query_as(TREATING_STAFF).fetch_all(reader.sql()).await?)
}

async fn catalog(sql: &mut SqliteConnection) -> Result<Catalog, VaultError> {
    let branches: Vec<Branch> = sqlx::query_as(BRANCHES).fetch_all(&mut *sql).await?;
    let resources: Vec<Resource> = sqlx::query_as(RESOURCES).fetch_all(&mut *sql).await?;
    let mut services: Vec<Service> = sqlx::query_as(SERVICES).fetch_all(&mut *sql).await?;
    let performers: Vec<(ServiceId, ResourceId, Option<u16>)> =
        sqlx::query_as(PERFORMERS).fetch_all(&mut *sql).await?;
    let needs: Vec<(ServiceId, ResourceKind)> = sqlx::query_as(NEEDS).fetch_all(&mut *sql).await?;
    for service in &mut services {
        let own = performers.iter().filter(|(id, ..)| *id == service.id);
        service.performers = own
            .map(|&(_, resource_id, duration_minutes)| Performer { resource_id, duration_minutes })
            .collect();
        let own = needs.iter().filter(|(id, _)| *id == service.id);
        service.needs = own.map(|(_, kind)| *kind).collect();
    }
    Ok(Catalog { branches, resources, services })
}

pub async fn insert_branch(
    tx: &mut Tx,
    id: BranchId,
    draft: &BranchDraft,
) -> Result<(), VaultError> {
    write_branch(tx, INSERT_BRANCH, id, draft).await.map(drop)
}

/// Whether there was such a branch.
pub async fn update_branch(
    tx: &mut Tx,
    id: BranchId,
    draft: &BranchDraft,
) -> Result<bool, VaultError> {
    write_branch(tx, UPDATE_BRANCH, id, draft).await
}

async fn write_branch(
    tx: &mut Tx,
    statement: &'static str,
    id: BranchId,
    draft: &BranchDraft,
) -> Result<bool, VaultError> {
    let query = sqlx::query(statement).bind(id).bind(&draft.name).bind(&draft.address);
    let done = query.bind(&draft.phone).bind(&draft.zone).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn end_branch(tx: &mut Tx, id: BranchId) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(END_BRANCH).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn insert_resource(
    tx: &mut Tx,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<(), VaultError> {
    write_resource(tx, INSERT_RESOURCE, id, draft).await.map(drop)
}

/// Whether there was such a resource.
pub async fn update_resource(
    tx: &mut Tx,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<bool, VaultError> {
    write_resource(tx, UPDATE_RESOURCE, id, draft).await
}

async fn write_resource(
    tx: &mut Tx,
    statement: &'static str,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<bool, VaultError> {
    let query = sqlx::query(statement).bind(id).bind(draft.branch_id).bind(draft.kind);
    let query = query.bind(&draft.name).bind(&draft.short_name).bind(&draft.specialty);
    let done = query.bind(draft.staff_id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn end_resource(tx: &mut Tx, id: ResourceId) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(END_RESOURCE).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn resume_resource(tx: &mut Tx, id: ResourceId) -> Result<bool, VaultError> {
    let done = sqlx::query(RESUME_RESOURCE).bind(id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn insert_service(
    tx: &mut Tx,
    id: ServiceId,
    draft: &ServiceDraft,
) -> Result<(), VaultError> {
    write_service(tx, INSERT_SERVICE, id, draft).await?;
    insert_parts(tx, id, draft).await
}

/// Whether there was such a service.
pub async fn update_service(
    tx: &mut Tx,
    id: ServiceId,
    draft: &ServiceDraft,
) -> Result<bool, VaultError> {
    if !write_service(tx, UPDATE_SERVICE, id, draft).await? {
        return Ok(false);
    }
    sqlx::query(FORGET_PERFORMERS).bind(id).execute(tx.sql()).await?;
    sqlx::query(FORGET_NEEDS).bind(id).execute(tx.sql()).await?;
    sqlx::query(FORGET_BUFFER).bind(id).execute(tx.sql()).await?;
    insert_parts(tx, id, draft).await?;
    Ok(true)
}

async fn write_service(
    tx: &mut Tx,
    statement: &'static str,
    id: ServiceId,
    draft: &ServiceDraft,
) -> Result<bool, VaultError> {
    let query = sqlx::query(statement).bind(id).bind(&draft.name).bind(&draft.name_kk);
    let query = query.bind(&draft.category).bind(draft.duration_minutes).bind(draft.price);
    let query = query.bind(draft.price_from).bind(draft.online).bind(&draft.name_en);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

async fn insert_parts(tx: &mut Tx, id: ServiceId, draft: &ServiceDraft) -> Result<(), VaultError> {
    for performer in &draft.performers {
        let query = sqlx::query(INSERT_PERFORMER).bind(id).bind(performer.resource_id);
        query.bind(performer.duration_minutes).execute(tx.sql()).await?;
    }
    if draft.before_minutes + draft.after_minutes > 0 {
        let query = sqlx::query(SET_BUFFER).bind(id).bind(draft.before_minutes);
        query.bind(draft.after_minutes).execute(tx.sql()).await?;
    }
    for need in &draft.needs {
        sqlx::query(INSERT_NEED).bind(id).bind(*need).execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn end_service(tx: &mut Tx, id: ServiceId) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(END_SERVICE).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn resume_service(tx: &mut Tx, id: ServiceId) -> Result<bool, VaultError> {
    let done = sqlx::query(RESUME_SERVICE).bind(id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}
