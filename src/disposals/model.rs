//! The nouns of a destruction: an act, what it counts, where it stands.

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Timestamp};
use crate::ids::{PatientId, id};
use crate::retention::{Code, Extent, Law};
use crate::subject_requests::RequestId;

id! {
    /// One act of destruction, proposed or done.
    DisposalId
}

/// Backups that hold what was destroyed are gone after so many days: none is
/// kept longer (SECURITY.md 2.5, `backup::OLDEST_DAYS`).
const COPIES_DAYS: i64 = 400;

/// How many of what there is: shown before, compared as it is done, kept in
/// the act. Nobody's data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Counts {
    /// Those that were merged included.
    pub cards: i64,
    pub changes: i64,
    pub bookings: i64,
    pub messages: i64,
    pub consents: i64,
    pub files: i64,
    pub wishes: i64,
    pub online: i64,
    pub imported: i64,
    /// Spreadsheets that were imported and name them.
    pub sheets: i64,
    /// Requests whose words go; their lines in the register stay.
    pub requests: i64,
}

impl Counts {
    /// Those of what may go.
    #[must_use]
    pub fn within(self, extent: Extent) -> Self {
        match extent {
            Extent::Whole => self,
            Extent::Unkept => Self {
                cards: 0,
                changes: 0,
                bookings: 0,
                consents: 0,
                files: 0,
                requests: 0,
                ..self
            },
        }
    }

    pub fn is_nothing(&self) -> bool {
        self.rows().is_empty()
    }

    /// In the order of the paper, without what there is none of.
    pub fn rows(&self) -> Vec<(&'static str, i64)> {
        let all = [
            ("cards", self.cards),
            ("changes", self.changes),
            ("bookings", self.bookings),
            ("messages", self.messages),
            ("consents", self.consents),
            ("files", self.files),
            ("wishes", self.wishes),
            ("online", self.online),
            ("imported", self.imported),
            ("sheets", self.sheets),
            ("requests", self.requests),
        ];
        all.into_iter().filter(|(_, count)| 0 < *count).collect()
    }
}

/// An act as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Act {
    pub id: DisposalId,
    pub number: i64,
    pub request_id: RequestId,
    /// Its number in the register of requests.
    pub request: i64,
    pub patient_id: PatientId,
    /// The number that the card had.
    pub card: i64,
    pub extent: Extent,
    #[sqlx(json)]
    pub counts: Counts,
    #[sqlx(json)]
    pub rules: Vec<(Code, i64)>,
    /// One law on each line.
    pub basis: String,
    /// The same in Kazakh; empty in acts from before it was asked for.
    pub basis_kk: String,
    pub proposed_at: Timestamp,
    pub proposed_by: crate::ids::StaffId,
    pub proposed_by_name: String,
    /// The day from which it may be carried out.
    pub not_before: Day,
    pub done_at: Option<Timestamp>,
    pub done_by_name: Option<String>,
    /// The day by which no backup holds the data any more.
    pub copies_until: Option<Day>,
    /// When none of those that we keep was left.
    pub copies_gone_at: Option<Timestamp>,
    /// Files that are still to be removed from the disk.
    pub files_left: i64,
}

/// An act that was carried out, as it is told to whoever restores a backup from
/// before it: ids and days, nothing that was destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct CarriedOut {
    pub id: DisposalId,
    pub number: i64,
    pub patient_id: PatientId,
    /// Cards that had been merged into it: in a backup they may stand alone.
    #[sqlx(json)]
    pub merged: Vec<PatientId>,
    pub card: i64,
    pub extent: Extent,
    pub done_at: Timestamp,
}

impl Act {
    /// What it rests on.
    pub fn laws(&self) -> Vec<Law> {
        let mut kazakh = self.basis_kk.lines();
        let law =
            |ru: &str| Law { ru: ru.to_owned(), kk: kazakh.next().unwrap_or_default().to_owned() };
        self.basis.lines().map(law).collect()
    }
}

/// The day by which the last backup with the data is gone.
pub fn copies_until(done: Day) -> Day {
    done.plus_days(COPIES_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_copy_is_gone_when_the_oldest_backup_may_be() {
        let done: Day = "2026-11-27".parse().unwrap();
        assert_eq!(copies_until(done).to_string(), "2028-01-01");
        assert_eq!(COPIES_DAYS, 400);
    }

    #[test]
    fn what_there_is_none_of_is_not_counted() {
        let counts = Counts { cards: 1, files: 2, ..Counts::default() };
        assert_eq!(counts.rows(), [("cards", 1), ("files", 2)]);
    }

    #[test]
    fn what_is_kept_by_law_is_not_counted_among_what_goes() {
        let all = Counts { cards: 1, bookings: 2, messages: 3, files: 1, ..Counts::default() };
        assert_eq!(all.clone().within(Extent::Unkept).rows(), [("messages", 3)]);
        let kept = Counts { messages: 0, ..all }.within(Extent::Unkept);
        assert!(kept.is_nothing());
    }
}
