//! How many people are in the database, against the size classes of operators
//! (law 94-V art. 25-1 and 10-1 in the wording of 326-VIII; order 672/НҚ), with
//! warnings before a class is reached. The numbers are versioned data.

mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::AccountabilityError;
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::ids::words;
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use routes::{LimitForm, LimitPage, SizeBar, SizePage, routes};

words! {
    /// A number of the law, or of the clinic's own rules.
    LimitCode {
        /// The most people of a small operator.
        SmallPeople = "small_people",
        /// People from which on an operator is large.
        MediumPeople = "medium_people",
        /// People from which on one factor of signing in is biometric.
        BiometricPeople = "biometric_people",
        /// Percent of a threshold from which on it is warned of.
        WarnPercent = "warn_percent",
        /// Days in which the rules of the staff are confirmed.
        RulesDays = "rules_days",
        /// Months after which they are confirmed again.
        RulesMonths = "rules_months",
        /// Months from one review to the next.
        ReviewMonths = "review_months",
    }
}

/// One version of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Limit {
    pub code: LimitCode,
    pub version: i64,
    pub value: i64,
    pub basis_ru: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: Day,
    /// By the clinic's lawyer.
    pub confirmed: bool,
    pub effective_from: Day,
    pub made_at: Timestamp,
    /// The name; None for those shipped.
    pub made_by: Option<String>,
}

/// A version to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLimit {
    pub value: i64,
    /// Russian, Kazakh.
    pub basis: [String; 2],
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
}

/// All versions of all numbers.
#[derive(Clone, Debug)]
pub struct Limits(Vec<Limit>);

/// People of whom there is data, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct People {
    /// With a card, merged ones once.
    pub patients: i64,
    pub staff: i64,
    /// Who asked about their data and has no card.
    pub applicants: i64,
}

words! {
    /// The size of an operator.
    Class { Small = "small", Medium = "medium", Large = "large" }
}

words! {
    /// How far off a threshold is.
    Reach { Far = "far", Near = "near", Crossed = "crossed" }
}

/// A threshold of the law and how far off it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threshold {
    pub code: LimitCode,
    /// People.
    pub at: i64,
    /// From so many on it is warned of.
    pub warn_at: i64,
    pub reach: Reach,
}

/// How the clinic stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub people: People,
    pub total: i64,
    /// By the number of people alone.
    pub class: Class,
    /// One up: health data is of restricted access.
    pub treated_as: Class,
    /// Whether the authority is notified before processing begins or ends.
    pub must_notify: bool,
    pub thresholds: Vec<Threshold>,
}

impl Limits {
    /// The value that counts on a day; None before the first version.
    pub fn value(&self, code: LimitCode, on: Day) -> Option<i64> {
        self.in_force(code, on).map(|limit| limit.value)
    }

    pub fn in_force(&self, code: LimitCode, on: Day) -> Option<&Limit> {
        let begun = self.0.iter().filter(|one| one.code == code && one.effective_from <= on);
        begun.max_by_key(|one| one.version)
    }

    /// All versions, newest first.
    pub fn history(&self, code: LimitCode) -> Vec<Limit> {
        self.0.iter().rev().filter(|one| one.code == code).cloned().collect()
    }
}

impl People {
    pub fn total(self) -> i64 {
        self.patients + self.staff + self.applicants
    }
}

impl Standing {
    /// Judges a number of people by the limits of a day; a limit that has not
    /// begun is no threshold.
    pub fn of(people: People, limits: &Limits, on: Day) -> Self {
        let total = people.total();
        let percent = limits.value(LimitCode::WarnPercent, on).unwrap_or(100).min(100);
        let at = |code| limits.value(code, on);
        let codes = [LimitCode::SmallPeople, LimitCode::BiometricPeople, LimitCode::MediumPeople];
        let threshold = |code| {
            let at = limits.value(code, on)?;
            let warn_at = at * percent / 100;
            // "Up to 10 000" is small with 10 000; the others begin with their number.
            let crossed = if code == LimitCode::SmallPeople { at < total } else { at <= total };
            let reach = match (crossed, warn_at <= total) {
                (true, _) => Reach::Crossed,
                (false, true) => Reach::Near,
                (false, false) => Reach::Far,
            };
            Some(Threshold { code, at, warn_at, reach })
        };
        let class = match (at(LimitCode::SmallPeople), at(LimitCode::MediumPeople)) {
            (_, Some(medium)) if medium <= total => Class::Large,
            (Some(small), _) if total <= small => Class::Small,
            _ => Class::Medium,
        };
        let treated_as = if class == Class::Small { Class::Medium } else { Class::Large };
        let must_notify = treated_as == Class::Large;
        let thresholds = codes.into_iter().filter_map(threshold).collect();
        Self { people, total, class, treated_as, must_notify, thresholds }
    }

    /// The next threshold that is not crossed.
    pub fn next(&self) -> Option<&Threshold> {
        self.thresholds.iter().find(|one| one.reach != Reach::Crossed)
    }
}

/// All numbers with all their versions.
pub async fn limits<P: Permission>(vault: &Vault, grant: &Grant<P>) -> Result<Limits, VaultError> {
    Ok(Limits(store::limits(&mut vault.read(grant).await?).await?))
}

/// How the clinic stands today.
pub async fn standing<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Standing, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let people = store::people(&mut reader).await?;
    let limits = Limits(store::limits(&mut reader).await?);
    Ok(Standing::of(people, &limits, super::today(clinic)))
}

/// Puts a new version in the place of a number, from a day on.
///
/// # Errors
/// [`AccountabilityError::Changed`] when `seen` is no longer its last version.
pub async fn replace(
    vault: &Vault,
    grant: &Grant<KeepRegisters>,
    code: LimitCode,
    seen: i64,
    new: &NewLimit,
) -> Result<(), AccountabilityError> {
    vault
        .change(grant, async |tx| {
            if store::last_version(tx, code).await? != seen {
                return Err(AccountabilityError::Changed);
            }
            store::insert(tx, code, seen + 1, new, grant.staff()).await?;
            let event = Event::new("accountability.limit_changed", Subject::Clinic);
            let detail = json!({ "code": code, "version": seen + 1, "value": new.value,
                "effective_from": new.effective_from });
            Ok(((), event.with_detail(detail)))
        })
        .await
}

#[cfg(test)]
mod tests;
