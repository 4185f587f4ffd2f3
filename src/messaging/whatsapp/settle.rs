//! What became of a message, as Meta told it: in any order, any number of times.

use super::event::Status;
use super::store as own;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::Reason;
use crate::messaging::gateway::whatsapp::failure;
use crate::messaging::model::{Channel, Due, State, Step};
use crate::messaging::setup::{self, GatewayKind};
use crate::messaging::whatsapp::{plan::Plan, with_app};
use crate::messaging::{event_of, store, worker};
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Grant, Tx, VaultError};

/// What a status makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    /// It changes nothing: told before, or overtaken by a later one.
    Nothing,
    Accepted,
    Delivered,
    /// WhatsApp carried it no further: SMS or a letter does.
    GiveWay(Reason),
    Failed(Reason),
    /// It came by SMS too: both are on the phone.
    Beside,
}

/// Notes a status of a message of ours; of others it changes nothing.
pub async fn settle(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    status: &Status,
) -> Result<(), VaultError> {
    let all = setup::in_use(clinic, grant).await?;
    let is_number =
        |kind, name: &str| kind == GatewayKind::Whatsapp && name == status.phone_number_id;
    let Some(by) = all.iter().find(|one| is_number(one.kind, &one.username)) else {
        return Ok(());
    };
    let plan = Plan::new(with_app(clinic, grant).await?, Vec::new(), None);
    let settled = clinic
        .vault
        .change(grant, async |tx| {
            let found = store::by_wamid(tx, by.id, &status.id, status.reference).await?;
            let Some(due) = found else { return Err(Settled::Nothing) };
            let waits = Plan::may_give_way(&all, &due);
            let now = tx.now();
            let moved = judge(&due, status, waits && now < due.not_after);
            let free = status.billable == Some(false) && due.channel == Channel::Whatsapp;
            if free {
                store::note_free(tx, due.id).await?;
            }
            if moved == Move::Nothing {
                return Err(Settled::Nothing);
            }
            store::note_wamid(tx, due.id, &status.id).await?;
            let event = note(tx, &due, moved, waits.then(|| now.plus_ms(plan.wait_ms()))).await?;
            Ok(((), event))
        })
        .await;
    match settled {
        Ok(()) | Err(Settled::Nothing) => Ok(()),
        Err(Settled::Vault(error)) => Err(error),
    }
}

#[derive(Debug, thiserror::Error)]
enum Settled {
    #[error("nothing changes")]
    Nothing,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

fn judge(due: &Due, status: &Status, may_give_way: bool) -> Move {
    use State::{Accepted, Queued, Sending, Uncertain};
    let by_whatsapp = due.channel == Channel::Whatsapp;
    let is_open = by_whatsapp && matches!(due.state, Sending | Accepted | Uncertain);
    // Another channel was to take over, and has not yet.
    let waits = by_whatsapp && due.whatsapp_over && due.state == Queued;
    match status.status.as_str() {
        "sent" if by_whatsapp && matches!(due.state, Sending | Uncertain) => Move::Accepted,
        // The first is left out when the second comes at once.
        "delivered" | "read" if is_open || waits => Move::Delivered,
        "delivered" if !by_whatsapp && due.whatsapp_over => Move::Beside,
        "failed" if is_open && may_give_way => Move::GiveWay(failure(status.error)),
        "failed" if is_open => Move::Failed(failure(status.error)),
        _ => Move::Nothing,
    }
}

async fn note(
    tx: &mut Tx,
    due: &Due,
    moved: Move,
    wait_until: Option<Timestamp>,
) -> Result<Event, VaultError> {
    let last = |state, reason| Step { state, reason, due_at: None };
    let step = match moved {
        Move::Accepted => Step { due_at: wait_until, ..last(State::Accepted, None) },
        Move::Delivered => last(State::Delivered, None),
        Move::GiveWay(reason) => {
            own::mark_over(tx, due.id).await?;
            let due_at = Some(tx.now());
            Step { due_at, ..last(State::Queued, Some(reason.code())) }
        }
        Move::Failed(reason) => last(State::Failed, Some(reason.code())),
        Move::Nothing | Move::Beside => {
            store::note_beside(tx, due.id, due.state).await?;
            return Ok(event_of("message.delivered_beside", due.patient_id, due.id));
        }
    };
    store::step(tx, due.id, due.state, &step, due.asked).await?;
    Ok(worker::event(due, &step))
}
