//! The worker that hands letters over.
//!
//! As with messages: a letter is taken (`sending`, with a lease) in one
//! transaction, in which it is decided whether it is still true and where it
//! goes; handed over outside any; the answer is noted in another. A letter whose
//! text may have left is never handed over again by itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;

use crate::clinic::Clinic;
use crate::contact::Email;
use crate::mail::compose::compose;
use crate::mail::model::{Due, Kind, Leaving, Step, action};
use crate::mail::{TOPIC, notices, outside, people, store};
use crate::messaging::State;
use crate::post::{self, Answer, Patience, Said, StoredServer, Why};
use crate::vault::permission::CarryMail;
use crate::vault::{Actor, Event, Events, Grant, Subject, Tx, VaultError};

/// Letters taken up in one go.
const BATCH: i64 = 20;

/// How often letters are looked at when nothing in the clinic changes.
const PAUSE: Duration = Duration::from_secs(15);

/// Letters are kept for a year: who was told what may be asked that long, and
/// the ledger says for ever that it was (SECURITY.md 9.5, correspondence).
const KEPT_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// What follows, in the same transaction, once a server has taken a letter.
pub type Following<'t> = Pin<Box<dyn Future<Output = Result<Event, VaultError>> + Send + 't>>;
type Follow = Arc<dyn for<'t> Fn(&'t mut Tx, &'t Due) -> Following<'t> + Send + Sync>;

/// What the rest of the program has to do with letters: connected in `app`.
#[derive(Clone, Default)]
pub struct Hooks {
    after: Option<(Kind, Follow)>,
    patience: Patience,
}

impl Hooks {
    pub fn new() -> Self {
        Self::default()
    }

    /// To be done when a letter of this kind was taken by a server.
    #[must_use]
    pub fn after<F>(self, kind: Kind, follow: F) -> Self
    where
        F: for<'t> Fn(&'t mut Tx, &'t Due) -> Following<'t> + Send + Sync + 'static,
    {
        Self { after: Some((kind, Arc::new(follow))), ..self }
    }

    /// How long servers are waited for.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }
}

/// Works until the program ends.
pub async fn run(clinic: Clinic, hooks: Hooks) {
    let mut changes = clinic.vault.watch();
    loop {
        if let Err(error) = run_due(&clinic, &hooks).await {
            tracing::error!(%error, "letters could not be worked on");
        }
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
        let _ = tokio::time::timeout(PAUSE, something).await;
    }
}

/// Does what is due, once. Gives how many letters were seen to.
pub async fn run_due(clinic: &Clinic, hooks: &Hooks) -> Result<usize, VaultError> {
    let grant = grant()?;
    forget_old(clinic, &grant).await?;
    let Some(stored) = post::in_use(&clinic.vault, &grant).await? else { return Ok(0) };
    let worker = Worker { clinic, hooks, grant, stored };
    worker.give_up_abandoned().await?;
    let mut reader = clinic.vault.read(&worker.grant).await?;
    let due = store::to_do(&mut reader, clinic.clock().now(), BATCH).await?;
    drop(reader);
    for due in &due {
        if let Err(error) = worker.send(due).await {
            tracing::error!(letter = %due.id, %error, "a letter could not be seen to");
        }
    }
    Ok(due.len())
}

async fn forget_old(clinic: &Clinic, grant: &Grant<CarryMail>) -> Result<(), VaultError> {
    let before = clinic.clock().now().plus_ms(-KEPT_MS);
    if !store::has_old(&mut clinic.vault.read(grant).await?, before).await? {
        return Ok(());
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let letters = store::forget_old(tx, before).await?;
            let event = Event::new("letter.forgotten", Subject::Clinic);
            Ok(((), event.with_detail(serde_json::json!({ "letters": letters }))))
        })
        .await
}

/// What letters are carried by.
pub(super) fn grant() -> Result<Grant<CarryMail>, VaultError> {
    Actor::job("mail").grant().map_err(|_| VaultError::NotStaff)
}

/// What became of the decision to send.
enum Decision {
    To(Email),
    Not(Step),
}

struct Worker<'a> {
    clinic: &'a Clinic,
    hooks: &'a Hooks,
    grant: Grant<CarryMail>,
    stored: StoredServer,
}

impl Worker<'_> {
    /// A letter whose worker died may have left.
    async fn give_up_abandoned(&self) -> Result<(), VaultError> {
        let now = self.clinic.clock().now();
        let mut reader = self.clinic.vault.read(&self.grant).await?;
        let abandoned = store::abandoned(&mut reader, now).await?;
        drop(reader);
        for id in abandoned {
            let step = Step::last(State::Uncertain, Some("worker_died"));
            self.clinic
                .vault
                .change(&self.grant, async |tx| {
                    store::step(tx, id, State::Sending, &step, None).await?;
                    let event = Event::new(action(step.state), Subject::Clinic).on("letter", id);
                    Ok::<_, VaultError>(((), event.because("worker_died").touching(TOPIC)))
                })
                .await?;
        }
        Ok(())
    }

    async fn send(&self, due: &Due) -> Result<(), VaultError> {
        let Some((leaving, address)) = self.take(due).await? else { return Ok(()) };
        let sender = &self.stored.settings.sender;
        let name = self.clinic.profile.get().name.clone();
        let said = match compose(&leaving, &name, sender, &address) {
            Ok(text) => {
                let server = self.stored.server();
                server.carry(self.hooks.patience, (sender, &address), &text).await
            }
            Err(error) => {
                tracing::error!(letter = %due.id, %error, "a letter could not be written");
                Said { answer: Answer::Refused(Why::Content), words: None }
            }
        };
        self.note(due, &leaving, &said).await
    }

    /// Decides and takes in one transaction. None when it is not to be sent.
    async fn take(&self, due: &Due) -> Result<Option<(Leaving, Email)>, VaultError> {
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let decision = if due.not_after <= tx.now() {
                    Decision::Not(Step::last(State::Expired, Some("too_late")))
                } else {
                    decide(tx, due).await?
                };
                match decision {
                    Decision::Not(step) => {
                        store::step(tx, due.id, State::Queued, &step, None).await?;
                        Ok((None, event(due, &step)))
                    }
                    Decision::To(address) => {
                        let leaving = store::take(tx, due.id, &address).await?;
                        let taken = Step::last(State::Sending, None);
                        Ok::<_, VaultError>((
                            leaving.map(|leaving| (leaving, address)),
                            event(due, &taken),
                        ))
                    }
                }
            })
            .await
    }

    async fn note(&self, due: &Due, leaving: &Leaving, said: &Said) -> Result<(), VaultError> {
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let step = Step::after(said.answer, leaving.attempts, tx.now());
                store::step(tx, due.id, State::Sending, &step, Some(said)).await?;
                let mut events = Events::from(event(due, &step));
                if step.state == State::Accepted
                    && let Some((_, follow)) =
                        self.hooks.after.as_ref().filter(|(kind, _)| *kind == due.kind)
                {
                    events = events.and(follow(tx, due).await?);
                }
                Ok::<_, VaultError>(((), events))
            })
            .await
    }
}

/// Whether a letter is still true, and where it goes.
async fn decide(tx: &mut Tx, due: &Due) -> Result<Decision, VaultError> {
    let not = |reason| Ok(Decision::Not(Step::last(State::Withheld, Some(reason))));
    if due.kind == Kind::Emergency && !notices::is_open(tx, due.about.as_deref()).await? {
        return not("reviewed");
    }
    if let Some(address) = &due.address {
        let replaced = match due.staff_id {
            Some(staff) if due.kind == Kind::Code => !people::awaits(tx, staff, due.id).await?,
            _ => false,
        };
        return if replaced { not("replaced") } else { Ok(Decision::To(address.clone())) };
    }
    let address = match (due.staff_id, due.outside_id) {
        (Some(staff), _) => people::overseers_address(tx, staff).await?,
        (None, Some(outside)) => outside::address(tx, outside).await?,
        (None, None) => None,
    };
    match address {
        Some(address) => Ok(Decision::To(address)),
        None => not("not_wanted"),
    }
}

/// The event of a letter's step.
fn event(due: &Due, step: &Step) -> Event {
    let event =
        Event::new(action(step.state), Subject::Clinic).on("letter", due.id).touching(TOPIC);
    step.reason.map_or(event.clone(), |reason| event.because(reason))
}
