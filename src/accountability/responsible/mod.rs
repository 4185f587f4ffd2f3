//! Who answers for the processing of personal data: appointed by an order of
//! the head (law 94-V art. 25(2)(10)); everybody who was stays in the history.
//! The name is also the one that consents and notices print.

mod routes;
mod store;

use serde::Serialize;

use crate::clock::{Day, Timestamp};
use crate::schedule;
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use routes::{AppointmentForm, ResponsiblePage, routes};

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Appointed {
    pub name: String,
    pub position: String,
    pub order_number: String,
    pub order_date: Day,
    pub effective_from: Day,
    pub made_at: Timestamp,
    /// The name of who wrote it down.
    pub made_by: Option<String>,
}

/// An appointment to be written down; none of it lies in the future.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAppointment {
    pub name: String,
    pub position: String,
    pub order_number: String,
    pub order_date: Day,
    pub effective_from: Day,
}

/// Everybody who was appointed, the newest first.
pub async fn history<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Appointed>, VaultError> {
    store::history(&mut vault.read(grant).await?).await
}

/// Writes an appointment down. From now on papers print this name.
pub async fn appoint(
    vault: &Vault,
    grant: &Grant<KeepRegisters>,
    new: &NewAppointment,
) -> Result<(), VaultError> {
    vault
        .change(grant, async |tx| {
            let id = store::insert(tx, new, grant.staff()).await?;
            schedule::set_responsible_in(tx, &new.name).await?;
            let event = Event::new("accountability.responsible_appointed", Subject::Clinic);
            Ok(((), event.on("appointment_order", id)))
        })
        .await
}
