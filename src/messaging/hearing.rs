//! What gateways bring by themselves: receipts, and what people write back.

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::smpp::{Heard, Receipt, Said, spellings};
use crate::messaging::hooks::Hooks;
use crate::messaging::lines::Lines;
use crate::messaging::setup::GatewayId;
use crate::messaging::{store, worker};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Grant, VaultError};

/// An SMS that somebody wrote to the clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The gateway it came through.
    pub gateway: GatewayId,
    /// The gateway's own number of it. None: it gives none.
    pub id: Option<String>,
    /// The sender as the gateway writes it: digits without a plus, mostly.
    pub from: String,
    /// The number it was sent to.
    pub to: String,
    pub text: String,
    pub at: Timestamp,
    /// It was not written earlier than this: gateways that are asked for replies
    /// may have kept it.
    pub since: Timestamp,
    /// `from` is no telephone, however it looks, but what a messenger calls somebody:
    /// as they call themselves, empty when that was not told. None: it may be one.
    pub nickname: Option<String>,
}

/// Keeps what a centre brought, then lets the centre forget it.
pub(super) async fn take(clinic: &Clinic, hooks: &Hooks, heard: Heard) -> Result<(), VaultError> {
    let Said::Text(text) = heard.said else {
        // It may have overtaken the answer that says which message it is about.
        Lines::of(clinic).pool.early().await.push(heard);
        return settle(clinic).await;
    };
    let gateway = GatewayId::from_number(heard.line);
    let at = clinic.clock().now();
    let (from, to) = (heard.from, heard.to);
    let said = Inbound { gateway, id: None, from, to, text, at, since: at, nickname: None };
    hooks.give(clinic, &said).await?;
    let _ = heard.kept.send(true);
    Ok(())
}

/// Notes the receipts that came, each once its message is known: called when
/// one comes and whenever an answer was noted. A centre that had to wait too
/// long brings its receipt again.
pub(super) async fn settle(clinic: &Clinic) -> Result<(), VaultError> {
    let pool = Lines::of(clinic).pool;
    let mut early = pool.early().await;
    let mut left = Vec::new();
    for heard in std::mem::take(&mut *early) {
        let Said::Receipt(receipt) = &heard.said else { continue };
        if heard.kept.is_closed() {
            continue;
        }
        let gateway = GatewayId::from_number(heard.line);
        if note(clinic, gateway, &heard.from, receipt).await? {
            let _ = heard.kept.send(true);
        } else {
            left.push(heard);
        }
    }
    *early = left;
    Ok(())
}

/// False when the message may be one whose answer is still under way. A receipt
/// of a message that is nobody's, or over already, changes nothing.
async fn note(
    clinic: &Clinic,
    gateway: GatewayId,
    from: &str,
    receipt: &Receipt,
) -> Result<bool, VaultError> {
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)?;
    let ids = receipt.id.as_deref().map(spellings).unwrap_or_default();
    let phone = format!("+{}", from.trim_start_matches('+'));
    let (due, is_early) = clinic
        .vault
        .list(&grant, "messages.tended", async |listing| {
            let mut due = store::by_provider(listing, gateway, &ids).await?;
            if let (None, Some(reference)) = (&due, receipt.reference) {
                due = store::in_doubt(listing, gateway, &phone, reference).await?;
            }
            let is_early = due.is_none() && store::is_under_way(listing, gateway).await?;
            let whose = due.iter().filter_map(|due| due.patient_id).collect();
            Ok::<_, VaultError>(((due, is_early), whose))
        })
        .await?;
    if let Some(due) = due.filter(|due| !due.state.is_final()) {
        worker::note_said(clinic, &grant, &due, receipt.delivery).await?;
    }
    Ok(!is_early)
}
