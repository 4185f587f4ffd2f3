//! What a messenger told and could not be worked through: kept for as long as anything
//! it tells, shown with its channel, and taken up again when somebody asks for it, after
//! an update of the program or when a number was connected again.

mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::jobs;
use crate::messaging::setup::{self, GatewayId, GatewayKind};
use crate::messaging::telegram;
use crate::messaging::whatsapp::HEARD;
use crate::vault::permission::SetUpGateways;
use crate::vault::{Event, Grant, Subject, VaultError};

/// What was told of a number that was not connected here may be of this one.
pub async fn take_up_of_other_numbers(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
    kind: GatewayKind,
) -> Result<(), VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    if store::has_of_other_numbers(&mut reader, kind).await? {
        drop(reader);
        take_up(clinic, grant, id, kind).await?;
    }
    Ok(())
}

/// Takes up again what a gateway's messenger told and was put aside.
pub async fn take_up(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
    kind: GatewayKind,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let now = tx.now();
            let taken = if kind == GatewayKind::Telegram {
                telegram::take_up_in(tx).await?
            } else {
                let events = store::take_up_events(tx, kind).await?;
                for event in &events {
                    jobs::enqueue(tx, HEARD, &json!({ "event": event }), now).await?;
                }
                events.len()
            };
            let event = Event::new("webhook.taken_up", Subject::Clinic).on("gateway", id);
            Ok::<_, VaultError>(((), event.with_detail(json!({ "events": taken }))))
        })
        .await?;
    setup::count_waiting(clinic, grant).await
}
