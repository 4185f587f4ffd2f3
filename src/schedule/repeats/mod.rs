//! Services for whoever comes again: "Consultation" has "Repeated consultation",
//! which is shorter and cheaper. Each of the two is a service like any other.

mod store;

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::ids::ServiceId;
use crate::schedule::{ScheduleError, catalogue};
use crate::vault::permission::SetUpClinic;
use crate::vault::{Event, Grant, Reader, Subject, Tx, Vault, VaultError, Violation};

/// How many days after a visit the next one may count as repeated.
pub const DAYS: RangeInclusive<i64> = 1..=1100;

/// What a service becomes for who was here so many days ago or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Repeat {
    pub service_id: ServiceId,
    pub repeat_id: ServiceId,
    /// See [`DAYS`].
    pub days: i64,
}

/// Where a service is one of the two, its own rule first. Services that are no
/// longer done have none.
pub async fn repeats_of(
    reader: &mut Reader,
    service: ServiceId,
) -> Result<Vec<Repeat>, VaultError> {
    store::of(reader.sql(), service).await
}

/// Services that others become for who comes again.
pub async fn repeated(reader: &mut Reader) -> Result<Vec<ServiceId>, VaultError> {
    store::repeated(reader.sql()).await
}

/// [`repeats_of`], with what this transaction has changed so far.
pub async fn repeats_of_in(tx: &mut Tx, service: ServiceId) -> Result<Vec<Repeat>, VaultError> {
    store::of(tx.sql(), service).await
}

/// Says what a service becomes for who comes again; None: nothing.
///
/// # Errors
/// [`ScheduleError::NoSuch`] for a service that does not exist, or is itself.
pub async fn set_repeat(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    service: ServiceId,
    to: Option<(ServiceId, i64)>,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            store::set(tx, service, to).await.map_err(no_such)?;
            let changed = Event::new("service.repeat_set", Subject::Clinic);
            Ok(((), changed.on("service", service).touching(catalogue::TOPIC)))
        })
        .await
}

fn no_such(error: VaultError) -> ScheduleError {
    match error.violation() {
        Some(Violation::Reference | Violation::Check) => ScheduleError::NoSuch,
        _ => error.into(),
    }
}
