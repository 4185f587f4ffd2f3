//! What is seen to apart, so that none holds up another: what somebody waits for at
//! this moment, everything else, and questions to gateways, which may be silent.
//!
//! Each lane is emptied in passes, the soonest useless first. A gateway that was found
//! full or resting takes nothing more in its pass, so nothing overtakes what waits for
//! it; what goes by others is looked for further down the queue.

use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::hooks::Hooks;
use crate::messaging::model::{Due, Place};
use crate::messaging::setup::GatewayKind;
use crate::messaging::whatsapp::{self, Plan};
use crate::messaging::worker::Worker;
use crate::messaging::{setup, store, telegram};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Grant, VaultError};

/// Messages taken up in one go.
const BATCH: i64 = 40;

/// Messages handed over at the same time.
const AT_ONCE: usize = 4;

/// How far a pass looks behind messages that have to wait: the next goes on from there.
const PAGES: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Codes, answers and trials: somebody waits for them.
    Awaited,
    Others,
    Questions,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Awaited, Self::Others, Self::Questions];
}

/// What a pass did.
#[derive(Default)]
pub(super) struct Done {
    /// Messages something came of.
    pub seen_to: usize,
    has_more: bool,
    /// When a gateway can take the next of those that had to wait for it.
    again_at: Option<Timestamp>,
}

impl Done {
    /// How long nothing is to be done, as far as this pass knows.
    pub fn pause(&self, now: Timestamp) -> Duration {
        if self.has_more {
            return Duration::ZERO;
        }
        let wait = self.again_at.map(|at| at.unix_ms() - now.unix_ms());
        let wait = wait.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
        wait.unwrap_or(Duration::MAX)
    }
}

/// Sees to what is due in a lane, once.
pub(super) async fn pass(clinic: &Clinic, hooks: &Hooks, lane: Lane) -> Result<Done, VaultError> {
    let grant = grant()?;
    if lane == Lane::Awaited {
        let mut reader = clinic.vault.read(&grant).await?;
        if !store::is_awaited(&mut reader, clinic.clock().now()).await? {
            return Ok(Done::default());
        }
    }
    let gateways = setup::in_use(clinic, &grant).await?;
    if gateways.is_empty() {
        return Ok(Done::default());
    }
    let app = whatsapp::with_app(clinic, &grant).await?;
    let bot = telegram::bot(clinic, &grant).await?;
    let plan = Plan::new(app, whatsapp::templates(clinic, &grant).await?, bot);
    let worker = Worker::new(clinic, hooks, grant, gateways, plan);
    let has_more = match lane {
        Lane::Awaited => send_awaited(&worker).await?,
        Lane::Others => {
            worker.give_up_abandoned().await?;
            send_others(&worker).await?
        }
        Lane::Questions => ask(&worker).await?,
    };
    worker.report_news().await?;
    Ok(Done { seen_to: worker.seen_to(), has_more, again_at: worker.again_at() })
}

async fn send_awaited(worker: &Worker<'_>) -> Result<bool, VaultError> {
    let now = worker.now();
    let due = worker.list(async |listing| store::awaited(listing, now, BATCH).await).await?;
    see_to_all(worker, &due).await;
    Ok(is_whole(&due) && 0 < worker.seen_to())
}

async fn send_others(worker: &Worker<'_>) -> Result<bool, VaultError> {
    let now = worker.now();
    let mut after = None;
    for page in 0..PAGES {
        let due =
            worker.list(async |listing| store::others(listing, now, after, BATCH).await).await?;
        see_to_all(worker, &due).await;
        after = due.last().filter(|_| is_whole(&due)).map(Place::of);
        if worker.is_all_full() {
            break;
        }
        if after.is_some() && worker.is_nothing_full() && 0 < worker.seen_to() {
            // Whatever is more urgent by now comes first.
            return Ok(true);
        }
        // Down from where the last pass ended.
        if page == 0
            && let Some(place) = worker.lines().sweep()
        {
            after = after.map(|it| it.max(place));
        }
        if after.is_none() {
            break;
        }
    }
    worker.lines().sweep_from(after);
    Ok(after.is_some() && 0 < worker.seen_to())
}

async fn ask(worker: &Worker<'_>) -> Result<bool, VaultError> {
    let now = worker.now();
    let resting = worker.resting();
    let mut due =
        worker.list(async |listing| store::to_ask(listing, now, &resting, BATCH).await).await?;
    // What takes no question need not wait for those that do.
    due.sort_by_key(|due| worker.kind_of(due) != Some(GatewayKind::Whatsapp));
    see_to_all(worker, &due).await;
    Ok(is_whole(&due) && 0 < worker.seen_to())
}

/// There may be more.
fn is_whole(due: &[Due]) -> bool {
    i64::try_from(due.len()) == Ok(BATCH)
}

async fn see_to_all(worker: &Worker<'_>, all: &[Due]) {
    stream::iter(all)
        .for_each_concurrent(AT_ONCE, async |due| {
            if let Err(error) = worker.see_to(due).await {
                tracing::error!(message = %due.id, %error, "a message could not be seen to");
            }
        })
        .await;
}

pub(super) fn grant() -> Result<Grant<SendMessages>, VaultError> {
    Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)
}
