//! The job queue's own bookkeeping: it changes nobody's records, so it writes
//! no events; what the jobs do, does.

use serde_json::Value;

use crate::ids::JobId;
use crate::vault::{Vault, VaultError};

/// A piece of work taken from the queue.
#[derive(Debug)]
pub struct TakenJob {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    /// How often it was tried before.
    pub attempts: i64,
}

/// Which kinds of work a worker takes.
#[derive(Clone, Debug)]
pub(crate) enum Kinds {
    Only(Vec<&'static str>),
    AllBut(Vec<&'static str>),
}

const DUE: &str = "
    SELECT id, kind, payload, attempts FROM job
    WHERE done_at IS NULL AND due_at <= ?1 AND (leased_at IS NULL OR leased_at <= ?2)
        AND (kind IN (SELECT value FROM json_each(?4))) = ?5
    ORDER BY due_at, rowid LIMIT ?3";

const LEASE: &str = "UPDATE job SET leased_at = ?2 WHERE id = ?1";

const FINISH: &str = "UPDATE job SET done_at = ?2, leased_at = NULL, failure = NULL WHERE id = ?1";

const PUT_BACK: &str = "
    UPDATE job SET leased_at = NULL, attempts = attempts + 1, due_at = ?2, failure = ?3
    WHERE id = ?1";

impl Vault {
    pub(crate) async fn take_jobs(
        &self,
        most: i64,
        lease_ms: i64,
        kinds: &Kinds,
    ) -> Result<Vec<TakenJob>, VaultError> {
        let now = self.clock.now();
        let expired = now.plus_ms(-lease_ms);
        let (named, are_taken) = match kinds {
            Kinds::Only(kinds) => (kinds, true),
            Kinds::AllBut(kinds) => (kinds, false),
        };
        let query = sqlx::query_as(DUE).bind(now).bind(expired).bind(most);
        let query = query.bind(serde_json::json!(named).to_string()).bind(are_taken);
        let due: Vec<(JobId, String, String, i64)> = query.fetch_all(&self.readers).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut open = self.writer.begin().await?;
        for (id, ..) in &due {
            sqlx::query(LEASE).bind(id).bind(now).execute(open.connection()).await?;
        }
        open.keep(Vec::new()).await?.committed().await?;
        let taken = due.into_iter().map(|(id, kind, payload, attempts)| {
            let payload = serde_json::from_str(&payload).unwrap_or_default();
            TakenJob { id, kind, payload, attempts }
        });
        Ok(taken.collect())
    }

    pub(crate) async fn finish_job(&self, id: JobId) -> Result<(), VaultError> {
        let mut open = self.writer.begin().await?;
        let query = sqlx::query(FINISH).bind(id).bind(self.clock.now());
        query.execute(open.connection()).await?;
        open.keep(Vec::new()).await?.committed().await
    }

    pub(crate) async fn put_job_back(
        &self,
        id: JobId,
        wait_ms: i64,
        failure: &str,
    ) -> Result<(), VaultError> {
        let due = self.clock.now().plus_ms(wait_ms);
        let mut open = self.writer.begin().await?;
        let query = sqlx::query(PUT_BACK).bind(id).bind(due).bind(failure);
        query.execute(open.connection()).await?;
        open.keep(Vec::new()).await?.committed().await
    }
}
