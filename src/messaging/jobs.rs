//! The clock of the outbox: what is due is seen to, at once when something is
//! put into it, and every few seconds; gateways are asked how they are.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::messaging::buttons::{Effect, Pressed};
use crate::messaging::gateway::{Gateway, Health};
use crate::messaging::hearing::{self, Inbound};
use crate::messaging::lines::Lines;
use crate::messaging::model::{About, Due};
use crate::messaging::speaking::{Answered, Spoken};
use crate::messaging::telegram;
use crate::messaging::text::Purpose;
use crate::messaging::whatsapp::{self, Plan};
use crate::messaging::worker::Worker;
use crate::messaging::{TOPIC, fetching, setup, store};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Grant, Tx, VaultError};

/// Messages taken up in one go.
const BATCH: i64 = 40;

/// Messages handed over at the same time.
const AT_ONCE: usize = 4;

/// How often the outbox is looked at when nothing in the clinic changes.
const PAUSE: Duration = Duration::from_secs(5);

/// A connection that cannot be made is tried again after so long at first.
const RECONNECT: Duration = Duration::from_secs(30);

/// How often it is looked whether a gateway is to be asked how it is.
const ROUND: Duration = Duration::from_mins(1);

/// How often gateways are asked for replies.
const FETCH: Duration = Duration::from_secs(20);

/// Whether a message is still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Send,
    /// It is no longer true or wanted, for the reason with this code.
    Withhold(&'static str),
    /// It is not known yet: it is asked again then.
    Later(Timestamp),
}

/// An answer to come.
pub type Answer<'t> = Pin<Box<dyn Future<Output = Result<Verdict, VaultError>> + Send + 't>>;
type Check = Arc<dyn for<'t> Fn(&'t mut Tx, &'t About) -> Answer<'t> + Send + Sync>;
type Listener = Arc<dyn for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync>;
/// Whether what somebody wrote is kept: until then it is brought again.
pub type Kept<'t> = Pin<Box<dyn Future<Output = Result<(), VaultError>> + Send + 't>>;
/// What came of a button.
pub type Effected<'t> = Pin<Box<dyn Future<Output = Result<Effect, VaultError>> + Send + 't>>;
type Presser = Arc<dyn for<'t> Fn(&'t Clinic, &'t Pressed) -> Effected<'t> + Send + Sync>;
/// What is answered to something that belonged to a conversation; none: it did not.
pub type Taken<'t> =
    Pin<Box<dyn Future<Output = Result<Option<Answered>, VaultError>> + Send + 't>>;
type Talker = Arc<dyn for<'t> Fn(&'t Clinic, &'t Spoken) -> Taken<'t> + Send + Sync>;
type Round = Arc<dyn for<'t> Fn(&'t Clinic) -> Kept<'t> + Send + Sync>;
type ToWhom = Arc<dyn for<'t> Fn(&'t mut Tx, PatientId) -> Answer<'t> + Send + Sync>;

/// Who is asked, just before it leaves, whether a message is still true:
/// connected in `app`, by purpose and by whom it goes to. Asked inside the
/// transaction that takes the message.
#[derive(Clone, Default)]
pub struct Hooks {
    still: HashMap<Purpose, Check>,
    to: Vec<ToWhom>,
    inbound: Option<Listener>,
    taken_back: Option<Listener>,
    answered: Option<Listener>,
    pressed: Option<Presser>,
    spoken: Option<Talker>,
    each_minute: Option<Round>,
}

impl Hooks {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn before<F>(mut self, purpose: Purpose, check: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, &'t About) -> Answer<'t> + Send + Sync + 'static,
    {
        self.still.insert(purpose, Arc::new(check));
        self
    }

    /// Asked of every message to a patient, whatever it is about.
    #[must_use]
    pub fn to<F>(mut self, check: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, PatientId) -> Answer<'t> + Send + Sync + 'static,
    {
        self.to.push(Arc::new(check));
        self
    }

    /// Who is given what people write back.
    #[must_use]
    pub fn on_inbound<F>(mut self, take: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.inbound = Some(Arc::new(take));
        self
    }

    /// Who forgets what somebody wrote and took back.
    #[must_use]
    pub fn on_taken_back<F>(mut self, forget: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.taken_back = Some(Arc::new(forget));
        self
    }

    /// Who notes what the clinic answered past this program, in the messenger itself.
    #[must_use]
    pub fn on_answered<F>(mut self, note: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Inbound) -> Kept<'t> + Send + Sync + 'static,
    {
        self.answered = Some(Arc::new(note));
        self
    }

    /// Who does what the buttons under a message say.
    #[must_use]
    pub fn on_press<F>(mut self, press: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Pressed) -> Effected<'t> + Send + Sync + 'static,
    {
        self.pressed = Some(Arc::new(press));
        self
    }

    /// Who holds conversations in chats, and is asked first whether something said
    /// there belongs to one.
    #[must_use]
    pub fn on_spoken<F>(mut self, speak: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic, &'t Spoken) -> Taken<'t> + Send + Sync + 'static,
    {
        self.spoken = Some(Arc::new(speak));
        self
    }

    /// Who counts what became of answers: gateways tell of it at any time.
    #[must_use]
    pub fn each_minute<F>(mut self, count: F) -> Self
    where
        F: for<'t> Fn(&'t Clinic) -> Kept<'t> + Send + Sync + 'static,
    {
        self.each_minute = Some(Arc::new(count));
        self
    }

    pub(super) async fn press(
        &self,
        clinic: &Clinic,
        pressed: &Pressed,
    ) -> Result<Effect, VaultError> {
        match &self.pressed {
            Some(press) => press(clinic, pressed).await,
            None => Ok(Effect::Over),
        }
    }

    /// Nobody holds a conversation: then it belongs to none.
    pub(super) async fn speak(
        &self,
        clinic: &Clinic,
        spoken: &Spoken,
    ) -> Result<Option<Answered>, VaultError> {
        match &self.spoken {
            Some(speak) => speak(clinic, spoken).await,
            None => Ok(None),
        }
    }

    /// Whether somebody holds conversations.
    pub(super) fn can_talk(&self) -> bool {
        self.spoken.is_some()
    }

    /// Nobody listens: then it is forgotten.
    pub(super) async fn give(&self, clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
        match &self.inbound {
            Some(take) => take(clinic, said).await,
            None => Ok(()),
        }
    }

    pub(super) async fn take_back(
        &self,
        clinic: &Clinic,
        said: &Inbound,
    ) -> Result<(), VaultError> {
        match &self.taken_back {
            Some(forget) => forget(clinic, said).await,
            None => Ok(()),
        }
    }

    /// `from` of it is whom it went to.
    pub(super) async fn answered(&self, clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
        match &self.answered {
            Some(note) => note(clinic, said).await,
            None => Ok(()),
        }
    }

    pub(super) async fn ask(&self, tx: &mut Tx, due: &Due) -> Result<Verdict, VaultError> {
        // What it is about first: of several people in one message the others may be
        // decided anew there.
        if let Some(check) = self.still.get(&due.purpose) {
            let verdict = check(tx, &due.about).await?;
            if verdict != Verdict::Send {
                return Ok(verdict);
            }
        }
        if let Some(patient) = due.patient_id {
            for check in &self.to {
                let verdict = check(tx, patient).await?;
                if verdict != Verdict::Send {
                    return Ok(verdict);
                }
            }
        }
        Ok(Verdict::Send)
    }
}

/// Works until the program ends.
pub async fn run(clinic: Clinic, hooks: Hooks) {
    let heard = async {
        let told = telegram::run(&clinic, &hooks);
        tokio::join!(hear_all(&clinic, &hooks), fetch_all(&clinic, &hooks), told)
    };
    tokio::join!(empty(&clinic, &hooks), ask_gateways(&clinic, &hooks), heard);
}

async fn empty(clinic: &Clinic, hooks: &Hooks) {
    let mut changes = clinic.vault.watch();
    loop {
        let pause = match work(clinic, hooks).await {
            Ok(done) => done.pause(clinic.clock().now()),
            Err(error) => {
                tracing::error!(%error, "the outbox could not be worked on");
                PAUSE
            }
        };
        let something = async {
            loop {
                match changes.recv().await {
                    Ok(topic) if &*topic == TOPIC => break,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        let _ = tokio::time::timeout(pause, something).await;
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
        if let Some(count) = &hooks.each_minute
            && let Err(error) = count(clinic).await
        {
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

/// Does what is due, once. Gives how many messages were looked at.
pub async fn run_due(clinic: &Clinic, hooks: &Hooks) -> Result<usize, VaultError> {
    Ok(work(clinic, hooks).await?.seen_to)
}

#[derive(Default)]
struct Done {
    seen_to: usize,
    /// What waited made room for others, which may find a way at once.
    has_more: bool,
    /// When a gateway can take the next of those that had to wait for it.
    again_at: Option<Timestamp>,
}

impl Done {
    fn pause(&self, now: Timestamp) -> Duration {
        if self.has_more {
            return Duration::ZERO;
        }
        let wait = self.again_at.map(|at| at.unix_ms() - now.unix_ms());
        let wait = wait.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
        wait.map_or(PAUSE, |wait| wait.min(PAUSE))
    }
}

async fn work(clinic: &Clinic, hooks: &Hooks) -> Result<Done, VaultError> {
    let grant = grant()?;
    let gateways = setup::in_use(clinic, &grant).await?;
    if gateways.is_empty() {
        return Ok(Done::default());
    }
    let app = whatsapp::with_app(clinic, &grant).await?;
    let bot = telegram::bot(clinic, &grant).await?;
    let plan = Plan::new(app, whatsapp::templates(clinic, &grant).await?, bot);
    let worker = Worker::new(clinic, hooks, grant, gateways, plan);
    worker.give_up_abandoned().await?;
    let now = clinic.clock().now();
    let mut is_full = false;
    let due = clinic
        .vault
        .list(&worker.grant, "messages.tended", async |listing| {
            let mut due = store::to_send(listing, now, BATCH).await?;
            is_full = i64::try_from(due.len()) == Ok(BATCH);
            due.extend(store::to_ask(listing, now, BATCH).await?);
            let patients = due.iter().filter_map(|due| due.patient_id).collect();
            Ok::<_, VaultError>((due, patients))
        })
        .await?;
    let seen_to = due.len();
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, async |due| {
            if let Err(error) = worker.see_to(&due).await {
                tracing::error!(message = %due.id, %error, "a message could not be seen to");
            }
        })
        .await;
    let made_room = worker.note_deferred().await?;
    worker.report_news().await?;
    let has_more = made_room && is_full;
    Ok(Done { seen_to, has_more, again_at: worker.again_at() })
}

fn grant() -> Result<Grant<SendMessages>, VaultError> {
    Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)
}
