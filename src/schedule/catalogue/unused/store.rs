//! What was set up and not used, in the database.

use crate::ids::{ResourceId, ServiceId};
use crate::vault::{Tx, VaultError};

const DELETE_PERFORMERS: &str = "DELETE FROM service_performer WHERE service_id = ?1";
const DELETE_NEEDS: &str = "DELETE FROM service_need WHERE service_id = ?1";
const DELETE_SERVICE: &str = "DELETE FROM service WHERE id = ?1";
const DELETE_PERFORMING: &str = "DELETE FROM service_performer WHERE resource_id = ?1";
const DELETE_RESOURCE: &str = "DELETE FROM resource WHERE id = ?1";

pub async fn remove_service(tx: &mut Tx, id: ServiceId) -> Result<(), VaultError> {
    for statement in [DELETE_PERFORMERS, DELETE_NEEDS, DELETE_SERVICE] {
        sqlx::query(statement).bind(id).execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn remove_resource(tx: &mut Tx, id: ResourceId) -> Result<(), VaultError> {
    for statement in [DELETE_PERFORMING, DELETE_RESOURCE] {
        sqlx::query(statement).bind(id).execute(tx.sql()).await?;
    }
    Ok(())
}
