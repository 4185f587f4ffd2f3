//! Listening: what Telegram tells is kept, and only then is the next asked for;
//! so nothing is lost, and what comes again is known by its number.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::talk::{Step, work};
use super::update::number;
use super::{in_use, store};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::Telegram;
use crate::messaging::gateway::telegram::Deaf;
use crate::messaging::hooks::Hooks;
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// How long one question waits for something to happen, in seconds.
const WAIT_S: u64 = 25;

/// How often it is looked whether there is a bot.
const NO_BOT: Duration = Duration::from_secs(10);

/// Another program that listens with the same token is left alone for so long.
const TAKEN: Duration = Duration::from_secs(30);

/// Rests grow from the first to the last.
const FIRST_REST: Duration = Duration::from_secs(1);
const LAST_REST: Duration = Duration::from_mins(1);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// After a week in which nothing happened Telegram begins with another number,
/// so one from so long ago is not counted from.
const COUNTED_FOR_MS: i64 = 6 * DAY_MS;

/// Telegram tells what is a day old at most; what was worked through is known for
/// longer.
const KNOWN_FOR_MS: i64 = 3 * DAY_MS;

/// What was put aside can be taken up for so long.
const ASIDE_FOR_MS: i64 = 14 * DAY_MS;

/// Whoever talks to the bot and never says whose number it is.
const STRANGERS_MS: i64 = 30 * DAY_MS;

/// Of those whoever said /stop or blocked it: no conversation of theirs lives longer.
const SHUT_MS: i64 = 366 * DAY_MS;

/// What came of listening once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ears {
    /// There is no bot.
    None,
    /// So many updates were kept that were not known.
    Took(usize),
    /// For so long at least; none when Telegram did not say.
    Rest(Option<Duration>),
}

/// How listening goes, for the page of the bot: known to this process only.
#[derive(Clone, Debug, Default)]
pub struct Hearing(Arc<Mutex<(Option<Timestamp>, Option<&'static str>)>>);

impl Hearing {
    pub fn of(clinic: &Clinic) -> Self {
        clinic.kept.of()
    }

    /// When Telegram last answered, and what is in the way since.
    pub fn now(&self) -> (Option<Timestamp>, Option<&'static str>) {
        *self.0.lock().expect("no panic while it is held")
    }

    fn well(&self, at: Timestamp) {
        *self.0.lock().expect("no panic while it is held") = (Some(at), None);
    }

    fn ill(&self, code: &'static str) {
        self.0.lock().expect("no panic while it is held").1 = Some(code);
    }
}

/// Listens until the program ends.
pub async fn run(clinic: &Clinic, hooks: &Hooks) {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let rest = FIRST_REST.saturating_mul(1 << failures).min(LAST_REST);
        let pause = match listen(clinic, hooks, WAIT_S).await {
            Ok(Ears::Took(0)) if began.elapsed() < FIRST_REST => FIRST_REST,
            Ok(Ears::Took(_)) => Duration::ZERO,
            Ok(Ears::None) => NO_BOT,
            Ok(Ears::Rest(after)) => after.unwrap_or(rest).max(FIRST_REST),
            Err(error) => {
                tracing::error!(%error, "what the bot was told could not be worked through");
                rest
            }
        };
        failures = if pause.is_zero() { 0 } else { (failures + 1).min(6) };
        tokio::time::sleep(pause).await;
    }
}

/// Works through what is kept, asks once for more, and works through that.
pub async fn listen(clinic: &Clinic, hooks: &Hooks, wait_s: u64) -> Result<Ears, VaultError> {
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)?;
    let Some((one, telegram)) = in_use(clinic, &grant).await? else { return Ok(Ears::None) };
    ensure_current(clinic, &grant, &telegram).await?;
    if let Step::Later(after) = work(clinic, &grant, hooks, (&one, &telegram)).await? {
        return Ok(Ears::Rest(after));
    }
    let hearing = Hearing::of(clinic);
    let told = match ask(clinic, &grant, &telegram, wait_s).await? {
        Ok(told) => told,
        Err(Deaf::Conflict) => {
            hearing.ill("gateway_taken");
            return Ok(Ears::Rest(Some(TAKEN)));
        }
        Err(Deaf::Rest(after, trouble)) => {
            hearing.ill(trouble.code());
            return Ok(Ears::Rest(after));
        }
    };
    hearing.well(clinic.clock().now());
    let kept = keep(clinic, &grant, telegram.bot_id(), told).await?;
    match work(clinic, &grant, hooks, (&one, &telegram)).await? {
        Step::Done => Ok(Ears::Took(kept)),
        Step::Later(after) => Ok(Ears::Rest(after)),
    }
}

/// A token may be changed on the page of any gateway.
async fn ensure_current(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    telegram: &Telegram,
) -> Result<(), VaultError> {
    let known = store::bot(&mut clinic.vault.read(grant).await?).await?;
    if known.is_some_and(|bot| bot.bot_id == telegram.bot_id()) {
        return Ok(());
    }
    clinic
        .vault
        .change(grant, async |tx| {
            store::use_bot(tx, telegram.bot_id()).await?;
            Ok(((), Event::new("telegram.changed", Subject::Clinic)))
        })
        .await
}

/// A webhook that somebody set is taken away, once.
async fn ask(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    telegram: &Telegram,
    wait_s: u64,
) -> Result<Result<Vec<Value>, Deaf>, VaultError> {
    let now = clinic.clock().now();
    let next = store::next(&mut clinic.vault.read(grant).await?, telegram.bot_id()).await?;
    let counted = next.filter(|(_, at)| now < at.plus_ms(COUNTED_FOR_MS));
    let from = counted.map(|(next, _)| next);
    let told = telegram.updates(from, wait_s).await;
    if told == Err(Deaf::Conflict) && telegram.forget_webhook().await {
        return Ok(telegram.updates(from, wait_s).await);
    }
    Ok(told)
}

/// Keeps what was told, and from where on more is asked for: in one change.
async fn keep(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    bot: i64,
    told: Vec<Value>,
) -> Result<usize, VaultError> {
    let mut told: Vec<(i64, Value)> =
        told.into_iter().filter_map(|one| Some((number(&one)?, one))).collect();
    told.sort_by_key(|(id, _)| *id);
    let Some((last, _)) = told.last() else { return Ok(0) };
    let next = last + 1;
    clinic
        .vault
        .change(grant, async |tx| {
            let mut kept = 0;
            for (id, one) in &told {
                kept += usize::from(store::keep(tx, bot, *id, &one.to_string()).await?);
            }
            store::set_next(tx, bot, next).await?;
            let now = tx.now();
            let (known, aside) = (now.plus_ms(-KNOWN_FOR_MS), now.plus_ms(-ASIDE_FOR_MS));
            let strangers = (now.plus_ms(-STRANGERS_MS), now.plus_ms(-SHUT_MS));
            store::forget(tx, (known, aside), strangers).await?;
            let event = Event::new("telegram.kept", Subject::Clinic);
            Ok((kept, event.with_detail(json!({ "updates": kept }))))
        })
        .await
}
