//! The working calendar of Kazakhstan: which days and hours are worked, and
//! when a term of the law ends.
//!
//! The holidays of the law are counted in `schedule` (law 267-II; Labour Code
//! art. 84 and 85), for its own days too; feasts by the moon, days that the
//! government swaps (art. 85(3)), the working hours and the terms are versioned
//! data with basis and source, entered here. When the clinic itself rests or
//! works is another matter, and moves no term: `schedule`.

mod calendar;
mod form;
mod model;
mod routes;
mod store;

use serde_json::json;

use crate::clock::{Civil, Day};
use crate::schedule;
use crate::vault::permission::{EditWorkdays, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use calendar::{DayKind, Left, WorkCalendar};
pub use form::{read_day, read_moment};
pub use model::{
    DayWord, HoursRule, LegalDay, NewDay, NewHours, NewTerm, Term, TermCode, Terms, Word,
};
pub use routes::{CalendarPage, TermPage, TermsPage, routes};

/// Years before and after the one asked about that a calendar knows.
const YEARS_AROUND: i16 = 3;

/// Why the calendar or a term was not changed.
#[derive(Debug, thiserror::Error)]
pub enum WorkdaysError {
    #[error("somebody has changed it meanwhile")]
    Changed,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The calendar of the years around a day; nobody's personal data, so whoever
/// may do anything may count days.
pub async fn calendar<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
    around: Day,
) -> Result<WorkCalendar, VaultError> {
    let mut reader = vault.read(grant).await?;
    let years = around.year() - YEARS_AROUND..=around.year() + YEARS_AROUND;
    let days = schedule::holidays_of_law(&mut reader, years).await?;
    let hours = store::hours(&mut reader).await?;
    Ok(WorkCalendar::new(days, hours))
}

/// The days that no rule foresees, as they count now, by day.
pub async fn days<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<LegalDay>, VaultError> {
    store::days(&mut vault.read(grant).await?).await
}

/// The working hours, all versions, newest first.
pub async fn hours<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<HoursRule>, VaultError> {
    store::hours(&mut vault.read(grant).await?).await
}

/// All terms with all their versions.
pub async fn terms<P: Permission>(vault: &Vault, grant: &Grant<P>) -> Result<Terms, VaultError> {
    Ok(Terms::new(store::terms(&mut vault.read(grant).await?).await?))
}

/// Says that a day is off or worked against the rule, or takes that back.
pub async fn set_day(
    vault: &Vault,
    grant: &Grant<EditWorkdays>,
    new: NewDay,
) -> Result<(), VaultError> {
    vault
        .change(grant, async |tx| {
            store::insert_day(tx, &new, grant.staff()).await?;
            let detail = json!({ "day": new.day, "kind": new.kind, "name": new.name });
            let set = Event::new("workdays.day_set", Subject::Clinic).with_detail(detail);
            // The schedule keeps the law's days too, unless the clinic says otherwise.
            Ok(((), set.touching(schedule::TOPIC)))
        })
        .await
}

/// Puts new working hours in the place of the old, from a day on.
///
/// # Errors
/// [`WorkdaysError::Changed`] when `seen` is no longer the last version.
pub async fn set_hours(
    vault: &Vault,
    grant: &Grant<EditWorkdays>,
    seen: i64,
    new: NewHours,
) -> Result<i64, WorkdaysError> {
    vault
        .change(grant, async |tx| {
            if store::last_hours(tx).await? != seen {
                return Err(WorkdaysError::Changed);
            }
            store::insert_hours(tx, seen + 1, &new, grant.staff()).await?;
            let detail = json!({ "version": seen + 1, "weekdays": new.weekdays,
                "starts": new.starts, "ends": new.ends, "effective_from": new.effective_from });
            let event = Event::new("workdays.hours_set", Subject::Clinic);
            Ok((seen + 1, event.with_detail(detail)))
        })
        .await
}

/// Puts a new version in the place of a term, from a day on.
///
/// # Errors
/// [`WorkdaysError::Changed`] when `seen` is no longer its last version.
pub async fn replace_term(
    vault: &Vault,
    grant: &Grant<EditWorkdays>,
    code: TermCode,
    seen: i64,
    new: NewTerm,
) -> Result<i64, WorkdaysError> {
    vault
        .change(grant, async |tx| {
            if store::last_term(tx, code).await? != seen {
                return Err(WorkdaysError::Changed);
            }
            store::insert_term(tx, code, seen + 1, &new, grant.staff()).await?;
            let detail = json!({ "code": code, "version": seen + 1,
                "working_days": new.working_days, "effective_from": new.effective_from });
            let event = Event::new("workdays.term_replaced", Subject::Clinic);
            Ok((seen + 1, event.with_detail(detail)))
        })
        .await
}

/// What is left of a term that began at `from`, by the version that was in
/// force then. None when no version was.
pub fn left(
    calendar: &WorkCalendar,
    terms: &Terms,
    code: TermCode,
    from: Civil,
    now: Civil,
) -> Option<Left> {
    let term = terms.in_force(code, from.day())?;
    Some(calendar.left(now, calendar.deadline(from, term.working_days)))
}
