//! When a checkpoint is due, and whether one that left the machine is fresh.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::id;
use crate::vault::{Cause, Sealed};

id! {
    /// One checkpoint's way out of the machine.
    AnchorId
}

id! {
    /// One decision where checkpoints are written to.
    AnchorFolderId
}

const MINUTE_MS: i64 = 60 * 1000;

/// A ledger that grows is signed so often (SECURITY.md 4.4).
const EVERY_MS: i64 = 15 * MINUTE_MS;

/// And after so many events.
const EVERY_EVENTS: u64 = 1000;

/// A ledger whose last checkpoint outside is older is told (R14).
pub const OVERDUE_MS: i64 = 26 * 60 * MINUTE_MS;

/// How a checkpoint left the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum AnchorKind {
    /// A day-close sheet, printed, signed by hand and filed.
    Sheet,
    /// A file that somebody took.
    File,
    /// A letter that somebody sends.
    Mail,
    /// Written to the folder that was set: a stick, a share.
    Folder,
    /// In a backup's note.
    Backup,
}

impl AnchorKind {
    pub const ALL: [Self; 5] = [Self::Sheet, Self::Mail, Self::File, Self::Folder, Self::Backup];
}

/// The newest of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Anchor {
    pub kind: AnchorKind,
    #[sqlx(try_from = "i64")]
    pub size: u64,
    pub made_at: Timestamp,
    /// None: the clock did it.
    pub name: Option<String>,
}

/// A look over the whole ledger that is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct LastCheck {
    /// RFC 3339, UTC.
    pub ts: String,
    /// `whole` or `broken`.
    pub state: String,
}

/// Whether somebody outside could contradict a rewritten ledger of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Less than 26 hours ago, or nothing has happened since.
    Fresh,
    Overdue,
    /// Nothing ever left.
    Never,
}

/// Judges by the newest anchors and whether the ledger grew since the last.
pub fn freshness(anchors: &[Anchor], grew: bool, now: Timestamp) -> Freshness {
    match anchors.iter().map(|anchor| anchor.made_at).max() {
        None => Freshness::Never,
        Some(at) if grew && now.unix_ms() - at.unix_ms() > OVERDUE_MS => Freshness::Overdue,
        Some(_) => Freshness::Fresh,
    }
}

/// Whether a ledger that has grown to `size` is to be signed now, and why.
/// `today` is when the clinic's day began.
pub fn due(newest: Option<&Sealed>, size: u64, now: Timestamp, today: Timestamp) -> Option<Cause> {
    let Some(newest) = newest else { return Some(Cause::Clock) };
    if size.saturating_sub(newest.size) >= EVERY_EVENTS {
        Some(Cause::Growth)
    } else if newest.made_at < today {
        Some(Cause::Day)
    } else if now.unix_ms() - newest.made_at.unix_ms() >= EVERY_MS || now < newest.made_at {
        Some(Cause::Clock)
    } else {
        None
    }
}

/// The file in a folder that checkpoints of this clinic are added to.
pub fn file_name(clinic: &str) -> String {
    format!("tirkeu-{clinic}-checkpoints.txt")
}

/// Whether something can be written there. The folder is not made: a stick that
/// is not mounted would become a folder of the machine.
pub fn try_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    if !folder.is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    drop(crate::crypto::files::Pending::create(&folder.join("tirkeu-probe"))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn sealed(size: u64, made: i64) -> Sealed {
        Sealed { size, note: String::new(), cause: Cause::Clock, made_at: at(made) }
    }

    #[test]
    fn a_checkpoint_is_due_after_a_quarter_of_an_hour_a_thousand_events_or_a_day() {
        let morning = at(NOW - 3 * 60 * MINUTE_MS);
        let due = |newest: &Sealed, size| due(Some(newest), size, at(NOW), morning);
        assert_eq!(super::due(None, 5, at(NOW), morning), Some(Cause::Clock));
        assert_eq!(due(&sealed(10, NOW - EVERY_MS + 1), 1009), None);
        assert_eq!(due(&sealed(10, NOW - EVERY_MS), 11), Some(Cause::Clock));
        assert_eq!(due(&sealed(10, NOW - 1), 1010), Some(Cause::Growth));
        assert_eq!(due(&sealed(10, NOW - 4 * 60 * MINUTE_MS), 11), Some(Cause::Day));
        assert_eq!(due(&sealed(10, NOW + EVERY_MS), 11), Some(Cause::Clock), "the clock went back");
    }

    #[test]
    fn an_anchor_is_overdue_after_26_hours_of_a_clinic_that_works() {
        let anchor = |ms| Anchor { kind: AnchorKind::Sheet, size: 1, made_at: at(ms), name: None };
        let old = [anchor(NOW - OVERDUE_MS - 1), anchor(NOW - 2 * OVERDUE_MS)];
        assert_eq!(freshness(&[], true, at(NOW)), Freshness::Never);
        assert_eq!(freshness(&old, true, at(NOW)), Freshness::Overdue);
        assert_eq!(freshness(&old, false, at(NOW)), Freshness::Fresh, "a long weekend");
        assert_eq!(freshness(&[anchor(NOW - OVERDUE_MS)], true, at(NOW)), Freshness::Fresh);
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        assert!(try_folder(folder.path()).is_ok());
        let absent = folder.path().join("stick");
        assert!(try_folder(&absent).is_err() && !absent.exists());
        assert!(try_folder(Path::new("relative")).is_err());
    }
}
