//! The nouns of backups, and what is judged about them without reading.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::crypto::hash;
use crate::crypto::sign::{self, SigningKey, VerifyingKey};
use crate::ids::id;

id! {
    /// One attempt at a backup.
    RunId
}

id! {
    /// One look at whether an archive is still what was written.
    CheckId
}

id! {
    /// One decision where backups go.
    FolderId
}

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A clinic without a good backup for so long is told (SECURITY.md 9.3).
pub const OVERDUE_MS: i64 = 26 * HOUR_MS;

/// No backup outlives this: destroyed records must leave backups too
/// (SECURITY.md 2.5).
pub const OLDEST_DAYS: i64 = 400;

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody asked for it.
    Manual,
    /// The clock did.
    Nightly,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Run {
    pub id: RunId,
    pub kind: Kind,
    pub folder: String,
    pub file: String,
    pub started_at: Timestamp,
    /// None while it runs.
    pub finished_at: Option<Timestamp>,
    /// A stable code; None when it is good or still runs.
    pub failure: Option<String>,
    /// Of the archive.
    pub bytes: Option<i64>,
    pub sha256: Option<String>,
    pub row_count: Option<i64>,
    pub file_count: Option<i64>,
    pub ledger_size: Option<i64>,
    /// How long the test restore took.
    pub drill_ms: Option<i64>,
    /// None while the archive is kept.
    pub removed_at: Option<Timestamp>,
    /// The last look at it; None when nobody looked since it was written.
    pub checked_at: Option<Timestamp>,
    pub check_outcome: Option<Outcome>,
}

/// What a look at an archive found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Outcome {
    /// Bit for bit what was written, and the note is ours.
    Good,
    /// The archive or its note is not there: perhaps the disk is not.
    Missing,
    Altered,
    /// The note beside it is not signed by this clinic.
    Unsigned,
}

/// How the clinic stands with its backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Good,
    /// None was ever made.
    Never,
    /// The last good one is older than 26 hours.
    Overdue,
    /// The last attempt failed.
    Failed,
    /// The last one is no longer what was written.
    Damaged,
}

/// The sidecar beside an archive: not encrypted, no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub file: String,
    pub bytes: u64,
    /// Of the archive, hex.
    pub sha256: String,
    /// Fingerprints of those who can open it.
    pub recipients: Vec<String>,
    pub ledger_size: u64,
    /// Hex.
    pub ledger_root: String,
}

impl Run {
    pub fn is_good(&self) -> bool {
        self.finished_at.is_some() && self.failure.is_none()
    }

    pub fn path(&self) -> PathBuf {
        Path::new(&self.folder).join(&self.file)
    }

    /// Milliseconds it took.
    pub fn took_ms(&self) -> Option<i64> {
        self.finished_at.map(|end| end.unix_ms() - self.started_at.unix_ms())
    }
}

/// Judges by attempts, newest first.
pub fn health(runs: &[Run], now: Timestamp) -> Health {
    let mut finished = runs.iter().filter(|run| run.finished_at.is_some());
    let Some(last) = finished.next() else { return Health::Never };
    if !last.is_good() {
        return Health::Failed;
    }
    if last.check_outcome.is_some_and(|outcome| outcome != Outcome::Good) {
        return Health::Damaged;
    }
    let age = now.unix_ms() - last.started_at.unix_ms();
    if age > OVERDUE_MS { Health::Overdue } else { Health::Good }
}

/// When the nightly backup is made, in minutes of the clinic's day: 02:30.
pub const NIGHTLY_AT: u16 = 2 * 60 + 30;

/// Whether a nightly backup is to be made now: none was begun since the last
/// 02:30, or those that were have failed, the last an hour ago. One that was
/// missed because the machine was off is made when it is on again.
pub fn is_due(runs: &[Run], now: Timestamp, zone: &Zone) -> bool {
    let today = zone.today(now);
    let slot = |day: Day| Civil::new(day, NIGHTLY_AT).map(|at| zone.instant(at));
    let last = slot(today).filter(|at| *at <= now).or_else(|| slot(today.plus_days(-1)));
    let Some(last) = last else { return false };
    let mut since = runs.iter().filter(|run| run.started_at >= last);
    !since.clone().any(Run::is_good)
        && since.all(|run| match run.finished_at {
            Some(end) => now.unix_ms() - end.unix_ms() >= HOUR_MS,
            None => false,
        })
}

/// `tirkeu-<clinic>-20261122T023000Z-full.zip.age`
pub fn file_name(clinic: &str, at: Timestamp) -> String {
    let stamp: String = at.rfc3339().chars().filter(char::is_ascii_alphanumeric).collect();
    let (date_time, _) = stamp.split_at(15.min(stamp.len()));
    format!("tirkeu-{clinic}-{date_time}Z-full.zip.age")
}

/// `<archive>.note`
pub fn note_path(archive: &Path) -> PathBuf {
    let mut name = archive.file_name().unwrap_or_default().to_owned();
    name.push(".note");
    archive.with_file_name(name)
}

/// The name under which notes are signed.
pub fn note_origin(clinic: &str) -> String {
    format!("{clinic}.tirkeu/backup")
}

/// Which of the nightly archives go: everything of the last 14 days stays,
/// then the newest of each week for 8 weeks, then the newest of each month,
/// and nothing older than 400 days. Those made by hand go after 400 days only.
pub fn to_remove(kept: &[Run], now: Timestamp) -> Vec<RunId> {
    const DAY_MS: i64 = 24 * HOUR_MS;
    let mut taken: Vec<(u8, i64)> = Vec::new();
    let mut gone = Vec::new();
    let mut newest_first: Vec<&Run> = kept.iter().filter(|run| run.is_good()).collect();
    newest_first.sort_by_key(|run| std::cmp::Reverse(run.started_at));
    for run in newest_first {
        let days = (now.unix_ms() - run.started_at.unix_ms()).div_euclid(DAY_MS);
        let day = run.started_at.unix_ms().div_euclid(DAY_MS);
        let slot = match (run.kind, days) {
            (_, OLDEST_DAYS..) => None,
            (Kind::Manual, _) | (_, ..14) => continue,
            (_, ..56) => Some((7, day.div_euclid(7))),
            _ => Some((30, day.div_euclid(30))),
        };
        match slot {
            Some(slot) if !taken.contains(&slot) => taken.push(slot),
            _ => gone.push(run.id),
        }
    }
    gone
}

impl Note {
    const FIRST_LINE: &'static str = "tirkeu-backup-note 1";

    pub fn sign(&self, clinic: &str, key: &SigningKey) -> String {
        let text = format!(
            "{}\nfile {}\nbytes {}\nsha256 {}\nrecipients {}\nledger {} {}\n",
            Self::FIRST_LINE,
            self.file,
            self.bytes,
            self.sha256,
            self.recipients.join(","),
            self.ledger_size,
            self.ledger_root,
        );
        key.sign_note(&note_origin(clinic), &text)
    }

    /// None when nobody of `keys` signed it or it is no note of an archive.
    pub fn open(note: &str, clinic: &str, keys: &[VerifyingKey]) -> Option<Self> {
        let text = sign::open_note(note, &note_origin(clinic), keys).ok()?;
        let mut lines = text.lines();
        (lines.next()? == Self::FIRST_LINE).then_some(())?;
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let (file, bytes, sha256) = (field("file")?, field("bytes")?, field("sha256")?);
        let recipients = field("recipients")?.split(',').map(str::to_owned).collect();
        let (size, root) = field("ledger")?.split_once(' ')?;
        hash::from_hex(sha256).filter(|digest| digest.len() == 32)?;
        Some(Self {
            file: file.to_owned(),
            bytes: bytes.parse().ok()?,
            sha256: sha256.to_owned(),
            recipients,
            ledger_size: size.parse().ok()?,
            ledger_root: root.to_owned(),
        })
    }
}

/// A finished nightly run, for samples and tests.
pub(super) fn sample(started: Timestamp, failure: Option<&str>) -> Run {
    let good = failure.is_none();
    Run {
        id: RunId::new(started),
        kind: Kind::Nightly,
        folder: "/backup".to_owned(),
        file: file_name("0123456789abcdef", started),
        started_at: started,
        finished_at: Some(started.plus_ms(1000)),
        failure: failure.map(str::to_owned),
        bytes: good.then_some(18_400_000),
        sha256: good.then(String::new),
        row_count: good.then_some(412_680),
        file_count: good.then_some(9_214),
        ledger_size: good.then_some(1),
        drill_ms: good.then_some(1000),
        removed_at: None,
        checked_at: None,
        check_outcome: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Random;

    const NOW: i64 = 1_790_000_000_000;
    const DAY: i64 = 24 * HOUR_MS;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn run(started: i64, failure: Option<&str>) -> Run {
        sample(at(started), failure)
    }

    #[test]
    fn health_names_the_worst_that_is_known() {
        let fresh = run(NOW - HOUR_MS, None);
        let running = Run { finished_at: None, sha256: None, ..run(NOW, None) };
        let damaged = Run { check_outcome: Some(Outcome::Missing), ..fresh.clone() };

        assert_eq!(health(&[], at(NOW)), Health::Never);
        assert_eq!(health(std::slice::from_ref(&running), at(NOW)), Health::Never);
        assert_eq!(health(&[running, fresh.clone()], at(NOW)), Health::Good);
        assert_eq!(health(std::slice::from_ref(&fresh), at(NOW + 26 * HOUR_MS)), Health::Overdue);
        assert_eq!(health(&[run(NOW, Some("disk_full")), fresh], at(NOW)), Health::Failed);
        assert_eq!(health(&[damaged], at(NOW)), Health::Damaged);
    }

    #[test]
    fn old_archives_thin_out_and_none_outlives_four_hundred_days() {
        let nightly: Vec<Run> = (0..500).map(|days| run(NOW - days * DAY, None)).collect();
        let gone = to_remove(&nightly, at(NOW));
        let age = |run: &Run| (NOW - run.started_at.unix_ms()) / DAY;
        let kept: Vec<i64> =
            nightly.iter().filter(|run| !gone.contains(&run.id)).map(age).collect();

        assert!((0..14).all(|days| kept.contains(&days)), "{kept:?}");
        assert!(kept.iter().filter(|days| (14..56).contains(*days)).count() <= 8, "{kept:?}");
        assert!((25..35).contains(&kept.len()), "{kept:?}");
        assert!(kept.iter().all(|days| *days < OLDEST_DAYS), "{kept:?}");
    }

    #[test]
    fn an_archive_made_by_hand_is_kept_for_four_hundred_days() {
        let manual = |days: i64| Run { kind: Kind::Manual, ..run(NOW - days * DAY, None) };

        assert!(to_remove(&[manual(20), manual(20), manual(399)], at(NOW)).is_empty());
        assert_eq!(to_remove(&[manual(400)], at(NOW)).len(), 1);
    }

    #[test]
    fn a_night_is_due_once_late_when_missed_and_again_an_hour_after_a_failure() {
        let zone = Zone::named("Asia/Almaty").unwrap();
        let night = zone.instant("2026-11-23T02:30".parse().unwrap()).unix_ms();
        let is_due = |runs: &[Run], ms| super::is_due(runs, at(ms), &zone);
        let before = run(night - DAY, None);

        assert!(!is_due(std::slice::from_ref(&before), night - 1));
        assert!(is_due(&[before], night));
        assert!(is_due(&[], night + 7 * HOUR_MS));
        assert!(!is_due(&[run(night, None)], night + HOUR_MS));
        assert!(!is_due(&[run(night, Some("disk_full"))], night + HOUR_MS));
        assert!(is_due(&[run(night, Some("disk_full"))], night + HOUR_MS + 1_000));
        let running = Run { finished_at: None, ..run(night, None) };
        assert!(!is_due(&[running], night + 5 * HOUR_MS));
        let by_hand = Run { kind: Kind::Manual, ..run(night + 60_000, None) };
        assert!(!is_due(&[by_hand], night + 2 * HOUR_MS));
    }

    #[test]
    fn file_names_sort_by_time() {
        assert_eq!(file_name("ab12", at(NOW)), "tirkeu-ab12-20260921T141320Z-full.zip.age");
    }

    #[test]
    fn a_note_is_believed_only_from_its_own_clinic() {
        let key = SigningKey::from_pkcs8(&SigningKey::generate_pkcs8(&Random::fixed(1))).unwrap();
        let note = Note {
            file: "f.zip.age".to_owned(),
            bytes: 7,
            sha256: "00".repeat(32),
            recipients: vec!["aa".to_owned(), "bb".to_owned()],
            ledger_size: 3,
            ledger_root: "11".repeat(32),
        };
        let signed = note.sign("c", &key);
        let keys = [key.verifying_key()];

        assert_eq!(Note::open(&signed, "c", &keys), Some(note));
        assert_eq!(Note::open(&signed, "d", &keys), None);
        assert_eq!(Note::open(&signed.replace("bytes 7", "bytes 8"), "c", &keys), None);
        assert_eq!(Note::open(&signed, "c", &[]), None);
    }
}
