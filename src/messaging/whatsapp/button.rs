//! The buttons of a template: confirm, move, cancel, in the order of its quick
//! replies. Meta is given opaque tokens, each good for one thing about one message
//! until that is over; only hashes are kept.

use data_encoding::BASE64URL_NOPAD;

use super::event::{Heard, Kind};
use super::store;
use crate::clinic::Clinic;
use crate::crypto::hash::sha256;
use crate::messaging::model::Due;
use crate::messaging::setup::GatewayId;
use crate::messaging::telegram::{Action, Pressed};
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, Tx, VaultError};

/// Makes the buttons of a message that leaves. Gives their payloads in order.
pub(in crate::messaging) async fn make(
    tx: &mut Tx,
    clinic: &Clinic,
    due: &Due,
) -> Result<Vec<String>, VaultError> {
    let mut payloads = Vec::new();
    for action in Action::ALL {
        let token = BASE64URL_NOPAD.encode(&clinic.random.bytes::<16>());
        let hash = sha256(token.as_bytes());
        store::add_button(tx, &hash, due.id, action, due.not_after).await?;
        payloads.push(token);
    }
    Ok(payloads)
}

/// The button that was tapped. None: no button of ours, one that is over, or
/// one that another telephone sent back. Whoever tapped may hide their number:
/// then it is the one the message went to.
pub(super) async fn pressed(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    gateway: GatewayId,
    heard: &Heard,
) -> Result<Option<Pressed>, VaultError> {
    let Kind::Button { payload, .. } = &heard.kind else { return Ok(None) };
    let now = clinic.clock().now();
    let hash = sha256(payload.as_bytes());
    let found = store::button(&mut clinic.vault.read(grant).await?, &hash, now).await?;
    let Some((message, action, phone)) = found else { return Ok(None) };
    if heard.phone.as_deref().is_some_and(|from| from != phone.digits()) {
        return Ok(None);
    }
    let (id, at, is_shown) = (heard.id.clone(), heard.at, false);
    Ok(Some(Pressed { gateway, id, message, action, phone, at, is_shown }))
}
