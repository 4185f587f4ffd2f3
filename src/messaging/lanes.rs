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
use crate::messaging::whatsapp::{self, Plan};
use crate::messaging::worker::Worker;
use crate::messaging::{setup, store, telegram};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Grant, VaultError};

/// Messages taken up in one go.
const BATCH: i64 = 40;

/// Of those that are awaited at first: whoever waits since a moment ago is soon seen.
const FIRST_AWAITED: i64 = 8;

/// Messages handed over at the same time.
const AT_ONCE: usize = 4;

/// Questions put at the same time: they may keep a connection from messages.
const ASKED_AT_ONCE: usize = 2;

/// A backlog is not looked through more often than this for a gateway that is full.
const BREATH_MS: i64 = 250;

/// How far a pass looks behind messages that have to wait: the next goes on from there.
const PAGES: usize = 10;

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
        Lane::Awaited => send(&worker, lane).await?,
        Lane::Others => {
            worker.give_up_abandoned().await?;
            send(&worker, lane).await?
        }
        Lane::Questions => ask(&worker).await?,
    };
    worker.report_news().await?;
    // What could not be written down is not tried in a circle.
    let has_more = has_more && !worker.has_failed();
    let again_at = worker.again_at().filter(|_| !worker.has_failed());
    let again_at = again_at.map(|at| match lane {
        // A second's worth may leave together, so nothing is lost by this.
        Lane::Others => at.max(worker.now().plus_ms(BREATH_MS)),
        Lane::Awaited | Lane::Questions => at,
    });
    Ok(Done { seen_to: worker.seen_to(), has_more, again_at })
}

/// Hands over what is due, page by page; whether there is more to do at once.
async fn send(worker: &Worker<'_>, lane: Lane) -> Result<bool, VaultError> {
    let now = worker.now();
    let is_awaited = lane == Lane::Awaited;
    let mut after = None;
    for page in 0.. {
        let most = if is_awaited && page == 0 { FIRST_AWAITED } else { BATCH };
        let due = worker.list(async |listing| {
            if is_awaited {
                store::awaited(listing, now, after, most).await
            } else {
                store::others(listing, now, after, most).await
            }
        });
        let due = due.await?;
        see_to_all(worker, &due, AT_ONCE).await;
        let is_whole = i64::try_from(due.len()) == Ok(most);
        after = due.last().filter(|_| is_whole).map(Place::of);
        if !is_awaited && worker.is_all_full() {
            // Nobody further down could leave either. A trial might: it is not kept by a rest.
            return Ok(false);
        }
        if after.is_some() && worker.is_nothing_full() && 0 < worker.seen_to() {
            // Whatever is more urgent by now comes first.
            return Ok(true);
        }
        if after.is_none() || !is_awaited && PAGES <= page + 1 {
            break;
        }
        // Down from where the last pass ended.
        if page == 0
            && !is_awaited
            && let Some(place) = worker.lines().sweep()
        {
            after = after.map(|it| it.max(place));
        }
    }
    if !is_awaited {
        worker.lines().sweep_from(after);
    }
    Ok(after.is_some() && 0 < worker.seen_to())
}

async fn ask(worker: &Worker<'_>) -> Result<bool, VaultError> {
    let now = worker.now();
    loop {
        let apart = worker.not_to_be_asked();
        let due =
            worker.list(async |listing| store::to_ask(listing, now, &apart, BATCH).await).await?;
        see_to_all(worker, &due, ASKED_AT_ONCE).await;
        if i64::try_from(due.len()) != Ok(BATCH) {
            return Ok(false);
        }
        // Those of a silent gateway come later, and hold up none of another.
        if worker.not_to_be_asked().len() == apart.len() {
            return Ok(0 < worker.seen_to());
        }
    }
}

async fn see_to_all(worker: &Worker<'_>, all: &[Due], at_once: usize) {
    stream::iter(all).for_each_concurrent(at_once, |due| worker.see_to(due)).await;
}

pub(super) fn grant() -> Result<Grant<SendMessages>, VaultError> {
    Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)
}
