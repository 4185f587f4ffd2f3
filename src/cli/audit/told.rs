//! What a walk over the ledger found, in words, as an object and as an exit
//! status.

use serde_json::json;

use crate::vault::{Evidence, Fault, Kept, Verified};

/// Exit status: a row was changed or is missing.
const TAMPERED: u8 = 2;
/// Exit status: the end is missing, an older database was put back.
const ROLLED_BACK: u8 = 3;

/// What is said of a walk.
pub(super) struct Told<'a> {
    pub found: &'a Verified,
    pub evidence: &'a Evidence,
    /// Whether signatures were checked.
    pub signed: bool,
}

impl Told<'_> {
    pub fn status(&self) -> u8 {
        match self.found.fault {
            Some(Fault::RolledBack { .. }) => ROLLED_BACK,
            None if self.found.unlogged.is_empty() => 0,
            _ => TAMPERED,
        }
    }

    pub fn object(&self) -> serde_json::Value {
        let Verified { head, redacted, jumps, unlogged, fault, .. } = self.found;
        let (state, first_bad) = match *fault {
            None if !unlogged.is_empty() => ("unlogged", None),
            None => ("whole", None),
            Some(Fault::Altered { seq }) => ("altered", Some(seq)),
            Some(Fault::Missing { seq }) => ("missing", Some(seq)),
            Some(Fault::Reordered { seq, .. }) => ("reordered", Some(seq)),
            Some(Fault::Inserted { seq }) => ("inserted", Some(seq)),
            Some(Fault::Rewritten) => ("rewritten", None),
            Some(Fault::RolledBack { .. }) => ("rolled_back", Some(head.size)),
            Some(Fault::HistoryChanged { .. }) => ("history_changed", None),
        };
        let by = |kept| self.found.proven_by(kept);
        let contradicted = match *fault {
            Some(Fault::HistoryChanged { outside } | Fault::RolledBack { outside }) => {
                Some(outside)
            }
            _ => None,
        };
        json!({
            "state": state, "size": head.size,
            "root": data_encoding::HEXLOWER.encode(&head.root),
            "redacted": redacted, "first_bad": first_bad,
            "proven": { "outside": by(Kept::Outside), "beside": by(Kept::Beside),
                        "inside": by(Kept::Inside) },
            "contradicted_by": contradicted, "signatures_checked": self.signed,
            "clock_went_back": jumps, "unlogged": unlogged,
        })
    }

    pub fn words(&self) -> String {
        let Verified { head, redacted, jumps, .. } = self.found;
        let mut lines = vec![self.verdict()];
        let root = data_encoding::HEXLOWER.encode(&head.root);
        lines.push(format!(
            "Sound rows: {}, root {root}; redacted by an act: {redacted}.",
            head.size
        ));
        lines.push(self.proven());
        if !self.signed && !self.evidence.witnesses.is_empty() {
            lines.push("No key was given: signatures of checkpoints were not checked.".to_owned());
        }
        if !jumps.is_empty() {
            lines.push(format!("The clock went back and nothing says why, before rows {jumps:?}."));
        }
        lines.join("\n")
    }

    /// How far somebody vouches for the rows.
    fn proven(&self) -> String {
        let by = |kept| self.found.proven_by(kept);
        let size = self.found.head.size;
        match (by(Kept::Outside), by(Kept::Beside).max(by(Kept::Inside))) {
            (0, 0) => {
                "No checkpoint vouches for them: they are only consistent in themselves.".to_owned()
            }
            (0, near) => format!(
                "Rows before {near} are as the checkpoints on this machine saw them; without one \
                 kept elsewhere (--checkpoint) whoever has the machine could have made both."
            ),
            (outside, _) if outside >= size => {
                "All rows are proven by a checkpoint kept outside.".to_owned()
            }
            (outside, _) => format!(
                "Rows before {outside} are proven by a checkpoint kept outside; later ones are \
                 only consistent in themselves."
            ),
        }
    }

    pub fn verdict(&self) -> String {
        let Verified { fault, unlogged, head, .. } = self.found;
        match *fault {
            None => match unlogged.first() {
                None => format!("The ledger is whole: {} rows.", head.size),
                Some(first) => format!(
                    "{} records have no event: they were written past the program. The first: \
                     {} {}.",
                    unlogged.len(),
                    first.what,
                    first.id
                ),
            },
            Some(fault) => in_words(fault, self.last_agreed()),
        }
    }

    /// The last size at which any witness agreed.
    fn last_agreed(&self) -> u64 {
        self.found.proven.iter().map(|witness| witness.head.size).max().unwrap_or(0)
    }
}

fn in_words(fault: Fault, agreed: u64) -> String {
    match fault {
        Fault::Altered { seq } => format!("Row {seq} was changed after it was written."),
        Fault::Missing { seq } => format!("Row {seq} is missing, or another stands in its place."),
        Fault::Reordered { seq, with } => format!("Rows {seq} and {with} have changed places."),
        Fault::Inserted { seq } => format!("A row was put in: two say that they are row {seq}."),
        Fault::Rewritten => "Rows and their hashes were rewritten together.".to_owned(),
        Fault::RolledBack { outside } => format!(
            "The newest checkpoint knows {outside} rows: the end was cut off, or an older database \
             put back."
        ),
        Fault::HistoryChanged { outside } => format!(
            "The checkpoint of {outside} rows saw other rows than these: between row {agreed} and \
             row {outside} history was rewritten."
        ),
    }
}
