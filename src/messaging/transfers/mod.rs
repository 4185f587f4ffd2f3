//! The log of transfers: each time a message is handed over it says which
//! classes of whose data went to which third party, never what they say (94-V
//! art. 16, 22). Written in the transaction that takes the message, so that
//! nothing can leave past it.

mod store;

use crate::ids::{MessageId, PatientId};
use crate::messaging::setup::{GatewayKind, InUse};
use crate::messaging::text::Classes;
use crate::vault::{Tx, VaultError};

pub use store::hand_over_in;

/// Notes that a message is handed over. What the demo takes stays on this machine.
pub(super) async fn note(tx: &mut Tx, id: MessageId, to: &InUse) -> Result<(), VaultError> {
    if to.kind == GatewayKind::Demo {
        return Ok(());
    }
    store::insert(tx, id, to.kind, to.terms.country).await
}

/// Notes what a dialogue says in a chat, past the outbox.
pub async fn note_said_in(
    tx: &mut Tx,
    patient: Option<PatientId>,
    to: GatewayKind,
    classes: &Classes,
) -> Result<(), VaultError> {
    store::insert_said(tx, patient, to, classes).await
}
