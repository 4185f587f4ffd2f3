//! The buttons of a template: confirm, move, cancel. Meta is given opaque tokens,
//! each good for one thing about one message until that is over; only hashes
//! are kept.

use data_encoding::BASE64URL_NOPAD;

use super::event::{Heard, Kind};
use super::store;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::hash::sha256;
use crate::ids::{MessageId, words};
use crate::messaging::model::Due;
use crate::messaging::setup::GatewayId;
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, Tx, VaultError};

words! {
    /// What a button does, in the order of the template's quick replies.
    Action {
        Confirm = "confirm",
        Move = "move",
        Cancel = "cancel",
    }
}

/// A button of a message of ours that somebody tapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// The number it came through.
    pub gateway: GatewayId,
    /// Meta's number of the tap.
    pub id: String,
    /// The telephone the message went to, E.164: whoever tapped may hide theirs.
    pub phone: String,
    /// The words on the button.
    pub title: String,
    pub message: MessageId,
    pub action: Action,
    pub at: Timestamp,
}

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
        store::add_button(tx, &hash, due.id, *action, due.not_after).await?;
        payloads.push(token);
    }
    Ok(payloads)
}

/// The button that was tapped. None: no button of ours, one that is over, or
/// one that another telephone sent back.
pub(super) async fn pressed(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    gateway: GatewayId,
    heard: &Heard,
) -> Result<Option<Pressed>, VaultError> {
    let Kind::Button { payload, title } = &heard.kind else { return Ok(None) };
    let now = clinic.clock().now();
    let hash = sha256(payload.as_bytes());
    let found = store::button(&mut clinic.vault.read(grant).await?, &hash, now).await?;
    let Some((message, action, phone)) = found else { return Ok(None) };
    if heard.phone.as_deref().is_some_and(|from| from != phone.trim_start_matches('+')) {
        return Ok(None);
    }
    let (id, title, at) = (heard.id.clone(), title.clone(), heard.at);
    Ok(Some(Pressed { gateway, id, phone, title, message, action, at }))
}
