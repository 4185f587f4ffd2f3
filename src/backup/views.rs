//! What the page of backups shows.

use std::path::Path;

use serde::Serialize;

use crate::backup::model::{Health, Kind, Outcome, Run, RunId};
use crate::backup::write::same_disk;
use crate::backup::{Progress, Stage};
use crate::clock::Timestamp;
use crate::crypto::Recipient;
use crate::crypto::keyring::{Holder, HolderKind};
use crate::pages::View;
use crate::web::FieldErrors;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Days of the strip.
const STRIP: usize = 30;
/// Attempts in the table.
const SHOWN: usize = 60;

/// The page «Backups».
#[derive(Debug, Serialize)]
pub struct BackupPage {
    health: Health,
    last: Option<LastCopy>,
    disk: Option<DiskView>,
    /// Whether the archives lie on the disk of the database.
    same_disk: bool,
    kits: Vec<KitView>,
    strip: Vec<DayMark>,
    good_days: usize,
    failed_days: usize,
    runs: Vec<RunView>,
    /// None while no backup runs.
    running: Option<ProgressView>,
    may_run: bool,
    may_make_kits: bool,
    /// As set, or as typed when it was refused.
    folder: String,
    errors: FieldErrors,
}

/// The bar while a backup runs.
#[derive(Clone, Debug, Serialize)]
pub struct ProgressView {
    percent: u64,
    stage: Stage,
}

/// The newest good archive.
#[derive(Debug, Serialize)]
struct LastCopy {
    age: Age,
    at: Timestamp,
    size: Size,
    /// Seconds.
    took: i64,
    /// Seconds of the test restore.
    drill: i64,
    rows: i64,
    files: i64,
}

/// A length of time in the unit a person would use.
#[derive(Debug, Serialize)]
struct Age {
    unit: &'static str,
    n: i64,
}

/// A number of bytes as a person would say it: 18,4 GB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Size {
    whole: i64,
    tenth: i64,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
struct DiskView {
    used_percent: u64,
    used: Size,
    total: Size,
}

#[derive(Debug, Serialize)]
struct KitView {
    name: String,
    since: Timestamp,
    fingerprint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum DayMark {
    Good,
    Failed,
    None,
}

#[derive(Debug, Serialize)]
struct RunView {
    id: RunId,
    kind: Kind,
    file: String,
    at: Timestamp,
    size: Option<Size>,
    state: &'static str,
    /// Codes of failures have words of their own.
    failure: Option<String>,
    checked_at: Option<Timestamp>,
    /// Whether there is an archive to look at.
    kept: bool,
}

/// What the page is made of.
pub struct Facts<'a> {
    pub runs: &'a [Run],
    pub now: Timestamp,
    pub folder: &'a Path,
    pub data_dir: &'a Path,
    pub holders: &'a [Holder],
    pub progress: Option<Progress>,
    pub may_run: bool,
    pub may_make_kits: bool,
}

impl BackupPage {
    pub fn of(facts: &Facts<'_>) -> Self {
        let strip = strip(facts.runs, facts.now);
        let count = |mark| strip.iter().filter(|day| **day == mark).count();
        let last = facts.runs.iter().find(|run| run.is_good());
        Self {
            health: super::health(facts.runs, facts.now),
            last: last.map(|run| LastCopy::of(run, facts.now)),
            disk: DiskView::of(facts.folder),
            same_disk: same_disk(facts.folder, facts.data_dir),
            kits: facts.holders.iter().filter_map(KitView::of).collect(),
            good_days: count(DayMark::Good),
            failed_days: count(DayMark::Failed),
            strip,
            runs: facts.runs.iter().take(SHOWN).map(RunView::of).collect(),
            running: facts.progress.map(ProgressView::of),
            may_run: facts.may_run,
            may_make_kits: facts.may_make_kits,
            folder: facts.folder.to_string_lossy().into_owned(),
            errors: FieldErrors::new(),
        }
    }

    /// The same page with a folder that was refused.
    #[must_use]
    pub fn refusing(mut self, typed: &str, error: &str) -> Self {
        typed.clone_into(&mut self.folder);
        self.errors.insert("folder", error.to_owned());
        self
    }
}

impl ProgressView {
    pub fn of(progress: Progress) -> Self {
        Self { percent: progress.percent(), stage: progress.stage }
    }
}

impl LastCopy {
    fn of(run: &Run, now: Timestamp) -> Self {
        Self {
            age: Age::between(run.started_at, now),
            at: run.started_at,
            size: Size::of(run.bytes.unwrap_or_default()),
            took: seconds(run.took_ms()),
            drill: seconds(run.drill_ms),
            rows: run.row_count.unwrap_or_default(),
            files: run.file_count.unwrap_or_default(),
        }
    }
}

/// Whole seconds, begun ones counted.
fn seconds(ms: Option<i64>) -> i64 {
    (ms.unwrap_or_default() + 999) / 1000
}

impl Age {
    fn between(from: Timestamp, now: Timestamp) -> Self {
        let minutes = (now.unix_ms() - from.unix_ms()).max(0) / 60_000;
        match minutes {
            0..60 => Self { unit: "minutes", n: minutes.max(1) },
            60..2880 => Self { unit: "hours", n: minutes / 60 },
            _ => Self { unit: "days", n: minutes / 1440 },
        }
    }
}

impl Size {
    fn of(bytes: i64) -> Self {
        let units = ["kb", "mb", "gb", "tb"];
        let mut unit = 0;
        let mut scale = 1000;
        while bytes >= scale * 1000 && unit + 1 < units.len() {
            scale *= 1000;
            unit += 1;
        }
        let tenths = (bytes * 10 + scale / 2) / scale;
        Self { whole: tenths / 10, tenth: tenths % 10, unit: units[unit] }
    }

    fn of_unsigned(bytes: u64) -> Self {
        Self::of(i64::try_from(bytes).unwrap_or(i64::MAX / 16))
    }
}

impl DiskView {
    /// None when the folder is not there.
    fn of(folder: &Path) -> Option<Self> {
        let stat = rustix::fs::statvfs(folder).ok()?;
        let total = stat.f_blocks.saturating_mul(stat.f_frsize);
        let used = total.saturating_sub(stat.f_bavail.saturating_mul(stat.f_frsize));
        let used_percent = (used.saturating_mul(100)).checked_div(total)?;
        let [used, total] = [used, total].map(Size::of_unsigned);
        Some(Self { used_percent, used, total })
    }
}

impl KitView {
    fn of(holder: &Holder) -> Option<Self> {
        if holder.kind != HolderKind::Kit {
            return None;
        }
        let recipient: Recipient = holder.recipient.parse().ok()?;
        let since = Timestamp::try_from(holder.since * 1000).ok()?;
        Some(Self { name: holder.name.clone(), since, fingerprint: recipient.fingerprint() })
    }
}

impl RunView {
    fn of(run: &Run) -> Self {
        let state = match (&run.failure, run.check_outcome) {
            _ if run.finished_at.is_none() => "running",
            (Some(_), _) => "failed",
            _ if run.removed_at.is_some() => "removed",
            (None, Some(Outcome::Altered)) => "altered",
            (None, Some(Outcome::Missing)) => "missing",
            (None, Some(Outcome::Unsigned)) => "unsigned",
            (None, Some(Outcome::Good)) => "checked",
            (None, None) => "good",
        };
        Self {
            id: run.id,
            kind: run.kind,
            file: run.file.clone(),
            at: run.started_at,
            size: run.bytes.map(Size::of),
            state,
            failure: run.failure.clone(),
            checked_at: run.checked_at.or(run.finished_at),
            kept: run.is_good() && run.removed_at.is_none(),
        }
    }
}

/// One mark for each of the last days, today last: a failure with a good one
/// after it on the same day is forgiven.
fn strip(runs: &[Run], now: Timestamp) -> Vec<DayMark> {
    let mut days = vec![DayMark::None; STRIP];
    for run in runs.iter().filter(|run| run.finished_at.is_some()) {
        let ago = (now.unix_ms() - run.started_at.unix_ms()).div_euclid(DAY_MS);
        let Some(index) = usize::try_from(ago).ok().and_then(|ago| STRIP.checked_sub(ago + 1))
        else {
            continue;
        };
        match (run.is_good(), days[index]) {
            (true, _) => days[index] = DayMark::Good,
            (false, DayMark::None) => days[index] = DayMark::Failed,
            (false, _) => {}
        }
    }
    days
}

impl View for BackupPage {
    const TEMPLATE: &'static str = "backup/index.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let good = super::model::sample(now, None);
        let failed = super::model::sample(now, Some("disk_full"));
        let mut lost = super::model::sample(now, None);
        lost.check_outcome = Some(Outcome::Missing);
        lost.checked_at = Some(now);
        let kit = |name: &str| Holder {
            kind: HolderKind::Kit,
            name: name.to_owned(),
            recipient: crate::crypto::Identity::generate().recipient().to_string(),
            since: 1_790_000_000,
        };
        let (one, two) = ([kit("A")], [kit("A"), kit("B")]);
        let progress = Some(Progress { stage: Stage::Files, done: 1, total: 2 });
        let page = |runs: &[Run], holders: &[Holder], progress, may_run| {
            let folder = Path::new("/");
            let data_dir = Path::new("/proc");
            let may_make_kits = may_run;
            Self::of(&Facts {
                runs,
                now,
                folder,
                data_dir,
                holders,
                progress,
                may_run,
                may_make_kits,
            })
        };
        vec![
            page(&[], &[], None, true),
            page(&[good.clone(), failed.clone()], &two, None, true),
            page(&[failed, good.clone()], &one, progress, true).refusing("x", "backup-folder-bad"),
            page(&[lost, good], &two, None, false),
        ]
    }
}

impl View for ProgressView {
    const TEMPLATE: &'static str = "backup/progress.html";

    fn samples() -> Vec<Self> {
        let stages = [Stage::Database, Stage::Tables, Stage::Files, Stage::Drill];
        stages.map(|stage| Self { percent: 7, stage }).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_said_as_people_say_them() {
        let size = |bytes| {
            let Size { whole, tenth, unit } = Size::of(bytes);
            format!("{whole}.{tenth} {unit}")
        };
        assert_eq!(size(512), "0.5 kb");
        assert_eq!(size(999_999), "1000.0 kb");
        assert_eq!(size(18_400_000_000), "18.4 gb");
        let at = Timestamp::from_unix_ms;
        let age = |minutes: i64| Age::between(at(0), at(minutes * 60_000));
        assert_eq!((age(42).unit, age(42).n), ("minutes", 42));
        assert_eq!((age(61).unit, age(61).n), ("hours", 1));
        assert_eq!((age(4000).unit, age(4000).n), ("days", 2));
    }

    #[test]
    fn a_day_shows_its_best_attempt() {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let run =
            |days: i64, failure| crate::backup::model::sample(now.plus_ms(-days * DAY_MS), failure);
        let runs = [run(0, Some("drill")), run(0, None), run(1, Some("drill")), run(40, None)];
        let strip = strip(&runs, now);

        assert_eq!(strip[28..], [DayMark::Failed, DayMark::Good]);
        assert_eq!(strip.iter().filter(|day| **day == DayMark::None).count(), 28);
    }
}
