//! Asking gateways for what people wrote back, where it is kept until somebody
//! asks: so a clinic that nobody can reach from outside hears its patients too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::{Gateway, Written};
use crate::messaging::hearing::Inbound;
use crate::messaging::hooks::Hooks;
use crate::messaging::lines::Lines;
use crate::messaging::setup::{self, GatewayId, Heard, InUse};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// When each gateway was last asked by this process.
#[derive(Clone, Default)]
struct AskedAt(Arc<Mutex<HashMap<GatewayId, Timestamp>>>);

/// Asks each gateway that keeps replies. Gives how many were brought.
pub async fn fetch_replies(clinic: &Clinic, hooks: &Hooks) -> Result<usize, VaultError> {
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)?;
    let now = clinic.clock().now();
    let lines = Lines::of(clinic);
    let mut brought = 0;
    for one in setup::in_use(clinic, &grant).await? {
        if lines.rests_until(one.id, now).is_none() {
            brought += fetch(clinic, &grant, hooks, &one, now).await?;
        }
    }
    Ok(brought)
}

async fn fetch(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    one: &InUse,
    now: Timestamp,
) -> Result<usize, VaultError> {
    let before = setup::heard(clinic, grant, one.id).await?;
    let asked_at: AskedAt = clinic.kept.of();
    let known = asked_at.0.lock().expect("no panic while it is held").get(&one.id).copied();
    let since = known.or(before.as_ref().map(|heard| heard.at));
    let hours = since.map_or(LONGEST_HOURS, |since| hours(since, now));
    let until = before.as_ref().map(|heard| heard.until.as_str());
    let Ok(written) = one.gateway.replies(until, hours).await else { return Ok(0) };
    let newest = newest(&written, until);
    // What came to this account before the clinic asked first was not for us.
    let is_first = before.is_none() && matches!(one.gateway, Gateway::Smsc(_));
    let mut brought = 0;
    for reply in written.iter().filter(|_| !is_first) {
        let from = reply.at.or(since).unwrap_or(Timestamp::from_unix_ms(0));
        let said = Inbound {
            gateway: one.id,
            id: Some(reply.id.clone()),
            from: reply.from.clone(),
            to: reply.to.clone(),
            text: reply.text.clone(),
            at: now,
            since: from.min(now),
            nickname: None,
        };
        hooks.give(clinic, &said).await?;
        one.gateway.forget(reply).await;
        brought += 1;
    }
    if before.as_ref().map(|heard| &*heard.until) != Some(&newest) {
        let event = Event::new("gateway.replies_fetched", Subject::Clinic);
        let event = event.on("gateway", one.id).with_detail(json!({ "replies": brought }));
        let heard = Heard { until: newest, at: now };
        clinic
            .vault
            .change(grant, async |tx| {
                setup::set_heard(tx, one.id, &heard).await?;
                Ok::<_, VaultError>(((), event))
            })
            .await?;
    }
    asked_at.0.lock().expect("no panic while it is held").insert(one.id, now);
    Ok(brought)
}

/// The newest that SMSC told, of any call.
fn newest(written: &[Written], until: Option<&str>) -> String {
    let number = |id: &str| id.parse::<u64>().unwrap_or_default();
    let ids = written.iter().map(|one| one.id.as_str()).chain(until);
    let ids = ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    ids.max_by_key(|id| number(id)).unwrap_or_default().to_owned()
}

/// SMSC tells what came in a week at most.
const LONGEST_HOURS: i64 = 168;

fn hours(since: Timestamp, now: Timestamp) -> i64 {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    ((now.unix_ms() - since.unix_ms()) / HOUR_MS + 1).clamp(1, LONGEST_HOURS)
}
