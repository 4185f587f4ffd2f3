//! Hands messages over and asks what became of them.
//!
//! A message is taken (`sending`, with a lease) in one transaction, handed over
//! outside any, and the answer noted in another. Whatever happens in between,
//! a message that may have left is never handed over again before the gateway
//! has denied having it; only what was certainly not taken goes to the next
//! gateway.

mod choosing;
mod noting;
mod sending;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::Asking;
use crate::messaging::hooks::Hooks;
use crate::messaging::lines::Lines;
use crate::messaging::model::{Due, State, Step};
use crate::messaging::setup::{self, GatewayId, GatewayKind, InUse};
use crate::messaging::whatsapp::Plan;
use crate::messaging::{event_of, store};
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, Listing, VaultError};

pub(super) use noting::{event, note_said};

/// One pass over what is due.
pub(super) struct Worker<'a> {
    clinic: &'a Clinic,
    hooks: &'a Hooks,
    grant: Grant<SendMessages>,
    /// In the order they are tried in.
    gateways: Vec<InUse>,
    /// Which of them is for whom.
    plan: Plan,
    lines: Lines,
    /// Gateways that were found full or resting, and until when.
    full: Mutex<HashMap<GatewayId, Full>>,
    /// Gateways that did not answer a question.
    silent: Mutex<HashSet<GatewayId>>,
    again_at: Mutex<Option<Timestamp>>,
    seen_to: AtomicUsize,
    has_failed: AtomicBool,
    /// A gateway fell ill or got over it.
    has_news: AtomicBool,
}

/// Why a gateway takes nothing more, and until when.
#[derive(Clone, Copy, Debug)]
enum Full {
    Limit(Timestamp),
    Rest(Timestamp),
}

impl<'a> Worker<'a> {
    pub fn new(
        clinic: &'a Clinic,
        hooks: &'a Hooks,
        grant: Grant<SendMessages>,
        gateways: Vec<InUse>,
        plan: Plan,
    ) -> Self {
        Self {
            clinic,
            hooks,
            grant,
            gateways,
            plan,
            lines: Lines::of(clinic),
            full: Mutex::default(),
            silent: Mutex::default(),
            again_at: Mutex::default(),
            seen_to: AtomicUsize::default(),
            has_failed: AtomicBool::default(),
            has_news: AtomicBool::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clinic.clock().now()
    }

    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// When the first of the messages that had to wait can be tried again.
    pub fn again_at(&self) -> Option<Timestamp> {
        *self.again_at.lock().expect("no panic while it is held")
    }

    fn come_again(&self, at: Timestamp) {
        let mut again = self.again_at.lock().expect("no panic while it is held");
        *again = Some(again.map_or(at, |before| before.min(at)));
    }

    /// A gateway takes nothing more in this pass.
    fn fill(&self, one: &InUse, full: Full) {
        self.full.lock().expect("no panic while it is held").insert(one.id, full);
    }

    fn full(&self, one: &InUse) -> Option<Full> {
        self.full.lock().expect("no panic while it is held").get(&one.id).copied()
    }

    pub fn is_all_full(&self) -> bool {
        self.gateways.iter().all(|one| self.full(one).is_some())
    }

    pub fn is_nothing_full(&self) -> bool {
        self.full.lock().expect("no panic while it is held").is_empty()
    }

    /// Gateways that are not to be asked about messages now: they rest, or are silent.
    pub fn not_to_be_asked(&self) -> Vec<GatewayId> {
        let asked = self.gateways.iter().filter(|one| one.kind != GatewayKind::Whatsapp);
        let apart = asked.filter(|one| self.rests(one) || self.is_silent(one));
        apart.map(|one| one.id).collect()
    }

    fn rests(&self, one: &InUse) -> bool {
        self.lines.rests_until(one.id, self.now()).is_some()
    }

    fn is_silent(&self, one: &InUse) -> bool {
        self.silent.lock().expect("no panic while it is held").contains(&one.id)
    }

    /// Something could not be written down.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Messages something came of.
    pub fn seen_to(&self) -> usize {
        self.seen_to.load(Ordering::Relaxed)
    }

    pub async fn list(
        &self,
        due: impl AsyncFnOnce(&mut Listing) -> Result<Vec<Due>, VaultError>,
    ) -> Result<Vec<Due>, VaultError> {
        self.clinic
            .vault
            .list(&self.grant, "messages.tended", async |listing| {
                let due = due(listing).await?;
                let patients = due.iter().filter_map(|due| due.patient_id).collect();
                Ok((due, patients))
            })
            .await
    }

    /// Tells the rail when a gateway fell ill or got over it.
    pub async fn report_news(&self) -> Result<(), VaultError> {
        if self.has_news.swap(false, Ordering::Relaxed) {
            setup::count_waiting(self.clinic, &self.grant).await?;
        }
        Ok(())
    }

    /// What a worker held when it died may have left.
    pub async fn give_up_abandoned(&self) -> Result<(), VaultError> {
        let now = self.now();
        let abandoned = self
            .clinic
            .vault
            .list(&self.grant, "messages.tended", async |listing| {
                let found = store::abandoned(listing, now).await?;
                let patients = found.iter().filter_map(|(_, patient_id, _)| *patient_id).collect();
                Ok::<_, VaultError>((found, patients))
            })
            .await?;
        // What this process has in its hands is not.
        let under_way = self.lines.under_way();
        for (id, patient_id, gateway_id) in abandoned {
            if under_way.contains(&id) {
                continue;
            }
            let taker = self.gateways.iter().find(|one| Some(one.id) == gateway_id);
            let asking = taker.map_or(Asking::Never, |one| one.gateway.asking());
            let step = Step::lost("worker_died", asking, now);
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

    pub async fn see_to(&self, due: &Due) {
        let seen_to = match due.state {
            State::Queued => self.send(due).await,
            _ => self.ask(due).await,
        };
        match seen_to {
            Ok(true) => _ = self.seen_to.fetch_add(1, Ordering::Relaxed),
            Ok(false) => {}
            Err(error) => {
                self.has_failed.store(true, Ordering::Relaxed);
                tracing::error!(message = %due.id, %error, "a message could not be seen to");
            }
        }
    }
}
