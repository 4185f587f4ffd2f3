//! What the clinic can show of its processing of personal data: for what it
//! processes which data, who else receives it, who answers for it, how many
//! people are in the database, who has read the rules, the yearly review.
//! Everything as a page and as a paper in Russian and Kazakh.
//!
//! Law 94-V art. 7, 12, 16, 22, 25, 25-1 (326-VIII); rules 179/НҚ with 672/НҚ.
//! Papers are generated from what is true: the years come from the retention
//! rules, the recipients from the gateways in use, the data from the columns
//! of the database.

pub mod classes;
pub mod papers;
pub mod policy;
pub mod purposes;
pub mod recipients;
pub mod responsible;
mod routes;
pub mod size;
pub mod training;
pub mod transfers;
pub mod yearly;

use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::Language;
use crate::vault::permission::Permission;
use crate::vault::{Grant, VaultError};
use crate::web::{FieldErrors, Problem};

pub use classes::{DataClass, Whose};
pub use routes::{public_routes, routes};

/// The rail's entry that these pages belong to.
pub(crate) const ENTRY: &str = "personal-data";

/// Longest texts, in characters.
const LONGEST: usize = 500;

/// Why something was not written down.
#[derive(Debug, thiserror::Error)]
pub enum AccountabilityError {
    #[error("there is no such thing")]
    NotFound,
    /// Somebody wrote a newer version meanwhile.
    #[error("somebody has changed it meanwhile")]
    Changed,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<AccountabilityError> for Problem {
    fn from(error: AccountabilityError) -> Self {
        match error {
            AccountabilityError::NotFound => Self::NotFound,
            AccountabilityError::Changed => Self::Conflict("accountability-changed"),
            AccountabilityError::Vault(cause) => cause.into(),
        }
    }
}

pub(crate) fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

/// The text in the language of the page or the paper: Kazakh, or else Russian.
fn told<'t>(language: Language, russian: &'t str, kazakh: &'t str) -> &'t str {
    if language == Language::Kk && !kazakh.is_empty() { kazakh } else { russian }
}

/// A day so many months later; the last day of a shorter month.
fn months_after(day: Day, months: i64) -> Day {
    let span = jiff::Span::new().try_months(months);
    let later = span.and_then(|span| day.to_jiff().checked_add(span));
    later.map_or(day, Day::from_jiff)
}

/// What is wrong with the proof of who acts; None when it is right.
async fn disproved<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    password: &str,
    code: &str,
) -> Result<Option<FieldErrors>, Problem> {
    let key = match access::prove(clinic, grant, password, code).await {
        Ok(()) => return Ok(None),
        Err(AccessError::Wrong) => "workdays-error-proof",
        Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
        Err(error) => return Err(error.into()),
    };
    Ok(Some(FieldErrors::from([("password", key.to_owned())])))
}

/// What is typed, trimmed; an error when it is too long, or empty and needed.
fn said(text: &str, field: &'static str, needed: bool, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if LONGEST < text.chars().count() {
        errors.insert(field, "accountability-error-long".to_owned());
    } else if needed && text.is_empty() {
        errors.insert(field, "accountability-error-empty".to_owned());
    }
    text.to_owned()
}

/// A day that is typed and not in the future.
fn past_day(text: &str, field: &'static str, today: Day, errors: &mut FieldErrors) -> Option<Day> {
    let day = crate::i18n::dates::read(text).filter(|day| *day <= today);
    if day.is_none() {
        errors.insert(field, "accountability-error-past".to_owned());
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_after_a_leap_day_is_the_last_of_february() {
        let leap = Day::new(2028, 2, 29).unwrap();
        assert_eq!(months_after(leap, 12), Day::new(2029, 2, 28).unwrap());
        assert_eq!(months_after(Day::new(2026, 11, 27).unwrap(), 12).to_string(), "2027-11-27");
    }
}
