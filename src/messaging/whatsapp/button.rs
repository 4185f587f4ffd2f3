//! The buttons of a template: confirm, move, cancel, in the order of its quick
//! replies; of several visits: confirm all, something else. Meta is given opaque tokens, each good for one thing about one message
//! until that is over; only hashes are kept.

use super::event::{Heard, Kind};
use crate::clinic::Clinic;
use crate::messaging::Channel;
use crate::messaging::buttons::{self, Pressed, Tokens};
use crate::messaging::model::Due;
use crate::messaging::setup::GatewayId;
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, Tx, VaultError};

/// Makes the buttons of a message that leaves. Gives their payloads in order.
pub(in crate::messaging) async fn make(
    tx: &mut Tx,
    clinic: &Clinic,
    due: &Due,
) -> Result<Vec<String>, VaultError> {
    let tokens = Tokens::generate(&clinic.random, due.purpose);
    buttons::put_in(tx, (due.id, Channel::Whatsapp), &tokens, due.not_after).await?;
    Ok(tokens.0.into_iter().map(|(_, token)| token).collect())
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
    let mut reader = clinic.vault.read(grant).await?;
    let found = buttons::meaning(&mut reader, Channel::Whatsapp, payload, now).await?;
    drop(reader);
    let Some((message, action, phone)) = found else { return Ok(None) };
    if heard.phone.as_deref().is_some_and(|from| from != phone.digits()) {
        return Ok(None);
    }
    let (id, at, is_shown) = (heard.id.clone(), heard.at, false);
    Ok(Some(Pressed { gateway, id, message, action, phone, at, is_shown }))
}
