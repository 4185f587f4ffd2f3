//! What the clock does: held times end, and what came to nothing is forgotten.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::booking::{BookingError, holds};
use crate::clinic::Clinic;
use crate::ids::AppointmentId;
use crate::jobs::{self as queue, JobFailure, Jobs};
use crate::messaging::text::Purpose;
use crate::messaging::{About, Answer, Hooks, Verdict};
use crate::online::model::{self, Request, RequestId, State};
use crate::online::{desk, store};
use crate::vault::permission::TendOnline;
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};

const FORGET: &str = "online.forget";

/// The work of this capability.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(holds::ENDS, end_hold).on(FORGET, forget)
}

/// A code is sent while its booking still waits for it.
pub fn hooks(hooks: Hooks) -> Hooks {
    hooks.before(Purpose::BookingCode, still_wanted)
}

fn still_wanted<'t>(tx: &'t mut Tx, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(id) = about.id.parse::<RequestId>() else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let request = store::by_id_in(tx, id).await?;
        let waits = request.is_some_and(|request| request.state == State::Code);
        Ok(if waits { Verdict::Send } else { Verdict::Withhold("answered") })
    })
}

/// What somebody typed is forgotten once its link is dead.
pub(super) async fn forget_later(tx: &mut Tx, request: &Request) -> Result<(), VaultError> {
    queue::enqueue(tx, FORGET, &json!({ "request": request.id }), request.expires_at).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Held {
    appointment: AppointmentId,
}

#[derive(Deserialize)]
struct Forgotten {
    request: RequestId,
}

async fn end_hold(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let Held { appointment } = read(payload)?;
    let ended = holds::expire(&clinic, &grant()?, appointment).await;
    match ended {
        // Somebody answered, here or in the schedule.
        Ok(_) | Err(BookingError::NoSuch) => {}
        Err(error) => return Err(JobFailure(error.to_string())),
    }
    desk::count_waiting(&clinic).await.map_err(|error| JobFailure(error.to_string()))
}

async fn forget(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let Forgotten { request } = read(payload)?;
    let grant = grant()?;
    clinic
        .vault
        .change(&grant, async |tx| {
            let gone = store::forget(tx, request).await?;
            let until = tx.now().plus_ms(-2 * model::DAY_MS);
            store::forget_codes(tx, until).await?;
            let event = Event::new("online.forgotten", Subject::Clinic);
            let event = event.on("online_request", request).with_detail(json!({ "gone": gone }));
            Ok::<_, VaultError>(((), event))
        })
        .await?;
    Ok(())
}

fn grant() -> Result<Grant<TendOnline>, JobFailure> {
    Actor::job("online").grant().map_err(|denied| JobFailure(denied.to_string()))
}

fn read<T: serde::de::DeserializeOwned>(payload: Value) -> Result<T, JobFailure> {
    serde_json::from_value(payload).map_err(|_| JobFailure("payload".to_owned()))
}
