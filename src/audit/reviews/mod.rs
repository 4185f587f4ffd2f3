//! Somebody has looked through the log of some days, says so and signs: the
//! clinic's own control over access (order 179/НҚ).

mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::AuditError;
use crate::audit::findings::{State, limits_of};
use crate::audit::kind::{Kind, kind_of};
use crate::audit::model::start;
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::StaffId;
use crate::vault::permission::{ReviewLog, SignReview};
use crate::vault::{Event, Grant, Reader, Subject, VaultError};

pub use store::ReviewRow;

crate::ids::id! {
    /// A signed review.
    ReviewId
}

/// The longest period of one review, in days.
pub const LONGEST: i64 = 93;

/// Reviews on the page.
const SHOWN: i64 = 100;

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Code {
    /// Nothing to ask about.
    Clean,
    /// What there was had its reasons.
    Explained,
    Incident,
    /// Some questions stay open.
    FollowUp,
}

/// What there was within the days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub entries: i64,
    pub looks: i64,
    pub changes: i64,
    pub exports: i64,
    pub denials: i64,
    /// Findings of those days that wait for an answer, and that have one.
    pub open: i64,
    pub explained: i64,
    pub incidents: i64,
}

/// What is to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    pub first: Day,
    pub last: Day,
    /// None: everybody.
    pub about: Option<StaffId>,
    pub code: Code,
    pub note: String,
}

/// Whether the log waits for a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The last day that a signed review of everybody covers.
    pub last: Option<Day>,
    /// The first day that none does; None before anything was written.
    pub next: Option<Day>,
    pub overdue: bool,
}

impl Code {
    pub const ALL: [Self; 4] = [Self::Clean, Self::Explained, Self::Incident, Self::FollowUp];

    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Explained => "explained",
            Self::Incident => "incident",
            Self::FollowUp => "follow_up",
        }
    }
}

/// A review is due a week after the last one, or after the first entry.
pub fn due(last: Option<Day>, began: Option<Day>, within_days: i64, today: Day) -> Due {
    let next = last.map(|day| day.plus_days(1)).or(began);
    let overdue = next.is_some_and(|next| within_days < today.days_since(next));
    Due { last, next, overdue }
}

/// Signed reviews, the newest first.
pub async fn list(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Vec<ReviewRow>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::list(&mut reader, SHOWN).await
}

/// Whether a review is overdue.
pub async fn next(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Due, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let today = zone.today(clinic.clock().now());
    let mut reader = clinic.vault.read(grant).await?;
    let limits = limits_of(&mut reader).await?;
    let last = store::last_day(&mut reader).await?;
    let began = store::began(&mut reader).await?.map(|at| zone.today(at));
    Ok(due(last, began, limits.review_days, today))
}

/// What there was within some days, of one person or of all.
///
/// # Errors
/// [`AuditError::BadPeriod`].
pub async fn counts(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    first: Day,
    last: Day,
    about: Option<StaffId>,
) -> Result<Counts, AuditError> {
    check_period(clinic, first, last)?;
    let mut reader = clinic.vault.read(grant).await?;
    Ok(count(clinic, &mut reader, first, last, about).await?)
}

/// Signs a review. Its counts are taken as it is signed.
///
/// # Errors
/// [`AuditError::BadPeriod`]; [`AuditError::AboutYou`] when it is about whoever
/// signs, or when something of those days is about them and nobody else has
/// answered it: then somebody else must sign.
pub async fn sign(
    clinic: &Clinic,
    grant: &Grant<SignReview>,
    draft: &Draft,
) -> Result<ReviewId, AuditError> {
    let staff = grant.staff().ok_or(VaultError::NotStaff)?;
    check_period(clinic, draft.first, draft.last)?;
    if draft.about == Some(staff) {
        return Err(AuditError::AboutYou);
    }
    let mut reader = clinic.vault.read(grant).await?;
    let counts = count(clinic, &mut reader, draft.first, draft.last, draft.about).await?;
    drop(reader);
    clinic
        .vault
        .change(grant, async |tx| {
            let own = store::open_about(tx, staff, draft.first, draft.last).await?;
            if draft.about.is_none() && 0 < own {
                return Err(AuditError::AboutYou);
            }
            let id = ReviewId::new(tx.now());
            store::insert(tx, id, draft, staff, &counts).await?;
            if !draft.note.is_empty() {
                store::add_note(tx, id, staff, &draft.note).await?;
            }
            let detail = serde_json::json!({
                "from": draft.first, "until": draft.last, "code": draft.code.name(),
                "open": counts.open, "about": draft.about.map(|id| id.to_string()),
            });
            let signed = Event::new("audit.review_signed", Subject::Clinic).on("review", id);
            Ok((id, signed.with_detail(detail).touching("findings")))
        })
        .await
}

/// At most a quarter, over before today begins or today itself.
fn check_period(clinic: &Clinic, first: Day, last: Day) -> Result<(), AuditError> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let length = last.days_since(first);
    if today < last || !(0..LONGEST).contains(&length) {
        return Err(AuditError::BadPeriod);
    }
    Ok(())
}

async fn count(
    clinic: &Clinic,
    reader: &mut Reader,
    first: Day,
    last: Day,
    about: Option<StaffId>,
) -> Result<Counts, VaultError> {
    let zone = &clinic.profile.get().zone;
    let (from, before) = (start(zone, first), start(zone, last.plus_days(1)));
    let mut counts = Counts::default();
    for (act, often) in store::by_act(reader, from, before, about).await? {
        counts.entries += often;
        match kind_of(&act) {
            Kind::Look => counts.looks += often,
            Kind::Change => counts.changes += often,
            Kind::Export => counts.exports += often,
            Kind::Denial => counts.denials += often,
            _ => {}
        }
    }
    let states: BTreeMap<String, i64> =
        store::by_state(reader, first, last, about).await?.into_iter().collect();
    let of = |state: State| {
        let name = serde_json::to_value(state).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
        states.get(name).copied().unwrap_or_default()
    };
    counts.open = of(State::Open);
    counts.explained = of(State::Explained);
    counts.incidents = of(State::Incident);
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_overdue_a_week_after_the_last_one_or_after_the_first_entry() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let today = day("2026-11-23");
        let last = due(Some(day("2026-11-15")), None, 7, today);
        assert_eq!((last.next, last.overdue), (Some(day("2026-11-16")), false));
        assert!(due(Some(day("2026-11-14")), None, 7, today).overdue);
        assert!(!due(None, Some(day("2026-11-20")), 7, today).overdue);
        assert!(due(None, Some(day("2026-11-01")), 7, today).overdue);
        assert!(!due(None, None, 7, today).overdue, "nothing was written yet");
    }
}
