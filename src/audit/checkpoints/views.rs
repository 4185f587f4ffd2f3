//! What the pages of the ledger show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::audit::checkpoints::LISTED;
use crate::audit::checkpoints::model::{
    Anchor, AnchorKind, Freshness, LastCheck, OVERDUE_MS, freshness,
};
use crate::audit::checkpoints::outcome::OutcomeView;
use crate::clock::Timestamp;
use crate::crypto::{Checkpoint, hash::hex};
use crate::pages::View;
use crate::vault::{Cause, Fault, Head, Pace, Sealed, Verified, Walked};
use crate::web::FieldErrors;

/// What the page is made of.
pub(super) struct Facts {
    pub grew: bool,
    pub newest: Option<Sealed>,
    pub head: Head,
    pub listed: Vec<Sealed>,
    pub anchors: Vec<Anchor>,
    pub folder: Option<PathBuf>,
    pub last_check: Option<LastCheck>,
    pub walk: Option<Arc<Pace>>,
    pub walked: Option<Walked>,
    pub now: Timestamp,
    pub data_dir: PathBuf,
    pub may_review: bool,
}

/// The state of the ledger, its checkpoints and where they are kept.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct LedgerPage {
    size: u64,
    /// Hex.
    root: String,
    /// Something happened since the newest checkpoint.
    grew: bool,
    /// And that long ago, although the clock signs every quarter of an hour.
    stuck: bool,
    freshness: Freshness,
    anchors: Vec<AnchorView>,
    checkpoints: Vec<SealedView>,
    /// Size of the newest.
    newest: Option<u64>,
    /// Where older ones are.
    older: Option<u64>,
    folder: String,
    has_folder: bool,
    /// The folder is on the disk of the clinic's records.
    same_disk: bool,
    errors: FieldErrors,
    walk: Option<WalkView>,
    /// The access log itself is open to whoever looks.
    may_review: bool,
    outcome: Option<OutcomeView>,
    last_check: Option<LastCheckView>,
}

#[derive(Debug, Serialize)]
struct AnchorView {
    kind: AnchorKind,
    anchor: Option<Anchor>,
    age: Age,
}

/// How long ago, in the unit that people would say.
#[derive(Debug, Serialize)]
struct Age {
    n: i64,
    unit: &'static str,
    old: bool,
}

#[derive(Debug, Serialize)]
struct SealedView {
    size: u64,
    /// Hex.
    root: String,
    cause: Cause,
    made_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct LastCheckView {
    /// Unix ms.
    at: Option<i64>,
    whole: bool,
}

/// How far a walk is.
#[derive(Debug, Serialize)]
pub struct WalkView {
    done: u64,
    total: u64,
    percent: u64,
}

impl LedgerPage {
    pub(super) fn of(facts: Facts, grew_since_anchor: bool) -> Self {
        let Facts { mut listed, anchors, now, .. } = facts;
        let more = i64::try_from(listed.len()).is_ok_and(|shown| LISTED < shown);
        listed.truncate(usize::try_from(LISTED).unwrap_or_default());
        let freshness = freshness(&anchors, grew_since_anchor, now);
        let mut by_kind: BTreeMap<_, _> =
            anchors.into_iter().map(|anchor| (anchor.kind as u8, anchor)).collect();
        let anchor = |kind: AnchorKind| {
            let anchor = by_kind.remove(&(kind as u8));
            let age = age(anchor.as_ref().map(|anchor| anchor.made_at), now);
            AnchorView { kind, anchor, age }
        };
        let folder = facts.folder.as_deref();
        let same_disk = folder.is_some_and(|folder| is_same_disk(folder, &facts.data_dir));
        Self {
            size: facts.head.size,
            root: hex(&facts.head.root),
            grew: facts.grew,
            stuck: facts.grew
                && facts.newest.as_ref().is_some_and(|newest| is_stuck(newest.made_at, now)),
            freshness,
            anchors: AnchorKind::ALL.into_iter().map(anchor).collect(),
            older: listed.last().filter(|_| more).map(|last| last.size),
            checkpoints: listed.iter().map(SealedView::of).collect(),
            newest: facts.newest.map(|newest| newest.size),
            folder: folder.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default(),
            has_folder: folder.is_some(),
            same_disk,
            errors: FieldErrors::new(),
            may_review: facts.may_review,
            walk: facts.walk.map(|pace| WalkView::of(&pace)),
            outcome: facts.walked.map(|walked| OutcomeView::of(&walked)),
            last_check: facts.last_check.map(|last| LastCheckView {
                at: last.ts.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
                whole: last.state == "whole",
            }),
        }
    }

    /// The same page with a folder that cannot be used.
    pub(super) fn refusing(mut self, typed: &str) -> Self {
        typed.clone_into(&mut self.folder);
        self.errors.insert("folder", "ledger-folder-bad".to_owned());
        self
    }
}

impl SealedView {
    fn of(sealed: &Sealed) -> Self {
        let root = Checkpoint::parse(&sealed.note).map(|checkpoint| hex(&checkpoint.root));
        let Sealed { size, cause, made_at, .. } = *sealed;
        Self { size, root: root.unwrap_or_default(), cause, made_at }
    }
}

impl WalkView {
    pub(super) fn of(pace: &Pace) -> Self {
        let (done, total) = pace.rows();
        Self { done, total, percent: (done * 100).checked_div(total).unwrap_or(0) }
    }
}

/// The clock missed four turns: the rows do not lead to the head, or the disk is
/// full.
fn is_stuck(newest: Timestamp, now: Timestamp) -> bool {
    now.unix_ms() - newest.unix_ms() > 60 * 60 * 1000
}

fn age(at: Option<Timestamp>, now: Timestamp) -> Age {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let ms = at.map_or(0, |at| (now.unix_ms() - at.unix_ms()).max(0));
    let old = at.is_none() || ms > OVERDUE_MS;
    match ms / HOUR_MS {
        0 => Age { n: ms / 60_000, unit: "minutes", old },
        hours @ 1..48 => Age { n: hours, unit: "hours", old },
        hours => Age { n: hours / 24, unit: "days", old },
    }
}

/// Whether two paths are on one disk, as far as the system tells.
fn is_same_disk(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.metadata().ok().map(|data| data.dev());
    device(one).is_some() && device(one) == device(other)
}

impl View for LedgerPage {
    const TEMPLATE: &'static str = "audit/ledger.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let sealed = |size| Sealed { size, note: String::new(), cause: Cause::Clock, made_at: now };
        let facts = || Facts {
            grew: true,
            newest: None,
            head: Head { size: 6, root: [7; 32] },
            listed: Vec::new(),
            anchors: Vec::new(),
            folder: None,
            last_check: None,
            walk: None,
            walked: None,
            now,
            data_dir: PathBuf::from("/"),
            may_review: true,
        };
        let walked = |fault| Walked {
            verified: Verified {
                head: Head { size: 6, root: [7; 32] },
                redacted: 1,
                fault,
                proven: Vec::new(),
                jumps: vec![3],
                unlogged: Vec::new(),
            },
            ended_at: now,
            milliseconds: 12,
        };
        let anchor = |kind, hours: i64| Anchor {
            kind,
            size: 5,
            made_at: now.plus_ms(-hours * 3_600_000),
            name: Some("Aigul Bekova".to_owned()),
        };
        let full = Facts {
            newest: Some(sealed(40)),
            listed: (0..=20).rev().map(sealed).collect(),
            anchors: vec![anchor(AnchorKind::Sheet, 30), anchor(AnchorKind::Backup, 80)],
            folder: Some(PathBuf::from("/")),
            last_check: Some(LastCheck { ts: now.rfc3339(), state: "whole".to_owned() }),
            walked: Some(walked(None)),
            ..facts()
        };
        let faults = [
            Fault::Altered { seq: 3 },
            Fault::Missing { seq: 3 },
            Fault::Reordered { seq: 3, with: 5 },
            Fault::Inserted { seq: 3 },
            Fault::Rewritten,
            Fault::RolledBack { outside: 9 },
            Fault::HistoryChanged { outside: 4 },
        ];
        let mut samples = vec![
            Self::of(facts(), true),
            Self::of(full, true),
            Self::of(Facts { walk: Some(Arc::default()), ..facts() }, false).refusing("/mnt/x"),
        ];
        samples.extend(
            faults.map(|fault| {
                Self::of(Facts { walked: Some(walked(Some(fault))), ..facts() }, false)
            }),
        );
        samples
    }
}

impl View for WalkView {
    const TEMPLATE: &'static str = "audit/walk.html";

    fn samples() -> Vec<Self> {
        vec![Self { done: 5, total: 10, percent: 50 }]
    }
}
