//! Taking away again what an import set up and nobody has used.

mod store;

use crate::ids::{ResourceId, ServiceId};
use crate::vault::{Tx, VaultError};

/// False when something still names the service: then it stays.
pub async fn remove_unused_service_in(tx: &mut Tx, id: ServiceId) -> Result<bool, VaultError> {
    Ok(tx.attempt(async |tx| store::remove_service(tx, id).await).await?.is_some())
}

/// False when something still names the doctor or room: then it stays.
pub async fn remove_unused_resource_in(tx: &mut Tx, id: ResourceId) -> Result<bool, VaultError> {
    Ok(tx.attempt(async |tx| store::remove_resource(tx, id).await).await?.is_some())
}
