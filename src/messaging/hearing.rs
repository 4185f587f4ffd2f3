//! What gateways bring by themselves: receipts, and what people write back.

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::smpp::{Heard, Receipt, Said, spellings};
use crate::messaging::jobs::Hooks;
use crate::messaging::setup::GatewayId;
use crate::messaging::{store, worker};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Grant, VaultError};

/// An SMS that somebody wrote to the clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The gateway it came through.
    pub gateway: GatewayId,
    /// The sender as the gateway writes it: digits without a plus, mostly.
    pub from: String,
    /// The number it was sent to.
    pub to: String,
    pub text: String,
    pub at: Timestamp,
}

/// Keeps what a centre brought, then lets the centre forget it.
pub(super) async fn take(clinic: &Clinic, hooks: &Hooks, heard: Heard) -> Result<(), VaultError> {
    let gateway = GatewayId::from_number(heard.line);
    match heard.said {
        Said::Receipt(receipt) => note(clinic, gateway, &heard.from, &receipt).await?,
        Said::Text(text) => {
            let at = clinic.clock().now();
            let said = Inbound { gateway, from: heard.from, to: heard.to, text, at };
            hooks.give(clinic, &said).await?;
        }
    }
    let _ = heard.kept.send(true);
    Ok(())
}

/// A receipt of a message that is nobody's, or over already, changes nothing.
async fn note(
    clinic: &Clinic,
    gateway: GatewayId,
    from: &str,
    receipt: &Receipt,
) -> Result<(), VaultError> {
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)?;
    let ids = receipt.id.as_deref().map(spellings).unwrap_or_default();
    let phone = format!("+{}", from.trim_start_matches('+'));
    let due = clinic
        .vault
        .list(&grant, "messages.tended", async |listing| {
            let mut due = store::by_provider(listing, gateway, &ids).await?;
            if let (None, Some(reference)) = (&due, receipt.reference) {
                due = store::lost(listing, gateway, &phone, reference).await?;
            }
            let whose = due.iter().filter_map(|due| due.patient_id).collect();
            Ok::<_, VaultError>((due, whose))
        })
        .await?;
    match due {
        Some(due) if !due.state.is_final() => {
            worker::note_said(clinic, &grant, &due, receipt.delivery).await.map(drop)
        }
        _ => Ok(()),
    }
}
