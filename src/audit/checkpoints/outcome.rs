//! What a walk over the ledger found, as the page shows it.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::vault::{Fault, Kept, Verified, Walked};

/// A walk just made.
#[derive(Debug, Serialize)]
pub struct OutcomeView {
    whole: bool,
    /// Fluent key of what is wrong.
    fault: Option<&'static str>,
    seq: u64,
    with: u64,
    size: u64,
    redacted: u64,
    milliseconds: i64,
    at: Timestamp,
    /// Rows that were seen so by checkpoints in the database, beside it and in
    /// the newest anchored one.
    proven: u64,
    jumps: Vec<u64>,
    unlogged: Vec<UnloggedView>,
}

#[derive(Debug, Serialize)]
struct UnloggedView {
    what: &'static str,
    id: String,
}

impl OutcomeView {
    pub(super) fn of(walked: &Walked) -> Self {
        let Verified { head, redacted, fault, jumps, unlogged, .. } = &walked.verified;
        let (fault, seq, with) = match fault {
            None if !unlogged.is_empty() => (Some("ledger-fault-unlogged"), 0, 0),
            None => (None, 0, 0),
            Some(Fault::Altered { seq }) => (Some("audit-fault-altered"), *seq, 0),
            Some(Fault::Missing { seq }) => (Some("audit-fault-missing"), *seq, 0),
            Some(Fault::Reordered { seq, with }) => (Some("ledger-fault-reordered"), *seq, *with),
            Some(Fault::Inserted { seq }) => (Some("ledger-fault-inserted"), *seq, 0),
            Some(Fault::Rewritten) => (Some("audit-fault-rewritten"), 0, 0),
            Some(Fault::RolledBack { .. }) => (Some("audit-fault-rolled-back"), 0, 0),
            Some(Fault::HistoryChanged { .. }) => (Some("audit-fault-history"), 0, 0),
        };
        let proven = [Kept::Inside, Kept::Beside, Kept::Outside];
        let unlogged = unlogged.iter();
        Self {
            whole: fault.is_none(),
            fault,
            seq,
            with,
            size: head.size,
            redacted: *redacted,
            milliseconds: walked.milliseconds,
            at: walked.ended_at,
            proven: proven
                .map(|kept| walked.verified.proven_by(kept))
                .into_iter()
                .max()
                .unwrap_or(0),
            jumps: jumps.clone(),
            unlogged: unlogged
                .map(|it| UnloggedView { what: it.what, id: it.id.clone() })
                .collect(),
        }
    }
}
