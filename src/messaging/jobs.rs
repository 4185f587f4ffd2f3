//! The clock of the outbox: what is due is seen to, at once when something is
//! put into it, and every few seconds; gateways are asked how they are.

use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::clinic::Clinic;
use crate::messaging::gateway::{Gateway, Health};
use crate::messaging::hearing;
use crate::messaging::hooks::Hooks;
use crate::messaging::lanes::{self, Lane, grant};
use crate::messaging::lines::Lines;
use crate::messaging::telegram;
use crate::messaging::{TOPIC, fetching, setup};
use crate::vault::VaultError;

/// How often the outbox is looked at when nothing in the clinic changes.
const PAUSE: Duration = Duration::from_secs(5);

/// How often it is looked whether a gateway is to be asked about a message: somebody
/// may look at a trial.
const ASK_PAUSE: Duration = Duration::from_secs(2);

/// A connection that cannot be made is tried again after so long at first.
const RECONNECT: Duration = Duration::from_secs(30);

/// How often it is looked whether a gateway is to be asked how it is.
const ROUND: Duration = Duration::from_mins(1);

/// How often gateways are asked for replies.
const FETCH: Duration = Duration::from_secs(20);

/// Works until the program ends.
pub async fn run(clinic: Clinic, hooks: Hooks) {
    let heard = async {
        let told = telegram::run(&clinic, &hooks);
        tokio::join!(hear_all(&clinic, &hooks), fetch_all(&clinic, &hooks), told)
    };
    let [awaited, others, questions] = Lane::ALL.map(|lane| empty(&clinic, &hooks, lane));
    tokio::join!(awaited, others, questions, ask_gateways(&clinic, &hooks), heard);
}

async fn empty(clinic: &Clinic, hooks: &Hooks, lane: Lane) {
    let mut changes = clinic.vault.watch();
    loop {
        // Of what was said until now the pass will know.
        changes = changes.resubscribe();
        let pause = match lanes::pass(clinic, hooks, lane).await {
            Ok(done) => done.pause(clinic.clock().now()).min(PAUSE),
            Err(error) => {
                tracing::error!(%error, "the outbox could not be worked on");
                PAUSE
            }
        };
        if lane == Lane::Questions {
            tokio::time::sleep(pause.min(ASK_PAUSE)).await;
            continue;
        }
        let _ = tokio::time::timeout(pause, change(&mut changes)).await;
    }
}

/// Something happened in the outbox.
async fn change(changes: &mut Receiver<std::sync::Arc<str>>) {
    loop {
        match changes.recv().await {
            Ok(topic) if &*topic == TOPIC => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn ask_gateways(clinic: &Clinic, hooks: &Hooks) {
    if let Ok(grant) = grant() {
        let _ = setup::count_waiting(clinic, &grant).await;
    }
    loop {
        if let Err(error) = check_due(clinic).await {
            tracing::error!(%error, "the gateways could not be asked how they are");
        }
        if let Err(error) = hooks.count(clinic).await {
            tracing::error!(%error, "what waits could not be counted");
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// What the centres bring by themselves.
async fn hear_all(clinic: &Clinic, hooks: &Hooks) {
    let pool = Lines::of(clinic).pool;
    while let Some(heard) = pool.next().await {
        if let Err(error) = hearing::take(clinic, hooks, heard).await {
            tracing::error!(%error, "what a gateway brought could not be kept");
        }
    }
}

/// What gateways keep until they are asked.
async fn fetch_all(clinic: &Clinic, hooks: &Hooks) {
    loop {
        if let Err(error) = fetching::fetch_replies(clinic, hooks).await {
            tracing::error!(%error, "gateways could not be asked for replies");
        }
        tokio::time::sleep(FETCH).await;
    }
}

/// Sees to what a centre has brought, if it has: once. False when it has not.
pub async fn hear_one(clinic: &Clinic, hooks: &Hooks) -> Result<bool, VaultError> {
    match Lines::of(clinic).pool.next_now().await {
        Some(heard) => hearing::take(clinic, hooks, heard).await.map(|()| true),
        None => Ok(false),
    }
}

/// Asks each gateway how it is whose time has come. Gives how many were asked.
pub async fn check_due(clinic: &Clinic) -> Result<usize, VaultError> {
    let grant = grant()?;
    let now = clinic.clock().now();
    let mut all = setup::in_use(clinic, &grant).await?;
    let numbers: Vec<i64> = all.iter().map(|one| one.id.number()).collect();
    let lines = Lines::of(clinic);
    lines.pool.keep_only(&numbers);
    for one in &all {
        // Receipts come over a connection that stands, so it is made again when it broke.
        if let Gateway::Smpp(_) = one.gateway
            && lines.rests_until(one.id, now).is_none()
            && let Health::Ill(_) = one.gateway.health().await
        {
            let [chance] = clinic.random.bytes();
            lines.rest(one.id, RECONNECT, chance, now);
        }
    }
    all.retain(|one| setup::is_to_be_asked(one, now));
    for one in &all {
        setup::check(clinic, &grant, one.id).await?;
        setup::renew_if_due(clinic, &grant, one.id).await?;
    }
    Ok(all.len())
}

/// Does what is due, once. Gives how many messages something came of.
pub async fn run_due(clinic: &Clinic, hooks: &Hooks) -> Result<usize, VaultError> {
    let mut seen_to = 0;
    for lane in Lane::ALL {
        seen_to += lanes::pass(clinic, hooks, lane).await?.seen_to;
    }
    Ok(seen_to)
}
