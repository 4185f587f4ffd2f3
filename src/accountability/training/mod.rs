//! The rules of working with personal data: everybody who works here reads and
//! confirms them, again when they change and once a year (law 94-V art. 25(3);
//! rules 179/НҚ). Who has not is on a list.

mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::size::{self, LimitCode};
use crate::accountability::{AccountabilityError, months_after, told};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::crypto::hash::{hex, sha256};
use crate::i18n::Language;
use crate::ids::{StaffId, words};
use crate::vault::permission::{KeepRegisters, OwnAccount, Permission, Role};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use routes::{MyRulesCard, MyRulesPage, RulesForm, TrainingPage, routes};

/// One version of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct StaffRules {
    pub version: i64,
    pub text_ru: String,
    pub text_kk: String,
    /// 1970 for the version that is shipped.
    pub made_at: Timestamp,
    pub made_by: Option<String>,
}

/// Somebody's newest confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Confirmed {
    pub version: i64,
    pub language: String,
    pub at: Timestamp,
}

words! {
    /// How somebody stands with the rules.
    Standing {
        /// The version of now is confirmed, less than a year ago.
        Confirmed = "confirmed",
        /// There is time still.
        Waiting = "waiting",
        Overdue = "overdue",
    }
}

/// Somebody who works here, and the rules.
#[derive(Clone, Debug, Serialize)]
pub struct Learner {
    pub name: String,
    pub role: Role,
    pub confirmed: Option<Confirmed>,
    /// By when the next confirmation is wanted.
    pub due: Day,
    pub standing: Standing,
}

/// The days and months of the clinic's own rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub days: i64,
    pub months: i64,
}

/// By when somebody confirms, and how they stand. The time for reading begins
/// with the text or with the work, whichever is later.
pub fn judge(
    current: i64,
    published: Day,
    since: Day,
    confirmed: Option<(i64, Day)>,
    pace: Pace,
    today: Day,
) -> (Day, Standing) {
    let (due, fresh) = match confirmed {
        Some((version, at)) if version == current => (months_after(at, pace.months), true),
        _ => (published.max(since).plus_days(pace.days), false),
    };
    let standing = match (due < today, fresh) {
        (true, _) => Standing::Overdue,
        (false, true) => Standing::Confirmed,
        (false, false) => Standing::Waiting,
    };
    (due, standing)
}

/// The versions of the rules, newest first; never empty.
pub async fn versions<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<StaffRules>, VaultError> {
    store::versions(&mut vault.read(grant).await?).await
}

/// Everybody who works here, the overdue first.
pub async fn learners<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Learner>, VaultError> {
    let pace = pace(clinic, grant).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let versions = store::versions(&mut reader).await?;
    let people = store::people(&mut reader).await?;
    let learner = |row: &store::PersonRow| learner(clinic, &versions, row, pace);
    let mut learners: Vec<Learner> = people.iter().filter_map(learner).collect();
    learners.sort_by_key(|one| (std::cmp::Reverse(one.standing), one.name.clone()));
    Ok(learners)
}

fn learner(
    clinic: &Clinic,
    versions: &[StaffRules],
    row: &store::PersonRow,
    pace: Pace,
) -> Option<Learner> {
    let zone = &clinic.profile.get().zone;
    let current = versions.first()?;
    let confirmed = row.confirmed();
    let known = confirmed.as_ref().map(|one| (one.version, zone.today(one.at)));
    let (published, since) = (zone.today(current.made_at), zone.today(row.created_at));
    let today = zone.today(clinic.clock().now());
    let (due, standing) = judge(current.version, published, since, known, pace, today);
    Some(Learner { name: row.name.clone(), role: row.role, confirmed, due, standing })
}

/// How one stands oneself; None when one is nobody of the staff.
pub async fn own(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
) -> Result<Option<(StaffRules, Learner)>, VaultError> {
    let Some(staff) = grant.staff() else { return Ok(None) };
    let pace = pace(clinic, grant).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let versions = store::versions(&mut reader).await?;
    let people = store::people(&mut reader).await?;
    let row = people.iter().find(|one| one.id == staff);
    let learner = row.and_then(|row| learner(clinic, &versions, row, pace));
    Ok(versions.into_iter().next().zip(learner))
}

async fn pace<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Pace, VaultError> {
    let limits = size::limits(&clinic.vault, grant).await?;
    let today = super::today(clinic);
    let value = |code, otherwise| limits.value(code, today).unwrap_or(otherwise);
    Ok(Pace { days: value(LimitCode::RulesDays, 14), months: value(LimitCode::RulesMonths, 12) })
}

/// One confirms the rules oneself: which version, in which language, and the
/// hash of the very text.
///
/// # Errors
/// [`AccountabilityError::Changed`] when `seen` is no longer the newest text.
pub async fn confirm(
    vault: &Vault,
    grant: &Grant<OwnAccount>,
    seen: i64,
    language: Language,
) -> Result<(), AccountabilityError> {
    let staff: StaffId = grant.staff().ok_or(AccountabilityError::NotFound)?;
    let language = if language == Language::Kk { Language::Kk } else { Language::Ru };
    vault
        .change(grant, async |tx| {
            let rules = store::newest(tx).await?.ok_or(AccountabilityError::NotFound)?;
            if rules.version != seen {
                return Err(AccountabilityError::Changed);
            }
            let text = told(language, &rules.text_ru, &rules.text_kk);
            let hash = hex(&sha256(text.as_bytes()));
            store::confirm(tx, staff, seen, language.tag(), &hash).await?;
            let event = Event::new("accountability.rules_confirmed", Subject::Clinic);
            let detail = json!({ "version": seen, "language": language.tag() });
            Ok(((), event.on("staff", staff).with_detail(detail)))
        })
        .await
}

/// Puts a new text in the place of the rules: everybody reads it anew.
///
/// # Errors
/// [`AccountabilityError::Changed`] when `seen` is no longer the newest text.
pub async fn publish(
    vault: &Vault,
    grant: &Grant<KeepRegisters>,
    seen: i64,
    text: [&str; 2],
) -> Result<i64, AccountabilityError> {
    vault
        .change(grant, async |tx| {
            let last = store::newest(tx).await?.map_or(0, |rules| rules.version);
            if last != seen {
                return Err(AccountabilityError::Changed);
            }
            store::publish(tx, last + 1, text, grant.staff()).await?;
            let event = Event::new("accountability.rules_published", Subject::Clinic);
            Ok((last + 1, event.with_detail(json!({ "version": last + 1 }))))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_counts_for_its_version_and_for_a_year() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let pace = Pace { days: 14, months: 12 };
        let judged = |confirmed, today: &str| {
            judge(2, day("2026-11-01"), day("2026-06-01"), confirmed, pace, day(today))
        };
        let old = Some((1, day("2026-06-02")));
        assert_eq!(judged(None, "2026-11-15"), (day("2026-11-15"), Standing::Waiting));
        assert_eq!(judged(old, "2026-11-15").1, Standing::Waiting, "a new text is read anew");
        assert_eq!(judged(old, "2026-11-16").1, Standing::Overdue);
        let fresh = Some((2, day("2026-11-10")));
        assert_eq!(judged(fresh, "2026-11-16"), (day("2027-11-10"), Standing::Confirmed));
        assert_eq!(judged(fresh, "2027-11-10").1, Standing::Confirmed);
        assert_eq!(judged(fresh, "2027-11-11").1, Standing::Overdue);
        let (due, _) =
            judge(1, day("1970-01-01"), day("2026-11-20"), None, pace, day("2026-11-27"));
        assert_eq!(due, day("2026-12-04"), "who came later has the days from then on");
    }
}
