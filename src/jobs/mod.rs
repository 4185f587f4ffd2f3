//! Work for later: queued in the transaction that made it necessary, done by a
//! worker that may die and be followed by another.

mod by_clock;
mod store;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::ids::JobId;
use crate::vault::{Kinds, Tx, Vault, VaultError};

pub use by_clock::{ByTheClock, by_the_clock};

/// A worker that has not come back for so long, in milliseconds, is taken for dead.
const LEASE_MS: i64 = 2 * 60 * 1000;

/// Failed work is tried again after 5 s, 10 s, 20 s … up to an hour.
const FIRST_RETRY_MS: i64 = 5_000;
const LAST_RETRY_MS: i64 = 60 * 60 * 1000;

/// How many pieces of work are taken at once.
const BATCH: i64 = 32;

/// What a handler says when it could not do its work: a stable code for the
/// log and the table, without personal data.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JobFailure(pub String);

impl From<VaultError> for JobFailure {
    fn from(error: VaultError) -> Self {
        Self(error.to_string())
    }
}

type Done = Pin<Box<dyn Future<Output = Result<(), JobFailure>> + Send>>;
type Handler<C> = Arc<dyn Fn(C, Value) -> Done + Send + Sync>;

/// Which work is done by whom: put together in `app`, for a context `C`.
pub struct Jobs<C> {
    handlers: HashMap<&'static str, Handler<C>>,
    /// Those of them that have a worker of their own.
    apart: Vec<&'static str>,
    takes: Kinds,
}

/// Queues work, to be done once this change is committed and not before `due`.
/// The payload holds ids, never names or numbers.
pub async fn enqueue(
    tx: &mut Tx,
    kind: &'static str,
    payload: &Value,
    due: Timestamp,
) -> Result<JobId, VaultError> {
    let id = JobId::new(tx.now());
    store::insert(tx, id, kind, payload, due).await?;
    Ok(id)
}

impl<C> Default for Jobs<C> {
    fn default() -> Self {
        Self { handlers: HashMap::new(), apart: Vec::new(), takes: Kinds::AllBut(Vec::new()) }
    }
}

impl<C: Clone + Send + 'static> Jobs<C> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects a kind of work with what does it.
    #[must_use]
    pub fn on<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(C, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        self.handlers
            .insert(kind, Arc::new(move |context, payload| Box::pin(handler(context, payload))));
        self
    }

    /// The same for work that waits for a machine outside: when that does not answer,
    /// nothing but its own kind is kept waiting.
    #[must_use]
    pub fn apart<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(C, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobFailure>> + Send + 'static,
    {
        self.apart.push(kind);
        self.on(kind, handler)
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.handlers.extend(other.handlers);
        self.apart.extend(other.apart);
        self
    }

    /// One for each worker: each takes what no other does, and one thing after the
    /// other. The first has all that is not apart.
    #[must_use]
    pub fn lanes(mut self) -> Vec<Self> {
        let apart = std::mem::take(&mut self.apart);
        self.takes = Kinds::AllBut(apart.clone());
        let own = apart.into_iter().map(|kind| {
            let handlers = self.handlers.remove_entry(kind).into_iter().collect();
            Self { handlers, apart: Vec::new(), takes: Kinds::Only(vec![kind]) }
        });
        let own: Vec<_> = own.collect();
        std::iter::once(self).chain(own).collect()
    }

    /// Does what is due, once. Gives how many pieces of work were taken.
    pub async fn run_due(&self, vault: &Vault, context: &C) -> Result<usize, VaultError> {
        let taken = vault.take_jobs(BATCH, LEASE_MS, &self.takes).await?;
        for job in &taken {
            let outcome = match self.handlers.get(job.kind.as_str()) {
                Some(handler) => handler(context.clone(), job.payload.clone()).await,
                None => Err(JobFailure("no_handler".to_owned())),
            };
            match outcome {
                Ok(()) => vault.finish_job(job.id).await?,
                Err(failure) => {
                    tracing::warn!(kind = job.kind, %failure, "a job failed");
                    let exponent = job.attempts.clamp(0, 20);
                    let wait = (FIRST_RETRY_MS << exponent).min(LAST_RETRY_MS);
                    vault.put_job_back(job.id, wait, &failure.0).await?;
                }
            }
        }
        Ok(taken.len())
    }
}
