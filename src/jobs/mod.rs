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
use crate::vault::{Tx, Vault, VaultError};

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
        Self { handlers: HashMap::new() }
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

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.handlers.extend(other.handlers);
        self
    }

    /// Does what is due, once. Gives how many pieces of work were taken.
    pub async fn run_due(&self, vault: &Vault, context: &C) -> Result<usize, VaultError> {
        let taken = vault.take_jobs(BATCH, LEASE_MS).await?;
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
