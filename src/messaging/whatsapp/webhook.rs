//! The public door that Meta tells things to: what comes is checked on its raw
//! bytes, kept, answered at once, and worked through afterwards.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::{self, Body};
use super::{settle, speech, store, talk, with_app};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::hash::{HmacKey, equal, from_hex, sha256};
use crate::jobs::{self, JobFailure, Jobs};
use crate::messaging::gateway::Gateway;
use crate::messaging::hooks::Hooks;
use crate::messaging::instagram;
use crate::messaging::setup::{self, GatewayId, InUse};
use crate::vault::permission::{ReportDelivery, SendMessages};
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Work: what the door heard.
pub const HEARD: &str = "messaging.webhook";

/// Tries with one event before it is put aside.
const MOST_TRIES: i64 = 5;

/// Meta brings again for a week what was not taken; older is a replay.
const OLDEST_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// Clocks may differ by so much.
const AHEAD_MS: i64 = 10 * 60 * 1000;

/// What was worked through is known for so long, so that it is heard once.
const KNOWN_FOR_MS: i64 = OLDEST_MS + 24 * 60 * 60 * 1000;

/// Who knocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Source {
    Whatsapp,
    Instagram,
}

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum Shut {
    #[error("there is no app, or it does not know this secret")]
    Unknown,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The app secret and the verify token of whoever knocks.
async fn secrets(
    clinic: &Clinic,
    grant: &Grant<ReportDelivery>,
    source: Source,
) -> Result<(String, String), Shut> {
    let found = match source {
        Source::Whatsapp => {
            with_app(clinic, grant).await?.map(|app| (app.app_secret, app.verify_token))
        }
        Source::Instagram => {
            let app = instagram::with_app(clinic, grant).await?;
            app.map(|app| (app.app_secret, app.verify_token))
        }
    };
    found.ok_or(Shut::Unknown)
}

/// Whether Meta knows the verify token that the clinic gave it.
pub async fn handshake(
    clinic: &Clinic,
    grant: &Grant<ReportDelivery>,
    source: Source,
    token: &str,
) -> Result<(), Shut> {
    let (_, verify_token) = secrets(clinic, grant, source).await?;
    if equal(verify_token.as_bytes(), token.as_bytes()) { Ok(()) } else { Err(Shut::Unknown) }
}

/// Keeps what was signed with the app's secret, to be worked through. The same
/// is kept once.
///
/// # Errors
/// [`Shut::Unknown`] when the signature is not that of this body.
pub async fn keep(
    clinic: &Clinic,
    grant: &Grant<ReportDelivery>,
    source: Source,
    signature: &str,
    body: &[u8],
) -> Result<(), Shut> {
    let (app_secret, _) = secrets(clinic, grant, source).await?;
    let tag = signature.strip_prefix("sha256=").and_then(from_hex).ok_or(Shut::Unknown)?;
    let is_known = !app_secret.is_empty();
    if !is_known || !HmacKey::new(app_secret.as_bytes()).verify(&[body], &tag) {
        return Err(Shut::Unknown);
    }
    let text = String::from_utf8_lossy(body);
    let hash = sha256(body);
    let kept = clinic
        .vault
        .change(grant, async |tx| {
            let Some(id) = store::keep(tx, source, &hash, &text).await? else {
                return Err(Kept::Before);
            };
            let now = tx.now();
            jobs::enqueue(tx, HEARD, &json!({ "event": id }), now).await?;
            Ok(((), Event::new("webhook.kept", Subject::Clinic).on("webhook", id)))
        })
        .await;
    match kept {
        Ok(()) | Err(Kept::Before) => Ok(()),
        Err(Kept::Vault(error)) => Err(error.into()),
    }
}

#[derive(Debug, thiserror::Error)]
enum Kept {
    #[error("the same was kept before")]
    Before,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Works through what the door heard, and says what is answered in conversations.
pub fn jobs(hooks: Hooks) -> Jobs<Clinic> {
    let answering = hooks.clone();
    Jobs::new()
        .apart(HEARD, move |clinic, payload| work(clinic, hooks.clone(), payload))
        .apart(speech::SAY, move |clinic, payload| speech::say(clinic, answering.clone(), payload))
}

async fn work(clinic: Clinic, hooks: Hooks, payload: Value) -> Result<(), JobFailure> {
    let id = payload["event"].as_i64().ok_or_else(|| JobFailure("payload_without".to_owned()))?;
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    let now = clinic.clock().now();
    let found = clinic
        .vault
        .change(&grant, async |tx| {
            store::forget(tx, now.plus_ms(-KNOWN_FOR_MS)).await?;
            let event = Event::new("webhook.tried", Subject::Clinic).on("webhook", id);
            Ok::<_, VaultError>((store::try_event(tx, id).await?, event))
        })
        .await?;
    let Some((source, body, attempts)) = found else { return Ok(()) };
    let outcome = match source {
        Source::Whatsapp => whatsapp(&clinic, &grant, &hooks, &body, now).await,
        Source::Instagram => {
            instagram::hear(&clinic, &grant, &hooks, &body, |at| is_of(now, at)).await
        }
    };
    let aside = match outcome {
        Ok(aside) => aside,
        Err(_) if MOST_TRIES <= attempts => Some("failed_often"),
        Err(error) => return Err(error.into()),
    };
    clinic
        .vault
        .change(&grant, async |tx| {
            store::end_event(tx, id, aside).await?;
            let action = if aside.is_some() { "webhook.put_aside" } else { "webhook.done" };
            if aside.is_some() {
                // Nothing else may come by then: what was put aside is not kept for longer.
                let over = tx.now().plus_ms(KNOWN_FOR_MS + AHEAD_MS);
                jobs::enqueue(tx, HEARD, &json!({ "event": id }), over).await?;
            }
            let event = Event::new(action, Subject::Clinic).on("webhook", id);
            Ok::<_, VaultError>(((), aside.map_or(event.clone(), |reason| event.because(reason))))
        })
        .await?;
    if aside.is_some() {
        setup::count_waiting(&clinic, &grant).await?;
    }
    Ok(())
}

/// Whether it is neither a replay nor ahead of its time.
fn is_of(now: Timestamp, at: Timestamp) -> bool {
    now.plus_ms(-OLDEST_MS) <= at && at <= now.plus_ms(AHEAD_MS)
}

/// The reason for which it is put aside, if it is: what could be read of it was
/// worked through all the same.
async fn whatsapp(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    body: &str,
    now: Timestamp,
) -> Result<Option<&'static str>, VaultError> {
    let Ok(body) = serde_json::from_str::<Body>(body) else { return Ok(Some("not_understood")) };
    if body.object != "whatsapp_business_account" {
        return Ok(Some("not_understood"));
    }
    let mut aside = None;
    let is_of_now = |at: Timestamp| is_of(now, at);
    for change in body.entry.iter().flat_map(|entry| &entry.changes) {
        // Other fields tell of templates and accounts.
        if change.field != "messages" {
            continue;
        }
        let Some(told) = event::read(change) else {
            aside = Some("not_understood");
            continue;
        };
        if !told.is_whole {
            aside = Some("not_understood");
        }
        for status in &told.statuses {
            if is_of_now(status.at) {
                settle::settle(clinic, grant, status).await?;
            } else {
                aside = Some("out_of_time");
            }
        }
        for one in &told.heard {
            if is_of_now(one.at) {
                let Some(own) = number(clinic, grant, &one.phone_number_id).await? else {
                    aside = aside.or(Some("other_number"));
                    continue;
                };
                talk::hear(clinic, grant, hooks, own, one).await?;
            } else {
                aside = Some("out_of_time");
            }
        }
    }
    Ok(aside)
}

/// The clinic's number that was written to. None when it is not connected here any
/// more, or is another of the same account.
async fn number(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    id: &str,
) -> Result<Option<GatewayId>, VaultError> {
    let all = setup::in_use(clinic, grant).await?;
    let is_it = |one: &&InUse| matches!(one.gateway, Gateway::Whatsapp(_)) && one.username == id;
    let own = all.iter().find(is_it);
    Ok(own.map(|own| own.id))
}
