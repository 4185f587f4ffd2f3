//! What is done with a conversation as a whole.

use serde_json::json;

use crate::clinic::Clinic;
use crate::conversations::{self, Attached, ConversationId};
use crate::ids::{PatientId, StaffId};
use crate::inbox::leads::forget_later;
use crate::inbox::writing::{event, open};
use crate::inbox::{InboxError, store};
use crate::patients;
use crate::replies;
use crate::vault::permission::{ReadInbox, WriteInbox};
use crate::vault::{Grant, Subject, Tx, VaultError};

fn subject(patient: Option<PatientId>) -> Subject {
    patient.map_or(Subject::Clinic, Subject::Patient)
}

/// Somebody at the desk has read it: nothing is unread any more.
pub async fn mark_read(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    id: ConversationId,
) -> Result<(), InboxError> {
    let done = clinic
        .vault
        .change(grant, async |tx| {
            open(tx, grant, id).await?;
            let read = conversations::read_in(tx, id).await?;
            let patient = read.ok_or(InboxError::Meanwhile)?;
            Ok(((), event("conversation.marked_read", subject(patient), id)))
        })
        .await;
    match done {
        Ok(()) => Ok(conversations::count_waiting(clinic).await?),
        Err(InboxError::Meanwhile) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives it from whoever has it to somebody; None is nobody.
///
/// # Errors
/// [`InboxError::Meanwhile`] when somebody else has it by now.
pub async fn assign(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    from: Option<StaffId>,
    to: Option<StaffId>,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            open(tx, grant, id).await?;
            let given = conversations::assign_in(tx, id, from, to).await?;
            let patient = given.ok_or(InboxError::Meanwhile)?;
            let event = event("conversation.assigned", subject(patient), id);
            Ok(((), event.with_detail(json!({ "from": from, "to": to }))))
        })
        .await
}

/// A person says whose it is; None: nobody's in particular.
///
/// # Errors
/// [`InboxError::NoSuch`], also for a card that was merged into another.
pub async fn attach(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    patient: Option<PatientId>,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            if let Some(wanted) = patient {
                let card = patients::card_in(tx, wanted).await?;
                card.filter(|card| card.merged_into.is_none()).ok_or(InboxError::NoSuch)?;
            }
            attach_in(tx, grant, id, patient).await?;
            let of = subject(patient.or(talk.patient_id));
            let action =
                if patient.is_some() { "conversation.attached" } else { "conversation.detached" };
            Ok(((), event(action, of, id)))
        })
        .await
}

pub(super) async fn attach_in(
    tx: &mut Tx,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    patient: Option<PatientId>,
) -> Result<(), InboxError> {
    let by = grant.staff().ok_or(VaultError::NotStaff)?;
    if !conversations::attach_in(tx, id, Attached { patient, by }).await? {
        return Err(InboxError::NoSuch);
    }
    Ok(store::lead_is(tx, id, patient).await?)
}

/// Nobody has anything to do in it any more: what is open in it is seen to.
///
/// # Errors
/// [`InboxError::Meanwhile`] when it was closed before.
pub async fn close(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            open(tx, grant, id).await?;
            let closed = conversations::close_in(tx, id).await?;
            let patient = closed.ok_or(InboxError::Meanwhile)?;
            if patient.is_none() {
                forget_later(tx).await?;
            }
            let settled = replies::settle_all_in(tx, id, grant.staff()).await?;
            let event = event("conversation.closed", subject(patient), id);
            let event = event.with_detail(json!({ "settled": settled }));
            Ok::<_, InboxError>(((), event.touching(replies::TOPIC)))
        })
        .await?;
    Ok(conversations::count_waiting(clinic).await?)
}

/// Takes closing back.
///
/// # Errors
/// [`InboxError::Meanwhile`] when it is open.
pub async fn reopen(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            open(tx, grant, id).await?;
            let opened = conversations::reopen_in(tx, id).await?;
            let patient = opened.ok_or(InboxError::Meanwhile)?;
            Ok(((), event("conversation.reopened", subject(patient), id)))
        })
        .await
}

/// Gives the word back to the dialogue.
///
/// # Errors
/// [`InboxError::NoSuch`].
pub async fn hand_back(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            conversations::hand_back_in(tx, id).await?;
            Ok(((), event("conversation.handed_back", subject(talk.patient_id), id)))
        })
        .await
}
