//! What Instagram told, worked through: in any order, any number of times.

use super::event::{self, Happened, What};
use super::store::{self, Elsewhere};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{MessageId, PatientId};
use crate::messaging::gateway::{Gateway, Instagram, Reference};
use crate::messaging::hearing::Inbound;
use crate::messaging::hooks::Hooks;
use crate::messaging::model::{About, State, Step};
use crate::messaging::setup::{self, GatewayId};
use crate::messaging::worker;
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, Tx, VaultError, Violation};

/// Works through a body. The reason for which it is put aside, if it is: what could
/// be read of it was worked through all the same.
pub async fn hear(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    body: &str,
    is_of_now: impl Fn(Timestamp) -> bool,
) -> Result<Option<&'static str>, VaultError> {
    let Some((all, whole)) = event::read(body) else { return Ok(Some("not_understood")) };
    let mut aside = (!whole).then_some("not_understood");
    let in_use = setup::in_use(clinic, grant).await?;
    let own = in_use.iter().find_map(|one| match &one.gateway {
        Gateway::Instagram(account) => Some((one.id, account)),
        _ => None,
    });
    for one in &all {
        let Some((gateway, account)) = own.filter(|(_, own)| own.account_id() == one.account)
        else {
            aside = Some("not_understood");
            continue;
        };
        if !is_of_now(one.at) {
            aside = Some("out_of_time");
            continue;
        }
        take(clinic, grant, hooks, (gateway, account), one).await?;
    }
    Ok(aside)
}

async fn take(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    (gateway, account): (GatewayId, &Instagram),
    one: &Happened,
) -> Result<(), VaultError> {
    let inbound = |id: &str, text: &str, nickname: String| Inbound {
        gateway,
        id: Some(id.to_owned()),
        from: one.person.clone(),
        to: one.account.clone(),
        text: text.to_owned(),
        at: one.at,
        since: one.at,
        nickname: Some(nickname),
    };
    match &one.what {
        What::Said { id, text } => {
            // A name is no more than a help: without one the id stands there.
            let mut reader = clinic.vault.read(grant).await?;
            let is_named = store::is_named(&mut reader, &one.person).await?;
            drop(reader);
            let name = if is_named { None } else { account.name_of(&one.person).await };
            let name = name.unwrap_or_default();
            hooks.give(clinic, &inbound(id, text, name)).await
        }
        What::Unsaid { id } => hooks.take_back(clinic, &inbound(id, "", String::new())).await,
        What::Echo { id, text } => {
            if is_ours(clinic, grant, gateway, &one.person, (id, text)).await? {
                return Ok(());
            }
            hooks.answered(clinic, &inbound(id, text, String::new())).await
        }
        What::Read { id } => read(clinic, grant, gateway, id).await,
        What::Other => Ok(()),
    }
}

#[derive(Debug, thiserror::Error)]
enum Noted {
    #[error("nothing changes")]
    Nothing,
    /// Whether it is a message of ours.
    #[error("it is known")]
    Known,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Whether an echo is of a message that left here. One whose answer was lost, or is
/// still under way, was taken: its echo says so.
async fn is_ours(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    gateway: GatewayId,
    to: &str,
    (id, text): (&str, &str),
) -> Result<bool, VaultError> {
    let noted = clinic
        .vault
        .change(grant, async |tx| {
            if store::is_known(tx, gateway, id).await? {
                return Err(Noted::Known);
            }
            let lost = store::lost(tx, gateway, to, text).await?.ok_or(Noted::Nothing)?;
            store::note(tx, lost.id, id).await?;
            let step = Step { state: State::Accepted, reason: None, due_at: None };
            crate::messaging::store::step(tx, lost.id, lost.state, &step, lost.asked).await?;
            Ok(((), worker::event(&lost, &step)))
        })
        .await;
    match noted {
        Ok(()) | Err(Noted::Known) => Ok(true),
        Err(Noted::Nothing) => Ok(false),
        Err(Noted::Vault(error)) => Err(error),
    }
}

/// Whoever read it has it.
async fn read(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    gateway: GatewayId,
    id: &str,
) -> Result<(), VaultError> {
    let noted = clinic
        .vault
        .change(grant, async |tx| {
            let due = store::by_id(tx, gateway, id).await?;
            let due = due.filter(|due| !due.state.is_final()).ok_or(Noted::Nothing)?;
            let step = Step { state: State::Delivered, reason: None, due_at: None };
            crate::messaging::store::step(tx, due.id, due.state, &step, due.asked).await?;
            Ok(((), worker::event(&due, &step)))
        })
        .await;
    match noted {
        Ok(()) | Err(Noted::Nothing | Noted::Known) => Ok(()),
        Err(Noted::Vault(error)) => Err(error),
    }
}

/// Notes what somebody wrote in Instagram itself, past this program. False when it
/// is known.
pub async fn note_elsewhere_in(
    tx: &mut Tx,
    clinic: &Clinic,
    said: &Inbound,
    (about, patient): (&About, Option<PatientId>),
) -> Result<bool, VaultError> {
    let Some(id) = said.id.as_deref() else { return Ok(false) };
    if store::is_known(tx, said.gateway, id).await? {
        return Ok(false);
    }
    let elsewhere = Elsewhere {
        gateway: said.gateway,
        id,
        to: &said.from,
        text: &said.text,
        at: said.at,
        patient,
        about,
    };
    loop {
        let reference = Reference::from_random(u32::from_be_bytes(clinic.random.bytes()));
        let message = MessageId::new(tx.now());
        match store::insert_elsewhere(tx, message, reference, &elsewhere).await {
            Ok(()) => return Ok(true),
            Err(error) if error.violation() == Some(Violation::Unique) => {}
            Err(error) => return Err(error),
        }
    }
}
