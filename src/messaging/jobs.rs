//! The worker that empties the outbox and asks what became of messages.
//!
//! A message is taken (`sending`, with a lease) in one transaction, handed over
//! outside any, and the answer noted in another. Whatever happens in between,
//! a message that may have left is never handed over again before the gateway
//! has denied having it.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use futures_util::{StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;

use crate::clinic::Clinic;
use crate::crypto::hash::sha256;
use crate::ids::PatientId;
use crate::messaging::gateway::{Delivery, Outcome, Sms};
use crate::messaging::model::{About, Due, Leaving, State, Step};
use crate::messaging::setup::{self, InUse};
use crate::messaging::text::Purpose;
use crate::messaging::{TOPIC, event_of, store};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Tx, VaultError};

/// Messages taken up in one go.
const BATCH: i64 = 40;

/// Messages handed over at the same time.
const AT_ONCE: usize = 4;

/// How often the outbox is looked at when nothing in the clinic changes.
const PAUSE: Duration = Duration::from_secs(5);

/// Whether a message is still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Send,
    /// It is no longer true or wanted, for the reason with this code.
    Withhold(&'static str),
}

/// An answer to come.
pub type Answer<'t> = Pin<Box<dyn Future<Output = Result<Verdict, VaultError>> + Send + 't>>;
type Check = Arc<dyn for<'t> Fn(&'t mut Tx, &'t About) -> Answer<'t> + Send + Sync>;
type ToWhom = Arc<dyn for<'t> Fn(&'t mut Tx, PatientId) -> Answer<'t> + Send + Sync>;

/// Who is asked, just before it leaves, whether a message is still true:
/// connected in `app`, by purpose and by whom it goes to. Asked inside the
/// transaction that takes the message.
#[derive(Clone, Default)]
pub struct Hooks {
    still: HashMap<Purpose, Check>,
    to: Vec<ToWhom>,
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

    async fn ask(&self, tx: &mut Tx, due: &Due) -> Result<Verdict, VaultError> {
        if let Some(patient) = due.patient_id {
            for check in &self.to {
                let verdict = check(tx, patient).await?;
                if verdict != Verdict::Send {
                    return Ok(verdict);
                }
            }
        }
        match self.still.get(&due.purpose) {
            Some(check) => check(tx, &due.about).await,
            None => Ok(Verdict::Send),
        }
    }
}

/// Works until the program ends: at once when something is put into the
/// outbox, and every few seconds for what has to wait.
pub async fn run(clinic: Clinic, hooks: Hooks) {
    let mut changes = clinic.vault.watch();
    loop {
        if let Err(error) = run_due(&clinic, &hooks).await {
            tracing::error!(%error, "the outbox could not be worked on");
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

/// Does what is due, once. Gives how many messages were seen to.
pub async fn run_due(clinic: &Clinic, hooks: &Hooks) -> Result<usize, VaultError> {
    let grant = Actor::job("messaging").grant().map_err(|_| VaultError::NotStaff)?;
    let Some(in_use) = setup::gateway(&clinic.vault, &grant).await? else {
        return Ok(0);
    };
    let worker = Worker { clinic, hooks, grant, in_use };
    worker.give_up_abandoned().await?;
    let now = clinic.clock().now();
    let due = clinic
        .vault
        .list(&worker.grant, "messages.tended", async |listing| {
            let due = store::to_do(listing, now, BATCH).await?;
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
    Ok(seen_to)
}

struct Worker<'a> {
    clinic: &'a Clinic,
    hooks: &'a Hooks,
    grant: Grant<SendMessages>,
    in_use: InUse,
}

impl Worker<'_> {
    /// What a worker held when it died may have left.
    async fn give_up_abandoned(&self) -> Result<(), VaultError> {
        let now = self.clinic.clock().now();
        let abandoned = self
            .clinic
            .vault
            .list(&self.grant, "messages.tended", async |listing| {
                let found = store::abandoned(listing, now).await?;
                let patients = found.iter().filter_map(|(_, patient_id)| *patient_id).collect();
                Ok::<_, VaultError>((found, patients))
            })
            .await?;
        for (id, patient_id) in abandoned {
            let step = Step::lost("worker_died", self.in_use.gateway.can_be_asked(), now);
            self.clinic
                .vault
                .change(&self.grant, async |tx| {
                    store::step(tx, id, State::Sending, &step, 0).await?;
                    let event = event_of(step.state.action(), patient_id, id);
                    Ok::<_, VaultError>(((), event.because("worker_died")))
                })
                .await?;
        }
        Ok(())
    }

    async fn see_to(&self, due: &Due) -> Result<(), VaultError> {
        match due.state {
            State::Queued => self.send(due).await,
            _ => self.ask(due).await,
        }
    }

    async fn send(&self, due: &Due) -> Result<(), VaultError> {
        let token = BASE64URL_NOPAD.encode(&self.clinic.random.bytes::<16>());
        let Some(leaving) = self.take(due, &token).await? else {
            return Ok(());
        };
        let report_url = self.report_url(&token);
        let sms = Sms {
            to: &leaving.phone,
            text: &leaving.text,
            reference: leaving.reference,
            report_url: report_url.as_deref(),
        };
        let outcome = self.in_use.gateway.send(sms).await;
        self.note_outcome(due, &leaving, &outcome).await
    }

    /// Decides and takes in one transaction. None when it is not to be sent.
    async fn take(&self, due: &Due, token: &str) -> Result<Option<Leaving>, VaultError> {
        let hash = sha256(token.as_bytes()).to_vec();
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let stopped = if due.not_after <= tx.now() {
                    Some(Step::expired())
                } else {
                    match self.hooks.ask(tx, due).await? {
                        Verdict::Send => None,
                        Verdict::Withhold(reason) => Some(Step::withheld(reason)),
                    }
                };
                if let Some(step) = stopped {
                    store::step(tx, due.id, State::Queued, &step, due.asked).await?;
                    return Ok((None, event(due, &step)));
                }
                let kind = self.in_use.kind.name();
                let leaving = store::take(tx, due.id, kind, Some(hash)).await?;
                let event = event_of(State::Sending.action(), due.patient_id, due.id);
                Ok::<_, VaultError>((leaving, event))
            })
            .await
    }

    async fn note_outcome(
        &self,
        due: &Due,
        leaving: &Leaving,
        outcome: &Outcome,
    ) -> Result<(), VaultError> {
        let can_be_asked = self.in_use.gateway.can_be_asked();
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let step = Step::after_attempt(outcome, leaving.attempts, can_be_asked, tx.now());
                store::note_price(tx, due.id, outcome).await?;
                // A report may have been quicker than the answer: then it stands.
                let event = if store::step(tx, due.id, State::Sending, &step, 0).await? {
                    event(due, &step)
                } else {
                    event_of("message.answered_late", due.patient_id, due.id)
                };
                Ok::<_, VaultError>(((), event))
            })
            .await
    }

    async fn ask(&self, due: &Due) -> Result<(), VaultError> {
        let said = self.in_use.gateway.status(&due.phone, due.reference).await;
        note_said(self.clinic, &self.grant, due, said).await.map(drop)
    }

    fn report_url(&self, token: &str) -> Option<String> {
        if self.in_use.gateway.can_be_asked() {
            return None;
        }
        let base = self.in_use.report_url.as_ref().unwrap_or(&self.clinic.places.public_url);
        Some(format!("{base}/r/{token}"))
    }
}

/// The event of a message's step.
pub(super) fn event(due: &Due, step: &Step) -> Event {
    let event = event_of(step.state.action(), due.patient_id, due.id);
    let event = event.touching(due.about.topic());
    step.reason.map_or(event.clone(), |reason| event.because(reason))
}

/// Notes what the gateway said of a message; gives what that makes of it.
pub(super) async fn note_said(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    due: &Due,
    said: Delivery,
) -> Result<State, VaultError> {
    let asked = due.asked + 1;
    clinic
        .vault
        .change(grant, async |tx| {
            let step = Step::after_report(due.state, said, asked, tx.now());
            store::step(tx, due.id, due.state, &step, asked).await?;
            let quiet = step.state == due.state || said == Delivery::Unknown;
            let event = if quiet {
                event_of("message.asked_about", due.patient_id, due.id)
            } else {
                event(due, &step)
            };
            Ok::<_, VaultError>((step.state, event))
        })
        .await
}
